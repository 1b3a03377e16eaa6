//! Days as people and programs write them: `2024-02-01`, `2024/02/01`, `1.2.2024`, `Feb 1, 2024`, `2024-02`, `2024Q1`, and
//! numbers of days or seconds. A month or quarter is its first day.

use super::Date;

/// The names of the months, which may be shortened to three letters.
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Which of the numbers in `2/1/2024` is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DayOrder {
    /// 2 January.
    DayFirst,
    /// 1 February.
    MonthFirst,
}

/// The date at the start of a text; a time of day after it is ignored. `None` if the text does not start with a date, or if
/// day and month may be either way round.
#[must_use]
pub fn parse_day(text: &str) -> Option<Date> {
    parse_day_as(text, None)
}

/// As [`parse_day`], where the other dates tell the order.
pub(crate) fn parse_day_as(text: &str, order: Option<DayOrder>) -> Option<Date> {
    let text = text.trim();
    let iso = || text.get(..10).unwrap_or(text).parse().ok();
    iso().or_else(|| in_numbers(text, order)).or_else(|| quarter(text)).or_else(|| in_words(text))
}

/// The order of day and month that dates such as `13/1/2024` tell; `None` if none tells it or they contradict each other.
pub(crate) fn day_order<'t>(texts: impl Iterator<Item = &'t str>) -> Option<DayOrder> {
    let told = |text: &str| match year_last(text)? {
        (first, second, ..) if first > 12 && second <= 12 => Some(DayOrder::DayFirst),
        (first, second, ..) if second > 12 && first <= 12 => Some(DayOrder::MonthFirst),
        _ => None,
    };
    let mut orders = texts.filter_map(told);
    let first = orders.next()?;
    orders.all(|order| order == first).then_some(first)
}

/// Whether a text is a date of which nothing tells whether the day or the month stands first.
pub(crate) fn is_ambiguous_day(text: &str) -> bool {
    parse_day(text).is_none() && year_last(text).is_some_and(|(first, second, _)| first <= 12 && second <= 12)
}

/// The day that a number means in a column of days: `20240201`, a day of a spreadsheet, or seconds or milliseconds since 1970.
pub(crate) fn numbered_day(text: &str) -> Option<Date> {
    let text = text.trim();
    let digits =
        text.split_once('.').map_or(text, |(whole, part)| if part.bytes().all(|b| b == b'0') { whole } else { text });
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.starts_with('0') {
        return None;
    }
    let number: i64 = digits.parse().ok()?;
    let since = |epoch: Date, days: i64| Date::from_days(i32::try_from(days).ok()?.checked_add(epoch.days())?);
    let day = match digits.len() {
        5 => since(Date::new(1899, 12, 30)?, number),
        8 => Date::new((number / 10_000) as u16, (number / 100 % 100) as u8, (number % 100) as u8),
        9 | 10 => since(Date::new(1970, 1, 1)?, number / 86_400),
        12 | 13 => since(Date::new(1970, 1, 1)?, number / 86_400_000),
        _ => None,
    };
    day.filter(|day| (Date::new(1990, 1, 1)..Date::new(2100, 1, 1)).contains(&Some(*day)))
}

/// The numbers of a date without the time of day after it, and the mark between them.
fn numbers(text: &str) -> Option<(Vec<u16>, char)> {
    let date = text.split([' ', 'T']).next()?.trim_end_matches('.');
    let mark = date.chars().find(|c| !c.is_ascii_digit()).filter(|mark| "-/.".contains(*mark))?;
    let part =
        |part: &str| part.parse().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit()) && part.len() <= 4);
    Some((date.split(mark).map(part).collect::<Option<_>>()?, mark))
}

/// The numbers of a date with the year at its end.
fn year_last(text: &str) -> Option<(u16, u16, u16)> {
    match numbers(text.trim())? {
        (parts, mark) if mark != '.' => match parts[..] {
            [first @ 1..=31, second @ 1..=31, year @ 1000..=9999] => Some((first, second, year)),
            _ => None,
        },
        _ => None,
    }
}

fn in_numbers(text: &str, order: Option<DayOrder>) -> Option<Date> {
    let date = |year: u16, month: u16, day: u16| Date::new(year, month as u8, day as u8);
    let (parts, mark) = numbers(text)?;
    match parts[..] {
        [year @ 1000..=9999, month @ 1..=12] => date(year, month, 1),
        [year @ 1000..=9999, month @ 1..=12, day @ 1..=31] => date(year, month, day),
        [month @ 1..=12, year @ 1000..=9999] => date(year, month, 1),
        // With points the day stands first everywhere.
        [day @ 1..=31, month @ 1..=12, year @ 1000..=9999] if mark == '.' => date(year, month, day),
        [first @ 1..=31, second @ 1..=31, year @ 1000..=9999] => match order.or(day_order([text].into_iter())) {
            Some(DayOrder::DayFirst) => date(year, second, first),
            Some(DayOrder::MonthFirst) => date(year, first, second),
            None if first == second => date(year, first, second),
            None => None,
        },
        _ => None,
    }
}

