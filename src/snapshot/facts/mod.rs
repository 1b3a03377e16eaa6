//! The meaning of a model's factors. Only this folder knows their names, spellings and units. Data and requests use the
//! same functions, so that `fine tuned` in a table and `Finetuned` in a request are equal, and all code that needs the
//! meaning of a factor reads [`Facts`].
//!
//! A factor without a known meaning keeps its name and value; methods that accept any factor use it unchanged.

mod amounts;
mod in_name;
mod names;
mod settle;
mod words;

pub use amounts::{is_exact, neighbours, parse_amount};
pub(crate) use in_name::family_stem;
pub use in_name::{SizeInName, active_size_in_name, family_in_name, size_in_name};
pub(crate) use names::named_amount;
pub use names::{FactKind, data_fact, known_afterwards, known_fact, known_facts, meant_fact};
pub use settle::in_terms_of;
pub(crate) use settle::settle;
pub use words::{canonical_type, canonical_word};

use super::{Date, Factor, Factors, Model};
use crate::lineage::split;
use std::borrow::Cow;

/// The source of a fact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FactSource {
    /// The data or the request state it.
    #[default]
    Stated,
    /// The hub states it about the model's files.
    Hub,
    /// It was read from the model's name.
    Name,
}

/// A fact with its source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fact<T> {
    /// The value.
    pub value: T,
    /// Its source.
    pub source: FactSource,
}

impl Fact<f64> {
    /// Whether an amount is exact, such as 7.616 or 7.615616512. Rounded amounts (7 or 7.6) and amounts from a name are
    /// not.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.source != FactSource::Name && is_exact(self.value)
    }
}

/// The facts about a model whose meaning is known. A field is `None` where the factors do not state it or state an
/// impossible value. The methods [`Facts::size`], [`Facts::active_size`] and [`Facts::family_or_named`] fall back on
/// the model's name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts<'a> {
    /// The part of the id before its last slash.
    pub organisation: Option<&'a str>,
    /// The part of the id after its last slash; empty without an id.
    pub name: &'a str,
    /// The day of its submission or publication.
    pub date: Option<Date>,
    /// The day of its upload to the hub.
    pub upload_date: Option<Date>,
    /// Parameters in billions, above 0.
    pub params: Option<f64>,
    /// Active parameters per token in billions, above 0.
    pub active_params: Option<f64>,
    /// Tokens of the pre-training in billions, above 0.
    pub tokens: Option<f64>,
    /// The type, in the words of [`canonical_type`] or, for other types, as it is stated. A model whose factors state
    /// only `instruct` is `chat` or `pretrained`.
    pub model_type: Option<&'a str>,
    /// Whether it was trained to follow instructions.
    pub instruct: Option<bool>,
    /// The family as it is stated, trimmed and never empty. Compare families by [`Facts::family_key`].
    pub family: Option<Cow<'a, str>>,
    /// The architecture as it is stated; `None` for words such as `unknown`.
    pub architecture: Option<&'a str>,
    /// The number format of the weights, such as `bfloat16`.
    pub precision: Option<&'a str>,
    /// `Original`, `Adapter` or `Delta`.
    pub weight_type: Option<&'a str>,
    /// Whether it has a chat template.
    pub chat_template: Option<bool>,
    /// Whether it was merged from other models.
    pub merged: Option<bool>,
    /// Whether it is a mixture of experts.
    pub moe: Option<bool>,
    /// Whether it reasons before it answers.
    pub reasoning: Option<bool>,
    /// Whether it is a merge that dropped weights at random.
    pub random_dropping: Option<bool>,
    /// Hearts, likes or downloads, at least 0. These counts are known only after an evaluation.
    pub popularity: Option<f64>,
    /// The source of the stated facts; [`Facts::new`] sets [`FactSource::Stated`].
    pub source: FactSource,
}

impl<'a> Facts<'a> {
    /// Reads the id, date and factors of a model. The id may be empty.
    #[must_use]
    pub fn new(id: &'a str, date: Option<Date>, factors: &'a Factors) -> Self {
        let (organisation, name) = split(id);
        let organisation = Some(organisation).filter(|name| !name.is_empty());
        let mut facts = Self { organisation, name, date, ..Self::default() };
        factors.iter().for_each(|(name, factor)| facts.read(name, factor));
        let kind = || facts.instruct.map(|instruct| if instruct { "chat" } else { "pretrained" });
        facts.model_type = facts.model_type.or_else(kind);
        facts.popularity = names::POPULARITY.iter().find_map(|name| match factors.get(*name)? {
            Factor::Number(number) => Some(*number).filter(|number| number.is_finite() && *number >= 0.0),
            _ => None,
        });
        facts
    }

