//! What is open about a model's scores, jointly: the residuals of its tasks go together by a few factors, and each task has
//! a part of its own.

use super::forecasting::Outlook;
use super::seen::Seen;
use super::{Eyas, Factors};
use crate::error::Result;
use crate::methods::data::TrainingData;
use crate::methods::fitted::HALF_WIDTH;
use crate::methods::unknowns::Unknowns;
use ndarray::{Array2, s};

/// Tasks up to which each has a coordinate for its own part; beyond them that part counts as noise of an evaluation.
const OWN_PARTS: usize = 400;

impl Eyas {
    /// Standard deviations that the intervals stand for, standardised. (n_outputs)
    pub(super) fn deviations(&self, outlook: &Outlook) -> Vec<f32> {
        outlook.halves.iter().map(|half| half / HALF_WIDTH).collect()
    }

    /// What is open about the scores of a model, given those that are known.
    pub(super) fn open_scores(&self, data: &TrainingData<'_>, seen: &Seen) -> Result<Unknowns> {
        let forecast = self.forecast_of_scores(data, seen, None)?;
        let Factors { loadings, errors } = &self.residuals;
        let (n, factors) = loadings.dim();
        let entries: Vec<(u32, f32)> = seen.known.iter().map(|&(task, _)| (task as u32, 0.0)).collect();
        let (_, common) = self.residuals.given(&entries)?;
        let mut own = errors.clone();
        seen.known.iter().for_each(|&(task, _)| own[task] = 0.0);
        // In units in which each task is as wide as its interval.
        let size = |task: usize| {
            let row = loadings.row(task);
            let deviation = (row.dot(&common.dot(&row)) + own[task]).max(0.0).sqrt();
            let (low, high) = forecast.intervals[task];
            if deviation > 0.0 { (high - low) / (2.0 * HALF_WIDTH * deviation) } else { 0.0 }
        };
        let sizes: Vec<f32> = (0..n).map(size).collect();
        let parts = if n <= OWN_PARTS { n } else { 0 };
        let mut covariance = Array2::zeros((factors + parts, factors + parts));
        covariance.slice_mut(s![..factors, ..factors]).assign(&common);
        (0..parts).for_each(|task| covariance[[factors + task, factors + task]] = own[task]);
        let mut tasks = Array2::zeros((n, factors + parts));
        for task in 0..n {
            (0..factors).for_each(|k| tasks[[task, k]] = loadings[[task, k]] * sizes[task]);
            if parts > 0 {
                tasks[[task, factors + task]] = sizes[task];
            }
        }
        let noise = |task: usize| if parts > 0 { 0.0 } else { own[task] * sizes[task] * sizes[task] };
        Ok(Unknowns { covariance, benchmarks: tasks.clone(), tasks, noise: (0..n).map(noise).collect() })
    }
}
