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
/// Half widths of the scenarios where nothing was rehearsed, in the order of [`place`].
const USUAL: [f32; N_SCENARIOS] = [HALF_WIDTH, HALF_WIDTH * USUAL_LATER, HALF_WIDTH, HALF_WIDTH];
const N_SCENARIOS: usize = 4;

/// The place of a scenario among the slopes and half widths.
fn place(scenario: Scenario) -> usize {
    match scenario {
        Scenario::Now => 0,
        Scenario::Later => 1,
        Scenario::SomeKnown => 2,
        Scenario::FactsHidden { .. } => 3,
    }
}

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
    /// Learns slopes, which the trials then have, unless these are of outcomes, and half widths. leverage: by how much more residuals count, since what was rehearsed had seen the results. (n_outputs)
    ///
    /// # Errors
    /// Of kind `Computation` if the trials are not finite.
    pub(super) fn learn(trials: &mut [Trial], has_slopes: bool, leverage: &[f32]) -> Result<Self> {
        let mut slopes = [1.0; N_SCENARIOS];
        if has_slopes {
            let of_group = |group: usize| trials.iter().map(held_out).filter(move |one| one.group == group);
            slopes = std::array::from_fn(|group| slope(&of_group(group).collect::<Vec<_>>()));
            slopes[place(Scenario::SomeKnown)] = 1.0; // known scores tell the level themselves
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
            Scenario::FactsHidden { is_later: true } => {
                of(scenario) * (of(Scenario::Later) / of(Scenario::Now)).max(1.0)
            }
            _ => of(scenario),
        };
        self.widths.half_widths(half_width, inputs, forecast)
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
    fn forecasts_have_the_slope_of_their_scenario_and_those_from_known_scores_none() -> Result<()> {
        let trial = |scenario: Scenario, at: usize| {
            let mean = (at * 37 % 101) as f32 / 50.0 - 1.0;
            let forecast = vec![Normal::new(mean, 1.0)];
            Trial { row: at, scenario, forecast, truth: vec![1.1 * mean], inputs: [0.0; N_INPUTS], input: None }
        };
        let all =
            || [Scenario::Now, Scenario::SomeKnown].into_iter().flat_map(|s| (0..200).map(move |at| trial(s, at)));
        let mut trials: Vec<Trial> = all().collect();
        let calibration = Calibration::learn(&mut trials, true, &[1.0])?;
        let [now, later, known, hidden] = calibration.slopes;
        assert!(now > 1.08 && [later, known, hidden] == [1.0; 3], "{:?}", calibration.slopes);
        assert_eq!(trials[3].forecast[0].mean, now * trial(Scenario::Now, 3).forecast[0].mean);
        let mut forecast = [Normal::new(0.5, 1.0)];
        calibration.apply(Scenario::Now, &[0.0; N_INPUTS], &mut forecast);
        assert_eq!(forecast[0].mean, 0.5 * now);
        assert_eq!(Calibration::learn(&mut all().collect::<Vec<_>>(), false, &[1.0])?.slopes, [1.0; N_SCENARIOS]);
        Ok(())
    }

    #[test]
    fn the_nearest_and_the_fifth_nearest_are_found() {
        assert_eq!(nearest([0.1, 0.9, -0.3, 0.5, 0.4, 0.2, 0.3].into_iter()), [0.9, 0.2]);
        assert_eq!(nearest([0.7].into_iter()), [0.7, 0.0]);
    }
}
