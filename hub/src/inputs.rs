//! The files of a dump: which there are, and the batches in which they are read.
//!
//! A dump is a folder with folders in it: `models` (listings of the hub), `results` (Every Eval Ever: its flat form, or records)
//! and `tables` (anything that `eyas import` reads). In `models` and `results` lie JSON lines, gzipped or not, Parquet, and files
//! of one JSON value. The folder may lie elsewhere ([`crate::remote`]), and single files may be named.

use crate::failure::{Failure, Result};
use crate::remote::Address;
use serde::{Deserialize, Serialize};
use std::fmt;
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

/// Where a file lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Location {
    Here(PathBuf),
    Elsewhere(Address),
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(path) => path.display().fmt(f),
            Self::Elsewhere(address) => address.fmt(f),
        }
    }
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct File {
    pub(crate) location: Location,
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
    pub(crate) files: Vec<Location>,
}

impl Kind {
    const ALL: [(Self, &str); 3] = [(Self::Models, "models"), (Self::Results, "results"), (Self::Tables, "tables")];

    /// The kind whose folder is called so.
    fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// The files of some places, in order. A place is a folder with the folders of a dump in it, or a single file: `models=FILE`, or an
/// address of a file in a folder that is called so.
pub(crate) async fn find(places: &[String]) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for place in places {
        let before = files.len();
        let (kind, rest) = parts(place);
        match Address::parse(rest).transpose()? {
            Some(address) => elsewhere(address, kind, rest.ends_with('/'), &mut files).await?,
            None => here(Path::new(rest), kind, &mut files)?,
        }
        if files.len() == before {
            let message =
                "holds no models/, results/ or tables/ with files in them; docs/hub.md says what a dump looks like";
            return Err(Failure::input(format!("{rest}: {message}")));
        }
    }
    Ok(files)
}

/// What a place holds, if it says so, and where it is.
fn parts(place: &str) -> (Option<Kind>, &str) {
    let named = place.split_once('=').and_then(|(name, rest)| Some((Kind::of(name)?, rest)));
    named.map_or((None, place), |(kind, rest)| (Some(kind), rest))
}

