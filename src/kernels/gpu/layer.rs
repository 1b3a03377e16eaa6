//! A dense layer of a multilayer perceptron on a device: products of matrices with bias and ReLU, forward and backward.

use super::Gpu;
use super::shader::{self, Dispatch};
use crate::error::{Error, Result};

/// One dense layer, `Y = X W + c`, and `max(Y, 0)` of it if rectified. Its buffers are allocated once.
pub struct DenseLayer {
    gpu: Gpu,
    shape: [usize; 3],
    input: wgpu::Buffer,
    weights: wgpu::Buffer,
    offsets: wgpu::Buffer,
    output: wgpu::Buffer,
    output_gradient: wgpu::Buffer,
    gradients: [wgpu::Buffer; 3], // by the input, the weights, the offsets
    landing: wgpu::Buffer,
    forward: Dispatch,
    backward: [Dispatch; 3],
}

/// The loss's gradient by all that a layer starts from.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerGradient {
    /// (batch, inputs)
    pub input: Vec<f32>,
    /// (inputs, outputs)
    pub weights: Vec<f32>,
    /// (outputs)
    pub offsets: Vec<f32>,
}

/// The flags of `matrix_product.wgsl`.
const BIAS: usize = 1;
const RELU: usize = 2;
const GATE: usize = 4;

impl DenseLayer {
    /// A layer for batches of exactly `batch` rows.
    ///
    /// # Errors
    /// Of kind `Device`, if it does not fit the device or the device fails.
    pub async fn new(gpu: &Gpu, batch: usize, inputs: usize, outputs: usize, rectified: bool) -> Result<Self> {
        gpu.guarded(|| Self::allocate(gpu, [batch, inputs, outputs], rectified)).await
    }

    fn allocate(gpu: &Gpu, shape: [usize; 3], rectified: bool) -> Result<Self> {
        let [batch, inputs, outputs] = shape;
        let space = |numbers| gpu.space("a layer", numbers);
        let (input, output, output_gradient) =
            (space(batch * inputs)?, space(batch * outputs)?, space(batch * outputs)?);
        let (weights, offsets) = (space(inputs * outputs)?, space(outputs)?);
        let gradients = [space(batch * inputs)?, space(inputs * outputs)?, space(outputs)?];
        let ones = gpu.upload("a layer", &vec![1.0f32; batch])?;
        let landing = gpu.landing(batch * (inputs.max(outputs)) + inputs * outputs + outputs)?;
        // rows, columns and terms of C = A B; flags; strides of A, B, C.
        let product = |words: [usize; 10], bound: [&wgpu::Buffer; 5]| -> Result<Dispatch> {
            let groups = [words[0].div_ceil(32) as u32, words[1].div_ceil(32) as u32];
            let settings = gpu.uniform(&words.map(|word| word as u32))?;
            let [a, b, bias, gate, c] = bound;
            Ok(Dispatch::new(gpu, &shader::MATRIX_PRODUCT, "", groups, &[&settings, a, b, bias, gate, c]))
        };
        let (relu, gate) = if rectified { (RELU, GATE) } else { (0, 0) };
        let forward = product(
            [batch, outputs, inputs, BIAS | relu, inputs, 1, outputs, 1, outputs, 1],
            [&input, &weights, &offsets, &input, &output],
        )?;
        let (sums, [by_input, by_weights, by_offsets]) = (&output_gradient, &gradients);
        let backward = [
            // ∂X = D Wᵀ
            product(
                [batch, inputs, outputs, gate, outputs, 1, 1, outputs, inputs, 1],
                [sums, &weights, &offsets, &output, by_input],
            )?,
            // ∂Wᵀ = Dᵀ X, put down transposed
            product(
                [outputs, inputs, batch, gate, 1, outputs, inputs, 1, 1, outputs],
                [sums, &input, &offsets, &output, by_weights],
            )?,
            // ∂c = Dᵀ 1
            product([outputs, 1, batch, gate, 1, outputs, 1, 1, 1, 1], [sums, &ones, &offsets, &output, by_offsets])?,
        ];
        let gpu = gpu.clone();
        Ok(Self { gpu, shape, input, weights, offsets, output, output_gradient, gradients, landing, forward, backward })
    }

    /// The outputs, (batch, outputs), for inputs (batch, inputs), weights (inputs, outputs) and offsets (outputs), all
    /// row-major. The inputs and outputs stay on the device for [`DenseLayer::backward`].
    ///
    /// # Errors
    /// Of kind `Computation` if a slice has not the layer's shape, of kind `Device` if the device fails.
    pub async fn forward(&mut self, input: &[f32], weights: &[f32], offsets: &[f32]) -> Result<Vec<f32>> {
        let [batch, inputs, outputs] = self.shape;
        self.write(&self.input, input, batch * inputs)?;
        self.write(&self.weights, weights, inputs * outputs)?;
        self.write(&self.offsets, offsets, outputs)?;
        let numbers = self.run(&[&self.forward], &[(&self.output, batch * outputs)]).await?;
        Ok(numbers)
    }

    /// The gradients, from the loss's gradient by the outputs of the last [`DenseLayer::forward`], (batch, outputs).
    ///
    /// # Errors
    /// As [`DenseLayer::forward`].
    pub async fn backward(&mut self, output_gradient: &[f32]) -> Result<LayerGradient> {
        let [batch, inputs, outputs] = self.shape;
        self.write(&self.output_gradient, output_gradient, batch * outputs)?;
        let lengths = [batch * inputs, inputs * outputs, outputs];
        let results: Vec<_> = self.gradients.iter().zip(lengths).collect();
        let mut input = self.run(&self.backward.each_ref(), &results).await?;
        let mut weights = input.split_off(lengths[0]);
        let offsets = weights.split_off(lengths[1]);
        Ok(LayerGradient { input, weights, offsets })
    }

    fn write(&self, to: &wgpu::Buffer, numbers: &[f32], length: usize) -> Result<()> {
        if numbers.len() != length {
            return Err(Error::computation(format!("a layer wanted {length} numbers and got {}", numbers.len())));
        }
        self.gpu.queue.write_buffer(to, 0, bytemuck::cast_slice(numbers));
        Ok(())
    }

    /// Does this work and fetches these results, one after the other.
    async fn run(&self, work: &[&Dispatch], results: &[(&wgpu::Buffer, usize)]) -> Result<Vec<f32>> {
        let mut encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            work.iter().for_each(|dispatch| dispatch.run(&mut pass, 0));
        }
        let mut to = 0;
        for (source, length) in results {
            encoder.copy_buffer_to_buffer(source, 0, &self.landing, 4 * to as u64, 4 * *length as u64);
            to += length;
        }
        self.gpu.finish(encoder, &self.landing, to, <[f32]>::to_vec).await
    }
}
