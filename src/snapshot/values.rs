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

/// Returns a test for values of a task in percent: one of at most 1 looks like a fraction if 100 times the value lies among
/// the task's percentages above 1, and the value itself far below them.
pub(crate) fn looks_like_fraction(values: &[f32]) -> impl Fn(f32) -> bool + use<> {
    let (low, high) = ends(values.iter().copied().filter(|value| *value > Range::FRACTION.high));
    let count = values.iter().filter(|value| **value > Range::FRACTION.high).count();
    let width = (high - low).max(LEAST_WIDTH);
    // Few scores tell little of the range of the others.
    let beyond = if count < 8 { width } else { width / 4.0 };
    move |value| {
        let percent = 100.0 * value;
        let among = (low - beyond..=high + beyond).contains(&percent) && Range::PERCENT.contains(percent);
        Range::FRACTION.contains(value) && value < low - width / 4.0 && among
    }
}

/// The least assumed width of a task's scores in percent, since few scores tell little of it.
const LEAST_WIDTH: f32 = 20.0;

/// The lowest and the highest value; infinite for no value.
pub(crate) fn ends(values: impl Iterator<Item = f32>) -> (f32, f32) {
    values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_among_percentages_stands_apart() {
        assert!(looks_like_fraction(&[65.1, 45.1])(0.8) && !looks_like_fraction(&[65.1, 45.1])(0.01));
        assert!(!looks_like_fraction(&[1.2, 2.5, 80.0])(0.8), "a true percentage below 1");
        assert!(!looks_like_fraction(&[0.5, 0.6])(0.7) && !looks_like_fraction(&[])(0.7), "no percentage above 1");
    }

    #[test]
    fn values_are_checked_against_their_range() {
        let error = check_value(Some(Range::FRACTION), 71.0).unwrap_err();
        assert_eq!(error.to_string(), "expected 0 to 1, found 71");
        assert!(check_value(None, 1e9).is_ok());
        assert!(check_value(None, f32::NAN).is_err());
    }
}
