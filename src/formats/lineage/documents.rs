//! Texts that are YAML as a whole, and the front matter of a README. The kind of YAML follows from the fields of its
//! first document, not from a single line.

use super::card::{self, Matter};
use super::{FORMS, ParsedLineage, adapter, blocks, gguf, mergekit, quoted, training};
use crate::error::{Error, Place, Result};
use crate::formats::yaml;
use serde_json::{Map, Value};

/// Reads a README with front matter.
pub(super) fn read_front_matter(matter: &Matter<'_>, text: &str) -> Result<ParsedLineage> {
    let value = matter.parse()?;
    if mergekit::is_one(&value) {
        // A configuration of several documents also has these marks.
        let documents = yaml::read_all(text).unwrap_or_else(|_| vec![value]);
        return mergekit::read(&documents, text);
    }
    if training::recognise(&value) {
        return training::read(&value, text);
    }
    let fields = match value {
        Value::Null => Map::new(),
        Value::Object(fields) => fields,
        _ => {
            let message = "the card's YAML can't be read: expected fields such as base_model: org/name";
            return Err(Error::input(message).at(Place::default().line(matter.above as u64 + 1)));
        }
    };
    let (parsed, statement) = card::read(&fields, matter)?;
    let above = (matter.above + matter.yaml.lines().count() + 1) as u64;
    let mut blocks = blocks::of(matter.below);
    blocks.iter_mut().for_each(|block| block.line += above);
    quoted::add(parsed, &statement, &blocks, text)
}

/// Reads a text that is YAML as a whole; `None` if it is not, or if it has no known fields. A text that is mostly YAML but
/// invalid is an error if `strict`.
pub(super) fn read(text: &str, strict: bool) -> Result<Option<ParsedLineage>> {
    if !text.trim_start().starts_with('{') && !has_fields(text) {
        return Ok(None);
    }
    match yaml::read_all(text) {
        Ok(documents) => of(&documents, text),
        Err(error) if strict && mostly_yaml(text) => {
            Err(Error::input(format!("the YAML can't be read: {}", error.message())).at(error.place().clone()))
        }
        Err(_) => Ok(None),
    }
}

/// The reason why a text is not read as YAML, if it looks like it: it has known fields but is not YAML as a whole, or it
/// has fields within fields that are not known.
pub(super) fn why_not(text: &str) -> Option<Error> {
    match yaml::read_all(text) {
        Ok(documents) => {
            let nested = |value: &Value| value.is_object() || value.is_array();
            let fields = documents.first()?.as_object()?;
            let message = format!("this YAML is of no known form; paste {FORMS}");
            fields.values().any(nested).then(|| Error::input(message).at(Place::default().line(1)))
        }
        Err(error) if has_fields(text) => {
            let why = error.message();
            let message =
                format!("the text is not YAML as a whole ({why}); a card's front matter is between two lines \"---\"");
            Some(Error::input(message).at(error.place().clone()))
        }
        Err(_) => None,
    }
}

fn of(documents: &[Value], text: &str) -> Result<Option<ParsedLineage>> {
    let Some(first) = documents.iter().find(|document| !document.is_null()) else { return Ok(None) };
    let Some(fields) = first.as_object() else { return Ok(None) };
    let has = |keys: &[&str]| keys.iter().any(|&key| fields.contains_key(key));
    if documents.iter().any(mergekit::is_one) {
        return mergekit::read(documents, text).map(Some);
    }
    if training::recognise(first) {
        return training::read(first, text).map(Some);
    }
    if adapter::recognise(first) {
        return adapter::read(first).map(Some);
    }
    // Models with fields of their own are those of a merge whose method is missing.
    let merges = |key: &&str| first[*key].get(0).is_some_and(Value::is_object) || first[*key].is_object();
    if mergekit::KEYS.iter().any(merges) {
        return mergekit::read(documents, text).map(Some);
    }
    if gguf::recognise(first) {
        return gguf::read(first).map(Some);
    }
    if has(&card::KEYS) {
        let above = text.len() - text.trim_start().len();
        let above = text[..above].matches('\n').count();
        let matter = Matter { yaml: text.trim_start(), above, below: "" };
        return card::read(fields, &matter).map(|(parsed, _)| Some(parsed));
    }
    if has(&mergekit::KEYS) {
        return mergekit::read(documents, text).map(Some);
    }
    Ok(None)
}

/// The key of a line without indentation.
fn key(line: &str) -> Option<&str> {
    let key = line.split_once(':')?.0.trim_end().trim_matches(['"', '\'']);
    (!line.starts_with([' ', '\t'])).then_some(key)
}

/// Whether a line starts with a known field.
fn has_fields(text: &str) -> bool {
    text.lines().any(|line| key(line).is_some_and(is_known))
}

fn is_known(key: &str) -> bool {
    key.starts_with("general.")
        || card::KEYS.contains(&key)
        || mergekit::KEYS.contains(&key)
        || training::is_key(key)
        || adapter::BASE == key
}

/// Whether three quarters of the lines look like YAML.
fn mostly_yaml(text: &str) -> bool {
    let (mut yaml, mut all) = (0, 0);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let field = line.split_once(':').is_some_and(|(key, rest)| {
            !key.trim_start_matches("- ").trim_end().contains(' ') && (rest.is_empty() || rest.starts_with([' ', '\t']))
        });
        let item = line.starts_with(['-', '[', ']', '{', '}', '"']) || line.ends_with(',');
        yaml += usize::from(field || item);
        all += 1;
    }
    4 * yaml >= 3 * all
}
