//! The programs that build the example sites of `examples/embed/`: mdBook, MkDocs and Sphinx, installed below `target/tools/`.

use anyhow::{Context, Result, bail};
use xshell::{Shell, cmd};

use crate::debian;

const TOOLS: &str = "target/tools";
const MDBOOK: &str = "mdbook@0.5.4";
const PYTHON: [&str; 2] = ["mkdocs==1.6.1", "sphinx==8.1.3"];

/// Installs the programs that are missing; with all of them present it takes a second.
pub(crate) fn ensure_builders(sh: &Shell) -> Result<()> {
    // Without optimisation and without its server mdBook compiles in a minute.
    cmd!(sh, "cargo install {MDBOOK} --locked --debug --no-default-features --quiet --root {TOOLS}")
        .run()
        .context("cannot install mdBook")?;
    if !sh.path_exists(format!("{TOOLS}/bin/pip")) {
        make_environment(sh)?;
    }
    cmd!(sh, "{TOOLS}/bin/python -m pip install --quiet --disable-pip-version-check {PYTHON...}")
        .run()
        .context("cannot install MkDocs and Sphinx")
}

/// Debian has a part of Python's `venv` in a separate package.
fn make_environment(sh: &Shell) -> Result<()> {
    if cmd!(sh, "python3 -c 'import ensurepip'").quiet().ignore_stderr().run().is_err() {
        if !debian::can_install(sh) {
            bail!("the example sites need Python 3 with venv: install it (Debian: apt-get install python3-venv)");
        }
        debian::install(sh, &["python3-venv"])?;
    }
    cmd!(sh, "python3 -m venv {TOOLS}").run().context("cannot make a Python environment")
}
