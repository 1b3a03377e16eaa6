//! The measured or predicted score of every model of the snapshot on every benchmark, and the ranks that follow from
//! them.

use super::Recommender;
use crate::decide::belief::{Belief, Field};
use crate::error::{Error, Result};
use crate::linalg::sort_floats;
use crate::methods::{Forecast, HALF_WIDTH, Target};
use crate::snapshot::{ModelIndex, Snapshot, TaskIndex, rated};

/// The score of a model of the snapshot on a benchmark.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Standing {
    pub(super) score: f32,
    pub(super) predicted: bool,
    /// The 90 % interval of a predicted score, or of a measured one with a known error.
    pub(super) interval: Option<(f32, f32)>,
    /// The standard error of a measured score, if it is known.
    pub(super) error: Option<f32>,
}

/// A benchmark and its tasks.
pub(super) struct Benchmark {
    pub(super) name: String,
    pub(super) tasks: Vec<usize>,
}

impl Standing {
    /// The distribution of the score, negated if a lower one is better; `None` if it is predicted without an interval.
    pub(super) fn belief(&self, lower_is_better: bool) -> Option<Belief> {
        belief(self.score, !self.predicted, self.interval, lower_is_better)
    }
}

/// The distribution of a score, negated if a lower one is better; `None` if it is predicted without an interval.
pub(super) fn belief(score: f32, known: bool, interval: Option<(f32, f32)>, lower_is_better: bool) -> Option<Belief> {
    let belief = match interval {
        Some(interval) => Belief::forecast(score, interval),
        None if known => Belief::measured(score),
        None => return None,
    };
    Some(if lower_is_better { belief.negated() } else { belief })
}

/// Benchmarks whose standings are found together.
const AT_ONCE: usize = 8;

impl Benchmark {
    /// The mean over its tasks.
    pub(super) fn mean(&self, value: impl Fn(usize) -> f32) -> f32 {
        let sum: f64 = self.tasks.iter().map(|&task| f64::from(value(task))).sum();
        (sum / self.tasks.len() as f64) as f32
    }
}

/// The scores of all models of the snapshot on one benchmark.
pub(super) struct Column {
    pub(super) standings: Vec<Standing>, // (n_models), in the benchmark's own direction
    pub(super) field: Option<Field>,     // `None` if a predicted score has no interval
}

impl Recommender {
    /// The scores of all models on a benchmark. They are found when they are first asked for: a table with gaps takes a forecast
    /// of each model. Those of the next benchmarks are found with them, since who asks for one benchmark after another would
    /// else pay for each anew.
    ///
    /// # Errors
    /// If a forecast fails.
    pub(super) fn column(&self, at: usize) -> Result<&Column> {
        if self.columns[at].get().is_none() {
            let next: Vec<usize> = (at..self.columns.len()).chain(0..at).take(AT_ONCE).collect();
            self.find_columns(&next)?;
        }
        self.columns[at].get().ok_or_else(|| Error::computation("a benchmark without standings"))
    }

