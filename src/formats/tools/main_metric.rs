//! The choice of one metric for each task of a run, so that all files of a tool give the same task.

use crate::linalg::parse_number;
use crate::snapshot::{Declared, Range, metric_facts, name_words};
use serde_json::{Map, Value};

/// Metrics in order of preference; other metrics come after these, and those of which less is better after them.
const METRICS: [&str; 15] = [
    "acc_norm",
    "exact_match",
    "extractive_match",
    "quasi_exact_match",
    "qem",
    "acc",
    "accuracy",
    "prompt_level_strict_acc",
    "inst_level_strict_acc",
    "pass@1",
    "pass_at_1",
    "mc2",
    "exact",
    "em",
    "f1",
];
/// Filters of answers in order of preference.
const FILTERS: [&str; 3] = ["none", "strict-match", "custom-extract"];

/// A metric as a file writes it: its name and filter.
#[derive(Clone, Copy)]
pub(super) struct Metric<'m> {
    pub(super) name: &'m str,
    pub(super) filter: Option<&'m str>,
}

impl<'m> Metric<'m> {
    /// The metric of a key such as `acc` or `exact_match,strict-match`.
    pub(super) fn of(key: &'m str) -> Self {
        match key.split_once(',') {
            Some((name, filter)) => Self { name, filter: Some(filter) },
            None => Self { name: key, filter: None },
        }
    }

    /// Its standard error.
    pub(super) fn error(self, metrics: &Map<String, Value>) -> Option<f32> {
        let name = format!("{}_stderr", self.name);
        let key = self.filter.map_or(name.clone(), |filter| format!("{name},{filter}"));
        let error = metrics.get(&key)?.as_f64()? as f32;
        Some(error).filter(|error| error.is_finite() && *error >= 0.0)
    }

    /// Its place among the metrics of a task; the least is preferred.
    pub(super) fn order(self) -> (bool, bool, usize, usize) {
        let place = |list: &[&str], name: &str| list.iter().position(|&known| known == name).unwrap_or(list.len());
        // A metric that measures no quality is the last choice; the import leaves it out and tells.
        let facts = metric_facts(self.name);
        let filter = place(&FILTERS, self.filter.unwrap_or("none"));
        (!facts.is_quality, facts.lower_is_better, place(&METRICS, self.name), filter)
    }
}

/// Whether a name is that of a metric alone, and not of a benchmark.
pub(super) fn is_metric_name(name: &str) -> bool {
    const NAMES: [&str; 18] = [
        "acc",
        "accuracy",
        "acc norm",
        "exact match",
        "em",
        "f1",
        "score",
        "mean",
        "mean score",
        "pass 1",
        "win rate",
        "elo",
        "bleu",
        "rouge",
        "rougel",
        "precision",
        "recall",
        "ndcg",
    ];
    NAMES.contains(&name_words(name).trim())
}

/// The preferred metric of a task, its value, and the number of other metrics. Which one it is does not depend on values,
/// so that all files use the same; but a metric without a value is passed over.
pub(super) fn main_metric(metrics: &Map<String, Value>) -> Option<(Metric<'_>, f64, usize)> {
    let candidates = metrics.iter().filter_map(|(key, value)| {
        let metric = Metric::of(key);
        let value = value.as_f64().or_else(|| parse_number(value.as_str()?))?;
        let is_other = ["stderr", "alias"].iter().any(|word| metric.name.contains(word));
        ((value as f32).is_finite() && !is_other).then_some((metric, value))
    });
    let count = candidates.clone().count();
    // Of equally preferred metrics, the first in the file.
    let (metric, value) = candidates.min_by_key(|(metric, _)| metric.order())?;
    Some((metric, value, count - 1))
}

/// Metrics that the tools write in percent.
const PERCENT: [&str; 8] = ["bleu", "chrf", "ter", "sacrebleu", "rouge1_max", "rouge2_max", "rougeL_max", "bleu_max"];

/// Shares of items that other programs may have written in percent.
const IN_PERCENT: [&str; 9] =
    ["exact", "f1", "em", "exact_match", "extractive_match", "acc", "accuracy", "acc_norm", "pass@1"];

/// The range of a metric: what its name tells, open for losses and perplexities, fractions for others, but percent for some
/// metrics and for SQuAD, and open where values above 1 are no percentages of items. `None` if the value fits none of
/// these.
pub(super) fn range(task: &str, metric: &str, value: f32) -> Option<Declared> {
    let facts = metric_facts(metric);
    if facts.range != Declared::Nothing {
        return Some(facts.range);
    }
    if facts.lower_is_better && !PERCENT.contains(&metric) {
        return Some(Declared::Open);
    }
    let squad = task.to_ascii_lowercase().starts_with("squad") && metric != "contains";
    let percent = squad || PERCENT.contains(&metric) || (value > 1.0 && IN_PERCENT.contains(&metric));
    let range = if percent { Range::PERCENT } else { Range::FRACTION };
    if range.contains(value) {
        return Some(Declared::Range(range));
    }
    ((!percent || facts.may_exceed) && !METRICS.contains(&metric)).then_some(Declared::Open)
}
