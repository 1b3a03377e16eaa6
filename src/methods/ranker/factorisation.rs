//! The factorisation beside the networks: what the scores alone tell of a model and a task that both have some. A network that sees
//! vectors side by side learns their product slowly; of a table of low rank the product is all there is.

use super::config::RankerConfig;
use super::groups::Group;
use super::views::Views;
use crate::error::{Error, Result};
use crate::linalg::{SparseMatrix, logistic, logit};
use crate::methods::data::TrainingData;
use crate::methods::fitted::{Tensor, tensor};
use crate::methods::learners::low_rank::{ALONE, LowRank};
use crate::methods::training::optimise::{Observer, Progress};
use std::collections::BTreeMap;

/// Rounds of the inference.
const ROUNDS: usize = 30;
/// The names of its tensors.
const OF_MODELS: &str = "factorisation of models";
const OF_TASKS: &str = "factorisation of tasks";
/// The deviation of a logistic distribution.
const LOGISTIC: f32 = 1.813_799_4;

/// The factorisation, in places among the scores of a task.
#[derive(Debug, Clone)]
pub(super) struct Factorisation(LowRank);

impl Factorisation {
    /// Of the scores of these groups, or nothing if the settings have no factorisation. Models of a family, and tasks of a type,
    /// are expected to be alike.
    ///
    /// # Errors
    /// Of kind `Cancelled` if the observer breaks.
    pub(super) async fn train(
        data: &TrainingData<'_>,
        config: &RankerConfig,
        views: &Views,
        groups: &[Group],
        observer: &mut dyn Observer,
    ) -> Result<Option<Self>> {
        if config.rank == 0 {
            return Ok(None);
        }
        let (models, tasks) = (data.models.len(), groups.len());
        let mut cells = Vec::new();
        for (task, group) in groups.iter().enumerate().filter(|(_, group)| group.is_ranked()) {
            cells.extend(group.models.iter().zip(places(&group.z)).map(|(&model, place)| (model, task as u32, place)));
        }
        let turned = cells.iter().map(|&(model, task, place)| (task, model, place)).collect();
        let by_model = SparseMatrix::from_entries(models, tasks, cells);
        let by_task = SparseMatrix::from_entries(tasks, models, turned);
        let mut low = LowRank::start([views.families(data), types(data)], config.rank, data.seed);
        for _ in 0..ROUNDS {
            let loss = low.round(&by_model, &by_task)?;
            let progress = Progress {
                epoch: config.max_epochs,
                max_epochs: config.max_epochs,
                loss,
                validation: None,
                metric: "squared error",
            };
            if observer.report(&progress).await.is_break() {
                return Err(Error::cancelled());
            }
        }
        Ok(Some(Self(low)))
    }

    /// The standardised score of a model on a task, whose training scores the group has.
    pub(super) fn z(&self, group: &Group, model: usize, task: usize) -> f32 {
        at_place(&group.z, self.0.predict(model, task))
    }

    pub(super) fn tensors(&self) -> Vec<Tensor> {
        let tensor = |name: &str, values: &[f32]| {
            let shape = vec![values.len() / self.0.rank(), self.0.rank()];
            Tensor { name: name.to_owned(), shape, values: values.to_vec() }
        };
        let [models, tasks] = self.0.vectors();
        vec![tensor(OF_MODELS, models), tensor(OF_TASKS, tasks)]
    }

    /// Restores saved vectors of this many models and tasks.
    ///
    /// # Errors
    /// As [`tensor`].
    pub(super) fn restore(tensors: &[Tensor], rank: usize, models: usize, tasks: usize) -> Result<Option<Self>> {
        if rank == 0 {
            return Ok(None);
        }
        let models = tensor(tensors, OF_MODELS, rank * models)?;
        Ok(Some(Self(LowRank::restore(models, tensor(tensors, OF_TASKS, rank * tasks)?, rank))))
    }
}

/// Places of scores, best first, as the quantiles of a logistic distribution of variance 1, which outliers don't move. Equal scores
/// share a place.
fn places(z: &[f32]) -> Vec<f32> {
    let n = z.len() as f32;
    let place = |&score: &f32| {
        let (better, until) = (z.partition_point(|&other| other > score), z.partition_point(|&other| other >= score));
        let middle = 0.5 * (better + until) as f32;
        -logit(middle / n, 0.0) / LOGISTIC
    };
    z.iter().map(place).collect()
}

/// The score at a place among scores, best first; the best or the worst one beyond them.
fn at_place(z: &[f32], place: f32) -> f32 {
    let last = z.len() - 1;
    let at = (logistic(-LOGISTIC * place) * z.len() as f32 - 0.5).clamp(0.0, last as f32);
    let above = at as usize;
    let (next, part) = ((above + 1).min(last), at - above as f32);
    z[above] + part * (z[next] - z[above])
}

/// The type of each task, as a number.
fn types(data: &TrainingData<'_>) -> Vec<u32> {
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    data.tasks
        .iter()
        .map(|task| match task.task_type.as_deref() {
            Some(kind) => {
                let next = numbers.len() as u32;
                *numbers.entry(kind).or_insert(next)
            }
            None => ALONE,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_spread_evenly_and_equal_scores_share_one() {
        let scores = [5.0, 0.1, 0.1, -0.2];
        let found = places(&scores);
        assert!(found[1] == found[2] && (found[0] + found[3]).abs() < 1e-6, "{found:?}");
        assert!(found[1].abs() < 1e-6 && found[0] > 0.8 && found[0] < 1.2, "{found:?}");
        for (score, place) in scores.iter().zip(&found) {
            assert!((at_place(&scores, *place) - score).abs() < 1e-5, "{score} {place}");
        }
        assert_eq!((at_place(&scores, 9.0), at_place(&scores, -9.0)), (5.0, -0.2));
        assert!((at_place(&[3.0, 1.0], 0.0) - 2.0).abs() < 1e-6);
    }
}
