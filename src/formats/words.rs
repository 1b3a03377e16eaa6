//! What the name of a column says about it. The names decide together with the contents ([`super::roles`]): a column of
//! scores is a task even if it is called `Reasoning`.

use super::name_parts::{is_average, is_count};
use crate::snapshot::{FactKind, data_fact, has_words, name_words};

/// What the name of a column says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sense {
    /// The models, with a priority: 0 for the best name.
    Model(u8),
    /// The tasks.
    Task,
    /// A mean over tasks.
    Average,
    /// A place in an order.
    Rank,
    /// A row number.
    Index,
    /// A number of votes, questions or runs; `true` if it may be the number of items of a score.
    Count(bool),
    /// Money.
    Cost,
    /// A time, speed or use of resources.
    Effort,
    /// Standard errors or intervals.
    Error,
    /// Standard deviations over something unknown.
    Deviation,
    Link,
    Licence,
    /// Days; `true` if it is the day of the model itself.
    Date(bool),
    /// The models from which the model was made.
    Parents,
    Description,
    /// Hearts or downloads, which are known only after an evaluation.
    Popularity,
    /// A known fact, under this name.
    Fact(&'static str, FactKind),
    /// Another number about models, such as a context length.
    Property,
}

/// Names of columns of models, the best first.
const MODELS: [&str; 21] = [
    "fullname",
    "hf id",
    "hub id",
    "model id",
    "model name",
    "model",
    "model repr",
    "models",
    "modelname",
    "eval name",
    "name",
    "model version",
    "llm",
    "system",
    "model key",
    "key",
    "method",
    "checkpoint",
    "agent",
    "model name or path",
    "model name for query",
];

/// Names of columns of tasks.
pub(super) const TASKS: [&str; 12] = [
    "benchmark",
    "dataset",
    "task",
    "benchmark id",
    "benchmark name",
    "dataset name",
    "task name",
    "dataset id",
    "task id",
    "evaluation name",
    "evaluation",
    "eval",
];

/// What a name says; `None` for a name without a known meaning, such as a task's.
pub(super) fn sense(name: &str) -> Option<Sense> {
    let words = name_words(name);
    let whole = words.trim();
    let is = |names: &[&str]| names.contains(&whole);
    let any = |names: &[&str]| names.iter().any(|known| has_words(&words, known));
    if whole.is_empty() || is(&["unnamed 0", "index", "idx", "id", "#", "no", "nr", "row", "row idx"]) {
        return Some(Sense::Index);
    }
    if let Some(at) = MODELS.iter().position(|known| *known == whole) {
        return Some(Sense::Model(at as u8));
    }
    if is(&TASKS) {
        return Some(Sense::Task);
    }
    if is_average(whole) {
        return Some(Sense::Average);
    }
    if any(&["rank", "ranking", "ranks", "position", "placement"]) {
        return Some(Sense::Rank);
    }
    if any(&[
        "stderr",
        "std err",
        "standard error",
        "std error",
        "sem",
        "ci",
        "confidence interval",
        "±",
        "margin of error",
    ]) || words.ends_with(" se ")
    {
        return Some(Sense::Error);
    }
    if any(&["std", "stdev", "stddev", "std dev", "standard deviation", "variance"]) {
        return Some(Sense::Deviation);
    }
    if any(&["hearts", "likes", "downloads", "stars", "hub ❤️"]) || name.contains('❤') {
        return Some(Sense::Popularity);
    }
    if let Some((fact, kind)) = data_fact(name) {
        return Some(Sense::Fact(fact, kind));
    }
    if is(&[
        "url",
        "urls",
        "link",
        "links",
        "model link",
        "model url",
        "homepage",
        "reference",
        "paper",
        "source url",
        "hf link",
    ]) {
        return Some(Sense::Link);
    }
    if any(&["license", "licence", "licenses"]) {
        return Some(Sense::Licence);
    }
    if is(&["base model", "base models", "parent", "parents", "adapted from", "derived from", "finetuned from", "base"])
    {
        return Some(Sense::Parents);
    }
    if is(&["description", "notes", "note", "comment", "comments"]) {
        return Some(Sense::Description);
    }
    if is(&[
        "date",
        "release date",
        "released",
        "release",
        "submission date",
        "submitted",
        "published",
        "publication date",
        "created",
        "created at",
        "model release date",
    ]) {
        return Some(Sense::Date(true));
    }
    if any(&["date", "year", "cutoff", "month", "last updated", "timestamp", "time stamp"]) {
        return Some(Sense::Date(false));
    }
    if any(&["cost", "costs", "price", "prices", "pricing", "usd", "$"]) {
        return Some(Sense::Cost);
    }
    if any(&[
        "latency",
        "seconds",
        "duration",
        "runtime",
        "throughput",
        "speed",
        "co2",
        "carbon",
        "emission",
        "emissions",
        "energy",
        "kwh",
        "ttft",
        "per sec",
        "tokens s",
        "per second",
        "eval time",
        "gpu hours",
        "time s",
        "rtf",
        "rtfx",
    ]) || is(&[
        "time",
        "times",
        "wall time",
        "inference time",
        "training time",
        "steps",
        "training steps",
        "num steps",
    ]) || (words.ends_with(" tokens ") && !has_words(&words, "max"))
    {
        return Some(Sense::Effort);
    }
    if any(&[
        "samples",
        "n samples",
        "sample size",
        "items",
        "n items",
        "num questions",
        "n questions",
        "num samples",
        "instances",
        "n instances",
        "num examples",
        "n examples",
    ]) || words.ends_with(" n ")
    {
        return Some(Sense::Count(true));
    }
    if is_count(&words) {
        return Some(Sense::Count(false));
    }
    if any(&[
        "context",
        "window",
        "max tokens",
        "embed dim",
        "embedding size",
        "embedding dimension",
        "dimension",
        "dimensions",
        "layers",
        "heads",
        "vocab",
        "vocabulary",
        "hidden size",
        "img size",
        "image size",
        "batch size",
        "flops",
        "epochs",
        "memory",
        "memory usage",
        "vram",
        "temperature",
        "seed",
    ]) {
        return Some(Sense::Property);
    }
    None
}

/// Whether a name says that a column holds days.
pub(super) fn names_days(name: &str) -> bool {
    matches!(sense(name), Some(Sense::Date(_) | Sense::Fact(_, FactKind::Day)))
}

/// Whether a name of a time or cost states its unit, so that its numbers are no scores wherever they lie.
pub(super) fn states_unit(name: &str) -> bool {
    let words = name_words(name);
    ["kwh", "wh", "seconds", "ms", "s", "sec", "min", "minutes", "hours", "h", "kg", "tokens", "co2", "ttft"]
        .iter()
        .any(|unit| has_words(&words, unit))
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
