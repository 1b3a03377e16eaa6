//! The Open LLM Leaderboard v2, as the API-style table and as the board's own export (HTML in `Model`, emoji in
//! headers).
//!
//! The scores are the normalised ones, 0 to 100. Columns that are known only after the evaluation (average score, CO₂)
//! are not read. Hearts become the factor `hearts`, which only the popularity baseline may use.

use super::part::{Cell, Cells, Part, PartTask};
use super::report::Role;
use super::table::{Row, Table, date, flag, number, score};
use crate::error::{Error, Place, Result, Warning};
use crate::lineage::{NamedEdge, Parent, Relation};
use crate::snapshot::{DataSource, Date, Declared, FactKind, Factor, Model, Range, Task, canonical_type, known_fact};
use std::collections::HashMap;

const SOURCE: &str = "Open LLM Leaderboard v2, Hugging Face (huggingface.co/datasets/open-llm-leaderboard/contents)";
const TASKS: [&str; 6] = ["ifeval", "bbh", "math", "gpqa", "musr", "mmlu_pro"];

/// The positions of the columns in the table.
pub(super) struct Columns {
    model: usize,
    scores: [usize; 6],
    submitted: Option<usize>,
    base: Option<usize>,
    factors: Vec<(&'static str, usize)>,
}

/// Factors: name, column in the API-style table, column in the export.
const FACTORS: [(&str, &str, &str); 10] = [
    ("params", "metadata_params_billions", "#Params (B)"),
    ("architecture", "model_architecture", "Architecture"),
    ("type", "model_type", "Type"),
    ("precision", "model_precision", "Precision"),
    ("weight_type", "model_weight_type", "Weight type"),
    ("chat_template", "model_has_chat_template", "Chat Template"),
    ("moe", "features_is_moe", "MoE"),
    ("merged", "features_is_merged", "Merged"),
    ("upload_date", "metadata_upload_date", "Upload To Hub Date"),
    ("hearts", "metadata_hub_hearts", "Hub ❤️"),
];

/// The columns of the table if it is one of the two forms.
pub(super) fn recognise(table: &Table<'_>) -> Option<Columns> {
    let find = |name: &str| table.column(&[name]);
    let api = TASKS.map(|task| find(&format!("evaluations_{task}_normalized_score")));
    let export = ["IFEval", "BBH", "MATH Lvl 5", "GPQA", "MUSR", "MMLU-PRO"].map(find);
    let (model, scores, is_api) = match (find("model_name"), find("fullname")) {
        (Some(model), _) if api.iter().all(Option::is_some) => (model, api, true),
        (_, Some(model)) if export.iter().all(Option::is_some) => (model, export, false),
        _ => return None,
    };
    let pick = |api, export| find(if is_api { api } else { export });
    let factors = FACTORS.iter().filter_map(|&(name, api, export)| Some((name, pick(api, export)?)));
    Some(Columns {
        model,
        scores: scores.map(Option::unwrap_or_default),
        submitted: pick("metadata_submission_date", "Submission Date"),
        base: pick("metadata_base_model", "Base Model"),
        factors: factors.collect(),
    })
}

/// The row of a model with its earliest submission so far.
struct Entry {
    model: Model,
    base: String,
    scores: [Option<f32>; 6],
    line: u32,
}

pub(super) fn read(mut table: Table<'_>, columns: &Columns) -> Result<Part> {
    let header = table.header.clone();
    let mut entries: Vec<Entry> = Vec::new();
    let mut indices: HashMap<String, usize> = HashMap::new();
    let mut repeated: Option<(String, u64, usize)> = None;
    table.each(|row| {
        let entry = entry(row, columns, &header)?;
        let Some(&at) = indices.get(&entry.model.id) else {
            indices.insert(entry.model.id.clone(), entries.len());
            entries.push(entry);
            return Ok(());
        };
        repeated.get_or_insert_with(|| (entry.model.id.clone(), row.line, 0)).2 += 1;
        let day = |entry: &Entry| entry.model.date.unwrap_or(Date::MAX);
        if day(&entry) < day(&entries[at]) {
            entries[at] = entry;
        }
        Ok(())
    })?;
    let warning = repeated.map(|(id, line, count)| {
        let message =
            format!("{count} rows repeat a model (\"{id}\" first); each model's earliest submission was kept");
        Warning::new(message).at(Place::source(table.name).line(line))
    });
    let warnings = warning.into_iter().chain(table.short_warning()).collect();
    Ok(Part { warnings, ..part(table.name, entries, columns, &header) })
}

fn part(name: &str, entries: Vec<Entry>, columns: &Columns, header: &[String]) -> Part {
    let tasks = TASKS.iter().zip(columns.scores).map(|(&id, column)| PartTask {
        task: Task { metric: Some("normalized_score".to_owned()), ..Task::score(id, Some(Range::PERCENT)) },
        declared: Declared::Range(Range::PERCENT),
        label: header[column].clone(),
        ..PartTask::plain(id)
    });
    let mut part = Part::new(name, Cells::Scores(Vec::new()));
    part.sources = vec![DataSource {
        id: "open-llm-leaderboard-v2".to_owned(),
        ..DataSource::new(SOURCE, "not stated; see the source")
    }];
    part.tasks = tasks.collect();
    let mut cells = Vec::with_capacity(entries.len() * TASKS.len());
    for (model, entry) in (0u32..).zip(entries) {
        for (task, score) in (0u32..).zip(entry.scores) {
            cells.extend(score.map(|value| Cell { model, task, value, line: entry.line }));
        }
        if let Some(base) = base_model(&entry.base, &entry.model.id) {
            let parent = Parent::new(base, Relation::Unstated);
            part.edges.push(NamedEdge { child: entry.model.id.clone(), parent });
        }
        part.models.push(entry.model);
    }
    part.cells = Cells::Scores(cells);
    part.set_columns(header, |at| match at {
        _ if at == columns.model => Some((Role::Model, None)),
        _ if columns.scores.contains(&at) => Some((Role::Score, None)),
        _ if columns.submitted == Some(at) => Some((Role::Date, Some("date"))),
        _ if columns.base == Some(at) => Some((Role::Fact, Some("parents"))),
        _ => columns.factors.iter().find(|(_, column)| *column == at).map(|&(name, _)| (Role::Fact, Some(name))),
    });
    part
}

/// The base model that a row names, unless it is a placeholder or the model itself.
fn base_model<'a>(base: &'a str, model: &str) -> Option<&'a str> {
    let dropped = base.is_empty()
        || base.eq_ignore_ascii_case("removed")
        || base.ends_with("(Merge)")
        || base.eq_ignore_ascii_case(model);
    (!dropped).then_some(base)
}

