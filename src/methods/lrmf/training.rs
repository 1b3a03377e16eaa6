//! The objective of [`super::Lrmf`] over one data set, and its minimisation by either solver.

use super::config::{LrmfConfig, Solver};
use super::initial::{initial_parameters, validation_cells};
use super::majorise::{self, Momentum};
use super::spectral;
use super::task_graph::task_graph;
use super::ties::{Bias, Ties, View};
use crate::device::compute::{Compute, Device};
use crate::device::gpu::Factoriser;
use crate::device::shapes::Side;
use crate::error::Result;
use crate::linalg::{BitMatrix, logistic_loss};
use crate::lineage::{Forest, Laplacian};
use crate::methods::data::TrainingData;
use crate::methods::training::adam::Adam;
use crate::methods::training::optimise::Optimiser;
use eyas_kernels::{Cells, Factorisation, Sides, cpu};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

/// A training in progress: the objective, and the current parameters.
pub struct LrmfTraining<'a> {
    pub(super) full: &'a Cells,
    pub(super) training: Cells,
    count: usize,
    pub(super) validation: Vec<(u32, u32, f32)>, // model, task, 0..1
    pub(super) lineage: Laplacian,
    pub(super) tasks: Laplacian,
    forests: [Forest; 2],              // of both graphs
    pub(super) seen_models: Vec<bool>, // (n_nodes): whether it has training cells
    pub(super) seen_tasks: Vec<bool>,  // (n_tasks)
    pub(super) config: LrmfConfig,
    pub(super) parameters: Factorisation,
    pub(super) gradient: Factorisation,
    best: Factorisation,
    pub(super) state: State,
    pub(super) compute: Compute,
    pub(super) device: Option<Factoriser>, // none on the CPU
    pub(super) validated: Option<f64>,     // the validation metric, where the device computes it
}

/// The state of a solver between epochs.
#[derive(Clone)]
pub(super) enum State {
    Adam(Adam),
    /// The remaining half steps of [`spectral`], and the random task vectors for the first of them.
    Start {
        left: Vec<StartStep>,
        sketch: Vec<f32>,
    },
    Majorisation {
        models: Momentum,
        tasks: Momentum,
    },
}

/// A half step of [`spectral`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum StartStep {
    /// Fits the models' biases, with vectors of zero.
    Biases,
    /// `R X` for random X.
    Left,
    /// `Rᵀ M` for orthonormal M.
    Right,
}

impl<'a> LrmfTraining<'a> {
    /// The state before the first epoch.
    #[must_use]
    pub fn new(data: &TrainingData<'a>, config: &LrmfConfig) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(data.seed);
        let validation = validation_cells(data, &mut rng);
        let mut held_out = BitMatrix::zeros(data.cells.models(), data.cells.tasks());
        validation.iter().for_each(|&(model, task, _)| held_out.set(model as usize, task as usize, true));
        let training = data.cells.without(&held_out);
        let parameters = initial_parameters(data, &training, config, &mut rng);
        let (lineage, tasks) = (Laplacian::from(data.lineage), task_graph(data, config.task_neighbours));
        let mut problem = Self {
            forests: [Forest::of(&lineage), Forest::of(&tasks)],
            lineage,
            tasks,
            gradient: Factorisation::zeros(data.lineage.len(), data.tasks.len(), config.dim),
            state: State::start(config.solver, &parameters),
            best: parameters.clone(),
            full: data.cells,
            count: 0,
            seen_models: Vec::new(),
            seen_tasks: Vec::new(),
            training: data.cells.clone(),
            validation,
            config: config.clone(),
            parameters,
            compute: Compute::new(Device::Cpu),
            device: None,
            validated: None,
        };
        problem.train_on(training);
        problem
    }

    /// One epoch on the CPU. Returns the objective: for Adam before the step, for majorisation at the point of the last
    /// gradient.
    pub fn epoch(&mut self) -> f64 {
        match self.state {
            State::Adam(_) => self.adam_epoch(),
            _ => self.alternating_epoch(),
        }
    }

    /// The objective at the current parameters; its gradient is left in `self.gradient`.
    pub fn objective(&mut self) -> f64 {
        self.loss_gradient(Sides::Both) + self.add_penalties()
    }

