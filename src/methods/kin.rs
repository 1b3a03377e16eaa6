//! The mean of a model's parents and siblings, evaluated ones each counting once. A sibling shares at least one parent,
//! evaluated or not. A task that none of them was evaluated on gets the task's mean.

use super::{Fitted, Forecast, Target, Tensor, TrainingData, mean::task_means, relatives};
use crate::error::Result;
use std::collections::BTreeSet;

/// Mean of parents and siblings.
pub(super) struct Kin {
    fallback: Vec<f32>, // (n_tasks)
}

impl Kin {
    pub(super) fn fit(data: &TrainingData<'_>) -> Self {
        Self { fallback: task_means(data) }
    }
}

impl Fitted for Kin {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        let parents: BTreeSet<u32> = relatives::parents(data.lineage, target).into_iter().map(|p| p.0).collect();
        let siblings = parents.iter().flat_map(|&parent| data.lineage.children(parent).map(|edge| edge.child));
        let mut kin: BTreeSet<u32> = parents.iter().copied().chain(siblings).collect();
        if let Target::Known(model) = target {
            kin.remove(&model.0);
        }
        let kin: Vec<_> = kin.into_iter().map(|node| (node, 1.0)).collect();
        Ok(relatives::mean_of(data, &kin, &self.fallback))
    }

    fn tensors(&self) -> Vec<Tensor> {
        Vec::new()
    }
}
