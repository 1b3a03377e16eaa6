//! Files of JSON: which of the forms a file has. Forms that are tables become CSV.

use super::benchpress;
use super::csv_text::AsCsv;
use super::folder::Folder;
use super::known_forms::{is_known, refusal};
use super::part::Part;
use super::records::{self, tolerant};
use super::tools::{self, File};
use crate::error::{Error, Place, Result};
use crate::snapshot::read_json;
use serde_json::Value;

/// The largest JSON text that is no snapshot: 256 MiB.
const MAX_JSON: usize = 256 << 20;

/// What a file of JSON holds.
pub(super) enum Json {
    Part(Box<Part>),
    Table(AsCsv),
    /// The file is read together with another one.
    Companion,
}

/// Reads a file of JSON.
pub(super) fn read(name: &str, text: &str, folder: &Folder<'_>) -> Result<Json> {
    let at = |error: Error| error.at(Place::source(name));
    let part = |part| Ok(Json::Part(Box::new(part)));
    // A snapshot can be large and should not be parsed twice.
    if let Some(snapshot) = read_snapshot(name, text)? {
        return part(snapshot);
    }
    if text.len() > MAX_JSON {
        return Err(at(Error::input(format!("more than {} MiB of JSON; give a table as CSV", MAX_JSON >> 20))));
    }
    if benchpress::recognise(text) {
        return part(benchpress::read(name, &tolerant(text))?);
    }
    let value: Value = match serde_json::from_str(&tolerant(text)) {
        Ok(value) => value,
        Err(error) => return read_lines(name, text, &error, folder).map_err(at),
    };
    if let Some(read) = tools::read(&File { name, value: &value, folder }) {
        return read;
    }
    let known = is_known(&value);
    let read = || records::to_csv(&value, text).or_else(|| records::single_to_csv(&value));
    let table = if known { None } else { read() };
    table.map(Json::Table).ok_or_else(|| at(refusal(&value)))
}

/// Reads a snapshot; `None` if the text does not name the format.
pub(super) fn read_snapshot(name: &str, text: &str) -> Result<Option<Part>> {
    if !text.contains("\"eyas-snapshot/") {
        return Ok(None);
    }
    let (snapshot, warnings) = read_json(text.as_bytes()).map_err(|error| error.at(Place::source(name)))?;
    Ok(Some(Part::from_snapshot(name, snapshot, warnings)))
}

/// Reads a record a line, from a text that is no JSON as a whole because of `error`.
fn read_lines(name: &str, text: &str, error: &serde_json::Error, folder: &Folder<'_>) -> Result<Json> {
    let Some(lines) = records::lines(text) else { return Err(syntax(error, error.line() as u64)) };
    let lines = lines.map_err(|(line, error)| syntax(&error, line))?;
    if lines.first().is_some_and(|(_, first)| tools::is_entry(first)) {
        let value = Value::Array(lines.into_iter().map(|(_, value)| value).collect());
        return tools::read(&File { name, value: &value, folder }).unwrap_or_else(|| Err(refusal(&value)));
    }
    let first = lines.first().map_or(&Value::Null, |(_, value)| value);
    let table = if is_known(first) { None } else { records::lines_to_csv(&lines) };
    table.map(Json::Table).ok_or_else(|| refusal(first))
}

/// An error of syntax in one line, with its line and character.
fn syntax(error: &serde_json::Error, line: u64) -> Error {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or(&message);
    Error::input(format!("{message} (character {})", error.column())).at(Place::default().line(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        read("x.json", text, &Folder::new(&[])).err().unwrap().to_string()
    }

    #[test]
    fn other_json_is_refused_by_its_name() {
        let config = r#"{"architectures": ["X"], "model_type": "x"}"#;
        assert!(refused(config).contains("of the form of a model's config.json, which is not read here"));
        assert!(refused("{}").starts_with("x.json: this JSON is of no known form; read are: snapshots"));
        assert!(refused(r#"{"format":"eyas-snapshot/9"}"#).contains("eyas-snapshot/9"));
    }

    #[test]
    fn errors_of_syntax_have_a_line() {
        assert!(refused("{\"a\": 1,\n \"b\": }").starts_with("x.json line 2: expected value (character 7)"));
        let lines = "{\"a\": 1, \"b\": 2}\n{\"a\": 1, \"b\": 2}\n{\"a\": 1,\n";
        assert!(refused(lines).starts_with("x.json line 3: EOF"), "{}", refused(lines));
        assert!(refused("{\"a\": 1, \"b\": 2}\n[1]\n").starts_with("x.json line 2: invalid type"));
    }
}
