//! BenchPress's score matrix: `models`, `benchmarks`, and `observed[model][benchmark]` with `null` for unknown scores.
//!
//! Models and benchmarks keep the order of the file, since its published folds identify cells by position. The fields
//! `predictions` and `prediction_intervals` contain its authors' predictions and are not read.

use super::part::{Cell, Cells, Part, PartTask};
use super::table::date;
use crate::error::{Error, Place, Result, Warning};
use crate::snapshot::{Declared, FORMAT, Factor, Factors, Model, Range, metric_facts};
use serde_json::Value;
use std::collections::HashSet;

/// Whether a JSON text is such a file and not a snapshot.
pub(super) fn recognise(text: &str) -> bool {
    !text.contains(FORMAT) && ["\"models\"", "\"benchmarks\"", "\"observed\""].iter().all(|key| text.contains(key))
}

pub(super) fn read(name: &str, text: &str) -> Result<Part> {
    let root: Value = serde_json::from_str(text).map_err(|error| {
        let place = Place::source(name).line(error.line() as u64);
        Error::input(error.to_string()).at(place)
    })?;
    let refuse = |field: String, message: &str| Error::input(message).at(Place::source(name).field(field));
    let list =
        |key: &str| root[key].as_array().map(Vec::as_slice).ok_or_else(|| refuse(key.to_owned(), "expected a list"));
    let (models, benchmarks, observed) = (list("models")?, list("benchmarks")?, list("observed")?);
    if observed.len() != models.len() {
        let message = format!("expected a row for each of {} models, found {}", models.len(), observed.len());
        return Err(refuse("observed".to_owned(), &message));
    }
    let mut part = Part::new(name, Cells::Scores(Vec::new()));
    for (at, id) in ids(models, "models", &refuse)?.into_iter().enumerate() {
        // A year or month without a day is not a date.
        let released = models[at]["release_date"].as_str().unwrap_or_default();
        let day = date(released).unwrap_or_else(|_| {
            let message = format!("\"{id}\" is left without a date: \"{released}\" is no day");
            part.warnings.push(Warning::new(message).at(Place::source(name).field(format!("models[{at}]"))));
            None
        });
        part.models.push(Model { id: id.to_owned(), date: day, factors: factors(&models[at]), ..Model::default() });
    }
    part.tasks = ids(benchmarks, "benchmarks", &refuse)?.into_iter().map(PartTask::plain).collect();
    let mut cells = Vec::new();
    for (row, values) in observed.iter().enumerate() {
        let values = values.as_array().filter(|values| values.len() == benchmarks.len()).ok_or_else(|| {
            refuse(format!("observed[{row}]"), &format!("expected a list of {} scores", benchmarks.len()))
        })?;
        for (column, value) in values.iter().enumerate().filter(|(_, value)| !value.is_null()) {
            let score = value.as_f64().filter(|&score| (score as f32).is_finite()).ok_or_else(|| {
                refuse(format!("observed[{row}][{column}]"), "expected a number, or null where the score is unknown")
            })?;
            cells.push(Cell { model: row as u32, task: column as u32, value: score as f32, line: 0 });
        }
    }
    for (at, task) in part.tasks.iter_mut().enumerate() {
        let name = benchmarks[at]["name"].as_str().unwrap_or_default();
        task.task.description = Some(name.to_owned()).filter(|name| !name.trim().is_empty());
        task.lower_is_better = Some(metric_facts(name).lower_is_better || metric_facts(&task.task.id).lower_is_better);
        let values = cells.iter().filter(|cell| cell.task as usize == at).map(|cell| cell.value);
        task.declared = range(values);
    }
    part.cells = Cells::Scores(cells);
    Ok(part)
}

/// The range of a benchmark: this form holds percentages, some shares, and ratings and sums of money above 100.
fn range(values: impl Iterator<Item = f32> + Clone) -> Declared {
    let ends = values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    match ends {
        (low, high) if low < 0.0 || high > Range::PERCENT.high => Declared::Open,
        (_, high) if high <= Range::FRACTION.high => Declared::Range(Range::FRACTION),
        _ => Declared::Range(Range::PERCENT),
    }
}

/// The ids of a list's entries. A repeated id is an error.
fn ids<'a>(list: &'a [Value], key: &str, refuse: &impl Fn(String, &str) -> Error) -> Result<Vec<&'a str>> {
    let mut seen = HashSet::new();
    let one = |(at, entry): (usize, &'a Value)| {
        let id = entry["id"].as_str().map(str::trim).filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| refuse(format!("{key}[{at}].id"), "expected a name"))?;
        if seen.insert(id) { Ok(id) } else { Err(refuse(format!("{key}[{at}].id"), "is in the list already")) }
    };
    list.iter().enumerate().map(one).collect()
}

/// The factors that are known before any evaluation.
fn factors(entry: &Value) -> Factors {
    let mut factors = Factors::new();
    for key in ["provider", "reasoning", "open_weights"] {
        let factor = match &entry[key] {
            Value::String(text) if !text.is_empty() => Factor::Text(text.clone()),
            Value::Bool(flag) => Factor::Flag(*flag),
            _ => continue,
        };
        factors.insert(key.to_owned(), factor);
    }
    factors
}
