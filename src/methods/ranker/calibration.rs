//! From the network's two outputs to a forecast, and how far forecasts are off, both from the validation.
//!
//! Scores that rank have a unit and a zero of their own for each task. Of the models with training scores (at most 64) their
//! mean and deviation are known: `u = (score - mean) / deviation`. A forecast is `α ẑ + β u`, by least squares; of a model
//! without training scores, whose size is known, `α ẑ + β u + γ t` with the trend `t` over size; of a model and a task that both
//! have training scores, `α ẑ + β u + δ f` with what the factorisation says. For models without training
//! scores the validations of all networks count together, and each model as much as each other one: it is models of which there
//! are few. Weights of their own for later models, by the latest fifth, were better on one board and far worse on another.

use super::groups::Group;
use super::network::{Network, row};
use super::parameters::Entity;
use crate::linalg::sort_floats;
use eyas_kernels::map;
use std::collections::BTreeMap;

/// What is known of a model's results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It has training scores.
    Known,
    New,
    /// It has none, and is later than all models that have some.
    Later,
}

/// What turns outputs into forecasts, and half the widths of 90 % intervals, by the kind of the model and whether the task has
/// training scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Calibration {
    /// Of models with training scores; of others without a size, and with one; of factorised cells.
    blends: [Weights; 4],
    /// What the factorisation weighs beside the score that ranks, in its unit.
    ranking: f32,
    z: [[f32; 2]; 3],      // of forecasts: [kind][task is known]
    scores: [[f32; 2]; 3], // of the scores that rank, in their unit
}

/// What is forecast from: ẑ, u, the trend over size of a model whose size is known, and the factorisation's standardised score
/// of a model and a task that both have training scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Outputs {
    pub(super) z: f32,
    pub(super) u: f32,
    pub(super) trend: Option<f32>,
    pub(super) factorised: Option<f32>,
}

/// α, β, γ and δ.
type Weights = [f32; 4];

/// A cell of the validation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    pub(super) model: u32,
    pub(super) kind: Kind,
    pub(super) task_is_known: bool,
    /// The standardised score.
    pub(super) truth: f32,
    pub(super) outputs: Outputs,
    /// The standardised score, the score that ranks, in [`unit`], and the factorisation's, each less its mean over the validation's
    /// cells of the task.
    pub(super) centred: Option<[f32; 3]>,
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
        let vectors = network.vectors(chosen.iter().map(|&model| (&models.0[model], task)));
        let scores: Vec<f32> =
            network.score(pairs, vectors.as_ref(), chosen.iter().map(|&model| priors[model])).scores().collect();
        let count = scores.len().max(1) as f32;
        let mean = scores.iter().sum::<f32>() / count;
        let variance = scores.iter().map(|score| (score - mean).powi(2)).sum::<f32>() / count;
        [mean, variance.sqrt().max(1e-3)]
    })
}

/// The mean deviation of the scores that rank, over the tasks with training scores: scores of all members are shown in it.
pub(super) fn unit(centres: &[Centre], seen: &[bool]) -> f32 {
    let deviations = || centres.iter().zip(seen).filter(|(_, seen)| **seen).map(|(centre, _)| centre[1]);
    (deviations().sum::<f32>() / deviations().count().max(1) as f32).max(1e-3)
}

/// Residuals without which those of all kinds count.
const LEAST: usize = 30;
/// Residuals without which no 90 % quantile of them is known: of 9 the largest is that of the next one.
const FEWEST: usize = 9;
/// Half the width for standardised scores of which nothing is known.
const NOTHING_KNOWN: f32 = 1.645;

const KINDS: [Kind; 3] = [Kind::Known, Kind::New, Kind::Later];

impl Calibration {
    /// How many numbers it has, without those that are always 0.
    pub(super) const NUMBERS: usize = 23;

