//! The parameters of a network.

use super::config::NcfConfig;
use super::inputs::Inputs;
use super::mlp::Mlp;
use crate::device::shapes::Feature;
use crate::linalg::logistic;
use eyas_kernels::cpu;

#[derive(Debug, Clone)]
pub(super) struct Parameters {
    pub(super) table: Vec<f32>,
    pub(super) network: Mlp,
}

/// The derivative of `(logistic(z) - y)²` by z.
pub(super) fn slope(z: f32, y: f32) -> f32 {
    let p = logistic(z);
    2.0 * (p - y) * p * (1.0 - p)
}

pub(super) fn widths(inputs: &Inputs, config: &NcfConfig) -> Vec<usize> {
    [inputs.width].into_iter().chain(config.hidden.iter().copied()).chain([1]).collect()
}

impl Parameters {
    /// Writes the input for these features.
    pub(super) fn describe<'f>(&self, features: impl IntoIterator<Item = &'f Feature>, input: &mut [f32]) {
        input.fill(0.0);
        for feature in features {
            let row = &self.table[feature.start..][..feature.width];
            cpu::add_scaled(&mut input[feature.at..][..feature.width], feature.value, row);
        }
    }

    pub(super) fn blocks(&self) -> impl Iterator<Item = &[f32]> {
        std::iter::once(self.table.as_slice()).chain(self.network.blocks())
    }

    pub(super) fn blocks_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        std::iter::once(self.table.as_mut_slice()).chain(self.network.blocks_mut())
    }
}
