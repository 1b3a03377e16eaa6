//! The elementwise part of the fused step: residuals, and the loss of the same cells.
#![expect(unsafe_code, reason = "lanes stored into an array")]

use super::simd::{Lanes, logistic_of_minus};
use std::f64::consts::LN_2;

/// Number of factors of at least 1/2 after which a product in `f32`, and one in `f64`, is still far from underflow.
const FEW: usize = 100;
const MANY: usize = 900;

/// The running loss, by lane: sums, and products of probabilities whose logarithm is taken before they underflow.
pub(super) struct Loss<L> {
    linear: L,  // sum of min(log₂ odds of the outcome, 0)
    certain: L, // product of the probabilities of the likelier outcomes
    few: usize, // number of factors in `certain`
    sums: [f64; 16],
    products: [f64; 16],
    factors: usize, // number of factors in each product
}

impl<L: Lanes> Loss<L> {
    pub(super) fn new() -> Self {
        let (linear, certain) = (L::splat(0.0), L::splat(1.0));
        Self { linear, certain, few: 0, sums: [0.0; 16], products: [1.0; 16], factors: 0 }
    }

    /// Turns the logits of a row of a tile, to the base 1/2, into residuals, and returns their sum by lane. It takes two
    /// passes over the row, because wasm has not enough registers for one.
    ///
    /// # Safety
    /// `row` has `items` items, a multiple of the lanes and at most a tile; bits beyond them are 0.
    /// `row` has so many items, a multiple of the lanes, of at most a tile; bits beyond them are 0.
    #[inline(always)]
    pub(super) unsafe fn residuals(&mut self, row: *mut f32, items: usize, observed: u64, solved: u64) -> L {
        let mut linear = self.linear;
        for at in (0..items).step_by(L::WIDTH) {
            let (known, signs) = ((observed >> at) as u32, L::signs((solved >> at) as u32));
            // SAFETY: as the caller promises.
            let logits = unsafe { L::load(row.add(at)) };
            // The log₂ odds of the outcome, and the probability of the other outcome.
            let t = logits.xor(signs).only(known);
            let wrong = logistic_of_minus(t).only(known);
            // SAFETY: as the caller promises.
            unsafe { wrong.xor(signs).store(row.add(at)) };
            linear = linear.add(t.negative_part());
        }
        // -ln(1 - wrong) = -ln 2 min(t, 0) - ln(max(wrong, 1 - wrong))
        let (mut certain, mut sum) = (self.certain, L::splat(0.0));
        for at in (0..items).step_by(L::WIDTH) {
            // SAFETY: as the caller promises.
            let residual = unsafe { L::load(row.add(at)) };
            certain = certain.mul(residual.magnitude().larger_share());
            sum = sum.add(residual);
        }
        (self.linear, self.certain) = (linear, certain);
        self.few += items / L::WIDTH;
        if self.few > FEW / 2 {
            self.widen();
        }
        sum
    }

    /// Moves the sums and products of the lanes into 64-bit numbers.
    #[inline(always)]
    fn widen(&mut self) {
        let mut lanes = [0.0f32; 16];
        // SAFETY: no vector is wider than 16 lanes.
        unsafe { self.linear.store(lanes.as_mut_ptr()) };
        for (sum, lane) in self.sums[..L::WIDTH].iter_mut().zip(lanes) {
            *sum -= LN_2 * f64::from(lane);
        }
        // SAFETY: as above.
        unsafe { self.certain.store(lanes.as_mut_ptr()) };
        for (product, lane) in self.products[..L::WIDTH].iter_mut().zip(lanes) {
            *product *= f64::from(lane);
        }
        self.factors += self.few;
        (self.linear, self.certain, self.few) = (L::splat(0.0), L::splat(1.0), 0);
        if self.factors > MANY {
            self.flush();
        }
    }

    #[cold]
    #[inline(never)]
    fn flush(&mut self) {
        for (sum, product) in self.sums[..L::WIDTH].iter_mut().zip(&mut self.products) {
            *sum -= std::mem::replace(product, 1.0).ln();
        }
        self.factors = 0;
    }

    pub(super) fn total(mut self) -> f64 {
        self.widen();
        self.flush();
        self.sums.iter().sum()
    }
}
