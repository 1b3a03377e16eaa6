//! Eigenvalues and eigenvectors of small symmetric matrices, by Jacobi rotations (Golub & Van Loan, §8.5).

/// Decomposes a symmetric matrix, (n, n) row-major, as `A = Q diag(values) Qᵀ`. Returns the eigenvalues, (n) and
/// unsorted, and Q, (n, n) row-major, whose columns are the eigenvectors.
#[must_use]
pub fn symmetric_eigen(mut a: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut q = vec![0.0; n * n];
    (0..n).for_each(|k| q[k * n + k] = 1.0);
    let scale: f64 = a.iter().map(|value| value * value).sum();
    for _ in 0..60 {
        let off: f64 = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i * n + j].powi(2)).sum();
        if off <= 1e-24 * scale {
            break;
        }
        for i in 0..n {
            for j in 0..i {
                rotate(&mut a, &mut q, n, i, j);
            }
        }
    }
    ((0..n).map(|k| a[k * n + k]).collect(), q)
}

/// Applies the rotation that makes element (i, j) zero. a, q: (n, n), row-major.
fn rotate(a: &mut [f64], q: &mut [f64], n: usize, i: usize, j: usize) {
    let off_diagonal = a[i * n + j];
    if off_diagonal == 0.0 {
        return;
    }
    let theta = (a[j * n + j] - a[i * n + i]) / (2.0 * off_diagonal);
    let tangent = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let tangent = if theta == 0.0 { 1.0 } else { tangent };
    let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
    let sine = tangent * cosine;
    let turn = |matrix: &mut [f64], at: usize, to: usize| {
        let (x, y) = (matrix[at], matrix[to]);
        matrix[at] = cosine * x - sine * y;
        matrix[to] = sine * x + cosine * y;
    };
    for k in 0..n {
        turn(a, k * n + i, k * n + j);
    }
    for k in 0..n {
        turn(a, i * n + k, j * n + k);
    }
    for k in 0..n {
        turn(q, k * n + i, k * n + j);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_make_the_matrix_again() {
        let n = 6;
        let a: Vec<f64> = (0..n * n)
            .map(|at| ((at / n + 1) * (at % n + 1)) as f64 % 7.0 + f64::from(u8::from(at / n == at % n)))
            .collect();
        let (values, q) = symmetric_eigen(a.clone(), n);
        for i in 0..n {
            for j in 0..n {
                let back: f64 = (0..n).map(|k| q[i * n + k] * values[k] * q[j * n + k]).sum();
                assert!((back - a[i * n + j]).abs() < 1e-10, "{i} {j}: {back} {}", a[i * n + j]);
                let product: f64 = (0..n).map(|k| q[k * n + i] * q[k * n + j]).sum();
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-12);
            }
        }
    }
}
