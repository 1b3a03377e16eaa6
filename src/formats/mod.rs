//! Readers from bytes to types, one file for each format. The format of an input is recognised by its content, never by
//! its name alone.

mod benchpress;
mod bytes;
mod cells;
mod collection;
mod configurations;
mod csv_text;
mod edges;
mod factors;
mod facts;
mod folder;
mod html;
mod join;
mod join_models;
mod join_tasks;
mod json;
mod known_forms;
mod known_names;
mod layout;
mod leaderboard_v2;
mod lineage;
mod long;
mod long_layout;
mod markdown;
mod markup;
mod model_facts;
mod name_parts;
mod open_models;
mod orientation;
mod pair_vectors;
#[cfg(not(target_arch = "wasm32"))]
mod parquet;
mod part;
mod published;
mod records;
mod report;
mod roles;
mod row_names;
mod rows;
mod scores;
mod settle;
mod short;
mod snapshot_alone;
mod stated;
mod survey;
mod table;
mod tabular;
mod task_ids;
mod tools;
#[cfg(not(target_arch = "wasm32"))]
mod tuples;
mod units;
mod wide;
mod wide_scores;
mod words;
#[cfg(not(target_arch = "wasm32"))]
mod workbook;
mod yaml;
#[cfg(not(target_arch = "wasm32"))]
mod zip;

#[cfg(not(target_arch = "wasm32"))]
pub use bytes::pack;
pub use bytes::unpack;
pub use facts::{Facts, parse_facts};
pub use lineage::known::KnownScore;
pub(crate) use lineage::known::Unused;
pub use lineage::{ParsedLineage, Stage, hub_id, parse_hub_model, parse_lineage};
pub use pair_vectors::add_pair_vectors;
pub use report::{Column, Columns, Dropped, Report, Role, Unit};
pub use scores::{GivenScores, read_scores};
pub use short::{parse_costs, parse_scores};
pub use snapshot_alone::import_snapshot;
pub use task_ids::{Key as TaskKey, ids as task_ids};

use crate::error::{Error, Place, Result, Warning};
use crate::lineage::{Lineage, NamedEdge, Names, is_quantised};
use crate::snapshot::{Snapshot, settle};
use factors::Found;
use folder::{Folder, LeftOut};
use json::Json;
use orientation::Sides;
use part::Part;
use table::Table;
use tabular::Tabular;

/// A file: its name for messages, and its bytes, plain or gzip.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// File name, with or without a folder. Some forms tell the model by the folder.
    pub name: &'a str,
    /// Content.
    pub bytes: &'a [u8],
    /// Whether the file may be left out with a warning if it can't be read, as one of many in a folder.
    pub optional: bool,
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
    /// The roles that a person gives to columns.
    pub columns: Option<&'a Columns>,
}

impl Companions<'_> {
    fn has_files(&self) -> bool {
        self.lineage.is_some() || self.model_factors.is_some() || self.task_factors.is_some()
    }
}

/// A snapshot and the repairs of the import.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Models, tasks, results and lineage.
    pub snapshot: Snapshot,
    /// Repairs: dropped duplicates, cut cycles, ignored rows about unknown models or tasks.
    pub warnings: Vec<Warning>,
    /// What was understood.
    pub report: Report,
}

/// Reads files of results in any of the accepted formats, with their companions, into one snapshot.
///
/// The formats are recognised by content: `eyas-snapshot` JSON, the tables of the Open LLM Leaderboard v2, results of
/// lm-evaluation-harness, BenchPress's JSON, tables with a row for each model, task or score, matrices of items, and
/// tables of lineage edges. A table may be CSV (with commas, tabs or semicolons), Markdown, HTML or JSON
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

