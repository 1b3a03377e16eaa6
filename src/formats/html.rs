//! Tables in HTML, which become CSV: the first `<table>` of a text with at least two columns and two rows.
//!
//! Only tags are read. Cells keep their markup, so that a name's link is not lost; cells without any have their
//! entities decoded. A cell over several columns fills the first of them, one over several rows all of these.

use super::bytes::line_ends;
use super::csv_text::{AsCsv, CsvText};
use super::layout;
use super::markup::{attribute, bare, decode, find_ignoring_case, named};

/// The most columns or rows that a cell spans.
const MOST_SPANNED: usize = 1000;

/// Whether a text has a table in HTML and is not CSV with HTML in its cells.
pub(super) fn recognise(text: &str) -> bool {
    let has = |tag: &str| find_ignoring_case(text, tag).is_some();
    text.contains('<')
        && (text.trim_start().starts_with('<') || layout::find(text).fit < 0.5)
        && has("<table")
        && has("<tr")
}

/// Converts the first table with at least two columns and two rows; `None` if there is none.
pub(super) fn to_csv(text: &str) -> Option<AsCsv> {
    let mut from = 0;
    while let Some(at) = find_ignoring_case(&text[from..], "<table") {
        let mut table = Reading::default();
        let end = table.read(text, from + at);
        if table.rows.len() > 1 && table.rows.iter().any(|row| row.cells.len() > 1) {
            return Some(table.into_csv());
        }
        from = end;
    }
    None
}

/// A row, its line, and whether it is in the head of the table.
#[derive(Default)]
struct HtmlRow {
    line: u64,
    head: bool,
    cells: Vec<String>,
}

/// A table while it is read.
#[derive(Default)]
struct Reading {
    rows: Vec<HtmlRow>,
    /// Cells of rows above that reach into the next rows: column, rows left, text.
    spanning: Vec<(usize, usize, String)>,
    head: bool,
    /// The start of the open cell's content, and its columns and rows.
    open: Option<(usize, usize, usize)>,
    line: u64,
    counted: usize,
}

impl Reading {
    /// Reads the table that starts at a byte and returns where it ends.
    fn read(&mut self, text: &str, start: usize) -> usize {
        let (mut at, mut depth) = (start, 0);
        while let Some(found) = text[at..].find('<') {
            let tag_start = at + found;
            let tag = &text[tag_start..];
            if let Some(end) = skipped(tag) {
                at = tag_start + end;
                continue;
            }
            let end = tag_start + tag.find('>').map_or(tag.len(), |end| end + 1);
            let name = tag[1..].split(|c: char| !c.is_ascii_alphanumeric() && c != '/').next().unwrap_or("");
            let name = name.to_ascii_lowercase();
            match name.as_str() {
                "table" => depth += 1,
                "/table" => depth -= 1,
                _ if depth == 1 => self.tag(text, &name, tag_start, end),
                _ => {}
            }
            at = end;
            if depth == 0 {
                self.close_cell(text, tag_start);
                break;
            }
            if at >= text.len() {
                break;
            }
        }
        at.max(start + 1).min(text.len())
    }

    /// Follows a tag of the table itself.
    fn tag(&mut self, text: &str, name: &str, start: usize, end: usize) {
        match name {
            "thead" | "/thead" | "tbody" | "/tbody" | "tfoot" => {
                self.close_cell(text, start);
                self.head = name == "thead";
            }
            "tr" => {
                self.close_cell(text, start);
                self.line += line_ends(&text.as_bytes()[self.counted..start]);
                self.counted = start;
                self.rows.push(HtmlRow { line: self.line + 1, head: self.head, cells: Vec::new() });
                self.fill();
            }
            "td" | "th" => {
                self.close_cell(text, start);
                let span =
                    |name| attribute(&text[start..end], name).and_then(|number| number.parse().ok()).unwrap_or(1);
                let limited = |span: usize| span.clamp(1, MOST_SPANNED);
                self.open = Some((end, limited(span("colspan")), limited(span("rowspan"))));
            }
            "/td" | "/th" | "/tr" => self.close_cell(text, start),
            _ => {}
        }
    }

    fn close_cell(&mut self, text: &str, end: usize) {
        let (Some((start, columns, rows)), Some(row)) = (self.open.take(), self.rows.last_mut()) else { return };
        let content = text[start..end].split_whitespace().collect::<Vec<_>>().join(" ");
        let content = if content.contains('<') { content } else { decode(&content).trim().to_owned() };
        for at in 0..columns {
            let cell = if at == 0 { content.clone() } else { String::new() };
            if rows > 1 {
                self.spanning.push((row.cells.len(), rows - 1, cell.clone()));
            }
            row.cells.push(cell);
        }
        self.fill();
    }

