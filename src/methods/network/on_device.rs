//! The training of a network on a GPU, by whole epochs. The parameters on the CPU are the checkpoint: each epoch starts from
//! them and ends by updating them.

use super::parameters::widths;
use super::training::NcfTraining;
use crate::device::compute::Compute;
use crate::device::gpu::Perceptron;
use crate::device::shapes::{Batches, NetworkShape, SeenCell};
use crate::error::Result;
use crate::methods::training::moving::{Choice, Moving, device_methods, faster};
use crate::methods::training::optimise::Observer;

/// Number of steps that are timed at a time.
const STEPS: usize = 16;

impl Moving for NcfTraining<'_> {
    fn choice(&mut self) -> &mut Compute {
        &mut self.compute
    }

    fn work(&self) -> f64 {
        (self.cells() * self.weights()) as f64
    }

    async fn move_in(&mut self) -> Result<()> {
        let Some(gpu) = self.compute.gpu() else { return Ok(()) };
        let shape = NetworkShape {
            table: self.inputs.table,
            widths: widths(&self.inputs, self.config),
            batch: self.config.batch,
            rate: self.config.rate,
            decay: self.config.decay,
        };
        let sides = [&self.inputs.models.features[..], &self.inputs.tasks.features];
        let most = 2 * self.validation.len() + self.cells();
        self.device = Some(Perceptron::new(gpu, &shape, sides, most).await?);
        Ok(())
    }

    fn leave(&mut self) {
        (self.device, self.validated) = (None, None);
    }

    async fn compare(&mut self, observer: &dyn Observer) -> Result<Choice> {
        let (Some(mut device), Some(gpu)) = (self.device.take(), self.compute.gpu().cloned()) else {
            return Ok(Choice::Cpu(String::new()));
        };
        let some = &self.cells[..self.cells.len().min(STEPS * self.config.batch)];
        let trained: Vec<SeenCell> = some.iter().map(|&cell| SeenCell { cell, hidden: [false; 2] }).collect();
        let what = format!("{} steps take", trained.len().div_ceil(self.config.batch));
        let before = (self.parameters.clone(), self.adam.clone());
        let mut flat = self.flat();
        let on_gpu = async || {
            device.epoch(Batches { trained: &trained, held: &[] }, &mut flat).await?;
            Ok(())
        };
        let on_cpu = || {
            self.steps(&trained);
        };
        let choice = faster(gpu.name(), &what, observer, on_gpu, on_cpu).await;
        (self.parameters, self.adam) = before;
        device.reset();
        self.device = Some(device);
        choice
    }
}

device_methods!(NcfTraining);

impl NcfTraining<'_> {
    /// An epoch over these cells on a device; returns the sum of the squared errors before each step.
    pub(super) async fn epoch_on(&mut self, device: &mut Perceptron, drawn: &[SeenCell]) -> Result<f64> {
        let seen = |&cell: &(u32, u32, f32)| SeenCell { cell, hidden: [false; 2] };
        let held: Vec<SeenCell> = self.validation.iter().map(seen).collect();
        let mut flat = self.flat();
        let [sum, held_sum] = device.epoch(Batches { trained: drawn, held: &held }, &mut flat).await?;
        let mut rest = &flat[..];
        for block in self.parameters.blocks_mut() {
            let (values, others) = rest.split_at(block.len());
            block.copy_from_slice(values);
            rest = others;
        }
        self.validated = (!held.is_empty()).then(|| held_sum / held.len() as f64);
        Ok(sum)
    }

    /// All parameters in one vector, in the order of the device.
    fn flat(&self) -> Vec<f32> {
        self.parameters.blocks().flatten().copied().collect()
    }
}

#[cfg(test)]
#[cfg(feature = "gpu")]
#[path = "on_device_tests.rs"]
mod tests;
