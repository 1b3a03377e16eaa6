//! The steps of a build: each is a query, and what it finds lies in the work folder as Parquet. A step that was finished before
//! is not run again, so that a build that was stopped goes on where it was.

use crate::engine::Engine;
use crate::failure::{Failure, Result};
use crate::inputs::File;
use crate::progress::Progress;
use arrow::datatypes::Schema;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// What a work folder belongs to. Another build starts anew.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) version: String,
    pub(crate) selected: String,
    pub(crate) selected_results: String,
    pub(crate) depth: usize,
    pub(crate) files: Vec<File>,
}

/// The folder in which steps leave their rows.
pub(crate) struct Work {
    folder: PathBuf,
}

const ABOUT: &str = "about.json";
const UNFINISHED: &str = ".unfinished";

impl Work {
    /// Opens the work folder of a build. Steps of the same build are kept, those of another build removed.
    pub(crate) fn open(folder: &Path, about: &About) -> Result<Self> {
        let failed = |error| Failure::at(folder, &error);
        let text = serde_json::to_string_pretty(about).map_err(|error| Failure::work(error.to_string()))?;
        let known = fs::read_to_string(folder.join(ABOUT)).ok();
        let is_empty = fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
        if known.is_none() && !is_empty {
            let message = "is not empty and not the work folder of a build; name another one with --work";
            return Err(Failure::input(format!("{}: {message}", folder.display())));
        }
        if known.is_some_and(|known| known != text) {
            fs::remove_dir_all(folder).map_err(failed)?;
        }
        fs::create_dir_all(folder).map_err(failed)?;
        fs::write(folder.join(ABOUT), text).map_err(failed)?;
        // An engine elsewhere needs the whole path.
        Ok(Self { folder: fs::canonicalize(folder).map_err(failed)? })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn is_done(&self, name: &str) -> bool {
        self.path(name).is_dir()
    }

    /// Removes the folder.
    pub(crate) fn remove(self) -> Result<()> {
        fs::remove_dir_all(&self.folder).map_err(|error| Failure::at(&self.folder, &error))
    }

    /// Runs a query, unless it was finished before, and returns the columns of its rows.
    pub(crate) async fn run(&self, engine: &Engine, name: &str, sql: &str, progress: &mut Progress) -> Result<Schema> {
        let schema = engine.schema(sql).await?;
        if self.is_done(name) {
            progress.kept(name);
            return Ok(schema);
        }
        progress.started(name);
        let part = self.path(&format!("{name}{UNFINISHED}"));
        let failed = |error| Failure::at(&part, &error);
        if part.exists() {
            fs::remove_dir_all(&part).map_err(failed)?;
        }
        fs::create_dir_all(&part).map_err(failed)?;
        engine.write(sql, &part).await?;
        fs::rename(&part, self.path(name)).map_err(failed)?;
        progress.finished(name);
        Ok(schema)
    }

    /// Runs a query and gives its rows a name by which later queries read them.
    pub(crate) async fn table(&self, engine: &Engine, name: &str, sql: &str, progress: &mut Progress) -> Result<()> {
        let schema = self.run(engine, name, sql, progress).await?;
        self.register(engine, name, &[name.to_owned()], &schema).await
    }

    /// Gives the rows of several steps a name.
    pub(crate) async fn register(&self, engine: &Engine, name: &str, steps: &[String], schema: &Schema) -> Result<()> {
        let folders: Vec<String> = steps.iter().map(|step| format!("{}/", self.path(step).display())).collect();
        engine.register(name, &folders, schema).await
    }
}
