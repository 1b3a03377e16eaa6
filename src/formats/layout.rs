//! How the text of a table is laid out: its delimiter, the record that is its header, and the mark of its decimals.
//!
//! Commas, tabs and semicolons are tried. The delimiter under which most of the first rows have as many cells as the
//! header is taken, so that a table with commas may have semicolons in its cells.

use super::cells::{Content, content, grouped};
use csv::StringRecord;
use std::cmp::Reverse;

/// The delimiters in order of preference.
const DELIMITERS: [u8; 3] = [b',', b'\t', b';'];
/// How many records and bytes decide the delimiter.
const SAMPLE_RECORDS: usize = 24;
const SAMPLE_BYTES: usize = 256 << 10;
/// How many records decide the mark of the decimals.
const DECIMAL_RECORDS: usize = 2000;
/// The most lines with a title or a remark before the header.
const TITLES: usize = 5;

/// The layout of a text.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub(super) delimiter: u8,
    /// How many records with a title stand before the header.
    pub(super) titles: usize,
    /// Whether the record after the header completes it, as under merged cells: the lower names count.
    pub(super) merged: bool,
    /// Whether numbers are written as `80,1` and `1.286,5`.
    pub(super) decimal_comma: bool,
    /// Which part of the first rows has as many cells as the header, 0 to 1; 0 if the header has one cell.
    pub(super) fit: f64,
}

/// The layout of a table with commas, such as those that other forms are converted to.
pub(super) fn of_commas(text: &str) -> Layout {
    Layout { decimal_comma: has_decimal_commas(text, b','), ..candidate(text, b',') }
}

/// Finds the layout of a text.
pub(super) fn find(text: &str) -> Layout {
    let candidates = DELIMITERS.map(|delimiter| (first_cell(text, delimiter), candidate(text, delimiter)));
    let best = candidates.into_iter().filter(|(_, layout)| layout.fit > 0.0).min_by_key(|(first, layout)| {
        // Of two that fit alike, the one that occurs first: the header begins with a short name.
        (layout.titles > 0, Reverse((1000.0 * layout.fit) as u32), *first)
    });
    let Some((_, mut layout)) = best else { return of_commas(text) };
    layout.decimal_comma = has_decimal_commas(text, layout.delimiter);
    layout
}

/// The length of the first cell.
fn first_cell(text: &str, delimiter: u8) -> usize {
    records(text, delimiter, 1).first().and_then(|record| record.get(0)).map_or(0, str::len)
}

fn candidate(text: &str, delimiter: u8) -> Layout {
    let records = records(text, delimiter, SAMPLE_RECORDS);
    let titles = titles(&records, delimiter);
    let merged = is_merged(&records[titles.min(records.len())..], delimiter);
    let width = records.get(titles + usize::from(merged)).map_or(0, filled_width);
    let rows = records.get(titles + 1 + usize::from(merged)..).unwrap_or_default();
    let same = rows.iter().filter(|row| row.len() >= width && filled_width(row) <= width).count();
    let fit = match (width, rows.len()) {
        (0 | 1, _) => 0.0,
        (_, 0) => 1.0,
        // A table in which each row lacks cells is a table still.
        (_, all) => (same as f64 / all as f64).max(0.001),
    };
    Layout { delimiter, titles, merged, decimal_comma: false, fit }
}

/// How many records before the header have a title in their only cell.
fn titles(records: &[StringRecord], delimiter: u8) -> usize {
    let is_table = |record: &StringRecord| filled(record).count() > 1;
    let count = records.iter().take(TITLES + 1).take_while(|record| !is_table(record)).count();
    let is_title = |record: &StringRecord| filled(record).next().is_none_or(|(at, _)| at == 0 || record.len() > 2);
    let is_name = |(_, cell): (usize, &str)| matches!(content(cell, delimiter != b','), Content::Text(_));
    let is_header = |record: &StringRecord| is_table(record) && filled(record).all(is_name);
    let header = records.get(count).is_some_and(is_header) && records.get(count + 1).is_some_and(is_table);
    if count <= TITLES && header && records[..count].iter().all(is_title) { count } else { 0 }
}

/// Whether the second record completes the first: it is blank where the models stand, has a name wherever the first has
/// none, and the third record has numbers.
fn is_merged(records: &[StringRecord], delimiter: u8) -> bool {
    let [head, below, row, ..] = records else { return false };
    let cell = |record: &StringRecord, at: usize| record.get(at).unwrap_or("").trim().to_owned();
    let is_name = |(_, cell): (usize, &str)| matches!(content(cell, delimiter != b','), Content::Text(_));
    let is_number = |(_, cell): (usize, &str)| matches!(content(cell, delimiter != b','), Content::Number(_));
    let width = filled_width(below).max(filled_width(head));
    let blank = (1..width).filter(|&at| cell(head, at).is_empty()).count();
    let complete = (1..width).all(|at| !cell(head, at).is_empty() || !cell(below, at).is_empty());
    blank > 0
        && complete
        && !cell(head, 0).is_empty()
        && cell(below, 0).is_empty()
        && filled(below).count() >= 2
        && filled(head).chain(filled(below)).all(is_name)
        && filled(row).any(is_number)
}

