//! Amounts in billions: parsing, and whether an amount is exact or rounded.

use crate::linalg::parse_number;

/// A number without a unit above this is a count, not billions: no model has 100 trillion parameters, and no training
/// set has 100 trillion tokens.
const COUNTS_FROM: f64 = 1e5;

/// The accepted amounts in billions: from one parameter to a million billions.
const POSSIBLE: std::ops::RangeInclusive<f64> = 1e-9..=1e6;

/// An amount is exact if one unit of its last digit is at most this share of it: with four digits, but not with three.
const EXACT: f64 = 1e-3;

/// An amount in billions: `8`, `8B`, `8.03e9`, `8030261248`, `500M`, `15 T`, `7.6 billion`. A number without a unit
/// is billions up to 100,000 and a count above that. `None` for a text that is not an amount above 0.
#[must_use]
pub fn parse_amount(text: &str) -> Option<f64> {
    let text = text.trim();
    let end = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let (digits, unit) = (end.trim_end(), &text[end.len()..]);
    let value = parse_number(digits).filter(|value| value.is_finite() && *value > 0.0)?;
    let billions = if unit.is_empty() { in_billions(value) } else { value * unit_in_billions(unit)? };
    POSSIBLE.contains(&billions).then_some(billions)
}

/// A number without a unit, as billions.
pub(super) fn in_billions(value: f64) -> f64 {
    if value > COUNTS_FROM { value / 1e9 } else { value }
}

/// A unit (`M`, `billion`) in billions.
pub(super) fn unit_in_billions(word: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 13] = [
        ("b", 1.0),
        ("bn", 1.0),
        ("billion", 1.0),
        ("billions", 1.0),
        ("m", 1e-3),
        ("million", 1e-3),
        ("millions", 1e-3),
        ("t", 1e3),
        ("trillion", 1e3),
        ("trillions", 1e3),
        ("k", 1e-6),
        ("thousand", 1e-6),
        ("thousands", 1e-6),
    ];
    UNITS.iter().find(|(known, _)| word.eq_ignore_ascii_case(known)).map(|&(_, unit)| unit)
}

/// The amounts one unit of the last digit below and above an amount, in billions: 6 and 8 for 7, 7.5 and 7.7 for 7.6.
/// The unrounded amount lies between them.
#[must_use]
pub fn neighbours(billions: f64) -> (f64, f64) {
    let unit = last_digit(billions);
    (billions - unit, billions + unit)
}

/// Whether an amount in billions is exact: it has four digits or more, such as 7.616. An amount with fewer digits (7,
/// 7.6, 0.135, 15000) is rounded.
#[must_use]
pub fn is_exact(billions: f64) -> bool {
    let mut unit = last_digit(billions);
    while unit < billions && is_whole(billions, 10.0 * unit) {
        unit *= 10.0;
    }
    unit <= EXACT * billions
}

/// One unit of the last digit of an amount, in billions: 1 for whole billions, 0.1 for 7.6, at least about 1e-6.
fn last_digit(billions: f64) -> f64 {
    let mut unit = 1.0;
    while !is_whole(billions, unit) && unit > 1e-6 {
        unit /= 10.0;
    }
    unit
}

/// Whether an amount is an integer multiple of a unit.
fn is_whole(billions: f64, unit: f64) -> bool {
    (billions / unit - (billions / unit).round()).abs() < 1e-6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_parsed_in_every_spelling() {
        for (text, billions) in [
            ("8B", 8.0),
            ("8 b", 8.0),
            ("8", 8.0),
            ("0.5", 0.5),
            ("8.03e9", 8.03),
            ("8030261248", 8.030_261_248),
            ("500M", 0.5),
            ("500 million", 0.5),
            ("15T", 15_000.0),
            ("15e12", 15_000.0),
            ("15000", 15_000.0),
            ("135000K", 0.135),
        ] {
            let read = parse_amount(text).unwrap();
            assert!((read / billions - 1.0).abs() < 1e-9, "{text} {read}");
        }
        for text in ["", "-8", "0", "0B", "8x", "B", "inf", "nan", "1e999", "8 GB", "8B B", "1e39", "1e-30"] {
            assert_eq!(parse_amount(text), None, "{text}");
        }
    }

    #[test]
    fn four_digits_are_exact_and_fewer_are_rounded() {
        assert!([7.0, 7.6, 7.61, 70.6, 405.0, 0.135, 15_000.0].iter().all(|&billions| !is_exact(billions)));
        assert!([7.616, 7.615_616_512, 0.134_515_008, 70.55, 1235.0].iter().all(|&billions| is_exact(billions)));
    }

    #[test]
    fn a_rounded_amount_lies_between_its_neighbours() {
        let close = |(low, high): (f64, f64), l: f64, h: f64| (low - l).abs() < 1e-9 && (high - h).abs() < 1e-9;
        assert!(close(neighbours(7.0), 6.0, 8.0) && close(neighbours(7.6), 7.5, 7.7));
        assert!(close(neighbours(0.135), 0.134, 0.136));
        let (low, high) = neighbours(7.615_616_512);
        assert!(low < 7.615_616_512 && 7.615_616_512 < high && high - low < 1e-5);
    }
}
