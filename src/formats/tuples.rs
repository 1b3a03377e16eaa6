//! Parquet with a row for each score, in native builds: the rows become CSV a piece at a time, so that memory holds the
//! results and the row group that is read, not the whole file as text.

use super::bytes::{MAX_UNPACKED, line_ends};
use super::folder::Folder;
use super::parquet::Rows;
use super::part::Part;
use super::report::Columns;
use super::table::Table;
use super::{edges, leaderboard_v2, long, open_models, published, tools};
use crate::error::Result;

/// The text of a piece: 4 MiB.
const PIECE: usize = 4 << 20;

/// Reads a Parquet file in pieces; `None` if it is no Parquet file, or a table of another kind.
///
/// # Errors
/// If the file or a cell can't be read, or if a row group unpacks to more than 2 GiB.
pub(super) fn read(name: &str, bytes: &[u8], columns: &Columns, folder: &Folder<'_>) -> Result<Option<Part>> {
    read_within(name, bytes, columns, folder, (PIECE, MAX_UNPACKED))
}

/// `limits`: the bytes of a piece of text, and those of an unpacked row group.
fn read_within(
    name: &str,
    bytes: &[u8],
    columns: &Columns,
    folder: &Folder<'_>,
    (piece, group): (usize, u64),
) -> Result<Option<Part>> {
    if !bytes.starts_with(b"PAR1") {
        return Ok(None);
    }
    let mut rows = Rows::open(name, bytes)?;
    let header = rows.piece(0)?;
    let Some(head) = Table::converted(name, &header.csv, 0).ok().filter(|table| is_long(table, columns, folder)) else {
        return Ok(None);
    };
    rows.check_groups(group)?;
    let mut reader = long::Reader::new(&head, columns)?;
    let mut lines = 0;
    loop {
        let next = rows.piece(piece)?;
        if next.rows == 0 {
            return reader.finish().map(Some);
        }
        reader.add(Table::converted(name, &next.csv, 0)?.after(lines))?;
        lines += line_ends(&next.csv[next.head..]);
    }
}

/// Whether a table has a row for each score and a header that no other reader knows.
fn is_long(table: &Table<'_>, columns: &Columns, folder: &Folder<'_>) -> bool {
    let is_free = table.header.iter().all(|name| columns.of(name).is_none());
    let is_board = || {
        leaderboard_v2::recognise(table).is_some()
            || open_models::recognise(table)
            || published::is_companion(table, folder)
            || published::recognise(table, folder)
            || tools::knows(table)
    };
    let is_other = edges::recognise(table) || (is_free && is_board());
    !is_other && long::recognise(table, columns)
}

#[cfg(test)]
mod tests;
