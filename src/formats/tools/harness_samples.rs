//! `samples_<task>_<time>.jsonl` of lm-evaluation-harness: a line for each item, in one metric of 0 or 1. They give
//! outcomes of items; the model is told by the folder, or by the `results_*.json` beside them.

use super::main_metric::Metric;
use super::model_name::{self, Arguments};
use super::{File, number};
use crate::error::Result;
use crate::formats::collection::Collection;
use crate::formats::folder::{model_of_folder, stem};
use crate::formats::yaml::words;
use serde_json::Value;

pub(super) fn recognise(value: &Value) -> bool {
    let first = value.as_array().and_then(|list| list.first()).and_then(Value::as_object);
    first.is_some_and(|first| {
        let has = |key: &str| first.contains_key(key);
        has("doc_id") && ["doc", "resps", "filtered_resps", "target", "metrics"].iter().any(|key| has(key))
    })
}

pub(super) fn read(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let samples = file.value.as_array().map_or(&[][..], Vec::as_slice);
    let Some((metric, filter)) = preferred(samples) else {
        to.leave_out("items", "no metric of 0 or 1", samples.len());
        return Ok(());
    };
    let model = model(file, to);
    let dataset = task(file.name);
    for sample in samples {
        if words(sample.get("filter")).unwrap_or("none") != filter {
            to.leave_out("items", "another filter of the same answers", 1);
            continue;
        }
        let id = sample.get("doc_id").filter(|id| !id.is_null());
        let solved = match sample.get(&metric) {
            Some(Value::Bool(solved)) => Some(*solved),
            value => number(value).filter(|value| *value == 0.0 || *value == 1.0).map(|value| value == 1.0),
        };
        match (id, solved) {
            (Some(id), Some(solved)) => {
                let item = words(Some(id)).map_or_else(|| id.to_string(), str::to_owned);
                to.outcome(model, dataset, &item, solved);
            }
            _ => to.leave_out("items", "neither 0 nor 1", 1),
        }
    }
    Ok(())
}

/// The metric and filter that are read: the preferred metric of the first item, and the preferred filter of all.
fn preferred(samples: &[Value]) -> Option<(String, &str)> {
    let first = samples.first()?;
    let of_tool = ["doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics"];
    let stated: Option<Vec<&str>> =
        first.get("metrics").and_then(Value::as_array).map(|names| names.iter().filter_map(Value::as_str).collect());
    let numeric = |value: &Value| value.is_number() || value.is_boolean();
    let fields = first.as_object()?.iter().filter(|(_, value)| numeric(value)).map(|(key, _)| key.as_str());
    let named = fields.filter(|key| match &stated {
        Some(names) => names.contains(key),
        None => !of_tool.contains(key) && !key.ends_with("_hash"),
    });
    let metric = named.min_by_key(|name| Metric { name, filter: None }.order())?;
    let filters = samples.iter().map(|sample| words(sample.get("filter")).unwrap_or("none"));
    let filter = filters.min_by_key(|filter| Metric { name: metric, filter: Some(filter) }.order())?;
    Some((metric.to_owned(), filter))
}

/// The task in the name of a file: `samples_arc_easy_2026-01-21T03-44-18.458309.jsonl`.
fn task(path: &str) -> &str {
    let stem = stem(path);
    let name = stem.strip_prefix("samples_").unwrap_or(stem);
    match name.rsplit_once('_') {
        Some((task, time)) if time.starts_with("20") && !task.is_empty() => task,
        _ => name,
    }
}

fn model(file: &File<'_>, to: &mut Collection<'_>) -> u32 {
    if let Some(id) = model_of_folder(file.name) {
        return to.model(&id);
    }
    let results = file.folder.neighbours(file.name).filter(|name| name.starts_with("results"));
    let named = results.filter_map(|name| {
        let value: Value = serde_json::from_str(&file.folder.beside(file.name, name)?).ok()?;
        Some(value)
    });
    for value in named {
        let config = value.get("config").unwrap_or(&Value::Null);
        let stated = model_name::first(&value, &["model_name"]);
        if let Some(model) = model_name::from_arguments(&Arguments(config.get("model_args")), stated, to) {
            return model;
        }
    }
    model_name::from_path(file.name, to)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, scores};

    const SAMPLES: &str = r#"{"doc_id": 0, "doc": {"question": "?"}, "target": "3", "filter": "strict-match", "metrics": ["exact_match"], "exact_match": 0.0}
{"doc_id": 0, "doc": {"question": "?"}, "target": "3", "filter": "flexible-extract", "metrics": ["exact_match"], "exact_match": 1.0}
{"doc_id": 7, "doc": {"question": "?"}, "target": "4", "filter": "strict-match", "metrics": ["exact_match"], "exact_match": 1.0}
"#;

    #[test]
    fn samples_are_outcomes_of_the_folder_s_model() {
        let imported = read(&[("acme__bird-7b/samples_gsm8k_cot_2026-01-21T03-44-18.458309.jsonl", SAMPLES)]);
        assert_eq!(scores(&imported), ["acme/bird-7b gsm8k_cot/0 0", "acme/bird-7b gsm8k_cot/7 1"]);
        assert_eq!(imported.report.dropped[0].count, 1);
    }

    #[test]
    fn results_beside_samples_name_the_model_and_take_their_place() {
        let results =
            r#"{"results": {"gsm8k": {"exact_match,none": 0.5}}, "model_name": "acme/bird-7b", "config": {}}"#;
        let samples = ("runs/samples_gsm8k_2026-01-21.jsonl", SAMPLES);
        let imported = read(&[("runs/results_2026-01-21.json", results), samples]);
        assert_eq!(scores(&imported), ["acme/bird-7b gsm8k 0.5"]);
        assert!(imported.warnings[0].to_string().contains("outcomes of items, which don't join the scores"));
        let alone = read(&[samples]);
        assert!(alone.warnings[0].to_string().contains("names no model"));
    }
}
