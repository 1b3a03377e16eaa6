//! `bench`: the speed of training on made-up data.

use super::arguments::{Bench, device};
use super::{print, print_json};
use eyas::error::{Error, Result};
use eyas::methods::{LrmfConfig, LrmfTraining, TrainingData, VisibleCells};
use eyas::recommend::Device;
use eyas::snapshot::Snapshot;
use serde::Serialize;
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

pub(crate) fn bench(arguments: &Bench) -> Result<()> {
    if device(&arguments.device)? == Device::Gpu {
        return Err(Error::device("this build trains on the CPU alone; use --device auto or cpu"));
    }
    if [arguments.models, arguments.items, arguments.dim, arguments.epochs].contains(&0) {
        return Err(Error::input("--models, --items, --dim and --epochs must be at least 1"));
    }
    let timing = match arguments.what.as_str() {
        "lrmf" => lrmf(arguments)?,
        other => return Err(Error::input(format!("no benchmark \"{other}\"; there is lrmf"))),
    };
    if arguments.json {
        return print_json(&timing);
    }
    let Timing { ms_per_epoch, gflops, device, instructions, dim, models, items, loss } = timing;
    print(&format!(
        "{models} models × {items} items, dim {dim}, on the {device} ({instructions})\n\
         {ms_per_epoch:.2} ms an epoch, {gflops:.1} GFLOP/s, loss {loss:.4}\n"
    ))
}

fn lrmf(arguments: &Bench) -> Result<Timing> {
    let &Bench { models, items, dim, epochs, .. } = arguments;
    let snapshot = Snapshot::synthetic(models, items, 1);
    let visible = VisibleCells::new(&snapshot, None)?;
    let data = TrainingData {
        models: &snapshot.models,
        tasks: &snapshot.tasks,
        lineage: &snapshot.lineage,
        cells: &visible.cells,
        seed: 1,
    };
    let config = LrmfConfig { dim, ..LrmfConfig::default() };
    let mut training = LrmfTraining::new(&data, &config);
    training.epoch();
    let started = Instant::now();
    let mut loss = 0.0;
    for _ in 0..epochs {
        loss = training.epoch();
    }
    let seconds = started.elapsed().as_secs_f64() / epochs as f64;
    // Logit, gradient of the model, gradient of the task: a multiplication and an addition each, a cell and a dimension.
    let operations = 6.0 * dim as f64 * training.cells() as f64;
    Ok(Timing {
        ms_per_epoch: 1e3 * seconds,
        gflops: operations / seconds / 1e9,
        device: "cpu",
        instructions: "baseline",
        dim,
        models,
        items,
        loss,
    })
}
