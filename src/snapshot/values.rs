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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked_against_their_range() {
        let error = check_value(Some(Range::FRACTION), 71.0).unwrap_err();
        assert_eq!(error.to_string(), "expected 0 to 1, found 71");
        assert!(check_value(None, 1e9).is_ok());
        assert!(check_value(None, f32::NAN).is_err());
    }
}
