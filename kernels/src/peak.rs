//! What the processor could do at most: multiplications with additions on registers alone, to measure the kernels by.

use super::simd::{Instructions, Lanes, Work, dispatch};

/// Sums that run beside each other: enough to hide the latency, and as many as the smallest register file has room for.
const SUMS: usize = 12;

/// So many rounds of independent multiplications with additions on the fastest instructions; returns the number of
/// multiplications and additions done, and a value that depends on all of them.
#[must_use]
pub fn multiply_add_rounds(rounds: usize) -> (f64, f32) {
    let mut result = (0.0, 0.0);
    dispatch(Instructions::best(), Rounds { rounds, result: &mut result });
    result
}

struct Rounds<'a> {
    rounds: usize,
    result: &'a mut (f64, f32),
}

impl Work for Rounds<'_> {
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let (factor, offset) = (L::splat(std::hint::black_box(0.999)), L::splat(std::hint::black_box(0.5)));
        let mut sums = [L::splat(1.0); SUMS];
        for _ in 0..self.rounds {
            for sum in &mut sums {
                *sum = sum.mul_add(factor, offset);
            }
        }
        let total = sums.into_iter().fold(L::splat(0.0), |total, sum| total.add(sum));
        *self.result = ((2 * SUMS * L::WIDTH * self.rounds) as f64, total.sum());
    }
}
