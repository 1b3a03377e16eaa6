//! Prediction methods, one file each, behind one small trait.

mod adam;
#[cfg(all(test, feature = "gpu"))]
mod device_examples;
mod encoding;
mod eyas;
mod factorise;
mod inputs;
mod irt;
mod irt_em;
mod kin;
mod knn;
mod lrmf;
mod majorise;
mod mean;
mod method;
mod mf;
mod mla;
mod mlp;
mod moving;
mod named;
mod namesakes;
mod ncf;
mod ncf_on_device;
mod ncf_training;
mod on_device;
mod parents;
mod popularity;
mod quadrature;
mod random;
mod relatives;
mod relax;
mod scaling_law;
mod size;
mod spectral;
mod squares;
mod task_graph;
mod trainer;
mod training;
mod trend;
mod unknowns;
mod uses;
mod words;

pub use eyas::Eyas;
pub(crate) use eyas::size_in_name;
pub use factorise::LrmfTraining;
pub use irt::{Estimate, Irt, IrtConfig, IrtItem};
pub use lrmf::{Lrmf, LrmfConfig, Solver};
pub use method::Method;
pub use mf::{Mf, MfConfig, MfLoss, MfSolver};
pub use mlp::{Mlp, MlpBuffers};
pub(crate) use named::{params, text};
pub use ncf::{Ncf, NcfConfig};
pub use ncf_training::NcfTraining;
pub use scaling_law::{Curve, NoCurve, ScalingLaw};
pub use trainer::{Here, Recipe, Trainer};
pub use training::{BoxFuture, Observer, Progress, Silent, TrainingLimits};
pub use unknowns::Unknowns;
pub(crate) use words::words;

use crate::error::{Error, Result};
use crate::kernels::Cells;
use crate::linalg::{BitMatrix, SparseMatrix};
use crate::lineage::{Edge, Lineage, Parent};
use crate::snapshot::{Date, Factors, Model, ModelIndex, Range, Results, Snapshot, Task};

/// The cells of a snapshot that a training may see, as 0..1, and how they were normalised.
#[derive(Debug, Clone)]
pub struct VisibleCells {
    /// Training cells. (n_models, n_tasks)
    pub cells: Cells,
    /// The range by which each task was normalised. (n_tasks)
    pub ranges: Vec<Range>,
}

impl VisibleCells {
    /// All known cells but those held out, (n_models, n_tasks); ranges of open-ended tasks come from what is left.
    ///
    /// # Errors
    /// If no cell is left.
    pub fn new(snapshot: &Snapshot, held_out: Option<&BitMatrix>) -> Result<Self> {
        let visible = |row: u32, column: u32| !held_out.is_some_and(|held| held.get(row as usize, column as usize));
        let (cells, ranges) = match &snapshot.results {
            Results::Scores(scores) => {
                let kept: Vec<_> = scores.iter().filter(|&(row, column, _)| visible(row, column)).collect();
                let ranges = training_ranges(&snapshot.tasks, &kept);
                let normal = kept.iter().map(|&(u, i, value)| (u, i, ranges[i as usize].normalise(value))).collect();
                (Cells::Scores(SparseMatrix::from_entries(scores.rows(), scores.columns(), normal)), ranges)
            }
            Results::Outcomes(outcomes) => {
                let all = Cells::Outcomes { observed: outcomes.observed.clone(), solved: outcomes.solved.clone() };
                let visible = held_out.map(|held| all.without(held)).unwrap_or(all);
                (visible, vec![Range::FRACTION; snapshot.tasks.len()])
            }
        };
        if cells.count() == 0 {
            return Err(Error::input("no known result is left to train on"));
        }
        Ok(Self { cells, ranges })
    }
}

/// What a method may see: training cells as 0..1, and everything that is known without an evaluation.
#[derive(Debug, Clone, Copy)]
pub struct TrainingData<'a> {
    /// Models with their factors. (n_models)
    pub models: &'a [Model],
    /// Tasks with their factors. (n_tasks)
    pub tasks: &'a [Task],
    /// Descent among the models and their relatives; its first nodes are the models.
    pub lineage: &'a Lineage,
    /// Training cells. (n_models, n_tasks)
    pub cells: &'a Cells,
    /// Seed of every random choice.
    pub seed: u64,
}

/// Declared ranges, and for open-ended tasks the lowest and highest training score.
fn training_ranges(tasks: &[Task], cells: &[(u32, u32, f32)]) -> Vec<Range> {
    let mut seen = vec![Range { low: f32::INFINITY, high: f32::NEG_INFINITY }; tasks.len()];
    for &(_, task, value) in cells {
        let range = &mut seen[task as usize];
        *range = Range { low: range.low.min(value), high: range.high.max(value) };
    }
    let settle = |(task, seen): (&Task, Range)| match task.range {
        Some(range) => range,
        None if seen.high > seen.low => seen,
        None if seen.low.is_finite() => Range { low: seen.low, high: seen.low + 1.0 },
        None => Range::FRACTION,
    };
    tasks.iter().zip(seen).map(settle).collect()
}

