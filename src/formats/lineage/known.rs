//! Scores that a model's own files state: a card's `model-index`, and `.eval_results/*.yaml`. A score keeps its value and
//! sign as written, since its unit depends on its task.

use super::shorten;
use crate::error::Warning;
use crate::formats::short::without_percent;
use crate::formats::yaml::words;
use crate::linalg::{parse_number, print_number};
use crate::snapshot::{canonical_task, has_words, name_words};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most scores of one model; further scores are ignored.
const MAX_SCORES: usize = 1000;

/// The metric of the Open LLM Leaderboard v2, also in the cards that it writes.
pub(in crate::formats) const BOARD_METRIC: &str = "normalized_score";

/// The start of a warning about scores that are not used.
pub(in crate::formats) const NOT_USED: &str = "known scores not used: ";

/// A known score of a model as it is written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KnownScore {
    /// The name of the task: of the dataset, with the name of its part.
    pub task: String,
    /// The dataset by its id, if a file states it.
    pub dataset: Option<String>,
    /// The part of the dataset that was measured; `None` for the whole dataset.
    pub subset: Option<String>,
    /// The value as written.
    pub value: f64,
    /// Whether the value is a percentage beyond doubt, such as one with the sign `%`.
    pub percent: bool,
    /// Its metric, if this is known and must not be mixed with others.
    pub metric: Option<String>,
}

/// The scores of a card's `model-index`. Metrics other than accuracies are left out with a warning.
pub(in crate::formats) fn from_model_index(index: &Value, warnings: &mut Vec<Warning>) -> Vec<KnownScore> {
    let mut found = Found::default();
    let results = index.as_array().into_iter().flatten().filter_map(|model| model.get("results")?.as_array());
    for (at, result) in results.flatten().enumerate() {
        let dataset = result.get("dataset").unwrap_or(&Value::Null);
        let [name, kind] = ["name", "type"].map(|key| words(dataset.get(key)).map(last_part));
        let Some(id) = kind.or(name) else {
            found.unused.add(&format!("result {}", at + 1), "expected dataset: {type: org/name}");
            continue;
        };
        let source = result.get("source").and_then(|source| words(source.get("url")));
        // The board names whole benchmarks, whichever configuration of the dataset it runs.
        let known = if source.is_some_and(|url| url.contains("/open-llm-leaderboard/")) {
            let (task, dataset) = (name.unwrap_or(id).to_owned(), Some(id.to_owned()));
            KnownScore { task, dataset, percent: true, metric: Some(BOARD_METRIC.to_owned()), ..KnownScore::default() }
        } else {
            named(name.unwrap_or(id), id, dataset)
        };
        let metrics = result.get("metrics").and_then(Value::as_array).filter(|metrics| !metrics.is_empty());
        let metrics = metrics.map_or(&[Value::Null][..], Vec::as_slice);
        metrics.iter().for_each(|metric| found.add(&known, metric, &METRIC_KEYS, ""));
    }
    found.end(warnings)
}

/// The scores of a file in `.eval_results`. Each entry states the id of its dataset and, if that has several tasks, its
/// task. Files in an earlier draft of the format list `metrics`.
pub(in crate::formats) fn from_eval_results(results: &[Value], warnings: &mut Vec<Warning>) -> Vec<KnownScore> {
    let mut found = Found::default();
    for (at, result) in results.iter().enumerate() {
        let place = format!("entry {}", at + 1);
        let dataset = result.get("dataset").unwrap_or(&Value::Null);
        let Some(id) = words(dataset.get("id")).or_else(|| words(Some(dataset))).map(last_part) else {
            found.unused.add(&place, "expected dataset: {id: org/name}");
            continue;
        };
        let (known, place) = (named(id, id, dataset), format!(" in {place}"));
        match result.get("metrics").and_then(Value::as_array).filter(|_| !has_value(result)) {
            Some(metrics) => metrics.iter().for_each(|metric| found.add(&known, metric, &METRIC_KEYS, &place)),
            None => found.add(&known, result, &["metric"], &place),
        }
    }
    found.end(warnings)
}

fn has_value(result: &Value) -> bool {
    result.get("value").is_some_and(|value| !value.is_null())
}

/// Keys of the name of a metric.
pub(in crate::formats) const METRIC_KEYS: [&str; 4] = ["type", "metric_id", "metric", "name"];

/// The scores of a file, and the names of the unused ones.
#[derive(Default)]
struct Found {
    scores: Vec<KnownScore>,
    unused: Unused,
}

