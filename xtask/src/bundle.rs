//! The bundled data: the snapshot of `data/published/`, the default method trained on it, and the licences of its sources,
//! which the page and the package ship.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use crate::npm::modified;

/// The folder of the files, which Vite copies into the page.
pub(crate) const OUT: &str = "www/public";
pub(crate) const MODEL: &str = "model.eyas.gz";
pub(crate) const LICENCES: &str = "data-licences.txt";
const FILES: [&str; 3] = [MODEL, "snapshot.json", LICENCES];
const DATA: &str = "data/published";
const PROGRAM: &str = "xtask/src/bundle.mjs";
/// What reads the data, trains and forecasts: a model is out of date when one of them has changed.
const MODULES: &str = "pkg/wasm";

/// Trains the model unless it is newer than the data and the modules, and checks that both belong together.
///
/// # Errors
/// If the data can't be read, or the model is of other data or of another version.
pub(crate) fn build(sh: &Shell) -> Result<()> {
    sh.create_dir(OUT)?;
    sh.write_file(PathBuf::from(OUT).join(LICENCES), licences(sh)?)?;
    let check: &[&str] = if is_current(sh)? { &["--check"] } else { &[] };
    cmd!(sh, "node {PROGRAM} pkg/index.js {DATA} {OUT} {check...}")
        .quiet()
        .run()
        .context("the model of the bundled data can't be made; if it is said to be stale, remove www/public")
}

fn is_current(sh: &Shell) -> Result<bool> {
    let mut sources = vec![sh.current_dir().join(PROGRAM)];
    for folder in [DATA, MODULES] {
        sources.extend(sh.read_dir(folder)?);
    }
    let newest = sources.iter().filter_map(|path| modified(path)).max();
    let made = |name: &str| modified(&sh.current_dir().join(OUT).join(name));
    Ok(FILES.iter().filter(|name| **name != LICENCES).all(|name| made(name) > newest))
}

/// Who is to be named for the data, and under which licences, with the texts that must travel with it.
fn licences(sh: &Shell) -> Result<String> {
    let mut text = "The model and the snapshot beside this file are made from published results and facts. They keep the \
                    licences of\ntheir sources, which differ from that of eyas. Changed in all: a selection, in one layout, \
                    with names of our own.\n"
        .to_owned();
    let sources = sh.read_file(format!("{DATA}/sources.csv"))?;
    let mut rows = csv::Reader::from_reader(sources.as_bytes());
    let names = rows.headers()?.clone();
    for row in rows.records() {
        let row = row?;
        let of = |name: &str| names.iter().position(|column| column == name).and_then(|at| row.get(at));
        let field = |name: &str| of(name).with_context(|| format!("{DATA}/sources.csv has no column {name}"));
        let (name, url, commit, date) = (field("name")?, field("url")?, field("commit")?, field("date")?);
        let (licence, address, taken) = (field("licence")?, field("licence_url")?, field("taken")?);
        write!(text, "\n{name}\n  {url} at {commit}, {date}\n  {licence}: {address}\n  Taken: {taken}\n")?;
    }
    let mut files = sh.read_dir(DATA)?;
    files.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("LICENSE-")));
    for path in files {
        write!(text, "\n{}\n\n{}", "-".repeat(78), sh.read_file(path)?)?;
    }
    Ok(text)
}
