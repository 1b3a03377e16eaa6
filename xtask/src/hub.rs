//! `cargo xtask check --hub` and `test --hub`: the program in `hub/`, a workspace of its own, since its engine is larger than all the
//! rest. It is compiled without optimisation, which takes most of the time.

use std::process::ExitCode;

use anyhow::Result;
use xshell::{Shell, cmd};

use crate::tally::Tally;

/// Checks formatting and lints, and runs no test.
pub(crate) fn check(sh: &Shell) -> Result<ExitCode> {
    let _folder = sh.push_dir("hub");
    let mut tally = Tally::default();
    lints(sh, &mut tally);
    Ok(tally.finish())
}

/// Checks formatting and lints, and runs the tests: builds of a snapshot of 10,000 models on every engine.
pub(crate) fn test(sh: &Shell) -> Result<ExitCode> {
    let _folder = sh.push_dir("hub");
    let mut tally = Tally::default();
    lints(sh, &mut tally);
    tally.suite("tests of hub/", cmd!(sh, "cargo test --locked"))?;
    Ok(tally.finish())
}

fn lints(sh: &Shell, tally: &mut Tally) {
    tally.step("formatting of hub/", || Ok(cmd!(sh, "cargo fmt --check").run()?));
    tally.step("lints of hub/", || Ok(cmd!(sh, "cargo clippy --locked --all-targets -- -D warnings").run()?));
}