    /// Reads one factor. If several factors state the same amount or family, the first one counts.
    fn read(&mut self, name: &str, factor: &'a Factor) {
        match (name, factor) {
            ("chat_template", Factor::Flag(flag)) => self.chat_template = Some(*flag),
            ("instruct", Factor::Flag(flag)) => self.instruct = Some(*flag),
            ("merged", Factor::Flag(flag)) => self.merged = Some(*flag),
            ("moe", Factor::Flag(flag)) => self.moe = Some(*flag),
            ("random_dropping", Factor::Flag(flag)) => self.random_dropping = Some(*flag),
            ("reasoning", Factor::Flag(flag)) => self.reasoning = Some(*flag),
            ("architecture", Factor::Text(text)) => {
                self.architecture = Some(&**text).filter(|&name| !words::is_unknown(name))
            }
            ("precision", Factor::Text(text)) => self.precision = Some(text),
            ("type", Factor::Text(text)) => self.model_type = Some(text),
            ("upload_date", Factor::Text(text)) => self.upload_date = text.parse().ok(),
            ("weight_type", Factor::Text(text)) => self.weight_type = Some(text),
            _ if name.eq_ignore_ascii_case("family") => self.family = self.family.take().or_else(|| family(factor)),
            (_, Factor::Number(value)) if value.is_finite() && *value > 0.0 => self.read_amount(name, *value),
            _ => {}
        }
    }

    /// Reads a number above 0 if its name is that of an amount. A name without a unit means billions: [`settle`] has
    /// converted such numbers.
    fn read_amount(&mut self, name: &str, value: f64) {
        let Some((amount, unit)) = named_amount(name) else { return };
        let amount = match amount {
            "params" => &mut self.params,
            "tokens" => &mut self.tokens,
            _ => &mut self.active_params,
        };
        *amount = amount.or(Some(value * unit.unwrap_or(1.0)));
    }

    /// The parameters in billions, as stated or else from the name.
    #[must_use]
    pub fn size(&self) -> Option<Fact<f64>> {
        self.or_named(self.params, || size_in_name(self.name).map(|size| size.billions()))
    }

    /// The active parameters in billions, as stated or else from the name.
    #[must_use]
    pub fn active_size(&self) -> Option<Fact<f64>> {
        self.or_named(self.active_params, || active_size_in_name(self.name).map(|size| size.billions()))
    }

    /// The family in lower case, as stated or else from the name.
    #[must_use]
    pub fn family_or_named(&self) -> Option<Fact<String>> {
        self.or_named(self.family_key(), || family_in_name(self.name).map(str::to_owned))
    }

    /// The stated family with ASCII letters in lower case: models with the same key are of the same family.
    #[must_use]
    pub fn family_key(&self) -> Option<String> {
        self.family.as_ref().map(|family| family.to_ascii_lowercase())
    }

    fn or_named<T>(&self, stated: Option<T>, named: impl FnOnce() -> Option<T>) -> Option<Fact<T>> {
        let stated = stated.map(|value| Fact { value, source: self.source });
        stated.or_else(|| named().map(|value| Fact { value, source: FactSource::Name }))
    }
}

impl<'a> From<&'a Factors> for Facts<'a> {
    /// Facts of a model without an id and a date.
    fn from(factors: &'a Factors) -> Self {
        Self::new("", None, factors)
    }
}

impl Model {
    /// The facts about this model whose meaning is known.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        Facts::new(&self.id, self.date, &self.factors)
    }
}

