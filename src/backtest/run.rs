//! One trial of a backtest: the split by one seed, and a method's predictions for the held-out cells.

use super::anchors::anchors;
use super::{Held, Purpose, Row, Split, TaskRef, benchmark_rows, generator, hide_factors, keep_cells, lineage_noise};
use crate::decide::choose::next_evaluation;
use crate::error::{Error, Result};
use crate::linalg::{BitMatrix, sort_floats};
use crate::lineage::Lineage;
use crate::methods::{Fitted, Method, NewModel, Observer, Target, TrainingData, VisibleCells};
use crate::snapshot::{Model, ModelIndex, Results, Snapshot, TaskIndex, TaskKind};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use std::borrow::Cow;
use std::collections::HashMap;

/// The largest number of false edges for each true one; a search for more might not end.
const MOST_NOISE: f64 = 10.0;

/// The split, and changes to the training data.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// The cells to hold out.
    pub split: Split,
    /// The share of the training cells that is kept.
    pub keep_cells: Option<f64>,
    /// The share of the lineage edges that is removed (below 0) or added at random.
    pub lineage_noise: Option<f64>,
    /// Factors that are hidden from methods for models with held-out results; `all` hides all of them.
    pub hide_factors: Vec<String>,
    /// Forecasts held-out models as new ones, each with some of its scores given; only the others are predicted.
    pub known_scores: Option<KnownScores>,
}

impl Conditions {
    /// Conditions with this split and unchanged training data.
    #[must_use]
    pub fn of(split: Split) -> Self {
        Self { split, keep_cells: None, lineage_noise: None, hide_factors: Vec::new(), known_scores: None }
    }
}

/// The scores that are given for a model that is forecast as a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownScores {
    /// Number of scores.
    pub count: usize,
    /// How they are chosen.
    pub choice: Choice,
}

/// How known scores are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// At random.
    Random,
    /// One after another, as the method plans its evaluations.
    Planned,
    /// The same tasks for every model: those that represent all others best by the training models' results.
    Fixed,
}

/// A snapshot, split by one seed into training cells and held-out cells that no method sees.
#[derive(Clone)]
pub struct Trial<'a> {
    snapshot: &'a Snapshot,
    models: Cow<'a, [Model]>,
    lineage: Cow<'a, Lineage>,
    visible: VisibleCells,
    held: Held,
    known_scores: Option<KnownScores>,
    seed: u64,
}

impl<'a> Trial<'a> {
    /// Splits a snapshot.
    ///
    /// # Errors
    /// If the data don't allow these conditions.
    pub fn new(snapshot: &'a Snapshot, conditions: &Conditions, seed: u64) -> Result<Self> {
        if let Some(amount) = conditions.lineage_noise.filter(|amount| !(-1.0..=MOST_NOISE).contains(amount)) {
            let message =
                format!("the lineage noise is -1 (no edge left) to {MOST_NOISE} times the edges, not {amount}");
            return Err(Error::input(message));
        }
        let mut trial = Self::of(snapshot, &conditions.split, seed)?;
        if let Some(share) = conditions.keep_cells {
            trial.visible = VisibleCells::new(snapshot, Some(&keep_cells(snapshot, &trial.held, share, seed)?))?;
        }
        if let Some(amount) = conditions.lineage_noise {
            trial.lineage = Cow::Owned(lineage_noise(&snapshot.lineage, amount, seed));
        }
        if !conditions.hide_factors.is_empty() {
            trial.models = Cow::Owned(hide_factors(&snapshot.models, &trial.held, &conditions.hide_factors)?);
        }
        Ok(Self { known_scores: conditions.known_scores, ..trial })
    }

    /// Splits a snapshot and leaves the training data unchanged.
    ///
    /// # Errors
    /// If the data don't allow the split.
    pub fn of(snapshot: &'a Snapshot, split: &Split, seed: u64) -> Result<Self> {
        let held = split.hold_out(snapshot, seed)?;
        let visible = VisibleCells::new(snapshot, Some(&held.cells))?;
        let (models, lineage) = (Cow::Borrowed(&snapshot.models[..]), Cow::Borrowed(&snapshot.lineage));
        Ok(Self { snapshot, models, lineage, visible, held, known_scores: None, seed })
    }

    /// The held-out cells.
    #[must_use]
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// Trains a method on the visible cells and returns its prediction of every held-out cell. For outcomes, the rows
    /// of each benchmark's mean follow, for each model with held-out items.
    ///
    /// # Errors
    /// If the method fails or predicts a value that is not finite, or the observer stops the training.
    pub async fn run(&self, method: Method, observer: &mut dyn Observer) -> Result<Vec<Row>> {
        let fitted = method.fit(&self.data(), observer).await?;
        self.predict(method, fitted.as_ref())
    }

