//! The mean of a model's parents; a task that none of them was evaluated on gets the task's mean.

use super::{Fitted, Forecast, Target, Tensor, TrainingData, mean::task_means, relatives};
use crate::error::Result;

/// Mean of the parents.
pub(super) struct Parents {
    fallback: Vec<f32>, // (n_tasks)
}

impl Parents {
    pub(super) fn fit(data: &TrainingData<'_>) -> Self {
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
