//! The mean of a model's parents; a task that none of them was evaluated on gets the task's mean.

use crate::error::Result;
use crate::methods::data::{Target, TrainingData, task_means};
use crate::methods::fitted::{Fitted, Forecast, Tensor};
use crate::methods::relatives;

/// Mean of the parents.
pub(in crate::methods) struct Parents {
    fallback: Vec<f32>, // (n_tasks)
}

impl Parents {
    pub(in crate::methods) fn fit(data: &TrainingData<'_>) -> Self {
        Self { fallback: task_means(data) }
    }
}

impl Fitted for Parents {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        Ok(relatives::mean_of(data, &relatives::parents(data.lineage, target), &self.fallback))
    }

    fn tensors(&self) -> Vec<Tensor> {
        Vec::new()
    }
}
