//! Cholesky factorisation of large symmetric matrices, in blocks over [`matrix_product`]. The diagonal blocks are inverted,
//! so that solving with them is a product too.

use super::matrix_product;
use super::simd::{Instructions, Lanes, Work, dispatch};
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, s};

/// Rows and columns per block. Blocks on the diagonal are factorised in double precision.
const BLOCK: usize = 32;

/// The error for a matrix that is not positive definite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotPositive;

/// The lower triangle L of `A = L Lᵀ`. (n, n)
#[derive(Debug, Clone)]
pub struct Cholesky {
    lower: Array2<f32>,
    /// The inverse of each diagonal block, with zeros above its diagonal.
    inverses: Vec<Array2<f32>>,
}

impl Cholesky {
    /// Factorises a symmetric positive definite matrix, (n, n); only its lower triangle is read.
    ///
    /// # Errors
    /// If it is not positive definite.
    pub fn new(mut a: Array2<f32>) -> Result<Self, NotPositive> {
        let n = a.nrows();
        let mut inverses = Vec::new();
        for start in (0..n).step_by(BLOCK) {
            let end = (start + BLOCK).min(n);
            let (done, rest) = a.view_mut().split_at(Axis(1), start);
            let mut panel = rest.slice_move(s![start.., ..end - start]);
            if start > 0 {
                let rows = done.slice(s![start.., ..]);
                let top = done.slice(s![start..end, ..]);
                matrix_product(-1.0, rows, top.t(), 1.0, panel.view_mut());
            }
            let (mut diagonal, below) = panel.split_at(Axis(0), end - start);
            let inverse = factor_block(&mut diagonal)?;
            multiply(below, |below, out| matrix_product(1.0, below, inverse.t(), 0.0, out));
            inverses.push(inverse);
        }
        Ok(Self { lower: a, inverses })
    }

    /// `L⁻¹ B` in place. b: (n, k)
    pub fn solve_lower(&self, b: &mut Array2<f32>) {
        let n = b.nrows();
        for start in (0..n).step_by(BLOCK) {
            let end = (start + BLOCK).min(n);
            let (done, mut rest) = b.view_mut().split_at(Axis(0), start);
            let mut block = rest.slice_mut(s![..end - start, ..]);
            if start > 0 {
                matrix_product(-1.0, self.lower.slice(s![start..end, ..start]), done.view(), 1.0, block.view_mut());
            }
            let inverse = &self.inverses[start / BLOCK];
            multiply(block, |block, out| matrix_product(1.0, inverse.view(), block, 0.0, out));
        }
    }

    /// `L⁻ᵀ B` in place. b: (n, k)
    pub fn solve_upper(&self, b: &mut Array2<f32>) {
        let n = b.nrows();
        for start in (0..n).step_by(BLOCK).collect::<Vec<_>>().into_iter().rev() {
            let end = (start + BLOCK).min(n);
            let (mut rest, done) = b.view_mut().split_at(Axis(0), end);
            let mut block = rest.slice_mut(s![start.., ..]);
            if end < n {
                matrix_product(-1.0, self.lower.slice(s![end.., start..end]).t(), done.view(), 1.0, block.view_mut());
            }
            let inverse = &self.inverses[start / BLOCK];
            multiply(block, |block, out| matrix_product(1.0, inverse.t(), block, 0.0, out));
        }
    }

    /// The diagonal of `A⁻¹`: squared lengths of the columns of `L⁻¹`. (n)
    #[must_use]
    pub fn inverse_diagonal(&self) -> Vec<f32> {
        let n = self.lower.nrows();
        let mut inverse = Array2::zeros((n, n));
        for start in (0..n).step_by(BLOCK) {
            let end = (start + BLOCK).min(n);
            let (done, mut rest) = inverse.view_mut().split_at(Axis(0), start);
            let block = &self.inverses[start / BLOCK];
            rest.slice_mut(s![..end - start, start..end]).assign(block);
            if start > 0 {
                let mut below = rest.slice_mut(s![..end - start, ..start]);
                let known = done.slice(s![.., ..start]);
                matrix_product(-1.0, self.lower.slice(s![start..end, ..start]), known, 0.0, below.view_mut());
                multiply(below, |below, out| matrix_product(1.0, block.view(), below, 0.0, out));
            }
        }
        let mut sums = vec![0.0f32; n];
        for row in inverse.rows() {
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value * value);
        }
        sums
    }
}

