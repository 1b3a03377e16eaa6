//! The names of the models in the rows of a table.

use super::markup;
use super::table::Table;
use crate::error::Result;
use std::collections::HashMap;

/// The ids of the models of a table: cells without mark-up and, where they stay distinct, without notes.
pub(super) struct Names {
    /// For each name without its note, how many cells have it.
    several: HashMap<String, u32>,
    /// How many names lost their note.
    pub(super) notes: usize,
}

impl Names {
    pub(super) fn of(table: &Table<'_>, column: usize) -> Result<Self> {
        let mut names = Self { several: HashMap::new(), notes: 0 };
        table.again()?.each(|row| {
            let named = markup::named(row.get(column));
            let (name, note) = markup::without_note(&named.name);
            names.notes += usize::from(note.is_some());
            match names.several.get_mut(name) {
                Some(several) => *several += 1,
                None => drop(names.several.insert(name.to_owned(), 1)),
            }
            Ok(())
        })?;
        Ok(names)
    }

    /// The id in a cell, and the address beside it.
    pub(super) fn id(&self, cell: &str) -> (String, Option<String>) {
        let named = markup::named(cell);
        let (name, _) = markup::without_note(&named.name);
        let id = if self.several.get(name) == Some(&1) { name } else { &*named.name };
        let id = if id.is_empty() { cell } else { id };
        (id.to_owned(), named.link.map(|link| link.into_owned()))
    }
}
