//! The losses of a list of models of one task (eq. 12 to 14), each with its gradient by the scores.

/// The Plackett–Luce loss (eq. 13) of scores in the true order, best first: `(1/M) Σ_i (log Σ_{j≥i} exp s_j − s_i)`.
/// Adds `weight` times its gradient. O(M).
pub(super) fn listwise(scores: &[f32], weight: f32, gradient: &mut [f32]) -> f64 {
    let count = scores.len() as f64;
    let top = f64::from(scores.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    // Exponentials down to the smallest f64: a list's scores differ by less than 700.
    let exponentials: Vec<f64> = scores.iter().map(|&score| (f64::from(score) - top).max(-700.0).exp()).collect();
    let mut from_here = exponentials.clone(); // Σ_{j≥i}
    for at in (1..scores.len()).rev() {
        from_here[at - 1] += from_here[at];
    }
    let (mut loss, mut inverse) = (0.0, 0.0);
    for (at, &score) in scores.iter().enumerate() {
        loss += from_here[at].ln() + top - f64::from(score);
        inverse += 1.0 / from_here[at];
        gradient[at] += weight * ((exponentials[at] * inverse - 1.0) / count) as f32;
    }
    loss / count
}

/// The pairwise loss (eq. 12) of one pair: `−log σ(better − worse)`, and its gradient by the better score.
pub(super) fn pairwise(better: f32, worse: f32) -> (f64, f32) {
    let apart = f64::from(better - worse);
    let falling = (-apart.abs()).exp();
    let loss = falling.ln_1p() + (-apart).max(0.0);
    let share = if apart > 0.0 { falling / (1.0 + falling) } else { 1.0 / (1.0 + falling) };
    (loss, -share as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slope(of: impl Fn(f32) -> f64) -> f64 {
        (of(1e-2) - of(-1e-2)) / 2e-2
    }

    #[test]
    fn gradients_are_the_slopes() {
        let scores = [0.3f32, 1.2, -0.4, 0.3];
        let mut gradient = [0.0; 4];
        listwise(&scores, 1.0, &mut gradient);
        for at in 0..4 {
            let moved = |by: f32| {
                let mut moved = scores;
                moved[at] += by;
                listwise(&moved, 1.0, &mut [0.0; 4])
            };
            assert!((slope(moved) - f64::from(gradient[at])).abs() < 1e-4, "{at}");
        }
        for (better, worse) in [(0.2, 1.0), (1.0, 0.2), (0.5, 0.5)] {
            let found = slope(|by| pairwise(better + by, worse).0);
            assert!((found - f64::from(pairwise(better, worse).1)).abs() < 1e-4);
        }
    }

    #[test]
    fn scores_far_apart_stay_numbers() {
        let mut gradient = [0.0; 3];
        let loss = listwise(&[-900.0, 0.0, 900.0], 1.0, &mut gradient);
        assert!(loss.is_finite() && gradient.iter().all(|slope| slope.is_finite()), "{loss} {gradient:?}");
        assert!(pairwise(-1e4, 1e4).0.is_finite() && pairwise(1e4, -1e4).0 == 0.0);
    }

    #[test]
    fn the_true_order_far_apart_costs_nothing() {
        assert!(listwise(&[200.0, 100.0, 0.0], 1.0, &mut [0.0; 3]) < 1e-12);
        assert!((pairwise(0.0, 0.0).0 - 2f64.ln()).abs() < 1e-12);
    }
}
