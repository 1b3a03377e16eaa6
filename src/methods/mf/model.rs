//! Matrix factorisation, with a squared loss (Zhang et al., "Collaborative Performance Prediction", eq. 1 and 2) or a
//! logistic one (Tamura et al., "Can a Crow Hatch a Falcon?", §3.2).
//!
//! Squared: `y_ui ≈ m_u · x_i + b_u + b_i` ([`super::squares`]), where y is the score, or its logit (scores clipped 0.01
//! away from 0 and 1), minus the task's mean, over the task's standard deviation. The variance includes three
//! pseudo-observations of the pooled variance, so that tasks with few scores do not get an extreme one. Logistic: the
//! objective of [`super::Lrmf`] without its graphs.
//!
//! Deviations. CPP's recipe ([`MfConfig::cpp`]: dimension 10, Adam at 0.01, neither biases nor penalty) overfits a sparse
//! matrix. By default ([`Mf::choose`]) the settings are chosen on held-out training cells: each setting of a small grid is
//! trained without them, and the one with the lowest mean absolute error on them is trained on all cells. Outcomes use the
//! logistic loss with dimension 10.
//!
//! A new model's vector and bias are solved for from its known scores, as in training. A model without scores gets each
//! task's mean. Lineage and factors are not used.

use super::config::{MfConfig, MfLoss, MfSolver};
use super::squares::{Squares, ridge};
use crate::error::{Error, Result};
use crate::linalg::{SparseMatrix, clamp, logistic, logit};
use crate::lineage::Lineage;
use crate::methods::data::{NewModel, Target, TrainingData, task_means};
use crate::methods::fitted::{Fitted, Forecast, Tensor, has_no_results, tensor};
use crate::methods::lrmf::config::{LrmfConfig, Solver};
use crate::methods::lrmf::model::Lrmf;
use crate::methods::training::optimise::{self, Observer};
use crate::snapshot::ModelIndex;
use eyas_kernels::{Cells, Factorisation, cpu};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// A trained factorisation.
pub struct Mf {
    config: MfConfig,
    parts: Parts,
    means: Vec<f32>, // (n_tasks)
}

enum Parts {
    Squared { parameters: Factorisation, scaling: Scaling },
    Logistic { lrmf: Box<Lrmf>, lineage: Lineage },
}

impl Mf {
    /// Trains with these settings.
    ///
    /// # Errors
    /// If a setting makes no sense, the observer stops the training, or the objective stops being a number.
    pub async fn fit(data: &TrainingData<'_>, config: &MfConfig, observer: &mut dyn Observer) -> Result<Self> {
        if config.loss == MfLoss::Squared {
            return Self::fit_squared(data, config, observer).await;
        }
        config.check()?;
        let lineage = data.lineage.with_edges(Vec::new());
        let alone = TrainingData { lineage: &lineage, ..*data };
        let lrmf = Box::new(Lrmf::fit(&alone, &logistic_config(config), observer).await?);
        let parts = Parts::Logistic { lrmf, lineage };
        Ok(Self { config: config.clone(), parts, means: task_means(data) })
    }

    /// Trains with the squared loss.
    pub(in crate::methods) async fn fit_squared(
        data: &TrainingData<'_>,
        config: &MfConfig,
        observer: &mut dyn Observer,
    ) -> Result<Self> {
        config.check()?;
        let (parameters, scaling) = squared(&entries(data.cells), data, config, observer).await?;
        let parts = Parts::Squared { parameters, scaling };
        Ok(Self { config: config.clone(), parts, means: task_means(data) })
    }

    /// Trains with the settings of a small grid that predict held-out training cells best. The cells are held out by
    /// five-fold cross-validation if there are few, else a tenth of them once.
    ///
    /// # Errors
    /// As [`Mf::fit`].
    pub async fn choose(data: &TrainingData<'_>, observer: &mut dyn Observer) -> Result<Self> {
        if matches!(data.cells, Cells::Outcomes { .. }) {
            let LrmfConfig { l2, .. } = LrmfConfig::for_cells(data.cells.count());
            return Self::fit(data, &MfConfig { l2, ..MfConfig::logistic() }, observer).await;
        }
        let config = Self::choose_squared(data, observer).await?;
        Self::fit_squared(data, &config, observer).await
    }

