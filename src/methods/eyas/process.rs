//! Gaussian-process regression from the nearest training models (Vecchia's and nearest-neighbour approximations: Datta et
//! al., Hierarchical Nearest-Neighbor Gaussian Process Models, 2016): a forecast conditions on those training models that
//! correlate most with the target, so that its cost does not grow with the square of the models. Of few models it is exact.

use crate::error::Result;
use crate::linalg::{factorise, keep_greatest};
use ndarray::Array2;

/// A normal distribution of a standardised score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Normal {
    pub(super) mean: f32,
    pub(super) variance: f32,
}

/// Covariances of the rows of a table, by row.
pub(super) trait Covariances {
    /// Among these rows, without noise. (n, n)
    fn among(&self, rows: &[usize]) -> Array2<f32>;
    /// Standard deviation of a row without noise.
    fn deviation(&self, row: usize) -> f32;
    /// Variance of the noise of one score.
    fn noise(&self) -> f32;
}

/// What is asked: the covariances of a target with all rows, and its own variance without noise.
pub(super) struct Query<'a> {
    pub(super) row: &'a [f32],
    pub(super) variance: f32,
    /// Rows that may be used.
    pub(super) allowed: &'a dyn Fn(usize) -> bool,
    /// Rows that are used at most.
    pub(super) most: usize,
}

/// Tasks that the same rows have a score of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pattern {
    pub(super) rows: Vec<u32>,
    pub(super) tasks: Vec<usize>,
}

/// The tasks grouped by the rows that have a score. scores: NaN where there is a gap. (n_rows, n_tasks)
pub(super) fn patterns(scores: &Array2<f32>) -> Vec<Pattern> {
    let mut places = std::collections::BTreeMap::new();
    let mut patterns: Vec<Pattern> = Vec::new();
    for (task, column) in scores.columns().into_iter().enumerate() {
        let rows: Vec<u32> = (0u32..).zip(column).filter(|(_, score)| !score.is_nan()).map(|(row, _)| row).collect();
        let at = *places.entry(rows.clone()).or_insert(patterns.len());
        match patterns.get_mut(at) {
            Some(pattern) => pattern.tasks.push(task),
            None => patterns.push(Pattern { rows, tasks: vec![task] }),
        }
    }
    patterns
}

/// What the rows of a pattern say of a target: their weights, and the variance that is left.
pub(super) struct Weights {
    pub(super) rows: Vec<usize>,
    pub(super) weights: Vec<f32>,
    pub(super) variance: f32,
}

/// The weights of a pattern's rows in the forecast of a target.
///
/// # Errors
/// Of kind `Computation` if the covariances can't be factorised.
pub(super) fn weights(covariances: &dyn Covariances, query: &Query<'_>, rows: &[u32]) -> Result<Weights> {
    let correlation = |row: u32| query.row[row as usize] / covariances.deviation(row as usize);
    let mut nearest: Vec<(u32, f32)> =
        rows.iter().filter(|&&row| (query.allowed)(row as usize)).map(|&row| (row, correlation(row))).collect();
    keep_greatest(&mut nearest, query.most);
    let mut rows: Vec<usize> = nearest.into_iter().map(|(row, _)| row as usize).collect();
    rows.sort_unstable();
    let total = query.variance + covariances.noise();
    if rows.is_empty() {
        return Ok(Weights { rows, weights: Vec::new(), variance: total });
    }
    let mut k = covariances.among(&rows);
    k.diag_mut().mapv_inplace(|variance| variance + covariances.noise());
    let factor = factorise(k)?;
    let with = Array2::from_shape_fn((rows.len(), 1), |(at, _)| query.row[rows[at]]);
    let mut weights = with.clone();
    factor.solve_lower(&mut weights);
    factor.solve_upper(&mut weights);
    let explained: f32 = with.iter().zip(&weights).map(|(with, weight)| with * weight).sum();
    let variance = (total - explained).max(0.5 * covariances.noise());
    Ok(Weights { rows, weights: weights.into_raw_vec_and_offset().0, variance })
}

/// The forecast of a target. scores: (n_rows, n_tasks). (n_tasks)
///
/// # Errors
/// As [`weights`].
pub(super) fn forecast(
    covariances: &dyn Covariances,
    query: &Query<'_>,
    patterns: &[Pattern],
    scores: &Array2<f32>,
) -> Result<Vec<Normal>> {
    let mut normals = vec![Normal { mean: 0.0, variance: 1.0 }; scores.ncols()];
    for pattern in patterns {
        let Weights { rows, weights, variance } = weights(covariances, query, &pattern.rows)?;
        for &task in &pattern.tasks {
            let mean = rows.iter().zip(&weights).map(|(&row, weight)| weight * scores[[row, task]]).sum();
            normals[task] = Normal { mean, variance };
        }
    }
    Ok(normals)
}
