//! Long tables: a row for each score, with columns for the model, the task and the score in any order. A dataset and, if
//! there are such columns, its subset, split and metric name the task together.

use super::cells::{Content, content};
use super::long_layout::Layout;
use super::markup;
use super::part::{Cell, Cells, ModelRows, Part, PartTask};
use super::report::{Columns, Dropped, Unit};
use super::stated::Stated;
use super::table::{Row, Table, date};
use super::task_ids::{self, Key, joined, part_of};
use crate::error::{Error, Place, Result, Warning};
use crate::snapshot::{DataSource, Detail};
use std::collections::{HashMap, HashSet};

/// Whether the names of the columns tell that the table is long.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn recognise(table: &Table<'_>, given: &Columns) -> bool {
    Layout::of(table, given).is_some()
}

/// What the rows told so far.
#[derive(Default)]
struct Reading {
    rows: ModelRows,
    tasks: Vec<Key>,
    types: Vec<String>,
    type_of: HashMap<String, u32>, // dataset -> position in `types`
    indices: HashMap<String, u32>, // joined key -> task
    cells: Vec<Cell>,
    details: Vec<(u32, u32, Detail)>,
    sources: Vec<DataSource>,
    seen: HashSet<(u32, u32)>,
    repeated: Option<(u64, usize)>,
    unread: Option<(u64, usize, String, usize)>, // line, column, text, count
    stated: Stated,
    /// Standard errors in rows of their own: model, the key of the score, error.
    errors: Vec<(u32, Key, f32)>,
}

/// Reads a long table whose columns are known.
pub(super) fn read(table: Table<'_>, given: &Columns, layout: Layout) -> Result<Part> {
    let mut reader = Reader::with(&table, given, layout);
    reader.add(table)?;
    reader.finish()
}

/// Reads a long table, also in pieces, each of which has the header.
pub(super) struct Reader {
    name: String,
    header: Vec<String>,
    head: Place,
    layout: Layout,
    unit: Option<Unit>,
    reading: Reading,
    any: bool,
    short: Option<Warning>,
}

impl Reader {
    /// Starts with the header of a table.
    #[cfg(not(target_arch = "wasm32"))]
    pub(super) fn new(table: &Table<'_>, given: &Columns) -> Result<Self> {
        let Some(layout) = Layout::of(table, given) else {
            return Err(Error::input("no columns of models, tasks and scores").at(table.head()));
        };
        Ok(Self::with(table, given, layout))
    }

    fn with(table: &Table<'_>, given: &Columns, layout: Layout) -> Self {
        let unit = layout.values.iter().find_map(|&at| given.of(&table.header[at])?.1);
        Self {
            name: table.name.to_owned(),
            header: table.header.clone(),
            head: table.head(),
            layout,
            unit,
            reading: Reading::default(),
            any: false,
            short: None,
        }
    }

    /// Adds the rows of a table, or of a piece of it.
    pub(super) fn add(&mut self, mut table: Table<'_>) -> Result<()> {
        let (layout, reading, decimal_comma) = (&self.layout, &mut self.reading, table.decimal_comma);
        let mut key = Key::default();
        self.any |= table.visit(|row| {
            layout.values.iter().try_for_each(|&value| reading.add(row, layout, value, &mut key, decimal_comma))
        })?;
        self.short = self.short.take().or_else(|| table.short_warning());
        Ok(())
    }

    /// The contents of the whole table.
    pub(super) fn finish(self) -> Result<Part> {
        if !self.any {
            return Err(Error::input("only a header, no rows").at(self.head));
        }
        let mut part = self.reading.into_part(&self.name, &self.header, &self.layout)?;
        part.warnings.extend(self.short);
        for task in &mut part.tasks {
            if let Some(unit) = self.unit {
                (task.declared, task.reason, task.given) = (unit.declared(), "as given", true);
            }
        }
        Ok(part)
    }
}

