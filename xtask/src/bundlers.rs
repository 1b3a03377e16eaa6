//! `cargo xtask test --bundlers`: the package with the bundlers and frameworks of `tests/bundlers/`. They are many and large, so
//! that `cargo xtask test` has only the thin part of this in `tests/browser/package.test.mjs`.

use std::process::ExitCode;

use anyhow::Result;
use xshell::{Shell, cmd};

use crate::browser::CHROMIUM;
use crate::tally::Tally;
use crate::test::test_files;
use crate::{build, npm};

const FOLDER: &str = "tests/bundlers";

/// Builds the package, installs the bundlers and runs their tests, which write the table of `docs/bundlers.md`.
pub(crate) fn test(sh: &Shell) -> Result<ExitCode> {
    let chromium = CHROMIUM.ensure(sh)?;
    build::build(sh)?;
    {
        let _folder = sh.push_dir(FOLDER);
        npm::ensure_packages(sh)?;
    }
    let files = test_files(sh, FOLDER)?;
    let tests = cmd!(sh, "node --test --test-reporter=spec --test-concurrency=1 {files...}");
    let mut tally = Tally::default();
    tally.suite("bundlers and frameworks", tests.env(CHROMIUM.variable, chromium))?;
    Ok(tally.finish())
}
