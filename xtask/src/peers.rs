//! `bench --peers`: our kernels against PyTorch and TensorFlow.js, in one run on one thread. The dependencies of the peers
//! are installed below `target/peers/` and nowhere else. Times are CPU times, except Chromium's.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use xshell::{Shell, cmd};

use crate::{npm, python, rustc, wasm};

const FOLDER: &str = "target/peers";
/// Number of rounds; the contestants run in turn, and the best time of each counts.
const ROUNDS: usize = 3;
const MODELS: &str = "2534";
const ITEMS: &str = "1000";

/// One line of the table: a name, its command, and the JSON pointer to the time in its output.
struct Contestant {
    name: &'static str,
    command: Vec<String>,
    key: &'static str,
    best: f64,
}

pub(crate) fn peers(sh: &Shell) -> Result<()> {
    let python = python::python(sh, &format!("{FOLDER}/venv"), "torch", &["torch"])?;
    let modules = install_tensorflow(sh)?;
    cmd!(sh, "cargo build --release --bin eyas").run()?;
    npm::ensure_packages(sh)?;
    let builds = [("relaxed", wasm::RELAXED_FLAGS), ("simd", wasm::SIMD_FLAGS), ("plain", "")];
    let compiled = builds.iter().map(|(name, flags)| compile(sh, name, flags)).collect::<Result<Vec<_>>>()?;
    let [relaxed, simd, plain] = &compiled[..] else { bail!("a build is missing") };
    for dim in ["16", "32"] {
        let python =
            |script: &str, first: &[&str]| words(&[&[&*python, script], first, &[MODELS, ITEMS, dim]].concat());
        let measure = |module: &str, more: &[&str]| {
            let sizes = ["--models", MODELS, "--items", ITEMS, "--dim", dim];
            words(&[&["node", "benches/wasm/measure.mjs", module], &sizes[..], more].concat())
        };
        let tensorflow = words(&["node", "benches/peers/lrmf.mjs", &modules, MODELS, ITEMS, dim]);
        let eyas = python("benches/peers/native.py", &["target/release/eyas"]);
        let all = [
            ("PyTorch", python("benches/peers/lrmf.py", &[]), "/ms_per_epoch"),
            ("eyas, native", eyas, "/ms_per_epoch"),
            ("eyas, wasm SIMD, Node", measure(simd, &[]), "/lrmf/ms_per_epoch"),
            ("eyas, wasm SIMD, Chromium", measure(simd, &["--chromium"]), "/lrmf/ms_per_epoch"),
            ("eyas, wasm relaxed SIMD, Chromium", measure(relaxed, &["--chromium"]), "/lrmf/ms_per_epoch"),
            ("eyas, wasm without SIMD, Node", measure(plain, &[]), "/lrmf/ms_per_epoch"),
            ("TensorFlow.js, wasm SIMD, Node", tensorflow, "/ms_per_epoch"),
        ];
        let contestant = |(name, command, key)| Contestant { name, command, key, best: f64::INFINITY };
        compare(sh, dim, &mut all.map(contestant))?;
    }
    Ok(())
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// Runs the contestants in turn, and prints their times per epoch and the ratios to the first one.
fn compare(sh: &Shell, dim: &str, contestants: &mut [Contestant]) -> Result<()> {
    for _ in 0..ROUNDS {
        for Contestant { name, command, key, best } in contestants.iter_mut() {
            let (program, arguments) = command.split_first().context("an empty command")?;
            let printed = cmd!(sh, "{program} {arguments...}").quiet().ignore_stderr().read()?;
            let report: Value = serde_json::from_str(printed.lines().last().unwrap_or_default())
                .with_context(|| format!("{name} printed no JSON"))?;
            let ms = report.pointer(key).and_then(Value::as_f64);
            *best = best.min(ms.with_context(|| format!("{name} printed no time"))?);
        }
    }
    println!(
        "\nAn epoch of LRMF with Adam, {MODELS} models × {ITEMS} items, d = {dim}, one thread, best of {ROUNDS} turns"
    );
    let first = contestants[0].best;
    for Contestant { name, best, .. } in contestants {
        println!("{name:34} {best:9.2} ms {:7.3}", *best / first);
    }
    Ok(())
}

/// A folder whose node_modules contains TensorFlow.js.
fn install_tensorflow(sh: &Shell) -> Result<String> {
    let folder = sh.current_dir().join(FOLDER).join("js");
    if !folder.join("node_modules/@tensorflow/tfjs-backend-wasm").is_dir() {
        sh.create_dir(&folder)?;
        sh.write_file(folder.join("package.json"), "{ \"private\": true }\n")?;
        let _there = sh.push_dir(&folder);
        cmd!(sh, "npm install --no-audit --no-fund --loglevel=error @tensorflow/tfjs @tensorflow/tfjs-backend-wasm")
            .run()
            .context("cannot install TensorFlow.js")?;
    }
    Ok(folder.display().to_string())
}

/// The benchmarks as a bare module, from the dependencies that `cargo xtask build` has compiled already.
fn compile(sh: &Shell, name: &str, flags: &str) -> Result<String> {
    wasm::ensure_target(sh)?;
    let (folder, target) = (wasm::target_folder(name), wasm::TARGET);
    let cargo =
        cmd!(sh, "cargo build --package eyas --example bench --profile wasm --target {target} --target-dir {folder}");
    // As for the module that trains LRMF.
    let cargo = cargo.args(["--config", "profile.wasm.package.eyas.opt-level=3"]);
    let cargo = cargo.env("CARGO_PROFILE_WASM_OPT_LEVEL", "3");
    rustc::with_same_symbols(cargo.env("RUSTFLAGS", flags))?.run()?;
    let module = sh.current_dir().join(folder).join(target).join("wasm/examples/bench.wasm");
    if !module.is_file() {
        bail!("cargo left no {}", module.display());
    }
    Ok(module.display().to_string())
}
