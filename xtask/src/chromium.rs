//! The browser that the tests drive: found, or installed where that is a matter of course.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use xshell::Shell;

use crate::debian;

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
        if !debian::can_install(sh) {
            bail!("the browser tests need Chromium: install it (Debian: apt-get install chromium) or set {VARIABLE}");
        }
        debian::install(sh, &["chromium"]).context("cannot install Chromium")?;
    }
    find().context("Chromium was installed, but is not where it was expected")
}

fn find() -> Option<PathBuf> {
    USUAL.iter().map(PathBuf::from).find(|path| path.is_file())
}
