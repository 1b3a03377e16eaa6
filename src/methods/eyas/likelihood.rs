//! The parameters of the covariance by the marginal likelihood of the training scores (Rasmussen and Williams, Gaussian
//! Processes for Machine Learning, 2006, §5.4.1) with priors on them, maximised by Adam over their logarithms.
//!
//! Scores of different tasks are strongly correlated, so that the tasks together count as one. Of many models some blocks
//! are taken, each of models from all over and of near ones.

use super::features::{Encoder, Number, Source};
use super::models::{Block, Models};
use crate::error::Result;
use crate::linalg::{clamp, factorise, keep_greatest, sort_by_value, sort_numbers};
use crate::methods::learners::adam::{Adam, rate};
use eyas_kernels::covariance::Covariance;
use ndarray::{Array2, ArrayView2};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Models of a block, and blocks of a table with more models.
const BLOCK: usize = 256;
const SMALL_BLOCK: usize = 192;
const BLOCKS: usize = 5;
/// Near models that a block has of each of some models.
const NEAR: usize = 8;
/// Sum of the cubes of the sizes of the systems that are solved for each step, about.
const WORK: usize = 40_000_000;
/// Steps of Adam, and the length of the first and the last one.
const STEPS: usize = 40;
const RATES: (f32, f32) = (0.2, 0.02);
/// Variance of the noise at least, in variances of the scores.
pub(super) const LEAST_NOISE: f32 = 0.03;

/// What is expected of a parameter before any score is seen.
#[derive(Debug, Clone, Copy)]
enum Prior {
    /// Its logarithm is normal with this mean and deviation.
    LogNormal(f32, f32),
    /// It has this rate: most features have no effect by themselves.
    Exponential(f32),
}

/// A parameter to be found.
#[derive(Debug, Clone, Copy)]
struct Parameter {
    prior: Prior,
    start: f32,
    bounds: (f32, f32), // of its logarithm
}

impl Parameter {
    fn derivative(&self, log: f32) -> f32 {
        match self.prior {
            Prior::LogNormal(mean, deviation) => (log - mean.ln()) / (deviation * deviation),
            Prior::Exponential(rate) => rate * log.exp(),
        }
    }
}

/// The parameters of the covariance in the order of its list.
fn parameters(encoder: &Encoder) -> Vec<Parameter> {
    let n_additive = encoder.numbers.len() + encoder.n_categories() + 2;
    let additive = Parameter { prior: Prior::Exponential(1.0), start: 0.5 / n_additive as f32, bounds: (-9.0, 3.0) };
    let scales = encoder.numbers.iter().filter(|number| number.source.is_scale()).count();
    let linear = |number: &Number| match &number.source {
        Source::Date => {
            let weight = clamp(DATE_WEIGHT * (number.deviation as f32).powi(2), 1e-3, 2.0);
            Parameter { prior: Prior::LogNormal(weight, 0.5), start: weight, ..additive }
        }
        source if source.is_scale() => {
            let weight = SCALE_WEIGHT / scales as f32;
            Parameter { prior: Prior::LogNormal(weight, 0.5), start: weight, ..additive }
        }
        _ => additive,
    };
    let length = Parameter { prior: Prior::LogNormal(0.15, 1.0), start: 0.15, bounds: (-7.0, 3.0) };
    let amplitude = Parameter { prior: Prior::Exponential(0.3), start: 0.5, bounds: (-6.0, 2.0) };
    let noise = Parameter { prior: Prior::Exponential(0.0), start: 0.2, bounds: (LEAST_NOISE.ln(), 1.0) };
    let (numbers, categories) = (encoder.numbers.len(), encoder.n_categories());
    let mut all: Vec<Parameter> = encoder.numbers.iter().map(linear).collect();
    all.extend(vec![additive; categories + 1]);
    all.push(Parameter { prior: Prior::LogNormal(ANCESTORS_WEIGHT, 1.0), start: ANCESTORS_WEIGHT, ..additive });
    all.extend([amplitude, noise]);
    all.extend(vec![length; 2 * numbers + categories]);
    all
}

