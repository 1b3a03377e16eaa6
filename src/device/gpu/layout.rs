//! The layout of the parameters of a factorisation in their buffer.

use crate::device::shapes::Side;
use eyas_kernels::Factorisation;

pub(super) const SIDES: [Side; 2] = [Side::Models, Side::Tasks];

impl Side {
    pub(super) fn other(self) -> Self {
        if self == Self::Models { Self::Tasks } else { Self::Models }
    }

    pub(super) fn of(self, p: &Factorisation) -> (&[f32], &[f32]) {
        if self == Self::Models { (&p.models, &p.model_bias) } else { (&p.tasks, &p.task_bias) }
    }

    pub(super) fn of_mut(self, p: &mut Factorisation) -> (&mut [f32], &mut [f32]) {
        if self == Self::Models { (&mut p.models, &mut p.model_bias) } else { (&mut p.tasks, &mut p.task_bias) }
    }
}

/// The positions in the buffer of parameters: vectors of the nodes, of the tasks (each padded to whole vec4s), then biases
/// of the nodes, of the tasks (each side padded to four).
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) nodes: usize,
    pub(super) tasks: usize,
    pub(super) dim: usize,
    pub(super) lines: usize, // vec4s per vector
}

impl Layout {
    pub(super) fn of(nodes: usize, tasks: usize, dim: usize) -> Self {
        Self { nodes, tasks, dim, lines: dim.div_ceil(4) }
    }

    /// Position of one vector.
    pub(super) fn vector(self, side: Side, row: usize) -> usize {
        self.vectors(side) + 4 * self.lines * row
    }

    pub(super) fn rows(self, side: Side) -> usize {
        if side == Side::Models { self.nodes } else { self.tasks }
    }

    /// Position of a side's vectors.
    pub(super) fn vectors(self, side: Side) -> usize {
        if side == Side::Models { 0 } else { 4 * self.lines * self.nodes }
    }

    /// Position of a side's biases.
    pub(super) fn biases(self, side: Side) -> usize {
        let vectors = 4 * self.lines * (self.nodes + self.tasks);
        vectors + if side == Side::Models { 0 } else { self.nodes.next_multiple_of(4) }
    }

    pub(super) fn len(self) -> usize {
        self.biases(Side::Tasks) + self.tasks.next_multiple_of(4)
    }

    /// Position of a side's losses; those of the tasks come first, so that `sum_loss` can skip them.
    pub(super) fn losses(self, side: Side) -> usize {
        if side == Side::Tasks { 0 } else { self.tasks }
    }

    /// Position of a side's penalties.
    pub(super) fn penalties(self, side: Side) -> usize {
        self.tasks + self.nodes + if side == Side::Models { 0 } else { self.nodes }
    }

    pub(super) fn pack(self, parameters: &Factorisation, out: &mut Vec<f32>) {
        out.clear();
        out.resize(self.len(), 0.0);
        for side in SIDES {
            let (vectors, biases) = side.of(parameters);
            let rows = out[self.vectors(side)..].chunks_exact_mut(4 * self.lines);
            for (row, vector) in rows.zip(vectors.chunks_exact(self.dim)) {
                row[..self.dim].copy_from_slice(vector);
            }
            out[self.biases(side)..][..biases.len()].copy_from_slice(biases);
        }
    }

    /// Copies one side back from padded vectors and biases.
    pub(super) fn unpack(self, side: Side, vectors: &[f32], biases: &[f32], parameters: &mut Factorisation) {
        let (out, bias_out) = side.of_mut(parameters);
        for (row, vector) in out.chunks_exact_mut(self.dim).zip(vectors.chunks_exact(4 * self.lines)) {
            row.copy_from_slice(&vector[..self.dim]);
        }
        bias_out.copy_from_slice(&biases[..bias_out.len()]);
    }
}
