//! Workbooks (Excel's and OpenDocument's), natively: the first sheet as the CSV that the same table would be.

use crate::error::{Error, Place, Result};
use calamine::{Data, Reader};
use std::io::Cursor;

/// The first sheet that holds anything, in CSV.
pub(super) fn to_csv(name: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    // Damaged files are not worth a panic; nothing is shared with the library.
    let converted = std::panic::catch_unwind(|| convert(bytes));
    converted
        .unwrap_or_else(|_| Err(Error::input("the workbook is damaged; save the sheet as CSV")))
        .map_err(|error| error.at(Place::source(name)))
}

fn convert(bytes: &[u8]) -> Result<Vec<u8>> {
    let damaged = |error: &dyn std::fmt::Display| {
        Error::input(format!("the workbook can't be read: {error}; save the sheet as CSV"))
    };
    let mut workbook = calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|_| {
        Error::input("the file is packed (zip) and no workbook; unpack it and give the table that is within")
    })?;
    for sheet in workbook.sheet_names() {
        let range = workbook.worksheet_range(&sheet).map_err(|error| damaged(&error))?;
        if range.is_empty() {
            continue;
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        let blank = |row: &[Data]| row.iter().all(|value| cell(value).trim().is_empty());
        for row in range.rows().filter(|row| !blank(row)) {
            writer.write_record(row.iter().map(cell)).map_err(|error| damaged(&error))?;
        }
        return writer.into_inner().map_err(|error| damaged(&error));
    }
    Err(Error::input("the workbook holds no cells"))
}

/// A value as a cell: dates as days, nothing for what is missing or a formula's error.
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
