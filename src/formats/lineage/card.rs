//! A model card: the YAML front matter of a README, or that YAML alone. `base_model` and its relation are read.

use super::{ParsedLineage, hub_id, usual_relation};
use crate::error::{Error, Place, Result, Warning};
use crate::formats::yaml;
use crate::lineage::{Parent, Relation};
use crate::snapshot::Factors;
use serde_json::Value;
use std::collections::HashSet;

/// The YAML of a card and the number of lines above it.
pub(super) struct Matter<'a> {
    yaml: &'a str,
    above: usize,
}

#[derive(Default)]
struct Card {
    base_model: Option<Value>,
    base_model_relation: Option<Value>,
    model_name: Option<Value>,
}

/// Keys by which YAML without `---` is known for a card's.
const KEYS: [&str; 7] =
    ["base_model", "base_model_relation", "license", "library_name", "tags", "pipeline_tag", "model_name"];

/// Finds the YAML in a card; none if the text is no card.
pub(super) fn find(text: &str) -> Result<Option<Matter<'_>>> {
    let blank = text.len() - text.trim_start().len();
    let above = text[..blank].matches('\n').count();
    let start = text[..blank].rfind('\n').map_or(0, |at| at + 1);
    let body = &text[start..];
    let fence = |line: &str| matches!(line.trim_end(), "---" | "...");
    let mut lines = body.split_inclusive('\n');
    if let Some(first) = lines.next().filter(|line| line.trim_end() == "---") {
        let mut end = first.len();
        for line in lines {
            if fence(line) {
                return Ok(Some(Matter { yaml: &body[first.len()..end], above: above + 1 }));
            }
            end += line.len();
        }
        let message = "the front matter has no closing \"---\"; paste the whole card";
        // YAML alone may begin with a document mark too.
        return match has_key(body) {
            true => Ok(Some(Matter { yaml: &body[first.len()..], above: above + 1 })),
            false => Err(Error::input(message).at(Place::default().line(above as u64 + 1))),
        };
    }
    Ok(has_key(body).then_some(Matter { yaml: body, above }))
}

fn has_key(text: &str) -> bool {
    let key = |line: &str| line.split_once(':').is_some_and(|(key, _)| KEYS.contains(&key.trim_end()));
    text.lines().any(key)
}

pub(super) fn read(matter: &Matter<'_>) -> Result<ParsedLineage> {
    let card = parse(matter)?;
    let line_of = |key: &str| {
        let stands = |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':'));
        let at = matter.yaml.lines().position(stands);
        at.map_or(Place::default(), |at| Place::default().line((matter.above + at + 1) as u64))
    };
    let text = |value: Option<Value>| value.as_ref().and_then(Value::as_str).map(str::trim).map(str::to_owned);
    let mut warnings = Vec::new();
    let ids = base_models(card.base_model).map_err(|error| error.at(line_of("base_model")))?;
    let name = text(card.model_name).filter(|name| !name.is_empty());
    let mut seen = HashSet::new();
    let mut unique = Vec::new();
    for id in ids {
        if name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&id)) {
            let message = format!("\"{id}\" named itself as its own parent; the edge was dropped");
            warnings.push(Warning::new(message).at(line_of("base_model")));
        } else if seen.insert(id.to_ascii_lowercase()) {
            unique.push(id);
        }
    }
    let relation = match text(card.base_model_relation) {
        None => usual_relation(unique.len()),
        Some(word) => Relation::from_word(&word).unwrap_or_else(|| {
            let word: String = word.chars().take(40).collect();
            let message = format!("unknown relation \"{word}\", read as \"unstated\"");
            warnings.push(Warning::new(message).at(line_of("base_model_relation")));
            Relation::Unstated
        }),
    };
    if unique.is_empty() {
        warnings.push(Warning::new("the card names no base_model, so no parent is known"));
    }
    let parents = unique.into_iter().map(|id| Parent::new(id, relation)).collect();
    Ok(ParsedLineage { kind: "model card", name, parents, factors: Factors::new(), warnings })
}

fn parse(matter: &Matter<'_>) -> Result<Card> {
    let value = yaml::read(matter.yaml).map_err(|error| {
        let line =
            error.place().line.map_or(Place::default(), |line| Place::default().line(line + matter.above as u64));
        Error::input(format!("the card's YAML can't be read: {}", error.message())).at(line)
    })?;
    match value {
        Value::Null => Ok(Card::default()),
        Value::Object(mut fields) => {
            let mut take = |key: &str| fields.remove(key).filter(|value| !value.is_null());
            Ok(Card {
                base_model: take("base_model"),
                base_model_relation: take("base_model_relation"),
                model_name: take("model_name"),
            })
        }
        _ => Err(Error::input("the card's YAML can't be read: expected fields such as base_model: org/name")
            .at(Place::default().line(matter.above as u64 + 1))),
    }
}

fn base_models(value: Option<Value>) -> Result<Vec<String>> {
    let one = |value: &Value| match value {
        Value::String(text) => hub_id(text)
            .map(str::to_owned)
            .ok_or_else(|| Error::input(format!("base_model: expected org/name, found {:?}", shorten(text)))),
        other => Err(Error::input(format!("base_model: expected org/name, found {}", shorten(&other.to_string())))),
    };
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(Vec::new()),
        Some(Value::Array(values)) => values.iter().map(one).collect(),
        Some(value) => Ok(vec![one(&value)?]),
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(60).collect()
}
