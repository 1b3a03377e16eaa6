//! Model cards: the YAML front matter of a README, or that YAML alone. The reader takes `base_model`, its relation, the
//! model's name and the scores of its `model-index`.

use super::known;
use super::{
    ParsedLineage, folder_warning, hub_id, is_folder, is_none, model_id, none_warning, shorten, usual_relation, words,
};
use crate::error::{Error, Place, Result, Warning};
use crate::formats::yaml;
use crate::lineage::{Parent, Relation};
use serde_json::{Map, Value};
use std::borrow::Cow;

pub(super) const KIND: &str = "model card";

/// The YAML of a card and the number of lines above it.
pub(super) struct Matter<'a> {
    pub(super) yaml: &'a str,
    pub(super) above: usize,
    /// The text below the YAML.
    pub(super) below: &'a str,
}

/// Keys by which YAML without `---` is recognised as that of a card.
pub(super) const KEYS: [&str; 9] = [
    "base_model",
    "base_model_relation",
    "license",
    "library_name",
    "tags",
    "pipeline_tag",
    "model_name",
    "model-index",
    "quantized_by",
];

/// The YAML between the two marks `---` at the start of a text; `None` if the text does not start with it.
pub(super) fn front_matter(text: &str) -> Option<Matter<'_>> {
    let blank = text.len() - text.trim_start().len();
    let above = text[..blank].matches('\n').count() + 1;
    let start = text[..blank].rfind('\n').map_or(0, |at| at + 1);
    let body = &text[start..];
    let mut lines = body.split_inclusive('\n');
    let first = lines.next().filter(|line| line.trim_end() == "---")?;
    let mut end = first.len();
    for line in lines {
        if matches!(line.trim_end(), "---" | "...") {
            return Some(Matter { yaml: &body[first.len()..end], above, below: &body[end + line.len()..] });
        }
        end += line.len();
    }
    None
}

/// What a card says about its relation to its base models, besides their ids.
#[derive(Default)]
pub(super) struct Statement {
    pub(super) relation: Option<Relation>,
    /// The relation that tags and the library suggest.
    pub(super) suggested: Option<Relation>,
}

pub(super) fn read(fields: &Map<String, Value>, matter: &Matter<'_>) -> Result<(ParsedLineage, Statement)> {
    let mut warnings = Vec::new();
    let line_of = |key: &str| matter.line_of(key);
    let (ids, repairs) = base_models(fields.get("base_model")).map_err(|error| error.at(line_of("base_model")))?;
    warnings.extend(repairs.into_iter().map(|warning| warning.at(line_of("base_model"))));
    let index = fields.get("model-index");
    let name = words(fields.get("model_name")).map_or_else(|| own_id(index, &ids), |name| Some(name.to_owned()));
    let mut unique: Vec<String> = Vec::new();
    for id in ids {
        if name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&id)) {
            let message = format!("\"{id}\" named itself as its own parent; the edge was dropped");
            warnings.push(Warning::new(message).at(line_of("base_model")));
        } else if !unique.iter().any(|known| known.eq_ignore_ascii_case(&id)) {
            unique.push(id);
        }
    }
    let relation = words(fields.get("base_model_relation")).map(|word| {
        Relation::from_word(word).unwrap_or_else(|| {
            let word: String = word.chars().take(40).collect();
            let message = format!("unknown relation \"{word}\", read as \"unstated\"");
            warnings.push(Warning::new(message).at(line_of("base_model_relation")));
            Relation::Unstated
        })
    });
    if unique.is_empty() {
        warnings.push(Warning::new("the card names no base_model, so no parent is known"));
    }
    let own = relation.unwrap_or_else(|| usual_relation(unique.len()));
    let parents = unique.into_iter().map(|id| Parent::new(id, own)).collect();
    let scores = index.map(|index| known::from_model_index(index, &mut warnings)).unwrap_or_default();
    let suggested = suggested(fields);
    let parsed = ParsedLineage { kind: KIND, name, parents, scores, warnings, ..ParsedLineage::default() };
    Ok((parsed, Statement { relation, suggested }))
}