/// What ancestors in common weigh before any score is seen.
const ANCESTORS_WEIGHT: f32 = 0.15;
/// What the linear term of the date weighs, per square of a year.
const DATE_WEIGHT: f32 = 2.0;
/// What the linear terms of size, training tokens and compute together weigh before any score is seen.
const SCALE_WEIGHT: f32 = 0.3;

/// The parameters before any score is seen.
pub(super) fn start(encoder: &Encoder) -> Covariance {
    let list: Vec<f32> = parameters(encoder).iter().map(|parameter| parameter.start).collect();
    Covariance::from_list(&list, encoder.numbers.len(), encoder.n_categories()).unwrap_or_default()
}

/// Finds the parameters. scores: standardised, NaN where there is a gap. (n_models, n_outputs)
///
/// # Errors
/// Of kind `Computation` if the covariances can't be factorised.
pub(super) fn fit(encoder: &Encoder, models: &Models, scores: &Array2<f32>, seed: u64) -> Result<Covariance> {
    if models.len() < LEAST_MODELS {
        return Ok(start(encoder));
    }
    let parameters = parameters(encoder);
    let (numbers, categories) = (encoder.numbers.len(), encoder.n_categories());
    let of = |logs: &[f32]| {
        let list: Vec<f32> = logs.iter().map(|log| log.exp()).collect();
        Covariance::from_list(&list, numbers, categories).unwrap_or_default()
    };
    let mut logs: Vec<f32> = parameters.iter().map(|parameter| parameter.start.ln()).collect();
    let blocks: Vec<(Block, Vec<Pattern>)> = blocks(models, &of(&logs), seed)
        .into_iter()
        .map(|chosen| (models.block(&chosen), patterns(scores, &chosen, WORK / BLOCKS)))
        .collect();
    let mut adam = Adam::new(logs.len());
    for step in 0..STEPS {
        let covariance = of(&logs);
        let mut gradient: Vec<f32> = parameters.iter().zip(&logs).map(|(p, &log)| p.derivative(log)).collect();
        for (block, patterns) in &blocks {
            let slope = slope(&covariance, block, patterns)?;
            gradient.iter_mut().zip(slope).for_each(|(sum, slope)| *sum += slope as f32);
        }
        adam.step(&mut logs, &gradient, rate(step, STEPS, RATES), |at| parameters[at].bounds);
    }
    Ok(of(&logs))
}

/// Tasks that the same models of a block have results of.
struct Pattern {
    rows: Vec<usize>,    // among those of the block
    scores: Array2<f32>, // (rows, tasks)
    weight: f32,         // of one task
}

/// The tasks of a block by the models that have a result, as many as there is time for, those of most models first.
fn patterns(scores: &Array2<f32>, chosen: &[usize], most: usize) -> Vec<Pattern> {
    let known = |task: usize| -> Vec<usize> {
        (0..chosen.len()).filter(|&row| !scores[[chosen[row], task]].is_nan()).collect()
    };
    let mut groups: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
    let mut by_rows = std::collections::BTreeMap::new();
    for task in 0..scores.ncols() {
        let rows = known(task);
        if rows.len() < LEAST_ROWS {
            continue;
        }
        let at = *by_rows.entry(rows.clone()).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.1.push(task),
            None => groups.push((rows, vec![task])),
        }
    }
    // Evenly from those with most results to those with fewest.
    let sizes: Vec<(u32, f32)> = groups.iter().enumerate().map(|(at, g)| (at as u32, g.0.len() as f32)).collect();
    let mut by_size = sizes.clone();
    sort_by_value(&mut by_size);
    let work: usize = groups.iter().map(|group| group.0.len().pow(3)).sum();
    let every = (work as f32 / most as f32).max(1.0);
    let taken: Vec<usize> = (0..by_size.len())
        .filter(|&at| (at as f32 / every) as usize != ((at as f32 - 1.0) / every) as usize || at == 0)
        .map(|at| by_size[at].0 as usize)
        .collect();
    let tasks: usize = taken.iter().map(|&at| groups[at].1.len()).sum();
    let pattern = |at: usize| {
        let (rows, tasks_of) = &groups[at];
        let value = |(row, task): (usize, usize)| scores[[chosen[rows[row]], tasks_of[task]]];
        let scores = Array2::from_shape_fn((rows.len(), tasks_of.len()), value);
        Pattern { rows: rows.clone(), scores, weight: 1.0 / tasks as f32 }
    };
    taken.into_iter().map(pattern).collect()
}

