//! Reading of CSV tables row by row: headers, line numbers, and cells as numbers, flags and dates. Errors name line and
//! column.
//!
//! Cells are separated by commas, tabs or semicolons ([`layout`]). Rows may lack cells at their end, which are unknown
//! then; rows without any text are skipped.

use super::bytes;
use super::layout::{self, Layout};
use crate::error::{Error, Place, Result, Warning};
use crate::linalg::parse_number;
use crate::snapshot::{check_id, parse_day};
use csv::StringRecord;

/// A table of one file: the header, and a reader positioned before the first row.
pub(super) struct Table<'a> {
    pub(super) name: &'a str,
    pub(super) header: Vec<String>,
    /// Whether numbers are written as `80,1` and `1.286,5`.
    pub(super) decimal_comma: bool,
    /// How many rows of those that were visited lack cells at their end.
    pub(super) short: usize,
    /// The line of the first of them.
    first_short: u64,
    text: &'a str,
    layout: Layout,
    reader: csv::Reader<&'a [u8]>,
    lines: Lines,
    head_line: u64,
}

/// One row and the line on which it starts.
pub(super) struct Row<'r> {
    pub(super) line: u64,
    record: &'r StringRecord,
    header: &'r [String],
}

impl<'r> Row<'r> {
    /// A cell, trimmed; empty if the row has no such column.
    pub(super) fn get(&self, column: usize) -> &'r str {
        self.record.get(column).unwrap_or("").trim()
    }

    /// The name of a column.
    pub(super) fn name(&self, column: usize) -> &'r str {
        self.header.get(column).map_or("", String::as_str)
    }

    /// The cell of a model's id, which must not be blank.
    pub(super) fn model(&self, column: usize) -> Result<&'r str> {
        let id = self.get(column);
        if id.is_empty() {
            return Err(Error::input("the row names no model"));
        }
        let field = self.header.get(column).cloned();
        check_id(id).map_err(|error| error.at(Place { field, ..Place::default() }))?;
        Ok(id)
    }
}

impl<'a> Table<'a> {
    /// Reads the header of a table.
    pub(super) fn open(name: &'a str, bytes: &'a [u8]) -> Result<Self> {
        let text = text(name, bytes)?;
        Self::with_layout(name, text, &layout::find(text), 0)
    }

    /// Reads the header of a table with commas that another form was converted to. Its line numbers are `above` higher
    /// than those of that form.
    pub(super) fn converted(name: &'a str, bytes: &'a [u8], above: u64) -> Result<Self> {
        let text = text(name, bytes)?;
        Self::with_layout(name, text, &layout::of_commas(text), above)
    }

    fn with_layout(name: &'a str, text: &'a str, layout: &Layout, above: u64) -> Result<Self> {
        let mut builder = csv::ReaderBuilder::new();
        let builder = builder.has_headers(false).flexible(true).delimiter(layout.delimiter);
        let reader = builder.from_reader(text.as_bytes());
        let mut table = Self {
            name,
            header: Vec::new(),
            decimal_comma: layout.decimal_comma,
            short: 0,
            first_short: 0,
            text,
            layout: *layout,
            reader,
            lines: Lines { byte: 0, line: 1, above },
            head_line: 1,
        };
        let mut record = StringRecord::new();
        for _ in 0..=layout.titles {
            table.head_line = table.advance(&mut record)?.unwrap_or(1);
        }
        let cells = |record: &StringRecord| -> Vec<String> {
            record.iter().take(layout::filled_width(record)).map(|cell| cell.trim().to_owned()).collect()
        };
        table.header = cells(&record);
        if layout.merged {
            table.head_line = table.advance(&mut record)?.unwrap_or(1);
            let below = cells(&record);
            table.header.resize(table.header.len().max(below.len()), String::new());
            table.header.iter_mut().zip(below).filter(|(_, name)| !name.is_empty()).for_each(|(to, name)| *to = name);
        }
        match table.header.as_slice() {
            // The file has only byte-order marks, or commas.
            [] if record.len() < 2 => Err(Error::input("the file is empty").at(Place::source(name))),
            [] => Err(Error::input("the header names no column").at(table.head())),
            [only] => Err(one_column(only).at(table.head())),
            _ => Ok(table),
        }
    }

