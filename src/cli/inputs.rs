//! The inputs that hold results: files, folders, addresses, and public boards by their ids.

use super::boards::{self, Board};
use super::files::{self, Companions, Content};
use super::{fetch, folder, warn};
use eyas::error::{Error, Place, Result, Warning};
use eyas::formats::{Columns, Dropped, Report};
use eyas::snapshot::{DataSource, Date, Snapshot};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The snapshot in an input.
pub(crate) fn snapshot(path: &Path) -> Result<Snapshot> {
    snapshot_with(path, &Companions::default())
}

/// The snapshot in an input and its companions.
pub(crate) fn snapshot_with(path: &Path, companions: &Companions<'_>) -> Result<Snapshot> {
    let loaded = Inputs::find(&[path.to_owned()])?.load()?;
    let (mut snapshot, mut report) = files::import(&loaded.files, companions, Columns::NONE)?;
    loaded.credit(&mut snapshot, &mut report);
    Ok(snapshot)
}

/// What the inputs name, before anything is read or fetched.
#[derive(Default)]
pub(crate) struct Inputs {
    items: Vec<Item>,
    left_out: Vec<Warning>,
}

struct Item {
    origin: Origin,
    /// The name of the file for messages and readers.
    name: String,
    /// A longer name, for two files with the same one.
    full: String,
}

enum Origin {
    File(PathBuf),
    /// A file in a folder that was given.
    Found(PathBuf),
    Address(String, Option<Board>),
}

/// The content of the inputs.
#[derive(Default)]
pub(crate) struct Loaded {
    pub(crate) files: Vec<Content>,
    left_out: usize,
    fetched: Vec<DataSource>,
}

impl Inputs {
    /// Finds the files that these arguments name.
    pub(crate) fn find(given: &[PathBuf]) -> Result<Self> {
        let mut inputs = Self::default();
        for path in given {
            let text = path.to_string_lossy();
            if let Some(id) = text.strip_prefix(boards::PREFIX).filter(|_| !path.exists()) {
                let board = boards::find(id)?;
                board.urls.iter().try_for_each(|url| inputs.add_address(url))?;
            } else if fetch::is_url(&text) {
                inputs.add_address(&text)?;
            } else if path.is_dir() {
                inputs.add_folder(path)?;
            } else {
                if !files::is_stdin(path) {
                    check_exists(path)?;
                }
                let full = text.replace('\\', "/");
                let name = if tells_model(&full) { full.clone() } else { files::name(path) };
                inputs.items.push(Item { name, full, origin: Origin::File(path.clone()) });
            }
        }
        inputs.tell_apart();
        Ok(inputs)
    }

    fn add_address(&mut self, url: &str) -> Result<()> {
        let host = url.split("://").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
        if host.contains('@') {
            // The snapshot would show it.
            return Err(Error::input("an address holds a name or password; only public files are fetched"));
        }
        let url = fetch::raw(url);
        let name = fetch::name(&url);
        let board = boards::at(&url)?;
        // Without `/`, since the source of a file is named by the last part of its name.
        let full = match &board {
            Some(board) => format!("{}-{name}", board.id),
            None => url.split_once("://").map_or(url.as_str(), |(_, rest)| rest).replace('/', "-"),
        };
        self.items.push(Item { name, full, origin: Origin::Address(url, board) });
        Ok(())
    }

    fn add_folder(&mut self, path: &Path) -> Result<()> {
        let found = folder::find(path)?;
        let parent = path.parent().map_or(String::new(), |parent| parent.to_string_lossy().replace('\\', "/"));
        for folder::Entry { path, name } in found.files {
            let full = if parent.is_empty() { name.clone() } else { format!("{parent}/{name}") };
            self.items.push(Item { origin: Origin::Found(path), name, full });
        }
        self.left_out.extend(found.closed.into_iter().map(|(name, why)| left_out(&name, &why)));
        Ok(())
    }

    /// Gives files of the same name their longer names.
    fn tell_apart(&mut self) {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for item in &self.items {
            *counts.entry(item.name.clone()).or_default() += 1;
        }
        for item in &mut self.items {
            if counts.get(&item.name).is_some_and(|&count| count > 1) {
                item.name.clone_from(&item.full);
            }
        }
    }

