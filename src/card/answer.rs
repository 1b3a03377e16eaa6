//! What a card shows: the part of an answer of `predict` and of the summary of its data that it needs, read from the JSON
//! that every face has.

use crate::error::{Error, Result};
use crate::snapshot::{Date, Range};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The forecasts of a model, as in `predict --json`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Answer {
    pub(super) method: String,
    pub(super) subject: About,
    pub(super) measured: Option<BTreeMap<String, f32>>,
    pub(super) quantisation_of: Option<String>,
    pub(super) lineage: Lineage,
    pub(super) forecasts: Vec<Row>,
}

/// The model that the card is about.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct About {
    pub(super) id: Option<String>,
    pub(super) given: Option<String>,
    pub(super) next_to_nothing: bool,
}

/// Its parents.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Lineage {
    pub(super) parents: Vec<Parent>,
}

/// A parent.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Parent {
    pub(super) id: String,
    pub(super) weight: f32,
    pub(super) evaluated: bool,
}

/// A benchmark with its score, 0..1 of the range.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Row {
    pub(super) task: String,
    pub(super) dataset: String,
    pub(super) metric: Option<String>,
    pub(super) mean: f32,
    pub(super) lower: Option<f32>,
    pub(super) upper: Option<f32>,
    pub(super) rank: usize,
    pub(super) of: usize,
    pub(super) rank_lower: Option<usize>,
    pub(super) rank_upper: Option<usize>,
    pub(super) range: Range,
    pub(super) lower_is_better: bool,
    pub(super) known: bool,
    pub(super) parents: BTreeMap<String, f32>,
}

impl Row {
    /// Both ends of the interval, 0..1.
    pub(super) fn interval(&self) -> Option<(f32, f32)> {
        self.lower.zip(self.upper)
    }
}

/// The data that the method learned from, as in `info --json`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Data {
    pub(super) models: usize,
    pub(super) sources: Vec<Source>,
    pub(super) task_list: Vec<Task>,
}

/// A source of results.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) url: Option<String>,
    pub(super) license: String,
    pub(super) date: Option<Date>,
}

/// A benchmark of the data.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Task {
    pub(super) id: String,
    pub(super) task_type: Option<String>,
    pub(super) cells: usize,
}

/// Reads the JSON of an answer or of a summary; `what` names it in the error.
pub(super) fn read<T: for<'a> Deserialize<'a>>(json: &str, what: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| Error::input(format!("{what} is not of this version of eyas: {error}")))
}