    /// Reads the next record and returns its line; `None` at the end.
    fn advance(&mut self, record: &mut StringRecord) -> Result<Option<u64>> {
        let more = self.reader.read_record(record);
        let more =
            more.map_err(|error| Error::input(error.to_string().replace('\n', " ")).at(Place::source(self.name)))?;
        let start = record.position().map_or(0, csv::Position::byte);
        Ok(more.then(|| self.lines.of(self.text, start as usize)))
    }

    /// The same table before its first row again.
    pub(super) fn again(&self) -> Result<Self> {
        Self::with_layout(self.name, self.text, &self.layout, self.lines.above)
    }

    /// The same table as a piece of a larger one, of whose rows so many lines stand before it.
    #[cfg(not(target_arch = "wasm32"))]
    pub(super) fn after(mut self, lines: u64) -> Self {
        self.lines.line += lines;
        self
    }

    /// The place of a line.
    pub(super) fn place(&self, line: u64) -> Place {
        Place::source(self.name).line(line)
    }

    /// The place of the header.
    pub(super) fn head(&self) -> Place {
        self.place(self.head_line)
    }

    /// The column with the first of these names that the header has, in any case.
    pub(super) fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.header.iter().position(|cell| cell.eq_ignore_ascii_case(name)))
    }

    /// As [`Self::column`], but a missing column is an error.
    pub(super) fn require(&self, names: &[&str]) -> Result<usize> {
        self.column(names)
            .ok_or_else(|| Error::input(format!("no column \"{}\"", names.join("\" or \""))).at(self.head()))
    }

    /// Visits all rows with a cell that is not blank. A table without rows is an error.
    pub(super) fn each(&mut self, visit: impl FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
        if self.visit(visit)? {
            return Ok(());
        }
        Err(Error::input("only a header, no rows").at(self.head()))
    }

    /// Visits all rows with a cell that is not blank; returns whether there are any.
    pub(super) fn visit(&mut self, mut visit: impl FnMut(&Row<'_>) -> Result<()>) -> Result<bool> {
        let mut record = StringRecord::new();
        let (mut any, mut last) = (false, (0, 0));
        while let Some(line) = self.advance(&mut record)? {
            last = (record.position().map_or(0, |position| position.byte() as usize), line);
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            any = true;
            let checked = self.check_width(&record, line);
            checked
                .and_then(|()| visit(&Row { line, record: &record, header: &self.header }))
                .map_err(|error| error.at(Place::source(self.name).line(line)))?;
        }
        if any {
            self.check_end(last.0, last.1).map_err(|error| error.at(self.place(last.1)))?;
        }
        Ok(any)
    }

    /// Counts a row with fewer cells than the header. A row with more is an error, unless these are blank.
    fn check_width(&mut self, record: &StringRecord, line: u64) -> Result<()> {
        let (expected, found) = (self.header.len(), record.len());
        let blank = || record.iter().skip(expected).all(|cell| cell.trim().is_empty());
        if found > expected && !blank() {
            return Err(Error::input(format!("expected {expected} columns as in the header, found {found}")));
        }
        if found < expected {
            if record.iter().any(|cell| cell.contains(['\n', '\r'])) {
                let message = "a cell runs over several lines and cells are missing after it; is its quote closed?";
                return Err(Error::input(message));
            }
            if self.short == 0 {
                self.first_short = line;
            }
            self.short += 1;
        }
        Ok(())
    }

    /// Refuses a text that ends within quotes, or whose last row alone lacks cells and a line end. `start` and `line`
    /// are those of the last record.
    fn check_end(&self, start: usize, line: u64) -> Result<()> {
        let rest = self.text.get(start..).unwrap_or_default();
        if ends_in_quotes(rest, self.layout.delimiter) {
            return Err(Error::input("the file ends within quotes; is the quote of this row closed?"));
        }
        let cut = self.short == 1 && self.first_short == line && !rest.ends_with(['\n', '\r']);
        if cut {
            return Err(Error::input("the file ends within this row, which lacks cells; fetch the file again"));
        }
        Ok(())
    }

    /// A warning about the rows that lack cells, after [`Self::each`].
    pub(super) fn short_warning(&self) -> Option<Warning> {
        let message = || match self.short {
            1 => "the row has fewer cells than the header; those at its end are unknown".to_owned(),
            more => {
                format!("{more} rows, this one first, have fewer cells than the header; those at their end are unknown")
            }
        };
        (self.short > 0).then(|| Warning::new(message()).at(self.place(self.first_short)))
    }
}

