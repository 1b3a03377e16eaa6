//! The error type of the library. An error names its place and explains how to correct the input.

use std::fmt;

/// A place in an input. Parts that are not known are `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// File name, or another name for the input (`"pasted text"`).
    pub source: Option<String>,
    /// Line, counted from 1.
    pub line: Option<u64>,
    /// Column name, field path or another part within the line.
    pub field: Option<String>,
}

impl Place {
    /// The place of a whole source: its name, without a line or a field.
    #[must_use]
    pub fn source(name: impl Into<String>) -> Self {
        Self { source: Some(name.into()), ..Self::default() }
    }

    /// The same place at this line (from 1).
    #[must_use]
    pub fn line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// The same place within this column or field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    fn is_empty(&self) -> bool {
        self.source.is_none() && self.line.is_none() && self.field.is_none()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        if let Some(source) = &self.source {
            write!(f, "{source}")?;
            separator = " ";
        }
        if let Some(line) = self.line {
            write!(f, "{separator}line {line}")?;
            separator = ", ";
        }
        if let Some(field) = &self.field {
            write!(f, "{separator}column \"{field}\"")?;
        }
        Ok(())
    }
}

/// The kind of an error, for callers that handle kinds differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The input or a request can't be used as it is; the message explains the correction.
    Input,
    /// The caller asked to stop.
    Cancelled,
    /// A computing device is missing or failed.
    Device,
    /// A computation did not give a usable result.
    Computation,
}

/// An error with its kind, its place if it has one, and a message of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    place: Place,
    message: String,
}

/// The library's result type.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Input that can't be used.
    #[must_use]
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, message)
    }

    /// The caller asked to stop.
    #[must_use]
    pub fn cancelled() -> Self {
        Self::new(ErrorKind::Cancelled, "cancelled")
    }

    /// A device is missing or failed.
    #[must_use]
    pub fn device(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Device, message)
    }

    /// A computation without a usable result.
    #[must_use]
    pub fn computation(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Computation, message)
    }

    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, place: Place::default(), message: message.into() }
    }

    /// The same error at this place. Parts of the place that the error already has are kept.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place.source = self.place.source.or(place.source);
        self.place.line = self.place.line.or(place.line);
        self.place.field = self.place.field.or(place.field);
        self
    }

    /// The kind of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The message, one line without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The place of the error; empty if none is known.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }
}

/// Writes one line of at most 500 characters. Names from an input may contain line ends or be as long as a file.
fn write_line(f: &mut fmt::Formatter<'_>, place: &Place, message: &str) -> fmt::Result {
    let line = if place.is_empty() { message.to_owned() } else { format!("{place}: {message}") };
    let mut rest = line.chars().map(|c| if c.is_control() { ' ' } else { c });
    rest.by_ref().take(500).try_for_each(|c| fmt::Write::write_char(f, c))?;
    if rest.next().is_some() { f.write_str(" …") } else { Ok(()) }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_line(f, &self.place, &self.message)
    }
}

impl std::error::Error for Error {}

/// A repair of the input, to be shown to the user who supplied it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The place of the repair.
    pub place: Place,
    /// The repair in one line.
    pub message: String,
}

impl Warning {
    /// A repair without a place.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { place: Place::default(), message: message.into() }
    }

    /// The same repair at this place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_line(f, &self.place, &self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_place() {
        let error = Error::input("expected 0 to 100, found 430").at(Place::source("scores.csv").line(41).field("mmlu"));
        assert_eq!(error.to_string(), "scores.csv line 41, column \"mmlu\": expected 0 to 100, found 430");
    }

    #[test]
    fn an_error_is_one_short_line_even_if_a_name_is_long_or_has_line_ends() {
        let error = Error::input(format!("unknown {}", "x".repeat(1000))).at(Place::source("a\nb.csv"));
        let shown = error.to_string();
        assert!(shown.starts_with("a b.csv: unknown xxx") && shown.ends_with(" …"), "{shown}");
        assert_eq!(shown.chars().count(), 502);
    }

    #[test]
    fn an_outer_place_fills_what_the_inner_one_left_open() {
        let error = Error::input("bad").at(Place::default().line(3)).at(Place::source("a.csv").line(9));
        assert_eq!(error.to_string(), "a.csv line 3: bad");
    }
}
