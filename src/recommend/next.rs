//! Plans evaluations one after another: each reduces the uncertainty of a model's forecasts most for its cost.

use super::{Recommender, Request};
use crate::decide::choose::next_evaluation;
use crate::error::{Error, Result};
use crate::linalg::print_number;
use crate::methods::HALF_WIDTH;
use crate::methods::Unknowns;
use crate::snapshot::TaskIndex;
use serde::Serialize;

/// A model, and the costs of its evaluations.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NextRequest {
    /// The model, with its known scores.
    pub model: Request,
    /// Costs by task or benchmark, above 0; others cost 1. The cost of a benchmark of items is the cost of each item.
    pub costs: Vec<(String, f32)>,
    /// How many evaluations to plan.
    pub count: usize,
}

/// A plan, in the shape of `next --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The method that ran.
    pub method: &'static str,
    /// Mean width of the benchmarks' 90 % intervals before any of these evaluations, 0..1 of the range.
    pub width: f32,
    /// The evaluations, best first; each is chosen under the assumption that those before it were made.
    pub evaluations: Vec<Evaluation>,
}

/// One evaluation of a [`Plan`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// The task.
    pub task: String,
    /// Its cost.
    pub cost: f32,
    /// The expected mean width of the benchmarks' 90 % intervals after it.
    pub width: f32,
}

impl Recommender {
    /// Plans evaluations of a model: each reduces the sum of the benchmarks' variances most for its cost.
    ///
    /// # Errors
    /// If the method has no uncertainty for new models, a cost is not above 0 or names no task, or a known score names
    /// no task or is out of range.
    pub fn next(&self, request: &NextRequest) -> Result<Plan> {
        let costs = self.costs(&request.costs)?;
        let resolved = self.resolve(&request.model)?;
        let data = self.data();
        let Some(mut unknowns) = self.fitted.unknowns(&data, resolved.target())? else {
            let name = self.method().name();
            return Err(Error::input(format!("method \"{name}\" gives no uncertainty; train with \"eyas\"")));
        };
        let mut open: Vec<usize> = (0..costs.len()).filter(|&task| resolved.known(task).is_none()).collect();
        let width = mean_width(&unknowns);
        let mut evaluations = Vec::new();
        while let Some(at) =
            next_evaluation(&unknowns, &open, |task| costs[task]).filter(|_| evaluations.len() < request.count)
        {
            let task = open.swap_remove(at);
            unknowns.observe(task);
            let (name, cost) = (self.snapshot.tasks[task].id.clone(), costs[task]);
            evaluations.push(Evaluation { task: name, cost, width: mean_width(&unknowns) });
        }
        Ok(Plan { method: self.method().name(), width, evaluations })
    }

    /// The cost of each task. (n_tasks)
    fn costs(&self, given: &[(String, f32)]) -> Result<Vec<f32>> {
        let mut costs = vec![1.0; self.snapshot.tasks.len()];
        for (name, cost) in given {
            if !(*cost > 0.0 && cost.is_finite()) {
                let found = print_number(*cost);
                return Err(Error::input(format!("the cost of \"{name}\" must be above 0, found {found}")));
            }
            let benchmark = self.benchmarks.iter().find(|benchmark| benchmark.name == *name);
            match benchmark {
                Some(benchmark) => benchmark.tasks.iter().for_each(|&task| costs[task] = *cost),
                None => {
                    let TaskIndex(task) = self.snapshot.task(name)?;
                    costs[task as usize] = *cost;
                }
            }
        }
        Ok(costs)
    }
}

