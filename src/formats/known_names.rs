//! Names that are known to be of benchmarks or of models. They tell on which side of a table the models stand where its
//! header does not.

use crate::snapshot::{family_in_name, name_words, size_in_name};

/// Words in names of benchmarks.
const BENCHMARKS: [&str; 77] = [
    "mmlu",
    "mmmlu",
    "cmmlu",
    "kmmlu",
    "ceval",
    "agieval",
    "gsm8k",
    "gsm",
    "mgsm",
    "math",
    "math500",
    "aime",
    "aime24",
    "aime25",
    "hmmt",
    "gpqa",
    "arc",
    "arce",
    "arcc",
    "hellaswag",
    "winogrande",
    "truthfulqa",
    "piqa",
    "siqa",
    "boolq",
    "openbookqa",
    "obqa",
    "commonsenseqa",
    "csqa",
    "triviaqa",
    "nq",
    "naturalqs",
    "squad",
    "drop",
    "race",
    "lambada",
    "copa",
    "xcopa",
    "rte",
    "mnli",
    "cola",
    "sst2",
    "glue",
    "superglue",
    "bbh",
    "bigbench",
    "musr",
    "ifeval",
    "ifbench",
    "humaneval",
    "mbpp",
    "evalplus",
    "livecodebench",
    "bigcodebench",
    "livebench",
    "swebench",
    "swe",
    "bfcl",
    "ruler",
    "hle",
    "simpleqa",
    "mmmu",
    "mathvista",
    "docvqa",
    "chartqa",
    "medqa",
    "medmcqa",
    "pubmedqa",
    "wikitext",
    "zebralogic",
    "alpacaeval",
    "arenahard",
    "mtbench",
    "aider",
    "longbench",
    "toxigen",
    "bbq",
];

/// What a name is known to be of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Known {
    Benchmark,
    Model,
}

/// What a name is of, if it is known. A model of a family may be named for a benchmark's subject, as `Qwen2-Math-7B` is.
pub(super) fn known(name: &str) -> Option<Known> {
    let name = name.trim();
    let words = name_words(name);
    let mut words = words.split(' ').filter(|word| !word.is_empty());
    let is_benchmark = |word: &str| BENCHMARKS.contains(&word);
    let first = words.next().unwrap_or_default();
    let is_id = name.matches('/').count() == 1 && !name.contains(' ');
    if is_benchmark(first) {
        Some(Known::Benchmark)
    } else if is_id
        || size_in_name(name).is_some()
        || family_in_name(name).is_some()
        || ["o1", "o3", "o4", "chatgpt"].contains(&first)
    {
        Some(Known::Model)
    } else {
        words.any(is_benchmark).then_some(Known::Benchmark)
    }
}

/// How far names speak for models (above 0) or for benchmarks (below 0).
pub(super) fn balance<'a>(names: impl Iterator<Item = &'a str>) -> i64 {
    names.filter_map(known).map(|known| if known == Known::Model { 1 } else { -1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_benchmarks_and_models_are_told_apart() {
        for name in
            ["MMLU", "MMLU-Pro", "GSM8K (8-shot)", "ARC-c", "SWE-bench Verified", "MATH (4-shot)", "Hard BBH", "BBH"]
        {
            assert_eq!(known(name), Some(Known::Benchmark), "{name}");
        }
        for name in [
            "GPT-4",
            "gpt-4o",
            "Claude",
            "Llama 3 8B",
            "Qwen2.5-72B",
            "phi3",
            "o1-mini",
            "org/a",
            "Qwen2-Math-7B",
            "SmolLM2-1.7B",
            "x-7b",
            "Mixtral 8x7B",
        ] {
            assert_eq!(known(name), Some(Known::Model), "{name}");
        }
        for name in ["a", "Total", "General Tasks", "option", "phishing", "that and/or this"] {
            assert_eq!(known(name), None, "{name}");
        }
        assert_eq!(balance(["GPT-4", "Claude", "x", "MMLU"].into_iter()), 1);
    }
}
