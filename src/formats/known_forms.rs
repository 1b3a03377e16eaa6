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
    let inner = |key: &str, name: &str| object.get(key).is_some_and(|value| value.get(name).is_some());
    if has("evaluation_results") && (has("schema_version") || has("model_info")) {
        Some("Every Eval Ever")
    } else if has("doc_id") && ["doc", "resps", "filtered_resps", "target", "acc"].iter().any(|key| has(key)) {
        Some("samples of lm-evaluation-harness")
    } else if inner("name", "name") && (has("mean") || has("count")) {
        Some("HELM's statistics")
    } else if has("header") && has("rows") && has("title") {
        Some("HELM's tables of groups")
    } else if has("question_id") && has("pass@1") {
        Some("LiveCodeBench")
    } else {
        None
    }
}

/// Forms of one run.
fn of_run(object: &Map<String, Value>) -> Option<&'static str> {
    let has = |key: &str| object.contains_key(key);
    let eval = |key: &str| object.get("eval").is_some_and(|eval| eval.get(key).is_some());
    let evaluated = object.get("eval").is_some_and(Value::is_object);
    if eval("task") || (has("status") && eval("model")) {
        Some("inspect_ai")
    } else if evaluated && (has("pass_at_k") || has("hash")) {
        Some("EvalPlus")
    } else if evaluated || object.get("pass@1").is_some_and(Value::is_number) {
        Some("BigCodeBench")
    } else if has("task_name") && (has("scores") || has("mteb_version")) {
        Some("results of MTEB")
    } else if has("config_general") && has("results") {
        Some("lighteval")
    } else if has("adapter_spec") {
        Some("HELM's runs")
    } else {
        None
    }
}

/// Forms of boards, by the first of their entries.
fn of_board(object: &Map<String, Value>) -> Option<&'static str> {
    let has = |key: &str| object.contains_key(key);
    let first_of = |value: &Value| value.as_array().and_then(|list| list.first()?.as_object()).and_then(of_entry);
    if has("leaderboards") {
        return Some("SWE-bench");
    }
    if has("performances") && has("models") {
        return Some("LiveCodeBench");
    }
    if let Some(name) = object.get("data").and_then(first_of) {
        return Some(name);
    }
    let entry = object.values().next()?.as_object()?;
    let passed = |key: &str| entry.get("pass@1").is_some_and(|scores| scores.get(key).is_some());
    let second = entry.values().next();
    if passed("instruct") || passed("complete") {
        Some("BigCodeBench")
    } else if passed("humaneval") || passed("mbpp") {
        Some("EvalPlus")
    } else if second.is_some_and(|instance| instance.get("resolved").is_some()) {
        Some("SWE-bench")
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
            (r#"{"org-A": {"pass@1": {"humaneval": 81.7, "mbpp": null}, "size": 8.0}}"#, "EvalPlus"),
            (r#"{"date": "", "hash": "", "eval": {"HumanEval/0": []}, "pass_at_k": {}}"#, "EvalPlus"),
            (r#"{"a": {"link": "", "pass@1": {"instruct": 13.5, "complete": 12.8}}}"#, "BigCodeBench"),
            (r#"{"leaderboards": [{"name": "Verified", "results": [{"name": "a", "resolved": 65.4}]}]}"#, "SWE-bench"),
            (r#"{"a": {"django-1": {"resolved": true, "cost": 1.0}}}"#, "SWE-bench"),
            (r#"{"version": 2, "eval": {"task": "arc", "model": "lab/m"}, "results": {"scores": []}}"#, "inspect_ai"),
            (r#"{"task_name": "X", "scores": {"test": [{"main_score": 0.75}]}}"#, "results of MTEB"),
            (r#"{"schema_version": "0.2.0", "model_info": {}, "evaluation_results": []}"#, "Every Eval Ever"),
            (r#"{"doc_id": 0, "doc": {}, "acc": 1.0}"#, "samples of lm-evaluation-harness"),
            (r#"[{"doc_id": 0, "acc": 1.0}]"#, "samples of lm-evaluation-harness"),
            (r#"{"config_general": {"model_name": "a/b"}, "results": {"all": {"acc": 0.5}}}"#, "lighteval"),
            (r#"[{"name": {"name": "exact_match", "split": "test"}, "count": 1, "mean": 0.1}]"#, "HELM's statistics"),
            (r#"{"performances": [], "models": []}"#, "LiveCodeBench"),
        ] {
            assert_eq!(name_of(&serde_json::from_str(text).unwrap()), Some(name), "{text}");
        }
        for text in ["{}", "[]", "1", r#"[{"model": "a", "t": 1}]"#, r#"{"a": {"b": 1}}"#] {
            assert_eq!(name_of(&serde_json::from_str(text).unwrap()), None, "{text}");
        }
    }
}
