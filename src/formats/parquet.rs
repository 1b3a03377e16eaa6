//! Parquet, in native builds: its rows are converted to CSV, so that the readers of tables handle both. On the page a
//! JavaScript library does the same. Tables with a row for each score, which may be large, are converted in pieces
//! ([`super::tuples`]), others at once.
//!
//! A struct becomes columns `outer.inner`, a list one cell `a ; b`. The index of a pandas table, which is stored last,
//! comes first if it holds texts; a numbered one is left out.

use crate::error::{Error, Place, Result};
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use parquet::file::metadata::{ColumnChunkMetaData, FileMetaData, RowGroupMetaData};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, reader::RowIter};
use parquet::schema::types::Type;

/// The most columns and rows of a file.
const MAX_COLUMNS: usize = 10_000;
const MAX_ROWS: i64 = 50_000_000;

/// Converts a Parquet file to CSV.
pub(super) fn to_csv(name: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut rows = Rows::open(name, bytes)?;
    Ok(rows.piece(usize::MAX)?.csv)
}

/// The rows of a Parquet file, one piece after the other. Of the file no more is unpacked at a time than a row group.
pub(super) struct Rows<'a> {
    name: &'a str,
    columns: Vec<Column>,
    rows: RowIter<'static>,
    /// The bytes of each row group when it is unpacked.
    groups: Vec<u64>,
}

/// Some rows as CSV, with the header.
pub(super) struct Piece {
    pub(super) csv: Vec<u8>,
    pub(super) rows: usize,
    /// The length of the header in bytes.
    pub(super) head: usize,
}

impl<'a> Rows<'a> {
    pub(super) fn open(name: &'a str, bytes: &[u8]) -> Result<Self> {
        guarded(name, || Self::find(name, bytes))
    }

    fn find(name: &'a str, bytes: &[u8]) -> Result<Self> {
        let damaged = |error: &dyn std::fmt::Display| damaged(name, error);
        let reader =
            SerializedFileReader::new(bytes::Bytes::copy_from_slice(bytes)).map_err(|error| damaged(&error))?;
        let metadata = reader.metadata().file_metadata();
        let width = metadata.schema_descr().num_columns();
        if width > MAX_COLUMNS || metadata.num_rows() > MAX_ROWS {
            let message = format!("{width} columns and {} rows are too many", metadata.num_rows());
            return Err(Error::input(message).at(Place::source(name)));
        }
        let groups = reader.metadata().row_groups();
        if !groups.iter().flat_map(RowGroupMetaData::columns).all(|column| lies_within(column, bytes)) {
            return Err(damaged(&"a column lies outside the file"));
        }
        let columns = arranged(metadata);
        let groups = groups.iter().map(|group| u64::try_from(group.total_byte_size()).unwrap_or(0)).collect();
        Ok(Self { name, columns, rows: RowIter::from_file_into(Box::new(reader)), groups })
    }

    /// Refuses a file with a row group that unpacks to more than so many bytes.
    pub(super) fn check_groups(&self, limit: u64) -> Result<()> {
        let Some(at) = self.groups.iter().position(|bytes| *bytes > limit) else { return Ok(()) };
        let message = format!(
            "row group {} of {} unpacks to {} MiB, more than {}; write the file in row groups of 100,000 rows",
            at + 1,
            self.groups.len(),
            self.groups[at] >> 20,
            limit >> 20
        );
        Err(Error::input(message).at(Place::source(self.name)))
    }

    /// The header and the next rows, until these have about so many bytes. At the end there are no rows.
    pub(super) fn piece(&mut self, bytes: usize) -> Result<Piece> {
        guarded(self.name, || self.next_piece(bytes))
    }

    fn next_piece(&mut self, bytes: usize) -> Result<Piece> {
        let damaged = |error: &dyn std::fmt::Display| damaged(self.name, error);
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns.iter().flat_map(|column| &column.names)).map_err(|error| damaged(&error))?;
        writer.flush().map_err(|error| damaged(&error))?;
        let (head, mut count) = (writer.get_ref().len(), 0);
        let mut record = csv::StringRecord::new();
        while writer.get_ref().len() - head < bytes
            && let Some(row) = self.rows.next()
        {
            let row = row.map_err(|error| damaged(&error))?;
            let fields: Vec<&Field> = row.get_column_iter().map(|(_, field)| field).collect();
            record.clear();
            self.columns.iter().for_each(|column| column.push(fields.get(column.at).copied(), &mut record));
            writer.write_record(&record).map_err(|error| damaged(&error))?;
            count += 1;
        }
        let csv = writer.into_inner().map_err(|error| damaged(&error))?;
        Ok(Piece { csv, rows: count, head })
    }
}

/// The library panics on some damaged files. What a panic leaves is not used again.
fn guarded<T>(name: &str, read: impl FnOnce() -> Result<T>) -> Result<T> {
    let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(read));
    read.unwrap_or_else(|_| {
        Err(Error::input("the Parquet file is damaged; fetch the file again").at(Place::source(name)))
    })
}

