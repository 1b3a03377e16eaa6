//! The lineage that someone pastes, in whatever form they have it: a model card, the hub's answer about a model, a mergekit
//! configuration, an adapter's configuration, GGUF metadata, or a plain list of parents.

mod adapter;
mod card;
mod gguf;
mod hub;
pub(super) mod known;
mod list;
mod mergekit;

use super::short::MAX_TEXT;
use super::yaml::{self, words};
use crate::error::{Error, Place, Result, Warning};
use crate::lineage::{Parent, Relation, is_placeholder};
use crate::snapshot::{Date, FactSource, Factors, Facts};
use known::KnownScore;
use serde_json::Value;

/// A longer JSON text is refused: 32 MiB (GGUF metadata lists every token). Other texts have 1 MiB.
pub(super) const MAX_JSON: usize = 32 << 20;
/// More parents than that are refused.
const MAX_PARENTS: usize = 1000;

const FORMS: &str = "a model card, a mergekit configuration, the hub's JSON of a model, an adapter_config.json, GGUF \
metadata as JSON, or a list of parents";

/// What a pasted text tells of a model that nobody has evaluated.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ParsedLineage {
    /// The form that was recognised: `model card`, `mergekit configuration`, `list of parents`, …
    pub kind: &'static str,
    /// The model's own name, where the text gives one.
    pub name: Option<String>,
    /// The day that it was made, where the text gives one.
    pub date: Option<Date>,
    /// Its parents, each once. The shares of a merge sum to 1; other weights are as given (1 where none is).
    pub parents: Vec<Parent>,
    /// How a merge in several stages was made, the last stage last; empty where there is one stage.
    pub stages: Vec<Stage>,
    /// Facts that the text gives. Of a merge: `merge_method`, `merge_density` (mean), `random_dropping`.
    pub factors: Factors,
    /// Scores that the text gives.
    pub scores: Vec<KnownScore>,
    /// What was repaired or not understood.
    pub warnings: Vec<Warning>,
}

impl ParsedLineage {
    /// The id of the model itself, where the text states it: the hub's id, or a name with its organisation. A name alone
    /// may be that of a folder or of many models.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        let whole = |name: &&str| self.kind == hub::KIND || (name.contains('/') && hub_id(name) == Some(*name));
        self.name.as_deref().filter(whole)
    }

    /// What the text says of the model by name. Where it is the hub's answer, the hub is the source of its facts.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        let facts = Facts::new(self.name.as_deref().unwrap_or_default(), self.date, &self.factors);
        Facts { source: if self.kind == hub::KIND { FactSource::Hub } else { facts.source }, ..facts }
    }
}

/// A stage of a merge: what it was made of, other stages by their names.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Its name; none for a last stage without one.
    pub name: Option<String>,
    /// What it was made of; the weights are shares and sum to 1.
    pub parents: Vec<Parent>,
}

/// Reads a pasted lineage. Its form is recognised: a README with YAML front matter, or that YAML alone; a mergekit
/// configuration (also in a card, and with several documents); the JSON that the hub's API gives of a model; a PEFT
/// `adapter_config.json`; GGUF metadata dumped as JSON; or one parent a line (`org/name`, `org/name 0.6`, a hub URL; commas
/// separate parents too). `name` is what errors call the text.
///
/// # Errors
/// If the text is too long or names no parents in a form that is known; the error names the line or the path.
pub fn parse_lineage(name: &str, text: &str) -> Result<ParsedLineage> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parsed = read(text).and_then(finish).map_err(|error| error.at(Place::source(name)))?;
    for warning in &mut parsed.warnings {
        warning.place.source.get_or_insert_with(|| name.to_owned());
    }
    Ok(parsed)
}

fn read(text: &str) -> Result<ParsedLineage> {
    let json = text.trim_start().starts_with('{');
    let most = if json { MAX_JSON } else { MAX_TEXT };
    if text.len() > most {
        return Err(Error::input(format!("the text is longer than {} MiB; paste {FORMS}", most >> 20)));
    }
    if text.trim().is_empty() {
        return Err(Error::input(format!("the text is empty; paste {FORMS}")));
    }
    if json {
        return read_json(text);
    }
    let fences = card::fenced(text);
    if fences.is_empty() && mergekit::looks_like_one(text) {
        return mergekit::read(&yaml::read_all(text)?, text);
    }
    let configurations = mergekit::among(&fences);
    let mut parsed = match card::find(text)? {
        Some(matter) => card::read(&matter)?,
        None if configurations.is_empty() => return list::read(text),
        None => ParsedLineage { kind: "model card", ..ParsedLineage::default() },
    };
    if !configurations.is_empty() {
        let merge = mergekit::read(&configurations, text)?;
        mergekit::refine(&mut parsed, merge);
    }
    Ok(parsed)
}

