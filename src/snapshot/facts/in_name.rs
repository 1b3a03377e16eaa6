//! Facts in the name of a model: its size (`7B`, `8x7B`), its active parameters per token (`A3B`), its family.

use crate::linalg::parse_number;

/// A size as a name states it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SizeInName {
    /// Number of experts of a mixture, 8 for `8x7B`; 1 for other models.
    pub experts: f64,
    /// The number before the unit, 7 for `8x7B`.
    pub number: f64,
    /// The unit in billions: 1 for `B`, 0.001 for `M`.
    pub unit: f64,
}

impl SizeInName {
    /// The parameters of all experts in billions: 56 for `8x7B`. Experts share some of their weights, so this is an
    /// upper bound for a mixture.
    #[must_use]
    pub fn billions(&self) -> f64 {
        self.experts * self.number * self.unit
    }
}

/// The sizes in billions that are accepted from a name. Other numbers mean something else, such as a version.
const SIZES: std::ops::Range<f64> = 0.01..1000.0;

/// The first size that a name states: `7b`, `1.5B`, `8x7b`, `500m`.
#[must_use]
pub fn size_in_name(name: &str) -> Option<SizeInName> {
    find(name, &|part| size(part))
}

/// The first number of active parameters that a name states: 3 billion for `Qwen3-30B-A3B`.
#[must_use]
pub fn active_size_in_name(name: &str) -> Option<SizeInName> {
    find(name, &|part| size(part.strip_prefix('a')?).filter(|size| size.experts == 1.0))
}

/// The first part of a name, in lower case, that `read` accepts as a possible size.
fn find(name: &str, read: &dyn Fn(&str) -> Option<SizeInName>) -> Option<SizeInName> {
    let lower = name.to_ascii_lowercase();
    let mut parts = lower.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.'));
    parts.find_map(|part| read(part).filter(|size| SIZES.contains(&size.billions())))
}

fn size(part: &str) -> Option<SizeInName> {
    let (number, unit) = part.strip_suffix('b').map(|n| (n, 1.0)).or_else(|| Some((part.strip_suffix('m')?, 1e-3)))?;
    let (experts, number) = number.split_once('x').unwrap_or(("1", number));
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !plain(experts) || !plain(number) {
        return None;
    }
    Some(SizeInName { experts: parse_number(experts)?, number: parse_number(number)?, unit })
}

/// Families that are part of the names of their models, in lower case.
const FAMILIES: [&str; 34] = [
    "baichuan",
    "bloom",
    "claude",
    "deepseek",
    "exaone",
    "falcon",
    "galactica",
    "gemini",
    "gemma",
    "glm",
    "gpt",
    "granite",
    "grok",
    "internlm",
    "jamba",
    "llama",
    "mamba",
    "minicpm",
    "ministral",
    "mistral",
    "mixtral",
    "mpt",
    "nemotron",
    "olmo",
    "opt",
    "phi",
    "pythia",
    "qwen",
    "rwkv",
    "smollm",
    "solar",
    "stablelm",
    "starcoder",
    "yi",
];

/// The fewest letters of a family that is found at the end of a word: `llama` in `TinyLlama`, but not `opt` in `Adopt`.
const LONG: usize = 4;

/// The family that a name states: `llama` for `Meta-Llama-3-8B`. Of several families the first one counts, except that
/// a distilled model belongs to the family it was distilled into: `qwen` for `DeepSeek-R1-Distill-Qwen-7B`.
#[must_use]
pub fn family_in_name(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let first = |text: &str| text.split(|c: char| !c.is_ascii_alphabetic()).find_map(family);
    let into = lower.split("distill").nth(1).and_then(first);
    into.or_else(|| first(&lower))
}

fn family(word: &str) -> Option<&'static str> {
    FAMILIES.iter().find(|family| word == **family || (family.len() >= LONG && word.ends_with(**family))).copied()
}

/// Words at the start of a name that are not about its family.
const GENERAL: [&str; 10] =
    ["all", "embed", "embedding", "embeddings", "multi", "multilingual", "paraphrase", "qa", "sentence", "text"];

