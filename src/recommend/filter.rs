//! Conditions on models: `params<=14,type=merge`.

use crate::error::{Error, Result};
use crate::linalg::parse_number;
use crate::snapshot::{Factor, Model};
use std::cmp::Ordering;
use std::str::FromStr;

/// Conditions that a model must all meet. A model that lacks the factor does not meet a condition on it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq)]
struct Condition {
    factor: String,
    comparison: Comparison,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Comparison {
    Less,
    AtMost,
    Equal,
    Unequal,
    AtLeast,
    Greater,
}

/// Longer signs first, so that `<=` is not read as `<`.
const SIGNS: [(&str, Comparison); 7] = [
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("!=", Comparison::Unequal),
    ("==", Comparison::Equal),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
    ("=", Comparison::Equal),
];

impl Filter {
    /// Whether a model meets all conditions.
    #[must_use]
    pub fn accepts(&self, model: &Model) -> bool {
        self.conditions.iter().all(|condition| condition.accepts(model))
    }
}

impl Condition {
    fn accepts(&self, model: &Model) -> bool {
        let text = match (self.factor.as_str(), model.factors.get(&self.factor)) {
            ("name" | "id", _) => Factor::Text(model.id.clone()),
            ("date", _) => match model.date {
                Some(date) => Factor::Text(date.to_string()),
                None => return false,
            },
            (_, Some(factor)) => factor.clone(),
            (_, None) => return false,
        };
        let order = match text {
            Factor::Number(number) => parse_number(&self.value).and_then(|value| number.partial_cmp(&value)),
            Factor::Text(text) => Some(text.to_ascii_lowercase().cmp(&self.value.to_ascii_lowercase())),
            Factor::Flag(flag) => self.value.parse::<bool>().ok().map(|value| flag.cmp(&value)),
        };
        order.is_some_and(|order| match self.comparison {
            Comparison::Less => order == Ordering::Less,
            Comparison::AtMost => order != Ordering::Greater,
            Comparison::Equal => order == Ordering::Equal,
            Comparison::Unequal => order != Ordering::Equal,
            Comparison::AtLeast => order != Ordering::Less,
            Comparison::Greater => order == Ordering::Greater,
        })
    }
}

impl FromStr for Filter {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let condition = |part: &str| {
            let found = part.find(['<', '>', '=', '!']).and_then(|at| {
                let sign = SIGNS.into_iter().find(|(sign, _)| part[at..].starts_with(sign))?;
                Some((part[..at].trim(), sign.1, part[at + sign.0.len()..].trim()))
            });
            match found {
                Some((factor, comparison, value)) if !factor.is_empty() && !value.is_empty() => {
                    Ok(Condition { factor: factor.to_owned(), comparison, value: value.to_owned() })
                }
                _ => Err(Error::input(format!("expected a condition such as params<=14, found \"{}\"", part.trim()))),
            }
        };
        let parts = text.split(',').filter(|part| !part.trim().is_empty());
        Ok(Self { conditions: parts.map(condition).collect::<Result<_>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_compare_numbers_texts_and_flags() {
        let factors = [
            ("params".to_owned(), Factor::Number(7.0)),
            ("type".to_owned(), Factor::Text("Merge".into())),
            ("moe".to_owned(), Factor::Flag(false)),
        ];
        let model = Model { id: "o/m".into(), date: None, factors: factors.into() };
        let meets = |text: &str| text.parse::<Filter>().map(|filter| filter.accepts(&model));
        for yes in ["params<=7", "params < 14, type=merge", "moe=false", "type!=chat", "params>=7", "", "id=o/m"] {
            assert_eq!(meets(yes), Ok(true), "{yes}");
        }
        for no in ["params<7", "params>7", "context>1", "type=chat", "date>2024-01-01", "params<x"] {
            assert_eq!(meets(no), Ok(false), "{no}");
        }
        for bad in ["params", "<=4", "params<="] {
            assert!(meets(bad).is_err(), "{bad}");
        }
    }
}
