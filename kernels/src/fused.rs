//! The fused logistic step over bit-packed outcomes, on explicit SIMD; its readable twin is [`super::cpu::logistic_step`].
//!
//! Tiles of 64 items (one word of a bit-packed row) stay in the first-level cache while blocks of models pass over them.
//! For each group of four models and each tile there are three products of small matrices, all in registers: logits
//! `Z = M X`, then the residuals `R` from the bits, then `∂X += Mᵀ R` and `∂M += R Xᵀ`. Only R of that one tile is stored.
#![expect(unsafe_code, reason = "loads without bounds checks in the innermost loops")]

use super::aligned::Aligned;
use super::simd::{Instructions, Lanes, ROWS, TILE, Work, dispatch, exp_of_minus_abs, product};
use super::{Factorisation, Sides};
use crate::BitMatrix;
use std::ops::Range;

/// The residuals of one group and tile.
#[repr(C, align(64))]
struct Residuals([f32; ROWS * TILE]);

/// Models that pass over a tile together.
const BLOCK: usize = 32;
/// Rows of models are cut into this many parts, whatever the number of threads: the sums are the same bytes on any of them.
const PARTS: usize = if cfg!(target_arch = "wasm32") { 1 } else { 4 };

/// See [`super::cpu::logistic_step`]; `observed` and `solved`: (models, tasks). Vectors of a side that is not asked for get
/// no gradient.
pub(super) fn logistic_step(
    instructions: Instructions,
    sides: Sides,
    observed: &BitMatrix,
    solved: &BitMatrix,
    parameters: &Factorisation,
    gradient: &mut Factorisation,
) -> f64 {
    let (models, tasks, dim) = (observed.rows(), observed.columns(), parameters.dim);
    let packed = PackedTasks::new(parameters);
    let share = models.div_ceil(PARTS).next_multiple_of(BLOCK).max(BLOCK);
    let vectors = gradient.models[..models * dim].chunks_mut(share * dim.max(1));
    let biases = gradient.model_bias[..models].chunks_mut(share);
    let parts: Vec<Part<'_>> = vectors
        .zip(biases)
        .enumerate()
        .map(|(at, (model_gradient, bias_gradient))| Part {
            models: at * share..(at * share + bias_gradient.len()),
            sides,
            observed,
            solved,
            parameters,
            packed: &packed,
            model_gradient,
            bias_gradient,
            sums: TaskSums::zeros(&packed),
        })
        .collect();
    let sums = run_all(parts, instructions);
    let mut loss = 0.0;
    for part in sums {
        loss += part.loss;
        for task in 0..tasks {
            let (tile, lane) = (task / TILE, task % TILE);
            for k in 0..dim {
                gradient.tasks[task * dim + k] += part.tasks[(tile * dim + k) * TILE + lane];
            }
            gradient.task_bias[task] += part.task_bias[task];
        }
    }
    loss
}

#[cfg(not(target_arch = "wasm32"))]
fn run_all(parts: Vec<Part<'_>>, instructions: Instructions) -> Vec<TaskSums> {
    use rayon::iter::{IntoParallelIterator, ParallelIterator};
    parts.into_par_iter().map(|part| run_part(part, instructions)).collect()
}

#[cfg(target_arch = "wasm32")]
fn run_all(parts: Vec<Part<'_>>, instructions: Instructions) -> Vec<TaskSums> {
    parts.into_iter().map(|part| run_part(part, instructions)).collect()
}

fn run_part(mut part: Part<'_>, instructions: Instructions) -> TaskSums {
    dispatch(instructions, &mut part);
    part.sums
}

/// The tasks' parameters in the two layouts that the products read, padded with zeros to whole tiles and vectors.
struct PackedTasks {
    dim: usize,
    padded: usize, // dim, rounded up to 16
    tiles: usize,
    by_lane: Aligned, // (tiles, dim, TILE)
    by_row: Aligned,  // (tiles * TILE, padded)
    bias: Aligned,    // (tiles * TILE)
}

impl PackedTasks {
    fn new(parameters: &Factorisation) -> Self {
        let (dim, tasks) = (parameters.dim, parameters.task_bias.len());
        let (padded, tiles) = (dim.next_multiple_of(16), tasks.div_ceil(TILE));
        let mut packed = Self {
            dim,
            padded,
            tiles,
            by_lane: Aligned::zeros(tiles * dim * TILE),
            by_row: Aligned::zeros(tiles * TILE * padded),
            bias: Aligned::zeros(tiles * TILE),
        };
        packed.bias[..tasks].copy_from_slice(&parameters.task_bias);
        for task in 0..tasks {
            packed.by_row[task * padded..task * padded + dim].copy_from_slice(parameters.task(task));
            for (k, &value) in parameters.task(task).iter().enumerate() {
                packed.by_lane[(task / TILE * dim + k) * TILE + task % TILE] = value;
            }
        }
        packed
    }
}

