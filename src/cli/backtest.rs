//! `backtest`.

use super::arguments::{Backtest, methods};
use super::output::{Output, failed};
use super::progress::Meter;
use super::table::{UNDEFINED, counted, metric, table};
use super::{files, inputs, output, print, print_json};
use eyas::backtest::{
    Choice, Conditions, FIRST, KnownScores, Metrics, PairBin, RoutingScores, Row, Split, Summary, Trial,
    average_models, average_routing, pair_rows, pool_pairs, route_rows, score, score_models, summarise,
};
use eyas::error::{Error, Result};
use eyas::methods::Method;
use eyas::snapshot::{Snapshot, TaskKind};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The held-out results of a task from which its ranking is worth a table.
const LARGE: f64 = 10.0;

#[derive(Serialize)]
struct Report {
    snapshot: String,
    split: String,
    seeds: u64,
    results: Vec<MethodResult>,
}

#[derive(Serialize)]
struct MethodResult {
    method: &'static str,
    #[serde(flatten)]
    summary: Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    routing: Option<BTreeMap<String, RoutingScores>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pairs: Option<Vec<PairBin>>,
    /// Means over the seeds in which a model is held out.
    #[serde(skip_serializing_if = "Option::is_none")]
    models: Option<BTreeMap<String, Metrics>>,
    /// Mean time for training and predicting over the seeds.
    seconds: f64,
}

pub(crate) fn backtest(arguments: &Backtest) -> Result<()> {
    let methods = methods(&arguments.method)?;
    let mut split: Split = arguments.split.parse()?;
    let held = split.path().map(PathBuf::from);
    let (lineage, model_factors) = (arguments.lineage.as_deref(), arguments.model_factors.as_deref());
    let companions = files::Companions { lineage, model_factors, task_factors: None };
    if let Some(path) = &arguments.predictions {
        output::check(path, companions.paths().chain(held.as_deref()).chain([arguments.snapshot.as_path()]))?;
    }
    if let Some(path) = held {
        split.read(&files::read(&path)?)?;
    }
    let seeds = arguments.seeds.or(split.seeds()).unwrap_or(1);
    if seeds == 0 {
        return Err(Error::input("--seeds must be at least 1"));
    }
    let snapshot = inputs::snapshot_with(&arguments.snapshot, &companions)?;
    if arguments.routing && snapshot.kind() == TaskKind::Score {
        return Err(Error::input("--routing needs outcomes of items; this snapshot holds scores"));
    }
    if arguments.ranking && snapshot.kind() == TaskKind::Outcome {
        return Err(Error::input("--ranking needs scores; this snapshot holds outcomes of items"));
    }
    let Backtest { keep_cells, lineage_noise, planned, fixed, .. } = *arguments;
    let choice = match (planned, fixed) {
        (true, _) => Choice::Planned,
        (_, true) => Choice::Fixed,
        _ => Choice::Random,
    };
    let known_scores = arguments.known_scores.map(|count| KnownScores { count, choice });
    let hide_factors = arguments.hide_factors.clone();
    let conditions = Conditions { split, keep_cells, lineage_noise, hide_factors, known_scores };
    let mut table =
        arguments.predictions.as_deref().map(|path| PredictionsFile::create(path, &snapshot)).transpose()?;
    let mut results = run(&snapshot, &conditions, &methods, seeds, arguments, table.as_mut())?;
    if !arguments.details {
        for MethodResult { summary, .. } in &mut results {
            summary.groups.clear();
            summary.by_seed.clear();
        }
    }
    table.map_or(Ok(()), PredictionsFile::finish)?;
    let report = Report { snapshot: files::name(&arguments.snapshot), split: arguments.split.clone(), seeds, results };
    if arguments.json { print_json(&report) } else { print(&describe(&report, arguments.ranking)) }
}

