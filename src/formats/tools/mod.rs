//! The forms in which tools and boards write results: a reader each, recognised by the keys of its JSON or by the header
//! of its table.

mod bigcodebench;
mod card_results;
mod evalplus;
mod every_eval_ever;
mod harness;
mod harness_samples;
mod helm;
mod helm_groups;
mod hub;
mod inspect;
mod lighteval;
mod livecodebench;
mod main_metric;
mod model_name;
mod mteb;
mod pages;
mod swe_bench;

pub(super) use card_results::read_text;

use super::collection::Collection;
use super::folder::Folder;
use super::json::Json;
use super::part::Part;
use super::table::Table;
use crate::error::Result;
use crate::snapshot::{Date, parse_day};
use serde_json::Value;

/// A file of JSON.
pub(super) struct File<'a> {
    /// Its path.
    pub(super) name: &'a str,
    /// Its content; of a file with a value on each line, the list of them.
    pub(super) value: &'a Value,
    /// The files that are read with it.
    pub(super) folder: &'a Folder<'a>,
}

/// A form of JSON and its reader.
struct Form {
    /// The tool or board, as docs/formats.md names it; the source of results that state none.
    name: &'static str,
    recognise: fn(&Value) -> bool,
    read: fn(&File<'_>, &mut Collection<'_>) -> Result<()>,
}

/// The forms; of several that recognise a file the first reads it.
const FORMS: &[Form] = &[
    Form { name: "Every Eval Ever", recognise: every_eval_ever::recognise, read: every_eval_ever::read },
    Form { name: "lighteval", recognise: lighteval::recognise, read: lighteval::read },
    Form { name: "lm-evaluation-harness", recognise: harness_samples::recognise, read: harness_samples::read },
    Form { name: "Hugging Face Hub", recognise: hub::is_leaderboard, read: hub::read_leaderboard },
    Form { name: "Hugging Face Hub", recognise: hub::recognise, read: hub::read },
    Form { name: "inspect_ai", recognise: inspect::recognise, read: inspect::read },
    Form { name: "HELM", recognise: helm::recognise, read: helm::read },
    Form { name: "HELM", recognise: helm_groups::recognise, read: helm_groups::read },
    Form { name: "EvalPlus", recognise: evalplus::recognise, read: evalplus::read },
    Form { name: "BigCodeBench", recognise: bigcodebench::recognise, read: bigcodebench::read },
    Form { name: "LiveCodeBench", recognise: livecodebench::recognise, read: livecodebench::read },
    Form { name: "SWE-bench", recognise: swe_bench::recognise, read: swe_bench::read },
    Form { name: "MTEB", recognise: mteb::recognise, read: mteb::read },
    Form { name: "lm-evaluation-harness", recognise: harness::recognise, read: harness::read },
];

/// A form of table and its reader.
struct TableForm {
    name: &'static str,
    recognise: fn(&Table<'_>) -> bool,
    read: fn(Table<'_>, &Folder<'_>, &mut Collection<'_>) -> Result<()>,
}

/// The forms of tables whose header alone does not tell the meaning of their columns.
const TABLES: &[TableForm] = &[];

/// Files that are read together with others of their folder.
const COMPANIONS: &[fn(&File<'_>) -> bool] = &[helm::is_companion, mteb::is_companion];

/// Reads a file in one of the forms; `None` if it has another form.
pub(super) fn read(file: &File<'_>) -> Option<Result<Json>> {
    if COMPANIONS.iter().any(|is_companion| is_companion(file)) {
        return Some(Ok(Json::Companion));
    }
    let form = FORMS.iter().find(|form| (form.recognise)(file.value))?;
    let mut collection = Collection::new(file.name);
    let read = (form.read)(file, &mut collection).and_then(|()| collection.finish(form.name));
    Some(read.map(|part| Json::Part(Box::new(part))))
}

/// Reads what lm-evaluation-harness prints, in the form of its JSON.
pub(super) fn read_run(file: &File<'_>) -> Result<Part> {
    let mut collection = Collection::new(file.name);
    harness::read(file, &mut collection)?;
    collection.finish("lm-evaluation-harness")
}

/// Whether a value is an entry of a form of which a file may hold one on each line.
pub(super) fn is_entry(value: &Value) -> bool {
    FORMS.iter().any(|form| (form.recognise)(&Value::Array(vec![value.clone()])))
}

/// Whether a table is in one of the forms.
pub(super) fn knows(table: &Table<'_>) -> bool {
    TABLES.iter().any(|form| (form.recognise)(table))
}

/// Reads a table in one of the forms; `None` if it has another form.
pub(super) fn read_table(table: Table<'_>, folder: &Folder<'_>) -> Option<Result<Part>> {
    let form = TABLES.iter().find(|form| (form.recognise)(&table))?;
    let mut collection = Collection::new(table.name);
    Some((form.read)(table, folder, &mut collection).and_then(|()| collection.finish(form.name)))
}

/// The number in a value, also if it is written as a text.
fn number(value: Option<&Value>) -> Option<f64> {
    let value = value?;
    let number = value.as_f64().or_else(|| super::table::number(value.as_str()?.trim()).ok().flatten());
    number.filter(|number| number.is_finite())
}

/// The day of a time in seconds since 1970.
fn day_of(seconds: f64) -> Option<Date> {
    Date::from_days((seconds / 86_400.0).floor() as i32 + DAYS_TO_1970)
}

/// Days from 0000-03-01 to 1970-01-01.
const DAYS_TO_1970: i32 = 719_468;

/// A time in seconds since 1970, or the day at the start of a text.
fn time_of(value: Option<&Value>) -> Option<f64> {
    let day = |text: &str| Some(f64::from(parse_day(text)?.days() - DAYS_TO_1970) * 86_400.0);
    number(value).or_else(|| day(value?.as_str()?))
}

#[cfg(test)]
mod tests;
