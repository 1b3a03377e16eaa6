//! The variables in which `cargo run` tells this program about its own package. The cargo below must not see them: build scripts
//! of dependencies watch some (`ring` does), so that these crates and all that stand on them would be compiled anew whenever
//! `cargo` and `cargo xtask` take turns.

use std::env;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

/// Whether cargo sets this variable for a program that it runs.
fn is_of_package(name: &str) -> bool {
    name == "CARGO" || ["CARGO_MANIFEST_", "CARGO_PKG_"].iter().any(|start| name.starts_with(start))
}

/// Starts this program again without these variables, if there are some.
pub(crate) fn leave() -> Option<Result<ExitCode>> {
    let names = env::vars_os().map(|(name, _)| name).filter(|name| is_of_package(&name.to_string_lossy()));
    let names: Vec<_> = names.collect();
    (!names.is_empty()).then(|| {
        let mut again = Command::new(env::current_exe().context("cannot find this program")?);
        again.args(env::args_os().skip(1));
        for name in &names {
            again.env_remove(name);
        }
        become_other(again)
    })
}

/// In the place of this process, so that a signal reaches the program that works.
#[cfg(unix)]
fn become_other(mut program: Command) -> Result<ExitCode> {
    Err(std::os::unix::process::CommandExt::exec(&mut program)).context("cannot start this program again")
}

#[cfg(not(unix))]
fn become_other(mut program: Command) -> Result<ExitCode> {
    let status = program.status().context("cannot start this program again")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_a_person_are_left_and_those_of_the_package_go() {
        // This test is run by cargo as `cargo xtask` is.
        let set: Vec<_> = env::vars().map(|(name, _)| name).filter(|name| name.starts_with("CARGO_PKG_")).collect();
        assert!(!set.is_empty() && set.iter().all(|name| is_of_package(name)));
        assert!(["CARGO", "CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"].iter().all(|name| is_of_package(name)));
        let kept = ["CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_TERM_COLOR", "CARGO_BUILD_JOBS", "RUSTFLAGS", "PATH"];
        assert!(kept.iter().all(|name| !is_of_package(name)));
    }
}
