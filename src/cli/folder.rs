//! The files of a folder that may hold results.

use eyas::error::{Error, Place, Result};
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The maximum number of files.
const MOST: usize = 200_000;

/// The extensions of files that may hold results, each also with `.gz`. Of Markdown only cards with results are read, since
/// a table in a text need not be about the models of the folder; such a file is read if it is named, as are web pages.
const EXTENSIONS: [&str; 13] =
    ["json", "jsonl", "ndjson", "csv", "tsv", "yaml", "yml", "eval", "parquet", "xlsx", "xls", "zip", "md"];

/// The hidden folder that is read: scores in a repository of the hub.
const SCORES: &str = ".eval_results";

/// A file of a folder.
pub(crate) struct Entry {
    pub(crate) path: PathBuf,
    /// The path from the parent of the folder, with `/`: readers tell models and companions by their folders.
    pub(crate) name: String,
}

/// What a folder holds.
#[derive(Default)]
pub(crate) struct Found {
    /// The files that may hold results, sorted by name.
    pub(crate) files: Vec<Entry>,
    /// Entries that can't be opened, with the reason.
    pub(crate) closed: Vec<(String, String)>,
}

/// Finds the files in a folder and the folders in it. A folder that several links lead to is read once, so that a link to
/// a folder around it ends no search.
pub(crate) fn find(folder: &Path) -> Result<Found> {
    let shown = || Place::source(folder.display().to_string());
    let own = fs::canonicalize(folder).map_err(|error| Error::input(error.to_string()).at(shown()))?;
    let root = folder
        .file_name()
        .or_else(|| own.file_name())
        .map_or(String::new(), |name| name.to_string_lossy().into_owned());
    let mut found = Found::default();
    let mut seen = HashSet::from([own]);
    let mut left = vec![(folder.to_owned(), root)];
    while let Some((path, name)) = left.pop() {
        if let Err(error) = look_into(&path, &name, &mut found, &mut seen, &mut left) {
            if path == folder {
                return Err(Error::input(error.to_string()).at(shown()));
            }
            found.closed.push((name, error.to_string()));
        }
        if found.files.len() > MOST {
            return Err(Error::input(format!("holds more than {MOST} files; import its parts")).at(shown()));
        }
    }
    found.files.sort_by(|a, b| a.name.cmp(&b.name));
    if found.files.is_empty() && found.closed.is_empty() {
        let message = format!("holds no file that may be results ({})", EXTENSIONS.join(", "));
        return Err(Error::input(message).at(shown()));
    }
    Ok(found)
}

fn look_into(
    folder: &Path,
    name: &str,
    found: &mut Found,
    seen: &mut HashSet<PathBuf>,
    left: &mut Vec<(PathBuf, String)>,
) -> io::Result<()> {
    // Sorted, so that which of two links to a folder counts does not depend on the file system.
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let mut folders = Vec::new();
    for entry in entries {
        let (path, own) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if own.starts_with('.') && own != SCORES {
            continue;
        }
        let name = if name.is_empty() { own.clone() } else { format!("{name}/{own}") };
        match fs::metadata(&path) {
            Ok(about) if about.is_dir() => match fs::canonicalize(&path) {
                Ok(real) => {
                    if seen.insert(real) {
                        folders.push((path, name));
                    }
                }
                Err(error) => found.closed.push((name, error.to_string())),
            },
            Ok(about) if about.is_file() && may_be_results(&own) => found.files.push(Entry { path, name }),
            Err(error) if may_be_results(&own) => found.closed.push((name, error.to_string())),
            _ => {}
        }
    }
    left.extend(folders.into_iter().rev());
    Ok(())
}

fn may_be_results(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    plain.rsplit_once('.').is_some_and(|(_, extension)| EXTENSIONS.contains(&extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(found: &Found) -> Vec<&str> {
        found.files.iter().map(|file| file.name.as_str()).collect()
    }

    fn write(folder: &Path, name: &str) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }

    #[test]
    fn files_have_the_folder_in_their_name_and_are_sorted() {
        let folder = tempfile::tempdir().unwrap();
        let all = ["runs/b/r.json", "runs/a/r.JSON", "runs/c.csv.gz", "runs/d/.eval_results/x.yaml", "runs/e.tar.gz"];
        let hidden = ["runs/.git/x.json", "runs/.x.csv", "runs/page.html", "runs/log.txt", "runs/csv"];
        all.iter().chain(&hidden).for_each(|name| write(folder.path(), name));
        let expected = ["runs/a/r.JSON", "runs/b/r.json", "runs/c.csv.gz", "runs/d/.eval_results/x.yaml"];
        let runs = folder.path().join("runs");
        assert_eq!(names(&find(&runs).unwrap()), expected);
        // The name of a folder does not depend on how it is given.
        assert_eq!(names(&find(&runs.join("a/..")).unwrap()), expected);
        write(folder.path(), "empty/notes.txt");
        let Err(error) = find(&folder.path().join("empty")) else { panic!("an empty folder") };
        assert!(error.message().starts_with("holds no file that may be results (json, "), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_circle_end() {
        let folder = tempfile::tempdir().unwrap();
        let runs = folder.path().join("runs");
        write(&runs, "a/r.json");
        std::os::unix::fs::symlink(&runs, runs.join("a/again")).unwrap();
        std::os::unix::fs::symlink(runs.join("a"), runs.join("b")).unwrap();
        std::os::unix::fs::symlink("nowhere", runs.join("gone.json")).unwrap();
        std::os::unix::fs::symlink("r.json", runs.join("a/same.json")).unwrap();
        let found = find(&runs).unwrap();
        assert_eq!(names(&found), ["runs/a/r.json", "runs/a/same.json"]);
        assert_eq!(found.closed.len(), 1);
        assert_eq!(found.closed[0].0, "runs/gone.json");
    }
}
