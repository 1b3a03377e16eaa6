//! `results`: runs every experiment by its command and writes the results page.

mod boards;
mod experiments;
mod page;
mod pairs;
mod parts;
mod ranker;

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
    /// The page to write.
    path: PathBuf,
    /// What each command printed, since two sections may show one run.
    printed: HashMap<String, String>,
}

/// What to run and where to.
struct Options {
    /// The boards beside baselines, not the experiments.
    boards: bool,
    /// The experiments of the ranker, which take an hour, not the others.
    ranker: bool,
    /// Fewer seeds and points, to a page beside the build.
    quick: bool,
    /// Sections whose title, or boards whose name, holds one of these, in small letters; none: all.
    only: Vec<String>,
    /// Sections in which this method runs.
    method: Option<String>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self { boards: false, ranker: false, quick: false, only: Vec::new(), method: None };
        let mut left = arguments.iter();
        while let Some(argument) = left.next() {
            match argument.as_str() {
                "boards" => options.boards = true,
                "ranker" => options.ranker = true,
                "--quick" => options.quick = true,
                "--only" => options.only.push(left.next().context("--only needs a part of a title")?.to_lowercase()),
                "--method" => options.method = Some(left.next().context("--method needs the name of one")?.clone()),
                other => {
                    bail!(
                        "unexpected argument {other:?}; there are boards, ranker, --quick, --only PART and --method NAME"
                    )
                }
            }
        }
        if options.boards && options.method.is_some() {
            bail!("boards hold the default method beside baselines; --method is for the other sections");
        }
        Ok(options)
    }

    fn experiments(&self) -> Box<dyn Iterator<Item = &'static Experiment>> {
        if self.ranker { Box::new(experiments::ranker::EXPERIMENTS.iter()) } else { Box::new(experiments::usual()) }
    }

    fn wants(&self, experiment: &Experiment) -> bool {
        let title = experiment.title.to_lowercase();
        let meant = self.only.is_empty() || self.only.iter().any(|part| title.contains(part));
        meant && self.method.as_ref().is_none_or(|method| experiment.runs_method(method))
    }
}

/// Regenerates `docs/results.md`, or only some of its sections; with `--quick` a page of fewer seeds and points beside the
/// build, in a few minutes.
pub(crate) fn results(sh: &Shell, arguments: &[String]) -> Result<()> {
    let options = Options::parse(arguments)?;
    let wanted: Vec<&Experiment> = options.experiments().filter(|experiment| options.wants(experiment)).collect();
    if wanted.is_empty() && !options.boards {
        let titles: Vec<&str> = options.experiments().map(|experiment| experiment.title).collect();
        bail!("no section is meant; there are\n{}", titles.join("\n"));
    }
    let data = std::env::var_os("EYAS_DATA").map(PathBuf::from).filter(|folder| folder.is_dir());
    let data = data.context("EYAS_DATA must name the folder with the public data that docs/results.md describes")?;
    cmd!(sh, "cargo build --release --bin eyas").run()?;
    let folder = sh.current_dir().join("target/results");
    sh.create_dir(&folder)?;
    let path = if options.quick { folder.join("quick.md") } else { sh.current_dir().join("docs/results.md") };
    let program = sh.current_dir().join("target/release/eyas");
    let mut bench = Bench { sh, program, data, folder, quick: options.quick, path, printed: HashMap::new() };
    let started = Instant::now();
    if options.boards {
        boards::boards(&mut bench, &options)?;
        eprintln!("{:.0} s in all", started.elapsed().as_secs_f64());
        return Ok(());
    }
    let outputs = |import: &&Import| wanted.iter().any(|experiment| experiment.needs(import.output));
    for import in experiments::imports().filter(outputs) {
        bench.import(import)?;
    }
    let mut fresh = HashMap::new();
    for (at, experiment) in wanted.iter().enumerate() {
        let begun = Instant::now();
        eprintln!("[{}/{}] {}", at + 1, wanted.len(), experiment.title);
        fresh.insert(experiment.title, bench.section(experiment)?);
        eprintln!("    {:.0} s, {:.0} s in all", begun.elapsed().as_secs_f64(), started.elapsed().as_secs_f64());
        // After each section, so that what was reached stays if the run is stopped.
        bench.write(&fresh)?;
    }
    println!("wrote {} in {:.0} s", bench.path.display(), started.elapsed().as_secs_f64());
    Ok(())
}

impl Bench<'_> {
    /// Replaces sections of the page by fresh ones.
    fn write(&self, fresh: &HashMap<&str, String>) -> Result<()> {
        let before = self.sh.read_file(&self.path).unwrap_or_default();
        Ok(self.sh.write_file(&self.path, page::assemble(fresh, &before))?)
    }

    fn import(&mut self, import: &Import) -> Result<()> {
        if import.companions.contains(experiments::ranker::PAIRS) {
            let snapshot = self.sh.read_file(self.folder.join("published.json"))?;
            let vectors = pairs::of_other_parts(&serde_json::from_str(&snapshot)?)?;
            self.sh.write_file(self.folder.join("pairs.csv"), vectors)?;
        }
        self.run(&page::import_arguments(import)).map(drop)
    }

    /// One experiment: all its runs, and its part of the page.
    fn section(&mut self, experiment: &Experiment) -> Result<String> {
        let mut reports = Vec::new();
        for (label, arguments) in experiment.runs(self.quick) {
            let begun = Instant::now();
            let text = self.run(&format!("{arguments} --json"))?;
            if !label.is_empty() {
                eprintln!("    {label}: {:.0} s", begun.elapsed().as_secs_f64());
            }
            let report: Value = serde_json::from_str(&text).with_context(|| format!("eyas {arguments}"))?;
            reports.push((label, report));
        }
        let table = match experiment.shape {
            Shape::Methods(columns) => page::methods(&reports, columns),
            Shape::Pairs(to, columns) => page::pairs(&reports, to, columns),
            Shape::Groups(methods) => page::groups(&reports, methods),
            Shape::Chances => page::chances(&reports),
            Shape::Routing => page::routing(&reports),
            Shape::Shares => page::shares(&reports),
            Shape::Penalties => page::penalties(&reports),
            Shape::Influence => page::influence(&reports),
            Shape::Models(methods, named) => parts::models(&reports, methods, named),
            Shape::Tasks(tasks, columns) => parts::tasks(&reports, tasks, columns),
            Shape::Clusters => parts::clusters(&reports),
            Shape::Losses(columns, paper) => ranker::losses(&reports, columns, paper),
            Shape::Features => ranker::features(&reports),
            Shape::Priors => ranker::priors(&reports),
        };
        Ok(page::section(experiment, self.quick, &table))
    }

    /// Runs `eyas` on arguments in which `$DATA/` and `$OUT/` stand for folders, and returns what it printed. Words with
    /// parentheses stand in quotes, for shells.
    fn run(&mut self, arguments: &str) -> Result<String> {
        if let Some(text) = self.printed.get(arguments) {
            return Ok(text.clone());
        }
        let place = |word: &str| -> String {
            let at = |folder: &Path| folder.display().to_string();
            word.trim_matches('\'').replace("$DATA", &at(&self.data)).replace("$OUT", &at(&self.folder))
        };
        let words: Vec<String> = arguments.split_whitespace().map(place).collect();
        let program = &self.program;
        let text = cmd!(self.sh, "{program} {words...}").quiet().ignore_stderr().read()?;
        self.printed.insert(arguments.to_owned(), text.clone());
        Ok(text)
    }
}
