//! What is done with a trained method: forecasts for models that nobody evaluated, and rankings of those that are known.

mod answer;
mod chance;
mod explain;
mod facts;
mod filter;
mod next;
mod pieces;
mod rank;
mod request;
mod route;
mod saved;
mod shapley;
mod subject;
mod training;
mod unseen;

pub use crate::device::compute::{Device, Ran};
pub use answer::{ForecastSource, Prediction, PredictionLineage, PredictionParent, TaskForecast};
pub(crate) use chance::Belief;
pub use explain::{Contribution, Explanation, TaskExplanation};
pub use facts::{GivenFacts, IgnoredFact};
pub use filter::Filter;
pub(crate) use next::best;
pub use next::{Evaluation, NextRequest, Plan};
pub use pieces::Kind;
pub use rank::{RankRequest, RankedModel, Ranking};
pub use request::{Request, Typed};
pub(crate) use route::choose;
pub use route::{Route, RouteRequest, RoutedModel, Routing, SingleModel};
pub use saved::tensors;
pub(crate) use shapley::shapley;
pub use subject::Subject;
pub use training::Training;
pub use unseen::Unseen;

use crate::device::compute::Compute;
use crate::error::{Error, Result, Warning};
use crate::formats::KnownScore;
use crate::linalg::sort_floats;
use crate::lineage::{Names, Parent, Resolved};
use crate::methods::{Fitted, Forecast};
use crate::methods::{Method, Observer};
use crate::methods::{Target, TrainingData, VisibleCells};
use crate::snapshot::{ModelIndex, Range, Snapshot, TaskIndex, TaskKind};
use chance::Field;
use std::collections::BTreeMap;
use subject::Asked;

/// How to train.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainOptions {
    /// The method.
    pub method: Method,
    /// The device to train on.
    pub device: Device,
    /// Seed of every random choice.
    pub seed: u64,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self { method: Method::DEFAULT, device: Device::Auto, seed: 0 }
    }
}

/// A score that is shown of a known model.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Standing {
    score: f32,
    predicted: bool,
    interval: Option<(f32, f32)>,
}

/// A trained method with the snapshot that it was trained on.
pub struct Recommender {
    snapshot: Snapshot,
    options: TrainOptions,
    visible: VisibleCells,
    without: Option<ModelIndex>, // whose results the method did not see
    fitted: Box<dyn Fitted>,
    ran: Ran,
    benchmarks: Vec<Benchmark>,
    names: Names,
    standings: Vec<Standing>,   // (n_models, n_benchmarks), row-major
    fields: Vec<Option<Field>>, // (n_benchmarks); none where a predicted score has no interval
}

/// A benchmark and its tasks.
struct Benchmark {
    name: String,
    tasks: Vec<usize>,
}

impl Recommender {
    /// Trains on all known results of a snapshot.
    ///
    /// # Errors
    /// If the snapshot has no result, the device is not to be had, or the observer stops the training.
    pub async fn train(snapshot: Snapshot, options: &TrainOptions, observer: &mut dyn Observer) -> Result<Self> {
        let visible = VisibleCells::new(&snapshot, None)?;
        Self::train_on(snapshot, visible, options, observer).await
    }

    async fn train_on(
        snapshot: Snapshot,
        visible: VisibleCells,
        options: &TrainOptions,
        observer: &mut dyn Observer,
    ) -> Result<Self> {
        let data = training_data(&snapshot, &visible, options);
        let mut compute = Compute::new(options.device);
        let fitted = options.method.fit_on(&mut compute, &data, observer).await?;
        Self::assemble(snapshot, options.clone(), visible, fitted, compute.ran())
    }

    fn assemble(
        snapshot: Snapshot,
        options: TrainOptions,
        visible: VisibleCells,
        fitted: Box<dyn Fitted>,
        ran: Ran,
    ) -> Result<Self> {
        let benchmarks = benchmarks(&snapshot);
        let names = Names::new(&snapshot.lineage, snapshot.models.len());
        let mut recommender = Self {
            snapshot,
            options,
            visible,
            without: None,
            fitted,
            ran,
            benchmarks,
            names,
            standings: Vec::new(),
            fields: Vec::new(),
        };
        recommender.standings = recommender.stand()?;
        recommender.fields = (0..recommender.benchmarks.len()).map(|at| recommender.field(at)).collect();
        Ok(recommender)
    }

