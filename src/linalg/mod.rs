//! The few primitives of linear algebra that the methods share. `ndarray` stands at the seams of the public API;
//! the hot loops work on plain slices whose shapes are stated beside them.

mod bits;
mod cholesky;
mod eigen;
mod factor;
mod order;
mod scalar;
mod sparse;

pub use bits::BitMatrix;
pub use cholesky::solve_positive;
pub use eigen::symmetric_eigen;
pub use factor::Cholesky;
pub use order::order;
pub(crate) use order::{distinct, keep_greatest, sort_by_number, sort_by_value, sort_floats, sort_numbers};
pub(crate) use scalar::parse_number;
pub use scalar::{logistic, logistic_loss, logit};
pub use sparse::SparseMatrix;
