//! The mean of a model's relatives on each task. A task on which none of them was evaluated gets the task's mean over the
//! training cells. The methods differ only in the relatives that are averaged:
//!
//! | method | relatives |
//! |---|---|
//! | `mean` | none, so that the forecast is each task's mean: the baseline that every method has to beat |
//! | `parents` | the parents, by their weights |
//! | `kin` | parents and siblings, each with weight 1. A sibling shares at least one parent, evaluated or not |
//! | `mla` | parents and children, by the weights of their edges |
//!
//! `mla` is Model Lineage Averaging (Tamura et al., "Can a Crow Hatch a Falcon?", §3.3, Proposed-1):
//! `ẑ_ui = mean of z_u'i over the lineage neighbours u' of u`. The paper does not define the forecast of a model without an
//! evaluated neighbour; here it is each task's mean.

use crate::error::Result;
use crate::methods::data::{Target, TrainingData, task_means};
use crate::methods::fitted::{Fitted, Forecast, Tensor};
use crate::methods::relatives;

/// The relatives that are averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::methods) enum Which {
    NoRelatives,
    Parents,
    ParentsAndSiblings,
    ParentsAndChildren,
}

/// The mean of some of a model's relatives.
pub(in crate::methods) struct RelativesMean {
    which: Which,
    fallback: Vec<f32>, // (n_tasks)
}

impl RelativesMean {
    pub(in crate::methods) fn fit(data: &TrainingData<'_>, which: Which) -> Self {
        Self { which, fallback: task_means(data) }
    }
}

impl Fitted for RelativesMean {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        let relatives = match self.which {
            Which::NoRelatives => Vec::new(),
            Which::Parents => relatives::parents(data.lineage, target),
            Which::ParentsAndSiblings => relatives::parents_and_siblings(data.lineage, target),
            Which::ParentsAndChildren => relatives::neighbours(data.lineage, target),
        };
        Ok(relatives::mean_of(data, &relatives, &self.fallback))
    }

    fn tensors(&self) -> Vec<Tensor> {
        Vec::new()
    }
}
