//! The browsers of the tests: found, or installed where possible.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use xshell::{Shell, cmd};

use crate::{build, debian, npm};

/// A browser: its usual locations, and its Debian package.
pub(crate) struct Browser {
    name: &'static str,
    /// The environment variable with the path of another browser; the tests read the same variable.
    pub(crate) variable: &'static str,
    package: &'static str,
    usual: &'static [&'static str],
}

pub(crate) const CHROMIUM: Browser = Browser {
    name: "Chromium",
    variable: "CHROMIUM",
    package: "chromium",
    usual: &["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/opt/google/chrome/chrome"],
};

pub(crate) const FIREFOX: Browser = Browser {
    name: "Firefox",
    variable: "FIREFOX",
    package: "firefox-esr",
    usual: &["/usr/bin/firefox-esr", "/usr/bin/firefox"],
};

/// `bench page`: times of the page in Chromium (`benches/page.mjs`).
pub(crate) fn bench(sh: &Shell) -> Result<()> {
    let chromium = CHROMIUM.ensure(sh)?;
    npm::ensure_packages(sh)?;
    build::build(sh)?;
    Ok(cmd!(sh, "node benches/page.mjs").env(CHROMIUM.variable, chromium).run()?)
}

impl Browser {
    /// The path of the browser; it is installed first if it is missing and this is root on Debian.
    pub(crate) fn ensure(&self, sh: &Shell) -> Result<PathBuf> {
        let Self { name, variable, package, .. } = self;
        if let Some(named) = std::env::var_os(variable) {
            let named = PathBuf::from(named);
            if !named.is_file() {
                bail!("{variable} names {}, which is no file", named.display());
            }
            return Ok(named);
        }
        if self.find().is_none() {
            if !debian::can_install(sh) {
                bail!(
                    "the browser tests need {name}: install it (Debian: apt-get install {package}) or set {variable}"
                );
            }
            debian::install(sh, &[package]).with_context(|| format!("cannot install {name}"))?;
        }
        self.find().with_context(|| format!("{name} was installed, but is not where it was expected"))
    }

    fn find(&self) -> Option<PathBuf> {
        self.usual.iter().map(PathBuf::from).find(|path| path.is_file())
    }
}
