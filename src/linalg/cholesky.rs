//! Positive definite systems, solved by Cholesky factorisation.

use crate::error::{Error, Result};
use eyas_kernels::Cholesky;
use ndarray::Array2;

/// The Cholesky factor of a symmetric positive definite matrix, (n, n). Only the lower triangle is read.
///
/// # Errors
/// Of kind `Computation` if the matrix is not positive definite.
pub fn factorise(a: Array2<f32>) -> Result<Cholesky> {
    Cholesky::new(a).map_err(|_| not_positive())
}

fn not_positive() -> Error {
    Error::computation("a matrix that should be positive definite is not")
}

/// Solves `A x = b` for a symmetric positive definite A. a: (n, n), row-major; only the lower triangle is read, and it
/// is overwritten by the factor L with `A = L Lᵀ`. b: (n). Returns x: (n).
///
/// # Errors
/// Of kind `Computation` if A is not positive definite.
pub fn solve_positive(a: &mut [f64], b: &[f64]) -> Result<Vec<f64>> {
    let n = b.len();
    for row in 0..n {
        for column in 0..=row {
            let products: f64 = (0..column).map(|k| a[row * n + k] * a[column * n + k]).sum();
            let rest = a[row * n + column] - products;
            if row != column {
                a[row * n + column] = rest / a[column * n + column];
            } else if rest > 0.0 && rest.is_finite() {
                a[row * n + row] = rest.sqrt();
            } else {
                return Err(not_positive());
            }
        }
    }
    let mut x = b.to_vec();
    for row in 0..n {
        let known: f64 = (0..row).map(|k| a[row * n + k] * x[k]).sum();
        x[row] = (x[row] - known) / a[row * n + row];
    }
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|k| a[k * n + row] * x[k]).sum();
        x[row] = (x[row] - known) / a[row * n + row];
    }
    Ok(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_system_is_solved_and_an_indefinite_one_refused() {
        let mut a = [4.0, 2.0, 0.6, 2.0, 5.0, 1.0, 0.6, 1.0, 3.0];
        let original = a;
        let x = solve_positive(&mut a, &[1.0, -2.0, 0.5]).unwrap_or_default();
        for row in 0..3 {
            let back: f64 = (0..3).map(|k| original[row * 3 + k] * x[k]).sum();
            assert!((back - [1.0, -2.0, 0.5][row]).abs() < 1e-12);
        }
        assert!(solve_positive(&mut [1.0, 2.0, 2.0, 1.0], &[1.0, 1.0]).is_err());
    }
}
