//! Lineage-Regularized Matrix Factorization (Tamura et al., "Can a Crow Hatch a Falcon?", §3.3, Proposed-2).
//!
//! `ẑ_ui = logistic(m_u · x_i + b_u + b_i)`, trained on the objective
//!
//! `O = 1/|Ω| Σ BCE(z_ui, ẑ_ui) + λ (|M|² + |X|² + |b_u|²) + λ_M Tr(MᵀL_M M) + λ_X Tr(XᵀL_X X)`
//!
//! with M: (n_nodes, dim) over all nodes of the lineage graph, X: (n_tasks, dim), z outcomes or scores in 0..1, L_M the
//! Laplacian of the lineage graph and L_X that of the task graph ([`super::task_graph`]).
//!
//! Deviations. The paper has no biases; here `b_u` and `b_i` are on by default, with the same graph penalties, because real
//! outcomes need them (mean Pearson 0.67 without, 0.82 with, on leaderboard v1). `b_i` has no L2 term, because an item's
//! difficulty has no reason to be near 0. Relatives without evaluations have vectors too, which only the graph penalty
//! determines. The validation split is cut from the training cells (5 % of the models that have an evaluated relative as
//! whole rows, 2 % of the other cells); after early stopping its cells join the training for some last epochs. The L2 term
//! applies only to rows with training cells: a model without any is placed by its relatives and not pulled towards 0. The
//! paper weighs its penalties against a mean over cells, so that with more cells they outweigh more evidence;
//! [`LrmfConfig::for_cells`] limits this. A model that no path of edges joins to an evaluated model gets the mean vector of
//! the ten models with the most similar names. The paper's Adam is the reference; the default solver is [`super::majorise`],
//! which reaches the same objective much sooner.

use super::config::LrmfConfig;
use super::namesakes::Namesakes;
use super::training::LrmfTraining;
use crate::device::compute::{Compute, Device};
use crate::error::Result;
use crate::methods::data::{NewModel, Target, TrainingData};
use crate::methods::fitted::{Fitted, Forecast, Tensor, find, misfit, tensor};
use crate::methods::relatives;
use crate::methods::training::optimise::{self, Observer, TrainingLimits};
use eyas_kernels::{Factorisation, probabilities};
use ndarray::{ArrayView2, aview2};

/// The position of a new model.
struct Placed {
    coordinates: Vec<f32>,       // (dim + 1): the vector, then the bias
    neighbours: Vec<(u32, f32)>, // its parents and children in the graph, with their weights
}

/// A trained factorisation.
#[derive(Debug, Clone)]
pub struct Lrmf {
    parameters: Factorisation,
    config: LrmfConfig,
    cells: usize,
    namesakes: Namesakes,
}

impl Lrmf {
    /// Trains on these data.
    ///
    /// # Errors
    /// If the observer stops it, or the objective stops being a number.
    pub async fn fit(data: &TrainingData<'_>, config: &LrmfConfig, observer: &mut dyn Observer) -> Result<Self> {
        Self::fit_on(&mut Compute::new(Device::Cpu), data, config, observer).await
    }

    /// Trains on these data on the device of `compute`, which afterwards states the device that was used.
    ///
    /// # Errors
    /// As [`Lrmf::fit`], and if a GPU was requested by name and is not available.
    pub async fn fit_on(
        compute: &mut Compute,
        data: &TrainingData<'_>,
        config: &LrmfConfig,
        observer: &mut dyn Observer,
    ) -> Result<Self> {
        let mut problem = LrmfTraining::new(data, config).on(compute).await?;
        problem.choose(observer).await;
        let trained = Self::descend(&mut problem, config.limits, observer).await;
        compute.clone_from(problem.compute());
        compute.close();
        trained?;
        let mut fitted = Self::with(data, problem.into_parameters(), config.clone());
        fitted.place_unrelated(data);
        Ok(fitted)
    }