/// The cells that are not blank, with their columns.
fn filled(record: &StringRecord) -> impl Iterator<Item = (usize, &str)> {
    record.iter().map(str::trim).enumerate().filter(|(_, cell)| !cell.is_empty())
}

/// The number of cells without the blank ones at the end.
pub(super) fn filled_width(record: &StringRecord) -> usize {
    filled(record).last().map_or(0, |(at, _)| at + 1)
}

/// Whether more cells have a comma before their decimals than a point.
fn has_decimal_commas(text: &str, delimiter: u8) -> bool {
    // Between commas, a cell with a comma is quoted.
    if !text.contains(if delimiter == b',' { '"' } else { ',' }) {
        return false;
    }
    let sample = records(text, delimiter, DECIMAL_RECORDS);
    let count = |is: &dyn Fn(&str) -> bool| sample.iter().flatten().filter(|cell| is(cell.trim())).count();
    let (commas, points) = (count(&|cell| has_decimals(cell, ',')), count(&|cell| has_decimals(cell, '.')));
    // There, the comma may also stand between thousands.
    let groups = || count(&|cell| grouped(cell, ',').is_some());
    if delimiter == b',' { commas > 0 && points == 0 && groups() == 0 } else { commas > points }
}

/// Whether a cell is a number whose decimals follow this mark and that has no other reading.
fn has_decimals(cell: &str, mark: char) -> bool {
    let number = cell.trim_end_matches('%').trim_end().trim_start_matches(['-', '+', '\u{2212}']);
    let other = if mark == ',' { '.' } else { ',' };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((whole, part)) = number.rsplit_once(mark) else { return false };
    let groups = whole.contains(other) && grouped(whole, other).is_some();
    digits(part) && (groups || (digits(whole) && grouped(number, mark).is_none()))
}

/// The first records of a text, without those that the sample cuts.
fn records(text: &str, delimiter: u8, most: usize) -> Vec<StringRecord> {
    let end = (0..=SAMPLE_BYTES.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let mut builder = csv::ReaderBuilder::new();
    let mut reader =
        builder.has_headers(false).flexible(true).delimiter(delimiter).from_reader(&text.as_bytes()[..end]);
    let mut records: Vec<StringRecord> = reader.records().map_while(Result::ok).take(most).collect();
    if end < text.len() && records.len() > 1 && records.len() < most {
        records.pop();
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> (char, usize, bool) {
        let layout = find(text);
        (char::from(layout.delimiter), layout.titles, layout.decimal_comma)
    }

    #[test]
    fn a_line_under_a_merged_header_completes_it() {
        let row = "org/a,70.1,60,50,40\n";
        for (text, merged) in [
            (format!("Model,Knowledge,,Reasoning,\n,MMLU,TriviaQA,GSM8K,BBH\n{row}"), true),
            (format!("Model,Knowledge,,GSM8K,BBH\n,MMLU,TriviaQA,,\n{row}"), true),
            (format!("Model,Knowledge,,Reasoning,\norg/b,MMLU,TriviaQA,GSM8K,BBH\n{row}"), false),
            (format!("Model,a,,c,\n,MMLU,,GSM8K,BBH\n{row}"), false),
            (format!("Model,a,b,c,d\n,MMLU,x,GSM8K,BBH\n{row}"), false),
            (format!("Model,a,,c,\n,1,2,3,4\n{row}"), false),
        ] {
            assert_eq!(find(&text).merged, merged, "{text}");
        }
    }

    #[test]
    fn the_delimiter_is_the_one_whose_rows_are_alike() {
        for (text, expected) in [
            ("model,a\nx,1\n", ','),
            ("model;a;b\nx;80,1;3\ny;70,2;4\n", ';'),
            ("model;\"a, b\";c\nx;80,1;3\n", ';'),
            ("model,a;b,c;d\nx,1,2\ny;z,1,2\n", ','),
            ("model,tags\nx,p;q\ny,p;q;r\n", ','),
            ("model\ta, b\tc\nx, y\t1\t2\n", '\t'),
            ("model;a;b\nx\ny;1\n", ';'),
            ("model\n1;2\n", ','),
        ] {
            assert_eq!(found(text).0, expected, "{text}");
        }
    }

    #[test]
    fn lines_of_titles_are_no_header() {
        assert_eq!(found("Results\nmodel,a,b\nx,1,2\n").1, 1);
        assert_eq!(found("Results of May,,\n,,\nmodel,a,b\nx,1,2\n").1, 2);
        assert_eq!(found("Results\nmodel;a;b\nx;80,1;2,5\n"), (';', 1, true));
        // A row of scores is no header, and an unnamed index column is no title.
        assert_eq!(found("model,\nx,1\ny,2\n").1, 0);
        assert_eq!(found(",t\nx,1\ny,2\n").1, 0);
    }

    #[test]
    fn decimal_commas_follow_from_the_cells() {
        for (text, expected) in [
            ("model;a\nx;80,1\n", true),
            ("model;a\nx;80,1%\ny;-70,25 %\n", true),
            ("model\ta\nx\t1.286,5\n", true),
            ("model;a\nx;0,801\n", true),
            ("model;a\nx;1,286\ny;1,187\n", false),
            ("model;a;b\nx;1,286;80.1\n", false),
            ("model;a;b\nx;p,q;80.1\n", false),
        ] {
            assert_eq!(found(text).2, expected, "{text}");
        }
    }
}
