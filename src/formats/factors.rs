//! Tables of facts about models or tasks, with one row or column for each model or task.

use super::cells::{Content, content};
use super::join::some_names;
use super::model_facts::{self, FactCell, FactColumn};
use super::part::{Part, PartTask};
use super::report::{Column, Columns, Role};
use super::table::{Table, flag, number};
use crate::error::{Error, Place, Result, Warning};
use crate::linalg::distinct;
use crate::lineage::NamedEdge;
use crate::snapshot::{Declared, Factor, Factors, Model, Range, Task, TaskKind, canonical_task};
use std::collections::{BTreeSet, HashMap, HashSet};

/// The table by subject (model or task): each subject has its cells in the order of `names`.
struct Facts {
    file: String,
    names: Vec<String>,
    subjects: Vec<Subject>,
}

struct Subject {
    id: String,
    cells: Vec<String>,
    /// The line of each cell, and the name of its column in the file.
    places: Vec<Place>,
}

/// What a table of facts about models brought beside facts.
#[derive(Default)]
pub(super) struct Brought {
    pub(super) edges: Vec<NamedEdge>,
    pub(super) warnings: Vec<Warning>,
    pub(super) columns: Vec<Column>,
}

/// The position of a model, by its own id or by another spelling.
#[derive(Clone, Copy)]
pub(super) enum Found {
    Same(u32),
    Alias(u32),
}

/// For each name, its model. A model that is named by its own id too is not found by another spelling.
fn places<'n>(names: impl Iterator<Item = &'n str> + Clone, find: impl Fn(&str) -> Option<Found>) -> Vec<Option<u32>> {
    let found: Vec<Option<Found>> = names.map(find).collect();
    let own: HashSet<u32> = found
        .iter()
        .filter_map(|found| match found {
            Some(Found::Same(model)) => Some(*model),
            _ => None,
        })
        .collect();
    let place = |found: Option<Found>| match found? {
        Found::Same(model) => Some(model),
        Found::Alias(model) => Some(model).filter(|model| !own.contains(model)),
    };
    found.into_iter().map(place).collect()
}

/// Adds facts to models; `find` gives the position of the model of a name. A warning names subjects that are not models
/// of the snapshot.
pub(super) fn apply_to_models(
    table: Table<'_>,
    models: &mut [Model],
    find: impl Fn(&str) -> Option<Found>,
    given: &Columns,
) -> Result<Brought> {
    let facts = read(table, |id| find(id).is_some(), "model")?;
    let mut unknown = BTreeSet::new();
    let positions = places(facts.subjects.iter().map(|subject| subject.id.as_str()), &find);
    let lost = facts.subjects.iter().filter(|subject| find(&subject.id).is_none());
    unknown.extend(lost.map(|subject| subject.id.as_str()));
    let mut brought = Brought::default();
    let mut columns = Vec::new();
    for (at, name) in facts.names.iter().enumerate() {
        let cell = |(subject, model): (&Subject, &Option<u32>)| {
            let text = subject.cells[at].clone();
            let line = subject.places[at].line.unwrap_or(0);
            Some(FactCell { model: (*model)?, line, text }).filter(|cell| !cell.text.is_empty())
        };
        let column = FactColumn::of_facts(name, facts.subjects.iter().zip(&positions).filter_map(cell).collect());
        let (role, fact) = column.role();
        let why = if column.cells.is_empty() { "holds no value for these models" } else { "a column of facts" };
        let skipped = matches!(given.of(name), Some((Role::Skip, _)));
        let role = if skipped { Role::Skip } else { role };
        brought
            .columns
            .push(Column { fact, ..Column::new(&facts.file, name, role, if skipped { "as given" } else { why }) });
        columns.extend((!skipped).then_some(column));
    }
    model_facts::apply(columns, models, &facts.file, &mut brought.edges, &mut brought.warnings);
    brought.warnings.extend(unknown_warning(&facts.file, "model", &unknown));
    Ok(brought)
}

/// Adds facts and dates from a leaderboard to models. The leaderboard's other models are ignored without a warning.
pub(super) fn take_from_models(part: Part, models: &mut [Model], find: impl Fn(&str) -> Option<Found>) -> Result<()> {
    let mut known = false;
    let places = places(part.models.iter().map(|model| model.id.as_str()), find);
    for (model, place) in part.models.into_iter().zip(places) {
        let Some(own) = place else { continue };
        known = true;
        let own = &mut models[own as usize];
        own.factors.extend(model.factors);
        own.date = model.date.or(own.date);
    }
    if known { Ok(()) } else { Err(Error::input("names no model of the results").at(Place::source(part.name))) }
}

