//! HELM's table of metrics: the first column is `Metric`, each row is `scenario - metric`, the other columns are
//! models, and `-` marks an unknown value.
//!
//! A metric with a value outside 0..1 (bits per byte, a length, a score that can be negative) is open-ended. Values
//! keep their direction: a lower number of bits per byte is better.

use super::part::{Cell, Cells, ModelRows, Part, PartTask};
use super::table::{Table, score};
use crate::error::{Error, Place, Result};
use crate::snapshot::{Declared, Range, check_id};
use std::collections::HashSet;

/// Whether a table has metrics as rows and models as columns.
pub(super) fn recognise(table: &Table<'_>) -> bool {
    table.header.first().is_some_and(|name| name.eq_ignore_ascii_case("metric"))
}

pub(super) fn read(mut table: Table<'_>) -> Result<Part> {
    let header = table.header.clone();
    let mut models = ModelRows::default();
    for id in &header[1..] {
        if id.is_empty() {
            return Err(Error::input("a column names no model").at(table.head()));
        }
        check_id(id).map_err(|error| error.at(table.head()))?;
        if models.first(id, 1).is_none() {
            return Err(Error::input(format!("two columns are named {id:?}")).at(table.head()));
        }
    }
    let (mut tasks, mut cells, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    table.each(|row| {
        let id = row.get(0);
        if id.is_empty() {
            return Err(Error::input("the row names no metric"));
        }
        if !seen.insert(id.to_owned()) {
            return Err(Error::input(format!("the metric {id:?} has a row already")));
        }
        let task = tasks.len() as u32;
        let mut part_task = PartTask::plain(id);
        part_task.task.metric = id.rsplit_once(" - ").map(|(_, metric)| metric.to_owned());
        for (model, name) in header[1..].iter().enumerate() {
            let cell = row.get(model + 1);
            let value = if cell == "-" { None } else { score(cell).map_err(|e| e.at(Place::default().field(name)))? };
            let Some(value) = value else { continue };
            if !Range::FRACTION.contains(value) {
                part_task.declared = Declared::Open;
            }
            cells.push(Cell { model: model as u32, task, value, line: row.line as u32 });
        }
        tasks.push(part_task);
        Ok(())
    })?;
    let warnings = table.short_warning().into_iter().collect();
    Ok(Part { models: models.models, tasks, warnings, ..Part::new(table.name, Cells::Scores(cells)) })
}
