//! One trial of a backtest: what one seed of a split holds out, and what a method says about it.

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
    /// The factors that no method is told of models with held-out results; `all` for all of them.
    pub hide_factors: Vec<String>,
    /// Forecast held-out models as new ones that nobody trained on, each with some of its scores given and the others to
    /// tell.
    pub known_scores: Option<KnownScores>,
}

impl Conditions {
    /// Nothing is done to what this split leaves.
    #[must_use]
    pub fn of(split: Split) -> Self {
        Self { split, keep_cells: None, lineage_noise: None, hide_factors: Vec::new(), known_scores: None }
    }
}

/// Which of its scores a model that is forecast as a new one is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownScores {
    /// How many.
    pub count: usize,
    /// Which.
    pub choice: Choice,
}

/// How known scores are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// At random.
    Random,
    /// As the method asks for them, one after another, where it plans evaluations.
    Planned,
    /// The same for every model: the tasks that stand best for all by the training models' results.
    Fixed,
}

/// A snapshot divided by one seed: training cells, and held-out cells that no method sees.
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

    /// Divides a snapshot and leaves the rest as it is.
    ///
    /// # Errors
    /// If the data can't give what the split asks for.
    pub fn of(snapshot: &'a Snapshot, split: &Split, seed: u64) -> Result<Self> {
        let held = split.hold_out(snapshot, seed)?;
        let visible = VisibleCells::new(snapshot, Some(&held.cells))?;
        let (models, lineage) = (Cow::Borrowed(&snapshot.models[..]), Cow::Borrowed(&snapshot.lineage));
        Ok(Self { snapshot, models, lineage, visible, held, known_scores: None, seed })
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
        let fitted = method.fit(&self.data(), observer).await?;
        self.predict(method, fitted.as_ref())
    }

    /// What a method may see.
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

    /// The same trial with these training cells hidden too, (models, tasks); none where no cell would be left.
    #[must_use]
    pub fn without(&self, hidden: &BitMatrix) -> Option<Self> {
        let cells = self.visible.cells.without(hidden);
        let visible = VisibleCells { cells, ranges: self.visible.ranges.clone() };
        let (models, lineage, held) = (self.models.clone(), self.lineage.clone(), self.held.clone());
        let Self { snapshot, seed, known_scores, .. } = *self;
        (visible.cells.count() > 0).then_some(Self { snapshot, models, lineage, visible, held, seed, known_scores })
    }

    /// What a method that was trained on this trial's data says of the held-out cells, as [`Trial::run`] returns it.
    ///
    /// # Errors
    /// If the method fails or says something that is no number.
    pub fn predict(&self, method: Method, fitted: &dyn Fitted) -> Result<Vec<Row>> {
        let Some(KnownScores { count, choice }) = self.known_scores else { return self.predict_held(method, fitted) };
        let mut rng = generator(self.seed, Purpose::KnownScores);
        let anchors = if choice == Choice::Fixed { anchors(&self.data(), count) } else { Vec::new() };
        self.predict_as(method, fitted, |model| {
            Ok(Some(match choice {
                Choice::Planned => self.asked(method, fitted, model, count)?,
                Choice::Random => self.new_model(model, count, &mut rng),
                Choice::Fixed => self.with_scores(model, anchors.iter().copied()),
            }))
        })
    }

    /// The same, with no score of a held-out model given.
    pub(super) fn predict_held(&self, method: Method, fitted: &dyn Fitted) -> Result<Vec<Row>> {
        self.predict_as(method, fitted, |_| Ok(None))
    }

    /// The same, with each model in place of which `new` gives one forecast as that.
    fn predict_as(
        &self,
        method: Method,
        fitted: &dyn Fitted,
        mut new: impl FnMut(ModelIndex) -> Result<Option<NewModel>>,
    ) -> Result<Vec<Row>> {
        let data = self.data();
        let mut ladders = Ladders::new(self);
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
                let truth = self.truth(model, task);
                let predicted = if is_given(task) { truth } else { forecast.mean[task] };
                if !predicted.is_finite() {
                    let (model, task) = (&self.snapshot.models[model.0 as usize].id, &self.snapshot.tasks[task].id);
                    let message = format!("{} gave no number for \"{model}\" on \"{task}\"", method.name());
                    return Err(Error::computation(message));
                }
                let interval = if scores { forecast.intervals.get(task).copied() } else { None };
                let ranks = ladders.ranks(task, truth, predicted);
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
        // A benchmark's mean is one of all its items, whoever told them; what was given is no forecast.
        let mut told = given.into_iter();
        rows.retain(|_| !told.next().unwrap_or(false));
        rows.extend(means);
        Ok(rows)
    }

    /// A held-out model as somebody would ask for it: its parents, facts and date, and some of its held-out scores. The
    /// scores are the first of an order that is the same whatever their count; one at least is left to tell.
    fn new_model(&self, model: ModelIndex, count: usize, rng: &mut Pcg64Mcg) -> NewModel {
        let mut tasks: Vec<usize> = self.held.cells.ones(model.0 as usize).collect();
        for at in (1..tasks.len()).rev() {
            tasks.swap(at, rng.random_range(0..=at));
        }
        tasks.truncate(count.min(tasks.len().saturating_sub(1)));
        self.with_scores(model, tasks.into_iter())
    }

    /// The same, with its results on these tasks, where they are held out.
    fn with_scores(&self, model: ModelIndex, tasks: impl Iterator<Item = usize>) -> NewModel {
        let held = tasks.filter(|&task| self.held.cells.get(model.0 as usize, task));
        let scores = held.map(|task| (task, self.truth(model, task))).collect();
        NewModel { scores, ..NewModel::of(&self.models, &self.lineage, model.0) }
    }

    /// The same, with the scores that the method asks for one after another.
    fn asked(&self, method: Method, fitted: &dyn Fitted, model: ModelIndex, count: usize) -> Result<NewModel> {
        let mut new = self.new_model(model, 0, &mut generator(self.seed, Purpose::KnownScores));
        let mut open: Vec<usize> = self.held.cells.ones(model.0 as usize).collect();
        let mut left = count.min(open.len().saturating_sub(1));
        while left > 0 {
            let Some(mut unknowns) = fitted.unknowns(&self.data(), Target::New(&new))? else {
                let message =
                    format!("method \"{}\" plans no evaluations: it does not say how sure it is", method.name());
                return Err(Error::input(message));
            };
            // The more is known, the less one result changes what is asked next.
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

    /// The true value of a known cell, as 0..1 of the range that the training cells gave its task.
    pub(super) fn truth(&self, model: ModelIndex, task: usize) -> f32 {
        let known = self.snapshot.get(model, TaskIndex(task as u32)).unwrap_or(f32::NAN);
        match &self.snapshot.results {
            Results::Scores(_) => self.visible.ranges[task].normalise(known),
            Results::Outcomes(_) => known,
        }
    }
}

/// All known results of each task of a score table, sorted when first asked for: who stands above a score, held-out results
/// included, since a rank is of the whole table.
struct Ladders<'t> {
    trial: &'t Trial<'t>,
    sorted: Vec<Option<Vec<f32>>>, // (n_tasks), 0..1 of the range, ascending
}

