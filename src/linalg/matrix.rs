//! Matrix operations that take fewer bytes in wasm than their counterparts in `ndarray`.

use eyas_kernels::matrix_product;
use ndarray::{Array1, Array2, ArrayView2};

/// `A B`. a: (m, k), b: (k, n)
pub(crate) fn product(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>) -> Array2<f32> {
    let mut c = Array2::zeros((a.nrows(), b.ncols()));
    matrix_product(1.0, a, b, 0.0, c.view_mut());
    c
}

/// `A += scale v vᵀ`. a: (n, n), v: (n)
pub(crate) fn add_square(a: &mut Array2<f32>, scale: f32, v: &Array1<f32>) {
    for (mut row, &value) in a.rows_mut().into_iter().zip(v) {
        row.scaled_add(scale * value, v);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn matrices_are_multiplied_and_squares_added() {
        let mut a = arr2(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]);
        assert_eq!(product(a.view(), arr2(&[[1.0], [0.0], [-1.0]]).view()), arr2(&[[-2.0], [-2.0], [-2.0]]));
        add_square(&mut a, -2.0, &ndarray::arr1(&[1.0, 0.0, 3.0]));
        assert_eq!(a, arr2(&[[-1.0, 2.0, -3.0], [4.0, 5.0, 6.0], [1.0, 8.0, -9.0]]));
    }
}
