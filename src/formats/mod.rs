//! Readers from bytes to types, one file for each format. The format of an input is recognised by its content, never by
//! its name alone.

mod benchpress;
mod bytes;
mod cells;
mod csv_text;
mod edges;
mod factors;
mod facts;
mod helm;
mod html;
mod instance;
mod join;
mod json;
mod known_forms;
mod layout;
mod leaderboard_v2;
mod lineage;
mod lm_eval;
mod long;
mod markdown;
mod markup;
mod open_models;
#[cfg(not(target_arch = "wasm32"))]
mod parquet;
mod part;
mod records;
mod scores;
mod short;
mod table;
mod tabular;
mod wide;
#[cfg(not(target_arch = "wasm32"))]
mod workbook;
mod yaml;
#[cfg(not(target_arch = "wasm32"))]
mod zip;

#[cfg(not(target_arch = "wasm32"))]
pub use bytes::pack;
pub use facts::{Facts, parse_facts};
pub use lineage::known::KnownScore;
pub use lineage::{ParsedLineage, Stage, hub_id, parse_lineage};
pub use scores::{GivenScores, read_scores};
pub use short::{parse_costs, parse_scores};

use crate::error::{Error, Place, Result, Warning};
use crate::lineage::NamedEdge;
use crate::snapshot::{Snapshot, settle};
use json::Json;
use part::Part;
use table::Table;
use tabular::Tabular;

/// A file: its name for messages, and its bytes, plain or gzip.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// File name, with or without a folder.
    pub name: &'a str,
    /// Content.
    pub bytes: &'a [u8],
}

/// Files that accompany the results.
#[derive(Debug, Clone, Copy, Default)]
pub struct Companions<'a> {
    /// Lineage edges: `parent,child[,relation][,weight]`.
    pub lineage: Option<Source<'a>>,
    /// Facts about models, one row or column for each model; or a table of the Open LLM Leaderboard v2, whose scores
    /// are ignored.
    pub model_factors: Option<Source<'a>>,
    /// Facts about tasks, one row or column for each task.
    pub task_factors: Option<Source<'a>>,
}

/// A snapshot and the repairs of the import.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Models, tasks, results and lineage.
    pub snapshot: Snapshot,
    /// Repairs: dropped duplicates, cut cycles, ignored rows about unknown models or tasks.
    pub warnings: Vec<Warning>,
}

/// Reads files of results in any of the accepted formats, with their companions, into one snapshot.
///
/// The formats are recognised by content: `eyas-snapshot/1` JSON, the tables of the Open LLM Leaderboard v2, results of
/// lm-evaluation-harness, BenchPress's JSON, HELM's table of metrics by models, long and wide tables, instance
/// matrices, and tables of lineage edges. A table may be CSV (with commas, tabs or semicolons), Markdown, HTML or JSON
/// records, and natively also Parquet, the first sheet of a workbook, or the only file in a zip file. Several files
/// give the union of their models and tasks.
///
/// # Errors
/// If a file can't be read (naming line and column), or if the files don't fit together.
pub fn import(files: &[Source<'_>], companions: &Companions<'_>) -> Result<Imported> {
    match import_in::<true>(files, companions)? {
        Some(imported) => Ok(imported),
        None => Err(Error::computation("a reader is missing")),
    }
}

/// [`import`] for wasm modules. Without the readers of JSON and of rare tables (`RARE` is false) it returns `None` if an input
/// needs one, so that the caller can load another module.
///
/// # Errors
/// As [`import`].
pub fn import_in<const RARE: bool>(files: &[Source<'_>], companions: &Companions<'_>) -> Result<Option<Imported>> {
    let mut parts = Vec::new();
    let mut edges = Vec::new();
    let mut warnings = Vec::new();
    for file in files {
        match read::<RARE>(file)? {
            Content::Rare => return Ok(None),
            Content::Part(part) => parts.push(*part),
            Content::Edges(more, repairs) => {
                edges.extend(more);
                warnings.extend(repairs);
            }
        }
    }
    if let Some(lineage) = &companions.lineage {
        let Some(tabular) = companion::<RARE>(lineage)? else { return Ok(None) };
        let (more, repairs) = edges::read(tabular.open(lineage.name)?)?;
        edges.extend(more);
        warnings.extend(repairs);
    }
    if let Some(source) = &companions.task_factors {
        let Some(tabular) = companion::<RARE>(source)? else { return Ok(None) };
        warnings.extend(factors::apply_to_tasks(tabular.open(source.name)?, &mut parts)?);
    }
    if let ([], Some(file)) = (parts.as_slice(), files.first()) {
        let message = "holds lineage edges and no results; give the results beside it";
        return Err(Error::input(message).at(Place::source(file.name)));
    }
    parts.iter_mut().try_for_each(Part::settle)?;
    let mut snapshot = join::join(parts, edges, &mut warnings)?;
    if let Some(source) = &companions.model_factors {
        let Some(tabular) = companion::<RARE>(source)? else { return Ok(None) };
        let table = tabular.open(source.name)?;
        match leaderboard_v2::recognise(&table) {
            Some(_) if const { !RARE } => return Ok(None),
            Some(columns) => factors::take_from_models(leaderboard_v2::read(table, &columns)?, &mut snapshot)?,
            None => warnings.extend(factors::apply_to_models(table, &mut snapshot)?),
        }
    }
    snapshot.models.iter_mut().for_each(|model| settle(&mut model.factors));
    if snapshot.cells() == 0 {
        let name = files.first().map_or("", |file| file.name);
        return Err(Error::input("no cell holds a result").at(Place::source(name)));
    }
    Ok(Some(Imported { snapshot, warnings: join::condense(warnings) }))
}

/// A companion table; `None` if its form is rare and its reader is not compiled in.
fn companion<'a, const RARE: bool>(source: &Source<'a>) -> Result<Option<Tabular<'a>>> {
    let bytes = bytes::unpack(source)?;
    if !bytes::is_json(&bytes) {
        return tabular::of::<RARE>(source.name, bytes);
    }
    if const { !RARE } {
        return Ok(None);
    }
    match json::read(source.name, bytes::text(source.name, &bytes)?)? {
        Json::Table(csv) => Ok(Some(Tabular::from(csv))),
        Json::Part(_) => Err(Error::input("holds results; expected a table").at(Place::source(source.name))),
    }
}

