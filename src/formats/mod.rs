//! Readers from bytes to types, one file for each format. The format of an input is recognised by its content, never by
//! its name alone.

mod benchpress;
mod bytes;
mod cells;
mod edges;
mod factors;
mod facts;
mod helm;
mod instance;
mod join;
mod layout;
mod leaderboard_v2;
mod lineage;
mod lm_eval;
mod long;
mod markup;
mod open_models;
#[cfg(not(target_arch = "wasm32"))]
mod parquet;
mod part;
mod scores;
mod short;
mod table;
mod wide;
#[cfg(not(target_arch = "wasm32"))]
mod workbook;
mod yaml;

#[cfg(not(target_arch = "wasm32"))]
pub use bytes::pack;
pub use facts::{Facts, parse_facts};
pub use lineage::known::KnownScore;
pub use lineage::{ParsedLineage, Stage, hub_id, parse_lineage};
pub use scores::{GivenScores, read_scores};
pub use short::{parse_costs, parse_scores};

use crate::error::{Error, Place, Result, Warning};
use crate::lineage::NamedEdge;
use crate::snapshot::{Snapshot, read_json, settle};
use part::Part;
use std::borrow::Cow;
use table::Table;

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
/// matrices, and tables of lineage edges. Natively, each table may also be Parquet or the first sheet of a workbook.
/// Several files give the union of their models and tasks.
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
        let bytes = unpacked(lineage)?;
        let (more, repairs) = edges::read(Table::open(lineage.name, &bytes)?)?;
        edges.extend(more);
        warnings.extend(repairs);
    }
    if let Some(source) = &companions.task_factors {
        let bytes = unpacked(source)?;
        warnings.extend(factors::apply_to_tasks(Table::open(source.name, &bytes)?, &mut parts)?);
    }
    if let ([], Some(file)) = (parts.as_slice(), files.first()) {
        let message = "holds lineage edges and no results; give the results beside it";
        return Err(Error::input(message).at(Place::source(file.name)));
    }
    parts.iter_mut().try_for_each(Part::settle)?;
    let mut snapshot = join::join(parts, edges, &mut warnings)?;
    if let Some(source) = &companions.model_factors {
        let bytes = unpacked(source)?;
        let table = Table::open(source.name, &bytes)?;
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

/// The bytes of a companion table as CSV.
fn unpacked<'a>(source: &Source<'a>) -> Result<Cow<'a, [u8]>> {
    let bytes = bytes::unpack(source)?;
    Ok(as_csv(source.name, &bytes)?.map_or(bytes, Cow::Owned))
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
        let text = bytes::text(file.name, &bytes)?;
        if may_be_rare(text)
            && let Some(part) = read_rare(file.name, text)?
        {
            return Ok(Content::Part(Box::new(part)));
        }
        let (snapshot, warnings) = read_json(text.as_bytes()).map_err(|error| error.at(Place::source(file.name)))?;
        return Ok(Content::Part(Box::new(Part::from_snapshot(file.name, snapshot, warnings))));
    }
    let bytes = as_csv(file.name, &bytes)?.map_or(bytes, Cow::Owned);
    let table = Table::open(file.name, &bytes)?;
    if edges::recognise(&table) {
        let (edges, warnings) = edges::read(table)?;
        return Ok(Content::Edges(edges, warnings));
    }
    let board = leaderboard_v2::recognise(&table);
    if board.is_some() || open_models::recognise(&table) || helm::recognise(&table) {
        if const { !RARE } {
            return Ok(Content::Rare);
        }
        let part = if open_models::recognise(&table) {
            open_models::read(table)?
        } else if let Some(columns) = board {
            leaderboard_v2::read(table, &columns)?
        } else {
            helm::read(table)?
        };
        return Ok(Content::Part(Box::new(part)));
    }
    let part = if long::recognise(&table) {
        long::read(table)?
    } else {
        match instance::read(table)? {
            Some(part) => part,
            None => wide::read(Table::open(file.name, &bytes)?)?,
        }
    };
    Ok(Content::Part(Box::new(part)))
}

/// Whether a JSON text may be from BenchPress or contain results of lm-evaluation-harness.
fn may_be_rare(text: &str) -> bool {
    // A snapshot can be large and should not be parsed twice.
    benchpress::recognise(text) || (text.len() <= MAX_RUN && text.contains("\"results\""))
}

fn read_rare(name: &str, text: &str) -> Result<Option<Part>> {
    if benchpress::recognise(text) {
        return benchpress::read(name, text).map(Some);
    }
    match serde_json::from_str(text) {
        Ok(value) if lm_eval::recognise(&value) => lm_eval::read(name, &value).map(Some),
        // The caller then reads it as a snapshot, whose error explains the problem.
        _ => Ok(None),
    }
}

/// The most bytes of a pasted text. Longer texts are refused by the parsers, so that callers need not pass them on.
pub const LONGEST_TEXT: usize = lineage::MAX_JSON;

/// A longer JSON text can't be results of lm-evaluation-harness: 64 MiB.
const MAX_RUN: usize = 64 << 20;

/// Converts a binary table to CSV; `None` if the file is text.
fn as_csv(name: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>> {
    if bytes.starts_with(b"EYAS") {
        let message = "a saved model, not results; give it as --model, or the snapshot that it was trained on here";
        return Err(Error::input(message).at(Place::source(name)));
    }
    #[cfg(not(target_arch = "wasm32"))]
    if let Some((_, packed)) = PACKED.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        let message = format!("packed with {packed}; unpack it, or pack it with gzip");
        return Err(Error::input(message).at(Place::source(name)));
    }
    if bytes.starts_with(b"PAR1") {
        return unpack_parquet(name, bytes).map(Some);
    }
    if WORKBOOKS.iter().any(|magic| bytes.starts_with(magic)) {
        return unpack_workbook(name, bytes).map(Some);
    }
    Ok(None)
}

/// The magic bytes of compressed files that are not supported, and the names of the formats.
#[cfg(not(target_arch = "wasm32"))]
const PACKED: [(&[u8], &str); 4] =
    [(b"\x28\xb5\x2f\xfd", "zstd"), (b"BZh91AY&SY", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"7z\xbc\xaf\x27\x1c", "7-Zip")];

/// The magic bytes of zip files (including `.xlsx`) and of older workbooks.
const WORKBOOKS: [&[u8]; 3] = [b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"];

#[cfg(not(target_arch = "wasm32"))]
use parquet::to_csv as unpack_parquet;
#[cfg(not(target_arch = "wasm32"))]
use workbook::to_csv as unpack_workbook;

#[cfg(target_arch = "wasm32")]
fn unpack_parquet(name: &str, _: &[u8]) -> Result<Vec<u8>> {
    let message = "Parquet is not read here; give the table's CSV form";
    Err(Error::input(message).at(Place::source(name)))
}

#[cfg(target_arch = "wasm32")]
fn unpack_workbook(name: &str, _: &[u8]) -> Result<Vec<u8>> {
    let message = "an Excel workbook or a zip file; save the sheet as CSV";
    Err(Error::input(message).at(Place::source(name)))
}

#[cfg(test)]
mod tests;
