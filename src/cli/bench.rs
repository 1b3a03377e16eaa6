//! `bench`: the speed of training and forecasting on synthetic data. `bench_default.rs` and
//! `bench_ranker.rs` have those of the default method and of the ranker.

use crate::cli::arguments::{Bench, device};
use crate::cli::progress::Clock;
use crate::cli::table::table;
use crate::cli::{bench_default, bench_ranker};
use crate::cli::{print, print_json};
use eyas::device::compute::{Compute, Ran};
use eyas::device::gpu::Scorer;
use eyas::error::{Error, Result};
use eyas::methods::{
    Fitted, Lrmf, LrmfConfig, LrmfTraining, NcfConfig, NcfTraining, Silent, Solver, Target, TrainingData,
    TrainingLimits, VisibleCells,
};
use eyas::recommend::Device;
use eyas::snapshot::{ModelIndex, Snapshot};
use eyas_kernels::{Instructions, multiply_add_rounds};
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

/// A run of timed epochs.
struct Epochs {
    seconds: f64,    // of one epoch
    operations: f64, // of one epoch: useful multiplications and additions of the matrix products
    loss: f64,       // of the last epoch
    ran: Ran,
}

/// The time of each solver to within 0.1 % of the lowest objective that any of them reaches.
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
    let &Bench { models, items, dim, epochs, .. } = arguments;
    if [models, items, dim, epochs].contains(&0) {
        return Err(Error::input("--models, --items, --dim and --epochs must be at least 1"));
    }
    if arguments.solve && arguments.what != "lrmf" {
        return Err(Error::input("--solve compares the solvers of lrmf; there is one of each other"));
    }
    if arguments.snapshot.is_some() && arguments.what != "ranker" {
        return Err(Error::input("--snapshot is for the ranker; the others are measured on made-up data"));
    }
    let time = match arguments.what.as_str() {
        "lrmf" => lrmf,
        "mlp" => mlp,
        "score" => score,
        "default" => return bench_default::bench(arguments),
        "ranker" => return bench_ranker::bench(arguments),
        other => {
            return Err(Error::input(format!("no benchmark \"{other}\"; there are lrmf, mlp, score, default, ranker")));
        }
    };
    let snapshot = Snapshot::synthetic(models, items, 1);
    let visible = VisibleCells::new(&snapshot, None)?;
    let data = TrainingData::new(&snapshot, &visible, 1);
    if arguments.solve {
        let solving = solve(&data, dim, device)?;
        return if arguments.json { print_json(&solving) } else { print(&solving.describe()) };
    }
    let Epochs { seconds, operations, loss, ran } = time(&data, dim, epochs, device)?;
    let instructions = if ran.device == "gpu" { "wgsl" } else { Instructions::best().name() };
    let (ms_per_epoch, gflops) = (1e3 * seconds, operations / seconds / 1e9);
    let timing = Timing { ms_per_epoch, gflops, device: ran.device.clone(), instructions, dim, models, items, loss };
    if arguments.json { print_json(&timing) } else { print(&timing.describe(&ran)) }
}

impl Timing {
    fn describe(&self, Ran { name, why, .. }: &Ran) -> String {
        let Self { ms_per_epoch, gflops, device, dim, models, items, loss, .. } = self;
        let most = if device == "cpu" {
            let most = peak();
            format!(", {:.0} % of the {most:.0} that one thread can do", 100.0 * gflops / most)
        } else {
            String::new()
        };
        format!(
            "{models} models × {items} items, dim {dim}, on the {device} ({name}; {why})\n\
             {ms_per_epoch:.2} ms an epoch, {gflops:.1} GFLOP/s{most}, loss {loss:.4}\n"
        )
    }
}