    /// The settings of the squared loss that [`Mf::choose`] selects.
    pub(in crate::methods) async fn choose_squared(
        data: &TrainingData<'_>,
        observer: &mut dyn Observer,
    ) -> Result<MfConfig> {
        let all = entries(data.cells);
        let (parts, tried) = if all.len() <= FEW_CELLS { (5, 5) } else { (10, 1) };
        let mut rng = Pcg64Mcg::seed_from_u64(data.seed);
        let part: Vec<u32> = all.iter().map(|_| rng.random_range(0..parts)).collect();
        let mut best = (f64::INFINITY, MfConfig::default());
        for config in MfConfig::grid() {
            let mut error = 0.0;
            for held in 0..tried {
                let kept = all.iter().zip(&part).filter(|(_, part)| **part != held).map(|(cell, _)| *cell);
                let (parameters, scaling) = squared(&kept.collect::<Vec<_>>(), data, &config, observer).await?;
                let cells = all.iter().zip(&part).filter(|(_, part)| **part == held);
                error += cells
                    .map(|(&(model, task, value), _)| {
                        let logit = parameters.logit(model as usize, task as usize);
                        f64::from((scaling.back(task as usize, logit) - value).abs())
                    })
                    .sum::<f64>();
            }
            if error < best.0 {
                best = (error, config);
            }
        }
        Ok(best.1)
    }

    /// Restores saved parameters.
    ///
    /// # Errors
    /// If a tensor is missing or does not fit the data.
    pub fn restore(data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Self> {
        let means = task_means(data);
        let Some(settings) = tensors.iter().find(|tensor| tensor.name == "settings") else {
            let lineage = data.lineage.with_edges(Vec::new());
            let lrmf = Box::new(Lrmf::restore(&TrainingData { lineage: &lineage, ..*data }, tensors)?);
            let &LrmfConfig { dim, l2, biases, .. } = lrmf.config();
            let config = MfConfig { dim, l2, biases, ..MfConfig::logistic() };
            return Ok(Self { config, parts: Parts::Logistic { lrmf, lineage }, means });
        };
        let &[dim, l2, bias_l2, biases, logits] = settings.values.as_slice() else {
            return Err(Error::input("the saved model's settings do not fit the method mf"));
        };
        let (models, tasks, dim) = (data.models.len(), data.tasks.len(), dim as usize);
        let mut parameters = Factorisation::zeros(models, tasks, 0);
        parameters.dim = dim;
        parameters.models = tensor(tensors, "models", models * dim)?;
        parameters.model_bias = tensor(tensors, "model_bias", models)?;
        parameters.tasks = tensor(tensors, "tasks", tasks * dim)?;
        parameters.task_bias = tensor(tensors, "task_bias", tasks)?;
        let logits = logits != 0.0;
        let (centre, scale) = (tensor(tensors, "centre", tasks)?, tensor(tensors, "scale", tasks)?);
        let config = MfConfig { dim, l2, bias_l2, biases: biases != 0.0, logits, ..MfConfig::default() };
        Ok(Self { config, parts: Parts::Squared { parameters, scaling: Scaling { logits, centre, scale } }, means })
    }

    /// The forecast of a new model with these scores, by the squared loss; the tasks' means if it has no scores, or the loss
    /// is the logistic one. (n_tasks)
    pub(in crate::methods) fn given(&self, known: &[(usize, f32)]) -> Result<Vec<f32>> {
        match &self.parts {
            Parts::Squared { parameters: p, scaling } if !known.is_empty() => {
                let there = |&(task, score): &(usize, f32)| (task as u32, scaling.there(task, score));
                let cells: Vec<_> = known.iter().map(there).collect();
                let mut vector = ridge(&cells, &p.tasks, &p.task_bias, &self.config)?;
                let bias = vector.pop().unwrap_or(0.0);
                Ok(scores(p, scaling, &vector, bias))
            }
            _ => Ok(self.means.clone()),
        }
    }

    /// The settings of the training; for a saved model only those that its forecasts depend on.
    #[must_use]
    pub fn config(&self) -> &MfConfig {
        &self.config
    }
}

impl Fitted for Mf {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        if has_no_results(data, target) {
            return Ok(Forecast { mean: self.means.clone(), sources: Vec::new(), intervals: Vec::new() });
        }
        match &self.parts {
            Parts::Logistic { lrmf, lineage } => {
                let data = TrainingData { lineage, ..*data };
                match target {
                    Target::Known(_) => lrmf.forecast(&data, target),
                    Target::New(new) => {
                        let scores = new.scores.clone();
                        lrmf.forecast(&data, Target::New(&NewModel { scores, ..NewModel::default() }))
                    }
                }
            }
            Parts::Squared { parameters: p, scaling } => {
                let mean = match target {
                    Target::Known(ModelIndex(model)) => {
                        scores(p, scaling, p.model(model as usize), p.model_bias[model as usize])
                    }
                    Target::New(new) => self.given(&new.distinct_scores())?,
                };
                Ok(Forecast { mean, sources: Vec::new(), intervals: Vec::new() })
            }
        }
    }

