//! Tables with a row for each task and a column for each model, as model cards, HELM (`Metric`) and OpenCompass
//! (`dataset,version,metric,mode`) write them. Where the tasks stand: [`super::orientation`].

use super::cells::{Content, content};
use super::markup;
use super::name_parts::is_average_row;
use super::orientation::{Turned, is_about};
use super::part::{BY_SIGNS, Cell, Cells, ModelRows, Part, PartTask, some_of};
use super::report::{Column, Dropped, Role, label};
use super::table::{Row, Table};
use super::words::{Sense, sense};
use crate::error::{Error, Place, Result, Warning};
use crate::snapshot::{Declared, Detail, FactKind, Range, check_id, name_words};
use std::collections::HashMap;

/// The columns that tell of the task of a row.
struct About {
    task: usize,
    /// Whether the column of the tasks is one of metrics, as HELM's `MMLU - EM`.
    of_metrics: bool,
    metric: Option<usize>,
    subset: Option<usize>,
    shots: Option<usize>,
    /// A group of tasks, which stands in the first of its rows alone.
    group: Option<usize>,
}

impl About {
    fn of(header: &[String], task: usize) -> Self {
        let words: Vec<String> = header.iter().map(|name| name_words(name).trim().to_owned()).collect();
        let find = |names: &[&str]| (0..words.len()).find(|&at| at != task && names.contains(&words[at].as_str()));
        Self {
            task,
            of_metrics: words[task].starts_with("metric"),
            metric: find(&["metric", "metrics", "evaluation metric", "eval metric"]),
            subset: find(&["subset"]),
            shots: find(&["# shots", "shots", "n shot", "n shots", "num shots", "shot", "few shot", "setting"]),
            group: find(&["category", "categories", "type", "task type", "capability", "domain", "area", "skill"])
                .or_else(|| (0..task).find(|&at| words[at].is_empty())),
        }
    }

    /// The task of a row, without the cells.
    fn task(
        &self,
        row: &Row<'_>,
        name: &str,
        seen: &mut HashMap<String, Option<String>>,
        group: &mut Option<String>,
    ) -> Result<PartTask> {
        let text = |column: Option<usize>| column.map(|at| row.get(at)).filter(|text| !matches!(*text, "" | "-"));
        let mut task = PartTask::plain(name);
        task.task.metric = text(self.metric).map(str::to_owned);
        if self.of_metrics
            && let Some((dataset, metric)) = name.rsplit_once(" - ")
        {
            task.task.metric = Some(metric.to_owned());
            dataset.clone_into(&mut task.task.dataset);
        }
        if let Some(subset) = text(self.subset) {
            (task.task.id, task.task.subset) = (format!("{name}/{subset}"), Some(subset.to_owned()));
        }
        if let Some(named) = text(self.group) {
            *group = Some(markup::named(named).name.into_owned());
        }
        task.task.task_type.clone_from(group);
        if let Some(first) = seen.get(&task.task.id) {
            // Rows of one name differ in the metric, the shots or the group.
            let metric = task.task.metric.clone().filter(|metric| Some(metric) != first.as_ref());
            let shots = text(self.shots)
                .map(|shots| if shots.parse::<u32>().is_ok() { format!("{shots}-shot") } else { shots.to_owned() });
            let differences = [metric, shots, text(self.group).map(str::to_owned)];
            let mut named = differences.into_iter().flatten().map(|more| format!("{} ({more})", task.task.id));
            let Some(id) = named.find(|id| !seen.contains_key(id)) else {
                return Err(Error::input(format!("the task {:?} has a row already", task.task.id)));
            };
            task.task.id = id;
        }
        seen.insert(task.task.id.clone(), task.task.metric.clone());
        task.label.clone_from(&task.task.id);
        Ok(task)
    }
}

