//! The readable reference of every kernel, as plain loops.

use super::{Cells, Factorisation};
use crate::{BitMatrix, SparseMatrix, logistic, logistic_loss};
use ndarray::{ArrayView2, ArrayViewMut2};

/// `a · b`.
#[must_use]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `out += scale * v`.
pub fn add_scaled(out: &mut [f32], scale: f32, v: &[f32]) {
    for (out, v) in out.iter_mut().zip(v) {
        *out += scale * v;
    }
}

/// The penalty of an edge between nodes at `a` and `b`: adds `pull * (a - b)` to the first output, subtracts it from the
/// second, and adds `weight * (a - b)²` to `squares`, by coordinate.
#[inline(never)]
pub fn add_edge((pull, weight): (f32, f32), a: &[f32], b: &[f32], out: [&mut [f32]; 2], squares: &mut [f32]) {
    let [towards, away] = out;
    let outputs = towards.iter_mut().zip(away).zip(squares);
    for (((towards, away), square), (a, b)) in outputs.zip(a.iter().zip(b)) {
        let difference = a - b;
        *towards += pull * difference;
        *away -= pull * difference;
        *square += weight * difference * difference;
    }
}

/// Probabilities of all tasks for a model with this vector, (dim), and this bias: (n_tasks).
#[must_use]
pub fn probabilities(parameters: &Factorisation, vector: &[f32], bias: f32) -> Vec<f32> {
    let logit = |(task, task_bias): (usize, &f32)| dot(vector, parameters.task(task)) + bias + task_bias;
    parameters.task_bias.iter().enumerate().map(|task| logistic(logit(task))).collect()
}

/// `C = keep C + scale A B`. a: (m, k), b: (k, n), c: (m, n).
pub fn matrix_product(
    scale: f32,
    a: ArrayView2<'_, f32>,
    b: ArrayView2<'_, f32>,
    keep: f32,
    mut c: ArrayViewMut2<'_, f32>,
) {
    for ((row, column), out) in c.indexed_iter_mut() {
        let sum: f32 = a.row(row).iter().zip(b.column(column)).map(|(a, b)| a * b).sum();
        *out = scale * sum + if keep == 0.0 { 0.0 } else { keep * *out };
    }
}

/// The fused logistic step: adds the gradient of the summed binary cross-entropy over all known cells to `gradient` and
/// returns that sum. Logits and residuals exist for one cell at a time; there is no (models, tasks) buffer.
///
/// With `r = logistic(z) - y`: `∂m_u = Σ_i r x_i`, `∂x_i = Σ_u r m_u`, `∂b_u = Σ_i r`, `∂b_i = Σ_u r`.
pub fn logistic_step(cells: &Cells, parameters: &Factorisation, gradient: &mut Factorisation) -> f64 {
    match cells {
        Cells::Scores(scores) => sparse(scores, parameters, gradient),
        Cells::Outcomes { observed, solved } => dense(observed, solved, parameters, gradient),
    }
}

fn sparse(scores: &SparseMatrix, parameters: &Factorisation, gradient: &mut Factorisation) -> f64 {
    let mut loss = 0.0;
    for model in 0..scores.rows() {
        for &(task, value) in scores.row(model) {
            loss += cell(parameters, gradient, model, task as usize, value);
        }
    }
    loss
}

fn dense(observed: &BitMatrix, solved: &BitMatrix, parameters: &Factorisation, gradient: &mut Factorisation) -> f64 {
    let mut loss = 0.0;
    for model in 0..observed.rows() {
        for task in observed.ones(model) {
            let value = f32::from(u8::from(solved.get(model, task)));
            loss += cell(parameters, gradient, model, task, value);
        }
    }
    loss
}

/// Adds one cell's contribution to the gradients; returns its loss.
#[inline]
fn cell(parameters: &Factorisation, gradient: &mut Factorisation, model: usize, task: usize, value: f32) -> f64 {
    let dim = parameters.dim;
    let logit = parameters.logit(model, task);
    let residual = logistic(logit) - value;
    add_scaled(&mut gradient.models[model * dim..(model + 1) * dim], residual, parameters.task(task));
    add_scaled(&mut gradient.tasks[task * dim..(task + 1) * dim], residual, parameters.model(model));
    gradient.model_bias[model] += residual;
    gradient.task_bias[task] += residual;
    f64::from(logistic_loss(logit, value))
}

/// Adam's step length and the factor of its second moments in a step, counted from 1; both correct the bias of moments that
/// start at zero.
#[must_use]
pub fn adam_rates(rate: f32, step: i32) -> (f32, f32) {
    (rate / (1.0 - BETA_1.powi(step)), 1.0 / (1.0 - BETA_2.powi(step)))
}

/// Adam's decay of the first moments.
pub const BETA_1: f32 = 0.9;
/// Adam's decay of the second moments.
pub const BETA_2: f32 = 0.999;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::{outcome_cells, random_parameters, score_cells};

    fn assert_is_the_slope(cells: &Cells) {
        let parameters = random_parameters(7, 66, 3);
        let mut gradient = Factorisation::zeros(7, 66, 3);
        logistic_step(cells, &parameters, &mut gradient);
        let step = 1e-2;
        for block in 0..4 {
            for at in 0..parameters.blocks()[block].len() {
                let loss = |shift: f32| {
                    let mut moved = parameters.clone();
                    moved.blocks_mut()[block][at] += shift;
                    logistic_step(cells, &moved, &mut Factorisation::zeros(7, 66, 3))
                };
                let slope = (loss(step) - loss(-step)) / f64::from(2.0 * step);
                let found = f64::from(gradient.blocks()[block][at]);
                assert!((slope - found).abs() < 2e-3 * (1.0 + slope.abs()), "block {block} at {at}: {slope} {found}");
            }
        }
    }

    #[test]
    fn the_gradients_over_outcomes_agree_with_finite_differences() {
        assert_is_the_slope(&outcome_cells(5, 66));
    }

    #[test]
    fn the_gradients_over_scores_agree_with_finite_differences() {
        assert_is_the_slope(&score_cells(5, 66));
    }
}
