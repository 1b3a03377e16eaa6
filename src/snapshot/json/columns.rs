//! The column of scores of a task: values, and lists of their details.

use crate::linalg::SparseMatrix;
use crate::snapshot::{DataSource, Date, Detail, Details, Results, Snapshot};
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Column {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) models: Option<Vec<u32>>,
    pub(super) values: Vec<f32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) errors: Vec<Option<f32>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) items: Vec<Option<u32>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) dates: Vec<Option<Date>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<Origin>,
}

/// The source of all scores of a column, or one for each.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Origin {
    All(String),
    Each(Vec<String>),
}

impl Column {
    /// The indices of the models, in order.
    fn rows(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.values.len()).map(|at| self.models.as_ref().map_or(at as u32, |models| models[at]))
    }

    /// The detail of the value at a position, given the positions of the sources by id.
    fn detail(&self, at: usize, sources: &[DataSource]) -> Detail {
        let id = match &self.source {
            Some(Origin::All(id)) => Some(id),
            Some(Origin::Each(ids)) => ids.get(at),
            None => None,
        };
        // The first source is the usual one.
        let source = id.and_then(|id| sources.iter().position(|source| source.id == *id)).filter(|&at| at > 0);
        Detail {
            error: self.errors.get(at).copied().flatten(),
            items: self.items.get(at).copied().flatten(),
            date: self.dates.get(at).copied().flatten(),
            source: source.map(|at| at as u32),
        }
    }
}

/// The scores of checked columns.
pub(super) fn read(models: usize, columns: &[Column], sources: &[DataSource]) -> (Results, Details) {
    let mut entries = Vec::with_capacity(columns.iter().map(|column| column.values.len()).sum());
    let mut details = Vec::new();
    for (task, column) in (0u32..).zip(columns) {
        entries.extend(column.rows().zip(&column.values).map(|(row, &value)| (row, task, value)));
        let stated = [column.errors.len(), column.items.len(), column.dates.len()].iter().any(|&length| length > 0);
        if stated || column.source.is_some() {
            details.extend(column.rows().enumerate().map(|(at, row)| (row, task, column.detail(at, sources))));
        }
    }
    let matrix = SparseMatrix::from_entries(models, columns.len(), entries);
    (Results::Scores(matrix), Details::from_cells(details))
}

/// The columns of a snapshot's scores.
pub(super) fn write(snapshot: &Snapshot, matrix: &SparseMatrix) -> Vec<Column> {
    (0..matrix.columns()).map(|task| column(snapshot, matrix, task)).collect()
}

fn column(snapshot: &Snapshot, matrix: &SparseMatrix, task: usize) -> Column {
    let (models, values): (Vec<u32>, Vec<f32>) = matrix.column(task).unzip();
    let mut known = snapshot.details.of_task(task as u32).peekable();
    let mut details = vec![Detail::default(); if known.peek().is_some() { models.len() } else { 0 }];
    for (model, detail) in known {
        if let Ok(at) = models.binary_search(&model) {
            details[at] = detail;
        }
    }
    let id = |detail: &Detail| {
        let at = detail.source.map_or(0, |at| at as usize);
        snapshot.sources.get(at).map_or_else(String::new, |source| source.id.clone())
    };
    let source = match details.first() {
        Some(first) if details.iter().any(|detail| detail.source != first.source) => {
            Some(Origin::Each(details.iter().map(id).collect()))
        }
        Some(first) if first.source.is_some() => Some(Origin::All(id(first))),
        _ => None,
    };
    Column {
        models: (models.len() < matrix.rows()).then_some(models),
        values,
        errors: stated(&details, |detail| detail.error),
        items: stated(&details, |detail| detail.items),
        dates: stated(&details, |detail| detail.date),
        source,
    }
}

/// One value for each detail; an empty list if no detail has one.
fn stated<T>(details: &[Detail], value: impl Fn(&Detail) -> Option<T>) -> Vec<Option<T>> {
    let values: Vec<Option<T>> = details.iter().map(value).collect();
    if values.iter().any(Option::is_some) { values } else { Vec::new() }
}
