//! Pasted lineages in their usual forms: a model card, the hub API's JSON of a model, a mergekit configuration, an
//! adapter configuration, GGUF metadata, or a plain list of parents.

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
use crate::lineage::{Parent, Relation, has_packing_tag, is_placeholder, without_revision};
use crate::snapshot::{Date, FactSource, Factors, Facts};
use known::KnownScore;
use serde_json::Value;

/// The longest JSON text: 32 MiB, since GGUF metadata lists every token. Other texts may have 1 MiB.
pub(super) const MAX_JSON: usize = 32 << 20;
/// The most parents of a model.
const MAX_PARENTS: usize = 1000;

const FORMS: &str = "a model card, a mergekit configuration, the hub's JSON of a model, an adapter_config.json, GGUF \
metadata as JSON, or a list of parents";

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

/// A stage of a merge. Its parents may be other stages.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Its name; the last stage may have none.
    pub name: Option<String>,
    /// The models and stages that it merges; the weights are shares and sum to 1.
    pub parents: Vec<Parent>,
}

/// Reads a pasted lineage and recognises its form: a README with YAML front matter, or that YAML alone; a mergekit
/// configuration (also in a card, and with several documents); the hub API's JSON of a model; a PEFT
/// `adapter_config.json`; GGUF metadata as JSON; or a list with one parent on each line (`org/name`, `org/name 0.6`, a
/// hub URL; commas also separate parents). Errors and warnings name the text `name`.
///
/// # Errors
/// If the text is too long, is in none of these forms or is invalid in its form; the error names the line or the path.
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
    if hub::recognise(&value) {
        return hub::read(&value);
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

/// The id in a hub URL, or the text itself without quotes if it is an id; `None` for other texts. A revision is left out;
/// a tag stays if it states a quantisation, as in `org/name-GGUF:Q4_K_M`.
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
    let id = without_revision(id);
    let tagged = has_packing_tag(id);
    let plain = |c: char| c.is_alphanumeric() || "/._-+@() ".contains(c) || (tagged && c == ':');
    let few_words = id.split_whitespace().count() <= 4 && (!id.contains('/') || !id.contains(' '));
    let shaped = id.split('/').count() <= 2 && id.split('/').all(|part| !part.trim().is_empty());
    let known = id.len() <= 200 && few_words && shaped && id.chars().all(plain) && id.contains(char::is_alphanumeric);
    (known && !is_folder(id)).then_some(id)
}

/// Hosts of code, papers and other registries, whose addresses look like those of models.
const OTHER_HOSTS: [&str; 5] = ["github.com", "www.github.com", "gitlab.com", "arxiv.org", "ollama.com"];

/// Whether a name is a path on a local machine and so does not identify a model of the hub.
fn is_folder(text: &str) -> bool {
    let deep = !text.contains("://") && !text.starts_with("hf.co/") && !text.starts_with("huggingface.co/");
    text.starts_with(['/', '.', '~']) || text.contains('\\') || (deep && text.matches('/').count() > 1)
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

#[cfg(test)]
mod tests;
