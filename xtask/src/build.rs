//! `cargo xtask build`: the two wasm builds, then the page.

use anyhow::{Context, Result};
use xshell::Shell;

use crate::{npm, wasm};

/// Builds `pkg/wasm/` and `dist/`, installing what the build needs.
pub(crate) fn build(sh: &Shell) -> Result<()> {
    npm::ensure_packages(sh)?;
    wasm::build(sh)?;
    complete_package(sh)?;
    npm::program(sh, "vite/bin/vite.js")
        .args(["build", "--logLevel", "warn"])
        .run()
        .context("Vite could not build the page")?;
    println!("the page is in dist/");
    Ok(())
}

/// Files of the repository that the npm package carries as well.
fn complete_package(sh: &Shell) -> Result<()> {
    let files = [
        ("docs/eyas-snapshot-1.schema.json", "schema.json"),
        ("LICENSE-APACHE", "LICENSE-APACHE"),
        ("LICENSE-MIT", "LICENSE-MIT"),
    ];
    for (from, to) in files {
        sh.copy_file(from, format!("pkg/{to}")).with_context(|| format!("cannot copy {from} into the package"))?;
    }
    Ok(())
}
