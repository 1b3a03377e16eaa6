//! Models for a task that is there or only described: a ranking by how well each model suits the task (ModelLens,
//! section 3).
//!
//! The score that ranks is the sum of a prior, what the size and family of a model say, and a residual, what the task
//! adds to it. It orders the models of one task and is no score on a benchmark.

use super::pool::fill;
use super::{Filter, Recommender};
use crate::decide::belief::{Belief, places};
use crate::error::{Error, Result};
use crate::linalg::order;
use crate::methods::{Asked, Match, Method};
use crate::snapshot::{ModelIndex, Task, canonical_task, has_words, name_words};
use serde::Serialize;

/// A request for [`Recommender::recommend`]: either a task or a description.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecommendRequest {
    /// A benchmark, or a dataset.
    pub task: Option<String>,
    /// What the task is, in words. A task type of the snapshot that stands in it is the type of the task, if it is the
    /// only one; a type whose words are a part of another one's, as `classification` of `pair classification`, does not
    /// count beside it.
    pub description: Option<String>,
    /// The metric: of several of a dataset the one that is meant, for a description one of the snapshot.
    pub metric: Option<String>,
    /// The maximum number of models, from the best; `None` for all.
    pub top: Option<usize>,
    /// The models to recommend.
    pub filter: Filter,
    /// Sizes of the slots of a pool of models, in billions of parameters; none for no pool.
    pub pool: Vec<f64>,
}

/// A ranking of models for a task, in the shape of `recommend --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recommendation {
    /// The task; null for a description.
    pub task: Option<String>,
    /// The description; null for a task of the snapshot.
    pub description: Option<String>,
    /// The metric; null if none is known or given.
    pub metric: Option<String>,
    /// The method that ranked.
    pub method: &'static str,
    /// The models, best first.
    pub models: Vec<RecommendedModel>,
    /// The size of each slot of the pool and its model, the best that costs 0.4 to 1.1 times as much to run, by its active
    /// parameters or else its size, and that no slot before has; null where none does. Null if no pool was asked for.
    pub pool: Option<Vec<(f64, Option<String>)>>,
}

/// One model of a [`Recommendation`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecommendedModel {
    /// Its id.
    pub id: String,
    /// The score that ranks, the sum of prior and residual; more is better. It is no score on a benchmark, and not
    /// comparable among tasks.
    pub score: f32,
    /// What its size and family say, whatever the task.
    pub prior: f32,
    /// What the task adds to it.
    pub residual: f32,
    /// Its rank among all models of the snapshot, 1 for the best; equal scores share the better rank.
    pub rank: usize,
    /// The best rank of the 90 % interval, or `rank` if that is better.
    pub rank_lower: usize,
    /// The worst rank of the 90 % interval, or `rank` if that is worse.
    pub rank_upper: usize,
    /// Its measured score, 0..1 of the range and in the task's own direction; null if it is not measured.
    pub measured: Option<f32>,
}

/// Sizes of slots, with the models in them.
type Pool = Vec<(f64, Option<String>)>;

/// Names in a message at most.
const MOST_NAMES: usize = 12;

impl RecommendRequest {
    /// Refuses a request that is wrong for all data.
    ///
    /// # Errors
    /// If it has neither task nor description, or both, or if the description is blank.
    pub fn check(&self) -> Result<()> {
        Err(Error::input(match (&self.task, self.description.as_deref().map(str::trim)) {
            (None, None) => "give a task, or the description of one",
            (Some(_), Some(_)) => "give a task or a description, not both",
            (None, Some("")) => "the description is empty; say in words what the task is",
            _ => return Ok(()),
        }))
    }
}

/// Refuses a method that does not rank models for a task.
///
/// # Errors
/// If it is such a method; the message names the one to train.
pub fn check_recommends(method: Method) -> Result<()> {
    if method == Method::Ranker { Ok(()) } else { Err(no_ranker(method)) }
}

fn no_ranker(method: Method) -> Error {
    Error::input(format!(
        "the method {} does not recommend models for a task; train the method {}",
        method.name(),
        Method::Ranker.name()
    ))
}

impl Recommender {
    /// Ranks the models of the snapshot for a task that it has, or for one that is only described.
    ///
    /// # Errors
    /// If the method does not rank models for tasks, the request has neither a task nor a description or both, there is
    /// no such task or metric, or no model can meet a condition of the filter.
    pub fn recommend(&self, request: &RecommendRequest) -> Result<Recommendation> {
        request.check()?;
        request.filter.check(&self.snapshot.models)?;
        let metric = request.metric.as_deref();
        if let Some(name) = &request.task {
            let at = self.benchmark_in(name, metric)?;
            let tasks = &self.benchmarks[at].tasks;
            let asked: Vec<Asked<'_>> = tasks.iter().map(|&task| Asked::Known(task)).collect();
            let (models, pool) = self.recommended(&asked, Some(at), request)?;
            let metric = tasks.first().and_then(|&task| self.snapshot.tasks[task].metric.clone());
            let (task, method) = (Some(self.benchmarks[at].name.clone()), self.method().name());
            return Ok(Recommendation { task, description: None, metric, method, models, pool });
        }
        let description = request.description.clone().unwrap_or_default();
        let task = self.described(&description, metric)?;
        let (models, pool) = self.recommended(&[Asked::Described(&task)], None, request)?;
        let (description, metric, method) = (Some(description), task.metric, self.method().name());
        Ok(Recommendation { task: None, description, metric, method, models, pool })
    }

