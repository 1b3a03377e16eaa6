//! What rehearsals teach of forecasts in each scenario: their slope, and how wide their intervals are. The width of an interval is made
//! in [`Conformal`] and nowhere else; here is what it depends on.

use super::features::Features;
use super::models::Likeness;
use super::prior::Prior;
use super::rehearsal::{Scenario, Trial};
use crate::error::Result;
use crate::linalg::clamp;
use crate::methods::fitted::HALF_WIDTH;
use crate::methods::learners::conformal::{Conformal, HeldOut, slope};
use crate::methods::learners::gaussian_process::{Query, level};
use crate::methods::learners::normal::Normal;
use crate::methods::learners::score_table::Table;

/// By how much later models are further off, where nothing is known of that.
const USUAL_LATER: f32 = 1.2;
/// The scenarios in the order in which their slopes and half widths are kept.
const SCENARIOS: [Scenario; N_SCENARIOS] = [Scenario::Now, Scenario::Later, Scenario::SomeKnown, HIDDEN];
const N_SCENARIOS: usize = 4;
const HIDDEN: Scenario = Scenario::FactsHidden { is_later: false };
/// Their half widths where nothing was rehearsed.
const USUAL: [f32; N_SCENARIOS] = [HALF_WIDTH, HALF_WIDTH * USUAL_LATER, HALF_WIDTH, HALF_WIDTH];

/// Inputs of the expected size: 1, the logarithms of what the nearest and the fifth nearest model leave open, how near the
/// nearest ancestor or relative is, the logarithm of the number of known scores and 1, how good the model is expected to be,
/// and the square of that: models at the level of guessing are easily forecast.
pub(super) type Inputs = [f32; N_INPUTS];
const N_INPUTS: usize = 7;
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

/// Slopes by scenario, and half widths.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Calibration {
    pub(super) slopes: [f32; N_SCENARIOS],
    pub(super) widths: Conformal<N_INPUTS>,
}

impl Default for Calibration {
    fn default() -> Self {
        Self { slopes: [1.0; N_SCENARIOS], widths: Conformal::default() }
    }
}

impl Calibration {
    /// leverage: by how much more residuals count, since what was rehearsed had seen the results. (n_outputs)
    ///
    /// # Errors
    /// Of kind `Computation` if the trials are not finite.
    pub(super) fn learn(trials: &mut [Trial], has_slopes: bool, leverage: &[f32]) -> Result<Self> {
        let mut slopes = [1.0; N_SCENARIOS];
        if has_slopes {
            let of_group = |group: usize| trials.iter().map(held_out).filter(move |one| one.group == group);
            // Known scores tell the level themselves.
            let learned =
                |group| if SCENARIOS[group] == Scenario::SomeKnown { Vec::new() } else { of_group(group).collect() };
            slopes = std::array::from_fn(|group| slope(&learned(group)));
            let means = trials.iter_mut().map(|trial| (place(trial.scenario), &mut trial.forecast));
            means.for_each(|(group, forecast)| forecast.iter_mut().for_each(|normal| normal.mean *= slopes[group]));
        }
        let held_out: Vec<_> = trials.iter().map(held_out).collect();
        Ok(Self { slopes, widths: Conformal::calibrate(&held_out, &USUAL, leverage)? })
    }

    /// Corrects the means of a forecast and finds half the widths of its intervals, standardised. (n_outputs)
    pub(super) fn apply(&self, scenario: Scenario, inputs: &Inputs, forecast: &mut [Normal]) -> Vec<f32> {
        let at = place(scenario);
        forecast.iter_mut().for_each(|normal| normal.mean *= self.slopes[at]);
        let of = |scenario| self.widths.half_widths[place(scenario)];
        let half_width = match scenario {
            // Models of another time are rehearsed with their facts alone.
            Scenario::FactsHidden { is_later: true } => of(HIDDEN) * (of(Scenario::Later) / of(Scenario::Now)).max(1.0),
            _ => of(scenario),
        };
        self.widths.half_widths(half_width, inputs, forecast)
    }
}

/// The place of a scenario in their list.
fn place(scenario: Scenario) -> usize {
    match scenario {
        Scenario::FactsHidden { .. } => N_SCENARIOS - 1,
        _ => SCENARIOS.iter().position(|other| *other == scenario).unwrap_or(0),
    }
}

fn held_out(trial: &Trial) -> HeldOut<'_, N_INPUTS> {
    let Trial { scenario, forecast, truth, inputs, .. } = trial;
    HeldOut { group: place(*scenario), forecast, truth, inputs }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_and_the_fifth_nearest_are_found() {
        assert_eq!(nearest([0.1, 0.9, -0.3, 0.5, 0.4, 0.2, 0.3].into_iter()), [0.9, 0.2]);
        assert_eq!(nearest([0.7].into_iter()), [0.7, 0.0]);
    }
}
