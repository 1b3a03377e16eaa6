//! What is known about single scores besides their values.

use super::{Date, ModelIndex, TaskIndex};
use crate::linalg::order;

/// What is known about a score besides its value.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Detail {
    /// Its standard error in the task's units, at least 0.
    pub error: Option<f32>,
    /// The number of items of which it is the mean, at least 1.
    pub items: Option<u32>,
    /// The day of the measurement.
    pub date: Option<Date>,
    /// The position of its source in [`super::Snapshot::sources`]; the first source if it is not stated.
    pub source: Option<u32>,
}

impl Detail {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The details of the scores that have some, ordered by task and model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Details {
    cells: Vec<(u32, u32, Detail)>, // task, model
}

impl Details {
    /// Details of cells `(model, task, detail)` in any order. Empty details are left out; of a repeated cell the first
    /// counts.
    #[must_use]
    pub fn from_cells(cells: impl IntoIterator<Item = (u32, u32, Detail)>) -> Self {
        let known = cells.into_iter().filter(|(.., detail)| !detail.is_empty());
        let known: Vec<_> = known.map(|(model, task, detail)| (task, model, detail)).collect();
        let place = |at: usize| (known[at].0, known[at].1);
        let mut cells: Vec<_> =
            order(known.len(), &mut |a, b| place(a).cmp(&place(b))).into_iter().map(|at| known[at]).collect();
        cells.dedup_by_key(|&mut (task, model, _)| (task, model));
        Self { cells }
    }

    /// The detail of a score, if something is known.
    #[must_use]
    pub fn get(&self, model: ModelIndex, task: TaskIndex) -> Option<Detail> {
        let at = self.cells.binary_search_by_key(&(task.0, model.0), |&(task, model, _)| (task, model)).ok()?;
        Some(self.cells[at].2)
    }

    /// The details of a task as `(model, detail)`, by model.
    pub fn of_task(&self, task: u32) -> impl Iterator<Item = (u32, Detail)> + '_ {
        let start = self.cells.partition_point(|cell| cell.0 < task);
        self.cells[start..].iter().take_while(move |cell| cell.0 == task).map(|&(_, model, detail)| (model, detail))
    }

    /// Whether no score has details.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_found_by_cell() {
        let with = |items| Detail { items: Some(items), ..Detail::default() };
        let cells = [(4, 1, with(1)), (0, 2, with(2)), (2, 1, with(3)), (3, 1, Detail::default()), (4, 1, with(4))];
        let details = Details::from_cells(cells);
        let get = |model, task| details.get(ModelIndex(model), TaskIndex(task)).and_then(|detail| detail.items);
        assert_eq!([get(4, 1), get(0, 2), get(2, 1), get(3, 1), get(0, 0)], [Some(1), Some(2), Some(3), None, None]);
        assert_eq!(details.of_task(1).map(|(model, _)| model).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(details.of_task(0).count() + details.of_task(3).count(), 0);
    }
}
