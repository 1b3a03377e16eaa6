//! Work that stays on the device for many epochs: steps of Adam, and the loss of the validation cells.

use super::buffers::{AdamWork, MOST_STEPS, ValidationWork};
use super::factoriser::Factoriser;
use super::layout::SIDES;
use super::shader::{self, Dispatch, STEP_STRIDE, folded};
use crate::device::shapes::{Penalty, Side};
use crate::error::Result;
use eyas_kernels::Factorisation;

/// The most multiplications and additions of one submission: half a second on a slow GPU, since systems reset a GPU that is
/// busy for too long.
const MOST_PRODUCTS: f64 = 2e10;

impl Factoriser {
    /// Starts Adam with this step length on the mean loss and the penalties of both sides; without `biases` the biases stay
    /// unchanged.
    pub(crate) async fn start_adam(&mut self, rate: f32, biases: bool, penalties: [Penalty<'_>; 2]) -> Result<()> {
        let work = self.gpu.guarded(|| self.allocate_adam(rate, biases, &penalties)).await?;
        self.adam = Some(work);
        Ok(())
    }

    fn allocate_adam(&self, rate: f32, biases: bool, penalties: &[Penalty<'_>; 2]) -> Result<AdamWork> {
        let (gpu, layout) = (&self.gpu, self.layout);
        let losses = gpu.space("the losses", MOST_STEPS)?;
        let bytes = MOST_STEPS as u64 * u64::from(STEP_STRIDE);
        let settings = gpu.buffer("settings", bytes, wgpu::BufferUsages::UNIFORM)?;
        let moved = if biases { layout.len() } else { layout.biases(Side::Models) };
        let moments = gpu.space("Adam's moments", 2 * moved)?;
        let bound = [&settings, &self.gradient, &self.parameters, &moments];
        let step = Dispatch::new(gpu, &shader::ADAM_STEP, layout.dim, folded(moved.div_ceil(256)), &bound);
        let bound = [&settings, &self.row_losses, &losses];
        let sum_loss = Dispatch::new(gpu, &shader::SUM_LOSS, layout.dim, [1, 1], &bound);
        let [models, tasks] = penalties;
        let penalties = [self.penalty(Side::Models, models)?, self.penalty(Side::Tasks, tasks)?];
        Ok(AdamWork { penalties, sum_loss, step, losses, settings, rate, steps: 0 })
    }

    fn penalty(&self, side: Side, penalty: &Penalty<'_>) -> Result<Dispatch> {
        let (gpu, layout) = (&self.gpu, self.layout);
        let (mut starts, mut neighbours) = (Vec::new(), Vec::<[u32; 2]>::new());
        for (row, &seen) in penalty.graph.iter().zip(penalty.seen) {
            starts.push(neighbours.len() as u32 | if seen { HAS_CELLS } else { 0 });
            neighbours.extend(row.iter().map(|&(other, weight)| [other, weight.to_bits()]));
        }
        starts.push(neighbours.len() as u32);
        let rows = layout.rows(side);
        let shape = [
            rows as u32,
            layout.vectors(side) as u32 / 4,
            layout.biases(side) as u32,
            layout.penalties(side) as u32,
            u32::from(penalty.biases),
            penalty.weight.to_bits(),
            penalty.l2.to_bits(),
        ];
        let bound = [
            &gpu.uniform(&shape)?,
            &self.parameters,
            &gpu.upload("a graph", &starts)?,
            &gpu.upload("a graph", &neighbours)?,
            &self.gradient,
            &self.row_losses,
        ];
        let groups = folded(rows.div_ceil(64));
        Ok(Dispatch::new(gpu, &shader::LAPLACIAN_PRODUCT, layout.dim, groups, &bound))
    }

    /// Some steps of Adam, at most `most`, in one submission. Returns their number, and the objective before the last of
    /// them.
    pub(crate) async fn adam(&mut self, most: usize, parameters: &mut Factorisation) -> Result<(usize, f64)> {
        self.upload(parameters);
        let products = 4.0 * self.layout.dim as f64 / f64::from(self.share);
        let count = ((MOST_PRODUCTS / products) as usize).clamp(10, MOST_STEPS).min(most);
        let layout = self.layout;
        let Some(adam) = &mut self.adam else { return Err(self.gpu.failure("Adam was not started")) };
        let mut words = vec![0u32; count * STEP_STRIDE as usize / 4];
        for (slot, words) in words.chunks_exact_mut(STEP_STRIDE as usize / 4).enumerate() {
            adam.steps += 1;
            let (rate, correction) = eyas_kernels::cpu::adam_rates(adam.rate, adam.steps);
            let step = [rate.to_bits(), correction.to_bits(), 0, slot as u32, layout.losses(Side::Models) as u32];
            words[..step.len()].copy_from_slice(&step);
        }
        self.gpu.queue.write_buffer(&adam.settings, 0, bytemuck::cast_slice(&words));
        let mut work = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = work.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            for step in 0..count as u32 {
                for side in &self.sides {
                    side.run(&mut pass);
                }
                for work in adam.penalties.iter().chain([&adam.sum_loss, &adam.step]) {
                    work.run(&mut pass, step);
                }
            }
        }
        let bytes = 4 * layout.len() as u64;
        work.copy_buffer_to_buffer(&self.parameters, 0, &self.landing, 0, bytes);
        work.copy_buffer_to_buffer(&adam.losses, 0, &self.landing, bytes, 4 * count as u64);
        let take = |numbers: &[f32]| {
            for side in SIDES {
                let biases = &numbers[layout.biases(side)..];
                layout.unpack(side, &numbers[layout.vectors(side)..], biases, parameters);
            }
            f64::from(numbers[layout.len() + count - 1])
        };
        let objective = self.gpu.finish(work, &self.landing, layout.len() + count, take).await?;
        Ok((count, objective))
    }

    /// Uploads validation cells, `(model, task, 0..1)`, for [`Factoriser::validation_loss`].
    pub(crate) async fn set_validation(&mut self, cells: &[(u32, u32, f32)]) -> Result<()> {
        self.validation = None;
        if !cells.is_empty() {
            self.validation = Some(self.gpu.guarded(|| self.allocate_validation(cells)).await?);
        }
        Ok(())
    }

    fn allocate_validation(&self, cells: &[(u32, u32, f32)]) -> Result<ValidationWork> {
        let (gpu, layout) = (&self.gpu, self.layout);
        let flat: Vec<u32> = cells.iter().flat_map(|&(model, task, value)| [model, task, value.to_bits()]).collect();
        let groups = cells.len().div_ceil(256);
        let sums = gpu.space("the losses", groups)?;
        let shape = [
            cells.len() as u32,
            layout.vectors(Side::Models) as u32 / 4,
            layout.vectors(Side::Tasks) as u32 / 4,
            layout.biases(Side::Models) as u32,
            layout.biases(Side::Tasks) as u32,
        ];
        let flat = gpu.upload("the cells set aside", &flat)?;
        let bound = [&gpu.uniform(&shape)?, &self.parameters, &flat, &sums];
        let work = Dispatch::new(gpu, &shader::CELL_LOSSES, layout.dim, folded(groups), &bound);
        Ok(ValidationWork { work, sums, groups, count: cells.len() })
    }

    /// The mean loss of the validation cells; `None` if there are none.
    pub(crate) async fn validation_loss(&mut self, parameters: &Factorisation) -> Result<Option<f64>> {
        self.upload(parameters);
        let Some(validation) = &self.validation else { return Ok(None) };
        let mut work = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        validation.work.run(&mut work.begin_compute_pass(&wgpu::ComputePassDescriptor::default()), 0);
        work.copy_buffer_to_buffer(&validation.sums, 0, &self.landing, 0, 4 * validation.groups as u64);
        let take = |sums: &[f32]| sums.iter().map(|&sum| f64::from(sum)).sum::<f64>() / validation.count as f64;
        self.gpu.finish(work, &self.landing, validation.groups, take).await.map(Some)
    }
}

/// The flag of a row that has cells, in its row start.
const HAS_CELLS: u32 = 1 << 31;
