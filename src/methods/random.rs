//! Random draws that several methods start from.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

/// A draw from N(0, 1), by Box and Muller.
pub(super) fn normal(rng: &mut Pcg64Mcg) -> f32 {
    let (a, b): (f32, f32) = (1.0 - rng.random::<f32>(), rng.random());
    (-2.0 * a.ln()).sqrt() * (std::f32::consts::TAU * b).cos()
}
