//! The training of a perceptron on a device: its buffers, allocated once, and whole epochs of AdamW's steps.
//!
//! Parameters and gradient are one buffer each: the table of the inputs, then each layer's weights, (inputs, outputs), with
//! its offsets as a last row.

use super::Gpu;
use super::buffers::MOST_STEPS;
use super::shader::{self, Dispatch, STEP_STRIDE, folded};
use crate::device::shapes::{Batches, Feature, NetworkShape, SeenCell};
use crate::error::Result;
use std::collections::BTreeMap;

/// The most cells of a batch: the threads of a workgroup.
const MOST_CELLS: usize = 256;
/// The flags of `matrix_product`.
const ONE_TERM: usize = 1;
const ONE_ROW: usize = 2;
const RELU: usize = 4;
const MASK: usize = 8;
/// The flag of a model or task whose latent vector is hidden, and the mark of an absent cell or table row.
const HIDDEN: u32 = 1 << 31;
const NOTHING: u32 = u32::MAX;

/// The training of one network on a device.
pub(crate) struct Perceptron {
    gpu: Gpu,
    shape: NetworkShape,
    steps: i32,
    parameters: wgpu::Buffer,
    gradient: wgpu::Buffer,
    moments: wgpu::Buffer,
    settings: wgpu::Buffer,
    cells: wgpu::Buffer,
    errors: wgpu::Buffer,
    landing: wgpu::Buffer,
    forward: Vec<Dispatch>,
    backward: Vec<Dispatch>,
}

impl Perceptron {
    /// Allocates the buffers for a training with at most `most` cells per epoch, validation cells included. The features of
    /// models and tasks do not change.
    pub(crate) async fn new(gpu: &Gpu, shape: &NetworkShape, sides: [&[Vec<Feature>]; 2], most: usize) -> Result<Self> {
        gpu.guarded(|| Self::allocate(gpu, shape, sides, most)).await
    }