/// Adds facts to tasks. Some columns set fields of the task ([`FIELDS`]); others are factors. A row that names a dataset
/// applies to all its tasks.
pub(super) fn apply_to_tasks(table: Table<'_>, parts: &mut [Part]) -> Result<Vec<Warning>> {
    let is_named =
        |task: &Task, id: &str| task.id == id || task.dataset == id || canonical_task(&task.id) == canonical_task(id);
    let mut names: HashSet<String> = HashSet::new();
    for task in parts.iter().flat_map(|part| &part.tasks) {
        names.extend([canonical_task(&task.task.id), task.task.dataset.clone(), task.task.id.clone()]);
    }
    let known = |id: &str| names.contains(id) || names.contains(&canonical_task(id));
    let facts = read(table, known, "task")?;
    let mut warnings = Vec::new();
    let columns = typed(&facts, &mut warnings);
    let mut unknown = BTreeSet::new();
    let mut tasks: HashMap<String, Vec<&mut PartTask>> = HashMap::new();
    for task in parts.iter_mut().flat_map(|part| &mut part.tasks) {
        tasks.entry(task.task.id.clone()).or_default().push(task);
    }
    for (at, subject) in facts.subjects.iter().enumerate() {
        let fields = Fields::take(&facts, subject)?;
        let factor = |(name, column): (&String, &Vec<Option<Factor>>)| {
            let is_factor = !FIELDS.contains(&folded(name).as_str());
            Some((name.clone(), column[at].clone()?)).filter(|_| is_factor)
        };
        let row: Factors = facts.names.iter().zip(&columns).filter_map(factor).collect();
        let apply = |task: &mut PartTask| {
            task.task.factors.extend(row.clone());
            fields.apply(task);
        };
        if let Some(exact) = tasks.get_mut(&subject.id) {
            exact.iter_mut().for_each(|task| apply(task));
        } else if known(&subject.id) {
            let named = tasks.values_mut().flatten().filter(|task| is_named(&task.task, &subject.id));
            named.for_each(|task| apply(task));
        } else {
            unknown.insert(subject.id.as_str());
        }
    }
    warnings.extend(unknown_warning(&facts.file, "task", &unknown));
    Ok(warnings)
}

/// Columns that set fields of a task and are not factors.
const FIELDS: [&str; 17] = [
    "range_low",
    "range_high",
    "low",
    "high",
    "unit",
    "chance",
    "benchmark",
    "dataset",
    "subset",
    "split",
    "task",
    "metric",
    "lower_is_better",
    "higher_is_better",
    "items",
    "description",
    "name",
];

/// The fields of a task that a row states.
struct Fields {
    declared: Declared,
    chance: Option<f32>,
    items: Option<u32>,
    shots: Option<u32>,
    lower_is_better: Option<bool>,
    dataset: Option<String>,
    subset: Option<String>,
    split: Option<String>,
    task_type: Option<String>,
    metric: Option<String>,
    description: Option<String>,
}

impl Fields {
    fn take(facts: &Facts, subject: &Subject) -> Result<Self> {
        let column = |name: &str| facts.names.iter().position(|known| folded(known) == name);
        let text = |name: &str| column(name).map(|at| subject.cells[at].clone()).filter(|cell| !cell.is_empty());
        let value = |name: &str| match column(name) {
            Some(at) => number(&subject.cells[at]).map_err(|error| error.at(subject.places[at].clone())),
            None => Ok(None),
        };
        let yes = |name: &str| text(name).and_then(|cell| flag(&cell));
        let whole = |name: &str| match content(&text(name).unwrap_or_default(), false) {
            Content::Number(number) if number.value >= 0.0 => Some(number.value as u32),
            _ => None,
        };
        Ok(Self {
            declared: declared(subject, &text, &value)?,
            chance: value("chance")?.map(|chance| chance as f32),
            items: whole("items").filter(|items| *items > 0),
            shots: whole("shots"),
            lower_is_better: yes("lower_is_better").or_else(|| yes("higher_is_better").map(|higher| !higher)),
            dataset: text("dataset").or_else(|| text("benchmark")),
            subset: text("subset"),
            split: text("split"),
            task_type: text("task"),
            metric: text("metric"),
            description: text("description").or_else(|| text("name")),
        })
    }

    fn apply(&self, to: &mut PartTask) {
        if self.declared != Declared::Nothing && to.task.kind == TaskKind::Score {
            to.declared = self.declared;
        }
        to.lower_is_better = self.lower_is_better.or(to.lower_is_better);
        let task = &mut to.task;
        task.chance = self.chance.or(task.chance);
        task.items = self.items.or(task.items);
        task.shots = self.shots.or(task.shots);
        if let Some(dataset) = &self.dataset {
            task.dataset.clone_from(dataset);
        }
        for (own, stated) in [
            (&mut task.subset, &self.subset),
            (&mut task.split, &self.split),
            (&mut task.task_type, &self.task_type),
            (&mut task.metric, &self.metric),
            (&mut task.description, &self.description),
        ] {
            if stated.is_some() {
                own.clone_from(stated);
            }
        }
    }
}