    /// `samples` are a network's own of models with training scores, and those of all networks of others.
    pub(super) fn of_samples(samples: &[Sample]) -> Self {
        let of = |wanted: &dyn Fn(&Sample) -> bool| samples.iter().filter(|sample| wanted(sample)).collect::<Vec<_>>();
        let of_kind = |kind: Kind| of(&|sample| sample.kind == kind);
        let known = blend(&of_kind(Kind::Known), BOTH).or_else(|| blend(&of(&|_| true), BOTH)).unwrap_or(PLAIN);
        let new = |outputs| equally(&of_kind(Kind::New), outputs).or_else(|| equally(&of_kind(Kind::Later), outputs));
        let factorised = of(&|sample| sample.outputs.factorised.is_some());
        let blends = [
            known,
            new(BOTH).unwrap_or(known),
            new(WITH_TREND).unwrap_or(known),
            blend(&factorised, FACTORISED).unwrap_or(known),
        ];
        let ranking = ranking(&factorised);
        let z = samples.iter().map(|sample| {
            let off = sample.truth - blended(&blends, sample.kind, sample.outputs);
            (sample.kind, sample.task_is_known, off.abs())
        });
        // The scores that rank, in units of standardised ones, by the regression of these on those.
        let ranked = |[z, score, factorised]: [f32; 3]| [z, score + ranking * factorised];
        let centred = || samples.iter().filter_map(|sample| sample.centred.map(ranked));
        let both: f32 = centred().map(|[z, score]| z * score).sum();
        let square: f32 = centred().map(|[_, score]| score * score).sum();
        let slope = if both > 0.0 && square > 0.0 { both / square } else { 1.0 };
        let scores = samples.iter().filter_map(|sample| {
            let [z, score] = ranked(sample.centred?);
            Some((sample.kind, sample.task_is_known, (z / slope - score).abs()))
        });
        Self { blends, ranking, z: halves(&z.collect::<Vec<_>>()), scores: halves(&scores.collect::<Vec<_>>()) }
    }

    /// The forecast of a standardised score.
    pub(super) fn forecast(&self, kind: Kind, outputs: Outputs) -> f32 {
        blended(&self.blends, kind, outputs)
    }

    /// What the factorisation adds to a score that ranks, in its unit.
    pub(super) fn ranking(&self) -> f32 {
        self.ranking
    }

    pub(super) fn of_z(&self, kind: Kind, task_is_known: bool) -> f32 {
        self.z[kind as usize][usize::from(task_is_known)]
    }

    pub(super) fn of_scores(&self, kind: Kind, task_is_known: bool) -> f32 {
        self.scores[kind as usize][usize::from(task_is_known)]
    }

    pub(super) fn numbers(&self) -> Vec<f32> {
        let [known, without_size, sized, [alpha, beta, _, delta]] = &self.blends;
        let factorised = [*alpha, *beta, *delta, self.ranking];
        [&known[..2], &without_size[..2], &sized[..3], &factorised, self.z.as_flattened(), self.scores.as_flattened()]
            .concat()
    }

    pub(super) fn restore(numbers: &[f32]) -> Self {
        let nothing = [[NOTHING_KNOWN; 2]; 3];
        let mut restored = Self { blends: [[0.0; 4]; 4], ranking: 0.0, z: nothing, scores: nothing };
        let Self { blends, ranking, z, scores } = &mut restored;
        let [known, without_size, sized, [alpha, beta, _, delta]] = blends;
        let places = known[..2].iter_mut().chain(&mut without_size[..2]).chain(&mut sized[..3]);
        let places = places.chain([alpha, beta, delta, ranking]);
        let places = places.chain(z.as_flattened_mut()).chain(scores.as_flattened_mut());
        places.zip(numbers).for_each(|(place, number)| *place = *number);
        restored
    }
}

/// ẑ alone.
const PLAIN: Weights = [1.0, 0.0, 0.0, 0.0];
/// Outputs that a blend has.
const BOTH: &[usize] = &[0, 1];
const WITH_TREND: &[usize] = &[0, 1, 2];
const FACTORISED: &[usize] = &[0, 1, 3];
/// Rounds of the descent by coordinates.
const ROUNDS: usize = 100;

fn blended(blends: &[Weights; 4], kind: Kind, Outputs { z, u, trend, factorised }: Outputs) -> f32 {
    let [alpha, beta, gamma, delta] = match (kind, trend, factorised) {
        (_, _, Some(_)) => blends[3],
        (Kind::Known, ..) => blends[0],
        (_, None, _) => blends[1],
        (_, Some(_), _) => blends[2],
    };
    alpha * z + beta * u + gamma * trend.unwrap_or(0.0) + delta * factorised.unwrap_or(0.0)
}

/// What the factorisation weighs beside the score that ranks: the ratio of their weights by least squares, where both tell something.
fn ranking(samples: &[&Sample]) -> f32 {
    let all = |[z, score, factorised]: [f32; 3]| ([score, factorised, 0.0, 0.0], z);
    let rows: Vec<([f32; 4], f32)> = samples.iter().filter_map(|sample| sample.centred.map(all)).collect();
    let weights = least_squares(rows.iter().map(|&(values, truth)| (values, truth, 1.0)), BOTH);
    match weights {
        Some([score, factorised, ..]) if score > 0.05 * factorised && rows.len() >= LEAST => factorised / score,
        _ => 0.0,
    }
}