    /// The paths of the files, none of which may be the output.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.items.iter().filter_map(|item| match &item.origin {
            Origin::File(path) | Origin::Found(path) => Some(path.as_path()),
            Origin::Address(..) => None,
        })
    }

    /// Reads and fetches the files. Those of a folder that can't be read are left out with a warning.
    pub(crate) fn load(self) -> Result<Loaded> {
        let mut loaded = Loaded::default();
        let mut warnings = self.left_out;
        let limit = files::most_bytes();
        let mut size = 0;
        for Item { origin, name, .. } in self.items {
            let optional = matches!(origin, Origin::Found(_));
            let bytes = match origin {
                Origin::File(path) => files::read(&path)?,
                Origin::Found(path) => match files::read(&path) {
                    Ok(bytes) => bytes,
                    Err(error) => {
                        warnings.push(left_out(&name, error.message()));
                        continue;
                    }
                },
                Origin::Address(url, board) => {
                    let fetched = fetch::fetch(&url)?;
                    loaded.fetched.push(source(&name, url, fetched.date, board));
                    fetched.bytes
                }
            };
            size += bytes.len() as u64;
            if size > limit {
                return Err(files::too_large_together(limit).at(Place::source(name)));
            }
            loaded.files.push(Content { name, bytes, optional });
        }
        loaded.left_out = warnings.len();
        warn_shortly(&warnings);
        if loaded.files.is_empty() {
            return Err(Error::input("none of the files can be read"));
        }
        Ok(loaded)
    }
}

impl Loaded {
    /// Adds what is known from outside the files: the addresses of fetched files, and the number of files left out.
    pub(crate) fn credit(&self, snapshot: &mut Snapshot, report: &mut Report) {
        if self.left_out > 0 {
            let (what, why) = ("files".to_owned(), "can't be read".to_owned());
            report.dropped.push(Dropped { what, why, count: self.left_out, expected: false });
        }
        let is_alone = self.files.len() == 1 && snapshot.sources.len() == 1;
        for fetched in &self.fetched {
            // A file that states its own source keeps it, and what it does not state is added.
            let named = snapshot.sources.iter().position(|source| source.name == fetched.id);
            let Some(at) = named.or_else(|| is_alone.then_some(0)) else { continue };
            if named.is_some() {
                let is_free = snapshot.sources.iter().all(|source| source.id != fetched.name);
                let source = &mut snapshot.sources[at];
                source.name.clone_from(&fetched.name);
                source.id = if is_free { fetched.name.clone() } else { fetched.id.clone() };
            }
            let source = &mut snapshot.sources[at];
            source.url.get_or_insert_with(|| fetched.url.clone().unwrap_or_default());
            source.date = source.date.or(fetched.date);
            if source.license == DataSource::NOT_STATED {
                source.license.clone_from(&fetched.license);
            }
        }
    }
}

/// The source of a fetched file. Its id is the name of the file, by which it is found among the sources of a snapshot.
fn source(file: &str, url: String, date: Option<Date>, board: Option<Board>) -> DataSource {
    let (name, license, published) = match board {
        Some(board) => (board.name, board.license, board.date),
        None => (file.to_owned(), DataSource::NOT_STATED.to_owned(), None),
    };
    let source = DataSource::new(name, license);
    DataSource { id: file.to_owned(), url: Some(url), date: published.or(date), ..source }
}

/// Whether the folders of a path tell the model of a file, so that readers need them.
fn tells_model(path: &str) -> bool {
    let mut folders = path.rsplit('/').skip(1).take(4);
    folders.any(|name| {
        name.contains("__") || name.contains("model=") || name.starts_with("models--") || name == ".eval_results"
    })
}

/// Refuses a path that is nothing, with a hint where it is the id of a board.
fn check_exists(path: &Path) -> Result<()> {
    let Err(error) = std::fs::metadata(path) else { return Ok(()) };
    let board = path.to_str().and_then(|id| boards::find(id).ok());
    let hint = board.map_or(String::new(), |board| {
        format!("; the public board of this id is {}{} ({})", boards::PREFIX, board.id, board.urls.join(", "))
    });
    Err(Error::input(format!("{error}{hint}")).at(Place::source(path.display().to_string())))
}

