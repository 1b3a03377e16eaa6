//! What ties the rows of one side of a factorisation to each other.

use crate::lineage::{Forest, Laplacian};

/// What ties the rows of one side.
pub(super) struct Ties<'a> {
    /// The graph over the rows.
    pub(super) graph: &'a Laplacian,
    /// A spanning forest of it.
    pub(super) forest: &'a Forest,
    /// Its weight.
    pub(super) weight: f32,
    /// The weight of the squared length of rows that have cells. The others follow the graph alone.
    pub(super) l2: f32,
    /// Rows that have cells.
    pub(super) seen: &'a [bool],
    /// What holds the biases.
    pub(super) bias: Bias,
}

/// What holds the biases of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bias {
    /// There are none.
    Absent,
    /// They are one more coordinate, held by the graph and the squared length as the others are.
    Tied,
    /// Nothing.
    Free,
}

/// One side: vectors (rows, dim) row-major and biases (rows).
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) vectors: &'a [f32],
    pub(super) biases: &'a [f32],
}
