//! The buffers of a factorisation on a device.

use super::shader::Dispatch;
use super::{Gpu, MOST_GROUPS};
use crate::device::shapes::Side;
use crate::error::Result;
use crate::linalg::BitMatrix;
use eyas_kernels::Cells;

/// The most steps of one submission.
pub(super) const MOST_STEPS: usize = 50;
/// Rows per workgroup of `logistic_step`, and columns per word of its bits.
pub(super) const ROWS: usize = 128;
const COLUMNS: usize = 32;
/// Number of workgroups that keep a large GPU busy.
const ENOUGH_GROUPS: usize = 1024;
/// The most bytes of the parts of a gradient.
const MOST_PARTS: usize = 64 << 20;

/// The cells on the device.
pub(super) enum CellBuffers {
    /// By model, then by task: known and solved bits alternately, in words of 32.
    Outcomes([wgpu::Buffer; 2]),
    /// By model, then by task: row starts, and cells as (index, value).
    Scores([(wgpu::Buffer, wgpu::Buffer); 2]),
}

/// The dispatches for the gradient of one side.
pub(super) struct SideWork {
    pub(super) step: Dispatch,
    pub(super) sum: Dispatch,
    pub(super) sum_shape: wgpu::Buffer,
    pub(super) sum_words: [u32; 7],
}

impl SideWork {
    /// Computes the side's gradient and losses.
    pub(super) fn run(&self, pass: &mut wgpu::ComputePass<'_>) {
        self.step.run(pass, 0);
        self.sum.run(pass, 0);
    }
}

impl CellBuffers {
    pub(super) fn allocate(gpu: &Gpu, cells: &Cells) -> Result<Self> {
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

    pub(super) fn write(&self, gpu: &Gpu, cells: &Cells) {
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
            // The kind of cells does not change during a training.
            _ => {}
        }
    }
}

/// Rows of `(index, value)` as row starts and flat entries.
fn compressed(rows: impl Iterator<Item = impl Iterator<Item = (u32, f32)>>) -> (Vec<u32>, Vec<[u32; 2]>) {
    let (mut starts, mut entries) = (vec![0], Vec::new());
    for row in rows {
        entries.extend(row.map(|(index, value)| [index, value.to_bits()]));
        starts.push(entries.len() as u32);
    }
    (starts, entries)
}

/// Words of 32 bits, alternately of the two matrices.
fn in_turn(one: &BitMatrix, other: &BitMatrix) -> Vec<[u32; 4]> {
    let halves = |word: u64| [word as u32, (word >> 32) as u32];
    let pair = |(&one, &other): (&u64, &u64)| {
        let ([a, c], [b, d]) = (halves(one), halves(other));
        [a, b, c, d]
    };
    one.words().iter().zip(other.words()).map(pair).collect()
}

/// The number of slices of one side's columns, and the width of each: enough for a large GPU, within the memory.
pub(super) fn slices(cells: &CellBuffers, counts: [usize; 2], side: Side, lines: usize) -> (usize, usize) {
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

/// The validation cells.
pub(super) struct ValidationWork {
    pub(super) work: Dispatch,
    pub(super) sums: wgpu::Buffer,
    pub(super) groups: usize,
    pub(super) count: usize,
}

/// The state and the dispatches of Adam.
pub(super) struct AdamWork {
    pub(super) penalties: [Dispatch; 2],
    pub(super) sum_loss: Dispatch,
    pub(super) step: Dispatch,
    pub(super) losses: wgpu::Buffer,
    pub(super) settings: wgpu::Buffer,
    pub(super) rate: f32,
    pub(super) steps: i32,
}
