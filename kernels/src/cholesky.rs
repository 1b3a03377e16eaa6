//! Cholesky's factorisation of large symmetric matrices, in blocks over [`matrix_product`].

use super::matrix_product;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, s};

/// Rows and columns of a block.
const BLOCK: usize = 96;

/// A matrix that should be positive definite is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotPositive;

/// The lower triangle L of `A = L Lᵀ`. (n, n)
#[derive(Debug, Clone)]
pub struct Cholesky {
    lower: Array2<f32>,
}

impl Cholesky {
    /// Factorises a symmetric positive definite matrix, (n, n), of which the lower triangle is read.
    ///
    /// # Errors
    /// If it is not positive definite.
    pub fn new(mut a: Array2<f32>) -> Result<Self, NotPositive> {
        let n = a.nrows();
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
            factor_block(&mut diagonal)?;
            divide_by(below, diagonal.view());
        }
        Ok(Self { lower: a })
    }

    /// The factor L; what is above its diagonal is not 0 but unused. (n, n)
    #[must_use]
    pub fn lower(&self) -> ArrayView2<'_, f32> {
        self.lower.view()
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
            solve_block(self.lower.slice(s![start..end, start..end]), &mut block);
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
            let l = self.lower.slice(s![start..end, start..end]);
            for row in (0..end - start).rev() {
                for below in row + 1..end - start {
                    let factor = l[[below, row]];
                    let (mut head, tail) = block.view_mut().split_at(Axis(0), below);
                    head.row_mut(row).scaled_add(-factor, &tail.row(0));
                }
                block.row_mut(row).mapv_inplace(|value| value / l[[row, row]]);
            }
        }
    }

    /// The diagonal of `A⁻¹`. (n)
    #[must_use]
    pub fn inverse_diagonal(&self) -> Vec<f32> {
        let n = self.lower.nrows();
        let starts: Vec<usize> = (0..n).step_by(BLOCK).collect();
        let columns = |&start: &usize| self.inverse_columns(start, (start + BLOCK).min(n));
        #[cfg(not(target_arch = "wasm32"))]
        let blocks: Vec<Vec<f32>> = {
            use rayon::prelude::*;
            starts.par_iter().map(columns).collect()
        };
        #[cfg(target_arch = "wasm32")]
        let blocks: Vec<Vec<f32>> = starts.iter().map(columns).collect();
        blocks.concat()
    }

    /// Squared lengths of the columns `start..end` of `L⁻¹`, whose rows above `start` are 0.
    fn inverse_columns(&self, start: usize, end: usize) -> Vec<f32> {
        let (n, width) = (self.lower.nrows(), end - start);
        let mut x = Array2::<f32>::zeros((n - start, width));
        (0..width).for_each(|k| x[[k, k]] = 1.0);
        for row in (start..n).step_by(BLOCK) {
            let last = (row + BLOCK).min(n);
            let (done, mut rest) = x.view_mut().split_at(Axis(0), row - start);
            let mut block = rest.slice_mut(s![..last - row, ..]);
            if row > start {
                matrix_product(-1.0, self.lower.slice(s![row..last, start..row]), done.view(), 1.0, block.view_mut());
            }
            solve_block(self.lower.slice(s![row..last, row..last]), &mut block);
        }
        (0..width).map(|k| x.column(k).iter().map(|v| v * v).sum()).collect()
    }
}

/// Factorises a block in place.
fn factor_block(a: &mut ArrayViewMut2<'_, f32>) -> Result<(), NotPositive> {
    for row in 0..a.nrows() {
        for column in 0..=row {
            let products: f64 = (0..column).map(|k| f64::from(a[[row, k]]) * f64::from(a[[column, k]])).sum();
            let rest = f64::from(a[[row, column]]) - products;
            a[[row, column]] = if row != column {
                (rest / f64::from(a[[column, column]])) as f32
            } else if rest > 0.0 && rest.is_finite() {
                rest.sqrt() as f32
            } else {
                return Err(NotPositive);
            };
        }
    }
    Ok(())
}

/// `B L⁻ᵀ` in place, for the rows of b below a factorised block.
fn divide_by(mut b: ArrayViewMut2<'_, f32>, l: ArrayView2<'_, f32>) {
    for mut row in b.rows_mut() {
        for column in 0..l.ncols() {
            let products = l.slice(s![column, ..column]).dot(&row.slice(s![..column]));
            row[column] = (row[column] - products) / l[[column, column]];
        }
    }
}

/// `L⁻¹ B` in place for one block.
fn solve_block(l: ArrayView2<'_, f32>, b: &mut ArrayViewMut2<'_, f32>) {
    for row in 0..l.nrows() {
        for above in 0..row {
            let factor = l[[row, above]];
            let (head, mut tail) = b.view_mut().split_at(Axis(0), row);
            tail.row_mut(0).scaled_add(-factor, &head.row(above));
        }
        b.row_mut(row).mapv_inplace(|value| value / l[[row, row]]);
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