/// Runs seed by seed, so that all methods see the same trial.
fn run(
    snapshot: &Snapshot,
    conditions: &Conditions,
    methods: &[Method],
    seeds: u64,
    &Backtest { routing, pairs, by_model, .. }: &Backtest,
    mut predictions: Option<&mut PredictionsFile<'_>>,
) -> Result<Vec<MethodResult>> {
    let mut scores = vec![Vec::new(); methods.len()];
    let mut routes = vec![Vec::new(); methods.len()];
    let mut bins = vec![Vec::new(); methods.len()];
    let mut by_model_scores = vec![Vec::new(); methods.len()];
    let mut seconds = vec![0.0; methods.len()];
    for seed in 0..seeds {
        let trial = Trial::new(snapshot, conditions, seed)?;
        for (at, &method) in methods.iter().enumerate() {
            let started = Instant::now();
            let mut meter = Meter::new(format!("{}, seed {seed}", method.name()));
            let rows = pollster::block_on(trial.run(method, &mut meter))?;
            seconds[at] += started.elapsed().as_secs_f64() / seeds as f64;
            if let Some(file) = predictions.as_mut() {
                file.write(method, seed, &rows)?;
            }
            if routing {
                routes[at].push(route_rows(snapshot, &rows));
            }
            if pairs {
                bins[at].push(pair_rows(snapshot, &rows, seed));
            }
            if by_model {
                by_model_scores[at].push(score_models(snapshot, trial.held(), &rows));
            }
            scores[at].push(score(snapshot, trial.held(), &rows));
        }
    }
    let result = |(at, method): (usize, &Method)| MethodResult {
        method: method.name(),
        summary: summarise(&scores[at]),
        routing: routing.then(|| average_routing(&routes[at])),
        pairs: pairs.then(|| pool_pairs(&bins[at])),
        models: by_model.then(|| average_models(&by_model_scores[at])),
        seconds: seconds[at],
    };
    Ok(methods.iter().enumerate().map(result).collect())
}

fn describe(report: &Report, ranking: bool) -> String {
    let row = |result: &MethodResult| {
        let (mean, spread) = (&result.summary.metrics, &result.summary.spread);
        let with_spread = |mean: Option<f64>, spread: Option<f64>| match spread {
            Some(spread) if mean.is_some() => format!("{} ± {spread:.4}", metric(mean)),
            _ => metric(mean),
        };
        vec![
            result.method.to_owned(),
            with_spread(mean.auc, spread.auc),
            with_spread(mean.pearson, spread.pearson),
            with_spread(mean.mae, spread.mae),
            with_spread(mean.rmse, spread.rmse),
            with_spread(mean.medae, spread.medae),
            metric(mean.rank_accuracy),
            metric(mean.mae_at_2),
            metric(mean.coverage),
            metric(mean.width),
            format!("{:.1}", result.seconds),
        ]
    };
    let mut rows: Vec<_> = report.results.iter().map(row).collect();
    let mut head = vec![
        "method",
        "AUC",
        "Pearson",
        "MAE",
        "RMSE",
        "median error",
        "ranks",
        "MAE@2",
        "coverage",
        "width",
        "seconds",
    ];
    for column in (0..head.len()).rev() {
        if rows.iter().all(|row| row[column] == UNDEFINED) {
            head.remove(column);
            rows.iter_mut().for_each(|row| drop(row.remove(column)));
        }
    }
    let seeds = counted(report.seeds, "seed");
    let results = &report.results;
    let rankings = if ranking { describe_rankings(results) } else { String::new() };
    let more = rankings
        + &describe_groups(results)
        + &describe_models(results)
        + &describe_routing(results)
        + &describe_pairs(results);
    format!("{}, {}, {seeds}\n{}{more}", report.snapshot, report.split, table(&head, &rows))
}

/// One row for each method and number of first models.
fn describe_rankings(results: &[MethodResult]) -> String {
    let is_large = |metrics: &Metrics| metrics.rows.is_some_and(|rows| rows >= LARGE);
    if !results.iter().any(|result| result.summary.tasks.values().any(is_large)) {
        return format!("\nRanking: no task has {LARGE} held-out results\n");
    }
    let mut rows = Vec::new();
    for result in results {
        let Metrics { weighted_tau, ranking, .. } = &result.summary.metrics;
        let mut whole = [*weighted_tau, ranking.weighted_tau_by_size, ranking.mrr].map(metric);
        for (at, first) in FIRST.iter().enumerate() {
            let figures = [ranking.ndcg[at], ranking.hit[at], ranking.recall[at]];
            if figures.iter().any(Option::is_some) {
                let of_first = [first.to_string()].into_iter().chain(figures.map(metric)).collect();
                rows.push([vec![result.method.to_owned()], std::mem::take(&mut whole).into(), of_first].concat());
            }
        }
    }
    let head = ["method", "weighted τ", "τ by size", "MRR", "k", "NDCG@k", "hit@k", "recall@k"];
    format!("\nRanking\n{}", table(&head, &rows))
}

/// One row for each group of models and method; empty if there are no groups.
fn describe_groups(results: &[MethodResult]) -> String {
    let mut rows = Vec::new();
    for result in results {
        for (group, metrics) in &result.summary.groups {
            let count = metrics.rows.map_or(UNDEFINED.to_owned(), |rows| format!("{rows:.0}"));
            let figures = [metrics.pearson, metrics.mae, metrics.medae, metrics.coverage, metrics.width].map(metric);
            rows.push([vec![result.method.to_owned(), group.to_string(), count], figures.into()].concat());
        }
    }
    let head = ["method", "group", "rows", "Pearson", "MAE", "median error", "coverage", "width"];
    if rows.is_empty() { String::new() } else { format!("\n{}", table(&head, &rows)) }
}

