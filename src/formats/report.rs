//! What the import understood: the role of each column, the models that were merged or stay apart, and what was dropped.

use crate::error::{Error, Result};
use crate::snapshot::{Declared, Range};
use serde::Serialize;
use std::str::FromStr;

/// What the import understood, in the shape of `import --json` without the counts.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// The columns of all files, in order.
    pub columns: Vec<Column>,
    /// Models that were merged: the id that counts, and the other spellings.
    pub merged: Vec<Vec<String>>,
    /// Pairs of names that look alike and stay apart, with the reason.
    pub apart: Vec<[String; 3]>,
    /// What was left out.
    pub dropped: Vec<Dropped>,
}

/// A column of a table, or a task of another kind of file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column {
    /// The file.
    pub file: String,
    /// The name of the column; a column without a name has its number.
    pub name: String,
    /// What the column is read as.
    pub role: Role,
    /// The id of the task, for a score and for its errors and numbers of items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The name of the fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fact: Option<String>,
    /// The unit of a score.
    pub unit: Option<Unit>,
    /// The range of a score; null if it is open-ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    /// Whether a lower score is better.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub lower_is_better: bool,
    /// Why it has this role and unit.
    pub why: String,
    /// The position of the task in its part, until the parts are joined.
    #[serde(skip)]
    pub(super) at: Option<u32>,
}

/// Things of one kind that were left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dropped {
    /// What: `cells of MMLU`, `rows`.
    pub what: String,
    /// Why.
    pub why: String,
    /// How many.
    pub count: usize,
    /// Whether the form's rules leave them out, so that nobody need look.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub expected: bool,
}

/// What a column of a table is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The names of the models.
    Model,
    /// The scores of a task.
    Score,
    /// A fact about the models, or about the scores of a long table.
    Fact,
    /// The dates of the models or scores.
    Date,
    /// The standard errors of a task's scores.
    Error,
    /// The numbers of items of a task's scores.
    Items,
    /// The addresses of the models.
    Link,
    /// The licences of the models.
    Licence,
    /// Nothing: the column is left out.
    Skip,
}

/// The unit of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// 0 to 100.
    Percent,
    /// 0 to 1.
    Fraction,
    /// Another range, or none.
    Points,
}

impl Role {
    const ALL: [(&str, Self); 10] = [
        ("model", Self::Model),
        ("score", Self::Score),
        ("fact", Self::Fact),
        ("date", Self::Date),
        ("error", Self::Error),
        ("items", Self::Items),
        ("link", Self::Link),
        ("licence", Self::Licence),
        ("license", Self::Licence),
        ("skip", Self::Skip),
    ];

    /// The word for it, as in `--columns`.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, role)| *role == self).map_or("", |(word, _)| word)
    }
}

impl Unit {
    const ALL: [(&str, Self); 3] = [("percent", Self::Percent), ("fraction", Self::Fraction), ("points", Self::Points)];

    /// The word for it, as in `--columns`.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, unit)| *unit == self).map_or("", |(word, _)| word)
    }

    /// The unit of a range; `None` means open-ended.
    #[must_use]
    pub fn of(range: Option<Range>) -> Self {
        match range {
            Some(Range::PERCENT) => Self::Percent,
            Some(Range::FRACTION) => Self::Fraction,
            _ => Self::Points,
        }
    }

    pub(super) fn declared(self) -> Declared {
        match self {
            Self::Percent => Declared::Range(Range::PERCENT),
            Self::Fraction => Declared::Range(Range::FRACTION),
            Self::Points => Declared::Open,
        }
    }
}

/// The name of a column, or its number if it has none.
pub(super) fn label(name: &str, at: usize) -> String {
    if name.is_empty() { format!("column {}", at + 1) } else { name.to_owned() }
}

impl Column {
    /// A column of this role.
    pub(super) fn new(file: &str, name: &str, role: Role, why: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            name: name.to_owned(),
            role,
            task: None,
            fact: None,
            unit: None,
            range: None,
            lower_is_better: false,
            why: why.into(),
            at: None,
        }
    }
}

/// The roles that a person gives to columns: `NAME=ROLE[:UNIT],…`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Columns {
    given: Vec<(String, Role, Option<Unit>)>,
}

impl Columns {
    /// No role is given.
    pub const NONE: &Self = &Self { given: Vec::new() };

    /// The role and unit of the column of this name, if they are given; upper and lower case are the same.
    pub(super) fn of(&self, name: &str) -> Option<(Role, Option<Unit>)> {
        let exact = self.given.iter().find(|(given, ..)| given == name);
        let found = exact.or_else(|| self.given.iter().find(|(given, ..)| given.eq_ignore_ascii_case(name)));
        found.map(|&(_, role, unit)| (role, unit))
    }

