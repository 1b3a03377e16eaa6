//! Why a forecast is what it is: the contribution of each known fact of a model, relative to the forecast for a model
//! without any known fact. The contributions are Shapley values of the forecast as a function of the facts that the
//! method is given (Štrumbelj and Kononenko, Explaining prediction models and individual predictions with feature
//! contributions, 2014). This works for every method: an absent fact is simply not given, and the contributions sum to
//! the forecast.

use super::pieces::{Kind, Pieces};
use super::standings::Benchmark;
use super::{ForecastSource, Recommender, Request, TrainOptions};
use crate::decide::shapley::Game;
use crate::error::{Error, Result};
use crate::linalg::order;
use crate::lineage::Resolved;
use crate::methods::{NewModel, Observer, Target, VisibleCells};
use crate::snapshot::{ModelIndex, Range, Snapshot, TaskIndex};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

/// A forecast and its contributions, in the shape of `explain --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The method that ran.
    pub method: &'static str,
    /// The id of the model, if it has one.
    pub id: Option<String>,
    /// Whether the model has results that the method was not trained on.
    pub left_out: bool,
    /// One entry for each benchmark.
    pub tasks: Vec<TaskExplanation>,
    /// The models whose results the forecast rests on.
    pub sources: Vec<ForecastSource>,
}

/// The part of an [`Explanation`] for one benchmark: `mean = base + the contributions + rest`, in 0..1 of the range.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskExplanation {
    /// The benchmark.
    pub task: String,
    /// The forecast.
    pub mean: f64,
    /// The forecast for a model without any known fact.
    pub base: f64,
    /// The contribution of each fact, largest absolute value first; facts that move no benchmark are left out.
    pub contributions: Vec<Contribution>,
    /// The part of the forecast that the contributions don't explain.
    pub rest: f64,
    /// The range of the benchmark's own units.
    pub range: Range,
    /// Whether a lower score is better.
    pub lower_is_better: bool,
}

/// The contribution of one fact.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contribution {
    /// The name of the fact: the id of an ancestor, the name of a factor, the task of a score, …
    pub what: String,
    /// The value of the fact: a factor's value, a parent's share, a score.
    pub said: Option<String>,
    /// The kind of fact.
    pub kind: Kind,
    /// The change of the forecast, in parts of the range: above 0 if the forecast is higher with the fact, which is worse
    /// where a lower score is better.
    pub value: f64,
}

/// Changes of a forecast up to this size count as none.
const NOTHING: f64 = 1e-7;

impl Recommender {
    /// Explains the forecast of a model.
    ///
    /// # Errors
    /// If a known score or a wanted task names no task, or a score is out of range.
    pub fn explain(&self, request: &Request) -> Result<Explanation> {
        let resolved = self.resolve(request)?;
        let shown = self.shown(&request.tasks, &resolved)?;
        self.explain_new(resolved.new, false, &shown)
    }

    /// Explains the forecast for a model or relative of the snapshot as if it had no results. If the method has seen
    /// results of it, a new training without them comes first.
    ///
    /// # Errors
    /// If the model is not in the snapshot, no other model has results, or the observer stops the training.
    pub async fn explain_known(&self, id: &str, tasks: &[String], observer: &mut dyn Observer) -> Result<Explanation> {
        let (id, seen) = self.seen(id)?;
        if !seen {
            return self.explain_unseen(id, tasks);
        }
        Self::train_without(self.snapshot.clone(), id, &self.options, observer).await?.explain_unseen(id, tasks)
    }

    /// Trains on all known results of a snapshot except those of one model.
    ///
    /// # Errors
    /// As [`Recommender::train`].
    pub async fn train_without(
        snapshot: Snapshot,
        id: &str,
        options: &TrainOptions,
        observer: &mut dyn Observer,
    ) -> Result<Self> {
        let held = snapshot.model(id).map(|model| snapshot.results_of(model));
        let visible = VisibleCells::new(&snapshot, held.as_ref())?;
        Self::train_on(snapshot, visible, options, observer).await
    }

    /// Explains the forecast for a model or relative of the snapshot by a method that was trained without its results.
    ///
    /// # Errors
    /// If the model is not in the snapshot.
    pub fn explain_unseen(&self, id: &str, tasks: &[String]) -> Result<Explanation> {
        let request = Request { id: Some(id.to_owned()), ..Request::default() };
        let shown = self.shown(tasks, &self.resolve(&request)?)?;
        self.explain_node(self.known(id)?, &shown)
    }

    /// The id of a model or relative in the snapshot's spelling, and whether the method has seen results of it.
    ///
    /// # Errors
    /// If the model is not in the snapshot.
    pub fn seen(&self, id: &str) -> Result<(&str, bool)> {
        let node = self.known(id)?;
        let seen = (node as usize) < self.snapshot.models.len() && self.visible.cells.count_row(node as usize) > 0;
        Ok((self.snapshot.lineage.id(node), seen))
    }

