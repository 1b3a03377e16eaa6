//! Configurations: names that state how a model was stored or run besides the model itself, such as `gpt-5 (high)`,
//! `claude-3-7-sonnet_16K` or `Qwen2.5-7B-AWQ`. Their results are those of the model under other conditions.

use super::packing::{Packing, unpacked};
use super::spelling::{is_amount, is_too_general, key, parts};

/// What a configuration states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// How the weights are stored: a quantisation, a file format, or floats of other precision.
    Packing,
    /// The reasoning effort: `-high`, ` (medium effort)`.
    Effort,
    /// Whether and how long the model thinks, or another parameter of the run: `-thinking-64k`, `(temperature=1)`.
    Thinking,
}

/// Words for an effort. `max` is one only in brackets and before `effort`, since models have the name.
const EFFORTS: [&str; 7] = ["minimal", "low", "medium", "high", "xhigh", "none", "max"];

/// Words in brackets that state parameters of a run.
const IN_BRACKETS: [&str; 18] = [
    "effort",
    "thinking",
    "think",
    "reasoning",
    "nothinking",
    "non",
    "no",
    "with",
    "without",
    "w",
    "token",
    "tokens",
    "budget",
    "temperature",
    "temp",
    "length",
    "extended",
    "adaptive",
];

/// Words of those that state a parameter by themselves.
const TELLING: [&str; 6] = ["thinking", "think", "reasoning", "nothinking", "temperature", "temp"];

/// The first letters of models whose effort is a setting. Of other models `-medium` may be a size.
const REASONERS: [&str; 10] =
    ["claude-", "gemini-2.5", "gemini-3", "gpt-5", "gpt-oss", "grok-", "openai-o", "o1", "o3", "o4"];

/// The most settings that are cut from one name.
const MOST: usize = 4;

/// The model of which a name states a configuration, and what it states; `None` for other names. The model is named with
/// the account of the configuration. Whether there is a model of that name is for the caller to find out: `-high` may
/// also be a part of a model's own name.
#[must_use]
pub fn configuration_of(id: &str) -> Option<(String, Setting)> {
    let (mut rest, first) = without_one(id)?;
    for _ in 1..MOST {
        match without_one(rest) {
            Some((shorter, _)) => rest = shorter,
            None => break,
        }
    }
    Some((rest.to_owned(), first))
}

/// An id without the last setting that it states.
pub(super) fn without_one(id: &str) -> Option<(&str, Setting)> {
    let id = id.trim();
    let name = parts(id).1;
    let shorter = without_setting(name).or_else(|| {
        let (rest, packing) = unpacked(name);
        (packing != Packing::Unstated).then_some((rest, Setting::Packing))
    });
    let (rest, setting) = shorter?;
    let rest = rest.trim_end_matches(['-', '_', ' ']);
    let plain = key(rest);
    let plausible =
        plain.len() > 1 && plain.contains(char::is_alphabetic) && (plain.len() == 2 || !is_too_general(&plain));
    plausible.then(|| (&id[..id.len() - name.len() + rest.len()], setting))
}

fn without_setting(name: &str) -> Option<(&str, Setting)> {
    if let Some((rest, inside)) = name.strip_suffix(')').and_then(|name| name.rsplit_once('(')) {
        return Some((rest, in_brackets(&inside.to_ascii_lowercase())?));
    }
    if let Some(at) = name.rfind([':', '@']) {
        let word = name[at + 1..].to_ascii_lowercase();
        let setting = if word == "thinking" || (name.as_bytes()[at] == b'@' && is_amount(&word)) {
            Setting::Thinking
        } else if EFFORTS.contains(&&*word) {
            Setting::Effort
        } else {
            return None;
        };
        return Some((&name[..at], setting));
    }
    let lower = name.to_ascii_lowercase(); // as long as the name
    let (at, word) = last(&lower)?;
    let before = last(&lower[..at]);
    let reasons = || REASONERS.iter().any(|start| key(&lower).starts_with(start));
    let (length, setting) = match (before, word) {
        (Some((start, effort)), "effort") if EFFORTS.contains(&effort) => (start, Setting::Effort),
        (_, "minimal" | "low" | "medium" | "high" | "xhigh" | "none") if reasons() => (at, Setting::Effort),
        (Some((start, "no" | "non")), "thinking" | "think") => (start, Setting::Thinking),
        (_, "nothinking" | "nothink") => (at, Setting::Thinking),
        // Other models with this word are models of their own.
        (_, "thinking") if ["claude-", "deepseek-v3"].iter().any(|start| key(&lower).starts_with(start)) => {
            (at, Setting::Thinking)
        }
        (Some((start, "thinking")), word) if is_amount(word) => (start, Setting::Thinking),
        (_, word) if is_amount(word) && lower.as_bytes()[at] == b'_' && reasons() => (at, Setting::Thinking),
        _ => return None,
    };
    Some((&name[..length], setting))
}

/// The last word and where its separator is.
fn last(text: &str) -> Option<(usize, &str)> {
    let at = text.rfind(['-', '_', ' '])?;
    Some((at, &text[at + 1..]))
}

