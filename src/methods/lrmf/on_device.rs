//! The training of a factorisation on a GPU: gradients, or whole runs of Adam's steps. After a failure of the device the
//! training continues elsewhere from the last parameters.

use super::config::Solver;
use super::training::{LrmfTraining, State};
use crate::device::compute::Compute;
use crate::device::gpu::Factoriser;
use crate::device::shapes::{Penalty, Side};
use crate::error::{ErrorKind, Result};
use crate::methods::training::moving::{Choice, Moving, device_methods, faster};
use crate::methods::training::optimise::Observer;

impl Moving for LrmfTraining<'_> {
    fn choice(&mut self) -> &mut Compute {
        &mut self.compute
    }

    fn work(&self) -> f64 {
        self.cells() as f64 * self.parameters().dim as f64
    }

    async fn move_in(&mut self) -> Result<()> {
        let Some(gpu) = self.compute.gpu() else { return Ok(()) };
        let (nodes, dim) = (self.parameters.model_bias.len(), self.parameters.dim);
        // All cells, the validation cells too: the last epochs train on them.
        let mut device = Factoriser::new(gpu, self.full, nodes, dim).await?;
        self.upload(&mut device).await?;
        self.device = Some(device);
        Ok(())
    }

    fn leave(&mut self) {
        (self.device, self.validated) = (None, None);
    }

    async fn compare(&mut self, observer: &dyn Observer) -> Result<Choice> {
        let (Some(device), Some(gpu)) = (&mut self.device, self.compute.gpu()) else {
            return Ok(Choice::Cpu(String::new()));
        };
        let (parameters, training) = (&self.parameters, &self.training);
        let (mut gradient, mut other) = (self.gradient.clone(), self.gradient.clone());
        let on_gpu = async || {
            for side in [Side::Models, Side::Tasks] {
                device.gradient(side, parameters, &mut gradient).await?;
            }
            Ok(())
        };
        let on_cpu = || {
            eyas_kernels::logistic_step(training, parameters, &mut other);
        };
        faster(gpu.name(), "a gradient takes", observer, on_gpu, on_cpu).await
    }
}

device_methods!(LrmfTraining);

impl LrmfTraining<'_> {
    /// Uploads the training cells, the validation cells and the penalties.
    async fn upload(&self, device: &mut Factoriser) -> Result<()> {
        device.train_on(&self.training)?;
        // Validation cells that exceed one buffer are evaluated on the CPU.
        device
            .set_validation(&self.validation)
            .await
            .or_else(|error| if device.is_well() { Ok(()) } else { Err(error) })?;
        let Solver::Adam(rate) = self.config.solver else { return Ok(()) };
        let penalties = [Side::Models, Side::Tasks].map(|side| self.penalty(side));
        device.start_adam(rate, self.config.biases, penalties).await
    }

    fn penalty(&self, side: Side) -> Penalty<'_> {
        let (graph, weight, seen, biases) = match side {
            Side::Models => (&self.lineage, self.config.lineage, &self.seen_models, true),
            Side::Tasks => (&self.tasks, self.config.tasks, &self.seen_tasks, false),
        };
        let graph = (0..graph.len()).map(|row| graph.neighbours(row)).collect();
        Penalty { graph, weight, l2: self.config.l2, seen, biases }
    }

    /// Uploads them again after the cells have changed.
    pub(super) async fn upload_again(&mut self) -> Result<()> {
        let Some(mut device) = self.device.take() else { return Ok(()) };
        match self.upload(&mut device).await {
            Ok(()) => self.device = Some(device),
            Err(error) if error.kind() == ErrorKind::Device => self.recover(&error).await,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Some epochs, at most `most`, on the chosen device. If the device fails they start again on another one.
    ///
    /// # Errors
    /// If the computation fails for another reason than its device.
    pub async fn epochs(&mut self, most: usize) -> Result<(usize, f64)> {
        loop {
            let Some(mut device) = self.device.take() else { return Ok((1, self.epoch())) };
            let before = (self.parameters.clone(), self.state.clone());
            match self.epochs_on(&mut device, most).await {
                Err(error) if error.kind() == ErrorKind::Device => {
                    (self.parameters, self.state) = before;
                    self.recover(&error).await;
                }
                other => {
                    self.device = Some(device);
                    return other;
                }
            }
        }
    }

    async fn epochs_on(&mut self, device: &mut Factoriser, most: usize) -> Result<(usize, f64)> {
        let done = if matches!(self.state, State::Adam(_)) {
            device.adam(most, &mut self.parameters).await?
        } else {
            let mut objective = 0.0;
            for side in self.half_steps() {
                self.prepare(side);
                objective = device.gradient(side, &self.parameters, &mut self.gradient).await?;
                self.finish(side);
            }
            (1, objective + self.penalties())
        };
        self.validated = device.validation_loss(&self.parameters).await?;
        Ok(done)
    }
}

#[cfg(test)]
#[cfg(feature = "gpu")]
#[path = "on_device_tests.rs"]
mod tests;