    /// Adds the cells of rows above that reach into this row at its next columns.
    fn fill(&mut self) {
        let Some(row) = self.rows.last_mut() else { return };
        while let Some(cell) =
            self.spanning.iter_mut().find(|(column, left, _)| *column == row.cells.len() && *left > 0)
        {
            // A cell that starts in this row is not among these: its column is filled.
            cell.1 -= 1;
            row.cells.push(cell.2.clone());
        }
        self.spanning.retain(|(_, left, _)| *left > 0);
    }

    /// The rows as CSV. The rows of the head become one: each column has its lowest name.
    fn into_csv(self) -> AsCsv {
        let rows = self.rows.into_iter().filter(|row| !row.cells.is_empty());
        let (mut heads, mut body): (Vec<_>, Vec<_>) = rows.partition(|row| row.head);
        if heads.is_empty() && !body.is_empty() {
            heads.push(body.remove(0));
        }
        let width = heads.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let lowest = |column: usize| {
            let names = heads.iter().rev().filter_map(|row| row.cells.get(column));
            let name = names.into_iter().find(|name| !bare(name).trim().is_empty());
            name.map_or(String::new(), |name| named(name).name.into_owned())
        };
        let mut csv = CsvText::new();
        csv.row(heads.last().map_or(1, |row| row.line), (0..width).map(lowest));
        body.iter().for_each(|row| csv.row(row.line, &row.cells));
        csv.finish(0)
    }
}

/// The length of a comment, script or style at the start of a text.
fn skipped(text: &str) -> Option<usize> {
    let kinds = [("<!--", "-->"), ("<script", "</script"), ("<style", "</style")];
    let of = |open: &str| text.get(..open.len()).is_some_and(|start| start.eq_ignore_ascii_case(open));
    let (open, close) = kinds.into_iter().find(|(open, _)| of(open))?;
    let end = find_ignoring_case(&text[open.len()..], close);
    Some(end.map_or(text.len(), |end| open.len() + end + close.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(text: &str) -> String {
        assert!(recognise(text), "{text}");
        String::from_utf8(to_csv(text).unwrap().bytes).unwrap()
    }

    #[test]
    fn a_table_becomes_csv_on_its_lines() {
        let text = "<!DOCTYPE html>\n<body><p>Results, all</p>\n<TABLE class=\"x\">\n<thead><tr><th>Model</th><th><b>MMLU</b> ↑</th></tr></thead>\n\
            <tbody>\n<tr>\n <td><a href=\"https://hf.co/org/a\">org/a</a></td>\n <td>80.1 &plusmn; 2</td></tr>\n\
            <!-- <tr><td>no</td></tr> -->\n<tr><td>org/b<td>A &amp; B\n  C\n</tbody></table><table><tr><td>x</td></tr></table>";
        let expected =
            "\n\n\nModel,MMLU\n\n\"<a href=\"\"https://hf.co/org/a\"\">org/a</a>\",80.1 ± 2\n\n\n\norg/b,A & B C\n";
        assert_eq!(csv(text), expected);
    }

    #[test]
    fn spans_keep_the_columns_in_place() {
        let text = "<table><thead><tr><th rowspan=2>Model</th><th colspan=\"2\">Math</th><th>Code</th></tr>\
            <tr><th>GSM8K</th><th>MATH</th><th></th></tr></thead>\
            <tr><td rowspan=2>org/a</td><td>1</td><td>2</td><td>3</td></tr><tr><td>4</td><td colspan=2>5</td></tr></table>";
        assert_eq!(csv(text), "Model,GSM8K,MATH,Code\norg/a,1,2,3\norg/a,4,5,\"\"\n");
    }

    #[test]
    fn a_nested_table_belongs_to_its_cell_and_pandas_names_are_joined() {
        let nested = "<table><tr><th>m</th><th>t</th></tr><tr><td>a<table><tr><td>x</td></tr></table></td><td>1</td></tr></table>";
        assert_eq!(csv(nested), "m,t\na<table><tr><td>x</td></tr></table>,1\n");
        let pandas = "<table><thead><tr><th></th><th>MMLU</th></tr><tr><th>model</th><th></th></tr></thead><tbody><tr><th>a</th><td>1</td></tr></tbody></table>";
        assert_eq!(csv(pandas), "model,MMLU\na,1\n");
        assert!(to_csv("<table><tr><td>only</td></tr></table>").is_none());
        assert!(to_csv("<table").is_none() && to_csv("<table><tr><td>é").is_none());
        assert!(!recognise("model,t\n<b>a</b>,1\n"));
    }
}
