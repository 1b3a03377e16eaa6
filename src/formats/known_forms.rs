//! The names of forms of JSON that are not read, by their keys, for the error that refuses them.

use crate::error::Error;
use serde_json::{Map, Value};

/// The forms of JSON that are read.
const READ: &str = "snapshots (with \"format\": \"eyas-snapshot/2\"), results of lm-evaluation-harness, BenchPress, and \
lists of records such as [{\"model\": \"org/a\", \"MMLU\": 80.1}]";

/// The error about JSON that no reader takes.
pub(super) fn refusal(value: &Value) -> Error {
    Error::input(match name_of(value) {
        Some(name) => format!(
            "this JSON is of the form of {name}, which is not read yet; give its scores as a table, one row for each model"
        ),
        None => format!("this JSON is of no known form; read are: {READ}"),
    })
}

/// The name of the tool or board that writes JSON with these keys.
pub(super) fn name_of(value: &Value) -> Option<&'static str> {
    match value {
        Value::Array(list) => list.first()?.as_object().and_then(of_entry),
        Value::Object(object) => of_entry(object).or_else(|| of_run(object)).or_else(|| of_board(object)),
        _ => None,
    }
}

/// Forms of which a file may hold a list, or one a line.
fn of_entry(object: &Map<String, Value>) -> Option<&'static str> {
    let has = |key: &str| object.contains_key(key);
    if has("evaluation_results") && (has("schema_version") || has("model_info")) {
        Some("Every Eval Ever")
    } else if has("doc_id") && ["doc", "resps", "filtered_resps", "target", "acc"].iter().any(|key| has(key)) {
        Some("samples of lm-evaluation-harness")
    } else if has("evaluations") && has("model_creator") {
        Some("Artificial Analysis")
    } else {
        None
    }
}

/// Forms of one run.
fn of_run(object: &Map<String, Value>) -> Option<&'static str> {
    let has = |key: &str| object.contains_key(key);
    if has("config_general") && has("results") { Some("lighteval") } else { None }
}

/// Forms of boards, by the first of their entries.
fn of_board(object: &Map<String, Value>) -> Option<&'static str> {
    let first_of = |value: &Value| value.as_array().and_then(|list| list.first()?.as_object()).and_then(of_entry);
    if let Some(name) = object.get("data").and_then(first_of) {
        return Some(name);
    }
    let entry = object.values().next()?.as_object()?;
    let second = entry.values().next();
    if ["dataset", "metric", "mode"].iter().all(|key| entry.contains_key(*key)) {
        Some("OpenCompass")
    } else if second.is_some_and(|model| model.get("META").is_some()) {
        Some("OpenCompass's board OpenVLM")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_known_by_their_keys() {
        for (text, name) in [
            (r#"{"schema_version": "0.2.0", "model_info": {}, "evaluation_results": []}"#, "Every Eval Ever"),
            (r#"{"doc_id": 0, "doc": {}, "acc": 1.0}"#, "samples of lm-evaluation-harness"),
            (r#"[{"doc_id": 0, "acc": 1.0}]"#, "samples of lm-evaluation-harness"),
            (r#"{"config_general": {"model_name": "a/b"}, "results": {"all": {"acc": 0.5}}}"#, "lighteval"),
            (
                r#"{"mmlu": {"dataset": "mmlu", "version": "-", "metric": "acc", "mode": "gen", "m": 50}}"#,
                "OpenCompass",
            ),
            (r#"{"results": {"m": {"META": {}, "MMBench": {}}}}"#, "OpenCompass's board OpenVLM"),
            (r#"{"data": [{"id": "x", "model_creator": {}, "evaluations": {}}]}"#, "Artificial Analysis"),
        ] {
            assert_eq!(name_of(&serde_json::from_str(text).unwrap()), Some(name), "{text}");
        }
        for text in ["{}", "[]", "1", r#"[{"model": "a", "t": 1}]"#, r#"{"a": {"b": 1}}"#] {
            assert_eq!(name_of(&serde_json::from_str(text).unwrap()), None, "{text}");
        }
    }
}
