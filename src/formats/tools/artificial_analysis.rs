//! Artificial Analysis: `{data: [{id, name, model_creator, evaluations: {mmlu_pro: 0.83, …}, pricing, …}]}`, as its interface
//! for programs answers.
//!
//! The evaluations are tasks: fractions, and indices from 0 to 100. Prices are facts about the models. Speeds and latencies
//! are not read.

use super::{File, number};
use crate::error::Result;
use crate::formats::collection::{Collection, Measure};
use crate::formats::yaml::words;
use crate::snapshot::{DataSource, Declared, Detail, Factor, Range, parse_day};
use serde_json::Value;
use std::collections::HashMap;

fn entries(value: &Value) -> Option<&[Value]> {
    value.get("data").unwrap_or(value).as_array().map(Vec::as_slice)
}

fn is_entry(entry: &Value) -> bool {
    let has = |key: &str| entry.get(key).is_some_and(Value::is_object);
    has("evaluations") && (has("model_creator") || has("pricing"))
}

pub(super) fn recognise(value: &Value) -> bool {
    entries(value).and_then(<[Value]>::first).is_some_and(is_entry)
}

pub(super) fn read(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let entries = entries(file.value).unwrap_or_default();
    let url = Some("https://artificialanalysis.ai".to_owned());
    to.source(DataSource { url, ..DataSource::new("Artificial Analysis", DataSource::NOT_STATED) });
    if file.value.get("pagination").and_then(|page| page.get("has_more")).and_then(Value::as_bool) == Some(true) {
        to.warn("is one of several pages (pagination.has_more); give the other pages with it");
    }
    let measures = measures(entries);
    for entry in entries {
        let id = words(entry.get("name")).or_else(|| words(entry.get("slug"))).or_else(|| words(entry.get("id")));
        let (Some(id), Some(evaluations)) = (id, entry.get("evaluations").and_then(Value::as_object)) else {
            to.leave_out("entries", "no model or no evaluations", 1);
            continue;
        };
        let model = to.model(id);
        facts(entry, model, to);
        for (name, score) in evaluations.iter().filter(|(_, score)| !score.is_null()) {
            match (number(Some(score)), measures.get(name)) {
                (Some(score), Some(&(low, high))) => {
                    to.score(model, &measure(name, low, high), score, Detail::default())
                }
                _ => to.leave_out("scores", "no number", 1),
            }
        }
    }
    Ok(())
}

/// The lowest and highest score of each evaluation.
fn measures(entries: &[Value]) -> HashMap<String, (f64, f64)> {
    let mut ends: HashMap<String, (f64, f64)> = HashMap::new();
    let all = entries.iter().filter_map(|entry| entry.get("evaluations")?.as_object()).flatten();
    for (name, score) in all {
        let Some(score) = number(Some(score)) else { continue };
        let known = ends.entry(name.clone()).or_insert((score, score));
        *known = (known.0.min(score), known.1.max(score));
    }
    ends
}

/// A task, with the range that its scores keep to.
fn measure(name: &str, low: f64, high: f64) -> Measure {
    let measure = Measure::new(name, None);
    let within = |range: Range| range.contains(low as f32) && range.contains(high as f32);
    let (index, other) = (within(Range::PERCENT), within(Range::FRACTION));
    match name.ends_with("_index") {
        true if index => measure.percent(),
        false if other => measure.fraction(),
        true => Measure { declared: Declared::Open, ..measure },
        false => measure,
    }
}

fn facts(entry: &Value, model: u32, to: &mut Collection<'_>) {
    let creator = entry.get("model_creator").unwrap_or(&Value::Null);
    to.fact(model, "organization", words(creator.get("name")).unwrap_or_default());
    let family = entry.get("model_family").map(|family| family.get("name").unwrap_or(family));
    to.fact(model, "family", words(family).unwrap_or_default());
    let about = to.about(model);
    about.date = about.date.or_else(|| parse_day(words(entry.get("release_date"))?));
    let prices = entry.get("pricing").unwrap_or(&Value::Null);
    for key in ["price_1m_input_tokens", "price_1m_output_tokens"] {
        if let Some(price) = number(prices.get(key)).filter(|price| *price >= 0.0) {
            about.factors.entry(key.to_owned()).or_insert(Factor::Number(price));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, scores};
    use crate::snapshot::{Factor, Range};

    #[test]
    fn evaluations_are_tasks() {
        let imported = read(&[(
            "models.json",
            r#"{"status": 200, "pagination": {"page": 1, "has_more": true}, "data": [
              {"id": "1f", "name": "Bird 7 (high)", "slug": "bird-7", "release_date": "2025-01-31", "model_creator": {"id": "c", "name": "Acme", "slug": "acme"},
               "evaluations": {"artificial_analysis_intelligence_index": 57.1, "mmlu_pro": 0.83, "hle": null, "rating_elo": 1010.5},
               "pricing": {"price_1m_blended_3_to_1": 1.9, "price_1m_input_tokens": 1.1, "price_1m_output_tokens": 4.4}, "median_output_tokens_per_second": 153.8},
              {"id": "2f", "name": "Crow 8", "model_family": {"name": "Crow"}, "model_creator": {"name": "Other"}, "evaluations": {"mmlu_pro": 0.7, "hle": "n/a", "rating_elo": 990}},
              {"id": "3f", "name": "Owl", "model_creator": null}]}"#,
        )]);
        assert_eq!(
            scores(&imported),
            [
                "Bird 7 (high) artificial_analysis_intelligence_index 57.1",
                "Bird 7 (high) mmlu_pro 0.83",
                "Bird 7 (high) rating_elo 1010.5",
                "Crow 8 mmlu_pro 0.7",
                "Crow 8 rating_elo 990"
            ]
        );
        let snapshot = &imported.snapshot;
        let ranges: Vec<_> = snapshot.tasks.iter().map(|task| task.range).collect();
        assert_eq!(ranges, [Some(Range::PERCENT), Some(Range::FRACTION), None]);
        let model = &snapshot.models[0];
        assert_eq!(
            (&model.factors["organization"], &model.factors["price_1m_input_tokens"]),
            (&Factor::Text("Acme".into()), &Factor::Number(1.1))
        );
        assert_eq!(model.date.unwrap().to_string(), "2025-01-31");
        assert!(
            imported.warnings.iter().any(|warning| warning.to_string().contains("has_more")),
            "{:?}",
            imported.warnings
        );
        assert_eq!(imported.report.dropped.len(), 2);
    }
}
