//! The leading singular vectors of a matrix, by subspace iteration (Halko, Martinsson & Tropp 2011, "Finding structure with
//! randomness", algorithms 4.4 and 5.1).

use super::{product, symmetric_eigen};
use ndarray::{Array2, ArrayView2, Axis, s};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Directions beyond those that are wanted, so that the last of these converge, too.
const MORE: usize = 8;
/// Rounds of the iteration.
const ROUNDS: usize = 8;

/// The leading part of `A = U diag(σ) Vᵀ`, greatest σ first.
#[derive(Debug, Clone)]
pub(crate) struct Components {
    /// U diag(σ). (n, k)
    pub(crate) scores: Array2<f32>,
    /// V. (m, k)
    pub(crate) loadings: Array2<f32>,
    /// σ. (k)
    pub(crate) sigma: Vec<f32>,
}

/// At most `most` components of a: (n, m).
pub(crate) fn components(a: ArrayView2<'_, f32>, most: usize) -> Components {
    let (n, m) = a.dim();
    let width = (most + MORE).min(n).min(m);
    let mut rng = Pcg64Mcg::seed_from_u64(0);
    let mut basis = Array2::from_shape_simple_fn((m, width), || rng.random_range(-1.0..1.0f32));
    for _ in 0..ROUNDS {
        orthonormalise(&mut basis);
        basis = product(a.t(), product(a, basis.view()).view());
    }
    orthonormalise(&mut basis);
    let sketch = product(a, basis.view());
    let square = product(sketch.t(), sketch.view());
    let (values, turn) = symmetric_eigen(square.iter().map(|&value| f64::from(value)).collect(), width);
    let greatest_first = super::order(width, &mut |a, b| values[b].total_cmp(&values[a]));
    let kept = &greatest_first[..most.min(width)];
    let turn = Array2::from_shape_fn((width, kept.len()), |(row, column)| turn[row * width + kept[column]] as f32);
    Components {
        scores: product(sketch.view(), turn.view()),
        loadings: product(basis.view(), turn.view()),
        sigma: kept.iter().map(|&at| values[at].max(0.0).sqrt() as f32).collect(),
    }
}

/// Makes the columns orthonormal, by Gram and Schmidt; columns that depend on others become zeros.
fn orthonormalise(basis: &mut Array2<f32>) {
    for at in 0..basis.ncols() {
        let before = basis.column(at).dot(&basis.column(at)).sqrt();
        // Twice is enough (Giraud et al. 2005).
        for _ in 0..2 {
            for other in 0..at {
                let (done, mut rest) = basis.view_mut().split_at(Axis(1), at);
                let share = done.column(other).dot(&rest.column(0));
                rest.column_mut(0).scaled_add(-share, &done.column(other));
            }
        }
        let length = basis.column(at).dot(&basis.column(at)).sqrt();
        let scale = if length > 1e-5 * before { 1.0 / length } else { 0.0 };
        basis.slice_mut(s![.., at]).mapv_inplace(|value| value * scale);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A of rank 2: 3 · u₁ v₁ᵀ + 1 · u₂ v₂ᵀ with u, v of length 1.
    #[test]
    fn a_matrix_of_low_rank_is_found_again() {
        let u = |at: usize| [0.5, if at.is_multiple_of(2) { 0.5 } else { -0.5 }];
        let v = |at: usize| [[0.6, 0.8], [0.8, -0.6], [0.0, 0.0]][at];
        let a =
            Array2::from_shape_fn((4, 3), |(row, column)| 3.0 * u(row)[0] * v(column)[0] + u(row)[1] * v(column)[1]);
        let found = components(a.view(), 2);
        assert!((found.sigma[0] - 3.0).abs() < 1e-4 && (found.sigma[1] - 1.0).abs() < 1e-4, "{:?}", found.sigma);
        let back = found.scores.dot(&found.loadings.t());
        assert!((&back - &a).iter().all(|difference| difference.abs() < 1e-4), "{back:?}");
    }

    #[test]
    fn no_more_components_than_rows_or_columns_and_none_is_not_a_number() {
        let found = components(Array2::zeros((5, 2)).view(), 9);
        assert_eq!((found.scores.dim(), found.loadings.dim()), ((5, 2), (2, 2)));
        assert!(found.scores.iter().chain(&found.loadings).chain(&found.sigma).all(|value| value.is_finite()));
    }
}
