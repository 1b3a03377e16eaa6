//! Tables with a row for each task and a column for each model, as HELM's (`Metric`) and OpenCompass's
//! (`dataset,version,metric,mode`) are.

use super::cells::{Content, content};
use super::markup;
use super::part::{Cell, Cells, ModelRows, Part, PartTask};
use super::report::{Column, Columns, Dropped, Role, label};
use super::table::Table;
use super::words::{TASKS, is_average_row, sense};
use crate::error::{Error, Place, Result, Warning};
use crate::snapshot::{Declared, Detail, Range, check_id, name_words};
use std::collections::HashMap;

/// Names of columns that describe the task of a row.
const ABOUT: [&str; 9] = ["version", "metric", "mode", "split", "subset", "shots", "n shot", "total count", "filter"];

/// Whether the first column names tasks and the others are models: by the name of the first column alone, since no
/// column names models.
pub(super) fn recognise(table: &Table<'_>, given: &Columns) -> bool {
    let forced = table.header.iter().any(|name| given.of(name).is_some_and(|(role, _)| role == Role::Model));
    let first = table.header.first().map(|name| name_words(name)).unwrap_or_default();
    let names_tasks =
        TASKS.contains(&first.trim()) || matches!(first.trim(), "metric" | "metrics" | "benchmarks" | "tasks");
    let others = table.header.iter().skip(1).filter(|name| !ABOUT.contains(&name_words(name).trim()));
    // Models have names of their own: none of these columns has a known meaning.
    names_tasks
        && !forced
        && others.clone().next().is_some()
        && others.clone().all(|name| sense(name).is_none_or(|_| name.contains('/')))
}

pub(super) fn read(mut table: Table<'_>) -> Result<Part> {
    let header = table.header.clone();
    let about = |word: &str| header.iter().position(|name| name_words(name).trim() == word);
    let (metric, subset) = (about("metric").filter(|&at| at > 0), about("subset"));
    let of_metrics = name_words(&header[0]).trim().starts_with("metric");
    let is_about = |at: usize| ABOUT.contains(&name_words(&header[at]).trim());
    let columns: Vec<usize> = (1..header.len()).filter(|&at| !is_about(at)).collect();
    let mut models = ModelRows::default();
    for &at in &columns {
        let named = markup::named(&header[at]);
        if named.name.is_empty() {
            return Err(Error::input(format!("column {} names no model", at + 1)).at(table.head()));
        }
        check_id(&named.name).map_err(|error| error.at(table.head()))?;
        if models.first(&named.name, 1).is_none() {
            return Err(Error::input(format!("two columns are named {:?}", header[at])).at(table.head()));
        }
    }
    let mut part = Part::new(table.name, Cells::Scores(Vec::new()));
    let (mut cells, mut seen, mut averages, mut unread) = (Vec::new(), HashMap::new(), 0, None);
    let decimal_comma = table.decimal_comma;
    table.each(|row| {
        let named = markup::named(row.get(0));
        if named.name.is_empty() {
            return Err(Error::input("the row names no task"));
        }
        if is_average_row(&named.name) {
            averages += 1;
            return Ok(());
        }
        let text = |column: Option<usize>| column.map(|at| row.get(at)).filter(|text| !matches!(*text, "" | "-"));
        let mut task = PartTask::plain(&*named.name);
        task.task.metric = text(metric).map(str::to_owned);
        if of_metrics && let Some((dataset, metric)) = named.name.rsplit_once(" - ") {
            task.task.metric = Some(metric.to_owned());
            dataset.clone_into(&mut task.task.dataset);
        }
        if let Some(subset) = text(subset) {
            (task.task.id, task.task.subset) = (format!("{}/{subset}", named.name), Some(subset.to_owned()));
        }
        let count = seen.entry(task.task.id.clone()).or_insert(0usize);
        *count += 1;
        if *count > 1 {
            let Some(metric) = &task.task.metric else {
                return Err(Error::input(format!("the task {:?} has a row already", task.task.id)));
            };
            task.task.id = format!("{} ({metric})", task.task.id);
        }
        task.label.clone_from(&task.task.id);
        let position = part.tasks.len() as u32;
        let (mut signed, mut outside) = (false, false);
        for (model, &at) in (0u32..).zip(&columns) {
            let number = match content(row.get(at), decimal_comma) {
                Content::Unknown => continue,
                Content::Number(number) => number,
                Content::Text(text) => {
                    let first = || (row.line, at, text.chars().take(40).collect::<String>(), 0usize);
                    unread.get_or_insert_with(first).3 += 1;
                    continue;
                }
            };
            let value = number.value as f32;
            signed |= number.percent;
            outside |= !Range::FRACTION.contains(value);
            let detail =
                Detail { error: number.error.map(|error| error as f32), items: number.items, ..Detail::default() };
            part.details.extend((!detail.is_empty()).then_some((model, position, detail)));
            cells.push(Cell { model, task: position, value, line: row.line as u32 });
        }
        if signed {
            (task.declared, task.reason) = (Declared::Range(Range::PERCENT), "by the signs in its cells");
        } else if of_metrics && outside {
            // HELM writes shares as fractions; all else has no bounds.
            task.declared = Declared::Open;
        }
        part.tasks.push(task);
        Ok(())
    })?;
    if let Some((line, at, text, count)) = unread {
        let place = table.place(line).field(&header[at]);
        let message = format!("expected a number, found {text:?}");
        if cells.len() < count {
            return Err(Error::input(message).at(place));
        }
        part.warnings.push(Warning::new(format!("{message}; {count} such cells are left out")).at(place));
        part.dropped.push(Dropped { what: "cells".to_owned(), why: "no number".to_owned(), count, expected: false });
    }
    if averages > 0 {
        part.dropped.push(Dropped {
            what: "rows".to_owned(),
            why: "averages of the rows".to_owned(),
            count: averages,
            expected: false,
        });
    }
    part.warnings.extend(table.short_warning());
    part.columns = roles(table.name, &header, &columns);
    let message = format!("benchmarks are in rows: {} models in columns", columns.len());
    part.warnings.push(Warning::new(message).at(Place::source(table.name)));
    part.models = models.models;
    part.cells = Cells::Scores(cells);
    Ok(part)
}

fn roles(name: &str, header: &[String], models: &[usize]) -> Vec<Column> {
    let column = |(at, header): (usize, &String)| {
        let header = &label(header, at);
        if at == 0 {
            let why = "names the tasks, one in each row";
            return Column { fact: Some("dataset".to_owned()), ..Column::new(name, header, Role::Fact, why) };
        }
        if models.contains(&at) {
            return Column::new(name, header, Role::Score, "the scores of a model");
        }
        let fact = name_words(header).trim().to_owned();
        Column { fact: Some(fact), ..Column::new(name, header, Role::Fact, "tells of the task") }
    };
    header.iter().enumerate().map(column).collect()
}
