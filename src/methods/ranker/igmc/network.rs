//! The graph network of IGMC: relational graph convolutions (Schlichtkrull et al. 2018), each with the hyperbolic tangent, and a
//! layer over what they make of the model and of the task (Zhang & Chen 2020, eq. 1 and 2).
//!
//! With `h_i` of a node and the mean `m_i^r` of its neighbours by edges of kind r, a convolution is
//! `h_i' = tanh([h_i | m_i¹ | … | m_i⁵] W + b)`; h of the first one is the node's kind. The outputs of all convolutions for the
//! model and the task make `g`, and `ẑ = max(g A + a, 0) B + c`. The penalty `λ Σ_r ‖W_{r+1} − W_r‖²` keeps kinds of neighbouring
//! scores alike (eq. 5).

use super::graph::{LABELS, RELATIONS, Subgraphs};
use crate::linalg::product;
use crate::methods::training::random::normal;
use eyas_kernels::matrix_product;
use ndarray::{Array2, Axis, s};
use rand_pcg::Pcg64Mcg;

/// Width of the convolutions and of the last layer.
const WIDTH: usize = 16;
const LAST: usize = 32;
/// λ.
const ALIKE: f32 = 1e-3;

/// W and b of each convolution, then A, a, B and c.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Weights {
    pub(super) blocks: Vec<Array2<f32>>,
}

/// The inputs and outputs of the convolutions, and of the last layer.
struct Layers {
    inputs: Vec<Array2<f32>>,  // (nodes, (1 + RELATIONS) width)
    outputs: Vec<Array2<f32>>, // (nodes, WIDTH)
    joined: Array2<f32>,       // g: (subgraphs, 2 convolutions WIDTH)
    last: Array2<f32>,         // (subgraphs, LAST)
}

impl Weights {
    pub(super) fn new(convolutions: usize, rng: &mut Pcg64Mcg) -> Self {
        let mut random = |rows: usize, columns: usize, variance: f32| {
            let scale = (variance / rows as f32).sqrt();
            Array2::from_shape_fn((rows, columns), |_| scale * normal(rng))
        };
        let mut blocks = Vec::new();
        for at in 0..convolutions {
            let width = if at == 0 { LABELS } else { WIDTH };
            // Of the inputs about one in three is there.
            blocks.extend([random((1 + RELATIONS) * width, WIDTH, 3.0), Array2::zeros((1, WIDTH))]);
        }
        blocks.extend([random(2 * convolutions * WIDTH, LAST, 2.0), Array2::zeros((1, LAST))]);
        blocks.extend([random(LAST, 1, 1.0), Array2::zeros((1, 1))]);
        Self { blocks }
    }

    pub(super) fn convolutions(&self) -> usize {
        (self.blocks.len() - 4) / 2
    }

    fn layers(&self, graphs: &Subgraphs) -> Layers {
        let convolutions = self.convolutions();
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        let mut h = Array2::zeros((graphs.labels.len(), LABELS));
        graphs.labels.iter().enumerate().for_each(|(node, &label)| h[[node, label as usize]] = 1.0);
        for at in 0..convolutions {
            let x = gather(&h, graphs);
            h = product(x.view(), self.blocks[2 * at].view()) + &self.blocks[2 * at + 1];
            h.mapv_inplace(f32::tanh);
            inputs.push(x);
            outputs.push(h.clone());
        }
        let mut joined = Array2::zeros((graphs.centres.len(), 2 * convolutions * WIDTH));
        for (mut row, &centre) in joined.rows_mut().into_iter().zip(&graphs.centres) {
            for (at, h) in outputs.iter().enumerate() {
                for side in 0..2 {
                    let start = (2 * at + side) * WIDTH;
                    row.slice_mut(s![start..start + WIDTH]).assign(&h.row(centre as usize + side));
                }
            }
        }
        let mut last =
            product(joined.view(), self.blocks[2 * convolutions].view()) + &self.blocks[2 * convolutions + 1];
        last.mapv_inplace(|sum| sum.max(0.0));
        Layers { inputs, outputs, joined, last }
    }

    fn out(&self, layers: &Layers) -> Vec<f32> {
        let [.., weights, offset] = &self.blocks[..] else { return Vec::new() };
        let out = product(layers.last.view(), weights.view());
        out.iter().map(|out| out + offset[[0, 0]]).collect()
    }

