//! The start of the majorisation: the leading singular vectors of the residuals of the biases.
//!
//! The objective has a saddle at vectors of zero, which descent from small random vectors leaves only slowly if an ability
//! is weak. There the loss's gradient by M at `(0, X)` is `R X`, and by X at `(M, 0)` it is `Rᵀ M`, with R the residuals of
//! the biases. These are the products of a randomised singular value decomposition (Halko, Martinsson & Tropp 2011,
//! algorithm 4.4, with one iteration), at the cost of a few gradients. From `-R ≈ U S Vᵀ` the start is
//! `M = U T^½, X = V T^½`, where t minimises the bound `-σ t + t²/8 + 2 λ |Ω| t` for one pair of vectors, and is at least a
//! fixed share of its value without penalty.

use super::majorise::moments;
use crate::linalg::symmetric_eigen;

/// The share of a singular value that the sketch captures; the penalty is scaled by the same share.
const SEEN: f64 = 0.5;
/// The least share of a vector that is kept, since a vector of zero can't grow.
const LEAST: f64 = 0.1;
/// Singular values below this share of the greatest one are rounding errors.
const ROUNDING: f64 = 1e-3;

/// Columns that span the same space, orthonormal over the seen rows; zero where the space has fewer dimensions.
/// `rows`: (n, dim), row-major.
pub(super) fn orthonormal(rows: &[f32], seen: &[bool], dim: usize) -> Vec<f32> {
    let (sigma, basis) = singular(rows, seen, dim);
    product(rows, &basis, &sigma.iter().map(|&sigma| if sigma > 0.0 { 1.0 / sigma } else { 0.0 }).collect::<Vec<_>>())
}

/// Vectors of both sides from orthonormal `left`, (n_nodes, dim), and `right = Rᵀ left`, (n_tasks, dim); `penalty` is λ |Ω|.
pub(super) fn start(left: &[f32], right: &[f32], seen: &[bool], penalty: f64, dim: usize) -> (Vec<f32>, Vec<f32>) {
    let (sigma, basis) = singular(right, seen, dim);
    let lengths: Vec<f64> =
        sigma.iter().map(|&sigma| (4.0 * (sigma - 2.0 * SEEN * penalty).max(LEAST * sigma)).sqrt()).collect();
    let shares: Vec<f64> =
        lengths.iter().zip(&sigma).map(|(length, &sigma)| if sigma > 0.0 { -length / sigma } else { 0.0 }).collect();
    (product(left, &basis, &lengths), product(right, &basis, &shares))
}

/// Singular values of the seen rows, 0 where they are rounding errors, and the right singular vectors as columns, (dim,
/// dim).
fn singular(rows: &[f32], seen: &[bool], dim: usize) -> (Vec<f64>, Vec<f64>) {
    let moments = moments(rows, seen, dim);
    let gram = (0..dim * dim).map(|at| moments[at / dim * (dim + 1) + at % dim]).collect();
    let (squares, basis) = symmetric_eigen(gram, dim);
    let least = ROUNDING * ROUNDING * squares.iter().copied().fold(0.0, f64::max);
    (squares.iter().map(|&square| if square > least { square.sqrt() } else { 0.0 }).collect(), basis)
}

/// `rows · basis · diag(factors)`: (n, dim).
fn product(rows: &[f32], basis: &[f64], factors: &[f64]) -> Vec<f32> {
    let dim = factors.len();
    let matrix: Vec<f32> = basis.iter().enumerate().map(|(at, value)| (value * factors[at % dim]) as f32).collect();
    let mut out = vec![0.0f32; rows.len()];
    for (out, row) in out.chunks_exact_mut(dim).zip(rows.chunks_exact(dim)) {
        for (line, &value) in matrix.chunks_exact(dim).zip(row) {
            eyas_kernels::cpu::add_scaled(out, value, line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R of rank 2 with singular values 30 and 10, and a third column of the sketch that is a copy.
    #[test]
    fn the_start_has_the_penalised_singular_values_and_stays_finite_where_the_rank_is_low() {
        let (n, m, dim) = (50, 40, 3);
        let unit = |k: usize, at: usize, n: usize| {
            (std::f64::consts::TAU * ((k + 1) * at) as f64 / n as f64).cos() * (2.0 / n as f64).sqrt()
        };
        let residual = |u: usize, i: usize| 30.0 * unit(0, u, n) * unit(0, i, m) + 10.0 * unit(1, u, n) * unit(1, i, m);
        let sketch = |i: usize, k: usize| [unit(0, i, m) + unit(1, i, m), unit(0, i, m), unit(0, i, m)][k];
        let rows: Vec<f32> = (0..n * dim)
            .map(|at| (0..m).map(|i| residual(at / dim, i) * sketch(i, at % dim)).sum::<f64>() as f32)
            .collect();
        let left = orthonormal(&rows, &vec![true; n], dim);
        let right: Vec<f32> = (0..m * dim)
            .map(|at| (0..n).map(|u| residual(u, at / dim) * f64::from(left[u * dim + at % dim])).sum::<f64>() as f32)
            .collect();
        let (models, tasks) = start(&left, &right, &vec![true; m], 2.0, dim);
        let logit = |u: usize, i: usize| (0..dim).map(|k| models[u * dim + k] * tasks[i * dim + k]).sum::<f32>();
        let expected = |u: usize, i: usize| {
            -112.0 * unit(0, u, n) * unit(0, i, m) - 32.0 * unit(1, u, n) * unit(1, i, m) // 4 (30 - 2), 4 (10 - 2)
        };
        for (u, i) in [(0, 0), (7, 11), (23, 39), (49, 3)] {
            assert!(
                (f64::from(logit(u, i)) - expected(u, i)).abs() < 1e-2,
                "{u} {i}: {} {}",
                logit(u, i),
                expected(u, i)
            );
        }
    }
}
