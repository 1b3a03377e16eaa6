//! The npm packages: installed from the lock file, and run with node itself so that no shell wrapper is needed.

use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result};
use xshell::{Cmd, Shell, cmd};

/// Runs `npm ci` unless `node_modules/` is as recent as the lock file.
pub(crate) fn ensure_packages(sh: &Shell) -> Result<()> {
    let root = sh.current_dir();
    // npm writes this file last, so a broken installation lacks it.
    let installed = modified(&root.join("node_modules/.package-lock.json"));
    let locked = modified(&root.join("package-lock.json")).context("package-lock.json is missing")?;
    if installed.is_some_and(|installed| installed >= locked) {
        return Ok(());
    }
    cmd!(sh, "npm ci --no-audit --no-fund --loglevel=error")
        .run()
        .context("cannot install the npm packages (Node 20.19 or later with npm is needed)")
}

/// A command line program of an npm package, given by its script below `node_modules/`.
pub(crate) fn program<'sh>(sh: &'sh Shell, script: &str) -> Cmd<'sh> {
    let path = sh.current_dir().join("node_modules").join(script);
    cmd!(sh, "node {path}")
}

/// The modification time of a file; `None` if it does not exist.
pub(crate) fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|data| data.modified()).ok()
}
