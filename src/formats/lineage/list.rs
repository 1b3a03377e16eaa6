//! Plain lists of parents, separated by line ends or commas, each with an optional weight.

use super::ids::is_rooted;
use super::{MAX_PARENTS, ParsedLineage, folder_warning, hub_id, is_none, model_id, none_warning, usual_relation};
use crate::error::{Error, Place, Result, Warning};
use crate::linalg::{parse_number, print_number};
use crate::lineage::{Parent, Relation};

pub(super) fn read(text: &str) -> Result<ParsedLineage> {
    let mut parents: Vec<Parent> = Vec::new();
    let mut whole_names: Vec<Option<String>> = Vec::new();
    let mut warnings = Vec::new();
    for (line, number) in text.lines().zip(1u64..) {
        if parents.len() > MAX_PARENTS {
            break; // the caller refuses so many
        }
        let place = Place::default().line(number);
        if is_heading(uncommented(line)) {
            continue;
        }
        let mut before: Option<(Option<usize>, bool)> = None; // previous parent if new, and whether it has a weight
        for item in uncommented(line).split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let item = bare(item);
            if let Some(warning) = left_out(item) {
                warnings.push(warning.at(place.clone()));
                before = None;
                continue;
            }
            let at = |error: Error| error.at(place.clone());
            if let Some(weight) = lone_weight(item) {
                // A weight after a comma belongs to the parent before it.
                let (last, given) = before.take().filter(|_| weight > 0.0).ok_or_else(|| at(no_parent(item)))?;
                // The number before it is then part of the name.
                let name = last.and_then(|last| whole_names[last].take());
                if let Some(last) = last.filter(|_| !given || name.is_some()) {
                    parents[last].weight = weight;
                    parents[last].id = name.unwrap_or_else(|| std::mem::take(&mut parents[last].id));
                } else if given {
                    return Err(at(no_parent(item)));
                }
                continue;
            }
            let (parent, weighted) = parent(item).map_err(at)?;
            let whole = whole_name(item, &parent).filter(|_| weighted);
            let is_new = |(known, name): (&Parent, &Option<String>)| {
                !known.id.eq_ignore_ascii_case(&parent.id) || *name != whole
            };
            let new = parents.iter().zip(&whole_names).all(is_new);
            before = Some((new.then_some(parents.len()), weighted));
            match new {
                true => {
                    parents.push(parent);
                    whole_names.push(whole);
                }
                false => {
                    let message = format!("\"{}\" is named twice; its first weight was kept", parent.id);
                    warnings.push(Warning::new(message).at(place.clone()));
                }
            }
        }
    }
    if parents.is_empty() && warnings.is_empty() {
        return Err(Error::input("no parent is named; write one a line, as org/name"));
    }
    let relation = usual_relation(parents.len());
    parents.iter_mut().for_each(|parent| parent.relation = relation);
    Ok(ParsedLineage { kind: "list of parents", parents, whole_names, warnings, ..ParsedLineage::default() })
}

/// The warning about an item that names no model: a folder, or a word such as `None`.
fn left_out(item: &str) -> Option<Warning> {
    let folder = is_rooted(item) && !item.contains(' ') && model_id(item).is_none();
    is_none(item).then(|| none_warning(item)).or_else(|| folder.then(|| folder_warning(item)))
}

/// An item without its bullet, without the command `ollama run` before it, and of a Markdown link its text or address.
fn bare(item: &str) -> &str {
    let item = item.strip_prefix("- ").or_else(|| item.strip_prefix("* ")).unwrap_or(item).trim_start();
    let commands = ["ollama run ", "ollama pull "];
    let item = commands.iter().find_map(|command| item.strip_prefix(command)).unwrap_or(item).trim_start();
    let link = item.strip_prefix('[').and_then(|item| item.strip_suffix(')')).and_then(|item| item.split_once("]("));
    let named = link.map(|(text, address)| if hub_id(address).is_some() { address } else { text });
    named.unwrap_or(item)
}

/// The name that an item may be as a whole, if its weight may be part of the name: `Phi 4`. An item with an organisation
/// or with a mark before the weight is clear.
fn whole_name(item: &str, parent: &Parent) -> Option<String> {
    let item = item.trim();
    let number = item.strip_prefix(parent.id.as_str())?.trim_start();
    let bare = number.starts_with(|c: char| c.is_ascii_digit()) && !parent.id.contains('/');
    bare.then(|| hub_id(item)).flatten().map(str::to_owned)
}

/// The part of a line before a comment: a `#` at its start or after a blank.
fn uncommented(line: &str) -> &str {
    let comment =
        line.match_indices('#').find(|&(at, _)| line[..at].chars().next_back().is_none_or(char::is_whitespace));
    comment.map_or(line, |(at, _)| &line[..at])
}

