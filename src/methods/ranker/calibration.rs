//! From the network's two outputs to a forecast, and how far forecasts are off, both from the validation.
//!
//! Scores that rank have a unit and a zero of their own for each task. Of the models with training scores (at most 64) their
//! mean and deviation are known: `u = (score - mean) / deviation`. A forecast is `α ẑ + β u`, by least squares.

use super::groups::Group;
use super::network::{Network, row};
use super::parameters::Entity;
use crate::linalg::sort_floats;
use eyas_kernels::map;

/// What turns outputs into forecasts, and half the widths of 90 % intervals, by whether the model and the task have training
/// scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Calibration {
    blend: [f32; 2],       // α, β
    z: [[f32; 2]; 2],      // of forecasts: [model is known][task is known]
    scores: [[f32; 2]; 2], // of the scores that rank
}

/// A cell of the validation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    pub(super) model_is_known: bool,
    pub(super) task_is_known: bool,
    /// The standardised score.
    pub(super) truth: f32,
    /// ẑ and u.
    pub(super) outputs: [f32; 2],
    /// The standardised score and the score that ranks, each less its mean over the validation's cells of the task.
    pub(super) centred: Option<[f32; 2]>,
}

/// Mean and deviation of the scores that rank, for a task.
pub(super) type Centre = [f32; 2];

/// The most models of a task by which its scores are standardised.
const MOST: usize = 64;

/// The centre of each task: over its training models, of a task without any over all that have training scores.
pub(super) fn centres(
    network: &Network,
    models: (&[Entity], &[bool]),
    tasks: (&[Entity], &[bool]),
    groups: &[Group],
) -> Vec<Centre> {
    let hidden = |(entities, seen): (&'_ [Entity], &'_ [bool])| -> Vec<(Entity, bool)> {
        entities.iter().cloned().zip(seen.iter().map(|seen| !seen)).collect()
    };
    let (described, described_tasks) = (hidden(models), hidden(tasks));
    let (projected, priors) = network.project_models(described.iter().map(|(entity, hidden)| (entity, *hidden)));
    let projected_tasks = network.project_tasks(described_tasks.iter().map(|(entity, hidden)| (entity, *hidden)));
    let known: Vec<u32> = (0..models.0.len() as u32).filter(|&model| models.1[model as usize]).collect();
    map(groups.len(), |task| {
        let members = if groups[task].is_ranked() { &groups[task].models } else { &known };
        let step = members.len().div_ceil(MOST).max(1);
        let chosen: Vec<usize> = members.iter().step_by(step).map(|&model| model as usize).collect();
        let pairs = chosen.iter().map(|&model| (row(&projected, model), row(&projected_tasks, task)));
        let scores: Vec<f32> = network.score(pairs, chosen.iter().map(|&model| priors[model])).scores().collect();
        let count = scores.len().max(1) as f32;
        let mean = scores.iter().sum::<f32>() / count;
        let variance = scores.iter().map(|score| (score - mean).powi(2)).sum::<f32>() / count;
        [mean, variance.sqrt().max(1e-3)]
    })
}

/// Residuals without which those of all kinds count.
const LEAST: usize = 30;
/// Half the width for standardised scores of which nothing is known.
const NOTHING_KNOWN: f32 = 1.645;

impl Calibration {
    /// How many numbers it has.
    pub(super) const NUMBERS: usize = 10;

    pub(super) fn of_samples(samples: &[Sample]) -> Self {
        let blend = blend(samples);
        let z = samples.iter().map(|sample| {
            let [z, u] = sample.outputs;
            let off = sample.truth - blend[0] * z - blend[1] * u;
            (sample.model_is_known, sample.task_is_known, off.abs())
        });
        // The scores that rank, in units of standardised ones, by the regression of these on those.
        let centred = || samples.iter().filter_map(|sample| sample.centred);
        let both: f32 = centred().map(|[z, score]| z * score).sum();
        let square: f32 = centred().map(|[_, score]| score * score).sum();
        let slope = if both > 0.0 && square > 0.0 { both / square } else { 1.0 };
        let scores = samples.iter().filter_map(|sample| {
            let [z, score] = sample.centred?;
            Some((sample.model_is_known, sample.task_is_known, (z / slope - score).abs()))
        });
        Self { blend, z: halves(&z.collect::<Vec<_>>()), scores: halves(&scores.collect::<Vec<_>>()) }
    }

    /// The forecast of a standardised score from ẑ and the score that ranks.
    pub(super) fn forecast(&self, z: f32, score: f32, [mean, deviation]: Centre) -> f32 {
        self.blend[0] * z + self.blend[1] * (score - mean) / deviation
    }

    pub(super) fn of_z(&self, model_is_known: bool, task_is_known: bool) -> f32 {
        self.z[usize::from(model_is_known)][usize::from(task_is_known)]
    }

    pub(super) fn of_scores(&self, model_is_known: bool, task_is_known: bool) -> f32 {
        self.scores[usize::from(model_is_known)][usize::from(task_is_known)]
    }

    pub(super) fn numbers(&self) -> Vec<f32> {
        [&self.blend, self.z.as_flattened(), self.scores.as_flattened()].concat()
    }

