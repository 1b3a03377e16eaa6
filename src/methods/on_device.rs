//! What the training of a factorisation does with a GPU: the gradients there, or whole runs of Adam's steps; after a
//! failure it goes on from the last parameters, elsewhere.

use super::factorise::{LrmfTraining, State};
use super::lrmf::Solver;
use super::training::Observer;
use crate::error::{ErrorKind, Result};
use crate::kernels::gpu::Factoriser;
use crate::kernels::{self, Compute, Penalty, Side};

/// Gradients that are timed on each device at most, and the seconds after which fewer are enough.
const TIMED: usize = 3;
const ENOUGH_SECONDS: f64 = 0.05;

/// A device, and why that one.
enum Choice {
    Gpu(String),
    Cpu(String),
}

impl LrmfTraining<'_> {
    /// Moves the training to the GPU, if that is the choice.
    ///
    /// # Errors
    /// If a GPU was asked for by name and can't be had, or the training does not fit it.
    pub async fn on(mut self, compute: &Compute) -> Result<Self> {
        self.compute = compute.clone();
        self.compute.open(self.cells() as f64 * self.parameters().dim as f64).await?;
        if let Err(error) = self.move_in().await {
            self.compute.give_up(error)?;
        }
        Ok(self)
    }

    /// Where it runs, and why.
    #[must_use]
    pub fn compute(&self) -> &Compute {
        &self.compute
    }

    /// Brings cells and graphs to the chosen device.
    async fn move_in(&mut self) -> Result<()> {
        self.device = None;
        let Some(gpu) = self.compute.gpu() else { return Ok(()) };
        let (nodes, dim) = (self.parameters.model_bias.len(), self.parameters.dim);
        // All cells, those set aside too: they are trained on in the end.
        let mut device = Factoriser::new(gpu, self.full, nodes, dim).await?;
        self.settle(&mut device).await?;
        self.device = Some(device);
        Ok(())
    }

    /// Tells the device what it trains on from here on.
    async fn settle(&self, device: &mut Factoriser) -> Result<()> {
        device.train_on(&self.training)?;
        // Too many for one buffer: then they are looked at here.
        device.hold(&self.validation).await.or_else(|error| if device.is_well() { Ok(()) } else { Err(error) })?;
        let Solver::Adam(rate) = self.config.solver else { return Ok(()) };
        let models = Penalty {
            graph: (0..self.lineage.len()).map(|row| self.lineage.neighbours(row)).collect(),
            weight: self.config.lineage,
            l2: self.config.l2,
            seen: &self.seen_models,
            biases: true,
        };
        let tasks = Penalty {
            graph: (0..self.tasks.len()).map(|row| self.tasks.neighbours(row)).collect(),
            weight: self.config.tasks,
            l2: self.config.l2,
            seen: &self.seen_tasks,
            biases: false,
        };
        device.start_adam(rate, self.config.biases, [models, tasks]).await
    }

    /// The same after the cells have changed.
    pub(super) async fn settle_again(&mut self) -> Result<()> {
        let Some(mut device) = self.device.take() else { return Ok(()) };
        match self.settle(&mut device).await {
            Ok(()) => self.device = Some(device),
            Err(error) if error.kind() == ErrorKind::Device => self.recover(&error).await,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Times a few gradients on either device, where the choice is still to be made and the observer has a clock.
    pub async fn choose(&mut self, observer: &dyn Observer) {
        if !self.compute.is_undecided() {
            return;
        }
        let why = match self.compare(observer).await {
            Ok(Choice::Gpu(why)) => return self.compute.keep_gpu(why),
            Ok(Choice::Cpu(why)) => why,
            Err(error) => error.message().to_owned(),
        };
        self.device = None;
        self.compute.use_cpu(why);
    }

    async fn compare(&mut self, observer: &dyn Observer) -> Result<Choice> {
        let Some(device) = self.device.as_mut().filter(|_| observer.now().is_some()) else {
            return Ok(Choice::Cpu("without a clock nobody knows whether the GPU is faster".to_owned()));
        };
        let now = || observer.now().unwrap_or(0.0);
        let mut gradient = self.gradient.clone();
        let (mut gpu, mut cpu) = (f64::INFINITY, f64::INFINITY);
        // The first one on the device compiles its kernels, and does not count.
        for turn in 0..=TIMED {
            let started = now();
            for side in [Side::Models, Side::Tasks] {
                device.gradient(side, &self.parameters, &mut gradient).await?;
            }
            gpu = if turn == 0 { gpu } else { gpu.min(now() - started) };
        }
        for _ in 0..TIMED {
            let started = now();
            kernels::logistic_step(&self.training, &self.parameters, &mut gradient);
            cpu = cpu.min(now() - started);
            if cpu > ENOUGH_SECONDS {
                break;
            }
        }
        let faster = gpu < cpu;
        let [gpu, cpu] = [gpu, cpu].map(|seconds| format!("{:.1} ms", 1e3 * seconds));
        if faster {
            return Ok(Choice::Gpu(format!("a gradient takes {gpu}, on the CPU {cpu}")));
        }
        let name = self.compute.gpu().map_or("the GPU", |gpu| gpu.name());
        Ok(Choice::Cpu(format!("a gradient takes {cpu}, on {name} {gpu}")))
    }

    /// Some epochs, `most` at most, on whatever device there is; where that fails, they begin again elsewhere.
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
        self.validated = device.held_loss(&self.parameters).await?;
        Ok(done)
    }

    /// Goes on after a device's failure, from the parameters that are here.
    async fn recover(&mut self, failure: &crate::error::Error) {
        self.validated = None;
        self.compute.replace(failure).await;
        if let Err(again) = self.move_in().await {
            self.device = None;
            self.compute.use_cpu(format!("{}; went on on the CPU: {}", failure.message(), again.message()));
        }
    }
}

#[cfg(test)]
#[cfg(feature = "gpu")]
#[path = "on_device_tests.rs"]
mod tests;
