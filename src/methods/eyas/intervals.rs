//! Intervals around forecasts, by split-conformal prediction on residuals in units of their expected size (Lei et al.,
//! Distribution-Free Predictive Inference for Regression, 2018, §5.2), apart for models of the training models' time and
//! for later ones. How far off next month's models are differs from month to month, so that their intervals are the widest
//! of several past times; and what known scores of a model say about its others.

use super::boosting::{Boosting, BoostingConfig, Rows};
use super::rehearsal::Outcome;
use crate::error::Result;
use crate::linalg::solve_positive;

/// Share of the truths that lie above, and below, the interval.
const TAIL: f32 = 0.05;
/// Expected sizes of residuals are at least this, in standard deviations of the scores.
const LEAST_SIZE: f32 = 0.02;

/// What is known of the residuals.
#[derive(Debug, Clone, Default)]
pub(super) struct Intervals {
    pub(super) sizes: Vec<Boosting>, // log of the expected size of the residuals, from halves of the models
    pub(super) bounds: [Vec<(f32, f32)>; 2], // by time and output, in units of that size
    pub(super) covariance: Vec<f64>, // of the residuals, (n_outputs, n_outputs)
}

impl Intervals {
    /// From forecasts of training models that stand on all others, and of those that came after some times.
    pub(super) fn calibrate(others: &[Outcome], later: &[Vec<Outcome>], seed: u64) -> Self {
        let all: Vec<&Outcome> = others.iter().chain(later.iter().flatten()).collect();
        let halves = [0, 1].map(|half| learn_sizes(all.iter().skip(half).step_by(2), seed));
        // Each half's residuals are measured by the sizes that the other half gives.
        let measured: Vec<Vec<f32>> = all
            .iter()
            .enumerate()
            .map(|(at, outcome)| {
                let sizes = halves[(at + 1) % 2].predict(&outcome.numbers, &[]);
                outcome.residuals.iter().zip(&sizes).map(|(residual, size)| residual / size_of(*size)).collect()
            })
            .collect();
        let (now, mut rest) = measured.split_at(others.len());
        let now = bounds(now);
        let mut ahead = now.clone();
        for time in later {
            let (these, others) = rest.split_at(time.len());
            rest = others;
            ahead.iter_mut().zip(bounds(these)).for_each(|(widest, (low, high))| {
                *widest = (widest.0.min(low), widest.1.max(high));
            });
        }
        Self { sizes: halves.into(), bounds: [now, ahead], covariance: covariance(others) }
    }

    /// Ends of the intervals relative to the forecasts, standardised. Empty without a calibration. (n_outputs)
    pub(super) fn around(&self, numbers: &[f32], ahead: bool) -> Vec<(f32, f32)> {
        let logs: Vec<Vec<f32>> = self.sizes.iter().map(|sizes| sizes.predict(numbers, &[])).collect();
        let bounds = &self.bounds[usize::from(ahead)];
        let end = |(k, &(low, high)): (usize, &(f32, f32))| {
            let size = size_of(logs.iter().map(|logs| logs[k]).sum::<f32>() / logs.len() as f32);
            (low * size, high * size)
        };
        bounds.iter().enumerate().map(end).collect()
    }

    /// By how much known residuals shift the others, and by what factor they narrow their intervals: the conditional of
    /// a normal distribution. Both are empty where nothing is known. (n_outputs)
    ///
    /// # Errors
    /// Never for residuals of the outputs; of kind `Computation` if the covariance is no covariance.
    pub(super) fn given(&self, known: &[(usize, f32)]) -> Result<(Vec<f32>, Vec<f32>)> {
        let n = self.bounds[0].len();
        if known.is_empty() || n == 0 {
            return Ok((Vec::new(), Vec::new()));
        }
        let c = |a: usize, b: usize| self.covariance[a * n + b];
        let m = known.len();
        let system = || (0..m * m).map(|at| c(known[at / m].0, known[at % m].0)).collect::<Vec<f64>>();
        let residuals: Vec<f64> = known.iter().map(|&(_, residual)| f64::from(residual)).collect();
        let weights = solve_positive(&mut system(), &residuals)?;
        let (mut shift, mut narrowing) = (Vec::new(), Vec::new());
        for k in 0..n {
            let with: Vec<f64> = known.iter().map(|&(other, _)| c(k, other)).collect();
            let explained = solve_positive(&mut system(), &with)?;
            let share: f64 = with.iter().zip(&explained).map(|(a, b)| a * b).sum::<f64>() / c(k, k);
            shift.push(with.iter().zip(&weights).map(|(a, b)| a * b).sum::<f64>() as f32);
            narrowing.push((1.0 - share).max(0.0).sqrt() as f32);
        }
        Ok((shift, narrowing))
    }
}

/// The size of residuals from its logarithm.
fn size_of(log: f32) -> f32 {
    log.exp().max(LEAST_SIZE)
}

fn learn_sizes<'a>(outcomes: impl Iterator<Item = &'a &'a Outcome>, seed: u64) -> Boosting {
    let (mut rows, mut outputs) = (Rows::default(), Vec::new());
    for outcome in outcomes {
        rows.numbers.extend(&outcome.numbers);
        rows.marks.push(Vec::new());
        outputs.extend(outcome.residuals.iter().map(|residual| (residual.abs() + LEAST_SIZE).ln()));
    }
    let config =
        BoostingConfig { trees: 80, rate: 0.1, leaves: 8, leaf_rows: 40, huber: 2.0, ..BoostingConfig::default() };
    Boosting::fit(&rows, &outputs, &config, seed)
}

/// The tails of measured residuals, by output.
fn bounds(measured: &[Vec<f32>]) -> Vec<(f32, f32)> {
    let n_outputs = measured.first().map_or(0, Vec::len);
    let tails = |k: usize| {
        let mut values: Vec<f32> = measured.iter().map(|row| row[k]).collect();
        values.sort_by(f32::total_cmp);
        let last = values.len() - 1;
        // One more than there are, as the new one is as likely in each place.
        let below = ((values.len() + 1) as f32 * TAIL).floor() as usize;
        (values[below.saturating_sub(1).min(last)], values[last - below.saturating_sub(1).min(last)])
    };
    (0..n_outputs).map(tails).collect()
}

/// Covariance of the residuals, with a little more on the diagonal. (n_outputs, n_outputs)
fn covariance(outcomes: &[Outcome]) -> Vec<f64> {
    let n = outcomes.first().map_or(0, |outcome| outcome.residuals.len());
    let mut sums = vec![0.0; n * n];
    // A failed evaluation should not decide how benchmarks go together.
    let tame = |residual: f32| f64::from(residual.clamp(-1.0, 1.0));
    for outcome in outcomes {
        for (at, sum) in sums.iter_mut().enumerate() {
            *sum += tame(outcome.residuals[at / n]) * tame(outcome.residuals[at % n]) / outcomes.len() as f64;
        }
    }
    (0..n).for_each(|k| sums[k * n + k] = 1.05 * sums[k * n + k] + 1e-4);
    sums
}
