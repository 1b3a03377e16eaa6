//! How well a method ranks the models of each task by their held-out results.

use crate::metrics::{self, Ranked};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// Numbers of the first models that NDCG, hits and recall look at.
pub const FIRST: [usize; 4] = [1, 10, 30, 50];

/// A value for each number of [`FIRST`].
pub type ByFirst = [Option<f64>; FIRST.len()];

/// Metrics of a ranking of models on a task, or their means over tasks; `None` if undefined. A task counts with the
/// models of its held-out results, ranked by what is better, and not at all if it has a single model or if all of them
/// have the same result. NDCG, hits and recall at k leave out tasks of fewer than k models.
///
/// Predictions that are equal count as the mean over all their orders, so that a method that predicts the same for all
/// models has the values of a random ranking, while its τ is undefined.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Ranking {
    /// Weighted Kendall's τ; the mean over tasks has weights of 1 / number of models.
    pub weighted_tau_by_size: Option<f64>,
    /// NDCG at 1, 10, 30 and 50. The gain is the result, scaled to 0 for the worst and 1 for the best model.
    pub ndcg: ByFirst,
    /// Whether the best model is among those predicted as the first 1, 10, 30 and 50; any of several best ones.
    pub hit: ByFirst,
    /// The share of those predicted as the first 1, 10, 30 and 50 that are as good as the model at this rank.
    pub recall: ByFirst,
    /// The reciprocal of the predicted rank of the best model; the first of several best ones.
    pub mrr: Option<f64>,
}

impl Ranking {
    /// The metrics of one task but τ, which the caller has.
    pub(super) fn of(truth: &[f64], predicted: &[f64], weighted_tau: Option<f64>) -> Self {
        Self::defined(truth, predicted, weighted_tau).unwrap_or_default()
    }

    fn defined(truth: &[f64], predicted: &[f64], weighted_tau: Option<f64>) -> Option<Self> {
        let (best_order, order) = (Ranked::new(truth)?, Ranked::new(predicted)?);
        let (best, worst) = (best_order.sorted().next()?, best_order.sorted().next_back()?);
        if truth.len() != predicted.len() || best <= worst {
            return None;
        }
        let gains: Vec<f64> = truth.iter().map(|value| (value - worst) / (best - worst)).collect();
        let is_best: Vec<bool> = truth.iter().map(|&value| value == best).collect();
        let at_each = |metric: &dyn Fn(usize) -> Option<f64>| {
            FIRST.map(|first| if first <= truth.len() { metric(first) } else { None })
        };
        Some(Self {
            weighted_tau_by_size: weighted_tau,
            ndcg: at_each(&|k| order.ndcg(&gains, &best_order, k)),
            hit: at_each(&|k| order.hit(&is_best, k)),
            recall: at_each(&|k| {
                let last = best_order.sorted().nth(k - 1)?;
                let as_good: Vec<bool> = truth.iter().map(|&value| value >= last).collect();
                order.found(&as_good, k).map(|found| found / k as f64)
            }),
            mrr: order.reciprocal_rank(&is_best),
        })
    }

    /// Combines each metric of several sets with `how`.
    pub(super) fn combine(all: &[&Self], how: impl Fn(&[f64]) -> Option<f64>) -> Self {
        let of = |pick: &dyn Fn(&Self) -> Option<f64>| {
            how(&all.iter().filter_map(|ranking| pick(ranking)).collect::<Vec<f64>>())
        };
        let of_each = |pick: fn(&Self) -> &ByFirst| std::array::from_fn(|at| of(&|ranking| pick(ranking)[at]));
        Self {
            weighted_tau_by_size: of(&|ranking| ranking.weighted_tau_by_size),
            ndcg: of_each(|ranking| &ranking.ndcg),
            hit: of_each(|ranking| &ranking.hit),
            recall: of_each(|ranking| &ranking.recall),
            mrr: of(&|ranking| ranking.mrr),
        }
    }

    /// The means over tasks, given with their numbers of models.
    pub(super) fn mean(tasks: &[(f64, &Self)]) -> Self {
        let all: Vec<&Self> = tasks.iter().map(|task| task.1).collect();
        let taus = tasks.iter().filter_map(|(models, ranking)| Some((1.0 / models, ranking.weighted_tau_by_size?)));
        let (weight, sum) = taus.fold((0.0, 0.0), |all, (weight, tau)| (all.0 + weight, all.1 + weight * tau));
        let weighted_tau_by_size = (weight > 0.0).then_some(sum / weight);
        Self { weighted_tau_by_size, ..Self::combine(&all, metrics::mean) }
    }
}

