//! The software device that the GPU tests run on: Mesa's lavapipe, a Vulkan driver without hardware.

use std::path::Path;

use anyhow::{Context, Result, bail};
use xshell::Shell;

use crate::debian;

/// This environment variable makes a test that needs a device fail where there is none.
pub(crate) const VARIABLE: &str = "EYAS_GPU";

const DRIVERS: [&str; 2] = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];

/// Whether the GPU tests have to run: always as root on Debian, elsewhere if there is a Vulkan driver.
pub(crate) fn ensure(sh: &Shell) -> Result<bool> {
    if has_driver(sh) {
        return Ok(true);
    }
    if !debian::can_install(sh) {
        println!("no Vulkan driver: the tests of the GPU kernels are left out (Debian: mesa-vulkan-drivers)");
        return Ok(false);
    }
    debian::install(sh, &["mesa-vulkan-drivers", "libvulkan1"]).context("cannot install lavapipe")?;
    if !has_driver(sh) {
        bail!("mesa-vulkan-drivers was installed, but brought no driver");
    }
    Ok(true)
}

fn has_driver(sh: &Shell) -> bool {
    DRIVERS.iter().any(|folder| sh.read_dir(Path::new(folder)).is_ok_and(|files| !files.is_empty()))
}