/// The weights of some outputs by least squares over models that count the same.
fn equally(samples: &[&Sample], outputs: &[usize]) -> Option<Weights> {
    let mut counts = BTreeMap::new();
    samples.iter().for_each(|sample| *counts.entry(sample.model).or_insert(0.0_f64) += 1.0);
    weighted(samples, outputs, |sample| 1.0 / counts[&sample.model])
}

/// The weights of some outputs by least squares.
fn blend(samples: &[&Sample], outputs: &[usize]) -> Option<Weights> {
    weighted(samples, outputs, |_| 1.0)
}

/// The weights of some outputs by weighted least squares, none below 0; `None` where there is little to learn from.
fn weighted(samples: &[&Sample], outputs: &[usize], share: impl Fn(&Sample) -> f64) -> Option<Weights> {
    let row = |sample: &&Sample| {
        let Outputs { z, u, trend, factorised } = sample.outputs;
        ([z, u, trend.unwrap_or(0.0), factorised.unwrap_or(0.0)], sample.truth, share(sample))
    };
    if samples.len() < LEAST { None } else { least_squares(samples.iter().map(row), outputs) }
}

/// The weights of some values for the truth by least squares, none below 0: rows of values, the truth and what it counts.
fn least_squares(rows: impl Iterator<Item = ([f32; 4], f32, f64)>, used: &[usize]) -> Option<Weights> {
    let (mut products, mut with_truth, mut total) = ([[0.0; 4]; 4], [0.0; 4], 0.0);
    for (values, truth, share) in rows {
        let values = values.map(f64::from);
        for a in 0..4 {
            (0..4).for_each(|b| products[a][b] += share * values[a] * values[b]);
            with_truth[a] += share * values[a] * f64::from(truth);
        }
        total += share;
    }
    let ridge = 1e-3 * total;
    let mut weights = [0.0; 4];
    for _ in 0..ROUNDS {
        for &a in used {
            let others: f64 = (0..4).filter(|&b| b != a).map(|b| products[a][b] * weights[b]).sum();
            weights[a] = ((with_truth[a] - others) / (products[a][a] + ridge)).max(0.0);
        }
    }
    (total > 0.0).then(|| weights.map(|weight| weight as f32))
}

