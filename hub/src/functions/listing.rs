//! A line of the model listings: the hub API's JSON of a model, read by the readers of the library.

use super::rows::{Listing, Note, StatedParent};
use super::{is_quantized, results};
use crate::relations;
use eyas::formats::{ParsedLineage, parse_hub_model};
use eyas::snapshot::{Date, Factor, check_id, family_in_name, parse_day, size_in_name};
use serde_json::Value;
use std::borrow::Cow;

pub(super) fn read(line: &str) -> Listing {
    let left_out = |why: &str| Listing { notes: vec![Note::new("listings", why, line.trim())], ..Listing::default() };
    let Ok(mut value) = serde_json::from_str::<Value>(line) else { return left_out("broken JSON") };
    let Some(id) = ["id", "modelId"].iter().find_map(|key| text(value.get(key))).map(str::to_owned) else {
        return left_out("no id");
    };
    if check_id(&id).is_err() {
        return left_out("the id is longer than 200 characters");
    }
    // Dumps in Parquet keep the card as JSON in a text.
    let unpacked = unpack(&mut value);
    let line = if unpacked { Cow::Owned(value.to_string()) } else { Cow::Borrowed(line) };
    let mut row = Listing { mark: mark(&line), ..Listing::default() };
    let parsed = parse_hub_model(&id, &value).unwrap_or_else(|error| {
        row.notes.push(Note::new("parents", &general(error.message()), &id));
        ParsedLineage::default()
    });
    for warning in &parsed.warnings {
        // That a model has no parent is no repair.
        if !warning.message.ends_with("so no parent is known") {
            row.notes.push(Note::new("parents", &general(&warning.message), &id));
        }
    }
    row.date = day(&value, &id, &mut row.notes);
    row.modified = text(value.get("lastModified")).map(str::to_owned);
    row.downloads = value.get("downloads").and_then(Value::as_i64);
    row.likes = value.get("likes").and_then(Value::as_i64);
    row.pipeline = text(value.get("pipeline_tag")).map(str::to_owned);
    row.license = license(&value);
    row.organization = id.split_once('/').map(|(owner, _)| owner.to_owned());
    row.family = family_in_name(&id);
    row.quantized = is_quantized(&id) || parsed.parents.iter().any(|parent| relations::is_quantized(parent.relation));
    let stated = match parsed.factors.get("params") {
        Some(Factor::Number(billions)) => Some(*billions),
        _ => None,
    };
    row.params = stated.or_else(|| size_in_name(&id).map(|size| size.experts * size.number * size.unit));
    row.factors = (!parsed.factors.is_empty()).then(|| serde_json::to_string(&parsed.factors).unwrap_or_default());
    let parents = (0..).zip(&parsed.parents).map(|(place, parent)| StatedParent {
        id: parent.id.clone(),
        relation: relations::number(parent.relation),
        weight: parent.weight,
        place,
    });
    row.parents = parents.collect();
    if has_results(&value) {
        let found = results::of_file(&line, &id);
        row.results = found.results;
        row.notes.extend(found.notes);
    }
    row.id = Some(id);
    row
}

fn text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// Turns fields that hold JSON in a text into that JSON, and leaves out empty ones. Returns whether there were some.
fn unpack(value: &mut Value) -> bool {
    let mut any = false;
    let Some(fields) = value.as_object_mut() else { return false };
    for key in ["cardData", "baseModels", "safetensors", "gguf", "config", "evalResults"] {
        let Some(field) = fields.get_mut(key) else { continue };
        if let Some(text) = field.as_str() {
            *field = serde_json::from_str(text).unwrap_or(Value::Null);
            any = true;
        }
    }
    let before = fields.len();
    fields.retain(|_, field| !field.is_null());
    any || fields.len() < before
}

/// The day of the creation. The start of Unix time stands for a day that is not known.
fn day(value: &Value, id: &str, notes: &mut Vec<Note>) -> Option<String> {
    let stated = text(value.get("createdAt"))?;
    let day = parse_day(stated);
    match day {
        Some(day) if Some(day) > Date::new(1970, 12, 31) => return Some(day.to_string()),
        Some(_) => notes.push(Note::new("dates", "of 1970 or before, which stands for an unknown day", id)),
        None => notes.push(Note::new("dates", "no date", id)),
    }
    None
}

