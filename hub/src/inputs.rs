//! The files of a dump: which there are, and the batches in which they are read.
//!
//! A dump is a folder with folders in it: `models` (listings of the hub), `results` (Every Eval Ever: its flat form, or records)
//! and `tables` (anything that `eyas import` reads). In `models` and `results` lie JSON lines, gzipped or not, Parquet, and files
//! of one JSON value.

use crate::failure::{Failure, Result};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// The bytes of a batch. A batch that was read stays read when a build goes on.
const BATCH: u64 = 1 << 30;

/// What the lines of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    Models,
    Results,
    Tables,
}

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Form {
    Lines,
    GzipLines,
    Parquet,
    /// A file that the library's readers turn into lines first.
    Staged,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) kind: Kind,
    pub(crate) form: Form,
    bytes: u64,
    /// When it was changed, in seconds.
    changed: u64,
}

/// Files of one kind and form that are read together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) kind: Kind,
    pub(crate) form: Form,
    pub(crate) files: Vec<PathBuf>,
}

impl Kind {
    const ALL: [(Self, &str); 3] = [(Self::Models, "models"), (Self::Results, "results"), (Self::Tables, "tables")];
}

/// The files of a dump, in order.
pub(crate) fn find(dump: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for (kind, name) in Kind::ALL {
        let folder = dump.join(name);
        if folder.is_dir() {
            add(&folder, kind, &mut files)?;
        }
    }
    if files.is_empty() {
        let message =
            "holds no models/, results/ or tables/ with files in them; docs/hub.md says what a dump looks like";
        return Err(Failure::input(format!("{}: {message}", dump.display())));
    }
    Ok(files)
}

fn add(folder: &Path, kind: Kind, files: &mut Vec<File>) -> Result<()> {
    let failed = |error| Failure::at(folder, &error);
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // Every Eval Ever keeps single items beside its records.
        if name.starts_with(['.', '_']) || name.ends_with("_samples.jsonl") {
            continue;
        }
        if path.is_dir() {
            add(&path, kind, files)?;
            continue;
        }
        let about = path.metadata().map_err(|error| Failure::at(&path, &error))?;
        let changed = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let changed = changed.map_or(0, |time| time.as_secs());
        let form = if kind == Kind::Tables { Form::Staged } else { form(&name).ok_or_else(|| unknown(&path))? };
        files.push(File { path, kind, form, bytes: about.len(), changed });
    }
    Ok(())
}

fn form(name: &str) -> Option<Form> {
    let name = name.to_ascii_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    if ends(&[".jsonl", ".ndjson"]) {
        Some(Form::Lines)
    } else if ends(&[".jsonl.gz", ".ndjson.gz"]) {
        Some(Form::GzipLines)
    } else if ends(&[".parquet"]) {
        Some(Form::Parquet)
    } else {
        ends(&[".json"]).then_some(Form::Staged)
    }
}

fn unknown(path: &Path) -> Failure {
    Failure::input(format!(
        "{}: expected .jsonl, .jsonl.gz, .parquet or .json; other tables belong into the folder tables/",
        path.display()
    ))
}

/// The batches of the files, of one kind and form each.
pub(crate) fn batches(files: &[File]) -> Vec<Batch> {
    let mut batches: Vec<(Batch, u64)> = Vec::new();
    for file in files {
        let fits = |(batch, bytes): &&mut (Batch, u64)| {
            (batch.kind, batch.form) == (file.kind, file.form) && *bytes + file.bytes <= BATCH
        };
        match batches.iter_mut().rev().find(fits) {
            Some((batch, bytes)) => {
                batch.files.push(file.path.clone());
                *bytes += file.bytes;
            }
            None => {
                let batch = Batch { kind: file.kind, form: file.form, files: vec![file.path.clone()] };
                batches.push((batch, file.bytes));
            }
        }
    }
    batches.into_iter().map(|(batch, _)| batch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_in_order_and_batched() {
        let folder = tempfile::tempdir().unwrap();
        let file = |path: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "{}").unwrap();
        };
        assert!(find(folder.path()).unwrap_err().to_string().contains("holds no models/"));
        ["models/b.jsonl", "models/a.jsonl", "models/c.parquet", "results/x/y.json", "tables/t.csv", "models/.hidden"]
            .into_iter()
            .for_each(file);
        let found = find(folder.path()).unwrap();
        let names: Vec<_> = found.iter().map(|file| file.path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["a.jsonl", "b.jsonl", "c.parquet", "y.json", "t.csv"]);
        let forms: Vec<_> = batches(&found).iter().map(|batch| (batch.kind, batch.form, batch.files.len())).collect();
        let expected = [
            (Kind::Models, Form::Lines, 2),
            (Kind::Models, Form::Parquet, 1),
            (Kind::Results, Form::Staged, 1),
            (Kind::Tables, Form::Staged, 1),
        ];
        assert_eq!(forms, expected);
        file("models/README.md");
        assert!(find(folder.path()).unwrap_err().to_string().contains("README.md: expected .jsonl"));
    }
}
