//! The few factors that methods know by name, and their spellings.

use crate::linalg::print_number;
use crate::snapshot::{Factor, Factors};

/// Parameters in billions: `params`, or `Parameter Size(M)` and the like with its unit in parentheses.
pub(crate) fn params(factors: &Factors) -> Option<f64> {
    amount(factors, &["params", "parameters", "parameter size", "model size"])
}

/// Pre-training tokens in billions: `tokens`, `Pretraining Dataset Size(B)` and the like.
pub(super) fn tokens(factors: &Factors) -> Option<f64> {
    amount(factors, &["tokens", "pretraining tokens", "training tokens", "pretraining dataset size"])
}

/// The family, in lower case.
pub(super) fn family(factors: &Factors) -> Option<String> {
    let (_, family) = factors.iter().find(|(name, _)| name.eq_ignore_ascii_case("family"))?;
    Some(text(family).to_ascii_lowercase()).filter(|name| !name.is_empty())
}

/// What people think of a model who have seen it evaluated. For the popularity baseline alone.
pub(super) fn popularity(factors: &Factors) -> Option<f64> {
    POPULARITY.iter().find_map(|name| positive_or_zero(factors.get(*name)?))
}

/// Whether a factor is known only after an evaluation, and so is no input of a forecast.
pub(super) fn known_afterwards(name: &str) -> bool {
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

/// A positive number in billions under one of these names. Its unit may follow in parentheses: T, B (the default), M or K.
fn amount(factors: &Factors, names: &[&str]) -> Option<f64> {
    factors.iter().find_map(|(name, factor)| {
        let name = name.to_ascii_lowercase();
        let (plain, unit) = name.split_once('(').unwrap_or((&name, "b)"));
        let plain = plain.trim().replace('_', " ");
        let unit = match unit.trim().trim_end_matches(')') {
            "t" => 1e3,
            "m" => 1e-3,
            "k" => 1e-6,
            _ => 1.0,
        };
        let value = positive_or_zero(factor).filter(|&value| value > 0.0 && names.contains(&plain.as_str()))?;
        Some(value * unit)
    })
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
    fn an_amount_is_read_in_its_unit_and_only_where_it_makes_sense() {
        let of = |name: &str, value: f64| Factors::from([(name.to_owned(), Factor::Number(value))]);
        assert_eq!(params(&of("params", 7.0)), Some(7.0));
        assert_eq!(params(&of("Parameter Size(M)", 7000.0)), Some(7.0));
        assert_eq!(tokens(&of("Pretraining Dataset Size(B)", 300.0)), Some(300.0));
        assert_eq!(tokens(&of("tokens (T)", 2.0)), Some(2000.0));
        for bad in [f64::NAN, 0.0, -3.0, f64::INFINITY] {
            assert_eq!(params(&of("params", bad)), None);
        }
        assert_eq!(params(&Factors::from([("params".to_owned(), Factor::Text("7B".to_owned()))])), None);
        assert_eq!(popularity(&of("hearts", 0.0)), Some(0.0));
        assert!(known_afterwards("Hearts") && !known_afterwards("params"));
    }
}
