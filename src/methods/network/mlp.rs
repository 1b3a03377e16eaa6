//! A multilayer perceptron in mini-batches: dense layers, all but the last with a ReLU, and the backward pass.
//!
//! Layer l maps a batch of rows `h_{l-1}` to `h_l = max(h_{l-1} W_l + c_l, 0)`, the last layer without the maximum. With
//! `D_l` the gradient of the loss by the layer's pre-activation,
//!
//! `∂W_l = h_{l-1}ᵀ D_l`, `∂c_l = Σ_rows D_l`, `∂h_{l-1} = D_l W_lᵀ`, `D_{l-1} = ∂h_{l-1}` where `h_{l-1} > 0`, else 0.
//!
//! All products run on [`matrix_product`].

use crate::methods::training::random::normal;
use eyas_kernels::matrix_product;
use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, Axis, Zip, s};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

/// One layer.
#[derive(Debug, Clone, PartialEq)]
struct Dense {
    weights: Array2<f32>, // (inputs, outputs)
    offsets: Array1<f32>, // (outputs)
}

/// A multilayer perceptron's parameters, or a gradient of the same shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Mlp {
    layers: Vec<Dense>,
}

/// The buffers of a forward and backward pass, for batches up to a size; allocated once.
#[derive(Debug, Clone)]
pub struct MlpBuffers {
    outputs: Vec<Array2<f32>>,   // of each layer: (batch, outputs)
    gradients: Vec<Array2<f32>>, // of each layer's input: (batch, inputs)
}

impl Mlp {
    /// Layers between these widths (inputs, hidden …, outputs), with weights from N(0, 2 / inputs) (He et al. 2015) and
    /// offsets of 0.
    #[must_use]
    pub fn new(widths: &[usize], seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let mut network = Self::zeros(widths);
        for layer in &mut network.layers {
            let scale = (2.0 / layer.weights.nrows().max(1) as f32).sqrt();
            layer.weights.mapv_inplace(|_| scale * normal(&mut rng));
        }
        network
    }

    /// The same shape, all zeros.
    #[must_use]
    pub fn zeros(widths: &[usize]) -> Self {
        let layer =
            |pair: &[usize]| Dense { weights: Array2::zeros((pair[0], pair[1])), offsets: Array1::zeros(pair[1]) };
        Self { layers: widths.windows(2).map(layer).collect() }
    }

    /// Buffers for batches of up to `batch` rows.
    #[must_use]
    pub fn buffers(&self, batch: usize) -> MlpBuffers {
        MlpBuffers {
            outputs: self.layers.iter().map(|layer| Array2::zeros((batch, layer.weights.ncols()))).collect(),
            gradients: self.layers.iter().map(|layer| Array2::zeros((batch, layer.weights.nrows()))).collect(),
        }
    }

    /// The outputs for a batch of rows: (rows, inputs) → (rows, outputs).
    pub fn forward<'b>(&self, input: ArrayView2<'_, f32>, buffers: &'b mut MlpBuffers) -> ArrayView2<'b, f32> {
        let rows = input.nrows();
        for (at, layer) in self.layers.iter().enumerate() {
            let (before, after) = buffers.outputs.split_at_mut(at);
            let mut output = after[0].slice_mut(s![..rows, ..]);
            output.assign(&layer.offsets);
            let below = before.last().map_or(input, |hidden| hidden.slice(s![..rows, ..]));
            matrix_product(1.0, below, layer.weights.view(), 1.0, output.view_mut());
            if at + 1 < self.layers.len() {
                output.mapv_inplace(|sum| sum.max(0.0));
            }
        }
        match buffers.outputs.last() {
            Some(last) => last.slice(s![..rows, ..]),
            None => ArrayView2::from(&[[0.0; 0]; 0]),
        }
    }

