//! Errors of predicted values, and the statistics that the errors and the result tables need.

use super::{comparable, defined, known};
use crate::linalg::order;

/// Arithmetic mean.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    known(values).then(|| values.iter().sum::<f64>() / values.len() as f64).and_then(defined)
}

/// Median; for an even number of values, the mean of the middle two.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    if !known(values) {
        return None;
    }
    let order = order(values.len(), &mut |a, b| values[a].total_cmp(&values[b]));
    let (half, middle) = (values.len() / 2, |at: usize| values[order[at]]);
    defined(if values.len() % 2 == 1 { middle(half) } else { 0.5 * middle(half - 1) + 0.5 * middle(half) })
}

/// Standard deviation of a sample, `sqrt(Σ(x - mean)² / (n - 1))`. Undefined for fewer than two values.
#[must_use]
pub fn standard_deviation(values: &[f64]) -> Option<f64> {
    let centre = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    defined((squares / (values.len() as f64 - 1.0)).sqrt())
}

/// Mean squared error, `Σ(truth - predicted)² / n`.
#[must_use]
pub fn mse(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    mean_of(truth, predicted, |error| error * error)
}

/// Root mean squared error, in the units of the values.
#[must_use]
pub fn rmse(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    mse(truth, predicted).map(f64::sqrt)
}

/// Mean absolute error, `Σ|truth - predicted| / n`.
#[must_use]
pub fn mae(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    mean_of(truth, predicted, f64::abs)
}

/// Median of `|truth - predicted|`; for an even number of values, the mean of the middle two.
#[must_use]
pub fn median_absolute_error(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    if !comparable(truth, predicted) {
        return None;
    }
    let errors: Vec<f64> = truth.iter().zip(predicted).map(|(truth, predicted)| (truth - predicted).abs()).collect();
    median(&errors)
}

fn mean_of(truth: &[f64], predicted: &[f64], loss: impl Fn(f64) -> f64) -> Option<f64> {
    if !comparable(truth, predicted) {
        return None;
    }
    let sum: f64 = truth.iter().zip(predicted).map(|(truth, predicted)| loss(truth - predicted)).sum();
    defined(sum / truth.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TRUTH: [f64; 12] = [-1.0, -1.5, 0.0, 0.5, 1.0, 0.0, -0.5, -1.0, 0.5, 1.5, 0.5, -1.0];
    const PREDICTED: [f64; 12] = [-2.0, 0.0, 0.0, -1.0, 1.0, -1.0, -1.0, -1.5, 0.0, 2.0, 0.5, -1.5];

    fn near(found: Option<f64>, expected: f64) {
        assert!(found.is_some_and(|found| (found - expected).abs() < 1e-12), "{found:?} against {expected}");
    }

    #[test]
    fn errors_agree_with_scikit_learn() {
        near(mse(&TRUTH, &PREDICTED), 0.645_833_333_333_333_4);
        near(rmse(&TRUTH, &PREDICTED), 0.803_637_563_416_079_6);
        near(mae(&TRUTH, &PREDICTED), 0.625);
        near(median_absolute_error(&TRUTH, &PREDICTED), 0.5);
    }

    #[test]
    fn medians_of_odd_and_even_counts() {
        near(median(&[5.0, 1.0, 3.0]), 3.0);
        near(median(&[10.0, 1.0, 3.0, 4.0]), 3.5);
        near(median_absolute_error(&[1.0, 0.0], &[0.0, 3.0]), 2.0);
        near(standard_deviation(&[1.0, 2.0, 4.0]), (7.0f64 / 3.0).sqrt());
        assert_eq!(standard_deviation(&[1.0]), None);
    }

    #[test]
    fn undefined_is_none() {
        for metric in [mse, rmse, mae, median_absolute_error] {
            assert_eq!(metric(&[], &[]), None);
            assert_eq!(metric(&[1.0], &[1.0, 2.0]), None);
            assert_eq!(metric(&[1.0, f64::NAN], &[1.0, 2.0]), None);
            assert_eq!(metric(&[f64::INFINITY], &[f64::INFINITY]), None);
        }
        assert_eq!((mean(&[]), median(&[f64::NAN])), (None, None));
    }

    proptest! {
        #[test]
        fn the_mean_absolute_error_never_exceeds_the_root_mean_square(
            pairs in prop::collection::vec((-10.0..10.0f64, -10.0..10.0f64), 1..40)
        ) {
            let (truth, predicted): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            prop_assert!(mae(&truth, &predicted).unwrap() <= rmse(&truth, &predicted).unwrap() + 1e-12);
            prop_assert_eq!(mse(&truth, &truth), Some(0.0));
            let mut sorted = truth.clone();
            sorted.sort_by(f64::total_cmp);
            let half = sorted.len() / 2;
            let expected = if sorted.len() % 2 == 1 { sorted[half] } else { (sorted[half - 1] + sorted[half]) / 2.0 };
            prop_assert!((median(&truth).unwrap() - expected).abs() < 1e-12);
        }
    }
}
