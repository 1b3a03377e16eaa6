//! The configurations in a card: whether they are the model's own, or were quoted from its base model.

use super::blocks::Block;
use super::card::{self, Statement};
use super::ids::last_part;
use super::mergekit::{self, Merge};
use super::{ParsedLineage, training, whole};
use crate::error::{Error, Place, Result, Warning};
use crate::lineage::{Parent, Relation};
use serde_json::Value;

/// What the blocks of a README hold.
struct Found {
    /// Documents of mergekit configurations.
    documents: Vec<Value>,
    /// The line of the first of them.
    line: u64,
    /// Warnings about configurations that can't be read.
    broken: Vec<Warning>,
}

/// Reads a README without front matter, by its configurations; `None` if it has none.
pub(super) fn read(blocks: &[Block], text: &str) -> Result<Option<ParsedLineage>> {
    let Found { documents, broken, .. } = search(blocks);
    if !documents.is_empty() {
        let mut parsed = ParsedLineage { kind: card::KIND, warnings: broken, ..ParsedLineage::default() };
        refine(&mut parsed, mergekit::merge(&documents, text)?.parsed);
        return Ok(Some(parsed));
    }
    if let Some(Warning { message, place, .. }) = broken.into_iter().next() {
        return Err(Error::input(message).at(place));
    }
    // A block alone may hold every form, among others only a training configuration tells about the model.
    let alone = blocks.len() == 1 && text.trim_start().starts_with(['`', '~', '<', '>']);
    Ok(blocks.iter().find_map(|block| {
        let mut parsed = whole(&block.text, false).ok().flatten()?;
        for warning in &mut parsed.warnings {
            warning.place.line = warning.place.line.map(|line| line + block.line - 1);
        }
        (alone || parsed.kind == training::KIND).then_some(parsed)
    }))
}

/// Adds the configurations of a card to its front matter.
pub(super) fn add(
    mut card: ParsedLineage,
    statement: &Statement,
    blocks: &[Block],
    text: &str,
) -> Result<ParsedLineage> {
    let Found { documents, line, broken } = search(blocks);
    let whole_known = broken.is_empty();
    card.warnings.extend(broken);
    if documents.is_empty() {
        if card.parents.is_empty() {
            take_plan(&mut card, blocks);
        }
        return Ok(card);
    }
    let place = Place::default().line(line);
    let merge = match mergekit::merge(&documents, text) {
        Ok(merge) => merge,
        Err(error) if card.parents.is_empty() => return Err(error.at(place)),
        Err(error) => {
            let error = error.at(place);
            card.warnings.push(unreadable(error.message(), error.place().clone()));
            return Ok(card);
        }
    };
    if is_quoted(&card, statement, &merge) {
        let bases: Vec<&str> = card.parents.iter().map(|parent| parent.id.as_str()).collect();
        let message =
            format!("the mergekit configuration was taken as that of {}, not of this model", bases.join(", "));
        card.warnings.push(Warning::new(message).at(place));
        if let (None, Some(relation)) = (statement.relation, statement.suggested) {
            card.parents.iter_mut().for_each(|parent| parent.relation = relation);
        }
        return Ok(card);
    }
    let named = |ids: &[String], parent: &Parent| ids.iter().any(|id| id.eq_ignore_ascii_case(&parent.id));
    if !whole_known && !card.parents.iter().all(|parent| named(&merge.models, parent)) {
        return Ok(card);
    }
    let lost = |parent: &Parent| !named(&merge.models, parent) && named(&merge.unused, parent);
    if card.parents.iter().any(lost) {
        // Of several versions, the one of all base models is meant.
        let covers = |merge: &Merge| card.parents.iter().all(|parent| named(&merge.models, parent));
        let alone = |document: &Value| mergekit::merge(std::slice::from_ref(document), text).ok().filter(covers);
        if let Some(merge) = documents.iter().rev().find_map(alone) {
            refine(&mut card, merge.parsed);
            return Ok(card);
        }
        let message = "the card's configurations don't refer to each other, so its base models were taken alike";
        card.warnings.push(Warning::new(message).at(place));
        return Ok(card);
    }
    refine(&mut card, merge.parsed);
    Ok(card)
}

/// Whether a configuration is that of the card's base model. The card says so by its relation, or by a base model that
/// has no part in the configuration.
fn is_quoted(card: &ParsedLineage, statement: &Statement, merge: &Merge) -> bool {
    // A copy under another account counts as the same model.
    let takes_part = |parent: &Parent| {
        let name = last_part(&parent.id);
        merge.models.iter().chain(&merge.unused).any(|id| last_part(id).eq_ignore_ascii_case(name))
    };
    let apart = !card.parents.is_empty() && !card.parents.iter().any(takes_part);
    match statement.relation {
        Some(Relation::Merge) => false,
        None | Some(Relation::Unstated) => apart && !merge.parsed.parents.is_empty() && !has_folders(&merge.parsed),
        Some(_) => apart || card.parents.len() == 1,
    }
}

/// Takes the parent of a training configuration in a card whose front matter names none.
fn take_plan(card: &mut ParsedLineage, blocks: &[Block]) {
    let plan = blocks.iter().find_map(|block| {
        let found = whole(&block.text, false).ok().flatten()?;
        (found.kind == training::KIND && !found.parents.is_empty()).then_some((block.line, found))
    });
    if let Some((line, plan)) = plan {
        card.warnings.retain(|warning| !warning.message.contains("names no base_model"));
        let message = format!("the card names no base_model; the parents are those of its {}", plan.kind);
        card.warnings.push(Warning::new(message).at(Place::default().line(line)));
        card.parents = plan.parents;
    }
}

/// The mergekit configurations of a README. A block that is meant as one but can't be read gives a warning; other blocks
/// are ignored.
fn search(blocks: &[Block]) -> Found {
    let mut found = Found { documents: Vec::new(), line: 0, broken: Vec::new() };
    for block in blocks {
        match mergekit::documents(&block.text) {
            Ok(documents) => {
                if found.documents.is_empty() {
                    found.line = block.line;
                }
                found.documents.extend(documents);
            }
            Err(error) => {
                let line = block.line + error.place().line.map_or(0, |line| line.saturating_sub(1));
                found.broken.push(unreadable(error.message(), Place::default().line(line)));
            }
        }
    }
    found
}

fn unreadable(why: &str, place: Place) -> Warning {
    Warning::new(format!("a mergekit configuration can't be read ({why}) and was left out")).at(place)
}

fn has_folders(merge: &ParsedLineage) -> bool {
    merge.warnings.iter().any(|warning| warning.message.contains("is a folder"))
}

/// Adds shares, stages and facts from a card's configuration to its front matter. The card's own list of parents is
/// kept if the configuration names local folders, which do not identify models.
fn refine(card: &mut ParsedLineage, merge: ParsedLineage) {
    let local = has_folders(&merge);
    card.kind = "model card with a mergekit configuration";
    card.name = card.name.take().or(merge.name);
    card.factors.extend(merge.factors);
    card.warnings.extend(merge.warnings);
    if merge.parents.is_empty() || (local && !card.parents.is_empty()) {
        return;
    }
    card.warnings.retain(|warning| !warning.message.contains("names no base_model"));
    for listed in &card.parents {
        if !merge.parents.iter().any(|parent| parent.id.eq_ignore_ascii_case(&listed.id)) {
            let warning = mergekit::no_share(&listed.id);
            if card.warnings.iter().all(|known| known.message != warning.message) {
                card.warnings.push(warning);
            }
        }
    }
    card.parents = merge.parents;
    card.stages = merge.stages;
}
