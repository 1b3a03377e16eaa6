//! The few factors that methods know by name, and their spellings.

use crate::linalg::print_number;
pub(crate) use crate::snapshot::parameters_of as params;
use crate::snapshot::{Factor, Factors};
pub(in crate::methods) use crate::snapshot::{tokens_of as tokens, type_of};

/// The family, in lower case.
pub(in crate::methods) fn family(factors: &Factors) -> Option<String> {
    let (_, family) = factors.iter().find(|(name, _)| name.eq_ignore_ascii_case("family"))?;
    Some(text(family).to_ascii_lowercase()).filter(|name| !name.is_empty())
}

/// What people think of a model who have seen it evaluated. For the popularity baseline alone.
pub(in crate::methods) fn popularity(factors: &Factors) -> Option<f64> {
    POPULARITY.iter().find_map(|name| positive_or_zero(factors.get(*name)?))
}

/// Whether a factor is known only after an evaluation, and so is no input of a forecast.
pub(in crate::methods) fn known_afterwards(name: &str) -> bool {
    POPULARITY.iter().any(|known| name.eq_ignore_ascii_case(known))
}

const POPULARITY: [&str; 3] = ["hearts", "likes", "downloads"];

/// A factor as text, as it would stand in a table.
pub(crate) fn text(factor: &Factor) -> String {
    match factor {
        Factor::Flag(flag) => flag.to_string(),
        Factor::Number(number) => print_number(*number),
        Factor::Text(text) => text.trim().to_owned(),
    }
}

fn positive_or_zero(factor: &Factor) -> Option<f64> {
    match factor {
        Factor::Number(number) if number.is_finite() && *number >= 0.0 => Some(*number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hearts_are_known_afterwards_and_may_be_none() {
        assert_eq!(popularity(&Factors::from([("hearts".to_owned(), Factor::Number(0.0))])), Some(0.0));
        assert!(known_afterwards("Hearts") && !known_afterwards("params"));
    }
}