    fn with(data: &TrainingData<'_>, parameters: Factorisation, config: LrmfConfig) -> Self {
        // Without lineage this is plain matrix factorisation, which does not use names either.
        let namesakes = if config.lineage > 0.0 { Namesakes::new(data) } else { Namesakes::default() };
        Self { parameters, config, cells: data.cells.count(), namesakes }
    }

    /// Places the models that no path joins to an evaluated model at the mean of those with similar names.
    fn place_unrelated(&mut self, data: &TrainingData<'_>) {
        let reached = reached(data);
        for model in (0..data.models.len()).filter(|&model| !reached[model]) {
            let near = self.namesakes.of(&data.models[model].id);
            if !near.is_empty() {
                let mut mean = vec![0.0; self.config.dim + 1];
                near.iter().for_each(|&(other, share)| self.add_node(&mut mean, other as usize, f64::from(share)));
                let p = &mut self.parameters;
                let place = p.models[model * p.dim..][..p.dim].iter_mut().chain([&mut p.model_bias[model]]);
                place.zip(mean).for_each(|(value, mean)| *value = mean as f32);
            }
        }
    }

    async fn descend(
        problem: &mut LrmfTraining<'_>,
        limits: TrainingLimits,
        observer: &mut dyn Observer,
    ) -> Result<usize> {
        let best = optimise::train(problem, limits, observer).await?;
        let last = TrainingLimits { max_epochs: (best / 5).clamp(20, 100), patience: usize::MAX };
        problem.add_validation_cells().await?;
        optimise::train(problem, last, observer).await
    }

    /// Restores saved parameters.
    ///
    /// # Errors
    /// If a tensor is missing or does not fit the data.
    pub fn restore(data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Self> {
        let (parameters, config) = restored(data, tensors)?;
        Ok(Self::with(data, parameters, config))
    }

    /// Restores saved parameters for further training; new models are not placed by their names.
    ///
    /// # Errors
    /// As [`Lrmf::restore`].
    pub(in crate::methods) fn resume(data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Self> {
        let (parameters, config) = restored(data, tensors)?;
        Ok(Self { parameters, config, cells: data.cells.count(), namesakes: Namesakes::default() })
    }

    /// The settings of the training; for a saved model only those of the objective.
    pub(in crate::methods) fn config(&self) -> &LrmfConfig {
        &self.config
    }

    /// The parameters: vectors and biases of all nodes and tasks.
    #[must_use]
    pub fn parameters(&self) -> &Factorisation {
        &self.parameters
    }

    /// The vectors of all nodes of the lineage graph: (n_nodes, dim), the models first.
    #[must_use]
    pub fn model_vectors(&self) -> ArrayView2<'_, f32> {
        matrix(&self.parameters.models, self.parameters.dim)
    }

    /// The vectors of all tasks: (n_tasks, dim).
    #[must_use]
    pub fn task_vectors(&self) -> ArrayView2<'_, f32> {
        matrix(&self.parameters.tasks, self.parameters.dim)
    }

