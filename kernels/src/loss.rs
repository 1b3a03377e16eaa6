//! The elementwise part of the fused step: residuals, and the loss that goes with them.
#![expect(unsafe_code, reason = "lanes stored into an array")]

use super::simd::{Lanes, ROWS, TILE, logistic_of_minus};
use std::f64::consts::LN_2;

/// What one tile adds to the loss and to the gradients of the models' biases, lane by lane.
pub(super) struct Sums<L, const C: usize> {
    linear: L,                  // how far the odds speak against the outcomes, as powers of two
    certain: [L; C],            // products of the probability of the likelier outcome
    pub(super) rows: [L; ROWS], // residuals
}

impl<L: Lanes, const C: usize> Sums<L, C> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        let (zero, one) = (L::splat(0.0), L::splat(1.0));
        Self { linear: zero, certain: [one; C], rows: [zero; ROWS] }
    }

    /// The residuals of C vectors of a row. The logits are to the base 1/2; `(known, solved)`: a bit a lane, lowest first.
    #[inline(always)]
    pub(super) fn residuals(&mut self, row: usize, logits: [L; C], (known, solved): (u64, u64)) -> [L; C] {
        let mut residuals = logits;
        for (c, residual) in residuals.iter_mut().enumerate() {
            let (known, signs) = ((known >> (c * L::WIDTH)) as u32, L::signs((solved >> (c * L::WIDTH)) as u32));
            // How far the odds speak for the outcome, and the probability of the other one.
            let t = residual.xor(signs).only(known);
            let wrong = logistic_of_minus(t).only(known);
            *residual = wrong.xor(signs);
            self.rows[row] = self.rows[row].add(*residual);
            // -ln(1 - wrong) = -ln 2 min(t, 0) - ln(max(wrong, 1 - wrong))
            self.linear = self.linear.add(t.negative_part());
            self.certain[c] = self.certain[c].mul(wrong.larger_share());
        }
        residuals
    }
}

/// The running loss, lane by lane: sums, and products of probabilities whose logarithm is taken before they get too small.
pub(super) struct Loss {
    sums: [f64; 16],
    products: [f64; 16],
    factors: usize, // in each product
}

impl Default for Loss {
    fn default() -> Self {
        Self { sums: [0.0; 16], products: [1.0; 16], factors: 0 }
    }
}

impl Loss {
    /// Takes over the sums of half a tile or of a whole one, whose lanes have products of few enough factors of at least 1/2.
    #[inline(always)]
    pub(super) fn add<L: Lanes, const C: usize>(&mut self, sums: &mut Sums<L, C>) {
        let linear = std::mem::replace(&mut sums.linear, L::splat(0.0));
        let certain = std::mem::replace(&mut sums.certain, [L::splat(1.0); C]).into_iter().fold(L::splat(1.0), L::mul);
        let mut lanes = [0.0f32; 16];
        // SAFETY: no vector is wider than 16 lanes.
        unsafe { linear.store(lanes.as_mut_ptr()) };
        for (sum, lane) in self.sums[..L::WIDTH].iter_mut().zip(lanes) {
            *sum -= LN_2 * f64::from(lane);
        }
        unsafe { certain.store(lanes.as_mut_ptr()) };
        for (product, lane) in self.products[..L::WIDTH].iter_mut().zip(lanes) {
            *product *= f64::from(lane);
        }
        self.factors += ROWS * TILE / L::WIDTH;
        if self.factors > 900 {
            self.flush();
        }
    }

    #[cold]
    #[inline(never)]
    fn flush(&mut self) {
        for (sum, product) in self.sums.iter_mut().zip(&mut self.products) {
            *sum -= std::mem::replace(product, 1.0).ln();
        }
        self.factors = 0;
    }

    pub(super) fn total(mut self) -> f64 {
        self.flush();
        self.sums.iter().sum()
    }
}
