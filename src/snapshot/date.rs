//! Dates. The library needs no times of day.

use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A date of the Gregorian calendar, written `2025-01-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The latest date.
    pub const MAX: Self = Self { year: 9999, month: 12, day: 31 };

    /// The date with these numbers; `None` if the calendar has no such date between the years 0 and 9999.
    #[must_use]
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        if year <= Self::MAX.year && day >= 1 && day <= days { Some(Self { year, month, day }) } else { None }
    }

    /// The date as one number of at most 24 bits; [`Self::from_number`] is the inverse.
    pub(crate) fn number(self) -> u32 {
        u32::from(self.year) << 9 | u32::from(self.month) << 5 | u32::from(self.day)
    }

    pub(crate) fn from_number(number: u32) -> Option<Self> {
        Self::new(u16::try_from(number >> 9).ok()?, (number >> 5 & 15) as u8, (number & 31) as u8)
    }

    /// The date with this number of [`Self::days`]; `None` if it lies outside the years 0 to 9999.
    #[must_use]
    pub const fn from_days(days: i32) -> Option<Self> {
        const CYCLE: i32 = 146_097; // days of 400 years
        let cycle = days.div_euclid(CYCLE);
        let day = days.rem_euclid(CYCLE);
        // The last day of a leap year, of a century or of the cycle belongs to the year before.
        let year = (day - day / 1460 + day / 36_524 - day / (CYCLE - 1)) / 365;
        let rest = day - (365 * year + year / 4 - year / 100);
        let month = (5 * rest + 2) / 153;
        let in_month = rest - (153 * month + 2) / 5 + 1;
        let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
        let year = year + 400 * cycle;
        if year < 0 || year > 9999 {
            return None;
        }
        Self::new(year as u16, month as u8, in_month as u8)
    }

    /// Days since 0000-03-01, to compute differences between dates.
    #[must_use]
    pub const fn days(self) -> i32 {
        // The year is counted from March, so that the leap day is its last day.
        let (year, month) = if self.month > 2 {
            (self.year as i32, self.month as i32 - 3)
        } else {
            (self.year as i32 - 1, self.month as i32 + 9)
        };
        365 * year + year.div_euclid(4) - year.div_euclid(100)
            + year.div_euclid(400)
            + (153 * month + 2) / 5
            + self.day as i32
            - 1
    }
}

impl FromStr for Date {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let number = |digits: &[u8]| {
            digits
                .iter()
                .try_fold(0u16, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u16::from(digit - b'0')))
        };
        let date = match text.as_bytes() {
            [year @ .., b'-', m1, m2, b'-', d1, d2] if year.len() == 4 => {
                let (month, day) = (number(&[*m1, *m2]), number(&[*d1, *d2]));
                number(year)
                    .zip(month)
                    .zip(day)
                    .and_then(|((year, month), day)| Self::new(year, month as u8, day as u8))
            }
            _ => None,
        };
        date.ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            Error::input(format!("expected a date like 2025-01-31, found \"{shown}\""))
        })
    }
}

impl TryFrom<String> for Date {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_compared_and_written() {
        for day in ["2025-01-31", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(day.parse::<Date>().unwrap().to_string(), day);
        }
        assert!(Date::new(2024, 12, 31) < Date::new(2025, 1, 1));
        assert_eq!(serde_json::to_string(&Date::new(2025, 1, 2)).unwrap(), "\"2025-01-02\"");
        assert_eq!(serde_json::from_str::<Option<Date>>("\"2025-01-02\"").unwrap(), Date::new(2025, 1, 2));
    }

    #[test]
    fn days_count_on_through_months_and_leap_years() {
        let days = |text: &str| text.parse::<Date>().unwrap().days();
        assert_eq!(days("2025-01-01") - days("2024-01-01"), 366);
        assert_eq!(days("2024-03-01") - days("2024-02-28"), 2);
        assert_eq!(days("2000-01-01") - days("1970-01-01"), 10_957);
        assert_eq!(days("1901-01-01") - days("1900-01-01"), 365);
        for day in ["1970-01-01", "2000-02-29", "2024-12-31", "1900-03-01", "9999-12-31", "0001-01-01", "2026-11-29"] {
            assert_eq!(Date::from_days(days(day)).unwrap().to_string(), day);
        }
        assert!(Date::from_days(i32::MAX).is_none() && Date::from_days(i32::MIN).is_none());
    }

    #[test]
    fn other_texts_are_refused() {
        for text in
            ["", "2025-02-29", "1900-02-29", "2025-13-01", "2025-00-01", "2025-01-00", "2025-1-1", "+025-01-01", "x"]
        {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }
}
