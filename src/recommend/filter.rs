//! Conditions on models: `params<=14,type=merge`.

use crate::error::{Error, Result};
use crate::linalg::parse_number;
use crate::snapshot::{Factor, Model, canonical_type, meant_fact, parse_amount};
use std::cmp::Ordering;
use std::str::FromStr;

/// Conditions that a model must all meet. A model without the factor doesn't meet a condition on it.
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

/// Longer operators come first, so that `<=` is not read as `<`.
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

    /// Refuses conditions that no model can meet: on a factor that no model has, or with a value of the wrong type.
    ///
    /// # Errors
    /// If there is such a condition; the message names the expected kind of value.
    pub fn check(&self, models: &[Model]) -> Result<()> {
        self.conditions.iter().try_for_each(|condition| condition.check(models))
    }
}

impl Condition {
    fn accepts(&self, model: &Model) -> bool {
        value_of(model, &self.factor).and_then(|value| self.order(&value)).is_some_and(|order| match self.comparison {
            Comparison::Less => order == Ordering::Less,
            Comparison::AtMost => order != Ordering::Greater,
            Comparison::Equal => order == Ordering::Equal,
            Comparison::Unequal => order != Ordering::Equal,
            Comparison::AtLeast => order != Ordering::Less,
            Comparison::Greater => order == Ordering::Greater,
        })
    }

    /// The order of a value relative to the condition's value; `None` if the two can't be compared.
    fn order(&self, value: &Factor) -> Option<Ordering> {
        match value {
            Factor::Number(number) => number.partial_cmp(&self.number()?),
            Factor::Text(text) => Some(text.to_ascii_lowercase().cmp(&self.value.to_ascii_lowercase())),
            Factor::Flag(flag) => Some(flag.cmp(&match self.value.to_ascii_lowercase().as_str() {
                "true" | "yes" => true,
                "false" | "no" => false,
                _ => return None,
            })),
        }
    }

    fn number(&self) -> Option<f64> {
        parse_number(&self.value).filter(|value| !value.is_nan()).or_else(|| parse_amount(&self.value))
    }

    fn check(&self, models: &[Model]) -> Result<()> {
        let (factor, value) = (&self.factor, &self.value);
        let mut values = models.iter().filter_map(|model| value_of(model, factor)).peekable();
        let Some(first) = values.peek().cloned() else {
            return Err(self.nobody_has_it(models));
        };
        let day = |c: char| c.is_ascii_digit() || c == '-';
        if factor == "date" && !(value.len() >= 4 && value.chars().all(day)) {
            return Err(Error::input(format!(
                "the condition on date expects a day such as 2025-01-31, found \"{value}\""
            )));
        }
        if values.any(|value| self.order(&value).is_some()) {
            return Ok(());
        }
        let kind = if matches!(first, Factor::Flag(_)) { "true or false" } else { "a number" };
        Err(Error::input(format!("the condition on {factor} expects {kind}, found \"{value}\"")))
    }

    fn nobody_has_it(&self, models: &[Model]) -> Error {
        let factor = &self.factor;
        let mut names: Vec<String> = Vec::new();
        for name in models.iter().flat_map(|model| model.factors.keys()) {
            if names.len() < MOST_NAMES && !names.contains(name) {
                names.push(name.clone());
            }
        }
        let licensed = || models.iter().any(|model| model.license.is_some());
        if names.len() < MOST_NAMES && !names.iter().any(|name| name == LICENSE) && licensed() {
            names.push(LICENSE.to_owned());
        }
        let meant = meant_fact(factor).filter(|meant| models.iter().any(|model| value_of(model, meant).is_some()));
        Error::input(match meant {
            Some(meant) => format!("no model has a factor \"{factor}\"; did you mean {meant}?"),
            None if names.is_empty() => {
                format!("no model has a factor \"{factor}\"; models have a name and a date at most")
            }
            None => format!("no model has a factor \"{factor}\"; there are {}", names.join(", ")),
        })
    }
}

/// The maximum number of factor names in an error message.
const MOST_NAMES: usize = 20;
/// The name of a model's licence in conditions; `licence` means the same.
const LICENSE: &str = "license";

