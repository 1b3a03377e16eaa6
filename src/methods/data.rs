//! The inputs of a method: the training cells, everything that is known without an evaluation, and the model to forecast.

use crate::error::{Error, Result};
use crate::linalg::{BitMatrix, SparseMatrix};
use crate::lineage::{Edge, Lineage, Parent};
use crate::snapshot::{Date, Factors, Facts, Model, ModelIndex, Range, Results, Snapshot, Task, by_benchmark};
use eyas_kernels::Cells;

/// The cells of a snapshot that are used for training, normalised to 0..1 and turned so that more is better.
#[derive(Debug, Clone)]
pub struct VisibleCells {
    /// Training cells. (n_models, n_tasks)
    pub cells: Cells,
    /// The range by which each task was normalised. (n_tasks)
    pub ranges: Vec<Range>,
}

impl VisibleCells {
    /// All known cells except the held-out ones, (n_models, n_tasks); ranges of open-ended tasks come from the remaining
    /// cells.
    ///
    /// # Errors
    /// If no cell remains.
    pub fn new(snapshot: &Snapshot, held_out: Option<&BitMatrix>) -> Result<Self> {
        let visible = |row: u32, column: u32| !held_out.is_some_and(|held| held.get(row as usize, column as usize));
        let (cells, ranges) = match &snapshot.results {
            Results::Scores(scores) => {
                let kept: Vec<_> = scores.iter().filter(|&(row, column, _)| visible(row, column)).collect();
                let ranges = training_ranges(&snapshot.tasks, &kept);
                let turned = |i: usize, value: f32| snapshot.tasks[i].turn(ranges[i].normalise(value));
                let normal = kept.iter().map(|&(u, i, value)| (u, i, turned(i as usize, value))).collect();
                (Cells::Scores(SparseMatrix::from_entries(scores.rows(), scores.columns(), normal)), ranges)
            }
            Results::Outcomes(outcomes) => {
                let all = Cells::Outcomes { observed: outcomes.observed.clone(), solved: outcomes.solved.clone() };
                let visible = held_out.map(|held| all.without(held)).unwrap_or(all);
                (visible, vec![Range::FRACTION; snapshot.tasks.len()])
            }
        };
        if cells.count() == 0 {
            return Err(Error::input("no known result is left to train on"));
        }
        Ok(Self { cells, ranges })
    }
}

/// The training data of a method: training cells as 0..1, of which more is better, and everything that is known without
/// an evaluation.
#[derive(Debug, Clone, Copy)]
pub struct TrainingData<'a> {
    /// Models with their factors. (n_models)
    pub models: &'a [Model],
    /// Tasks with their factors. (n_tasks)
    pub tasks: &'a [Task],
    /// The lineage graph of the models and their relatives; its first nodes are the models.
    pub lineage: &'a Lineage,
    /// Training cells. (n_models, n_tasks)
    pub cells: &'a Cells,
    /// Seed of every random choice.
    pub seed: u64,
}

/// Declared ranges, and for open-ended tasks the lowest and highest training score.
fn training_ranges(tasks: &[Task], cells: &[(u32, u32, f32)]) -> Vec<Range> {
    let mut seen = vec![Range { low: f32::INFINITY, high: f32::NEG_INFINITY }; tasks.len()];
    for &(_, task, value) in cells {
        let range = &mut seen[task as usize];
        *range = Range { low: range.low.min(value), high: range.high.max(value) };
    }
    let range_of = |(task, seen): (&Task, Range)| match task.range {
        Some(range) => range,
        None if seen.high > seen.low => seen,
        None if seen.low.is_finite() => Range { low: seen.low, high: seen.low + 1.0 },
        None => Range::FRACTION,
    };
    tasks.iter().zip(seen).map(range_of).collect()
}

impl<'a> TrainingData<'a> {
    /// The training data of a snapshot: the visible cells, and everything else except its results.
    #[must_use]
    pub fn new(snapshot: &'a Snapshot, visible: &'a VisibleCells, seed: u64) -> Self {
        let Snapshot { models, tasks, lineage, .. } = snapshot;
        Self { models, tasks, lineage, cells: &visible.cells, seed }
    }
}

