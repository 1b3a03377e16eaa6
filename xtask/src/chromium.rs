//! The browser that the tests drive: found, or installed where that is a matter of course.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use xshell::{Shell, cmd};

/// Names a browser elsewhere; the test harness reads the same variable.
pub(crate) const VARIABLE: &str = "CHROMIUM";

const USUAL: [&str; 4] =
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/opt/google/chrome/chrome"];

/// Where Chromium is, after installing it as root on Debian when there is none.
pub(crate) fn ensure(sh: &Shell) -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        let named = PathBuf::from(named);
        if !named.is_file() {
            bail!("{VARIABLE} names {}, which is no file", named.display());
        }
        return Ok(named);
    }
    if find().is_none() {
        if !(is_debian(sh) && is_root(sh)) {
            bail!("the browser tests need Chromium: install it (Debian: apt-get install chromium) or set {VARIABLE}");
        }
        install(sh).context("cannot install Chromium")?;
    }
    find().context("Chromium was installed, but is not where it was expected")
}

fn find() -> Option<PathBuf> {
    USUAL.iter().map(PathBuf::from).find(|path| path.is_file())
}

fn is_debian(sh: &Shell) -> bool {
    let release = sh.read_file(Path::new("/etc/os-release")).unwrap_or_default();
    release.lines().any(|line| line == "ID=debian")
}

fn is_root(sh: &Shell) -> bool {
    cmd!(sh, "id -u").quiet().read().is_ok_and(|id| id == "0")
}

fn install(sh: &Shell) -> Result<()> {
    let _quiet = sh.push_env("DEBIAN_FRONTEND", "noninteractive");
    cmd!(sh, "apt-get update -qq").run()?;
    cmd!(sh, "apt-get install -y -qq --no-install-recommends chromium").ignore_stdout().run()?;
    Ok(())
}
