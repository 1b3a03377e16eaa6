//! A summary of a snapshot: its counts, source and licence.

use super::{Range, Snapshot, TaskKind, rated};
use serde::Serialize;

/// A summary of a snapshot, as `info --json` prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SnapshotInfo {
    /// Models with results.
    pub models: usize,
    /// Tasks: scored benchmarks, or items.
    pub tasks: usize,
    /// Known cells.
    pub cells: usize,
    /// Known cells as a share of all cells, 0..1.
    pub density: f64,
    /// Lineage edges, including those of unevaluated relatives.
    pub edges: usize,
    /// `score` or `outcome`.
    pub kind: &'static str,
    /// The source of the results.
    pub source: String,
    /// Their licence.
    pub license: String,
}

impl SnapshotInfo {
    /// Summarises a snapshot.
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
            source: snapshot.source(),
            license: snapshot.license(),
        }
    }
}

/// A score or benchmark by which the models of a snapshot can be ranked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Benchmark<'a> {
    /// Its name.
    pub id: &'a str,
    /// The range of its values; `None` if it is open-ended.
    pub range: Option<Range>,
}

impl<'a> Benchmark<'a> {
    /// Every score of a snapshot; for outcomes, the benchmarks of the items.
    #[must_use]
    pub fn all(snapshot: &'a Snapshot) -> Vec<Self> {
        let range = |tasks: &[usize]| tasks.first().and_then(|&task| snapshot.tasks[task].range);
        rated(snapshot).into_iter().map(|(id, tasks)| Self { id, range: range(&tasks) }).collect()
    }
}