/// The family of a model by its name alone: a family that is known by its name, else the first word that says anything,
/// in lower case and without the digits of a version: `bge` for `bge-m3`, `wav2vec` for `wav2vec2-base`, `e5` for
/// `multilingual-e5-base`. `None` for a name without letters.
#[must_use]
pub(crate) fn family_stem(name: &str) -> Option<String> {
    if let Some(known) = family_in_name(name) {
        return Some(known.to_owned());
    }
    let lower = name.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| word.contains(char::is_alphabetic));
    let first = words.clone().next()?;
    let word = words.find(|word| !GENERAL.contains(word) && size(word).is_none()).unwrap_or(first);
    let plain = word.trim_end_matches(|c: char| c.is_ascii_digit());
    Some(if plain.chars().nth(1).is_some() { plain } else { word }.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stem_of_a_name_is_a_known_family_or_its_first_word_that_says_anything() {
        for (name, stem) in [
            ("e5-base-v2", "e5"),
            ("multilingual-e5-large", "e5"),
            ("Qwen3-Embedding-0.6B", "qwen"),
            ("gte-Qwen2-7B-instruct", "qwen"),
            ("bge-m3", "bge"),
            ("all-MiniLM-L6-v2", "minilm"),
            ("sentence-t5-base", "t5"),
            ("wav2vec2-base", "wav2vec"),
            ("Seed1.5-Embedding", "seed"),
            ("bert_uncased_L-12", "bert"),
            ("7b-Ärger-2", "ärger"),
            ("text-embedding-3", "text"),
            ("7B", "7b"),
        ] {
            assert_eq!(family_stem(name).as_deref(), Some(stem), "{name}");
        }
        assert_eq!(["", "3.5", "-_-"].map(family_stem), [None, None, None]);
    }

    #[test]
    fn a_size_is_read_where_the_name_states_one() {
        let of = |name: &str| size_in_name(name).map(|size| size.billions());
        for (name, size) in [
            ("Qwen2.5-14B-Instruct", 14.0),
            ("Mixtral-8x7B-v0.1", 56.0),
            ("SmolLM-135M", 0.135),
            ("Qwen3-30B-A3B", 30.0),
            ("a-5000B-7b", 7.0),
        ] {
            assert_eq!(of(name), Some(size), "{name}");
        }
        for name in ["phi-4", "b", "Llama", "x8b", "bb", "Qwen1.5-MoE-A2.7B", "8x", "1..b"] {
            assert_eq!(of(name), None, "{name}");
        }
    }

    #[test]
    fn active_parameters_follow_an_a() {
        let of = |name: &str| active_size_in_name(name).map(|size| size.billions());
        assert_eq!(of("Qwen3-30B-A3B-Instruct"), Some(3.0));
        assert_eq!(of("Qwen1.5-MoE-A2.7B"), Some(2.7));
        assert_eq!(of("granite-3.0-3b-a800m"), Some(0.8));
        assert_eq!(["Qwen2.5-14B", "Mixtral-8x7B", "x-a8x7b", "alpha-ab"].map(of), [None; 4]);
    }

    #[test]
    fn a_known_family_is_found_in_a_name() {
        for (name, family) in [
            ("Meta-Llama-3-8B", "llama"),
            ("Qwen2.5-7B-Instruct", "qwen"),
            ("TinyLlama-1.1B", "llama"),
            ("CodeQwen1.5-7B", "qwen"),
            ("Llama-3.1-Nemotron-70B", "llama"),
            ("DeepSeek-R1-Distill-Qwen-7B", "qwen"),
            ("DeepSeek-V3", "deepseek"),
            ("distilled-gemma", "gemma"),
            ("opt-125m", "opt"),
        ] {
            assert_eq!(family_in_name(name), Some(family), "{name}");
        }
        assert_eq!(["Adopt-7B", "MyModel", "", "Philosopher"].map(family_in_name), [None; 4]);
    }
}
