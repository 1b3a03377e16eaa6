//! Adam's step over one block of parameters: plain loops, compiled for each instruction set. The twin of
//! the shader `adam_step.wgsl`.

use super::cpu::{BETA_1, BETA_2};
use super::simd::{Instructions, Lanes, Work, dispatch};

/// The factors of one step of Adam.
#[derive(Debug, Clone, Copy)]
pub struct AdamStep {
    /// Factor of the old parameter (1 - AdamW's decay).
    pub kept: f32,
    /// Step length, from [`super::cpu::adam_rates`].
    pub rate: f32,
    /// Factor of the second moment, from the same function.
    pub correction: f32,
}

const EPSILON: f32 = 1e-8;

/// Updates the moments, then the parameters; all four blocks have the same length.
pub fn adam_step(step: AdamStep, gradient: &[f32], parameters: &mut [f32], first: &mut [f32], second: &mut [f32]) {
    dispatch(Instructions::best(), Block { step, gradient, parameters, first, second });
}

struct Block<'a> {
    step: AdamStep,
    gradient: &'a [f32],
    parameters: &'a mut [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
}

impl Work for Block<'_> {
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let AdamStep { kept, rate, correction } = self.step;
        let moments = self.first.iter_mut().zip(self.second);
        for (((m, v), p), &g) in moments.zip(self.parameters).zip(self.gradient) {
            *m += (1.0 - BETA_1) * (g - *m);
            *v += (1.0 - BETA_2) * (g * g - *v);
            *p = kept * *p - rate * *m / ((*v * correction).sqrt() + EPSILON);
        }
    }
}
