//! The training of a logistic factorisation on a device: its buffers, allocated once, and the submitted work.

use super::Gpu;
use super::buffers::{AdamWork, CellBuffers, MOST_STEPS, ROWS, SideWork, ValidationWork, slices};
use super::layout::{Layout, SIDES};
use super::shader::{self, Dispatch, folded};
use crate::device::shapes::Side;
use crate::error::Result;
use eyas_kernels::{Cells, Factorisation};

/// The training of one factorisation on a device.
pub(crate) struct Factoriser {
    pub(super) gpu: Gpu,
    pub(super) layout: Layout,
    cells: CellBuffers,
    pub(super) share: f32,
    pub(super) parameters: wgpu::Buffer,
    pub(super) gradient: wgpu::Buffer,
    pub(super) row_losses: wgpu::Buffer,
    pub(super) landing: wgpu::Buffer,
    pub(super) sides: [SideWork; 2],
    pub(super) validation: Option<ValidationWork>,
    pub(super) adam: Option<AdamWork>,
    packed: Vec<f32>,
}

impl Factoriser {
    /// Allocates the buffers for the training of a factorisation of this size, and uploads the cells. Later sets of cells
    /// may not be larger than this one.
    pub(crate) async fn new(gpu: &Gpu, cells: &Cells, nodes: usize, dim: usize) -> Result<Self> {
        let layout = Layout::of(nodes, cells.tasks(), dim);
        let mut new = gpu.guarded(|| Self::allocate(gpu, cells, layout)).await?;
        new.train_on(cells)?;
        Ok(new)
    }

    fn allocate(gpu: &Gpu, cells: &Cells, layout: Layout) -> Result<Self> {
        if layout.lines > shader::MOST_LINES {
            return Err(gpu.failure(&format!("vectors of {} numbers are too long for it", layout.dim)));
        }
        let parameters = gpu.space("the parameters", layout.len())?;
        let gradient = gpu.space("the gradient", layout.len())?;
        let row_losses = gpu.space("the losses", 2 * (layout.nodes + layout.tasks))?;
        let landing =
            gpu.landing(layout.len() + layout.nodes + layout.tasks + MOST_STEPS + cells.count().div_ceil(256))?;
        let buffers = CellBuffers::allocate(gpu, cells)?;
        let counts = [cells.models(), cells.tasks()];
        let slices = SIDES.map(|side| slices(&buffers, counts, side, layout.lines));
        let most = SIDES.map(|side| counts[side as usize] * slices[side as usize].0 * (layout.lines + 1));
        let parts = gpu.space("the parts of the gradient", 4 * most[0].max(most[1]))?;
        let work = |side: Side| -> Result<SideWork> {
            let at = side as usize;
            let (count, width) = slices[at];
            let offsets = [
                layout.vectors(side) / 4,
                layout.vectors(side.other()) / 4,
                layout.biases(side),
                layout.biases(side.other()),
            ];
            let [row, column, row_bias, column_bias] = offsets.map(|offset| offset as u32);
            let (rows, columns) = (counts[at] as u32, counts[1 - at] as u32);
            let step = match &buffers {
                CellBuffers::Outcomes(sides) => {
                    let words = 2 * columns.div_ceil(64);
                    let shape = [rows, columns, row, column, row_bias, column_bias, words, width as u32];
                    let groups = [counts[at].div_ceil(ROWS) as u32, count as u32];
                    let bound = [&gpu.uniform(&shape)?, &parameters, &sides[at], &parts];
                    Dispatch::new(gpu, &shader::LOGISTIC_STEP, layout.dim, groups, &bound)
                }
                CellBuffers::Scores(sides) => {
                    let shape = [rows, row, column, row_bias, column_bias];
                    let bound = [&gpu.uniform(&shape)?, &parameters, &sides[at].0, &sides[at].1, &parts];
                    let groups = folded(counts[at]);
                    Dispatch::new(gpu, &shader::LOGISTIC_STEP_SPARSE, layout.dim, groups, &bound)
                }
            };
            let (all, loss_row) = (layout.rows(side) as u32, layout.losses(side) as u32);
            let sum_words = [rows, all, count as u32, row, row_bias, loss_row, 0];
            let sum_shape = gpu.uniform(&sum_words)?;
            let groups = folded((layout.rows(side) * (layout.lines + 1)).div_ceil(256));
            let bound = [&sum_shape, &parts, &gradient, &row_losses];
            let sum = Dispatch::new(gpu, &shader::SUM_PARTS, layout.dim, groups, &bound);
            Ok(SideWork { step, sum, sum_shape, sum_words })
        };
        let sides = [work(Side::Models)?, work(Side::Tasks)?];
        let gpu = gpu.clone();
        Ok(Self {
            gpu,
            layout,
            cells: buffers,
            share: 1.0,
            parameters,
            gradient,
            row_losses,
            landing,
            sides,
            validation: None,
            adam: None,
            packed: Vec::new(),
        })
    }

    /// Whether the device has not failed so far.
    pub(crate) fn is_well(&self) -> bool {
        self.gpu.check().is_ok()
    }

    /// Replaces the training cells by these, of the same shape and not more than at first.
    pub(crate) fn train_on(&mut self, cells: &Cells) -> Result<()> {
        self.cells.write(&self.gpu, cells);
        self.share = 1.0 / cells.count().max(1) as f32;
        for side in &mut self.sides {
            side.sum_words[6] = self.share.to_bits();
            self.gpu.queue.write_buffer(&side.sum_shape, 0, bytemuck::cast_slice(&side.sum_words));
        }
        self.gpu.check()
    }

    /// The mean loss over the cells; writes its gradient by one side to that side of `gradient`.
    pub(crate) async fn gradient(
        &mut self,
        side: Side,
        parameters: &Factorisation,
        gradient: &mut Factorisation,
    ) -> Result<f64> {
        self.upload(parameters);
        let layout = self.layout;
        let mut work = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = work.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            self.sides[side as usize].run(&mut pass);
        }
        let rows = layout.rows(side);
        let lengths = [4 * layout.lines * rows, rows, rows];
        let sources = [
            (&self.gradient, layout.vectors(side)),
            (&self.gradient, layout.biases(side)),
            (&self.row_losses, layout.losses(side)),
        ];
        let mut to = 0;
        for ((source, from), length) in sources.into_iter().zip(lengths) {
            work.copy_buffer_to_buffer(source, 4 * from as u64, &self.landing, 4 * to as u64, 4 * length as u64);
            to += length;
        }
        let take = |numbers: &[f32]| {
            let (vectors, rest) = numbers.split_at(lengths[0]);
            let (biases, losses) = rest.split_at(rows);
            layout.unpack(side, vectors, biases, gradient);
            losses.iter().map(|&loss| f64::from(loss)).sum()
        };
        self.gpu.finish(work, &self.landing, to, take).await
    }

    pub(super) fn upload(&mut self, parameters: &Factorisation) {
        self.layout.pack(parameters, &mut self.packed);
        self.gpu.queue.write_buffer(&self.parameters, 0, bytemuck::cast_slice(&self.packed));
    }
}
