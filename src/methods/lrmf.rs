//! Lineage-Regularized Matrix Factorization (Tamura et al., "Can a Crow Hatch a Falcon?", §3.3, Proposed-2).
//!
//! `ẑ_ui = logistic(m_u · x_i + b_u + b_i)`, trained on the objective
//!
//! `O = 1/|Ω| Σ BCE(z_ui, ẑ_ui) + λ (|M|² + |X|² + |b_u|²) + λ_M Tr(MᵀL_M M) + λ_X Tr(XᵀL_X X)`
//!
//! with M: (n_nodes, dim) over all nodes of the lineage graph, X: (n_tasks, dim), z outcomes or scores in 0..1, L_M the
//! Laplacian of the lineage graph and L_X that of the task graph ([`super::task_graph`]).
//!
//! Deviations. The paper has no biases; here `b_u` and `b_i` are on by default, tied by the same graphs, because real
//! outcomes need them (mean Pearson 0.67 without, 0.82 with, on leaderboard v1). `b_i` has no L2 term: how hard an item is
//! has nothing to do with 0. Relatives that nobody evaluated have vectors too, which only the graph moves. The validation
//! split is cut from the training cells (5 % of the models that have an evaluated relative as whole rows, 2 % of the
//! other cells); after early stopping its cells join the training for some last epochs.

use super::adam::Adam;
use super::training::{self, Observer, Optimiser, TrainingLimits};
use super::{Fitted, Forecast, NewModel, Target, Tensor, TrainingData, relatives, task_graph::task_graph};
use crate::error::{Error, Result};
use crate::kernels::{self, Cells, Factorisation, cpu};
use crate::linalg::{logistic, logistic_loss, logit};
use crate::lineage::Laplacian;
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;

/// Settings of [`Lrmf`]; the defaults are the paper's.
#[derive(Debug, Clone, PartialEq)]
pub struct LrmfConfig {
    /// Latent dimension.
    pub dim: usize,
    /// Weight λ of the squared length of all vectors.
    pub l2: f32,
    /// Weight λ_M of the lineage graph.
    pub lineage: f32,
    /// Weight λ_X of the task graph.
    pub tasks: f32,
    /// Neighbours of each task in the task graph.
    pub task_neighbours: usize,
    /// Whether models and tasks have biases.
    pub biases: bool,
    /// Adam's step length.
    pub rate: f32,
    /// When the training ends.
    pub limits: TrainingLimits,
}

impl Default for LrmfConfig {
    fn default() -> Self {
        Self {
            dim: 16,
            l2: 1e-5,
            lineage: 1e-4,
            tasks: 1e-5,
            task_neighbours: 20,
            biases: true,
            rate: 3e-3,
            limits: TrainingLimits { max_epochs: 10_000, patience: 100 },
        }
    }
}

/// A trained factorisation.
#[derive(Debug, Clone)]
pub struct Lrmf {
    parameters: Factorisation,
    config: LrmfConfig,
    cells: usize,
}

impl Lrmf {
    /// Trains on these data.
    ///
    /// # Errors
    /// If the observer stops it, or the objective stops being a number.
    pub async fn fit(data: &TrainingData<'_>, config: &LrmfConfig, observer: &mut dyn Observer) -> Result<Self> {
        let mut problem = LrmfTraining::new(data, config);
        let best = training::train(&mut problem, config.limits, observer).await?;
        let last = TrainingLimits { max_epochs: (best / 5).clamp(1, 100), patience: usize::MAX };
        problem.take_validation_in();
        training::train(&mut problem, last, observer).await?;
        Ok(Self { parameters: problem.parameters, config: config.clone(), cells: data.cells.count() })
    }

