//! What is known of a metric by its name: its direction, its range, and whether it measures quality at all.

use super::{Declared, Range};

/// What is known of a metric or benchmark by its name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MetricFacts {
    /// Whether a lower value is better.
    pub lower_is_better: bool,
    /// Whether it measures quality. A share of stereotypes, a speed or a count does not.
    pub is_quality: bool,
    /// Its range, if the name tells it.
    pub range: Declared,
    /// Whether it may exceed the whole, as a word error rate does.
    pub may_exceed: bool,
}

/// Metrics of which less is better, beside the unbounded ones: words in a row.
const LOWER: [&str; 20] = [
    "wer",
    "cer",
    "word error rate",
    "character error rate",
    "error rate",
    "mape",
    "brier",
    "ece",
    "eer",
    "calibration error",
    "edit distance",
    "levenshtein",
    "hallucination rate",
    "hallucinations %",
    "failure rate",
    "violation rate",
    "harmful rate",
    "attack success rate",
    "lower is better",
    "less is better",
];

/// Metrics of which less is better if they are the last word of a name, as of `top-1 error`. Elsewhere they mean something
/// else: error correction.
const LOWER_AT_END: [&str; 4] = ["error", "fid", "ter", "der"];

/// The Fréchet inception distance, which has no upper end either.
const DISTANCE: &str = "fid";

/// Errors without an upper end, of which less is better: words in a row. They stay in their own units.
const UNBOUNDED: [&str; 16] = [
    "perplexity",
    "ppl",
    "bpb",
    "bpc",
    "bits per byte",
    "bits per character",
    "loss",
    "nll",
    "negative log likelihood",
    "cross entropy",
    "mae",
    "mse",
    "rmse",
    "absolute error",
    "squared error",
    "crps",
];

/// Rates of errors that may exceed the whole, since a model may add words: words in a row.
const BEYOND_WHOLE: [&str; 6] = ["wer", "cer", "ter", "der", "word error rate", "character error rate"];

/// Metrics that don't measure quality: words in a row.
const NO_QUALITY: [&str; 33] = [
    "pct stereotype",
    "stereotype",
    "stereotypes",
    "likelihood diff",
    "toxicity",
    "toxic",
    "toxic fraction",
    "representation",
    "words per sec",
    "tokens per sec",
    "tokens per second",
    "tok s",
    "inference time",
    "evaluation time",
    "latency",
    "throughput",
    "runtime",
    "ttft",
    "co2",
    "emissions",
    "sample len",
    "sample count",
    "num prompt tokens",
    "num output tokens",
    "num completion tokens",
    "prompt tokens",
    "avg length",
    "average length",
    "mean length",
    "summary length",
    "response length",
    "output length",
    "avg tokens",
];

/// Metrics without bounds: words in a row.
const OPEN: [&str; 8] = ["elo", "rating", "arena score", "dollars", "usd", "money", "p mrr", "trueskill"];

/// Metrics from -1 to 1: words in a row.
const CORRELATIONS: [&str; 9] =
    ["spearman", "spearmanr", "pearson", "pearsonr", "kendall", "kendalltau", "mcc", "matthews", "kappa"];

const CORRELATION: Range = Range { low: -1.0, high: 1.0 };

/// What is known of a metric by its name, such as `word_perplexity` or `cosine_spearman`.
#[must_use]
pub fn metric_facts(name: &str) -> MetricFacts {
    let words = name_words(name);
    let any = |list: &[&str]| list.iter().any(|known| has_words(&words, known));
    let last = words.split(' ').rfind(|word| !matches!(*word, "" | "%"));
    let at_end =
        last.is_some_and(|last| LOWER_AT_END.contains(&last)) || words.trim_matches([' ', '#', '%']) == "errors";
    let unbounded = any(&UNBOUNDED);
    let lower_is_better = arrow(name).unwrap_or_else(|| at_end || unbounded || any(&LOWER));
    let range = if any(&OPEN) || (lower_is_better && (unbounded || has_words(&words, DISTANCE))) {
        Declared::Open
    } else if any(&CORRELATIONS) {
        Declared::Range(CORRELATION)
    } else {
        Declared::Nothing
    };
    let may_exceed = lower_is_better && any(&BEYOND_WHOLE);
    MetricFacts { lower_is_better, is_quality: !any(&NO_QUALITY), range, may_exceed }
}

