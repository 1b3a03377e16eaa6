//! A wrapper of rustc, as cargo's `RUSTC_WRAPPER`, that gives the library's symbols the same names in every wasm build.
//!
//! Cargo hashes the target folder into a crate's `-C metadata`, rustc hashes that into symbol names, and wasm-bindgen puts
//! the names of closures into the JavaScript: without the wrapper the SIMD and the plain build could not share their
//! JavaScript.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use xshell::Cmd;

const MARK: &str = "XTASK_IS_RUSTC";
const METADATA: &str = "metadata=";

/// Makes a cargo command derive the symbol names of `eyas` from the crate alone.
pub(crate) fn with_same_symbols(cargo: Cmd<'_>) -> Result<Cmd<'_>> {
    let this = std::env::current_exe().context("cannot find this program")?;
    Ok(cargo.env("RUSTC_WRAPPER", this).env(MARK, "1"))
}

/// Runs rustc, if cargo started this program as its wrapper.
pub(crate) fn stand_in() -> Option<Result<ExitCode>> {
    std::env::var_os(MARK).map(|_| compile(std::env::args_os().skip(1).collect()))
}

fn compile(mut command: Vec<OsString>) -> Result<ExitCode> {
    let ours = |name: &&OsString| *name == "eyas" || *name == "eyas_wasm";
    let name = command.windows(2).find(|pair| pair[0] == "--crate-name").map(|pair| &pair[1]).filter(ours).cloned();
    if let Some(name) = name {
        let metadata = command.iter_mut().find(|argument| argument.to_string_lossy().starts_with(METADATA));
        let mut same = OsString::from(METADATA);
        same.push(name);
        *metadata.context("cargo passed rustc no metadata")? = same;
    }
    let (rustc, arguments) = command.split_first().context("cargo named no rustc")?;
    let status = Command::new(rustc).args(arguments).status().context("cannot start rustc")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
