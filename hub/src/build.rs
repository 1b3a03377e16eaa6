//! `build`: from a dump to a snapshot. The queries are in `plan/`, one file each; this file says in which order they run.

use crate::engine::{Engine, Limits, Where};
use crate::failure::{Failure, Result};
use crate::inputs::{self, Batch, Form, Kind, Location};
use crate::progress::Progress;
use crate::report::Report;
use crate::steps::{About, Work};
use crate::{lines, output, remote, report, snapshot, tasks};
use std::path::{Path, PathBuf};

/// What to build.
pub(crate) struct Build {
    /// The folders and files of the dump.
    pub(crate) from: Vec<String>,
    pub(crate) output: PathBuf,
    pub(crate) selected: String,
    pub(crate) selected_results: String,
    pub(crate) depth: usize,
    pub(crate) work: PathBuf,
    pub(crate) keep_work: bool,
    pub(crate) place: Where,
    pub(crate) limits: Limits,
    pub(crate) show_progress: bool,
}

/// The plan's queries.
macro_rules! plan {
    ($name:literal) => {
        include_str!(concat!("plan/", $name, ".sql"))
    };
}

/// A number that tells this plan from other ones.
fn version() -> String {
    let queries = [
        plan!("listings"),
        plan!("records"),
        plan!("models"),
        plan!("stated"),
        plan!("parents"),
        plan!("edges"),
        plan!("tuples"),
        plan!("names"),
        plan!("scored"),
        plan!("tasks"),
        plan!("fitted"),
        plan!("best"),
        plan!("candidates"),
        plan!("selected"),
        plan!("level"),
        plan!("members"),
        plan!("nodes"),
        plan!("links"),
        plan!("used"),
        plan!("cells"),
    ];
    format!("{} {:x}", env!("CARGO_PKG_VERSION"), crate::functions::mark(&queries.concat()))
}

/// Builds the snapshot and returns what became of the dump.
pub(crate) async fn build(options: &Build) -> Result<Report> {
    output::check(&options.output, &options.from)?;
    let files = inputs::find(&options.from).await?;
    let batches = inputs::batches(&files);
    let about = About {
        version: version(),
        selected: options.selected.clone(),
        selected_results: options.selected_results.clone(),
        depth: options.depth,
        files,
    };
    let work = Work::open(&options.work, &about)?;
    let spill = work.path("spill");
    std::fs::create_dir_all(&spill).map_err(|error| Failure::at(&spill, &error))?;
    let engine = Engine::new(&options.place, options.limits, &spill).await?;
    let mut progress = Progress::new(options.show_progress);
    let run = Run { options, work: &work, engine: &engine };
    run.check_conditions().await?;
    run.read(&batches, &mut progress).await?;
    run.models(&mut progress).await?;
    run.results(&mut progress).await?;
    run.select(&mut progress).await?;
    progress.started("snapshot");
    let written = snapshot::write(&engine, &options.output).await?;
    progress.finished("snapshot");
    progress.started("report");
    let report = report::of(&engine, written).await?;
    progress.finished("report");
    drop(engine);
    if !options.keep_work {
        work.remove()?;
    }
    Ok(report)
}

struct Run<'a> {
    options: &'a Build,
    work: &'a Work,
    engine: &'a Engine,
}

