//! `bench`: the speed of training on made-up data.

use super::arguments::{Bench, device};
use super::progress::Clock;
use super::table::table;
use super::{print, print_json};
use eyas::error::{Error, Result};
use eyas::kernels::{Compute, Instructions, Ran};
use eyas::methods::{LrmfConfig, LrmfTraining, Solver, TrainingData, VisibleCells};
use eyas::recommend::Device;
use eyas::snapshot::Snapshot;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Instant;

#[derive(Serialize)]
struct Timing {
    ms_per_epoch: f64,
    gflops: f64,
    device: String,
    instructions: &'static str,
    dim: usize,
    models: usize,
    items: usize,
    loss: f64,
}

/// How long each solver takes to within 0.1 % of the lowest objective that any of them reaches.
#[derive(Serialize)]
struct Solving {
    solver: BTreeMap<&'static str, Solved>,
}

#[derive(Serialize)]
struct Solved {
    ms: f64,
    iterations: usize,
    objective: f64,
}

pub(crate) fn bench(arguments: &Bench) -> Result<()> {
    let device = device(&arguments.device)?;
    if [arguments.models, arguments.items, arguments.dim, arguments.epochs].contains(&0) {
        return Err(Error::input("--models, --items, --dim and --epochs must be at least 1"));
    }
    if arguments.what != "lrmf" {
        return Err(Error::input(format!("no benchmark \"{}\"; there is lrmf", arguments.what)));
    }
    let snapshot = Snapshot::synthetic(arguments.models, arguments.items, 1);
    let visible = VisibleCells::new(&snapshot, None)?;
    let data = TrainingData {
        models: &snapshot.models,
        tasks: &snapshot.tasks,
        lineage: &snapshot.lineage,
        cells: &visible.cells,
        seed: 1,
    };
    if arguments.solve {
        let solving = solve(&data, arguments.dim, device)?;
        return if arguments.json { print_json(&solving) } else { print(&solving.describe()) };
    }
    let (timing, ran) = time_epochs(&data, arguments, device)?;
    if arguments.json { print_json(&timing) } else { print(&timing.describe(&ran)) }
}

impl Timing {
    fn describe(&self, Ran { name, why, .. }: &Ran) -> String {
        let Self { ms_per_epoch, gflops, device, dim, models, items, loss, .. } = self;
        format!(
            "{models} models × {items} items, dim {dim}, on the {device} ({name}; {why})\n\
             {ms_per_epoch:.2} ms an epoch, {gflops:.1} GFLOP/s, loss {loss:.4}\n"
        )
    }
}

impl Solving {
    fn describe(&self) -> String {
        let row = |(name, solved): (&&'static str, &Solved)| {
            let Solved { ms, iterations, objective } = solved;
            vec![(*name).to_owned(), format!("{ms:.1}"), iterations.to_string(), format!("{objective:.6}")]
        };
        let rows: Vec<_> = self.solver.iter().map(row).collect();
        table(&["solver", "ms", "iterations", "objective"], &rows)
    }
}

fn time_epochs(data: &TrainingData<'_>, arguments: &Bench, device: Device) -> Result<(Timing, Ran)> {
    let &Bench { models, items, dim, epochs, .. } = arguments;
    let mut training = start(data, &LrmfConfig { dim, ..LrmfConfig::adam() }, device)?;
    advance(&mut training, 1)?;
    let started = Instant::now();
    let loss = advance(&mut training, epochs)?;
    let seconds = started.elapsed().as_secs_f64() / epochs as f64;
    // Logit, gradient of the model, gradient of the task: a multiplication and an addition each, a cell and a dimension.
    let operations = 6.0 * dim as f64 * training.cells() as f64;
    let gflops = operations / seconds / 1e9;
    let ran = training.compute().ran();
    let device = ran.device.clone();
    let instructions = if device == "gpu" { "wgsl" } else { Instructions::best().name() };
    Ok((Timing { ms_per_epoch: 1e3 * seconds, gflops, device, instructions, dim, models, items, loss }, ran))
}

/// A training on the device that `auto` takes, or on the one that is named.
fn start<'a>(data: &TrainingData<'a>, config: &LrmfConfig, device: Device) -> Result<LrmfTraining<'a>> {
    pollster::block_on(async {
        let mut training = LrmfTraining::new(data, config).on(&Compute::new(device)).await?;
        training.choose(&Clock::start()).await;
        Ok(training)
    })
}

/// So many epochs; returns the objective of the last.
fn advance(training: &mut LrmfTraining<'_>, epochs: usize) -> Result<f64> {
    let (mut left, mut loss) = (epochs, 0.0);
    while left > 0 {
        let (done, objective) = pollster::block_on(training.epochs(left))?;
        (left, loss) = (left - done, objective);
    }
    Ok(loss)
}

/// A solver's name and settings, and epochs that are certainly enough.
const SOLVERS: [(&str, Solver, usize); 3] = [
    ("adam-3e-3", Solver::Adam(3e-3), 2000),
    ("adam-0.1", Solver::Adam(0.1), 400),
    ("majorisation", Solver::Majorisation, 60),
];

fn solve(data: &TrainingData<'_>, dim: usize, device: Device) -> Result<Solving> {
    let course = |(name, solver, epochs)| {
        let mut training = start(data, &LrmfConfig { dim, solver, ..LrmfConfig::default() }, device)?;
        // Epoch by epoch: the time spent so far, without the objective's own, and the objective then.
        let mut spent = 0.0;
        let mut course = Vec::with_capacity(epochs);
        for _ in 0..epochs {
            let started = Instant::now();
            advance(&mut training, 1)?;
            spent += started.elapsed().as_secs_f64();
            course.push((1e3 * spent, training.objective()));
        }
        Ok((name, course))
    };
    let courses = SOLVERS.into_iter().map(course).collect::<Result<Vec<_>>>()?;
    let best = courses.iter().flat_map(|(_, course)| course).map(|step| step.1).fold(f64::INFINITY, f64::min);
    let solved = |(name, course): (&'static str, Vec<(f64, f64)>)| {
        let at = course.iter().position(|step| step.1 <= best * 1.001).unwrap_or(course.len() - 1);
        let (ms, objective) = course[at];
        (name, Solved { ms, iterations: at + 1, objective })
    };
    Ok(Solving { solver: courses.into_iter().map(solved).collect() })
}
