//! Alternating majorisation-minimisation for a logistic factorisation with a graph penalty on each side.
//!
//! The curvature of the logistic loss is at most 1/4. With one side fixed, the loss as a function of the other side's rows
//! `v_u` lies below a quadratic that touches it at the current point `y_u` with gradient `g_u`:
//!
//! `g_u · (v_u - y_u) + 1/2 (v_u - y_u)ᵀ A (v_u - y_u)`, `A = 1/(4|Ω|) Σ_i x_i x_iᵀ` over all i,
//!
//! where the sum over all i, instead of those seen by u, only raises the bound. A is the same for every row. In the basis of
//! its eigenvectors the coordinates decouple, and each is a sparse system over the graph:
//!
//! `(a_k + 2 l2 + 2 w deg_u) v_u - 2 w Σ_neighbours v = a_k y_u - g_u`.
//!
//! Two kinds of passes from the current point lower the quadratic, and with it the objective ([`super::relax`]). Each side
//! starts from a point extrapolated by Nesterov's rule, with a restart whenever the step points backwards (O'Donoghue &
//! Candès 2015, the gradient scheme).

use super::relax::relax;
use super::ties::{Bias, Ties, View};
use crate::linalg::symmetric_eigen;

/// The second moments of a side's rows, `Σ x xᵀ` over the rows that have cells, with a 1 as the last coordinate:
/// (dim + 1, dim + 1), row-major.
pub(super) fn moments(vectors: &[f32], seen: &[bool], dim: usize) -> Vec<f64> {
    let width = dim + 1;
    let mut sums = vec![0.0f64; width * width];
    let mut block = vec![0.0f32; width * width];
    let mut row = vec![1.0f32; width];
    for (at, vector) in vectors.chunks_exact(dim).enumerate().filter(|&(at, _)| seen[at]) {
        row[..dim].copy_from_slice(vector);
        for (line, &value) in block.chunks_exact_mut(width).zip(&row) {
            line.iter_mut().zip(&row).for_each(|(sum, other)| *sum += value * other);
        }
        if at % 64 == 63 {
            flush(&mut sums, &mut block);
        }
    }
    flush(&mut sums, &mut block);
    sums
}

/// Adds short sums in single precision to long ones in double precision.
fn flush(sums: &mut [f64], block: &mut [f32]) {
    sums.iter_mut().zip(block).for_each(|(sum, part)| *sum += f64::from(std::mem::take(part)));
}

