//! Tables of facts about models or tasks, with one row or column for each model or task.

use super::join::some_names;
use super::part::Part;
use super::table::{Table, date, flag, number};
use crate::error::{Error, Place, Result, Warning};
use crate::linalg::{distinct, parse_number};
use crate::snapshot::{Declared, Factor, Factors, Range, Snapshot, Task, canonical_task, named_amount, parse_amount};
use std::collections::BTreeSet;

/// The table by subject (model or task): each subject has its cells in the order of `names`.
struct Facts {
    file: String,
    names: Vec<String>,
    subjects: Vec<Subject>,
}

struct Subject {
    id: String,
    cells: Vec<String>,
    places: Vec<Place>,
}

/// Adds facts to models. A warning names subjects that are not models of the snapshot.
pub(super) fn apply_to_models(table: Table<'_>, snapshot: &mut Snapshot) -> Result<Vec<Warning>> {
    let facts = read(table, |id| snapshot.model(id).is_some(), "model")?;
    let mut warnings = Vec::new();
    let columns = typed(&facts, &mut warnings);
    let mut unknown = BTreeSet::new();
    for (at, subject) in facts.subjects.iter().enumerate() {
        let Some(model) = snapshot.model(&subject.id) else {
            unknown.insert(subject.id.as_str());
            continue;
        };
        let model = &mut snapshot.models[model.0 as usize];
        for (column, name) in facts.names.iter().enumerate() {
            if name.eq_ignore_ascii_case("date") {
                let day = date(&subject.cells[column]).map_err(|error| error.at(subject.places[column].clone()))?;
                model.date = day.or(model.date);
            } else if let Some(factor) = &columns[column][at] {
                model.factors.insert(name.clone(), factor.clone());
            }
        }
    }
    warnings.extend(unknown_warning(&facts.file, "model", &unknown));
    Ok(warnings)
}

/// Adds facts and dates from a leaderboard to the models of the snapshot. The leaderboard's other models are ignored
/// without a warning.
pub(super) fn take_from_models(part: Part, snapshot: &mut Snapshot) -> Result<()> {
    let mut known = false;
    for model in part.models {
        let Some(own) = snapshot.model(&model.id) else { continue };
        known = true;
        let own = &mut snapshot.models[own.0 as usize];
        own.factors.extend(model.factors);
        own.date = model.date.or(own.date);
    }
    if known { Ok(()) } else { Err(Error::input("names no model of the results").at(Place::source(part.name))) }
}

/// Adds facts to tasks. `range_low`, `range_high` (numbers or `open`), `chance`, `benchmark` and `metric` set the
/// fields of the task. A row that names a benchmark applies to all its items.
pub(super) fn apply_to_tasks(table: Table<'_>, parts: &mut [Part]) -> Result<Vec<Warning>> {
    let names =
        |task: &Task, id: &str| task.id == id || task.dataset == id || canonical_task(&task.id) == canonical_task(id);
    let known = |id: &str| parts.iter().flat_map(|part| &part.tasks).any(|task| names(&task.task, id));
    let facts = read(table, known, "task")?;
    let mut warnings = Vec::new();
    let columns = typed(&facts, &mut warnings);
    let mut unknown = BTreeSet::new();
    for (at, subject) in facts.subjects.iter().enumerate() {
        let row: Factors = facts
            .names
            .iter()
            .zip(&columns)
            .filter_map(|(name, column)| Some((name.clone(), column[at].clone()?)))
            .collect();
        let meaning = Meaning::take(&facts, subject)?;
        let exact = parts.iter().flat_map(|part| &part.tasks).any(|task| task.task.id == subject.id);
        let mut found = false;
        for task in parts.iter_mut().flat_map(|part| &mut part.tasks) {
            if (exact && task.task.id == subject.id) || (!exact && names(&task.task, &subject.id)) {
                found = true;
                let facts = row.iter().filter(|(name, _)| !SPECIAL.contains(&name.to_ascii_lowercase().as_str()));
                task.task.factors.extend(facts.map(|(name, factor)| (name.clone(), factor.clone())));
                meaning.apply(&mut task.task, &mut task.declared);
            }
        }
        if !found {
            unknown.insert(subject.id.as_str());
        }
    }
    warnings.extend(unknown_warning(&facts.file, "task", &unknown));
    Ok(warnings)
}

/// Columns that set fields of a task and are not factors.
const SPECIAL: [&str; 5] = ["range_low", "range_high", "chance", "benchmark", "metric"];

/// The fields of a task that a row states.
struct Meaning {
    declared: Declared,
    chance: Option<f32>,
    benchmark: Option<String>,
    metric: Option<String>,
}

impl Meaning {
    fn take(facts: &Facts, subject: &Subject) -> Result<Self> {
        let column = |name: &str| facts.names.iter().position(|known| known.eq_ignore_ascii_case(name));
        let text = |name| column(name).map(|at| subject.cells[at].clone()).filter(|cell| !cell.is_empty());
        let value = |name| match column(name) {
            Some(at) => number(&subject.cells[at]).map_err(|error| error.at(subject.places[at].clone())),
            None => Ok(None),
        };
        let open =
            ["range_low", "range_high"].into_iter().filter_map(text).any(|cell| cell.eq_ignore_ascii_case("open"));
        let declared = if open {
            Declared::Open
        } else {
            match (value("range_low")?, value("range_high")?) {
                (None, None) => Declared::Nothing,
                (Some(low), Some(high)) if low < high && (high - low).is_finite() => {
                    Declared::Range(Range { low: low as f32, high: high as f32 })
                }
                _ => {
                    let place = subject.places.first().cloned().unwrap_or_default();
                    let message = format!("the range of \"{}\" needs a low and a higher high end", subject.id);
                    return Err(Error::input(message).at(Place { field: None, ..place }));
                }
            }
        };
        let chance = value("chance")?.map(|chance| chance as f32);
        Ok(Self { declared, chance, benchmark: text("benchmark"), metric: text("metric") })
    }

