//! `cargo xtask build`: the wasm modules, the bundled model, the package, then the page.

use anyhow::{Context, Result};
use xshell::Shell;

use crate::{budgets, bundle, npm, package, wasm};

/// Builds `pkg/wasm/`, `target/package/` and `dist/`, installing what the build needs.
pub(crate) fn build(sh: &Shell) -> Result<()> {
    npm::ensure_packages(sh)?;
    wasm::build(sh)?;
    bundle::build(sh)?;
    package::build(sh)?;
    npm::program(sh, "vite/bin/vite.js")
        .args(["build", "--logLevel", "warn"])
        .run()
        .context("Vite could not build the page")?;
    budgets::check(sh)?;
    println!("the page is in dist/");
    Ok(())
}