/// One flat object: `weighted_tau_by_size`, `ndcg_1`, …, `recall_50`, `mrr`.
impl Serialize for Ranking {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("weighted_tau_by_size", &self.weighted_tau_by_size)?;
        for (name, values) in [("ndcg", &self.ndcg), ("hit", &self.hit), ("recall", &self.recall)] {
            for (first, value) in FIRST.iter().zip(values) {
                map.serialize_entry(&format!("{name}_{first}"), value)?;
            }
        }
        map.serialize_entry("mrr", &self.mrr)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<f64>, expected: f64) {
        assert!(found.is_some_and(|found| (found - expected).abs() < 1e-9), "{found:?} against {expected}");
    }

    /// Twelve models, of which the best two are predicted third and first of the others.
    fn example() -> (Vec<f64>, Vec<f64>) {
        let truth = (0..12).map(|at| 0.5 - 0.01 * f64::from(at)).collect();
        let predicted = [3, 4, 5, 6, 7, 8, 9, 10, 1, 2, 11, 12].map(|rank| -f64::from(rank)).to_vec();
        (truth, predicted)
    }

    #[test]
    fn the_first_models_are_compared_and_more_than_there_are_is_undefined() {
        let (truth, predicted) = example();
        let ranking = Ranking::of(&truth, &predicted, Some(0.25));
        let discounts: f64 = (0..10).map(|at| (1.0 - f64::from(at) / 11.0) / f64::from(at + 2).log2()).sum();
        let order = [8, 9, 0, 1, 2, 3, 4, 5, 6, 7].map(|at| 1.0 - f64::from(at) / 11.0);
        let gain: f64 = order.iter().zip(2..).map(|(gain, at)| gain / f64::from(at).log2()).sum();
        near(ranking.ndcg[0], 3.0 / 11.0);
        near(ranking.ndcg[1], gain / discounts);
        near(ranking.mrr, 1.0 / 3.0);
        assert_eq!(ranking.hit, [Some(0.0), Some(1.0), None, None]);
        assert_eq!(ranking.recall, [Some(0.0), Some(1.0), None, None]);
        assert_eq!((ranking.ndcg[2], ranking.weighted_tau_by_size), (None, Some(0.25)));
        let perfect = Ranking::of(&truth, &truth, Some(1.0));
        assert_eq!((perfect.ndcg[1], perfect.recall[1], perfect.mrr), (Some(1.0), Some(1.0), Some(1.0)));
    }

    #[test]
    fn any_of_several_best_models_counts() {
        let ranking = Ranking::of(&[0.2, 0.9, 0.9, 0.1], &[0.4, 0.3, 0.5, 0.1], None);
        assert_eq!((ranking.hit[0], ranking.recall[0], ranking.mrr), (Some(1.0), Some(1.0), Some(1.0)));
        let second = Ranking::of(&[0.2, 0.9, 0.9, 0.1], &[0.6, 0.3, 0.5, 0.1], None);
        assert_eq!((second.hit[0], second.recall[0], second.mrr), (Some(0.0), Some(0.0), Some(0.5)));
    }

    #[test]
    fn equal_predictions_are_a_random_order() {
        let ranking = Ranking::of(&[0.0, 0.25, 0.5, 1.0], &[0.3; 4], None);
        near(ranking.ndcg[0], 1.75 / 4.0);
        near(ranking.hit[0], 0.25);
        near(ranking.mrr, (1.0 + 1.0 / 2.0 + 1.0 / 3.0 + 1.0 / 4.0) / 4.0);
    }

    #[test]
    fn without_a_best_model_nothing_is_defined() {
        for (truth, predicted) in
            [(vec![0.5, 0.5], [0.1, 0.2]), (vec![0.5], [0.1, 0.2]), (vec![0.1, 0.5], [0.1, f64::NAN])]
        {
            assert_eq!(Ranking::of(&truth, &predicted, None), Ranking::default());
        }
        assert_eq!(Ranking::of(&[], &[], None), Ranking::default());
    }

    #[test]
    fn the_mean_of_tau_has_weights_and_the_others_have_none() {
        let of = |tau, mrr| Ranking { weighted_tau_by_size: tau, mrr: Some(mrr), ..Ranking::default() };
        let (small, large, tied) = (of(Some(0.6), 0.5), of(Some(-0.2), 1.0), of(None, 0.3));
        let mean = Ranking::mean(&[(2.0, &small), (6.0, &large), (3.0, &tied)]);
        near(mean.weighted_tau_by_size, (0.6 / 2.0 - 0.2 / 6.0) / (1.0 / 2.0 + 1.0 / 6.0));
        near(mean.mrr, 0.6);
        assert_eq!(Ranking::mean(&[]), Ranking::default());
    }

    #[test]
    fn the_keys_of_json_are_flat() {
        let json =
            serde_json::to_value(Ranking { recall: [None, Some(0.5), None, None], ..Ranking::default() }).unwrap();
        let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let of = |name: &str| FIRST.map(|first| format!("{name}_{first}"));
        let expected = [of("ndcg"), of("hit"), of("recall")].concat();
        assert_eq!(keys[1..13], expected);
        assert_eq!((keys[0], keys[13], keys.len()), ("weighted_tau_by_size", "mrr", 14));
        assert!(json["recall_10"] == 0.5 && json["ndcg_1"].is_null());
    }
}
