//! GGUF metadata as JSON: flat (`"general.name": …`), with typed values (`{"value": …}`), or under `metadata`; and as
//! llama.cpp and `gguf-dump` print it. `general.base_model.{i}` names the parents.

use super::{ParsedLineage, hub_id, is_none, shorten, usual_relation, words};
use crate::error::{Result, Warning};
use crate::lineage::{Parent, Relation};
use crate::snapshot::{Factor, parse_amount};
use serde_json::{Map, Value};

/// The most parents that are searched for.
const MOST: u64 = 1000;

pub(super) fn recognise(value: &Value) -> bool {
    table(value).is_some()
}

/// The object that holds the keys.
fn table(value: &Value) -> Option<&Map<String, Value>> {
    let own = value.as_object()?;
    let has = |table: &Map<String, Value>| table.keys().any(|key| key.starts_with("general."));
    let inner = own.get("metadata").and_then(Value::as_object);
    [Some(own), inner].into_iter().flatten().find(|table| has(table))
}

pub(super) fn read(value: &Value) -> Result<ParsedLineage> {
    let mut parsed = ParsedLineage { kind: "GGUF metadata", ..ParsedLineage::default() };
    let Some(table) = table(value) else { return Ok(parsed) };
    let get = |key: &str| {
        let found = table.get(&format!("general.{key}"))?;
        Some(found.get("value").unwrap_or(found))
    };
    let count = get("base_model.count").and_then(Value::as_u64);
    for at in 0..count.unwrap_or(MOST).min(MOST) {
        let [url, name, organization] =
            ["repo_url", "name", "organization"].map(|field| words(get(&format!("base_model.{at}.{field}"))));
        match url.and_then(hub_id) {
            Some(id) => parsed.parents.push(Parent::new(id, Relation::Unstated)),
            None if url.is_none() && name.is_none() && organization.is_none() && count.is_none() => break,
            None => {
                let called = url.or(name).map_or_else(|| format!("number {at}"), |name| format!("{:?}", shorten(name)));
                let message = format!("base model {called} has no address on the hub and was left out");
                parsed.warnings.push(Warning::new(message));
            }
        }
    }
    let relation = usual_relation(parsed.parents.len());
    parsed.parents.iter_mut().for_each(|parent| parent.relation = relation);
    if parsed.parents.is_empty() {
        let source = words(get("source.repo_url")).or_else(|| words(get("source.url"))).and_then(hub_id);
        parsed.parents.extend(source.map(|id| Parent::new(id, Relation::Quantized)));
    }
    parsed.warn_without_parent("the metadata names no base model");
    parsed.name = words(get("name")).filter(|name| !is_none(name)).map(str::to_owned);
    let params = words(get("size_label")).and_then(billions);
    parsed.factors.extend(params.map(|params| ("params".to_owned(), Factor::Number(params))));
    Ok(parsed)
}

/// Reads the metadata that llama.cpp prints when it loads a model, or `gguf-dump`; `None` for other texts.
pub(super) fn read_log(text: &str) -> Result<Option<ParsedLineage>> {
    let mut fields = Map::new();
    for line in text.lines() {
        if let Some((key, value)) = printed(line) {
            fields.entry(key).or_insert(value);
        }
    }
    if fields.is_empty() {
        return Ok(None);
    }
    let mut parsed = read(&Value::Object(fields))?;
    // `model params     = 8.03 B`
    let stated = text.lines().find_map(|line| line.split_once("model params")?.1.split_once('='));
    if let Some(params) = stated.and_then(|(_, amount)| parse_amount(amount)) {
        parsed.factors.insert("params".to_owned(), Factor::Number(params));
    }
    Ok(Some(parsed))
}

/// A field of a line of a log: `- kv   1:   general.name str   = My Tune 8B`, `1: STRING | 1 | general.name = 'My Tune'`,
/// or `print_info: general.name = My Tune 8B`.
fn printed(line: &str) -> Option<(String, Value)> {
    let at = line.find("general.")?;
    let marked = ["- kv", "|", "print_info:", "print_meta:"].iter().any(|mark| line[..at].contains(mark));
    let (head, value) = line[at..].split_once('=').filter(|_| marked)?;
    let key = head.split_whitespace().next()?;
    let value = value.trim().trim_matches('\'');
    let number = value.parse::<u64>().ok().filter(|_| key.ends_with(".count"));
    Some((key.to_owned(), number.map_or_else(|| Value::from(value), Value::from)))
}

/// The parameters in billions that a size label states: `8B`, `270M`; `None` for labels such as `8x7B` that are not a
/// count.
fn billions(label: &str) -> Option<f64> {
    Some(label).filter(|label| label.ends_with(|c: char| c.is_ascii_alphabetic())).and_then(parse_amount)
}
