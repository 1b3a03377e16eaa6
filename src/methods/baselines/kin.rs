//! The mean of a model's parents and siblings, evaluated ones each counting once. A sibling shares at least one parent,
//! evaluated or not. A task that none of them was evaluated on gets the task's mean.

use crate::error::Result;
use crate::methods::data::{Target, TrainingData, task_means};
use crate::methods::fitted::{Fitted, Forecast, Tensor};
use crate::methods::relatives;

/// Mean of parents and siblings.
pub(in crate::methods) struct Kin {
    fallback: Vec<f32>, // (n_tasks)
}

impl Kin {
    pub(in crate::methods) fn fit(data: &TrainingData<'_>) -> Self {
        Self { fallback: task_means(data) }
    }
}

impl Fitted for Kin {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        let kin = relatives::parents_and_siblings(data.lineage, target);
        Ok(relatives::mean_of(data, &kin, &self.fallback))
    }

    fn tensors(&self) -> Vec<Tensor> {
        Vec::new()
    }
}
