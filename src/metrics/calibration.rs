//! Calibration of predicted probabilities, and coverage and width of prediction intervals.

use super::{comparable, defined, mean, median};

/// Expected calibration error over `bins` equal bins of the predicted probability: `Σ (n_b / n) |mean predicted - mean
/// truth|`, where bin b contains `b/bins <= p < (b+1)/bins` and the last bin also contains 1. The truth is 0 or 1, or a
/// share.
///
/// Undefined for 0 bins, and where a value lies outside 0..1.
#[must_use]
pub fn calibration_error(truth: &[f64], predicted: &[f64], bins: usize) -> Option<f64> {
    let shares = |values: &[f64]| values.iter().all(|value| (0.0..=1.0).contains(value));
    if bins == 0 || !comparable(truth, predicted) || !shares(truth) || !shares(predicted) {
        return None;
    }
    let mut excess = vec![0.0; bins];
    for (truth, predicted) in truth.iter().zip(predicted) {
        excess[((predicted * bins as f64) as usize).min(bins - 1)] += predicted - truth;
    }
    defined(excess.iter().map(|excess| excess.abs()).sum::<f64>() / truth.len() as f64)
}

/// The share of true values that lie within their interval, ends included.
///
/// Undefined where an interval's upper end is below its lower end.
#[must_use]
pub fn interval_coverage(truth: &[f64], lower: &[f64], upper: &[f64]) -> Option<f64> {
    if !comparable(truth, lower) {
        return None;
    }
    widths(lower, upper)?;
    let inside = (0..truth.len()).filter(|&at| (lower[at]..=upper[at]).contains(&truth[at])).count();
    defined(inside as f64 / truth.len() as f64)
}

/// Mean width of the intervals.
///
/// Undefined where an interval's upper end is below its lower end.
#[must_use]
pub fn mean_width(lower: &[f64], upper: &[f64]) -> Option<f64> {
    mean(&widths(lower, upper)?)
}

/// Median width of the intervals; for an even number of intervals, the mean of the middle two.
///
/// Undefined where an interval's upper end is below its lower end.
#[must_use]
pub fn median_width(lower: &[f64], upper: &[f64]) -> Option<f64> {
    median(&widths(lower, upper)?)
}

/// Mean interval score (Winkler) of intervals with nominal coverage `1 - alpha`: the width, plus `2/alpha` times the
/// distance of the true value from the interval. Lower is better. Gneiting and Raftery, 2007, eq. 43.
///
/// Undefined where an interval's upper end is below its lower end, and for an `alpha` that is not between 0 and 1.
#[must_use]
pub fn interval_score(truth: &[f64], lower: &[f64], upper: &[f64], alpha: f64) -> Option<f64> {
    let possible = alpha > 0.0 && alpha < 1.0;
    if !possible || !comparable(truth, lower) {
        return None;
    }
    let mut scores = widths(lower, upper)?;
    for (at, score) in scores.iter_mut().enumerate() {
        let outside = (lower[at] - truth[at]).max(truth[at] - upper[at]).max(0.0);
        *score += 2.0 / alpha * outside;
    }
    mean(&scores)
}

fn widths(lower: &[f64], upper: &[f64]) -> Option<Vec<f64>> {
    let ordered = comparable(lower, upper) && lower.iter().zip(upper).all(|(lower, upper)| lower <= upper);
    ordered.then(|| lower.iter().zip(upper).map(|(lower, upper)| upper - lower).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(found: Option<f64>, expected: f64) {
        assert!(found.is_some_and(|found| (found - expected).abs() < 1e-12), "{found:?} against {expected}");
    }

    // Expected values computed with numpy, one bin at a time.
    #[test]
    fn calibration_error_agrees_with_numpy() {
        let predicted = [
            1.0, 0.2, 0.227, 0.895, 0.872, 0.019, 0.707, 0.001, 0.503, 0.437, 0.203, 0.325, 0.806, 0.316, 0.149, 0.699,
            0.449, 0.799, 0.236, 0.32,
        ];
        let truth = [0, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0].map(f64::from);
        near(calibration_error(&truth, &predicted, 5), 0.158_15);
        assert_eq!(calibration_error(&truth, &predicted, 0), None);
        assert_eq!(calibration_error(&[1.0], &[1.2], 5), None);
        assert_eq!(calibration_error(&[], &[], 5), None);
    }

    // Expected values computed with numpy.
    #[test]
    fn interval_metrics_agree_with_numpy() {
        let truth = [0.5, 0.2, 0.9, 0.4];
        let (lower, upper) = ([0.4, 0.3, 0.5, 0.4], [0.6, 0.5, 0.8, 0.7]);
        near(interval_score(&truth, &lower, &upper, 0.1), 1.25);
        near(interval_coverage(&truth, &lower, &upper), 0.5);
        near(mean_width(&lower, &upper), 0.25);
        near(median_width(&[0.0; 4], &[0.1, 0.2, 0.4, 9.0]), 0.3);
    }

    #[test]
    fn undefined_is_none() {
        assert_eq!(interval_coverage(&[0.5], &[0.6], &[0.4]), None);
        assert_eq!(interval_coverage(&[0.5], &[0.4], &[f64::NAN]), None);
        assert_eq!((mean_width(&[], &[]), median_width(&[1.0], &[])), (None, None));
        assert_eq!(interval_score(&[0.5], &[0.4], &[0.6], 0.0), None);
        assert_eq!(interval_score(&[f64::NAN], &[0.4], &[0.6], 0.1), None);
    }

    proptest! {
        #[test]
        fn a_wider_interval_never_covers_less(
            rows in prop::collection::vec((0.0..1.0f64, 0.0..1.0f64, 0.0..0.5f64), 1..30)
        ) {
            let truth: Vec<f64> = rows.iter().map(|row| row.0).collect();
            let around = |extra: f64| -> (Vec<f64>, Vec<f64>) {
                rows.iter().map(|row| (row.1 - row.2 - extra, row.1 + row.2 + extra)).unzip()
            };
            let ((lower, upper), (lowest, highest)) = (around(0.0), around(0.1));
            prop_assert!(interval_coverage(&truth, &lower, &upper) <= interval_coverage(&truth, &lowest, &highest));
            prop_assert!(interval_score(&truth, &lower, &upper, 0.1) >= mean_width(&lower, &upper));
        }
    }
}
