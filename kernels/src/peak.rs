//! The peak arithmetic rate of the processor, by fused multiplications and additions on registers alone, for comparison with
//! the kernels.

use super::simd::{Instructions, Lanes, Work, dispatch};

/// Number of independent vectors of sums: enough to hide the latency, and as many as fit into the registers.
const fn sums<L: Lanes>() -> usize {
    // Without SIMD a sum takes a register of its own.
    if L::COLUMNS == 1 { 12 / L::WIDTH } else { 12 }
}

/// Runs rounds of independent multiplications and additions on the fastest instructions; returns the number of operations
/// done, and a value that depends on all of them.
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
        let mut room = [L::splat(1.0); 12];
        let sums = &mut room[..sums::<L>()];
        for _ in 0..self.rounds {
            for sum in &mut *sums {
                *sum = sum.mul_add(factor, offset);
            }
        }
        let total = sums.iter().fold(L::splat(0.0), |total, &sum| total.add(sum));
        *self.result = ((2 * sums.len() * L::WIDTH * self.rounds) as f64, total.sum());
    }
}