/// Whether an arrow in a name says that less is better (`WER ↓`); `None` without an arrow.
pub(crate) fn arrow(name: &str) -> Option<bool> {
    if name.contains(['↓', '⬇', '🔽']) {
        return Some(true);
    }
    name.contains(['↑', '⬆', '🔼']).then_some(false)
}

/// The words of a name in lower case, with one space before and after each: ` mmlu std err `. The marks `#`, `$`, `%`
/// and `±` are words.
#[must_use]
pub(crate) fn name_words(name: &str) -> String {
    let mut words = String::from(" ");
    for c in name.chars() {
        if c.is_alphanumeric() {
            words.push(c.to_ascii_lowercase());
        } else if matches!(c, '#' | '$' | '%' | '±') {
            if !words.ends_with(' ') {
                words.push(' ');
            }
            words.push(c);
            words.push(' ');
        } else if !words.ends_with(' ') {
            words.push(' ');
        }
    }
    if !words.ends_with(' ') {
        words.push(' ');
    }
    words
}

/// Whether these words stand side by side among the words of a name, as from [`name_words`].
pub(crate) fn has_words(words: &str, known: &str) -> bool {
    let mut rest = words;
    while let Some(at) = rest.find(known) {
        let end = at + known.len();
        if rest[..at].ends_with(' ') && rest[end..].starts_with(' ') {
            return true;
        }
        let Some(next) = rest.get(at + 1..) else { return false };
        rest = next;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_direction() {
        for name in [
            "wer",
            "word_perplexity",
            "Bits per byte",
            "asr/WER",
            "OmniDocBench (edit distance)",
            "val loss",
            "error",
            "Errors",
            "top-1 error (%)",
            "Failure rate",
            "Violation rate",
            "harmful_rate",
            "Hallucinations (%)",
            "hallucination_rate",
            "FID",
            "asr/TER",
            "DER (%)",
            "CRPS",
        ] {
            assert!(metric_facts(name).lower_is_better, "{name}");
        }
        assert!(!metric_facts("1 - WER ↑").lower_is_better && metric_facts("AMI ⬇️").lower_is_better);
        for name in [
            "acc",
            "flower",
            "answer",
            "lossless",
            "power",
            "error correction",
            "MMLU",
            "object_counting",
            "Der Test",
            "find errors",
        ] {
            assert!(!metric_facts(name).lower_is_better, "{name}");
        }
    }

    #[test]
    fn some_metrics_measure_no_quality() {
        for name in
            ["pct_stereotype", "likelihood_diff", "toxicity", "avg_words_per_sec", "Denoised inference time (s)"]
        {
            assert!(!metric_facts(name).is_quality, "{name}");
        }
        assert!(metric_facts("intoxicated").is_quality && metric_facts("acc_norm").is_quality);
    }

    #[test]
    fn names_tell_ranges_without_percent() {
        assert_eq!(metric_facts("cosine_spearman").range, Declared::Range(CORRELATION));
        assert_eq!(metric_facts("Chatbot Arena Elo").range, Declared::Open);
        assert_eq!(metric_facts("elongation").range, Declared::Nothing);
        for name in ["word_perplexity", "wikitext (ppl)", "MSE", "val loss"] {
            assert_eq!(metric_facts(name).range, Declared::Open, "{name}");
        }
        assert!(metric_facts("asr/WER").may_exceed && !metric_facts("error rate").may_exceed);
    }

    #[test]
    fn words_are_split_at_marks() {
        assert_eq!(name_words("#Params (B)"), " # params b ");
        assert_eq!(name_words("MMLU_stderr"), " mmlu stderr ");
        assert_eq!(name_words("⬆️"), " ");
    }
}
