//! The arguments of each command.

use clap::{Args, Parser, Subcommand};
use eyas::backtest::Question;
use eyas::error::Error;
use eyas::methods::Method;
use eyas::recommend::Device;
use std::path::PathBuf;

/// Predicts how a language model will score on benchmarks before anyone has evaluated it.
#[derive(Parser)]
#[command(name = "eyas", version, about)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Says what a snapshot holds
    Info(Info),
    /// Turns results as they are published into one snapshot
    Import(Import),
    /// Trains a method and saves it
    Train(Train),
    /// Forecasts the scores of a model from its lineage and what else is known
    Predict(Predict),
    /// Says what each thing that is known of a model adds to its forecast
    Explain(Explain),
    /// Ranks the models of a snapshot by a benchmark
    Rank(Rank),
    /// Sends each item of benchmarks to the model with the best prediction
    Route(Route),
    /// Says which evaluations of a model would narrow its forecast most
    Next(Next),
    /// Measures methods on results that they have not seen
    Backtest(Backtest),
    /// Asks what a method's predictions rest on: factors, models, tasks, penalties
    Analyse(Analyse),
    /// Measures the speed of training and forecasting on made-up data
    Bench(Bench),
}

#[derive(Args)]
pub(crate) struct Info {
    /// Results in any accepted format
    pub(crate) snapshot: PathBuf,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Import {
    /// Results in any accepted format; several files become one snapshot
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Lineage edges: parent,child[,relation[,weight]]
    #[arg(long)]
    pub(crate) lineage: Option<PathBuf>,
    /// Model factors, a row or a column a model
    #[arg(long)]
    pub(crate) model_factors: Option<PathBuf>,
    /// Task factors, a row or a column a task
    #[arg(long)]
    pub(crate) task_factors: Option<PathBuf>,
    /// Where to write the snapshot; packed if it ends in .gz
    #[arg(short, long)]
    pub(crate) output: PathBuf,
}

#[derive(Args)]
pub(crate) struct Train {
    /// Results in any accepted format
    pub(crate) snapshot: PathBuf,
    /// The method
    #[arg(long, default_value = Method::DEFAULT.name())]
    pub(crate) method: String,
    /// Where to train: auto, cpu or gpu
    #[arg(long, default_value = "auto")]
    pub(crate) device: String,
    /// Seed of every random choice
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Where to write the trained model
    #[arg(short, long)]
    pub(crate) output: PathBuf,
}

/// A trained model, or a snapshot to train on first.
#[derive(Args)]
pub(crate) struct Trained {
    /// Results in any accepted format, trained on first
    #[arg(long, conflicts_with = "model")]
    pub(crate) snapshot: Option<PathBuf>,
    /// A model that `eyas train` saved
    #[arg(long)]
    pub(crate) model: Option<PathBuf>,
    /// The method, with --snapshot
    #[arg(long, conflicts_with = "model")]
    pub(crate) method: Option<String>,
}

#[derive(Args)]
pub(crate) struct Predict {
    #[command(flatten)]
    pub(crate) asked: Asked,
    /// The model itself, by its id: what is measured of it, and a forecast of the rest
    #[arg(long, conflicts_with = "lineage")]
    pub(crate) id: Option<String>,
    /// Of a measured model: what would have been forecast too, by one more training without its results
    #[arg(long)]
    pub(crate) unseen: bool,
    /// Models of the snapshot, joined by commas: the chance that the model beats each
    #[arg(long, value_delimiter = ',')]
    pub(crate) compare: Vec<String>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// A trained method, and what is known of a model.
#[derive(Args)]
pub(crate) struct Asked {
    #[command(flatten)]
    pub(crate) trained: Trained,
    /// A model card, mergekit configuration, hub JSON, adapter_config.json, GGUF metadata or a list of parents; - reads stdin
    #[arg(long)]
    pub(crate) lineage: Option<PathBuf>,
    /// What else is known: 'name=org/x,params=8B,type=merge'
    ///
    /// Understood are name, date (2025-06-01), params and tokens (8B, 15T, or billions), type (pretrained, continuously
    /// pretrained, fine-tuned, chat, merge), instruct, chat_template, merged, moe (yes or no), family, architecture, precision,
    /// weight_type and upload_date; other names count where the snapshot has factors of that name
    #[arg(long)]
    pub(crate) facts: Option<String>,
    /// Scores that it has: 'ifeval=0.7,bbh=45%', or @FILE with a model-index or .eval_results YAML
    #[arg(long)]
    pub(crate) scores: Option<String>,
}

#[derive(Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    pub(crate) asked: Asked,
    /// A model of the snapshot: the forecast that is made of it without its own results
    #[arg(long, conflicts_with_all = ["lineage", "facts", "scores"])]
    pub(crate) id: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Next {
    #[command(flatten)]
    pub(crate) asked: Asked,
    /// The model itself, by its id
    #[arg(long, conflicts_with = "lineage")]
    pub(crate) id: Option<String>,
    /// What evaluations cost, by task or benchmark: 'ifeval=1,bbh=5'; 1 where nothing is said
    #[arg(long)]
    pub(crate) costs: Option<String>,
    /// How many evaluations to plan
    #[arg(long, default_value_t = 10)]
    pub(crate) top: usize,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Rank {
    #[command(flatten)]
    pub(crate) trained: Trained,
    /// The benchmark
    #[arg(long)]
    pub(crate) task: String,
    /// How many, from the best
    #[arg(long)]
    pub(crate) top: Option<usize>,
    /// Which models: 'params<=14,type=merge'
    #[arg(long = "where")]
    pub(crate) filter: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Route {
    #[command(flatten)]
    pub(crate) trained: Trained,
    /// Benchmarks, joined by commas
    #[arg(long)]
    pub(crate) tasks: String,
    /// How many of the chosen models to list
    #[arg(long)]
    pub(crate) top: Option<usize>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Backtest {
    /// Results in any accepted format
    pub(crate) snapshot: PathBuf,
    /// Lineage edges: parent,child[,relation[,weight]]
    #[arg(long)]
    pub(crate) lineage: Option<PathBuf>,
    /// Methods, joined by commas
    #[arg(long)]
    pub(crate) method: String,
    /// What is held out: models:N, lineage:N, after:DATE, cells:F, task:NAME, folds:JSON, file:CSV, ...
    #[arg(long)]
    pub(crate) split: String,
    /// How many seeds, from 0; left out: 1, or all folds of folds:FILE
    #[arg(long)]
    pub(crate) seeds: Option<u64>,
    /// Keep this share of the training cells, or from 2 so many of each model
    #[arg(long)]
    pub(crate) keep_cells: Option<f64>,
    /// Remove (below 0) or add at random this share of the lineage edges
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) lineage_noise: Option<f64>,
    /// Don't tell these factors of held-out models, joined by commas; all: their names, dates and lineage alone are told
    #[arg(long, value_delimiter = ',')]
    pub(crate) hide_factors: Vec<String>,
    /// Score routing by each method's predictions too (outcomes of items)
    #[arg(long)]
    pub(crate) routing: bool,
    /// Check the chances of one held-out model to beat another, of pairs drawn at random
    #[arg(long)]
    pub(crate) pairs: bool,
    /// Score groups of models, by known parents and by size, and each seed by itself too
    #[arg(long)]
    pub(crate) details: bool,
    /// Score each held-out model by itself too
    #[arg(long)]
    pub(crate) by_model: bool,
    /// Forecast held-out models as new ones, each with so many of its scores given
    #[arg(long)]
    pub(crate) known_scores: Option<usize>,
    /// Give the known scores that the method would have evaluated next, not random ones
    #[arg(long, requires = "known_scores")]
    pub(crate) planned: bool,
    /// Give every model the scores of the same tasks, those that stand best for all
    #[arg(long, requires = "known_scores", conflicts_with = "planned")]
    pub(crate) fixed: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
    /// Where to write every held-out cell with its prediction
    #[arg(long)]
    pub(crate) predictions: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Analyse {
    /// What to ask: shapley, models, tasks, correlation, penalties, or irt for items and abilities with standard errors
    pub(crate) what: String,
    /// Results in any accepted format
    pub(crate) snapshot: PathBuf,
    /// The method, for models and tasks
    #[arg(long, default_value = Question::METHOD.name())]
    pub(crate) method: String,
    /// What is held out, as in backtest
    #[arg(long, default_value = Question::SPLIT)]
    pub(crate) split: String,
    /// How many seeds, from 0
    #[arg(long, default_value_t = 1)]
    pub(crate) seeds: u64,
    /// Strengths to pair, for penalties
    #[arg(long, value_delimiter = ',', default_values_t = Question::STRENGTHS)]
    pub(crate) strengths: Vec<f32>,
    /// One slope for all items (1PL), for irt
    #[arg(long)]
    pub(crate) shared_slope: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Bench {
    /// What to measure: lrmf (epochs of Adam), mlp (epochs of ncf) or score (forecasts of all models)
    pub(crate) what: String,
    /// Models
    #[arg(long, default_value_t = 2534)]
    pub(crate) models: usize,
    /// Items
    #[arg(long, default_value_t = 1000)]
    pub(crate) items: usize,
    /// Latent dimension
    #[arg(long, default_value_t = 32)]
    pub(crate) dim: usize,
    /// Epochs that are timed, after one that is not
    #[arg(long, default_value_t = 20)]
    pub(crate) epochs: usize,
    /// Compare the solvers' ways to the lowest objective instead
    #[arg(long)]
    pub(crate) solve: bool,
    /// Where to run: auto, cpu or gpu
    #[arg(long, default_value = "auto")]
    pub(crate) device: String,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// The methods in a list joined by commas, each once.
pub(crate) fn methods(list: &str) -> eyas::error::Result<Vec<Method>> {
    let mut methods = Vec::new();
    for name in list.split(',') {
        let method: Method = name.trim().parse()?;
        if methods.contains(&method) {
            return Err(Error::input(format!("--method names {} twice", method.name())));
        }
        methods.push(method);
    }
    Ok(methods)
}

/// The device of a word, refused where there is none.
pub(crate) fn device(word: &str) -> eyas::error::Result<Device> {
    word.parse()
}