/// GFLOP/s of one thread that multiplies and adds in registers: the best of some short runs.
fn peak() -> f64 {
    let run = |_| {
        let started = Instant::now();
        let (operations, _) = multiply_add_rounds(1 << 20);
        operations / started.elapsed().as_secs_f64() / 1e9
    };
    (0..10).map(run).fold(0.0, f64::max)
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

/// Mean seconds of this number of rounds, and the value of the last one.
fn timed(rounds: usize, mut round: impl FnMut() -> Result<f64>) -> Result<(f64, f64)> {
    let started = Instant::now();
    let mut last = 0.0;
    for _ in 0..rounds {
        last = round()?;
    }
    Ok((started.elapsed().as_secs_f64() / rounds as f64, last))
}

/// Epochs of LRMF with Adam.
fn lrmf(data: &TrainingData<'_>, dim: usize, epochs: usize, device: Device) -> Result<Epochs> {
    let mut training = start(data, &LrmfConfig { dim, ..LrmfConfig::adam() }, device)?;
    advance(&mut training, 1)?;
    let started = Instant::now();
    let loss = advance(&mut training, epochs)?;
    let seconds = started.elapsed().as_secs_f64() / epochs as f64;
    // Logit, gradient of the model, gradient of the task: one multiplication and one addition each, for each cell and
    // dimension.
    let operations = 6.0 * dim as f64 * training.cells() as f64;
    Ok(Epochs { seconds, operations, loss, ran: training.compute().ran() })
}

/// Epochs of `ncf`, the network over latent vectors of this dimension.
fn mlp(data: &TrainingData<'_>, dim: usize, epochs: usize, device: Device) -> Result<Epochs> {
    let config = NcfConfig { latent: dim, ..NcfConfig::latent() };
    let mut training = pollster::block_on(NcfTraining::new(data, &config).on(&Compute::new(device)))?;
    pollster::block_on(training.choose(&Clock::start()));
    let mut epoch = || pollster::block_on(training.next_epoch());
    epoch()?;
    let (seconds, loss) = timed(epochs, epoch)?;
    // Forward, gradient of the weights, gradient of the layer's input.
    let operations = 6.0 * (training.weights() * training.cells()) as f64;
    Ok(Epochs { seconds, operations, loss, ran: training.compute().ran() })
}

/// Forecasts of all models on all items by a trained LRMF, and their squared error: the work of a ranking.
fn score(data: &TrainingData<'_>, dim: usize, epochs: usize, device: Device) -> Result<Epochs> {
    let limits = TrainingLimits { max_epochs: 4, patience: 4 };
    let trained =
        pollster::block_on(Lrmf::fit(data, &LrmfConfig { dim, limits, ..LrmfConfig::default() }, &mut Silent))?;
    // It was not measured where a device is faster, so `auto` means the CPU.
    let mut compute = Compute::new(if device == Device::Gpu { device } else { Device::Cpu });
    pollster::block_on(compute.open(0.0))?;
    let mut scorer = match compute.gpu() {
        Some(gpu) => Some(pollster::block_on(Scorer::new(gpu, trained.parameters()))?),
        None => None,
    };
    let count = data.cells.count() as f64;
    let round = || match &mut scorer {
        Some(scorer) => Ok(error_on_gpu(data, scorer)? / count),
        None => {
            let mut sum = 0.0;
            for model in 0..data.models.len() {
                let forecast = trained.forecast(data, Target::Known(ModelIndex(model as u32)))?;
                data.cells.for_row(model, |task, value| sum += f64::from((forecast.mean[task] - value).powi(2)));
            }
            Ok(sum / count)
        }
    };
    let (seconds, loss) = timed(epochs, round)?;
    let operations = 2.0 * (dim * data.models.len() * data.tasks.len()) as f64;
    Ok(Epochs { seconds, operations, loss, ran: compute.ran() })
}

/// The sum of the squared errors of scores from a device.
fn error_on_gpu(data: &TrainingData<'_>, scorer: &mut Scorer) -> Result<f64> {
    let nodes = data.lineage.len();
    let mut scores = vec![0.0; nodes * data.tasks.len()]; // (tasks, nodes)
    pollster::block_on(scorer.score_tasks(|first, some| scores[first * nodes..][..some.len()].copy_from_slice(some)))?;
    let mut sum = 0.0;
    for model in 0..data.models.len() {
        let error = |task: usize, value: f32| f64::from((scores[task * nodes + model] - value).powi(2));
        data.cells.for_row(model, |task, value| sum += error(task, value));
    }
    Ok(sum)
}

/// A training on the given device; `auto` chooses one.
fn start<'a>(data: &TrainingData<'a>, config: &LrmfConfig, device: Device) -> Result<LrmfTraining<'a>> {
    pollster::block_on(async {
        let mut training = LrmfTraining::new(data, config).on(&Compute::new(device)).await?;
        training.choose(&Clock::start()).await;
        Ok(training)
    })
}

/// Runs this number of epochs; returns the objective of the last.
fn advance(training: &mut LrmfTraining<'_>, epochs: usize) -> Result<f64> {
    let (mut left, mut loss) = (epochs, 0.0);
    while left > 0 {
        let (done, objective) = pollster::block_on(training.epochs(left))?;
        (left, loss) = (left - done, objective);
    }
    Ok(loss)
}

/// A solver's name and settings, and a sufficient number of epochs.
const SOLVERS: [(&str, Solver, usize); 3] = [
    ("adam-3e-3", Solver::Adam(3e-3), 2000),
    ("adam-0.1", Solver::Adam(0.1), 400),
    ("majorisation", Solver::Majorisation, 60),
];

fn solve(data: &TrainingData<'_>, dim: usize, device: Device) -> Result<Solving> {
    let course = |(name, solver, epochs)| {
        let mut training = start(data, &LrmfConfig { dim, solver, ..LrmfConfig::default() }, device)?;
        // Epoch by epoch: the elapsed time without the computation of the objective, and the objective. Majorisation's
        // start is its first epoch.
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
