//! Intervals around forecasts by split-conformal prediction on residuals in units of their expected size (Lei et al.,
//! Distribution-Free Predictive Inference for Regression, 2018, §5.2), apart for each scenario. The expected size is the standard
//! deviation of the process, corrected by a regression on how near the nearest models are. The width of an interval is made
//! here and nowhere else.

use super::features::Features;
use super::models::Likeness;
use super::prior::Prior;
use super::rehearsal::{Scenario, Trial};
use crate::error::Result;
use crate::linalg::{clamp, solve_positive, sort_floats};
use crate::methods::fitted::HALF_WIDTH;
use crate::methods::learners::gaussian_process::{Query, level};
use crate::methods::learners::normal::Normal;
use crate::methods::learners::score_table::Table;

/// Share of the truths within an interval.
const COVERAGE: f32 = 0.9;
/// Trials that the usual half width weighs in that of a scenario.
const USUAL_TRIALS: f32 = 10.0;
/// Trials that all tasks weigh in the size of one task's residuals.
const COMMON_TRIALS: f32 = 15.0;
/// Residuals of the expected size that count beside those of the trials.
const USUAL_RESIDUALS: f32 = 20.0;
/// The least factor of an output.
const LEAST_FACTOR: f32 = 0.05;
/// Residuals beyond this count as this in sizes.
const OUTLIER: f32 = 4.0;
/// By how much later models are further off, where nothing is known of that.
const USUAL_LATER: f32 = 1.2;
/// The scenarios in the order in which their half widths are kept.
const SCENARIOS: [Scenario; 4] = [Scenario::Now, Scenario::Later, Scenario::SomeKnown, HIDDEN];
const HIDDEN: Scenario = Scenario::FactsHidden { is_later: false };

/// Inputs of the expected size: 1, the logarithms of what the nearest and the fifth nearest model leave open, how near the
/// nearest ancestor or relative is, the logarithm of the number of known scores and 1, how good the model is expected to be,
/// and the square of that: models at the level of guessing are easily forecast.
pub(super) type Inputs = [f32; 7];
/// The most that counts of how good a model is expected to be, and training models that tell it.
const MOST_LEVEL: f32 = 2.0;
const NEIGHBOURS: usize = 32;

/// The inputs of a model with these likenesses to the training models, of which some are allowed.
///
/// # Errors
/// Of kind `Computation` if the covariances can't be factorised.
pub(super) fn inputs(
    (prior, table): (&Prior, &Table),
    features: &Features,
    (likeness, allowed): (&Likeness, &dyn Fn(usize) -> bool),
    known: usize,
) -> Result<Inputs> {
    let variance = prior.variance(features);
    let own = variance.sqrt();
    let others = || (0..likeness.covariances.len()).filter(|&at| allowed(at));
    let near = nearest(others().map(|at| likeness.covariances[at] / (own * prior.deviation_of(at))));
    let relative = others().map(|at| likeness.ancestors[at]).fold(0.0, f32::max);
    let open = |correlation: f32| (1.0 - clamp(correlation, 0.0, 1.0).powi(2) + LEAST_OPEN).ln();
    let query = Query { row: &likeness.covariances, variance, allowed, most: NEIGHBOURS, tasks: None };
    let level = clamp(level(prior, &query, table)?.mean, -MOST_LEVEL, MOST_LEVEL);
    Ok([1.0, open(near[0]), open(near[1]), relative, (known as f32).ln_1p(), level, level * level])
}

/// Added to what a model leaves open before its logarithm is taken.
const LEAST_OPEN: f32 = 0.02;

/// The greatest and the fifth greatest of some correlations, 0 if there are fewer.
pub(super) fn nearest(correlations: impl Iterator<Item = f32>) -> [f32; 2] {
    let mut best = [0.0f32; 5];
    for correlation in correlations.filter(|&correlation| correlation > 0.0) {
        if correlation > best[4] {
            let at = best.iter().position(|&other| correlation > other).unwrap_or(4);
            best[at..].rotate_right(1);
            best[at] = correlation;
        }
    }
    [best[0], best[4]]
}

/// Half widths in expected sizes.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Intervals {
    /// Of the logarithm of the expected size beside that of the process's standard deviation.
    pub(super) coefficients: Inputs,
    /// How far what known scores leave open of an output counts in its deviation: a power.
    pub(super) temper: f32,
    /// Of each scenario.
    pub(super) half_widths: [f32; SCENARIOS.len()],
    /// Factors by output. (n_outputs)
    pub(super) factors: Vec<f32>,
}