impl Reading {
    /// Adds the score that a row has in a column. `key` is reused.
    fn add(&mut self, row: &Row<'_>, layout: &Layout, value: usize, key: &mut Key, decimal_comma: bool) -> Result<()> {
        let named = markup::named(row.model(layout.model)?);
        let (id, _) = markup::without_note(&named.name);
        let model = self.rows.index(if id.is_empty() { row.get(layout.model) } else { id });
        if row.get(layout.task).is_empty() {
            return Err(Error::input("the row names no task"));
        }
        for (part, column) in key.iter_mut().zip([Some(layout.task), layout.subset, layout.split, layout.metric]) {
            column.map_or("", |column| row.get(column)).clone_into(part);
        }
        if let Some(metric) = error_of(&key[3]) {
            key[3] = metric;
            if let Content::Number(error) = content(row.get(value), decimal_comma) {
                self.errors.push((model, key.clone(), error.value as f32));
            }
            return Ok(());
        }
        if layout.values.len() > 1 {
            // Each column is a metric.
            key[3] = format!("{} {}", key[3], row.name(value)).trim().to_owned();
        }
        let task = self.task(key);
        if let Some((at, higher)) = layout.direction {
            self.stated.direction(task, row.line, row.get(at), higher);
        }
        if let Some(word) = layout.task_type.map(|at| row.get(at)).filter(|word| !word.is_empty())
            && !self.type_of.contains_key(&key[0])
        {
            self.type_of.insert(key[0].clone(), self.types.len() as u32);
            self.types.push(word.to_owned());
        }
        let number = match content(row.get(value), decimal_comma) {
            Content::Unknown => return Ok(()),
            Content::Number(number) => number,
            Content::Text(text) => {
                self.unread.get_or_insert_with(|| (row.line, value, text.chars().take(40).collect(), 0)).3 += 1;
                return Ok(());
            }
        };
        if !self.seen.insert((model, task)) {
            self.repeated.get_or_insert((row.line, 0)).1 += 1;
            return Ok(());
        }
        let amount = |column: Option<usize>| match content(column.map_or("", |at| row.get(at)), decimal_comma) {
            Content::Number(number) if number.value >= 0.0 => Some(number.value as f32),
            _ => None,
        };
        let detail = Detail {
            error: amount(layout.error).or(number.error.map(|error| error as f32)),
            items: amount(layout.items).map(|items| items as u32).or(number.items).filter(|items| *items > 0),
            date: layout.date.and_then(|at| date(row.get(at)).ok().flatten()),
            source: layout.source.and_then(|at| self.source(row.get(at))),
        };
        self.details.extend((!detail.is_empty()).then_some((model, task, detail)));
        let unit = layout.unit.map_or("", |at| row.get(at));
        self.stated.unit(self.cells.len(), row.line, unit, number.percent);
        self.cells.push(Cell { model, task, value: number.value as f32, line: row.line as u32 });
        Ok(())
    }

    /// Gives the errors in rows of their own to their scores; returns how many have none.
    fn add_errors(&mut self) -> usize {
        let mut lost = 0;
        for (model, key, error) in std::mem::take(&mut self.errors) {
            let task = self.indices.get(&joined(&[&key[0], &key[1], &key[2], &key[3]])).copied();
            let Some(task) = task.filter(|task| self.seen.contains(&(model, *task)) && error >= 0.0) else {
                lost += 1;
                continue;
            };
            match self.details.iter_mut().find(|(of, at, _)| (*of, *at) == (model, task)) {
                Some((.., detail)) => detail.error = detail.error.or(Some(error)),
                None => self.details.push((model, task, Detail { error: Some(error), ..Detail::default() })),
            }
        }
        lost
    }

    /// The position of a task.
    fn task(&mut self, key: &Key) -> u32 {
        let text = joined(&[&key[0], &key[1], &key[2], &key[3]]);
        if let Some(&task) = self.indices.get(&text) {
            return task;
        }
        let task = self.tasks.len() as u32;
        self.tasks.push(key.clone());
        self.indices.insert(text, task);
        task
    }

