//! The forecast of a factorisation for one model: the logistic function of its logits with all tasks. The readable twin is
//! [`super::cpu::probabilities`].
#![expect(unsafe_code, reason = "loads without bounds checks in the innermost loops")]

use super::Factorisation;
use super::simd::{Instructions, Lanes, Work, dispatch, logistic_of_minus};
use std::f32::consts::LOG2_E;

/// Probabilities of all tasks for a model with this vector, (dim), and this bias: (n_tasks).
pub(super) fn probabilities(
    instructions: Instructions,
    parameters: &Factorisation,
    vector: &[f32],
    bias: f32,
) -> Vec<f32> {
    // The buffers are padded to whole vectors, so that the logistic function needs no remainder loop.
    let mut out = vec![0.0; parameters.task_bias.len().next_multiple_of(16)];
    dispatch(instructions, Row { parameters, vector, bias, out: &mut out });
    out.truncate(parameters.task_bias.len());
    out
}

struct Row<'a> {
    parameters: &'a Factorisation,
    vector: &'a [f32],
    bias: f32,
    out: &'a mut [f32], // (n_tasks, rounded up)
}

impl Work for Row<'_> {
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let (scale, dim) = (L::splat(-LOG2_E), self.parameters.dim);
        let whole = dim / L::WIDTH * L::WIDTH;
        let tasks = self.parameters.tasks.chunks_exact(dim.max(1)).zip(&self.parameters.task_bias);
        for (out, (task, task_bias)) in self.out.iter_mut().zip(tasks) {
            let mut sums = L::splat(0.0);
            for k in (0..whole).step_by(L::WIDTH) {
                // SAFETY: both have dim values, and k + WIDTH is at most dim.
                unsafe { sums = L::load(task.as_ptr().add(k)).mul_add(L::load(self.vector.as_ptr().add(k)), sums) };
            }
            let rest: f32 = task[whole..].iter().zip(&self.vector[whole..]).map(|(x, m)| x * m).sum();
            *out = sums.sum() + rest + self.bias + task_bias;
        }
        for out in self.out.chunks_exact_mut(L::WIDTH) {
            // SAFETY: there is room for one vector.
            unsafe {
                logistic_of_minus(L::load(out.as_ptr()).mul(scale)).store(out.as_mut_ptr());
            }
        }
    }
}
