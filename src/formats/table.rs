//! Reading of CSV tables row by row: headers, line numbers, and cells as numbers, flags and dates. Errors name line and
//! column.

use super::bytes;
use crate::error::{Error, Place, Result};
use crate::linalg::parse_number;
use crate::snapshot::check_id;
use csv::StringRecord;

/// A table of one file: the header, and a reader positioned before the first row.
pub(super) struct Table<'a> {
    pub(super) name: &'a str,
    pub(super) header: Vec<String>,
    text: &'a str,
    reader: csv::Reader<&'a [u8]>,
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
        bytes::check_lines(name, bytes)?;
        let text = bytes::text(name, bytes)?;
        if text.trim().is_empty() {
            return Err(Error::input("the file is empty").at(Place::source(name)));
        }
        let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| explain(name, text, &error))?;
        let header: Vec<String> = header.iter().map(|cell| cell.trim().to_owned()).collect();
        match header.as_slice() {
            // The file has only byte-order marks.
            [] => return Err(Error::input("the file is empty").at(Place::source(name))),
            [only] => return Err(one_column(only).at(Place::source(name).line(1))),
            _ => {}
        }
        Ok(Self { name, header, text, reader })
    }

    /// The place of a line.
    pub(super) fn place(&self, line: u64) -> Place {
        Place::source(self.name).line(line)
    }

    /// The column with the first of these names that the header has, in any case.
    pub(super) fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.header.iter().position(|cell| cell.eq_ignore_ascii_case(name)))
    }

    /// As [`Self::column`], but a missing column is an error.
    pub(super) fn require(&self, names: &[&str]) -> Result<usize> {
        self.column(names)
            .ok_or_else(|| Error::input(format!("no column \"{}\"", names.join("\" or \""))).at(self.place(1)))
    }

    /// Visits all rows. A table without rows is an error.
    pub(super) fn each(&mut self, mut visit: impl FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
        let mut record = StringRecord::new();
        let mut any = false;
        while self.reader.read_record(&mut record).map_err(|error| explain(self.name, self.text, &error))? {
            any = true;
            let line = record.position().map_or(0, |position| line_of(self.text, position));
            visit(&Row { line, record: &record, header: &self.header })
                .map_err(|error| error.at(Place::source(self.name).line(line)))?;
        }
        if any { Ok(()) } else { Err(Error::input("only a header, no rows").at(self.place(1))) }
    }
}

fn one_column(only: &str) -> Error {
    let wrong = [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")].into_iter().find(|&(mark, _)| only.contains(mark));
    match wrong {
        Some((_, name)) => Error::input(format!("wrong delimiter: columns are separated by {name}; use commas")),
        None => Error::input("expected a table with columns separated by commas, found one column"),
    }
}

/// The line on which a record starts. The reader's position may be before blank lines that it has yet to skip.
fn line_of(text: &str, position: &csv::Position) -> u64 {
    let rest = text.as_bytes().get(position.byte() as usize..).unwrap_or_default();
    let skipped = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + skipped.filter(|&&byte| byte == b'\n').count() as u64
}

fn explain(name: &str, text: &str, error: &csv::Error) -> Error {
    let place = |position: &Option<csv::Position>| match position {
        Some(position) => Place::source(name).line(line_of(text, position)),
        None => Place::source(name),
    };
    match error.kind() {
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            Error::input(format!("expected {expected_len} columns as in the header, found {len}")).at(place(pos))
        }
        _ => Error::input(error.to_string().replace('\n', " ")).at(Place::source(name)),
    }
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
    let day = cell.get(..10).unwrap_or(cell);
    let parsed = day.parse().map_err(|_| {
        let shown: String = cell.chars().take(40).collect();
        Error::input(format!("expected a date like 2025-01-31, found {shown:?}"))
    })?;
    Ok(Some(parsed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Result<Vec<u64>> {
        let mut lines = Vec::new();
        Table::open("x.csv", text.as_bytes())?.each(|row| {
            lines.push(row.line);
            Ok(())
        })?;
        Ok(lines)
    }

    #[test]
    fn rows_know_their_line_with_any_line_ends() {
        assert_eq!(lines("a,b\n1,2\n3,4\n").unwrap(), [2, 3]);
        assert_eq!(lines("a,b\r\n1,2\r\n\r\n3,4").unwrap(), [2, 4]);
        assert_eq!(lines("a,b\n\n\n\"1\n1\",2\n3,4\n").unwrap(), [4, 6]);
    }

    #[test]
    fn a_table_of_another_shape_is_refused_with_its_line() {
        let message = |text: &str| lines(text).unwrap_err().to_string();
        assert_eq!(
            message("a;b\n1;2\n"),
            "x.csv line 1: wrong delimiter: columns are separated by semicolons; use commas"
        );
        assert!(message("a\tb\n1\t2\n").contains("separated by tabs"));
        assert_eq!(message("a,b\n1,2\n\n1,2,3\n"), "x.csv line 4: expected 2 columns as in the header, found 3");
        assert_eq!(message("a,b\n"), "x.csv line 1: only a header, no rows");
        assert_eq!(message(" \n"), "x.csv: the file is empty");
        assert_eq!(message("\u{feff}\u{feff}"), "x.csv: the file is empty");
    }

    #[test]
    fn numbers_are_finite_or_refused() {
        assert_eq!(number("").unwrap(), None);
        assert_eq!(score("5.5").unwrap(), Some(5.5));
        for cell in ["NaN", "inf", "-Infinity", "1e999", "4,5", "n/a"] {
            assert!(number(cell).is_err(), "{cell}");
        }
        assert!(score("1e300").is_err());
        assert!(date("2025-13-01").is_err());
        assert!(date("2025-01-31T10:00:00Z").unwrap().is_some());
    }
}
