//! Intervals around forecasts, by split-conformal prediction on residuals in units of their expected size (Lei et al.,
//! Distribution-Free Predictive Inference for Regression, 2018, §5.2), apart for models of the training models' time, for
//! later ones, and for those of which some scores are known. How far off next month's models are differs from month to
//! month, so that their intervals are the widest of several past times.
//!
//! The file is long because the calibration and its use share the same constants and residuals.

use super::blend::Blend;
use super::boosting::{Boosting, BoostingConfig, Rows};
use super::rehearsal::Said;
use super::together::{Together, evenly};
use crate::error::Result;
use crate::linalg::{clamp, sort_floats};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Share of the truths that lie above, and below, the interval.
const TAIL: f32 = 0.05;
/// Expected sizes of residuals are at least this, in standard deviations of the scores.
const LEAST_SIZE: f32 = 0.02;
/// Residuals of an output below which its tails are those of all outputs.
const OWN_TAILS: usize = 100;
/// Residuals below which they have no two tails: the interval then reaches as far as any of them, above and below.
const FEW: usize = 20;
/// Powers of the expected sizes that are tried.
const TEMPERS: [f32; 6] = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
/// Residuals of all outputs that count beside an output's own.
const OWN_PRIOR: f32 = 60.0;

/// A forecast of a training model from others, and what came of it.
pub(super) struct Outcome {
    /// Which of the training models it is.
    pub(super) row: usize,
    /// The trees' row of it.
    pub(super) numbers: Vec<f32>,
    /// How far it is from the nearest of the others: 1 less the square of their correlation.
    pub(super) distance: f32,
    /// The forecast, standardised. (n_outputs)
    pub(super) forecast: Vec<f32>,
    /// Standardised score less forecast, NaN where it is not known. (n_outputs)
    pub(super) residuals: Vec<f32>,
}

impl Outcome {
    pub(super) fn new(said: Said, blend: &Blend) -> Self {
        let forecast: Vec<f32> = (0..said.truth.len()).map(|k| blend.of(k, &said.voices)).collect();
        let residuals = said.truth.iter().zip(&forecast).map(|(truth, forecast)| truth - forecast).collect();
        Self { row: said.row, numbers: said.numbers, distance: said.distance, forecast, residuals }
    }

    /// The standardised scores, NaN where they are not known. (n_outputs)
    fn scores(&self) -> Vec<f32> {
        self.forecast.iter().zip(&self.residuals).map(|(forecast, residual)| forecast + residual).collect()
    }

    /// The forecast beside what others say of each output, where they say anything. said: (n_outputs)
    pub(super) fn beside(&self, said: &[f32]) -> Said {
        let truth =
            self.scores().into_iter().zip(said).map(|(truth, said)| if said.is_nan() { f32::NAN } else { truth });
        Said {
            row: self.row,
            numbers: Vec::new(),
            distance: self.distance,
            truth: truth.collect(),
            voices: vec![self.forecast.clone(), said.to_vec()],
        }
    }

    /// Moves the forecast towards what others say of it, where they say anything.
    pub(super) fn lean(&mut self, blend: &Blend, said: &[f32]) {
        for (k, &said) in said.iter().enumerate().filter(|(_, said)| !said.is_nan()) {
            let step = blend.shares[k][1] * (said - self.forecast[k]);
            self.forecast[k] += step;
            self.residuals[k] -= step;
        }
    }
}

/// What was missed of one score.
pub(super) struct Missed {
    pub(super) output: usize,
    /// Standardised.
    pub(super) residual: f32,
    /// As it was expected.
    pub(super) size: f32,
}

impl Missed {
    /// In units of the size to a power.
    fn measured(&self, temper: f32) -> f32 {
        self.residual / power(self.size, temper)
    }
}

/// Ends of the intervals by output, in units of the expected size.
pub(super) type Bounds = Vec<(f32, f32)>;

/// What is known of the residuals.
#[derive(Debug, Clone, Default)]
pub(super) struct Intervals {
    pub(super) sizes: Vec<Boosting>, // log of the expected size of the residuals, from halves of the models
    pub(super) now: Bounds,
    pub(super) ahead: Bounds,
    /// What came later was better than its like before, and by the more the less was known of it: the median of the residuals,
    /// in units of the expected size, as far as several times agree. (n_outputs)
    pub(super) drift: Vec<f32>,
    pub(super) given: Bounds, // with some scores known, in units of the size as they narrow it, to this power
    pub(super) temper: f32,
    pub(super) residuals: Together,
    pub(super) scores: Together,
    pub(super) usual_distance: f32,
}