    /// The position of a source; the sources of a long table have names and no licence.
    fn source(&mut self, name: &str) -> Option<u32> {
        const MANY: usize = 1000; // then these are addresses of single scores
        if name.is_empty() || self.sources.len() > MANY {
            return None;
        }
        let at = self.sources.iter().position(|source| source.id == name).unwrap_or_else(|| {
            self.sources.push(DataSource::new(name, DataSource::NOT_STATED));
            self.sources.len() - 1
        });
        Some(at as u32)
    }

    fn into_part(mut self, name: &str, header: &[String], layout: &Layout) -> Result<Part> {
        let mut part = Part::new(name, Cells::Scores(Vec::new()));
        if let Some((line, at, text, count)) = self.unread.take() {
            let message = format!("expected a number, found {text:?}");
            let place = Place::source(name).line(line).field(&header[at]);
            if self.cells.len() < count {
                return Err(Error::input(message).at(place));
            }
            part.warnings.push(Warning::new(format!("{message}; {count} such cells are left out")).at(place));
            part.dropped.push(Dropped {
                what: "scores".to_owned(),
                why: "no number".to_owned(),
                count,
                expected: false,
            });
        }
        if let Some((line, count)) = self.repeated {
            let is_item = |cell: &Cell| cell.value == 0.0 || cell.value == 1.0;
            if count > self.cells.len() && self.cells.iter().all(is_item) {
                let message = "many rows for one model and task, as of single items; give one row with their mean";
                return Err(Error::input(message).at(Place::source(name).line(line)));
            }
            let message = format!("{count} rows repeat a model and task, this one first; the earlier scores were kept");
            part.warnings.push(Warning::new(message).at(Place::source(name).line(line)));
            let why = "repeat a model and task; the earlier scores were kept".to_owned();
            part.dropped.push(Dropped { what: "rows".to_owned(), why, count, expected: false });
        }
        let lost = self.add_errors();
        if lost > 0 {
            let why = "standard errors of no score".to_owned();
            part.dropped.push(Dropped { what: "rows".to_owned(), why, count: lost, expected: false });
        }
        part.tasks = self.named_tasks(&header[layout.values[0]]);
        let warnings = self.stated.apply(&mut part.tasks, &mut self.cells, &mut self.details);
        part.warnings
            .extend(warnings.into_iter().map(|(line, text)| Warning::new(text).at(Place::source(name).line(line))));
        part.columns = layout.columns(name, header);
        if self.sources.len() <= 1000 {
            part.sources = self.sources;
        } else {
            self.details.iter_mut().for_each(|(.., detail)| detail.source = None);
        }
        part.details = self.details;
        part.models = self.rows.models;
        part.cells = Cells::Scores(self.cells);
        Ok(part)
    }

    /// The tasks, in the order of their first rows.
    fn named_tasks(&self, label: &str) -> Vec<PartTask> {
        let task = |(key, id): (&Key, String)| {
            let [dataset, subset, split, metric] = key;
            let mut named = PartTask::plain(id);
            let stated = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            named.task.dataset.clone_from(dataset);
            (named.task.subset, named.task.split) = (stated(part_of(subset)), stated(split));
            let of_dataset = self.type_of.get(dataset).map(|&at| self.types[at as usize].clone());
            (named.task.metric, named.task.task_type) = (stated(metric), of_dataset);
            label.clone_into(&mut named.label);
            named
        };
        let ids = task_ids::ids(&self.tasks.iter().collect::<Vec<_>>());
        self.tasks.iter().zip(ids).map(task).collect()
    }
}

/// The metric of whose standard error this is the name: `acc` for `acc_stderr` and `acc_stderr,none`.
fn error_of(metric: &str) -> Option<String> {
    let at = metric.find("_stderr").or_else(|| metric.find(" stderr")).filter(|at| *at > 0)?;
    Some(format!("{}{}", &metric[..at], &metric[at + "_stderr".len()..]))
}
