//! The hot operations of training, behind one seam: the loops of `eyas-kernels` on the CPU, shaders on a GPU, and the choice
//! between them.

mod compute;
#[cfg(feature = "gpu")]
pub mod gpu;
#[cfg(not(feature = "gpu"))]
#[path = "no_gpu.rs"]
pub mod gpu;

pub use compute::{Compute, Device, Ran};
pub use eyas_kernels::{
    AdamStep, Cells, Factorisation, Instructions, Sides, adam_step, cpu, logistic_step, logistic_step_of,
    logistic_step_with, matrix_product, multiply_add_rounds, probabilities,
};

/// Which parameters a gradient is taken by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Vectors and biases of all nodes.
    Models,
    /// Vectors and biases of the tasks.
    Tasks,
}

/// What holds the rows of one side.
#[cfg_attr(not(feature = "gpu"), expect(dead_code, reason = "only a device reads it"))]
pub(crate) struct Penalty<'a> {
    /// The neighbours of each row, with the weights of their edges.
    pub(crate) graph: Vec<&'a [(u32, f32)]>,
    /// The graph's weight.
    pub(crate) weight: f32,
    /// The weight of the squared length of rows that have cells.
    pub(crate) l2: f32,
    /// Which rows have cells.
    pub(crate) seen: &'a [bool],
    /// Whether the biases are held as the vectors are.
    pub(crate) biases: bool,
}

impl From<Side> for Sides {
    fn from(side: Side) -> Self {
        match side {
            Side::Models => Self::Models,
            Side::Tasks => Self::Tasks,
        }
    }
}
