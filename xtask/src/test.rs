//! `cargo xtask test`: all tests and checks, from formatting to the page in a browser.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use xshell::{Shell, cmd};

use crate::browser::{CHROMIUM, FIREFOX};
use crate::check::{data_arguments, lints, types, units};
use crate::tally::Tally;
use crate::{build, lavapipe, npm, sites, wasm};

/// Runs all suites, also after a failure, and ends with the counts.
pub(crate) fn test(sh: &Shell) -> Result<ExitCode> {
    let (chromium, firefox) = (CHROMIUM.ensure(sh)?, FIREFOX.ensure(sh)?);
    let gpu = lavapipe::ensure(sh)?;
    npm::ensure_packages(sh)?;
    wasm::ensure_target(sh)?;
    let mut tally = Tally::default();
    lints(sh, &mut tally);
    let built = tally.step("wasm and page build", || build::build(sh));
    types(sh, &mut tally);
    let tests =
        cmd!(sh, "cargo test --package eyas --package eyas-kernels --tests --no-fail-fast").args(data_arguments());
    let tests = if gpu { tests.env(lavapipe::VARIABLE, "1") } else { tests };
    tally.suite("unit and integration tests", tests)?;
    // This profile has already compiled this program and its dependencies, half of all code.
    tally.suite("tests of the commands", cmd!(sh, "cargo test --profile dev --package xtask"))?;
    tally.suite("documentation tests", cmd!(sh, "cargo test --package eyas --doc"))?;
    units(sh, &mut tally)?;
    tally.step("programs of the example sites", || sites::ensure_builders(sh));
    if built {
        let files = test_files(sh, "tests/browser")?;
        let tests = cmd!(sh, "node --test --test-reporter=spec --test-timeout=600000 {files...}");
        tally.suite("browser tests", tests.env(CHROMIUM.variable, chromium).env(FIREFOX.variable, firefox))?;
    } else {
        // Each of them would wait for a page that does not exist.
        tally.step("browser tests", || bail!("not run: the build failed"));
    }
    println!("\nThe tests of hub/ are separate: cargo xtask test --hub");
    Ok(tally.finish())
}

pub(crate) fn test_files(sh: &Shell, folder: &str) -> Result<Vec<PathBuf>> {
    let mut files = sh.read_dir(folder)?;
    files.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    files.first().with_context(|| format!("there are no tests in {folder}"))?;
    Ok(files)
}
