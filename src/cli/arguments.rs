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
    /// Describes a snapshot
    Info(Info),
    /// Combines published results into one snapshot
    Import(Import),
    /// Lists public boards that import can fetch
    Boards(Boards),
    /// Trains a method and saves it
    Train(Train),
    /// Forecasts the scores of a model from its lineage and other known facts
    Predict(Predict),
    /// Writes a forecast for places where no script runs: a picture, a table, a badge, a block of a model card
    Card(Card),
    /// Shows how each known fact of a model contributes to its forecast
    Explain(Explain),
    /// Ranks the models of a snapshot by a benchmark
    Rank(Rank),
    /// Ranks the models of a snapshot for a task that it has or that is only described
    Recommend(Recommend),
    /// Sends each item of benchmarks to the model with the best prediction
    Route(Route),
    /// Plans the evaluations of a model that would narrow its forecast most
    Next(Next),
    /// Measures the accuracy of methods on held-out results
    Backtest(Backtest),
    /// Analyses what a method's predictions rest on: factors, models, tasks, penalties
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
    /// Results in any accepted format; several become one snapshot
    ///
    /// A folder stands for the files in it and in its folders; those that hold no results are left out with a warning. An
    /// address (http, https) is fetched, as is a public board as board:ID; see eyas boards
    #[arg(required = true, value_name = "FILE|FOLDER|URL")]
    pub(crate) files: Vec<PathBuf>,
    /// Lineage edges: parent,child[,relation[,weight]]
    #[arg(long)]
    pub(crate) lineage: Option<PathBuf>,
    /// Model factors, one row or one column for each model
    #[arg(long)]
    pub(crate) model_factors: Option<PathBuf>,
    /// Task factors, one row or one column for each task
    #[arg(long)]
    pub(crate) task_factors: Option<PathBuf>,
    /// Vectors of pairs of a model and a task, which the ranker learns from: model,task,number,number…
    #[arg(long)]
    pub(crate) pair_vectors: Option<PathBuf>,
    /// What columns are: 'NAME=ROLE[:UNIT],…'
    ///
    /// Roles are model, score, fact, date, error, items, link, licence and skip; units of scores are percent, fraction
    /// and points. A name with a comma or = stands in double quotes
    #[arg(long)]
    pub(crate) columns: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
    /// Where to write the snapshot; compressed if it ends in .gz
    #[arg(short, long)]
    pub(crate) output: PathBuf,
}