    /// The training data that a method sees.
    #[must_use]
    pub fn data(&self) -> TrainingData<'_> {
        TrainingData {
            models: &self.models,
            tasks: &self.snapshot.tasks,
            lineage: &self.lineage,
            cells: &self.visible.cells,
            seed: self.seed,
        }
    }

    /// The same trial with these training cells hidden too, (models, tasks); `None` if no cell would be left.
    #[must_use]
    pub fn without(&self, hidden: &BitMatrix) -> Option<Self> {
        let cells = self.visible.cells.without(hidden);
        let visible = VisibleCells { cells, ranges: self.visible.ranges.clone() };
        let (models, lineage, held) = (self.models.clone(), self.lineage.clone(), self.held.clone());
        let Self { snapshot, seed, known_scores, .. } = *self;
        (visible.cells.count() > 0).then_some(Self { snapshot, models, lineage, visible, held, seed, known_scores })
    }

    /// The predictions of the held-out cells by a method that was trained on this trial's data, as in [`Trial::run`].
    ///
    /// # Errors
    /// If the method fails or predicts a value that is not finite.
    pub fn predict(&self, method: Method, fitted: &dyn Fitted) -> Result<Vec<Row>> {
        let Some(KnownScores { count, choice }) = self.known_scores else { return self.predict_held(method, fitted) };
        let mut rng = generator(self.seed, Purpose::KnownScores);
        let anchors = if choice == Choice::Fixed { anchors(&self.data(), count) } else { Vec::new() };
        self.predict_as(method, fitted, |model| {
            Ok(Some(match choice {
                Choice::Planned => self.with_planned_scores(method, fitted, model, count)?,
                Choice::Random => self.new_model(model, count, &mut rng),
                Choice::Fixed => self.with_scores(model, anchors.iter().copied()),
            }))
        })
    }

    /// The same, without given scores of held-out models.
    pub(super) fn predict_held(&self, method: Method, fitted: &dyn Fitted) -> Result<Vec<Row>> {
        self.predict_as(method, fitted, |_| Ok(None))
    }

    /// The same. If `new` returns a new model, that model is forecast in place of the row.
    fn predict_as(
        &self,
        method: Method,
        fitted: &dyn Fitted,
        mut new: impl FnMut(ModelIndex) -> Result<Option<NewModel>>,
    ) -> Result<Vec<Row>> {
        let data = self.data();
        let mut sorted_results = SortedResults::new(self);
        let scores = self.snapshot.kind() == TaskKind::Score;
        let mut rows = Vec::with_capacity(self.held.cells.count_ones());
        let mut intervals = HashMap::new(); // of benchmark means, by model
        let mut given = Vec::new();
        for model in self.held.models() {
            let new = new(model)?;
            let target = new.as_ref().map_or(Target::Known(model), Target::New);
            let forecast = fitted.forecast(&data, target)?;
            if !scores {
                intervals.insert(model, forecast.intervals.clone());
            }
            let is_given =
                |task: usize| new.as_ref().is_some_and(|new| new.scores.iter().any(|&(known, _)| known == task));
            for task in self.held.cells.ones(model.0 as usize) {
                let about = &self.snapshot.tasks[task];
                let truth = self.known(model, task);
                let predicted = if is_given(task) { truth } else { about.turn(forecast.mean[task]) };
                if !predicted.is_finite() {
                    let (model, task) = (&self.snapshot.models[model.0 as usize].id, &about.id);
                    let message = format!("{} gave no number for \"{model}\" on \"{task}\"", method.name());
                    return Err(Error::computation(message));
                }
                let interval = if scores { forecast.intervals.get(task).copied() } else { None };
                let interval = interval.map(|ends| about.turn_interval(ends));
                let ranks = sorted_results.ranks(task, about.turn(truth), about.turn(predicted));
                given.push(is_given(task));
                let task = TaskRef::Task(TaskIndex(task as u32));
                rows.push(Row { model, task, truth, predicted, interval, ranks });
            }
        }
        let mut means = benchmark_rows(self.snapshot, &rows);
        for row in &mut means {
            if let TaskRef::Benchmark(at) = row.task {
                row.interval = intervals.get(&row.model).and_then(|ends| ends.get(at as usize)).copied();
            }
        }
        // A benchmark's mean includes all its items, given or predicted, but a given score is not a prediction.
        let mut is_given = given.into_iter();
        rows.retain(|_| !is_given.next().unwrap_or(false));
        rows.extend(means);
        Ok(rows)
    }

    /// A held-out model as in a request for a new one: its parents, facts and date, and some of its held-out scores.
    /// The scores are the first of an order that doesn't depend on `count`; at least one is left to predict.
    fn new_model(&self, model: ModelIndex, count: usize, rng: &mut Pcg64Mcg) -> NewModel {
        let mut tasks: Vec<usize> = self.held.cells.ones(model.0 as usize).collect();
        for at in (1..tasks.len()).rev() {
            tasks.swap(at, rng.random_range(0..=at));
        }
        tasks.truncate(count.min(tasks.len().saturating_sub(1)));
        self.with_scores(model, tasks.into_iter())
    }

    /// The same, with its held-out results on these tasks given.
    fn with_scores(&self, model: ModelIndex, tasks: impl Iterator<Item = usize>) -> NewModel {
        let held = tasks.filter(|&task| self.held.cells.get(model.0 as usize, task));
        let scores = held.map(|task| (task, self.truth(model, task))).collect();
        NewModel { scores, ..NewModel::of(&self.models, &self.lineage, model.0) }
    }

    /// The same, with the scores given that the method plans to evaluate, one after another.
    fn with_planned_scores(
        &self,
        method: Method,
        fitted: &dyn Fitted,
        model: ModelIndex,
        count: usize,
    ) -> Result<NewModel> {
        let mut new = self.new_model(model, 0, &mut generator(self.seed, Purpose::KnownScores));
        let mut open: Vec<usize> = self.held.cells.ones(model.0 as usize).collect();
        let mut left = count.min(open.len().saturating_sub(1));
        while left > 0 {
            let Some(mut unknowns) = fitted.unknowns(&self.data(), Target::New(&new))? else {
                let message = format!("method \"{}\" plans no evaluations: it gives no uncertainty", method.name());
                return Err(Error::input(message));
            };
            // With more known scores, one more changes the plan less.
            for _ in 0..left.min(1 + new.scores.len() / 4) {
                let Some(at) = next_evaluation(&unknowns, &open, |_| 1.0) else { return Ok(new) };
                let task = open.swap_remove(at);
                unknowns.observe(task);
                new.scores.push((task, self.truth(model, task)));
                left -= 1;
            }
        }
        Ok(new)
    }

    /// The true value of a known cell as methods see it: 0..1 of the range of its task in the training cells, turned so
    /// that more is better.
    pub(super) fn truth(&self, model: ModelIndex, task: usize) -> f32 {
        self.snapshot.tasks[task].turn(self.known(model, task))
    }

    /// The same in the task's own direction.
    fn known(&self, model: ModelIndex, task: usize) -> f32 {
        let known = self.snapshot.get(model, TaskIndex(task as u32)).unwrap_or(f32::NAN);
        match &self.snapshot.results {
            Results::Scores(_) => self.visible.ranges[task].normalise(known),
            Results::Outcomes(_) => known,
        }
    }
}