impl Matter<'_> {
    /// The place of a field.
    fn line_of(&self, key: &str) -> Place {
        let has_key = |line: &str| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':'));
        let at = self.yaml.lines().position(has_key);
        at.map_or(Place::default(), |at| Place::default().line((self.above + at + 1) as u64))
    }

    /// The value of the YAML.
    pub(super) fn parse(&self) -> Result<Value> {
        yaml::read(self.yaml).map_err(|error| {
            let line = error.place().line.map(|line| line + self.above as u64);
            let place = line.map_or(Place::default(), |line| Place::default().line(line));
            Error::input(format!("the card's YAML can't be read: {}", error.message())).at(place)
        })
    }
}

/// The relation that the tags, the library or `quantized_by` suggest.
fn suggested(fields: &Map<String, Value>) -> Option<Relation> {
    const QUANTISED: [&str; 12] =
        ["gguf", "ggml", "gptq", "awq", "exl2", "exl3", "aqlm", "hqq", "mlx", "quantized", "4-bit", "8-bit"];
    const ADAPTER: [&str; 3] = ["peft", "lora", "adapter"];
    let tags = fields.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let marks: Vec<&str> = tags.chain(words(fields.get("library_name"))).collect();
    let any = |known: &[&str]| marks.iter().any(|mark| known.iter().any(|known| mark.eq_ignore_ascii_case(known)));
    if fields.contains_key("quantized_by") || any(&QUANTISED) {
        return Some(Relation::Quantized);
    }
    any(&ADAPTER).then_some(Relation::Adapter)
}

/// The card of a README without front matter, without a parent; `None` for a text that is no README. One has code, or a
/// heading and prose.
pub(super) fn without_front_matter(text: &str) -> Option<ParsedLineage> {
    let has_code =
        text.lines().any(|line| line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~"));
    let heading = text.lines().any(|line| line.trim_start_matches('#').starts_with(' ') && line.starts_with('#'));
    let prose = |line: &str| !line.starts_with('#') && line.split_whitespace().count() > 4;
    let parent = |line: &str| hub_id(line).is_some_and(|id| id.contains('/'));
    let readme = has_code || (heading && text.lines().any(prose) && !text.lines().any(parent));
    if !readme {
        return None;
    }
    let message = "the card has no front matter and no configuration, so no parent is known; paste the whole README.md";
    Some(ParsedLineage { kind: KIND, warnings: vec![Warning::new(message)], ..ParsedLineage::default() })
}

/// The model's id from the `model-index`. A name without an organisation is not an id, and the id of a base model was
/// copied together with its card.
fn own_id(index: Option<&Value>, bases: &[String]) -> Option<String> {
    let name = words(index?.get(0)?.get("name"))?;
    let own = name.contains('/') && hub_id(name) == Some(name) && !bases.iter().any(|id| id.eq_ignore_ascii_case(name));
    own.then(|| name.to_owned())
}

/// The ids under `base_model`: a text, which may list several, or a list of texts. Folders and words such as `None` are
/// left out with warnings.
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
            Value::Bool(flag) => warnings.push(none_warning(if *flag { "true" } else { "false" })),
            Value::String(text) => {
                for part in text.split([',', ';', '\n']).filter(|part| !part.trim().is_empty()) {
                    match model_id(part) {
                        _ if is_none(part) => warnings.push(none_warning(part.trim())),
                        Some(id) => ids.push(id.into_owned()),
                        None if part.split_whitespace().all(is_listed) => {
                            let words = part.split_whitespace().filter(|word| word.contains('/'));
                            ids.extend(words.filter_map(model_id).map(Cow::into_owned));
                        }
                        None if is_folder(part.trim()) => warnings.push(folder_warning(part.trim())),
                        None => return Err(unexpected(&format!("{:?}", shorten(text)))),
                    }
                }
            }
            other => return Err(unexpected(&shorten(&other.to_string()))),
        }
    }
    Ok((ids, warnings))
}

/// Whether a word of a text with several models is one of them, or stands between them.
fn is_listed(word: &str) -> bool {
    matches!(word, "and" | "&" | "+") || (word.contains('/') && model_id(word).is_some())
}

fn unexpected(found: &str) -> Error {
    Error::input(format!("base_model: expected org/name, found {found}"))
}
