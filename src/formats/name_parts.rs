//! Words in the name of a column or row that tell of means, of counts and of errors.

use crate::snapshot::{has_words, name_words};

/// Words beside which a word for a mean says nothing more.
const PLAIN: [&str; 26] = [
    "average",
    "averages",
    "avg",
    "mean",
    "overall",
    "total",
    "score",
    "scores",
    "acc",
    "accuracy",
    "global",
    "macro",
    "micro",
    "weighted",
    "unweighted",
    "all",
    "tasks",
    "task",
    "benchmarks",
    "performance",
    "results",
    "result",
    "%",
    "pct",
    "win",
    "rate",
];

pub(super) fn is_average(whole: &str) -> bool {
    let mean = |word: &str| matches!(word, "average" | "averages" | "avg" | "mean" | "overall" | "total");
    whole.split(' ').any(mean) && whole.split(' ').all(|word| PLAIN.contains(&word))
}

/// Whether a name says that it is the mean of part of the tasks: `Math Average`.
pub(super) fn is_part_average(name: &str) -> bool {
    let words = name_words(name);
    ["average", "avg", "mean", "overall"].iter().any(|word| has_words(&words, word))
}

pub(super) fn is_count(words: &str) -> bool {
    let any = |names: &[&str]| names.iter().any(|known| has_words(words, known));
    let first = words.trim_start().split(' ').next().unwrap_or_default();
    any(&[
        "votes",
        "num",
        "battles",
        "matches",
        "attempts",
        "runs",
        "trials",
        "games",
        "n evals",
        "total count",
        "count",
        "counts",
        "subsets",
        "subtasks",
    ]) || (matches!(first, "n" | "#" | "nb" | "number") && words.trim().contains(' '))
}

/// Whether the name of a row says that it is the mean of the others.
pub(super) fn is_average_row(name: &str) -> bool {
    is_average(name_words(name).trim())
}

/// The name of a column without the words for its errors or numbers of items: that of its task, as words.
pub(super) fn target_words(name: &str) -> String {
    const EXTRA: [&str; 24] = [
        "stderr",
        "std",
        "err",
        "standard",
        "error",
        "se",
        "sem",
        "ci",
        "confidence",
        "interval",
        "±",
        "95",
        "pct",
        "90",
        "99",
        "%",
        "n",
        "samples",
        "num",
        "items",
        "count",
        "questions",
        "of",
        "margin",
    ];
    let words = name_words(name);
    let kept: Vec<&str> = words.split(' ').filter(|word| !word.is_empty() && !EXTRA.contains(word)).collect();
    format!(" {} ", kept.join(" "))
}
