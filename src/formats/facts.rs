//! Typed facts about a model: `name=org/x, params=8B, type=merge`.

use super::short::pairs;
use super::table::flag;
use crate::error::{Error, Result};
use crate::linalg::parse_number;
use crate::snapshot::{
    Date, FactKind, Factor, Factors, canonical_word, check_id, known_fact, meant_fact, parse_amount, parse_day,
};

/// Facts about a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// Its name.
    pub name: Option<String>,
    /// The date of its publication.
    pub date: Option<Date>,
    /// Its other facts: amounts in billions, types in the words of [`crate::snapshot::canonical_type`].
    pub factors: Factors,
}

/// Reads facts: `name`, `date` and factors.
///
/// `params` and `tokens` are amounts: `8B`, `8.03e9` and `8030261248` are eight billion, and a number without a unit
/// up to 100,000 is billions. Facts with unknown names are kept as numbers, flags or words.
///
/// # Errors
/// If an entry is not `fact=value`, if a fact is repeated, if its value is of the wrong kind, or if its name is an
/// alias of a known fact (`size` for `params`); the error suggests the name.
pub fn parse_facts(text: &str) -> Result<Facts> {
    let mut facts = Facts::default();
    for (given, value) in pairs(text, "params=8")? {
        let at = |error: Error| Error::input(format!("{given}: {}", error.message()));
        let value = value.trim_matches(['"', '\'']);
        let lower = given.to_ascii_lowercase();
        let known = known_fact(given);
        let repeated = match lower.as_str() {
            "name" => {
                check_id(value).map_err(at)?;
                facts.name.replace(value.to_owned()).is_some()
            }
            "date" => facts.date.replace(day(value).map_err(at)?).is_some(),
            _ => {
                if let (None, Some(meant)) = (known, meant_fact(given)) {
                    return Err(Error::input(format!("no fact \"{given}\"; did you mean {meant}?")));
                }
                let (name, factor) = match known {
                    Some((name, kind)) => (name, fact(name, kind, value).map_err(at)?),
                    None => (given, other(value).map_err(at)?),
                };
                facts.factors.insert(name.to_owned(), factor).is_some()
            }
        };
        if repeated {
            return Err(at(Error::input("the fact is given twice")));
        }
    }
    Ok(facts)
}

fn fact(name: &str, kind: FactKind, value: &str) -> Result<Factor> {
    match kind {
        FactKind::Amount => parse_amount(value).map(Factor::Number).ok_or_else(|| match parse_number(value) {
            Some(number) if !number.is_finite() => wrong("a finite number", value),
            Some(number) if number <= 0.0 => wrong("above 0", value),
            _ => wrong("billions such as 7.6, or an amount such as 8B or 500M", value),
        }),
        FactKind::Flag => match value {
            "1" => Ok(Factor::Flag(true)),
            "0" => Ok(Factor::Flag(false)),
            _ => flag(value).map(Factor::Flag).ok_or_else(|| wrong("yes or no", value)),
        },
        FactKind::Day => day(value).map(|day| Factor::Text(day.to_string())),
        FactKind::Word => Ok(Factor::Text(canonical_word(name, value).unwrap_or(value).to_owned())),
    }
}

/// The value of a fact with an unknown name: a number, a flag or a word.
fn other(value: &str) -> Result<Factor> {
    match parse_number(value) {
        Some(number) if !number.is_finite() => Err(wrong("a finite number", value)),
        Some(number) => Ok(Factor::Number(number)),
        None => Ok(flag(value).map_or_else(|| Factor::Text(value.to_owned()), Factor::Flag)),
    }
}

fn day(value: &str) -> Result<Date> {
    parse_day(value).ok_or_else(|| wrong("a day such as 2025-06-01", value))
}

fn wrong(expected: &str, found: &str) -> Error {
    let found: String = found.chars().take(40).collect();
    Error::input(format!("expected {expected}, found {found}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(text: &str) -> f64 {
        match parse_facts(text).unwrap().factors["params"] {
            Factor::Number(number) => number,
            _ => panic!("no number"),
        }
    }

    #[test]
    fn facts_have_types_and_name_and_date_are_separate() {
        let facts = parse_facts("name=org/x,params=8,type=merge,moe=no,date=2025-06-01, colour=red").unwrap();
        assert_eq!(facts.name.as_deref(), Some("org/x"));
        assert_eq!(facts.date, Date::new(2025, 6, 1));
        assert_eq!(parse_facts("date=2025-06").unwrap().date, Date::new(2025, 6, 1));
        let expected = [
            ("colour", Factor::Text("red".into())),
            ("moe", Factor::Flag(false)),
            ("params", Factor::Number(8.0)),
            ("type", Factor::Text("merge".into())),
        ];
        assert_eq!(facts.factors, expected.map(|(key, factor)| (key.to_owned(), factor)).into());
        assert_eq!(parse_facts("").unwrap(), Facts::default());
    }

    #[test]
    fn a_size_is_read_in_every_spelling() {
        for text in [
            "params=8B",
            "Params = 8 b",
            "params: 8e9",
            "params=8",
            "params=8000000000",
            "params=8000M",
            "params=\"8B\"",
        ] {
            assert_eq!(params(text), 8.0, "{text}");
        }
        assert!((params("params=8030261248") - 8.030_261_248).abs() < 1e-9);
        assert_eq!(parse_facts("tokens=15T").unwrap().factors["tokens"], Factor::Number(15_000.0));
        assert_eq!(parse_facts("active_params=3B").unwrap().factors["active_params"], Factor::Number(3.0));
        for (text, word) in [("type=Fine tuned", "fine-tuned"), ("type=base", "pretrained"), ("TYPE=instruct", "chat")]
        {
            assert_eq!(parse_facts(text).unwrap().factors["type"], Factor::Text(word.into()), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_an_explanation() {
        for (text, message) in [
            ("size=8", "no fact \"size\"; did you mean params?"),
            ("param=8", "no fact \"param\"; did you mean params?"),
            ("model_size=8", "no fact \"model_size\"; did you mean params?"),
            ("release_date=2025-01-01", "no fact \"release_date\"; did you mean date?"),
            ("params=-8", "params: expected above 0, found -8"),
            ("params=0", "params: expected above 0, found 0"),
            ("params=big", "params: expected billions such as 7.6, or an amount such as 8B or 500M, found big"),
            ("params=7,params=70", "params: the fact is given twice"),
            ("name=a,name=b", "name: the fact is given twice"),
            ("date=June", "date: expected a day such as 2025-06-01, found June"),
            ("moe=perhaps", "moe: expected yes or no, found perhaps"),
            ("colour=inf", "colour: expected a finite number, found inf"),
        ] {
            assert_eq!(parse_facts(text).unwrap_err().to_string(), message, "{text}");
        }
        assert!(parse_facts("params").is_err() && parse_facts("params=inf").is_err());
    }
}