enum Content {
    Part(Box<Part>),
    Edges(Vec<NamedEdge>, Vec<Warning>),
    /// The file is in a rare format whose reader is not compiled in.
    Rare,
}

fn read<const RARE: bool>(file: &Source<'_>) -> Result<Content> {
    let bytes = bytes::unpack(file)?;
    if bytes::is_json(&bytes) {
        if const { !RARE } {
            return Ok(Content::Rare);
        }
        return match json::read(file.name, bytes::text(file.name, &bytes)?)? {
            Json::Part(part) => Ok(Content::Part(part)),
            Json::Table(csv) => read_table::<RARE>(file.name, &Tabular::from(csv)),
        };
    }
    if const { RARE }
        && let Some(results) = tabular::printed_results(file.name, &bytes)
    {
        return Ok(Content::Part(Box::new(lm_eval::read(file.name, &results)?)));
    }
    match tabular::of::<RARE>(file.name, bytes)? {
        Some(tabular) => read_table::<RARE>(file.name, &tabular),
        None => Ok(Content::Rare),
    }
}

/// Reads a table by the kind that its header shows.
fn read_table<const RARE: bool>(name: &str, tabular: &Tabular<'_>) -> Result<Content> {
    let table = tabular.open(name)?;
    if edges::recognise(&table) {
        let (edges, warnings) = edges::read(table)?;
        return Ok(Content::Edges(edges, warnings));
    }
    let board = leaderboard_v2::recognise(&table);
    if board.is_some() || open_models::recognise(&table) || helm::recognise(&table) {
        if const { !RARE } {
            return Ok(Content::Rare);
        }
        return read_rare(table, board).map(|part| Content::Part(Box::new(part)));
    }
    let part = if long::recognise(&table) {
        long::read(table)?
    } else {
        match instance::read(table)? {
            Some(part) => part,
            None => wide::read(tabular.open(name)?)?,
        }
    };
    Ok(Content::Part(Box::new(part)))
}

fn read_rare(table: Table<'_>, board: Option<leaderboard_v2::Columns>) -> Result<Part> {
    if open_models::recognise(&table) {
        open_models::read(table)
    } else if let Some(columns) = board {
        leaderboard_v2::read(table, &columns)
    } else {
        helm::read(table)
    }
}

/// The most bytes of a pasted text. Longer texts are refused by the parsers, so that callers need not pass them on.
pub const LONGEST_TEXT: usize = lineage::MAX_JSON;

#[cfg(test)]
mod forms_tests;
#[cfg(test)]
mod tests;