#[derive(Args)]
pub(crate) struct Boards {
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Train {
    /// Results in any accepted format
    pub(crate) snapshot: PathBuf,
    /// Lineage edges: parent,child[,relation[,weight]]
    #[arg(long)]
    pub(crate) lineage: Option<PathBuf>,
    /// Model factors, one row or one column for each model
    #[arg(long)]
    pub(crate) model_factors: Option<PathBuf>,
    #[arg(long, default_value = Method::DEFAULT.name(), help = method_help("The method"))]
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
    #[arg(long, conflicts_with = "model", help = method_help("The method, with --snapshot"))]
    pub(crate) method: Option<String>,
}

#[derive(Args)]
pub(crate) struct Predict {
    #[command(flatten)]
    pub(crate) subject: SubjectArguments,
    /// The model itself, by its id: its measured scores, and a forecast of the others
    #[arg(long, conflicts_with = "lineage")]
    pub(crate) id: Option<String>,
    /// For a measured model: also the forecast without its own results, by one more training
    #[arg(long)]
    pub(crate) unseen: bool,
    /// Tasks to forecast, joined by commas, or all. By default all of a few; of many, those that matter most to the model, at
    /// most eight
    #[arg(long, value_delimiter = ',')]
    pub(crate) tasks: Vec<String>,
    /// Models of the snapshot, joined by commas: the probability of beating each
    #[arg(long, value_delimiter = ',')]
    pub(crate) compare: Vec<String>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// A trained method, and the known facts of a model.
#[derive(Args)]
pub(crate) struct SubjectArguments {
    #[command(flatten)]
    pub(crate) trained: Trained,
    /// A model card, mergekit or training configuration, hub JSON, adapter_config.json, GGUF metadata, Modelfile or a list of
    /// parents; - reads stdin
    #[arg(long)]
    pub(crate) lineage: Option<PathBuf>,
    /// Other known facts: 'name=org/x,params=8B,type=merge'
    ///
    /// Known names are name, date (2025-06-01), params, active_params and tokens (8B, 15T, or billions), type
    /// (pretrained, continuously pretrained, fine-tuned, chat, merge), instruct, chat_template, merged, moe (yes or
    /// no), family, architecture, precision, weight_type and upload_date; other names count if the snapshot has factors
    /// of that name
    #[arg(long)]
    pub(crate) facts: Option<String>,
    /// Known scores: 'ifeval=0.7,bbh=45%', or @FILE with a model-index or .eval_results YAML
    #[arg(long)]
    pub(crate) scores: Option<String>,
}

#[derive(Args)]
pub(crate) struct Card {
    #[command(flatten)]
    pub(crate) subject: SubjectArguments,
    /// The model itself, by its id: its measured scores first, and a forecast of the others
    #[arg(long, conflicts_with = "lineage")]
    pub(crate) id: Option<String>,
    /// svg (a picture of at most 12 KB), markdown (a table), badge (JSON of a shields endpoint), badge-svg, or model-index
    ///
    /// A badge is about one benchmark, which --tasks names. A model-index has the forecasts alone, marked as such
    #[arg(long)]
    pub(crate) format: String,
    /// Tasks to show, joined by commas, or all; by default at most eight, as for predict, of a measured model measured ones first
    #[arg(long, value_delimiter = ',')]
    pub(crate) tasks: Vec<String>,
    /// Colours of the picture: light, dark or, by the reader's choice, auto [default: auto]
    #[arg(long)]
    pub(crate) theme: Option<String>,
    /// The day to name in the card (2026-07-01); by default only the date of the data, so that equal input gives equal bytes
    #[arg(long)]
    pub(crate) date: Option<String>,
    /// Where to write the card instead of stdout
    #[arg(short, long)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    pub(crate) subject: SubjectArguments,
    /// A model of the snapshot: explains the forecast without its own results
    #[arg(long, conflicts_with_all = ["lineage", "facts", "scores"])]
    pub(crate) id: Option<String>,
    /// Tasks to explain, joined by commas, or all; by default as for predict
    #[arg(long, value_delimiter = ',')]
    pub(crate) tasks: Vec<String>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Next {
    #[command(flatten)]
    pub(crate) subject: SubjectArguments,
    /// The model itself, by its id
    #[arg(long, conflicts_with = "lineage")]
    pub(crate) id: Option<String>,
    /// Costs of evaluations by task or benchmark: 'ifeval=1,bbh=5'; 1 by default
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
    /// The number of models, from the best
    #[arg(long)]
    pub(crate) top: Option<usize>,
    /// The models to rank: 'params<=14,type=merge'
    #[arg(long = "where")]
    pub(crate) filter: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Recommend {
    #[command(flatten)]
    pub(crate) trained: Trained,
    /// The task: a benchmark, or a dataset
    #[arg(long, conflicts_with = "describe")]
    pub(crate) task: Option<String>,
    /// A task that the snapshot does not have, in words: what is asked, of what texts
    ///
    /// A task type of the snapshot that stands in the text counts, if it is the only one
    #[arg(long, value_name = "TEXT")]
    pub(crate) describe: Option<String>,
    /// The metric: which of a dataset's, or, with --describe, one of the snapshot's
    #[arg(long)]
    pub(crate) metric: Option<String>,
    /// The number of models, from the best
    #[arg(long)]
    pub(crate) top: Option<usize>,
    /// The models to recommend: 'params<=14,license=apache-2.0'
    #[arg(long = "where")]
    pub(crate) filter: Option<String>,
    /// A pool of models to route among: sizes in billions; each gets the best model that costs about as much to run
    #[arg(long, value_name = "SIZES")]
    pub(crate) pool: Option<String>,
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
    /// The number of chosen models to list
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
    /// Model factors, one row or one column for each model
    #[arg(long)]
    pub(crate) model_factors: Option<PathBuf>,
    #[arg(long, help = method_help("Methods, joined by commas"))]
    pub(crate) method: String,
    /// The cells to hold out: models:N, lineage:N, after:DATE, family:A,B, cells:F, datasets:N, task:NAME, folds:JSON,
    /// file:CSV, ...
    #[arg(long)]
    pub(crate) split: String,
    /// Number of seeds, from 0; by default 1, or all folds of folds:FILE
    #[arg(long)]
    pub(crate) seeds: Option<u64>,
    /// Keep this share of the training cells, or, from 2, this number for each model
    #[arg(long)]
    pub(crate) keep_cells: Option<f64>,
    /// Remove (below 0) or add this share of the lineage edges at random
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) lineage_noise: Option<f64>,
    /// Hide these factors of held-out models, joined by commas; all: leave only their names, dates and lineage
    #[arg(long, value_delimiter = ',')]
    pub(crate) hide_factors: Vec<String>,
    /// Also score routing by each method's predictions (outcomes of items)
    #[arg(long)]
    pub(crate) routing: bool,
    /// Check the predicted probabilities that one held-out model beats another, on random pairs
    #[arg(long)]
    pub(crate) pairs: bool,
    /// Also print how well models are ranked on each task of 10 or more: NDCG, hits, recall (scores)
    #[arg(long)]
    pub(crate) ranking: bool,
    /// Also score groups of models, by known parents and by size, and each seed
    #[arg(long)]
    pub(crate) details: bool,
    /// Also score each held-out model
    #[arg(long)]
    pub(crate) by_model: bool,
    /// Forecast held-out models as new ones, each with this number of its scores given
    #[arg(long)]
    pub(crate) known_scores: Option<usize>,
    /// Give the known scores that the method would evaluate next, not random ones
    #[arg(long, requires = "known_scores")]
    pub(crate) planned: bool,
    /// Give every model the scores of the same tasks, those that represent all tasks best
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
    /// The analysis: shapley, models, tasks, correlation, penalties, or irt for items and abilities with standard
    /// errors; of the ranker losses, features, priors or atlas
    pub(crate) what: String,
    /// Results in any accepted format
    pub(crate) snapshot: PathBuf,
    #[arg(long, default_value = Question::METHOD.name(), help = method_help("The method, for models and tasks"))]
    pub(crate) method: String,
    /// The cells to hold out, as in backtest
    #[arg(long, default_value = Question::SPLIT)]
    pub(crate) split: String,
    /// Number of seeds, from 0
    #[arg(long, default_value_t = 1)]
    pub(crate) seeds: u64,
    /// The seed of atlas
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Strengths to pair, for penalties
    #[arg(long, value_delimiter = ',', default_values_t = Question::STRENGTHS)]
    pub(crate) strengths: Vec<f32>,
    /// One slope for all items (1PL), for irt
    #[arg(long)]
    pub(crate) shared_slope: bool,
    /// Print the points of atlas as CSV
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Bench {
    /// What to measure: lrmf (epochs of Adam), mlp (epochs of ncf), score (forecasts of all models), default or ranker
    /// (training and forecasts of the default method, or of the ranker)
    pub(crate) what: String,
    /// Models
    #[arg(long, default_value_t = 2534)]
    pub(crate) models: usize,
    /// Items, or tasks of default and ranker
    #[arg(long, default_value_t = 1000, visible_alias = "tasks")]
    pub(crate) items: usize,
    /// Share of the known cells of default and ranker, 0 to 1
    #[arg(long, default_value_t = 1.0)]
    pub(crate) known: f32,
    /// What the ranker trains on, in place of made-up data
    #[arg(long)]
    pub(crate) snapshot: Option<PathBuf>,
    /// Latent dimension
    #[arg(long, default_value_t = 32)]
    pub(crate) dim: usize,
    /// Number of timed epochs, after one that is not timed
    #[arg(long, default_value_t = 20)]
    pub(crate) epochs: usize,
    /// Compare how fast the solvers reach the lowest objective instead
    #[arg(long)]
    pub(crate) solve: bool,
    /// Where to run: auto, cpu or gpu
    #[arg(long, default_value = "auto")]
    pub(crate) device: String,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// The help text of an option that takes a method: with the names of all.
fn method_help(what: &str) -> String {
    format!("{what}: {}", Method::ALL.map(Method::name).join(", "))
}

/// The methods in a list joined by commas, without repeats.
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

/// The device of this name.
pub(crate) fn device(word: &str) -> eyas::error::Result<Device> {
    word.parse()
}
