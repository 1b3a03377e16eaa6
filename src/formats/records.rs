//! Tables as JSON, which become CSV: a list of records `[{"model": "org/a", "MMLU": 80.1}]`, the same under `data`,
//! `rows` or `results`, rows of the hub's dataset viewer, the `split` form of pandas, a list of rows of which the first is
//! the header, pandas' form by columns, and a record a line (JSONL).
//!
//! A record in a record gives columns `outer.inner`, a list one cell `a ; b`.

use super::bytes::line_ends;
use super::csv_text::{AsCsv, CsvText};
use super::words::{Sense, sense};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashMap;

/// A JSON text in which the numbers NaN, Infinity and -Infinity, which Python writes and JSON lacks, are `null`. Lines
/// stay where they are.
pub(super) fn tolerant(text: &str) -> Cow<'_, str> {
    const NUMBERS: [&str; 3] = ["-Infinity", "Infinity", "NaN"];
    if !text.contains("NaN") && !text.contains("Infinity") {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let (mut kept, mut at) = (0, 0);
    let (mut quoted, mut escaped) = (false, false);
    while let Some(&byte) = text.as_bytes().get(at) {
        let number = || NUMBERS.into_iter().find(|number| text.as_bytes()[at..].starts_with(number.as_bytes()));
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'-' | b'I' | b'N' if !quoted => {
                if let Some(number) = number() {
                    clean.push_str(&text[kept..at]);
                    clean.push_str(&format!("{:width$}", "null", width = number.len()));
                    kept = at + number.len();
                    at = kept;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    clean.push_str(&text[kept..]);
    Cow::Owned(clean)
}

/// Converts a table in a JSON value to CSV; `None` if it is no table. `text` is what the value was read from.
pub(super) fn to_csv(value: &Value, text: &str) -> Option<AsCsv> {
    if let Some(table) = split(value).or_else(|| by_columns(value)) {
        return Some(table);
    }
    let list = match value {
        Value::Array(list) if list.first().is_some_and(Value::is_array) => return rows(list),
        Value::Array(list) => list,
        Value::Object(object) => ["data", "rows", "results"].iter().find_map(|key| object.get(*key)?.as_array())?,
        _ => return None,
    };
    let records: Option<Vec<_>> = list.iter().map(record).collect();
    let lines = record_lines(text, list.len());
    table(&records?, &lines)
}

/// Converts a single record that names its model: `{"model": "org/a", "MMLU": 80.1}`, also with the scores in an object of
/// their own.
pub(super) fn single_to_csv(value: &Value) -> Option<AsCsv> {
    const MODEL: [&str; 3] = ["model", "model_name", "model_id"];
    const SCORES: [&str; 4] = ["results", "scores", "metrics", "benchmarks"];
    let record = record(value)?;
    if !MODEL.iter().any(|key| record.get(*key).is_some_and(Value::is_string)) {
        return None;
    }
    let mut plain = Map::new();
    for (name, value) in record {
        match value {
            Value::Object(inner) if SCORES.contains(&name.as_str()) => plain.extend(inner.clone()),
            other => drop(plain.insert(name.clone(), other.clone())),
        }
    }
    plain.values().any(Value::is_number).then(|| table(&[&plain], &[1]))?
}

/// The records of a text with one on each line, with their lines; `None` if the first of several lines is no record. The
/// first line that is none is an error.
#[expect(clippy::type_complexity, reason = "an error has a line as a record has")]
pub(super) fn lines(text: &str) -> Option<Result<Vec<(u64, Value)>, (u64, serde_json::Error)>> {
    let text = tolerant(text);
    let mut numbered = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()).peekable();
    let parse = |line: &str| serde_json::from_str::<Map<String, Value>>(line).map(Value::Object);
    let (first, line) = numbered.next()?;
    let record = parse(line).ok()?;
    numbered.peek()?;
    let rest = numbered.map(|(number, line)| match parse(line) {
        Ok(record) => Ok((number, record)),
        Err(error) => Err((number, error)),
    });
    Some(std::iter::once(Ok((first, record))).chain(rest).collect())
}

/// Converts records with their lines.
pub(super) fn lines_to_csv(lines: &[(u64, Value)]) -> Option<AsCsv> {
    let records: Option<Vec<_>> = lines.iter().map(|(_, value)| record(value)).collect();
    let numbers: Vec<u64> = lines.iter().map(|(number, _)| *number).collect();
    table(&records?, &numbers)
}

/// The record of an entry: the entry, or its `row` in the hub's dataset viewer. `None` if it is no object, or if one of
/// its values is a list of objects or is nested deeper.
fn record(entry: &Value) -> Option<&Map<String, Value>> {
    let object = entry.as_object()?;
    let object = match object.get("row_idx").and(object.get("row")) {
        Some(row) => row.as_object()?,
        None => object,
    };
    let is_plain = |value: &Value| match value {
        Value::Array(list) => !list.iter().any(|value| value.is_object() || value.is_array()),
        Value::Object(_) => false,
        _ => true,
    };
    let is_flat = |value: &Value| match value {
        Value::Object(inner) => inner.values().all(is_plain),
        other => is_plain(other),
    };
    (!object.is_empty() && object.values().all(is_flat)).then_some(object)
}

/// The table of records: all keys in the order of their first occurrence.
fn table(records: &[&Map<String, Value>], lines: &[u64]) -> Option<AsCsv> {
    let mut names: Vec<String> = Vec::new();
    let mut columns: HashMap<String, usize> = HashMap::new();
    let mut rows = Vec::with_capacity(records.len());
    for record in records {
        let mut row: Vec<(usize, String)> = Vec::new();
        for (name, value) in flat(record) {
            let column = *columns.entry(name).or_insert_with_key(|name| {
                names.push(name.clone());
                names.len() - 1
            });
            row.push((column, cell(value)));
        }
        rows.push(row);
    }
    if names.len() < 2 || rows.is_empty() {
        return None;
    }
    let mut csv = CsvText::new();
    csv.row(1, &names);
    for (at, row) in rows.into_iter().enumerate() {
        let mut cells = vec![String::new(); names.len()];
        row.into_iter().for_each(|(column, text)| cells[column] = text);
        // The header took a line that the records' own file lacks.
        csv.row(lines.get(at).map_or(0, |line| line + 1), cells);
    }
    Some(csv.finish(1))
}

/// The values of a record by name, those of records in it as `outer.inner`.
fn flat(record: &Map<String, Value>) -> impl Iterator<Item = (String, &Value)> {
    record.iter().flat_map(|(name, value)| match value {
        Value::Object(inner) => inner.iter().map(|(key, value)| (format!("{name}.{key}"), value)).collect(),
        value => vec![(name.clone(), value)],
    })
}

/// The form that pandas calls `split`: `{"columns": […], "index": […], "data": [[…]]}`, or Gradio's, with `headers`. An
/// index of texts becomes the first column, without a name.
fn split(value: &Value) -> Option<AsCsv> {
    let list = |key: &str| value.get(key).and_then(Value::as_array);
    let (columns, data) = (list("columns").or_else(|| list("headers"))?, list("data")?);
    let index = list("index").filter(|index| index.iter().any(Value::is_string) && index.len() == data.len());
    let mut csv = CsvText::new();
    let first = index.map(|_| String::new());
    csv.row(1, first.into_iter().chain(columns.iter().map(cell)));
    for (at, row) in data.iter().enumerate() {
        let first = index.map(|index| cell(&index[at]));
        csv.row(0, first.into_iter().chain(row.as_array()?.iter().map(cell)));
    }
    (!data.is_empty()).then(|| csv.finish(1))
}

/// The form that pandas writes by default: `{"model": {"0": "org/a"}, "MMLU": {"0": 80.1}}`. A column names the models in
/// texts.
fn by_columns(value: &Value) -> Option<AsCsv> {
    let columns: Option<Vec<_>> =
        value.as_object()?.iter().map(|(name, cells)| Some((name, cells.as_object()?))).collect();
    let columns = columns.filter(|columns| columns.len() >= 2)?;
    let is_model = |(name, cells): &&(&String, &Map<String, Value>)| {
        matches!(sense(name), Some(Sense::Model(_))) && !cells.is_empty() && cells.values().all(Value::is_string)
    };
    let (_, models) = columns.iter().find(is_model)?;
    let is_cell = |value: &Value| !value.is_object() && !value.is_array();
    if !columns.iter().all(|(_, cells)| cells.values().all(is_cell) && cells.keys().all(|row| models.contains_key(row)))
    {
        return None;
    }
    let mut csv = CsvText::new();
    csv.row(1, columns.iter().map(|(name, _)| name.as_str()));
    for row in models.keys() {
        csv.row(0, columns.iter().map(|(_, cells)| cells.get(row).map(cell).unwrap_or_default()));
    }
    Some(csv.finish(1))
}

/// A list of rows, of which the first holds the names of the columns: `[["model", "MMLU"], ["org/a", 80.1]]`.
fn rows(list: &[Value]) -> Option<AsCsv> {
    let (header, rows) = list.split_first()?;
    let header = header.as_array()?;
    let is_header = header.len() >= 2 && header.iter().all(Value::is_string);
    let is_row = |row: &Value| {
        row.as_array()
            .is_some_and(|row| row.len() <= header.len() && !row.iter().any(|cell| cell.is_array() || cell.is_object()))
    };
    if !is_header || rows.is_empty() || !rows.iter().all(is_row) {
        return None;
    }
    let mut csv = CsvText::new();
    csv.row(1, header.iter().map(cell));
    for row in rows.iter().filter_map(Value::as_array) {
        csv.row(0, row.iter().map(cell));
    }
    Some(csv.finish(1))
}

/// A value as a cell: texts are unchanged, flags are as Python writes them, `null` is an empty cell.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => if *flag { "True" } else { "False" }.to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(cell).collect::<Vec<_>>().join(" ; "),
        other => other.to_string(),
    }
}

