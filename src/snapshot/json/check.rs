//! Validation of a snapshot document. Every error names the path of the field.

use super::columns::{Column, Origin};
use super::{Document, FORMAT, TaskEntry, other_format};
use crate::error::{Error, Result};
use crate::lineage::Parent;
use crate::snapshot::values::{check_id, check_value};
use crate::snapshot::{DataSource, Factor, Factors, Range, TaskKind};
use std::collections::HashSet;

pub(super) fn document(document: &Document) -> Result<()> {
    if document.format != FORMAT {
        return Err(other_format(&document.format));
    }
    sources(&document.sources)?;
    if document.models.is_empty() || document.tasks.is_empty() {
        return Err(Error::input("the snapshot has no models or no tasks"));
    }
    let mut ids = HashSet::new();
    for (at, model) in document.models.iter().enumerate() {
        let path = || format!("models[{at}]");
        node(path, &model.id, &model.parents, &mut ids)?;
        factors(path, &model.factors)?;
        let texts = [("description", &model.description), ("license", &model.license), ("url", &model.url)];
        filled(path, texts.into_iter().chain([("configuration_of", &model.configuration_of)]))?;
        if model.names.iter().any(|name| name.trim().is_empty()) {
            return wrong(path(), "has an empty name");
        }
    }
    for (at, relative) in document.relatives.iter().enumerate() {
        node(|| format!("relatives[{at}]"), &relative.id, &relative.parents, &mut ids)?;
    }
    tasks(document)?;
    let columns = document.scores.iter().flatten();
    for (at, (column, task)) in columns.zip(&document.tasks).enumerate() {
        scores(at, column, task, document)?;
    }
    Ok(())
}

fn sources(sources: &[DataSource]) -> Result<()> {
    if sources.is_empty() {
        return wrong("sources", "is required and is empty");
    }
    let mut ids = HashSet::new();
    for (at, source) in sources.iter().enumerate() {
        for (name, text) in [("id", &source.id), ("name", &source.name), ("license", &source.license)] {
            if text.trim().is_empty() {
                return wrong(format_args!("sources[{at}].{name}"), "is required and is empty");
            }
        }
        if !ids.insert(source.id.as_str()) {
            return wrong(format_args!("sources[{at}]"), format_args!("repeats the id {:?}", source.id));
        }
    }
    Ok(())
}

/// Refuses an empty text where the text may be absent.
fn filled<'a>(
    path: impl Fn() -> String,
    texts: impl IntoIterator<Item = (&'static str, &'a Option<String>)>,
) -> Result<()> {
    for (name, text) in texts {
        if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
            return wrong(path(), format_args!("has an empty {name}; leave it out"));
        }
    }
    Ok(())
}

fn wrong<T>(path: impl std::fmt::Display, message: impl std::fmt::Display) -> Result<T> {
    Err(Error::input(format!("{path} {message}")))
}

fn node<'a>(path: impl Fn() -> String, id: &'a str, parents: &[Parent], ids: &mut HashSet<&'a str>) -> Result<()> {
    if id.trim().is_empty() {
        return wrong(path(), "has an empty id");
    }
    check_id(id).map_err(|error| Error::input(format!("{}.id: {error}", path())))?;
    if !ids.insert(id) {
        return wrong(path(), format_args!("repeats the id {id:?}"));
    }
    for (at, parent) in parents.iter().enumerate() {
        if parent.id.trim().is_empty() {
            return wrong(path(), format_args!("parents[{at}] has an empty id"));
        }
        check_id(&parent.id).map_err(|error| Error::input(format!("{}.parents[{at}].id: {error}", path())))?;
        if !(parent.weight.is_finite() && parent.weight > 0.0) {
            return wrong(path(), format_args!("parents[{at}].weight: expected more than 0, found {}", parent.weight));
        }
    }
    Ok(())
}

fn factors(path: impl Fn() -> String, factors: &Factors) -> Result<()> {
    for (name, factor) in factors {
        if matches!(factor, Factor::Number(number) if !number.is_finite()) {
            return wrong(path(), format_args!("factor {name:?} is not finite"));
        }
    }
    Ok(())
}

