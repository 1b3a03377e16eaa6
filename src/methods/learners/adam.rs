//! Adam (Kingma and Ba, 2015) over a few logarithms of parameters with bounds.

use crate::linalg::clamp;

/// Decay of the moments. Gradients are exact here, so that they are short.
const DECAY: (f32, f32) = (0.8, 0.95);

/// The moments.
pub(in crate::methods) struct Adam {
    first: Vec<f32>,
    second: Vec<f32>,
    steps: i32,
}

impl Adam {
    pub(in crate::methods) fn new(n: usize) -> Self {
        Self { first: vec![0.0; n], second: vec![0.0; n], steps: 0 }
    }

    /// One step down the gradient.
    pub(in crate::methods) fn step(
        &mut self,
        logs: &mut [f32],
        gradient: &[f32],
        rate: f32,
        bounds: impl Fn(usize) -> (f32, f32),
    ) {
        self.steps += 1;
        let corrections = (1.0 - DECAY.0.powi(self.steps), 1.0 - DECAY.1.powi(self.steps));
        for (at, log) in logs.iter_mut().enumerate() {
            self.first[at] += (1.0 - DECAY.0) * (gradient[at] - self.first[at]);
            self.second[at] += (1.0 - DECAY.1) * (gradient[at] * gradient[at] - self.second[at]);
            let size = (self.second[at] / corrections.1).sqrt() + 1e-6;
            let (low, high) = bounds(at);
            *log = clamp(*log - rate * self.first[at] / corrections.0 / size, low, high);
        }
    }
}

/// The rate of a step, falling evenly in its logarithm from the first to the last one.
pub(in crate::methods) fn rate(step: usize, steps: usize, (first, last): (f32, f32)) -> f32 {
    first * (last / first).powf(step as f32 / steps as f32)
}
