//! The score of routing by a method's predictions on held-out items (Tamura et al., §4.4, figure 3), compared with the
//! single best model, a random one and the oracle.

use super::{Row, TaskRef};
use crate::decide::choose;
use crate::snapshot::{ModelIndex, Snapshot, TaskIndex, TaskKind};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Truth and prediction by model and item.
type Cells = HashMap<(ModelIndex, TaskIndex), (f32, f32)>;

/// Routing over the items of a benchmark. Scores are shares of items solved.
///
/// The pool consists of the held-out models with an outcome for every held-out item of the benchmark.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RoutingScores {
    /// Number of items.
    pub items: usize,
    /// Number of models in the pool.
    pub pool: usize,
    /// Score if each item goes to the model with the best prediction.
    pub routed: f64,
    /// Score of the single model that truly solves most items.
    pub single_best: f64,
    /// Expected score if each item goes to a random model.
    pub random: f64,
    /// Score if each item goes to a model that solves it, if there is one.
    pub oracle: f64,
    /// Number of items for each chosen model, by id.
    pub chosen: BTreeMap<String, usize>,
}

/// Routes the item rows of one seed, benchmark by benchmark. Benchmarks with a pool of fewer than two models are left
/// out, and so are all snapshots of scores.
#[must_use]
pub fn route_rows(snapshot: &Snapshot, rows: &[Row]) -> BTreeMap<String, RoutingScores> {
    if snapshot.kind() == TaskKind::Score {
        return BTreeMap::new();
    }
    let mut by_benchmark: BTreeMap<&str, Cells> = BTreeMap::new();
    for row in rows {
        if let TaskRef::Task(task) = row.task {
            let benchmark = snapshot.tasks[task.0 as usize].dataset.as_str();
            by_benchmark.entry(benchmark).or_default().insert((row.model, task), (row.truth, row.predicted));
        }
    }
    let scored = |(name, cells): (&str, _)| Some((name.to_owned(), route_benchmark(snapshot, &cells)?));
    by_benchmark.into_iter().filter_map(scored).collect()
}

fn route_benchmark(snapshot: &Snapshot, cells: &Cells) -> Option<RoutingScores> {
    let models: BTreeSet<ModelIndex> = cells.keys().map(|key| key.0).collect();
    let items: BTreeSet<TaskIndex> = cells.keys().map(|key| key.1).collect();
    let row =
        |model: ModelIndex| items.iter().map(|&item| cells.get(&(model, item)).copied()).collect::<Option<Vec<_>>>();
    let pool: Vec<(ModelIndex, Vec<(f32, f32)>)> =
        models.iter().filter_map(|&model| Some((model, row(model)?))).collect();
    if pool.len() < 2 {
        return None;
    }
    let predicted: Vec<Vec<f32>> = pool.iter().map(|(_, row)| row.iter().map(|cell| cell.1).collect()).collect();
    let truth = |model: usize, item: usize| f64::from(pool[model].1[item].0);
    let mean = |sum: f64| sum / items.len() as f64;
    let solved = |model: usize| mean((0..items.len()).map(|item| truth(model, item)).sum());
    let shares: Vec<f64> = (0..pool.len()).map(solved).collect();
    let anyone = |item: usize| (0..pool.len()).map(|model| truth(model, item)).fold(0.0, f64::max);
    let routes = choose::route(&predicted);
    let mut chosen = BTreeMap::new();
    for &model in &routes {
        *chosen.entry(snapshot.models[pool[model].0.0 as usize].id.clone()).or_default() += 1;
    }
    Some(RoutingScores {
        items: items.len(),
        pool: pool.len(),
        routed: mean(routes.iter().enumerate().map(|(item, &model)| truth(model, item)).sum()),
        single_best: shares.iter().copied().fold(0.0, f64::max),
        random: shares.iter().sum::<f64>() / pool.len() as f64,
        oracle: mean((0..items.len()).map(anyone).sum()),
        chosen,
    })
}

/// Means of each benchmark over the seeds that have it. The means of numbers of items and models are rounded down; the
/// numbers of items for each chosen model are summed.
#[must_use]
pub fn average_routing(seeds: &[BTreeMap<String, RoutingScores>]) -> BTreeMap<String, RoutingScores> {
    let names: BTreeSet<&String> = seeds.iter().flat_map(BTreeMap::keys).collect();
    let average = |name: &String| {
        let all: Vec<&RoutingScores> = seeds.iter().filter_map(|seed| seed.get(name)).collect();
        let mean = |of: fn(&RoutingScores) -> f64| all.iter().map(|scores| of(scores)).sum::<f64>() / all.len() as f64;
        let mut chosen = BTreeMap::new();
        for (id, count) in all.iter().flat_map(|scores| &scores.chosen) {
            *chosen.entry(id.clone()).or_default() += count;
        }
        RoutingScores {
            items: mean(|scores| scores.items as f64) as usize,
            pool: mean(|scores| scores.pool as f64) as usize,
            routed: mean(|scores| scores.routed),
            single_best: mean(|scores| scores.single_best),
            random: mean(|scores| scores.random),
            oracle: mean(|scores| scores.oracle),
            chosen,
        }
    };
    names.into_iter().map(|name| (name.clone(), average(name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Companions, Source, import};

    #[test]
    fn routes_are_scored_against_the_truth_and_incomplete_models_stay_out() {
        let text = "model,1,2,3,4\na,1,0,0,1\nb,0,1,0,0\nc,1,1,1,\n";
        let source = Source { name: "x.csv", bytes: text.as_bytes(), optional: false };
        let snapshot = import(&[source], &Companions::default()).unwrap().snapshot;
        let predicted = [[0.9, 0.3, 0.2, 0.1], [0.1, 0.8, 0.1, 0.3], [1.0, 1.0, 1.0, 1.0]];
        let mut rows = Vec::new();
        for model in 0..3u32 {
            for task in 0..4u32 {
                if let Some(truth) = snapshot.get(ModelIndex(model), TaskIndex(task)) {
                    rows.push(Row {
                        model: ModelIndex(model),
                        task: TaskRef::Task(TaskIndex(task)),
                        truth,
                        predicted: predicted[model as usize][task as usize],
                        interval: None,
                        ranks: None,
                    });
                }
            }
        }
        let scores = &route_rows(&snapshot, &rows)["x"];
        // Items 1 and 3 go to a, 2 and 4 to b: solved, failed, solved, failed.
        let expected = RoutingScores {
            items: 4,
            pool: 2,
            routed: 0.5,
            single_best: 0.5,
            random: 0.375,
            oracle: 0.75,
            chosen: [("a".to_owned(), 2), ("b".to_owned(), 2)].into(),
        };
        assert_eq!(scores, &expected);
        let both = average_routing(&[route_rows(&snapshot, &rows), BTreeMap::new(), route_rows(&snapshot, &rows)]);
        assert_eq!((both["x"].routed, both["x"].chosen["a"]), (0.5, 4));
        assert!(route_rows(&snapshot, &rows[..4]).is_empty(), "one model is no pool");
    }
}