/// The name of a family: a text, or a number or flag as text; `None` if it is blank.
fn family(factor: &Factor) -> Option<Cow<'_, str>> {
    let name = match factor {
        Factor::Text(text) => Cow::Borrowed(text.trim()),
        _ => Cow::Owned(factor.to_text()),
    };
    Some(name).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors<const N: usize>(named: [(&str, Factor); N]) -> Factors {
        named.map(|(name, factor)| (name.to_owned(), factor)).into()
    }

    fn text(text: &str) -> Factor {
        Factor::Text(text.to_owned())
    }

    #[test]
    fn every_fact_is_read_from_its_factor() {
        let (flag, number) = (Factor::Flag, Factor::Number);
        let factors = factors([
            ("params", number(30.5)),
            ("active_params_b", number(3.3)),
            ("tokens (T)", number(36.0)),
            ("type", text("chat")),
            ("instruct", flag(true)),
            ("Family", text(" Qwen ")),
            ("architecture", text("Qwen3MoeForCausalLM")),
            ("precision", text("bfloat16")),
            ("weight_type", text("Original")),
            ("chat_template", flag(true)),
            ("merged", flag(false)),
            ("moe", flag(true)),
            ("reasoning", flag(true)),
            ("random_dropping", flag(false)),
            ("upload_date", text("2025-04-27")),
            ("likes", number(0.0)),
            ("colour", text("red")),
        ]);
        let expected = Facts {
            organisation: Some("Qwen"),
            name: "Qwen3-30B-A3B",
            date: Date::new(2025, 4, 29),
            upload_date: Date::new(2025, 4, 27),
            params: Some(30.5),
            active_params: Some(3.3),
            tokens: Some(36_000.0),
            model_type: Some("chat"),
            instruct: Some(true),
            family: Some("Qwen".into()),
            architecture: Some("Qwen3MoeForCausalLM"),
            precision: Some("bfloat16"),
            weight_type: Some("Original"),
            chat_template: Some(true),
            merged: Some(false),
            moe: Some(true),
            reasoning: Some(true),
            random_dropping: Some(false),
            popularity: Some(0.0),
            source: FactSource::Stated,
        };
        assert_eq!(Facts::new("Qwen/Qwen3-30B-A3B", expected.date, &factors), expected);
        assert_eq!(Facts::from(&Factors::new()), Facts::default());
    }

    #[test]
    fn amounts_are_found_in_the_unit_that_their_name_states() {
        let of = |name: &str, value: f64| factors([(name, Factor::Number(value))]);
        let params = |name: &str, value: f64| Facts::from(&of(name, value)).params;
        let tokens = |name: &str, value: f64| Facts::from(&of(name, value)).tokens;
        assert_eq!(params("params", 7.0), Some(7.0));
        assert_eq!(params("Parameter Size(M)", 7000.0), Some(7.0));
        assert_eq!(params("params_b", 7.0), Some(7.0));
        assert_eq!(params("#Params (B)", 7.0), Some(7.0));
        assert_eq!(tokens("Pretraining Dataset Size(B)", 300.0), Some(300.0));
        assert_eq!(tokens("tokens (T)", 2.0), Some(2000.0));
        assert_eq!(tokens("training_tokens_t", 2.0), Some(2000.0));
        for bad in [f64::NAN, 0.0, -3.0, f64::INFINITY] {
            assert_eq!(params("params", bad), None);
        }
        assert_eq!(params("params rank", 7.0), None);
    }

    #[test]
    fn missing_facts_come_from_the_name_and_say_so() {
        let none = Factors::new();
        let named = Facts::new("Qwen/Qwen3-30B-A3B", None, &none);
        let of_name = |value| Some(Fact { value, source: FactSource::Name });
        assert_eq!((named.size(), named.active_size()), (of_name(30.0), of_name(3.0)));
        assert_eq!(named.family_or_named().map(|fact| fact.value).as_deref(), Some("qwen"));
        assert_eq!((named.params, named.active_params, named.family), (None, None, None));
        let exact = factors([("params", Factor::Number(30.532)), ("family", text("Mine"))]);
        let stated = Facts { source: FactSource::Hub, ..Facts::new("Qwen/Qwen3-30B-A3B", None, &exact) };
        let size = stated.size().unwrap();
        assert_eq!(size, Fact { value: 30.532, source: FactSource::Hub });
        assert!(size.is_exact() && !Fact { value: 30.0, ..size }.is_exact());
        assert!(!Fact { source: FactSource::Name, ..size }.is_exact());
        assert_eq!(stated.family_or_named(), Some(Fact { value: "mine".to_owned(), source: FactSource::Hub }));
    }

    #[test]
    fn all_spellings_of_a_family_have_one_key() {
        let key = |name: &str, factor: Factor| Facts::from(&factors([(name, factor)])).family_key();
        for (name, written) in [("family", "Llama 2"), ("Family", " llama 2"), ("FAMILY", "LLAMA 2 ")] {
            assert_eq!(key(name, text(written)).as_deref(), Some("llama 2"));
        }
        assert_eq!(key("family", Factor::Number(4.0)).as_deref(), Some("4"));
        assert_eq!(key("family", Factor::Flag(true)).as_deref(), Some("true"));
        assert_eq!(key("family", text("  ")), None);
    }

    #[test]
    fn the_type_is_as_stated_or_else_follows_from_instruct() {
        let chat = [("instruct", Factor::Flag(true))];
        let base = [("instruct", Factor::Flag(false))];
        let both = [("instruct", Factor::Flag(true)), ("type", text("merge"))];
        assert_eq!(Facts::from(&factors(chat)).model_type, Some("chat"));
        assert_eq!(Facts::from(&factors(base)).model_type, Some("pretrained"));
        assert_eq!(Facts::from(&factors(both)).model_type, Some("merge"));
    }

    #[test]
    fn an_unknown_architecture_is_none() {
        for unknown in ["?", "Unknown", "other", ""] {
            assert_eq!(Facts::from(&factors([("architecture", text(unknown))])).architecture, None);
        }
    }
}
