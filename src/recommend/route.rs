//! Routing (Tamura et al., "Can a Crow Hatch a Falcon?", §4.4): each item goes to the model with the best prediction.

use super::Recommender;
use crate::decide::choose::{self, greatest, mean};
use crate::error::{Error, Result};
use crate::linalg::order;
use crate::methods::Target;
use crate::snapshot::{ModelIndex, TaskKind};
use serde::Serialize;
use std::collections::BTreeMap;

/// A request for [`Recommender::route`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RouteRequest {
    /// The benchmarks to route, by any of their names.
    pub tasks: Vec<String>,
    /// The maximum number of models to list; `None` for all. The routes are always complete.
    pub top: Option<usize>,
}

/// The model for each item, in the shape of `route --json`. Expected values are the method's, in 0..1; in expected means
/// a score counts as 1 - score where a lower one is better.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Routing {
    /// The method that predicted.
    pub method: &'static str,
    /// The benchmarks.
    pub tasks: Vec<String>,
    /// Number of items; a benchmark with a single score is one item.
    pub items: usize,
    /// Expected mean score of the routing.
    pub expected: f64,
    /// Expected mean score if every item goes to the one model with the best expected mean.
    pub single: SingleModel,
    /// Expected mean score if each item goes to a random model.
    pub random: f64,
    /// The models with items, most items first.
    pub models: Vec<RoutedModel>,
    /// The route of each item.
    pub routes: Vec<Route>,
}

/// One model for all items.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SingleModel {
    /// Its id.
    pub id: String,
    /// Its expected mean score.
    pub expected: f64,
}

/// A model with at least one item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RoutedModel {
    /// Its id.
    pub id: String,
    /// Number of its items.
    pub items: usize,
    /// Its share of all items.
    pub share: f64,
    /// Number of its items by benchmark; benchmarks without items are left out.
    pub tasks: BTreeMap<String, usize>,
}

/// The route of one item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Route {
    /// The item, or the benchmark with a single score.
    pub item: String,
    /// The model with the best prediction.
    pub model: String,
    /// The predicted score, 0..1, in the benchmark's own direction.
    pub predicted: f32,
}

impl Recommender {
    /// Sends each item of these benchmarks to the model of the snapshot with the best prediction.
    ///
    /// Items are routed by prediction even if their outcome is known, since one lucky answer is no reason for a route.
    /// A benchmark with a single score is routed by that score if it is known.
    ///
    /// # Errors
    /// If no benchmark is named, a benchmark is not in the snapshot, or one is named twice.
    pub fn route(&self, request: &RouteRequest) -> Result<Routing> {
        let benchmarks = self.named(&request.tasks)?;
        let items: Vec<(usize, usize)> = benchmarks
            .iter()
            .flat_map(|&benchmark| self.benchmarks[benchmark].tasks.iter().map(move |&task| (benchmark, task)))
            .collect();
        let predicted = self.predicted(&items)?;
        let chosen = choose::route(&predicted);
        let means: Vec<f64> = predicted.iter().map(|row| mean(row)).collect();
        let (single, &expected) =
            greatest(means.iter().enumerate()).ok_or_else(|| Error::input("the snapshot has no model to route to"))?;
        let id = |model: usize| self.snapshot.models[model].id.clone();
        let route = |((_, task), &model): (&(usize, usize), &usize), at: usize| Route {
            item: self.snapshot.tasks[*task].id.clone(),
            model: id(model),
            predicted: self.snapshot.tasks[*task].turn(predicted[model][at]),
        };
        let routes: Vec<Route> =
            items.iter().zip(&chosen).enumerate().map(|(at, (item, model))| route((item, model), at)).collect();
        let sum: f64 = chosen.iter().enumerate().map(|(at, &model)| f64::from(predicted[model][at])).sum();
        let mut models = self.routed(&items, &chosen);
        models.truncate(request.top.unwrap_or(usize::MAX));
        Ok(Routing {
            method: self.method().name(),
            tasks: benchmarks.iter().map(|&at| self.benchmarks[at].name.clone()).collect(),
            items: items.len(),
            expected: sum / items.len() as f64,
            single: SingleModel { id: id(single), expected },
            random: means.iter().sum::<f64>() / means.len() as f64,
            models,
            routes,
        })
    }

