//! One trial of a backtest: what one seed of a split holds out, and what a method says about it.

use super::{Held, Purpose, Row, Split, TaskRef, benchmark_rows, generator, keep_cells, lineage_noise};
use crate::error::{Error, Result};
use crate::lineage::{Edge, Lineage, Parent};
use crate::methods::{Method, NewModel, Observer, Target, TrainingData, VisibleCells};
use crate::snapshot::{Model, ModelIndex, Results, Snapshot, TaskIndex};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use std::borrow::Cow;

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
    /// Forecast held-out models as new ones that nobody trained on, each with so many of its scores given and the others
    /// to tell.
    pub known_scores: Option<usize>,
}

/// A snapshot divided by one seed: training cells, and held-out cells that no method sees.
pub struct Trial<'a> {
    snapshot: &'a Snapshot,
    lineage: Cow<'a, Lineage>,
    visible: VisibleCells,
    held: Held,
    known_scores: Option<usize>,
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
        let known_scores = conditions.known_scores;
        if known_scores.is_some() && matches!(snapshot.results, Results::Outcomes(_)) {
            return Err(Error::input(
                "known scores are given of benchmarks, and this snapshot holds outcomes of items",
            ));
        }
        Ok(Self { snapshot, lineage, visible, held, known_scores, seed })
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
        let mut rows = Vec::with_capacity(self.held.cells.count_ones());
        let mut rng = generator(self.seed, Purpose::KnownScores);
        for model in self.held.models() {
            let new = self.known_scores.map(|count| self.new_model(model, count, &mut rng));
            let target = new.as_ref().map_or(Target::Known(model), Target::New);
            let forecast = fitted.forecast(&data, target)?;
            let given =
                |task: usize| new.as_ref().is_some_and(|new| new.scores.iter().any(|&(known, _)| known == task));
            for task in self.held.cells.ones(model.0 as usize).filter(|&task| !given(task)) {
                let (truth, predicted) = (self.truth(model, task), forecast.mean[task]);
                if !predicted.is_finite() {
                    let (model, task) = (&self.snapshot.models[model.0 as usize].id, &self.snapshot.tasks[task].id);
                    let message = format!("{} gave no number for \"{model}\" on \"{task}\"", method.name());
                    return Err(Error::computation(message));
                }
                rows.push(Row { model, task: TaskRef::Task(TaskIndex(task as u32)), truth, predicted, interval: None });
            }
        }
        rows.extend(benchmark_rows(self.snapshot, &rows));
        Ok(rows)
    }

    /// A held-out model as somebody would ask for it: its parents, facts and date, and some of its held-out scores. The
    /// scores are the first of an order that is the same whatever their count; one at least is left to tell.
    fn new_model(&self, model: ModelIndex, count: usize, rng: &mut Pcg64Mcg) -> NewModel {
        let Model { id, date, factors } = self.snapshot.models[model.0 as usize].clone();
        let mut tasks: Vec<usize> = self.held.cells.ones(model.0 as usize).collect();
        for at in (1..tasks.len()).rev() {
            tasks.swap(at, rng.random_range(0..=at));
        }
        tasks.truncate(count.min(tasks.len().saturating_sub(1)));
        let parent = |edge: &Edge| Parent {
            id: self.lineage.id(edge.parent).to_owned(),
            relation: edge.relation,
            weight: edge.weight,
        };
        NewModel {
            name: Some(id),
            parents: self.lineage.parents(model.0).map(parent).collect(),
            factors,
            date,
            scores: tasks.into_iter().map(|task| (task, self.truth(model, task))).collect(),
        }
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