/// Whether a path would be written into one of these places.
pub(crate) fn hold(places: &[String], path: &Path) -> bool {
    let whole = |path: &Path| std::fs::canonicalize(path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let is_in = |place: &Path| {
        whole(folder).is_ok_and(|folder| folder.starts_with(place)) || whole(path).is_ok_and(|path| path == place)
    };
    places.iter().any(|place| whole(Path::new(parts(place).1)).is_ok_and(|place| is_in(&place)))
}

/// Adds a folder or a file of this machine.
fn here(place: &Path, kind: Option<Kind>, files: &mut Vec<File>) -> Result<()> {
    // The same build may be called from another folder.
    let place = std::fs::canonicalize(place).map_err(|error| Failure::at(place, &error))?;
    match kind {
        Some(kind) if place.is_dir() => add(&place, kind, files),
        Some(kind) => add_file(place, kind, files),
        None => {
            for (kind, name) in Kind::ALL {
                let folder = place.join(name);
                if folder.is_dir() {
                    add(&folder, kind, files)?;
                }
            }
            Ok(())
        }
    }
}

/// Adds a folder or a file that is not on this machine.
async fn elsewhere(address: Address, kind: Option<Kind>, is_folder: bool, files: &mut Vec<File>) -> Result<()> {
    let kind_above = || address.parts().rev().skip(1).find_map(Kind::of);
    let is_table = || address.name().contains('.') && kind_above() == Some(Kind::Tables);
    if !is_folder && (kind.is_some() || form(address.name()).is_some() || is_table()) {
        let Some(kind) = kind.or_else(kind_above) else {
            let message = "lies in no folder models/, results/ or tables/; say what it is, such as --from models=URL";
            return Err(Failure::input(format!("{address}: {message}")));
        };
        let form = form_of(kind, address.name()).ok_or_else(|| unknown(&address))?;
        let (bytes, changed) = address.head().await?;
        files.push(File { location: Location::Elsewhere(address), kind, form, bytes, changed });
        return Ok(());
    }
    for (address, parts, bytes, changed) in address.list().await? {
        let of_folder = || parts.first().filter(|_| parts.len() > 1).and_then(|part| Kind::of(part));
        let Some(kind) = kind.or_else(of_folder) else { continue };
        if parts.iter().any(|part| is_left_out(part)) {
            continue;
        }
        let form = form_of(kind, address.name()).ok_or_else(|| unknown(&address))?;
        files.push(File { location: Location::Elsewhere(address), kind, form, bytes, changed });
    }
    // In the order in which the folders of this machine are read.
    files.sort_by_key(|file| file.kind as u8);
    Ok(())
}

fn add(folder: &Path, kind: Kind, files: &mut Vec<File>) -> Result<()> {
    let failed = |error| Failure::at(folder, &error);
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    for path in paths {
        if is_left_out(&path.file_name().unwrap_or_default().to_string_lossy()) {
            continue;
        }
        if path.is_dir() {
            add(&path, kind, files)?;
        } else {
            add_file(path, kind, files)?;
        }
    }
    Ok(())
}

fn add_file(path: PathBuf, kind: Kind, files: &mut Vec<File>) -> Result<()> {
    let about = path.metadata().map_err(|error| Failure::at(&path, &error))?;
    let changed = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let changed = changed.map_or(0, |time| time.as_secs());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let form = form_of(kind, &name).ok_or_else(|| unknown(&path.display()))?;
    files.push(File { location: Location::Here(path), kind, form, bytes: about.len(), changed });
    Ok(())
}

/// Whether a file or folder is none of a dump. Every Eval Ever keeps single items beside its records.
fn is_left_out(name: &str) -> bool {
    name.starts_with(['.', '_']) || name.ends_with("_samples.jsonl")
}

/// How a file is read; `None` if it can't be.
fn form_of(kind: Kind, name: &str) -> Option<Form> {
    if kind == Kind::Tables { Some(Form::Staged) } else { form(name) }
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

fn unknown(file: &impl fmt::Display) -> Failure {
    Failure::input(format!(
        "{file}: expected .jsonl, .jsonl.gz, .parquet or .json; other tables belong into the folder tables/"
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
                batch.files.push(file.location.clone());
                *bytes += file.bytes;
            }
            None => {
                let batch = Batch { kind: file.kind, form: file.form, files: vec![file.location.clone()] };
                batches.push((batch, file.bytes));
            }
        }
    }
    batches.into_iter().map(|(batch, _)| batch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_are_found_in_order_and_batched() {
        let folder = tempfile::tempdir().unwrap();
        let file = |path: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "{}").unwrap();
        };
        let place = folder.path().display().to_string();
        let places = std::slice::from_ref(&place);
        assert!(find(places).await.unwrap_err().to_string().contains("holds no models/"));
        ["models/b.jsonl", "models/a.jsonl", "models/c.parquet", "results/x/y.json", "tables/t.csv", "models/.hidden"]
            .into_iter()
            .for_each(file);
        let found = find(places).await.unwrap();
        let shown: Vec<_> = found.iter().map(|file| file.location.to_string()).collect();
        let names: Vec<_> = shown.iter().map(|path| path.rsplit('/').next().unwrap()).collect();
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
        assert!(find(places).await.unwrap_err().to_string().contains("README.md: expected .jsonl"));
        let single =
            find(&[format!("results={place}/models/a.jsonl"), format!("tables={place}/tables")]).await.unwrap();
        assert_eq!(single.iter().map(|file| file.kind).collect::<Vec<_>>(), [Kind::Results, Kind::Tables]);
        assert!(
            find(&["https://host/x.jsonl".to_owned()]).await.unwrap_err().to_string().contains("lies in no folder")
        );
    }
}