impl<'t> Ladders<'t> {
    fn new(trial: &'t Trial<'_>) -> Self {
        Self { trial, sorted: vec![None; trial.snapshot.tasks.len()] }
    }

    /// The ranks of a held-out result and its prediction among the results of the other models.
    fn ranks(&mut self, task: usize, truth: f32, predicted: f32) -> Option<(f32, f32)> {
        let Results::Scores(scores) = &self.trial.snapshot.results else { return None };
        let sorted = self.sorted[task].get_or_insert_with(|| {
            let range = self.trial.visible.ranges[task];
            let mut values: Vec<f32> = scores.column(task).map(|(_, value)| range.normalise(value)).collect();
            sort_floats(&mut values);
            values
        });
        let above = |score: f32| (sorted.len() - sorted.partition_point(|&other| other <= score)) as f32;
        // The model's own result stands on the ladder too and is not above itself.
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
        let snapshot = import(&[Source { name: "x.csv", bytes }], &Companions::default()).unwrap().snapshot;
        let split = "models:1".parse().unwrap();
        let trial = Trial::new(&snapshot, &Conditions::of(split), 0).unwrap();
        let mut ladders = Ladders::new(&trial);
        let cases = [(0.9, 0.15, (1.0, 4.0)), (0.2, 0.95, (4.0, 1.0)), (0.4, 0.35, (2.0, 2.0)), (0.3, 0.4, (3.0, 2.0))];
        for (truth, predicted, expected) in cases {
            assert_eq!(ladders.ranks(0, truth, predicted), Some(expected), "{truth} {predicted}");
        }
    }
}
