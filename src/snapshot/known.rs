//! Facts whose meaning is known: how their names and values are spelt, and the unit that amounts are kept in.
//!
//! Data and requests go through the same functions, so that `fine tuned` in a table and `Finetuned` in a request are one.

use super::{Date, Factor, Factors, Model};
use crate::error::{Error, Result};
use crate::linalg::{parse_number, print_number};

/// What the values of a known fact are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactKind {
    /// An amount in billions, above 0.
    Amount,
    /// Yes or no.
    Flag,
    /// A day.
    Day,
    /// A word.
    Word,
}

/// The facts that are understood by name, beside `name` and `date`, with what stands for them in requests that mean them.
const KNOWN: [(&str, FactKind, &[&str]); 12] = [
    (
        "params",
        FactKind::Amount,
        &[
            "size",
            "param",
            "parm",
            "parms",
            "parameter",
            "parameters",
            "modelsize",
            "nparams",
            "numparams",
            "paramcount",
            "parametercount",
            "parametersize",
        ],
    ),
    ("tokens", FactKind::Amount, &["token", "trainingtokens", "pretrainingtokens", "numtokens", "ntokens"]),
    ("type", FactKind::Word, &["types", "kind", "modeltype"]),
    ("instruct", FactKind::Flag, &["isinstruct", "instructed", "instruction"]),
    ("family", FactKind::Word, &["families", "modelfamily"]),
    ("architecture", FactKind::Word, &["arch", "architectures"]),
    ("precision", FactKind::Word, &["dtype", "torchdtype"]),
    ("weight_type", FactKind::Word, &["weights", "weightstype"]),
    ("chat_template", FactKind::Flag, &["template", "haschattemplate"]),
    ("merged", FactKind::Flag, &["ismerged", "ismerge"]),
    ("moe", FactKind::Flag, &["ismoe"]),
    ("upload_date", FactKind::Day, &["uploaded"]),
];

/// The names under which data give the parameters and the training tokens; a unit may follow.
const PARAMS: [&str; 4] = ["params", "parameters", "parametersize", "modelsize"];
const TOKENS: [&str; 4] = ["tokens", "pretrainingtokens", "trainingtokens", "pretrainingdatasetsize"];

/// A bare number above this is a count, not billions: no model has 100 trillion parameters or as many billions of tokens.
const COUNTS_FROM: f64 = 1e5;

/// The names of the facts that are understood, for messages and help.
pub fn known_facts() -> impl Iterator<Item = &'static str> {
    KNOWN.into_iter().map(|(name, ..)| name)
}

/// A known fact by its name, whatever its case and signs (`Chat-Template`).
#[must_use]
pub fn known_fact(name: &str) -> Option<(&'static str, FactKind)> {
    let plain = plain(name);
    KNOWN.into_iter().find(|(known, ..)| same(known, &plain)).map(|(name, kind, _)| (name, kind))
}

/// The fact that is meant by a name which is none: `params` by `size`.
#[must_use]
pub fn meant_fact(name: &str) -> Option<&'static str> {
    let plain = plain(name);
    let others: [(&str, &[&str]); 2] = [
        ("date", &["day", "release", "released", "releasedate", "created", "createdat"]),
        ("name", &["id", "model", "modelid", "modelname"]),
    ];
    let known = KNOWN.into_iter().map(|(name, _, meant)| (name, meant));
    known.chain(others).find(|(_, meant)| meant.contains(&plain.as_str())).map(|(name, _)| name)
}

/// The one word for a type of model: `fine-tuned` for `Finetuned`, `🔶 fine-tuned on domain-specific datasets` and `sft`,
/// `chat` for `instruct`, `pretrained` for `base`. `None` for what is no known type.
#[must_use]
pub fn canonical_type(text: &str) -> Option<&'static str> {
    let plain: String = text.to_lowercase().chars().filter(char::is_ascii_alphabetic).collect();
    let whole = match plain.as_str() {
        "base" | "basemodel" | "foundation" | "foundationmodel" => "pretrained",
        "it" | "ift" | "rlhf" | "dpo" => "chat",
        "sft" | "ft" | "finetune" | "finetuning" => "fine-tuned",
        "moerge" => "merge",
        "other" => "other",
        _ => "",
    };
    let parts = [
        ("continuouslypretrained", "continuously pretrained"),
        ("continuallypretrained", "continuously pretrained"),
        ("continuedpretrain", "continuously pretrained"),
        ("continuouspretrain", "continuously pretrained"),
        ("pretrained", "pretrained"),
        ("instruct", "chat"),
        ("finetuned", "fine-tuned"),
        ("chat", "chat"),
        ("merge", "merge"),
        ("multimodal", "multimodal"),
    ];
    let found = parts.into_iter().find(|(part, _)| plain.contains(part)).map(|(_, word)| word);
    if whole.is_empty() { found } else { Some(whole) }
}