impl Intervals {
    /// leverage: by how much more residuals count, since what was rehearsed had seen the results. (n_outputs)
    ///
    /// # Errors
    /// Of kind `Computation` if the trials are not finite.
    pub(super) fn calibrate(trials: &[Trial], leverage: &[f32]) -> Result<Self> {
        let temper = temper(trials, leverage);
        let factors = factors(trials, leverage);
        let coefficients = coefficients(trials, &factors, (leverage, temper))?;
        let mut half_widths = [HALF_WIDTH; SCENARIOS.len()];
        for (half_width, scenario) in half_widths.iter_mut().zip(SCENARIOS) {
            let these = || trials.iter().filter(move |trial| trial.scenario == scenario);
            let sized = |trial: &'_ Trial| {
                let size = size(&coefficients, &trial.inputs);
                ratios(trial, leverage, temper).map(|(k, ratio)| ratio.abs() / (factors[k] * size)).collect::<Vec<_>>()
            };
            let mut ratios: Vec<f32> = these().flat_map(sized).collect();
            sort_floats(&mut ratios);
            let usual = HALF_WIDTH * if scenario == Scenario::Later { USUAL_LATER } else { 1.0 };
            // Residuals of one model go together: models are counted.
            let models = these().count() as f32;
            let rank = (COVERAGE * (1.0 + 1.0 / models.max(1.0)) * ratios.len() as f32) as usize;
            let own = ratios.get(rank.min(ratios.len().saturating_sub(1))).copied().unwrap_or(usual);
            *half_width = (own * models + usual * USUAL_TRIALS) / (models + USUAL_TRIALS);
        }
        Ok(Self { coefficients, temper, half_widths, factors })
    }

    /// Half the widths of the intervals of a forecast, standardised. (n_outputs)
    pub(super) fn half_widths(&self, scenario: Scenario, inputs: &Inputs, forecast: &[Normal]) -> Vec<f32> {
        let of = |scenario| self.half_widths[SCENARIOS.iter().position(|other| *other == scenario).unwrap_or(0)];
        let half_width = match scenario {
            // Models of another time are rehearsed with their facts alone.
            Scenario::FactsHidden { is_later: true } => of(HIDDEN) * (of(Scenario::Later) / of(Scenario::Now)).max(1.0),
            _ => of(scenario),
        };
        let size = half_width * size(&self.coefficients, inputs);
        let half_width = |(normal, factor): (&Normal, &f32)| size * factor * deviation(normal, self.temper);
        forecast.iter().zip(&self.factors).map(half_width).collect()
    }
}

/// The expected size of a residual, in standard deviations of the process.
fn size(coefficients: &Inputs, inputs: &Inputs) -> f32 {
    let log: f32 = coefficients.iter().zip(inputs).map(|(a, b)| a * b).sum();
    clamp(log, -MOST_LOG, MOST_LOG).exp()
}

/// Bound of the logarithm of an expected size.
const MOST_LOG: f32 = 1.0;
/// Trials that coefficients of 0 weigh.
const RIDGE: f64 = 15.0;
/// Added to a residual before its logarithm is taken.
const LEAST_RESIDUAL: f32 = 0.1;

/// Regresses the logarithms of residuals, in standard deviations, on the inputs: those of one trial count as one.
fn coefficients(trials: &[Trial], factors: &[f32], (leverage, temper): (&[f32], f32)) -> Result<Inputs> {
    const N: usize = 7;
    let (mut squares, mut products) = ([0.0f64; N * N], [0.0f64; N]);
    let log = |(k, ratio): (usize, f32)| (ratio.abs() / factors[k] + LEAST_RESIDUAL).ln();
    let logs: Vec<Option<f32>> = trials
        .iter()
        .map(|trial| {
            let (sum, count) =
                ratios(trial, leverage, temper).map(log).fold((0.0, 0.0), |(sum, count), log| (sum + log, count + 1.0));
            (count > 0.0).then(|| sum / count)
        })
        .collect();
    let known: Vec<f32> = logs.iter().flatten().copied().collect();
    let mean = known.iter().sum::<f32>() / known.len().max(1) as f32;
    for (trial, log) in trials.iter().zip(&logs) {
        let Some(log) = log else { continue };
        let inputs = &trial.inputs;
        for i in 0..N {
            products[i] += f64::from(inputs[i] * (log - mean));
            (0..N).for_each(|j| squares[i * N + j] += f64::from(inputs[i] * inputs[j]));
        }
    }
    (0..N).for_each(|i| squares[i * N + i] += RIDGE);
    let solved = solve_positive(&mut squares, &products)?;
    Ok(std::array::from_fn(|k| solved[k] as f32))
}

/// The standard deviation of an output before the calibration.
fn deviation(normal: &Normal, temper: f32) -> f32 {
    (normal.variance * normal.open.powf(temper)).sqrt()
}

/// Residuals in standard deviations by output, of those that are known.
fn ratios(trial: &Trial, leverage: &[f32], temper: f32) -> impl Iterator<Item = (usize, f32)> {
    let ratio = move |(k, (truth, normal)): (usize, (&f32, &Normal))| {
        (k, leverage[k] * (truth - normal.mean) / deviation(normal, temper))
    };
    trial.truth.iter().zip(&trial.forecast).enumerate().map(ratio).filter(|(_, ratio)| !ratio.is_nan())
}

