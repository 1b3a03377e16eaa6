//! Any file that `eyas import` reads, as lines that the plan reads: a listing for each model, and the flat form of each result.

use super::results::of_snapshot;
use super::rows::Scored;
use eyas::snapshot::{Model, Snapshot};
use serde_json::{Map, Value, json};

/// The results of a snapshot in the flat form.
pub(crate) fn result_lines(snapshot: &Snapshot) -> impl Iterator<Item = String> {
    of_snapshot(snapshot).into_iter().map(|scored| line(&scored))
}

fn line(scored: &Scored) -> String {
    let mut fields = Map::new();
    let texts = [
        ("model", Some(&scored.model)),
        ("dataset", Some(&scored.dataset)),
        ("subset", scored.subset.as_ref()),
        ("split", scored.split.as_ref()),
        ("metric", scored.metric.as_ref()),
        ("task", scored.task.as_ref()),
        ("date", scored.date.as_ref()),
        ("source", Some(&scored.source)),
        ("url", scored.url.as_ref()),
        ("source_license", Some(&scored.source_license)),
        ("evaluator_relationship", scored.measured_by.as_ref()),
    ];
    fields.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(text?)))));
    let numbers = [("score", Some(scored.value)), ("error", scored.error)];
    fields.extend(numbers.into_iter().filter_map(|(name, number)| Some((name.to_owned(), json!(number?)))));
    fields.extend(scored.items.map(|items| ("items".to_owned(), json!(items))));
    fields.extend(scored.lower_is_better.map(|lower| ("lower_is_better".to_owned(), json!(lower))));
    match (scored.low, scored.high) {
        (Some(low), Some(high)) => {
            fields.insert("min_score".to_owned(), json!(low));
            fields.insert("max_score".to_owned(), json!(high));
        }
        _ => drop(fields.insert("max_score".to_owned(), json!("Infinity"))),
    }
    Value::Object(fields).to_string()
}

/// A model of a snapshot as a listing: its id, day, licence, size and parents.
pub(crate) fn model_line(snapshot: &Snapshot, node: u32, model: &Model) -> String {
    let parents: Vec<_> =
        snapshot.lineage.parents(node).map(|edge| (snapshot.lineage.id(edge.parent), edge.relation)).collect();
    let mut card = Map::new();
    if !parents.is_empty() {
        card.insert("base_model".to_owned(), parents.iter().map(|(id, _)| *id).collect());
        // A card states one relation for all base models.
        let same = parents.iter().all(|(_, relation)| *relation == parents[0].1);
        card.extend(same.then(|| ("base_model_relation".to_owned(), json!(parents[0].1.as_word()))));
    }
    card.extend(model.license.as_ref().map(|license| ("license".to_owned(), json!(license))));
    let mut fields = Map::from_iter([("id".to_owned(), json!(model.id)), ("cardData".to_owned(), Value::Object(card))]);
    fields.extend(model.date.map(|date| ("createdAt".to_owned(), json!(date.to_string()))));
    if let Some(eyas::snapshot::Factor::Number(billions)) = model.factors.get("params") {
        fields.insert("safetensors".to_owned(), json!({"total": billions * 1e9}));
    }
    Value::Object(fields).to_string()
}

/// The facts about a model of a snapshot, if there are some.
pub(crate) fn facts_line(model: &Model) -> Option<String> {
    (!model.factors.is_empty()).then(|| json!({"model": model.id, "factors": model.factors}).to_string())
}