    /// The best models that the request accepts and their pool, for one task or for the items of one benchmark.
    fn recommended(
        &self,
        asked: &[Asked<'_>],
        benchmark: Option<usize>,
        request: &RecommendRequest,
    ) -> Result<(Vec<RecommendedModel>, Option<Pool>)> {
        let matches = self.matches(asked)?;
        let order = order(matches.len(), &mut |a, b| matches[b].score().total_cmp(&matches[a].score()));
        let (mut rank, mut shown) = (0, Vec::new());
        for (place, &model) in order.iter().enumerate() {
            if place == 0 || matches[model].score() < matches[order[place - 1]].score() {
                rank = place + 1;
            }
            if request.filter.accepts(&self.snapshot.models[model]) {
                shown.push((model, rank));
            }
        }
        let pool = (!request.pool.is_empty()).then(|| self.pool(&request.pool, &shown));
        shown.truncate(request.top.unwrap_or(usize::MAX));
        let beliefs: Vec<Belief> = matches.iter().map(|found| Belief::around(found.score(), found.half)).collect();
        let places = places(&beliefs, &shown.iter().map(|&(model, _)| model).collect::<Vec<_>>());
        let model = |(&(model, rank), place): (&(usize, usize), &crate::decide::belief::Place)| RecommendedModel {
            id: self.snapshot.models[model].id.clone(),
            score: matches[model].score(),
            prior: matches[model].prior,
            residual: matches[model].residual,
            rank,
            rank_lower: place.lower.min(rank),
            rank_upper: place.upper.max(rank),
            measured: benchmark.and_then(|at| self.measured_score(ModelIndex(model as u32), at)),
        };
        Ok((shown.iter().zip(&places).map(model).collect(), pool))
    }

    /// The model of each slot, from models with their ranks, best first.
    fn pool(&self, slots: &[f64], ranked: &[(usize, usize)]) -> Pool {
        let cost = |&(model, _): &(usize, usize)| {
            let facts = self.snapshot.models[model].facts();
            facts.active_size().or_else(|| facts.size()).map(|size| size.value)
        };
        let chosen = fill(slots, &ranked.iter().map(cost).collect::<Vec<_>>());
        let id = |at: usize| self.snapshot.models[ranked[at].0].id.clone();
        slots.iter().zip(chosen).map(|(&slot, at)| (slot, at.map(id))).collect()
    }

    /// How well all models suit a task, or on average some tasks: the items of a benchmark. (n_models)
    fn matches(&self, asked: &[Asked<'_>]) -> Result<Vec<Match>> {
        let data = self.data();
        let all: Vec<u32> = (0..self.snapshot.models.len() as u32).collect();
        let mut sums = vec![Match { prior: 0.0, residual: 0.0, half: 0.0 }; all.len()];
        let share = 1.0 / asked.len().max(1) as f32;
        for &task in asked {
            let found = self.fitted.matches(&data, task, &all)?.ok_or_else(|| no_ranker(self.method()))?;
            for (sum, Match { prior, residual, half }) in sums.iter_mut().zip(found) {
                sum.prior += share * prior;
                sum.residual += share * residual;
                sum.half += share * half;
            }
        }
        Ok(sums)
    }

    /// The benchmark of this name, or the dataset's in this metric.
    fn benchmark_in(&self, name: &str, metric: Option<&str>) -> Result<usize> {
        let named = self.benchmark(name);
        let of = |at: usize| self.benchmarks[at].tasks.first().map(|&task| &self.snapshot.tasks[task]);
        let has = |at: usize, metric: &str| of(at).is_some_and(|task| is_metric(task, metric));
        let candidates: Vec<usize> = match (&named, metric) {
            (&Ok(at), None) => vec![at],
            (&Ok(at), Some(metric)) if has(at, metric) => vec![at],
            (&Ok(at), Some(_)) => self.benchmarks_of(|task| of(at).is_some_and(|named| differ_in_metric(task, named))),
            (Err(_), _) => self.benchmarks_of(|task| canonical_task(&task.dataset) == canonical_task(name)),
        };
        let metrics = || distinct(candidates.iter().filter_map(|&at| of(at)?.metric.as_deref()));
        let found: Vec<usize> =
            candidates.iter().copied().filter(|&at| metric.is_none_or(|metric| has(at, metric))).collect();
        match (found[..].first(), found.len(), metric) {
            (Some(&at), 1, _) => Ok(at),
            (None, _, Some(metric)) if !candidates.is_empty() => Err(Error::input(match &metrics()[..] {
                [] => format!("the data state no metric of \"{name}\""),
                metrics => {
                    format!("\"{name}\" has no metric \"{metric}\"; there is {}", listed(&nearest(metric, metrics)))
                }
            })),
            (None, ..) => named,
            (Some(_), _, None) if metrics().len() > 1 => {
                Err(Error::input(format!("\"{name}\" has several metrics: {}; name one", listed(&metrics()))))
            }
            _ => {
                let names: Vec<&str> = found.iter().map(|&at| self.benchmarks[at].name.as_str()).collect();
                Err(Error::input(format!("\"{name}\" has several tasks: {}; name one", listed(&names))))
            }
        }
    }

    /// The benchmarks whose tasks meet a condition.
    fn benchmarks_of(&self, meets: impl Fn(&Task) -> bool) -> Vec<usize> {
        let tasks = |at: usize| self.benchmarks[at].tasks.first().map(|&task| &self.snapshot.tasks[task]);
        (0..self.benchmarks.len()).filter(|&at| tasks(at).is_some_and(&meets)).collect()
    }

    /// A task of which only this is known.
    fn described(&self, description: &str, metric: Option<&str>) -> Result<Task> {
        let tasks = &self.snapshot.tasks;
        let metric = match metric {
            None => None,
            Some(name) => Some(tasks.iter().find(|task| is_metric(task, name)).ok_or_else(|| {
                let metrics = distinct(tasks.iter().filter_map(|task| task.metric.as_deref()));
                Error::input(match &metrics[..] {
                    [] => format!("no metric \"{name}\" here; the data state none"),
                    metrics => format!("no metric \"{name}\" here; there is {}", listed(&nearest(name, metrics))),
                })
            })?),
        };
        let types = distinct(tasks.iter().filter_map(|task| task.task_type.as_deref()));
        Ok(Task {
            description: Some(description.trim().to_owned()),
            task_type: type_in(description, &types).map(str::to_owned),
            metric: metric.and_then(|task| task.metric.clone()),
            lower_is_better: metric.is_some_and(|task| task.lower_is_better),
            ..Task::score("", None)
        })
    }
}

/// Whether this is the metric of a task, in any spelling.
fn is_metric(task: &Task, metric: &str) -> bool {
    task.metric.as_deref().is_some_and(|known| name_words(known) == name_words(metric))
}

/// Whether two tasks are the same but for their metrics.
fn differ_in_metric(a: &Task, b: &Task) -> bool {
    (&a.dataset, &a.subset, &a.split, a.shots) == (&b.dataset, &b.subset, &b.split, b.shots)
}

/// The only one of these types whose words stand in a text; a type within another one that stands there does not count.
fn type_in<'a>(text: &str, types: &[&'a str]) -> Option<&'a str> {
    let text = name_words(text);
    let within = |part: &str, words: &str| has_words(words, name_words(part).trim());
    let stands = |name: &&&str| !name_words(name).trim().is_empty() && within(name, &text);
    let found: Vec<&'a str> = types.iter().filter(stands).copied().collect();
    let is_part = |name: &str| found.iter().any(|&other| other != name && within(name, &name_words(other)));
    match found.iter().filter(|&&name| !is_part(name)).collect::<Vec<_>>()[..] {
        [&only] => Some(only),
        _ => None,
    }
}

/// Distinct names in the order of their first occurrence.
fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    for name in names {
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// Names by their similarity to another, the most similar first: by the pairs of letters that they share.
fn nearest<'a>(name: &str, names: &[&'a str]) -> Vec<&'a str> {
    let pairs = |text: &str| {
        let bytes: Vec<u8> = text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase()).collect();
        bytes.windows(2).map(|pair| [pair[0], pair[1]]).collect::<Vec<_>>()
    };
    let own = pairs(name);
    let likeness = |other: &str| {
        let other = pairs(other);
        2.0 * other.iter().filter(|pair| own.contains(pair)).count() as f32 / (own.len() + other.len()).max(1) as f32
    };
    let order = order(names.len(), &mut |a, b| likeness(names[b]).total_cmp(&likeness(names[a])));
    order.into_iter().map(|at| names[at]).collect()
}

fn listed(names: &[&str]) -> String {
    let (shown, rest) = names.split_at(names.len().min(MOST_NAMES));
    let rest = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    format!("{}{rest}", shown.join(", "))
}

#[cfg(test)]
#[path = "recommend_tests.rs"]
mod tests;