/// What the text in brackets states, if all of its words are about settings.
fn in_brackets(text: &str) -> Option<Setting> {
    let mut found = None;
    for word in text.split([' ', ',', '-', '_', '/', ';', ':']).filter(|word| !word.is_empty()) {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let effort = EFFORTS.contains(&name) || value.is_some_and(|value| EFFORTS.contains(&value));
        if effort {
            found = Some(Setting::Effort);
        } else if TELLING.contains(&name) || is_amount(name) {
            found = found.or(Some(Setting::Thinking));
        }
        if !effort && !is_amount(name) && !IN_BRACKETS.contains(&name) {
            return None;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_configuration_names_its_model() {
        for (id, model, setting) in [
            ("o3-mini (high)", "o3-mini", Setting::Effort),
            ("o3-mini-high", "o3-mini", Setting::Effort),
            ("openai/o1-2024-12-17_low", "openai/o1-2024-12-17", Setting::Effort),
            ("gpt-5.1_medium", "gpt-5.1", Setting::Effort),
            ("GPT 5.2 (xhigh)", "GPT 5.2", Setting::Effort),
            ("Mistral Medium (medium effort)", "Mistral Medium", Setting::Effort),
            ("claude-opus-4-5-20251101-thinking-64k-high-effort", "claude-opus-4-5-20251101", Setting::Effort),
            ("claude-opus-4-6 (max)", "claude-opus-4-6", Setting::Effort),
            ("o1-2024-12-17 (temperature=1, reasoning=high)", "o1-2024-12-17", Setting::Effort),
            ("o1-Mini-2024-09-12 (temperature=1)", "o1-Mini-2024-09-12", Setting::Thinking),
            ("QwQ-32B (w/ Reasoning, 64k tokens, temperature=0.6)", "QwQ-32B", Setting::Thinking),
            ("claude-3-7-sonnet-20250219_16K", "claude-3-7-sonnet-20250219", Setting::Thinking),
            ("Claude Opus 4 (thinking-16k)", "Claude Opus 4", Setting::Thinking),
            ("Claude Opus 4 (64k thinking)", "Claude Opus 4", Setting::Thinking),
            ("anthropic/claude-3.7-sonnet:thinking", "anthropic/claude-3.7-sonnet", Setting::Thinking),
            ("claude-3.7@16k", "claude-3.7", Setting::Thinking),
            ("claude-3-7-sonnet-thinking-64k", "claude-3-7-sonnet", Setting::Thinking),
            ("Qwen3-235B-A22B-no-thinking", "Qwen3-235B-A22B", Setting::Thinking),
            ("qwen3-8b-nothinking", "qwen3-8b", Setting::Thinking),
            ("o3 (high)", "o3", Setting::Effort),
            ("TheBloke/Llama-2-7B-GPTQ", "TheBloke/Llama-2-7B", Setting::Packing),
            ("Meta-Llama-3.1-405B-Instruct-fp8", "Meta-Llama-3.1-405B-Instruct", Setting::Packing),
            ("openai/gpt-oss-120b-MXFP4_high", "openai/gpt-oss-120b", Setting::Effort),
            ("hf/x-7b-GGUF:Q4_K_M", "hf/x-7b", Setting::Packing),
        ] {
            assert_eq!(configuration_of(id), Some((model.to_owned(), setting)), "{id}");
        }
    }

    #[test]
    fn models_of_their_own_are_no_configurations() {
        for id in [
            "Qwen/Qwen3-30B-A3B-Thinking-2507",
            "Qwen/Qwen3-Next-80B-A3B-Thinking",
            "kimi-k2-thinking",
            "microsoft/Phi-3-mini-128k-instruct",
            "openai-community/gpt2-medium",
            "VAGOsolutions/SauerkrautLM-Phi-3-medium",
            "Mistral Medium",
            "qwen-max",
            "Qwen2.5-Max",
            "01-ai/Yi-34B-200K",
            "speechless_16k",
            "ChatGPT-4o-latest (2025-03-26)",
            "Claude 3.5 Sonnet (20241022)",
            "GPT-3.5 Turbo (0125)",
            "GPT-4 (May 2023)",
            "Command R+ (08-2024)",
            "Chinchilla (70B)",
            "GLaM (MoE)",
            "Gemini 2.5 Pro (GA)",
            "x ()",
            "gpt-4o-2024-11-20",
            "amazon.nova-pro-v1:0",
            "high",
            "-high",
            "a/-high",
            "(high)",
            "model-GGUF",
            "",
            "ä (ö)",
            "Microsoft/Phi-4-reasoning",
        ] {
            assert_eq!(configuration_of(id), None, "{id}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_id_panics(id in "\\PC{0,24}", end in "[-_ (,:@)äokhigthnmedu16=]{0,20}") {
            let id = id + &end;
            if let Some((rest, _)) = configuration_of(&id) {
                prop_assert!(rest.len() < id.len() && id.trim().starts_with(&rest));
            }
        }
    }
}