fn read_json(text: &str) -> Result<ParsedLineage> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let told = error.to_string();
        let told = told.split(" at line ").next().unwrap_or_default();
        Error::input(format!("the JSON can't be read: {told}")).at(Place::default().line(error.line() as u64))
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
    if hub::recognise(&value) {
        return hub::read(&value);
    }
    Err(Error::input(format!("this JSON is of no known form; paste {FORMS}")).at(Place::default().line(1)))
}

/// What holds for every form: each parent once, none that is a placeholder or the model itself, and not too many.
fn finish(mut parsed: ParsedLineage) -> Result<ParsedLineage> {
    if parsed.parents.len() > MAX_PARENTS {
        let count = parsed.parents.len();
        return Err(Error::input(format!("{count} parents are named, more than {MAX_PARENTS}; is this one model?")));
    }
    let mut parents: Vec<Parent> = Vec::with_capacity(parsed.parents.len());
    for parent in std::mem::take(&mut parsed.parents) {
        let id = &parent.id;
        if is_placeholder(id) {
            parsed.warnings.push(Warning::new(format!("\"{id}\" is a placeholder and was left out")));
        } else if parsed.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(id)) {
            let message = format!("\"{id}\" named itself as its own parent; the edge was dropped");
            parsed.warnings.push(Warning::new(message));
        } else if !parents.iter().any(|known| known.id.eq_ignore_ascii_case(id)) {
            parents.push(parent);
        }
    }
    parsed.parents = parents;
    Ok(parsed)
}

/// The id in a hub URL or an id as it stands, without quotes; none if it is neither.
#[must_use]
pub fn hub_id(text: &str) -> Option<&str> {
    let text = text.trim().trim_matches(['"', '\'', '`']).trim();
    let bare = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let short = || text.strip_prefix("huggingface.co/").or_else(|| text.strip_prefix("hf.co/"));
    let path = match bare {
        Some(url) => Some(url.split_once('/').filter(|(host, _)| !OTHER_HOSTS.contains(host))?.1),
        None => short(),
    };
    let id = match path {
        Some(path) => {
            let path = path.split(['?', '#']).next()?.trim_matches('/');
            let path = path.strip_prefix("api/models/").or_else(|| path.strip_prefix("models/")).unwrap_or(path);
            if ["datasets/", "spaces/", "collections/", "papers/"].iter().any(|other| path.starts_with(other)) {
                return None;
            }
            let end = path.match_indices('/').nth(1).map_or(path.len(), |(at, _)| at);
            &path[..end]
        }
        None => text,
    };
    let plain = |c: char| c.is_alphanumeric() || "/._-+@() ".contains(c);
    let few_words = id.split_whitespace().count() <= 4 && (!id.contains('/') || !id.contains(' '));
    let shaped = id.split('/').count() <= 2 && id.split('/').all(|part| !part.trim().is_empty());
    let known = id.len() <= 200 && few_words && shaped && id.chars().all(plain) && id.contains(char::is_alphanumeric);
    (known && !is_folder(id)).then_some(id)
}

/// Places that hold code or papers, whose addresses look like a model's.
const OTHER_HOSTS: [&str; 5] = ["github.com", "www.github.com", "gitlab.com", "arxiv.org", "ollama.com"];

/// Whether a name is a folder of somebody's machine. It says nothing of a model on the hub.
fn is_folder(text: &str) -> bool {
    let deep = !text.contains("://") && !text.starts_with("hf.co/") && !text.starts_with("huggingface.co/");
    text.starts_with(['/', '.', '~']) || text.contains('\\') || (deep && text.matches('/').count() > 1)
}

/// The relation of parents that come without one: several are merged.
fn usual_relation(parents: usize) -> Relation {
    if parents > 1 { Relation::Merge } else { Relation::Unstated }
}

/// The first characters of a text, for messages.
fn shorten(text: &str) -> String {
    text.chars().take(60).collect()
}

/// A parent that is a folder is left out with this message.
fn folder_warning(path: &str) -> Warning {
    Warning::new(format!("\"{}\" is a folder, not a model of the hub, and was left out", shorten(path)))
}

#[cfg(test)]
mod tests;
