//! The logistic function, its inverse and its loss, in the forms that stay finite.

/// `1 / (1 + exp(-x))`.
#[must_use]
pub fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// As [`f32::clamp`], which a wasm module pays for with 6 KB: its complaint of senseless bounds prints numbers.
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

/// The inverse of [`logistic`]; the probability is kept `margin` away from 0 and 1.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loss_stays_finite_where_the_textbook_form_does_not() {
        assert!((logistic_loss(0.0, 0.3) - std::f32::consts::LN_2).abs() < 1e-6);
        assert!((logistic_loss(100.0, 0.0) - 100.0).abs() < 1e-4);
        assert_eq!(logistic_loss(-200.0, 0.0), 0.0);
        assert_eq!(logistic(-200.0), 0.0);
        assert_eq!(logistic(200.0), 1.0);
        assert!((logistic(logit(0.8, 1e-6)) - 0.8).abs() < 1e-6);
    }
}
