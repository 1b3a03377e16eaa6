//! The fused logistic step over bit-packed outcomes, on explicit SIMD; its readable twin is [`super::cpu::logistic_step`].
//!
//! Tiles of 64 items (one word of a bit-packed row) stay in the first-level cache while blocks of models pass over them. For
//! each group of four models and each tile there are three products of small matrices, each in registers: the logits
//! `Z = M X`, which the residuals `R` then replace, `∂X += Mᵀ R` and `∂M += R Xᵀ`. Only one tile of Z and R exists at any
//! moment.
#![expect(unsafe_code, reason = "loads without bounds checks in the innermost loops")]

use super::aligned::Aligned;
use super::loss::Loss;
use super::simd::{Instructions, Lanes, ROWS, TILE, Work, dispatch, product};
use super::{Factorisation, Sides};
use crate::BitMatrix;
use std::cell::RefCell;
use std::f32::consts::LOG2_E;
use std::ops::Range;

/// Models per block: they pass over a tile together.
const BLOCK: usize = 32;
/// Number of parts into which the models are divided, independent of the number of threads, so that the sums are the same
/// bytes on any of them.
const PARTS: usize = if cfg!(target_arch = "wasm32") { 1 } else { 4 };

/// The twin of [`super::cpu::logistic_step`]; `observed` and `solved`: (models, tasks). It computes no gradient for the
/// vectors of a side that `sides` leaves out.
pub(super) fn logistic_step(
    instructions: Instructions,
    sides: Sides,
    observed: &BitMatrix,
    solved: &BitMatrix,
    parameters: &Factorisation,
    gradient: &mut Factorisation,
) -> f64 {
    WORKSPACE.with_borrow_mut(|Workspace { packed, sums }| {
        packed.fill(parameters);
        sums.iter_mut().for_each(|sums| sums.clear(packed));
        let (models, dim) = (observed.rows(), parameters.dim);
        let share = models.div_ceil(PARTS).next_multiple_of(BLOCK).max(BLOCK);
        let vectors = gradient.models[..models * dim].chunks_mut(share * dim.max(1));
        let biases = gradient.model_bias[..models].chunks_mut(share);
        let parts = vectors.zip(biases).zip(&mut *sums).enumerate();
        let parts = parts.map(|(at, ((model_gradient, bias_gradient), sums))| Part {
            models: at * share..(at * share + bias_gradient.len()),
            sides,
            observed,
            solved,
            parameters,
            packed,
            model_gradient,
            bias_gradient,
            sums,
        });
        run_all(parts.collect(), instructions);
        let [first, others @ ..] = sums;
        others.iter().for_each(|other| first.add(other));
        first.unpack(packed, gradient);
        first.loss
    })
}

#[cfg(not(target_arch = "wasm32"))]
fn run_all(parts: Vec<Part<'_>>, instructions: Instructions) {
    use rayon::iter::{IntoParallelIterator, ParallelIterator};
    parts.into_par_iter().for_each(|mut part| dispatch(instructions, &mut part));
}

#[cfg(target_arch = "wasm32")]
fn run_all(parts: Vec<Part<'_>>, instructions: Instructions) {
    parts.into_iter().for_each(|mut part| dispatch(instructions, &mut part));
}

thread_local! {
    /// The buffers of a step, kept for the next one. Allocating them each time costs a tenth of a step, mostly in the
    /// operating system.
    static WORKSPACE: RefCell<Workspace> = const { RefCell::new(Workspace::new()) };
}

struct Workspace {
    packed: PackedTasks,
    sums: [TaskSums; PARTS],
}

impl Workspace {
    const fn new() -> Self {
        Self { packed: PackedTasks::new(), sums: [const { TaskSums::new() }; PARTS] }
    }
}

/// The tasks' parameters in the two layouts that the products read, padded with zeros to whole tiles and vectors.
struct PackedTasks {
    dim: usize,
    padded: usize, // dim, rounded up to 16
    tiles: usize,
    by_lane: Aligned, // (tiles, dim, TILE), times -log2 e: the logits are to the base 1/2
    by_row: Aligned,  // (tiles * TILE, padded)
    bias: Aligned,    // (tiles * TILE), times the same factor
}

impl PackedTasks {
    const fn new() -> Self {
        Self { dim: 0, padded: 0, tiles: 0, by_lane: Aligned::new(), by_row: Aligned::new(), bias: Aligned::new() }
    }