/// The spelling that a known fact's word is kept in; `None` where it stays as it is.
#[must_use]
pub fn canonical_word(fact: &str, text: &str) -> Option<&'static str> {
    let any = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match fact {
        "type" => canonical_type(text),
        "precision" if any(&["bf16", "bfloat16"]) => Some("bfloat16"),
        "precision" if any(&["fp16", "f16", "float16", "half"]) => Some("float16"),
        "weight_type" if any(&["original"]) => Some("Original"),
        "weight_type" if any(&["adapter"]) => Some("Adapter"),
        "weight_type" if any(&["delta"]) => Some("Delta"),
        _ => None,
    }
}

/// An amount in billions: `8`, `8B`, `8.03e9`, `8030261248`, `500M`, `15 T`, `7.6 billion`. A bare number is billions up to
/// 100,000 and a count above. `None` for what is no amount above 0.
#[must_use]
pub fn parse_amount(text: &str) -> Option<f64> {
    let text = text.trim();
    let end = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let (digits, unit) = (end.trim_end(), &text[end.len()..]);
    let value = parse_number(digits).filter(|value| value.is_finite() && *value > 0.0)?;
    let billions = if unit.is_empty() { in_billions(value) } else { value * unit_in_billions(unit)? };
    POSSIBLE.contains(&billions).then_some(billions)
}

/// Billions that an amount may be: from one parameter to a million billions.
const POSSIBLE: std::ops::RangeInclusive<f64> = 1e-9..=1e6;

/// A bare number as billions.
fn in_billions(value: f64) -> f64 {
    if value > COUNTS_FROM { value / 1e9 } else { value }
}

fn unit_in_billions(word: &str) -> Option<f64> {
    let is = |words: &[&str]| words.iter().any(|known| word.eq_ignore_ascii_case(known));
    if is(&["b", "bn", "billion", "billions"]) {
        Some(1.0)
    } else if is(&["m", "million", "millions"]) {
        Some(1e-3)
    } else if is(&["t", "trillion", "trillions"]) {
        Some(1e3)
    } else if is(&["k", "thousand", "thousands"]) {
        Some(1e-6)
    } else {
        None
    }
}

/// The parameters of a model in billions: `params`, `Parameter Size(M)`, `params_b` and the like.
#[must_use]
pub fn parameters_of(factors: &Factors) -> Option<f64> {
    find_amount(factors, &PARAMS)
}

/// The tokens of its pre-training in billions: `tokens`, `tokens_t`, `Pretraining Dataset Size(B)` and the like.
#[must_use]
pub fn tokens_of(factors: &Factors) -> Option<f64> {
    find_amount(factors, &TOKENS)
}

fn find_amount(factors: &Factors, names: &[&str]) -> Option<f64> {
    factors.iter().find_map(|(name, factor)| match factor {
        Factor::Number(value) if value.is_finite() && *value > 0.0 => {
            let unit = unit_of(name, names)?;
            // Numbers under the plain names are billions since the data were read.
            Some(value * unit.unwrap_or(1.0))
        }
        _ => None,
    })
}

/// The unit that a name of one of these amounts states; `None` outside where it names none of them.
fn unit_of(name: &str, names: &[&str]) -> Option<Option<f64>> {
    let whole = plain(name);
    if names.contains(&whole.as_str()) {
        return Some(None);
    }
    let name = name.trim_end().trim_end_matches(')');
    let (stem, unit) = name.rsplit_once(['(', '_', ' '])?;
    let unit = unit_in_billions(unit.trim())?;
    names.contains(&plain(stem).as_str()).then_some(Some(unit))
}

/// Whether the factors under this name are parameters or training tokens in billions, or in the unit that is given back.
pub(crate) fn is_amount(name: &str) -> Option<Option<f64>> {
    unit_of(name, &PARAMS).or_else(|| unit_of(name, &TOKENS))
}

