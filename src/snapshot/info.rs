//! What a snapshot holds, in a few figures.

use super::{Snapshot, TaskKind};
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
