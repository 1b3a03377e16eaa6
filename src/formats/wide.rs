//! Wide tables: one row for each model, one column for each task. An unnamed index column before the models is ignored.

use super::part::{Cell, Cells, ModelRows, Part, PartTask};
use super::table::{Table, score};
use crate::error::{Error, Result};
use std::collections::HashMap;

/// The names of a column of models.
pub(super) const MODEL_NAMES: [&str; 6] = ["model", "model_name", "model name", "model_id", "fullname", "name"];

pub(super) fn read(mut table: Table<'_>) -> Result<Part> {
    let (model, columns) = columns(&table)?;
    let mut rows = ModelRows::default();
    let mut cells = Vec::new();
    let header = table.header.clone();
    table.each(|row| {
        let Some(index) = rows.first(row.model(model)?, row.line) else { return Ok(()) };
        for (task, &column) in (0u32..).zip(&columns) {
            let value = score(row.get(column))
                .map_err(|error| error.at(crate::error::Place::default().field(&header[column])))?;
            cells.extend(value.map(|value| Cell { model: index, task, value, line: row.line as u32 }));
        }
        Ok(())
    })?;
    let tasks = columns.iter().map(|&column| PartTask::plain(&header[column])).collect();
    let warnings = rows.warning(table.name).into_iter().collect();
    Ok(Part { models: rows.models, tasks, warnings, ..Part::new(table.name, Cells::Scores(cells)) })
}

/// The column of the models and the columns of the tasks, without an unnamed index column.
pub(super) fn columns(table: &Table<'_>) -> Result<(usize, Vec<usize>)> {
    let unnamed = |name: &str| name.is_empty() || name == "Unnamed: 0";
    let model = if unnamed(&table.header[0]) { table.column(&MODEL_NAMES[..2]).unwrap_or(0) } else { 0 };
    let columns: Vec<usize> =
        (0..table.header.len()).filter(|&at| at != model && !(at == 0 && unnamed(&table.header[0]))).collect();
    let mut seen = HashMap::new();
    for &column in &columns {
        let name = &table.header[column];
        if name.is_empty() {
            return Err(Error::input(format!("column {} has no name", column + 1)).at(table.place(1)));
        }
        if let Some(first) = seen.insert(name.as_str(), column) {
            let message = format!("columns {} and {} are both named {name:?}", first + 1, column + 1);
            return Err(Error::input(message).at(table.place(1)));
        }
    }
    if columns.is_empty() {
        return Err(Error::input("no column of scores beside the models").at(table.place(1)));
    }
    Ok((model, columns))
}