    /// Number of training cells, without the validation split.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.count
    }

    /// The current parameters.
    #[must_use]
    pub fn parameters(&self) -> &Factorisation {
        &self.parameters
    }

    /// The parameters at the end of the training.
    pub(super) fn into_parameters(self) -> Factorisation {
        self.parameters
    }

    /// Adds the validation cells to the training cells.
    pub(super) async fn add_validation_cells(&mut self) -> Result<()> {
        self.validation.clear();
        self.validated = None;
        self.train_on(self.full.clone());
        self.state = State::after_start(self.config.solver, &self.parameters);
        self.upload_again().await
    }

    fn train_on(&mut self, cells: Cells) {
        self.count = cells.count();
        self.seen_models = vec![false; self.parameters.model_bias.len()];
        self.seen_tasks = vec![false; self.parameters.task_bias.len()];
        for model in 0..cells.models() {
            cells.for_row(model, |task, _| {
                self.seen_models[model] = true;
                self.seen_tasks[task] = true;
            });
        }
        self.training = cells;
    }

    fn adam_epoch(&mut self) -> f64 {
        let objective = self.objective();
        if !self.config.biases {
            self.gradient.model_bias.fill(0.0);
            self.gradient.task_bias.fill(0.0);
        }
        if let State::Adam(adam) = &mut self.state {
            adam.step(self.parameters.blocks_mut(), self.gradient.blocks());
        }
        objective
    }

    /// One epoch of majorisation by half steps, each with the gradient of one side; the first epoch begins with those of its
    /// start.
    fn alternating_epoch(&mut self) -> f64 {
        let mut objective = 0.0;
        for side in self.half_steps() {
            self.prepare(side);
            objective = self.loss_gradient(side.into());
            self.finish(side);
        }
        objective + self.penalties()
    }

    /// The sides whose gradients an epoch needs. The start ignores the graphs; it is not an epoch of its own, since its
    /// result might then be kept as the best.
    pub(super) fn half_steps(&self) -> Vec<Side> {
        let start = match &self.state {
            State::Start { left, .. } => &left[..],
            _ => &[],
        };
        start.iter().map(|step| step.side()).chain([Side::Models, Side::Tasks]).collect()
    }

    /// Moves to the point at which the gradient of a half step is taken.
    pub(super) fn prepare(&mut self, side: Side) {
        let p = &mut self.parameters;
        match (&mut self.state, side) {
            (State::Majorisation { models, .. }, Side::Models) => models.extrapolate(&mut p.models, &mut p.model_bias),
            (State::Majorisation { tasks, .. }, Side::Tasks) => tasks.extrapolate(&mut p.tasks, &mut p.task_bias),
            (State::Start { left, sketch }, _) if left.first() == Some(&StartStep::Biases) => {
                *sketch = std::mem::take(&mut p.tasks);
                p.tasks = vec![0.0; sketch.len()];
                p.models.fill(0.0);
            }
            (State::Start { left, sketch }, _) if left.first() == Some(&StartStep::Left) => p.tasks.clone_from(sketch),
            _ => {}
        }
    }

    /// Makes the half step, from its gradient.
    pub(super) fn finish(&mut self, side: Side) {
        let State::Start { left, .. } = &mut self.state else { return self.improve(side) };
        if left.is_empty() {
            return;
        }
        let (p, g) = (&mut self.parameters, &self.gradient);
        match left.remove(0) {
            StartStep::Biases => self.improve(side),
            StartStep::Left => {
                p.models = spectral::orthonormal(&g.models, &self.seen_models, p.dim);
                p.tasks.fill(0.0);
            }
            StartStep::Right => {
                let count = self.count as f32;
                let right: Vec<f32> = g.tasks.iter().map(|gradient| gradient * count).collect();
                let penalty = f64::from(self.config.l2 * count);
                (p.models, p.tasks) = spectral::start(&p.models, &right, &self.seen_tasks, penalty, p.dim);
                self.state = State::after_start(self.config.solver, p);
            }
        }
    }

    /// Lowers the objective over one side, from the point of its gradient.
    fn improve(&mut self, side: Side) {
        let (config, p, g) = (&self.config, &mut self.parameters, &self.gradient);
        let (graph, forest, weight, seen, bias) = match side {
            Side::Models => (&self.lineage, &self.forests[0], config.lineage, &self.seen_models, Bias::Tied),
            Side::Tasks => (&self.tasks, &self.forests[1], config.tasks, &self.seen_tasks, Bias::Free),
        };
        let bias = if config.biases { bias } else { Bias::Absent };
        let ties = Ties { graph, forest, weight, l2: config.l2, seen, bias };
        let (moments, gradient, vectors, biases) = match side {
            Side::Models => (
                majorise::moments(&p.tasks, &self.seen_tasks, p.dim),
                View { vectors: &g.models, biases: &g.model_bias },
                &mut p.models,
                &mut p.model_bias,
            ),
            Side::Tasks => (
                majorise::moments(&p.models, &self.seen_models, p.dim),
                View { vectors: &g.tasks, biases: &g.task_bias },
                &mut p.tasks,
                &mut p.task_bias,
            ),
        };
        let (from_vectors, from_biases) = (vectors.clone(), biases.clone());
        let from = View { vectors: &from_vectors, biases: &from_biases };
        majorise::improve(&ties, from, gradient, &moments, self.count as f64, vectors, biases);
        match (&mut self.state, side) {
            (State::Majorisation { models, .. }, Side::Models) => models.check(from, vectors, biases),
            (State::Majorisation { tasks, .. }, Side::Tasks) => tasks.check(from, vectors, biases),
            _ => {}
        }
    }

    /// The mean loss at the current parameters; its gradient for these sides, without penalties, is left in `self.gradient`.
    fn loss_gradient(&mut self, sides: Sides) -> f64 {
        for block in self.gradient.blocks_mut() {
            block.fill(0.0);
        }
        let sum = eyas_kernels::logistic_step_of(sides, &self.training, &self.parameters, &mut self.gradient);
        let share = 1.0 / self.count.max(1) as f32;
        for block in self.gradient.blocks_mut() {
            block.iter_mut().for_each(|value| *value *= share);
        }
        sum / self.count.max(1) as f64
    }

    /// The penalties at the current parameters.
    pub(super) fn penalties(&self) -> f64 {
        let p = &self.parameters;
        let lineage = self.lineage.energy(&p.models, p.dim) + self.lineage.energy(&p.model_bias, 1);
        self.weighed(lineage, self.tasks.energy(&p.tasks, p.dim))
    }

    /// The penalties, given these energies of the two graphs.
    fn weighed(&self, lineage: f64, tasks: f64) -> f64 {
        let (config, p) = (&self.config, &self.parameters);
        let squares = [
            (&p.models, p.dim, &self.seen_models),
            (&p.model_bias, 1, &self.seen_models),
            (&p.tasks, p.dim, &self.seen_tasks),
        ];
        let l2: f64 = squares.into_iter().map(|(values, dim, seen)| square(values, dim, seen)).sum();
        f64::from(config.l2) * l2 + f64::from(config.lineage) * lineage + f64::from(config.tasks) * tasks
    }

    /// The penalties; adds their gradient to `self.gradient`.
    fn add_penalties(&mut self) -> f64 {
        let (config, p, g) = (&self.config, &self.parameters, &mut self.gradient);
        let penalised = [
            (&p.models, &mut g.models, p.dim, &self.seen_models),
            (&p.model_bias, &mut g.model_bias, 1, &self.seen_models),
            (&p.tasks, &mut g.tasks, p.dim, &self.seen_tasks),
        ];
        for (values, gradient, dim, seen) in penalised {
            let rows = values.chunks_exact(dim).zip(gradient.chunks_exact_mut(dim)).zip(seen);
            rows.filter(|(_, seen)| **seen).for_each(|((row, out), _)| cpu::add_scaled(out, 2.0 * config.l2, row));
        }
        let lineage = self.lineage.add_product(2.0 * config.lineage, &p.models, p.dim, &mut g.models)
            + self.lineage.add_product(2.0 * config.lineage, &p.model_bias, 1, &mut g.model_bias);
        let tasks = self.tasks.add_product(2.0 * config.tasks, &p.tasks, p.dim, &mut g.tasks);
        self.weighed(lineage, tasks)
    }
}

