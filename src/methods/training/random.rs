//! Random numbers for initial parameters.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

/// A draw from N(0, 1), by Box and Muller.
pub(in crate::methods) fn normal(rng: &mut Pcg64Mcg) -> f32 {
    let (a, b): (f32, f32) = (1.0 - rng.random::<f32>(), rng.random());
    (-2.0 * a.ln()).sqrt() * cosine_of_turns(b)
}

/// The cosine of an angle in turns. The standard library's cosine takes arguments of any size, and its table of the digits of
/// 2/π would go into each wasm module.
pub(in crate::methods) fn cosine_of_turns(turns: f32) -> f32 {
    let turns = f64::from(turns);
    let from_half = (turns - turns.floor() - 0.5).abs();
    let (sign, quarter) = if from_half < 0.25 { (-1.0, from_half) } else { (1.0, 0.5 - from_half) };
    let square = (std::f64::consts::TAU * quarter).powi(2);
    // Taylor series up to the 14th power, accurate to 10⁻¹⁰ for up to a quarter of a turn.
    let term = |sum: f64, k: u32| 1.0 - sum * square / f64::from((2 * k - 1) * (2 * k));
    (sign * (1..=7).rev().fold(1.0, term)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosines_are_those_of_the_standard_library() {
        for at in -1000..=3000 {
            let turns = at as f32 / 1000.0;
            let expected = (std::f64::consts::TAU * f64::from(turns)).cos() as f32;
            assert!((cosine_of_turns(turns) - expected).abs() < 1e-7, "{turns}: {} {expected}", cosine_of_turns(turns));
        }
    }
}
