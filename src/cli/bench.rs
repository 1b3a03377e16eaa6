//! `bench`: the speed of training on made-up data.

use super::arguments::{Bench, device};
use super::table::table;
use super::{print, print_json};
use eyas::error::{Error, Result};
use eyas::kernels::Instructions;
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
    device: &'static str,
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
    if device(&arguments.device)? == Device::Gpu {
        return Err(Error::device("this build trains on the CPU alone; use --device auto or cpu"));
    }
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
        let solving = solve(&data, arguments.dim);
        return if arguments.json { print_json(&solving) } else { print(&solving.describe()) };
    }
    let timing = time_epochs(&data, arguments);
    if arguments.json { print_json(&timing) } else { print(&timing.describe()) }
}

impl Timing {
    fn describe(&self) -> String {
        let Self { ms_per_epoch, gflops, device, instructions, dim, models, items, loss } = self;
        format!(
            "{models} models × {items} items, dim {dim}, on the {device} ({instructions})\n\
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

fn time_epochs(data: &TrainingData<'_>, arguments: &Bench) -> Timing {
    let &Bench { models, items, dim, epochs, .. } = arguments;
    let mut training = LrmfTraining::new(data, &LrmfConfig { dim, ..LrmfConfig::adam() });
    training.epoch();
    let started = Instant::now();
    let mut loss = 0.0;
    for _ in 0..epochs {
        loss = training.epoch();
    }
    let seconds = started.elapsed().as_secs_f64() / epochs as f64;
    // Logit, gradient of the model, gradient of the task: a multiplication and an addition each, a cell and a dimension.
    let operations = 6.0 * dim as f64 * training.cells() as f64;
    let gflops = operations / seconds / 1e9;
    let instructions = Instructions::best().name();
    Timing { ms_per_epoch: 1e3 * seconds, gflops, device: "cpu", instructions, dim, models, items, loss }
}

/// A solver's name and settings, and epochs that are certainly enough.
const SOLVERS: [(&str, Solver, usize); 3] = [
    ("adam-3e-3", Solver::Adam(3e-3), 2000),
    ("adam-0.1", Solver::Adam(0.1), 400),
    ("majorisation", Solver::Majorisation, 60),
];

fn solve(data: &TrainingData<'_>, dim: usize) -> Solving {
    let courses = SOLVERS.map(|(name, solver, epochs)| {
        let mut training = LrmfTraining::new(data, &LrmfConfig { dim, solver, ..LrmfConfig::default() });
        // Epoch by epoch: the time spent so far, without the objective's own, and the objective then.
        let mut spent = 0.0;
        let mut course = Vec::with_capacity(epochs);
        for _ in 0..epochs {
            let started = Instant::now();
            training.epoch();
            spent += started.elapsed().as_secs_f64();
            course.push((1e3 * spent, training.objective()));
        }
        (name, course)
    });
    let best = courses.iter().flat_map(|(_, course)| course).map(|step| step.1).fold(f64::INFINITY, f64::min);
    let solved = |(name, course): (&'static str, Vec<(f64, f64)>)| {
        let at = course.iter().position(|step| step.1 <= best * 1.001).unwrap_or(course.len() - 1);
        let (ms, objective) = course[at];
        (name, Solved { ms, iterations: at + 1, objective })
    };
    Solving { solver: courses.into_iter().map(solved).collect() }
}
