//! One trial of a backtest: what one seed of a split holds out, and what a method says about it.

use super::score::{Row, RowTask};
use super::splits::{Held, Split, keep_cells, lineage_noise};
use crate::error::{Error, Result};
use crate::lineage::Lineage;
use crate::methods::{Method, Observer, Target, TrainingData, VisibleCells};
use crate::snapshot::{ModelIndex, Results, Snapshot, TaskIndex, TaskKind};
use std::borrow::Cow;

/// What is held out, and what is done to the rest.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// What is held out.
    pub split: Split,
    /// The share of the training cells that is kept.
    pub keep_cells: Option<f64>,
    /// The share of the lineage edges that is removed (below 0) or added at random.
    pub lineage_noise: Option<f64>,
}

/// A snapshot divided by one seed: training cells, and held-out cells that no method sees.
pub struct Trial<'a> {
    snapshot: &'a Snapshot,
    lineage: Cow<'a, Lineage>,
    visible: VisibleCells,
    held: Held,
    seed: u64,
}

impl<'a> Trial<'a> {
    /// Divides a snapshot.
    ///
    /// # Errors
    /// If the data can't give what the split asks for.
    pub fn new(snapshot: &'a Snapshot, conditions: &Conditions, seed: u64) -> Result<Self> {
        let held = conditions.split.hold_out(snapshot, seed)?;
        let mut hidden = Cow::Borrowed(&held.cells);
        if let Some(share) = conditions.keep_cells {
            hidden = Cow::Owned(keep_cells(snapshot, &held.cells, share, seed)?);
        }
        let visible = VisibleCells::new(snapshot, Some(&hidden))?;
        let lineage = match conditions.lineage_noise {
            Some(amount) => Cow::Owned(lineage_noise(&snapshot.lineage, amount, seed)?),
            None => Cow::Borrowed(&snapshot.lineage),
        };
        Ok(Self { snapshot, lineage, visible, held, seed })
    }

    /// Trains a method on the visible cells and returns its prediction of every held-out cell, and for outcomes of every
    /// benchmark of each model that is held out whole.
    ///
    /// # Errors
    /// If the method fails, says something that is no number, or the observer stops it.
    pub async fn run(&self, method: Method, observer: &mut dyn Observer) -> Result<Vec<Row>> {
        let data = TrainingData {
            models: &self.snapshot.models,
            tasks: &self.snapshot.tasks,
            lineage: &self.lineage,
            cells: &self.visible.cells,
            seed: self.seed,
        };
        let fitted = method.fit(&data, observer).await?;
        let mut rows = Vec::new();
        for model in (0..self.snapshot.models.len()).filter(|&model| self.held.cells.count_row(model) > 0) {
            let forecast = fitted.forecast(&data, Target::Known(ModelIndex(model as u32)))?;
            if let Some(task) = forecast.mean.iter().position(|mean| !mean.is_finite()) {
                let (model, task) = (&self.snapshot.models[model].id, &self.snapshot.tasks[task].id);
                return Err(Error::computation(format!("{} gave no number for \"{model}\" on \"{task}\"", method.name())));
            }
            self.add_rows(model, &forecast.mean, &mut rows);
        }
        Ok(rows)
    }

    fn add_rows(&self, model: usize, mean: &[f32], rows: &mut Vec<Row>) {
        let row = |task, truth, predicted, complete| Row {
            model: ModelIndex(model as u32),
            task,
            truth,
            predicted,
            interval: None,
            complete,
        };
        for task in self.held.cells.ones(model) {
            let task = TaskIndex(task as u32);
            rows.push(row(RowTask::Task(task), self.truth(model, task), mean[task.0 as usize], true));
        }
        let whole = self.held.whole_models.contains(&ModelIndex(model as u32));
        if self.snapshot.kind() != TaskKind::Outcome || !whole {
            return;
        }
        for (benchmark, name) in (0u32..).zip(self.snapshot.benchmarks()) {
            let items: Vec<usize> =
                (0..self.snapshot.tasks.len()).filter(|&task| self.snapshot.tasks[task].benchmark == name).collect();
            let held: Vec<usize> = items.iter().copied().filter(|&task| self.held.cells.get(model, task)).collect();
            if held.is_empty() {
                continue;
            }
            let average = |value: &dyn Fn(usize) -> f32| held.iter().map(|&task| value(task)).sum::<f32>() / held.len() as f32;
            let truth = average(&|task| self.truth(model, TaskIndex(task as u32)));
            let complete = held.len() == items.len();
            rows.push(row(RowTask::Benchmark(benchmark), truth, average(&|task| mean[task]), complete));
        }
    }

    /// The true value of a known cell, as 0..1 of the range that the training cells gave its task.
    fn truth(&self, model: usize, task: TaskIndex) -> f32 {
        match &self.snapshot.results {
            Results::Scores(scores) => {
                let score = scores.get(model, task.0 as usize).unwrap_or(f32::NAN);
                self.visible.ranges[task.0 as usize].normalise(score)
            }
            Results::Outcomes(outcomes) => f32::from(u8::from(outcomes.solved.get(model, task.0 as usize))),
        }
    }
}
