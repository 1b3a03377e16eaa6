//! Model Lineage Averaging (Tamura et al., "Can a Crow Hatch a Falcon?", §3.3, Proposed-1):
//! `ẑ_ui = mean of z_u'i over the lineage neighbours u' of u`.
//!
//! The neighbours are the parents and the children. The paper leaves open what is said of a model without an evaluated
//! neighbour: here it gets each task's mean.

use super::{Fitted, Forecast, Target, Tensor, TrainingData, mean::task_means, relatives};
use crate::error::Result;

/// Model Lineage Averaging.
pub(super) struct Mla {
    fallback: Vec<f32>, // (n_tasks)
}

impl Mla {
    pub(super) fn fit(data: &TrainingData<'_>) -> Self {
        Self { fallback: task_means(data) }
    }
}

impl Fitted for Mla {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        let neighbours = match target {
            Target::Known(model) => data.lineage.neighbours(model.0).collect(),
            Target::New(_) => relatives::parents(data.lineage, target),
        };
        Ok(relatives::mean_of(data, &neighbours, &self.fallback))
    }

    fn tensors(&self) -> Vec<Tensor> {
        Vec::new()
    }
}