impl Intervals {
    /// From forecasts of training models that stand on all others, and of those that came after some times.
    ///
    /// # Errors
    /// Of kind `Computation` if the residuals are not finite.
    pub(super) fn calibrate(others: &[Outcome], later: &[Vec<Outcome>], to_follow: bool, seed: u64) -> Result<Self> {
        let all: Vec<&Outcome> = others.iter().chain(later.iter().flatten()).collect();
        // One forecast has no second half.
        let first = |half: usize| half.min(all.len().saturating_sub(1));
        let halves = [0, 1].map(|half| learn_sizes(all.iter().skip(first(half)).step_by(2), seed));
        let n_outputs = others.first().map_or(0, |outcome| outcome.residuals.len());
        let tame = tame(others);
        let residuals = Together::learn(&tame, n_outputs)?;
        let scores = Together::learn(&others.iter().map(Outcome::scores).collect::<Vec<_>>(), n_outputs)?;
        let usual_distance = others.iter().map(|outcome| outcome.distance).sum::<f32>() / others.len().max(1) as f32;
        // Each half's residuals are measured by the sizes that the other half gives.
        let sizes = |(at, outcome): (usize, &&Outcome)| {
            let far = residuals.plus((outcome.distance - usual_distance).max(0.0), &scores);
            let logs = halves[(at + 1) % 2].predict(&outcome.numbers, &[]);
            logs.into_iter().enumerate().map(|(k, log)| size_of(log) * wider(&far, &residuals, k)).collect()
        };
        let sizes: Vec<Vec<f32>> = all.iter().enumerate().map(sizes).collect();
        let measured: Vec<Vec<f32>> = all.iter().zip(&sizes).map(|(o, sizes)| divide(&o.residuals, sizes)).collect();
        let (now, mut rest) = measured.split_at(others.len());
        let mut times: Vec<Vec<Vec<f32>>> = Vec::new();
        for time in later {
            let (these, others) = rest.split_at(time.len());
            times.push(these.to_vec());
            rest = others;
        }
        let drift = drift(&times, n_outputs);
        let now = bounds(now, n_outputs);
        let mut ahead = now.clone();
        for mut time in times {
            time.iter_mut().for_each(|row| row.iter_mut().zip(&drift).for_each(|(missed, drift)| *missed -= drift));
            ahead.iter_mut().zip(bounds(&time, n_outputs)).for_each(|(widest, (low, high))| {
                *widest = (widest.0.min(low), widest.1.max(high));
            });
        }
        let some_known = match to_follow {
            true => Vec::new(),
            false => with_some_known(others, &sizes, &tame, (&scores, usual_distance), seed)?,
        };
        let given = if some_known.is_empty() { now.clone() } else { bounds(&some_known, n_outputs) };
        Ok(Self { sizes: halves.into(), now, ahead, drift, given, temper: 1.0, residuals, scores, usual_distance })
    }

    /// How the residuals of a model at this distance from the nearest other go together.
    pub(super) fn far(&self, distance: f32) -> Together {
        self.residuals.plus((distance - self.usual_distance).max(0.0), &self.scores)
    }

    /// Takes the tails of these residuals instead, of models without known scores and of models with some.
    pub(super) fn recalibrate(&mut self, unknown: &[Missed], known: &[Missed]) {
        if unknown.len() >= OWN_TAILS {
            self.now = vec![tails(unknown.iter().map(|missed| missed.measured(1.0)).collect()); self.now.len()];
        }
        if known.len() >= OWN_TAILS {
            let (temper, given) = tempered(known, self.given.len());
            self.temper = temper;
            self.given = given;
        }
    }

    /// Shifts of the forecasts by known residuals, and the expected sizes of what they then miss; all standardised.
    /// Nothing without a calibration. (n_outputs)
    ///
    /// # Errors
    /// As [`Self::around`].
    pub(super) fn given(&self, numbers: &[f32], distance: f32, known: &[(usize, f32)]) -> Result<(Vec<f32>, Vec<f32>)> {
        let logs: Vec<Vec<f32>> = self.sizes.iter().map(|sizes| sizes.predict(numbers, &[])).collect();
        let far = self.far(distance);
        let (shift, narrowing) = far.given(&known.to_vec())?;
        let size = |k: usize| {
            let log = logs.iter().map(|logs| logs[k]).sum::<f32>() / logs.len() as f32;
            let size = wider(&far, &self.residuals, k) * size_of(log) * narrowing[k];
            if known.is_empty() { size } else { power(size, self.temper) }
        };
        let sizes = (0..shift.len()).map(size).collect();
        Ok((shift, sizes))
    }

