//! A file of published folds: `{"folds": [{"test_cells": [[model, benchmark], …]}, …]}`, by positions in the snapshot.

use crate::error::{Error, Place, Result};
use crate::linalg::BitMatrix;
use crate::snapshot::{ModelIndex, Snapshot, TaskIndex};
use serde::Deserialize;

/// Published folds: the file's name, and its contents after reading. Seed `n` of a backtest holds out fold `n`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoldsFile {
    /// The path as given.
    pub name: String,
    /// The cells of each fold, as positions of model and task; empty before the file is read.
    pub folds: Vec<Vec<(u32, u32)>>,
    /// Number of models and of tasks that the file states.
    pub shape: (Option<usize>, Option<usize>),
}

#[derive(Deserialize)]
struct Document {
    folds: Vec<Fold>,
    n_models: Option<usize>,
    n_bench: Option<usize>,
}

#[derive(Deserialize)]
struct Fold {
    test_cells: Vec<(u32, u32)>,
}

/// Reads the folds. `name` appears in errors.
///
/// # Errors
/// If the bytes are not such a file, or hold no fold.
pub(super) fn parse(name: &str, bytes: &[u8]) -> Result<FoldsFile> {
    let document: Document = serde_json::from_slice(bytes).map_err(|error| {
        let message = format!("not a file of folds: {error}");
        Error::input(message).at(Place::source(name).line(error.line() as u64))
    })?;
    if document.folds.is_empty() {
        return Err(Error::input("lists no fold").at(Place::source(name)));
    }
    let folds = document.folds.into_iter().map(|fold| fold.test_cells).collect();
    Ok(FoldsFile { name: name.to_owned(), folds, shape: (document.n_models, document.n_bench) })
}

/// The known results in one fold. (models, tasks)
pub(super) fn cells(snapshot: &Snapshot, file: &FoldsFile, fold: u64) -> Result<BitMatrix> {
    let (models, tasks) = (snapshot.models.len(), snapshot.tasks.len());
    let place = |field: String| Place::source(&file.name).field(field);
    for (stated, actual, what) in [(file.shape.0, models, "models"), (file.shape.1, tasks, "benchmarks")] {
        if let Some(stated) = stated.filter(|&stated| stated != actual) {
            let message = format!("is about {stated} {what}, but the snapshot has {actual}; positions would not match");
            return Err(Error::input(message).at(Place::source(&file.name)));
        }
    }
    let chosen = usize::try_from(fold).ok().and_then(|fold| file.folds.get(fold)).ok_or_else(|| {
        Error::input(format!("has {} folds; there is none for seed {fold}", file.folds.len()))
            .at(Place::source(&file.name))
    })?;
    let mut cells = BitMatrix::zeros(models, tasks);
    for (at, &(model, task)) in chosen.iter().enumerate() {
        let inside = (model as usize) < models && (task as usize) < tasks;
        if !inside || snapshot.get(ModelIndex(model), TaskIndex(task)).is_none() {
            let message = format!("no result is known at model {model}, benchmark {task}");
            return Err(Error::input(message).at(place(format!("folds[{fold}].test_cells[{at}]"))));
        }
        cells.set(model as usize, task as usize, true);
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_seed_is_a_fold_and_wrong_positions_are_named() {
        let snapshot = Snapshot::synthetic(3, 4, 1);
        let text = r#"{"n_models": 3, "n_bench": 4, "folds": [{"seed": 42, "test_cells": [[0, 3], [2, 1]]},
                       {"test_cells": [[1, 0]]}, {"test_cells": [[1, 0], [3, 0]]}]}"#;
        let file = parse("f.json", text.as_bytes()).unwrap();
        let held = |fold| cells(&snapshot, &file, fold);
        let first = held(0).unwrap();
        assert!(first.count_ones() == 2 && first.get(0, 3) && first.get(2, 1));
        assert!(held(1).unwrap().get(1, 0));
        assert!(held(2).unwrap_err().to_string().contains("folds[2].test_cells[1]"));
        assert!(held(3).unwrap_err().to_string().contains("has 3 folds"));
        let other = cells(&Snapshot::synthetic(4, 4, 1), &file, 0).unwrap_err();
        assert!(other.to_string().contains("about 3 models"), "{other}");
        for bad in ["", "{}", r#"{"folds": []}"#, r#"{"folds": [{"test_cells": [[0]]}]}"#] {
            assert!(parse("f.json", bad.as_bytes()).unwrap_err().to_string().starts_with("f.json"), "{bad}");
        }
    }
}
