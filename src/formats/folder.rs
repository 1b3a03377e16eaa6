//! The files that are read together, by their paths: some forms keep the model's name in a folder or in a file beside the
//! results.

use super::part::{Cells, Part};
use super::report::{Dropped, Report};
use super::{Source, bytes};
use crate::error::{Error, Place, Result, Warning};
use std::collections::HashMap;

/// The files of one import by their paths.
pub(super) struct Folder<'a> {
    files: HashMap<&'a str, &'a Source<'a>>,
}

impl<'a> Folder<'a> {
    pub(super) fn new(files: &'a [Source<'a>]) -> Self {
        Self { files: files.iter().map(|file| (file.name, file)).collect() }
    }

    /// The text of the file with this name in the same folder as `path`; `None` if there is none or it is no text.
    pub(super) fn beside(&self, path: &str, name: &str) -> Option<String> {
        let inside = path.rfind('/').map_or("", |end| &path[..=end]);
        let bytes = bytes::unpack(self.files.get(format!("{inside}{name}").as_str())?).ok()?;
        String::from_utf8(bytes.into_owned()).ok()
    }

    /// The names of the files in the same folder as `path`, without the folder.
    pub(super) fn neighbours<'s>(&'s self, path: &'s str) -> impl Iterator<Item = &'a str> + 's {
        let inside = path.rfind('/').map_or("", |end| &path[..=end]);
        self.files.keys().filter_map(move |file| file.strip_prefix(inside)).filter(|name| !name.contains('/'))
    }
}

/// The files of a folder that can't be read, or hold no results.
#[derive(Default)]
pub(super) struct LeftOut {
    errors: Vec<Error>,
}

impl LeftOut {
    pub(super) fn add(&mut self, error: &Error) {
        self.errors.push(error.clone());
    }

    pub(super) fn has_some(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Settles the parts, and leaves out those that may be left out and don't fit.
    ///
    /// # Errors
    /// If another part can't be settled, or if nothing is left.
    pub(super) fn settle(&mut self, parts: Vec<Part>) -> Result<Vec<Part>> {
        let has_scores = parts.iter().any(|part| matches!(part.cells, Cells::Scores(_)));
        let mut settled = Vec::with_capacity(parts.len());
        for mut part in parts {
            let fits = if part.optional && has_scores && matches!(part.cells, Cells::Outcomes(_)) {
                let message = "outcomes of items, which don't join the scores of the other files; import them apart";
                Err(Error::input(message).at(Place::source(&part.name)))
            } else {
                part.settle()
            };
            match fits {
                Ok(()) => settled.push(part),
                Err(error) if part.optional => self.add(&error),
                Err(error) => return Err(error),
            }
        }
        match self.errors.first() {
            Some(first) if settled.is_empty() => {
                let message =
                    format!("none of the {} files could be read; the first: {}", self.errors.len(), first.message());
                Err(Error::input(message).at(first.place().clone()))
            }
            _ => Ok(settled),
        }
    }

    /// Tells what was left out.
    pub(super) fn report(self, warnings: &mut Vec<Warning>) -> Report {
        let mut report = Report::default();
        for error in self.errors {
            let why = error.message().to_owned();
            warnings.push(Warning::new(format!("left out: {why}")).at(error.place().clone()));
            match report.dropped.iter_mut().find(|dropped| dropped.why == why) {
                Some(dropped) => dropped.count += 1,
                None => report.dropped.push(Dropped { what: "files".to_owned(), why, count: 1, expected: false }),
            }
        }
        report
    }
}

/// The id of the model whose results a path holds, by a folder such as `org__name` or `models--org--name`.
pub(super) fn model_of_folder(path: &str) -> Option<String> {
    let folders = path.rsplit('/').skip(1);
    folders.filter_map(model_in).next()
}

/// The id in a name such as `org__name`.
pub(super) fn model_in(name: &str) -> Option<String> {
    let hub = name.strip_prefix("models--").map(|rest| (rest, "--"));
    let (rest, mark) = hub.unwrap_or((name, "__"));
    let rest = rest.strip_suffix("-details").unwrap_or(rest);
    let (organisation, model) = rest.split_once(mark)?;
    (!organisation.is_empty() && !model.is_empty()).then(|| format!("{organisation}/{model}"))
}

/// The name of a file without its folder and endings: a model that a file does not name is called so.
pub(super) fn stem(path: &str) -> &str {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let file = file.strip_suffix(".gz").unwrap_or(file);
    let end = [".json", ".jsonl", ".yaml", ".yml", ".csv", ".eval"].iter().find_map(|end| file.strip_suffix(end));
    let stem = end.unwrap_or(file);
    if stem.is_empty() { "unnamed" } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_name_models() {
        for (path, expected) in [
            ("runs/acme__bird-7b/results_1.json", Some("acme/bird-7b")),
            ("acme__bird-7b/0123abc/Task.json", Some("acme/bird-7b")),
            ("hub/models--acme--bird-7b/snapshots/1/.eval_results/a.yaml", Some("acme/bird-7b")),
            ("acme__bird-7b-details/samples_a.jsonl", Some("acme/bird-7b")),
            ("acme__bird-7b.json", None),
            ("runs/__x/a.json", None),
            ("a.json", None),
        ] {
            assert_eq!(model_of_folder(path).as_deref(), expected, "{path}");
        }
        assert_eq!([stem("a/b-7b.json.gz"), stem("b.yaml"), stem(".json"), stem("x")], ["b-7b", "b", "unnamed", "x"]);
    }

    #[test]
    fn files_are_found_beside_others() {
        let file = |name| Source { name, bytes: b"x", optional: false };
        let files = [file("a/run_spec.json"), file("a/stats.json"), file("run_spec.json")];
        let folder = Folder::new(&files);
        assert_eq!(folder.beside("a/stats.json", "run_spec.json").as_deref(), Some("x"));
        assert_eq!(folder.beside("b/stats.json", "run_spec.json"), None);
        let mut names: Vec<_> = folder.neighbours("a/stats.json").collect();
        names.sort_unstable();
        assert_eq!(names, ["run_spec.json", "stats.json"]);
    }
}
