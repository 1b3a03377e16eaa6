//! The table of open models that ships with the project (`data/open-models.csv`): published accuracies, sizes and
//! parents.

use super::part::{Cell, Cells, ModelRows, Part, PartTask};
use super::report::Role;
use super::table::{Table, flag, number, score};
use crate::error::{Error, Place, Result, Warning};
use crate::lineage::{NamedEdge, Parent, Relation};
use crate::snapshot::{DataSource, Declared, Factor, Range, Task};
use std::collections::HashMap;

const SOURCE: &str = "Open LLM Leaderboard v2 raw accuracies, sizes and training tokens as tabulated by the Sloth \
scaling-law study (github.com/felipemaiapolo/sloth, data/data_v1.csv); hub ids and parents from the models' cards";
const LICENSE: &str = "published facts, transcribed for this project";

/// Column, task, and the expected score of guessing if it is well known.
const TASKS: [(&str, &str, Option<f32>); 6] = [
    ("ifeval", "ifeval", None),
    ("bbh", "bbh", None),
    ("math_lvl5", "math", None),
    ("gpqa", "gpqa", Some(0.25)),
    ("musr", "musr", None),
    ("mmlu_pro", "mmlu_pro", Some(0.1)),
];

/// Column, factor, and the unit of the column in units of the factor.
const NUMBERS: [(&str, &str, f64); 3] =
    [("params_b", "params", 1.0), ("tokens_t", "tokens", 1000.0), ("flops_1e21", "flops", 1.0)];
const TEXTS: [(&str, &str); 2] = [("family", "family"), ("release_date", "board_date")];

pub(super) fn recognise(table: &Table<'_>) -> bool {
    ["model", "hf_id", "math_lvl5", "parent"].iter().all(|name| table.column(&[name]).is_some())
}

pub(super) fn read(mut table: Table<'_>) -> Result<Part> {
    let (short, id) = (table.require(&["model"])?, table.require(&["hf_id"])?);
    let (parent, relation) = (table.require(&["parent"])?, table.column(&["relation"]));
    let mut columns = Vec::new();
    for (name, ..) in TASKS {
        columns.push(table.require(&[name])?);
    }
    let numbers = NUMBERS.map(|(name, factor, unit)| (table.column(&[name]), factor, unit));
    let texts = TEXTS.map(|(name, factor)| (table.column(&[name]), factor));
    let instruct = table.column(&["instruct"]);
    let header = table.header.clone();
    let mut rows = ModelRows::default();
    let mut ids: HashMap<String, String> = HashMap::new(); // short name → hub id
    let mut parents: Vec<(u32, String, Relation, u64)> = Vec::new();
    let mut cells = Vec::new();
    table.each(|row| {
        let at = |column: usize| {
            let header = &header;
            move |error: Error| error.at(Place::default().field(&header[column]))
        };
        let Some(model) = rows.first(row.model(id)?, row.line) else { return Ok(()) };
        ids.insert(row.get(short).to_owned(), row.get(id).to_owned());
        if !row.get(parent).is_empty() {
            let word = relation.map_or("", |column| row.get(column));
            let relation = Relation::from_word(word).unwrap_or(Relation::Unstated);
            parents.push((model, row.get(parent).to_owned(), relation, row.line));
        }
        for (task, &column) in (0u32..).zip(&columns) {
            let value = score(row.get(column)).map_err(at(column))?;
            cells.extend(value.map(|value| Cell { model, task, value, line: row.line as u32 }));
        }
        let factors = &mut rows.models[model as usize].factors;
        for (column, name, unit) in numbers.iter().filter_map(|&(column, name, unit)| Some((column?, name, unit))) {
            let number = number(row.get(column)).map_err(at(column))?;
            factors.extend(number.map(|number| (name.to_owned(), Factor::Number(number * unit))));
        }
        let cell = |column: Option<usize>| column.map(|column| row.get(column)).filter(|cell| !cell.is_empty());
        for &(column, name) in &texts {
            factors.extend(cell(column).map(|text| (name.to_owned(), Factor::Text(text.to_owned()))));
        }
        factors.extend(cell(instruct).and_then(flag).map(|flag| ("instruct".to_owned(), Factor::Flag(flag))));
        Ok(())
    })?;
    let mut part = Part::new(table.name, Cells::Scores(cells));
    part.sources = vec![DataSource { id: "open-models".to_owned(), ..DataSource::new(SOURCE, LICENSE) }];
    part.tasks = TASKS.iter().zip(&columns).map(|(&task, &column)| named_task(task, &header[column])).collect();
    for (model, parent, relation, line) in parents {
        let child = rows.models[model as usize].id.clone();
        match ids.get(&parent) {
            Some(id) => part.edges.push(NamedEdge { child, parent: Parent::new(id.clone(), relation) }),
            None => {
                let warning = Warning::new(format!("parent \"{parent}\" is not in the table and was dropped"));
                part.warnings.push(warning.at(Place::source(table.name).line(line)));
            }
        }
    }
    part.warnings.extend(rows.warning(table.name).into_iter().chain(table.short_warning()));
    part.models = rows.models;
    let facts = numbers.iter().map(|&(column, fact, _)| (column, fact)).chain(texts.iter().copied());
    let facts: Vec<_> =
        facts.chain([(instruct, "instruct"), (Some(parent), "parents"), (relation, "parents")]).collect();
    part.set_columns(&header, |at| match at {
        _ if at == id => Some((Role::Model, None)),
        _ if columns.contains(&at) => Some((Role::Score, None)),
        _ => facts.iter().find(|(column, _)| *column == Some(at)).map(|&(_, fact)| (Role::Fact, Some(fact))),
    });
    Ok(part)
}

fn named_task((_, id, chance): (&str, &str, Option<f32>), label: &str) -> PartTask {
    let task = Task { metric: Some("raw_accuracy".to_owned()), chance, ..Task::score(id, Some(Range::FRACTION)) };
    PartTask { declared: Declared::Range(Range::FRACTION), label: label.to_owned(), task, ..PartTask::plain("") }
}
