//! The names of forms of JSON that are recognised by their keys and not read, for the error that refuses them.

use crate::error::Error;
use serde_json::{Map, Value};

/// The forms of JSON that are read.
const READ: &str = "snapshots (with \"format\": \"eyas-snapshot/2\"), results of many tools (lm-evaluation-harness, \
lighteval, HELM, OpenCompass, inspect_ai, MTEB, Every Eval Ever and others, see docs/formats.md), and lists of records \
such as [{\"model\": \"org/a\", \"MMLU\": 80.1}]";

/// What to give instead of a file that is refused by its name.
const TABLE: &str = "give its scores as a table, one row for each model";
const AS_LINEAGE: &str = "it holds no results; give it to predict as --lineage";

/// The error about JSON that no reader takes.
pub(super) fn refusal(value: &Value) -> Error {
    Error::input(match known(value) {
        Some((name, instead)) => format!("this JSON is of the form of {name}, which is not read here; {instead}"),
        None => format!("this JSON is of no known form; read are: {READ}"),
    })
}

/// Whether a value has one of these forms.
pub(super) fn is_known(value: &Value) -> bool {
    known(value).is_some()
}

/// The name of what is written with these keys, and what to give instead.
fn known(value: &Value) -> Option<(&'static str, &'static str)> {
    match value {
        Value::Array(list) => list.first()?.as_object().and_then(of_entry),
        Value::Object(object) => of_entry(object).or_else(|| of_file(object)),
        _ => None,
    }
}

/// Forms of which a file may hold a list, or one a line.
fn of_entry(object: &Map<String, Value>) -> Option<(&'static str, &'static str)> {
    let has = |keys: &[&str]| keys.iter().all(|key| object.contains_key(*key));
    if has(&["object_uuid", "record_type"]) {
        Some(("an index of Every Eval Ever", "give the files that it lists"))
    } else if has(&["model_a", "model_b", "winner"]) {
        Some(("single votes of an arena", "give the ratings that follow from them as a table, one row for each model"))
    } else if has(&["question_id", "judge", "score"]) || has(&["instruction", "preference"]) {
        Some(("single judgements of a judge", TABLE))
    } else {
        None
    }
}

fn of_file(object: &Map<String, Value>) -> Option<(&'static str, &'static str)> {
    let has = |keys: &[&str]| keys.iter().all(|key| object.contains_key(*key));
    if has(&["evalId", "results"]) {
        Some(("promptfoo", TABLE))
    } else if has(&["spec", "final_report"]) || has(&["spec", "run_id"]) {
        Some(("OpenAI Evals", TABLE))
    } else if has(&["architectures", "model_type"]) || has(&["transformers_version"]) {
        Some(("a model's config.json", AS_LINEAGE))
    } else if has(&["base_model_name_or_path"]) || has(&["peft_type"]) {
        Some(("an adapter_config.json", AS_LINEAGE))
    } else if object.keys().any(|key| key.starts_with("general.")) {
        Some(("GGUF metadata", AS_LINEAGE))
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
            (r#"{"object_uuid": "a", "record_type": "aggregate"}"#, "an index of Every Eval Ever, "),
            (r#"[{"model_a": "a", "model_b": "b", "winner": "model_a"}]"#, "single votes of an arena, "),
            (r#"{"evalId": "a", "results": {}}"#, "promptfoo, "),
            (r#"{"architectures": ["X"], "model_type": "x"}"#, "a model's config.json, "),
            (r#"{"peft_type": "LORA"}"#, "an adapter_config.json, "),
        ] {
            let message = refusal(&serde_json::from_str(text).unwrap()).to_string();
            assert!(message.contains(&format!("of the form of {name}which is not read here; ")), "{message}");
        }
        for text in ["{}", "[]", "1", r#"[{"model": "a", "t": 1}]"#, r#"{"a": {"b": 1}}"#] {
            assert!(!is_known(&serde_json::from_str(text).unwrap()), "{text}");
        }
    }
}
