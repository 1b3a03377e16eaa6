//! Pasted lineages in their usual forms: a model card, the hub API's JSON of a model, a mergekit, training, adapter or
//! model configuration, GGUF metadata, a Modelfile, or a plain list of parents.

mod adapter;
mod blocks;
mod card;
mod config;
mod documents;
mod gguf;
mod hub;
mod ids;
pub(super) mod known;
mod list;
mod mergekit;
mod ollama;
mod quoted;
mod training;

use super::short::MAX_TEXT;
use super::yaml::words;
use crate::error::{Error, Place, Result, Warning};
use crate::lineage::{Parent, Relation, is_placeholder};
use crate::snapshot::{Date, FactSource, Factors, Facts};
use ids::{is_folder, is_none, model_id};
use known::KnownScore;
use serde_json::Value;

pub use ids::hub_id;

/// The longest JSON text: 32 MiB, since GGUF metadata lists every token. Other texts may have 1 MiB.
pub(super) const MAX_JSON: usize = 32 << 20;
/// The most parents of a model.
const MAX_PARENTS: usize = 1000;

const FORMS: &str = "a model card, a mergekit or training configuration, the hub's JSON of a model, an \
adapter_config.json, GGUF metadata, a Modelfile, or a list of parents";

/// The contents of a pasted lineage: a model, its parents and facts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ParsedLineage {
    /// The form that was recognised: `model card`, `mergekit configuration`, `list of parents`, …
    pub kind: &'static str,
    /// The model's own name, if the text states it.
    pub name: Option<String>,
    /// The day of its creation, if the text states it.
    pub date: Option<Date>,
    /// Its distinct parents. The weights of a mergekit configuration sum to 1; other weights are as stated, or 1.
    pub parents: Vec<Parent>,
    /// For each parent a name that it may have instead: `Phi 4` is the parent Phi with weight 4 or the model Phi 4. Empty
    /// without such names. [`Recommender::settle`](crate::recommend::Recommender::settle) chooses.
    pub whole_names: Vec<Option<String>>,
    /// The stages of a merge, the last stage last; empty for a single stage.
    pub stages: Vec<Stage>,
    /// Facts that the text states. For a merge these include `merge_method`, `merge_density` (mean) and
    /// `random_dropping`.
    pub factors: Factors,
    /// Scores that the text states.
    pub scores: Vec<KnownScore>,
    /// Repairs, and entries that were not understood.
    pub warnings: Vec<Warning>,
}

impl ParsedLineage {
    /// The id of the model itself, if the text states it: an id from the hub, or a name with its organisation. A name
    /// alone is not an id, since it may be that of a folder or of many models.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        let whole = |name: &&str| self.kind == hub::KIND || (name.contains('/') && hub_id(name) == Some(*name));
        self.name.as_deref().filter(whole)
    }

    /// The facts with a known meaning. Their source is the hub if the text is the hub API's JSON.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        let facts = Facts::new(self.name.as_deref().unwrap_or_default(), self.date, &self.factors);
        Facts { source: if self.kind == hub::KIND { FactSource::Hub } else { facts.source }, ..facts }
    }
}

impl ParsedLineage {
    /// Adds the parent that a field names; a folder and a word such as `None` are left out with a warning. Returns
    /// whether the text was understood.
    fn add_named(&mut self, text: &str, relation: Relation, place: &Place) -> bool {
        let warning = if is_none(text) {
            none_warning(text)
        } else if let Some(id) = model_id(text) {
            self.parents.push(Parent::new(id.into_owned(), relation));
            return true;
        } else if is_folder(text) {
            folder_warning(text)
        } else {
            return false;
        };
        self.warnings.push(warning.at(place.clone()));
        true
    }

    /// Warns if no parent is known.
    fn warn_without_parent(&mut self, why: &str) {
        if self.parents.is_empty() {
            self.warnings.push(Warning::new(format!("{why}, so no parent is known")));
        }
    }
}

/// A stage of a merge. Its parents may be other stages.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Its name; the last stage may have none.
    pub name: Option<String>,
    /// The models and stages that it merges; the weights are shares and sum to 1.
    pub parents: Vec<Parent>,
}

/// Reads a pasted lineage and recognises its form: a README with YAML front matter, or that YAML alone; a mergekit
/// configuration (also in a card, and with several documents); a training configuration (Axolotl, LLaMA-Factory, TRL,
/// Unsloth); the hub API's JSON of a model; a PEFT `adapter_config.json` or a model's `config.json`; GGUF metadata as JSON
/// or in a log of llama.cpp; a Modelfile or what `ollama show` prints; or a list with one parent on each line
/// (`org/name`, `org/name 0.6`, a hub URL; commas also separate parents). Errors and warnings name the text `name`.
///
/// # Errors
/// If the text is too long, is in none of these forms or is invalid in its form; the error names the line or the path.
pub fn parse_lineage(name: &str, text: &str) -> Result<ParsedLineage> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Text copied from a page may have spaces that don't break.
    let spaced = text.contains('\u{a0}').then(|| text.replace('\u{a0}', " "));
    let text = spaced.as_deref().unwrap_or(text);
    named(name, read(text))
}

/// What [`parse_lineage`] gives for the hub API's JSON of a model, where that is parsed already.
///
/// # Errors
/// If the JSON names no model, or base models that can't be read; the error names the field.
pub fn parse_hub_model(name: &str, model: &Value) -> Result<ParsedLineage> {
    named(name, hub::read(model))
}