impl Run<'_> {
    /// Refuses conditions that can't be read before the work begins.
    async fn check_conditions(&self) -> Result<()> {
        let models = "SELECT '' AS id, '' AS organization, '' AS family, '' AS date, 0.0 AS params, '' AS license, \
            0 AS downloads, 0 AS likes, '' AS pipeline, false AS quantized, 0 AS results, true AS listed";
        let results = "SELECT '' AS model, '' AS dataset, '' AS subset, '' AS split, '' AS metric, '' AS task, '' AS date, \
            '' AS source, '' AS measured_by, 0 AS items, 0.0 AS value";
        for (name, rows, condition) in
            [("--where", models, &self.options.selected), ("--where-results", results, &self.options.selected_results)]
        {
            let sql = format!("SELECT * FROM ({rows}) WHERE ({condition})");
            self.engine.schema(&sql).await.map_err(|error| {
                let columns: Vec<_> = rows.split(" AS ").skip(1).filter_map(|rest| rest.split(',').next()).collect();
                Failure::input(format!("{name} '{condition}': {error}; columns are {}", columns.join(", ")))
            })?;
        }
        Ok(())
    }

    /// Reads the files, a batch after the other.
    async fn read(&self, batches: &[Batch], progress: &mut Progress) -> Result<()> {
        let (mut listings, mut records) = (Vec::new(), Vec::new());
        for (at, batch) in batches.iter().enumerate() {
            // Tables hold both.
            let kinds: &[Kind] =
                if batch.kind == Kind::Tables { &[Kind::Models, Kind::Results] } else { &[batch.kind] };
            let step = |kind: Kind| format!("{}-{at:04}", if kind == Kind::Models { "listings" } else { "records" });
            let fetched = self.work.path(&format!("fetched-{at:04}"));
            let staged = self.work.path(&format!("staged-{at:04}"));
            let is_read = kinds.iter().all(|kind| self.work.is_done(&step(*kind)));
            let paths = if is_read { Vec::new() } else { self.fetch(batch, &fetched, progress).await? };
            if !is_read && batch.form == Form::Staged && !staged.join("done").exists() {
                lines::stage(batch, &paths, &staged)?;
                std::fs::write(staged.join("done"), "").map_err(|error| Failure::at(&staged, &error))?;
            }
            for &kind in kinds {
                let (step, is_models) = (step(kind), kind == Kind::Models);
                if self.work.is_done(&step) {
                    progress.kept(&step);
                } else {
                    let batch = Batch { kind, ..batch.clone() };
                    lines::register(self.engine, &batch, &paths, &staged).await?;
                    let sql = if is_models { plan!("listings") } else { plan!("records") };
                    let run = self.work.run(self.engine, &step, sql, progress).await;
                    run.map_err(|error| match batch.files.as_slice() {
                        [file] => Failure::work(format!("{file}: {error}")),
                        [first, ..] => Failure::work(format!("{first} and {} more: {error}", batch.files.len() - 1)),
                        [] => error,
                    })?;
                }
                if is_models { &mut listings } else { &mut records }.push(step);
            }
            for folder in [fetched, staged].iter().filter(|folder| folder.exists()) {
                std::fs::remove_dir_all(folder).map_err(|error| Failure::at(folder, &error))?;
            }
        }
        // A dump may lack one kind.
        let none = Batch { kind: Kind::Models, form: Form::Staged, files: Vec::new() };
        let staged = self.work.path("staged-none");
        lines::stage(&none, &[], &staged)?;
        lines::register(self.engine, &none, &[], &staged).await?;
        for (name, sql, steps) in [("listings", plan!("listings"), listings), ("records", plan!("records"), records)] {
            let mut steps = steps;
            if steps.is_empty() {
                let step = format!("{name}-none");
                self.work.run(self.engine, &step, sql, progress).await?;
                steps.push(step);
            }
            let schema = self.engine.schema(sql).await?;
            self.work.register(self.engine, name, &steps, &schema).await?;
        }
        Ok(())
    }

    /// The files of a batch on this machine: where they lie, or where they were fetched to.
    async fn fetch(&self, batch: &Batch, folder: &Path, progress: &mut Progress) -> Result<Vec<PathBuf>> {
        let addresses = batch.files.iter().filter_map(|file| match file {
            Location::Elsewhere(address) => Some(address),
            Location::Here(_) => None,
        });
        let addresses: Vec<_> = addresses.collect();
        let mut fetched = Vec::new();
        if !addresses.is_empty() {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            progress.started(&name);
            fetched = remote::fetch(&addresses, folder).await?;
            progress.finished(&name);
        }
        let mut fetched = fetched.into_iter();
        let paths = batch.files.iter().filter_map(|file| match file {
            Location::Elsewhere(_) => fetched.next(),
            Location::Here(path) => Some(path.clone()),
        });
        Ok(paths.collect())
    }

    /// Models and the edges between them.
    async fn models(&self, progress: &mut Progress) -> Result<()> {
        let steps = [
            ("models", plan!("models")),
            ("stated", plan!("stated")),
            ("parents", plan!("parents")),
            ("edges", plan!("edges")),
        ];
        self.tables(&steps, progress).await
    }

    /// Results and tasks.
    async fn results(&self, progress: &mut Progress) -> Result<()> {
        let scored = plan!("scored").replace("{where_results}", &format!("({})", self.options.selected_results));
        let steps = [
            ("tuples", plan!("tuples")),
            ("names", plan!("names")),
            ("scored", scored.as_str()),
            ("tasks", plan!("tasks")),
            ("fitted", plan!("fitted")),
            ("best", plan!("best")),
        ];
        self.tables(&steps, progress).await
    }

    /// The models of the snapshot, their ancestors, and what belongs to them.
    async fn select(&self, progress: &mut Progress) -> Result<()> {
        let selected = plan!("selected").replace("{where}", &format!("({})", self.options.selected));
        self.tables(&[("candidates", plan!("candidates")), ("selected", selected.as_str())], progress).await?;
        if tasks::count(self.engine, "selected").await? == 0 {
            let condition = &self.options.selected;
            return Err(Failure::input(format!("--where '{condition}': no model of the dump is like that")));
        }
        let (mut below, mut levels) = ("selected".to_owned(), Vec::new());
        for level in 1..=self.options.depth {
            let mut seen = "SELECT id FROM selected".to_owned();
            levels.iter().for_each(|known| seen += &format!(" UNION ALL SELECT id FROM {known}"));
            let name = format!("ancestors_{level}");
            let sql = plan!("level").replace("{below}", &below).replace("{seen}", &format!("({seen})"));
            self.work.table(self.engine, &name, &sql, progress).await?;
            if tasks::count(self.engine, &name).await? == 0 {
                break;
            }
            below.clone_from(&name);
            levels.push(name);
        }
        let ancestors: Vec<String> = levels.iter().map(|level| format!("SELECT id FROM {level}")).collect();
        let ancestors = match ancestors.as_slice() {
            [] => "SELECT id FROM selected WHERE false".to_owned(),
            some => some.join(" UNION ALL "),
        };
        let members = plan!("members").replace("{ancestors}", &ancestors);
        let steps = [
            ("members", members.as_str()),
            ("nodes", plan!("nodes")),
            ("links", plan!("links")),
            ("used", plan!("used")),
            ("cells", plan!("cells")),
        ];
        self.tables(&steps, progress).await
    }

    async fn tables(&self, steps: &[(&str, &str)], progress: &mut Progress) -> Result<()> {
        for (name, sql) in steps {
            let sql = without_comments(sql);
            self.work.table(self.engine, name, &sql, progress).await?;
        }
        Ok(())
    }
}

/// A query without the lines that explain it.
fn without_comments(sql: &str) -> String {
    sql.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n")
}
