//! The lineage that someone pastes: a model card, or a plain list of parents.

mod card;
mod list;

use crate::error::{Error, Place, Result, Warning};
use crate::lineage::{Parent, Relation};
use crate::snapshot::Factors;

/// A longer paste is refused: 1 MiB.
const MAX_TEXT: usize = 1 << 20;

/// What a pasted text tells of a model that nobody has evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedLineage {
    /// The form that was recognised: `model card` or `list of parents`.
    pub kind: &'static str,
    /// The model's own name, where the text gives one.
    pub name: Option<String>,
    /// Its parents, each once, with weights as given (1 where none is).
    pub parents: Vec<Parent>,
    /// Facts that the text gives.
    pub factors: Factors,
    /// What was repaired or not understood.
    pub warnings: Vec<Warning>,
}

/// Reads a pasted lineage: a README with YAML front matter, that YAML alone, or one parent a line (`org/name`,
/// `org/name 0.6`, a hub URL; commas separate parents too). `name` is what errors call the text.
///
/// # Errors
/// If the text is too long or names no parents in a form that is known; the error names the line.
pub fn parse_lineage(name: &str, text: &str) -> Result<ParsedLineage> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parsed = read(text).map_err(|error| error.at(Place::source(name)))?;
    for warning in &mut parsed.warnings {
        warning.place.source.get_or_insert_with(|| name.to_owned());
    }
    Ok(parsed)
}

fn read(text: &str) -> Result<ParsedLineage> {
    if text.len() > MAX_TEXT {
        return Err(Error::input("the text is longer than 1 MiB; paste a model card or a list of parents"));
    }
    if text.trim().is_empty() {
        return Err(Error::input("the text is empty; paste a model card or a list of parents"));
    }
    if text.trim_start().starts_with('{') {
        let message = "JSON is not read here; paste a model card or a list of parents";
        return Err(Error::input(message).at(Place::default().line(1)));
    }
    match card::find(text)? {
        Some(matter) => card::read(&matter),
        None => list::read(text),
    }
}

/// The id in a hub URL or an id as it stands, without quotes; none if it is neither.
fn hub_id(text: &str) -> Option<&str> {
    let text = text.trim().trim_matches(['"', '\'', '`']).trim();
    let bare = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let id = match bare {
        Some(url) => {
            let (_, path) = url.split_once('/')?;
            let path = path.split(['?', '#']).next()?.trim_matches('/');
            let path = path.strip_prefix("api/models/").or_else(|| path.strip_prefix("models/")).unwrap_or(path);
            let end = path.match_indices('/').nth(1).map_or(path.len(), |(at, _)| at);
            &path[..end]
        }
        None => text,
    };
    let plain = |c: char| c.is_alphanumeric() || "/._-+@() ".contains(c);
    let few_words = id.split_whitespace().count() <= 4 && (!id.contains('/') || !id.contains(' '));
    let shaped = id.split('/').count() <= 2 && id.split('/').all(|part| !part.trim().is_empty());
    let known = id.len() <= 200 && few_words && shaped && id.chars().all(plain) && id.contains(char::is_alphanumeric);
    known.then_some(id)
}

/// The relation of parents that come without one: several are merged.
fn usual_relation(parents: usize) -> Relation {
    if parents > 1 { Relation::Merge } else { Relation::Unstated }
}

#[cfg(test)]
mod tests;
