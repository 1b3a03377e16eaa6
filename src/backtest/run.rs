//! One trial of a backtest: what one seed of a split holds out, and what a method says about it.

use super::{Held, Row, Split, TaskRef, benchmark_rows, keep_cells, lineage_noise};
use crate::error::{Error, Result};
use crate::lineage::Lineage;
use crate::methods::{Method, Observer, Target, TrainingData, VisibleCells};
use crate::snapshot::{ModelIndex, Results, Snapshot, TaskIndex, TaskKind};
use std::borrow::Cow;
use std::collections::HashMap;

/// More false edges than so many a true one are refused; it could take for ever to find them.
const MOST_NOISE: f64 = 10.0;

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
    /// If the data can't give what the conditions ask for.
    pub fn new(snapshot: &'a Snapshot, conditions: &Conditions, seed: u64) -> Result<Self> {
        if let Some(amount) = conditions.lineage_noise.filter(|amount| !(-1.0..=MOST_NOISE).contains(amount)) {
            let message =
                format!("the lineage noise is -1 (no edge left) to {MOST_NOISE} times the edges, not {amount}");
            return Err(Error::input(message));
        }
        let held = conditions.split.hold_out(snapshot, seed)?;
        let visible = match conditions.keep_cells {
            Some(share) => VisibleCells::new(snapshot, Some(&keep_cells(snapshot, &held, share, seed)?))?,
            None => VisibleCells::new(snapshot, Some(&held.cells))?,
        };
        let lineage = match conditions.lineage_noise {
            Some(amount) => Cow::Owned(lineage_noise(&snapshot.lineage, amount, seed)),
            None => Cow::Borrowed(&snapshot.lineage),
        };
        Ok(Self { snapshot, lineage, visible, held, seed })
    }

    /// What is held out.
    #[must_use]
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// Trains a method on the visible cells and returns its prediction of every held-out cell, and for outcomes of every
    /// benchmark of each model with held-out items.
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
        let scores = self.snapshot.kind() == TaskKind::Score;
        let mut rows = Vec::with_capacity(self.held.cells.count_ones());
        let mut intervals = HashMap::new(); // of benchmark means, by model
        for model in self.held.models() {
            let forecast = fitted.forecast(&data, Target::Known(model))?;
            if !scores {
                intervals.insert(model, forecast.intervals.clone());
            }
            for task in self.held.cells.ones(model.0 as usize) {
                let (truth, predicted) = (self.truth(model, task), forecast.mean[task]);
                if !predicted.is_finite() {
                    let (model, task) = (&self.snapshot.models[model.0 as usize].id, &self.snapshot.tasks[task].id);
                    let message = format!("{} gave no number for \"{model}\" on \"{task}\"", method.name());
                    return Err(Error::computation(message));
                }
                let interval = if scores { forecast.intervals.get(task).copied() } else { None };
                rows.push(Row { model, task: TaskRef::Task(TaskIndex(task as u32)), truth, predicted, interval });
            }
        }
        let mut means = benchmark_rows(self.snapshot, &rows);
        for row in &mut means {
            if let TaskRef::Benchmark(at) = row.task {
                row.interval = intervals.get(&row.model).and_then(|ends| ends.get(at as usize)).copied();
            }
        }
        rows.extend(means);
        Ok(rows)
    }

    /// The true value of a known cell, as 0..1 of the range that the training cells gave its task.
    fn truth(&self, model: ModelIndex, task: usize) -> f32 {
        let known = self.snapshot.get(model, TaskIndex(task as u32)).unwrap_or(f32::NAN);
        match &self.snapshot.results {
            Results::Scores(_) => self.visible.ranges[task].normalise(known),
            Results::Outcomes(_) => known,
        }
    }
}
