//! Writes the rows of another form as CSV with commas, each on the line that it has in its own file, so that errors
//! name that line. The reader of tables skips the blank lines between them.

/// A table as CSV.
#[derive(Debug, PartialEq)]
pub(super) struct AsCsv {
    pub(super) bytes: Vec<u8>,
    /// By how many a row's line is higher than in its own file, for forms whose first row follows no header.
    pub(super) above: u64,
}

/// CSV that grows by rows.
pub(super) struct CsvText {
    text: String,
    line: u64,
}

impl CsvText {
    pub(super) fn new() -> Self {
        Self { text: String::new(), line: 1 }
    }

    /// Adds a row on a line, or on the next one if that line is written already. Line ends in cells become spaces.
    pub(super) fn row<S: AsRef<str>>(&mut self, line: u64, cells: impl IntoIterator<Item = S>) {
        while self.line < line {
            self.text.push('\n');
            self.line += 1;
        }
        for (at, cell) in cells.into_iter().enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            push_cell(&mut self.text, cell.as_ref());
        }
        self.text.push('\n');
        self.line += 1;
    }

    /// The CSV, whose lines are `above` higher than those of the form's own file.
    pub(super) fn finish(self, above: u64) -> AsCsv {
        AsCsv { bytes: self.text.into_bytes(), above }
    }
}

fn push_cell(text: &mut String, cell: &str) {
    let quoted = cell.is_empty() || cell.contains([',', '"', '\n', '\r']);
    if !quoted {
        text.push_str(cell);
        return;
    }
    text.push('"');
    for c in cell.chars() {
        match c {
            '"' => text.push_str("\"\""),
            '\n' | '\r' => text.push(' '),
            other => text.push(other),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::table::Table;
    use super::*;

    #[test]
    fn rows_keep_their_lines_and_cells() {
        let mut csv = CsvText::new();
        csv.row(3, ["model", "a, b", "c"]);
        csv.row(5, ["x \"y\"", "1\n2", ""]);
        csv.row(5, ["z", "", "3;4"]);
        let csv = csv.finish(0);
        let mut table = Table::converted("x", &csv.bytes, csv.above).unwrap();
        assert_eq!((table.header[1].as_str(), table.head().line), ("a, b", Some(3)));
        let mut rows = Vec::new();
        let visited = table.each(|row| {
            rows.push((row.line, [row.get(0), row.get(1), row.get(2)].map(str::to_owned)));
            Ok(())
        });
        visited.unwrap();
        assert_eq!(rows[0], (5, ["x \"y\"", "1 2", ""].map(str::to_owned)));
        assert_eq!(rows[1], (6, ["z", "", "3;4"].map(str::to_owned)));
    }
}