    pub(super) fn restore(numbers: &[f32]) -> Self {
        let mut restored = Self { blend: [1.0, 0.0], z: [[NOTHING_KNOWN; 2]; 2], scores: [[NOTHING_KNOWN; 2]; 2] };
        let Self { blend, z, scores } = &mut restored;
        let places = blend.iter_mut().chain(z.as_flattened_mut()).chain(scores.as_flattened_mut());
        places.zip(numbers).for_each(|(place, number)| *place = *number);
        restored
    }
}

/// α and β by least squares, neither below 0; ẑ alone where there is nothing to learn from.
fn blend(samples: &[Sample]) -> [f32; 2] {
    let sum = |of: &dyn Fn(&Sample) -> f32| samples.iter().map(|sample| f64::from(of(sample))).sum::<f64>();
    let ridge = 1e-3 * samples.len() as f64;
    let (zz, uu) = (sum(&|s| s.outputs[0] * s.outputs[0]) + ridge, sum(&|s| s.outputs[1] * s.outputs[1]) + ridge);
    let (zu, zt) = (sum(&|s| s.outputs[0] * s.outputs[1]), sum(&|s| s.outputs[0] * s.truth));
    let ut = sum(&|s| s.outputs[1] * s.truth);
    let scale = zz * uu - zu * zu;
    if samples.len() < LEAST || scale <= 0.0 {
        return [1.0, 0.0];
    }
    let (a, b) = ((zt * uu - ut * zu) / scale, (ut * zz - zt * zu) / scale);
    match (a > 0.0, b > 0.0) {
        (true, true) => [a as f32, b as f32],
        (true, false) => [(zt / zz) as f32, 0.0],
        (false, _) => [0.0, (ut / uu).max(0.0) as f32],
    }
}

/// The 90 % quantile of the sizes of each kind; where there are few, of all.
fn halves(sizes: &[(bool, bool, f32)]) -> [[f32; 2]; 2] {
    let quantile = |of: &dyn Fn(bool, bool) -> bool, least: usize| {
        let mut chosen: Vec<f32> =
            sizes.iter().filter(|&&(model, task, _)| of(model, task)).map(|&(_, _, size)| size).collect();
        sort_floats(&mut chosen);
        let at = ((chosen.len() + 1) as f64 * 0.9).ceil() as usize;
        let found = chosen.get(at.saturating_sub(1)).or(chosen.last()).copied();
        found.filter(|_| chosen.len() >= least)
    };
    let all = quantile(&|_, _| true, 1).unwrap_or(NOTHING_KNOWN);
    [false, true].map(|model| [false, true].map(|task| quantile(&|m, t| (m, t) == (model, task), LEAST).unwrap_or(all)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(task_is_known: bool, truth: f32, outputs: [f32; 2]) -> Sample {
        Sample { model_is_known: true, task_is_known, truth, outputs, centred: None }
    }

    #[test]
    fn each_kind_has_its_own_width_where_there_is_enough_of_it() {
        let mut samples: Vec<Sample> = (1..=100).map(|at| sample(true, at as f32 / 100.0, [0.0; 2])).collect();
        samples.extend((0..5).map(|_| sample(false, 9.0, [0.0; 2])));
        let found = Calibration::of_samples(&samples);
        assert!((found.of_z(true, true) - 0.91).abs() < 1e-5, "{found:?}");
        assert!(found.of_z(true, false) == found.of_z(false, false) && found.of_z(false, false) < 1.0);
        assert_eq!(Calibration::restore(&found.numbers()), found);
        assert_eq!(Calibration::of_samples(&[]).of_z(true, true), NOTHING_KNOWN);
        assert_eq!(Calibration::of_samples(&[]).forecast(0.3, 9.0, [1.0, 2.0]), 0.3);
    }

    #[test]
    fn outputs_are_blended_by_least_squares() {
        let wave = |at: usize, step: f32| (step * at as f32).sin();
        let of = |at: usize| sample(true, 0.3 * wave(at, 1.0) + 0.6 * wave(at, 2.3), [wave(at, 1.0), wave(at, 2.3)]);
        let found = Calibration::of_samples(&(0..200).map(of).collect::<Vec<_>>());
        assert!((found.forecast(1.0, 1.0, [1.0, 1.0]) - 0.3).abs() < 5e-3, "{found:?}");
        assert!((found.forecast(0.0, 3.0, [1.0, 2.0]) - 0.6).abs() < 5e-3, "{found:?}");
        let opposed = |at: usize| sample(true, wave(at, 1.0), [wave(at, 1.0), -wave(at, 2.3)]);
        let found = Calibration::of_samples(&(0..200).map(opposed).collect::<Vec<_>>());
        assert!(found.blend[1] < 0.02, "{found:?}");
    }

    #[test]
    fn scores_are_compared_in_their_own_unit() {
        let of = |at: usize| {
            let score = at as f32 - 49.5;
            let off = if at.is_multiple_of(2) { 0.5 } else { -0.5 };
            Sample { centred: Some([0.1 * score + off, score]), ..sample(true, 0.0, [0.0; 2]) }
        };
        let found = Calibration::of_samples(&(0..100).map(of).collect::<Vec<_>>());
        assert!((found.of_scores(true, true) - 5.0).abs() < 0.2, "{found:?}");
    }
}