/// A model that was not in training, as far as it is known.
#[derive(Debug, Clone, Default)]
pub struct NewModel {
    /// Its name, if it has one yet.
    pub name: Option<String>,
    /// Its parents by id, known to the snapshot or not.
    pub parents: Vec<Parent>,
    /// Its factors.
    pub factors: Factors,
    /// Its date.
    pub date: Option<Date>,
    /// Scores it has, as (task, 0..1 of the task's range).
    pub scores: Vec<(usize, f32)>,
    /// Its node in the lineage graph, where what was made from it is known.
    pub node: Option<u32>,
}

impl NewModel {
    /// What is known of a node of the lineage graph beside scores, as if it were asked for as a new model.
    #[must_use]
    pub fn of(models: &[Model], lineage: &Lineage, node: u32) -> Self {
        let model = models.get(node as usize).cloned().unwrap_or_default();
        let parent = |edge: &Edge| Parent {
            id: lineage.id(edge.parent).to_owned(),
            relation: edge.relation,
            weight: edge.weight,
        };
        Self {
            name: Some(lineage.id(node).to_owned()),
            parents: lineage.parents(node).map(parent).collect(),
            factors: model.factors,
            date: model.date,
            scores: Vec::new(),
            node: Some(node),
        }
    }
}

/// Which model a forecast is for.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// A model of the training data, with or without training cells.
    Known(ModelIndex),
    /// A model that was not in training.
    New(&'a NewModel),
}

/// What a method says about one model: one entry a task, in 0..1 of the task's range.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Expected scores. (n_tasks)
    pub mean: Vec<f32>,
    /// Models whose results the forecast stands on, with their share; at most a handful, greatest first.
    pub sources: Vec<(u32, f32)>,
    /// Intervals of nominal coverage 0.90, in the order of the benchmarks: each score is one, of outcomes their means
    /// are. (n_benchmarks); empty where the method has none.
    pub intervals: Vec<(f32, f32)>,
}

/// A trained method.
pub trait Fitted: Send + Sync {
    /// The forecast for a model.
    ///
    /// # Errors
    /// If what is known of the model can't be used.
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast>;

    /// The forecast of a training model by parts that were trained without it, for methods that keep such forecasts.
    ///
    /// # Errors
    /// If what is known of the model can't be used.
    fn out_of_fold(&self, _data: &TrainingData<'_>, _model: ModelIndex) -> Result<Option<Forecast>> {
        Ok(None)
    }

    /// What is open about a model, for methods that know how sure they are of it.
    ///
    /// # Errors
    /// If what is known of the model can't be used.
    fn unknowns(&self, _data: &TrainingData<'_>, _target: Target<'_>) -> Result<Option<Unknowns>> {
        Ok(None)
    }

    /// Why the method has nothing of its own to say on some tasks, by task; a forecast then holds something plainer.
    fn remarks(&self, _data: &TrainingData<'_>, _target: Target<'_>) -> Vec<(usize, String)> {
        Vec::new()
    }

    /// What is to be said of a whole forecast, one sentence each: a date further ahead than the data can teach, for example.
    fn notes(&self, _data: &TrainingData<'_>, _target: Target<'_>) -> Vec<String> {
        Vec::new()
    }

    /// Its parameters, as named tensors, for a saved model.
    fn tensors(&self) -> Vec<Tensor>;
}

/// A named block of parameters of a saved model.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Its name within the method.
    pub name: String,
    /// Its shape; the product is the number of values.
    pub shape: Vec<usize>,
    /// Row-major values.
    pub values: Vec<f32>,
}

/// Whether nothing is known of the target's scores.
fn has_no_results(data: &TrainingData<'_>, target: Target<'_>) -> bool {
    match target {
        Target::Known(model) => data.cells.count_row(model.0 as usize) == 0,
        Target::New(new) => new.scores.is_empty(),
    }
}

/// A tensor of a saved model by its name, of this many values.
fn tensor(tensors: &[Tensor], name: &str, length: usize) -> Result<Vec<f32>> {
    let found = tensors.iter().find(|tensor| tensor.name == name && tensor.values.len() == length);
    let missing = || Error::input(format!("the saved model lacks a fitting tensor \"{name}\""));
    found.map(|tensor| tensor.values.clone()).ok_or_else(missing)
}
