//! The rows that the functions of the plan return, with their Arrow types.

use super::arrays::{Element, field, row};
use arrow::array::{ArrayRef, StructArray};
use arrow::datatypes::{DataType, Fields};
use std::sync::Arc;

row! {
    /// What the hub states of a model. Without an id the line is left out.
    #[derive(Default)]
    pub(super) struct Listing {
        pub(super) id: Option<String>,
        pub(super) modified: Option<String>,
        pub(super) date: Option<String>,
        pub(super) license: Option<String>,
        pub(super) organization: Option<String>,
        pub(super) family: Option<&'static str>,
        pub(super) pipeline: Option<String>,
        /// The factors as JSON.
        pub(super) factors: Option<String>,
        pub(super) params: Option<f64>,
        pub(super) downloads: Option<i64>,
        pub(super) likes: Option<i64>,
        /// A hash of the line, by which listings are ordered that are alike otherwise.
        pub(super) mark: i64,
        pub(super) quantized: bool,
        pub(super) parents: Vec<StatedParent>,
        pub(super) results: Vec<Scored>,
        pub(super) notes: Vec<Note>,
    }
}

row! {
    /// A parent as a child states it.
    pub(super) struct StatedParent {
        pub(super) id: String,
        /// The position of the relation in [`crate::relations::RELATIONS`], the most certain first.
        pub(super) relation: i32,
        pub(super) weight: f32,
        /// Its place among the parents.
        pub(super) place: i32,
    }
}

row! {
    /// What a line of results holds.
    #[derive(Default)]
    pub(super) struct Record {
        /// The model that the factors are of.
        pub(super) model: Option<String>,
        pub(super) factors: Option<String>,
        pub(super) results: Vec<Scored>,
        pub(super) notes: Vec<Note>,
    }
}

row! {
    /// A result.
    #[derive(Default)]
    pub(super) struct Scored {
        pub(super) model: String,
        pub(super) dataset: String,
        pub(super) subset: Option<String>,
        pub(super) split: Option<String>,
        pub(super) metric: Option<String>,
        /// The type of the task.
        pub(super) task: Option<String>,
        pub(super) date: Option<String>,
        pub(super) source: String,
        pub(super) url: Option<String>,
        pub(super) source_license: String,
        pub(super) measured_by: Option<String>,
        pub(super) lower_is_better: Option<bool>,
        /// Whether scores have no bounds; null if nothing is stated.
        pub(super) is_open: Option<bool>,
        pub(super) low: Option<f32>,
        pub(super) high: Option<f32>,
        pub(super) value: f32,
        pub(super) error: Option<f32>,
        pub(super) items: Option<u32>,
    }
}

row! {
    /// Something that was left out or repaired.
    #[derive(Clone, Debug, PartialEq)]
    pub(super) struct Note {
        pub(super) what: String,
        pub(super) why: String,
        /// Where: an id, or the start of the line.
        pub(super) example: String,
    }
}

impl Note {
    pub(super) fn new(what: &str, why: &str, example: &str) -> Self {
        let example = example.chars().take(80).collect();
        Self { what: what.to_owned(), why: why.to_owned(), example }
    }
}
