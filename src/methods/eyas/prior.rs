//! The Gaussian process over models by their features: the prior covariance of their scores.

use super::features::Features;
use super::models::{Likeness, Models};
use crate::error::Result;
use crate::methods::learners::gaussian_process::{self, Covariances};
use crate::methods::learners::normal::Normal;
use crate::methods::learners::score_table::Table;
use eyas_kernels::covariance::Covariance;
use ndarray::Array2;

/// Models up to which all covariances are kept, and each is forecast from all others exactly.
const DENSE: usize = 1200;

/// The forecast of each training model from all others. (n_training) of (n_outputs)
pub(super) type LeaveOneOut = Vec<Vec<Normal>>;

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
        let rows = |features: &Features| models.likeness(&covariance, features).covariances;
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
        self.likeness(features).covariances
    }

    /// How alike a model is to all training models.
    pub(super) fn likeness(&self, features: &Features) -> Likeness {
        self.models.likeness(&self.covariance, features)
    }

    /// Each model's scores given all other models, exactly: (n) of (n_tasks). Nothing where the models are many.
    ///
    /// # Errors
    /// Of kind `Computation` if the covariances can't be factorised.
    pub(super) fn leave_one_out(&self, table: &Table) -> Result<Option<LeaveOneOut>> {
        let of = |dense| gaussian_process::leave_one_out(dense, self.covariance.noise, table);
        self.dense.as_ref().map(of).transpose()
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

#[cfg(test)]
mod tests {
    use super::super::features::Encoder;
    use super::super::likelihood;
    use super::*;
    use crate::linalg::factorise;
    use crate::methods::data::{TrainingData, VisibleCells};
    use crate::snapshot::Snapshot;

    #[test]
    fn covariances_are_positive_definite_and_the_same_by_rows_and_in_blocks() {
        let snapshot = Snapshot::synthetic_board(60, 3, 1.0, 1);
        let visible = VisibleCells::new(&snapshot, None).unwrap();
        let data = TrainingData::new(&snapshot, &visible, 0);
        let encoder = Encoder::new(&data);
        let prior = Prior::new(Models::new(&data, &encoder), likelihood::start(&encoder));
        let rows: Vec<usize> = (0..60).step_by(3).collect();
        let among = prior.among(&rows);
        let block = prior.models.block(&rows).covariances(&prior.covariance);
        for (at, (one, other)) in among.iter().zip(&block).enumerate() {
            assert!((one - other).abs() < 1e-4, "{at}: {one} {other}");
        }
        for (i, &row) in rows.iter().enumerate() {
            assert!((among[[i, i]].sqrt() - prior.deviation(row)).abs() < 1e-3);
        }
        let mut k = prior.among(&(0..60).collect::<Vec<_>>());
        k.diag_mut().mapv_inplace(|variance| variance + 1e-3);
        assert!(factorise(k).is_ok());
    }
}