fn mean_width(unknowns: &Unknowns) -> f32 {
    let variances = unknowns.variances();
    2.0 * HALF_WIDTH * variances.iter().map(|variance| variance.sqrt()).sum::<f32>() / variances.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Companions, Source, import};
    use crate::methods::{Method, Silent};
    use crate::recommend::TrainOptions;

    /// 40 models on four benchmarks; `b` is correlated with `a`, `d` with no other.
    fn trained(method: Method) -> Recommender {
        let row = |at: usize| {
            let (a, own) = (at * 7 % 40, |by: usize| at * by % 11);
            format!("lab{}/m{at},{},{},{},{}\n", at % 5, a, a + own(3) / 3, 20 + a / 2 + own(5), at * 13 % 40)
        };
        let table: String = (0..40).map(row).collect();
        let table = format!("model,a,b,c,d\n{table}");
        let file = Source { name: "t.csv", bytes: table.as_bytes(), optional: false };
        let snapshot = import(&[file], &Companions::default()).unwrap().snapshot;
        let options = TrainOptions { method, ..TrainOptions::default() };
        pollster::block_on(Recommender::train(snapshot, &options, &mut Silent)).unwrap()
    }

    fn plan(recommender: &Recommender, scores: &[(&str, f32)], costs: &[(&str, f32)], count: usize) -> Result<Plan> {
        let owned = |pairs: &[(&str, f32)]| pairs.iter().map(|&(name, value)| (name.to_owned(), value)).collect();
        let model = Request { name: Some("lab1/new".to_owned()), scores: owned(scores), ..Request::default() };
        recommender.next(&NextRequest { model, costs: owned(costs), count })
    }

    fn tasks(plan: &Plan) -> Vec<&str> {
        plan.evaluations.iter().map(|evaluation| evaluation.task.as_str()).collect()
    }

    #[test]
    fn a_plan_has_each_open_task_once_and_narrows_with_each() {
        let recommender = trained(Method::Eyas);
        let whole = plan(&recommender, &[], &[], 10).unwrap();
        let mut sorted = tasks(&whole);
        sorted.sort_unstable();
        assert_eq!((sorted, whole.method), (vec!["a", "b", "c", "d"], "eyas"));
        let widths: Vec<f32> = whole.evaluations.iter().map(|evaluation| evaluation.width).collect();
        assert!(
            whole.width < 1.0 && widths[0] < whole.width && widths.is_sorted_by(|one, next| one > next),
            "{whole:?}"
        );
        assert!(widths[3] < 0.05 * whole.width, "no uncertainty is left once all is measured: {whole:?}");
        let first = plan(&recommender, &[], &[], 2).unwrap();
        assert_eq!(first.evaluations, whole.evaluations[..2]);
        assert!(plan(&recommender, &[], &[], 0).unwrap().evaluations.is_empty());
    }

    #[test]
    fn a_known_score_is_not_planned_and_leaves_less_open() {
        let recommender = trained(Method::Eyas);
        let (before, after) =
            (plan(&recommender, &[], &[], 9).unwrap(), plan(&recommender, &[("A", 0.4)], &[], 9).unwrap());
        assert!(after.evaluations.len() == 3 && !tasks(&after).contains(&"a"), "{after:?}");
        assert!(after.width < 0.9 * before.width, "{after:?}");
        assert_eq!(tasks(&after)[0], "d", "a score says nothing about an uncorrelated benchmark");
    }

    #[test]
    fn what_costs_more_is_planned_later() {
        let recommender = trained(Method::Eyas);
        for dear in ["a", "b", "c", "d"] {
            let plan = plan(&recommender, &[], &[(dear, 1e6)], 9).unwrap();
            assert_eq!(tasks(&plan).last(), Some(&dear));
            assert_eq!(plan.evaluations.last().map(|evaluation| evaluation.cost), Some(1e6));
            assert!(plan.evaluations[..3].iter().all(|evaluation| evaluation.cost == 1.0));
        }
    }

    #[test]
    fn costs_that_make_no_sense_and_methods_without_intervals_are_refused() {
        let recommender = trained(Method::Eyas);
        for (name, cost, expected) in [
            ("a", 0.0, "must be above 0"),
            ("a", -1.0, "must be above 0"),
            ("a", f32::NAN, "must be above 0"),
            ("a", f32::INFINITY, "must be above 0"),
            ("e", 1.0, "no task \"e\""),
        ] {
            let error = plan(&recommender, &[], &[(name, cost)], 1).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let error = plan(&trained(Method::Mean), &[], &[], 1).unwrap_err().to_string();
        assert!(error.contains("\"mean\" gives no uncertainty"), "{error}");
    }

    /// The cost of a benchmark applies to each of its items.
    #[test]
    fn the_cost_of_a_benchmark_is_that_of_its_items() {
        let snapshot = crate::snapshot::Snapshot::synthetic(30, 20, 3);
        let options = TrainOptions::default();
        let recommender = pollster::block_on(Recommender::train(snapshot, &options, &mut Silent)).unwrap();
        let plan = plan(&recommender, &[], &[("made-up", 3.0)], 5).unwrap();
        assert!(plan.evaluations.len() == 5 && plan.evaluations.iter().all(|evaluation| evaluation.cost == 3.0));
    }
}