/// One row for each method and model; empty if it was not requested.
fn describe_models(results: &[MethodResult]) -> String {
    let mut rows = Vec::new();
    for result in results {
        for (model, metrics) in result.models.iter().flatten() {
            let count = metrics.rows.map_or(UNDEFINED.to_owned(), |rows| format!("{rows:.0}"));
            let figures = [metrics.mse, metrics.mae, metrics.rank_accuracy, metrics.mae_at_2].map(metric);
            rows.push([vec![result.method.to_owned(), model.clone(), count], figures.into()].concat());
        }
    }
    let head = ["method", "model", "rows", "MSE", "MAE", "ranks", "MAE@2"];
    if rows.is_empty() { String::new() } else { format!("\n{}", table(&head, &rows)) }
}

/// Shares of items solved by routing, one row for each benchmark and method; empty if it was not requested.
fn describe_routing(results: &[MethodResult]) -> String {
    let share = |share: f64| format!("{share:.4}");
    let mut rows = Vec::new();
    for result in results {
        for (benchmark, scores) in result.routing.iter().flatten() {
            let favourite = scores.chosen.iter().max_by_key(|chosen| chosen.1).map_or("", |chosen| chosen.0);
            rows.push(vec![
                result.method.to_owned(),
                benchmark.clone(),
                scores.pool.to_string(),
                share(scores.routed),
                share(scores.single_best),
                share(scores.random),
                share(scores.oracle),
                scores.chosen.len().to_string(),
                favourite.to_owned(),
            ]);
        }
    }
    let head =
        ["method", "benchmark", "pool", "routed", "single best", "random", "oracle", "models chosen", "most often"];
    if rows.is_empty() { String::new() } else { format!("\n{}", table(&head, &rows)) }
}

/// Predicted probabilities against frequencies, one row for each bin; empty if it was not requested.
fn describe_pairs(results: &[MethodResult]) -> String {
    let row = |method: &str, bin: &PairBin| {
        let percent = |share: f64| format!("{:.1} %", 100.0 * share);
        let bounds = format!("{:.0} to {:.0} %", 100.0 * bin.from, 100.0 * bin.to);
        vec![method.to_owned(), bounds, bin.pairs.to_string(), percent(bin.chance), percent(bin.frequency)]
    };
    let bins = results.iter().flat_map(|result| result.pairs.iter().flatten().map(|bin| row(result.method, bin)));
    let rows: Vec<_> = bins.collect();
    let head = ["method", "said to be better", "pairs", "mean chance", "was better"];
    if rows.is_empty() { String::new() } else { format!("\n{}", table(&head, &rows)) }
}

/// `method,seed,model,task,truth,predicted,lower,upper`, one line for each held-out cell.
struct PredictionsFile<'a> {
    path: PathBuf,
    snapshot: &'a Snapshot,
    benchmarks: Vec<&'a str>,
    writer: csv::Writer<Output>,
}

impl<'a> PredictionsFile<'a> {
    fn create(path: &Path, snapshot: &'a Snapshot) -> Result<Self> {
        let mut writer = csv::Writer::from_writer(Output::create(path)?);
        let head = ["method", "seed", "model", "task", "truth", "predicted", "lower", "upper"];
        writer.write_record(head).map_err(|error| failed(path, &error))?;
        Ok(Self { path: path.to_owned(), snapshot, benchmarks: snapshot.benchmarks(), writer })
    }

    fn write(&mut self, method: Method, seed: u64, rows: &[Row]) -> Result<()> {
        for row in rows {
            let model = &self.snapshot.models[row.model.0 as usize].id;
            let task = row.task.id(self.snapshot, &self.benchmarks);
            let (lower, upper) = row.interval.map_or_else(Default::default, |(l, u)| (l.to_string(), u.to_string()));
            let (seed, truth, predicted) = (seed.to_string(), row.truth.to_string(), row.predicted.to_string());
            let record = [method.name(), &seed, model, task, &truth, &predicted, &lower, &upper];
            self.writer.write_record(record).map_err(|error| failed(&self.path, &error))?;
        }
        Ok(())
    }

    fn finish(self) -> Result<()> {
        self.writer.into_inner().map_err(|error| failed(&self.path, error.error()))?.finish()
    }
}