/// The power with which intervals that cover as much are the narrowest where some scores are known.
fn temper(trials: &[Trial], leverage: &[f32]) -> f32 {
    let these = || trials.iter().filter(|trial| trial.scenario == Scenario::SomeKnown);
    let width = |temper: f32| {
        let mut absolute: Vec<f32> =
            these().flat_map(|t| ratios(t, leverage, temper)).map(|(_, ratio)| ratio.abs()).collect();
        sort_floats(&mut absolute);
        let covering = absolute.get((COVERAGE * absolute.len() as f32) as usize).copied().unwrap_or(1.0);
        let asked = these().flat_map(|trial| trial.truth.iter().zip(&trial.forecast));
        covering * asked.filter(|(truth, _)| !truth.is_nan()).map(|(_, normal)| deviation(normal, temper)).sum::<f32>()
    };
    let better = |best: (f32, f32), temper: f32| {
        let width = width(temper);
        if width < best.1 { (temper, width) } else { best }
    };
    TEMPERS.into_iter().fold((0.0, f32::INFINITY), better).0
}

/// Powers that are tried.
const TEMPERS: [f32; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

/// How large the residuals of each output are, beside what the process expects. (n_outputs)
fn factors(trials: &[Trial], leverage: &[f32]) -> Vec<f32> {
    let mut sums = vec![(0.0f32, 0.0f32); leverage.len()];
    for trial in trials.iter().filter(|trial| trial.scenario == Scenario::Now) {
        for (k, ratio) in ratios(trial, leverage, 0.0) {
            sums[k].0 += clamp(ratio, -OUTLIER, OUTLIER).powi(2);
            sums[k].1 += 1.0;
        }
    }
    let all = sums.iter().fold((0.0, 0.0), |all, sum| (all.0 + sum.0, all.1 + sum.1));
    let common = (all.0 + USUAL_RESIDUALS) / (all.1 + USUAL_RESIDUALS);
    let factor = |&(sum, count): &(f32, f32)| {
        ((sum + COMMON_TRIALS * common) / (count + COMMON_TRIALS)).sqrt().max(LEAST_FACTOR)
    };
    sums.iter().map(factor).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Trials whose residuals are evenly spread over ± `size` of the process's standard deviations.
    fn trials(scenario: Scenario, count: usize, size: f32) -> Vec<Trial> {
        let trial = |at: usize| Trial {
            row: at,
            scenario,
            forecast: vec![Normal::new(0.0, 1.0)],
            truth: vec![size * (2.0 * (at * 37 % count) as f32 / count as f32 - 1.0)],
            inputs: [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            input: None,
        };
        (0..count).map(trial).collect()
    }

    #[test]
    fn intervals_cover_what_they_should_on_both_sides() -> Result<()> {
        for size in [0.2, 1.0, 5.0] {
            let trials = trials(Scenario::Now, 400, size);
            let intervals = Intervals::calibrate(&trials, &[1.0])?;
            let half = |trial: &Trial| intervals.half_widths(Scenario::Now, &trial.inputs, &trial.forecast)[0];
            let share = |outside: fn(f32, f32) -> bool| {
                trials.iter().filter(|trial| outside(trial.truth[0], half(trial))).count() as f32 / 400.0
            };
            let (above, below) = (share(|truth, half| truth > half), share(|truth, half| truth < -half));
            assert!((0.03..0.07).contains(&above) && (0.03..0.07).contains(&below), "{size}: {above} {below}");
        }
        Ok(())
    }

    #[test]
    fn models_of_a_level_that_is_forecast_more_surely_have_narrower_intervals() -> Result<()> {
        let mut trials = trials(Scenario::Now, 400, 1.0);
        for (at, trial) in trials.iter_mut().enumerate() {
            let level = if at % 2 == 0 { -1.0 } else { 1.0 };
            let missed = trial.truth[0] * if level < 0.0 { 0.2 } else { 1.0 };
            trial.truth[0] = missed;
            (trial.inputs[5], trial.inputs[6]) = (level, level * level);
        }
        let intervals = Intervals::calibrate(&trials, &[1.0])?;
        let half = |at: usize| intervals.half_widths(Scenario::Now, &trials[at].inputs, &trials[at].forecast)[0];
        assert!(half(0) < 0.5 * half(1), "{} {}", half(0), half(1));
        Ok(())
    }

    #[test]
    fn a_scenario_without_trials_keeps_the_usual_width() -> Result<()> {
        let intervals = Intervals::calibrate(&trials(Scenario::Now, 100, 1.0), &[1.0])?;
        assert!((intervals.half_widths[2] - HALF_WIDTH).abs() < 1e-6);
        assert!((intervals.half_widths[1] - HALF_WIDTH * USUAL_LATER).abs() < 1e-6);
        Ok(())
    }

    #[test]
    fn the_nearest_and_the_fifth_nearest_are_found() {
        assert_eq!(nearest([0.1, 0.9, -0.3, 0.5, 0.4, 0.2, 0.3].into_iter()), [0.9, 0.2]);
        assert_eq!(nearest([0.7].into_iter()), [0.7, 0.0]);
    }
}
