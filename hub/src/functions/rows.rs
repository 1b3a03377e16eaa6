//! The rows that the functions of the plan return, with their Arrow types.

use arrow::array::{ArrayRef, StructArray};
use arrow::datatypes::{DataType, Field, Fields, Schema};
use arrow::json::ReaderBuilder;
use datafusion::error::Result;
use serde::Serialize;
use std::sync::Arc;

/// A row with a type.
pub(super) trait Row: Serialize + 'static {
    fn fields() -> Fields;

    fn data_type() -> DataType {
        DataType::Struct(Self::fields())
    }
}

/// A column of rows.
pub(super) fn array<R: Row>(rows: Vec<R>) -> Result<ArrayRef> {
    let schema = Arc::new(Schema::new(R::fields()));
    let mut decoder = ReaderBuilder::new(schema).with_batch_size(rows.len().max(1)).build_decoder()?;
    decoder.serialize(&rows)?;
    let batch = decoder.flush()?;
    Ok(match batch {
        Some(batch) => Arc::new(StructArray::from(batch)),
        None => arrow::array::new_empty_array(&R::data_type()),
    })
}

fn field(name: &str, kind: DataType) -> Field {
    Field::new(name, kind, true)
}

fn list<R: Row>(name: &str) -> Field {
    field(name, DataType::List(Arc::new(Field::new_list_field(R::data_type(), true))))
}

fn texts<const N: usize>(names: [&str; N]) -> [Field; N] {
    names.map(|name| field(name, DataType::Utf8))
}

/// What the hub states of a model. Without an id the line is left out.
#[derive(Default, Serialize)]
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

impl Row for Listing {
    fn fields() -> Fields {
        let names = ["id", "modified", "date", "license", "organization", "family", "pipeline", "factors"];
        let own = [
            field("params", DataType::Float64),
            field("downloads", DataType::Int64),
            field("likes", DataType::Int64),
            field("mark", DataType::Int64),
            field("quantized", DataType::Boolean),
            list::<StatedParent>("parents"),
            list::<Scored>("results"),
            list::<Note>("notes"),
        ];
        texts(names).into_iter().chain(own).collect()
    }
}

/// A parent as a child states it.
#[derive(Serialize)]
pub(super) struct StatedParent {
    pub(super) id: String,
    /// The position of the relation in [`crate::relations::RELATIONS`], the most certain first.
    pub(super) relation: i32,
    pub(super) weight: f32,
    /// Its place among the parents.
    pub(super) place: i32,
}

impl Row for StatedParent {
    fn fields() -> Fields {
        let own = [
            field("id", DataType::Utf8),
            field("relation", DataType::Int32),
            field("weight", DataType::Float32),
            field("place", DataType::Int32),
        ];
        own.into_iter().collect()
    }
}

/// What a line of results holds.
#[derive(Default, Serialize)]
pub(super) struct Record {
    /// The model that the factors are of.
    pub(super) model: Option<String>,
    pub(super) factors: Option<String>,
    pub(super) results: Vec<Scored>,
    pub(super) notes: Vec<Note>,
}

impl Row for Record {
    fn fields() -> Fields {
        texts(["model", "factors"]).into_iter().chain([list::<Scored>("results"), list::<Note>("notes")]).collect()
    }
}

/// A result.
#[derive(Default, Serialize)]
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

impl Row for Scored {
    fn fields() -> Fields {
        let names = ["model", "dataset", "subset", "split", "metric", "task", "date", "source", "url"];
        let flags = ["lower_is_better", "is_open"].map(|name| field(name, DataType::Boolean));
        let numbers = ["low", "high", "value", "error"].map(|name| field(name, DataType::Float32));
        let more = texts(["source_license", "measured_by"]);
        let items = [field("items", DataType::UInt32)];
        texts(names).into_iter().chain(more).chain(flags).chain(numbers).chain(items).collect()
    }
}

/// Something that was left out or repaired.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Note {
    pub(super) what: String,
    pub(super) why: String,
    /// Where: an id, or the start of the line.
    pub(super) example: String,
}

impl Row for Note {
    fn fields() -> Fields {
        texts(["what", "why", "example"]).into_iter().collect()
    }
}

impl Note {
    pub(super) fn new(what: &str, why: &str, example: &str) -> Self {
        let example = example.chars().take(80).collect();
        Self { what: what.to_owned(), why: why.to_owned(), example }
    }
}
