//! What groups of features are worth to the ranker (Cai et al., "ModelLens", figure 6): the weighted τ that is lost when one is
//! left out of all, and Shapley values, the mean gain over all orders in which features may be added.
//!
//! One trained ranker forecasts the held-out cells with each subset of the features of models, then of tasks; hidden ones are as
//! if unknown. The features of the other side are all visible. It is not trained again without them.

use super::{Split, Trial};
use crate::decide::shapley::shapley;
use crate::error::{Error, Result};
use crate::linalg::order;
use crate::methods::{Method, OF_MODELS, OF_TASKS, Observer, Ranker, RankerConfig, Trainer, TrainingData};
use crate::metrics::{RankBy, mean, standard_deviation, weighted_tau};
use crate::snapshot::{ModelIndex, Snapshot, TaskIndex};
use serde::Serialize;
use std::collections::BTreeMap;

/// The worth of one side's groups of features, means over seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeatureShares {
    /// `model` or `task`.
    pub side: &'static str,
    /// Mean weighted τ of the tasks with held-out cells, with all features.
    pub with_all: f64,
    /// The same without any feature of this side. Models that then look alike are in no order: they count as 0.
    pub with_none: f64,
    /// Groups of features, greatest Shapley value first.
    pub features: Vec<FeatureWorth>,
}

/// The worth of a group of features.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeatureWorth {
    /// Its name.
    pub name: &'static str,
    /// The weighted τ that is lost without it.
    pub left_out: f64,
    /// Its Shapley value; they sum to `with_all - with_none`.
    pub value: f64,
    /// The standard deviation of the Shapley value over the seeds; `None` (`null`) of one seed.
    pub spread: Option<f64>,
}