    /// The snapshot that it was trained on.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The method that was trained.
    #[must_use]
    pub fn method(&self) -> Method {
        self.options.method
    }

    /// The seed that it was trained with.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.options.seed
    }

    /// The device that it was trained on: `cpu` or `gpu`.
    #[must_use]
    pub fn device(&self) -> &str {
        &self.ran.device
    }

    /// Where it was trained, and why there.
    #[must_use]
    pub fn ran(&self) -> &Ran {
        &self.ran
    }

    /// What is measured of a model, and a forecast for every benchmark where nothing is.
    ///
    /// # Errors
    /// If a known score names no task, is out of range, or comes twice.
    pub fn predict(&self, request: &Request) -> Result<Prediction> {
        let asked = self.asked(request)?;
        let (data, target) = (self.data(), asked.target());
        let mut forecast = if asked.is_complete() { None } else { Some(self.fitted.forecast(&data, target)?) };
        if let (Some(forecast), true) = (&mut forecast, asked.subject.next_to_nothing) {
            self.widen(forecast);
        }
        let mut forecasts: Vec<TaskForecast> =
            (0..self.benchmarks.len()).map(|at| self.task_forecast(at, &asked, forecast.as_ref())).collect();
        let (mut remarks, mut notes) = (Vec::new(), Vec::new());
        if forecast.is_some() {
            (remarks, notes) = (self.fitted.remarks(&data, target), self.fitted.notes(&data, target));
        }
        for (task, remark) in remarks {
            let of = self.benchmarks.iter().position(|benchmark| benchmark.tasks.contains(&task));
            let open = of.and_then(|at| forecasts.get_mut(at)).filter(|forecast| !forecast.known);
            open.map(|forecast| forecast.remark.get_or_insert(remark));
        }
        let original = asked.row.filter(|_| asked.quantised);
        let quantisation_of = original.map(|row| self.snapshot.lineage.id(row.0).to_owned());
        let measured = self.measured(&asked);
        let Asked { subject, mut warnings, lineage, .. } = asked;
        warnings.extend(notes);
        let (method, device) = (self.method().name(), self.device().to_owned());
        Ok(Prediction { method, device, subject, measured, quantisation_of, warnings, lineage, forecasts })
    }

    /// Intervals of a model of which next to nothing is known hold what nine of ten measured models have.
    fn widen(&self, forecast: &mut Forecast) {
        for (at, interval) in forecast.intervals.iter_mut().enumerate() {
            let standings = self.standings.iter().skip(at).step_by(self.benchmarks.len());
            let mut scores: Vec<f32> = standings.filter(|standing| !standing.predicted).map(|s| s.score).collect();
            sort_floats(&mut scores);
            let beyond = scores.len() / 20;
            if let (Some(low), Some(high)) = (scores.get(beyond), scores.iter().rev().nth(beyond)) {
                *interval = (interval.0.min(*low), interval.1.max(*high));
            }
        }
    }

    fn data(&self) -> TrainingData<'_> {
        training_data(&self.snapshot, &self.visible, &self.options)
    }

    fn benchmark(&self, name: &str) -> Result<usize> {
        if let Some(at) = self.benchmarks.iter().position(|benchmark| benchmark.name == name) {
            return Ok(at);
        }
        let TaskIndex(task) = self.snapshot.task(name)?;
        let benchmark = &self.snapshot.tasks[task as usize].benchmark;
        let at = self.benchmarks.iter().position(|other| other.name == *benchmark);
        at.ok_or_else(|| Error::input(format!("no benchmark \"{name}\" here")))
    }

    /// The range of a benchmark's own units.
    fn range(&self, benchmark: usize) -> Range {
        self.benchmarks[benchmark].tasks.first().map_or(Range::FRACTION, |&task| self.visible.ranges[task])
    }

    /// What is known of a model's parents, and the parents by the names that the snapshot has for them.
    #[must_use]
    pub fn understand(&self, given: &[Parent]) -> (PredictionLineage, Vec<Parent>) {
        let known = &self.snapshot.lineage;
        let mut lineage = PredictionLineage { parents: Vec::new(), unknown: Vec::new(), nearest: BTreeMap::new() };
        let mut named: Vec<Parent> = Vec::new();
        for parent in given {
            let resolved = self.names.resolve(known, &parent.id);
            let node = match resolved {
                Resolved::Same(node) | Resolved::Alias(node) => Some(node),
                Resolved::Unknown(_) => None,
            };
            let id = node.map_or(parent.id.as_str(), |node| known.id(node)).to_owned();
            // Two names of one model are one parent with the weight of both.
            if let Some(at) = named.iter().position(|other| other.id == id) {
                named[at].weight += parent.weight;
                lineage.parents[at].weight = named[at].weight;
                continue;
            }
            if let Resolved::Unknown(near) = &resolved {
                let near: Vec<String> = near.iter().map(|&node| known.id(node).to_owned()).collect();
                if !near.is_empty() {
                    lineage.nearest.insert(id.clone(), near);
                }
                lineage.unknown.push(id.clone());
            }
            lineage.parents.push(PredictionParent {
                id: id.clone(),
                given: matches!(resolved, Resolved::Alias(_)).then(|| parent.id.clone()),
                weight: parent.weight,
                relation: parent.relation,
                known: node.is_some(),
                evaluated: node.is_some_and(|node| (node as usize) < self.snapshot.models.len()),
            });
            named.push(Parent { id, ..*parent });
        }
        (lineage, named)
    }

    /// The scores of a file that this snapshot has a task for, in the same metric; with what was passed over.
    #[must_use]
    pub fn usable_scores(&self, listed: &[KnownScore]) -> (Vec<(String, f32)>, Vec<Warning>) {
        let mut usable: Vec<(String, f32)> = Vec::new();
        let mut others = Vec::new();
        for known in listed {
            let names = [Some(&known.task), known.dataset.as_ref()];
            let task = names.into_iter().flatten().find_map(|name| self.snapshot.task(name).ok());
            let Some(TaskIndex(task)) = task else {
                others.push(format!("\"{}\" (no such task here)", known.task));
                continue;
            };
            let task = &self.snapshot.tasks[task as usize];
            // Raw and normalised scores are never mixed; a file that names no metric does not tell them apart.
            let normalized = |metric: &Option<String>| metric.as_deref() == Some("normalized_score");
            if normalized(&task.metric) == normalized(&known.metric) {
                if !usable.iter().any(|(id, _)| *id == task.id) {
                    usable.push((task.id.clone(), known.score));
                }
            } else {
                others.push(format!("\"{}\" (another metric)", known.task));
            }
        }
        let told = (!others.is_empty()).then(|| Warning::new(format!("known scores not used: {}", others.join(", "))));
        (usable, told.into_iter().collect())
    }

    /// Known scores stand as they are; there is a forecast unless all are known.
    fn task_forecast(&self, at: usize, asked: &Asked, forecast: Option<&Forecast>) -> TaskForecast {
        let (benchmark, width) = (&self.benchmarks[at], self.benchmarks.len());
        let expected = |task: usize| forecast.map_or(0.0, |forecast| forecast.mean[task]);
        let mean = benchmark.mean(|task| asked.known(task).unwrap_or_else(|| expected(task)));
        let known = benchmark.tasks.iter().all(|&task| asked.known(task).is_some());
        let itself = asked.row.map(|row| row.0 as usize);
        let others = self.standings.iter().skip(at).step_by(width).enumerate().filter(|&(row, _)| Some(row) != itself);
        let better = others.filter(|(_, standing)| standing.score > mean).count();
        let open = forecast.filter(|_| !known);
        let interval = open.and_then(|forecast| forecast.intervals.get(at));
        let task = benchmark.tasks.first().map(|&task| &self.snapshot.tasks[task]);
        let mut task = TaskForecast {
            task: benchmark.name.clone(),
            dataset: task.map_or_else(String::new, |task| task.benchmark.clone()),
            metric: task.and_then(|task| task.metric.clone()),
            mean,
            lower: interval.map(|interval| interval.0),
            upper: interval.map(|interval| interval.1),
            rank: better + 1,
            of: self.snapshot.models.len() + usize::from(itself.is_none()),
            range: self.range(at),
            lower_is_better: false,
            known,
            remark: None,
            rank_lower: None,
            rank_upper: None,
            beats: BTreeMap::new(),
            parents: BTreeMap::new(),
            sources: open.map_or_else(Vec::new, |forecast| self.other_sources(forecast, asked.row)),
            unseen: None,
        };
        // Collecting would bring a sort of its own into the wasm module.
        for parent in &asked.lineage.parents {
            if let Some(score) = self.measured_parent(at, parent) {
                task.parents.insert(parent.id.clone(), score);
            }
        }
        self.place(at, &mut task, itself.is_some());
        task
    }

    fn sources(&self, forecast: &Forecast) -> Vec<ForecastSource> {
        let source =
            |&(node, share): &(u32, f32)| ForecastSource { id: self.snapshot.lineage.id(node).to_owned(), share };
        forecast.sources.iter().map(source).collect()
    }

    /// The score of every known model on every benchmark: measured where all its tasks are, else with forecasts for
    /// those that are not. (n_models, n_benchmarks)
    fn stand(&self) -> Result<Vec<Standing>> {
        let data = self.data();
        let tasks = self.snapshot.tasks.len();
        let mut standings = Vec::with_capacity(self.snapshot.models.len() * self.benchmarks.len());
        for model in 0..self.snapshot.models.len() {
            let mut scores: Vec<Option<f32>> = vec![None; tasks];
            self.visible.cells.for_row(model, |task, value| scores[task] = Some(value));
            let complete = scores.iter().all(Option::is_some);
            let target = Target::Known(ModelIndex(model as u32));
            let forecast = if complete { None } else { Some(self.fitted.forecast(&data, target)?) };
            standings.extend(self.benchmarks.iter().enumerate().map(|(at, benchmark)| {
                let predicted = benchmark.tasks.iter().any(|&task| scores[task].is_none());
                let interval = forecast.as_ref().filter(|_| predicted).and_then(|f| f.intervals.get(at)).copied();
                let score = |task: usize| scores[task].or_else(|| forecast.as_ref().map(|f| f.mean[task]));
                Standing { score: benchmark.mean(|task| score(task).unwrap_or(0.0)), predicted, interval }
            }));
        }
        Ok(standings)
    }
}