    /// From saved parameters.
    ///
    /// # Errors
    /// If a tensor is missing or does not fit the data.
    pub fn restore(data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Self> {
        let find = |name: &str| tensors.iter().find(|tensor| tensor.name == name);
        let dim = find("tasks").and_then(|tensor| tensor.shape.get(1).copied()).unwrap_or(0);
        let mut parameters = Factorisation::zeros(data.lineage.len(), data.tasks.len(), dim);
        for (name, block) in NAMES.into_iter().zip(parameters.blocks_mut()) {
            let tensor = find(name).filter(|tensor| tensor.values.len() == block.len());
            let tensor =
                tensor.ok_or_else(|| Error::input(format!("the saved model lacks a fitting tensor \"{name}\"")))?;
            block.copy_from_slice(&tensor.values);
        }
        Ok(Self { parameters, config: LrmfConfig { dim, ..LrmfConfig::default() }, cells: data.cells.count() })
    }

    /// The parameters: vectors and biases of all nodes and tasks.
    #[must_use]
    pub fn parameters(&self) -> &Factorisation {
        &self.parameters
    }

    /// Places a model that was not in training: the vector and bias that minimise the objective with all else fixed,
    /// `1/|Ω| Σ BCE(its scores) + λ (|m|² + b²) + λ_M Σ_parents w (|m - m_p|² + (b - b_p)²)`, by Newton's method. Without
    /// scores that is the shrunken weighted mean of its parents; without known parents either, the mean of all
    /// evaluated models takes their place.
    fn place(&self, data: &TrainingData<'_>, new: &NewModel) -> Result<(Vec<f32>, Vec<(u32, f32)>)> {
        let dim = self.config.dim;
        let parents = relatives::known_parents(data.lineage, new);
        let mut centre = vec![0.0f64; dim + 1]; // the vector, then the bias
        let mut pull = f64::from(self.config.lineage) * parents.iter().map(|p| f64::from(p.1)).sum::<f64>();
        for &(node, weight) in &parents {
            self.add_node(&mut centre, node as usize, f64::from(self.config.lineage * weight) / pull);
        }
        let mut strength = f64::from(self.config.l2);
        if parents.is_empty() {
            let evaluated: Vec<usize> =
                (0..data.models.len()).filter(|&model| data.cells.count_row(model) > 0).collect();
            evaluated.iter().for_each(|&model| self.add_node(&mut centre, model, 1.0 / evaluated.len() as f64));
            pull = f64::from(self.config.l2);
            strength = 0.0;
        }
        let observations: Vec<(Vec<f64>, f64, f64)> = new
            .scores
            .iter()
            .map(|&(task, score)| {
                let vector = self.parameters.task(task).iter().map(|&x| f64::from(x)).chain([1.0]).collect();
                (vector, f64::from(self.parameters.task_bias[task]), f64::from(score))
            })
            .collect();
        let placed = newton(&observations, 1.0 / self.cells as f64, &centre, pull, strength)?;
        Ok((placed.into_iter().map(|value| value as f32).collect(), parents))
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
                let mean = (0..data.tasks.len()).map(|task| logistic(p.logit(model.0 as usize, task))).collect();
                let kin = data.lineage.neighbours(model.0).filter(|n| (n.0 as usize) < data.models.len()).collect();
                Ok(Forecast { mean, sources: relatives::shares(kin) })
            }
            Target::New(new) => {
                let (placed, parents) = self.place(data, new)?;
                let (vector, bias) = placed.split_at(p.dim);
                let score = |task| logistic(cpu::dot(vector, p.task(task)) + bias[0] + p.task_bias[task]);
                let mean = (0..data.tasks.len()).map(score).collect();
                Ok(Forecast { mean, sources: relatives::shares(parents) })
            }
        }
    }

    fn tensors(&self) -> Vec<Tensor> {
        let p = &self.parameters;
        let (nodes, tasks) = (p.model_bias.len(), p.task_bias.len());
        let shapes = [vec![nodes, p.dim], vec![nodes], vec![tasks, p.dim], vec![tasks]];
        let named = NAMES.into_iter().zip(shapes).zip(p.blocks());
        named.map(|((name, shape), values)| Tensor { name: name.to_owned(), shape, values: values.to_vec() }).collect()
    }
}

/// Names of the parameter blocks in a saved model, in the order of [`Factorisation::blocks`].
const NAMES: [&str; 4] = ["models", "model_bias", "tasks", "task_bias"];

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
            // The curvature bound keeps far-off starts from overshooting.
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

/// A training under way: the objective over one data set, and the parameters on their way down.
pub struct LrmfTraining<'a> {
    training: Cells,
    full: &'a Cells,
    validation: Vec<(u32, u32, f32)>, // model, task, 0..1
    lineage: Laplacian,
    tasks: Laplacian,
    config: LrmfConfig,
    parameters: Factorisation,
    gradient: Factorisation,
    best: Factorisation,
    adam: Adam,
}

impl<'a> LrmfTraining<'a> {
    /// Before the first epoch.
    #[must_use]
    pub fn new(data: &TrainingData<'a>, config: &LrmfConfig) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(data.seed);
        let validation = validation_cells(data, &mut rng);
        let training = without(data.cells, &validation);
        let parameters = initial(data, &training, config, &mut rng);
        Self {
            lineage: Laplacian::from(data.lineage),
            tasks: task_graph(data, config.task_neighbours),
            gradient: Factorisation::zeros(data.lineage.len(), data.tasks.len(), config.dim),
            adam: Adam::new(config.rate, parameters.blocks().map(<[f32]>::len)),
            best: parameters.clone(),
            full: data.cells,
            training,
            validation,
            config: config.clone(),
            parameters,
        }
    }

    /// One epoch of Adam; returns the objective before it.
    pub fn epoch(&mut self) -> f64 {
        let objective = self.evaluate();
        self.adam.step(self.parameters.blocks_mut(), self.gradient.blocks());
        objective
    }

