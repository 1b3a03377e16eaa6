//! The squared objective of [`super::Mf`] and its minimisation by alternating least squares or Adam.
//!
//! `Σ_Ω (y_ui - m_u · x_i - b_u - b_i)² + λ (|M|² + |X|²) + λ_b (|b_u|² + |b_i|²)`
//!
//! With one side fixed, each row of the other is a ridge regression of its own.

use super::config::{MfConfig, MfSolver};
use crate::error::Result;
use crate::linalg::{SparseMatrix, solve_positive};
use crate::methods::training::adam::Adam;
use crate::methods::training::optimise::Optimiser;
use crate::methods::training::random::normal;
use eyas_kernels::{Factorisation, cpu};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

/// A training in progress.
pub(super) struct Squares<'a> {
    targets: &'a SparseMatrix, // y: (n_models, n_tasks)
    config: &'a MfConfig,
    parameters: Factorisation,
    best: Factorisation,
    adam: Option<Adam>,
}

impl<'a> Squares<'a> {
    /// The state before the first epoch: vectors from N(0, 0.1²), biases 0.
    pub(super) fn new(targets: &'a SparseMatrix, config: &'a MfConfig, seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let mut parameters = Factorisation::zeros(targets.rows(), targets.columns(), config.dim);
        parameters.models.fill_with(|| 0.1 * normal(&mut rng));
        parameters.tasks.fill_with(|| 0.1 * normal(&mut rng));
        let adam = match config.solver {
            MfSolver::Als => None,
            MfSolver::Adam(rate) => Some(Adam::new(rate, parameters.blocks().map(<[f32]>::len))),
        };
        Self { targets, config, best: parameters.clone(), parameters, adam }
    }

    /// The parameters at the end of the training.
    pub(super) fn into_parameters(self) -> Factorisation {
        self.parameters
    }

    /// Solves for the models, then for the tasks; returns the objective.
    fn alternate(&mut self) -> Result<f64> {
        let p = &mut self.parameters;
        let mut row = Vec::new();
        for model in 0..self.targets.rows() {
            row.clear();
            row.extend_from_slice(self.targets.row(model));
            let solved = ridge(&row, &p.tasks, &p.task_bias, self.config)?;
            place(solved, model, &mut p.models, &mut p.model_bias);
        }
        for task in 0..self.targets.columns() {
            row.clear();
            row.extend(self.targets.column(task));
            let solved = ridge(&row, &p.models, &p.model_bias, self.config)?;
            place(solved, task, &mut p.tasks, &mut p.task_bias);
        }
        Ok(self.errors(|_, _, _| ()) + self.penalties())
    }

    /// One step of Adam along the whole gradient; returns the objective before it.
    fn descend(&mut self) -> f64 {
        let (p, config) = (&self.parameters, self.config);
        let dim = p.dim;
        let mut gradient = p.clone();
        for (block, l2) in gradient.blocks_mut().into_iter().zip([config.l2, config.bias_l2, config.l2, config.bias_l2])
        {
            block.iter_mut().for_each(|value| *value *= 2.0 * l2);
        }
        let errors = self.errors(|model, task, residual| {
            cpu::add_scaled(&mut gradient.models[model * dim..][..dim], 2.0 * residual, p.task(task));
            cpu::add_scaled(&mut gradient.tasks[task * dim..][..dim], 2.0 * residual, p.model(model));
            gradient.model_bias[model] += 2.0 * residual;
            gradient.task_bias[task] += 2.0 * residual;
        });
        if !config.biases {
            gradient.model_bias.fill(0.0);
            gradient.task_bias.fill(0.0);
        }
        let objective = errors + self.penalties();
        if let Some(adam) = &mut self.adam {
            adam.step(self.parameters.blocks_mut(), gradient.blocks());
        }
        objective
    }

    /// The sum of squared residuals; calls `visit(model, task, predicted - target)` for each.
    fn errors(&self, mut visit: impl FnMut(usize, usize, f32)) -> f64 {
        let mut sum = 0.0;
        for (model, task, target) in self.targets.iter() {
            let residual = self.parameters.logit(model as usize, task as usize) - target;
            visit(model as usize, task as usize, residual);
            sum += f64::from(residual) * f64::from(residual);
        }
        sum
    }

    fn penalties(&self) -> f64 {
        let (config, [models, model_bias, tasks, task_bias]) = (self.config, self.parameters.blocks());
        let square = |block: &[f32]| f64::from(cpu::dot(block, block));
        f64::from(config.l2) * (square(models) + square(tasks))
            + f64::from(config.bias_l2) * (square(model_bias) + square(task_bias))
    }
}

impl Optimiser for Squares<'_> {
    async fn advance(&mut self) -> Result<f64> {
        if self.adam.is_some() { Ok(self.descend()) } else { self.alternate() }
    }

    fn validate(&self) -> Option<f64> {
        None
    }

    fn keep(&mut self) {
        self.best.clone_from(&self.parameters);
    }

    fn go_back(&mut self) {
        self.parameters.clone_from(&self.best);
    }
}

/// The vector and bias (dim + 1) of one row from its cells `(other, y)` and the other side, (others, dim) with their biases:
/// the minimum of `Σ (y - b_other - v · x - b)² + λ |v|² + λ_b b²`. Without cells it is 0.
pub(super) fn ridge(cells: &[(u32, f32)], others: &[f32], biases: &[f32], config: &MfConfig) -> Result<Vec<f32>> {
    let dim = config.dim;
    let width = dim + usize::from(config.biases);
    let mut matrix = vec![0.0f64; width * width]; // of which only the lower triangle is used
    let mut right = vec![0.0f64; width];
    let mut x = vec![1.0f64; width];
    for &(other, y) in cells {
        let vector = &others[other as usize * dim..][..dim];
        x.iter_mut().zip(vector).for_each(|(x, &v)| *x = f64::from(v));
        let y = f64::from(y - biases[other as usize]);
        for a in 0..width {
            right[a] += x[a] * y;
            (0..=a).for_each(|b| matrix[a * width + b] += x[a] * x[b]);
        }
    }
    for k in 0..width {
        // Never exactly 0, so that a row with fewer cells than coordinates has a solution.
        matrix[k * width + k] += f64::from(if k < dim { config.l2 } else { config.bias_l2 }).max(1e-9);
    }
    let mut solved: Vec<f32> = solve_positive(&mut matrix, &right)?.into_iter().map(|v| v as f32).collect();
    solved.resize(dim + 1, 0.0);
    Ok(solved)
}

fn place(solved: Vec<f32>, row: usize, vectors: &mut [f32], biases: &mut [f32]) {
    let dim = solved.len() - 1;
    vectors[row * dim..][..dim].copy_from_slice(&solved[..dim]);
    biases[row] = solved[dim];
}