/// All known results of each task of a score table, sorted on first use. They include held-out results, since a rank
/// refers to the whole table.
struct SortedResults<'t> {
    trial: &'t Trial<'t>,
    sorted: Vec<Option<Vec<f32>>>, // (n_tasks), 0..1 of the range, turned so that more is better, ascending
}

impl<'t> SortedResults<'t> {
    fn new(trial: &'t Trial<'_>) -> Self {
        Self { trial, sorted: vec![None; trial.snapshot.tasks.len()] }
    }

    /// The ranks of a held-out result and its prediction among the results of the other models.
    fn ranks(&mut self, task: usize, truth: f32, predicted: f32) -> Option<(f32, f32)> {
        let Results::Scores(scores) = &self.trial.snapshot.results else { return None };
        let sorted = self.sorted[task].get_or_insert_with(|| {
            let (range, about) = (self.trial.visible.ranges[task], &self.trial.snapshot.tasks[task]);
            let turned = |value: f32| about.turn(range.normalise(value));
            let mut values: Vec<f32> = scores.column(task).map(|(_, value)| turned(value)).collect();
            sort_floats(&mut values);
            values
        });
        let above = |score: f32| (sorted.len() - sorted.partition_point(|&other| other <= score)) as f32;
        // The model's own result is in the list too and is not above itself.
        let own = f32::from(u8::from(truth > predicted));
        Some((1.0 + above(truth), 1.0 + above(predicted) - own))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Companions, Source, import};

    #[test]
    fn ranks_are_among_the_other_models_and_ties_share_the_better() {
        let bytes = b"model,x\na,0.1\nb,0.2\nc,0.3\nd,0.4\ne,0.9\n";
        let snapshot =
            import(&[Source { name: "x.csv", bytes, optional: false }], &Companions::default()).unwrap().snapshot;
        let split = "models:1".parse().unwrap();
        let trial = Trial::new(&snapshot, &Conditions::of(split), 0).unwrap();
        let mut sorted_results = SortedResults::new(&trial);
        let cases = [(0.9, 0.15, (1.0, 4.0)), (0.2, 0.95, (4.0, 1.0)), (0.4, 0.35, (2.0, 2.0)), (0.3, 0.4, (3.0, 2.0))];
        for (truth, predicted, expected) in cases {
            assert_eq!(sorted_results.ranks(0, truth, predicted), Some(expected), "{truth} {predicted}");
        }
    }
}
