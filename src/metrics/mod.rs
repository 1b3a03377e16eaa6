//! Ranking and error metrics over plain slices.
//!
//! Every metric returns `None` where it is undefined: on empty input, on slices of different lengths that should have
//! the same length, on any NaN, and where the result would not be finite. Each metric states its further undefined
//! cases and its treatment of ties. Inputs are not clipped or reordered, and no value is skipped.

mod calibration;
mod correlation;
mod error;
mod ranking;

pub use calibration::{calibration_error, interval_coverage, interval_score, mean_width, median_width};
pub use correlation::{RankBy, average_ranks, kendall_tau, pearson, spearman, weighted_tau};
pub use error::{mae, mean, median, median_absolute_error, mse, rmse, standard_deviation};
pub use ranking::{
    Ranked, auc_roc, hit_at_k, mae_at_2, mrr, ndcg_at_k, rank_accuracy, rank_among, recall_at_k, reciprocal_rank,
};

use crate::linalg::order;

/// Whether two slices have the same length, are not empty and contain no NaN.
fn comparable(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && known(a) && known(b)
}

/// Whether a slice is not empty and contains no NaN.
fn known(values: &[f64]) -> bool {
    !values.is_empty() && values.iter().all(|value| !value.is_nan())
}

/// The value if it is finite.
fn defined(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// Positions of the values, highest value first; equal values keep the order of their positions.
fn descending(values: &[f64]) -> Vec<usize> {
    order(values.len(), &mut |a, b| values[b].total_cmp(&values[a]))
}
