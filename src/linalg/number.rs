//! Parsing and printing of decimal numbers.

/// Parses a decimal number as [`f64`] does. In wasm the tables of the exact parser would take a tenth of a module, so
/// that numbers with more than 15 digits or large exponents may be wrong in their last digit there.
#[must_use]
pub(crate) fn parse_number(text: &str) -> Option<f64> {
    if cfg!(target_arch = "wasm32") { parse_decimal(text) } else { text.parse().ok() }
}

/// Prints a number for display. In wasm, where the exact printer would take 6 KB, it prints six decimal places.
#[must_use]
pub(crate) fn print_number(value: impl Copy + Into<f64> + ToString) -> String {
    if cfg!(target_arch = "wasm32") { print_decimal(value.into()) } else { value.to_string() }
}

fn print_decimal(value: f64) -> String {
    const PLACES: u64 = 1_000_000;
    if value.is_nan() {
        return "NaN".to_owned();
    }
    let magnitude = value.abs();
    let millionths = ((magnitude - magnitude.trunc()) * PLACES as f64).round() as u64;
    let (whole, millionths) = (magnitude as u64 + millionths / PLACES, millionths % PLACES);
    let sign = if value < 0.0 && (whole, millionths) != (0, 0) { "-" } else { "" };
    if value.is_infinite() {
        return format!("{sign}inf");
    }
    let part = format!("{millionths:06}");
    let part = part.trim_end_matches('0');
    format!("{sign}{whole}{}{part}", if part.is_empty() { "" } else { "." })
}

/// The result is exact where both the digits and the power of ten are exact doubles (Clinger, "How to Read Floating
/// Point Numbers Accurately", 1990).
fn parse_decimal(text: &str) -> Option<f64> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let signed = |value: f64| Some(if negative { -value } else { value });
    if ["inf", "infinity"].iter().any(|word| unsigned.eq_ignore_ascii_case(word)) {
        return signed(f64::INFINITY);
    }
    if unsigned.eq_ignore_ascii_case("nan") {
        return signed(f64::NAN);
    }
    let (number, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], unsigned[at + 1..].parse::<i32>().ok()?.clamp(-5000, 5000)),
        None => (unsigned, 0),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && part.is_empty() {
        return None;
    }
    let (mut digits, mut power) = (0u64, exponent);
    for (at, digit) in whole.bytes().chain(part.bytes()).enumerate() {
        if !digit.is_ascii_digit() {
            return None;
        }
        // A double has room for fewer than 18 digits.
        let counts = digits < 100_000_000_000_000_000;
        if counts {
            digits = 10 * digits + u64::from(digit - b'0');
        }
        power += i32::from(!counts) - i32::from(at >= whole.len());
    }
    let mut value = digits as f64;
    while power != 0 {
        let step = power.clamp(-22, 22);
        value = if step < 0 { value / 10f64.powi(-step) } else { value * 10f64.powi(step) };
        if value == 0.0 || value.is_infinite() {
            break;
        }
        power -= step;
    }
    signed(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn short_decimals_are_parsed_exactly(digits in 0u64..1_000_000_000_000_000, places in 0usize..15) {
            let text = format!("-{digits:016}");
            let text = format!("{}.{}", &text[..17 - places], &text[17 - places..]);
            prop_assert_eq!(parse_decimal(&text), text.parse().ok());
        }

        #[test]
        fn any_number_is_read_to_its_last_digits(number in any::<f64>()) {
            for text in [format!("{number}"), format!("{number:e}")] {
                let read = parse_decimal(&text).unwrap();
                let near = (read - number).abs() <= 1e-14 * number.abs() || number.abs() < 1e-290;
                prop_assert!(near || (read.is_nan() && number.is_nan()) || read == number, "{text}: {read}");
            }
        }
    }

    #[test]
    fn numbers_are_printed_as_they_are_read() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (7.61, "7.61"),
            (-1.5, "-1.5"),
            (1e9, "1000000000"),
            (2e-7, "0"),
            (-0.999_999_9, "-1"),
        ] {
            assert_eq!(print_decimal(value), text);
        }
        assert_eq!(print_decimal(f64::from(4.3f32)), "4.3");
        assert_eq!(print_decimal(f64::NEG_INFINITY), "-inf");
    }

    #[test]
    fn other_texts_are_no_numbers() {
        for text in ["", ".", "-", "+-1", "1.2.3", "1e", "e5", "0x10", "1 ", "1_000", "--1", "1e5.0"] {
            assert_eq!(parse_decimal(text), None, "{text}");
            assert!(text.parse::<f64>().is_err(), "{text}");
        }
        assert_eq!(parse_decimal("1."), Some(1.0));
        assert_eq!(parse_decimal(".5e+1"), Some(5.0));
    }
}
