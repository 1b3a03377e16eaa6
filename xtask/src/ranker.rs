//! `bench ranker`: the ranker at the size of its paper's data, natively and in wasm.

use crate::{build, npm};
use anyhow::{Context, Result};
use std::path::PathBuf;
use xshell::{Shell, cmd};

/// Models, tasks and the share of known cells of the made-up table: 1.6 million tuples, as many as the paper has.
const MADE_UP: [&str; 3] = ["47000", "9600", "0.003546"];

/// Runs on the tuples of MTEB in the folder that `EYAS_DATA` names, and on made-up ones.
pub(crate) fn bench(sh: &Shell) -> Result<()> {
    let data = std::env::var("EYAS_DATA").context("EYAS_DATA must name the folder with mteb/tuples.csv.gz")?;
    let mteb = PathBuf::from(data).join("mteb");
    let [tuples, tasks, models] =
        ["tuples.csv.gz", "datasets.csv", "models.csv"].map(|name| mteb.join(name).into_os_string());
    npm::ensure_packages(sh)?;
    build::build(sh)?;
    cmd!(sh, "cargo build --release --bin eyas").run()?;
    let (eyas, folder) = ("target/release/eyas", "target/bench");
    sh.create_dir(folder)?;
    let snapshot = format!("{folder}/mteb.json");
    cmd!(sh, "{eyas} import {tuples} --task-factors {tasks} --model-factors {models} -o {snapshot}").run()?;
    println!("MTEB, all tuples");
    cmd!(sh, "{eyas} bench ranker --snapshot {snapshot} --device cpu").run()?;
    cmd!(sh, "node benches/ranker.mjs {snapshot}").run()?;
    println!("Made up, long-tailed, of rank 8");
    let [models, tasks, known] = MADE_UP;
    cmd!(sh, "{eyas} bench ranker --models {models} --tasks {tasks} --known {known} --device cpu").run()?;
    Ok(())
}
