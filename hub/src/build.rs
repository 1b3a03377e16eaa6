//! `build`: from a dump to a snapshot. The queries are in `plan/`, one file each; this file says in which order they run.

use crate::engine::{Engine, Limits, Where};
use crate::failure::{Failure, Result};
use crate::inputs;
use crate::progress::Progress;
use crate::report::Report;
use crate::steps::{About, Work};
use crate::{output, report, snapshot, tasks};
use std::path::PathBuf;

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
pub(crate) use plan;

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
    check_conditions(options).await?;
    let files = inputs::find(&options.from).await?;
    if inputs::hold(&options.from, &options.work) {
        let message = "lies in the dump that is read; name another folder with --work";
        return Err(Failure::input(format!("{}: {message}", options.work.display())));
    }
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

/// Refuses conditions that can't be read before the work begins. They are tried on a made-up row, in this process.
async fn check_conditions(options: &Build) -> Result<()> {
    let models = "SELECT 'acme/bird-7b' AS id, 'acme' AS organization, 'llama' AS family, '2025-01-31' AS date, 7.0 AS params, \
        'mit' AS license, 1 AS downloads, 1 AS likes, 'text-generation' AS pipeline, false AS quantized, 1 AS results, true AS listed";
    let results = "SELECT 'acme/bird-7b' AS model, 'quiz' AS dataset, 'all' AS subset, 'test' AS split, 'accuracy' AS metric, \
        'question-answering' AS task, '2025-01-31' AS date, 'Board' AS source, 'third_party' AS measured_by, 1 AS items, 0.5 AS value";
    let engine = Engine::new(&Where::Here, options.limits, &std::env::temp_dir()).await?;
    for (name, rows, condition) in
        [("--where", models, &options.selected), ("--where-results", results, &options.selected_results)]
    {
        let sql = format!("SELECT * FROM ({rows}) WHERE ({condition})");
        engine.rows(&sql).await.map_err(|error| {
            let columns: Vec<_> = rows.split(" AS ").skip(1).filter_map(|rest| rest.split(',').next()).collect();
            Failure::input(format!("{name} '{condition}': {error}; columns are {}", columns.join(", ")))
        })?;
    }
    Ok(())
}

pub(crate) struct Run<'a> {
    options: &'a Build,
    pub(crate) work: &'a Work,
    pub(crate) engine: &'a Engine,
}

impl Run<'_> {
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
            return Err(self.nothing_selected().await?);
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

    /// Why there is no snapshot: what the dump has, and what of it could not be read.
    async fn nothing_selected(&self) -> Result<Failure> {
        let (models, results) =
            (tasks::count(self.engine, "candidates").await?, tasks::count(self.engine, "best").await?);
        let mut message = format!(
            "--where '{}': no model of the dump is like that; it has {models} models and {results} results",
            self.options.selected
        );
        for doubt in report::doubts(self.engine).await?.iter().take(3) {
            message += &format!("; {doubt}");
        }
        Ok(Failure::input(message))
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
