//! What range a column of scores has, and whether a value lies in it.

use super::Range;
use crate::error::{Error, Result};
use crate::linalg::print_number;

/// What a source says about the range of a task's scores.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Declared {
    /// Nothing: the values decide.
    #[default]
    Nothing,
    /// Scores have no bounds (a rating, a price).
    Open,
    /// Scores lie in this range.
    Range(Range),
}

impl From<Option<Range>> for Declared {
    /// The range of a finished [`super::Task`], where none means open-ended.
    fn from(range: Option<Range>) -> Self {
        range.map_or(Self::Open, Self::Range)
    }
}

/// Of at least this many values …
const FEW: usize = 10;
/// … this share within 0..1 makes the column a fraction, and the others errors.
const NEARLY_ALL: f64 = 0.9;

/// The range of a column: as declared, else decided by its finite values. `None`: open-ended.
///
/// A column is a fraction if all values (of ten or more: nine in ten) lie in 0..1, open-ended where most exceed 100, and
/// percent otherwise.
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

/// The most characters of an id; what is longer is no name but a text in the wrong place.
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
/// If the value is not finite or lies outside the range.
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
        assert_eq!(decide_range(Declared::Nothing, values.iter().copied()), Some(Range::PERCENT), "too few to tell");
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
