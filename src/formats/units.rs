//! The range of a task's scores: as it is declared, as the name of its metric tells, or else as the values suggest, all
//! of them together. Values that look like another unit than the others of their task are doubted.

use crate::linalg::print_number;
use crate::snapshot::{Declared, Range, ends, looks_like_fraction};

/// The range of a task and the reason for it. `None` means open-ended.
pub(super) struct Decision {
    pub(super) range: Option<Range>,
    pub(super) why: String,
}

/// A column with at least this many values may be a fraction with some errors.
const FEW: usize = 10;
/// The share of such a column's values within 0..1 that makes the column a fraction and the other values errors.
const NEARLY_ALL: f64 = 0.9;
/// Up to this maximum, values above 1 may be grades as well as percentages.
const GRADES: f32 = 10.0;

/// Whether the values of a task are percentages beyond doubt, so that other tasks of the file are percentages too.
pub(super) fn surely_percent(values: &[f32]) -> bool {
    let within = |value: &f32| Range::PERCENT.contains(*value);
    let large = values.iter().filter(|value| **value > GRADES).count();
    values.iter().all(within) && 2 * large >= values.len() && large > 0
}

/// Decides by the values; `percent_file`: other tasks of the file are percentages.
pub(super) fn by_values(values: &[f32], percent_file: bool) -> Decision {
    let (low, high) = ends(values.iter().copied());
    let spread = format!("from {} to {}", print_number(low), print_number(high));
    let count = |is: &dyn Fn(f32) -> bool| values.iter().filter(|value| is(**value)).count();
    let fractions = count(&|value| Range::FRACTION.contains(value));
    let nearly_all = values.len() >= FEW && fractions as f64 >= NEARLY_ALL * values.len() as f64;
    let decide = |range, why: String| Decision { range, why };
    if fractions == values.len() || nearly_all || !stray_percentages(values).is_empty() {
        let doubt = if percent_file { "; the file's other scores are percentages" } else { "" };
        return decide(Some(Range::FRACTION), format!("values {spread}{doubt}"));
    }
    if low < 0.0 {
        return decide(None, format!("values {spread}, some below 0; no range is stated"));
    }
    if 2 * count(&|value| value > Range::PERCENT.high) > values.len() {
        return decide(None, format!("values {spread}; no range is stated"));
    }
    if high <= GRADES && !percent_file {
        return decide(None, format!("values {spread}, which may be grades; no range is stated"));
    }
    let as_others = if high <= GRADES { " as the file's others" } else { "" };
    decide(Some(Range::PERCENT), format!("values {spread}{as_others}"))
}

/// Whether some values lie above a range, and none so far that it is an error.
pub(super) fn exceeds(range: Option<Range>, values: &[f32]) -> bool {
    const FAR: f32 = 10.0;
    let high = ends(values.iter().copied()).1;
    range.is_some_and(|range| range.high < high && high <= FAR * range.high)
}

/// The positions of the few values above 1 among many fractions that are percentages by mistake: 50.1 beside 0.605, 0.703 and
/// 0.712. The fractions have more decimals than the percentages.
pub(super) fn stray_percentages(values: &[f32]) -> Vec<usize> {
    let above = |value: f32| value > Range::FRACTION.high;
    let strays: Vec<usize> = (0..values.len()).filter(|&at| above(values[at])).collect();
    let fractions: Vec<f32> = values.iter().copied().filter(|value| *value > 0.0 && !above(*value)).collect();
    let most = strays.iter().map(|&at| decimals(values[at])).max().unwrap_or(0).max(1);
    let finer = fractions.iter().filter(|value| decimals(**value) > most).count();
    let (low, high) = ends(fractions.iter().copied());
    let width = (high - low).max(0.2);
    let among = |&at: &usize| (low - width..=high + width).contains(&in_fraction(values[at])) && values[at] <= 100.0;
    let few = values.len() < FEW && 2 * strays.len() < fractions.len() && 3 * finer >= 2 * fractions.len();
    if few && strays.iter().all(among) { strays } else { Vec::new() }
}

/// A percentage as a fraction.
pub(super) fn in_fraction(percent: f32) -> f32 {
    ((f64::from(percent) * 1e5).round() / 1e7) as f32
}

/// A fraction in percent, as its decimals are written: 60.1 for 0.601, without the error of single precision.
pub(super) fn in_percent(fraction: f32) -> f32 {
    ((f64::from(fraction) * 1e7).round() / 1e5) as f32
}

/// The positions of values of at most 1 among percentages that look like fractions. Where the percentages are rounded, a
/// fraction has more decimals than they have: 0.801 beside 65.1, while 0.8 is as likely a small percentage.
pub(super) fn doubtful(values: &[f32]) -> Vec<usize> {
    let is_doubtful = looks_like_fraction(values);
    let percentages = values.iter().filter(|value| **value > Range::FRACTION.high);
    let rounded = percentages.map(|value| decimals(*value)).max().filter(|most| *most <= ROUNDED);
    let finer = |value: f32| rounded.is_none_or(|most| decimals(value) > most);
    (0..values.len()).filter(|&at| values[at] > 0.0 && is_doubtful(values[at]) && finer(values[at])).collect()
}