/// Models without which the parameters stay as they are expected to be.
const LEAST_MODELS: usize = 6;
/// Models with results without which a task tells nothing about the covariance.
const LEAST_ROWS: usize = 3;

/// The models of each block.
fn blocks(models: &Models, covariance: &Covariance, seed: u64) -> Vec<Vec<usize>> {
    let n = models.len();
    if n <= BLOCK {
        return vec![(0..n).collect()];
    }
    let mut rng = Pcg64Mcg::seed_from_u64(seed ^ 0x626c_6f63);
    let block = |_| {
        let mut chosen: Vec<u32> = (0..SMALL_BLOCK / 2).map(|_| rng.random_range(0..n) as u32).collect();
        for _ in 0..SMALL_BLOCK / 2 / NEAR {
            let centre = rng.random_range(0..n);
            let row = models.likeness(covariance, &models.features[centre]).covariances;
            let mut near: Vec<(u32, f32)> = (0u32..).zip(row).collect();
            keep_greatest(&mut near, NEAR);
            chosen.extend(near.into_iter().map(|(model, _)| model));
        }
        sort_numbers(&mut chosen);
        chosen.dedup();
        chosen.into_iter().map(|model| model as usize).collect()
    };
    (0..BLOCKS).map(block).collect()
}

/// The derivatives of the negative logarithm of a block's marginal likelihood by the logarithms of the parameters.
fn slope(covariance: &Covariance, block: &Block, patterns: &[Pattern]) -> Result<Vec<f64>> {
    let n = block.chosen.len();
    let all = block.covariances(covariance);
    let mut m = vec![0.0f32; n * n];
    for Pattern { rows, scores, weight } in patterns {
        let size = rows.len();
        let mut k = Array2::from_shape_fn((size, size), |(i, j)| all[rows[i] * n + rows[j]]);
        k.diag_mut().mapv_inplace(|variance| variance + covariance.noise);
        let factor = factorise(k)?;
        let mut inverse = Array2::eye(size);
        factor.solve_lower(&mut inverse);
        let mut weights = scores.clone();
        factor.solve_lower(&mut weights);
        factor.solve_upper(&mut weights);
        // ½ (tasks K⁻¹ - α αᵀ)
        let mut product = Array2::zeros((size, size));
        let tasks = scores.ncols() as f32;
        eyas_kernels::matrix_product(0.5 * weight * tasks, inverse.t(), inverse.view(), 0.0, product.view_mut());
        subtract(&mut product, 0.5 * weight, weights.view());
        for (i, &row) in rows.iter().enumerate() {
            for (j, &column) in rows.iter().enumerate() {
                m[row * n + column] += product[[i, j]];
            }
        }
    }
    Ok(covariance.derivatives(&block.columns, &m, &block.names, &block.ancestors))
}

/// `M -= scale W Wᵀ`.
fn subtract(m: &mut Array2<f32>, scale: f32, w: ArrayView2<'_, f32>) {
    eyas_kernels::matrix_product(-scale, w, w.t(), 1.0, m.view_mut());
}
