//! The hot loops of training, on plain slices, bits and sparse matrices. They are a crate of their own so that
//! `[profile.wasm]` can compile them for speed and everything else for size. [`cpu`] holds the readable reference; faster
//! twins have the same names.

mod adam;
mod aligned;
mod bits;
mod cholesky;
pub mod covariance;
pub mod cpu;
pub mod examples;
mod forecast;
mod fused;
pub mod histogram;
mod loss;
mod matrix;
mod peak;
mod scalar;
mod simd;
mod similarity;
mod sparse;

pub use adam::{AdamStep, adam_step};
pub use bits::BitMatrix;
pub use cholesky::{Cholesky, NotPositive};
pub use matrix::pick;
pub use peak::multiply_add_rounds;
pub use scalar::{clamp, logistic, logistic_loss, logit};
pub use simd::Instructions;
pub use similarity::Similarity;
pub use sparse::SparseMatrix;

use ndarray::{ArrayView2, ArrayViewMut2};

/// The training cells of a method, as 0..1 of each task's range.
#[derive(Debug, Clone)]
pub enum Cells {
    /// Scores. (models, tasks)
    Scores(SparseMatrix),
    /// Outcomes; `solved` is 0 where not observed. (models, tasks)
    Outcomes {
        /// Which cells are known.
        observed: BitMatrix,
        /// Which items were solved.
        solved: BitMatrix,
    },
}

impl Cells {
    /// Number of models.
    #[must_use]
    pub fn models(&self) -> usize {
        match self {
            Self::Scores(scores) => scores.rows(),
            Self::Outcomes { observed, .. } => observed.rows(),
        }
    }

    /// Number of tasks.
    #[must_use]
    pub fn tasks(&self) -> usize {
        match self {
            Self::Scores(scores) => scores.columns(),
            Self::Outcomes { observed, .. } => observed.columns(),
        }
    }

    /// Number of known cells.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Scores(scores) => scores.len(),
            Self::Outcomes { observed, .. } => observed.count_ones(),
        }
    }

    /// Number of known cells of a model.
    #[must_use]
    pub fn count_row(&self, model: usize) -> usize {
        match self {
            Self::Scores(scores) => scores.row(model).len(),
            Self::Outcomes { observed, .. } => observed.count_row(model),
        }
    }

    /// A known cell, as 0..1.
    #[must_use]
    pub fn get(&self, model: usize, task: usize) -> Option<f32> {
        match self {
            Self::Scores(scores) => scores.get(model, task),
            Self::Outcomes { observed, solved } => {
                observed.get(model, task).then(|| f32::from(u8::from(solved.get(model, task))))
            }
        }
    }

    /// The cells that are not set in this mask, (models, tasks).
    #[must_use]
    pub fn without(&self, mask: &BitMatrix) -> Self {
        match self {
            Self::Scores(scores) => {
                let kept = scores.iter().filter(|&(model, task, _)| !mask.get(model as usize, task as usize)).collect();
                Self::Scores(SparseMatrix::from_entries(scores.rows(), scores.columns(), kept))
            }
            Self::Outcomes { observed, solved } => {
                let (mut observed, mut solved) = (observed.clone(), solved.clone());
                observed.clear_where(mask);
                solved.clear_where(mask);
                Self::Outcomes { observed, solved }
            }
        }
    }

    /// Calls `visit(task, value)` for each known cell of a model, tasks ascending.
    pub fn for_row(&self, model: usize, mut visit: impl FnMut(usize, f32)) {
        match self {
            Self::Scores(scores) => scores.row(model).iter().for_each(|&(task, value)| visit(task as usize, value)),
            Self::Outcomes { observed, solved } => {
                observed.ones(model).for_each(|task| visit(task, f32::from(u8::from(solved.get(model, task)))));
            }
        }
    }
}

/// The sides whose vectors need a gradient: the vectors of each side take a third of the fused step's work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// Both.
    Both,
    /// The models'.
    Models,
    /// The tasks'.
    Tasks,
}

/// The fused logistic step on the fastest available instructions; the twin of [`cpu::logistic_step`].
pub fn logistic_step(cells: &Cells, parameters: &Factorisation, gradient: &mut Factorisation) -> f64 {
    logistic_step_with(Instructions::best(), Sides::Both, cells, parameters, gradient)
}

