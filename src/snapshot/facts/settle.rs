//! Conversion of factors, from data and from requests, to the known names, words and units.

use super::amounts::{in_billions, parse_amount};
use super::names::{FactKind, kinds, meant_fact, plain, same};
use super::words::canonical_word;
use crate::error::{Error, Result};
use crate::linalg::print_number;
use crate::snapshot::{Factor, Factors, Model};

/// Converts the factors of a model to the known names, words and units. An amount of 0 or less means unknown in the
/// data and is removed.
pub(crate) fn settle(factors: &mut Factors) {
    for (known, kind) in kinds() {
        let other = |name: &&String| name.as_str() != known && means(known, kind, name);
        if !factors.contains_key(known)
            && let Some(name) = factors.keys().find(other).cloned()
            && let Some(factor) = factors.remove(&name)
        {
            factors.insert(known.to_owned(), factor);
        }
        let Some(factor) = factors.get_mut(known) else { continue };
        if kind == FactKind::Amount && matches!(factor, Factor::Number(value) if *value <= 0.0) {
            factors.remove(known);
            continue;
        }
        let settled = match (&*factor, kind) {
            (Factor::Number(value), FactKind::Flag) if *value == 0.0 || *value == 1.0 => {
                Some(Factor::Flag(*value == 1.0))
            }
            (Factor::Number(value), FactKind::Amount) => Some(Factor::Number(in_billions(*value))),
            (Factor::Text(text), FactKind::Amount) => parse_amount(text).map(Factor::Number),
            (Factor::Text(text), FactKind::Word) => {
                canonical_word(known, text).map(|word| Factor::Text(word.to_owned()))
            }
            _ => None,
        };
        if let Some(settled) = settled {
            *factor = settled;
        }
    }
}

/// Whether a factor's name is a spelling of a known fact. Amounts keep other names, since these may state a unit.
fn means(known: &str, kind: FactKind, name: &str) -> bool {
    same(known, &plain(name)) || (kind != FactKind::Amount && meant_fact(name) == Some(known))
}

/// Converts the factors of a request to the terms of these models: amounts become billions. Where the models state
/// `instruct` but not `type`, `type=chat` becomes `instruct=true`; where they state only `type`, the reverse.
///
/// # Errors
/// If an amount is not above 0.
pub fn in_terms_of(models: &[Model], factors: &mut Factors) -> Result<()> {
    for (name, _) in kinds().filter(|(_, kind)| *kind == FactKind::Amount) {
        if let Some(Factor::Number(value)) = factors.get_mut(name) {
            if !(*value > 0.0 && value.is_finite()) {
                return Err(Error::input(format!("{name}: expected above 0, found {}", print_number(*value))));
            }
            *value = in_billions(*value);
        }
    }
    let have = |name: &str| models.iter().any(|model| model.factors.contains_key(name));
    match (factors.get("type"), factors.get("instruct")) {
        (Some(Factor::Text(kind)), None) if have("instruct") && !have("type") => {
            let instruct = match kind.as_str() {
                "chat" => true,
                "pretrained" | "continuously pretrained" => false,
                _ => return Ok(()),
            };
            factors.remove("type");
            factors.insert("instruct".to_owned(), Factor::Flag(instruct));
        }
        (None, Some(Factor::Flag(true))) if have("type") && !have("instruct") => {
            factors.remove("instruct");
            factors.insert("type".to_owned(), Factor::Text("chat".to_owned()));
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_get_known_names_words_and_units() {
        let text = |text: &str| Factor::Text(text.to_owned());
        let mut factors = Factors::from([
            ("Params".to_owned(), Factor::Number(8_030_261_248.0)),
            ("TYPE".to_owned(), text("Finetuned")),
            ("tokens".to_owned(), text("15T")),
            ("colour".to_owned(), text("Red")),
        ]);
        let mut unknown = Factors::from([("params".to_owned(), Factor::Number(-1.0))]);
        settle(&mut unknown);
        assert_eq!(unknown, Factors::new());
        settle(&mut factors);
        let expected = [
            ("colour", text("Red")),
            ("params", Factor::Number(8.030_261_248)),
            ("tokens", Factor::Number(15_000.0)),
            ("type", text("fine-tuned")),
        ];
        assert_eq!(factors, expected.map(|(name, factor)| (name.to_owned(), factor)).into());
    }

    #[test]
    fn type_and_instruct_are_put_in_the_terms_of_the_data() {
        let with = |name: &str, factor| Factors::from([(name.to_owned(), factor)]);
        let chat = || with("type", Factor::Text("chat".into()));
        let instruct = || with("instruct", Factor::Flag(true));
        let models = |factors: Factors| [Model { factors, ..Model::default() }];
        let asked = |data: &[Model], mut factors: Factors| {
            in_terms_of(data, &mut factors).unwrap();
            factors
        };
        assert_eq!(asked(&models(instruct()), chat()), instruct());
        assert_eq!(asked(&models(chat()), instruct()), chat());
        assert_eq!(asked(&models(chat()), chat()), chat());
        assert_eq!(asked(&models(Factors::new()), chat()), chat());
        let params = |value: f64| with("params", Factor::Number(value));
        assert_eq!(asked(&[], params(8e9)), params(8.0));
        for wrong in [-8.0, 0.0, f64::NAN] {
            let message = in_terms_of(&[], &mut params(wrong)).unwrap_err().to_string();
            assert_eq!(message, format!("params: expected above 0, found {wrong}"));
        }
    }
}