    fn fill(&mut self, parameters: &Factorisation) {
        let (dim, tasks) = (parameters.dim, parameters.task_bias.len());
        (self.dim, self.padded, self.tiles) = (dim, dim.next_multiple_of(16), tasks.div_ceil(TILE));
        self.by_lane.clear(self.tiles * dim * TILE);
        self.by_row.clear(self.tiles * TILE * self.padded);
        self.bias.clear(self.tiles * TILE);
        self.bias.iter_mut().zip(&parameters.task_bias).for_each(|(out, bias)| *out = -LOG2_E * bias);
        for task in 0..tasks {
            self.by_row[task * self.padded..][..dim].copy_from_slice(parameters.task(task));
            for (k, &value) in parameters.task(task).iter().enumerate() {
                self.by_lane[(task / TILE * dim + k) * TILE + task % TILE] = -LOG2_E * value;
            }
        }
    }
}

/// The gradients of the tasks from one part.
struct TaskSums {
    tasks: Aligned,     // (tiles, dim, TILE)
    task_bias: Aligned, // (tiles * TILE)
    loss: f64,
}

impl TaskSums {
    const fn new() -> Self {
        Self { tasks: Aligned::new(), task_bias: Aligned::new(), loss: 0.0 }
    }

    fn clear(&mut self, packed: &PackedTasks) {
        self.tasks.clear(packed.by_lane.len());
        self.task_bias.clear(packed.bias.len());
        self.loss = 0.0;
    }

    fn add(&mut self, other: &Self) {
        let blocks = [(&mut self.tasks, &other.tasks), (&mut self.task_bias, &other.task_bias)];
        blocks.into_iter().for_each(|(sum, more)| sum.iter_mut().zip(&**more).for_each(|(sum, more)| *sum += more));
        self.loss += other.loss;
    }

    fn unpack(&self, packed: &PackedTasks, gradient: &mut Factorisation) {
        let dim = packed.dim;
        for (task, out) in gradient.tasks.chunks_exact_mut(dim.max(1)).enumerate() {
            let lane = &self.tasks[task / TILE * dim * TILE + task % TILE..];
            out.iter_mut().zip(lane.iter().step_by(TILE)).for_each(|(out, sum)| *out += sum);
        }
        gradient.task_bias.iter_mut().zip(&*self.task_bias).for_each(|(out, sum)| *out += sum);
    }
}

/// The models of one part, and the outputs for their gradients.
struct Part<'a> {
    models: Range<usize>,
    sides: Sides,
    observed: &'a BitMatrix,
    solved: &'a BitMatrix,
    parameters: &'a Factorisation,
    packed: &'a PackedTasks,
    model_gradient: &'a mut [f32], // (models of the part, dim)
    bias_gradient: &'a mut [f32],  // (models of the part)
    sums: &'a mut TaskSums,
}

/// One block of models, padded with zeros to a whole number of groups.
struct Block {
    first: usize,
    count: usize,
    vectors: Vec<f32>, // (BLOCK, dim)
    biases: [f32; BLOCK],
    gradient: Aligned,            // (BLOCK, padded)
    bias_sums: [f32; BLOCK * 16], // (BLOCK, lanes)
    residuals: Aligned,           // of one group and tile: (ROWS, TILE)
}

impl Work for &mut Part<'_> {
    #[inline(always)]
    fn run<L: Lanes>(self) {
        match L::COLUMNS {
            4 => self.run_with::<L, 4>(),
            2 => self.run_with::<L, 2>(),
            _ => self.run_with::<L, 1>(),
        }
    }
}