    fn allocate(gpu: &Gpu, shape: &NetworkShape, sides: [&[Vec<Feature>]; 2], most: usize) -> Result<Self> {
        let NetworkShape { batch, table, ref widths, .. } = *shape;
        if batch > MOST_CELLS {
            return Err(gpu.failure(&format!("batches of {batch} cells are too large for it")));
        }
        let numbers = table + widths.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum::<usize>();
        let batches = most.div_ceil(batch) + 2; // the last batch of either kind may be partial
        let parameters = gpu.space("the parameters", numbers)?;
        let gradient = gpu.space("the gradient", numbers)?;
        let moments = gpu.space("Adam's moments", 2 * numbers)?;
        let bytes = batches as u64 * u64::from(STEP_STRIDE);
        let settings = gpu.buffer("settings", bytes, wgpu::BufferUsages::UNIFORM)?;
        let cells = gpu.space("the cells", 3 * batch * batches)?;
        let errors = gpu.space("the errors", batches)?;
        let activations = || -> Result<Vec<wgpu::Buffer>> {
            widths.iter().map(|width| gpu.space("the activations", batch * width)).collect()
        };
        let (outputs, slopes) = (activations()?, activations()?);

        let Features { columns, pairs, words } = Features::new(batch, widths[0], sides);
        let described = gpu.uniform(&words)?;
        let (columns, pairs) = (gpu.upload("the columns", &columns)?, gpu.upload("the features", &pairs)?);
        let bound = [&settings, &described, &cells, &columns, &pairs, &parameters, &outputs[0]];
        let mut forward =
            vec![Dispatch::new(gpu, &shader::DESCRIBE, 1, folded((batch * widths[0]).div_ceil(64)), &bound)];
        let mut backward = Vec::new();
        // The words: rows, columns and terms; flags; strides of A; position and strides of B; position of C.
        let product = |words: [usize; 10], bound: [&wgpu::Buffer; 4]| -> Result<Dispatch> {
            let [a, b, mask, c] = bound;
            let bound = [&gpu.uniform(&words.map(|word| word as u32))?, a, b, mask, c];
            let groups = [words[0], words[1]].map(|side| side.div_ceil(16) as u32);
            Ok(Dispatch::new(gpu, &shader::MATRIX_PRODUCT, 1, groups, &bound))
        };
        let mut first = table;
        for (layer, pair) in widths.windows(2).enumerate() {
            let [inputs, outs] = [pair[0], pair[1]];
            let last = layer + 2 == widths.len();
            let (input, above) = (&outputs[layer], &slopes[layer + 1]);
            let flags = if last { ONE_TERM } else { ONE_TERM | RELU };
            let words = [batch, outs, inputs + 1, flags, inputs, 1, first, outs, 1, 0];
            forward.push(product(words, [input, &parameters, input, &outputs[layer + 1]])?);
            // From the last layer to the first, each in reverse: the gradient by the weights runs first.
            let flags = if layer == 0 { 0 } else { MASK };
            let words = [batch, inputs, outs, flags, outs, 1, first, 1, outs, 0];
            backward.push(product(words, [above, &parameters, input, &slopes[layer]])?);
            let words = [inputs + 1, outs, batch, ONE_ROW, 1, inputs, 0, outs, 1, first];
            backward.push(product(words, [input, above, input, &gradient])?);
            first += (inputs + 1) * outs;
        }
        backward.reverse();
        let top = widths.len() - 1;
        let bound = [&settings, &gpu.uniform(&[batch as u32])?, &cells, &outputs[top], &slopes[top], &errors];
        forward.push(Dispatch::new(gpu, &shader::SQUARED_ERROR, 1, [1, 1], &bound));
        let bound = [&settings, &described, &cells, &columns, &pairs, &slopes[0], &gradient];
        let groups = [widths[0] as u32, words[2]];
        backward.push(Dispatch::new(gpu, &shader::DESCRIBE_BACK, 1, groups, &bound));
        let bound = [&settings, &gradient, &parameters, &moments];
        backward.push(Dispatch::new(gpu, &shader::ADAM_STEP, 1, folded(numbers.div_ceil(256)), &bound));
        let landing = gpu.landing(numbers + batches)?;
        let (gpu, shape) = (gpu.clone(), shape.clone());
        Ok(Self {
            gpu,
            shape,
            steps: 0,
            parameters,
            gradient,
            moments,
            settings,
            cells,
            errors,
            landing,
            forward,
            backward,
        })
    }

    /// Sets AdamW's moments and steps back to zero.
    pub(crate) fn reset(&mut self) {
        self.steps = 0;
        let mut work = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        work.clear_buffer(&self.moments, 0, None);
        self.gpu.queue.submit([work.finish()]);
    }

    /// A step on each training batch, then the errors of the held-out batches. Returns the sums of the squared errors of
    /// both, and writes the new parameters to `parameters`.
    pub(crate) async fn epoch(&mut self, batches: Batches<'_>, parameters: &mut [f32]) -> Result<[f64; 2]> {
        let size = self.shape.batch;
        let [trained, held] = [batches.trained, batches.held].map(|cells| cells.len().div_ceil(size));
        let all = trained + held;
        self.write(batches, parameters);
        let mut work = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        for step in 0..all {
            if step > 0 && step % MOST_STEPS == 0 {
                let next = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
                self.gpu.queue.submit([std::mem::replace(&mut work, next).finish()]);
            }
            let learns = step < trained;
            if learns {
                work.clear_buffer(&self.gradient, 0, None);
            }
            let mut pass = work.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            let done = self.forward.iter().chain(self.backward.iter().filter(|_| learns));
            done.for_each(|dispatch| dispatch.run(&mut pass, step as u32));
        }
        let (numbers, bytes) = (parameters.len(), 4 * parameters.len() as u64);
        work.copy_buffer_to_buffer(&self.parameters, 0, &self.landing, 0, bytes);
        work.copy_buffer_to_buffer(&self.errors, 0, &self.landing, bytes, 4 * all as u64);
        let take = |found: &[f32]| {
            parameters.copy_from_slice(&found[..numbers]);
            let (ones, others) = found[numbers..].split_at(trained);
            [ones, others].map(|errors| errors.iter().map(|&error| f64::from(error)).sum())
        };
        self.gpu.finish(work, &self.landing, numbers + all, take).await
    }