/// The lines on which the objects of the last list with this number of objects start; empty if there is no such list.
fn record_lines(text: &str, count: usize) -> Vec<u64> {
    let mut open: Vec<(u8, Vec<u64>)> = Vec::new();
    let (mut quoted, mut escaped) = (false, false);
    let (mut line, mut counted) = (1, 0);
    let mut found = Vec::new();
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => {
                if let Some((b'[', lines)) = open.last_mut().filter(|_| byte == b'{') {
                    line += line_ends(&text.as_bytes()[counted..at]);
                    counted = at;
                    lines.push(line);
                }
                open.push((byte, Vec::new()));
            }
            b'}' | b']' => {
                if let Some((_, lines)) = open.pop().filter(|(_, lines)| lines.len() == count && open.len() < 2) {
                    found = lines;
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::table::Table;
    use super::*;

    fn csv(text: &str) -> Option<String> {
        let csv = to_csv(&serde_json::from_str(&tolerant(text)).unwrap(), text)?;
        Some(String::from_utf8(csv.bytes).unwrap())
    }

    fn compact(text: &str) -> Option<String> {
        csv(text).map(|csv| csv.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn numbers_that_json_lacks_become_null() {
        for (text, expected) in [
            (
                r#"{"a":NaN,"b":[Infinity, -Infinity],"c":"NaN \" NaN","d":-1}"#,
                r#"{"a":null,"b":[null    , null     ],"c":"NaN \" NaN","d":-1}"#,
            ),
            (r#"{"NaN":1}"#, r#"{"NaN":1}"#),
        ] {
            assert_eq!(tolerant(text), expected);
        }
        assert!(matches!(tolerant("{\"a\": 1}"), Cow::Borrowed(_)));
    }

    #[test]
    fn records_become_rows() {
        let rows = r#"[{"model":"org/a","MMLU":80.123456789012345,"open":true,"tags":["x","y"],"size":{"total":7,"active":null}},
            {"model":"org/b, c","GSM8K":NaN}]"#;
        let expected = "model,MMLU,open,tags,size.total,size.active,GSM8K\norg/a,80.12345678901235,True,x ; y,7,\"\",\"\"\n\"org/b, c\",\"\",\"\",\"\",\"\",\"\",\"\"";
        assert_eq!(compact(rows).as_deref(), Some(expected));
        for key in ["data", "rows", "results"] {
            assert_eq!(compact(&format!("{{\"n\": 2, {key:?}: {rows}}}")).as_deref(), Some(expected));
        }
        let viewer = r#"{"features":[{"feature_idx":0,"name":"model"}],"rows":[{"row_idx":0,"row":{"model":"a","t":1},"truncated_cells":[]}]}"#;
        assert_eq!(compact(viewer).as_deref(), Some("model,t\na,1"));
        let split = r#"{"columns":["t","u"],"index":["a","b"],"data":[[1,2],[3,null]]}"#;
        assert_eq!(compact(split).as_deref(), Some("\"\",t,u\na,1,2\nb,3,\"\""));
        let default = r#"{"model":{"0":"a","1":"b"},"t":{"0":1,"1":null},"u":{"1":2}}"#;
        assert_eq!(compact(default).as_deref(), Some("model,t,u\na,1,\"\"\nb,\"\",2"));
        let gradio = r#"{"headers":["model","t"],"data":[["a",1]],"metadata":null}"#;
        assert_eq!(compact(gradio).as_deref(), Some("model,t\na,1"));
        assert_eq!(compact(r#"[["model","t","u"],["a",1,null],["b",2]]"#).as_deref(), Some("model,t,u\na,1,\"\"\nb,2"));
        assert_eq!(compact(&split.replace(r#""a","b""#, "0,1")).as_deref(), Some("t,u\n1,2\n3,\"\""));
    }

    #[test]
    fn a_single_record_names_its_model() {
        let single = |text: &str| {
            let csv = single_to_csv(&serde_json::from_str(text).unwrap())?;
            Some(String::from_utf8(csv.bytes).unwrap().trim_start().to_owned())
        };
        let expected = "model,MMLU,GSM8K\norg/a,80.1,50.2\n";
        assert_eq!(single(r#"{"model": "org/a", "MMLU": 80.1, "GSM8K": 50.2}"#).as_deref(), Some(expected));
        assert_eq!(single(r#"{"model": "org/a", "scores": {"MMLU": 80.1, "GSM8K": 50.2}}"#).as_deref(), Some(expected));
        for text in
            [r#"{"MMLU": 80.1, "GSM8K": 50.2}"#, r#"{"model": "org/a", "note": "x"}"#, r#"{"model": 7, "MMLU": 1}"#]
        {
            assert_eq!(single(text), None, "{text}");
        }
    }

    #[test]
    fn other_values_are_no_records() {
        for text in [
            r#"{"MMLU":{"org/a":80.1}}"#,
            r#"[{"model":"a","scores":[{"t":1}]}]"#,
            r#"[{"model":"a","scores":{"x":{"y":1}}}]"#,
            r#"[{"model":"a"}]"#,
            "[{}]",
            "[1,2]",
            "[[1,2],[3,4]]",
            r#"[["a","b"]]"#,
            r#"[["a","b"],[1,2,3]]"#,
            r#"[["a","b"],[1,[2]]]"#,
            "{}",
        ] {
            assert_eq!(csv(text), None, "{text}");
        }
    }

    #[test]
    fn records_keep_their_lines() {
        let found = |csv: AsCsv| {
            let mut lines = Vec::new();
            let visited = Table::converted("x", &csv.bytes, csv.above).unwrap().each(|row| {
                lines.push(row.line);
                Ok(())
            });
            visited.unwrap();
            lines
        };
        let text = "{\"data\": [\n  {\"a\": \"[{\",\n   \"b\": 1},\n\n  {\"a\": 2, \"b\": {\"c\": []}}\n]}\n";
        assert_eq!(found(to_csv(&serde_json::from_str(text).unwrap(), text).unwrap()), [2, 5]);
        let text = "{\"a\": 1, \"b\": NaN}\n\n{\"a\": 2, \"b\": 3}\n";
        assert_eq!(found(lines_to_csv(&lines(text).unwrap().unwrap()).unwrap()), [1, 3]);
        assert_eq!(lines("{\"a\": 1}\n[2]\n").unwrap().unwrap_err().0, 2);
        assert!(lines("{\"a\": 1}\n").is_none() && lines("[1]\n{}\n").is_none());
    }
}