fn left_out(name: &str, why: &str) -> Warning {
    Warning::new(format!("left out: {why}")).at(Place::source(name))
}

/// The maximum number of warnings about files that can't be read.
const SHOWN: usize = 20;

fn warn_shortly(warnings: &[Warning]) {
    warn(&warnings[..warnings.len().min(SHOWN)]);
    if warnings.len() > SHOWN {
        warn(&[Warning::new(format!("{} more files are left out", warnings.len() - SHOWN))]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imported(name: &str, text: &str) -> (Snapshot, Report) {
        let file = eyas::formats::Source { name, bytes: text.as_bytes(), optional: false };
        let imported = eyas::formats::import(&[file], &eyas::formats::Companions::default()).unwrap();
        (imported.snapshot, imported.report)
    }

    fn loaded(name: &str, url: &str) -> Loaded {
        let board = boards::at(url).unwrap();
        let fetched = source(name, url.to_owned(), Date::new(2026, 1, 2), board);
        let file = Content { name: name.to_owned(), bytes: Vec::new(), optional: false };
        Loaded { files: vec![file], left_out: 0, fetched: vec![fetched] }
    }

    #[test]
    fn a_fetched_file_of_a_board_has_its_name_and_licence() {
        let (mut snapshot, mut report) = imported("results.csv", "model,x\na,10\nb,20\n");
        let board = boards::find("mmlu-pro").unwrap();
        loaded("results.csv", &board.urls[0]).credit(&mut snapshot, &mut report);
        let source = &snapshot.sources[0];
        assert_eq!((source.name.as_str(), source.license.as_str()), ("MMLU-Pro", "Apache-2.0"));
        assert_eq!((source.url.as_deref(), source.date), (Some(board.urls[0].as_str()), Date::new(2026, 1, 2)));
        // A published release keeps its own day.
        let board = boards::find("helm-lite").unwrap();
        let (mut snapshot, mut report) = imported("core_scenarios.json", "model,x\na,10\nb,20\n");
        loaded("core_scenarios.json", &board.urls[0]).credit(&mut snapshot, &mut report);
        assert_eq!(snapshot.sources[0].date, board.date);
    }

    #[test]
    fn a_file_that_states_its_source_keeps_it() {
        let text = r#"{"format":"eyas-snapshot/2","sources":[{"id":"s","name":"S","license":"MIT"}],
            "models":[{"id":"a/a"},{"id":"a/b"}],"tasks":[{"id":"x"}],"scores":[{"values":[1,2]}]}"#;
        let (mut snapshot, mut report) = imported("s.json", text);
        loaded("s.json", "https://example.org/s.json").credit(&mut snapshot, &mut report);
        let source = &snapshot.sources[0];
        assert_eq!([&source.id, &source.name, &source.license], ["s", "S", "MIT"]);
        assert_eq!(source.url.as_deref(), Some("https://example.org/s.json"));
    }

    #[test]
    fn files_of_one_name_have_longer_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a/t.csv", "b/t.csv", "c.csv"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        let given = ["a/t.csv", "b/t.csv", "c.csv"].map(|name| folder.path().join(name));
        let names: Vec<String> = Inputs::find(&given).unwrap().items.into_iter().map(|item| item.name).collect();
        assert_eq!(names, [given[0].display().to_string(), given[1].display().to_string(), "c.csv".to_owned()]);
        let urls = ["https://a.org/results.json", "https://b.org/results.json"].map(PathBuf::from);
        let names: Vec<String> = Inputs::find(&urls).unwrap().items.into_iter().map(|item| item.name).collect();
        assert_eq!(names, ["a.org-results.json", "b.org-results.json"]);
        let boards = ["board:evalplus", "board:bigcodebench"].map(PathBuf::from);
        let names: Vec<String> = Inputs::find(&boards).unwrap().items.into_iter().map(|item| item.name).collect();
        assert_eq!(names, ["evalplus-results.json", "bigcodebench-results.json"]);
    }
}