impl State {
    /// The state before the first epoch, with random parameters.
    fn start(solver: Solver, parameters: &Factorisation) -> Self {
        match solver {
            Solver::Adam(_) => Self::after_start(solver, parameters),
            Solver::Majorisation => {
                Self::Start { left: vec![StartStep::Biases, StartStep::Left, StartStep::Right], sketch: Vec::new() }
            }
        }
    }

    /// The state after the start.
    fn after_start(solver: Solver, parameters: &Factorisation) -> Self {
        match solver {
            Solver::Adam(rate) => Self::Adam(Adam::new(rate, parameters.blocks().map(<[f32]>::len))),
            Solver::Majorisation => Self::Majorisation { models: Momentum::new(), tasks: Momentum::new() },
        }
    }
}

impl StartStep {
    fn side(self) -> Side {
        match self {
            Self::Biases | Self::Left => Side::Models,
            Self::Right => Side::Tasks,
        }
    }
}

impl Optimiser for LrmfTraining<'_> {
    async fn advance(&mut self) -> Result<f64> {
        Ok(self.epochs(1).await?.1)
    }

    async fn advance_up_to(&mut self, most: usize) -> Result<(usize, f64)> {
        self.epochs(most).await
    }

    fn validate(&self) -> Option<f64> {
        if self.validated.is_some() {
            return self.validated;
        }
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

/// Sum of squares over the seen rows.
fn square(values: &[f32], dim: usize, seen: &[bool]) -> f64 {
    let rows = values.chunks_exact(dim).zip(seen).filter(|&(_, &seen)| seen);
    rows.map(|(row, _)| f64::from(cpu::dot(row, row))).sum()
}
