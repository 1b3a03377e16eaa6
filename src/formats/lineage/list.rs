//! A plain list of parents: one a line or separated by commas, each with an optional weight.

use super::{ParsedLineage, hub_id, usual_relation};
use crate::error::{Error, Place, Result, Warning};
use crate::linalg::parse_number;
use crate::lineage::{Parent, Relation};

pub(super) fn read(text: &str) -> Result<ParsedLineage> {
    let mut parents: Vec<Parent> = Vec::new();
    let mut warnings = Vec::new();
    for (line, number) in text.lines().zip(1u64..) {
        let place = Place::default().line(number);
        for item in uncommented(line).split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let item = item.strip_prefix("- ").or_else(|| item.strip_prefix("* ")).unwrap_or(item);
            let parent = parent(item).map_err(|error| error.at(place.clone()))?;
            match parents.iter().find(|known| known.id.eq_ignore_ascii_case(&parent.id)) {
                None => parents.push(parent),
                Some(known) => {
                    let message = format!("\"{}\" is named twice; its first weight was kept", known.id);
                    warnings.push(Warning::new(message).at(place.clone()));
                }
            }
        }
    }
    if parents.is_empty() {
        return Err(Error::input("no parent is named; write one a line, as org/name"));
    }
    let relation = usual_relation(parents.len());
    parents.iter_mut().for_each(|parent| parent.relation = relation);
    Ok(ParsedLineage { kind: "list of parents", parents, warnings, ..ParsedLineage::default() })
}

/// The line up to a `#` that starts it or follows a blank.
fn uncommented(line: &str) -> &str {
    let comment =
        line.match_indices('#').find(|&(at, _)| line[..at].chars().next_back().is_none_or(char::is_whitespace));
    comment.map_or(line, |(at, _)| &line[..at])
}

fn parent(item: &str) -> Result<Parent> {
    let item = item.trim();
    let split = item.rfind(|c: char| c.is_whitespace() || c == ':' || c == '=').map(|at| item.split_at(at));
    let weighted = split.and_then(|(id, weight)| {
        let weight = weight.trim_start_matches(|c: char| c.is_whitespace() || c == ':' || c == '=');
        let id = id.trim_end().trim_end_matches([':', '=']);
        Some((id, parse_number(weight)? as f32))
    });
    let (id, weight) = weighted.unwrap_or((item, 1.0));
    let Some(id) = hub_id(id) else {
        let shown: String = item.chars().take(60).collect();
        return Err(Error::input(format!("expected a parent as org/name or org/name 0.6, found {shown:?}")));
    };
    if !(weight.is_finite() && weight > 0.0) {
        return Err(Error::input(format!("expected a weight above 0 for {id}, found {weight}")));
    }
    Ok(Parent { id: id.to_owned(), relation: Relation::Unstated, weight })
}
