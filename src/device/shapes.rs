//! What the operations on a device work on.

use eyas_kernels::Sides;

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

/// A row of a table that goes, times `value`, into the input of a network from `at` on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Feature {
    /// Its first value in the table.
    pub(crate) start: usize,
    pub(crate) at: usize,
    pub(crate) width: usize,
    pub(crate) value: f32,
    /// Whether it is a part of a latent vector.
    pub(crate) latent: bool,
}

/// A cell as a network sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SeenCell {
    /// Model, task, 0..1.
    pub(crate) cell: (u32, u32, f32),
    /// Whether the latent vectors of the model and of the task are hidden.
    pub(crate) hidden: [bool; 2],
}

/// A network, and how it is trained.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "gpu"), expect(dead_code, reason = "only a device reads it"))]
pub(crate) struct NetworkShape {
    /// Values of the table that its input is made of.
    pub(crate) table: usize,
    /// Of its input, its hidden layers and its output.
    pub(crate) widths: Vec<usize>,
    /// Cells of a batch.
    pub(crate) batch: usize,
    /// Step length of AdamW.
    pub(crate) rate: f32,
    /// Weight decay of AdamW.
    pub(crate) decay: f32,
}

/// What an epoch sees.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(not(feature = "gpu"), expect(dead_code, reason = "only a device reads it"))]
pub(crate) struct Batches<'a> {
    /// Cells to learn from.
    pub(crate) trained: &'a [SeenCell],
    /// Cells whose error is asked for afterwards.
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