/// Factorises a diagonal block in place, and returns the inverse of its factor.
fn factor_block(a: &mut ArrayViewMut2<'_, f32>) -> Result<Array2<f32>, NotPositive> {
    let n = a.nrows();
    let mut lower: Vec<f64> = a.iter().map(|&value| f64::from(value)).collect();
    let mut inverse = vec![0.0; n * n];
    let mut is_positive = true;
    let block = Block { n, lower: &mut lower, inverse: &mut inverse, is_positive: &mut is_positive };
    dispatch(Instructions::best(), block);
    if !is_positive {
        return Err(NotPositive);
    }
    a.iter_mut().zip(lower).for_each(|(a, value)| *a = value as f32);
    Ok(Array2::from_shape_fn((n, n), |(row, column)| inverse[row * n + column] as f32))
}

/// A diagonal block in double precision.
struct Block<'a> {
    n: usize,
    lower: &'a mut [f64], // the matrix, of which the lower triangle is replaced by the factor. (n, n), row-major
    inverse: &'a mut [f64], // zeros, of which the lower triangle becomes the factor's inverse. (n, n)
    is_positive: &'a mut bool,
}

impl Work for Block<'_> {
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { n, lower, inverse, is_positive } = self;
        let mut column = vec![0.0f64; n];
        for k in 0..n {
            let pivot = lower[k * n + k];
            if !(pivot > 0.0 && pivot.is_finite()) {
                *is_positive = false;
                return;
            }
            let root = pivot.sqrt();
            lower[k * n + k] = root;
            for (value, row) in column[k + 1..].iter_mut().zip(lower[(k + 1) * n..].chunks_exact_mut(n)) {
                row[k] /= root;
                *value = row[k];
            }
            for (i, row) in lower[(k + 1) * n..].chunks_exact_mut(n).enumerate() {
                add(&mut row[k + 1..=k + 1 + i], -column[k + 1 + i], &column[k + 1..]);
            }
        }
        for row in 0..n {
            let (done, rest) = inverse.split_at_mut(row * n);
            let factors = &lower[row * n..][..=row];
            for (above, inverse) in done.chunks_exact(n).enumerate() {
                add(&mut rest[..=above], factors[above], inverse);
            }
            rest[..row].iter_mut().for_each(|sum| *sum /= -factors[row]);
            rest[row] = 1.0 / factors[row];
        }
    }
}

/// `sums += factor · values`.
#[inline(always)]
fn add(sums: &mut [f64], factor: f64, values: &[f64]) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += factor * value);
}

/// Replaces B by a product that contains it.
fn multiply(mut b: ArrayViewMut2<'_, f32>, product: impl FnOnce(ArrayView2<'_, f32>, ArrayViewMut2<'_, f32>)) {
    // Nothing is below the last block, and an empty view can't be copied.
    if !b.is_empty() {
        let copy = b.to_owned();
        product(copy.view(), b.view_mut());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A well-conditioned symmetric matrix of several blocks.
    fn example(n: usize) -> Array2<f32> {
        Array2::from_shape_fn((n, n), |(i, j)| (-(i.abs_diff(j) as f32) / 7.0).exp() + if i == j { 0.5 } else { 0.0 })
    }

    #[test]
    fn what_is_solved_gives_the_right_hand_side_back() {
        let n = 2 * BLOCK + 17;
        let a = example(n);
        let factor = Cholesky::new(a.clone()).unwrap();
        let b = Array2::from_shape_fn((n, 3), |(i, j)| ((i * 3 + j) as f32).sin());
        let mut x = b.clone();
        factor.solve_lower(&mut x);
        factor.solve_upper(&mut x);
        let back = a.dot(&x);
        assert!(back.iter().zip(&b).all(|(back, b)| (back - b).abs() < 1e-4));
    }

    #[test]
    fn the_diagonal_of_the_inverse_is_that_of_solving_for_unit_vectors() {
        let n = BLOCK + 5;
        let factor = Cholesky::new(example(n)).unwrap();
        let mut inverse = Array2::<f32>::eye(n);
        factor.solve_lower(&mut inverse);
        factor.solve_upper(&mut inverse);
        let diagonal = factor.inverse_diagonal();
        assert!((0..n).all(|k| (diagonal[k] - inverse[[k, k]]).abs() < 1e-4));
    }

    #[test]
    fn an_indefinite_matrix_is_refused() {
        let mut a = example(BLOCK + 1);
        a[[BLOCK, BLOCK]] = -1.0;
        assert!(Cholesky::new(a).is_err());
    }
}
