//! The former format, `eyas-snapshot/1`: one source and licence, the kind of its results with each task, `benchmark` in
//! place of `dataset`, and no details of single scores.

use super::{Column, Document, ModelEntry, Packed, Relative, TaskEntry, explain};
use crate::error::{Error, Result};
use crate::lineage::Parent;
use crate::snapshot::{DataSource, Date, Factors, Range, TaskKind};
use serde::Deserialize;

pub(super) const FORMAT: &str = "eyas-snapshot/1";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Former {
    #[expect(dead_code, reason = "the caller has read it")]
    format: String,
    source: String,
    license: String,
    models: Vec<FormerModel>,
    #[serde(default)]
    relatives: Vec<Relative>,
    tasks: Vec<FormerTask>,
    scores: Option<Vec<FormerColumn>>,
    outcomes: Option<Packed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormerModel {
    id: String,
    date: Option<Date>,
    #[serde(default)]
    factors: Factors,
    #[serde(default)]
    parents: Vec<Parent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormerTask {
    id: String,
    benchmark: Option<String>,
    kind: TaskKind,
    metric: Option<String>,
    range: Option<Range>,
    chance: Option<f32>,
    #[serde(default)]
    factors: Factors,
    #[serde(default)]
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormerColumn {
    models: Option<Vec<u32>>,
    values: Vec<f32>,
}

/// Reads a document of the former format as one of the present.
pub(super) fn read(bytes: &[u8]) -> Result<Document> {
    let former: Former = serde_json::from_slice(bytes).map_err(|error| explain(bytes, &error))?;
    for (name, text) in [("source", &former.source), ("license", &former.license)] {
        if text.trim().is_empty() {
            return Err(Error::input(format!("{name} is required and is empty")));
        }
    }
    let kind = if former.outcomes.is_some() { TaskKind::Outcome } else { TaskKind::Score };
    if let Some(at) = former.tasks.iter().position(|task| task.kind != kind) {
        return Err(Error::input(format!("tasks[{at}] has another kind than the results that the snapshot holds")));
    }
    Ok(Document {
        format: super::FORMAT.to_owned(),
        sources: vec![DataSource::new(former.source, former.license)],
        models: former.models.into_iter().map(FormerModel::into_entry).collect(),
        relatives: former.relatives,
        tasks: former.tasks.into_iter().map(FormerTask::into_entry).collect(),
        scores: former.scores.map(|columns| columns.into_iter().map(FormerColumn::into_column).collect()),
        outcomes: former.outcomes,
    })
}

impl FormerModel {
    fn into_entry(self) -> ModelEntry {
        let Self { id, date, factors, parents } = self;
        ModelEntry { id, date, factors, parents, ..ModelEntry::default() }
    }
}

impl FormerTask {
    fn into_entry(self) -> TaskEntry {
        let Self { id, benchmark, metric, range, chance, factors, embedding, .. } = self;
        TaskEntry { id, dataset: benchmark, metric, range, chance, factors, embedding, ..TaskEntry::default() }
    }
}

impl FormerColumn {
    fn into_column(self) -> Column {
        Column { models: self.models, values: self.values, ..Column::default() }
    }
}