/// The same for one side; the result for the vectors of the other side is meaningless.
pub fn logistic_step_of(sides: Sides, cells: &Cells, parameters: &Factorisation, gradient: &mut Factorisation) -> f64 {
    logistic_step_with(Instructions::best(), sides, cells, parameters, gradient)
}

/// The same on the given instructions. Sparse scores are few and use the plain loops.
pub fn logistic_step_with(
    instructions: Instructions,
    sides: Sides,
    cells: &Cells,
    parameters: &Factorisation,
    gradient: &mut Factorisation,
) -> f64 {
    match cells {
        Cells::Scores(_) => cpu::logistic_step(cells, parameters, gradient),
        Cells::Outcomes { observed, solved } => {
            fused::logistic_step(instructions, sides, observed, solved, parameters, gradient)
        }
    }
}

/// `C = keep C + scale A B` on the fastest available instructions; the twin of [`cpu::matrix_product`].
///
/// # Panics
/// If the shapes do not fit.
pub fn matrix_product(
    scale: f32,
    a: ArrayView2<'_, f32>,
    b: ArrayView2<'_, f32>,
    keep: f32,
    c: ArrayViewMut2<'_, f32>,
) {
    matrix::matrix_product(Instructions::best(), scale, (a, b), keep, c);
}

/// The values of a function at 0 to `n - 1`, on all threads where there are threads.
pub fn map<T: Send>(n: usize, of: impl Fn(usize) -> T + Sync) -> Vec<T> {
    #[cfg(not(target_arch = "wasm32"))]
    {
        use rayon::prelude::*;
        (0..n).into_par_iter().map(&of).collect()
    }
    #[cfg(target_arch = "wasm32")]
    (0..n).map(of).collect()
}

/// Probabilities of all tasks on the fastest available instructions; the twin of [`cpu::probabilities`].
#[must_use]
pub fn probabilities(parameters: &Factorisation, vector: &[f32], bias: f32) -> Vec<f32> {
    forecast::probabilities(Instructions::best(), parameters, vector, bias)
}

/// Parameters of a logistic factorisation, or a gradient of the same shape:
/// `P(solved) = logistic(m_u · x_i + b_u + b_i)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Factorisation {
    /// Latent dimension.
    pub dim: usize,
    /// `m`: (n_nodes, dim), row-major. The first rows are the models, the others their unevaluated relatives.
    pub models: Vec<f32>,
    /// `b_u`: (n_nodes).
    pub model_bias: Vec<f32>,
    /// `x`: (n_tasks, dim), row-major.
    pub tasks: Vec<f32>,
    /// `b_i`: (n_tasks).
    pub task_bias: Vec<f32>,
}

impl Factorisation {
    /// All zeros.
    #[must_use]
    pub fn zeros(nodes: usize, tasks: usize, dim: usize) -> Self {
        Self {
            dim,
            models: vec![0.0; nodes * dim],
            model_bias: vec![0.0; nodes],
            tasks: vec![0.0; tasks * dim],
            task_bias: vec![0.0; tasks],
        }
    }

    /// The latent vector of a node.
    #[must_use]
    pub fn model(&self, node: usize) -> &[f32] {
        &self.models[node * self.dim..(node + 1) * self.dim]
    }

    /// The latent vector of a task.
    #[must_use]
    pub fn task(&self, task: usize) -> &[f32] {
        &self.tasks[task * self.dim..(task + 1) * self.dim]
    }

    /// The logit of one cell.
    #[must_use]
    pub fn logit(&self, node: usize, task: usize) -> f32 {
        cpu::dot(self.model(node), self.task(task)) + self.model_bias[node] + self.task_bias[task]
    }

    /// The four parameter blocks, in a fixed order.
    pub fn blocks_mut(&mut self) -> [&mut [f32]; 4] {
        [&mut self.models, &mut self.model_bias, &mut self.tasks, &mut self.task_bias]
    }

    /// The four parameter blocks, in the same order.
    #[must_use]
    pub fn blocks(&self) -> [&[f32]; 4] {
        [&self.models, &self.model_bias, &self.tasks, &self.task_bias]
    }
}

#[cfg(test)]
mod tests {
    use super::examples::{outcome_cells, random_parameters};
    use super::*;
    use ndarray::{Array2, s};