impl Part<'_> {
    #[inline(always)]
    fn run_with<L: Lanes, const C: usize>(&mut self) {
        let dim = self.packed.dim;
        let mut loss = Loss::<L>::new();
        for first in self.models.clone().step_by(BLOCK) {
            let mut block = self.block(first);
            for tile in 0..self.packed.tiles {
                for group in (0..block.count).step_by(ROWS) {
                    self.tile::<L, C>(&mut block, group, tile, &mut loss);
                }
            }
            for row in 0..block.count {
                let at = first - self.models.start + row;
                let gradient = &block.gradient[row * self.packed.padded..][..dim];
                self.model_gradient[at * dim..][..dim].iter_mut().zip(gradient).for_each(|(out, g)| *out += g);
                self.bias_gradient[at] += block.bias_sums[row * 16..][..L::WIDTH].iter().sum::<f32>();
            }
        }
        self.sums.loss += loss.total();
    }

    fn block(&self, first: usize) -> Block {
        let count = (self.models.end - first).min(BLOCK);
        let dim = self.packed.dim;
        let mut block = Block {
            first,
            count,
            vectors: vec![0.0; BLOCK * dim],
            biases: [0.0; BLOCK],
            gradient: Aligned::zeros(BLOCK * self.packed.padded),
            bias_sums: [0.0; BLOCK * 16],
            residuals: Aligned::zeros(ROWS * TILE),
        };
        block.vectors[..count * dim].copy_from_slice(&self.parameters.models[first * dim..(first + count) * dim]);
        let biases = &self.parameters.model_bias[first..first + count];
        block.biases.iter_mut().zip(biases).for_each(|(out, bias)| *out = -LOG2_E * bias);
        block
    }

    /// Four models against 64 items.
    #[inline(always)]
    fn tile<L: Lanes, const C: usize>(&mut self, block: &mut Block, group: usize, tile: usize, loss: &mut Loss<L>) {
        let (mut observed, mut solved, mut any) = ([0u64; ROWS], [0u64; ROWS], 0);
        let (width, rows) = (self.observed.words_per_row(), ROWS.min(block.count - group));
        for r in 0..rows {
            let at = (block.first + group + r) * width + tile;
            (observed[r], solved[r]) = (self.observed.words()[at], self.solved.words()[at]);
            any |= observed[r];
        }
        if any == 0 {
            return;
        }
        // Only the existing items of the last tile are processed.
        let left = (self.observed.columns() - tile * TILE).min(TILE);
        let end = if C * L::WIDTH == TILE { TILE } else { left.next_multiple_of(C * L::WIDTH) };
        self.logits::<L, C>(block, group, tile, end);
        for r in 0..rows {
            let row = block.residuals[r * TILE..][..TILE].as_mut_ptr();
            // SAFETY: a row has TILE values; a row of the sums has room for 16 lanes, and no vector is wider.
            unsafe {
                let sum = loss.residuals(row, end, observed[r], solved[r]);
                let to = block.bias_sums[(group + r) * 16..].as_mut_ptr();
                L::load(to).add(sum).store(to);
            }
        }
        block.residuals[rows * TILE..].fill(0.0);
        self.task_products::<L, C>(block, group, tile, end);
        if self.sides != Sides::Tasks {
            self.model_products::<L, C>(block, group, tile, end);
        }
    }

    /// Writes `M X` for four models and the items of a tile, to the base 1/2, to the place of the residuals.
    #[inline(always)]
    fn logits<L: Lanes, const C: usize>(&self, block: &mut Block, group: usize, tile: usize, end: usize) {
        let dim = self.packed.dim;
        let vectors = block.vectors[group * dim..].as_ptr(); // (ROWS, dim)
        let lanes = self.packed.by_lane[tile * dim * TILE..].as_ptr(); // (dim, TILE)
        let biases = self.packed.bias[tile * TILE..].as_ptr(); // (TILE)
        let of_models: [f32; ROWS] = std::array::from_fn(|r| block.biases[group + r]);
        let out = block.residuals.as_mut_ptr(); // (ROWS, TILE)
        for first in (0..end).step_by(C * L::WIDTH) {
            let mut start = [[L::splat(0.0); C]; ROWS];
            for (start, &bias) in start.iter_mut().zip(&of_models) {
                for (c, start) in start.iter_mut().enumerate() {
                    // SAFETY: first + C * WIDTH is at most TILE.
                    *start = unsafe { L::splat(bias).add(L::load(biases.add(first + c * L::WIDTH))) };
                }
            }
            // SAFETY: the buffers have the shapes stated above.
            unsafe {
                let logits = product::<L, C, 1>(dim, vectors, dim, lanes.add(first), TILE, start);
                for (r, logits) in logits.into_iter().enumerate() {
                    for (c, logits) in logits.into_iter().enumerate() {
                        logits.store(out.add(r * TILE + first + c * L::WIDTH));
                    }
                }
            }
        }
    }

    /// `∂X += Mᵀ R` for four models and the items of a tile, and the gradient of the biases.
    #[inline(always)]
    fn task_products<L: Lanes, const C: usize>(&mut self, block: &Block, group: usize, tile: usize, end: usize) {
        let dim = self.packed.dim;
        let vectors = block.vectors[group * dim..].as_ptr(); // (ROWS, dim)
        let from = block.residuals.as_ptr(); // (ROWS, TILE)
        let gradients = self.sums.tasks[tile * dim * TILE..].as_mut_ptr(); // (dim, TILE)
        let bias_gradients = self.sums.task_bias[tile * TILE..].as_mut_ptr(); // (TILE)
        let factors = if self.sides == Sides::Models { 0 } else { dim };
        for first in (0..end).step_by(C * L::WIDTH) {
            // SAFETY: the buffers have the shapes stated above; first + C * WIDTH is at most TILE.
            unsafe {
                let mut residuals = [[L::splat(0.0); C]; ROWS];
                for (r, residuals) in residuals.iter_mut().enumerate() {
                    for (c, residuals) in residuals.iter_mut().enumerate() {
                        *residuals = L::load(from.add(r * TILE + first + c * L::WIDTH));
                    }
                }
                let [a, b, c, d] = residuals;
                for (column, (((a, b), c), d)) in a.into_iter().zip(b).zip(c).zip(d).enumerate() {
                    let to = bias_gradients.add(first + column * L::WIDTH);
                    L::load(to).add(a.add(b).add(c.add(d))).store(to);
                }
                for k in 0..factors {
                    let to = gradients.add(k * TILE + first);
                    let mut sums = [L::splat(0.0); C];
                    for (c, sum) in sums.iter_mut().enumerate() {
                        *sum = L::load(to.add(c * L::WIDTH));
                    }
                    for (r, residuals) in residuals.iter().enumerate() {
                        let value = L::splat(*vectors.add(r * dim + k));
                        for (sum, &residual) in sums.iter_mut().zip(residuals) {
                            *sum = value.mul_add(residual, *sum);
                        }
                    }
                    for (c, sum) in sums.into_iter().enumerate() {
                        sum.store(to.add(c * L::WIDTH));
                    }
                }
            }
        }
    }

    /// `∂M += R Xᵀ` for four models and one tile.
    #[inline(always)]
    fn model_products<L: Lanes, const C: usize>(&self, block: &mut Block, group: usize, tile: usize, end: usize) {
        let padded = self.packed.padded;
        let rows = self.packed.by_row[tile * TILE * padded..].as_ptr(); // (TILE, padded)
        let (residuals, out) = (block.residuals.as_ptr(), block.gradient[group * padded..].as_mut_ptr()); // (ROWS, padded)
        let mut at = 0;
        // SAFETY: the buffers have the shapes stated above; each width is taken only while it fits.
        unsafe {
            while at + C * L::WIDTH <= padded {
                add_product::<L, C, 1>(end, residuals, rows.add(at), padded, out.add(at));
                at += C * L::WIDTH;
            }
            while at + 2 * L::WIDTH <= padded {
                add_product::<L, 2, 2>(end, residuals, rows.add(at), padded, out.add(at));
                at += 2 * L::WIDTH;
            }
            while at < padded {
                add_product::<L, 1, 4>(end, residuals, rows.add(at), padded, out.add(at));
                at += L::WIDTH;
            }
        }
    }
}

/// `out[r][c] += Σ_t residuals[r][t] rows[t][c]` for C vectors, over `items` items, at most [`TILE`].
///
/// # Safety
/// `residuals`: (ROWS, TILE), `rows`: (TILE, stride) and `out`: (ROWS, stride), with C vectors left in each row.
#[inline(always)]
unsafe fn add_product<L: Lanes, const C: usize, const U: usize>(
    items: usize,
    residuals: *const f32,
    rows: *const f32,
    stride: usize,
    out: *mut f32,
) {
    // SAFETY: as the caller promises.
    unsafe {
        let sums = product::<L, C, U>(items, residuals, TILE, rows, stride, [[L::splat(0.0); C]; ROWS]);
        for (r, sums) in sums.into_iter().enumerate() {
            for (c, sum) in sums.into_iter().enumerate() {
                let to = out.add(r * stride + c * L::WIDTH);
                L::load(to).add(sum).store(to);
            }
        }
    }
}