/// Gives the factors of a model that was read the names, words and units that are known here. A size of 0 or less stands for
/// one that nobody knows.
pub(crate) fn settle(factors: &mut Factors) {
    for (known, kind, _) in KNOWN {
        let other = |name: &&String| name.as_str() != known && same(known, &plain(name));
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

/// The type of a model: what `type` says, else what `instruct` says.
#[must_use]
pub fn type_of(factors: &Factors) -> Option<&str> {
    match (factors.get("type"), factors.get("instruct")) {
        (Some(Factor::Text(text)), _) => Some(text),
        (_, Some(Factor::Flag(instruct))) => Some(if *instruct { "chat" } else { "pretrained" }),
        _ => None,
    }
}

/// Puts the facts of a request in the terms of these models: amounts in billions, and where the models have `instruct` and
/// no `type`, `type=chat` as `instruct=true`, and the reverse.
///
/// # Errors
/// If an amount is not above 0.
pub fn in_terms_of(models: &[Model], factors: &mut Factors) -> Result<()> {
    for name in ["params", "tokens"] {
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

/// The day that a text states; a time of day after it is ignored.
#[must_use]
pub fn parse_day(text: &str) -> Option<Date> {
    text.get(..10).unwrap_or(text).parse().ok()
}

/// A name in small letters and digits alone.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn same(known: &str, plain: &str) -> bool {
    known.bytes().filter(|&byte| byte != b'_').eq(plain.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_billions_however_it_is_written() {
        for (text, billions) in [
            ("8B", 8.0),
            ("8 b", 8.0),
            ("8", 8.0),
            ("0.5", 0.5),
            ("8.03e9", 8.03),
            ("8030261248", 8.030_261_248),
            ("500M", 0.5),
            ("500 million", 0.5),
            ("15T", 15_000.0),
            ("15e12", 15_000.0),
            ("15000", 15_000.0),
            ("135000K", 0.135),
        ] {
            let read = parse_amount(text).unwrap();
            assert!((read / billions - 1.0).abs() < 1e-9, "{text} {read}");
        }
        for text in ["", "-8", "0", "0B", "8x", "B", "inf", "nan", "1e999", "8 GB", "8B B", "1e39", "1e-30"] {
            assert_eq!(parse_amount(text), None, "{text}");
        }
    }

    #[test]
    fn types_that_are_one_have_one_word() {
        for (word, spellings) in [
            ("fine-tuned", &["fine-tuned", "finetuned", "Fine-tuned", "fine tuned", "fine_tuned", "SFT"][..]),
            (
                "chat",
                &[
                    "chat",
                    "instruct",
                    "Instruction-tuned",
                    "💬 chat models (RLHF, DPO, IFT, ...)",
                    "instruct fine-tuned",
                ],
            ),
            ("pretrained", &["pretrained", "base", "🟢 pretrained", "Base model", "pre-trained"]),
            (
                "continuously pretrained",
                &["continuously-pretrained", "continued pretraining", "🟩 continuously pretrained"],
            ),
            ("merge", &["merge", "merged", "basemergesandmoerges", "🤝 base merges and moerges"]),
            ("other", &["❓ other", "other"]),
        ] {
            spellings.iter().for_each(|spelling| assert_eq!(canonical_type(spelling), Some(word), "{spelling}"));
        }
        assert_eq!(canonical_type("reward model"), None);
    }

    #[test]
    fn what_the_data_call_a_fact_is_settled_once() {
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
    fn amounts_are_found_in_the_unit_that_their_name_states() {
        let of = |name: &str, value: f64| Factors::from([(name.to_owned(), Factor::Number(value))]);
        assert_eq!(parameters_of(&of("params", 7.0)), Some(7.0));
        assert_eq!(parameters_of(&of("Parameter Size(M)", 7000.0)), Some(7.0));
        assert_eq!(parameters_of(&of("params_b", 7.0)), Some(7.0));
        assert_eq!(parameters_of(&of("#Params (B)", 7.0)), Some(7.0));
        assert_eq!(tokens_of(&of("Pretraining Dataset Size(B)", 300.0)), Some(300.0));
        assert_eq!(tokens_of(&of("tokens (T)", 2.0)), Some(2000.0));
        assert_eq!(tokens_of(&of("training_tokens_t", 2.0)), Some(2000.0));
        for bad in [f64::NAN, 0.0, -3.0, f64::INFINITY] {
            assert_eq!(parameters_of(&of("params", bad)), None);
        }
        assert_eq!(parameters_of(&of("params rank", 7.0)), None);
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
