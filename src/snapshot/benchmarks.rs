//! Grouping of tasks by benchmark: the items of an outcome matrix, or a single score.

use super::{Snapshot, Task, TaskKind};
use std::collections::HashMap;

/// The tasks of each benchmark, in the order of their first tasks.
pub(crate) fn by_benchmark(tasks: &[Task]) -> Vec<(&str, Vec<usize>)> {
    let mut found: Vec<(&str, Vec<usize>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (at, task) in tasks.iter().enumerate() {
        let place = *places.entry(&task.dataset).or_insert(found.len());
        if place == found.len() {
            found.push((&task.dataset, Vec::new()));
        }
        found[place].1.push(at);
    }
    found
}

/// The names by which models of a snapshot are forecast and ranked, each with its tasks. For scores this is every task
/// by itself, even if several belong to one benchmark; for outcomes, every benchmark with its items.
pub(crate) fn rated(snapshot: &Snapshot) -> Vec<(&str, Vec<usize>)> {
    match snapshot.kind() {
        TaskKind::Score => snapshot.tasks.iter().enumerate().map(|(at, task)| (task.id.as_str(), vec![at])).collect(),
        TaskKind::Outcome => by_benchmark(&snapshot.tasks),
    }
}

impl Snapshot {
    /// The distinct benchmarks, in the order of their first tasks.
    #[must_use]
    pub fn benchmarks(&self) -> Vec<&str> {
        by_benchmark(&self.tasks).into_iter().map(|(name, _)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_grouped_in_any_order() {
        let tasks = [("b", "1"), ("a", "1"), ("b", "2"), ("c", "1"), ("a", "2")];
        let tasks = tasks.map(|(benchmark, item)| Task::outcome(benchmark, item));
        assert_eq!(by_benchmark(&tasks), [("b", vec![0, 2]), ("a", vec![1, 4]), ("c", vec![3])]);
        let snapshot = Snapshot { tasks: tasks.to_vec(), ..Snapshot::synthetic(4, 5, 1) };
        assert_eq!(snapshot.benchmarks(), ["b", "a", "c"]);
        assert_eq!(rated(&snapshot), by_benchmark(&tasks));
    }

    #[test]
    fn scores_of_one_benchmark_are_rated_each_by_itself() {
        let mut snapshot = Snapshot::synthetic(4, 2, 1);
        snapshot.tasks = ["x/easy", "x/hard"].map(|id| Task { dataset: "x".into(), ..Task::score(id, None) }).to_vec();
        snapshot.results = super::super::Results::Scores(crate::linalg::SparseMatrix::from_entries(4, 2, Vec::new()));
        assert_eq!(rated(&snapshot), [("x/easy", vec![0]), ("x/hard", vec![1])]);
        assert_eq!(snapshot.benchmarks(), ["x"]);
    }
}