/// The text of a table, whose lines are not too long.
fn text<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str> {
    bytes::check_lines(name, bytes)?;
    let text = bytes::text(name, bytes)?;
    if text.trim().is_empty() {
        return Err(Error::input("the file is empty").at(Place::source(name)));
    }
    Ok(text)
}

fn one_column(only: &str) -> Error {
    let message = if only.contains('|') {
        "columns are separated by bars; separate them with commas, tabs or semicolons"
    } else {
        "expected a table with columns separated by commas, tabs or semicolons, found one column"
    };
    Error::input(message)
}

/// Counts the lines of a text up to a record, onwards from the last one.
struct Lines {
    byte: usize,
    line: u64,
    above: u64,
}

impl Lines {
    /// The line of the record that starts at a byte, or after the blank lines there.
    fn of(&mut self, text: &str, start: usize) -> u64 {
        let bytes = text.as_bytes();
        let rest = bytes.get(start..).unwrap_or_default();
        let end = start + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.line += bytes::line_ends(bytes.get(self.byte..end).unwrap_or_default());
        self.byte = end;
        self.line.saturating_sub(self.above).max(1)
    }
}

/// Whether a text that starts with a record ends within quotes, by the rules of CSV: a quote opens at the start of a
/// cell, and a quote in it is doubled.
fn ends_in_quotes(text: &str, delimiter: u8) -> bool {
    // Whether a quote opens here: at the start of a cell, or again right after one that closed.
    let (mut quoted, mut opens) = (false, true);
    for byte in text.bytes() {
        if byte == b'"' {
            (quoted, opens) = (!quoted && opens, quoted);
        } else {
            opens = !quoted && (byte == delimiter || byte == b'\n' || byte == b'\r');
        }
    }
    quoted
}

/// A number; `None` if the cell is blank. `NaN` and infinities are errors.
pub(super) fn number(cell: &str) -> Result<Option<f64>> {
    if cell.is_empty() {
        return Ok(None);
    }
    match parse_number(cell) {
        Some(number) if number.is_finite() => Ok(Some(number)),
        Some(_) => Err(Error::input(format!("expected a finite number, found {cell}; leave unknown cells empty"))),
        None => {
            let shown: String = cell.chars().take(40).collect();
            Err(Error::input(format!("expected a number, found {shown:?}; leave unknown cells empty")))
        }
    }
}

/// A score: a [`number`] that is finite in single precision.
pub(super) fn score(cell: &str) -> Result<Option<f32>> {
    match number(cell)? {
        Some(number) if !(number as f32).is_finite() => Err(Error::input(format!("{cell} is too large a number"))),
        number => Ok(number.map(|number| number as f32)),
    }
}

/// A flag in the words that tables use: true, false, yes or no.
pub(super) fn flag(cell: &str) -> Option<bool> {
    match cell.to_ascii_lowercase().as_str() {
        "true" | "yes" => Some(true),
        "false" | "no" => Some(false),
        _ => None,
    }
}

/// A date; `None` if the cell is blank. A time of day after the date is ignored.
pub(super) fn date(cell: &str) -> Result<Option<crate::snapshot::Date>> {
    if cell.is_empty() {
        return Ok(None);
    }
    let parsed = parse_day(cell).ok_or_else(|| {
        let shown: String = cell.chars().take(40).collect();
        Error::input(format!("expected a date like 2025-01-31, found {shown:?}"))
    })?;
    Ok(Some(parsed))
}

#[cfg(test)]
mod tests;