    /// The gradient of the last step.
    #[cfg(test)]
    pub(crate) fn gradient(&self, numbers: usize) -> Vec<f32> {
        let mut work = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        work.copy_buffer_to_buffer(&self.gradient, 0, &self.landing, 0, 4 * numbers as u64);
        pollster::block_on(self.gpu.finish(work, &self.landing, numbers, <[f32]>::to_vec)).unwrap()
    }

    /// Uploads the parameters, cells and settings of an epoch.
    fn write(&mut self, batches: Batches<'_>, parameters: &[f32]) {
        let NetworkShape { batch: size, rate, decay, .. } = self.shape;
        let flag = |index: u32, hidden: bool| if hidden { index | HIDDEN } else { index };
        let (mut cells, mut settings) = (Vec::new(), Vec::new());
        let Batches { trained, held } = batches;
        for (slot, batch) in trained.chunks(size).chain(held.chunks(size)).enumerate() {
            cells.extend(batch.iter().flat_map(|&SeenCell { cell: (model, task, value), hidden }| {
                [flag(model, hidden[0]), flag(task, hidden[1]), value.to_bits()]
            }));
            cells.resize(3 * size * (slot + 1), NOTHING);
            self.steps += i32::from(slot < trained.len().div_ceil(size));
            let (rate_now, correction) = eyas_kernels::cpu::adam_rates(rate, self.steps.max(1));
            let share = 1.0 / batch.len() as f32;
            let words =
                [rate_now.to_bits(), correction.to_bits(), (rate * decay).to_bits(), slot as u32, 0, share.to_bits()];
            settings.extend(words);
            settings.resize(STEP_STRIDE as usize / 4 * (slot + 1), 0);
        }
        let Gpu { queue, .. } = &self.gpu;
        queue.write_buffer(&self.parameters, 0, bytemuck::cast_slice(parameters));
        queue.write_buffer(&self.cells, 0, bytemuck::cast_slice(&cells));
        queue.write_buffer(&self.settings, 0, bytemuck::cast_slice(&settings));
    }
}

/// The features of models and tasks, in the form that `describe` reads.
struct Features {
    columns: Vec<[u32; 4]>,
    pairs: Vec<[u32; 2]>,
    words: [u32; 6],
}

impl Features {
    fn new(batch: usize, width: usize, sides: [&[Vec<Feature>]; 2]) -> Self {
        let blocks =
            sides.map(|rows| rows.iter().flatten().map(|feature| (feature.at, *feature)).collect::<BTreeMap<_, _>>());
        let place = |side: usize, at: usize| blocks[side].range(..at).count();
        let count = |row: &[Feature], at: usize| row.iter().filter(|feature| feature.at == at).count();
        let rows = || sides.into_iter().flatten();
        let turns = rows().flat_map(|row| row.iter().map(|feature| count(row, feature.at))).max().unwrap_or(0);
        // An extra block without features, for input columns that no feature uses.
        let of_row = [0, 1].map(|side| (blocks[side].len() + 1) * turns);
        let mut columns = vec![[0, (blocks[0].len() * turns) as u32, 0, 0]; width];
        for (side, blocks) in blocks.iter().enumerate() {
            for (index, feature) in blocks.values().enumerate() {
                for (k, column) in columns[feature.at..][..feature.width].iter_mut().enumerate() {
                    *column = [k, index * turns, side, usize::from(feature.latent)].map(|word| word as u32);
                }
            }
        }
        let mut pairs = Vec::new();
        for (side, rows) in sides.into_iter().enumerate() {
            for row in rows {
                let from = pairs.len();
                pairs.resize(from + of_row[side], [NOTHING, 0]);
                for (index, feature) in row.iter().enumerate() {
                    let to = from + place(side, feature.at) * turns + count(&row[..index], feature.at);
                    pairs[to] = [feature.start as u32, feature.value.to_bits()];
                }
            }
        }
        let words = [batch, width, turns, of_row[0], of_row[1], sides[0].len() * of_row[0]];
        Self { columns, pairs, words: words.map(|word| word as u32) }
    }
}
