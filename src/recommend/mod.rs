//! Uses of a trained method: forecasts for models without results, rankings, routing, planned evaluations and
//! explanations.

mod answer;
mod explain;
mod facts;
mod filter;
mod models;
mod names;
mod next;
mod pieces;
mod pool;
mod predict;
mod rank;
#[expect(clippy::module_inception, reason = "it is named after the question that it answers, as its neighbours are")]
mod recommend;
mod request;
mod route;
mod saved;
mod scores;
mod shown;
mod standings;
mod subject;
mod training;
mod unseen;

pub use crate::device::compute::{Device, Ran};
pub use answer::{ForecastSource, Prediction, PredictionLineage, PredictionParent, TaskForecast};
pub use explain::{Contribution, Explanation, TaskExplanation};
pub use facts::{GivenFacts, IgnoredFact};
pub use filter::Filter;
pub use models::{MeasuredResult, ModelFacts};
pub use next::{Evaluation, NextRequest, Plan};
pub use pieces::Kind;
pub use pool::parse_pool;
pub use rank::{RankRequest, RankedModel, Ranking};
pub use recommend::{RecommendRequest, Recommendation, RecommendedModel, check_recommends};
pub use request::{Request, Typed};
pub use route::{Route, RouteRequest, RoutedModel, Routing, SingleModel};
pub use saved::tensors;
pub use subject::Subject;
pub use training::Training;
pub use unseen::Unseen;

use crate::device::compute::Compute;
use crate::error::Result;
use crate::lineage::Names;
use crate::methods::{Fitted, Forecast, Method, Observer, Target, TrainingData, VisibleCells};
use crate::snapshot::{ModelIndex, Range, Snapshot};
use standings::{Benchmark, Column, benchmarks};
use std::sync::OnceLock;

/// Options of a training.
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

/// A trained method with its training snapshot.
pub struct Recommender {
    snapshot: Snapshot,
    options: TrainOptions,
    visible: VisibleCells,
    without: Option<ModelIndex>, // the model whose results were left out of training
    fitted: Box<dyn Fitted>,
    ran: Ran,
    benchmarks: Vec<Benchmark>,
    names: Names,
    columns: Vec<OnceLock<Column>>, // (n_benchmarks), each found when it is first asked for
}

impl Recommender {
    /// Trains on all known results of a snapshot.
    ///
    /// # Errors
    /// If the snapshot has no result, the device is not available, or the observer stops the training.
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
        Ok(Self::assemble(snapshot, options.clone(), visible, fitted, compute.ran()))
    }

    fn assemble(
        snapshot: Snapshot,
        options: TrainOptions,
        visible: VisibleCells,
        fitted: Box<dyn Fitted>,
        ran: Ran,
    ) -> Self {
        let benchmarks = benchmarks(&snapshot);
        let names = Names::new(&snapshot.lineage, snapshot.models.len());
        let columns = benchmarks.iter().map(|_| OnceLock::new()).collect();
        Self { snapshot, options, visible, without: None, fitted, ran, benchmarks, names, columns }
    }

    /// The training snapshot.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The names of the benchmarks with the ranges of their own units.
    pub fn benchmarks(&self) -> impl Iterator<Item = (&str, Range)> {
        (0..self.benchmarks.len()).map(|at| (self.benchmarks[at].name.as_str(), self.range(at)))
    }

    /// The trained method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.options.method
    }

    /// The seed of the training.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.options.seed
    }

    /// The device of the training: `cpu` or `gpu`.
    #[must_use]
    pub fn device(&self) -> &str {
        &self.ran.device
    }

    /// The device of the training, and the reason for it.
    #[must_use]
    pub fn ran(&self) -> &Ran {
        &self.ran
    }

    fn data(&self) -> TrainingData<'_> {
        training_data(&self.snapshot, &self.visible, &self.options)
    }

    /// The forecast for a model in the tasks' own directions.
    fn forecast(&self, target: Target<'_>) -> Result<Forecast> {
        Ok(self.turned(self.fitted.forecast(&self.data(), target)?))
    }

    /// The forecast for a model of at least these tasks, in the tasks' own directions.
    fn forecast_tasks(&self, target: Target<'_>, tasks: &[usize]) -> Result<Forecast> {
        if tasks.len() == self.snapshot.tasks.len() {
            return self.forecast(target);
        }
        Ok(self.turned(self.fitted.forecast_tasks(&self.data(), target, tasks)?))
    }

    /// A forecast of the method in the tasks' own directions.
    fn turned(&self, mut forecast: Forecast) -> Forecast {
        let tasks = &self.snapshot.tasks;
        for (task, mean) in tasks.iter().zip(&mut forecast.mean) {
            *mean = task.turn(*mean);
        }
        for (benchmark, ends) in self.benchmarks.iter().zip(&mut forecast.intervals) {
            benchmark.tasks.first().into_iter().for_each(|&task| *ends = tasks[task].turn_interval(*ends));
        }
        forecast
    }

    /// Whether a lower score is better on a benchmark.
    fn lower_is_better(&self, benchmark: usize) -> bool {
        self.benchmarks[benchmark].tasks.first().is_some_and(|&task| self.snapshot.tasks[task].lower_is_better)
    }

    /// The range in a benchmark's own units.
    fn range(&self, benchmark: usize) -> Range {
        self.benchmarks[benchmark].tasks.first().map_or(Range::FRACTION, |&task| self.visible.ranges[task])
    }
}

fn training_data<'a>(snapshot: &'a Snapshot, visible: &'a VisibleCells, options: &TrainOptions) -> TrainingData<'a> {
    TrainingData::new(snapshot, visible, options.seed)
}