impl Found {
    /// Adds the score with the value in `of`, whose metric has these keys. `place` is the end of an unreadable entry's
    /// name.
    fn add(&mut self, known: &KnownScore, of: &Value, keys: &[&str], place: &str) {
        let names: Vec<&str> = keys.iter().filter_map(|key| words(of.get(key))).collect();
        match (number(of.get("value")), names.first()) {
            _ if is_forecast(of) => self.unused.add(&known.task, "a forecast, not measured"),
            (_, Some(name)) if !is_accuracy(&names.join(" ")) => {
                self.unused.add(&format!("{} {name}", known.task), "no accuracy");
            }
            (None, _) => self.unused.add(&format!("{}{place}", known.task), "expected value: a number"),
            (Some((value, percent)), _) if self.scores.len() < MAX_SCORES => {
                self.scores.push(KnownScore { value, percent: known.percent || percent, ..known.clone() });
            }
            _ => {}
        }
    }

    fn end(self, warnings: &mut Vec<Warning>) -> Vec<KnownScore> {
        warnings.extend(self.unused.warning());
        self.scores
    }
}

/// The names of scores that are not used, by reason.
#[derive(Default)]
pub(crate) struct Unused(Vec<(String, Vec<String>)>);

impl Unused {
    pub(crate) fn add(&mut self, name: &str, why: &str) {
        let name = shorten(name);
        match self.0.iter_mut().find(|(reason, _)| reason == why) {
            Some((_, names)) if names.contains(&name) || names.len() == MAX_SCORES => {}
            Some((_, names)) => names.push(name),
            None => self.0.push((why.to_owned(), vec![name])),
        }
    }

    /// One warning with all names.
    pub(crate) fn warning(&self) -> Option<Warning> {
        let group = |(why, names): &(String, Vec<String>)| format!("{} ({why})", names.join(", "));
        let groups: Vec<String> = self.0.iter().map(group).collect();
        (!groups.is_empty()).then(|| Warning::new(format!("{NOT_USED}{}", groups.join("; "))))
    }
}

/// The task of a dataset, or of the part of it that an entry names.
pub(in crate::formats) fn named(name: &str, id: &str, dataset: &Value) -> KnownScore {
    let mut known = KnownScore { task: name.to_owned(), dataset: Some(id.to_owned()), ..KnownScore::default() };
    if let Some(part) = part(dataset, id) {
        // The part may repeat the dataset, as in `gpqa_diamond`, and the name may already have the part.
        match canonical_task(&part).strip_prefix(&(canonical_task(id) + "_")) {
            Some(rest) => (known.task, known.subset) = (part.clone(), Some(rest.to_owned())),
            None => {
                if !has_words(&name_words(name), name_words(&part).trim()) {
                    known.task = format!("{name} {part}");
                }
                known.subset = Some(part);
            }
        }
    }
    known
}

/// The part of a dataset that an entry names: its `task_id`, `config` or `subset`, and texts in `args`. `None` for the
/// whole.
fn part(dataset: &Value, id: &str) -> Option<String> {
    let text = |value: &Value| words(Some(value)).map(str::to_owned);
    let keyed = ["task_id", "config", "subset"].iter().filter_map(|key| dataset.get(key));
    let keyed = keyed.filter_map(|value| text(value).or_else(|| value.as_f64().map(print_number)));
    let args = dataset.get("args");
    let fields = args.and_then(Value::as_object).into_iter().flatten();
    let fields = fields.filter(|(key, _)| *key != "split" && *key != "revision").map(|(_, value)| value);
    let mut parts: Vec<String> = Vec::new();
    for part in keyed.chain(args.into_iter().chain(fields).filter_map(text)) {
        let lower = part.to_ascii_lowercase();
        let whole = ["default", "main", "all"].contains(&lower.as_str()) || lower.contains("shot");
        if !whole && canonical_task(last_part(&part)) != canonical_task(id) && !parts.contains(&part) {
            parts.push(part);
        }
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// Whether a metric is a forecast, as our own cards say it.
pub(in crate::formats) fn is_forecast(metric: &Value) -> bool {
    words(metric.get("type")) == Some("forecast")
}

fn is_accuracy(names: &str) -> bool {
    let names = names.to_ascii_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| names.contains(word));
    let accuracy = any(&["acc", "exact_match", "exact match", "pass@", "mc1", "mc2"]);
    (accuracy || names.split(' ').any(|word| word == "em")) && !any(&["stderr", "loss", "error"])
}

/// A finite number, and whether it has the sign `%`.
pub(in crate::formats) fn number(value: Option<&Value>) -> Option<(f64, bool)> {
    let (number, percent) = match words(value) {
        Some(text) => {
            let (digits, percent) = without_percent(text);
            (parse_number(digits)?, percent)
        }
        None => (value?.as_f64()?, false),
    };
    number.is_finite().then_some((number, percent))
}

/// The last part of an id: the name without the organisation.
pub(in crate::formats) fn last_part(id: &str) -> &str {
    if id.contains(' ') { id } else { id.rsplit('/').next().unwrap_or(id) }
}
