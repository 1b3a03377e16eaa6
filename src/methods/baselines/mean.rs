//! The mean of each task over the training cells: the least that a method has to beat.

use crate::error::Result;
use crate::methods::data::task_means;
use crate::methods::data::{Target, TrainingData};
use crate::methods::fitted::{Fitted, Forecast, Tensor};

/// Each task's mean.
pub(in crate::methods) struct TaskMean {
    means: Vec<f32>, // (n_tasks)
}

impl TaskMean {
    pub(in crate::methods) fn fit(data: &TrainingData<'_>) -> Self {
        Self { means: task_means(data) }
    }
}

impl Fitted for TaskMean {
    fn forecast(&self, _data: &TrainingData<'_>, _target: Target<'_>) -> Result<Forecast> {
        Ok(Forecast { mean: self.means.clone(), sources: Vec::new(), intervals: Vec::new() })
    }

    fn tensors(&self) -> Vec<Tensor> {
        Vec::new()
    }
}