fn tasks(document: &Document) -> Result<()> {
    let kind = if document.outcomes.is_some() { TaskKind::Outcome } else { TaskKind::Score };
    let mut ids = HashSet::new();
    for (at, task) in document.tasks.iter().enumerate() {
        let path = || format!("tasks[{at}]");
        if task.id.trim().is_empty() {
            return wrong(path(), "has an empty id");
        }
        if !ids.insert(task.id.as_str()) {
            return wrong(path(), format_args!("repeats the id {:?}", task.id));
        }
        bounds(path, task, kind)?;
        let texts = [("subset", &task.subset), ("split", &task.split), ("task", &task.task), ("metric", &task.metric)];
        filled(path, texts.into_iter().chain([("dataset", &task.dataset), ("description", &task.description)]))?;
        if task.items == Some(0) {
            return wrong(path(), "has 0 items");
        }
        factors(path, &task.factors)?;
        if task.embedding.len() != document.tasks[0].embedding.len() {
            return wrong(path(), "has an embedding of another length than the first task");
        }
        if task.embedding.iter().any(|value| !value.is_finite()) {
            return wrong(path(), "has an embedding that is not finite");
        }
        pair_vectors(path, task, document)?;
    }
    if let Some(columns) = &document.scores
        && columns.len() != document.tasks.len()
    {
        return wrong("scores", format_args!("has {} columns for {} tasks", columns.len(), document.tasks.len()));
    }
    Ok(())
}

/// Each vector belongs to a model of the snapshot, and all have the length of the first one.
fn pair_vectors(path: impl Fn() -> String, task: &TaskEntry, document: &Document) -> Result<()> {
    let length = document.tasks.iter().find_map(|task| task.pair_vectors.values().next()).map_or(0, Vec::len);
    for (model, vector) in &task.pair_vectors {
        let path = || format!("{}.pair_vectors[{model:?}]", path());
        if !document.models.iter().any(|known| known.id == *model) {
            return wrong(path(), "is of a model that the snapshot lacks");
        }
        if vector.is_empty() || vector.len() != length {
            return wrong(path(), format_args!("has {} numbers, the first one {length}", vector.len()));
        }
        if vector.iter().any(|value| !value.is_finite()) {
            return wrong(path(), "has a number that is not finite");
        }
    }
    Ok(())
}

fn bounds(path: impl Fn() -> String, task: &TaskEntry, kind: TaskKind) -> Result<()> {
    if let Some(range) = task.range {
        if !(range.low.is_finite() && range.high.is_finite() && range.low < range.high) {
            return wrong(path(), format_args!("has a range from {} to {}", range.low, range.high));
        }
        if kind == TaskKind::Outcome && range != Range::FRACTION {
            return wrong(path(), "is an outcome, whose range is 0 to 1");
        }
    }
    if kind == TaskKind::Outcome && task.lower_is_better {
        return wrong(path(), "is an outcome, of which more is better");
    }
    match task.chance {
        Some(chance) => check_value(task.range, chance)
            .map_err(|error| Error::input(format!("{} has a chance level out of range: {error}", path()))),
        None => Ok(()),
    }
}

fn scores(at: usize, column: &Column, task: &TaskEntry, document: &Document) -> Result<()> {
    let path = || format!("scores[{at}]");
    let models = document.models.len();
    let expected = column.models.as_ref().map_or(models, Vec::len);
    if column.values.len() != expected {
        return wrong(path(), format_args!("has {} values for {expected} models", column.values.len()));
    }
    let rows = column.models.as_deref().unwrap_or_default();
    if let Some(row) = rows.iter().find(|&&row| row as usize >= models) {
        return wrong(path(), format_args!("names model {row}; there are {models}"));
    }
    if rows.windows(2).any(|pair| pair[0] >= pair[1]) {
        return wrong(path(), "must list its models in ascending order, each once");
    }
    for (position, &value) in column.values.iter().enumerate() {
        check_value(task.range, value)
            .map_err(|error| Error::input(format!("{}.values[{position}]: {error}", path())))?;
    }
    details(path, column, &document.sources)
}

fn details(path: impl Fn() -> String, column: &Column, sources: &[DataSource]) -> Result<()> {
    let count = column.values.len();
    let lists = [("errors", column.errors.len()), ("items", column.items.len()), ("dates", column.dates.len())];
    for (name, length) in lists {
        if length != 0 && length != count {
            return wrong(path(), format_args!("has {length} {name} for {count} values"));
        }
    }
    if column.errors.iter().flatten().any(|error| !(error.is_finite() && *error >= 0.0)) {
        return wrong(path(), "has a standard error below 0");
    }
    if column.items.contains(&Some(0)) {
        return wrong(path(), "has a score of 0 items");
    }
    let ids = match &column.source {
        None => &[][..],
        Some(Origin::All(id)) => std::slice::from_ref(id),
        Some(Origin::Each(ids)) if ids.len() == count => ids,
        Some(Origin::Each(ids)) => {
            return wrong(path(), format_args!("has {} sources for {count} values", ids.len()));
        }
    };
    match ids.iter().find(|id| sources.iter().all(|source| source.id != **id)) {
        Some(id) => wrong(path(), format_args!("names a source {id:?} that is not listed")),
        None => Ok(()),
    }
}
