//! Installs Debian packages, where this runs as root on Debian.

use std::path::Path;

use anyhow::Result;
use xshell::{Shell, cmd};

/// Whether packages can be installed here.
pub(crate) fn can_install(sh: &Shell) -> bool {
    let release = sh.read_file(Path::new("/etc/os-release")).unwrap_or_default();
    let is_root = cmd!(sh, "id -u").quiet().read().is_ok_and(|id| id == "0");
    is_root && release.lines().any(|line| line == "ID=debian")
}

/// Installs these packages.
pub(crate) fn install(sh: &Shell, packages: &[&str]) -> Result<()> {
    let _quiet = sh.push_env("DEBIAN_FRONTEND", "noninteractive");
    cmd!(sh, "apt-get update -qq").run()?;
    cmd!(sh, "apt-get install -y -qq --no-install-recommends {packages...}").ignore_stdout().run()?;
    Ok(())
}