/// Percentages with more decimals than this are not rounded.
const ROUNDED: u32 = 2;

/// The number of decimals of a value, up to 4.
fn decimals(value: f32) -> u32 {
    let is_whole = |places: &u32| {
        let shifted = f64::from(value) * f64::from(10u32.pow(*places));
        // The error of single precision.
        (shifted - shifted.round()).abs() < (shifted.abs() * 2e-7).max(1e-4)
    };
    (0..4).find(is_whole).unwrap_or(4)
}

/// The range that is declared, with the reason, or else the one that the name of the metric tells.
pub(super) fn stated((declared, reason): (Declared, &str), by_name: Declared) -> Option<Decision> {
    let decide = |declared: Declared, why: &str| match declared {
        Declared::Nothing => None,
        Declared::Open => Some(Decision { range: None, why: why.to_owned() }),
        Declared::Range(range) => Some(Decision { range: Some(range), why: why.to_owned() }),
    };
    decide(declared, reason).or_else(|| decide(by_name, "by the name of the metric"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(values: &[f32]) -> Option<Range> {
        by_values(values, false).range
    }

    #[test]
    fn the_values_decide_together() {
        assert_eq!(range(&[0.0, 0.5, 1.0]), Some(Range::FRACTION));
        assert_eq!(range(&[0.5, 1.5, 99.0]), Some(Range::PERCENT));
        assert_eq!(range(&[1200.0, 1100.0, 40.0]), None);
        assert_eq!(range(&[40.0, 50.0, 430.0]), Some(Range::PERCENT), "one stray value makes no rating");
        assert_eq!(range(&[-0.1, 0.5]), None);
        assert_eq!(range(&[-3.0, 30.0]), None);
        assert_eq!(range(&[8.1, 7.5]), None, "grades");
        assert_eq!(by_values(&[8.1, 7.5], true).range, Some(Range::PERCENT), "as the file's others");
    }

    #[test]
    fn fractions_become_percentages_as_they_are_written() {
        assert_eq!([0.601, 0.6, 0.07, 1.0, 0.123_456].map(in_percent), [60.1, 60.0, 7.0, 100.0, 12.3456]);
    }

    #[test]
    fn a_percentage_among_fractions_is_doubted_and_not_they() {
        let values = [50.1, 0.605, 0.703, 0.712, 0.652, 0.556];
        assert_eq!((stray_percentages(&values), range(&values)), (vec![0], Some(Range::FRACTION)));
        for percentages in [
            &[12.5, 0.5, 0.9, 0.7, 0.25][..],
            &[50.1, 70.3, 0.605],
            &[0.605, 0.703, 0.7],
            &[430.0, 0.605, 0.712, 0.703],
        ] {
            assert_eq!(stray_percentages(percentages), [0usize; 0], "{percentages:?}");
        }
    }

    #[test]
    fn a_rate_may_exceed_the_whole_but_not_by_far() {
        assert!(exceeds(Some(Range::PERCENT), &[5.0, 120.5]) && exceeds(Some(Range::FRACTION), &[0.5, 1.1]));
        assert!(!exceeds(Some(Range::PERCENT), &[5.0, 99.0]) && !exceeds(Some(Range::FRACTION), &[0.5, 71.0]));
        assert!(!exceeds(None, &[5.0]));
    }

    #[test]
    fn one_percentage_among_fractions_is_an_error_and_not_a_unit() {
        let mut values = vec![0.5f32; 9];
        values.push(71.0);
        assert_eq!(range(&values), Some(Range::FRACTION));
        values.remove(0);
        assert_eq!(range(&values), Some(Range::PERCENT), "too few values");
    }

    #[test]
    fn a_fraction_among_percentages_is_doubted_only_where_it_stands_apart() {
        assert_eq!(doubtful(&[0.801, 65.1, 45.1]), [0]);
        assert_eq!(doubtful(&[70.9, 0.559, 35.9]), [1]);
        assert_eq!(doubtful(&[0.8, 1.2, 2.5, 30.0, 80.0]), [0usize; 0], "true percentages below 1");
        assert_eq!(doubtful(&[0.0, 45.0, 60.0]), [0usize; 0], "100 times 0 is no such score");
        assert_eq!(doubtful(&[0.5, 0.6]), [0usize; 0]);
        assert_eq!(
            doubtful(&[0.0, 0.1, 0.4, 6.1, 10.1, 14.6, 16.6, 20.1, 28.8]),
            [0usize; 0],
            "as rounded as the others"
        );
        assert_eq!(doubtful(&[0.512_345, 65.123_45, 45.123_45]), [0], "none is rounded");
        assert_eq!([12.0, 0.5, 0.25, 65.1, 0.801, 65.123_45].map(decimals), [0, 1, 2, 1, 3, 4]);
    }
}
