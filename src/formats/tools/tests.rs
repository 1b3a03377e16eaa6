//! Tests of the forms of tools: each with a file of its own, as its tool writes it.

use crate::error::Result;
use crate::formats::{Companions, Imported, Source, import};
use crate::snapshot::{ModelIndex, TaskIndex};

/// Imports files by path, as of a folder if there are several.
pub(super) fn read(files: &[(&str, &str)]) -> Imported {
    try_read(files).unwrap()
}

pub(super) fn try_read(files: &[(&str, &str)]) -> Result<Imported> {
    let optional = files.len() > 1;
    let sources: Vec<Source<'_>> =
        files.iter().map(|(name, text)| Source { name, bytes: text.as_bytes(), optional }).collect();
    import(&sources, &Companions::default())
}

/// The scores as `model task value`, by model and task, in the units of the tasks.
pub(super) fn scores(imported: &Imported) -> Vec<String> {
    let snapshot = &imported.snapshot;
    let mut lines = Vec::new();
    for (row, model) in (0..).zip(&snapshot.models) {
        for (column, task) in (0..).zip(&snapshot.tasks) {
            if let Some(value) = snapshot.get(ModelIndex(row), TaskIndex(column)) {
                lines.push(format!("{} {} {value}", model.id, task.id));
            }
        }
    }
    lines
}
