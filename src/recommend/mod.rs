//! What is done with a trained method: forecasts for models that nobody evaluated, and rankings of those that are known.

mod chance;
mod explain;
mod filter;
mod next;
mod pieces;
mod rank;
mod route;
mod saved;
mod shapley;
mod training;

pub use crate::kernels::{Device, Ran};
pub(crate) use chance::Belief;
pub use explain::{Contribution, Explanation, TaskExplanation};
pub use filter::Filter;
pub(crate) use next::best;
pub use next::{Evaluation, NextRequest, Plan};
pub use pieces::Kind;
pub use rank::{RankRequest, RankedModel, Ranking};
pub(crate) use route::choose;
pub use route::{Route, RouteRequest, RoutedModel, Routing, SingleModel};
pub use saved::tensors;
pub(crate) use shapley::shapley;
pub use training::Training;

use crate::error::{Error, Result, Warning};
use crate::formats::KnownScore;
use crate::kernels::Compute;
use crate::linalg::print_number;
use crate::lineage::{Names, Parent, Relation, Resolved};
use crate::methods::{Fitted, Forecast, Method, NewModel, Observer, Target, TrainingData, VisibleCells};
use crate::snapshot::{Date, Factors, ModelIndex, Range, Snapshot, TaskIndex, TaskKind, in_terms_of};
use chance::Field;
use serde::Serialize;
use std::collections::BTreeMap;

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

/// A model to forecast, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its parents.
    pub parents: Vec<Parent>,
    /// Its factors.
    pub factors: Factors,
    /// Its date.
    pub date: Option<Date>,
    /// Scores it has already, by task, as 0..1 of the task's range.
    pub scores: Vec<(String, f32)>,
}

/// A forecast, in the shape of `predict --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    /// The method that ran.
    pub method: &'static str,
    /// The device that it was trained on.
    pub device: String,
    /// What was understood of the lineage.
    pub lineage: PredictionLineage,
    /// One entry a benchmark.
    pub forecasts: Vec<TaskForecast>,
}

/// The lineage part of a [`Prediction`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PredictionLineage {
    /// The parents as they were given.
    pub parents: Vec<PredictionParent>,
    /// Ids of those that the snapshot doesn't know.
    pub unknown: Vec<String>,
    /// For each of these the known names that are nearest to it, if any are near.
    pub nearest: BTreeMap<String, Vec<String>>,
}

/// A parent in a [`Prediction`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PredictionParent {
    /// Its id, as the snapshot spells it where it is known.
    pub id: String,
    /// The name that was given, where that is another spelling, a quantisation or a re-upload of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// Its weight as given.
    pub weight: f32,
    /// How the child was made.
    pub relation: Relation,
    /// Whether the snapshot knows it, evaluated or as a relative.
    pub known: bool,
    /// Whether the snapshot has results of it.
    pub evaluated: bool,
}

/// The forecast for one benchmark.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskForecast {
    /// The benchmark.
    pub task: String,
    /// Expected score, 0..1 of the range.
    pub mean: f32,
    /// Lower end of the 90 % interval; null where the method has none.
    pub lower: Option<f32>,
    /// Upper end of the 90 % interval.
    pub upper: Option<f32>,
    /// Its place among the models of the snapshot and itself, 1 for the best.
    pub rank: usize,
    /// How many those are.
    pub of: usize,
    /// The best rank of the 90 % interval; null where a score has no interval.
    pub rank_lower: Option<usize>,
    /// The worst rank of the 90 % interval.
    pub rank_upper: Option<usize>,
    /// The chance that it beats each model that it is compared with, by id; null where the method has no intervals.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub beats: BTreeMap<String, Option<f32>>,
    /// The parents' measured scores, 0..1.
    pub parents: BTreeMap<String, f32>,
    /// What the forecast stands on.
    pub sources: Vec<ForecastSource>,
    /// The range of the benchmark's own units.
    pub range: Range,
    /// Why the method has nothing of its own to say of some of its items, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// A model that a forecast stands on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForecastSource {
    /// Its id.
    pub id: String,
    /// Its share among the sources.
    pub share: f32,
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

    /// Forecasts a model for every benchmark.
    ///
    /// # Errors
    /// If a known score names no task or is out of range.
    pub fn predict(&self, request: &Request) -> Result<Prediction> {
        let (lineage, new) = self.new_model(request)?;
        let forecast = self.fitted.forecast(&self.data(), Target::New(&new))?;
        let mut forecasts: Vec<TaskForecast> =
            (0..self.benchmarks.len()).map(|at| self.task_forecast(at, &forecast, &lineage.parents)).collect();
        for (task, remark) in self.fitted.remarks(&self.data(), Target::New(&new)) {
            let of = self.benchmarks.iter().position(|benchmark| benchmark.tasks.contains(&task));
            of.and_then(|at| forecasts.get_mut(at)).map(|forecast| forecast.remark.get_or_insert(remark));
        }
        Ok(Prediction { method: self.method().name(), device: self.device().to_owned(), lineage, forecasts })
    }

    /// A request in the method's terms, and what was understood of its lineage.
    fn new_model(&self, request: &Request) -> Result<(PredictionLineage, NewModel)> {
        let (lineage, parents) = self.understand(&request.parents);
        let Request { name, mut factors, date, .. } = request.clone();
        in_terms_of(&self.snapshot.models, &mut factors)?;
        let node = name.as_deref().and_then(|name| self.snapshot.lineage.node(name));
        Ok((lineage, NewModel { name, parents, factors, date, scores: self.known_scores(request)?, node }))
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

    fn known_scores(&self, request: &Request) -> Result<Vec<(usize, f32)>> {
        let one = |(name, score): &(String, f32)| {
            let TaskIndex(task) = self.snapshot.task(name)?;
            if (0.0..=1.0).contains(score) {
                return Ok((task as usize, *score));
            }
            let found = print_number(*score);
            Err(Error::input(format!("the known score of \"{name}\" must be 0 to 1 of its range, found {found}")))
        };
        request.scores.iter().map(one).collect()
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

    fn task_forecast(&self, at: usize, forecast: &Forecast, parents: &[PredictionParent]) -> TaskForecast {
        let (benchmark, width) = (&self.benchmarks[at], self.benchmarks.len());
        let mean = benchmark.mean(|task| forecast.mean[task]);
        let better = self.standings.iter().skip(at).step_by(width).filter(|standing| standing.score > mean).count();
        let measured = |parent: &PredictionParent| {
            let model = self.snapshot.model(&parent.id)?;
            let standing = self.standings[model.0 as usize * width + at];
            (!standing.predicted).then(|| (parent.id.clone(), standing.score))
        };
        let mut task = TaskForecast {
            task: benchmark.name.clone(),
            mean,
            lower: forecast.intervals.get(at).map(|interval| interval.0),
            upper: forecast.intervals.get(at).map(|interval| interval.1),
            rank: better + 1,
            of: self.snapshot.models.len() + 1,
            parents: BTreeMap::new(),
            sources: self.sources(forecast),
            range: self.range(at),
            remark: None,
            rank_lower: None,
            rank_upper: None,
            beats: BTreeMap::new(),
        };
        // Collecting would bring a sort of its own into the wasm module.
        for (id, score) in parents.iter().filter_map(measured) {
            task.parents.insert(id, score);
        }
        self.place(at, &mut task);
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
