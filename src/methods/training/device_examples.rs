//! Helpers of the tests of trainings on a device.

use super::moving::TIMED;
use super::optimise::{BoxFuture, Observer, Progress};
use crate::device::gpu::Gpu;
use std::cell::Cell;
use std::ops::ControlFlow;

/// Asserts that `b` ranks the models of each task as `a` does, by logits: (tasks, models). Logits within 1e-3 are a tie.
pub(in crate::methods) fn assert_same_rankings(a: &[Vec<f32>], b: &[Vec<f32>]) {
    for (task, (a, b)) in a.iter().zip(b).enumerate() {
        let mut order: Vec<usize> = (0..a.len()).collect();
        order.sort_by(|&one, &other| a[other].total_cmp(&a[one]));
        for pair in order.windows(2) {
            let [upper, lower] = [b[pair[0]], b[pair[1]]];
            assert!(upper > lower - 1e-3, "task {task}, models {pair:?}: {upper} {lower}");
        }
    }
}

/// An observer that closes the device during a training.
pub(in crate::methods) struct Saboteur {
    gpu: Gpu,
    at: usize,
    pub(in crate::methods) lost: bool,
}

impl Saboteur {
    /// Closes the device at this epoch.
    pub(in crate::methods) fn new(gpu: Gpu, at: usize) -> Self {
        Self { gpu, at, lost: false }
    }
}

impl Observer for Saboteur {
    fn report<'a>(&'a mut self, progress: &'a Progress) -> BoxFuture<'a, ControlFlow<()>> {
        if progress.epoch >= self.at && !self.lost {
            self.gpu.close();
            self.lost = true;
        }
        Box::pin(std::future::ready(ControlFlow::Continue(())))
    }
}

/// Calls of the clock until the GPU has been timed: one to see that there is a clock, one before the warm-up run, and two
/// for each timed run.
pub(in crate::methods) const GPU_LOOKS: usize = 2 + 2 * TIMED;

/// A clock that advances a little at each call, and much more between two given calls.
pub(in crate::methods) struct FakeClock {
    looks: Cell<usize>,
    slow_from: usize,
    slow_until: usize,
}

impl FakeClock {
    pub(in crate::methods) fn new(slow_from: usize, slow_until: usize) -> Self {
        Self { looks: Cell::new(0), slow_from, slow_until }
    }
}

impl Observer for FakeClock {
    fn now(&self) -> Option<f64> {
        let look = self.looks.get();
        self.looks.set(look + 1);
        let slow = look.clamp(self.slow_from, self.slow_until) - self.slow_from;
        Some(look as f64 * 1e-3 + slow as f64)
    }

    fn report<'a>(&'a mut self, _progress: &'a Progress) -> BoxFuture<'a, ControlFlow<()>> {
        Box::pin(std::future::ready(ControlFlow::Continue(())))
    }
}
