//! Neural collaborative filtering (Zhang et al., "Collaborative Performance Prediction", eq. 5 to 7):
//! `ẑ_ui = logistic(MLP(p_u, q_i, e_u, e_i))`, trained on the mean squared error, with latent vectors p and q and
//! embeddings e of model and task factors. `ncf` has the vectors alone, `ncf-factors` both, `factors` (eq. 6) the factors
//! alone.
//! The network has two hidden ReLU layers of 128 units ([`super::mlp`]); its input is [`super::inputs`].
//!
//! Deviations. A logistic output keeps forecasts within 0..1. AdamW with early stopping on a tenth of the training cells
//! replaces 250,000 iterations; these cells then join the training for some last epochs. A tenth of the latent vectors are
//! hidden at each step (DropoutNet, Volkovs et al. 2017), so that the network learns to forecast models and tasks without
//! latent vectors from their factors, or by the mean. A new model's vector is solved for from its known scores, with the
//! distribution of the trained vectors as its prior. All numeric factors are logarithms, where CPP treats context window,
//! batch size and number of shots as categories. An epoch sees at most 65,536 cells, drawn anew each time. Where tasks have
//! no factors, `factors` distinguishes them by one trained number each.

use super::config::NcfConfig;
use super::inputs::Inputs;
use super::mlp::Mlp;
use super::parameters::{Parameters, slope, widths};
use super::training::NcfTraining;
use crate::device::compute::Compute;
use crate::device::shapes::Feature;
use crate::error::Result;
use crate::linalg::logistic;
use crate::methods::data::{NewModel, Target, TrainingData};
use crate::methods::fitted::{Fitted, Forecast, Tensor, tensor};
use crate::methods::training::adam::Adam;
use crate::methods::training::optimise::Observer;
use crate::snapshot::{ModelIndex, TaskIndex};
use eyas_kernels::cpu;
use ndarray::Array2;

/// A trained network.
pub struct Ncf {
    inputs: Inputs,
    latent: usize,
    parameters: Parameters,
    error: f32, // mean squared error over the training cells
}

impl Ncf {
    /// Trains on these data.
    ///
    /// # Errors
    /// If a setting makes no sense, the observer stops the training, or the objective stops being a number.
    pub async fn fit(data: &TrainingData<'_>, config: &NcfConfig, observer: &mut dyn Observer) -> Result<Self> {
        config.check()?;
        let mut training = NcfTraining::new(data, config);
        training.descend(observer).await?;
        Ok(Self::of(training, config))
    }

    /// Trains on these data on the device of `compute`, which afterwards states the device that was used.
    ///
    /// # Errors
    /// As [`Ncf::fit`], and if a GPU was requested by name and is not available.
    pub async fn fit_on(
        compute: &mut Compute,
        data: &TrainingData<'_>,
        config: &NcfConfig,
        observer: &mut dyn Observer,
    ) -> Result<Self> {
        config.check()?;
        let mut training = NcfTraining::new(data, config).on(compute).await?;
        training.choose(observer).await;
        let trained = training.descend(observer).await;
        compute.clone_from(training.compute());
        compute.close();
        trained?;
        Ok(Self::of(training, config))
    }

    fn of(training: NcfTraining<'_>, config: &NcfConfig) -> Self {
        let (inputs, parameters, error) = training.end();
        Self { inputs, latent: config.latent, parameters, error }
    }

    /// Restores saved parameters.
    ///
    /// # Errors
    /// If a tensor is missing or does not fit the data.
    pub fn restore(data: &TrainingData<'_>, config: &NcfConfig, tensors: &[Tensor]) -> Result<Self> {
        let inputs = Inputs::new(data, config);
        let mut network = Mlp::zeros(&widths(&inputs, config));
        for (at, block) in network.blocks_mut().enumerate() {
            block.copy_from_slice(&tensor(tensors, &format!("network {at}"), block.len())?);
        }
        let parameters = Parameters { table: tensor(tensors, "table", inputs.table)?, network };
        let error = tensor(tensors, "error", 1)?[0];
        Ok(Self { inputs, latent: config.latent, parameters, error })
    }

    /// The names of the factors of models and of tasks that the network uses.
    #[must_use]
    pub fn factor_names(&self) -> [Vec<String>; 2] {
        [self.inputs.models.names(), self.inputs.tasks.names()]
    }

    /// Predictions of these cells if only the model and task factors whose bits are set are visible, bit `k` for name `k`;
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
        let scores = new.distinct_scores();
        let mut input = Array2::zeros((scores.len(), self.inputs.width));
        let mut buffers = self.parameters.network.buffers(scores.len());
        let mut unused = self.parameters.network.clone();
        for _ in 0..200 {
            for (row, &(task, _)) in scores.iter().enumerate() {
                let features = known.iter().chain(&self.inputs.tasks.features[task]);
                self.parameters.describe(features, input.row_mut(row).as_slice_mut().unwrap_or_default());
                cpu::add_scaled(
                    &mut input.as_slice_mut().unwrap_or_default()[row * self.inputs.width + at..],
                    1.0,
                    &vector,
                );
            }
            let output = self.parameters.network.forward(input.view(), &mut buffers);
            let slopes: Vec<f32> = output.iter().zip(&scores).map(|(&z, score)| slope(z, score.1)).collect();
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