/// `2024Q1`, `2024-Q1`, `Q1 2024`.
fn quarter(text: &str) -> Option<Date> {
    let (before, after) = text.split_once(['Q', 'q'])?;
    let (quarter, year) = match after.split_once(' ') {
        Some((quarter, year)) if before.is_empty() => (quarter, year),
        _ => (after, before.trim_end_matches(['-', ' '])),
    };
    let quarter: u8 = quarter.parse().ok().filter(|quarter| (1..=4).contains(quarter))?;
    Date::new(year.trim().parse().ok().filter(|_| year.trim().len() == 4)?, 3 * quarter - 2, 1)
}

/// `Feb 2024`, `February 1, 2024`, `1st Feb. 2024 3:01pm`, `1-Feb-2024`.
fn in_words(text: &str) -> Option<Date> {
    let words: Vec<&str> = text.split([' ', ',', '-']).filter(|word| !word.is_empty()).take(3).collect();
    let month = |word: &str| {
        let letters = word.trim_end_matches('.').to_ascii_lowercase();
        let at = MONTHS.iter().position(|month| letters.len() >= 3 && month.starts_with(&letters));
        at.map(|at| at as u8 + 1)
    };
    let day = |word: &str| word.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '.').parse::<u8>().ok();
    let year = |word: &str| word.parse::<u16>().ok().filter(|year| *year >= 1000);
    match words[..] {
        [first, second] => Date::new(year(second)?, month(first)?, 1),
        [first, second, third] => match (month(first), month(second)) {
            (Some(month), _) if year(second).is_some() => Date::new(year(second)?, month, 1),
            (Some(month), _) => Date::new(year(third)?, month, day(second)?),
            (None, Some(month)) => match year(first) {
                Some(year) => Date::new(year, month, day(third)?),
                None => Date::new(year(third)?, month, day(first)?),
            },
            (None, None) => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_many_spellings() {
        for text in [
            "2024-02-01",
            "2024-02-01T10:00:00Z",
            "2024/02/01",
            "2024/2/1 10:00",
            "2024.02.01",
            "01.02.2024",
            "1.2.2024",
            "2024-02",
            "2024/02",
            "02/2024",
            "Feb 2024",
            "February 2024",
            "Feb. 1, 2024",
            "February 1, 2024",
            "1 February 2024",
            "1st Feb 2024",
            "1 Feb 2024 3:01pm",
            "1-Feb-2024",
            "2024 Feb 1",
        ] {
            assert_eq!(parse_day(text).map(|day| day.to_string()).as_deref(), Some("2024-02-01"), "{text}");
        }
        for text in ["2024Q2", "2024-Q2", "Q2 2024"] {
            assert_eq!(parse_day(text).map(|day| day.to_string()).as_deref(), Some("2024-04-01"), "{text}");
        }
        for text in [
            "",
            "2/1/2024",
            "02-01-2024",
            "2024",
            "2024-13",
            "31 April 2025",
            "1 May",
            "May",
            "Feb-24",
            "June",
            "1 é 2025",
            "x",
            "Marvin 2024 x",
            "2024Q5",
            "7.5",
            "1.2",
            "50.1",
            "20240201",
            "1706745600",
            "Q",
            "3/4",
        ] {
            assert_eq!(parse_day(text), None, "{text}");
        }
    }

    #[test]
    fn the_other_days_of_a_column_tell_the_order() {
        let day = |text: &str, others: &[&str]| {
            parse_day_as(text, day_order(others.iter().copied())).map(|day| day.to_string())
        };
        assert_eq!(day("2/1/2024", &["2/1/2024", "13/1/2024"]).as_deref(), Some("2024-01-02"));
        assert_eq!(day("2/1/2024", &["2/1/2024", "1/13/2024"]).as_deref(), Some("2024-02-01"));
        assert_eq!(day("2/1/2024", &["13/1/2024", "1/13/2024"]), None);
        assert_eq!(day("2/1/2024", &["2/1/2024"]), None);
        assert!(is_ambiguous_day("2/1/2024") && !is_ambiguous_day("13/1/2024") && !is_ambiguous_day("x"));
    }

    #[test]
    fn numbers_may_be_days() {
        for text in ["20240201", "45323", "45323.0", "1706745600", "1706745600000"] {
            assert_eq!(numbered_day(text).map(|day| day.to_string()).as_deref(), Some("2024-02-01"), "{text}");
        }
        for text in ["2024", "20241301", "99999", "7.5", "1", "", "-45323", "202402"] {
            assert_eq!(numbered_day(text), None, "{text}");
        }
    }
}
