//! Fits the covariances to the training scores: the parameters that are most probable a posteriori, their logarithms being
//! normal about those of the profile (Rasmussen and Williams, Gaussian Processes for Machine Learning, eq. 5.9). The
//! likelihood is that of blocks of models, half of each near one model and half from all over, so that its price does not
//! grow with the number of models.

use super::covariance::{Covariance, Likeness, N_WEIGHTS, PARAMETERS, Pair};
use super::process::{OUTLIER, Process};
use crate::error::Result;
use crate::linalg::{clamp, factorise, order, pick};
use eyas_kernels::likeness::NUMBERS;
use ndarray::Array2;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Models of a block.
const BLOCK: usize = 160;
/// Blocks.
const BLOCKS: usize = 6;
/// Steps of Adam, and how far one goes.
const STEPS: usize = 40;
const STEP: f64 = 0.08;
/// Standard deviation of a parameter's logarithm about its profile's.
const PRIOR: f64 = 1.0;

/// Weights of the terms, the length of sizes and the noise are fitted. The lengths of the numbers stay: what is near in
/// size or time on one board says little about how far next month is away (fitting them made forecasts of later models
/// of the 2024 leaderboard worse).
fn is_fitted(parameter: usize) -> bool {
    !(N_WEIGHTS..N_WEIGHTS + NUMBERS).contains(&parameter)
}

/// The profiles, each fitted to the outputs that it describes better than the others do. scores: (n_models, n_outputs)
///
/// # Errors
/// Of kind `Computation` if the covariances of the models can't be factorised.
pub(super) fn adapt(
    profiles: &[Covariance],
    likeness: &Likeness,
    scores: &Array2<f32>,
    seed: u64,
) -> Result<Vec<Covariance>> {
    let blocks = blocks(&profiles[0], likeness, scores, seed);
    let mut errors = vec![vec![0.0; scores.ncols()]; profiles.len()];
    let mut tame = vec![Vec::new(); profiles.len()]; // profile -> block -> (n_models, n_outputs)
    for block in &blocks {
        for (at, profile) in profiles.iter().enumerate() {
            let (process, rehearsals) = Process::fit(*profile, &block.likeness, &block.scores, &[])?;
            let mut scores = block.scores.clone();
            for (k, error) in errors[at].iter_mut().enumerate() {
                for (i, precision) in process.precision.iter().enumerate() {
                    let mean = rehearsals.horizons[0].mean[[i, k]];
                    let missed = scores[[i, k]] - mean;
                    let most = OUTLIER / precision.sqrt();
                    *error += missed.abs();
                    scores[[i, k]] = mean + clamp(missed, -most, most);
                }
            }
            tame[at].push(scores);
        }
    }
    let best = |k: usize| (0..profiles.len()).min_by(|&a, &b| errors[a][k].total_cmp(&errors[b][k])).unwrap_or(0);
    let fitted = |(at, profile): (usize, &Covariance)| {
        let outputs: Vec<usize> = (0..scores.ncols()).filter(|&k| best(k) == at).collect();
        let tame: Vec<Array2<f32>> =
            tame[at].iter().map(|scores| pick(scores, &every(scores.nrows()), &outputs)).collect();
        if outputs.is_empty() { Ok(*profile) } else { climb(profile, &blocks, &tame) }
    };
    profiles.iter().enumerate().map(fitted).collect()
}

fn every(count: usize) -> Vec<usize> {
    (0..count).collect()
}

/// Some models and what is known of each two of them.
struct Block {
    likeness: Likeness,
    scores: Array2<f32>,
    pairs: Vec<Vec<Pair>>, // the lower triangle
}

impl Block {
    fn new(models: &[usize], likeness: &Likeness, scores: &Array2<f32>) -> Self {
        let portraits = models.iter().map(|&model| likeness.portraits()[model].clone()).collect();
        let likeness = Likeness::new(portraits);
        let pairs = |(row, portrait)| {
            let mut pairs = likeness.pairs(portrait);
            pairs.truncate(row + 1);
            pairs
        };
        let pairs = likeness.portraits().iter().enumerate().map(pairs).collect();
        Self { scores: pick(scores, models, &every(scores.ncols())), pairs, likeness }
    }