/// [`import`] for wasm modules. Without the readers of JSON, of rare tables, of companions and of several files (`RARE` is
/// false) it returns `None` if an input needs one, so that the caller can load another module.
///
/// # Errors
/// As [`import`].
pub fn import_in<const RARE: bool>(files: &[Source<'_>], companions: &Companions<'_>) -> Result<Option<Imported>> {
    if const { !RARE } && (files.len() > 1 || companions.has_files()) {
        return Ok(None);
    }
    let mut parts = Vec::new();
    let mut edges = Vec::new();
    let mut warnings = Vec::new();
    let columns = companions.columns.unwrap_or(Columns::NONE);
    let folder = Folder::new(files);
    let mut left_out = LeftOut::default();
    for file in files {
        match read::<RARE>(file, columns, &folder) {
            Ok(Content::Rare) => return Ok(None),
            Ok(Content::Part(part)) => parts.push(Part { optional: file.optional, ..*part }),
            Ok(Content::Edges(more, repairs)) => {
                edges.extend(more);
                warnings.extend(repairs);
            }
            Ok(Content::Companion) => {}
            Err(error) if const { RARE } && file.optional => left_out.add(&error),
            Err(error) => return Err(error),
        }
    }
    if const { RARE }
        && let Some(lineage) = &companions.lineage
    {
        let Some(tabular) = companion::<RARE>(lineage)? else { return Ok(None) };
        let (more, repairs) = edges::read(tabular.open(lineage.name)?)?;
        edges.extend(more);
        warnings.extend(repairs);
    }
    if const { RARE }
        && let Some(source) = &companions.task_factors
    {
        let Some(tabular) = companion::<RARE>(source)? else { return Ok(None) };
        warnings.extend(factors::apply_to_tasks(tabular.open(source.name)?, &mut parts)?);
    }
    if let ([], Some(file), false) = (parts.as_slice(), files.first(), left_out.has_some()) {
        let message = "holds lineage edges and no results; give the results beside it";
        return Err(Error::input(message).at(Place::source(file.name)));
    }
    if const { RARE } {
        parts = left_out.settle(parts)?;
    } else {
        parts.iter_mut().try_for_each(Part::settle)?;
    }
    let mut report = left_out.report(&mut warnings);
    let mut snapshot = join::join::<RARE>(parts, edges, &mut warnings, &mut report)?;
    if const { RARE }
        && let Some(source) = &companions.model_factors
    {
        let Some(tabular) = companion::<RARE>(source)? else { return Ok(None) };
        let table = tabular.open(source.name)?;
        let board = leaderboard_v2::recognise(&table);
        warnings.extend(add_facts(table, board, &mut snapshot, columns, &mut report)?);
    }
    finish(files.first().map_or("", |file| file.name), snapshot, warnings, report, columns).map(Some)
}

/// Settles what is joined, and refuses what holds nothing. name: of the first file
fn finish(
    name: &str,
    mut snapshot: Snapshot,
    warnings: Vec<Warning>,
    report: Report,
    columns: &Columns,
) -> Result<Imported> {
    configurations::link(&mut snapshot);
    check_names(columns, &report)?;
    snapshot.models.iter_mut().for_each(|model| settle(&mut model.factors));
    if snapshot.cells() == 0 {
        return Err(Error::input("no cell holds a result").at(Place::source(name)));
    }
    Ok(Imported { snapshot, warnings: join::condense(warnings), report })
}

/// Adds a table of facts about models to a snapshot.
fn add_facts(
    table: Table<'_>,
    board: Option<leaderboard_v2::Columns>,
    snapshot: &mut Snapshot,
    columns: &Columns,
    report: &mut Report,
) -> Result<Vec<Warning>> {
    let Snapshot { models, lineage, .. } = snapshot;
    let (names, count) = (Names::new(lineage, models.len()), models.len());
    let find = |id: &str| {
        let same = lineage.node(id).filter(|&node| (node as usize) < count).map(Found::Same);
        same.or_else(|| Some(Found::Alias(names.alias(id).filter(|_| !is_quantised(id))?)))
    };
    if let Some(board) = board {
        factors::take_from_models(leaderboard_v2::read(table, &board)?, models, find)?;
        return Ok(Vec::new());
    }
    let brought = factors::apply_to_models(table, models, find, columns)?;
    report.columns.extend(brought.columns);
    let mut warnings = brought.warnings;
    if !brought.edges.is_empty() {
        let edges = part::named_edges(lineage).into_iter().chain(brought.edges).collect();
        let (with_edges, repairs) = Lineage::new(lineage.ids().to_vec(), edges);
        *lineage = with_edges;
        warnings.extend(repairs);
    }
    Ok(warnings)
}

/// Refuses a given role for a column that no file has.
fn check_names(columns: &Columns, report: &Report) -> Result<()> {
    let is_known = |name: &str| report.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    let Some(name) = columns.names().find(|name| !is_known(name)) else { return Ok(()) };
    let known: Vec<&str> = report.columns.iter().map(|column| column.name.as_str()).collect();
    Err(Error::input(format!("columns: no column {name:?} here; there are {}", part::some_of(&known))))
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
    match json::read(source.name, bytes::text(source.name, &bytes)?, &Folder::new(&[]))? {
        Json::Table(csv) => Ok(Some(Tabular::from(csv))),
        Json::Part(_) | Json::Companion => {
            Err(Error::input("holds results; expected a table").at(Place::source(source.name)))
        }
    }
}

enum Content {
    Part(Box<Part>),
    Edges(Vec<NamedEdge>, Vec<Warning>),
    /// The file is read together with another one.
    Companion,
    /// The file is in a rare format whose reader is not compiled in.
    Rare,
}

fn read<const RARE: bool>(file: &Source<'_>, columns: &Columns, folder: &Folder<'_>) -> Result<Content> {
    let bytes = bytes::unpack(file)?;
    if bytes::is_json(&bytes) {
        if const { !RARE } {
            return Ok(Content::Rare);
        }
        return match json::read(file.name, bytes::text(file.name, &bytes)?, folder)? {
            Json::Part(part) => Ok(Content::Part(part)),
            Json::Table(csv) => read_table::<RARE>(file.name, &Tabular::from(csv), columns, folder),
            Json::Companion => Ok(Content::Companion),
        };
    }
    if const { RARE }
        && let Ok(text) = bytes::text(file.name, &bytes)
        && let Some(read) = tools::read_text(file.name, text, folder)
    {
        return read.map(|part| Content::Part(Box::new(part)));
    }
    if const { RARE } && file.optional && file.name.ends_with(".md") {
        let message =
            "no model card with results (model-index); a table in a text is read if the file is given by itself";
        return Err(Error::input(message).at(Place::source(file.name)));
    }
    if const { RARE }
        && let Some(results) = tabular::printed_results(file.name, &bytes)
    {
        return tools::read_run(&tools::File { name: file.name, value: &results, folder })
            .map(|part| Content::Part(Box::new(part)));
    }
    #[cfg(not(target_arch = "wasm32"))]
    if let Some(part) = tuples::read(file.name, &bytes, columns, folder)? {
        return Ok(Content::Part(Box::new(part)));
    }
    match tabular::of::<RARE>(file.name, bytes)? {
        Some(tabular) => read_table::<RARE>(file.name, &tabular, columns, folder),
        None => Ok(Content::Rare),
    }
}

/// Reads a table by the kind that its header shows.
fn read_table<const RARE: bool>(
    name: &str,
    tabular: &Tabular<'_>,
    columns: &Columns,
    folder: &Folder<'_>,
) -> Result<Content> {
    let table = tabular.open(name)?;
    if edges::recognise(&table) {
        if const { !RARE } {
            return Ok(Content::Rare);
        }
        let (edges, warnings) = edges::read(table)?;
        return Ok(Content::Edges(edges, warnings));
    }
    // A person's roles are for the reader of tables that has no fixed columns.
    let is_free = table.header.iter().all(|name| columns.of(name).is_none());
    let board = leaderboard_v2::recognise(&table).filter(|_| is_free);
    if board.is_some() || (is_free && open_models::recognise(&table)) {
        if const { !RARE } {
            return Ok(Content::Rare);
        }
        return read_rare(table, board).map(|part| Content::Part(Box::new(part)));
    }
    if const { RARE } && is_free {
        if published::is_companion(&table, folder) {
            return Ok(Content::Companion);
        }
        if published::recognise(&table, folder) {
            return published::read(table, folder).map(|part| Content::Part(Box::new(part)));
        }
    }
    if is_free && tools::knows(&table) {
        if const { !RARE } {
            return Ok(Content::Rare);
        }
        if tools::is_companion_table(&table, folder) {
            return Ok(Content::Companion);
        }
        if let Some(read) = tools::read_table(table.again()?, folder) {
            return read.map(|part| Content::Part(Box::new(part)));
        }
    }
    let by_names = long_layout::Layout::of(&table, columns);
    let layout = by_names.map_or_else(|| long_layout::Layout::of_rows(&table, columns), |layout| Ok(Some(layout)))?;
    if let Some(layout) = layout {
        return long::read(table, columns, layout).map(|part| Content::Part(Box::new(part)));
    }
    let part = match orientation::sides(&table, columns)? {
        Sides::Tasks(_) if const { !RARE } => return Ok(Content::Rare),
        Sides::Tasks(turned) => rows::read(table, &turned)?,
        Sides::Models => wide::read(table, columns)?,
        Sides::Unknown => {
            let place = table.head();
            let mut part = wide::read(table, columns)?;
            let message = "the rows are read as models; if they are benchmarks, call the first column \"Benchmark\", else \"Model\"";
            part.warnings.push(Warning::new(message).at(place));
            part
        }
    };
    Ok(Content::Part(Box::new(part)))
}

fn read_rare(table: Table<'_>, board: Option<leaderboard_v2::Columns>) -> Result<Part> {
    match board {
        Some(columns) => leaderboard_v2::read(table, &columns),
        None => open_models::read(table),
    }
}

/// The most bytes of a pasted text. Longer texts are refused by the parsers, so that callers need not pass them on.
pub const LONGEST_TEXT: usize = lineage::MAX_JSON;

#[cfg(test)]
mod cell_tests;
#[cfg(test)]
mod column_tests;
#[cfg(test)]
mod forms_tests;
#[cfg(test)]
mod long_tests;
#[cfg(test)]
mod tests;