/// What one part adds to the gradients of the tasks.
struct TaskSums {
    tasks: Aligned,     // (tiles, dim, TILE)
    task_bias: Aligned, // (tiles * TILE)
    loss: f64,
}

impl TaskSums {
    fn zeros(packed: &PackedTasks) -> Self {
        Self { tasks: Aligned::zeros(packed.by_lane.len()), task_bias: Aligned::zeros(packed.bias.len()), loss: 0.0 }
    }
}

/// The models of one part, and where their gradients go.
struct Part<'a> {
    models: Range<usize>,
    sides: Sides,
    observed: &'a BitMatrix,
    solved: &'a BitMatrix,
    parameters: &'a Factorisation,
    packed: &'a PackedTasks,
    model_gradient: &'a mut [f32], // (models of the part, dim)
    bias_gradient: &'a mut [f32],  // (models of the part)
    sums: TaskSums,
}

/// One block of models, padded with zeros to a whole number of groups.
struct Block {
    first: usize,
    count: usize,
    vectors: Vec<f32>, // (BLOCK, dim)
    biases: [f32; BLOCK],
    gradient: Aligned,            // (BLOCK, padded)
    bias_sums: [f32; BLOCK * 16], // (BLOCK, lanes)
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
        let mut loss = Loss::default();
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
        };
        block.vectors[..count * dim].copy_from_slice(&self.parameters.models[first * dim..(first + count) * dim]);
        block.biases[..count].copy_from_slice(&self.parameters.model_bias[first..first + count]);
        block
    }

    /// Four models against 64 items.
    #[inline(always)]
    fn tile<L: Lanes, const C: usize>(&mut self, block: &mut Block, group: usize, tile: usize, loss: &mut Loss) {
        let (mut observed, mut solved) = ([0u64; ROWS], [0u64; ROWS]);
        for r in 0..ROWS.min(block.count - group) {
            observed[r] = self.observed.row(block.first + group + r)[tile];
            solved[r] = self.solved.row(block.first + group + r)[tile];
        }
        if observed == [0; ROWS] {
            return;
        }
        let dim = self.packed.dim;
        let vectors = block.vectors[group * dim..].as_ptr(); // (ROWS, dim)
        let lanes = self.packed.by_lane[tile * dim * TILE..].as_ptr(); // (dim, TILE)
        let gradients = self.sums.tasks[tile * dim * TILE..].as_mut_ptr(); // (dim, TILE)
        let biases = self.packed.bias[tile * TILE..].as_ptr(); // (TILE)
        let bias_gradients = self.sums.task_bias[tile * TILE..].as_mut_ptr(); // (TILE)
        let mut residuals = Residuals([0.0; ROWS * TILE]); // (ROWS, TILE)
        let (zero, one) = (L::splat(0.0), L::splat(1.0));
        let (mut linear, mut certain, mut row_sums) = (zero, one, [zero; ROWS]);
        for first in (0..TILE).step_by(C * L::WIDTH) {
            // SAFETY: the buffers have the shapes stated above; first + C * WIDTH is at most TILE.
            unsafe {
                let mut start = [[zero; C]; ROWS];
                for (r, start) in start.iter_mut().enumerate() {
                    for (c, start) in start.iter_mut().enumerate() {
                        *start = L::splat(block.biases[group + r]).add(L::load(biases.add(first + c * L::WIDTH)));
                    }
                }
                let logits = product::<L, C, 1>(dim, vectors, dim, lanes.add(first), TILE, start);
                let mut residual = logits;
                for r in 0..ROWS {
                    for c in 0..C {
                        let at = first + c * L::WIDTH;
                        let known = (observed[r] >> at) as u32;
                        let right = (solved[r] >> at) as u32;
                        let z = logits[r][c];
                        let tail = exp_of_minus_abs(z);
                        let larger = tail.add(one).reciprocal(); // the probability of the likelier outcome
                        let probability = larger.select_by_sign(tail.mul(larger), z);
                        let value = one.select(zero, right);
                        residual[r][c] = probability.sub(value).select(zero, known);
                        residual[r][c].store(residuals.0.as_mut_ptr().add(r * TILE + at));
                        row_sums[r] = row_sums[r].add(residual[r][c]);
                        // -log likelihood = max(z, 0) - y z - log(larger)
                        linear = linear.add(z.max(zero).sub(z.select(zero, right)).select(zero, known));
                        certain = certain.mul(larger.select(one, known));
                    }
                }
                let [a, b, c, d] = residual;
                for (column, (((a, b), c), d)) in a.into_iter().zip(b).zip(c).zip(d).enumerate() {
                    let to = bias_gradients.add(first + column * L::WIDTH);
                    L::load(to).add(a.add(b).add(c.add(d))).store(to);
                }
                for k in 0..if self.sides == Sides::Models { 0 } else { dim } {
                    let to = gradients.add(k * TILE + first);
                    let mut sums = [zero; C];
                    for (c, sum) in sums.iter_mut().enumerate() {
                        *sum = L::load(to.add(c * L::WIDTH));
                    }
                    for (r, residual) in residual.iter().enumerate() {
                        let value = L::splat(*vectors.add(r * dim + k));
                        for (sum, &residual) in sums.iter_mut().zip(residual) {
                            *sum = value.mul_add(residual, *sum);
                        }
                    }
                    for (c, sum) in sums.into_iter().enumerate() {
                        sum.store(to.add(c * L::WIDTH));
                    }
                }
            }
        }
        if self.sides != Sides::Tasks {
            self.model_products::<L, C>(block, group, tile, &residuals.0);
        }
        for (r, sum) in row_sums.into_iter().enumerate() {
            // SAFETY: a row of the sums has room for 16 lanes, and no vector is wider.
            unsafe {
                let to = block.bias_sums[(group + r) * 16..].as_mut_ptr();
                L::load(to).add(sum).store(to);
            }
        }
        loss.add(linear, certain);
    }

    /// `∂M += R Xᵀ` for four models and one tile.
    #[inline(always)]
    fn model_products<L: Lanes, const C: usize>(
        &self,
        block: &mut Block,
        group: usize,
        tile: usize,
        residuals: &[f32; ROWS * TILE],
    ) {
        let padded = self.packed.padded;
        let rows = self.packed.by_row[tile * TILE * padded..].as_ptr(); // (TILE, padded)
        let out = block.gradient[group * padded..].as_mut_ptr(); // (ROWS, padded)
        let mut at = 0;
        // SAFETY: the buffers have the shapes stated above; each width is taken only while it fits.
        unsafe {
            while at + C * L::WIDTH <= padded {
                add_product::<L, C, 1>(residuals, rows.add(at), padded, out.add(at));
                at += C * L::WIDTH;
            }
            while at + 2 * L::WIDTH <= padded {
                add_product::<L, 2, 2>(residuals, rows.add(at), padded, out.add(at));
                at += 2 * L::WIDTH;
            }
            while at < padded {
                add_product::<L, 1, 4>(residuals, rows.add(at), padded, out.add(at));
                at += L::WIDTH;
            }
        }
    }
}