    /// By how much a model that comes later is better than its forecast, standardised. (n_outputs)
    fn drift(&self, numbers: &[f32], distance: f32) -> Result<Vec<f32>> {
        let (_, sizes) = self.given(numbers, distance, &[])?;
        Ok(self.drift.iter().zip(sizes).map(|(drift, size)| drift * size).collect())
    }

    /// Shifts of the forecasts by known residuals, and the ends of the intervals around the shifted forecasts; all
    /// standardised. No ends without a calibration. (n_outputs)
    ///
    /// The residuals of a model that is further from all others than the training models are from each other are those of
    /// the training models and a share of what scores are about their means.
    ///
    /// # Errors
    /// Never for residuals of the outputs; of kind `Computation` if the covariance is none.
    pub(super) fn around(
        &self,
        numbers: &[f32],
        distance: f32,
        known: &[(usize, f32)],
        ahead: bool,
    ) -> Result<(Vec<f32>, Bounds)> {
        if self.now.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let drift = if ahead { self.drift(numbers, distance)? } else { vec![0.0; self.now.len()] };
        let known: Vec<(usize, f32)> = known.iter().map(|&(k, residual)| (k, residual - drift[k])).collect();
        let (mut shift, sizes) = self.given(numbers, distance, &known)?;
        shift.iter_mut().zip(drift).for_each(|(shift, drift)| *shift += drift);
        let later = |k: usize, here: (f32, f32)| {
            let width = |(low, high): (f32, f32)| high - low;
            if ahead { (width(self.ahead[k]) / width(here).max(f32::MIN_POSITIVE)).max(1.0) } else { 1.0 }
        };
        let end = |k: usize| {
            let (low, high) = match (known.is_empty(), ahead) {
                (true, false) => self.now[k],
                (true, true) => self.ahead[k],
                (false, _) => {
                    let wider = later(k, self.now[k]);
                    (self.given[k].0 * wider, self.given[k].1 * wider)
                }
            };
            (low * sizes[k], high * sizes[k])
        };
        let ends = (0..self.now.len()).map(end).collect();
        Ok((shift, ends))
    }
}

/// Medians of measured residuals by output, a mean over times as far as they agree (James and Stein 1961, positive part): the
/// less of it, the greater its standard error. times: (n_models, n_outputs) each
fn drift(times: &[Vec<Vec<f32>>], n_outputs: usize) -> Vec<f32> {
    let median = |time: &Vec<Vec<f32>>, k: usize| {
        let mut values: Vec<f32> = time.iter().map(|row| row[k]).filter(|value| !value.is_nan()).collect();
        sort_floats(&mut values);
        values.get(values.len() / 2).copied()
    };
    let steady = |k: usize| {
        let medians: Vec<f32> = times.iter().filter_map(|time| median(time, k)).collect();
        let count = medians.len() as f32;
        if count < 2.0 {
            return 0.0;
        }
        let mean = medians.iter().sum::<f32>() / count;
        let error = medians.iter().map(|median| (median - mean).powi(2)).sum::<f32>() / ((count - 1.0) * count);
        mean * (1.0 - error / (mean * mean).max(f32::MIN_POSITIVE)).max(0.0)
    };
    (0..n_outputs).map(steady).collect()
}

/// By how much the standard deviation of an output is greater in one covariance than in another.
fn wider(one: &Together, other: &Together, k: usize) -> f32 {
    (one.covariance[[k, k]] / other.covariance[[k, k]]).sqrt()
}

fn divide(residuals: &[f32], sizes: &[f32]) -> Vec<f32> {
    residuals.iter().zip(sizes).map(|(residual, size)| residual / size).collect()
}

/// Residuals without what failed evaluations would add to how outputs go together.
fn tame(outcomes: &[Outcome]) -> Vec<Vec<f32>> {
    let n_outputs = outcomes.first().map_or(0, |outcome| outcome.residuals.len());
    let most = |k: usize| {
        let mut sizes: Vec<f32> =
            outcomes.iter().map(|outcome| outcome.residuals[k].abs()).filter(|size| !size.is_nan()).collect();
        sort_floats(&mut sizes);
        (OUTLIER * sizes.get(sizes.len() / 2).copied().unwrap_or(0.0)).max(1.0)
    };
    let most: Vec<f32> = (0..n_outputs).map(most).collect();
    let tamed =
        |outcome: &Outcome| outcome.residuals.iter().zip(&most).map(|(r, most)| clamp(*r, -most, *most)).collect();
    outcomes.iter().map(tamed).collect()
}