/// The cleaned contents of a text, or an error, both with the name of the text.
fn named(name: &str, parsed: Result<ParsedLineage>) -> Result<ParsedLineage> {
    let mut parsed = parsed.and_then(finish).map_err(|error| error.at(Place::source(name)))?;
    for warning in &mut parsed.warnings {
        warning.place.source.get_or_insert_with(|| name.to_owned());
    }
    Ok(parsed)
}

fn read(text: &str) -> Result<ParsedLineage> {
    let start = text.trim_start();
    // A flow mapping of YAML has keys without quotes.
    let opens = |rest: &str| rest.trim_start().starts_with(['"', '}']);
    let object = start.strip_prefix('{').is_some_and(opens);
    let list = start.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with('{'));
    let most = if object || list { MAX_JSON } else { MAX_TEXT };
    if text.len() > most {
        return Err(Error::input(format!("the text is longer than {} MiB; paste {FORMS}", most >> 20)));
    }
    if start.is_empty() {
        return Err(Error::input(format!("the text is empty; paste {FORMS}")));
    }
    if object || list {
        return read_json(text);
    }
    if let Some(matter) = card::front_matter(text) {
        return documents::read_front_matter(&matter, text);
    }
    let blocks = blocks::of(text);
    if let Some(parsed) = whole(text, blocks.is_empty())? {
        return Ok(parsed);
    }
    if let Some(parsed) = quoted::read(&blocks, text)? {
        return Ok(parsed);
    }
    if start.lines().next().is_some_and(|line| line.trim_end() == "---") {
        let line = text[..text.len() - start.len()].matches('\n').count() as u64 + 1;
        let message = "the front matter has no closing \"---\"; paste the whole card";
        return Err(Error::input(message).at(Place::default().line(line)));
    }
    list::read(text)
        .or_else(|error| card::without_front_matter(text).ok_or_else(|| documents::why_not(text).unwrap_or(error)))
}

/// Reads a text that as a whole is in one of the forms without Markdown. Invalid YAML is an error if `strict`.
fn whole(text: &str, strict: bool) -> Result<Option<ParsedLineage>> {
    if let Some(parsed) = gguf::read_log(text)? {
        return Ok(Some(parsed));
    }
    match ollama::read(text) {
        Some(parsed) => Ok(Some(parsed)),
        None => documents::read(text, strict),
    }
}

fn read_json(text: &str) -> Result<ParsedLineage> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        Error::input(format!("the JSON can't be read: {message}")).at(Place::default().line(error.line() as u64))
    })?;
    if mergekit::is_one(&value) {
        return mergekit::read(&[value], text);
    }
    if gguf::recognise(&value) {
        return gguf::read(&value);
    }
    if adapter::recognise(&value) {
        return adapter::read(&value);
    }
    if training::recognise(&value) {
        return training::read(&value, text);
    }
    if let Some(models) = value.as_array() {
        return hub::read_list(models);
    }
    if hub::recognise(&value) {
        return hub::read(&value);
    }
    if config::recognise(&value) {
        return Ok(config::read(&value));
    }
    Err(Error::input(format!("this JSON is of no known form; paste {FORMS}")).at(Place::default().line(1)))
}

/// Cleans the parents, for every form: repeats, placeholders and the model itself are dropped, and too many parents are
/// an error.
fn finish(mut parsed: ParsedLineage) -> Result<ParsedLineage> {
    if parsed.parents.len() > MAX_PARENTS {
        let count = parsed.parents.len();
        return Err(Error::input(format!("{count} parents are named, more than {MAX_PARENTS}; is this one model?")));
    }
    let mut parents: Vec<Parent> = Vec::with_capacity(parsed.parents.len());
    let mut names = std::mem::take(&mut parsed.whole_names).into_iter();
    for parent in std::mem::take(&mut parsed.parents) {
        let name = names.next().flatten();
        let id = &parent.id;
        if is_placeholder(id) {
            parsed.warnings.push(Warning::new(format!("\"{id}\" is a placeholder and was left out")));
        } else if is_none(id) {
            parsed.warnings.push(none_warning(id));
        } else if parsed.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(id)) {
            let message = format!("\"{id}\" named itself as its own parent; the edge was dropped");
            parsed.warnings.push(Warning::new(message));
        } else if name.is_some() || !parents.iter().any(|known| known.id.eq_ignore_ascii_case(id)) {
            parents.push(parent);
            parsed.whole_names.push(name);
        }
    }
    if parsed.whole_names.iter().all(Option::is_none) {
        parsed.whole_names.clear();
    }
    parsed.parents = parents;
    Ok(parsed)
}

/// The relation of parents for which none is stated: several parents mean a merge.
fn usual_relation(parents: usize) -> Relation {
    if parents > 1 { Relation::Merge } else { Relation::Unstated }
}

/// The first characters of a text, for messages.
fn shorten(text: &str) -> String {
    text.chars().take(60).collect()
}

/// The warning about a parent that is a folder and is left out.
fn folder_warning(path: &str) -> Warning {
    Warning::new(format!("\"{}\" is a folder, not a model of the hub, and was left out", shorten(path)))
}

/// The warning about a word such as `None` in the place of a parent.
fn none_warning(word: &str) -> Warning {
    Warning::new(format!("\"{}\" names no model and was left out", shorten(word)))
}

#[cfg(test)]
mod tests;
