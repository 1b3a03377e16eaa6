//! The scores on which a training is validated: some of the cells, and all those of some models and of some datasets, so that
//! the measure covers what the ranker is used for.

use super::network::{Network, Projected, row};
use super::parameters::Entity;
use crate::linalg::order;
use crate::methods::data::TrainingData;
use crate::metrics::{RankBy, weighted_tau};
use crate::snapshot::Date;
use eyas_kernels::map;
use rand::{RngExt, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;
use std::collections::BTreeMap;

/// Shares of the cells, models and datasets that are held out.
const SHARE: f64 = 0.05;
/// The share of the latest models for a training that looks ahead.
const AHEAD: f64 = 0.2;
/// Models or datasets of which none is held out whole if there are fewer.
const LEAST: usize = 20;
/// Scores of a task that make a group.
const LEAST_GROUP: usize = 3;

/// What a held-out cell tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Cells of models and tasks in training.
    Cells,
    /// Models that are not in training.
    Models,
    /// Datasets that are not in training.
    Datasets,
}

/// For each part and task of the validation, the score that ranks and ẑ of each of its cells.
pub(super) type Predicted = Vec<((Part, u32), Vec<[f32; 2]>)>;

/// The held-out cells: models with their scores, 0..1, by part and task.
#[derive(Debug, Clone, Default)]
pub(super) struct Validation {
    pub(super) groups: BTreeMap<(Part, u32), Vec<(u32, f32)>>,
    models: Vec<bool>,
    tasks: Vec<bool>,
}

/// Whole models or datasets that are held out.
fn whole(all: usize, rng: &mut Pcg64Mcg) -> Vec<bool> {
    let mut chosen = vec![false; all];
    if all >= LEAST {
        let mut shuffled: Vec<usize> = (0..all).collect();
        shuffled.shuffle(rng);
        shuffled[..(all as f64 * SHARE).ceil() as usize].iter().for_each(|&at| chosen[at] = true);
    }
    chosen
}

/// Holds out models, some at random and this share of all the latest, since a ranker is asked for later models.
fn hold_models(data: &TrainingData<'_>, measured: &[u32], share: f64, rng: &mut Pcg64Mcg, held: &mut [bool]) {
    if measured.len() < LEAST {
        return;
    }
    let part = |share: f64| (measured.len() as f64 * share).ceil() as usize;
    let day = |model: u32| data.models[model as usize].date.map(Date::days);
    let latest_first = order(measured.len(), &mut |a, b| day(measured[b]).cmp(&day(measured[a])));
    let latest = latest_first.into_iter().map(|at| measured[at]).filter(|&model| day(model).is_some());
    latest.take(part(share)).for_each(|model| held[model as usize] = true);
    let mut others: Vec<u32> = measured.iter().copied().filter(|&model| !held[model as usize]).collect();
    others.shuffle(rng);
    others.iter().take(part(SHARE / 2.0)).for_each(|&model| held[model as usize] = true);
}

impl Validation {
    /// One that looks ahead holds out more of the latest models.
    pub(super) fn new(data: &TrainingData<'_>, looks_ahead: bool, rng: &mut Pcg64Mcg) -> Self {
        let measured: Vec<u32> =
            (0..data.models.len() as u32).filter(|&model| data.cells.count_row(model as usize) > 0).collect();
        let mut models = vec![false; data.models.len()];
        hold_models(data, &measured, if looks_ahead { AHEAD } else { SHARE / 2.0 }, rng, &mut models);
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let dataset: Vec<usize> = (data.tasks.iter())
            .map(|task| {
                let next = numbers.len();
                *numbers.entry(&task.dataset).or_insert(next)
            })
            .collect();
        let datasets = whole(numbers.len(), rng);
        let tasks: Vec<bool> = dataset.iter().map(|&dataset| datasets[dataset]).collect();
        let mut found = Self { groups: BTreeMap::new(), models, tasks };
        for model in 0..data.models.len() {
            data.cells.for_row(model, |task, value| {
                let part = match (found.models[model], found.tasks[task]) {
                    (true, true) => return, // tested by neither
                    (true, false) => Part::Models,
                    (false, true) => Part::Datasets,
                    (false, false) if rng.random::<f64>() < SHARE => Part::Cells,
                    (false, false) => return,
                };
                found.groups.entry((part, task as u32)).or_default().push((model as u32, value));
            });
        }
        found
    }

    /// Cells that are held out.
    pub(super) fn holds(&self) -> impl Fn(u32, usize) -> bool + '_ {
        let cells = |task: usize| self.groups.get(&(Part::Cells, task as u32));
        move |model, task| {
            self.models[model as usize]
                || self.tasks[task]
                || cells(task).is_some_and(|cells| cells.binary_search_by_key(&model, |cell| cell.0).is_ok())
        }
    }

    /// Whether nothing is held out that has an order.
    pub(super) fn is_empty(&self) -> bool {
        !self.groups.values().any(|cells| cells.len() >= LEAST_GROUP)
    }

    /// The predictions (score, ẑ) of each group's cells.
    pub(super) fn predict(
        &self,
        network: &Network,
        models: (&[Entity], &[bool]),
        tasks: (&[Entity], &[bool]),
    ) -> Predicted {
        let seen = |(entities, seen): (&[Entity], &[bool]), at: usize| (entities[at].clone(), !seen[at]);
        let described: Vec<(Entity, bool)> = (0..models.0.len()).map(|at| seen(models, at)).collect();
        let (projected, priors) = network.project_models(described.iter().map(|(entity, hidden)| (entity, *hidden)));
        let keys: Vec<_> = self.groups.iter().collect();
        map(keys.len(), |at| {
            let (&(part, task), cells) = keys[at];
            let task = seen(tasks, task as usize);
            let projected_task: Projected = network.project_tasks([(&task.0, task.1)].into_iter());
            let pairs = cells.iter().map(|cell| (row(&projected, cell.0 as usize), row(&projected_task, 0)));
            let vectors = network.vectors(cells.iter().map(|cell| (&models.0[cell.0 as usize], keys[at].0.1 as usize)));
            let scored = network.score(pairs, vectors.as_ref(), cells.iter().map(|cell| priors[cell.0 as usize]));
            ((part, keys[at].0.1), scored.scores().zip(&scored.z).map(|(score, &z)| [score, z]).collect())
        })
    }

    /// The mean over the parts of the mean weighted τ of their groups, by the number that `pick` takes of a prediction.
    pub(super) fn tau(&self, predicted: &Predicted, pick: impl Fn(&[f32; 2]) -> f32) -> Option<f64> {
        let mut parts: BTreeMap<Part, (f64, f64)> = BTreeMap::new();
        for (key, predictions) in predicted {
            let cells = &self.groups[key];
            if cells.len() < LEAST_GROUP {
                continue;
            }
            let truth: Vec<f64> = cells.iter().map(|cell| f64::from(cell.1)).collect();
            let predictions: Vec<f64> = predictions.iter().map(|prediction| f64::from(pick(prediction))).collect();
            if let Some(tau) = weighted_tau(&truth, &predictions, RankBy::Both) {
                let sum = parts.entry(key.0).or_default();
                *sum = (sum.0 + tau, sum.1 + 1.0);
            }
        }
        let means: Vec<f64> = parts.values().map(|&(sum, count)| sum / count).collect();
        (!means.is_empty()).then(|| means.iter().sum::<f64>() / means.len() as f64)
    }
}
