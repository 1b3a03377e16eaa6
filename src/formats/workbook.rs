//! Excel workbooks, in native builds: the first sheet with several columns is converted to CSV, each row on the line of its
//! number in the sheet.

use super::csv_text::CsvText;
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
    let mut csv = CsvText::new();
    for (number, row) in rows {
        let mut record = vec![String::new(); (last - first + 1) as usize];
        row.into_iter().for_each(|(column, text)| record[(column - first) as usize] = text);
        csv.row(u64::from(number) + 1, record);
    }
    Ok(csv.finish(0).bytes)
}

fn damaged(error: &dyn std::fmt::Display) -> Error {
    Error::input(format!("the workbook can't be read: {error}; save the sheet as CSV"))
}

/// Reads `.xlsx` cell by cell, so that a stray cell in a distant row does not allocate millions of rows.
fn new_kind(bytes: &[u8]) -> Result<Rows> {
    let mut workbook: Xlsx<_> =
        calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(|error: calamine::XlsxError| damaged(&error))?;
    let mut first = Rows::new();
    for sheet in workbook.sheet_names() {
        let mut rows = Rows::new();
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
        if is_table(&rows) {
            return Ok(rows);
        }
        first = if first.is_empty() { rows } else { first };
    }
    Ok(first)
}

/// Whether a sheet has a row of several cells. One of texts in a column is no table.
fn is_table(rows: &Rows) -> bool {
    rows.values().any(|row| row.len() > 1)
}

/// Reads `.xls`, whose sheets are small.
fn old_kind(bytes: &[u8]) -> Result<Rows> {
    let mut workbook: Xls<_> =
        calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(|error: calamine::XlsError| damaged(&error))?;
    let mut first = Rows::new();
    for sheet in workbook.sheet_names() {
        let range = workbook.worksheet_range(&sheet).map_err(|error| damaged(&error))?;
        let mut rows = Rows::new();
        for (row, column, value) in range.used_cells() {
            let text = cell(value);
            if !text.trim().is_empty() {
                rows.entry(row as u32).or_default().push((column as u32, text));
            }
        }
        if is_table(&rows) {
            return Ok(rows);
        }
        first = if first.is_empty() { rows } else { first };
    }
    Ok(first)
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

#[cfg(test)]
mod tests {
    use super::super::table::Table;
    use super::*;
    use std::io::Write;
    use zip::write::{SimpleFileOptions, ZipWriter};

    /// A workbook with one sheet of texts and numbers.
    fn workbook(cells: &str) -> Vec<u8> {
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let package = "http://schemas.openxmlformats.org/package/2006";
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let relation = |kind: &str, target: &str| {
            format!(
                r#"<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/{kind}" Target="{target}"/></Relationships>"#
            )
        };
        let files = [
            ("[Content_Types].xml", format!(r#"<Types xmlns="{package}/content-types"/>"#)),
            ("_rels/.rels", relation("officeDocument", "xl/workbook.xml")),
            (
                "xl/workbook.xml",
                format!(
                    r#"<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>"#
                ),
            ),
            ("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml")),
            (
                "xl/worksheets/sheet1.xml",
                format!(
                    r#"<worksheet xmlns="{main}"><sheetData>{cells}</sheetData><mergeCells><mergeCell ref="B2:D2"/></mergeCells></worksheet>"#
                ),
            ),
        ];
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            writer.start_file(name, SimpleFileOptions::default()).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn a_merged_title_is_passed_over_and_rows_keep_their_numbers() {
        let text = |place: &str, text: &str| format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#);
        let number = |place: &str, number: f64| format!(r#"<c r="{place}"><v>{number}</v></c>"#);
        let row = |at: u32, cells: &[String]| format!(r#"<row r="{at}">{}</row>"#, cells.concat());
        let sheet = [
            row(2, &[text("B2", "Results of May")]),
            row(4, &[text("B4", "model"), text("C4", "MMLU"), text("D4", "GSM8K")]),
            row(5, &[text("B5", "org/a"), number("C5", 80.5), number("D5", 1.0)]),
            row(7, &[text("B7", "org/b"), number("C7", 65.1)]),
        ];
        let csv = to_csv("x.xlsx", &workbook(&sheet.concat())).unwrap();
        let mut table = Table::converted("x.xlsx", &csv, 0).unwrap();
        assert_eq!(table.header, ["model", "MMLU", "GSM8K"]);
        let mut rows = Vec::new();
        let visited = table.each(|row| {
            rows.push((row.line, row.get(0).to_owned(), row.get(1).to_owned()));
            Ok(())
        });
        visited.unwrap();
        let row = |line, id: &str, cell: &str| (line, id.to_owned(), cell.to_owned());
        assert_eq!(rows, [row(5, "org/a", "80.5"), row(7, "org/b", "65.1")]);
    }
}