    /// Finds the scores of all models on some benchmarks, those that are not there yet, by one forecast of each model.
    ///
    /// # Errors
    /// If a forecast fails.
    pub(super) fn find_columns(&self, benchmarks: &[usize]) -> Result<()> {
        let missing: Vec<usize> = benchmarks.iter().copied().filter(|&at| self.columns[at].get().is_none()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let of = |model: usize| self.standings(ModelIndex(model as u32), &missing);
        let rows: Vec<Vec<Standing>> =
            eyas_kernels::map(self.snapshot.models.len(), of).into_iter().collect::<Result<_>>()?;
        for (k, &at) in missing.iter().enumerate() {
            let standings: Vec<Standing> = rows.iter().map(|row| row[k]).collect();
            let turned = self.lower_is_better(at);
            let beliefs: Option<Vec<Belief>> = standings.iter().map(|standing| standing.belief(turned)).collect();
            let field = beliefs.map(|beliefs| Field::new(&beliefs));
            // Another thread may have found the same.
            let _ = self.columns[at].set(Column { standings, field });
        }
        Ok(())
    }

    /// The scores of a model on some benchmarks: means over their tasks, with a forecast for each task without a result.
    ///
    /// # Errors
    /// If the forecast fails.
    pub(super) fn standings(&self, model: ModelIndex, benchmarks: &[usize]) -> Result<Vec<Standing>> {
        let mut scores: Vec<Option<f32>> = vec![None; self.snapshot.tasks.len()];
        self.visible.cells.for_row(model.0 as usize, |task, _| scores[task] = self.score(model, task));
        let tasks: Vec<usize> = benchmarks.iter().flat_map(|&at| self.benchmarks[at].tasks.iter().copied()).collect();
        let is_complete = tasks.iter().all(|&task| scores[task].is_some());
        let forecast = if is_complete { None } else { Some(self.forecast_tasks(Target::Known(model), &tasks)?) };
        let standing = |&at: &usize| {
            let benchmark = &self.benchmarks[at];
            let predicted = benchmark.tasks.iter().any(|&task| scores[task].is_none());
            let mut interval = forecast.as_ref().filter(|_| predicted).and_then(|f| f.intervals.get(at)).copied();
            let score = |task: usize| scores[task].or_else(|| forecast.as_ref().map(|f| f.mean[task]));
            let score = benchmark.mean(|task| score(task).unwrap_or(0.0));
            let error = if predicted { None } else { self.error(model, at) };
            if let Some(error) = error {
                interval = Some(self.around(at, score, error));
            }
            Standing { score, predicted, interval, error }
        };
        Ok(benchmarks.iter().map(standing).collect())
    }

    /// The measured score of a model on a benchmark, if all its tasks are measured.
    pub(super) fn measured_score(&self, model: ModelIndex, at: usize) -> Option<f32> {
        let tasks = &self.benchmarks[at].tasks;
        let is_measured = tasks.iter().all(|&task| self.score(model, task).is_some());
        is_measured.then(|| self.benchmarks[at].mean(|task| self.score(model, task).unwrap_or_default()))
    }

    /// The measured score of a model, as 0..1 of the range.
    pub(super) fn score(&self, model: ModelIndex, task: usize) -> Option<f32> {
        let value = self.snapshot.get(model, TaskIndex(task as u32))?;
        Some(self.visible.ranges[task].normalise(value))
    }

    /// The standard error of a measured score as a share of the range, if it is known.
    pub(super) fn error(&self, model: ModelIndex, at: usize) -> Option<f32> {
        let [task] = self.benchmarks[at].tasks[..] else { return None };
        let range = self.range(at);
        Some(self.snapshot.error(model, TaskIndex(task as u32))? / (range.high - range.low))
    }

    /// The 90 % interval of a known score with a standard error, within a declared range.
    pub(super) fn around(&self, at: usize, score: f32, error: f32) -> (f32, f32) {
        let (lower, upper) = (score - HALF_WIDTH * error, score + HALF_WIDTH * error);
        let bounded = self.benchmarks[at].tasks.first().is_some_and(|&task| self.snapshot.tasks[task].range.is_some());
        if bounded { (lower.max(0.0), upper.min(1.0)) } else { (lower, upper) }
    }

    /// Widens the intervals of a model without known facts, so that they hold the scores of nine in ten measured
    /// models.
    pub(super) fn widen(&self, forecast: &mut Forecast) {
        for (at, interval) in forecast.intervals.iter_mut().enumerate() {
            let models = 0..self.snapshot.models.len() as u32;
            let mut scores: Vec<f32> = models.filter_map(|model| self.measured_score(ModelIndex(model), at)).collect();
            sort_floats(&mut scores);
            let beyond = scores.len() / 20;
            if let (Some(low), Some(high)) = (scores.get(beyond), scores.iter().rev().nth(beyond)) {
                *interval = (interval.0.min(*low), interval.1.max(*high));
            }
        }
    }
}

/// The benchmarks of a snapshot, which forecasts are made for.
pub(super) fn benchmarks(snapshot: &Snapshot) -> Vec<Benchmark> {
    rated(snapshot).into_iter().map(|(name, tasks)| Benchmark { name: name.to_owned(), tasks }).collect()
}
