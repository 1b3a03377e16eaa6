//! Excel workbooks, in native builds: the first sheet that is not empty is converted to CSV.

use crate::error::{Error, Place, Result};
use calamine::{Data, Reader, Xls, Xlsx};
use std::collections::BTreeMap;
use std::io::Cursor;

/// The most columns and cells of a sheet.
const MAX_COLUMNS: u32 = 16_384;
const MAX_CELLS: usize = 50_000_000;

/// The non-empty cells of a sheet: row → (column, text).
type Rows = BTreeMap<u32, Vec<(u32, String)>>;

/// Converts a workbook to CSV.
pub(super) fn to_csv(name: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    // The library may panic on a damaged file. Catching the panic is safe because it shares no state with this code.
    let converted = std::panic::catch_unwind(|| convert(bytes));
    converted
        .unwrap_or_else(|_| Err(Error::input("the workbook is damaged; save the sheet as CSV")))
        .map_err(|error| error.at(Place::source(name)))
}

fn convert(bytes: &[u8]) -> Result<Vec<u8>> {
    let rows = if bytes.starts_with(b"PK") { new_kind(bytes)? } else { old_kind(bytes)? };
    if rows.is_empty() {
        return Err(Error::input("the workbook holds no cells"));
    }
    let columns = || rows.values().flatten().map(|(column, _)| *column);
    let (first, last) = (columns().min().unwrap_or_default(), columns().max().unwrap_or_default());
    if last - first >= MAX_COLUMNS {
        return Err(Error::input(format!("{} columns are too many", last - first + 1)));
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows.into_values() {
        let mut record = vec![String::new(); (last - first + 1) as usize];
        row.into_iter().for_each(|(column, text)| record[(column - first) as usize] = text);
        writer.write_record(&record).map_err(|error| damaged(&error))?;
    }
    writer.into_inner().map_err(|error| damaged(&error))
}

fn damaged(error: &dyn std::fmt::Display) -> Error {
    Error::input(format!("the workbook can't be read: {error}; save the sheet as CSV"))
}

/// Reads `.xlsx` cell by cell, so that a stray cell in a distant row does not allocate millions of rows.
fn new_kind(bytes: &[u8]) -> Result<Rows> {
    let mut workbook: Xlsx<_> =
        calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(|_: calamine::XlsxError| {
            Error::input("the file is packed (zip) and no Excel workbook; unpack it and give the table inside")
        })?;
    let mut rows = Rows::new();
    for sheet in workbook.sheet_names() {
        // Sheets of charts have no cells.
        let Ok(mut cells) = workbook.worksheet_cells_reader(&sheet) else { continue };
        let mut count = 0;
        while let Some(found) = cells.next_cell().map_err(|error| damaged(&error))? {
            let text = cell(&Data::from(found.get_value().clone()));
            if text.trim().is_empty() {
                continue;
            }
            count += 1;
            if count > MAX_CELLS {
                return Err(Error::input(format!("more than {MAX_CELLS} cells are too many; save the sheet as CSV")));
            }
            let (row, column) = found.get_position();
            rows.entry(row).or_default().push((column, text));
        }
        if !rows.is_empty() {
            break;
        }
    }
    Ok(rows)
}

/// Reads `.xls`, whose sheets are small.
fn old_kind(bytes: &[u8]) -> Result<Rows> {
    let mut workbook: Xls<_> =
        calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(|error: calamine::XlsError| damaged(&error))?;
    for sheet in workbook.sheet_names() {
        let range = workbook.worksheet_range(&sheet).map_err(|error| damaged(&error))?;
        let mut rows = Rows::new();
        for (row, column, value) in range.used_cells() {
            let text = cell(value);
            if !text.trim().is_empty() {
                rows.entry(row as u32).or_default().push((column as u32, text));
            }
        }
        if !rows.is_empty() {
            return Ok(rows);
        }
    }
    Ok(Rows::new())
}

/// A value as a cell: dates become days, and missing values and errors of formulas become empty cells.
fn cell(value: &Data) -> String {
    match value {
        Data::DateTime(day) if day.is_datetime() => {
            let (year, month, day, ..) = day.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::Error(_) | Data::Empty => String::new(),
        other => other.to_string(),
    }
}