/// Lowers the objective over one side. `at` is the point at which the `gradient` of the mean loss was taken; `moments` are
/// those of the other side, and `cells` is |Ω|. The result is written to `vectors` and `biases`.
pub(super) fn improve(
    ties: &Ties<'_>,
    at: View<'_>,
    gradient: View<'_>,
    moments: &[f64],
    cells: f64,
    vectors: &mut [f32],
    biases: &mut [f32],
) {
    let full = moments.len().isqrt();
    let dim = full - 1;
    let curvature = |i: usize, j: usize| moments[i * full + j] / (4.0 * cells);
    // The width of the system, and its matrix. A free bias is not part of it: it is solved for afterwards.
    let width = if ties.bias == Bias::Tied { full } else { dim };
    let free = if ties.bias == Bias::Free { curvature(dim, dim).max(1e-30) } else { f64::INFINITY };
    let matrix = (0..width * width).map(|cell| {
        let (i, j) = (cell / width, cell % width);
        curvature(i, j) - curvature(i, dim) * curvature(dim, j) / if width == dim { free } else { f64::INFINITY }
    });
    let (values, basis) = symmetric_eigen(matrix.collect(), width);
    let basis: Vec<f32> = basis.into_iter().map(|value| value as f32).collect();
    let values: Vec<f32> = values.into_iter().map(|value| value.max(0.0) as f32).collect();
    let lift: Vec<f32> = (0..dim).map(|k| (curvature(k, dim) / free) as f32).collect(); // zero unless the bias is free

    let rows = at.biases.len();
    let mut line = vec![0.0f32; width];
    let mut current = vec![0.0f32; rows * width]; // (rows, width), in the basis
    let mut target = vec![0.0f32; rows * width]; // a_k y - g, (rows, width)
    for row in 0..rows {
        gather(at, row, dim, &mut line);
        to_basis(&basis, &line, &mut current[row * width..][..width]);
        if !ties.seen[row] {
            continue; // no gradient and no curvature: the target is 0
        }
        gather(gradient, row, dim, &mut line);
        for (value, lift) in line.iter_mut().zip(&lift) {
            *value -= lift * gradient.biases[row];
        }
        let target = &mut target[row * width..][..width];
        to_basis(&basis, &line, target);
        for k in 0..width {
            target[k] = values[k] * current[row * width + k] - target[k];
        }
    }
    relax(ties, &values, &target, &mut current);
    for row in 0..rows {
        from_basis(&basis, &current[row * width..][..width], &mut line);
        let seen = f32::from(u8::from(ties.seen[row]));
        let moved: f32 = (0..dim).map(|k| lift[k] * (line[k] - at.vectors[row * dim + k])).sum::<f32>()
            + (f64::from(gradient.biases[row]) / free) as f32;
        vectors[row * dim..][..dim].copy_from_slice(&line[..dim]);
        biases[row] = match ties.bias {
            Bias::Absent => 0.0,
            Bias::Tied => line[dim],
            Bias::Free => at.biases[row] - seen * moved,
        };
    }
}

fn gather(side: View<'_>, row: usize, dim: usize, line: &mut [f32]) {
    line[..dim].copy_from_slice(&side.vectors[row * dim..][..dim]);
    if line.len() > dim {
        line[dim] = side.biases[row];
    }
}

/// `out = Qᵀ line`.
fn to_basis(basis: &[f32], line: &[f32], out: &mut [f32]) {
    out.fill(0.0);
    for (row, &value) in basis.chunks_exact(line.len()).zip(line) {
        out.iter_mut().zip(row).for_each(|(out, q)| *out += value * q);
    }
}

/// `out = Q line`.
fn from_basis(basis: &[f32], line: &[f32], out: &mut [f32]) {
    for (out, row) in out.iter_mut().zip(basis.chunks_exact(line.len())) {
        *out = row.iter().zip(line).map(|(q, value)| q * value).sum();
    }
}

/// Nesterov's extrapolation of one side, with restarts.
#[derive(Debug, Clone)]
pub(super) struct Momentum {
    weight: f32,
    last: Vec<f32>, // the vectors, then the biases, before the last step
}

impl Momentum {
    /// Before the first step.
    pub(super) fn new() -> Self {
        Self { weight: 1.0, last: Vec::new() }
    }

    /// Extrapolates a side along its last step.
    pub(super) fn extrapolate(&mut self, vectors: &mut [f32], biases: &mut [f32]) {
        let now: Vec<f32> = vectors.iter().chain(&*biases).copied().collect();
        let next = f32::midpoint(1.0, (1.0 + 4.0 * self.weight * self.weight).sqrt());
        let share = (self.weight - 1.0) / next;
        if self.last.len() == now.len() {
            let values = vectors.iter_mut().chain(biases.iter_mut());
            values.zip(&self.last).for_each(|(value, last)| *value += share * (*value - last));
        }
        self.weight = next;
        self.last = now;
    }

    /// Restarts if the step from the extrapolated point goes against the last step.
    pub(super) fn check(&mut self, from: View<'_>, vectors: &[f32], biases: &[f32]) {
        let from = from.vectors.iter().chain(from.biases);
        let to = vectors.iter().chain(biases);
        let back: f64 =
            from.zip(to).zip(&self.last).map(|((from, to), last)| f64::from((from - to) * (to - last))).sum();
        if back > 0.0 {
            self.weight = 1.0;
        }
    }
}
