//! The words and numbers of a card, which are the same in all formats.

use super::answer::{Answer, Data, Row};
use super::drawing::Lettered;
use crate::snapshot::{Date, Range};
use std::fmt::Write as _;

/// What a card says in place of numbers if they would be hardly more than the mean of the data.
pub(super) const NOTHING: &str = "Next to nothing is known of this model.";
/// What would change that.
pub(super) const NEEDED: &str = "A forecast needs its size, its type, a measured parent or a known score.";
/// What is said of a score that was not measured but given.
const GIVEN: &str = "as given";
/// How many parents a text names.
const NAMED: usize = 2;

/// A number with this many decimal places; a dash if it is not finite. Integers alone are printed: the digits are the same on
/// all machines, and the printer of floats would take 6 KB of a wasm module.
pub(super) fn fixed(value: f64, digits: u32) -> String {
    let unit = 10u64.pow(digits);
    let scaled = (value.abs() * unit as f64).round();
    // Above this, a double is not exact.
    if !scaled.is_finite() || scaled > 9e15 {
        return "–".to_owned();
    }
    let scaled = scaled as u64;
    let sign = if value < 0.0 && scaled > 0 { "-" } else { "" };
    let part = if digits > 0 { format!(".{:0width$}", scaled % unit, width = digits as usize) } else { String::new() };
    format!("{sign}{}{part}", scaled / unit)
}

/// A score of 0..1 in the units of its range.
pub(super) fn score(part: f32, range: Range) -> String {
    let (low, span) = (f64::from(range.low), f64::from(range.high) - f64::from(range.low));
    let digits = match span {
        _ if span <= 1.0 => 3,
        _ if span <= 200.0 => 1,
        _ => 0,
    };
    fixed(low + f64::from(part) * span, digits)
}

/// The 90 % interval of a row in words.
pub(super) fn interval(row: &Row) -> Option<String> {
    row.interval().map(|(lower, upper)| format!("{} to {}", score(lower, row.range), score(upper, row.range)))
}

/// Where a row's number comes from: a word for all but the forecast of a model without known scores.
pub(super) fn origin(row: &Row, answer: &Answer) -> &'static str {
    let is_measured = answer.measured.as_ref().is_some_and(|measured| measured.contains_key(&row.task));
    match (row.known, is_measured) {
        (false, _) if answer.forecasts.iter().any(|row| row.known) => "forecast",
        (false, _) => "",
        (true, false) => GIVEN,
        (true, true) if answer.quantisation_of.is_some() => "measured of the original",
        (true, true) => "measured",
    }
}

/// The rank of a row, with its interval.
pub(super) fn rank(row: &Row) -> String {
    let ends = row.rank_lower.zip(row.rank_upper).map(|(best, worst)| (best.min(row.rank), worst.max(row.rank)));
    match ends.filter(|(best, worst)| best < worst) {
        Some((best, worst)) => format!("{} ({} to {})", count(row.rank), count(best), count(worst)),
        None => count(row.rank),
    }
}

/// A number with separators of thousands.
pub(super) fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The name of a benchmark for people: its dataset, and what of its id the dataset does not say.
pub(super) fn named(row: &Row) -> (String, String) {
    let (task, dataset) = (row.task.as_str(), row.dataset.as_str());
    let splits = |sign: char| sign == '_' || sign.is_whitespace();
    let said = plain(dataset);
    if dataset.is_empty() || said == plain(task) || !task.contains(splits) {
        return (clean(task), String::new());
    }
    let words = dataset.split(|sign: char| sign == '-' || splits(sign));
    let initials: String = words.filter_map(|word| word.chars().next()).flat_map(char::to_lowercase).collect();
    let parts: Vec<&str> = task.split(splits).filter(|part| !part.is_empty()).collect();
    // The dataset may be several parts of the id, from its beginning on.
    let is_said = |&length: &usize| {
        let head = plain(&parts[..length].concat());
        head == said || head == initials
    };
    let begun = (1..=parts.len()).rev().find(is_said).unwrap_or(0);
    let rest = parts[begun..].iter().filter(|part| begun > 0 || !said.contains(&plain(part)));
    let detail: Vec<&str> = rest.copied().collect();
    (clean(dataset), clean(&detail.join(" ")))
}

/// The same in one line.
pub(super) fn label(row: &Row) -> String {
    let (name, detail) = named(row);
    if detail.is_empty() { name } else { format!("{name} {detail}") }
}

fn plain(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).filter(|sign| sign.is_alphanumeric()).collect()
}