    /// Places a model that was not in training: the vector and bias that minimise the objective with everything else fixed,
    /// `1/|Ω| Σ BCE(its scores) + λ (|m|² + b²) + λ_M Σ_neighbours w (|m - m_n|² + (b - b_n)²)`, by Newton's method. Without
    /// scores the minimum is the weighted mean of its neighbours: its parents and, for a node of the graph, its children. If
    /// there are none, or no path joins the node to an evaluated model, the models with similar names replace them, as one
    /// neighbour. Without those as well it is the mean of all evaluated models, with the weight λ.
    fn place(&self, data: &TrainingData<'_>, new: &NewModel) -> Result<Placed> {
        let dim = self.config.dim;
        let mut neighbours = relatives::neighbours(data.lineage, Target::New(new));
        neighbours.retain(|neighbour| self.config.lineage * neighbour.1 > 0.0); // those with a penalty
        let mut centre = vec![0.0f64; dim + 1]; // the vector, then the bias
        let alone = neighbours.is_empty() || new.node.is_some_and(|node| !reached(data)[node as usize]);
        let near = if alone { self.namesakes.of(new.name.as_deref().unwrap_or_default()) } else { Vec::new() };
        let relatives = if near.is_empty() { &neighbours } else { &near };
        let mut pull = f64::from(self.config.lineage) * relatives.iter().map(|p| f64::from(p.1)).sum::<f64>();
        for &(node, weight) in relatives {
            self.add_node(&mut centre, node as usize, f64::from(self.config.lineage * weight) / pull);
        }
        // As in training, the L2 term applies only to models with results.
        let mut strength = if new.scores.is_empty() { 0.0 } else { f64::from(self.config.l2) };
        if relatives.is_empty() {
            let evaluated: Vec<usize> =
                (0..data.models.len()).filter(|&model| data.cells.count_row(model) > 0).collect();
            evaluated.iter().for_each(|&model| self.add_node(&mut centre, model, 1.0 / evaluated.len() as f64));
            pull = f64::from(self.config.l2);
            strength = 0.0;
        }
        let bias = if self.config.biases { 1.0 } else { 0.0 };
        let observations: Vec<(Vec<f64>, f64, f64)> = new
            .distinct_scores()
            .into_iter()
            .map(|(task, score)| {
                let vector = self.parameters.task(task).iter().map(|&x| f64::from(x)).chain([bias]).collect();
                (vector, f64::from(self.parameters.task_bias[task]), f64::from(score))
            })
            .collect();
        let placed = newton(&observations, 1.0 / self.cells as f64, &centre, pull, strength)?;
        Ok(Placed { coordinates: placed.into_iter().map(|value| value as f32).collect(), neighbours })
    }

    fn add_node(&self, centre: &mut [f64], node: usize, share: f64) {
        let values = self.parameters.model(node).iter().chain([&self.parameters.model_bias[node]]);
        centre.iter_mut().zip(values).for_each(|(centre, &value)| *centre += share * f64::from(value));
    }
}

impl Fitted for Lrmf {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        let p = &self.parameters;
        match target {
            Target::Known(model) => {
                let node = model.0 as usize;
                let mean = probabilities(p, p.model(node), p.model_bias[node]);
                let neighbours = relatives::neighbours(data.lineage, target);
                Ok(Forecast { mean, sources: shares_of_models(data, neighbours), intervals: Vec::new() })
            }
            Target::New(new) => {
                let Placed { coordinates, neighbours } = self.place(data, new)?;
                let (vector, bias) = coordinates.split_at(p.dim);
                let mean = probabilities(p, vector, bias[0]);
                let of_node = new.node.is_some();
                let sources = if of_node { shares_of_models(data, neighbours) } else { relatives::shares(neighbours) };
                Ok(Forecast { mean, sources, intervals: Vec::new() })
            }
        }
    }

    fn tensors(&self) -> Vec<Tensor> {
        let p = &self.parameters;
        let (nodes, tasks) = (p.model_bias.len(), p.task_bias.len());
        let shapes = [vec![nodes, p.dim], vec![nodes], vec![tasks, p.dim], vec![tasks]];
        let named = NAMES.into_iter().zip(shapes).zip(p.blocks());
        let parameters =
            named.map(|((name, shape), values)| Tensor { name: name.to_owned(), shape, values: values.to_vec() });
        let LrmfConfig { l2, lineage, tasks, task_neighbours, biases, .. } = self.config;
        let objective = vec![l2, lineage, tasks, task_neighbours as f32, f32::from(u8::from(biases))];
        parameters.chain([Tensor { name: OBJECTIVE.to_owned(), shape: vec![5], values: objective }]).collect()
    }
}

