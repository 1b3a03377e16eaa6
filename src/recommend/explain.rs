//! Why a forecast is what it is: what each piece of what is known of a model adds to the forecast for a model of which
//! nothing is known. The shares are Shapley values of the forecast as a function of what the method is told (Štrumbelj and
//! Kononenko, Explaining prediction models and individual predictions with feature contributions, 2014): whatever the
//! method, a piece that is absent is not told, and the shares sum to the forecast.

use super::pieces::{Kind, Pieces};
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

/// A forecast and what it is made of, in the shape of `explain --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The method that ran.
    pub method: &'static str,
    /// The model, where it has a name.
    pub id: Option<String>,
    /// Whether the model has results, and the method was trained without them.
    pub left_out: bool,
    /// One entry a benchmark.
    pub tasks: Vec<TaskExplanation>,
    /// The models whose results the forecast stands on.
    pub sources: Vec<ForecastSource>,
}

/// The part of an [`Explanation`] for one benchmark: `mean = base + the contributions + rest`, in 0..1 of the range.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskExplanation {
    /// The benchmark.
    pub task: String,
    /// The forecast.
    pub mean: f64,
    /// The forecast for a model of which nothing is known.
    pub base: f64,
    /// What each piece adds, the greatest in size first; pieces that move no benchmark are left out.
    pub contributions: Vec<Contribution>,
    /// What is left unexplained.
    pub rest: f64,
    /// The range of the benchmark's own units.
    pub range: Range,
}

/// What one piece adds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contribution {
    /// The piece: the id of an ancestor, the name of a factor, the task of a score, …
    pub what: String,
    /// What is known: a factor's value, a parent's share, a score.
    pub said: Option<String>,
    /// What the piece is.
    pub kind: Kind,
    /// By how much it moves the forecast.
    pub value: f64,
}

/// Moves up to this are none.
const NOTHING: f64 = 1e-7;

impl Recommender {
    /// Explains the forecast of a model.
    ///
    /// # Errors
    /// If a known score names no task or is out of range.
    pub fn explain(&self, request: &Request) -> Result<Explanation> {
        self.explain_new(self.asked(request)?.new, false)
    }

    /// Explains the forecast that the method makes of a model of the snapshot, or of a relative, as of one that nobody
    /// evaluated. Where it saw results of it, it is trained anew without them.
    ///
    /// # Errors
    /// If the snapshot doesn't know it, no other model has results, or the observer stops the training.
    pub async fn explain_known(&self, id: &str, observer: &mut dyn Observer) -> Result<Explanation> {
        let (id, seen) = self.seen(id)?;
        if !seen {
            return self.explain_unseen(id);
        }
        Self::train_without(self.snapshot.clone(), id, &self.options, observer).await?.explain_unseen(id)
    }

    /// Trains on all known results of a snapshot but those of one model.
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

    /// Explains the forecast of a model of the snapshot, or of a relative, by a method that was trained without its results.
    ///
    /// # Errors
    /// If the snapshot doesn't know it.
    pub fn explain_unseen(&self, id: &str) -> Result<Explanation> {
        self.explain_node(self.known(id)?)
    }

    /// The id of a model or relative, and whether the method saw results of it.
    ///
    /// # Errors
    /// If the snapshot doesn't know it.
    pub fn seen(&self, id: &str) -> Result<(&str, bool)> {
        let node = self.known(id)?;
        let seen = (node as usize) < self.snapshot.models.len() && self.visible.cells.count_row(node as usize) > 0;
        Ok((self.snapshot.lineage.id(node), seen))
    }

    fn explain_node(&self, node: u32) -> Result<Explanation> {
        let snapshot = &self.snapshot;
        let measured = |task: usize| snapshot.get(ModelIndex(node), TaskIndex(task as u32)).is_some();
        let left_out = (node as usize) < snapshot.models.len() && (0..snapshot.tasks.len()).any(measured);
        self.explain_new(NewModel::of(&snapshot.models, &snapshot.lineage, node), left_out)
    }

    /// The node of a name.
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

    fn explain_new(&self, new: NewModel, left_out: bool) -> Result<Explanation> {
        let (data, id, itself) = (self.data(), new.name.clone(), new.node);
        let pieces = Pieces::new(&self.snapshot.lineage, &self.snapshot.tasks, new);
        let everything = (1u64 << pieces.list.len()) - 1;
        let whole = self.fitted.forecast(&data, Target::New(&pieces.model(everything)))?;
        let mut game = Game::new(|present| {
            let model = pieces.model(present);
            let mut forecast = self.fitted.forecast(&data, Target::New(&model))?;
            // Where a score is known, that is the forecast.
            model.scores.iter().for_each(|&(task, score)| forecast.mean[task] = score);
            let mean = |benchmark: &super::Benchmark| f64::from(benchmark.mean(|task| forecast.mean[task]));
            Ok(self.benchmarks.iter().map(mean).collect())
        });
        let (base, mean) = (game.of(0)?, game.of(everything)?);
        // A piece that moves nothing, neither alone nor last, is taken for one that never does.
        let (mut players, mut idle) = (Vec::new(), 0);
        for player in 0..pieces.list.len() as u32 {
            let moves = differ(&game.of(1 << player)?, &base) || differ(&game.of(everything & !(1 << player))?, &mean);
            if moves { players.push(player) } else { idle |= 1 << player }
        }
        let mut rng = Pcg64Mcg::seed_from_u64(self.options.seed);
        let shares = game.shares(&players, idle, budget(self.snapshot.tasks.len()), &mut rng)?;
        let contribution = |at: usize, task: usize| {
            let piece = &pieces.list[players[at] as usize];
            let (what, said) = (piece.what.clone(), piece.said.clone());
            Contribution { what, said, kind: piece.kind, value: shares[at][task] }
        };
        let explain = |(at, benchmark): (usize, &super::Benchmark)| {
            let contributions: Vec<_> = (0..players.len()).map(|player| contribution(player, at)).collect();
            let greatest = order(contributions.len(), &mut |a, b| {
                contributions[b].value.abs().total_cmp(&contributions[a].value.abs())
            });
            let contributions: Vec<Contribution> = greatest.into_iter().map(|at| contributions[at].clone()).collect();
            let explained: f64 = contributions.iter().map(|contribution| contribution.value).sum();
            let (mean, base) = (mean[at], base[at]);
            let rest = mean - base - explained;
            TaskExplanation { task: benchmark.name.clone(), mean, base, contributions, rest, range: self.range(at) }
        };
        let tasks = self.benchmarks.iter().enumerate().map(explain).collect();
        Ok(Explanation { method: self.method().name(), id, left_out, tasks, sources: self.sources(&whole, itself) })
    }
}

/// Whether forecasts differ anywhere.
fn differ(one: &[f64], other: &[f64]) -> bool {
    one.iter().zip(other).any(|(one, other)| (one - other).abs() > NOTHING)
}

/// Forecasts that an explanation takes, about: the fewer, the more tasks each of them is for. Up to ten pieces that move the
/// forecasts of a few benchmarks it is exact.
fn budget(tasks: usize) -> usize {
    (50_000 / tasks.max(1)).clamp(128, 1024)
}
