//! The measured or predicted score of every model of the snapshot on every benchmark, and the ranks that follow from
//! them.

use super::Recommender;
use crate::decide::belief::{Belief, Field};
use crate::error::Result;
use crate::linalg::sort_floats;
use crate::methods::{Forecast, Target};
use crate::snapshot::{ModelIndex, Snapshot, rated};

/// The score of a model of the snapshot on a benchmark.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Standing {
    pub(super) score: f32,
    pub(super) predicted: bool,
    pub(super) interval: Option<(f32, f32)>,
}

/// A benchmark and its tasks.
pub(super) struct Benchmark {
    pub(super) name: String,
    pub(super) tasks: Vec<usize>,
}

impl Standing {
    /// The distribution of the score; `None` if the method gives no interval.
    pub(super) fn belief(&self) -> Option<Belief> {
        if !self.predicted {
            return Some(Belief::measured(self.score));
        }
        self.interval.map(|interval| Belief::forecast(self.score, interval))
    }
}

impl Benchmark {
    /// The mean over its tasks.
    pub(super) fn mean(&self, value: impl Fn(usize) -> f32) -> f32 {
        let sum: f64 = self.tasks.iter().map(|&task| f64::from(value(task))).sum();
        (sum / self.tasks.len() as f64) as f32
    }
}

impl Recommender {
    /// The score of every model of the snapshot on every benchmark: the mean over its tasks, with a forecast for each
    /// task without a result. (n_models, n_benchmarks)
    pub(super) fn compute_standings(&self) -> Result<Vec<Standing>> {
        let data = self.data();
        let tasks = self.snapshot.tasks.len();
        let mut standings = Vec::with_capacity(self.snapshot.models.len() * self.benchmarks.len());
        for model in 0..self.snapshot.models.len() {
            let mut scores: Vec<Option<f32>> = vec![None; tasks];
            self.visible.cells.for_row(model, |task, value| scores[task] = Some(value));
            let complete = scores.iter().all(Option::is_some);
            let target = Target::Known(ModelIndex(model as u32));
            let forecast = if complete { None } else { Some(self.fitted.forecast(&data, target)?) };
            standings.extend(self.benchmarks.iter().enumerate().map(|(at, benchmark)| {
                let predicted = benchmark.tasks.iter().any(|&task| scores[task].is_none());
                let interval = forecast.as_ref().filter(|_| predicted).and_then(|f| f.intervals.get(at)).copied();
                let score = |task: usize| scores[task].or_else(|| forecast.as_ref().map(|f| f.mean[task]));
                Standing { score: benchmark.mean(|task| score(task).unwrap_or(0.0)), predicted, interval }
            }));
        }
        Ok(standings)
    }

    /// The scores of all models on a benchmark; `None` if a predicted score has no interval.
    pub(super) fn field(&self, at: usize) -> Option<Field> {
        let standings = self.standings.iter().skip(at).step_by(self.benchmarks.len());
        let beliefs: Vec<Belief> = standings.map(Standing::belief).collect::<Option<_>>()?;
        Some(Field::new(&beliefs))
    }

    /// Widens the intervals of a model without known facts, so that they hold the scores of nine in ten measured
    /// models.
    pub(super) fn widen(&self, forecast: &mut Forecast) {
        for (at, interval) in forecast.intervals.iter_mut().enumerate() {
            let standings = self.standings.iter().skip(at).step_by(self.benchmarks.len());
            let mut scores: Vec<f32> = standings.filter(|standing| !standing.predicted).map(|s| s.score).collect();
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
