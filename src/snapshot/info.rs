//! A summary of a snapshot: its counts, sources and benchmarks.

use super::{Date, Range, Results, Snapshot, TaskKind, rated};
use crate::linalg::order;
use serde::Serialize;

/// A summary of a snapshot, as `info --json` prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SnapshotInfo<'a> {
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
    /// The names of the sources, joined by semicolons.
    pub source: String,
    /// Their licences, joined by semicolons.
    pub license: String,
    /// The sources.
    pub sources: Vec<SourceInfo<'a>>,
    /// The types of tasks, the one with the most benchmarks first; those without a stated type are in no group.
    pub groups: Vec<Group<'a>>,
    /// Every score; for outcomes, the benchmarks of the items.
    pub task_list: Vec<Benchmark<'a>>,
}

/// The benchmarks of one type of task, such as mathematics.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group<'a> {
    /// The type.
    pub task_type: &'a str,
    /// The ids of its benchmarks, the one with the most results first.
    pub tasks: Vec<&'a str>,
}

impl<'a> Group<'a> {
    /// The groups of benchmarks.
    fn all(benchmarks: &[Benchmark<'a>]) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for at in order(benchmarks.len(), &mut |a, b| benchmarks[b].cells.cmp(&benchmarks[a].cells)) {
            let Benchmark { id, task_type: Some(task_type), .. } = benchmarks[at] else { continue };
            match groups.iter_mut().find(|group| group.task_type == task_type) {
                Some(group) => group.tasks.push(id),
                None => groups.push(Self { task_type, tasks: vec![id] }),
            }
        }
        let sorted = order(groups.len(), &mut |a, b| groups[b].tasks.len().cmp(&groups[a].tasks.len()));
        sorted.into_iter().map(|at| groups[at].clone()).collect()
    }
}

/// A source of a [`SnapshotInfo`]; null where something is not known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SourceInfo<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its address.
    pub url: Option<&'a str>,
    /// The licence of its results; `not stated` if it states none.
    pub license: &'a str,
    /// The day on which it was read or published.
    pub date: Option<Date>,
}

impl<'a> SnapshotInfo<'a> {
    /// Summarises a snapshot.
    #[must_use]
    pub fn of(snapshot: &'a Snapshot) -> Self {
        let (models, tasks, cells) = (snapshot.models.len(), snapshot.tasks.len(), snapshot.cells());
        let mut sources = Vec::new();
        for source in &snapshot.sources {
            let (id, name, url, license) = (&source.id, &source.name, source.url.as_deref(), &source.license);
            sources.push(SourceInfo { id, name, url, license, date: source.date });
        }
        let task_list = Benchmark::all(snapshot);
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
            sources,
            groups: Group::all(&task_list),
            task_list,
        }
    }
}

/// A score or benchmark by which the models of a snapshot can be ranked; null where something is not known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Benchmark<'a> {
    /// Its name.
    pub id: &'a str,
    /// Its dataset.
    pub dataset: &'a str,
    /// What kind of task it is, such as mathematics.
    pub task_type: Option<&'a str>,
    /// The metric of its scores.
    pub metric: Option<&'a str>,
    /// The range of its values; `None` if it is open-ended.
    pub range: Option<Range>,
    /// The expected score of guessing, in the units of the range; `None` for a benchmark of several items.
    pub chance: Option<f32>,
    /// Whether a lower score is better.
    pub lower_is_better: bool,
    /// The number of its items.
    pub items: Option<u32>,
    /// The number of known results.
    pub cells: usize,
}

impl<'a> Benchmark<'a> {
    /// Every score of a snapshot; for outcomes, the benchmarks of the items.
    #[must_use]
    pub fn all(snapshot: &'a Snapshot) -> Vec<Self> {
        let mut cells = vec![0; snapshot.tasks.len()];
        match &snapshot.results {
            Results::Scores(scores) => scores.iter().for_each(|(_, task, _)| cells[task as usize] += 1),
            Results::Outcomes(outcomes) => {
                (0..snapshot.models.len())
                    .for_each(|row| outcomes.observed.ones(row).for_each(|task| cells[task] += 1));
            }
        }
        let mut all = Vec::new();
        for (id, tasks) in rated(snapshot) {
            let Some(first) = tasks.first().map(|&task| &snapshot.tasks[task]) else { continue };
            let (chance, items) = match snapshot.kind() {
                TaskKind::Score => (first.chance, first.items),
                TaskKind::Outcome => (None, Some(tasks.len() as u32)),
            };
            let cells = tasks.iter().map(|&task| cells[task]).sum();
            let (dataset, metric) = (first.dataset.as_str(), first.metric.as_deref());
            let task_type = first.task_type.as_deref();
            let (range, lower_is_better) = (first.range, first.lower_is_better);
            all.push(Self { id, dataset, task_type, metric, range, chance, lower_is_better, items, cells });
        }
        all
    }
}