    fn tensors(&self) -> Vec<Tensor> {
        let tensor = |name: &str, shape: Vec<usize>, values: Vec<f32>| Tensor { name: name.to_owned(), shape, values };
        match &self.parts {
            Parts::Logistic { lrmf, .. } => lrmf.tensors(),
            Parts::Squared { parameters: p, scaling } => {
                let (models, tasks, c) = (p.model_bias.len(), p.task_bias.len(), &self.config);
                let flag = |flag| f32::from(u8::from(flag));
                let settings = vec![p.dim as f32, c.l2, c.bias_l2, flag(c.biases), flag(c.logits)];
                vec![
                    tensor("settings", vec![5], settings),
                    tensor("models", vec![models, p.dim], p.models.clone()),
                    tensor("model_bias", vec![models], p.model_bias.clone()),
                    tensor("tasks", vec![tasks, p.dim], p.tasks.clone()),
                    tensor("task_bias", vec![tasks], p.task_bias.clone()),
                    tensor("centre", vec![tasks], scaling.centre.clone()),
                    tensor("scale", vec![tasks], scaling.scale.clone()),
                ]
            }
        }
    }
}

/// The predicted scores of a model with this vector and bias. (n_tasks)
fn scores(p: &Factorisation, scaling: &Scaling, vector: &[f32], bias: f32) -> Vec<f32> {
    let score = |(task, its): (usize, &f32)| scaling.back(task, cpu::dot(vector, p.task(task)) + bias + its);
    p.task_bias.iter().enumerate().map(score).collect()
}

/// The most cells for which the settings are chosen by cross-validation.
const FEW_CELLS: usize = 10_000;

fn logistic_config(config: &MfConfig) -> LrmfConfig {
    LrmfConfig {
        dim: config.dim,
        l2: config.l2,
        lineage: 0.0,
        tasks: 0.0,
        task_neighbours: 0,
        biases: config.biases,
        solver: if let MfSolver::Adam(rate) = config.solver { Solver::Adam(rate) } else { Solver::Majorisation },
        limits: config.limits,
    }
}

fn entries(cells: &Cells) -> Vec<(u32, u32, f32)> {
    let mut all = Vec::with_capacity(cells.count());
    for model in 0..cells.models() {
        cells.for_row(model, |task, value| all.push((model as u32, task as u32, value)));
    }
    all
}

/// Trains the squared loss on these cells, in 0..1.
async fn squared(
    cells: &[(u32, u32, f32)],
    data: &TrainingData<'_>,
    config: &MfConfig,
    observer: &mut dyn Observer,
) -> Result<(Factorisation, Scaling)> {
    let scaling = Scaling::new(cells, data.tasks.len(), config);
    let targets = cells.iter().map(|&(model, task, value)| (model, task, scaling.there(task as usize, value)));
    let targets = SparseMatrix::from_entries(data.models.len(), data.tasks.len(), targets.collect());
    let mut training = Squares::new(&targets, config, data.seed);
    optimise::train(&mut training, config.limits, observer).await?;
    Ok((training.into_parameters(), scaling))
}

/// The transformation from scores to the factorised targets, and back.
#[derive(Debug, Clone, PartialEq)]
struct Scaling {
    logits: bool,
    centre: Vec<f32>, // (n_tasks)
    scale: Vec<f32>,  // (n_tasks), above 0
}

/// Logits are taken of scores clipped this far from 0 and 1.
const MARGIN: f32 = 0.01;
/// Number of pseudo-observations of the pooled variance in each task's variance.
const MADE_UP: f32 = 3.0;

impl Scaling {
    fn new(cells: &[(u32, u32, f32)], tasks: usize, config: &MfConfig) -> Self {
        let mut scaling = Self { logits: config.logits, centre: vec![0.0; tasks], scale: vec![1.0; tasks] };
        if !config.standardise {
            return scaling;
        }
        let values = cells.iter().map(|&(_, task, value)| (task as usize, scaling.link(value)));
        let values: Vec<(usize, f32)> = values.collect();
        let mut counts = vec![0.0f32; tasks];
        values.iter().for_each(|&(task, _)| counts[task] += 1.0);
        let total = values.iter().map(|value| value.1).sum::<f32>() / values.len().max(1) as f32;
        values.iter().for_each(|&(task, value)| scaling.centre[task] += value / counts[task]);
        counts.iter().zip(&mut scaling.centre).filter(|(n, _)| **n == 0.0).for_each(|(_, centre)| *centre = total);
        let mut squares = vec![0.0f32; tasks];
        values.iter().for_each(|&(task, value)| squares[task] += (value - scaling.centre[task]).powi(2));
        let pooled = (squares.iter().sum::<f32>() / values.len().max(1) as f32).max(1e-6);
        for ((scale, squares), count) in scaling.scale.iter_mut().zip(squares).zip(counts) {
            *scale = ((squares + MADE_UP * pooled) / (count + MADE_UP)).sqrt();
        }
        scaling
    }

    fn link(&self, score: f32) -> f32 {
        if self.logits { logit(score, MARGIN) } else { score }
    }

    fn there(&self, task: usize, score: f32) -> f32 {
        (self.link(score) - self.centre[task]) / self.scale[task]
    }

    fn back(&self, task: usize, value: f32) -> f32 {
        let value = self.centre[task] + self.scale[task] * value;
        if self.logits { logistic(value) } else { clamp(value, 0.0, 1.0) }
    }
}
