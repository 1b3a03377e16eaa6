//! The arguments of the operations on a device.

use eyas_kernels::Sides;

/// The side of the factorisation by which a gradient is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Vectors and biases of all nodes.
    Models,
    /// Vectors and biases of the tasks.
    Tasks,
}

/// The penalties on the rows of one side.
#[cfg_attr(not(feature = "gpu"), expect(dead_code, reason = "only a device reads it"))]
pub(crate) struct Penalty<'a> {
    /// The neighbours of each row, with the weights of their edges.
    pub(crate) graph: Vec<&'a [(u32, f32)]>,
    /// The weight of the graph.
    pub(crate) weight: f32,
    /// The L2 weight, for rows that have cells.
    pub(crate) l2: f32,
    /// Whether each row has cells. (rows)
    pub(crate) seen: &'a [bool],
    /// Whether the biases have the same penalties as the vectors.
    pub(crate) biases: bool,
}

/// A row of the table that is multiplied by `value` and added to the input of a network from position `at` on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Feature {
    /// Position of its first value in the table.
    pub(crate) start: usize,
    pub(crate) at: usize,
    pub(crate) width: usize,
    pub(crate) value: f32,
    /// Whether it is part of a latent vector.
    pub(crate) latent: bool,
}

/// A cell as the network sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SeenCell {
    /// Model, task, score in 0..1.
    pub(crate) cell: (u32, u32, f32),
    /// Whether the latent vectors of the model and of the task are hidden.
    pub(crate) hidden: [bool; 2],
}

/// The shape of a network, and its training settings.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "gpu"), expect(dead_code, reason = "only a device reads it"))]
pub(crate) struct NetworkShape {
    /// Number of values in the table.
    pub(crate) table: usize,
    /// Widths of the input, the hidden layers and the output.
    pub(crate) widths: Vec<usize>,
    /// Cells of a batch.
    pub(crate) batch: usize,
    /// Step length of AdamW.
    pub(crate) rate: f32,
    /// Weight decay of AdamW.
    pub(crate) decay: f32,
}

/// The cells of an epoch.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(feature = "gpu"), expect(dead_code, reason = "only a device reads it"))]
pub(crate) struct Batches<'a> {
    /// Training cells.
    pub(crate) trained: &'a [SeenCell],
    /// Cells whose error is computed afterwards.
    pub(crate) held: &'a [SeenCell],
}

impl From<Side> for Sides {
    fn from(side: Side) -> Self {
        match side {
            Side::Models => Self::Models,
            Side::Tasks => Self::Tasks,
        }
    }
}
