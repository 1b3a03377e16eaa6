//! `cargo xtask release --dry-run`: what a release consists of, checked, with checksums and provenance, in `target/release-files/`.
//! Nothing is published; RELEASING.md says how to go on from there.

mod checks;
mod licences;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::json;
use xshell::{Shell, cmd};

use crate::{build, bundle};

const OUT: &str = "target/release-files";
/// Where cargo packs the crates; its usual folder has the npm package.
const CRATES_OUT: &str = "target/crates";
const CHECKSUMS: &str = "xtask/src/checksums.mjs";
/// Crates that are published, each after those that it depends on.
const CRATES: [&str; 2] = ["eyas-kernels", "eyas"];

/// Builds and checks everything, and writes the files of the release.
pub(crate) fn dry_run(sh: &Shell) -> Result<ExitCode> {
    build::build(sh)?;
    sh.remove_path(OUT)?;
    sh.create_dir(OUT)?;
    let version = checks::version(sh)?;
    artifacts(sh, &version)?;
    let mistakes = mistakes(sh, &version)?;
    for mistake in &mistakes {
        eprintln!("release: {mistake}");
    }
    if !mistakes.is_empty() {
        bail!("{} of the release's checks failed", mistakes.len());
    }
    provenance(sh, &version)?;
    cmd!(sh, "node {CHECKSUMS} {OUT}").quiet().run()?;
    println!("the files of the release are in {OUT}; nothing was published");
    Ok(ExitCode::SUCCESS)
}

/// All that is wrong, so that one run tells everything.
fn mistakes(sh: &Shell, version: &str) -> Result<Vec<String>> {
    let mut found = checks::versions(sh, version)?;
    found.extend(licences::mistakes(sh)?);
    let package = format!("{OUT}/eyas-{version}.tgz");
    found.extend(checks::package(sh, &package)?);
    for name in CRATES {
        found.extend(checks::contents(sh, &format!("{OUT}/{name}-{version}.crate"), checks::CRATE)?);
    }
    found.extend(checks::contents(sh, &format!("{OUT}/eyas-page-{version}.tar.gz"), checks::PAGE)?);
    Ok(found)
}

/// The npm package, the crates and the page.
fn artifacts(sh: &Shell, version: &str) -> Result<()> {
    let package = format!("eyas-{version}.tgz");
    sh.copy_file(format!("{}/{package}", bundle::OUT), format!("{OUT}/{package}"))
        .context("the build has not packed the npm package")?;
    let crates: Vec<&str> = CRATES.iter().flat_map(|name| ["--package", name]).collect();
    // The crates are compiled by their publication; here their contents matter.
    cmd!(sh, "cargo package {crates...} --no-verify --allow-dirty --quiet --target-dir {CRATES_OUT}")
        .run()
        .context("cannot package the crates")?;
    for name in CRATES {
        let packed = format!("{CRATES_OUT}/package/{name}-{version}.crate");
        sh.copy_file(&packed, OUT).with_context(|| format!("cargo has not written {packed}"))?;
    }
    // The same bytes for the same files: no times, owners or order of the folder.
    let options =
        ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--use-compress-program=gzip -n9"];
    let page = format!("{OUT}/eyas-page-{version}.tar.gz");
    cmd!(sh, "tar {options...} --create --file {page} --directory dist .").quiet().run().context("cannot pack the page")
}

/// What the files were made of and with. It has no time of its own, so that the same commit gives the same file.
fn provenance(sh: &Shell, version: &str) -> Result<()> {
    let read = |command: xshell::Cmd<'_>| command.quiet().read().context("the release needs git, rustc, node and npm");
    let changed = read(cmd!(sh, "git status --porcelain"))?;
    let hashes = read(cmd!(sh, "node {CHECKSUMS} --print Cargo.lock package-lock.json rust-toolchain.toml"))?;
    let locks: serde_json::Map<_, _> = hashes
        .lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(hash, file)| (file.to_owned(), json!({ "sha256": hash })))
        .collect();
    let text = json!({
        "version": version,
        "commit": read(cmd!(sh, "git rev-parse HEAD"))?,
        "committed": read(cmd!(sh, "git log -1 --format=%cI"))?,
        "uncommitted_changes": changed.lines().count(),
        "tools": {
            "rustc": read(cmd!(sh, "rustc --version"))?,
            "cargo": read(cmd!(sh, "cargo --version"))?,
            "node": read(cmd!(sh, "node --version"))?,
            "npm": read(cmd!(sh, "npm --version"))?,
        },
        "locks": locks,
        "command": "cargo xtask release --dry-run",
    });
    sh.write_file(format!("{OUT}/provenance.json"), format!("{text:#}\n"))?;
    Ok(())
}
