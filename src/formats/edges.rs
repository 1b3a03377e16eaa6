//! Tables of lineage edges: `parent,child[,relation][,weight]`; other columns are ignored.

use super::table::{Table, number};
use crate::error::{Error, Place, Result, Warning};
use crate::lineage::{NamedEdge, Parent, Relation};
use std::collections::BTreeMap;

/// Whether the header is that of an edges table.
pub(super) fn recognise(table: &Table<'_>) -> bool {
    table.column(&["parent"]).is_some() && table.column(&["child"]).is_some()
}

pub(super) fn read(mut table: Table<'_>) -> Result<(Vec<NamedEdge>, Vec<Warning>)> {
    let (parent, child) = (table.require(&["parent"])?, table.require(&["child"])?);
    let (relation, weight) = (table.column(&["relation"]), table.column(&["weight"]));
    let mut edges = Vec::new();
    let mut blank: Option<(u64, usize)> = None;
    let mut unknown: BTreeMap<String, (u64, usize)> = BTreeMap::new();
    table.each(|row| {
        if row.get(parent).is_empty() || row.get(child).is_empty() {
            blank.get_or_insert((row.line, 0)).1 += 1;
            return Ok(());
        }
        row.model(parent)?;
        row.model(child)?;
        let word = relation.map_or("", |at| row.get(at));
        let relation = Relation::from_word(word).unwrap_or_else(|| {
            unknown.entry(word.chars().take(40).collect()).or_insert((row.line, 0)).1 += 1;
            Relation::Unstated
        });
        let mut parent = Parent::new(row.get(parent), relation);
        if let Some(stated) = weight.map_or(Ok(None), |at| number(row.get(at)))? {
            if !(stated > 0.0 && (stated as f32).is_finite()) {
                return Err(Error::input(format!("expected a weight above 0, found {stated}"))
                    .at(Place::default().field("weight")));
            }
            parent.weight = stated as f32;
        }
        edges.push(NamedEdge { child: row.get(child).to_owned(), parent });
        Ok(())
    })?;
    let at = |line| Place::source(table.name).line(line);
    let mut warnings: Vec<Warning> = unknown
        .into_iter()
        .map(|(word, (line, count))| {
            let message = format!("unknown relation \"{word}\" ({count} rows), read as \"unstated\"");
            Warning::new(message).at(at(line))
        })
        .collect();
    if let Some((line, count)) = blank {
        warnings.push(Warning::new(format!("{count} rows without parent or child were dropped")).at(at(line)));
    }
    warnings.extend(table.short_warning());
    Ok((edges, warnings))
}
