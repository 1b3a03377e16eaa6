//! What the cells of each column of a table hold, from one pass over its rows.

use super::cells::{Content, Number, content, half_width};
use super::table::{Table, date};
use super::words::names_days;
use crate::error::Result;
use crate::snapshot::{is_ambiguous_day, numbered_day, parse_day};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What the cells of one column hold.
#[derive(Default)]
pub(super) struct Survey {
    /// The number of each row, NaN where the cell holds none. (n_rows)
    pub(super) values: Vec<f32>,
    /// Cells with a number.
    pub(super) numbers: usize,
    /// Cells with a text.
    pub(super) texts: usize,
    /// The rows whose number has a sign of percent.
    pub(super) percent: Vec<u32>,
    /// Numbers with a sign of dollars.
    pub(super) dollars: usize,
    /// Standard errors and numbers of items in the cells themselves: row, error, items.
    pub(super) details: Vec<(u32, Option<f32>, Option<u32>)>,
    /// Numbers with an interval or error beside them.
    pub(super) spreads: usize,
    /// Numbers with another number in brackets.
    pub(super) remarks: usize,
    /// Texts that are yes or no.
    pub(super) flags: usize,
    /// Texts that are addresses.
    pub(super) links: usize,
    /// Cells that are days whatever the column is called.
    pub(super) dates: usize,
    /// Whether its name says that it holds days.
    dated: bool,
    /// Cells that are days in any form, where the name says so.
    pub(super) days: usize,
    /// Texts such as `+5/-5`: row, half the width.
    pub(super) half_widths: Vec<(u32, f32)>,
    /// Texts with a `/` and no blank, as ids on the hub have.
    pub(super) ids: usize,
    /// The length of all texts in bytes.
    pub(super) length: usize,
    /// The first text with its line.
    pub(super) first_text: Option<(u64, String)>,
    distinct: HashSet<u64>,
}

/// The columns of a table and the lines of its rows.
pub(super) struct Surveyed {
    pub(super) columns: Vec<Survey>,
    pub(super) lines: Vec<u32>,
}

impl Survey {
    /// Cells that are known.
    pub(super) fn filled(&self) -> usize {
        self.numbers + self.texts
    }

    /// Distinct texts.
    pub(super) fn distinct(&self) -> usize {
        self.distinct.len()
    }

    /// The numbers of the known cells.
    pub(super) fn known(&self) -> impl Iterator<Item = f32> + '_ {
        self.values.iter().copied().filter(|value| !value.is_nan())
    }

    /// Whether all numbers are whole.
    pub(super) fn is_whole(&self) -> bool {
        self.known().all(|value| value.fract() == 0.0)
    }

    /// Whether all numbers are 0 or 1.
    pub(super) fn is_binary(&self) -> bool {
        self.known().all(|value| value == 0.0 || value == 1.0)
    }

    /// The lowest and highest number.
    pub(super) fn ends(&self) -> (f32, f32) {
        self.known().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    }

    fn add(&mut self, row: u32, line: u64, cell: &str, decimal_comma: bool) {
        let mut value = f32::NAN;
        match content(cell, decimal_comma) {
            Content::Unknown => {}
            Content::Number(number) => {
                value = number.value as f32;
                self.number(row, cell, &number);
            }
            Content::Text(text) => self.text(row, line, text),
        }
        self.values.push(value);
    }

    fn number(&mut self, row: u32, cell: &str, number: &Number) {
        self.numbers += 1;
        self.dollars += usize::from(number.dollars);
        self.percent.extend(number.percent.then_some(row));
        self.spreads += usize::from(number.interval || number.error.is_some());
        self.remarks += usize::from(number.remark);
        let known = number.error.is_some() || number.items.is_some();
        self.details.extend(known.then_some((row, number.error.map(|error| error as f32), number.items)));
        // A whole number of eight digits may be a day.
        self.dates += usize::from(cell.len() == 10 && is_day(cell));
        self.days += usize::from(self.dated && parse_day(cell).or_else(|| numbered_day(cell)).is_some());
    }

    fn text(&mut self, row: u32, line: u64, text: &str) {
        self.texts += 1;
        self.length += text.len();
        self.flags += usize::from(is_flag(text));
        self.links += usize::from(text.starts_with("http://") || text.starts_with("https://"));
        self.dates += usize::from(is_day(text));
        self.days += usize::from(self.dated && (parse_day(text).is_some() || is_ambiguous_day(text)));
        self.half_widths.extend(half_width(text).map(|half| (row, half as f32)));
        self.ids += usize::from(text.contains('/') && !text.contains([' ', ':']));
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        self.distinct.insert(hasher.finish());
        if self.first_text.is_none() {
            self.first_text = Some((line, text.chars().take(40).collect()));
        }
    }
}

/// Looks at all cells of a table.
pub(super) fn survey(table: &mut Table<'_>) -> Result<Surveyed> {
    let survey = |name: &String| Survey { dated: names_days(name), ..Survey::default() };
    let mut columns: Vec<Survey> = table.header.iter().map(survey).collect();
    let mut lines = Vec::new();
    let decimal_comma = table.decimal_comma;
    table.each(|row| {
        let at = lines.len() as u32;
        for (column, survey) in columns.iter_mut().enumerate() {
            survey.add(at, row.line, row.get(column), decimal_comma);
        }
        lines.push(row.line as u32);
        Ok(())
    })?;
    Ok(Surveyed { columns, lines })
}

/// Whether a text is a yes or no.
pub(super) fn is_flag(text: &str) -> bool {
    ["true", "false", "yes", "no", "y", "n", "✓", "✗", "✔", "✘", "✅", "❌"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}

fn is_day(text: &str) -> bool {
    text.len() >= 10 && text.starts_with(['1', '2']) && matches!(date(text), Ok(Some(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_counted_by_what_they_hold() {
        let text = "a,b,c\norg/x,70.9%,2025-01-31\ny,N/A,yes\nz,5 ± 1,https://x.y\nz,1 (3/4),+5/-4\n";
        let surveyed = survey(&mut Table::open("t.csv", text.as_bytes()).unwrap()).unwrap();
        let [a, b, c] = &surveyed.columns[..] else { panic!("three columns") };
        assert_eq!((a.texts, a.distinct(), a.ids, a.numbers), (4, 3, 1, 0));
        assert_eq!((b.numbers, b.percent.as_slice(), b.filled()), (3, &[0][..], 3));
        assert_eq!(b.details, [(2, Some(1.0), None), (3, None, Some(4))]);
        assert_eq!((c.dates, c.flags, c.links, c.half_widths.as_slice()), (1, 1, 1, &[(3, 4.5)][..]));
        assert_eq!(surveyed.lines, [2, 3, 4, 5]);
        assert_eq!(b.ends(), (1.0, 70.9));
    }
}
