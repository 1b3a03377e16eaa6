//! `results`: runs every experiment by its command and writes the results page.

mod experiments;
mod page;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use xshell::{Shell, cmd};

use experiments::{Experiment, Import, Shape};

/// What a run of experiments needs: the program, the data, a folder for snapshots, and whether it is a short one.
struct Bench<'s> {
    sh: &'s Shell,
    program: PathBuf,
    data: PathBuf,
    folder: PathBuf,
    quick: bool,
    /// What each command printed, since two sections may show one run.
    printed: HashMap<String, String>,
}

/// Regenerates `docs/results.md`; with `--quick` a page of fewer seeds and points beside the build, in a few minutes.
pub(crate) fn results(sh: &Shell, arguments: &[String]) -> Result<()> {
    let quick = match arguments {
        [] => false,
        [only] if only == "--quick" => true,
        [other, ..] => bail!("unexpected argument {other:?}; there is --quick"),
    };
    let data = std::env::var_os("EYAS_DATA").map(PathBuf::from).filter(|folder| folder.is_dir());
    let data = data.context("EYAS_DATA must name the folder with the public data that docs/results.md describes")?;
    cmd!(sh, "cargo build --release --bin eyas").run()?;
    let folder = sh.current_dir().join("target/results");
    sh.create_dir(&folder)?;
    let program = sh.current_dir().join("target/release/eyas");
    let mut bench = Bench { sh, program, data, folder, quick, printed: HashMap::new() };
    let started = Instant::now();
    for import in experiments::IMPORTS {
        bench.import(import)?;
    }
    let mut page = String::from(page::HEAD);
    for experiment in experiments::EXPERIMENTS {
        let begun = Instant::now();
        eprintln!("== {}", experiment.title);
        page += &bench.section(experiment)?;
        eprintln!("   {:.0} s", begun.elapsed().as_secs_f64());
    }
    page += &page::imports(experiments::IMPORTS);
    let path = if quick { bench.folder.join("quick.md") } else { sh.current_dir().join("docs/results.md") };
    sh.write_file(&path, page)?;
    println!("wrote {} in {:.0} s", path.display(), started.elapsed().as_secs_f64());
    Ok(())
}

impl Bench<'_> {
    fn import(&mut self, import: &Import) -> Result<()> {
        self.run(&page::import_arguments(import)).map(drop)
    }

    /// One experiment: all its runs, and its part of the page.
    fn section(&mut self, experiment: &Experiment) -> Result<String> {
        let mut reports = Vec::new();
        for (label, arguments) in experiment.runs(self.quick) {
            let text = self.run(&format!("{arguments} --json"))?;
            let report: Value = serde_json::from_str(&text).with_context(|| format!("eyas {arguments}"))?;
            reports.push((label, report));
        }
        let table = match experiment.shape {
            Shape::Methods(columns) => page::methods(&reports, columns),
            Shape::Routing => page::routing(&reports),
            Shape::Shares => page::shares(&reports),
            Shape::Penalties => page::penalties(&reports),
            Shape::Influence => page::influence(&reports),
        };
        Ok(page::section(experiment, self.quick, &table))
    }

    /// Runs `eyas` on arguments in which `$DATA/` and `$OUT/` stand for folders, and returns what it printed.
    fn run(&mut self, arguments: &str) -> Result<String> {
        if let Some(text) = self.printed.get(arguments) {
            return Ok(text.clone());
        }
        let place = |word: &str| -> String {
            let at = |folder: &Path| folder.display().to_string();
            word.replace("$DATA", &at(&self.data)).replace("$OUT", &at(&self.folder))
        };
        let words: Vec<String> = arguments.split_whitespace().map(place).collect();
        let program = &self.program;
        let text = cmd!(self.sh, "{program} {words...}").quiet().ignore_stderr().read()?;
        self.printed.insert(arguments.to_owned(), text.clone());
        Ok(text)
    }
}