/// The range that a row states: both ends, `open`, or a unit. One end alone means open-ended.
fn declared(
    subject: &Subject,
    text: &impl Fn(&str) -> Option<String>,
    value: &impl Fn(&str) -> Result<Option<f64>>,
) -> Result<Declared> {
    const ENDS: [(&str, &str); 2] = [("range_low", "range_high"), ("low", "high")];
    for (low, high) in ENDS {
        let open = [low, high].into_iter().filter_map(text).any(|cell| cell.eq_ignore_ascii_case("open"));
        if open {
            return Ok(Declared::Open);
        }
        match (value(low)?, value(high)?) {
            (None, None) => {}
            (Some(low), Some(high)) if low < high && (high - low).is_finite() => {
                return Ok(Declared::Range(Range { low: low as f32, high: high as f32 }));
            }
            // A table of tasks leaves the end without a bound empty.
            (Some(_), None) | (None, Some(_)) if low == "low" => return Ok(Declared::Open),
            _ => {
                let place = subject.places.first().cloned().unwrap_or_default();
                let message = format!("the range of \"{}\" needs a low and a higher high end", subject.id);
                return Err(Error::input(message).at(Place { field: None, ..place }));
            }
        }
    }
    Ok(match text("unit").as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("percent" | "%") => Declared::Range(Range::PERCENT),
        Some("fraction" | "share") => Declared::Range(Range::FRACTION),
        Some("points" | "elo" | "rating" | "dollars" | "usd") => Declared::Open,
        _ => Declared::Nothing,
    })
}

/// A name in lower case with underscores.
fn folded(name: &str) -> String {
    name.trim().to_ascii_lowercase().replace([' ', '-'], "_")
}

fn unknown_warning(file: &str, what: &str, unknown: &BTreeSet<&str>) -> Option<Warning> {
    let message =
        || format!("{} {what}s are not in the results and were ignored: {}", unknown.len(), some_names(unknown));
    (!unknown.is_empty()).then(|| Warning::new(message()).at(Place::source(file)))
}

/// Reads the table. Its subjects are the rows or the columns, whichever have more known names; in rows, the names may be
/// in any column.
fn read(mut table: Table<'_>, known: impl Fn(&str) -> bool, what: &str) -> Result<Facts> {
    let mut rows: Vec<(u64, Vec<String>)> = Vec::new();
    let width = table.header.len();
    table.each(|row| {
        rows.push((row.line, (0..width).map(|column| row.get(column).to_owned()).collect()));
        Ok(())
    })?;
    let of_column = |column: usize| rows.iter().filter(|(_, cells)| known(&cells[column])).count();
    let (subjects, by_row) = (0..width)
        .map(|column| (column, of_column(column)))
        .fold((0, 0), |best, next| if next.1 > best.1 { next } else { best });
    let by_column = table.header[1..].iter().filter(|name| known(name)).count();
    if by_row == 0 && by_column == 0 {
        let message = format!("names no {what} of the results, neither in a column nor in its header");
        return Err(Error::input(message).at(Place::source(table.name)));
    }
    let cell_place = |line: u64, column: usize| table.place(line).field(&table.header[column]);
    let facts = if by_row >= by_column {
        let others = || (0..width).filter(|&column| column != subjects && !table.header[column].is_empty());
        let subject = |(line, cells): &(u64, Vec<String>)| Subject {
            id: cells[subjects].clone(),
            cells: others().map(|column| cells[column].clone()).collect(),
            places: others().map(|column| cell_place(*line, column)).collect(),
        };
        let names = others().map(|column| table.header[column].clone()).collect();
        Facts { file: table.name.to_owned(), names, subjects: rows.iter().map(subject).collect() }
    } else {
        let subjects = (1..width).map(|column| Subject {
            id: table.header[column].clone(),
            cells: rows.iter().map(|(_, cells)| cells[column].clone()).collect(),
            places: rows.iter().map(|(line, _)| cell_place(*line, column)).collect(),
        });
        let names = rows.iter().map(|(_, cells)| cells[0].clone()).collect();
        Facts { file: table.name.to_owned(), names, subjects: subjects.collect() }
    };
    let named = |name: &String| !name.is_empty();
    if !facts.names.iter().all(named) || distinct(facts.names.clone()).len() < facts.names.len() {
        return Err(Error::input("a factor has no name, or two have the same").at(Place::source(table.name)));
    }
    Ok(facts)
}

/// The factors of tasks by column and subject: (names, subjects). A column has one type; if its cells differ in type, all
/// are text.
fn typed(facts: &Facts, warnings: &mut Vec<Warning>) -> Vec<Vec<Option<Factor>>> {
    let mut column = |column: usize| {
        let cells = || facts.subjects.iter().map(|subject| subject.cells[column].as_str());
        let filled = || cells().filter(|cell| !cell.is_empty());
        let (count, all) = (filled().filter(|cell| matches!(number(cell), Ok(Some(_)))).count(), filled().count());
        let (numbers, name) = (count == all, &facts.names[column]);
        if (1..all).contains(&count) && !FIELDS.contains(&folded(name).as_str()) {
            warnings.push(model_facts::mixed(name, count, all).at(Place::source(&facts.file)));
        }
        let flags = filled().all(|cell| flag(cell).is_some());
        let read = |cell: &str| match cell {
            "" => None,
            _ if numbers => number(cell).ok().flatten().map(Factor::Number),
            _ if flags => flag(cell).map(Factor::Flag),
            _ => Some(Factor::Text(cell.to_owned())),
        };
        cells().map(read).collect()
    };
    (0..facts.names.len()).map(&mut column).collect()
}
