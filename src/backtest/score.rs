//! The metrics of a method from its predicted rows.

use super::held::for_known;
use super::{Group, Held, Ranking};
use crate::linalg::map_of;
use crate::metrics::{self, RankBy};
use crate::snapshot::{ModelIndex, Snapshot, TaskIndex, TaskKind, by_benchmark};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Nominal coverage of the intervals.
const COVERAGE: f64 = 0.9;
/// Bins of the calibration error.
const BINS: usize = 10;

/// The subject of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskRef {
    /// A task of the snapshot: a benchmark's score, or one item.
    Task(TaskIndex),
    /// A benchmark of an outcome snapshot, as a position in [`Snapshot::benchmarks`].
    Benchmark(u32),
}

impl TaskRef {
    /// The task's id or the benchmark's name; `benchmarks` are those of the snapshot.
    #[must_use]
    pub fn id<'a>(self, snapshot: &'a Snapshot, benchmarks: &[&'a str]) -> &'a str {
        match self {
            Self::Task(task) => &snapshot.tasks[task.0 as usize].id,
            Self::Benchmark(at) => benchmarks[at as usize],
        }
    }
}

/// A prediction and the truth, both in 0..1 of the task's range, in the task's own direction and not clipped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// The model.
    pub model: ModelIndex,
    /// The task or benchmark.
    pub task: TaskRef,
    /// The held-out result.
    pub truth: f32,
    /// The predicted result.
    pub predicted: f32,
    /// Lower and upper end of the interval of nominal coverage 0.90, if the method gives one.
    pub interval: Option<(f32, f32)>,
    /// The ranks (1 for the best) of truth and prediction among the other models' known results on the task; for
    /// scores only.
    pub ranks: Option<(f32, f32)>,
}

impl Row {
    /// The row with values that are turned so that more is better.
    pub(super) fn turned(&self, snapshot: &Snapshot) -> Self {
        let TaskRef::Task(task) = self.task else { return *self };
        let about = &snapshot.tasks[task.0 as usize];
        let interval = self.interval.map(|ends| about.turn_interval(ends));
        Self { truth: about.turn(self.truth), predicted: about.turn(self.predicted), interval, ..*self }
    }
}

/// Metrics of a set of rows; `None` (`null` in JSON) if undefined or if a prediction is NaN. See [`score`] for the rows
/// behind each metric.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Metrics {
    /// Number of rows behind the errors.
    pub rows: Option<f64>,
    /// Area under the ROC curve over items.
    pub auc: Option<f64>,
    /// Pearson's correlation per benchmark.
    pub pearson: Option<f64>,
    /// Spearman's correlation per benchmark.
    pub spearman: Option<f64>,
    /// Kendall's τ-b per benchmark.
    pub kendall: Option<f64>,
    /// Weighted Kendall's τ per benchmark. Undefined, as every correlation, where all predictions are the same.
    pub weighted_tau: Option<f64>,
    /// Mean absolute error.
    pub mae: Option<f64>,
    /// Mean squared error.
    pub mse: Option<f64>,
    /// Root of the mean squared error.
    pub rmse: Option<f64>,
    /// Median absolute error.
    pub medae: Option<f64>,
    /// Share of truths within their interval.
    pub coverage: Option<f64>,
    /// Mean width of the intervals.
    pub width: Option<f64>,
    /// Median width of the intervals.
    pub median_width: Option<f64>,
    /// Mean interval score.
    pub interval_score: Option<f64>,
    /// CPP's accuracy of ranks, over all rows with ranks.
    pub rank_accuracy: Option<f64>,
    /// CPP's MAE@2: the share of predicted ranks at most 2 from the true one.
    pub mae_at_2: Option<f64>,
    /// Calibration error over items, in ten bins; predictions are clipped to 0..1 for it.
    pub calibration: Option<f64>,
    /// Rankings of the models of each task, for scores only; their keys in JSON are beside the others.
    #[serde(flatten)]
    pub ranking: Ranking,
}

