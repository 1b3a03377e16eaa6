//! `cargo xtask check`: fast checks for each change. No browser, no page.

use std::process::ExitCode;

use anyhow::Result;
use xshell::{Shell, cmd};

use crate::tally::{Tally, has_data};
use crate::test::test_files;
use crate::{npm, wasm};

/// Formatting, lints, types, and the library's unit and documentation tests.
pub(crate) fn check(sh: &Shell) -> Result<ExitCode> {
    npm::ensure_packages(sh)?;
    wasm::ensure_target(sh)?;
    let mut tally = Tally::default();
    lints(sh, &mut tally);
    types(sh, &mut tally);
    tally.suite(
        "unit tests",
        cmd!(sh, "cargo test --package eyas --package eyas-kernels --lib").args(data_arguments()),
    )?;
    tally.suite("documentation tests", cmd!(sh, "cargo test --package eyas --doc"))?;
    units(sh, &mut tally)?;
    Ok(tally.finish())
}

/// Formatting and clippy, for this machine and for wasm.
pub(crate) fn lints(sh: &Shell, tally: &mut Tally) {
    let target = wasm::TARGET;
    tally.step("formatting", || Ok(cmd!(sh, "cargo fmt --all --check").run()?));
    tally.step("lints", || Ok(cmd!(sh, "cargo clippy --workspace --all-targets -- -D warnings").run()?));
    tally.step("lints for wasm", || {
        let clippy = cmd!(sh, "cargo clippy --package eyas-wasm --lib --all-features --target {target} -- -D warnings");
        Ok(clippy.env("RUSTFLAGS", wasm::SIMD_FLAGS).run()?)
    });
}

/// The page's types.
pub(crate) fn types(sh: &Shell, tally: &mut Tally) {
    tally.step("TypeScript", || Ok(npm::program(sh, "typescript/bin/tsc").arg("--noEmit").run()?));
}

/// Tests of the page's modules that need neither a browser nor a build.
pub(crate) fn units(sh: &Shell, tally: &mut Tally) -> Result<()> {
    let files = test_files(sh, "tests/page")?;
    tally.suite("unit tests of the page", cmd!(sh, "node --test --test-reporter=spec {files...}"))
}

/// Tests on real data are `#[ignore]`d, so that the runner counts them; with the data there they run.
pub(crate) fn data_arguments() -> &'static [&'static str] {
    if has_data() { &["--", "--include-ignored"] } else { &[] }
}
