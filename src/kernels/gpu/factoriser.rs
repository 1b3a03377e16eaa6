//! The training of a logistic factorisation on a device: its buffers, allocated once, and the work submitted to it.

use super::shader::{self, Dispatch, folded};
use super::steps::{AdamWork, Held, MOST_STEPS};
use super::{Gpu, MOST_GROUPS};
use crate::error::Result;
use crate::kernels::{Cells, Factorisation, Side};
use crate::linalg::BitMatrix;

/// Rows of a workgroup of `logistic_step`, and columns of a word of its bits.
const ROWS: usize = 128;
const COLUMNS: usize = 32;
/// Workgroups that keep a large GPU busy.
const ENOUGH_GROUPS: usize = 1024;
/// Bytes that the parts of a gradient may take.
const MOST_PARTS: usize = 64 << 20;

/// Where things are in the buffer of parameters: vectors of the nodes, of the tasks (each padded to whole vec4s), biases
/// of the nodes, of the tasks (each padded to four).
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    nodes: usize,
    tasks: usize,
    pub(super) dim: usize,
    lines: usize, // vec4s of a vector
}

impl Layout {
    pub(super) fn of(nodes: usize, tasks: usize, dim: usize) -> Self {
        Self { nodes, tasks, dim, lines: dim.div_ceil(4) }
    }

    /// First number of one vector.
    pub(super) fn vector(self, side: Side, row: usize) -> usize {
        self.vectors(side) + 4 * self.lines * row
    }

    pub(super) fn rows(self, side: Side) -> usize {
        if side == Side::Models { self.nodes } else { self.tasks }
    }

    /// First number of a side's vectors.
    pub(super) fn vectors(self, side: Side) -> usize {
        if side == Side::Models { 0 } else { 4 * self.lines * self.nodes }
    }

    /// First number of a side's biases.
    pub(super) fn biases(self, side: Side) -> usize {
        let vectors = 4 * self.lines * (self.nodes + self.tasks);
        vectors + if side == Side::Models { 0 } else { self.nodes.next_multiple_of(4) }
    }

    pub(super) fn len(self) -> usize {
        self.biases(Side::Tasks) + self.tasks.next_multiple_of(4)
    }

    /// First of a side's losses: those of the tasks come first, since `sum_loss` leaves them out.
    pub(super) fn losses(self, side: Side) -> usize {
        if side == Side::Tasks { 0 } else { self.tasks }
    }

    /// First of a side's penalties.
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

    /// One side back from padded vectors and biases.
    pub(super) fn unpack(self, side: Side, vectors: &[f32], biases: &[f32], parameters: &mut Factorisation) {
        let (out, bias_out) = side.of_mut(parameters);
        for (row, vector) in out.chunks_exact_mut(self.dim).zip(vectors.chunks_exact(4 * self.lines)) {
            row.copy_from_slice(&vector[..self.dim]);
        }
        bias_out.copy_from_slice(&biases[..bias_out.len()]);
    }
}

pub(super) const SIDES: [Side; 2] = [Side::Models, Side::Tasks];

impl Side {
    fn other(self) -> Self {
        if self == Self::Models { Self::Tasks } else { Self::Models }
    }

    fn of(self, p: &Factorisation) -> (&[f32], &[f32]) {
        if self == Self::Models { (&p.models, &p.model_bias) } else { (&p.tasks, &p.task_bias) }
    }

    fn of_mut(self, p: &mut Factorisation) -> (&mut [f32], &mut [f32]) {
        if self == Self::Models { (&mut p.models, &mut p.model_bias) } else { (&mut p.tasks, &mut p.task_bias) }
    }
}

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
    pub(super) held: Option<Held>,
    pub(super) adam: Option<AdamWork>,
    packed: Vec<f32>,
}

/// The cells on the device.
enum CellBuffers {
    /// By model, then by task: known and solved in turn, a word of 32 each.
    Outcomes([wgpu::Buffer; 2]),
    /// By model, then by task: starts, and cells as index and value.
    Scores([(wgpu::Buffer, wgpu::Buffer); 2]),
}

/// What gives one side's gradient.
pub(super) struct SideWork {
    step: Dispatch,
    sum: Dispatch,
    sum_shape: wgpu::Buffer,
    sum_words: [u32; 7],
}

