//! Products of dense matrices, in blocks that stay in registers and caches; the readable twin is
//! [`super::cpu::matrix_product`].
//!
//! The right matrix is copied panel by panel into the order in which [`product`] reads it. The left one is copied only where
//! its rows are not contiguous or their number is not a multiple of [`ROWS`]. Sums over more than [`DEPTH`] terms are made
//! in parts.
#![expect(unsafe_code, reason = "loads without bounds checks in the innermost loops")]

use super::aligned::Aligned;
use super::simd::{Instructions, Lanes, ROWS, Work, dispatch, product};
use ndarray::{Array2, ArrayView2, ArrayViewMut2, s};

/// Number of terms that are summed before the result is updated.
const DEPTH: usize = 256;
/// Columns of the widest panel: [`Lanes::COLUMNS`] vectors of the widest instruction set.
const WIDEST: usize = 64;

/// `C = keep C + scale A B`. a: (m, k), b: (k, n), c: (m, n), with any strides.
///
/// # Panics
/// If the shapes do not fit.
pub(super) fn matrix_product(
    instructions: Instructions,
    scale: f32,
    (a, b): (ArrayView2<'_, f32>, ArrayView2<'_, f32>),
    keep: f32,
    mut c: ArrayViewMut2<'_, f32>,
) {
    assert!(a.ncols() == b.nrows() && c.dim() == (a.nrows(), b.ncols()), "matrices of shapes that do not fit");
    if keep != 1.0 {
        c.mapv_inplace(|value| if keep == 0.0 { 0.0 } else { keep * value });
    }
    for start in (0..a.ncols()).step_by(DEPTH) {
        let end = (start + DEPTH).min(a.ncols());
        let (left, right) = (a.slice(s![.., start..end]), b.slice(s![start..end, ..]));
        // Rows are processed in whole groups: the remaining ones are copied and padded with zeros.
        let whole = if left.strides()[1] == 1 && left.strides()[0] > 0 { a.nrows() / ROWS * ROWS } else { 0 };
        let mut rest = vec![0.0; (a.nrows() - whole).next_multiple_of(ROWS) * (end - start)];
        for (copy, row) in rest.chunks_exact_mut(end - start).zip(left.slice(s![whole.., ..]).rows()) {
            copy.iter_mut().zip(row).for_each(|(copy, value)| *copy = *value);
        }
        dispatch(instructions, Pass { scale, left, whole, rest: &rest, right, c: c.view_mut() });
    }
}

/// The submatrix of these rows and columns, in the given order: (rows.len(), columns.len()).
#[must_use]
pub fn pick(values: &Array2<f32>, rows: &[usize], columns: &[usize]) -> Array2<f32> {
    let (width, values) = (values.ncols(), values.as_standard_layout());
    let values = values.as_slice().unwrap_or_default();
    let mut picked = Vec::with_capacity(rows.len() * columns.len());
    for &row in rows {
        let row = &values[row * width..][..width];
        picked.extend(columns.iter().map(|&column| row[column]));
    }
    Array2::from_shape_vec((rows.len(), columns.len()), picked).unwrap_or_default()
}

/// One part of the sums.
struct Pass<'a> {
    scale: f32,
    left: ArrayView2<'a, f32>,  // (m, depth)
    whole: usize,               // number of rows that are read in place
    rest: &'a [f32],            // the remaining rows, in whole groups: (.., depth)
    right: ArrayView2<'a, f32>, // (depth, n)
    c: ArrayViewMut2<'a, f32>,  // (m, n)
}

impl Work for Pass<'_> {
    #[inline(always)]
    fn run<L: Lanes>(mut self) {
        let (depth, n) = self.right.dim();
        let mut panel = Aligned::zeros(depth * WIDEST);
        let mut at = 0;
        while at < n {
            let left = (n - at).div_ceil(L::WIDTH);
            at += match left {
                _ if L::COLUMNS == 1 => self.panel::<L, 1, 1>(at, &mut panel),
                1 => self.panel::<L, 1, 2>(at, &mut panel),
                2 | 3 if L::COLUMNS == 4 => self.panel::<L, 2, 2>(at, &mut panel),
                _ if L::COLUMNS == 4 => self.panel::<L, 4, 1>(at, &mut panel),
                _ => self.panel::<L, 2, 1>(at, &mut panel),
            };
        }
    }
}

impl Pass<'_> {
    /// Processes `C` vectors of columns, from `at` on; returns the number of these columns.
    #[inline(always)]
    fn panel<L: Lanes, const C: usize, const U: usize>(&mut self, at: usize, panel: &mut [f32]) -> usize {
        let (depth, n) = self.right.dim();
        let width = C * L::WIDTH;
        let end = (at + width).min(n);
        let left_stride = self.left.strides()[0] as usize;
        let (dense, row_stride) = (self.c.strides()[1] == 1 && self.c.strides()[0] > 0, self.c.strides()[0] as usize);
        for (copy, row) in panel.chunks_exact_mut(width).zip(self.right.slice(s![.., at..end]).rows()) {
            match row.as_slice() {
                Some(row) => copy[..end - at].copy_from_slice(row),
                None => copy.iter_mut().zip(row).for_each(|(copy, value)| *copy = *value),
            }
            copy[end - at..].fill(0.0);
        }
        for first in (0..self.left.nrows()).step_by(ROWS) {
            let (rows, stride) = match first.checked_sub(self.whole) {
                // SAFETY: the row exists, and its stride is not negative.
                None => unsafe { (self.left.as_ptr().add(first * left_stride), left_stride) },
                Some(first) => (self.rest[first * depth..].as_ptr(), depth),
            };
            // SAFETY: `rows` has whole groups of rows of `depth` values, `panel` has `depth` rows of `width`.
            let sums =
                unsafe { product::<L, C, U>(depth, rows, stride, panel.as_ptr(), width, [[L::splat(0.0); C]; ROWS]) };
            let sums = sums.map(|sums| sums.map(|sum| sum.mul(L::splat(self.scale))));
            for (r, sums) in sums.into_iter().enumerate().take(self.left.nrows() - first) {
                let row = first + r;
                if dense && end - at == width {
                    // SAFETY: the row has `width` contiguous values from `at` on.
                    unsafe {
                        let out = self.c.as_mut_ptr().add(row * row_stride + at);
                        for (c, sum) in sums.into_iter().enumerate() {
                            let to = out.add(c * L::WIDTH);
                            L::load(to).add(sum).store(to);
                        }
                    }
                } else {
                    let mut line = [0.0f32; WIDEST];
                    // SAFETY: no panel is wider than the line.
                    (0..C).for_each(|c| unsafe { sums[c].store(line[c * L::WIDTH..].as_mut_ptr()) });
                    self.c.slice_mut(s![row, at..end]).iter_mut().zip(line).for_each(|(out, sum)| *out += sum);
                }
            }
        }
        end - at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn rows_and_columns_are_picked_in_the_given_order_whatever_the_layout() {
        let a = arr2(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]);
        let expected = arr2(&[[8.0, 8.0, 7.0], [2.0, 2.0, 1.0]]);
        assert_eq!(pick(&a, &[2, 0], &[1, 1, 0]), expected);
        assert_eq!(pick(&a.t().as_standard_layout().into_owned().reversed_axes(), &[2, 0], &[1, 1, 0]), expected);
        assert_eq!(pick(&a, &[], &[1]).dim(), (0, 1));
    }
}
