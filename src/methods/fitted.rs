//! The interface of a trained method.

use super::data::{Target, TrainingData};
use super::unknowns::Unknowns;
use crate::error::{Error, Result};
use crate::snapshot::{ModelIndex, Task};

/// A method's forecast of one model: one entry per task, in 0..1 of the task's range.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Expected scores. (n_tasks)
    pub mean: Vec<f32>,
    /// Models whose results the forecast is based on, with their shares, greatest first, at most a handful. If the method
    /// was trained on results of the model itself, the model may be among them.
    pub sources: Vec<(u32, f32)>,
    /// Intervals of nominal coverage 0.90, one per benchmark. (n_benchmarks) Each task of a score matrix is a benchmark; for
    /// outcomes the benchmarks are means over their items. Empty where the method has no intervals.
    pub intervals: Vec<(f32, f32)>,
}

/// Half the width of a 90 % interval of a normal distribution, in standard deviations.
pub(crate) const HALF_WIDTH: f32 = 1.645;

/// A task for which models are ranked.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// A task of the training data.
    Known(usize),
    /// A task of which there are no results: its description, type, metric and embedding count, as far as they are given.
    Described(&'a Task),
}

/// How well a model suits a task. Scores are comparable among models of one task alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// What its size and family say, whatever the task.
    pub prior: f32,
    /// What the task adds to it.
    pub residual: f32,
    /// Half the width of a 90 % interval of the score.
    pub half: f32,
}

impl Match {
    /// The score by which models are ranked; more is better.
    #[must_use]
    pub fn score(&self) -> f32 {
        self.prior + self.residual
    }
}

/// A trained method.
pub trait Fitted: Send + Sync {
    /// The forecast for a model.
    ///
    /// # Errors
    /// If the facts or scores of the model can't be used.
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast>;

    /// The forecast for a model of at least these tasks; what it says of others has no meaning. Of some methods a few of many
    /// tasks cost less than all.
    ///
    /// # Errors
    /// As [`Self::forecast`].
    fn forecast_tasks(&self, data: &TrainingData<'_>, target: Target<'_>, _tasks: &[usize]) -> Result<Forecast> {
        self.forecast(data, target)
    }

    /// The out-of-fold forecast of a training model, by parts that were trained without it; `None` if the method keeps none.
    ///
    /// # Errors
    /// If the facts or scores of the model can't be used.
    fn out_of_fold(&self, _data: &TrainingData<'_>, _model: ModelIndex) -> Result<Option<Forecast>> {
        Ok(None)
    }

    /// The joint uncertainty about a model's scores; `None` if the method does not model it.
    ///
    /// # Errors
    /// If the facts or scores of the model can't be used.
    fn unknowns(&self, _data: &TrainingData<'_>, _target: Target<'_>) -> Result<Option<Unknowns>> {
        Ok(None)
    }

    /// How well each of these training models suits a task; `None` if the method does not rank models for a task.
    ///
    /// # Errors
    /// If the task can't be used.
    fn matches(&self, _data: &TrainingData<'_>, _task: Asked<'_>, _models: &[u32]) -> Result<Option<Vec<Match>>> {
        Ok(None)
    }

    /// Reasons why the method fell back to a simpler forecast, with the tasks that they concern.
    fn remarks(&self, _data: &TrainingData<'_>, _target: Target<'_>) -> Vec<(usize, String)> {
        Vec::new()
    }

    /// Sentences about the whole forecast, for example that its date is beyond the dates of the training data.
    fn notes(&self, _data: &TrainingData<'_>, _target: Target<'_>) -> Vec<String> {
        Vec::new()
    }

    /// The parameters as named tensors, for a saved model.
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

/// Whether no score of the target is known.
pub(super) fn has_no_results(data: &TrainingData<'_>, target: Target<'_>) -> bool {
    match target {
        Target::Known(model) => data.cells.count_row(model.0 as usize) == 0,
        Target::New(new) => new.scores.is_empty(),
    }
}

/// Finds a tensor of a saved model by its name.
pub(super) fn find<'a>(tensors: &'a [Tensor], name: &str) -> Result<&'a Tensor> {
    tensors.iter().find(|tensor| tensor.name == name).ok_or_else(|| misfit(name))
}

/// The values of a tensor of a saved model, found by its name; their number must be `length`.
pub(super) fn tensor(tensors: &[Tensor], name: &str, length: usize) -> Result<Vec<f32>> {
    let values = find(tensors, name)?.values.clone();
    if values.len() == length { Ok(values) } else { Err(misfit(name)) }
}

/// The error for a tensor that is missing or does not fit the data.
pub(super) fn misfit(name: &str) -> Error {
    Error::input(format!("the saved model lacks a fitting tensor \"{name}\""))
}
