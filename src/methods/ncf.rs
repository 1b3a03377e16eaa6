//! Neural collaborative filtering (Zhang et al., "Collaborative Performance Prediction", eq. 5 to 7):
//! `ẑ_ui = logistic(MLP(p_u, q_i, e_u, e_i))`, trained on the mean squared error, with latent vectors p and q and
//! embeddings e of model and task factors. `ncf` has the vectors alone, `ncf-factors` both, `factors` (eq. 6) the factors
//! alone.
//!
//! The network has two rectified hidden layers of 128 ([`super::Mlp`]); its input is [`super::inputs`].
//!
//! Deviations. A logistic at the output keeps forecasts within 0..1. AdamW with early stopping on a tenth of the training
//! cells takes the place of 250,000 iterations; then those cells join for some last epochs. A tenth of the latent vectors are
//! hidden at each step (DropoutNet, Volkovs et al. 2017), so that the network knows what to say of a model or task that has
//! none: the factors', or the mean's. A new model's vector is solved for from the scores it has, with the spread of the
//! trained vectors as its prior. All numeric factors are logarithms, where CPP takes context window, batch size and number of
//! shots as categories. An epoch sees at most [`MOST_CELLS`] cells, drawn anew each time. Where tasks have no factors, `factors`
//! tells them apart by one number each.

use super::adam::Adam;
use super::inputs::{Feature, Inputs};
use super::mlp::{Mlp, MlpBuffers};
use super::random::normal;
use super::training::{self, Observer, Optimiser, TrainingLimits};
use super::{Fitted, Forecast, NewModel, Target, Tensor, TrainingData};
use crate::error::{Error, Result};
use crate::kernels::cpu;
use crate::linalg::{logistic, logit};
use crate::snapshot::{ModelIndex, TaskIndex};
use ndarray::{Array2, s};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;

/// Settings of [`Ncf`].
#[derive(Debug, Clone, PartialEq)]
pub struct NcfConfig {
    /// Dimension of the latent vectors; 0 for none.
    pub latent: usize,
    /// Whether factors are used.
    pub factors: bool,
    /// Dimension of the embedding of each factor.
    pub embedding: usize,
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// Step length of AdamW.
    pub rate: f32,
    /// Weight decay of AdamW.
    pub decay: f32,
    /// Cells in a mini-batch.
    pub batch: usize,
    /// Share of the latent vectors that are hidden in training.
    pub hide: f32,
    /// When the training ends: after so many epochs, or so many cells seen, a tenth of that being the patience.
    pub max_epochs: usize,
    /// Cells seen at most.
    pub max_cells: usize,
}

impl NcfConfig {
    /// CPP's NCF: latent vectors of dimension 10.
    #[must_use]
    pub fn latent() -> Self {
        Self {
            latent: 10,
            factors: false,
            embedding: 4,
            hidden: vec![128, 128],
            rate: 2e-3,
            decay: 0.05,
            batch: 64,
            hide: 0.1,
            max_epochs: 300,
            max_cells: 3_000_000,
        }
    }

    /// CPP's factor-enhanced NCF.
    #[must_use]
    pub fn with_factors() -> Self {
        Self { factors: true, ..Self::latent() }
    }

    /// CPP's factors only.
    #[must_use]
    pub fn factors_only() -> Self {
        Self { latent: 0, ..Self::with_factors() }
    }

    fn check(&self) -> Result<()> {
        let shares = [self.rate, self.decay, self.hide];
        let sizes = self.hidden.iter().chain([&self.batch, &self.embedding]);
        if sizes.into_iter().any(|&size| size == 0) || shares.iter().any(|share| !(0.0..=1.0).contains(share)) {
            return Err(Error::input("a network needs widths and a batch of at least 1, and shares from 0 to 1"));
        }
        Ok(())
    }
}

/// A trained network.
pub struct Ncf {
    inputs: Inputs,
    latent: usize,
    parameters: Parameters,
    error: f32, // mean squared error over the training cells
}

#[derive(Debug, Clone)]
struct Parameters {
    table: Vec<f32>,
    network: Mlp,
}

