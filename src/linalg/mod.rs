//! The few primitives of linear algebra that the methods share. The public API takes and returns `ndarray` types; the
//! hot loops work on plain slices whose shapes are stated beside them.

mod cholesky;
pub(crate) mod components;
mod eigen;
pub(crate) mod flat_map;
mod keys;
mod matrix;
pub(crate) mod neighbours;
mod number;
mod order;

pub use cholesky::{factorise, solve_positive};
pub use eigen::symmetric_eigen;
pub(crate) use eyas_kernels::pick;
pub use eyas_kernels::{BitMatrix, Cholesky, SparseMatrix, clamp, logistic, logistic_loss, logit};
pub(crate) use matrix::{add_square, product};
pub(crate) use number::{parse_number, print_number};
pub use order::order;
pub(crate) use order::{
    distinct, keep_greatest, map_of, sample, sort_by_number, sort_by_value, sort_floats, sort_numbers,
};