    /// The names that are given.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.given.iter().map(|(name, ..)| name.as_str())
    }
}

impl FromStr for Columns {
    type Err = Error;

    /// Reads `NAME=ROLE[:UNIT],…`; a name with a comma or `=` stands in double quotes, in which `""` is a quote.
    fn from_str(text: &str) -> Result<Self> {
        let mut given = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (name, after) = name(rest)?;
            let (what, more) = after.split_once(',').unwrap_or((after, ""));
            if given.iter().any(|(known, ..): &(String, Role, Option<Unit>)| known.eq_ignore_ascii_case(&name)) {
                return Err(Error::input(format!("columns: {name:?} has two roles; give it one")));
            }
            given.push(role(name, what.trim())?);
            rest = more.trim_start();
        }
        Ok(Self { given })
    }
}

/// The name at the start of a text, and the text after `=`.
fn name(text: &str) -> Result<(String, &str)> {
    let lacking = || Error::input(format!("columns: expected NAME=ROLE[:UNIT], found {:?}", shown(text)));
    let Some(quoted) = text.strip_prefix('"') else {
        let (name, rest) = text.split_once('=').ok_or_else(lacking)?;
        return if name.trim().is_empty() || name.contains(',') {
            Err(lacking())
        } else {
            Ok((name.trim().to_owned(), rest))
        };
    };
    let (mut name, mut rest) = (String::new(), quoted);
    loop {
        let (part, after) = rest.split_once('"').ok_or_else(lacking)?;
        name.push_str(part);
        match after.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return Ok((name, after.trim_start().strip_prefix('=').ok_or_else(lacking)?)),
        }
    }
}

fn role(name: String, text: &str) -> Result<(String, Role, Option<Unit>)> {
    let (word, unit) = text.split_once(':').map_or((text, None), |(role, unit)| (role.trim(), Some(unit.trim())));
    let unknown = |what: &str, word: &str, known: &[&str]| {
        let message = format!("columns: {name:?} has no {what} {:?}; there are {}", shown(word), known.join(", "));
        Err(Error::input(message))
    };
    let known = |given: &str, word: &str| word.eq_ignore_ascii_case(given);
    let Some(&(_, role)) = Role::ALL.iter().find(|(given, _)| known(given, word)) else {
        return unknown("role", word, &["model", "score", "fact", "date", "error", "items", "link", "licence", "skip"]);
    };
    let unit = match unit {
        None => None,
        Some(unit) => match Unit::ALL.iter().find(|(given, _)| known(given, unit)) {
            Some(&(_, unit)) => Some(unit),
            None => return unknown("unit", unit, &["percent", "fraction", "points"]),
        },
    };
    if unit.is_some() && role != Role::Score {
        return Err(Error::input(format!("columns: {name:?} has a unit and is no score")));
    }
    Ok((name, role, unit))
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_read_with_units_and_quoted_names() {
        let columns: Columns = r#"MMLU=score:percent, "a, b=c"=skip,"say ""x"""=fact, Org = Licence"#.parse().unwrap();
        assert_eq!(columns.of("mmlu"), Some((Role::Score, Some(Unit::Percent))));
        assert_eq!(columns.of("a, b=c"), Some((Role::Skip, None)));
        assert_eq!(columns.of("say \"x\""), Some((Role::Fact, None)));
        assert_eq!(columns.of("Org"), Some((Role::Licence, None)));
        assert_eq!(columns.of("other"), None);
        assert_eq!("".parse::<Columns>().unwrap(), *Columns::NONE);
    }

    #[test]
    fn mistakes_are_explained() {
        for (text, expected) in [
            ("MMLU", "columns: expected NAME=ROLE[:UNIT], found \"MMLU\""),
            ("=score", "columns: expected NAME=ROLE[:UNIT]"),
            ("a,b=score", "columns: expected NAME=ROLE[:UNIT]"),
            ("\"a=score", "columns: expected NAME=ROLE[:UNIT]"),
            ("MMLU=points", "columns: \"MMLU\" has no role \"points\"; there are model, score, "),
            ("MMLU=score:dogs", "columns: \"MMLU\" has no unit \"dogs\"; there are percent, fraction, points"),
            ("MMLU=skip,mmlu=fact", "columns: \"mmlu\" has two roles; give it one"),
            ("MMLU=fact:percent", "columns: \"MMLU\" has a unit and is no score"),
        ] {
            let message = text.parse::<Columns>().unwrap_err().to_string();
            assert!(message.starts_with(expected), "{message}");
        }
    }
}