impl Metrics {
    /// Combines each metric of several sets with `how`.
    fn combine(all: &[&Self], how: impl Fn(&[f64]) -> Option<f64>) -> Self {
        let rankings: Vec<&Ranking> = all.iter().map(|metrics| &metrics.ranking).collect();
        let of = |pick: fn(&Self) -> Option<f64>| {
            let defined: Vec<f64> = all.iter().filter_map(|metrics| pick(metrics)).collect();
            how(&defined)
        };
        Self {
            rows: of(|m| m.rows),
            auc: of(|m| m.auc),
            pearson: of(|m| m.pearson),
            spearman: of(|m| m.spearman),
            kendall: of(|m| m.kendall),
            weighted_tau: of(|m| m.weighted_tau),
            mae: of(|m| m.mae),
            mse: of(|m| m.mse),
            rmse: of(|m| m.rmse),
            medae: of(|m| m.medae),
            coverage: of(|m| m.coverage),
            width: of(|m| m.width),
            median_width: of(|m| m.median_width),
            interval_score: of(|m| m.interval_score),
            rank_accuracy: of(|m| m.rank_accuracy),
            mae_at_2: of(|m| m.mae_at_2),
            calibration: of(|m| m.calibration),
            ranking: Ranking::combine(&rankings, &how),
        }
    }
}

/// The metrics of one seed, over all its rows and for each benchmark.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SeedScores {
    /// Over all rows.
    pub metrics: Metrics,
    /// By task id, or by benchmark where the snapshot holds outcomes.
    pub tasks: BTreeMap<String, Metrics>,
    /// Over the rows of each group of models, if there is more than one group.
    pub groups: BTreeMap<Group, Metrics>,
}

/// The metrics of several seeds.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Mean over the seeds where the metric is defined.
    pub metrics: Metrics,
    /// Standard deviation (of a sample) over the seeds where the metric is defined; undefined for fewer than two.
    pub spread: Metrics,
    /// Means over seeds, by task id, or by benchmark where the snapshot holds outcomes.
    pub tasks: BTreeMap<String, Metrics>,
    /// Means over the seeds that have the group.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<Group, Metrics>,
    /// The metrics of each seed, for differences between methods in pairs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by_seed: Vec<Metrics>,
}

/// For each model and benchmark of the item rows of an outcome snapshot, a row with the means of truths and
/// predictions, without an interval. Models are in ascending order, benchmarks in the snapshot's order. Empty for a
/// snapshot of scores.
#[must_use]
pub fn benchmark_rows(snapshot: &Snapshot, items: &[Row]) -> Vec<Row> {
    if snapshot.kind() == TaskKind::Score {
        return Vec::new();
    }
    let benchmark_of = benchmark_positions(snapshot);
    let mut sums: BTreeMap<(ModelIndex, u32), (f64, f64, f64)> = BTreeMap::new();
    for row in items {
        if let TaskRef::Task(task) = row.task {
            let sum = sums.entry((row.model, benchmark_of[task.0 as usize])).or_default();
            *sum = (sum.0 + f64::from(row.truth), sum.1 + f64::from(row.predicted), sum.2 + 1.0);
        }
    }
    let mean = |((model, benchmark), (truth, predicted, count)): ((ModelIndex, u32), (f64, f64, f64))| Row {
        model,
        task: TaskRef::Benchmark(benchmark),
        truth: (truth / count) as f32,
        predicted: (predicted / count) as f32,
        interval: None,
        ranks: None,
    };
    sums.into_iter().map(mean).collect()
}

/// The metrics of one seed's rows, turned so that more is better.
///
/// - Snapshot of scores: errors and intervals over all rows; correlations and rankings per task, and their mean as the
///   total. A method that predicts the same for all models of a task has no correlation there, and the [`Ranking`] of
///   a random order.
/// - Snapshot of outcomes: AUC and calibration over item rows, pooled; all other metrics over benchmark rows.
///   Correlations are per benchmark, with their mean as the total. For a model that is held out whole they only include
///   benchmarks with an outcome for every item, since means over different items are not comparable.
#[must_use]
pub fn score(snapshot: &Snapshot, held: &Held, rows: &[Row]) -> SeedScores {
    let mut scorer = Scorer::new(snapshot, held);
    let (metrics, tasks) = scorer.score(rows.iter());
    let mut groups = BTreeMap::new();
    for row in rows {
        groups.entry(row.model).or_insert_with(|| Group::of(snapshot, held, row.model));
    }
    let mut divided = BTreeMap::new();
    for kind in 0..2 {
        let there = map_of(groups.values().map(|groups| (groups[kind], ())));
        for group in there.keys().copied().filter(|_| there.len() > 1) {
            divided.insert(group, scorer.score(rows.iter().filter(|row| groups[&row.model][kind] == group)).0);
        }
    }
    SeedScores { metrics, tasks, groups: divided }
}

