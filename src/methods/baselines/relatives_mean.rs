//! The mean of a model's relatives on each task; a task that none of them was evaluated on gets the task's mean over the
//! training cells. The methods differ only in who counts:
//!
//! | method | who counts |
//! |---|---|
//! | `mean` | nobody, so that every task gets its mean: the least that a method has to beat |
//! | `parents` | the parents, by their weights |
//! | `kin` | parents and siblings, each once. A sibling shares at least one parent, evaluated or not |
//! | `mla` | parents and children, by the weights of their edges |
//!
//! `mla` is Model Lineage Averaging (Tamura et al., "Can a Crow Hatch a Falcon?", §3.3, Proposed-1):
//! `ẑ_ui = mean of z_u'i over the lineage neighbours u' of u`. The paper leaves open what is forecast of a model without an
//! evaluated neighbour; here that is each task's mean.

use crate::error::Result;
use crate::methods::data::{Target, TrainingData, task_means};
use crate::methods::fitted::{Fitted, Forecast, Tensor};
use crate::methods::relatives;

/// Who counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::methods) enum Which {
    Nobody,
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
            Which::Nobody => Vec::new(),
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
