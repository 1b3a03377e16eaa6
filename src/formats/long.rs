//! Long tables: a row for each score, with columns for the model, the task and the score in any order. A dataset and, if
//! there are such columns, its subset, split and metric name the task together.

use super::cells::{Content, content};
use super::markup;
use super::part::{Cell, Cells, ModelRows, Part, PartTask};
use super::report::{Column, Columns, Dropped, Role, Unit, label};
use super::table::{Row, Table, date};
use super::task_ids::{self, Key, joined, part_of};
use super::words::{Sense, TASKS, sense};
use crate::error::{Error, Place, Result, Warning};
use crate::snapshot::{DataSource, Declared, Detail, Range, name_words};
use std::collections::{HashMap, HashSet};

/// Names of columns of scores, the best first.
const VALUES: [&str; 12] = [
    "score",
    "value",
    "result",
    "main score",
    "performance",
    "metric value",
    "mean score",
    "best score across scorers",
    "best score",
    "accuracy",
    "mean",
    "em",
];

/// The positions of the columns.
struct Layout {
    model: usize,
    task: usize,
    value: usize,
    subset: Option<usize>,
    split: Option<usize>,
    metric: Option<usize>,
    task_type: Option<usize>,
    error: Option<usize>,
    items: Option<usize>,
    date: Option<usize>,
    source: Option<usize>,
}

impl Layout {
    /// The columns by their names and given roles; `None` if the table is of another kind.
    fn of(table: &Table<'_>, given: &Columns) -> Option<Self> {
        let words: Vec<String> = table.header.iter().map(|name| name_words(name).trim().to_owned()).collect();
        let role = |at: usize| given.of(&table.header[at]).map(|(role, _)| role);
        let with = |wanted: Role| (0..words.len()).find(|&at| role(at) == Some(wanted));
        let free = |at: usize, wanted: Role| role(at).is_none_or(|role| role == wanted || role == Role::Fact);
        let named = |names: &[&str], wanted: Role| {
            names.iter().find_map(|name| words.iter().position(|word| word == name).filter(|&at| free(at, wanted)))
        };
        let model = with(Role::Model).or_else(|| {
            let place = |at: usize| match sense(&table.header[at]) {
                Some(Sense::Model(place)) if free(at, Role::Model) => Some((place, at)),
                _ => None,
            };
            (0..words.len()).filter_map(place).min().map(|(_, at)| at)
        })?;
        let task = named(&TASKS, Role::Fact)?;
        let value = with(Role::Score).or_else(|| named(&VALUES, Role::Score))?;
        let other = |names: &[&str]| named(names, Role::Fact).filter(|at| ![model, task, value].contains(at));
        Some(Self {
            model,
            task,
            value,
            subset: other(&["subset", "config", "subtask", "hf subset", "category"]),
            split: other(&["split", "eval split"]),
            metric: other(&["metric", "metric name", "metric id"]),
            task_type: other(&["task type", "task", "type"]),
            error: with(Role::Error)
                .or_else(|| named(&["stderr", "std err", "standard error", "se", "error"], Role::Error)),
            items: with(Role::Items)
                .or_else(|| named(&["items", "n samples", "num samples", "n items", "samples", "n"], Role::Items)),
            date: with(Role::Date).or_else(|| named(&["date", "evaluated", "evaluation date"], Role::Date)),
            source: other(&["source", "source name", "source id"]),
        })
    }
}

/// Whether the table is long.
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
    unread: Option<(u64, String, usize)>,
    percent: Vec<usize>, // positions of cells with a sign of percent
}