    /// ẑ of each subgraph.
    pub(super) fn z(&self, graphs: &Subgraphs) -> Vec<f32> {
        self.out(&self.layers(graphs))
    }

    /// The sum of the squared errors, and the gradient of their mean and of the penalty.
    pub(super) fn step(&self, graphs: &Subgraphs, z: &[f32], found: &mut [Array2<f32>]) -> f64 {
        let layers = self.layers(graphs);
        let apart: Vec<f32> = self.out(&layers).iter().zip(z).map(|(found, z)| found - z).collect();
        let scale = 2.0 / z.len().max(1) as f32;
        let by_out = Array2::from_shape_fn((z.len(), 1), |(at, _)| scale * apart[at]);
        let n = self.convolutions();
        matrix_product(1.0, layers.last.t(), by_out.view(), 0.0, found[2 * n + 2].view_mut());
        found[2 * n + 3][[0, 0]] = by_out.sum();
        let mut by_last = product(by_out.view(), self.blocks[2 * n + 2].t());
        by_last.zip_mut_with(&layers.last, |slope, &value| {
            if value <= 0.0 {
                *slope = 0.0;
            }
        });
        matrix_product(1.0, layers.joined.t(), by_last.view(), 0.0, found[2 * n].view_mut());
        found[2 * n + 1].row_mut(0).assign(&by_last.sum_axis(Axis(0)));
        let by_joined = product(by_last.view(), self.blocks[2 * n].t());
        let mut by_h = Array2::zeros((graphs.labels.len(), WIDTH));
        for at in (0..n).rev() {
            for (row, &centre) in by_joined.rows().into_iter().zip(&graphs.centres) {
                for side in 0..2 {
                    let start = (2 * at + side) * WIDTH;
                    let mut to = by_h.row_mut(centre as usize + side);
                    to += &row.slice(s![start..start + WIDTH]);
                }
            }
            by_h.zip_mut_with(&layers.outputs[at], |slope, &h| *slope *= 1.0 - h * h);
            matrix_product(1.0, layers.inputs[at].t(), by_h.view(), 0.0, found[2 * at].view_mut());
            found[2 * at + 1].row_mut(0).assign(&by_h.sum_axis(Axis(0)));
            if at > 0 {
                by_h = scatter(&product(by_h.view(), self.blocks[2 * at].t()), graphs);
            }
        }
        self.keep_alike(found);
        apart.iter().map(|apart| f64::from(apart * apart)).sum()
    }

    /// Adds the gradient of the penalty.
    fn keep_alike(&self, found: &mut [Array2<f32>]) {
        for (block, found) in self.blocks.iter().zip(found).step_by(2).take(self.convolutions()) {
            let width = block.nrows() / (1 + RELATIONS);
            for row in width..RELATIONS * width {
                for column in 0..WIDTH {
                    let slope = 2.0 * ALIKE * (block[[row + width, column]] - block[[row, column]]);
                    found[[row + width, column]] += slope;
                    found[[row, column]] -= slope;
                }
            }
        }
    }
}

/// Each node's numbers and the means of its neighbours' by kind.
fn gather(h: &Array2<f32>, graphs: &Subgraphs) -> Array2<f32> {
    let width = h.ncols();
    let mut x = Array2::zeros((h.nrows(), (1 + RELATIONS) * width));
    x.slice_mut(s![.., ..width]).assign(h);
    for edge in &graphs.edges {
        let start = (1 + edge.relation as usize) * width;
        x.slice_mut(s![edge.to as usize, start..start + width]).scaled_add(edge.weight, &h.row(edge.from as usize));
    }
    x
}

/// The gradient by `h` from that by what [`gather`] made of it.
fn scatter(by_x: &Array2<f32>, graphs: &Subgraphs) -> Array2<f32> {
    let width = by_x.ncols() / (1 + RELATIONS);
    let mut by_h = by_x.slice(s![.., ..width]).to_owned();
    for edge in &graphs.edges {
        let start = (1 + edge.relation as usize) * width;
        let slopes = by_x.slice(s![edge.to as usize, start..start + width]);
        by_h.row_mut(edge.from as usize).scaled_add(edge.weight, &slopes);
    }
    by_h
}

#[cfg(test)]
#[path = "network_tests.rs"]
mod tests;
