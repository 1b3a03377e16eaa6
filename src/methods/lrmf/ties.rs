//! The penalties of one side of a factorisation.

use crate::lineage::{Forest, Laplacian};

/// The penalties on the rows of one side.
pub(super) struct Ties<'a> {
    /// The graph over the rows.
    pub(super) graph: &'a Laplacian,
    /// A spanning forest of the graph.
    pub(super) forest: &'a Forest,
    /// The weight of the graph.
    pub(super) weight: f32,
    /// The L2 weight, for rows that have cells. The other rows have the graph penalty only.
    pub(super) l2: f32,
    /// Whether each row has cells. (rows)
    pub(super) seen: &'a [bool],
    /// The penalty of the biases.
    pub(super) bias: Bias,
}

/// The penalty of the biases of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bias {
    /// There are none.
    Absent,
    /// They are one more coordinate, with the same penalties as the others.
    Tied,
    /// They have no penalty.
    Free,
}

/// One side: vectors, (rows, dim) row-major, and biases, (rows).
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) vectors: &'a [f32],
    pub(super) biases: &'a [f32],
}
