//! What a snapshot holds, in a few figures.

use super::{Range, Snapshot, TaskKind, rated};
use serde::Serialize;

/// A snapshot in figures, in the shape of `info --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SnapshotInfo {
    /// Models with results.
    pub models: usize,
    /// Tasks: benchmarks, or items.
    pub tasks: usize,
    /// Known cells.
    pub cells: usize,
    /// Known cells among all.
    pub density: f64,
    /// Lineage edges, those of unevaluated relatives included.
    pub edges: usize,
    /// `score` or `outcome`.
    pub kind: &'static str,
    /// Where the results come from.
    pub source: String,
    /// Their licence.
    pub license: String,
}

impl SnapshotInfo {
    /// The figures of a snapshot.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let (models, tasks, cells) = (snapshot.models.len(), snapshot.tasks.len(), snapshot.cells());
        Self {
            models,
            tasks,
            cells,
            density: if cells == 0 { 0.0 } else { cells as f64 / (models as f64 * tasks as f64) },
            edges: snapshot.lineage.edges().len(),
            kind: match snapshot.kind() {
                TaskKind::Score => "score",
                TaskKind::Outcome => "outcome",
            },
            source: snapshot.source.clone(),
            license: snapshot.license.clone(),
        }
    }
}

/// What a snapshot can be ranked by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Benchmark<'a> {
    /// Its name.
    pub id: &'a str,
    /// The range of its units, where that is declared.
    pub range: Option<Range>,
}

impl<'a> Benchmark<'a> {
    /// Every score, or the benchmarks of items.
    #[must_use]
    pub fn all(snapshot: &'a Snapshot) -> Vec<Self> {
        let range = |tasks: &[usize]| tasks.first().and_then(|&task| snapshot.tasks[task].range);
        rated(snapshot).into_iter().map(|(id, tasks)| Self { id, range: range(&tasks) }).collect()
    }
}