    fn named(&self, tasks: &[String]) -> Result<Vec<usize>> {
        let mut benchmarks = Vec::new();
        for name in tasks {
            let at = self.benchmark(name)?;
            if benchmarks.contains(&at) {
                return Err(Error::input(format!("the task \"{name}\" is named twice")));
            }
            benchmarks.push(at);
        }
        if benchmarks.is_empty() { Err(Error::input("name the tasks to route")) } else { Ok(benchmarks) }
    }

    /// The predicted score of each model on each item, turned so that more is better. (n_models, items)
    fn predicted(&self, items: &[(usize, usize)]) -> Result<Vec<Vec<f32>>> {
        let data = self.data();
        let is_scores = self.snapshot.kind() == TaskKind::Score;
        if is_scores {
            self.find_columns(&items.iter().map(|&(benchmark, _)| benchmark).collect::<Vec<_>>())?;
        }
        let of = |model: usize| {
            if is_scores {
                let standing = |&(benchmark, task): &(usize, usize)| {
                    Ok(self.snapshot.tasks[task].turn(self.column(benchmark)?.standings[model].score))
                };
                return items.iter().map(standing).collect();
            }
            let forecast = self.fitted.forecast(&data, Target::Known(ModelIndex(model as u32)))?;
            Ok(items.iter().map(|&(_, task)| forecast.mean[task]).collect())
        };
        (0..self.snapshot.models.len()).map(of).collect()
    }

    fn routed(&self, items: &[(usize, usize)], chosen: &[usize]) -> Vec<RoutedModel> {
        let mut counts: Vec<BTreeMap<String, usize>> = vec![BTreeMap::new(); self.snapshot.models.len()];
        for (&(benchmark, _), &model) in items.iter().zip(chosen) {
            let name = self.benchmarks[benchmark].name.clone();
            *counts[model].entry(name).or_default() += 1;
        }
        let of = |(model, tasks): (usize, BTreeMap<String, usize>)| {
            let count: usize = tasks.values().sum();
            let share = count as f64 / items.len() as f64;
            RoutedModel { id: self.snapshot.models[model].id.clone(), items: count, share, tasks }
        };
        let models: Vec<RoutedModel> =
            counts.into_iter().enumerate().filter(|(_, tasks)| !tasks.is_empty()).map(of).collect();
        let most_first = order(models.len(), &mut |a, b| models[b].items.cmp(&models[a].items));
        most_first.into_iter().map(|at| models[at].clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Companions, Source, import};
    use crate::methods::{Method, Silent};
    use crate::recommend::TrainOptions;

    fn trained(text: &str, method: Method) -> Recommender {
        let source = Source { name: "x.csv", bytes: text.as_bytes(), optional: false };
        let snapshot = import(&[source], &Companions::default()).unwrap().snapshot;
        let options = TrainOptions { method, ..TrainOptions::default() };
        pollster::block_on(Recommender::train(snapshot, &options, &mut Silent)).unwrap()
    }

    fn request(tasks: &[&str]) -> RouteRequest {
        RouteRequest { tasks: tasks.iter().map(|&task| task.to_owned()).collect(), top: None }
    }

    #[test]
    fn each_score_goes_to_its_best_model() {
        let recommender = trained("model,x,y,z\na,0.9,0.1,0.5\nb,0.2,0.8,0.5\nc,0.6,0.6,0.4\n", Method::Mean);
        let routing = recommender.route(&request(&["y", "x"])).unwrap();
        let routes: Vec<_> = routing.routes.iter().map(|route| (route.item.as_str(), route.model.as_str())).collect();
        assert_eq!(routes, [("y", "b"), ("x", "a")]);
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} {b}");
        near(routing.expected, 0.85);
        near(routing.single.expected, 0.6);
        near(routing.random, 3.2 / 6.0);
        assert_eq!((routing.single.id.as_str(), routing.items, routing.models.len()), ("c", 2, 2));
        assert_eq!(routing.models[0].tasks.len(), 1);
    }

    #[test]
    fn items_are_routed_by_prediction_and_all_of_a_benchmark_goes() {
        let recommender = trained("model,1,2,3\na,1,0,1\nb,0,1,1\nc,0,0,\n", Method::Mean);
        let routing = recommender.route(&RouteRequest { top: Some(1), ..request(&["x"]) }).unwrap();
        assert_eq!((routing.items, routing.routes.len(), routing.models.len()), (3, 3, 1));
        assert_eq!(routing.models[0].share, 1.0, "the mean predicts the same for all models, so one gets all items");
        for bad in [&[][..], &["nothing"], &["x", "x"]] {
            assert!(recommender.route(&request(bad)).is_err(), "{bad:?}");
        }
    }
}