/// Residuals beyond so many times the median one, and beyond a standard deviation of the scores, are failures.
const OUTLIER: f32 = 4.5;

/// Residuals of one score of each model given others of its scores, in units of the expected size; NaN elsewhere. Every
/// second model has all others known, the rest a random number of them. How residuals go together is learned from the
/// other models', `tame`; that of the scores and the usual distance are given.
fn with_some_known(
    outcomes: &[Outcome],
    sizes: &[Vec<f32>],
    tame: &[Vec<f32>],
    (scores, usual_distance): (&Together, f32),
    seed: u64,
) -> Result<Vec<Vec<f32>>> {
    let n_outputs = scores.covariance.nrows();
    let others = |fold: usize| tame.iter().enumerate().filter(move |(at, _)| at % FOLDS != fold);
    let together =
        |fold: usize| Together::learn(&others(fold).map(|(_, row)| row.clone()).collect::<Vec<_>>(), n_outputs);
    let together = (0..FOLDS).map(together).collect::<Result<Vec<_>>>()?;
    let mut rng = Pcg64Mcg::seed_from_u64(seed ^ 0x6769_7665);
    let mut rows = Vec::new();
    let models = outcomes.iter().zip(sizes).enumerate().collect();
    for (at, (outcome, sizes)) in evenly(models, MOST_MODELS) {
        let mut known: Vec<(usize, f32)> =
            outcome.residuals.iter().copied().enumerate().filter(|(_, residual)| !residual.is_nan()).collect();
        known.shuffle(&mut rng);
        let far = together[at % FOLDS].plus((outcome.distance - usual_distance).max(0.0), scores);
        let most = if known.len() * outcome.residuals.len() > CHEAP { 1 } else { known.len() };
        for hidden in 0..most {
            let mut row = vec![f32::NAN; outcome.residuals.len()];
            let mut others = known.clone();
            let (k, residual) = others.swap_remove(hidden);
            if at / FOLDS % 2 == 1 {
                others.truncate(rng.random_range(0..=others.len()));
            }
            if others.is_empty() {
                continue;
            }
            let (shift, narrowing) = far.given(&others)?;
            row[k] = (residual - shift[k]) / (sizes[k] * narrowing[k].max(f32::MIN_POSITIVE));
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Folds of models that did not tell how outputs go together.
const FOLDS: usize = 5;
/// Models of which this is tried at most.
const MOST_MODELS: usize = 800;
/// Known scores times outputs up to which each score of a model is tried in turn.
const CHEAP: usize = 10_000;

/// As [`f32::powf`], from what a wasm module has anyway.
fn power(value: f32, power: f32) -> f32 {
    (power * value.ln()).exp()
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
    fill_with_means(&mut outputs, rows.marks.len());
    let config =
        BoostingConfig { trees: 80, rate: 0.1, leaves: 8, leaf_rows: 40, huber: 2.0, ..BoostingConfig::default() };
    Boosting::fit(&rows, &outputs, &config, seed)
}

/// Puts the mean of its column, or without one that of all, where there is nothing. values: (n_rows, n), row-major
fn fill_with_means(values: &mut [f32], n_rows: usize) {
    let mean = |values: &mut dyn Iterator<Item = f32>| {
        let (sum, count) = values.filter(|value| !value.is_nan()).fold((0.0, 0), |(s, c), value| (s + value, c + 1));
        if count > 0 { Some(sum / count as f32) } else { None }
    };
    let n = values.len() / n_rows.max(1);
    let of_all = mean(&mut values.iter().copied()).unwrap_or(0.0);
    for k in 0..n {
        let of_column = mean(&mut values.iter().skip(k).step_by(n).copied()).unwrap_or(of_all);
        values.iter_mut().skip(k).step_by(n).filter(|value| value.is_nan()).for_each(|value| *value = of_column);
    }
}

/// The tails of measured residuals, by output; those of all where an output has too few.
fn bounds(measured: &[Vec<f32>], n_outputs: usize) -> Bounds {
    let of_all = std::cell::OnceCell::new();
    let own = |k: usize| {
        let values: Vec<f32> = measured.iter().map(|row| row[k]).filter(|value| !value.is_nan()).collect();
        if values.len() >= OWN_TAILS {
            return tails(values);
        }
        *of_all.get_or_init(|| tails(measured.iter().flatten().copied().filter(|value| !value.is_nan()).collect()))
    };
    (0..n_outputs).map(own).collect()
}

fn tails(mut values: Vec<f32>) -> (f32, f32) {
    sort_floats(&mut values);
    let Some(last) = values.len().checked_sub(1) else { return (f32::NEG_INFINITY, f32::INFINITY) };
    if values.len() < FEW {
        let most = values[last].max(-values[0]);
        return (-most, most);
    }
    // One more than there are, as the new one is as likely in each place.
    let beyond = (((values.len() + 1) as f32 * TAIL).floor() as usize).saturating_sub(1).min(last);
    (values[beyond], values[last - beyond])
}

/// The power of the sizes with which intervals are best, and their ends: as far above as below, and for each output wider or
/// narrower by its own residuals, as far as there are many of them. (n_outputs)
fn tempered(missed: &[Missed], n_outputs: usize) -> (f32, Bounds) {
    let attempt = |temper: f32| {
        let measured: Vec<f32> = missed.iter().map(|missed| missed.measured(temper).abs()).collect();
        let mean = measured.iter().sum::<f32>() / measured.len() as f32;
        let mut own = vec![(OWN_PRIOR * mean, OWN_PRIOR); n_outputs];
        for (missed, measured) in missed.iter().zip(&measured) {
            own[missed.output] = (own[missed.output].0 + measured, own[missed.output].1 + 1.0);
        }
        let wider = |(sum, count): (f32, f32)| sum / count / mean;
        // Each is compared with what the others of its output are.
        let others = |(missed, m): (&Missed, &f32)| (own[missed.output].0 - m, own[missed.output].1 - 1.0);
        let wider_by_others: Vec<f32> = missed.iter().zip(&measured).map(|pair| wider(others(pair))).collect();
        let relative: Vec<f32> = measured.iter().zip(&wider_by_others).map(|(m, wider)| m / wider).collect();
        let end = tails(relative.iter().flat_map(|&m| [-m, m]).collect()).1;
        // The interval score (Gneiting and Raftery, Strictly Proper Scoring Rules, 2007, eq. 43), by half.
        let penalty = |m: f32| end + (m - end).max(0.0) / (2.0 * TAIL);
        let sizes = missed.iter().zip(&wider_by_others).map(|(missed, wider)| wider * power(missed.size, temper));
        let score: f32 = relative.iter().zip(sizes).map(|(&m, size)| penalty(m) * size).sum();
        let ends = own.iter().map(|&own| (-end * wider(own), end * wider(own)));
        (score, temper, ends.collect::<Bounds>())
    };
    let best = TEMPERS.map(attempt).into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or((1.0, Vec::new()), |(_, temper, bounds)| (temper, bounds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_times_agree_on_is_drift_and_what_they_do_not_is_none() {
        let time = |medians: [f32; 2]| (0..9).map(|at| medians.map(|m| m + (at - 4) as f32)).map(Vec::from).collect();
        let steady = drift(&[time([0.3, 0.3]), time([0.3, -0.4]), time([0.3, 0.2])], 2);
        assert!((steady[0] - 0.3).abs() < 1e-6 && steady[1] == 0.0, "{steady:?}");
        assert_eq!(drift(&[time([0.3, 0.3])], 2), [0.0; 2], "one time says nothing of the next");
        assert_eq!(drift(&[], 2), [0.0; 2]);
    }

    #[test]
    fn intervals_follow_the_sizes_as_far_as_residuals_do_and_an_output_that_is_missed_by_more() {
        let missed = |at: usize| {
            let (output, size) = (at % 2, 0.2 + (at / 2 % 10) as f32);
            let chance = (at / 20) as f32 / 50.0 - 0.5;
            Missed { output, residual: (1 + 2 * output) as f32 * chance * size.sqrt(), size }
        };
        let missed: Vec<Missed> = (0..1000).map(missed).collect();
        let (temper, bounds) = tempered(&missed, 2);
        assert_eq!(temper, 0.5);
        let inside = missed.iter().filter(|missed| missed.measured(temper).abs() <= bounds[missed.output].1).count();
        assert!((880..960).contains(&inside), "{inside}");
        // Thrice as wide, less what all outputs together say.
        let ratio = bounds[1].1 / bounds[0].1;
        assert!((2.4..3.0).contains(&ratio), "{ratio}");
        assert!(bounds.iter().all(|&(low, high)| low == -high));
    }
}