/// Whether a path of edges joins each node to an evaluated model. (n_nodes)
fn reached(data: &TrainingData<'_>) -> Vec<bool> {
    let evaluated = (0..data.models.len() as u32).filter(|&model| data.cells.count_row(model as usize) > 0);
    data.lineage.reached(evaluated)
}

/// The shares of the neighbours that are models of the data.
fn shares_of_models(data: &TrainingData<'_>, mut neighbours: Vec<(u32, f32)>) -> Vec<(u32, f32)> {
    neighbours.retain(|neighbour| (neighbour.0 as usize) < data.models.len());
    relatives::shares(neighbours)
}

/// Saved parameters, and the settings of their training.
fn restored(data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<(Factorisation, LrmfConfig)> {
    let dim = find(tensors, "tasks")?.shape.get(1).copied().unwrap_or(0);
    let mut parameters = Factorisation::zeros(data.lineage.len(), data.tasks.len(), dim);
    for (name, block) in NAMES.into_iter().zip(parameters.blocks_mut()) {
        block.copy_from_slice(&tensor(tensors, name, block.len())?);
    }
    let saved = tensor(tensors, OBJECTIVE, 5)?;
    let &[l2, lineage, tasks, neighbours, biases] = saved.as_slice() else { return Err(misfit(OBJECTIVE)) };
    let (task_neighbours, biases) = (neighbours as usize, biases != 0.0);
    Ok((parameters, LrmfConfig { dim, l2, lineage, tasks, task_neighbours, biases, ..LrmfConfig::default() }))
}

/// Row-major values as a matrix of this width.
fn matrix(values: &[f32], width: usize) -> ArrayView2<'_, f32> {
    ArrayView2::from_shape((values.len() / width.max(1), width), values).unwrap_or_else(|_| aview2::<f32, 0>(&[]))
}

/// Names of the parameter blocks in a saved model, in the order of [`Factorisation::blocks`].
const NAMES: [&str; 4] = ["models", "model_bias", "tasks", "task_bias"];
/// Name of the settings of the objective in a saved model: λ, λ_M, λ_X, the neighbours of a task and whether there are biases.
const OBJECTIVE: &str = "objective";

/// Minimises `scale Σ BCE(v·x + offset, y) + strength |v|² + pull |v - centre|²` over v.
/// Observations are `(x, offset, y)` with x as long as the centre.
fn newton(
    observations: &[(Vec<f64>, f64, f64)],
    scale: f64,
    centre: &[f64],
    pull: f64,
    strength: f64,
) -> Result<Vec<f64>> {
    let n = centre.len();
    let ridge = (pull + strength).max(1e-12);
    let mut v: Vec<f64> = centre.iter().map(|c| c * pull / ridge).collect();
    for _ in 0..if observations.is_empty() { 0 } else { 50 } {
        let mut gradient: Vec<f64> = (0..n).map(|k| 2.0 * (strength * v[k] + pull * (v[k] - centre[k]))).collect();
        let mut hessian = vec![0.0; n * n]; // (n, n), row-major
        (0..n).for_each(|k| hessian[k * n + k] = 2.0 * ridge);
        for (x, offset, y) in observations {
            let z: f64 = x.iter().zip(&v).map(|(x, v)| x * v).sum::<f64>() + offset;
            let p = 1.0 / (1.0 + (-z).exp());
            // The curvature bound prevents overshooting from distant starts.
            let curvature = (p * (1.0 - p)).max(0.05 * (p - y).abs());
            for a in 0..n {
                gradient[a] += scale * (p - y) * x[a];
                (0..n).for_each(|b| hessian[a * n + b] += scale * curvature * x[a] * x[b]);
            }
        }
        let step = crate::linalg::solve_positive(&mut hessian, &gradient)?;
        v.iter_mut().zip(&step).for_each(|(v, step)| *v -= step);
        if step.iter().map(|s| s * s).sum::<f64>() < 1e-16 {
            break;
        }
    }
    Ok(v)
}