    fn explain_node(&self, node: u32, shown: &[usize]) -> Result<Explanation> {
        let snapshot = &self.snapshot;
        let measured = |task: usize| snapshot.get(ModelIndex(node), TaskIndex(task as u32)).is_some();
        let left_out = (node as usize) < snapshot.models.len() && (0..snapshot.tasks.len()).any(measured);
        self.explain_new(NewModel::of(&snapshot.models, &snapshot.lineage, node), left_out, shown)
    }

    /// The node of a name in the lineage graph.
    pub(super) fn known(&self, id: &str) -> Result<u32> {
        match self.names.resolve(&self.snapshot.lineage, id) {
            Resolved::Same(node) | Resolved::Alias(node) => Ok(node),
            Resolved::Unknown(near) => {
                let near: Vec<&str> = near.into_iter().map(|node| self.snapshot.lineage.id(node)).collect();
                let near = if near.is_empty() { String::new() } else { format!("; is it {}?", near.join(" or ")) };
                Err(Error::input(format!("no model \"{id}\" in the snapshot{near}")))
            }
        }
    }

    fn explain_new(&self, new: NewModel, left_out: bool, shown: &[usize]) -> Result<Explanation> {
        let (data, id, itself) = (self.data(), new.name.clone(), new.node);
        let pieces = Pieces::new(&self.snapshot.lineage, &self.snapshot.tasks, new);
        let everything = (1u64 << pieces.list.len()) - 1;
        let benchmarks: Vec<&Benchmark> = shown.iter().map(|&at| &self.benchmarks[at]).collect();
        let tasks: Vec<usize> = benchmarks.iter().flat_map(|benchmark| benchmark.tasks.iter().copied()).collect();
        let whole = self.fitted.forecast_tasks(&data, Target::New(&pieces.model(everything)), &tasks)?;
        let mut game = Game::new(|present| {
            let model = pieces.model(present);
            let mut forecast = self.fitted.forecast_tasks(&data, Target::New(&model), &tasks)?;
            // A known score is its own forecast.
            model.scores.iter().for_each(|&(task, score)| forecast.mean[task] = score);
            let forecast = self.turned(forecast);
            let mean = |benchmark: &&Benchmark| f64::from(benchmark.mean(|task| forecast.mean[task]));
            Ok(benchmarks.iter().map(mean).collect())
        });
        let (base, mean) = (game.of(0)?, game.of(everything)?);
        // A fact that moves no forecast, neither as the first nor as the last one added, is assumed never to move one.
        let (mut players, mut idle) = (Vec::new(), 0);
        for player in 0..pieces.list.len() as u32 {
            let moves = differ(&game.of(1 << player)?, &base) || differ(&game.of(everything & !(1 << player))?, &mean);
            if moves { players.push(player) } else { idle |= 1 << player }
        }
        let mut rng = Pcg64Mcg::seed_from_u64(self.options.seed);
        let shares = game.shares(&players, idle, budget(tasks.len()), &mut rng)?;
        let contribution = |at: usize, task: usize| {
            let piece = &pieces.list[players[at] as usize];
            let (what, said) = (piece.what.clone(), piece.said.clone());
            Contribution { what, said, kind: piece.kind, value: shares[at][task] }
        };
        let explain = |(at, benchmark): (usize, &&Benchmark)| {
            let contributions: Vec<_> = (0..players.len()).map(|player| contribution(player, at)).collect();
            let greatest = order(contributions.len(), &mut |a, b| {
                contributions[b].value.abs().total_cmp(&contributions[a].value.abs())
            });
            let contributions: Vec<Contribution> = greatest.into_iter().map(|at| contributions[at].clone()).collect();
            let explained: f64 = contributions.iter().map(|contribution| contribution.value).sum();
            let (mean, base) = (mean[at], base[at]);
            let rest = mean - base - explained;
            let (task, range, lower_is_better) =
                (benchmark.name.clone(), self.range(shown[at]), self.lower_is_better(shown[at]));
            TaskExplanation { task, mean, base, contributions, rest, range, lower_is_better }
        };
        let tasks = benchmarks.iter().enumerate().map(explain).collect();
        Ok(Explanation { method: self.method().name(), id, left_out, tasks, sources: self.sources(&whole, itself) })
    }
}

/// Whether two forecasts differ for any benchmark.
fn differ(one: &[f64], other: &[f64]) -> bool {
    one.iter().zip(other).any(|(one, other)| (one - other).abs() > NOTHING)
}

/// The approximate number of forecasts for one explanation: fewer if each of them covers more tasks. For a few
/// benchmarks the explanation is exact up to ten facts that move the forecast.
fn budget(tasks: usize) -> usize {
    (50_000 / tasks.max(1)).clamp(128, 1024)
}
