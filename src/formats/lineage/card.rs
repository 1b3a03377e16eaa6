//! Model cards: the YAML front matter of a README, or that YAML alone. The reader takes `base_model`, its relation, the
//! model's name and the scores of its `model-index`.

use super::known;
use super::{ParsedLineage, folder_warning, hub_id, is_folder, shorten, usual_relation, words};
use crate::error::{Error, Place, Result, Warning};
use crate::formats::yaml;
use crate::lineage::{Parent, Relation};
use serde_json::{Map, Value};

/// The YAML of a card and the number of lines above it.
pub(super) struct Matter<'a> {
    yaml: &'a str,
    above: usize,
}

/// Keys by which YAML without `---` is recognised as that of a card.
const KEYS: [&str; 8] = [
    "base_model",
    "base_model_relation",
    "license",
    "library_name",
    "tags",
    "pipeline_tag",
    "model_name",
    "model-index",
];

/// Finds the YAML in a card; `None` if the text is not a card.
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
        // YAML alone may also start with `---`.
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

/// The fenced code blocks of a README whose language is YAML or not stated.
pub(super) fn fenced(text: &str) -> Vec<&str> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, bool)> = None; // where the block starts, and whether it may be YAML
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let Some(mark) = line.trim().strip_prefix("```") else { continue };
        open = match open {
            None => Some((at, matches!(mark.trim().to_ascii_lowercase().as_str(), "" | "yaml" | "yml"))),
            Some((begun, yaml)) => {
                blocks.extend(yaml.then(|| &text[begun..start]));
                None
            }
        };
    }
    blocks
}

pub(super) fn read(matter: &Matter<'_>) -> Result<ParsedLineage> {
    let card = parse(matter)?;
    let line_of = |key: &str| {
        let has_key = |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':'));
        let at = matter.yaml.lines().position(has_key);
        at.map_or(Place::default(), |at| Place::default().line((matter.above + at + 1) as u64))
    };
    let mut warnings = Vec::new();
    let (ids, repairs) = base_models(card.get("base_model")).map_err(|error| error.at(line_of("base_model")))?;
    warnings.extend(repairs.into_iter().map(|warning| warning.at(line_of("base_model"))));
    let index = card.get("model-index");
    let name = words(card.get("model_name")).map_or_else(|| own_id(index, &ids), |name| Some(name.to_owned()));
    let mut unique: Vec<String> = Vec::new();
    for id in ids {
        if name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&id)) {
            let message = format!("\"{id}\" named itself as its own parent; the edge was dropped");
            warnings.push(Warning::new(message).at(line_of("base_model")));
        } else if !unique.iter().any(|known| known.eq_ignore_ascii_case(&id)) {
            unique.push(id);
        }
    }
    let relation = match words(card.get("base_model_relation")) {
        None => usual_relation(unique.len()),
        Some(word) => Relation::from_word(word).unwrap_or_else(|| {
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
    let scores = index.map(|index| known::from_model_index(index, &mut warnings)).unwrap_or_default();
    Ok(ParsedLineage { kind: "model card", name, parents, scores, warnings, ..ParsedLineage::default() })
}

fn parse(matter: &Matter<'_>) -> Result<Map<String, Value>> {
    let value = yaml::read(matter.yaml).map_err(|error| {
        let line =
            error.place().line.map_or(Place::default(), |line| Place::default().line(line + matter.above as u64));
        Error::input(format!("the card's YAML can't be read: {}", error.message())).at(line)
    })?;
    match value {
        Value::Null => Ok(Map::new()),
        Value::Object(fields) => Ok(fields),
        _ => Err(Error::input("the card's YAML can't be read: expected fields such as base_model: org/name")
            .at(Place::default().line(matter.above as u64 + 1))),
    }
}

/// The model's id from the `model-index`. A name without an organisation is not an id, and the id of a base model was
/// copied together with its card.
fn own_id(index: Option<&Value>, bases: &[String]) -> Option<String> {
    let name = words(index?.get(0)?.get("name"))?;
    let own = name.contains('/') && hub_id(name) == Some(name) && !bases.iter().any(|id| id.eq_ignore_ascii_case(name));
    own.then(|| name.to_owned())
}

/// The ids under `base_model`, a text or a list of texts. Folders are left out with warnings.
pub(super) fn base_models(value: Option<&Value>) -> Result<(Vec<String>, Vec<Warning>)> {
    let values = match value {
        None | Some(Value::Null) => &[][..],
        Some(Value::Array(values)) => values.as_slice(),
        Some(value) => std::slice::from_ref(value),
    };
    let (mut ids, mut warnings) = (Vec::new(), Vec::new());
    for value in values {
        match value {
            Value::Null => {}
            Value::String(text) if text.trim().is_empty() => {}
            Value::String(text) => match hub_id(text) {
                Some(id) => ids.push(id.to_owned()),
                None if is_folder(text) => warnings.push(folder_warning(text)),
                None => return Err(unexpected(&format!("{:?}", shorten(text)))),
            },
            other => return Err(unexpected(&shorten(&other.to_string()))),
        }
    }
    Ok((ids, warnings))
}

fn unexpected(found: &str) -> Error {
    Error::input(format!("base_model: expected org/name, found {found}"))
}