    /// Writes the gradient of the loss by the parameters into `gradient`, given `output_gradient`, the gradient by the
    /// outputs of the last [`Mlp::forward`] on the same input, (rows, outputs). Returns the gradient by the input, (rows,
    /// inputs).
    pub fn backward<'b>(
        &self,
        input: ArrayView2<'_, f32>,
        output_gradient: ArrayView2<'_, f32>,
        buffers: &'b mut MlpBuffers,
        gradient: &mut Self,
    ) -> ArrayViewMut2<'b, f32> {
        let rows = input.nrows();
        let MlpBuffers { outputs, gradients } = buffers;
        for (at, (layer, found)) in self.layers.iter().zip(&mut gradient.layers).enumerate().rev() {
            let (own, above) = gradients.split_at_mut(at + 1);
            let sums = above.first().map_or(output_gradient, |above| above.slice(s![..rows, ..])); // D_l
            let mut below = own[at].slice_mut(s![..rows, ..]);
            found.offsets.assign(&sums.sum_axis(Axis(0)));
            matrix_product(1.0, sums, layer.weights.t(), 0.0, below.view_mut());
            if at == 0 {
                matrix_product(1.0, input.t(), sums, 0.0, found.weights.view_mut());
            } else {
                let hidden = outputs[at - 1].slice(s![..rows, ..]);
                matrix_product(1.0, hidden.t(), sums, 0.0, found.weights.view_mut());
                Zip::from(&mut below).and(&hidden).for_each(|below, &hidden| {
                    if hidden <= 0.0 {
                        *below = 0.0;
                    }
                });
            }
        }
        match gradients.first_mut() {
            Some(first) => first.slice_mut(s![..rows, ..]),
            None => ArrayViewMut2::from(&mut [[0.0; 0]; 0]),
        }
    }

    /// The parameters: of each layer the weights, (inputs, outputs) row-major, then the offsets, (outputs).
    pub fn blocks(&self) -> impl Iterator<Item = &[f32]> {
        self.layers.iter().flat_map(|layer| {
            [layer.weights.as_slice().unwrap_or_default(), layer.offsets.as_slice().unwrap_or_default()]
        })
    }

    /// The same blocks, mutable.
    pub fn blocks_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        self.layers.iter_mut().flat_map(|layer| {
            let Dense { weights, offsets } = layer;
            [weights.as_slice_mut().unwrap_or_default(), offsets.as_slice_mut().unwrap_or_default()]
        })
    }

    /// The shape of each block.
    #[must_use]
    pub fn shapes(&self) -> Vec<Vec<usize>> {
        self.layers.iter().flat_map(|layer| [layer.weights.shape().to_vec(), vec![layer.offsets.len()]]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::methods::training::adam::Adam;

    const WIDTHS: [usize; 4] = [3, 4, 4, 1];
    const TARGETS: [f32; 5] = [0.1, 0.9, 0.4, 0.7, 0.2];

    fn network() -> Mlp {
        let mut network = Mlp::zeros(&WIDTHS);
        for (k, block) in network.blocks_mut().enumerate() {
            (0..).zip(block).for_each(|(j, value): (usize, _)| *value = 0.6 * (1.0 + k as f32 + 1.7 * j as f32).sin());
        }
        network
    }

    fn input() -> Array2<f32> {
        Array2::from_shape_fn((5, 3), |(row, column)| (0.9 * (row * 3 + column) as f32).cos())
    }

    /// Mean squared error, its gradient by the parameters and by the input. The buffers hold more rows than needed.
    fn step(network: &Mlp, input: &Array2<f32>) -> (f64, Mlp, Vec<f32>) {
        let (mut buffers, mut gradient) = (network.buffers(7), Mlp::zeros(&WIDTHS));
        let output = network.forward(input.view(), &mut buffers).to_owned();
        let apart = Array2::from_shape_fn((5, 1), |(row, _)| output[[row, 0]] - TARGETS[row]);
        let loss = apart.iter().map(|&a| f64::from(a * a)).sum::<f64>() / 5.0;
        let slope = apart.mapv(|a| 2.0 * a / 5.0);
        let by_input = network.backward(input.view(), slope.view(), &mut buffers, &mut gradient);
        let by_input = by_input.iter().copied().collect();
        (loss, gradient, by_input)
    }

    fn assert_near(found: &[f32], golden: &[f32]) {
        assert_eq!(found.len(), golden.len());
        assert!(found.iter().zip(golden).all(|(a, b)| (a - b).abs() < 2e-6), "{found:?} {golden:?}");
    }

    /// Golden values: PyTorch 2.15.0 in double precision, `relu(x @ W + c)` twice, then `x @ W + c`, mean squared error.
    #[test]
    fn it_agrees_with_pytorch() {
        let (loss, gradient, by_input) = step(&network(), &input());
        assert!((loss - 0.170_987_052).abs() < 1e-6, "{loss}");
        let found: Vec<_> = gradient.blocks().collect();
        let first = [
            0.0303287, 0.0, 0.0598807, 0.0209961, 0.0385493, 0.0, 0.0901389, 0.0042755, 0.0175965, 0.0, 0.0521819,
            -0.0156808,
        ];
        assert_near(found[0], &first);
        assert_near(found[1], &[0.0445394, 0.0, -0.0997805, -0.1758815]);
        assert_near(&found[2][8..], &[0.0, 0.0, -0.1526704, 0.1116662, 0.0, 0.0, -0.1228825, 0.0898787]);
        assert_near(found[3], &[0.0, 0.0, -0.3617757, 0.26461]);
        assert_near(found[4], &[0.0, 0.0, -0.7143276, -0.3844051]);
        assert_near(found[5], &[-0.7055468]);
        assert_near(&by_input[..6], &[0.0092388, 0.0027644, -0.0044322, 0.0404616, 0.014197, -0.0157758]);
    }

    /// Golden values: PyTorch 2.15.0, `torch.optim.AdamW(lr=0.05, weight_decay=0.1)`, 20 steps on the same loss.
    #[test]
    fn training_it_with_adamw_agrees_with_pytorch() {
        let (mut network, input) = (network(), input());
        let lengths: Vec<usize> = network.blocks().map(<[f32]>::len).collect();
        let mut adam = Adam::with_decay(0.05, 0.1, lengths);
        for _ in 0..20 {
            let (_, gradient, _) = step(&network, &input);
            adam.step(network.blocks_mut(), gradient.blocks());
        }
        let (loss, ..) = step(&network, &input);
        assert!((loss - 0.013_158_596).abs() < 1e-5, "{loss}");
        let first = network.blocks().next().unwrap_or_default();
        let golden = [-0.0271593, 0.2319674, -0.8053702, -0.2281703, 0.229965, -0.0407895];
        assert!(first.iter().zip(golden).all(|(a, b)| (a - b).abs() < 1e-4), "{first:?}");
    }

    #[test]
    fn the_gradients_are_the_slopes() {
        let (network, input) = (network(), input());
        let (_, gradient, by_input) = step(&network, &input);
        let slope = |up: f64, down: f64| (up - down) / 4e-3;
        for (block, expected) in gradient.blocks().enumerate() {
            for (at, &expected) in expected.iter().enumerate() {
                let loss = |shift: f32| {
                    let mut moved = network.clone();
                    moved.blocks_mut().nth(block).unwrap()[at] += shift;
                    step(&moved, &input).0
                };
                let found = slope(loss(2e-3), loss(-2e-3));
                assert!((found - f64::from(expected)).abs() < 1e-3, "block {block} at {at}: {found} {expected}");
            }
        }
        for (at, &expected) in by_input.iter().enumerate() {
            let loss = |shift: f32| {
                let mut moved = input.clone();
                moved[[at / 3, at % 3]] += shift;
                step(&network, &moved).0
            };
            let found = slope(loss(2e-3), loss(-2e-3));
            assert!((found - f64::from(expected)).abs() < 1e-3, "input {at}: {found} {expected}");
        }
    }
}
