//! Intervals around forecasts by split-conformal prediction on residuals in units of their expected size (Lei et al.,
//! Distribution-Free Predictive Inference for Regression, 2018, §5.2), apart for each scenario. The width of an interval is
//! made here and nowhere else.

use super::process::Normal;
use super::rehearsal::{Scenario, Trial};
use crate::linalg::{clamp, sort_floats};

/// Share of the truths within an interval.
const COVERAGE: f32 = 0.9;
/// Half the width of such an interval of a normal distribution, in standard deviations.
pub(super) const HALF_WIDTH: f32 = 1.645;
/// Trials that the usual half width weighs in that of a scenario.
const USUAL_TRIALS: f32 = 10.0;
/// Trials that all tasks weigh in the size of one task's residuals.
const COMMON_TRIALS: f32 = 15.0;
/// Residuals beyond this count as this in sizes.
const OUTLIER: f32 = 4.0;
/// By how much later models are further off, where nothing is known of that.
const USUAL_LATER: f32 = 1.2;
/// The scenarios in the order in which their half widths are kept.
const SCENARIOS: [Scenario; 4] = [Scenario::Now, Scenario::Later, Scenario::SomeKnown, Scenario::FactsHidden];

/// Half widths in standard deviations of the process.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Intervals {
    /// Of each scenario.
    pub(super) half_widths: [f32; SCENARIOS.len()],
    /// Factors by output. (n_outputs)
    pub(super) factors: Vec<f32>,
}

impl Intervals {
    pub(super) fn calibrate(trials: &[Trial], n_outputs: usize) -> Self {
        let factors = factors(trials, n_outputs);
        let mut half_widths = [HALF_WIDTH; SCENARIOS.len()];
        for (half_width, scenario) in half_widths.iter_mut().zip(SCENARIOS) {
            let these = || trials.iter().filter(move |trial| trial.scenario == scenario);
            let ratios = these().flat_map(|trial| ratios(trial)).map(|(k, ratio)| ratio.abs() / factors[k]);
            let mut ratios: Vec<f32> = ratios.collect();
            sort_floats(&mut ratios);
            let usual = HALF_WIDTH * if scenario == Scenario::Later { USUAL_LATER } else { 1.0 };
            // Residuals of one model go together: models are counted.
            let models = these().count() as f32;
            let rank = (COVERAGE * (1.0 + 1.0 / models.max(1.0)) * ratios.len() as f32) as usize;
            let own = ratios.get(rank.min(ratios.len().saturating_sub(1))).copied().unwrap_or(usual);
            *half_width = (own * models + usual * USUAL_TRIALS) / (models + USUAL_TRIALS);
        }
        Self { half_widths, factors }
    }

    /// Half the width of an output's interval, standardised.
    pub(super) fn half_width(&self, scenario: Scenario, output: usize, normal: Normal) -> f32 {
        let at = SCENARIOS.iter().position(|other| *other == scenario).unwrap_or(0);
        self.half_widths[at] * self.factors[output] * normal.variance.sqrt()
    }
}

/// Residuals in standard deviations by output, of those that are known.
fn ratios(trial: &Trial) -> impl Iterator<Item = (usize, f32)> {
    let ratio = |(k, (truth, normal)): (usize, (&f32, &Normal))| (k, (truth - normal.mean) / normal.variance.sqrt());
    trial.truth.iter().zip(&trial.forecast).enumerate().map(ratio).filter(|(_, ratio)| !ratio.is_nan())
}

/// How large the residuals of each output are, beside what the process expects. (n_outputs)
fn factors(trials: &[Trial], n_outputs: usize) -> Vec<f32> {
    let mut sums = vec![(0.0f32, 0.0f32); n_outputs];
    for trial in trials.iter().filter(|trial| trial.scenario == Scenario::Now) {
        for (k, ratio) in ratios(trial) {
            sums[k].0 += clamp(ratio, -OUTLIER, OUTLIER).powi(2);
            sums[k].1 += 1.0;
        }
    }
    let all = sums.iter().fold((0.0, 0.0), |all, sum| (all.0 + sum.0, all.1 + sum.1));
    let common = if all.1 > 0.0 { all.0 / all.1 } else { 1.0 };
    let factor = |&(sum, count): &(f32, f32)| ((sum + COMMON_TRIALS * common) / (count + COMMON_TRIALS)).sqrt();
    sums.iter().map(factor).collect()
}
