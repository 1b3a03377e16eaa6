//! The range of a column of scores, and checks of values against it.

use super::Range;
use crate::error::{Error, Result};
use crate::linalg::print_number;

/// The range of a task's scores as its source declares it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Declared {
    /// The source declares nothing; the values decide.
    #[default]
    Nothing,
    /// Scores have no bounds (a rating, a price).
    Open,
    /// Scores lie in this range.
    Range(Range),
}

impl From<Option<Range>> for Declared {
    /// The range of a finished [`super::Task`], for which `None` means open-ended.
    fn from(range: Option<Range>) -> Self {
        range.map_or(Self::Open, Self::Range)
    }
}

/// A column with at least this many values may be a fraction with some errors.
const FEW: usize = 10;
/// The share of such a column's values within 0..1 that makes the column a fraction and the other values errors.
const NEARLY_ALL: f64 = 0.9;

/// The range of a column as declared, else as its values suggest. `None` means open-ended.
///
/// A column without a declared range is a fraction if all its values lie in 0..1, or nine in ten of at least ten
/// values. It is open-ended if most values exceed 100, and percent otherwise.
#[must_use]
pub fn decide_range(declared: Declared, values: impl IntoIterator<Item = f32>) -> Option<Range> {
    match declared {
        Declared::Open => return None,
        Declared::Range(range) => return Some(range),
        Declared::Nothing => {}
    }
    let (mut count, mut fractions, mut large) = (0usize, 0usize, 0usize);
    for value in values {
        count += 1;
        fractions += usize::from(Range::FRACTION.contains(value));
        large += usize::from(value > Range::PERCENT.high);
    }
    let nearly_all = count >= FEW && fractions as f64 >= NEARLY_ALL * count as f64;
    if fractions == count || nearly_all {
        Some(Range::FRACTION)
    } else if 2 * large > count {
        None
    } else {
        Some(Range::PERCENT)
    }
}

/// The most characters of an id. A longer text is not a name but is in the wrong place.
const LONGEST_ID: usize = 200;

/// Checks the length of a model's id; the caller adds the place.
///
/// # Errors
/// If the id has more than 200 characters.
pub fn check_id(id: &str) -> Result<()> {
    let count = id.chars().count();
    if count <= LONGEST_ID {
        return Ok(());
    }
    let start: String = id.chars().take(20).collect();
    Err(Error::input(format!("the id \"{start}…\" has {count} characters; at most {LONGEST_ID} are read")))
}

/// Checks a value against its column's range; the caller adds the place.
///
/// # Errors
/// If the value is not finite or lies outside the range. `None` means open-ended.
pub fn check_value(range: Option<Range>, value: f32) -> Result<()> {
    match range {
        _ if !value.is_finite() => {
            Err(Error::input(format!("expected a finite number, found {}", print_number(value))))
        }
        Some(range) if !range.contains(value) => {
            let [low, high, found] = [range.low, range.high, value].map(print_number);
            Err(Error::input(format!("expected {low} to {high}, found {found}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_decide_where_nothing_is_declared() {
        let decide = |values: &[f32]| decide_range(Declared::Nothing, values.iter().copied());
        assert_eq!(decide(&[0.0, 0.5, 1.0]), Some(Range::FRACTION));
        assert_eq!(decide(&[0.5, 1.5, 99.0]), Some(Range::PERCENT));
        assert_eq!(decide(&[1200.0, 1100.0, 40.0]), None);
        assert_eq!(decide(&[40.0, 50.0, 430.0]), Some(Range::PERCENT), "one stray value makes no rating");
        assert_eq!(decide(&[]), Some(Range::FRACTION));
    }

    #[test]
    fn one_percentage_among_fractions_is_an_error_and_not_a_unit() {
        let mut values = vec![0.5f32; 9];
        values.push(71.0);
        assert_eq!(decide_range(Declared::Nothing, values.iter().copied()), Some(Range::FRACTION));
        values.remove(0);
        assert_eq!(decide_range(Declared::Nothing, values.iter().copied()), Some(Range::PERCENT), "too few values");
        let error = check_value(Some(Range::FRACTION), 71.0).unwrap_err();
        assert_eq!(error.to_string(), "expected 0 to 1, found 71");
    }

    #[test]
    fn a_declared_range_wins() {
        assert_eq!(decide_range(Declared::Range(Range::PERCENT), [0.2, 0.3]), Some(Range::PERCENT));
        assert_eq!(decide_range(Declared::Open, [0.2, 0.3]), None);
        assert!(check_value(None, 1e9).is_ok());
        assert!(check_value(None, f32::NAN).is_err());
    }
}