impl Factoriser {
    /// Allocates all that the training of a factorisation of this size takes, and uploads the cells.
    /// Later sets of cells may have as many as these at most.
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
            held: None,
            adam: None,
            packed: Vec::new(),
        })
    }

    /// Whether the device has failed at nothing so far.
    pub(crate) fn is_well(&self) -> bool {
        self.gpu.check().is_ok()
    }

    /// From here on trains on these cells, of the same shape and no more than at first.
    pub(crate) fn train_on(&mut self, cells: &Cells) -> Result<()> {
        self.cells.write(&self.gpu, cells);
        self.share = 1.0 / cells.count().max(1) as f32;
        for side in &mut self.sides {
            side.sum_words[6] = self.share.to_bits();
            self.gpu.queue.write_buffer(&side.sum_shape, 0, bytemuck::cast_slice(&side.sum_words));
        }
        self.gpu.check()
    }

    /// The mean loss over the cells; its gradient by one side goes to that side of `gradient`.
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

impl SideWork {
    /// Leaves the side's gradient and losses behind.
    pub(super) fn run(&self, pass: &mut wgpu::ComputePass<'_>) {
        self.step.run(pass, 0);
        self.sum.run(pass, 0);
    }
}

impl CellBuffers {
    fn allocate(gpu: &Gpu, cells: &Cells) -> Result<Self> {
        match cells {
            Cells::Outcomes { observed, .. } => {
                let side = |rows: usize, columns: usize| gpu.space("the outcomes", 4 * rows * columns.div_ceil(64));
                let (models, tasks) = (observed.rows(), observed.columns());
                Ok(Self::Outcomes([side(models, tasks)?, side(tasks, models)?]))
            }
            Cells::Scores(scores) => {
                let side =
                    |rows: usize| Ok((gpu.space("the scores", rows + 1)?, gpu.space("the scores", 2 * scores.len())?));
                Ok(Self::Scores([side(scores.rows())?, side(scores.columns())?]))
            }
        }
    }

    fn write(&self, gpu: &Gpu, cells: &Cells) {
        match (self, cells) {
            (Self::Outcomes([by_model, by_task]), Cells::Outcomes { observed, solved }) => {
                gpu.queue.write_buffer(by_model, 0, bytemuck::cast_slice(&in_turn(observed, solved)));
                let (observed, solved) = (observed.transposed(), solved.transposed());
                gpu.queue.write_buffer(by_task, 0, bytemuck::cast_slice(&in_turn(&observed, &solved)));
            }
            (Self::Scores(sides), Cells::Scores(scores)) => {
                let by_row = compressed((0..scores.rows()).map(|row| scores.row(row).iter().copied()));
                let by_column = compressed((0..scores.columns()).map(|column| scores.column(column)));
                for ((starts, entries), (start_values, entry_values)) in sides.iter().zip([by_row, by_column]) {
                    gpu.queue.write_buffer(starts, 0, bytemuck::cast_slice(&start_values));
                    gpu.queue.write_buffer(entries, 0, bytemuck::cast_slice(&entry_values));
                }
            }
            // The kind of a training's cells does not change.
            _ => {}
        }
    }
}

/// Rows of `(index, value)` as starts and flat entries.
fn compressed(rows: impl Iterator<Item = impl Iterator<Item = (u32, f32)>>) -> (Vec<u32>, Vec<[u32; 2]>) {
    let (mut starts, mut entries) = (vec![0], Vec::new());
    for row in rows {
        entries.extend(row.map(|(index, value)| [index, value.to_bits()]));
        starts.push(entries.len() as u32);
    }
    (starts, entries)
}

/// Words of 32 bits, of the one and the other matrix in turn.
fn in_turn(one: &BitMatrix, other: &BitMatrix) -> Vec<[u32; 4]> {
    let halves = |word: u64| [word as u32, (word >> 32) as u32];
    let pair = |(&one, &other): (&u64, &u64)| {
        let ([a, c], [b, d]) = (halves(one), halves(other));
        [a, b, c, d]
    };
    one.words().iter().zip(other.words()).map(pair).collect()
}

/// How many slices one side's columns are cut into, and the width of each: enough for a large GPU, within the memory.
fn slices(cells: &CellBuffers, counts: [usize; 2], side: Side, lines: usize) -> (usize, usize) {
    let (rows, columns) = (counts[side as usize], counts[1 - side as usize]);
    if matches!(cells, CellBuffers::Scores(_)) {
        return (1, columns);
    }
    let tiles = columns.div_ceil(COLUMNS).max(1);
    let affordable = MOST_PARTS / (16 * (lines + 1) * rows.max(1));
    let wanted = ENOUGH_GROUPS.div_ceil(rows.div_ceil(ROWS).max(1)).clamp(1, affordable.clamp(1, MOST_GROUPS as usize));
    let width = tiles.div_ceil(wanted.min(tiles));
    (tiles.div_ceil(width), width * COLUMNS)
}