/// The metrics of each model's rows, by id.
#[must_use]
pub fn score_models(snapshot: &Snapshot, held: &Held, rows: &[Row]) -> BTreeMap<String, Metrics> {
    let mut scorer = Scorer::new(snapshot, held);
    let mut by_model: BTreeMap<ModelIndex, Vec<&Row>> = BTreeMap::new();
    rows.iter().for_each(|row| by_model.entry(row.model).or_default().push(row));
    let named = |(model, rows): (ModelIndex, Vec<&Row>)| {
        (snapshot.models[model.0 as usize].id.clone(), scorer.score(rows.into_iter()).0)
    };
    map_of(by_model.into_iter().map(named))
}

/// The mean over seeds for each key.
#[must_use]
pub fn average_models(seeds: &[BTreeMap<String, Metrics>]) -> BTreeMap<String, Metrics> {
    means(seeds.iter().flatten())
}

/// The benchmark of each task and the complete benchmarks of each model, for scoring rows.
struct Scorer<'a> {
    snapshot: &'a Snapshot,
    held: &'a Held,
    benchmarks: Vec<&'a str>,
    positions: Vec<u32>, // task -> benchmark
    complete: Completeness<'a>,
}

impl<'a> Scorer<'a> {
    fn new(snapshot: &'a Snapshot, held: &'a Held) -> Self {
        let benchmarks = snapshot.benchmarks();
        let positions = benchmark_positions(snapshot);
        let complete = Completeness::new(snapshot, &positions, benchmarks.len());
        Self { snapshot, held, benchmarks, positions, complete }
    }

    /// Metrics over all of these rows, and for each task or benchmark.
    fn score<'r>(&mut self, rows: impl Iterator<Item = &'r Row>) -> (Metrics, BTreeMap<String, Metrics>) {
        let outcomes = self.snapshot.kind() == TaskKind::Outcome;
        let mut all = Sample::default();
        let mut samples: BTreeMap<&str, Sample> = BTreeMap::new();
        for row in rows.map(|row| row.turned(self.snapshot)) {
            let (name, is_item) = match row.task {
                TaskRef::Task(task) if outcomes => (self.benchmarks[self.positions[task.0 as usize] as usize], true),
                other => (other.id(self.snapshot, &self.benchmarks), false),
            };
            let correlates = match row.task {
                TaskRef::Benchmark(at) => {
                    !self.held.is_whole(row.model) || self.complete.is(&self.positions, row.model, at)
                }
                TaskRef::Task(_) => true,
            };
            for sample in [&mut all, samples.entry(name).or_default()] {
                if is_item { sample.add_item(&row) } else { sample.add(&row, correlates) }
            }
        }
        let tasks = map_of(samples.into_iter().map(|(name, sample)| (name.to_owned(), sample.metrics(!outcomes))));
        let rankings: Vec<(f64, &Ranking)> =
            tasks.values().filter_map(|task| Some((task.rows?, &task.ranking))).collect();
        let ranking = Ranking::mean(&rankings);
        let Metrics { pearson, spearman, kendall, weighted_tau, .. } =
            Metrics::combine(&tasks.values().collect::<Vec<_>>(), metrics::mean);
        (Metrics { pearson, spearman, kendall, weighted_tau, ranking, ..all.errors() }, tasks)
    }
}

/// Means and standard deviations over seeds.
#[must_use]
pub fn summarise(seeds: &[SeedScores]) -> Summary {
    let overall: Vec<&Metrics> = seeds.iter().map(|seed| &seed.metrics).collect();
    Summary {
        metrics: Metrics::combine(&overall, metrics::mean),
        spread: Metrics::combine(&overall, metrics::standard_deviation),
        tasks: means(seeds.iter().flat_map(|seed| &seed.tasks)),
        groups: means(seeds.iter().flat_map(|seed| &seed.groups)),
        by_seed: seeds.iter().map(|seed| seed.metrics).collect(),
    }
}

/// The mean for each key.
fn means<'a, K: Ord + Clone + 'a>(parts: impl Iterator<Item = (&'a K, &'a Metrics)>) -> BTreeMap<K, Metrics> {
    let mut all: BTreeMap<&K, Vec<&Metrics>> = BTreeMap::new();
    for (key, metrics) in parts {
        all.entry(key).or_default().push(metrics);
    }
    map_of(all.into_iter().map(|(key, all)| (key.clone(), Metrics::combine(&all, metrics::mean))))
}

/// Rows as columns, as the metrics take them.
#[derive(Debug, Default)]
struct Sample {
    truth: Vec<f64>,
    predicted: Vec<f64>,
    correlated: (Vec<f64>, Vec<f64>),          // truth, predicted
    intervals: (Vec<f64>, Vec<f64>, Vec<f64>), // truth, lower, upper
    items: (Vec<bool>, Vec<f64>),              // solved, predicted
    ranks: (Vec<f64>, Vec<f64>),               // true, predicted
}

