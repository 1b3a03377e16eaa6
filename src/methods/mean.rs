//! The mean of each task over the training cells: the least that a method has to beat.

use super::{Fitted, Forecast, Target, Tensor, TrainingData};
use crate::error::Result;

/// Each task's mean.
pub(super) struct TaskMean {
    means: Vec<f32>, // (n_tasks)
}

impl TaskMean {
    pub(super) fn fit(data: &TrainingData<'_>) -> Self {
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

/// The mean of each task over its training cells; of a task without any, the mean of all cells. (n_tasks)
pub(super) fn task_means(data: &TrainingData<'_>) -> Vec<f32> {
    let mut sums = vec![(0.0f64, 0u32); data.tasks.len()];
    for model in 0..data.models.len() {
        data.cells.for_row(model, |task, value| {
            sums[task].0 += f64::from(value);
            sums[task].1 += 1;
        });
    }
    let total = sums.iter().fold((0.0, 0), |all, task| (all.0 + task.0, all.1 + task.1));
    let mean = |(sum, count): (f64, u32)| (sum / f64::from(count)) as f32;
    sums.into_iter().map(|task| mean(if task.1 > 0 { task } else { total })).collect()
}