/// `out[r][c] += Σ_t residuals[r][t] rows[t][c]` for C vectors.
///
/// # Safety
/// `rows`: (TILE, stride) and `out`: (ROWS, stride), with C vectors left in each row.
#[inline(always)]
unsafe fn add_product<L: Lanes, const C: usize, const U: usize>(
    residuals: &[f32; ROWS * TILE],
    rows: *const f32,
    stride: usize,
    out: *mut f32,
) {
    // SAFETY: as the caller promises.
    unsafe {
        let sums = product::<L, C, U>(TILE, residuals.as_ptr(), TILE, rows, stride, [[L::splat(0.0); C]; ROWS]);
        for (r, sums) in sums.into_iter().enumerate() {
            for (c, sum) in sums.into_iter().enumerate() {
                let to = out.add(r * stride + c * L::WIDTH);
                L::load(to).add(sum).store(to);
            }
        }
    }
}

/// The running loss, lane by lane: sums, and products of probabilities whose logarithm is taken before they get too small.
struct Loss {
    sums: [f64; 16],
    products: [f64; 16],
    factors: usize, // in each product
}

impl Default for Loss {
    fn default() -> Self {
        Self { sums: [0.0; 16], products: [1.0; 16], factors: 0 }
    }
}

impl Loss {
    /// Adds one tile, of which each lane of `certain` is the product of `ROWS * TILE / WIDTH` factors of at least 1/2.
    #[inline(always)]
    fn add<L: Lanes>(&mut self, linear: L, certain: L) {
        let mut lanes = [0.0f32; 16];
        // SAFETY: no vector is wider than 16 lanes.
        unsafe { linear.store(lanes.as_mut_ptr()) };
        for (sum, lane) in self.sums[..L::WIDTH].iter_mut().zip(lanes) {
            *sum += f64::from(lane);
        }
        unsafe { certain.store(lanes.as_mut_ptr()) };
        for (product, lane) in self.products[..L::WIDTH].iter_mut().zip(lanes) {
            *product *= f64::from(lane);
        }
        self.factors += ROWS * TILE / L::WIDTH;
        if self.factors > 900 {
            self.flush();
        }
    }

    #[cold]
    #[inline(never)]
    fn flush(&mut self) {
        for (sum, product) in self.sums.iter_mut().zip(&mut self.products) {
            *sum -= std::mem::replace(product, 1.0).ln();
        }
        self.factors = 0;
    }

    fn total(mut self) -> f64 {
        self.flush();
        self.sums.iter().sum()
    }
}