impl Sample {
    fn add(&mut self, row: &Row, correlates: bool) {
        let (truth, predicted) = (f64::from(row.truth), f64::from(row.predicted));
        self.truth.push(truth);
        self.predicted.push(predicted);
        if correlates {
            self.correlated.0.push(truth);
            self.correlated.1.push(predicted);
        }
        if let Some((lower, upper)) = row.interval {
            self.intervals.0.push(truth);
            self.intervals.1.push(f64::from(lower));
            self.intervals.2.push(f64::from(upper));
        }
        if let Some((rank, guess)) = row.ranks {
            self.ranks.0.push(f64::from(rank));
            self.ranks.1.push(f64::from(guess));
        }
    }

    fn add_item(&mut self, row: &Row) {
        self.items.0.push(row.truth > 0.5);
        self.items.1.push(f64::from(row.predicted));
    }

    /// All metrics, correlations over the rows taken together; with rankings or without.
    fn metrics(&self, with_ranking: bool) -> Metrics {
        let (truth, predicted) = &self.correlated;
        let weighted_tau = metrics::weighted_tau(truth, predicted, RankBy::Both);
        let ranking = if with_ranking { Ranking::of(truth, predicted, weighted_tau) } else { Ranking::default() };
        Metrics {
            pearson: metrics::pearson(truth, predicted),
            spearman: metrics::spearman(truth, predicted),
            kendall: metrics::kendall_tau(truth, predicted),
            weighted_tau,
            ranking,
            ..self.errors()
        }
    }

    /// All metrics but the correlations.
    fn errors(&self) -> Metrics {
        let (truth, lower, upper) = &self.intervals;
        let (solved, scores) = &self.items;
        let shares: Vec<f64> = solved.iter().map(|&solved| f64::from(u8::from(solved))).collect();
        let clipped: Vec<f64> = scores.iter().map(|score| score.clamp(0.0, 1.0)).collect();
        Metrics {
            rows: (!self.truth.is_empty()).then_some(self.truth.len() as f64),
            auc: metrics::auc_roc(solved, scores),
            calibration: metrics::calibration_error(&shares, &clipped, BINS),
            mae: metrics::mae(&self.truth, &self.predicted),
            mse: metrics::mse(&self.truth, &self.predicted),
            rmse: metrics::rmse(&self.truth, &self.predicted),
            medae: metrics::median_absolute_error(&self.truth, &self.predicted),
            coverage: metrics::interval_coverage(truth, lower, upper),
            width: metrics::mean_width(lower, upper),
            median_width: metrics::median_width(lower, upper),
            rank_accuracy: metrics::rank_accuracy(&self.ranks.0, &self.ranks.1),
            mae_at_2: metrics::mae_at_2(&self.ranks.0, &self.ranks.1),
            interval_score: metrics::interval_score(truth, lower, upper, 1.0 - COVERAGE),
            ..Metrics::default()
        }
    }
}

/// The benchmarks of a model with an outcome for every item.
struct Completeness<'a> {
    snapshot: &'a Snapshot,
    items: Vec<u32>, // benchmark -> number of its items
    known: HashMap<ModelIndex, Vec<u32>>,
}

impl<'a> Completeness<'a> {
    fn new(snapshot: &'a Snapshot, positions: &[u32], benchmarks: usize) -> Self {
        let mut items = vec![0; benchmarks];
        positions.iter().for_each(|&benchmark| items[benchmark as usize] += 1);
        Self { snapshot, items, known: HashMap::new() }
    }

    fn is(&mut self, positions: &[u32], model: ModelIndex, benchmark: u32) -> bool {
        let known = self.known.entry(model).or_insert_with(|| {
            let mut known = vec![0; self.items.len()];
            for_known(self.snapshot, model, |task| known[positions[task] as usize] += 1);
            known
        });
        known[benchmark as usize] == self.items[benchmark as usize]
    }
}

/// The position in [`Snapshot::benchmarks`] of each task's benchmark.
fn benchmark_positions(snapshot: &Snapshot) -> Vec<u32> {
    let mut positions = vec![0; snapshot.tasks.len()];
    for ((_, tasks), at) in by_benchmark(&snapshot.tasks).into_iter().zip(0..) {
        tasks.into_iter().for_each(|task| positions[task] = at);
    }
    positions
}

#[cfg(test)]
#[path = "score_tests.rs"]
mod tests;