    /// Odd sizes, transposed and sliced matrices on purpose.
    #[test]
    fn matrix_products_agree_with_the_plain_loops() {
        let value = |i: usize, j: usize| ((i * 31 + j * 17) as f32).sin();
        for (m, k, n) in [(1, 1, 1), (64, 128, 20), (5, 300, 67), (7, 520, 33), (66, 3, 128), (13, 40, 130)] {
            let (a, b) = (
                Array2::from_shape_fn((m, k), |(i, j)| value(i, j)),
                Array2::from_shape_fn((k, n), |(i, j)| value(j, i)),
            );
            let (turned_a, turned_b) =
                (a.t().as_standard_layout().into_owned(), b.t().as_standard_layout().into_owned());
            for (scale, keep) in [(1.0, 0.0), (-1.0, 1.0), (2.0, 0.5)] {
                let mut expected = Array2::from_elem((m, n), 2.0);
                cpu::matrix_product(scale, a.view(), b.view(), keep, expected.view_mut());
                for instructions in Instructions::available() {
                    for (a, b) in [(a.view(), b.view()), (turned_a.t(), turned_b.t())] {
                        let mut wide = Array2::from_elem((m, n + 3), 2.0);
                        matrix::matrix_product(instructions, scale, (a, b), keep, wide.slice_mut(s![.., 2..n + 2]));
                        // Sums of k products of at most 1, rounded in another order.
                        let most = 1e-5 + 1e-6 * k as f32;
                        let found = wide.slice(s![.., 2..n + 2]);
                        let worst = found.iter().zip(&expected).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max);
                        let name = format!("{} at {m} × {k} × {n}, keeping {keep}", instructions.name());
                        assert!(worst < most, "{name}: {worst}");
                        assert!(wide.column(1).iter().chain(wide.column(n + 2)).all(|&beside| beside == 2.0));
                    }
                }
            }
        }
    }

    #[test]
    fn probabilities_agree_with_the_plain_loops() {
        for (tasks, dim) in [(1, 1), (70, 3), (64, 16), (33, 40)] {
            let mut parameters = random_parameters(4, tasks, dim);
            parameters.task_bias[0] = -90.0;
            let expected = cpu::probabilities(&parameters, parameters.model(2), 0.4);
            for instructions in Instructions::available() {
                let found = forecast::probabilities(instructions, &parameters, parameters.model(2), 0.4);
                assert_eq!(found.len(), tasks);
                let near = found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 3e-6);
                assert!(near, "{}, {tasks} × {dim}: {found:?} {expected:?}", instructions.name());
            }
        }
    }

    fn of_each_side(instructions: Instructions) -> [(Instructions, Sides); 3] {
        [Sides::Both, Sides::Models, Sides::Tasks].map(|sides| (instructions, sides))
    }

    /// Odd sizes on purpose: partial tiles, blocks, groups and vectors.
    #[test]
    fn every_instruction_set_agrees_with_the_plain_loops() {
        for (models, tasks, dim) in [(5, 66, 3), (133, 200, 16), (70, 64, 32), (37, 129, 40), (3, 1, 64), (33, 70, 10)]
        {
            let cells = outcome_cells(models, tasks);
            let parameters = random_parameters(models + 2, tasks, dim);
            let mut expected = Factorisation::zeros(models + 2, tasks, dim);
            let loss = cpu::logistic_step(&cells, &parameters, &mut expected);
            for (instructions, sides) in Instructions::available().into_iter().flat_map(of_each_side) {
                let mut found = Factorisation::zeros(models + 2, tasks, dim);
                let fast = logistic_step_with(instructions, sides, &cells, &parameters, &mut found);
                let name = format!("{}, {sides:?}, at {models} × {tasks} × {dim}", instructions.name());
                assert!((fast - loss).abs() < 2e-6 * loss, "{name}: {fast} {loss}");
                let left_out = match sides {
                    Sides::Both => usize::MAX,
                    Sides::Models => 2,
                    Sides::Tasks => 0,
                };
                let blocks = found.blocks().into_iter().zip(expected.blocks()).enumerate();
                for (block, (found, expected)) in blocks.filter(|&(block, _)| block != left_out) {
                    let distance: f32 = found.iter().zip(expected).map(|(a, b)| (a - b) * (a - b)).sum();
                    let length: f32 = expected.iter().map(|b| b * b).sum();
                    assert!(distance.sqrt() <= 5e-6 * length.sqrt(), "{name}, block {block}: {distance} of {length}");
                }
            }
        }
    }
}
