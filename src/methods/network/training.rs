//! The training of [`super::Ncf`]: epochs of AdamW over batches of cells, on the CPU or on a device.

use super::config::NcfConfig;
use super::inputs::Inputs;
use super::mlp::{Mlp, MlpBuffers};
use super::parameters::{Parameters, slope, widths};
use crate::device::compute::{Compute, Device};
use crate::device::gpu::Perceptron;
use crate::device::shapes::{Feature, SeenCell};
use crate::error::{ErrorKind, Result};
use crate::linalg::{logistic, logit};
use crate::methods::data::TrainingData;
use crate::methods::training::adam::Adam;
use crate::methods::training::moving::Moving;
use crate::methods::training::optimise::{self, Observer, Optimiser, TrainingLimits};
use crate::methods::training::random::normal;
use eyas_kernels::cpu;
use ndarray::{Array2, s};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;

/// The most cells of an epoch.
const MOST_CELLS: usize = 1 << 16;

/// A training in progress.
pub struct NcfTraining<'a> {
    pub(super) config: &'a NcfConfig,
    pub(super) inputs: Inputs,
    pub(super) cells: Vec<(u32, u32, f32)>,
    pub(super) validation: Vec<(u32, u32, f32)>,
    pub(super) parameters: Parameters,
    pub(super) gradient: Parameters,
    best: Parameters,
    pub(super) adam: Adam,
    rng: Pcg64Mcg,
    buffers: MlpBuffers,
    input: Array2<f32>,  // (batch, inputs)
    slopes: Array2<f32>, // (batch, 1)
    pub(super) compute: Compute,
    pub(super) device: Option<Perceptron>, // none on the CPU
    pub(super) validated: Option<f64>,     // the validation metric, where the device computes it
}

