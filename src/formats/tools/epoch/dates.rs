//! The days of runs, which Epoch writes as `24 April 2025 3:01pm` or as `2026-02-24T13:34:48Z`.

use crate::snapshot::{Date, parse_day};

/// The first three letters of the months.
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

pub(super) fn parse(text: &str) -> Option<Date> {
    parse_day(text).or_else(|| in_words(text))
}

fn in_words(text: &str) -> Option<Date> {
    let mut words = text.split_whitespace();
    let day = words.next()?.parse().ok()?;
    let word = words.next()?;
    let month = MONTHS.iter().position(|month| word.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(month)))?;
    Date::new(words.next()?.parse().ok()?, month as u8 + 1, day)
}

#[cfg(test)]
mod tests {
    #[test]
    fn days_have_two_spellings() {
        let day = |text: &str| super::parse(text).map(|day| day.to_string());
        assert_eq!(day("24 April 2025 3:01pm").as_deref(), Some("2025-04-24"));
        assert_eq!(day("2026-02-24T13:34:48.126Z").as_deref(), Some("2026-02-24"));
        for text in ["", "April", "31 April 2025", "1 é 2025", "1 May"] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