/// Whether a line is the header of a table: `model, weight`.
fn is_heading(line: &str) -> bool {
    let is = |word: &str, words: &[&str]| words.iter().any(|known| word.trim().eq_ignore_ascii_case(known));
    line.split_once(',').is_some_and(|(model, weight)| {
        is(model, &["model", "parent", "name", "id"]) && is(weight, &["weight", "share", "ratio"])
    })
}

/// The weight in an item that has no parent: `0.7`, `70%` or `weight: 0.7`.
fn lone_weight(item: &str) -> Option<f32> {
    let named = item.get(..6).filter(|word| word.eq_ignore_ascii_case("weight"));
    let item = named.map_or(item, |_| item[6..].trim_start_matches([' ', ':', '=']));
    let percent = item.strip_suffix('%').and_then(|digits| parse_number(digits.trim_end())).map(|share| share / 100.0);
    percent.or_else(|| parse_number(item)).map(|weight| weight as f32).filter(|weight| weight.is_finite())
}

fn no_parent(item: &str) -> Error {
    let shown: String = item.chars().take(60).collect();
    Error::input(format!("expected a parent as org/name or org/name 0.6, found {shown:?}"))
}

/// A parent, and whether the item states its weight.
fn parent(item: &str) -> Result<(Parent, bool)> {
    let item = item.trim();
    let (plain, whole) = item.strip_suffix('%').map_or((item, 1.0), |rest| (rest.trim_end(), 100.0));
    let split = plain.rfind(|c: char| c.is_whitespace() || c == ':' || c == '=').map(|at| plain.split_at(at));
    let weighted = split.and_then(|(id, weight)| {
        let weight = weight.trim_start_matches(|c: char| c.is_whitespace() || c == ':' || c == '=');
        let id = id.trim_end().trim_end_matches([':', '=']);
        Some((id, (parse_number(weight)? / whole) as f32))
    });
    let (id, weight) = weighted.unwrap_or((item, 1.0));
    let id = model_id(id).ok_or_else(|| no_parent(item))?;
    if !(weight.is_finite() && weight > 0.0) {
        let found = print_number(weight);
        return Err(Error::input(format!("expected a weight above 0 for {id}, found {found}")));
    }
    Ok((Parent { id: id.into_owned(), relation: Relation::Unstated, weight }, weighted.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(text: &str) -> Result<Vec<(String, f32)>> {
        Ok(read(text)?.parents.into_iter().map(|parent| (parent.id, parent.weight)).collect())
    }

    #[test]
    fn a_number_after_a_comma_is_the_weight_of_the_parent_before_it() {
        let expected = || Ok(vec![("a/b".to_owned(), 0.7), ("c/d".to_owned(), 0.3)]);
        for text in [
            "a/b, 0.7\nc/d, 0.3",
            "a/b,0.7,c/d,0.3",
            "- a/b, 70%\n- c/d , 30 %",
            "a/b 0.7\nc/d: 0.3",
            "a/b 70%\nc/d: 30 %",
            "model,weight\na/b,0.7\nc/d,0.3",
            "a/b, weight 0.7\nc/d, weight=0.3",
        ] {
            assert_eq!(weights(text), expected(), "{text}");
        }
        assert_eq!(weights("a/b, c/d, e/f").unwrap().len(), 3);
        // Very small weights are valid.
        assert_eq!(weights("a/b 0.0004\nc/d 4e-7").unwrap(), [("a/b".to_owned(), 0.0004), ("c/d".to_owned(), 4e-7)]);
        assert_eq!(weights("a/b 0.7, a/b, 0.3").unwrap(), [("a/b".to_owned(), 0.7)]);
    }

    #[test]
    fn a_name_that_ends_in_a_number_has_two_readings() {
        let parsed = read("Phi 4\nPhi 3, gpt2 0.6\norg/a 2\nphi: 2\nYi-6B").unwrap();
        let ids: Vec<_> = parsed.parents.iter().map(|parent| (parent.id.as_str(), parent.weight)).collect();
        assert_eq!(ids, [("Phi", 4.0), ("Phi", 3.0), ("gpt2", 0.6), ("org/a", 2.0), ("phi", 2.0), ("Yi-6B", 1.0)]);
        let names = parsed.whole_names.iter().map(Option::as_deref).collect::<Vec<_>>();
        assert_eq!(names, [Some("Phi 4"), Some("Phi 3"), Some("gpt2 0.6"), None, None, None]);
        assert!(parsed.warnings.is_empty());
        // A weight after a comma shows that the number before it is part of the name.
        assert_eq!(weights("Phi 4, 0.7\nPhi 3, 30%").unwrap(), [("Phi 4".to_owned(), 0.7), ("Phi 3".to_owned(), 0.3)]);
    }

    #[test]
    fn a_number_without_a_parent_is_refused() {
        for text in ["0.7", "0.7, a/b", "a/b, 0.7, 0.3", "a/b 0.7, 0.3", "a/b, -1", "a/b\n0.7"] {
            assert!(weights(text).unwrap_err().message().starts_with("expected a parent as org/name"), "{text}");
        }
    }
}
