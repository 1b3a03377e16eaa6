//! Which benchmarks an answer shows: those that are asked for, else, of many, the few that matter most to the model.

use super::subject::ResolvedRequest;
use super::{Prediction, Recommender};
use crate::error::Result;
use crate::linalg::order;
use crate::methods::Target;
use crate::snapshot::ModelIndex;

/// Benchmarks that an answer shows at most if none are asked for.
const MOST: usize = 8;
/// Asks for all benchmarks.
const ALL: &str = "all";
/// What the number of all models with a result counts beside those that are like the model.
const POPULARITY: f32 = 0.01;

impl Recommender {
    /// The benchmarks of an answer: those of these names in their order, all for the one name `all`; for none all of a few,
    /// else those on which the model's parents and the models that its forecast rests on have the most results, types of
    /// tasks side by side. Benchmarks with a given score are always among them.
    ///
    /// # Errors
    /// If there is no benchmark of a name, or the forecast fails.
    pub(super) fn shown(&self, names: &[String], resolved: &ResolvedRequest) -> Result<Vec<usize>> {
        let count = self.benchmarks.len();
        let is_all = |name: &String| name == ALL && self.benchmark(name).is_err();
        if !names.is_empty() && !names.iter().any(is_all) {
            let mut shown = Vec::new();
            for name in names {
                let at = self.benchmark(name)?;
                if !shown.contains(&at) {
                    shown.push(at);
                }
            }
            return Ok(shown);
        }
        if !names.is_empty() || count <= MOST {
            return Ok((0..count).collect());
        }
        let interest = self.interest(resolved)?;
        let mut shown = order(count, &mut |a, b| interest[b].total_cmp(&interest[a]));
        let given = |at: usize| self.benchmarks[at].tasks.iter().any(|&task| resolved.is_given(task));
        let most = MOST.max((0..count).filter(|&at| given(at)).count());
        shown.truncate(most);
        let kind = |at: usize| self.benchmarks[at].tasks.first().map(|&task| &self.snapshot.tasks[task].task_type);
        let group = |at: usize| (0..count).position(|other| kind(other) == kind(at));
        let sorted = order(shown.len(), &mut |a, b| (group(shown[a]), shown[a]).cmp(&(group(shown[b]), shown[b])));
        Ok(sorted.into_iter().map(|at| shown[at]).collect())
    }

    /// The benchmarks of a prediction's forecasts.
    pub(super) fn shown_in(&self, prediction: &Prediction) -> Result<Vec<usize>> {
        prediction.forecasts.iter().map(|forecast| self.benchmark(&forecast.task)).collect()
    }

    /// How much each benchmark matters to a model. (n_benchmarks)
    fn interest(&self, resolved: &ResolvedRequest) -> Result<Vec<f32>> {
        let models = self.snapshot.models.len();
        let itself = resolved.row.map(|row| row.0);
        let parents: Vec<u32> =
            resolved.lineage.parents.iter().filter_map(|p| self.snapshot.model(&p.id)).map(|m| m.0).collect();
        let target = match itself {
            Some(row) => Target::Known(ModelIndex(row)),
            None => resolved.target(),
        };
        let like_it = self.forecast_tasks(target, &[])?.sources;
        let share = 1.0 / parents.len().max(1) as f32;
        let mut weights = vec![POPULARITY / models.max(1) as f32; models];
        let near = parents.into_iter().map(|parent| (parent, share)).chain(like_it);
        near.filter(|&(node, _)| (node as usize) < models && Some(node) != itself)
            .for_each(|(node, share)| weights[node as usize] += share);
        let of = |at: usize| {
            let tasks = &self.benchmarks[at].tasks;
            let given = if tasks.iter().any(|&task| resolved.is_given(task)) { f32::INFINITY } else { 0.0 };
            let known = (0..models as u32).filter(|&model| self.measured_score(ModelIndex(model), at).is_some());
            given + known.map(|model| weights[model as usize]).sum::<f32>()
        };
        Ok((0..self.benchmarks.len()).map(of).collect())
    }
}
