//! Model Lineage Averaging (Tamura et al., "Can a Crow Hatch a Falcon?", §3.3, Proposed-1):
//! `ẑ_ui = mean of z_u'i over the lineage neighbours u' of u`.
//!
//! The neighbours are the parents and the children. The paper leaves open what is said of a model without an evaluated
//! neighbour: here it gets each task's mean.

use crate::error::Result;
use crate::methods::data::{Target, TrainingData, task_means};
use crate::methods::fitted::{Fitted, Forecast, Tensor};
use crate::methods::relatives;

/// Model Lineage Averaging.
pub(in crate::methods) struct Mla {
    fallback: Vec<f32>, // (n_tasks)
}

impl Mla {
    pub(in crate::methods) fn fit(data: &TrainingData<'_>) -> Self {
        Self { fallback: task_means(data) }
    }
}

impl Fitted for Mla {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        let neighbours = relatives::neighbours(data.lineage, target);
        Ok(relatives::mean_of(data, &neighbours, &self.fallback))
    }

    fn tensors(&self) -> Vec<Tensor> {
        Vec::new()
    }
}