impl Benchmark {
    /// The mean over its tasks.
    fn mean(&self, value: impl Fn(usize) -> f32) -> f32 {
        let sum: f64 = self.tasks.iter().map(|&task| f64::from(value(task))).sum();
        (sum / self.tasks.len() as f64) as f32
    }
}

fn benchmarks(snapshot: &Snapshot) -> Vec<Benchmark> {
    let tasks_of = |name: &str| {
        (0..snapshot.tasks.len()).filter(|&task| snapshot.tasks[task].benchmark == name).collect::<Vec<_>>()
    };
    match snapshot.kind() {
        // Each score is shown by itself, whatever benchmark it belongs to.
        TaskKind::Score => snapshot
            .tasks
            .iter()
            .enumerate()
            .map(|(at, task)| Benchmark { name: task.id.clone(), tasks: vec![at] })
            .collect(),
        TaskKind::Outcome => snapshot
            .benchmarks()
            .into_iter()
            .map(|name| Benchmark { name: name.to_owned(), tasks: tasks_of(name) })
            .collect(),
    }
}

fn training_data<'a>(snapshot: &'a Snapshot, visible: &'a VisibleCells, options: &TrainOptions) -> TrainingData<'a> {
    TrainingData {
        models: &snapshot.models,
        tasks: &snapshot.tasks,
        lineage: &snapshot.lineage,
        cells: &visible.cells,
        seed: options.seed,
    }
}