fn damaged(name: &str, error: &dyn std::fmt::Display) -> Error {
    Error::input(format!("the Parquet file can't be read: {error}")).at(Place::source(name))
}

/// A column of the file, and the columns of the CSV that it becomes.
struct Column {
    at: usize,
    names: Vec<String>,
    is_struct: bool,
    /// Whether it holds nanoseconds since 1970, which the library returns as numbers.
    nanoseconds: bool,
}

impl Column {
    fn of((at, field): (usize, &std::sync::Arc<Type>)) -> Self {
        let info = field.get_basic_info();
        let is_struct = field.is_group() && matches!(info.converted_type(), ConvertedType::NONE);
        let name = field.name();
        let names = if is_struct {
            field.get_fields().iter().map(|inner| format!("{name}.{}", inner.name())).collect()
        } else {
            vec![name.to_owned()]
        };
        let nanoseconds =
            matches!(info.logical_type_ref(), Some(LogicalType::Timestamp(time)) if time.unit == TimeUnit::NANOS);
        Self { at, names, is_struct, nanoseconds }
    }

    /// Adds the cells of a row.
    fn push(&self, field: Option<&Field>, record: &mut csv::StringRecord) {
        match field {
            Some(Field::Group(row)) if self.is_struct => {
                row.get_column_iter().for_each(|(_, field)| record.push_field(&cell(field)));
            }
            Some(Field::Long(time)) if self.nanoseconds => {
                record.push_field(&cell(&Field::TimestampMillis(time.div_euclid(1_000_000))));
            }
            Some(field) if !self.is_struct => record.push_field(&cell(field)),
            _ => self.names.iter().for_each(|_| record.push_field("")),
        }
    }
}

/// The columns with the texts of a pandas index first.
fn arranged(metadata: &FileMetaData) -> Vec<Column> {
    let fields = metadata.schema().get_fields();
    let unnamed = |name: &str| name.starts_with("__index_level_");
    let stated = index_names(metadata);
    let (index, mut columns): (Vec<Column>, Vec<Column>) = fields
        .iter()
        .enumerate()
        .map(Column::of)
        .partition(|column| unnamed(&column.names[0]) || stated.contains(&column.names[0]));
    let is_text = |column: &Column| {
        let field = &fields[column.at];
        field.is_primitive() && field.get_physical_type() == Physical::BYTE_ARRAY
    };
    let (mut texts, numbers): (Vec<Column>, Vec<Column>) = index.into_iter().partition(is_text);
    columns.extend(numbers.into_iter().filter(|column| !unnamed(&column.names[0])));
    columns.sort_by_key(|column| column.at);
    for column in texts.iter_mut().filter(|column| unnamed(&column.names[0])) {
        column.names[0].clear();
    }
    texts.extend(columns);
    texts
}

/// The names of the columns that pandas states to be its index.
fn index_names(metadata: &FileMetaData) -> Vec<String> {
    let pairs = metadata.key_value_metadata().map_or(&[][..], Vec::as_slice);
    let stated = pairs.iter().find(|pair| pair.key == "pandas").and_then(|pair| pair.value.as_deref());
    let stated: Option<serde_json::Value> = stated.and_then(|text| serde_json::from_str(text).ok());
    let names = stated.as_ref().and_then(|stated| stated.get("index_columns")?.as_array());
    names.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

/// Whether a column's pages lie within the file; the library does not check this.
fn lies_within(column: &ColumnChunkMetaData, bytes: &[u8]) -> bool {
    let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
    let end = start.checked_add(column.compressed_size());
    start >= 0 && column.compressed_size() >= 0 && end.is_some_and(|end| end <= bytes.len() as i64)
}

/// The furthest time in milliseconds that the library prints: about 200,000 years from 1970.
const MAX_TIME: u64 = 6_000_000_000_000_000;

/// A value as a cell: texts are unchanged, dates become days, flags are as Python writes them, and nulls, NaN and bytes
/// that are no text become empty cells.
fn cell(field: &Field) -> String {
    let day = |field: &Field| field.to_string().chars().take(10).collect();
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => std::str::from_utf8(bytes.data()).unwrap_or_default().to_owned(),
        Field::Bool(flag) => if *flag { "True" } else { "False" }.to_owned(),
        Field::Float(number) if !number.is_finite() => String::new(),
        Field::Double(number) if !number.is_finite() => String::new(),
        Field::Float16(number) if !number.is_finite() => String::new(),
        Field::Float(number) => number.to_string(),
        Field::Double(number) => number.to_string(),
        Field::TimestampMillis(time) if time.unsigned_abs() < MAX_TIME => day(field),
        Field::TimestampMicros(time) if time.unsigned_abs() / 1000 < MAX_TIME => day(field),
        Field::TimestampMillis(_) | Field::TimestampMicros(_) => String::new(),
        Field::ListInternal(list) => list.elements().iter().map(cell).collect::<Vec<_>>().join(" ; "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
