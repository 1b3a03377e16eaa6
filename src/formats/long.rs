//! Long tables: one row for each score, `model,task,value[,metric]`, with the columns in any order.

use super::part::{Cell, Cells, ModelRows, Part, PartTask};
use super::table::{Table, score};
use super::wide::MODEL_NAMES;
use crate::error::{Error, Place, Result, Warning};
use std::collections::{HashMap, HashSet};

const TASK_NAMES: [&str; 4] = ["task", "benchmark", "dataset", "task_name"];
const VALUE_NAMES: [&str; 3] = ["value", "score", "result"];
const METRIC_NAMES: [&str; 2] = ["metric", "metric_name"];

/// Whether the header is that of a long table.
pub(super) fn recognise(table: &Table<'_>) -> bool {
    [&MODEL_NAMES[..], &TASK_NAMES, &VALUE_NAMES].iter().all(|names| table.column(names).is_some())
}

pub(super) fn read(mut table: Table<'_>) -> Result<Part> {
    let (model, task) = (table.require(&MODEL_NAMES)?, table.require(&TASK_NAMES)?);
    let (value, metric) = (table.require(&VALUE_NAMES)?, table.column(&METRIC_NAMES));
    let label = table.header[value].clone();
    let mut rows = ModelRows::default();
    let mut tasks: Vec<(String, String)> = Vec::new(); // task and metric
    let mut indices: HashMap<(String, String), u32> = HashMap::new();
    let mut cells = Vec::new();
    let mut seen = HashSet::new();
    let mut repeated: Option<(u64, usize)> = None;
    table.each(|row| {
        let index = rows.index(row.model(model)?);
        if row.get(task).is_empty() {
            return Err(Error::input("the row names no task"));
        }
        let key = (row.get(task).to_owned(), metric.map_or("", |at| row.get(at)).to_owned());
        let task = *indices.entry(key).or_insert_with_key(|key| {
            tasks.push(key.clone());
            tasks.len() as u32 - 1
        });
        let value = score(row.get(value)).map_err(|error| error.at(Place::default().field(&label)))?;
        let Some(value) = value else { return Ok(()) };
        if seen.insert((index, task)) {
            cells.push(Cell { model: index, task, value, line: row.line as u32 });
        } else {
            repeated.get_or_insert((row.line, 0)).1 += 1;
        }
        Ok(())
    })?;
    let warnings = repeated.map(|(line, count)| {
        let message = format!("{count} rows repeat a model and task, this one first; the earlier scores were kept");
        Warning::new(message).at(Place::source(table.name).line(line))
    });
    let tasks = name_tasks(&tasks, &label);
    let part = Part::new(table.name, Cells::Scores(cells));
    Ok(Part { models: rows.models, tasks, warnings: warnings.into_iter().collect(), ..part })
}

/// Metrics are never mixed: a task with several metrics becomes several tasks, `task (metric)`.
fn name_tasks(tasks: &[(String, String)], label: &str) -> Vec<PartTask> {
    let mut metrics: HashMap<&str, usize> = HashMap::new();
    tasks.iter().for_each(|(task, _)| *metrics.entry(task).or_default() += 1);
    tasks
        .iter()
        .map(|(task, metric)| {
            let several = metrics[task.as_str()] > 1 && !metric.is_empty();
            let mut named = PartTask::plain(if several { format!("{task} ({metric})") } else { task.clone() });
            named.task.dataset.clone_from(task);
            named.task.metric = (!metric.is_empty()).then(|| metric.clone());
            label.clone_into(&mut named.label);
            named
        })
        .collect()
}
