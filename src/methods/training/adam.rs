//! Adam (Kingma & Ba 2015, algorithm 1) over blocks of parameters, and AdamW (Loshchilov & Hutter 2019, algorithm 2), which
//! separates the weight decay from the gradient.

use eyas_kernels::cpu::adam_rates;
use eyas_kernels::{AdamStep, adam_step};

/// First and second moments of each block, and the number of steps taken.
#[derive(Debug, Clone)]
pub(in crate::methods) struct Adam {
    rate: f32,
    decay: f32,
    steps: i32,
    moments: Vec<(Vec<f32>, Vec<f32>)>, // one pair a block, shaped as the block
}

impl Adam {
    /// The state before the first step, for blocks of these lengths.
    pub(in crate::methods) fn new(rate: f32, lengths: impl IntoIterator<Item = usize>) -> Self {
        let moments = lengths.into_iter().map(|length| (vec![0.0; length], vec![0.0; length])).collect();
        Self { rate, decay: 0.0, steps: 0, moments }
    }

    /// AdamW: each step first shrinks all parameters by the share `rate * decay`.
    pub(in crate::methods) fn with_decay(rate: f32, decay: f32, lengths: impl IntoIterator<Item = usize>) -> Self {
        Self { decay, ..Self::new(rate, lengths) }
    }

    /// One step against the gradient. Blocks come in the order of [`Adam::new`].
    pub(in crate::methods) fn step<'p>(
        &mut self,
        parameters: impl IntoIterator<Item = &'p mut [f32]>,
        gradient: impl IntoIterator<Item = &'p [f32]>,
    ) {
        self.steps += 1;
        let kept = 1.0 - self.rate * self.decay;
        let (rate, correction) = adam_rates(self.rate, self.steps);
        let step = AdamStep { kept, rate, correction };
        for (((first, second), block), gradient) in self.moments.iter_mut().zip(parameters).zip(gradient) {
            adam_step(step, gradient, block, first, second);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_has_the_length_of_the_rate_whatever_the_gradient() {
        let mut parameters = [1.0, -2.0];
        let mut adam = Adam::new(0.1, [2]);
        adam.step([&mut parameters[..]], [&[1e-3, -50.0][..]]);
        assert!((parameters[0] - 0.9).abs() < 1e-4 && (parameters[1] + 1.9).abs() < 1e-6, "{parameters:?}");
    }

    #[test]
    fn it_finds_the_minimum_of_a_bowl() {
        let mut x = [3.0f32];
        let mut adam = Adam::new(0.05, [1]);
        for _ in 0..2000 {
            let gradient = [2.0 * (x[0] - 1.0)];
            adam.step([&mut x[..]], [&gradient[..]]);
        }
        assert!((x[0] - 1.0).abs() < 1e-3);
    }
}