fn entry(row: &Row<'_>, columns: &Columns, header: &[String]) -> Result<Entry> {
    let at = |column: usize| move |error: Error| error.at(Place::default().field(&header[column]));
    let mut model = Model { id: row.model(columns.model)?.to_owned(), ..Model::default() };
    if let Some(column) = columns.submitted {
        model.date = date(row.get(column)).map_err(at(column))?;
    }
    for &(name, column) in &columns.factors {
        if let Some(factor) = factor(name, row.get(column)).map_err(at(column))? {
            model.factors.insert(name.to_owned(), factor);
        }
    }
    let mut scores = [None; 6];
    for (value, &column) in scores.iter_mut().zip(&columns.scores) {
        *value = score(row.get(column)).map_err(at(column))?;
    }
    let base = columns.base.map_or("", |column| row.get(column)).to_owned();
    Ok(Entry { model, base, scores, line: row.line as u32 })
}

/// The fact that a cell states; `None` if it is unknown. A size of 0 or less means unknown on the board.
fn factor(name: &str, cell: &str) -> Result<Option<Factor>> {
    if cell.is_empty() || cell == "?" {
        return Ok(None);
    }
    Ok(match known_fact(name).map(|(_, kind)| kind) {
        Some(FactKind::Amount) => number(cell)?.filter(|&number| number > 0.0).map(Factor::Number),
        Some(FactKind::Flag) => flag(cell).map(Factor::Flag),
        Some(FactKind::Day) => date(cell)?.map(|day| Factor::Text(day.to_string())),
        Some(FactKind::Word) if name == "type" => {
            Some(Factor::Text(canonical_type(cell).unwrap_or("other").to_owned()))
        }
        Some(FactKind::Word) => Some(Factor::Text(cell.to_owned())),
        None => number(cell)?.map(Factor::Number),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_read_by_the_kind_of_its_fact() {
        let text = |text: &str| Some(Factor::Text(text.to_owned()));
        for (name, cell, expected) in [
            ("params", "7.616", Some(Factor::Number(7.616))),
            ("params", "-1", None),
            ("type", "🔶 fine-tuned", text("fine-tuned")),
            ("type", "strange", text("other")),
            ("precision", "bfloat16", text("bfloat16")),
            ("moe", "True", Some(Factor::Flag(true))),
            ("upload_date", "2024-06-04T10:07:03Z", text("2024-06-04")),
            ("hearts", "0", Some(Factor::Number(0.0))),
            ("architecture", "?", None),
        ] {
            assert_eq!(factor(name, cell).unwrap(), expected, "{name} {cell}");
        }
    }

    #[test]
    fn placeholders_are_no_base_models() {
        for base in ["", "Removed", "o/x (Merge)", "O/Model"] {
            assert_eq!(base_model(base, "o/model"), None, "{base}");
        }
        assert_eq!(base_model("o/base", "o/model"), Some("o/base"));
    }
}
