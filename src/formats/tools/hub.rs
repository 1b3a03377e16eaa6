//! JSON of the hub's API: the rows of a benchmark's leaderboard (`/api/datasets/{id}/leaderboard`), and models with their
//! results (`evalResults`, or a `model-index` in `cardData`), alone or in a list. Models bring their parents and facts.

use super::card_results::{read_entry, read_result};
use super::{File, number};
use crate::error::Result;
use crate::formats::collection::{Collection, Measure};
use crate::formats::folder::stem;
use crate::formats::lineage::parse_hub_model;
use crate::formats::yaml::words;
use crate::snapshot::{DataSource, Declared, Detail, Range, parse_day};
use serde_json::Value;

/// Whether a list holds the rows of a leaderboard.
pub(super) fn is_leaderboard(value: &Value) -> bool {
    let first = value.as_array().and_then(|rows| rows.first());
    first.is_some_and(|row| row.get("modelId").is_some_and(Value::is_string) && row.get("value").is_some())
}

/// Reads the rows of a leaderboard. They don't name the benchmark, so the file does; percentages if one is above 1.
pub(super) fn read_leaderboard(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let rows = file.value.as_array().map_or(&[][..], Vec::as_slice);
    let values = || rows.iter().filter_map(|row| number(row.get("value")));
    let range = if values().any(|value| value > 1.0) { Range::PERCENT } else { Range::FRACTION };
    let fits = values().all(|value| range.contains(value as f32));
    let declared = if fits { Declared::Range(range) } else { Declared::Open };
    let measure = Measure { declared, ..Measure::new(stem(file.name), None) };
    for row in rows {
        match words(row.get("modelId")).zip(number(row.get("value"))) {
            Some((id, value)) => {
                let model = to.model(id);
                let source = words(row.get("source").and_then(|source| source.get("name")));
                let source = source.map(|name| to.source(DataSource::new(name, DataSource::NOT_STATED)));
                to.score(model, &measure, value, Detail { source, ..Detail::default() });
            }
            None => to.leave_out("rows", "no model or no value", 1),
        }
    }
    Ok(())
}

/// Whether a value is a model of the hub with results, or a list of such models.
pub(super) fn recognise(value: &Value) -> bool {
    let is_model = |value: &Value| {
        let named = value.get("id").or_else(|| value.get("modelId")).is_some_and(Value::is_string);
        let of_hub = ["evalResults", "cardData", "model-index", "modelId", "baseModels"].iter();
        named && of_hub.clone().any(|key| value.get(key).is_some()) && value.get("tags").is_none_or(Value::is_array)
    };
    match value {
        Value::Array(list) => list.first().is_some_and(is_model) && !is_leaderboard(value),
        one => is_model(one),
    }
}

pub(super) fn read(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let models = match file.value {
        Value::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    for entry in models {
        let Some(id) = words(entry.get("id")).or_else(|| words(entry.get("modelId"))) else {
            to.leave_out("entries", "no id", 1);
            continue;
        };
        let listed = entry.get("evalResults").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let index = entry.get("cardData").and_then(|card| card.get("model-index")).or_else(|| entry.get("model-index"));
        let results = index.and_then(|index| index.get(0)?.get("results")?.as_array()).map_or(&[][..], Vec::as_slice);
        if listed.is_empty() && results.is_empty() {
            to.leave_out("models", "no results", 1);
            continue;
        }
        let model = to.model(id);
        to.about(model).date = words(entry.get("createdAt")).and_then(parse_day);
        let card = parse_hub_model(file.name, entry).unwrap_or_default();
        card.parents.into_iter().for_each(|parent| to.parent(model, parent));
        to.about(model).factors.extend(card.factors);
        listed.iter().for_each(|entry| read_entry(model, entry.get("data").unwrap_or(entry), to));
        results.iter().for_each(|result| read_result(model, result, to));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, scores, try_read};

    #[test]
    fn rows_of_a_leaderboard_are_scores_of_the_file_s_benchmark() {
        let rows = r#"[{"rank": 1, "modelId": "acme/bird-7b", "value": 90.2, "verified": true, "source": {"name": "card"}},
            {"rank": 2, "modelId": "acme/crow-8b", "value": 0.9}, {"rank": 3, "modelId": "acme/owl-3b", "value": null}]"#;
        let imported = read(&[("gpqa.json", rows)]);
        assert_eq!(scores(&imported), ["acme/bird-7b gpqa 90.2", "acme/crow-8b gpqa 0.9"]);
    }

    #[test]
    fn models_bring_results_parents_and_facts() {
        let models = r#"[{"id": "acme/bird-7b", "createdAt": "2026-01-02T00:00:00Z", "safetensors": {"total": 7000000000},
              "cardData": {"base_model": "acme/egg-7b"}, "tags": ["base_model:acme/egg-7b"], "gated": false,
              "evalResults": [{"dataset": {"id": "org/quiz", "task_id": "quiz_law"}, "value": 41.5},
                {"filename": "a.yaml", "data": {"dataset": {"id": "org/hard"}, "value": 0.1}}]},
            {"id": "acme/crow-8b", "private": false, "cardData": {}}]"#;
        let imported = read(&[("models.json", models)]);
        assert_eq!(scores(&imported), ["acme/bird-7b quiz_law 41.5", "acme/bird-7b hard 0.1"]);
        assert_eq!(imported.snapshot.lineage.edges().len(), 1);
        assert_eq!(imported.snapshot.models[0].factors["params"].to_text(), "7");
        let none = try_read(&[("m.json", r#"{"id": "a/b", "cardData": {}}"#)]).unwrap_err().to_string();
        assert_eq!(none, "m.json: no score in it (1 models: no results)");
    }
}
