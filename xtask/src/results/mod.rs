//! `results`: runs every experiment by its command and writes the results page.

mod boards;
mod cases;
mod experiments;
mod families;
mod page;
mod pairs;
mod parts;
mod pools;
mod ranker;
mod subsets;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use xshell::{Shell, cmd};

use experiments::{Experiment, Extent, Import, Shape};

/// What a run of experiments needs: the program, the data, a folder for snapshots, and whether it is a short one.
struct Bench<'s> {
    sh: &'s Shell,
    program: PathBuf,
    data: PathBuf,
    folder: PathBuf,
    extent: Extent,
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
    extent: Extent,
    /// Sections whose title, or boards whose name, holds one of these, in small letters; none: all.
    only: Vec<String>,
    /// Sections in which this method runs.
    method: Option<String>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self> {
        let mut options =
            Self { boards: false, ranker: false, extent: Extent::default(), only: Vec::new(), method: None };
        let mut left = arguments.iter();
        while let Some(argument) = left.next() {
            match argument.as_str() {
                "boards" => options.boards = true,
                "ranker" => options.ranker = true,
                "--quick" => options.extent.quick = true,
                "--seeds" => options.extent.seeds = Some(seeds(left.next())?),
                "--only" => options.only.push(left.next().context("--only needs a part of a title")?.to_lowercase()),
                "--method" => options.method = Some(left.next().context("--method needs the name of one")?.clone()),
                other => {
                    bail!(
                        "unexpected argument {other:?}; there are boards, ranker, --quick, --seeds N, --only PART and --method NAME"
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

fn seeds(given: Option<&String>) -> Result<u64> {
    let wrong = "--seeds needs a number of at least 1";
    given.and_then(|text| text.parse().ok()).filter(|&seeds| seeds > 0).context(wrong)
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
    let path = if options.extent.quick { folder.join("quick.md") } else { sh.current_dir().join("docs/results.md") };
    let program = sh.current_dir().join("target/release/eyas");
    let mut bench = Bench { sh, program, data, folder, extent: options.extent, path, printed: HashMap::new() };
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
        if import.files == experiments::ranker::OTHER_SUBSETS {
            self.write_subsets()?;
        }
        self.run(&page::import_arguments(import)).map(drop)
    }

    /// One experiment: all its runs, and its part of the page.
    fn section(&mut self, experiment: &Experiment) -> Result<String> {
        self.prepare(&experiment.shape)?;
        let mut reports = Vec::new();
        for (label, arguments) in experiment.runs(self.extent) {
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
            Shape::Atlas => ranker::atlas(&reports),
            Shape::Pools => self.pools(&reports)?,
            Shape::Cases => self.cases(&reports)?,
            Shape::Families => families::shown(&reports, &self.mteb()?, &self.members()?),
            Shape::Augmented => subsets::shown(&reports),
        };
        Ok(page::section(experiment, self.extent, &table))
    }

    /// Writes the files that the runs of some experiments read.
    fn prepare(&mut self, shape: &Shape) -> Result<()> {
        match shape {
            Shape::Pools => pools::write_means(&self.data, &self.folder)?,
            Shape::Cases => {
                let snapshot = self.mteb()?;
                let held = cases::held_out(&snapshot, &self.newest(&snapshot)?)?;
                self.sh.write_file(self.folder.join("newest.csv"), held)?;
            }
            Shape::Families => {
                let (snapshot, members) = (self.mteb()?, self.members()?);
                let held = families::held_out(&snapshot, &members)?;
                self.sh.write_file(self.folder.join("families.csv"), held)?;
                let without = families::without(&snapshot, &members).to_string();
                self.sh.write_file(self.folder.join("without-families.json"), without)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// The snapshot of MTEB by dataset.
    fn mteb(&self) -> Result<Value> {
        let bytes = self.sh.read_binary_file(self.folder.join("mteb.json.gz"))?;
        Ok(serde_json::from_reader(flate2::read::GzDecoder::new(&bytes[..]))?)
    }

    /// The models of the families that are held out.
    fn members(&mut self) -> Result<families::Members> {
        let mut members = families::Members::new();
        for family in families::COHORT {
            let file = format!("family-{family}.csv");
            let split = format!("--split family:{family} --predictions $OUT/{file}");
            self.run(&format!("backtest $OUT/mteb.json.gz --method mean {split}"))?;
            let written = self.sh.read_file(self.folder.join(file))?;
            for record in csv::Reader::from_reader(written.as_bytes()).deserialize::<BTreeMap<String, String>>() {
                let model = record?.remove("model").context("the predictions have no column model")?;
                members.insert(model, family);
            }
        }
        Ok(members)
    }

    /// Writes the scores of MTEB but for one subset of each dataset, those of that subset as vectors, and what to hold out.
    fn write_subsets(&self) -> Result<()> {
        let open = |name: &str| -> Result<_> {
            let bytes = self.sh.read_binary_file(self.data.join("mteb").join(name))?;
            Ok(flate2::read::GzDecoder::new(std::io::Cursor::new(bytes)))
        };
        let files = subsets::files(open("scores-by-dataset.csv.gz")?, open("tuples.csv.gz")?)?;
        self.sh.write_file(self.folder.join("mteb-other-subsets.csv"), files.scores)?;
        self.sh.write_file(self.folder.join("mteb-subset.csv"), files.vectors)?;
        Ok(self.sh.write_file(self.folder.join("mteb-held.csv"), files.held)?)
    }

    fn newest(&self, snapshot: &Value) -> Result<Vec<(String, String)>> {
        let dates = cases::dates(&self.sh.read_file(self.data.join("mteb/models.csv"))?)?;
        Ok(cases::newest(snapshot, &dates))
    }

    fn cases(&self, reports: &[page::Labelled]) -> Result<String> {
        let predictions = self.sh.read_file(self.folder.join("newest-predictions.csv"))?;
        let report = reports.first().map_or(&Value::Null, |(_, report)| report);
        cases::shown(&predictions, report, &self.newest(&self.mteb()?)?)
    }

    /// Routes among the given pool and the recommended one of each run.
    fn pools(&mut self, reports: &[page::Labelled]) -> Result<String> {
        let mut routed = Vec::new();
        for (benchmark, report) in reports {
            let given = pools::GIVEN.map(str::to_owned).to_vec();
            let mut both = Vec::new();
            for (name, pool) in [("given", given), ("recommended", pools::recommended(report)?)] {
                let file = format!("{name}-{benchmark}.csv");
                let held = pools::held_out(&self.data, benchmark, &pool)?;
                self.sh.write_file(self.folder.join(&file), held)?;
                let route = format!("{} --split file:$OUT/{file} $DATA/instance/v1-{benchmark}.csv.gz", pools::ROUTE);
                let report = serde_json::from_str(&self.run(&route)?).with_context(|| route.clone())?;
                both.push((pool, report));
            }
            let both = <[_; 2]>::try_from(both).ok().context("there are two pools")?;
            routed.push((*benchmark, both));
        }
        Ok(pools::compare(&routed))
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