fn license(value: &Value) -> Option<String> {
    let card = value.get("cardData").and_then(|card| card.get("license"));
    let card = text(card.and_then(|license| license.get(0)).or(card));
    let tags = value.get("tags").and_then(Value::as_array).into_iter().flatten();
    let tagged = || tags.filter_map(Value::as_str).find_map(|tag| tag.strip_prefix("license:"));
    card.or_else(tagged).or_else(|| text(value.get("license"))).map(str::to_owned)
}

fn has_results(value: &Value) -> bool {
    let is_filled = |value: Option<&Value>| value.and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    let card = value.get("cardData").unwrap_or(&Value::Null);
    is_filled(value.get("evalResults")) || is_filled(value.get("model-index")) || is_filled(card.get("model-index"))
}

/// A message without the names in it, so that alike ones are counted together.
pub(super) fn general(message: &str) -> String {
    let mut parts = message.split('"');
    let mut text = parts.next().unwrap_or_default().to_owned();
    while let Some(_name) = parts.next() {
        text.push('…');
        text.push_str(parts.next().unwrap_or_default());
    }
    text.split(", found ").next().unwrap_or_default().trim_start_matches("… ").to_owned()
}

/// FNV-1a, which is the same in every version.
pub(crate) fn mark(line: &str) -> i64 {
    let hash = line
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    hash.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"id": "acme/bird-7b", "createdAt": "2025-03-01T10:00:00.000Z", "downloads": 12, "likes": 3,
        "tags": ["license:mit", "base_model:acme/egg-7b", "base_model:finetune:acme/egg-7b"],
        "safetensors": {"total": 7200000000}, "pipeline_tag": "text-generation",
        "cardData": {"base_model": "acme/egg-7b", "model-index": [{"name": "bird", "results": [
          {"dataset": {"type": "org/quiz", "name": "Quiz"}, "metrics": [{"type": "acc", "value": 61.5}]}]}]}}"#;

    #[test]
    fn a_listing_gives_facts_parents_and_results() {
        let row = read(LINE);
        assert_eq!(row.id.as_deref(), Some("acme/bird-7b"));
        assert_eq!((row.date.as_deref(), row.license.as_deref()), (Some("2025-03-01"), Some("mit")));
        assert_eq!((row.params, row.downloads), (Some(7.2), Some(12)));
        assert_eq!((row.parents[0].id.as_str(), row.parents[0].relation), ("acme/egg-7b", 0));
        let result = &row.results[0];
        assert_eq!((result.model.as_str(), result.dataset.as_str(), result.value), ("acme/bird-7b", "quiz", 61.5));
        assert_eq!((result.low, result.high, result.is_open), (Some(0.0), Some(100.0), Some(false)));
        assert_eq!(row.notes, []);
        assert_eq!(row.mark, read(LINE).mark);
    }

    #[test]
    fn what_is_wrong_is_noted_and_the_rest_kept() {
        let why = |line: &str| {
            read(line).notes.into_iter().map(|note| format!("{}: {}", note.what, note.why)).collect::<Vec<_>>()
        };
        assert_eq!(why("{\"id\": \"a/b\""), ["listings: broken JSON"]);
        assert_eq!(why("{\"tags\": []}"), ["listings: no id"]);
        let old =
            read(r#"{"id": "a/b", "createdAt": "1970-01-01T00:00:00Z", "tags": ["base_model:a/b", "base_model:c/d"]}"#);
        assert_eq!((old.date, old.parents.len()), (None, 1));
        let whys: Vec<_> = old.notes.iter().map(|note| note.why.as_str()).collect();
        assert_eq!(
            whys,
            [
                "named itself as its own parent; the edge was dropped",
                "of 1970 or before, which stands for an unknown day"
            ]
        );
        let odd = read(r#"{"id": "a/b", "cardData": {"base_model": {"x": 1}}}"#);
        assert_eq!(odd.notes[0].why, "base_model: expected org/name");
        let numbered = read(r#"{"id": 5, "modelId": "a/b", "tags": ["base_model:c/d"]}"#);
        assert_eq!((numbered.id.as_deref(), numbered.parents[0].id.as_str()), (Some("a/b"), "c/d"));
    }

    #[test]
    fn a_card_in_a_text_is_read() {
        let row =
            read(r#"{"id": "a/b", "cardData": "{\"base_model\": [\"c/d\"], \"license\": \"mit\"}", "gguf": null}"#);
        assert_eq!((row.parents[0].id.as_str(), row.license.as_deref()), ("c/d", Some("mit")));
    }
}