    /// Adds the derivatives of the log likelihood of scores, (n_models, n_outputs), a mean over the outputs.
    fn add_derivatives(
        &self,
        covariance: &Covariance,
        scores: &Array2<f32>,
        sums: &mut [f64; PARAMETERS],
    ) -> Result<()> {
        let (n, n_outputs) = scores.dim();
        let mut k = Array2::zeros((n, n));
        for (row, pairs) in self.pairs.iter().enumerate() {
            pairs.iter().enumerate().for_each(|(column, pair)| k[[row, column]] = covariance.of(pair));
            k[[row, row]] += covariance.noise;
        }
        let factor = factorise(k)?;
        let solve = |mut values: Array2<f32>| {
            factor.solve_lower(&mut values);
            factor.solve_upper(&mut values);
            values
        };
        let weights = solve(scores.clone());
        // ½ (α αᵀ - K⁻¹), of which each pair's derivative takes its entry.
        let mut slope = solve(Array2::eye(n)) * -0.5;
        for ((row, column), slope) in slope.indexed_iter_mut() {
            *slope += 0.5 / n_outputs as f32 * weights.row(row).dot(&weights.row(column));
        }
        for (row, pairs) in self.pairs.iter().enumerate() {
            for (column, pair) in pairs.iter().enumerate() {
                let twice = if row == column { 1.0 } else { 2.0 };
                covariance.add_derivatives(pair, twice * slope[[row, column]], sums);
            }
            sums[PARAMETERS - 1] += f64::from(slope[[row, row]] * covariance.noise);
        }
        Ok(())
    }
}

/// Blocks of near models; one of all if they are few.
fn blocks(profile: &Covariance, likeness: &Likeness, scores: &Array2<f32>, seed: u64) -> Vec<Block> {
    let n = likeness.portraits().len();
    if n <= 2 * BLOCK {
        return vec![Block::new(&(0..n).collect::<Vec<_>>(), likeness, scores)];
    }
    let mut rng = Pcg64Mcg::seed_from_u64(seed ^ 0x626c_6f63);
    let mut block = || {
        let row = likeness.row(profile, &likeness.portraits()[rng.random_range(0..n)]);
        let mut models = order(n, &mut |a, b| row[b].total_cmp(&row[a]));
        let (near, far) = models.split_at_mut(BLOCK / 2);
        far.shuffle(&mut rng);
        let models = [&*near, &far[..BLOCK / 2]].concat();
        let ascending = order(BLOCK, &mut |a, b| models[a].cmp(&models[b]));
        Block::new(&ascending.iter().map(|&at| models[at]).collect::<Vec<_>>(), likeness, scores)
    };
    (0..BLOCKS).map(|_| block()).collect()
}

/// Steps of Adam up the posterior density.
fn climb(profile: &Covariance, blocks: &[Block], scores: &[Array2<f32>]) -> Result<Covariance> {
    let prior = profile.logs();
    let mut logs = prior;
    let (mut mean, mut square) = ([0.0; PARAMETERS], [0.0; PARAMETERS]);
    for step in 1..=STEPS {
        let mut slope: [f64; PARAMETERS] = std::array::from_fn(|k| f64::from(prior[k] - logs[k]) / (PRIOR * PRIOR));
        let covariance = Covariance::from_logs(&logs);
        for (block, scores) in blocks.iter().zip(scores) {
            block.add_derivatives(&covariance, scores, &mut slope)?;
        }
        let rate = STEP * (1.0 - step as f64 / STEPS as f64).max(0.1);
        for (k, slope) in slope.into_iter().enumerate().filter(|&(k, _)| is_fitted(k)) {
            mean[k] = 0.9 * mean[k] + 0.1 * slope;
            square[k] = 0.99 * square[k] + 0.01 * slope * slope;
            let (mean, square) =
                (mean[k] / (1.0 - 0.9f64.powi(step as i32)), square[k] / (1.0 - 0.99f64.powi(step as i32)));
            logs[k] += (rate * mean / (square.sqrt() + 1e-8)) as f32;
        }
    }
    Ok(Covariance::from_logs(&logs))
}