impl Ncf {
    /// Trains on these data.
    ///
    /// # Errors
    /// If a setting makes no sense, the observer stops the training, or the objective stops being a number.
    pub async fn fit(data: &TrainingData<'_>, config: &NcfConfig, observer: &mut dyn Observer) -> Result<Self> {
        config.check()?;
        let mut training = NcfTraining::new(data, config);
        let by_cells = config.max_cells / training.cells.len().clamp(1, MOST_CELLS);
        let max_epochs = config.max_epochs.min(by_cells).max(10);
        let limits = TrainingLimits { max_epochs, patience: (max_epochs / 10).max(3) };
        let best = training::train(&mut training, limits, observer).await?;
        let last = TrainingLimits { max_epochs: (best / 5).clamp(1, 50), patience: usize::MAX };
        training.take_validation_in();
        training::train(&mut training, last, observer).await?;
        let error = training.mean_error(&training.cells) as f32;
        Ok(Self { inputs: training.inputs, latent: config.latent, parameters: training.parameters, error })
    }

    /// From saved parameters.
    ///
    /// # Errors
    /// If a tensor is missing or does not fit the data.
    pub fn restore(data: &TrainingData<'_>, config: &NcfConfig, tensors: &[Tensor]) -> Result<Self> {
        let inputs = Inputs::new(data, config);
        let mut network = Mlp::zeros(&widths(&inputs, config));
        for (at, block) in network.blocks_mut().enumerate() {
            block.copy_from_slice(&super::tensor(tensors, &format!("network {at}"), block.len())?);
        }
        let parameters = Parameters { table: super::tensor(tensors, "table", inputs.table)?, network };
        let error = super::tensor(tensors, "error", 1)?[0];
        Ok(Self { inputs, latent: config.latent, parameters, error })
    }

    /// The names of the factors that it was told, of models and of tasks.
    #[must_use]
    pub fn factor_names(&self) -> [Vec<String>; 2] {
        [self.inputs.models.names(), self.inputs.tasks.names()]
    }

    /// Predictions of these cells when only the model and task factors whose bits are set are shown, bit `k` for name `k`;
    /// the others are masked as missing values are.
    #[must_use]
    pub fn predict_with(&self, cells: &[(ModelIndex, TaskIndex)], shown: [u32; 2]) -> Vec<f32> {
        let mut input = Array2::zeros((cells.len(), self.inputs.width));
        for (mut row, &(model, task)) in input.rows_mut().into_iter().zip(cells) {
            let features = self.inputs.models.shown(model.0 as usize, shown[0]);
            let features = features.chain(self.inputs.tasks.shown(task.0 as usize, shown[1]));
            self.parameters.describe(features, row.as_slice_mut().unwrap_or_default());
        }
        let mut buffers = self.parameters.network.buffers(cells.len());
        self.parameters.network.forward(input.view(), &mut buffers).iter().map(|&z| logistic(z)).collect()
    }

    /// The latent vector of a new model: the minimum of `Σ (z - ẑ)² / σ² + |p - p̄|² / τ²`, with σ² the error in training and
    /// p̄ and τ² the mean and variance of the trained vectors, by Adam from p̄.
    fn place(&self, new: &NewModel, known: &[Feature], at: usize) -> Vec<f32> {
        let (mean, variance) = self.latent_spread();
        let mut vector = mean.clone();
        let mut adam = Adam::new(0.1 * variance.sqrt(), [self.latent]);
        let mut input = Array2::zeros((new.scores.len(), self.inputs.width));
        let mut buffers = self.parameters.network.buffers(new.scores.len());
        let mut unused = self.parameters.network.clone();
        for _ in 0..200 {
            for (row, &(task, _)) in new.scores.iter().enumerate() {
                let features = known.iter().chain(&self.inputs.tasks.features[task]);
                self.parameters.describe(features, input.row_mut(row).as_slice_mut().unwrap_or_default());
                cpu::add_scaled(
                    &mut input.as_slice_mut().unwrap_or_default()[row * self.inputs.width + at..],
                    1.0,
                    &vector,
                );
            }
            let output = self.parameters.network.forward(input.view(), &mut buffers);
            let slopes: Vec<f32> = output.iter().zip(&new.scores).map(|(&z, score)| slope(z, score.1)).collect();
            let slopes = Array2::from_shape_fn((slopes.len(), 1), |(row, _)| slopes[row] / self.error.max(1e-6));
            let by_input = self.parameters.network.backward(input.view(), slopes.view(), &mut buffers, &mut unused);
            let mut gradient: Vec<f32> = (0..self.latent).map(|k| by_input.column(at + k).sum()).collect();
            for ((gradient, value), mean) in gradient.iter_mut().zip(&vector).zip(&mean) {
                *gradient += 2.0 * (value - mean) / variance;
            }
            adam.step([vector.as_mut_slice()], [gradient.as_slice()]);
        }
        vector
    }