/// Whether a row is about the models and no task: their sizes, days, prices, addresses.
fn tells_of_models(name: &str) -> bool {
    matches!(
        sense(name),
        Some(
            Sense::Fact(_, FactKind::Amount | FactKind::Day)
                | Sense::Date(_)
                | Sense::Link
                | Sense::Licence
                | Sense::Parents
                | Sense::Rank
                | Sense::Cost
                | Sense::Popularity
        )
    )
}

pub(super) fn read(mut table: Table<'_>, turned: &Turned) -> Result<Part> {
    let header = table.header.clone();
    let about = About::of(&header, turned.task);
    let columns: Vec<usize> = (0..header.len())
        .filter(|&at| at != turned.task && !turned.skipped.contains(&at))
        .filter(|&at| !is_about(&header[at]))
        .collect();
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
    let (mut blank, mut of_models, mut group) = (Vec::new(), Vec::new(), None);
    let decimal_comma = table.decimal_comma;
    table.each(|row| {
        let named = markup::named(row.get(about.task));
        if columns.iter().all(|&at| content(row.get(at), decimal_comma) == Content::Unknown) {
            // The title of a section, or a task without a score.
            blank.extend((!named.name.is_empty()).then(|| named.name.into_owned()));
            return Ok(());
        }
        if named.name.is_empty() {
            return Err(Error::input("the row names no task"));
        }
        if is_average_row(&named.name) {
            averages += 1;
            return Ok(());
        }
        if tells_of_models(&named.name) {
            of_models.push(named.name.into_owned());
            return Ok(());
        }
        let mut task = about.task(row, &named.name, &mut seen, &mut group)?;
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
            task.signed.extend((number.percent && value <= 1.0).then_some(value));
            outside |= !Range::FRACTION.contains(value);
            let detail =
                Detail { error: number.error.map(|error| error as f32), items: number.items, ..Detail::default() };
            part.details.extend((!detail.is_empty()).then_some((model, position, detail)));
            cells.push(Cell { model, task: position, value, line: row.line as u32 });
        }
        if signed {
            (task.declared, task.reason) = (Declared::Range(Range::PERCENT), BY_SIGNS);
        } else if about.of_metrics && outside && task.task.metric.is_some() {
            // HELM writes shares as fractions; all else has no bounds.
            task.declared = Declared::Open;
        }
        if cells.last().is_some_and(|cell: &Cell| cell.task == position) {
            part.tasks.push(task);
        }
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
    let mut leave_out = |what: String, why: &str, count: usize| {
        part.dropped.extend((count > 0).then(|| Dropped { what, why: why.to_owned(), count, expected: false }));
    };
    leave_out("rows".to_owned(), "averages of the rows", averages);
    for (names, why) in [(&blank, "no score, as the title of a section"), (&of_models, "tells of the models")] {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        leave_out(format!("rows: {}", some_of(&names)), why, names.len());
    }
    part.warnings.extend(table.short_warning());
    part.columns = roles(table.name, &header, turned.task, &columns);
    let message = format!("benchmarks are in rows: {} models in columns", columns.len());
    part.warnings.push(Warning::new(message).at(Place::source(table.name)));
    part.models = models.models;
    part.cells = Cells::Scores(cells);
    Ok(part)
}

fn roles(name: &str, header: &[String], task: usize, models: &[usize]) -> Vec<Column> {
    let column = |(at, plain): (usize, &String)| {
        let header = &label(plain, at);
        if at == task {
            let why = "names the tasks, one in each row";
            return Column { fact: Some("dataset".to_owned()), ..Column::new(name, header, Role::Fact, why) };
        }
        if models.contains(&at) {
            return Column::new(name, header, Role::Score, "the scores of a model");
        }
        if !is_about(plain) {
            return Column::new(name, header, Role::Skip, "no model by its name");
        }
        let fact = name_words(header).trim().to_owned();
        Column { fact: Some(fact), ..Column::new(name, header, Role::Fact, "tells of the task") }
    };
    header.iter().enumerate().map(column).collect()
}
