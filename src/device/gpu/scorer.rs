//! A trained factorisation on a device, to score all models against its tasks.

use super::layout::Layout;
use super::shader::{self, Dispatch};
use super::{Gpu, MOST_GROUPS};
use crate::device::shapes::Side;
use crate::error::Result;
use eyas_kernels::Factorisation;

/// The most scores that are fetched at a time.
const MOST_SCORES: usize = 8 << 20;
/// Nodes and tasks per workgroup of `score_task`.
const NODES: usize = 64;
const TASKS: usize = 16;

/// The parameters of a factorisation on a device.
pub struct Scorer {
    gpu: Gpu,
    layout: Layout,
    most: usize, // tasks at a time at most
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
        let most = (MOST_SCORES / nodes.max(1)).clamp(1, layout.rows(Side::Tasks).clamp(1, MOST_GROUPS as usize));
        let mut packed = Vec::new();
        layout.pack(parameters, &mut packed);
        let packed = gpu.upload("the parameters", &packed)?;
        let settings = gpu.uniform(&[0; 6])?;
        let scores = gpu.space("the scores", most * nodes)?;
        let landing = gpu.landing(most * nodes)?;
        let groups = [nodes.div_ceil(NODES) as u32, most.div_ceil(TASKS) as u32];
        let work = Dispatch::new(gpu, &shader::SCORE_TASK, layout.dim, groups, &[&settings, &packed, &scores]);
        Ok(Self { gpu: gpu.clone(), layout, most, settings, scores, landing, work })
    }

    /// The expected scores of all nodes on all tasks, 0..1, by task. Calls `take` for some tasks at a time, with the index
    /// of the first one and the scores, (tasks, nodes).
    ///
    /// # Errors
    /// Of kind `Device` if the device fails.
    pub async fn score_tasks(&mut self, mut take: impl FnMut(usize, &[f32])) -> Result<()> {
        let (layout, nodes) = (self.layout, self.layout.rows(Side::Models));
        for first in (0..layout.rows(Side::Tasks)).step_by(self.most) {
            let count = self.most.min(layout.rows(Side::Tasks) - first);
            let settings = [
                nodes,
                layout.vectors(Side::Models) / 4,
                layout.biases(Side::Models),
                layout.vector(Side::Tasks, first) / 4,
                layout.biases(Side::Tasks) + first,
                count,
            ];
            self.gpu.queue.write_buffer(&self.settings, 0, bytemuck::cast_slice(&settings.map(|word| word as u32)));
            let mut encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            self.work.run(&mut encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default()), 0);
            encoder.copy_buffer_to_buffer(&self.scores, 0, &self.landing, 0, 4 * (count * nodes) as u64);
            self.gpu.finish(encoder, &self.landing, count * nodes, |scores| take(first, scores)).await?;
        }
        Ok(())
    }
}
