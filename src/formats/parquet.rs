//! Parquet, in native builds: its rows are converted to CSV, so that the readers of tables handle both. On the page a
//! JavaScript library does the same.

use crate::error::{Error, Place, Result};
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

/// The most columns and rows of a file.
const MAX_COLUMNS: usize = 10_000;
const MAX_ROWS: i64 = 50_000_000;

/// Converts a Parquet file to CSV.
pub(super) fn to_csv(name: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    // The library panics on some damaged files. Catching the panic is safe because it shares no state with this code.
    let converted = std::panic::catch_unwind(|| convert(name, bytes));
    converted.unwrap_or_else(|_| {
        Err(Error::input("the Parquet file is damaged; fetch the file again").at(Place::source(name)))
    })
}

fn convert(name: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let damaged = |error: &dyn std::fmt::Display| {
        Error::input(format!("the Parquet file can't be read: {error}")).at(Place::source(name))
    };
    let reader = SerializedFileReader::new(bytes::Bytes::copy_from_slice(bytes)).map_err(|error| damaged(&error))?;
    let metadata = reader.metadata().file_metadata();
    let columns = metadata.schema().get_fields();
    if columns.len() > MAX_COLUMNS || metadata.num_rows() > MAX_ROWS {
        let message = format!("{} columns and {} rows are too many", columns.len(), metadata.num_rows());
        return Err(Error::input(message).at(Place::source(name)));
    }
    if !reader
        .metadata()
        .row_groups()
        .iter()
        .flat_map(RowGroupMetaData::columns)
        .all(|column| lies_within(column, bytes))
    {
        return Err(damaged(&"a column lies outside the file"));
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|column| column.name())).map_err(|error| damaged(&error))?;
    let mut record = csv::StringRecord::new();
    for row in reader.get_row_iter(None).map_err(|error| damaged(&error))? {
        let row = row.map_err(|error| damaged(&error))?;
        record.clear();
        row.get_column_iter().for_each(|(_, field)| record.push_field(&cell(field)));
        writer.write_record(&record).map_err(|error| damaged(&error))?;
    }
    writer.into_inner().map_err(|error| damaged(&error))
}

/// Whether a column's pages lie within the file; the library does not check this.
fn lies_within(column: &ColumnChunkMetaData, bytes: &[u8]) -> bool {
    let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
    let end = start.checked_add(column.compressed_size());
    start >= 0 && column.compressed_size() >= 0 && end.is_some_and(|end| end <= bytes.len() as i64)
}

/// A value as a cell: texts are unchanged, dates become days, and nulls and NaN become empty cells.
fn cell(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Float(number) if !number.is_finite() => String::new(),
        Field::Double(number) if !number.is_finite() => String::new(),
        Field::Float(number) => number.to_string(),
        Field::Double(number) => number.to_string(),
        other => other.to_string(),
    }
}
