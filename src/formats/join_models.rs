//! The union of the models of several files. Models are the same by the rules of pasted names ([`NameIndex`]) between
//! files, and by their ids alone within a file.

use super::part::{Part, some_of};
use super::report::Report;
use crate::error::{Place, Warning};
use crate::lineage::{Found, NameIndex, spelled_alike};
use crate::snapshot::Model;

/// The models of a snapshot.
pub(super) struct Models {
    pub(super) models: Vec<Model>,
    /// For each part, the rows of its models.
    pub(super) rows: Vec<Vec<u32>>,
    /// The names of the models; its nodes are the rows.
    pub(super) index: NameIndex,
}

pub(super) fn join<const SEVERAL: bool>(
    parts: &mut [Part],
    warnings: &mut Vec<Warning>,
    report: &mut Report,
) -> Models {
    let mut joined = Models { models: Vec::new(), rows: Vec::new(), index: NameIndex::default() };
    for part in parts {
        tell_alike(part, warnings, report);
        let models = std::mem::take(&mut part.models);
        let rows = if const { SEVERAL } { joined.add(models, report) } else { joined.begin(models) };
        joined.rows.push(rows);
    }
    let merged = &report.merged;
    if let Some(first) = merged.first() {
        let message = format!(
            "{} models have several spellings in the files and were merged, \"{}\" and \"{}\" first",
            merged.len(),
            first[0],
            first[1]
        );
        warnings.push(Warning::new(message));
    }
    joined
}

impl Models {
    /// Takes the models of the first part.
    fn begin(&mut self, models: Vec<Model>) -> Vec<u32> {
        models.iter().for_each(|model| self.index.push(&model.id));
        self.models = models;
        (0..self.models.len() as u32).collect()
    }

    /// Adds the models of a part and returns their rows.
    fn add(&mut self, models: Vec<Model>, report: &mut Report) -> Vec<u32> {
        let known = self.models.len();
        let found: Vec<Found> =
            models.iter().map(|model| if known == 0 { Found::None } else { self.index.find(&model.id) }).collect();
        // A model with the id itself comes before those with another spelling of it.
        let mut taken = vec![false; known];
        for found in &found {
            if let Found::Same(row) = found {
                taken[*row as usize] = true;
            }
        }
        let mut rows = Vec::with_capacity(models.len());
        for (model, found) in models.into_iter().zip(found) {
            let row = match found {
                Found::Same(row) => Some(row),
                Found::Spelling(row) => Some(row).filter(|&row| !std::mem::replace(&mut taken[row as usize], true)),
                Found::Ambiguous(nodes) => {
                    let other = nodes.first().map_or_else(String::new, |&row| self.models[row as usize].id.clone());
                    report.apart.push([model.id.clone(), other, "several models have this name".to_owned()]);
                    None
                }
                Found::Configuration(_) | Found::None => None,
            };
            rows.push(match row {
                Some(row) => {
                    self.merge(row, model, report);
                    row
                }
                None => {
                    self.index.push(&model.id);
                    self.models.push(model);
                    self.models.len() as u32 - 1
                }
            });
        }
        rows
    }

    /// Merges a model of another file into that of a row. What the earlier file states counts.
    fn merge(&mut self, row: u32, model: Model, report: &mut Report) {
        let known = &mut self.models[row as usize];
        if model.id != known.id {
            match report.merged.iter_mut().find(|names| names[0] == known.id) {
                Some(names) => names.extend((!names.contains(&model.id)).then(|| model.id.clone())),
                None => report.merged.push(vec![known.id.clone(), model.id.clone()]),
            }
            known.names.extend((!known.names.contains(&model.id)).then_some(model.id));
        }
        let Model { names, date, description, license, url, configuration_of, factors, .. } = model;
        let other = names.into_iter().filter(|name| *name != known.id).collect::<Vec<_>>();
        for name in other {
            known.names.extend((!known.names.contains(&name)).then_some(name));
        }
        known.date = known.date.or(date);
        for (own, other) in [
            (&mut known.description, description),
            (&mut known.license, license),
            (&mut known.url, url),
            (&mut known.configuration_of, configuration_of),
        ] {
            *own = own.take().or(other);
        }
        factors.into_iter().for_each(|(name, factor)| {
            known.factors.entry(name).or_insert(factor);
        });
    }
}

/// Tells which models of one file are spelled alike and stay apart.
fn tell_alike(part: &Part, warnings: &mut Vec<Warning>, report: &mut Report) {
    if part.is_finished {
        return;
    }
    let ids: Vec<&str> = part.models.iter().map(|model| model.id.as_str()).collect();
    let pairs = spelled_alike(&ids);
    if pairs.is_empty() {
        return;
    }
    let named: Vec<String> = pairs.iter().map(|&(a, b)| format!("\"{}\" and \"{}\"", ids[a], ids[b])).collect();
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    let message = format!("models that are spelled alike stay apart, since one file has both: {}", some_of(&named));
    warnings.push(Warning::new(message).at(Place::source(&part.name)));
    let why = "spelled alike, in one file";
    report.apart.extend(pairs.iter().map(|&(a, b)| [ids[a].to_owned(), ids[b].to_owned(), why.to_owned()]));
}
