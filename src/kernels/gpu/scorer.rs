//! A trained factorisation on a device, to score all models against a task.

use super::Gpu;
use super::factoriser::Layout;
use super::shader::{self, Dispatch, folded};
use crate::error::{Error, Result};
use crate::kernels::{Factorisation, Side};

/// The parameters of a factorisation on a device.
pub struct Scorer {
    gpu: Gpu,
    layout: Layout,
    settings: wgpu::Buffer,
    scores: wgpu::Buffer,
    landing: wgpu::Buffer,
    work: Dispatch,
}

impl Scorer {
    /// Uploads the parameters.
    ///
    /// # Errors
    /// Of kind `Device`, if they do not fit the device or the device fails.
    pub async fn new(gpu: &Gpu, parameters: &Factorisation) -> Result<Self> {
        gpu.guarded(|| Self::allocate(gpu, parameters)).await
    }

    fn allocate(gpu: &Gpu, parameters: &Factorisation) -> Result<Self> {
        let layout = Layout::of(parameters.model_bias.len(), parameters.task_bias.len(), parameters.dim);
        let nodes = layout.rows(Side::Models);
        let mut packed = Vec::new();
        layout.pack(parameters, &mut packed);
        let packed = gpu.upload("the parameters", &packed)?;
        let settings = gpu.uniform(&[0; 5])?;
        let scores = gpu.space("the scores", nodes)?;
        let landing = gpu.landing(nodes)?;
        let bound = [&settings, &packed, &scores];
        let constants = shader::constants(layout.dim);
        let work = Dispatch::new(gpu, &shader::SCORE_TASK, &constants, folded(nodes.div_ceil(64)), &bound);
        Ok(Self { gpu: gpu.clone(), layout, settings, scores, landing, work })
    }

    /// The expected scores of all nodes on a task, 0..1. (n_nodes)
    ///
    /// # Errors
    /// Of kind `Computation` if there is no such task, of kind `Device` if the device fails.
    pub async fn score_task(&mut self, task: usize) -> Result<Vec<f32>> {
        let layout = self.layout;
        let nodes = layout.rows(Side::Models);
        if task >= layout.rows(Side::Tasks) {
            return Err(Error::computation(format!("there is no task {task}")));
        }
        let settings = [
            nodes,
            layout.vectors(Side::Models) / 4,
            layout.biases(Side::Models),
            layout.vector(Side::Tasks, task) / 4,
            layout.biases(Side::Tasks) + task,
        ];
        self.gpu.queue.write_buffer(&self.settings, 0, bytemuck::cast_slice(&settings.map(|word| word as u32)));
        let mut encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        self.work.run(&mut encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default()), 0);
        encoder.copy_buffer_to_buffer(&self.scores, 0, &self.landing, 0, 4 * nodes as u64);
        self.gpu.finish(encoder, &self.landing, nodes, <[f32]>::to_vec).await
    }
}