pub(super) fn read(table: Table<'_>, given: &Columns) -> Result<Part> {
    let mut reader = Reader::new(&table, given)?;
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
    pub(super) fn new(table: &Table<'_>, given: &Columns) -> Result<Self> {
        let Some(layout) = Layout::of(table, given) else {
            return Err(Error::input("no columns of models, tasks and scores").at(table.head()));
        };
        let unit = given.of(&table.header[layout.value]).and_then(|(_, unit)| unit);
        Ok(Self {
            name: table.name.to_owned(),
            header: table.header.clone(),
            head: table.head(),
            layout,
            unit,
            reading: Reading::default(),
            any: false,
            short: None,
        })
    }

    /// Adds the rows of a table, or of a piece of it.
    pub(super) fn add(&mut self, mut table: Table<'_>) -> Result<()> {
        let (layout, reading, decimal_comma) = (&self.layout, &mut self.reading, table.decimal_comma);
        let mut key = Key::default();
        self.any |= table.visit(|row| reading.add(row, layout, &mut key, decimal_comma))?;
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
    /// Adds a row. `key` is reused.
    fn add(&mut self, row: &Row<'_>, layout: &Layout, key: &mut Key, decimal_comma: bool) -> Result<()> {
        let named = markup::named(row.model(layout.model)?);
        let (id, _) = markup::without_note(&named.name);
        let model = self.rows.index(if id.is_empty() { row.get(layout.model) } else { id });
        if row.get(layout.task).is_empty() {
            return Err(Error::input("the row names no task"));
        }
        for (part, column) in key.iter_mut().zip([Some(layout.task), layout.subset, layout.split, layout.metric]) {
            column.map_or("", |column| row.get(column)).clone_into(part);
        }
        let task = self.task(key);
        if let Some(word) = layout.task_type.map(|at| row.get(at)).filter(|word| !word.is_empty())
            && !self.type_of.contains_key(&key[0])
        {
            self.type_of.insert(key[0].clone(), self.types.len() as u32);
            self.types.push(word.to_owned());
        }
        let number = match content(row.get(layout.value), decimal_comma) {
            Content::Unknown => return Ok(()),
            Content::Number(number) => number,
            Content::Text(text) => {
                self.unread.get_or_insert_with(|| (row.line, text.chars().take(40).collect(), 0)).2 += 1;
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
        self.percent.extend(number.percent.then_some(self.cells.len()));
        self.cells.push(Cell { model, task, value: number.value as f32, line: row.line as u32 });
        Ok(())
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
        let place = |line: u64| Place::source(name).line(line).field(&header[layout.value]);
        if let Some((line, text, count)) = self.unread.take() {
            let message = format!("expected a number, found {text:?}");
            if self.cells.len() < count {
                return Err(Error::input(message).at(place(line)));
            }
            part.warnings.push(Warning::new(format!("{message}; {count} such cells are left out")).at(place(line)));
            part.dropped.push(Dropped {
                what: "scores".to_owned(),
                why: "no number".to_owned(),
                count,
                expected: false,
            });
        }
        if let Some((line, count)) = self.repeated {
            let message = format!("{count} rows repeat a model and task, this one first; the earlier scores were kept");
            part.warnings.push(Warning::new(message).at(Place::source(name).line(line)));
            let why = "repeat a model and task; the earlier scores were kept".to_owned();
            part.dropped.push(Dropped { what: "rows".to_owned(), why, count, expected: false });
        }
        part.tasks = self.named_tasks(&header[layout.value]);
        self.use_signs(&mut part.tasks);
        part.columns = columns(name, header, layout);
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

    /// Where some scores of a task have a sign of percent: all of it is percent, or the others are fractions and these
    /// become fractions too.
    fn use_signs(&mut self, tasks: &mut [PartTask]) {
        let signed = |at: usize| self.percent.binary_search(&at).is_ok();
        let mut fractions = vec![true; tasks.len()];
        let mut plain = vec![false; tasks.len()];
        for (_, cell) in self.cells.iter().enumerate().filter(|&(at, _)| !self.percent.is_empty() && !signed(at)) {
            plain[cell.task as usize] = true;
            fractions[cell.task as usize] &= Range::FRACTION.contains(cell.value);
        }
        for &at in &self.percent {
            let cell = &mut self.cells[at];
            let task = cell.task as usize;
            let fraction = plain[task] && fractions[task];
            cell.value /= if fraction { Range::PERCENT.high } else { 1.0 };
            tasks[task].declared = Declared::Range(if fraction { Range::FRACTION } else { Range::PERCENT });
            tasks[task].reason = "by the signs in its cells";
        }
    }
}

/// The roles of the columns.
fn columns(name: &str, header: &[String], layout: &Layout) -> Vec<Column> {
    let facts = [
        (Some(layout.task), "dataset"),
        (layout.subset, "subset"),
        (layout.split, "split"),
        (layout.metric, "metric"),
        (layout.task_type, "task"),
        (layout.source, "source"),
    ];
    let column = |(at, header): (usize, &String)| {
        let role = |role, why: &str| Column::new(name, &label(header, at), role, why);
        let is = |column: Option<usize>| column == Some(at);
        match () {
            () if at == layout.model => role(Role::Model, "names the models"),
            () if at == layout.value => role(Role::Score, "a score in each row"),
            () if is(layout.error) => role(Role::Error, "standard errors by its name"),
            () if is(layout.items) => role(Role::Items, "the numbers of items"),
            () if is(layout.date) => role(Role::Date, "the days of the scores"),
            () => match facts.iter().find(|(column, _)| is(*column)) {
                Some((_, fact)) => Column { fact: Some((*fact).to_owned()), ..role(Role::Fact, "tells of the score") },
                None => role(Role::Skip, "no meaning in a table with a row for each score"),
            },
        }
    };
    header.iter().enumerate().map(column).collect()
}
