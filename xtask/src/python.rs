//! Python with packages, in a virtual environment below `target/`.

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

/// The path of a Python that imports these modules; the environment in `folder` is made, and the packages are installed into
/// it, if it does not.
pub(crate) fn python(sh: &Shell, folder: &str, modules: &str, packages: &[&str]) -> Result<String> {
    let venv = sh.current_dir().join(folder);
    let python = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    if cmd!(sh, "{python} -c").arg(format!("import {modules}")).quiet().ignore_stderr().run().is_err() {
        let system = if cfg!(windows) { "python" } else { "python3" };
        cmd!(sh, "{system} -m venv {venv}").run().context("python3 with its module venv is needed")?;
        cmd!(sh, "{python} -m pip install --quiet {packages...}")
            .run()
            .with_context(|| format!("cannot install {}", packages.join(", ")))?;
    }
    Ok(python.display().to_string())
}
