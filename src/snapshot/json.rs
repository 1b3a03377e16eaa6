//! The JSON format of snapshots, `eyas-snapshot/2`; its JSON Schema is `docs/eyas-snapshot-2.schema.json`. The former
//! format, `eyas-snapshot/1`, is read too ([`v1`]).
//!
//! Scores are one column for each task: the indices of the models (omitted if all have a score), their values and,
//! where something is known, lists of the same length with their standard errors, numbers of items, dates and sources.
//! Outcomes are one base64 string for each model, in which bit `j % 8` of byte `j / 8` is task `j`; `observed` is
//! omitted if all cells are known.

mod check;
mod columns;
mod packed;
mod v1;

use super::Date;
use super::{DataSource, Factors, Model, Outcomes, PairVectors, Range, Results, Snapshot, Task, TaskKind};
use crate::error::{Error, Place, Result, Warning};
use crate::lineage::{Lineage, NamedEdge, Parent};
use columns::Column;
use serde::{Deserialize, Serialize};

/// The value of the field `format`: the name and version.
pub const FORMAT: &str = "eyas-snapshot/2";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    sources: Vec<DataSource>,
    models: Vec<ModelEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    relatives: Vec<Relative>,
    tasks: Vec<TaskEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scores: Option<Vec<Column>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcomes: Option<Packed>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelEntry {
    id: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    date: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    license: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    configuration_of: Option<String>,
    #[serde(default, skip_serializing_if = "Factors::is_empty")]
    factors: Factors,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parents: Vec<Parent>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Relative {
    id: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parents: Vec<Parent>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskEntry {
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dataset: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subset: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    split: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shots: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metric: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    lower_is_better: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chance: Option<f32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    items: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Factors::is_empty")]
    factors: Factors,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    embedding: Vec<f32>,
    #[serde(default, skip_serializing_if = "PairVectors::is_empty")]
    pair_vectors: PairVectors,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Packed {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    observed: Option<Vec<String>>,
    solved: Vec<String>,
}

/// Reads a snapshot from JSON. Repairs of its lineage, such as a cut cycle, are returned as warnings.
///
/// # Errors
/// If the bytes are not JSON (with line and character), are in another format, or are inconsistent (with the path of
/// the field).
pub fn read_json(bytes: &[u8]) -> Result<(Snapshot, Vec<Warning>)> {
    let document: Document = serde_json::from_slice(bytes).or_else(|error| former(bytes, &error))?;
    check::document(&document)?;
    let (results, details) = match (document.scores, document.outcomes) {
        (Some(columns), None) => columns::read(document.models.len(), &columns, &document.sources),
        (None, Some(packed)) => {
            let (observed, solved) = packed::unpack(&packed, document.models.len(), document.tasks.len())?;
            (Results::Outcomes(Outcomes { observed, solved }), super::Details::default())
        }
        _ => return Err(Error::input("expected either \"scores\" or \"outcomes\"")),
    };
    let mut edges = Vec::new();
    let mut ids = Vec::new();
    let mut models = Vec::new();
    let mut add_node = |id: &str, parents: Vec<Parent>| {
        ids.push(id.to_owned());
        edges.extend(parents.into_iter().map(|parent| NamedEdge { child: id.to_owned(), parent }));
    };
    for entry in document.models {
        let (model, parents) = entry.into_model();
        add_node(&model.id, parents);
        models.push(model);
    }
    document.relatives.into_iter().for_each(|entry| add_node(&entry.id, entry.parents));
    let (lineage, warnings) = Lineage::new(ids, edges);
    let kind = match results {
        Results::Scores(_) => TaskKind::Score,
        Results::Outcomes(_) => TaskKind::Outcome,
    };
    let tasks = document.tasks.into_iter().map(|task| task.into_task(kind)).collect();
    Ok((Snapshot { sources: document.sources, models, tasks, lineage, results, details }, warnings))
}

/// Writes a snapshot as compact JSON.
///
/// # Errors
/// If the snapshot is inconsistent, such as a repeated id, or a number that is not finite, which JSON can't express.
pub fn write_json(snapshot: &Snapshot) -> Result<Vec<u8>> {
    let parents = |node: usize| -> Vec<Parent> {
        let edges = snapshot.lineage.parents(node as u32);
        edges
            .map(|edge| Parent {
                id: snapshot.lineage.id(edge.parent).to_owned(),
                relation: edge.relation,
                weight: edge.weight,
            })
            .collect()
    };
    let entry = |(node, model): (usize, &Model)| ModelEntry::from_model(model, parents(node));
    let known = snapshot.models.len();
    let relative = |node: usize| Relative { id: snapshot.lineage.id(node as u32).to_owned(), parents: parents(node) };
    let (scores, outcomes) = match &snapshot.results {
        Results::Scores(matrix) => (Some(columns::write(snapshot, matrix)), None),
        Results::Outcomes(outcomes) => (None, Some(packed::pack(outcomes))),
    };
    let document = Document {
        format: FORMAT.to_owned(),
        sources: snapshot.sources.clone(),
        models: snapshot.models.iter().enumerate().map(entry).collect(),
        relatives: (known..snapshot.lineage.len()).map(relative).collect(),
        tasks: snapshot.tasks.iter().map(TaskEntry::from_task).collect(),
        scores,
        outcomes,
    };
    check::document(&document)?;
    serde_json::to_vec(&document).map_err(|error| Error::input(error.to_string()))
}

impl ModelEntry {
    fn into_model(self) -> (Model, Vec<Parent>) {
        let Self { id, names, date, description, license, url, configuration_of, factors, parents } = self;
        (Model { id, names, date, description, license, url, configuration_of, factors }, parents)
    }

    fn from_model(model: &Model, parents: Vec<Parent>) -> Self {
        let Model { id, names, date, description, license, url, configuration_of, factors } = model.clone();
        Self { id, names, date, description, license, url, configuration_of, factors, parents }
    }
}

impl TaskEntry {
    fn into_task(self, kind: TaskKind) -> Task {
        let dataset = self.dataset.unwrap_or_else(|| default_dataset(&self.id, kind).to_owned());
        let range = if kind == TaskKind::Outcome { Some(Range::FRACTION) } else { self.range };
        let Self { id, subset, split, shots, task: task_type, metric, lower_is_better, chance, items, .. } = self;
        let Self { description, factors, embedding, pair_vectors, .. } = self;
        Task {
            id,
            dataset,
            subset,
            split,
            shots,
            task_type,
            kind,
            metric,
            lower_is_better,
            range,
            chance,
            items,
            description,
            factors,
            embedding,
            pair_vectors,
        }
    }

    fn from_task(task: &Task) -> Self {
        let usual = task.dataset == default_dataset(&task.id, task.kind);
        let range = if task.kind == TaskKind::Outcome { None } else { task.range };
        let Task { id, dataset, subset, split, shots, task_type, metric, description, .. } = task.clone();
        let dataset = (!usual).then_some(dataset);
        let Task { factors, embedding, pair_vectors, .. } = task.clone();
        let Task { lower_is_better, chance, items, .. } = *task;
        Self {
            id,
            dataset,
            subset,
            split,
            shots,
            task: task_type,
            metric,
            lower_is_better,
            range,
            chance,
            items,
            description,
            factors,
            embedding,
            pair_vectors,
        }
    }
}

/// The dataset of a task that states none: the id of a score, or the part of an item's id before the first `/`.
fn default_dataset(id: &str, kind: TaskKind) -> &str {
    match kind {
        TaskKind::Score => id,
        TaskKind::Outcome => id.split('/').next().unwrap_or(id),
    }
}

/// Reads a document that is not of the present format: one of the former, or an error in one line.
fn former(bytes: &[u8], error: &serde_json::Error) -> Result<Document> {
    if error.is_data() && format_of(bytes).as_deref() == Some(v1::FORMAT) {
        return v1::read(bytes);
    }
    Err(explain(bytes, error))
}

/// The text of the field `format` of a JSON object.
fn format_of(bytes: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Head {
        format: Option<String>,
    }
    serde_json::from_slice::<Head>(bytes).ok()?.format
}

/// The error in one line: it names another format, or gives the message with line and character.
fn explain(bytes: &[u8], error: &serde_json::Error) -> Error {
    if error.is_data() {
        match format_of(bytes) {
            Some(format) if format != FORMAT && format != v1::FORMAT => return other_format(&format),
            None => return Error::input(format!("this JSON is no snapshot: it lacks \"format\": \"{FORMAT}\"")),
            _ => {}
        }
    }
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or(&message);
    let place = Place::default().line(error.line() as u64);
    Error::input(format!("{message} (character {})", error.column())).at(place)
}

fn other_format(format: &str) -> Error {
    let format: String = format.chars().take(60).collect();
    Error::input(format!("the format is {format:?}; this version reads \"{FORMAT}\""))
}

#[cfg(test)]
mod tests;