/// A model's value of a factor; the name is matched without case.
fn value_of(model: &Model, name: &str) -> Option<Factor> {
    if name == "name" || name == "id" {
        return Some(Factor::Text(model.id.clone()));
    }
    if name == "date" {
        return model.date.map(|date| Factor::Text(date.to_string()));
    }
    let other = || model.factors.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, factor)| factor);
    let own = model.factors.get(name).or_else(other).cloned();
    if own.is_none() && (name.eq_ignore_ascii_case(LICENSE) || name.eq_ignore_ascii_case("licence")) {
        return model.license.clone().map(Factor::Text);
    }
    // A table may have another name for the number of parameters.
    own.or_else(|| if name == "params" { model.facts().params.map(Factor::Number) } else { None })
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
                Some((factor, comparison, value))
                    if !factor.is_empty() && !value.is_empty() && !value.contains(['<', '>', '=', '!']) =>
                {
                    let word = canonical_type(value).filter(|_| factor.eq_ignore_ascii_case("type"));
                    Ok(Condition { factor: factor.to_owned(), comparison, value: word.unwrap_or(value).to_owned() })
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
        let model = Model { id: "o/m".into(), factors: factors.into(), ..Model::default() };
        let meets = |text: &str| text.parse::<Filter>().map(|filter| filter.accepts(&model));
        for yes in ["params<=7", "params < 14, type=merge", "moe=false", "type!=chat", "params>=7", "", "id=o/m"] {
            assert_eq!(meets(yes), Ok(true), "{yes}");
        }
        for no in ["params<7", "params>7", "context>1", "type=chat", "date>2024-01-01", "params<x"] {
            assert_eq!(meets(no), Ok(false), "{no}");
        }
        for bad in ["params", "<=4", "params<=", "params<<14", "params<>3", "params=<3", "a<b<c"] {
            assert!(meets(bad).is_err(), "{bad}");
        }
        for yes in ["params<=7B", "Params<=7", "params<8e9 ", "type=merged", "moe=no"] {
            assert_eq!(meets(yes), Ok(true), "{yes}");
        }
    }

    #[test]
    fn conditions_on_the_licence() {
        let model = |license: Option<&str>| Model { license: license.map(str::to_owned), ..Model::default() };
        let models = [model(Some("Apache-2.0")), model(None)];
        for (text, meets) in [("license=apache-2.0", true), ("Licence=APACHE-2.0", true), ("license=mit", false)] {
            let filter: Filter = text.parse().unwrap();
            filter.check(&models).unwrap();
            assert_eq!(models.each_ref().map(|model| filter.accepts(model)), [meets, false], "{text}");
        }
        let refused =
            |text: &str, models: &[Model]| text.parse::<Filter>().unwrap().check(models).unwrap_err().to_string();
        assert_eq!(refused("foo<=3", &models), "no model has a factor \"foo\"; there are license");
        assert!(refused("license=mit", &models[1..]).starts_with("no model has a factor \"license\""));
    }

    #[test]
    fn conditions_that_no_model_could_meet_are_refused() {
        let factors = [("params".to_owned(), Factor::Number(7.0)), ("moe".to_owned(), Factor::Flag(false))];
        let models = [Model { id: "o/m".into(), factors: factors.into(), ..Model::default() }, Model::default()];
        let refused = |text: &str| text.parse::<Filter>().unwrap().check(&models).unwrap_err().to_string();
        assert_eq!(refused("foo<=3"), "no model has a factor \"foo\"; there are moe, params");
        assert_eq!(refused("size<=3"), "no model has a factor \"size\"; did you mean params?");
        assert_eq!(refused("params<=abc"), "the condition on params expects a number, found \"abc\"");
        assert_eq!(refused("moe=3"), "the condition on moe expects true or false, found \"3\"");
        assert!(refused("date>2024-01-01").starts_with("no model has a factor \"date\""));
        for fine in ["", "params<=3,moe=true", "id=a"] {
            fine.parse::<Filter>().unwrap().check(&models).unwrap();
        }
    }
}
