//! The content of a cell as tables write it: a number with its signs (`70.9 ± 1.2%`, `65.1*`, `$1,286`), a mark for an
//! unknown value (`N/A`, `–`), or a text.

use super::markup;
use crate::linalg::parse_number;

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Content<'a> {
    /// Blank, or a mark for an unknown value.
    Unknown,
    Number(Number),
    /// Anything else, as it is written.
    Text(&'a str),
}

/// A number with the signs beside it. It is finite in single precision.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Number {
    /// The number as it is written: `80.1%` is 80.1.
    pub(super) value: f64,
    pub(super) percent: bool,
    pub(super) dollars: bool,
    /// Half the width of its interval or its standard error, in the unit of the value.
    pub(super) error: Option<f64>,
    /// The number of items, from `82.00 (7/8)` or `60.1 (n=100)`.
    pub(super) items: Option<u32>,
    /// Whether an interval stands beside it: `60.1 [58.0, 62.2]`.
    pub(super) interval: bool,
    /// Whether a number in brackets stands beside it whose meaning is not stated: `60.1 (1.2)`.
    pub(super) remark: bool,
}

/// The marks of unknown values, in lower case.
const UNKNOWN: [&str; 27] = [
    "",
    "-",
    "--",
    "---",
    "–",
    "—",
    "\u{2212}",
    "n/a",
    "n.a.",
    "na",
    "<na>",
    "nan",
    "nan%",
    "null",
    "none",
    "?",
    "unknown",
    "n/d",
    "no data",
    "pending",
    "tbd",
    "inf",
    "+inf",
    "-inf",
    "infinity",
    "-infinity",
    "...",
];

/// The marks between groups of three digits, besides the comma and the point.
const GROUP_MARKS: [char; 6] = [' ', '\u{a0}', '\u{202f}', '\u{2009}', '\'', '’'];

/// Reads a cell. With `decimal_comma`, numbers are written as `80,1` and `1.286,5`.
pub(super) fn content(cell: &str, decimal_comma: bool) -> Content<'_> {
    let cell = cell.trim();
    if is_unknown(cell) {
        return Content::Unknown;
    }
    if !cell.bytes().any(|byte| byte.is_ascii_digit()) && cell.len() > 40 {
        return Content::Text(cell);
    }
    let bare = markup::bare(cell);
    let stripped = without_marks(&bare);
    if is_unknown(stripped) {
        // A cell of nothing but emoji is a text.
        let blank = bare.chars().all(|c| c.is_whitespace());
        return if stripped.is_empty() && !blank { Content::Text(cell) } else { Content::Unknown };
    }
    let number = measured(stripped, decimal_comma).or_else(|| {
        // Two metrics in a cell: `71.99 ± 1.71 / 80.17 ± 1.39`. The first one counts.
        let (first, second) = stripped.split_once(" / ")?;
        measured(second.trim(), decimal_comma)?;
        measured(first.trim(), decimal_comma)
    });
    number.map_or(Content::Text(cell), Content::Number)
}

/// Half the width of an interval: `± 5`, `+/- 5`, or the mean of the ends of `+5/-4`.
pub(super) fn half_width(cell: &str) -> Option<f64> {
    let cell = cell.trim();
    let cell = cell.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(cell).trim();
    let size =
        |text: &str| amount(text.trim(), text.contains(',')).map(|number| number.value).filter(|size| *size >= 0.0);
    if let Some(rest) = ["±", "+/-", "+-", "+/\u{2212}"].iter().find_map(|mark| cell.strip_prefix(mark)) {
        return size(rest);
    }
    let (above, below) = cell.split_once('/')?;
    let above = above.trim().strip_prefix('+')?;
    let below = below.trim().strip_prefix(['-', '\u{2212}', '–'])?;
    Some(f64::midpoint(size(above)?, size(below)?))
}

/// The digits of a whole number that is written in groups of three, without the marks between them; `None` if it has no
/// mark or is written otherwise.
pub(super) fn grouped(digits: &str, mark: char) -> Option<String> {
    let mut groups = digits.split(mark);
    let (first, rest) = (groups.next()?, groups.clone());
    let all_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let leads = (1..=3).contains(&first.len()) && !first.starts_with('0') && all_digits(first);
    let fits = leads && digits.contains(mark) && rest.clone().all(|group| group.len() == 3 && all_digits(group));
    fits.then(|| rest.fold(first.to_owned(), |number, group| number + group))
}

fn is_unknown(cell: &str) -> bool {
    cell.len() <= 9 && UNKNOWN.iter().any(|mark| cell.eq_ignore_ascii_case(mark))
}

/// A number with an error, a number of items or an interval after it.
fn measured(text: &str, decimal_comma: bool) -> Option<Number> {
    if let Some(number) = amount(text, decimal_comma) {
        return Some(number);
    }
    let at = ["±", "+/-", "+-", " +", "(", "["].iter().filter_map(|mark| text.find(mark)).min()?;
    let (head, tail) = (without_marks(&text[..at]), text[at..].trim());
    let mut number = amount(head, decimal_comma)?;
    number.percent |= tail.contains('%');
    number.error = half_width(tail);
    number.items = items(tail);
    number.interval = is_interval(tail, decimal_comma);
    let known = number.error.is_some() || number.items.is_some() || number.interval;
    number.remark = !known && is_remark(tail, decimal_comma);
    (known || number.remark).then_some(number)
}

