//! The JSON format of snapshots, `eyas-snapshot/1`; its JSON Schema is `docs/eyas-snapshot-1.schema.json`.
//!
//! Scores are one column for each task: the indices of the models (omitted if all have a score) and their values.
//! Outcomes are one base64 string for each model, in which bit `j % 8` of byte `j / 8` is task `j`; `observed` is
//! omitted if all cells are known.

mod check;
mod packed;

use super::Date;
use super::{Factors, Model, Outcomes, Range, Results, Snapshot, Task, TaskKind};
use crate::error::{Error, Place, Result, Warning};
use crate::linalg::SparseMatrix;
use crate::lineage::{Lineage, NamedEdge, Parent};
use serde::{Deserialize, Serialize};

/// The value of the field `format`: the name and version.
pub const FORMAT: &str = "eyas-snapshot/1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    source: String,
    license: String,
    models: Vec<ModelEntry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    relatives: Vec<Relative>,
    tasks: Vec<TaskEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scores: Option<Vec<Column>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcomes: Option<Packed>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelEntry {
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    date: Option<Date>,
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

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskEntry {
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    benchmark: Option<String>,
    kind: TaskKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metric: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chance: Option<f32>,
    #[serde(default, skip_serializing_if = "Factors::is_empty")]
    factors: Factors,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    embedding: Vec<f32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    models: Option<Vec<u32>>,
    values: Vec<f32>,
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
    let document: Document = serde_json::from_slice(bytes).map_err(|error| explain(bytes, &error))?;
    check::document(&document)?;
    let results = match (document.scores, document.outcomes) {
        (Some(columns), None) => Results::Scores(scores(document.models.len(), &columns)),
        (None, Some(packed)) => {
            let (observed, solved) = packed::unpack(&packed, document.models.len(), document.tasks.len())?;
            Results::Outcomes(Outcomes { observed, solved })
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
        add_node(&entry.id, entry.parents);
        models.push(Model { id: entry.id, date: entry.date, factors: entry.factors });
    }
    document.relatives.into_iter().for_each(|entry| add_node(&entry.id, entry.parents));
    let (lineage, warnings) = Lineage::new(ids, edges);
    let tasks = document.tasks.into_iter().map(TaskEntry::into_task).collect();
    let (source, license) = (document.source, document.license);
    Ok((Snapshot { source, license, models, tasks, lineage, results }, warnings))
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
    let entry = |(node, model): (usize, &Model)| ModelEntry {
        id: model.id.clone(),
        date: model.date,
        factors: model.factors.clone(),
        parents: parents(node),
    };
    let known = snapshot.models.len();
    let relative = |node: usize| Relative { id: snapshot.lineage.id(node as u32).to_owned(), parents: parents(node) };
    let (scores, outcomes) = match &snapshot.results {
        Results::Scores(matrix) => (Some((0..snapshot.tasks.len()).map(|task| column(matrix, task)).collect()), None),
        Results::Outcomes(outcomes) => (None, Some(packed::pack(outcomes))),
    };
    let document = Document {
        format: FORMAT.to_owned(),
        source: snapshot.source.clone(),
        license: snapshot.license.clone(),
        models: snapshot.models.iter().enumerate().map(entry).collect(),
        relatives: (known..snapshot.lineage.len()).map(relative).collect(),
        tasks: snapshot.tasks.iter().map(TaskEntry::from_task).collect(),
        scores,
        outcomes,
    };
    check::document(&document)?;
    serde_json::to_vec(&document).map_err(|error| Error::input(error.to_string()))
}

impl TaskEntry {
    fn into_task(self) -> Task {
        let benchmark = self.benchmark.unwrap_or_else(|| default_benchmark(&self.id, self.kind).to_owned());
        let range = if self.kind == TaskKind::Outcome { Some(Range::FRACTION) } else { self.range };
        let Self { id, kind, metric, chance, factors, embedding, .. } = self;
        Task { id, benchmark, kind, metric, range, chance, factors, embedding }
    }

    fn from_task(task: &Task) -> Self {
        let usual = task.benchmark == default_benchmark(&task.id, task.kind);
        Self {
            id: task.id.clone(),
            benchmark: (!usual).then(|| task.benchmark.clone()),
            kind: task.kind,
            metric: task.metric.clone(),
            range: if task.kind == TaskKind::Outcome { None } else { task.range },
            chance: task.chance,
            factors: task.factors.clone(),
            embedding: task.embedding.clone(),
        }
    }
}

/// The benchmark of a task that states none: the id of a score, or the part of an item's id before the first `/`.
fn default_benchmark(id: &str, kind: TaskKind) -> &str {
    match kind {
        TaskKind::Score => id,
        TaskKind::Outcome => id.split('/').next().unwrap_or(id),
    }
}

fn scores(models: usize, columns: &[Column]) -> SparseMatrix {
    let mut entries = Vec::with_capacity(columns.iter().map(|column| column.values.len()).sum());
    for (task, column) in (0u32..).zip(columns) {
        match &column.models {
            Some(rows) => entries.extend(rows.iter().zip(&column.values).map(|(&row, &value)| (row, task, value))),
            None => entries.extend((0u32..).zip(&column.values).map(|(row, &value)| (row, task, value))),
        }
    }
    SparseMatrix::from_entries(models, columns.len(), entries)
}

fn column(matrix: &SparseMatrix, task: usize) -> Column {
    let (models, values): (Vec<u32>, Vec<f32>) = matrix.column(task).unzip();
    Column { models: (models.len() < matrix.rows()).then_some(models), values }
}

/// The error in one line: it names another format, or gives the message with line and character.
fn explain(bytes: &[u8], error: &serde_json::Error) -> Error {
    #[derive(Deserialize)]
    struct Head {
        format: Option<String>,
    }
    if error.is_data() {
        match serde_json::from_slice::<Head>(bytes).map(|head| head.format) {
            Ok(Some(format)) if format != FORMAT => return other_format(&format),
            Ok(None) => return Error::input(format!("this JSON is no snapshot: it lacks \"format\": \"{FORMAT}\"")),
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