    /// The mean of the trained latent vectors of models, and the mean variance of their coordinates.
    fn latent_spread(&self) -> (Vec<f32>, f32) {
        let rows: Vec<&[f32]> =
            self.inputs.models.latent_rows().map(|row| &self.parameters.table[row.start..][..row.width]).collect();
        let mut mean = vec![0.0; self.latent];
        rows.iter().for_each(|row| cpu::add_scaled(&mut mean, 1.0 / rows.len() as f32, row));
        let squares = rows.iter().flat_map(|row| row.iter().zip(&mean)).map(|(value, mean)| (value - mean).powi(2));
        let variance = squares.sum::<f32>() / (rows.len() * self.latent).max(1) as f32;
        (mean, variance.max(1e-6))
    }
}

impl Fitted for Ncf {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        let side = &self.inputs.models;
        let (features, vector) = match target {
            Target::Known(model) => (side.features[model.0 as usize].clone(), None),
            Target::New(new) => {
                let mut features = side.describe(&new.factors);
                let shared = side.shared_row().filter(|_| !new.scores.is_empty());
                features.extend(shared);
                let vector = shared.map(|shared| (shared.at, self.place(new, &features, shared.at)));
                (features, vector)
            }
        };
        let network = &self.parameters.network;
        let mut buffers = network.buffers(data.tasks.len());
        let mut input = Array2::zeros((data.tasks.len(), self.inputs.width));
        for (mut row, task) in input.rows_mut().into_iter().zip(&self.inputs.tasks.features) {
            let row = row.as_slice_mut().unwrap_or_default();
            self.parameters.describe(features.iter().chain(task), row);
            if let Some((at, vector)) = &vector {
                cpu::add_scaled(&mut row[*at..], 1.0, vector);
            }
        }
        let mean = network.forward(input.view(), &mut buffers).iter().map(|&z| logistic(z)).collect();
        Ok(Forecast { mean, sources: Vec::new(), intervals: Vec::new() })
    }

    fn tensors(&self) -> Vec<Tensor> {
        let Parameters { table, network } = &self.parameters;
        let mut tensors = vec![
            Tensor { name: "table".to_owned(), shape: vec![table.len()], values: table.clone() },
            Tensor { name: "error".to_owned(), shape: vec![1], values: vec![self.error] },
        ];
        let blocks = network.blocks().zip(network.shapes()).enumerate();
        tensors.extend(blocks.map(|(at, (values, shape))| Tensor {
            name: format!("network {at}"),
            shape,
            values: values.to_vec(),
        }));
        tensors
    }
}

/// Cells that an epoch sees at most.
const MOST_CELLS: usize = 1 << 16;

/// The slope of `(logistic(z) - y)²`.
fn slope(z: f32, y: f32) -> f32 {
    let p = logistic(z);
    2.0 * (p - y) * p * (1.0 - p)
}

fn widths(inputs: &Inputs, config: &NcfConfig) -> Vec<usize> {
    [inputs.width].into_iter().chain(config.hidden.iter().copied()).chain([1]).collect()
}

impl Parameters {
    /// Writes the input that these features make.
    fn describe<'f>(&self, features: impl IntoIterator<Item = &'f Feature>, input: &mut [f32]) {
        input.fill(0.0);
        for feature in features {
            let row = &self.table[feature.start..][..feature.width];
            cpu::add_scaled(&mut input[feature.at..][..feature.width], feature.value, row);
        }
    }

    fn blocks(&self) -> impl Iterator<Item = &[f32]> {
        std::iter::once(self.table.as_slice()).chain(self.network.blocks())
    }

    fn blocks_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        std::iter::once(self.table.as_mut_slice()).chain(self.network.blocks_mut())
    }
}

/// A training under way.
pub struct NcfTraining<'a> {
    config: &'a NcfConfig,
    inputs: Inputs,
    cells: Vec<(u32, u32, f32)>,
    validation: Vec<(u32, u32, f32)>,
    parameters: Parameters,
    gradient: Parameters,
    best: Parameters,
    adam: Adam,
    rng: Pcg64Mcg,
    buffers: MlpBuffers,
    input: Array2<f32>,  // (batch, inputs)
    slopes: Array2<f32>, // (batch, 1)
}

