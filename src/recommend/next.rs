//! What to evaluate next: the evaluations that narrow a model's forecasts most for what they cost, one after another.

use super::{Recommender, Request};
use crate::decide::choose::next_evaluation;
use crate::error::{Error, Result};
use crate::linalg::print_number;
use crate::methods::Unknowns;
use crate::snapshot::TaskIndex;
use serde::Serialize;

/// A model, and what its evaluations would cost.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NextRequest {
    /// The model, with the scores that it has.
    pub model: Request,
    /// Costs by task or benchmark, above 0; what is not named costs 1. Of a benchmark of items: of each item.
    pub costs: Vec<(String, f32)>,
    /// How many evaluations to plan.
    pub count: usize,
}

/// A plan, in the shape of `next --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The method that ran.
    pub method: &'static str,
    /// Mean width of the benchmarks' 90 % intervals as it is.
    pub width: f32,
    /// The evaluations, best first; each is chosen as if those before it had been made.
    pub evaluations: Vec<Evaluation>,
}

/// One evaluation of a [`Plan`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// The task.
    pub task: String,
    /// Its cost.
    pub cost: f32,
    /// The mean width of the benchmarks' 90 % intervals that is to be expected after it.
    pub width: f32,
}

/// Half the width of a 90 % interval in standard deviations.
const HALF_WIDTH: f32 = 1.645;

impl Recommender {
    /// Plans evaluations of a model: each is the one that reduces the variances of the benchmarks most for its cost.
    ///
    /// # Errors
    /// If the method does not say how sure it is of new models, a cost is not above 0 or names no task, or a known score is
    /// of no task or out of range.
    pub fn next(&self, request: &NextRequest) -> Result<Plan> {
        let costs = self.costs(&request.costs)?;
        let asked = self.asked(&request.model)?;
        let data = self.data();
        let Some(mut unknowns) = self.fitted.unknowns(&data, asked.target())? else {
            let name = self.method().name();
            return Err(Error::input(format!("method \"{name}\" does not say how sure it is; train with \"eyas\"")));
        };
        let mut open: Vec<usize> = (0..costs.len()).filter(|&task| asked.known(task).is_none()).collect();
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
