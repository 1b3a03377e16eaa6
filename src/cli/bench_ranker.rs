//! `bench ranker`: time, memory and progress of training the ranker on a snapshot or on made-up tuples with a known truth, and
//! the time of ranking all models for a task in words.

use super::arguments::{Bench, device};
use super::cost::{Stopwatch, memory};
use super::{inputs, print, print_json};
use eyas::error::Result;
use eyas::methods::{BoxFuture, Method, Observer, Progress};
use eyas::metrics::{RankBy, weighted_tau};
use eyas::recommend::{RecommendRequest, Recommender, TrainOptions};
use eyas::snapshot::PlantedTuples;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::time::Instant;

/// Held-out scores without which a task is not ranked, and tasks at most.
const LEAST: usize = 5;
const MOST_TASKS: usize = 200;
/// How often a ranking is repeated.
const REPEATS: usize = 5;

#[derive(Serialize)]
struct Cost {
    models: usize,
    tasks: usize,
    cells: usize,
    seconds: f64,     // of the training
    cpu_seconds: f64, // of all its threads
    epochs: usize,
    peak_mb: Option<f64>, // of the process
    ranking_ms: f64,      // all models for a task in words: the shortest
    curve: Vec<[f64; 2]>, // after each epoch the seconds and the weighted τ of the validation
    held_out: Option<HeldOut>,
}

/// Mean weighted τ of tasks, by held-out scores.
#[derive(Serialize)]
struct HeldOut {
    tasks: usize,
    weighted_tau: f64,
    oracle: f64, // by the truth without noise
}

pub(crate) fn bench(arguments: &Bench) -> Result<()> {
    let &Bench { models, items: tasks, known, .. } = arguments;
    let (snapshot, planted) = match &arguments.snapshot {
        Some(path) => (inputs::snapshot(path)?, None),
        None => {
            let tuples = (models as f64 * tasks as f64 * f64::from(known)) as usize;
            let planted = PlantedTuples::new(models, tasks, tuples, 1);
            (planted.snapshot.clone(), Some(planted))
        }
    };
    let (models, tasks, cells) = (snapshot.models.len(), snapshot.tasks.len(), snapshot.cells());
    let options =
        TrainOptions { device: device(&arguments.device)?, method: Method::Ranker, ..TrainOptions::default() };
    let mut curve = Curve { started: Instant::now(), epochs: 0, points: Vec::new() };
    let cpu = Stopwatch::start();
    let trained = pollster::block_on(Recommender::train(snapshot, &options, &mut curve))?;
    let (seconds, cpu_seconds) = (curve.started.elapsed().as_secs_f64(), cpu.seconds());
    let request = RecommendRequest { description: Some("word problems".to_owned()), ..RecommendRequest::default() };
    let mut ranking_ms = f64::INFINITY;
    for _ in 0..REPEATS {
        let started = Instant::now();
        trained.recommend(&request)?;
        ranking_ms = ranking_ms.min(1e3 * started.elapsed().as_secs_f64());
    }
    let held_out = planted.as_ref().map(|planted| held_out(&trained, planted)).transpose()?;
    let peak_mb = memory("VmHWM:");
    let Curve { epochs, points, .. } = curve;
    let cost =
        Cost { models, tasks, cells, seconds, cpu_seconds, epochs, peak_mb, ranking_ms, curve: points, held_out };
    if arguments.json { print_json(&cost) } else { print(&cost.describe()) }
}

impl Cost {
    fn describe(&self) -> String {
        let Self { models, tasks, cells, seconds, cpu_seconds, epochs, ranking_ms, .. } = self;
        let memory = self.peak_mb.map_or(String::new(), |peak| format!(", {peak:.0} MB at its peak"));
        let best = self.curve.iter().map(|point| point[1]).fold(f64::NAN, f64::max);
        let held = self.held_out.as_ref().map_or(String::new(), |HeldOut { tasks, weighted_tau, oracle }| {
            let share = 100.0 * weighted_tau / oracle;
            format!("weighted τ of {tasks} tasks by held-out scores {weighted_tau:.3}, {share:.1} % of an oracle's {oracle:.3}\n")
        });
        format!(
            "ranker on {models} models × {tasks} tasks, {cells} cells\n\
             {seconds:.1} s for a training of {epochs} epochs ({cpu_seconds:.1} s on all threads together){memory}\n\
             weighted τ of its own validation {best:.4}, {ranking_ms:.1} ms to rank all models for a task in words\n{held}"
        )
    }
}

/// The validation as the training goes on.
struct Curve {
    started: Instant,
    epochs: usize,
    points: Vec<[f64; 2]>,
}

impl Observer for Curve {
    fn now(&self) -> Option<f64> {
        Some(self.started.elapsed().as_secs_f64())
    }

    fn report<'a>(&'a mut self, progress: &'a Progress) -> BoxFuture<'a, ControlFlow<()>> {
        self.epochs = progress.epoch;
        self.points.extend(progress.validation.map(|off| [self.started.elapsed().as_secs_f64(), 1.0 - off]));
        Box::pin(std::future::ready(ControlFlow::Continue(())))
    }
}

/// Ranks the held-out models of some tasks.
fn held_out(trained: &Recommender, planted: &PlantedTuples) -> Result<HeldOut> {
    let mut groups: BTreeMap<u32, Vec<(u32, f32)>> = BTreeMap::new();
    planted.held.iter().for_each(|&(model, task, score)| groups.entry(task).or_default().push((model, score)));
    groups.retain(|_, held| held.len() >= LEAST);
    let (mut ranker, mut oracle) = (Vec::new(), Vec::new());
    for (&task, held) in groups.iter().step_by(groups.len().div_ceil(MOST_TASKS).max(1)) {
        let request = RecommendRequest {
            task: Some(planted.snapshot.tasks[task as usize].id.clone()),
            ..RecommendRequest::default()
        };
        let found = trained.recommend(&request)?;
        let scores: HashMap<&str, f32> = found.models.iter().map(|model| (model.id.as_str(), model.score)).collect();
        let truth: Vec<f64> = held.iter().map(|&(_, score)| f64::from(score)).collect();
        let by = |of: &dyn Fn(u32) -> f32| {
            let predicted: Vec<f64> = held.iter().map(|&(model, _)| f64::from(of(model))).collect();
            weighted_tau(&truth, &predicted, RankBy::Both)
        };
        let id = |model: u32| planted.snapshot.models[model as usize].id.as_str();
        ranker.extend(by(&|model| scores.get(id(model)).copied().unwrap_or(f32::NEG_INFINITY)));
        oracle.extend(by(&|model| planted.truth(model, task)));
    }
    let mean = |taus: &[f64]| taus.iter().sum::<f64>() / taus.len().max(1) as f64;
    Ok(HeldOut { tasks: oracle.len(), weighted_tau: mean(&ranker), oracle: mean(&oracle) })
}
