//! A Gaussian process over models: each task's scores are normal with the prior covariance of [`super::covariance`], so
//! that a forecast is a weighted mean of measured scores, by likeness.
//!
//! The training models are in the order of their dates. With `K = L Lᵀ` and `w = L⁻¹ y`, what the first k models say
//! about model i is `L[i, ..k] · w[..k]` for any k ≤ i, so that one factorisation gives the forecast of each model from
//! those that were there before it, at any horizon; and `y_i - α_i / (K⁻¹)_ii` its forecast from all others
//! (Rasmussen and Williams, Gaussian Processes for Machine Learning, eq. 2.25, 5.12).

use super::covariance::{Covariance, Likeness};
use crate::error::Result;
use crate::linalg::{Cholesky, clamp, factorise};
use ndarray::{Array2, Axis, s};

/// Residuals beyond so many standard deviations count as that many: some evaluations failed without saying so.
pub(super) const OUTLIER: f32 = 2.0;
/// Rounds in which outliers are found.
const ROUNDS: usize = 3;

/// A trained process.
#[derive(Debug, Clone)]
pub(super) struct Process {
    pub(super) covariance: Covariance,
    /// Weights of the training models. (n_training, n_tasks)
    pub(super) weights: Array2<f32>,
    /// Of each training model given all others, 1 / variance. (n_training)
    pub(super) precision: Vec<f32>,
}

/// What a process says of its own training models.
pub(super) struct Rehearsals {
    /// From all others before outliers were found. An outlier is told by what its neighbours have, so that the neighbours'
    /// errors would look smaller than those of models that had no say in it. (n_training, n_tasks)
    pub(super) untamed: Array2<f32>,
    /// From all others, then by horizon.
    pub(super) horizons: Vec<Rehearsal>,
}

/// What a process says of its own training models from some of them.
pub(super) struct Rehearsal {
    /// Means by model and task. (n_training, n_tasks)
    pub(super) mean: Array2<f32>,
    /// How near the nearest model is that the means stand on, and the fifth nearest: correlations. (n_training)
    pub(super) nearness: Vec<[f32; 2]>,
}

impl Process {
    /// Fits standardised scores, (n_training, n_tasks), of models in the order of their dates. The first rehearsal
    /// forecasts each model from all others, the further ones from the first `horizons[..][i]` models.
    pub(super) fn fit(
        covariance: Covariance,
        likeness: &Likeness,
        scores: &Array2<f32>,
        horizons: &[&[usize]],
    ) -> Result<(Self, Rehearsals)> {
        let n = likeness.portraits().len();
        let mut k = matrix(&covariance, likeness);
        let mut nearness = vec![(0..n).map(|i| near(&k, i, 0..n)).collect::<Vec<_>>()];
        nearness.extend(horizons.iter().map(|ends| (0..n).map(|i| near(&k, i, 0..ends[i])).collect()));
        k.diag_mut().mapv_inplace(|variance| variance + covariance.noise);
        let factor = factorise(k)?;
        let precision = factor.inverse_diagonal(); // of each model given all others
        let mut tame = scores.clone();
        let (mut whitened, mut weights) = solve(&factor, &tame);
        let untamed = given_others(&tame, &weights, &precision);
        for _ in 0..ROUNDS {
            for (i, &precision) in precision.iter().enumerate() {
                let most = OUTLIER / precision.sqrt();
                for task in 0..tame.ncols() {
                    let others = tame[[i, task]] - weights[[i, task]] / precision;
                    tame[[i, task]] = others + clamp(scores[[i, task]] - others, -most, most);
                }
            }
            (whitened, weights) = solve(&factor, &tame);
        }
        let all_others = given_others(&tame, &weights, &precision);
        let lower = factor.lower();
        let before = |ends: &&[usize]| {
            let mut mean = Array2::zeros(scores.dim());
            for (i, &end) in ends.iter().enumerate() {
                mean.row_mut(i).assign(&lower.slice(s![i, ..end]).dot(&whitened.slice(s![..end, ..])));
            }
            mean
        };
        let means = std::iter::once(all_others).chain(horizons.iter().map(before));
        let rehearsals = means.zip(nearness).map(|(mean, nearness)| Rehearsal { mean, nearness }).collect();
        Ok((Self { covariance, weights, precision }, Rehearsals { untamed, horizons: rehearsals }))
    }

    /// The mean of a model with these covariances with the training models; of the training model `itself` by all
    /// others. (n_tasks)
    pub(super) fn mean(&self, row: &[f32], itself: Option<usize>) -> Vec<f32> {
        let mut mean = vec![0.0; self.weights.ncols()];
        for (&covariance, weights) in row.iter().zip(self.weights.axis_iter(Axis(0))) {
            mean.iter_mut().zip(weights).for_each(|(mean, weight)| *mean += covariance * weight);
        }
        if let Some(at) = itself {
            let own = self.covariance.noise - 1.0 / self.precision[at];
            mean.iter_mut().zip(self.weights.row(at)).for_each(|(mean, weight)| *mean += own * weight);
        }
        mean
    }
}

/// Each model's scores given all others: `y_i - α_i / (K⁻¹)_ii`. (n_training, n_tasks)
fn given_others(scores: &Array2<f32>, weights: &Array2<f32>, precision: &[f32]) -> Array2<f32> {
    let mut given = scores.clone();
    for (i, precision) in precision.iter().enumerate() {
        given.row_mut(i).scaled_add(-1.0 / precision, &weights.row(i));
    }
    given
}

/// Covariances among the training models. (n, n)
fn matrix(covariance: &Covariance, likeness: &Likeness) -> Array2<f32> {
    let n = likeness.portraits().len();
    let mut values = vec![0.0; n * n];
    let fill = |(row, portrait): (&mut [f32], _)| row.copy_from_slice(&likeness.row(covariance, portrait));
    #[cfg(not(target_arch = "wasm32"))]
    {
        use rayon::prelude::*;
        values.par_chunks_mut(n.max(1)).zip(likeness.portraits()).for_each(fill);
    }
    #[cfg(target_arch = "wasm32")]
    values.chunks_mut(n.max(1)).zip(likeness.portraits()).for_each(fill);
    Array2::from_shape_vec((n, n), values).unwrap_or_default()
}

/// `L⁻¹ y` and `K⁻¹ y`.
fn solve(factor: &Cholesky, scores: &Array2<f32>) -> (Array2<f32>, Array2<f32>) {
    let mut whitened = scores.clone();
    factor.solve_lower(&mut whitened);
    let mut weights = whitened.clone();
    factor.solve_upper(&mut weights);
    (whitened, weights)
}

/// How near the nearest and the fifth nearest of some models are to model i, as correlations.
fn near(k: &Array2<f32>, i: usize, among: std::ops::Range<usize>) -> [f32; 2] {
    let row = k.row(i);
    let others = among.filter(|&j| j != i).map(|j| row[j] / row[i]);
    nearness(others)
}

/// How far two models are apart: the share of the one's variance that the other leaves open.
pub(super) fn distance(correlation: f32) -> f32 {
    1.0 - correlation * correlation
}

/// The greatest and the fifth greatest of some correlations, 0 where there are not so many.
pub(super) fn nearness(correlations: impl Iterator<Item = f32>) -> [f32; 2] {
    let mut best = [0.0f32; 5];
    for correlation in correlations {
        if correlation > best[4] {
            let at = best.iter().position(|&other| correlation > other).unwrap_or(4);
            best[at..].rotate_right(1);
            best[at] = correlation;
        }
    }
    [best[0], best[4]]
}