    fn apply(&self, task: &mut Task, declared: &mut Declared) {
        if self.declared != Declared::Nothing && task.kind == crate::snapshot::TaskKind::Score {
            *declared = self.declared;
        }
        task.chance = self.chance.or(task.chance);
        if let Some(benchmark) = &self.benchmark {
            task.dataset.clone_from(benchmark);
        }
        if self.metric.is_some() {
            task.metric.clone_from(&self.metric);
        }
    }
}

fn unknown_warning(file: &str, what: &str, unknown: &BTreeSet<&str>) -> Option<Warning> {
    let message =
        || format!("{} {what}s are not in the results and were ignored: {}", unknown.len(), some_names(unknown));
    (!unknown.is_empty()).then(|| Warning::new(message()).at(Place::source(file)))
}

/// Reads the table. Its subjects are the rows or the columns, whichever have more known names.
fn read(mut table: Table<'_>, known: impl Fn(&str) -> bool, what: &str) -> Result<Facts> {
    let mut rows: Vec<(u64, Vec<String>)> = Vec::new();
    let width = table.header.len();
    table.each(|row| {
        rows.push((row.line, (0..width).map(|column| row.get(column).to_owned()).collect()));
        Ok(())
    })?;
    let by_row = rows.iter().filter(|(_, cells)| known(&cells[0])).count();
    let by_column = table.header[1..].iter().filter(|name| known(name)).count();
    if by_row == 0 && by_column == 0 {
        let message = format!("names no {what} of the results, neither in its first column nor in its header");
        return Err(Error::input(message).at(Place::source(table.name)));
    }
    let cell_place = |line: u64, column: usize| table.place(line).field(&table.header[column]);
    let facts = if by_row >= by_column {
        let subjects = rows.iter().map(|(line, cells)| Subject {
            id: cells[0].clone(),
            cells: cells[1..].to_vec(),
            places: (1..width).map(|column| cell_place(*line, column)).collect(),
        });
        Facts { file: table.name.to_owned(), names: table.header[1..].to_vec(), subjects: subjects.collect() }
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

/// The factors by column and subject: (names, subjects). A column has one type; if its cells differ in type, all are
/// text.
fn typed(facts: &Facts, warnings: &mut Vec<Warning>) -> Vec<Vec<Option<Factor>>> {
    let mut columns = Vec::with_capacity(facts.names.len());
    for (column, name) in facts.names.iter().enumerate() {
        let cells = || facts.subjects.iter().map(|subject| subject.cells[column].as_str());
        let filled = || cells().filter(|cell| !cell.is_empty());
        let numbers = filled().filter(|cell| matches!(number(cell), Ok(Some(_)))).count();
        let flags = filled().filter(|cell| flag(cell).is_some()).count();
        let all = filled().count();
        if named_amount(name).is_some() {
            columns.push(amounts(facts, column, warnings));
            continue;
        }
        let special = SPECIAL.contains(&name.to_ascii_lowercase().as_str());
        if (1..all).contains(&numbers) && !special {
            let message = format!("factor \"{name}\" is a number in {numbers} of {all} cells, read as text in all");
            warnings.push(Warning::new(message).at(Place::source(&facts.file)));
        }
        let read = |cell: &str| {
            if cell.is_empty() {
                None
            } else if numbers == all {
                number(cell).ok().flatten().map(Factor::Number)
            } else if flags == all {
                flag(cell).map(Factor::Flag)
            } else {
                Some(Factor::Text(cell.to_owned()))
            }
        };
        columns.push(cells().map(read).collect());
    }
    columns
}

/// A column of sizes or tokens: `8`, `8B` and `8000000000` are the same in a column `params`. Cells that are not
/// amounts are left out with a warning.
fn amounts(facts: &Facts, column: usize, warnings: &mut Vec<Warning>) -> Vec<Option<Factor>> {
    let name = &facts.names[column];
    // A unit in the column's name is the unit of numbers without one.
    let unit = named_amount(name).and_then(|(_, unit)| unit);
    let mut wrong: Option<(Place, String, usize)> = None;
    let read = |subject: &Subject| {
        let cell = subject.cells[column].as_str();
        let bare = unit.and_then(|_| parse_number(cell)).filter(|value| value.is_finite() && *value > 0.0);
        let amount = bare.or_else(|| Some(parse_amount(cell)? / unit.unwrap_or(1.0)));
        if amount.is_none() && !cell.is_empty() {
            let first = || (subject.places[column].clone(), cell.chars().take(40).collect(), 0);
            wrong.get_or_insert_with(first).2 += 1;
        }
        amount.map(Factor::Number)
    };
    let values = facts.subjects.iter().map(read).collect();
    if let Some((place, found, count)) = wrong {
        let message =
            format!("expected an amount such as 7.6 or 8B, found {found:?}; {count} such cells were left out");
        warnings.push(Warning::new(message).at(place));
    }
    values
}