/// The second number of `(7/8)`, or that of `(n=100)`.
fn items(text: &str) -> Option<u32> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let count = |text: &str| text.trim().parse::<u32>().ok();
    if let Some(items) = inner.trim().strip_prefix(['n', 'N']).and_then(|rest| rest.trim_start().strip_prefix('=')) {
        return count(items).filter(|items| *items > 0);
    }
    let (solved, items) = inner.split_once('/')?;
    let (solved, items) = (count(solved)?, count(items)?);
    (solved <= items && items > 0).then_some(items)
}

/// The text in round or square brackets.
fn in_brackets(text: &str) -> Option<&str> {
    let pair = |open: char, close: char| text.strip_prefix(open)?.strip_suffix(close);
    pair('(', ')').or_else(|| pair('[', ']'))
}

/// Whether a text is an interval such as `[68.1, 73.2]` or `(68.1–73.2)`.
fn is_interval(text: &str, decimal_comma: bool) -> bool {
    let Some(inner) = in_brackets(text) else { return false };
    let is_end = |end: &str| amount(end.trim(), decimal_comma).is_some();
    let marks = [if decimal_comma { ";" } else { "," }, ";", "–", " - ", "-", " to "];
    marks.iter().any(|mark| inner.split_once(mark).is_some_and(|(low, high)| is_end(low) && is_end(high)))
}

/// Whether a text is a number in round brackets, maybe a difference or a rank: `(1.2)`, `(+1.2)`, `(#1)`.
fn is_remark(text: &str, decimal_comma: bool) -> bool {
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    inner.is_some_and(|inner| amount(without_marks(inner).trim_start_matches('#'), decimal_comma).is_some())
}

/// A number with a sign of percent or dollars.
fn amount(text: &str, decimal_comma: bool) -> Option<Number> {
    let mut number = Number::default();
    let mut rest = text;
    let of_hundred = rest.strip_suffix("/100").or_else(|| rest.strip_suffix("/ 100"));
    if let Some(digits) = rest.strip_suffix(['%', '％']).or(of_hundred) {
        (rest, number.percent) = (digits.trim_end(), true);
    } else if let Some(digits) = [" pts", " pt", " points", " pp"].iter().find_map(|unit| rest.strip_suffix(unit)) {
        rest = digits;
    }
    let prefix = ["US$", "USD", "$"].iter().find_map(|sign| rest.strip_prefix(sign));
    if let Some(digits) = prefix.or_else(|| ["US$", "USD", "$"].iter().find_map(|sign| rest.strip_suffix(sign))) {
        (rest, number.dollars) = (digits.trim(), true);
    }
    number.value = value(without_marks(rest), decimal_comma)?;
    Some(number)
}

/// A number without other signs than that of the negative numbers and marks between groups of digits.
fn value(text: &str, decimal_comma: bool) -> Option<f64> {
    let (minus, digits) = match text.strip_prefix(['-', '\u{2212}', '–']) {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.' || (decimal_comma && first == ',')) {
        return None;
    }
    let (mark, decimal) = if decimal_comma { ('.', ',') } else { (',', '.') };
    let (whole, part) = digits.split_once(decimal).unwrap_or((digits, ""));
    let ungrouped = std::iter::once(mark).chain(GROUP_MARKS).find_map(|mark| grouped(whole, mark));
    let number = match ungrouped {
        Some(whole) => parse_number(&format!("{minus}{whole}.{part}")),
        None if decimal_comma && digits.contains(',') => parse_number(&format!("{minus}{whole}.{part}")),
        None => parse_number(&format!("{minus}{digits}")),
    };
    number.filter(|number| (*number as f32).is_finite())
}

/// A text without the marks of footnotes, emphasis and direction around it.
fn without_marks(text: &str) -> &str {
    let around = |c: char| c.is_whitespace() || "*†‡§¶`_".contains(c) || markup::is_emoji(c);
    let mut text = text;
    loop {
        let before = text.len();
        text = text.trim_matches(around).trim_start_matches(['~', '≈']);
        text = without_footnote(text);
        if text.len() == before {
            return text;
        }
    }
}

/// A text without a footnote's number or letter at its end: `65.1 [1]`, `65.1^a`, `65.1²`.
fn without_footnote(text: &str) -> &str {
    // 10² and 2^10 are powers.
    let is_base = |rest: &str| matches!(rest.trim_end(), "10" | "2");
    let is_mark = |mark: &str| {
        (1..=5).contains(&mark.len()) && mark.chars().all(|c| c.is_ascii_alphanumeric() || c == ',' || c == ' ')
    };
    if let Some((rest, mark)) = text.strip_suffix(']').and_then(|text| text.rsplit_once('['))
        && is_mark(mark)
    {
        return rest;
    }
    if let Some((rest, mark)) = text.rsplit_once('^')
        && is_mark(mark.trim_matches(['{', '}']))
        && !is_base(rest)
    {
        return rest;
    }
    let rest = text.trim_end_matches(['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹', 'ᵃ', 'ᵇ', 'ᶜ', 'ᵈ']);
    if is_base(rest) { text } else { rest }
}

#[cfg(test)]
mod tests;