impl<'a> NcfTraining<'a> {
    /// The state before the first epoch.
    #[must_use]
    pub fn new(data: &TrainingData<'_>, config: &'a NcfConfig) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(data.seed);
        let inputs = Inputs::new(data, config);
        let mut cells = Vec::with_capacity(data.cells.count());
        for model in 0..data.models.len() {
            data.cells.for_row(model, |task, value| cells.push((model as u32, task as u32, value)));
        }
        let mean = cells.iter().map(|cell| cell.2).sum::<f32>() / cells.len().max(1) as f32;
        cells.shuffle(&mut rng);
        let validation = cells.split_off(cells.len() - (cells.len() / 10).min(MOST_CELLS / 4));
        let mut network = Mlp::new(&widths(&inputs, config), rng.random());
        if let Some(offset) = network.blocks_mut().last() {
            offset.fill(logit(mean, 1e-3));
        }
        let table = (0..inputs.table).map(|_| 0.1 * normal(&mut rng)).collect();
        let parameters = Parameters { table, network };
        Self {
            adam: optimiser(config, &parameters),
            buffers: parameters.network.buffers(config.batch),
            input: Array2::zeros((config.batch, inputs.width)),
            slopes: Array2::zeros((config.batch, 1)),
            gradient: parameters.clone(),
            best: parameters.clone(),
            parameters,
            config,
            inputs,
            cells,
            validation,
            rng,
            compute: Compute::new(Device::Cpu),
            device: None,
            validated: None,
        }
    }

    /// Number of cells of an epoch.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.cells.len().min(MOST_CELLS)
    }

    /// Number of weights by which each cell is multiplied.
    #[must_use]
    pub fn weights(&self) -> usize {
        self.parameters.network.shapes().iter().filter(|shape| shape.len() == 2).map(|shape| shape[0] * shape[1]).sum()
    }

    /// One epoch on the CPU; returns the mean squared error, of each cell before its step.
    pub fn epoch(&mut self) -> f64 {
        let drawn = self.draw();
        self.steps(&drawn) / drawn.len().max(1) as f64
    }

    /// One epoch on the chosen device; if the device fails, the epoch starts again on another one.
    ///
    /// # Errors
    /// If the computation fails for another reason than its device.
    pub async fn next_epoch(&mut self) -> Result<f64> {
        let drawn = self.draw();
        let sum = loop {
            let Some(mut device) = self.device.take() else { break self.steps(&drawn) };
            match self.epoch_on(&mut device, &drawn).await {
                Err(error) if error.kind() == ErrorKind::Device => self.recover(&error).await,
                other => {
                    self.device = Some(device);
                    break other?;
                }
            }
        };
        Ok(sum / drawn.len().max(1) as f64)
    }

    /// Trains until the validation metric stops improving, and for some last epochs on all cells.
    pub(super) async fn descend(&mut self, observer: &mut dyn Observer) -> Result<()> {
        let by_cells = self.config.max_cells / self.cells().max(1);
        let max_epochs = self.config.max_epochs.min(by_cells).max(10);
        let limits = TrainingLimits { max_epochs, patience: (max_epochs / 10).max(3) };
        let best = optimise::train(self, limits, observer).await?;
        let last = TrainingLimits { max_epochs: (best / 5).clamp(1, 50), patience: usize::MAX };
        self.add_validation_cells();
        optimise::train(self, last, observer).await?;
        Ok(())
    }

    /// The trained inputs and parameters, with the mean squared error over the training cells.
    pub(super) fn end(self) -> (Inputs, Parameters, f32) {
        let error = self.mean_error(&self.cells) as f32;
        (self.inputs, self.parameters, error)
    }

    /// Adds the validation cells to the training cells.
    fn add_validation_cells(&mut self) {
        self.cells.append(&mut self.validation);
        self.validated = None;
        self.adam = optimiser(self.config, &self.parameters);
        if let Some(device) = &mut self.device {
            device.reset();
        }
    }

    /// Draws the cells of an epoch, and the latent vectors to hide.
    fn draw(&mut self) -> Vec<SeenCell> {
        let (seen, hide) = (self.cells(), f64::from(self.config.hide));
        let (drawn, _) = self.cells.partial_shuffle(&mut self.rng, seen);
        drawn.iter().map(|&cell| SeenCell { cell, hidden: [(); 2].map(|()| self.rng.random_bool(hide)) }).collect()
    }

    /// A step on each batch of these cells; returns the sum of the squared errors before each step.
    pub(super) fn steps(&mut self, cells: &[SeenCell]) -> f64 {
        cells.chunks(self.config.batch).map(|batch| self.step(batch)).sum()
    }

    /// One step on one batch; returns the sum of its squared errors.
    fn step(&mut self, batch: &[SeenCell]) -> f64 {
        let sum = self.differentiate(batch);
        self.adam.step(self.parameters.blocks_mut(), self.gradient.blocks());
        sum
    }

    /// Writes the gradient of a batch's mean squared error to `self.gradient`; returns the sum of the squared errors.
    pub(super) fn differentiate(&mut self, batch: &[SeenCell]) -> f64 {
        for (&seen, mut row) in batch.iter().zip(self.input.rows_mut()) {
            self.parameters.describe(visible(&self.inputs, seen), row.as_slice_mut().unwrap_or_default());
        }
        let input = self.input.slice(s![..batch.len(), ..]);
        let output = self.parameters.network.forward(input, &mut self.buffers);
        let mut sum = 0.0;
        for ((&z, seen), out) in output.iter().zip(batch).zip(&mut self.slopes) {
            let y = seen.cell.2;
            *out = slope(z, y) / batch.len() as f32;
            sum += f64::from(logistic(z) - y).powi(2);
        }
        let slopes = self.slopes.slice(s![..batch.len(), ..]);
        let Parameters { table, network } = &mut self.gradient;
        let by_input = self.parameters.network.backward(input, slopes, &mut self.buffers, network);
        table.fill(0.0);
        for (&seen, row) in batch.iter().zip(by_input.rows()) {
            let row = row.to_slice().unwrap_or_default();
            for feature in visible(&self.inputs, seen) {
                let out = &mut table[feature.start..][..feature.width];
                cpu::add_scaled(out, feature.value, &row[feature.at..][..feature.width]);
            }
        }
        sum
    }

    /// The mean squared error over cells, at most [`MOST_CELLS`] of them.
    pub(super) fn mean_error(&self, cells: &[(u32, u32, f32)]) -> f64 {
        let cells = &cells[..cells.len().min(MOST_CELLS)];
        let (mut sum, mut buffers) = (0.0, self.buffers.clone());
        let mut input = self.input.clone();
        for batch in cells.chunks(self.config.batch) {
            for (&cell, mut row) in batch.iter().zip(input.rows_mut()) {
                let features = visible(&self.inputs, SeenCell { cell, hidden: [false; 2] });
                self.parameters.describe(features, row.as_slice_mut().unwrap_or_default());
            }
            let output = self.parameters.network.forward(input.slice(s![..batch.len(), ..]), &mut buffers);
            sum += output.iter().zip(batch).map(|(&z, cell)| f64::from(logistic(z) - cell.2).powi(2)).sum::<f64>();
        }
        sum / cells.len().max(1) as f64
    }
}

fn optimiser(config: &NcfConfig, parameters: &Parameters) -> Adam {
    Adam::with_decay(config.rate, config.decay, parameters.blocks().map(<[f32]>::len))
}

/// The features of a cell's model and task, without the hidden latent vectors.
fn visible<'i>(inputs: &'i Inputs, seen: SeenCell) -> impl Iterator<Item = &'i Feature> {
    let SeenCell { cell: (model, task, _), hidden } = seen;
    let sides = [&inputs.models.features[model as usize], &inputs.tasks.features[task as usize]];
    let shown = |(features, hidden): (&'i Vec<Feature>, bool)| features.iter().filter(move |f| !(hidden && f.latent));
    sides.into_iter().zip(hidden).flat_map(shown)
}

impl Optimiser for NcfTraining<'_> {
    async fn advance(&mut self) -> Result<f64> {
        self.next_epoch().await
    }

    fn validate(&self) -> Option<f64> {
        self.validated.or_else(|| (!self.validation.is_empty()).then(|| self.mean_error(&self.validation)))
    }

    fn metric(&self) -> &'static str {
        "squared error"
    }

    fn keep(&mut self) {
        self.best.clone_from(&self.parameters);
    }

    fn go_back(&mut self) {
        self.parameters.clone_from(&self.best);
    }
}
