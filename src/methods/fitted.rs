//! What a trained method answers.

use super::data::{Target, TrainingData};
use super::unknowns::Unknowns;
use crate::error::{Error, Result};
use crate::snapshot::ModelIndex;

/// What a method says about one model: one entry a task, in 0..1 of the task's range.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Expected scores. (n_tasks)
    pub mean: Vec<f32>,
    /// Models whose results the forecast stands on, with their share; at most a handful, greatest first. Of a model that the
    /// method saw results of, it may be one of them.
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
pub(super) fn has_no_results(data: &TrainingData<'_>, target: Target<'_>) -> bool {
    match target {
        Target::Known(model) => data.cells.count_row(model.0 as usize) == 0,
        Target::New(new) => new.scores.is_empty(),
    }
}

/// A tensor of a saved model by its name.
pub(super) fn find<'a>(tensors: &'a [Tensor], name: &str) -> Result<&'a Tensor> {
    tensors.iter().find(|tensor| tensor.name == name).ok_or_else(|| misfit(name))
}

/// The values of a tensor of a saved model by its name, of which there must be so many.
pub(super) fn tensor(tensors: &[Tensor], name: &str, length: usize) -> Result<Vec<f32>> {
    let values = find(tensors, name)?.values.clone();
    if values.len() == length { Ok(values) } else { Err(misfit(name)) }
}

/// A tensor is missing or does not fit the data.
pub(super) fn misfit(name: &str) -> Error {
    Error::input(format!("the saved model lacks a fitting tensor \"{name}\""))
}