/// A text of one line: without control characters, which XML forbids, and without marks that would turn the text around it.
pub(super) fn clean(text: &str) -> String {
    let is_mark =
        |sign: char| matches!(sign, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_invalid = |sign: char| matches!(sign, '\u{fffe}' | '\u{ffff}');
    let spaced = |sign: char| if sign.is_control() || matches!(sign, '\u{2028}' | '\u{2029}') { ' ' } else { sign };
    let text: String = text.chars().filter(|&sign| !is_mark(sign) && !is_invalid(sign)).map(spaced).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The model that the card is about.
pub(super) fn subject(answer: &Answer) -> String {
    if let Some(id) = answer.subject.given.as_ref().or(answer.subject.id.as_ref()) {
        return clean(id);
    }
    let parents: Vec<String> = answer.lineage.parents.iter().map(|parent| clean(&parent.id)).collect();
    let more = parents.len().saturating_sub(NAMED);
    match (&parents[..parents.len().min(NAMED)], more) {
        ([], _) => "A model without a name".to_owned(),
        (named, 0) => format!("A model made from {}", named.join(" and ")),
        (named, more) => format!("A model made from {} and {more} more", named.join(", ")),
    }
}

/// What the numbers of a card are, at its top.
pub(super) fn heading(answer: &Answer) -> &'static str {
    let known = answer.forecasts.iter().filter(|row| row.known).count();
    match known {
        0 => "Forecast, not measured",
        _ if known < answer.forecasts.len() => "Measured scores, and forecasts that are not measured",
        _ if answer.forecasts.iter().all(|row| origin(row, answer) != GIVEN) => "Measured scores",
        _ => "Known scores",
    }
}

/// A parent of the legend.
pub(super) fn parent(one: &Lettered<'_>) -> String {
    let share = one.share.map_or(String::new(), |share| format!(" {} %", fixed(100.0 * f64::from(share), 0)));
    format!("{}{share}", clean(&one.parent.id))
}

/// How the numbers were made: by which method, from how much.
pub(super) fn made(answer: &Answer, data: &Data, made: Option<Date>) -> String {
    let mut text = format!("By eyas, method {}, from the results of {} models", answer.method, count(data.models));
    let latest = data.sources.iter().filter_map(|source| source.date).max();
    if let Some(date) = latest {
        let _ = write!(text, " to {date}");
    }
    text.push('.');
    if let Some(date) = made {
        let _ = write!(text, " Made on {date}.");
    }
    let (shown, all) = (answer.forecasts.len(), data.task_list.len());
    if shown < all && !answer.subject.next_to_nothing {
        let _ = write!(text, " {} of {} benchmarks.", count(shown), count(all));
    }
    text
}

/// Whom the data are from, and under which licence: each licence once, after its sources.
pub(super) fn attribution(data: &Data) -> String {
    let mut parts: Vec<(String, Vec<String>)> = Vec::new();
    for source in &data.sources {
        let (licence, name) = (clean(&source.license), clean(&source.name));
        match parts.iter_mut().find(|(other, _)| *other == licence) {
            Some((_, names)) if names.contains(&name) => {}
            Some((_, names)) => names.push(name),
            None => parts.push((licence, vec![name])),
        }
    }
    let parts: Vec<String> =
        parts.into_iter().map(|(licence, names)| format!("{} ({licence})", names.join(", "))).collect();
    format!("Data, with licences: {}.", parts.join("; "))
}

/// One row in words, for readers without the picture.
pub(super) fn sentence(row: &Row, answer: &Answer, parents: &[Lettered<'_>]) -> String {
    let mut text = format!("{}: {}", label(row), score(row.mean, row.range));
    let origin = origin(row, answer);
    if !origin.is_empty() {
        let _ = write!(text, ", {origin}");
    }
    if let Some(interval) = interval(row) {
        let _ = write!(text, ", 90 % interval {interval}");
    }
    if row.lower_is_better {
        text.push_str(", less is better");
    }
    for (one, score) in
        parents.iter().filter_map(|one| Some((one, score(*row.parents.get(&one.parent.id)?, row.range))))
    {
        let _ = write!(text, "; {} {score}", one.letter);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_of_their_range() {
        let of = |part: f32, low: f32, high: f32| score(part, Range { low, high });
        assert_eq!([of(0.5, 0.0, 1.0), of(0.123_45, 0.0, 100.0), of(0.5, 800.0, 1600.0)], ["0.500", "12.3", "1200"]);
        assert_eq!([of(-0.0001, 0.0, 1.0), of(-0.2, 0.0, 1.0), of(0.25, -1.0, 1.0)], ["0.000", "-0.200", "-0.5"]);
        assert_eq!(
            [fixed(f64::NAN, 1), fixed(f64::INFINITY, 1), fixed(1e300, 0), fixed(0.05, 1)],
            ["–", "–", "–", "0.1"]
        );
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_text_becomes_one_line_without_what_xml_forbids_or_what_turns_text_around() {
        assert_eq!(clean(" a\n\tb\u{0}\u{1b}c\u{2028}d "), "a b c d");
        assert_eq!(clean("org/\u{202e}evil\u{2066}\u{200f}\u{ffff}"), "org/evil");
        assert_eq!(clean("نموذج/عربي"), "نموذج/عربي");
    }
}