    /// Number of cells that it trains on, the validation split left out.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.training.count()
    }

    fn take_validation_in(&mut self) {
        self.training = self.full.clone();
        self.validation.clear();
        self.adam = Adam::new(self.config.rate, self.parameters.blocks().map(<[f32]>::len));
    }

    /// The objective at the current parameters; its gradient is left in `self.gradient`.
    fn evaluate(&mut self) -> f64 {
        let (config, p, g) = (&self.config, &self.parameters, &mut self.gradient);
        for block in g.blocks_mut() {
            block.fill(0.0);
        }
        let count = self.training.count().max(1);
        let mut objective = kernels::logistic_step(&self.training, p, g) / count as f64;
        for block in g.blocks_mut() {
            block.iter_mut().for_each(|value| *value /= count as f32);
        }
        for (values, gradient) in
            [(&p.models, &mut g.models), (&p.model_bias, &mut g.model_bias), (&p.tasks, &mut g.tasks)]
        {
            objective += f64::from(config.l2) * values.iter().map(|&v| f64::from(v * v)).sum::<f64>();
            cpu::add_scaled(gradient, 2.0 * config.l2, values);
        }
        let graphs = [
            (config.lineage, &self.lineage, &p.models, &mut g.models, config.dim),
            (config.lineage, &self.lineage, &p.model_bias, &mut g.model_bias, 1),
            (config.tasks, &self.tasks, &p.tasks, &mut g.tasks, config.dim),
        ];
        for (weight, graph, values, gradient, dim) in graphs {
            objective += f64::from(weight) * graph.energy(values, dim);
            graph.add_product(2.0 * weight, values, dim, gradient);
        }
        if !config.biases {
            g.model_bias.fill(0.0);
            g.task_bias.fill(0.0);
        }
        objective
    }
}

impl Optimiser for LrmfTraining<'_> {
    async fn advance(&mut self) -> Result<f64> {
        Ok(self.epoch())
    }

    fn validate(&self) -> Option<f64> {
        let loss = |&(model, task, value): &(u32, u32, f32)| {
            f64::from(logistic_loss(self.parameters.logit(model as usize, task as usize), value))
        };
        let sum: f64 = self.validation.iter().map(loss).sum();
        (!self.validation.is_empty()).then(|| sum / self.validation.len() as f64)
    }

    fn keep(&mut self) {
        self.best.clone_from(&self.parameters);
    }

    fn go_back(&mut self) {
        self.parameters.clone_from(&self.best);
    }
}

/// Whole rows of 5 % of the models that have an evaluated relative (at most 200), and 2 % of the other cells.
fn validation_cells(data: &TrainingData<'_>, rng: &mut Pcg64Mcg) -> Vec<(u32, u32, f32)> {
    let evaluated = |node: u32| (node as usize) < data.models.len() && data.cells.count_row(node as usize) > 0;
    let related = |&model: &u32| evaluated(model) && data.lineage.neighbours(model).any(|(other, _)| evaluated(other));
    let mut rows: Vec<u32> = (0..data.models.len() as u32).filter(related).collect();
    rows.shuffle(rng);
    rows.truncate((rows.len() / 20).min(200));
    rows.sort_unstable();
    let mut cells = Vec::new();
    for model in 0..data.models.len() as u32 {
        let whole = rows.binary_search(&model).is_ok();
        data.cells.for_row(model as usize, |task, value| {
            if whole || rng.random_bool(0.02) {
                cells.push((model, task as u32, value));
            }
        });
    }
    cells
}

/// The cells that are not among these.
fn without(cells: &Cells, held: &[(u32, u32, f32)]) -> Cells {
    let mut mask = crate::linalg::BitMatrix::zeros(cells.models(), cells.tasks());
    held.iter().for_each(|&(model, task, _)| mask.set(model as usize, task as usize, true));
    cells.without(&mask)
}

/// Vectors drawn from N(0, 0.1²), task biases at the logit of each task's mean.
fn initial(data: &TrainingData<'_>, training: &Cells, config: &LrmfConfig, rng: &mut Pcg64Mcg) -> Factorisation {
    let mut parameters = Factorisation::zeros(data.lineage.len(), data.tasks.len(), config.dim);
    for block in [&mut parameters.models, &mut parameters.tasks] {
        block.fill_with(|| 0.1 * normal(rng));
    }
    if config.biases {
        let mut sums = vec![(0.5f32, 1.0f32); data.tasks.len()];
        (0..training.models()).for_each(|model| {
            training.for_row(model, |task, value| sums[task] = (sums[task].0 + value, sums[task].1 + 1.0));
        });
        let means = sums.into_iter().map(|(sum, count)| logit(sum / count, 1e-3));
        parameters.task_bias.iter_mut().zip(means).for_each(|(bias, mean)| *bias = mean);
    }
    parameters
}

/// A draw from N(0, 1), by Box and Muller.
fn normal(rng: &mut Pcg64Mcg) -> f32 {
    let (a, b): (f32, f32) = (1.0 - rng.random::<f32>(), rng.random());
    (-2.0 * a.ln()).sqrt() * (std::f32::consts::TAU * b).cos()
}