impl<'a> NcfTraining<'a> {
    /// Before the first epoch.
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
        }
    }

    /// Number of cells that an epoch sees.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.cells.len().min(MOST_CELLS)
    }

    /// Number of weights that each cell is multiplied with.
    #[must_use]
    pub fn weights(&self) -> usize {
        self.parameters.network.shapes().iter().filter(|shape| shape.len() == 2).map(|shape| shape[0] * shape[1]).sum()
    }

    /// One epoch; returns the mean squared error on the way.
    pub fn epoch(&mut self) -> f64 {
        let mut cells = std::mem::take(&mut self.cells);
        let seen = cells.len().min(MOST_CELLS);
        let (epoch, _) = cells.partial_shuffle(&mut self.rng, seen);
        let sum: f64 = epoch.chunks(self.config.batch).map(|batch| self.step(batch)).sum();
        self.cells = cells;
        sum / seen.max(1) as f64
    }

    /// From here on the validation cells are training cells.
    fn take_validation_in(&mut self) {
        self.cells.append(&mut self.validation);
        self.adam = optimiser(self.config, &self.parameters);
    }

    /// One step on one batch; returns the sum of its squared errors.
    fn step(&mut self, batch: &[(u32, u32, f32)]) -> f64 {
        let hide = f64::from(self.config.hide);
        let hidden: Vec<[bool; 2]> = batch.iter().map(|_| [(); 2].map(|()| self.rng.random_bool(hide))).collect();
        for ((cell, &hidden), mut row) in batch.iter().zip(&hidden).zip(self.input.rows_mut()) {
            self.parameters.describe(switched(&self.inputs, cell, hidden), row.as_slice_mut().unwrap_or_default());
        }
        let input = self.input.slice(s![..batch.len(), ..]);
        let output = self.parameters.network.forward(input, &mut self.buffers);
        let mut sum = 0.0;
        for ((&z, &(_, _, y)), out) in output.iter().zip(batch).zip(&mut self.slopes) {
            *out = slope(z, y) / batch.len() as f32;
            sum += f64::from(logistic(z) - y).powi(2);
        }
        let slopes = self.slopes.slice(s![..batch.len(), ..]);
        let Parameters { table, network } = &mut self.gradient;
        let by_input = self.parameters.network.backward(input, slopes, &mut self.buffers, network);
        table.fill(0.0);
        for ((cell, &hidden), row) in batch.iter().zip(&hidden).zip(by_input.rows()) {
            let row = row.to_slice().unwrap_or_default();
            for feature in switched(&self.inputs, cell, hidden) {
                let out = &mut table[feature.start..][..feature.width];
                cpu::add_scaled(out, feature.value, &row[feature.at..][..feature.width]);
            }
        }
        self.adam.step(self.parameters.blocks_mut(), self.gradient.blocks());
        sum
    }

    /// The mean squared error over cells, at most [`MOST_CELLS`] of them.
    fn mean_error(&self, cells: &[(u32, u32, f32)]) -> f64 {
        let cells = &cells[..cells.len().min(MOST_CELLS)];
        let (mut sum, mut buffers) = (0.0, self.buffers.clone());
        let mut input = self.input.clone();
        for batch in cells.chunks(self.config.batch) {
            for (cell, mut row) in batch.iter().zip(input.rows_mut()) {
                let features = switched(&self.inputs, cell, [false; 2]);
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

/// The features of a cell's model and task, without the latent vectors that are hidden.
fn switched<'i>(
    inputs: &'i Inputs,
    &(model, task, _): &(u32, u32, f32),
    hidden: [bool; 2],
) -> impl Iterator<Item = &'i Feature> {
    let sides = [&inputs.models.features[model as usize], &inputs.tasks.features[task as usize]];
    let shown = |(features, hidden): (&'i Vec<Feature>, bool)| features.iter().filter(move |f| !(hidden && f.latent));
    sides.into_iter().zip(hidden).flat_map(shown)
}

impl Optimiser for NcfTraining<'_> {
    async fn advance(&mut self) -> Result<f64> {
        Ok(self.epoch())
    }

    fn validate(&self) -> Option<f64> {
        (!self.validation.is_empty()).then(|| self.mean_error(&self.validation))
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