/// `model` or `task`, and the names of its features.
type Side = (&'static str, &'static [&'static str]);

/// Of all seeds the Shapley values of each feature, and sums: what is lost without each, and the weighted τ with all and with none.
struct Sums {
    values: Vec<Vec<f64>>,
    left_out: Vec<f64>,
    ends: [f64; 2],
}

/// Trains the ranker on the trial of each seed and shares out its weighted τ.
///
/// # Errors
/// If the data don't allow the split or a ranker, no task has held-out cells that differ, or the observer stops a training.
pub async fn feature_shares(
    snapshot: &Snapshot,
    split: &Split,
    seeds: u64,
    trainer: &impl Trainer,
    observer: &mut dyn Observer,
) -> Result<Vec<FeatureShares>> {
    let sides: [Side; 2] = [("model", &OF_MODELS), ("task", &OF_TASKS)];
    let mut sums = sides.map(|(_, names)| Sums {
        values: vec![Vec::new(); names.len()],
        left_out: vec![0.0; names.len()],
        ends: [0.0; 2],
    });
    for seed in 0..seeds {
        let trial = Trial::of(snapshot, split, seed)?;
        let held = HeldCells::of(&trial)?;
        let data = trial.data();
        let parameters = trainer.train(Method::Ranker.into(), &data, observer).await?;
        let ranker = Ranker::restore(&data, &RankerConfig::for_cells(data.cells.count()), &parameters)?;
        for (side, Sums { values, left_out, ends }) in sums.iter_mut().enumerate() {
            let players = values.len();
            let all = (1 << players) - 1;
            let mut known = BTreeMap::new();
            let mut tau = |coalition: u32| {
                *known.entry(coalition).or_insert_with(|| {
                    let mut shown = [u32::MAX; 2];
                    shown[side] = coalition;
                    held.tau(&ranker, &data, shown)
                })
            };
            values.iter_mut().zip(shapley(players, &mut tau)).for_each(|(values, value)| values.push(value));
            *ends = [ends[0] + tau(all), ends[1] + tau(0)];
            for (feature, sum) in left_out.iter_mut().enumerate() {
                *sum += tau(all) - tau(all ^ 1 << feature);
            }
        }
    }
    let shares = |((side, names), Sums { values, left_out, ends }): (Side, Sums)| {
        let of_seeds = |sum: f64| sum / seeds as f64;
        let means: Vec<f64> = values.iter().map(|values| mean(values).unwrap_or(0.0)).collect();
        let greatest_first = order(names.len(), &mut |a, b| means[b].total_cmp(&means[a]));
        let worth = |at: usize| FeatureWorth {
            name: names[at],
            left_out: of_seeds(left_out[at]),
            value: means[at],
            spread: if seeds > 1 { standard_deviation(&values[at]) } else { None },
        };
        let features = greatest_first.into_iter().map(worth).collect();
        FeatureShares { side, with_all: of_seeds(ends[0]), with_none: of_seeds(ends[1]), features }
    };
    Ok(sides.into_iter().zip(sums).map(shares).collect())
}

/// The held-out cells that have an order, by task.
struct HeldCells {
    cells: Vec<(ModelIndex, TaskIndex)>,
    tasks: Vec<(Vec<usize>, Vec<f64>)>, // places among the cells, and true scores
}

impl HeldCells {
    fn of(trial: &Trial<'_>) -> Result<Self> {
        let mut by_task: BTreeMap<usize, Vec<(ModelIndex, f64)>> = BTreeMap::new();
        let held = trial.held();
        for model in held.models() {
            for task in held.cells.ones(model.0 as usize) {
                by_task.entry(task).or_default().push((model, f64::from(trial.truth(model, task))));
            }
        }
        by_task.retain(|_, cells| cells.iter().any(|cell| cell.1 != cells[0].1));
        let (mut cells, mut tasks) = (Vec::new(), Vec::new());
        for (task, of_task) in by_task {
            tasks.push((
                (cells.len()..cells.len() + of_task.len()).collect(),
                of_task.iter().map(|cell| cell.1).collect(),
            ));
            cells.extend(of_task.into_iter().map(|(model, _)| (model, TaskIndex(task as u32))));
        }
        if tasks.is_empty() {
            return Err(Error::input("no task has two held-out models with different scores; choose another split"));
        }
        Ok(Self { cells, tasks })
    }

    /// The mean weighted τ; where all forecasts of a task are equal, its τ counts as 0.
    fn tau(&self, ranker: &Ranker, data: &TrainingData<'_>, shown: [u32; 2]) -> f64 {
        let predicted = ranker.predict_with(data, &self.cells, shown);
        let of_task = |(places, truth): &(Vec<usize>, Vec<f64>)| {
            let predicted: Vec<f64> = places.iter().map(|&at| f64::from(predicted[at])).collect();
            weighted_tau(truth, &predicted, RankBy::Both).unwrap_or(0.0)
        };
        mean(&self.tasks.iter().map(of_task).collect::<Vec<f64>>()).unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::methods::{Here, Silent};
    use crate::snapshot::Factor;

    #[test]
    fn the_shares_sum_to_what_all_features_add() {
        let mut snapshot = Snapshot::synthetic_board(40, 8, 1.0, 3);
        for (at, model) in snapshot.models.iter_mut().enumerate() {
            model.factors.insert("params".to_owned(), Factor::Number(1.0 + at as f64));
        }
        let split: Split = "models:10".parse().unwrap();
        let found = pollster::block_on(feature_shares(&snapshot, &split, 1, &Here, &mut Silent)).unwrap();
        assert_eq!(
            found.iter().map(|side| (side.side, side.features.len())).collect::<Vec<_>>(),
            [("model", 7), ("task", 5)]
        );
        for side in &found {
            let sum: f64 = side.features.iter().map(|feature| feature.value).sum();
            assert!((sum - (side.with_all - side.with_none)).abs() < 1e-9, "{side:?}");
        }
        assert!(found.iter().flat_map(|side| &side.features).all(|feature| feature.spread.is_none()), "one seed");
        assert_eq!(found[0].with_none, 0.0, "models without features look alike");
        let [description] = found[0].features.iter().filter(|f| f.name == "description").collect::<Vec<_>>()[..] else {
            unreachable!()
        };
        assert_eq!((description.value, description.left_out), (0.0, 0.0), "no model has a description");
    }
}