/// A model that was not in training, with everything that is known about it.
#[derive(Debug, Clone, Default)]
pub struct NewModel {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its parents by id; the snapshot may lack some of them.
    pub parents: Vec<Parent>,
    /// Its factors.
    pub factors: Factors,
    /// Its date.
    pub date: Option<Date>,
    /// Its known scores, as (task, 0..1 of the task's range, turned so that more is better). If a task occurs several times the last score counts, as with
    /// the cells of a table.
    pub scores: Vec<(usize, f32)>,
    /// Its node in the lineage graph, if it has one. Its children there are then among its relatives, as for a model of the
    /// training data.
    pub node: Option<u32>,
}

impl NewModel {
    /// A node of the lineage graph as a new model: everything that is known about it except its scores.
    #[must_use]
    pub fn of(models: &[Model], lineage: &Lineage, node: u32) -> Self {
        let model = models.get(node as usize).cloned().unwrap_or_default();
        let parent = |edge: &Edge| Parent {
            id: lineage.id(edge.parent).to_owned(),
            relation: edge.relation,
            weight: edge.weight,
        };
        Self {
            name: Some(lineage.id(node).to_owned()),
            parents: lineage.parents(node).map(parent).collect(),
            factors: model.factors,
            date: model.date,
            scores: Vec::new(),
            node: Some(node),
        }
    }

    /// Its facts.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        Facts::new(self.name.as_deref().unwrap_or_default(), self.date, &self.factors)
    }

    /// Its scores, each task once.
    pub(super) fn distinct_scores(&self) -> Vec<(usize, f32)> {
        let mut distinct: Vec<(usize, f32)> = Vec::with_capacity(self.scores.len());
        let tasks = self.scores.iter().map(|score| score.0 + 1).max().unwrap_or(0);
        let mut places = vec![usize::MAX; tasks];
        for &(task, score) in &self.scores {
            match distinct.get_mut(places[task]) {
                Some(earlier) => earlier.1 = score,
                None => {
                    places[task] = distinct.len();
                    distinct.push((task, score));
                }
            }
        }
        distinct
    }
}

/// The model to forecast.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// A model of the training data, with or without training cells.
    Known(ModelIndex),
    /// A model that was not in training.
    New(&'a NewModel),
}

impl<'a> Target<'a> {
    /// The model's facts.
    #[must_use]
    pub fn facts(self, data: &TrainingData<'a>) -> Facts<'a> {
        match self {
            Self::Known(model) => data.models[model.0 as usize].facts(),
            Self::New(new) => new.facts(),
        }
    }

    /// Its node in the lineage graph, if it has one.
    pub(super) fn node(self) -> Option<u32> {
        match self {
            Self::Known(model) => Some(model.0),
            Self::New(new) => new.node,
        }
    }
}

/// The tasks of each benchmark, in the order of their first tasks.
pub(super) fn benchmarks(tasks: &[Task]) -> Vec<Vec<usize>> {
    by_benchmark(tasks).into_iter().map(|(_, tasks)| tasks).collect()
}

/// The mean of each task over its training cells; for a task without training cells, the mean of all cells. (n_tasks)
pub(super) fn task_means(data: &TrainingData<'_>) -> Vec<f32> {
    let mut sums = vec![(0.0f64, 0u32); data.tasks.len()];
    for model in 0..data.models.len() {
        data.cells.for_row(model, |task, value| {
            sums[task].0 += f64::from(value);
            sums[task].1 += 1;
        });
    }
    let total = sums.iter().fold((0.0, 0), |all, task| (all.0 + task.0, all.1 + task.1));
    let mean = |(sum, count): (f64, u32)| (sum / f64::from(count)) as f32;
    sums.into_iter().map(|task| mean(if task.1 > 0 { task } else { total })).collect()
}
