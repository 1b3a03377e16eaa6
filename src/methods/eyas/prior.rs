//! The Gaussian process over models by their features: the prior covariance of their scores.

use super::features::Features;
use super::models::Models;
use super::process::{Covariances, Normal, Pattern, tame};
use crate::error::Result;
use crate::linalg::{factorise, product};
use eyas_kernels::covariance::Covariance;
use ndarray::{Array2, Axis};

/// Models up to which all covariances are kept.
pub(super) const DENSE: usize = 1200;

/// The covariance function with the training models that it is applied to.
#[derive(Debug, Clone)]
pub(super) struct Prior {
    pub(super) models: Models,
    pub(super) covariance: Covariance,
    /// Standard deviation of each training model's score. (n)
    deviations: Vec<f32>,
    /// Of few models: all covariances, without noise. (n, n)
    dense: Option<Array2<f32>>,
}

impl Prior {
    pub(super) fn new(models: Models, covariance: Covariance) -> Self {
        let n = models.len();
        let rows = |features: &Features| models.row(&covariance, features);
        let dense = (n <= DENSE).then(|| {
            let values: Vec<f32> = models.features.iter().flat_map(rows).collect();
            Array2::from_shape_vec((n, n), values).unwrap_or_default()
        });
        let deviations = models.features.iter().map(|features| variance_of(&covariance, features).sqrt()).collect();
        Self { models, covariance, deviations, dense }
    }

    /// Prior variance of a model's scores, without noise.
    pub(super) fn variance(&self, features: &Features) -> f32 {
        variance_of(&self.covariance, features)
    }

    /// Standard deviation of a training model's score, without noise.
    pub(super) fn deviation_of(&self, at: usize) -> f32 {
        self.deviations[at]
    }

    /// Covariances of a model with all training models. (n)
    pub(super) fn row(&self, features: &Features) -> Vec<f32> {
        self.models.row(&self.covariance, features)
    }

    /// Each model's scores of these tasks given all other models, exactly: of those with a score from all others that have one
    /// (Rasmussen and Williams, eq. 5.12). scores: (n, n_tasks); (n) of (pattern.tasks). Nothing without all covariances.
    ///
    /// # Errors
    /// Of kind `Computation` if the covariances can't be factorised.
    pub(super) fn leave_one_out(&self, pattern: &Pattern, scores: &Array2<f32>) -> Result<Vec<Vec<Normal>>> {
        let Some(dense) = &self.dense else { return Ok(Vec::new()) };
        let rows: Vec<usize> = pattern.rows.iter().map(|&row| row as usize).collect();
        let n = self.models.len();
        if rows.is_empty() {
            let unknown = |i: usize| vec![Normal::new(0.0, dense[[i, i]]); pattern.tasks.len()];
            return Ok((0..n).map(unknown).collect());
        }
        let mut k = crate::linalg::pick(dense, &rows, &rows);
        k.diag_mut().mapv_inplace(|variance| variance + self.covariance.noise);
        let factor = factorise(k)?;
        let precision = factor.inverse_diagonal();
        let mut weights =
            Array2::from_shape_fn((rows.len(), pattern.tasks.len()), |(i, k)| scores[[rows[i], pattern.tasks[k]]]);
        tame(&mut weights, &factor, &precision);
        let tamed = weights.clone();
        factor.solve_lower(&mut weights);
        factor.solve_upper(&mut weights);
        let with = dense.select(Axis(1), &rows); // (n, rows)
        let means = product(with.view(), weights.view());
        let mut whitened = with.t().as_standard_layout().into_owned();
        factor.solve_lower(&mut whitened);
        let mut places = vec![usize::MAX; n];
        rows.iter().enumerate().for_each(|(at, &row)| places[row] = at);
        let normals = |i: usize| -> Vec<Normal> {
            let explained: f32 = whitened.column(i).iter().map(|v| v * v).sum();
            let outside = (dense[[i, i]] + self.covariance.noise - explained).max(0.5 * self.covariance.noise);
            let normal = |k: usize| match places[i] {
                usize::MAX => Normal::new(means[[i, k]], outside),
                at => Normal::new(tamed[[at, k]] - weights[[at, k]] / precision[at], 1.0 / precision[at]),
            };
            (0..pattern.tasks.len()).map(normal).collect()
        };
        Ok((0..n).map(normals).collect())
    }
}

fn variance_of(covariance: &Covariance, features: &Features) -> f32 {
    let Features { numbers, categories, names, ancestors, .. } = features;
    covariance.variance(numbers, categories, !names.is_empty(), !ancestors.is_empty())
}

impl Covariances for Prior {
    fn among(&self, rows: &[usize]) -> Array2<f32> {
        match &self.dense {
            Some(dense) => crate::linalg::pick(dense, rows, rows),
            None => {
                let values = self.models.block(rows).covariances(&self.covariance);
                Array2::from_shape_vec((rows.len(), rows.len()), values).unwrap_or_default()
            }
        }
    }

    fn deviation(&self, row: usize) -> f32 {
        self.deviations[row]
    }

    fn noise(&self) -> f32 {
        self.covariance.noise
    }
}
