//! The steps of a build: each is a query, and what it finds lies in the work folder as Parquet. A step that was finished before
//! is not run again, so that a build that was stopped goes on where it was.

use crate::engine::Engine;
use crate::failure::{Failure, Result};
use crate::inputs;
use crate::progress::Progress;
use arrow::datatypes::Schema;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// What a work folder belongs to. Another build starts anew.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) version: String,
    pub(crate) selected: String,
    pub(crate) selected_results: String,
    pub(crate) depth: usize,
    pub(crate) files: Vec<inputs::File>,
}

/// The folder in which steps leave their rows.
pub(crate) struct Work {
    folder: PathBuf,
    /// Locked while a build is at work here.
    lock: Option<File>,
}

const ABOUT: &str = "about.json";
const LOCK: &str = "lock";
const UNFINISHED: &str = ".unfinished";

impl Work {
    /// Opens the work folder of a build. Steps of the same build are kept, those of another build removed.
    pub(crate) fn open(folder: &Path, about: &About) -> Result<Self> {
        let failed = |error| Failure::at(folder, &error);
        let text = serde_json::to_string_pretty(about).map_err(|error| Failure::work(error.to_string()))?;
        let known = fs::read_to_string(folder.join(ABOUT)).ok();
        let is_of_build = known.as_ref().is_some_and(|known| serde_json::from_str::<About>(known).is_ok());
        let mut names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
        // A build that died before it began leaves no more than these.
        let is_empty = names.all(|name| name == LOCK || name == format!("{ABOUT}{UNFINISHED}").as_str());
        if !is_of_build && !is_empty {
            let message = "is not empty and not the work folder of a build; remove it, or name another one with --work";
            return Err(Failure::input(format!("{}: {message}", folder.display())));
        }
        fs::create_dir_all(folder).map_err(failed)?;
        let lock = lock(folder)?;
        if known.is_some_and(|known| known != text) {
            for entry in fs::read_dir(folder).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let path = entry.path();
                if entry.file_name() == LOCK {
                    continue;
                }
                let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                removed.map_err(|error| Failure::at(&path, &error))?;
            }
        }
        let part = folder.join(format!("{ABOUT}{UNFINISHED}"));
        fs::write(&part, text).and_then(|()| fs::rename(&part, folder.join(ABOUT))).map_err(failed)?;
        // An engine elsewhere needs the whole path.
        Ok(Self { folder: fs::canonicalize(folder).map_err(failed)?, lock })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn is_done(&self, name: &str) -> bool {
        self.path(name).is_dir()
    }

    /// Removes the folder.
    pub(crate) fn remove(self) -> Result<()> {
        // Not every system removes open files.
        drop(self.lock);
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
        let folders: Vec<PathBuf> = steps.iter().map(|step| self.path(step)).collect();
        engine.register(name, &folders, schema).await
    }
}

/// Locks a work folder. A second build in it would remove what the first one writes.
fn lock(folder: &Path) -> Result<Option<File>> {
    let path = folder.join(LOCK);
    let file = File::create(&path).map_err(|error| Failure::at(&path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => {
            let message = "another build is at work here; wait for its end, or name another folder with --work";
            Err(Failure::input(format!("{}: {message}", folder.display())))
        }
        // Some file systems have no locks.
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(depth: usize) -> About {
        About {
            version: "1".to_owned(),
            selected: "true".to_owned(),
            selected_results: "true".to_owned(),
            depth,
            files: Vec::new(),
        }
    }

    #[test]
    fn steps_of_the_same_build_are_kept_and_others_removed() {
        let folder = tempfile::tempdir().unwrap();
        let step = folder.path().join("models");
        let work = Work::open(folder.path(), &about(1)).unwrap();
        fs::create_dir(&step).unwrap();
        let second = Work::open(folder.path(), &about(1)).err().unwrap().to_string();
        assert!(second.contains("another build is at work here"), "{second}");
        drop(work);
        assert!(Work::open(folder.path(), &about(1)).unwrap().is_done("models"));
        assert!(!Work::open(folder.path(), &about(2)).unwrap().is_done("models"));
        Work::open(folder.path(), &about(2)).unwrap().remove().unwrap();
        assert!(!folder.path().exists());
    }

    #[test]
    fn a_folder_of_something_else_is_never_emptied() {
        for content in ["{\"title\": \"About us\"}", "half"] {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(ABOUT), content).unwrap();
            let refused = Work::open(folder.path(), &about(1)).err().unwrap().to_string();
            assert!(refused.contains("not the work folder of a build"), "{refused}");
            assert_eq!(fs::read_to_string(folder.path().join(ABOUT)).unwrap(), content);
        }
    }
}