/// The 90 % quantile of the sizes of each kind; where there are few, of all models without training scores, or of all.
fn halves(sizes: &[(Kind, bool, f32)]) -> [[f32; 2]; 3] {
    let quantile = |of: &dyn Fn(Kind, bool) -> bool, least: usize| {
        let mut chosen: Vec<f32> =
            sizes.iter().filter(|&&(kind, task, _)| of(kind, task)).map(|&(_, _, size)| size).collect();
        sort_floats(&mut chosen);
        let at = ((chosen.len() + 1) as f64 * 0.9).ceil() as usize;
        let found = chosen.get(at.saturating_sub(1)).or(chosen.last()).copied();
        found.filter(|_| chosen.len() >= least)
    };
    let all = quantile(&|_, _| true, FEWEST).unwrap_or(NOTHING_KNOWN);
    KINDS.map(|kind| {
        [false, true].map(|task| {
            let own = quantile(&|k, t| (k, t) == (kind, task), LEAST);
            let new = || quantile(&|k, t| k != Kind::Known && kind != Kind::Known && t == task, LEAST);
            own.or_else(new).unwrap_or(all)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(task_is_known: bool, truth: f32, [z, u]: [f32; 2]) -> Sample {
        let outputs = Outputs { z, u, trend: None, factorised: None };
        Sample { model: 0, kind: Kind::Known, task_is_known, truth, outputs, centred: None }
    }

    #[test]
    fn each_kind_has_its_own_width_where_there_is_enough_of_it() {
        let mut samples: Vec<Sample> = (1..=100).map(|at| sample(true, at as f32 / 100.0, [0.0; 2])).collect();
        samples.extend((0..5).map(|_| sample(false, 9.0, [0.0; 2])));
        samples.extend((1..=40).map(|at| Sample { kind: Kind::New, ..sample(true, at as f32 / 10.0, [0.0; 2]) }));
        let found = Calibration::of_samples(&samples);
        assert!((found.of_z(Kind::Known, true) - 0.91).abs() < 1e-5, "{found:?}");
        assert!(found.of_z(Kind::Known, false) == found.of_z(Kind::New, false), "{found:?}");
        assert!((found.of_z(Kind::New, true) - 3.7).abs() < 1e-5, "{found:?}");
        assert_eq!(found.of_z(Kind::Later, true), found.of_z(Kind::New, true));
        assert_eq!(Calibration::restore(&found.numbers()), found);
        let nothing = Calibration::of_samples(&[]);
        assert_eq!(nothing.of_z(Kind::Known, true), NOTHING_KNOWN);
        let few = Calibration::of_samples(&[sample(true, 0.01, [0.0; 2]); FEWEST - 1]);
        assert_eq!(few.of_z(Kind::New, true), NOTHING_KNOWN);
        assert_eq!(nothing.forecast(Kind::Later, Outputs { z: 0.3, u: 9.0, trend: Some(5.0), factorised: None }), 0.3);
    }

    #[test]
    fn outputs_are_blended_by_least_squares() {
        let of = |at: usize| sample(true, 0.3 * wave(at, 1.0) + 0.6 * wave(at, 2.3), [wave(at, 1.0), wave(at, 2.3)]);
        let found = Calibration::of_samples(&(0..200).map(of).collect::<Vec<_>>());
        let forecast = |z, u| found.forecast(Kind::Known, Outputs { z, u, trend: Some(9.0), factorised: None });
        assert!((forecast(1.0, 0.0) - 0.3).abs() < 5e-3 && (forecast(0.0, 1.0) - 0.6).abs() < 5e-3, "{found:?}");
        let opposed = |at: usize| sample(true, wave(at, 1.0), [wave(at, 1.0), -wave(at, 2.3)]);
        let found = Calibration::of_samples(&(0..200).map(opposed).collect::<Vec<_>>());
        assert!(found.blends[0][1] < 0.02, "{found:?}");
    }

    fn wave(at: usize, step: f32) -> f32 {
        (step * at as f32).sin()
    }

    #[test]
    fn models_without_scores_lean_on_size_where_it_is_known_and_count_the_same() {
        // Of one model with many cells ẑ is right, of each of thirty others the trend.
        let of = |at: usize| {
            let (model, [z, u]) = (at.saturating_sub(300) as u32, [wave(at, 1.0), 0.0]);
            let trend = wave(at, 2.3);
            let truth = if model == 0 { z } else { trend };
            Sample {
                model,
                kind: Kind::New,
                outputs: Outputs { z, u, trend: Some(trend), factorised: None },
                ..sample(true, truth, [z, u])
            }
        };
        let found = Calibration::of_samples(&(0..331).map(of).collect::<Vec<_>>());
        let sized = |kind| found.forecast(kind, Outputs { z: 0.0, u: 0.0, trend: Some(1.0), factorised: None });
        assert!(sized(Kind::New) > 0.9 && sized(Kind::Later) == sized(Kind::New), "{found:?}");
        assert_eq!(sized(Kind::Known), 0.0);
        assert!(
            found.forecast(Kind::New, Outputs { z: 1.0, u: 0.0, trend: None, factorised: None }) < 0.2,
            "{found:?}"
        );
        assert_eq!(Calibration::restore(&found.numbers()), found);
    }

    #[test]
    fn the_factorisation_weighs_as_much_as_it_tells() {
        let of = |at: usize| {
            let [score, factorised] = [wave(at, 1.0), wave(at, 2.3)];
            let truth = 0.2 * score + 0.6 * factorised;
            let known = sample(true, truth, [score, 0.0]);
            let outputs = Outputs { factorised: Some(factorised), ..known.outputs };
            Sample { outputs, centred: Some([truth, 2.0 * score, factorised]), ..known }
        };
        let found = Calibration::of_samples(&(0..300).map(of).collect::<Vec<_>>());
        let of_factorised = |factorised| Outputs { z: 0.0, u: 0.0, trend: None, factorised };
        assert!((found.forecast(Kind::Known, of_factorised(Some(1.0))) - 0.6).abs() < 5e-3, "{found:?}");
        assert_eq!(found.forecast(Kind::Known, of_factorised(None)), 0.0);
        assert!((found.ranking() - 6.0).abs() < 0.1 && found.of_scores(Kind::Known, true) < 0.1, "{found:?}");
        assert_eq!(Calibration::restore(&found.numbers()), found);
    }

    #[test]
    fn scores_are_compared_in_their_own_unit() {
        let of = |at: usize| {
            let score = at as f32 - 49.5;
            let off = if at.is_multiple_of(2) { 0.5 } else { -0.5 };
            Sample { centred: Some([0.1 * score + off, score, 0.0]), ..sample(true, 0.0, [0.0; 2]) }
        };
        let found = Calibration::of_samples(&(0..100).map(of).collect::<Vec<_>>());
        assert!((found.of_scores(Kind::Known, true) - 5.0).abs() < 0.2, "{found:?}");
    }
}
