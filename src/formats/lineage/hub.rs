//! The hub API's JSON of a model (`GET /api/models/{id}`). It repeats the base models as `baseModels`, in the card's
//! data, and in tags with and without a relation.

use super::known;
use super::{ParsedLineage, card, hub_id, is_none, usual_relation, words};
use crate::error::{Error, Place, Result, Warning};
use crate::lineage::{Parent, Relation};
use crate::snapshot::{Factor, Factors, parse_day};
use serde_json::Value;

/// The name of this form in errors and results.
pub(super) const KIND: &str = "hub model";

pub(super) fn recognise(value: &Value) -> bool {
    let id = value.get("id").or_else(|| value.get("modelId"));
    id.is_some_and(Value::is_string)
        || ["cardData", "baseModels", "base_model"].iter().any(|key| value.get(key).is_some())
}

pub(super) fn read(value: &Value) -> Result<ParsedLineage> {
    let mut parsed = ParsedLineage { kind: KIND, ..ParsedLineage::default() };
    parsed.name = words(value.get("id")).or_else(|| words(value.get("modelId"))).map(str::to_owned);
    let mut found = Found::default();
    let listed = value.get("baseModels");
    if let Some(listed) = listed {
        found.state(words(listed.get("relation")));
        let models = listed.get("models").and_then(Value::as_array);
        let models = models.or_else(|| listed.as_array()).into_iter().flatten();
        let ids = models.filter_map(|model| words(model.get("id")).or(model.as_str()));
        ids.for_each(|id| found.add(id));
    }
    // The card's front matter as JSON, under `cardData` or pasted alone.
    let data = value.get("cardData").unwrap_or(value);
    found.state(words(data.get("base_model_relation")));
    let base = data.get("base_model").filter(|base| !base.is_null());
    let (ids, warnings) = card::base_models(base).map_err(|error| error.at(Place::default().field("cardData")))?;
    parsed.warnings.extend(warnings);
    ids.iter().for_each(|id| found.add(id));
    for tag in value.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        let Some(rest) = tag.strip_prefix("base_model:") else { continue };
        match rest.split_once(':') {
            Some((word, id)) => {
                found.state(Some(word));
                found.add(id);
            }
            None => found.add(rest),
        }
    }
    if found.ids.is_empty() && parsed.name.is_none() {
        return Err(Error::input("the JSON names neither a model nor base models"));
    }
    if found.ids.is_empty() {
        parsed.warnings.push(Warning::new("the hub names no base model, so no parent is known"));
    }
    let relation = found.relation.unwrap_or_else(|| usual_relation(found.ids.len()));
    parsed.factors = factors(value, relation);
    parsed.parents = found.ids.into_iter().map(|id| Parent::new(id, relation)).collect();
    parsed.date = words(value.get("createdAt")).and_then(parse_day);
    let index = value.get("model-index").or_else(|| data.get("model-index"));
    parsed.scores = index.map(|index| known::from_model_index(index, &mut parsed.warnings)).unwrap_or_default();
    let results = known::from_eval_results(&results(value), &mut parsed.warnings);
    parsed.scores.extend(results);
    Ok(parsed)
}

/// Reads the hub's answer to a search, if it is of one model.
pub(super) fn read_list(models: &[Value]) -> Result<ParsedLineage> {
    match models {
        [model] if recognise(model) => read(model),
        _ => {
            let names: Vec<&str> = models.iter().filter_map(|model| words(model.get("id"))).take(3).collect();
            let more = if models.len() > names.len() { ", …" } else { "" };
            let of = if names.is_empty() { String::new() } else { format!(" ({}{more})", names.join(", ")) };
            Err(Error::input(format!("the JSON lists {} models{of}; paste the JSON of one of them", models.len())))
        }
    }
}

/// The entries of `evalResults`, without the files that hold them.
fn results(value: &Value) -> Vec<Value> {
    let listed = value.get("evalResults").and_then(Value::as_array).into_iter().flatten();
    listed.map(|entry| entry.get("data").unwrap_or(entry).clone()).collect()
}

#[derive(Default)]
struct Found {
    ids: Vec<String>,
    relation: Option<Relation>,
}

impl Found {
    fn add(&mut self, id: &str) {
        let Some(id) = hub_id(id).filter(|id| !is_none(id)) else { return };
        if !self.ids.iter().any(|known| known.eq_ignore_ascii_case(id)) {
            self.ids.push(id.to_owned());
        }
    }

    /// The first relation that is stated counts.
    fn state(&mut self, word: Option<&str>) {
        self.relation = self.relation.or_else(|| word.and_then(Relation::from_word));
    }
}

fn factors(value: &Value, relation: Relation) -> Factors {
    let mut factors = Factors::new();
    let total = |key: &str| value.get(key)?.get("total")?.as_f64().filter(|&total| total > 0.0);
    // The count of safetensors of a quantised model is of packed weights, not of parameters.
    let weights = total("safetensors").filter(|_| relation != Relation::Quantized);
    if let Some(total) = weights.or_else(|| total("gguf")) {
        factors.insert("params".to_owned(), Factor::Number(total / 1e9));
    }
    let architectures = value.get("config").and_then(|config| config.get("architectures"));
    if let Some(name) = words(architectures.and_then(|names| names.get(0))) {
        factors.insert("architecture".to_owned(), Factor::Text(name.to_owned()));
    }
    factors
}
