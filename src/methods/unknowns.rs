//! The uncertainty about a model as a linear Gaussian model: its coordinates are normally distributed around the forecast,
//! and the score of a task and the mean of a benchmark are linear in them. This gives the evaluation that is most
//! informative (optimal design: the reduction of the benchmarks' variances, Chaloner and Verdinelli, Bayesian Experimental
//! Design, 1995, §2.2).

use crate::linalg::add_square;
use ndarray::{Array1, Array2, ArrayView1};

/// The uncertainty about one model. Scores are in 0..1 of a task's range.
#[derive(Debug, Clone, PartialEq)]
pub struct Unknowns {
    /// Covariance of the coordinates. (n_coordinates, n_coordinates)
    pub covariance: Array2<f32>,
    /// The derivative of a task's score by each coordinate. (n_tasks, n_coordinates)
    pub tasks: Array2<f32>,
    /// The residual variance of a task's score given the coordinates. (n_tasks)
    pub noise: Vec<f32>,
    /// The derivative of a benchmark's mean by each coordinate. (n_benchmarks, n_coordinates)
    pub benchmarks: Array2<f32>,
}

impl Unknowns {
    /// The variance of each benchmark's mean. (n_benchmarks)
    #[must_use]
    pub fn variances(&self) -> Vec<f32> {
        self.benchmarks.rows().into_iter().map(|row| row.dot(&self.covariance.dot(&row)).max(0.0)).collect()
    }

    /// The reduction of the sum of the benchmarks' variances by an evaluation of a task.
    #[must_use]
    pub fn gain(&self, task: usize) -> f32 {
        let (with, variance) = self.with(self.tasks.row(task));
        if variance + self.noise[task] <= 0.0 {
            return 0.0;
        }
        let squares: f32 = self.benchmarks.dot(&with).iter().map(|covariance| covariance * covariance).sum();
        squares / (variance + self.noise[task])
    }

    /// Conditions on an evaluation of a task.
    pub fn observe(&mut self, task: usize) {
        let (with, variance) = self.with(self.tasks.row(task));
        if variance + self.noise[task] <= 0.0 {
            return;
        }
        add_square(&mut self.covariance, -1.0 / (variance + self.noise[task]), &with);
    }

    /// The covariances of the coordinates with a linear function of them, and its variance.
    fn with(&self, weights: ArrayView1<'_, f32>) -> (Array1<f32>, f32) {
        let with = self.covariance.dot(&weights);
        let variance = weights.dot(&with);
        (with, variance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_task_with_the_greatest_correlations_gains_most_and_nothing_again() {
        // The third task correlates with both others, which are uncorrelated.
        let covariance = array![[1.0, 0.0, 0.6], [0.0, 1.0, 0.6], [0.6, 0.6, 1.0]];
        let (tasks, benchmarks) = (Array2::eye(3), Array2::eye(3));
        let mut unknowns = Unknowns { covariance, tasks, noise: vec![0.0; 3], benchmarks };
        assert!((unknowns.gain(2) - (1.0 + 0.36 + 0.36)).abs() < 1e-6);
        assert!(unknowns.gain(2) > unknowns.gain(0));
        let before: f32 = unknowns.variances().iter().sum();
        let gain = unknowns.gain(2);
        unknowns.observe(2);
        let after = unknowns.variances();
        assert!((before - gain - after.iter().sum::<f32>()).abs() < 1e-6);
        assert!(after[2] < 1e-6 && unknowns.gain(2) < 1e-6, "{after:?}");
    }

    #[test]
    fn a_noisy_evaluation_gains_less() {
        let noisy = |noise: f32| Unknowns {
            covariance: array![[1.0]],
            tasks: array![[1.0]],
            noise: vec![noise],
            benchmarks: array![[1.0]],
        };
        assert!((noisy(1.0).gain(0) - 0.5).abs() < 1e-6 && noisy(0.0).gain(0) > 0.99);
    }
}
