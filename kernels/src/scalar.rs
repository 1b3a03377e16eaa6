//! The logistic function, its inverse and its loss, in numerically stable forms.

use std::f32::consts::{LN_2, LOG2_E};

/// `1 / (1 + exp(-x))`.
#[must_use]
pub fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// As [`f32::clamp`], which would add 6 KB to a wasm module, because its panic message formats floats.
#[must_use]
#[inline]
pub fn clamp(value: f32, least: f32, most: f32) -> f32 {
    if value < least {
        least
    } else if value > most {
        most
    } else {
        value
    }
}

/// The inverse of [`logistic`]; the probability is clipped `margin` away from 0 and 1.
#[must_use]
pub fn logit(p: f32, margin: f32) -> f32 {
    let p = clamp(p, margin, 1.0 - margin);
    (p / (1.0 - p)).ln()
}

/// Binary cross-entropy of a logit `x` against a target `y` in 0..1: `max(x, 0) - x y + log(1 + exp(-|x|))`.
#[must_use]
pub fn logistic_loss(x: f32, y: f32) -> f32 {
    x.max(0.0) - x * y + (-x.abs()).exp().ln_1p()
}

/// `exp(-x)` for x of at least 0, with a relative error of 1e-6 where it is above 1e-6, without a call or a branch: a power
/// of two times the best polynomial of degree 5.
#[inline]
pub(super) fn exp_of_minus(x: f32) -> f32 {
    let t = x * -LOG2_E;
    let t = if t < -125.0 { -125.0 } else { t };
    let power = t + ROUNDER;
    let rest = t - (power - ROUNDER); // -0.5 to 0.5
    let [first, others @ ..] = EXPONENTIAL;
    let value = others.into_iter().fold(first, |value, coefficient| value * rest + coefficient);
    f32::from_bits(value.to_bits().wrapping_add(power.to_bits() << 23))
}

/// The polynomial for `2^x` at -0.5 to 0.5, the highest power first.
pub(super) const EXPONENTIAL: [f32; 6] = [1.326_472_7e-3, 9.671_513e-3, 5.550_733_7e-2, 2.402_224_2e-1, LN_2, 1.0];
/// Adding it to a small number and subtracting it again rounds to the nearest integer, which is in the last bits of the sum.
pub(super) const ROUNDER: f32 = 12_582_912.0; // 1.5 * 2^23

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_that_of_the_standard_library() {
        for x in (0..2000).map(|at| at as f32 * 0.007) {
            let expected = (-f64::from(x)).exp();
            assert!((f64::from(exp_of_minus(x)) / expected - 1.0).abs() < 1e-6, "{x}");
        }
        assert!(exp_of_minus(200.0) < 1e-30 && exp_of_minus(f32::INFINITY) < 1e-30 && exp_of_minus(0.0) == 1.0);
    }

    #[test]
    fn the_loss_stays_finite_where_the_textbook_form_does_not() {
        assert!((logistic_loss(0.0, 0.3) - LN_2).abs() < 1e-6);
        assert!((logistic_loss(100.0, 0.0) - 100.0).abs() < 1e-4);
        assert_eq!(logistic_loss(-200.0, 0.0), 0.0);
        assert_eq!(logistic(-200.0), 0.0);
        assert_eq!(logistic(200.0), 1.0);
        assert!((logistic(logit(0.8, 1e-6)) - 0.8).abs() < 1e-6);
    }
}
