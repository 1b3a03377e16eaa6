//! Results of lm-evaluation-harness, `results_*.json`. A file has one model: `results: {task: {"acc,none": 0.64, …}}`.
//!
//! One metric of each task is read, in a fixed order of preference, so that all files use the same metric. A group with
//! a score replaces its tasks, and a warning states their number.

use super::part::{Cell, Cells, Part, PartTask};
use super::yaml::words;
use crate::error::{Error, Place, Result, Warning};
use crate::snapshot::{Declared, Detail, Model, Range, metric_facts};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Metrics in order of preference; other metrics come after these, and those of which less is better after them.
const METRICS: [&str; 11] = [
    "acc_norm",
    "exact_match",
    "acc",
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

pub(super) fn recognise(value: &Value) -> bool {
    let of_tasks = |results: &Map<String, Value>| results.values().any(Value::is_object);
    value.get("results").and_then(Value::as_object).is_some_and(of_tasks)
}

pub(super) fn read(name: &str, value: &Value) -> Result<Part> {
    let at = |field: String| Place::source(name).field(field);
    let id = model(value).ok_or_else(|| {
        Error::input("the results name no model; expected config.model_args with pretrained=org/name")
            .at(at("config.model_args".to_owned()))
    })?;
    let results = value.get("results").and_then(Value::as_object);
    let members = members(value, results);
    let mut part = Part::new(name, Cells::Scores(Vec::new()));
    let (mut cells, mut left) = (Vec::new(), 0);
    for (task, metrics) in results.into_iter().flatten() {
        let Some(metrics) = metrics.as_object() else { continue };
        let Some((metric, score)) = score(metrics) else { continue };
        if members.contains(task.as_str()) {
            left += 1;
            continue;
        }
        let score = score as f32;
        let position = part.tasks.len() as u32;
        let about = |key: &str| value.get(key).and_then(|of| of.get(task));
        let mut named = PartTask::plain(task.as_str());
        named.declared = range(task, metric.name, score).ok_or_else(|| {
            let message = format!("expected a fraction, 0 to 1, or a percentage, found {score}");
            Error::input(message).at(at(format!("{task}.{}", metric.name)))
        })?;
        named.lower_is_better = about("higher_is_better").and_then(|of| of.get(metric.name)?.as_bool()).map(|up| !up);
        named.task.metric = Some(metric.name.to_owned());
        named.task.shots = about("n-shot").and_then(Value::as_u64).and_then(|shots| u32::try_from(shots).ok());
        let items = about("n-samples").and_then(|of| of.get("effective")?.as_u64());
        let detail = Detail {
            error: metric.error(metrics).map(|error| error as f32).filter(|error| error.is_finite() && *error >= 0.0),
            items: items.and_then(|items| u32::try_from(items).ok()).filter(|items| *items > 0),
            ..Detail::default()
        };
        part.details.extend((!detail.is_empty()).then_some((0, position, detail)));
        cells.push(Cell { model: 0, task: position, value: score, line: 0 });
        part.tasks.push(named);
    }
    if cells.is_empty() {
        return Err(Error::input("no task has a score").at(at("results".to_owned())));
    }
    if left > 0 {
        let message = format!("{left} tasks belong to groups with a score of their own and were left to these");
        part.warnings.push(Warning::new(message).at(Place::source(name)));
    }
    part.cells = Cells::Scores(cells);
    part.models.push(Model { id, ..Model::default() });
    Ok(part)
}

/// The model's name: `peft=` (the adapter), `pretrained=` or `model=` among the arguments, else the stated model name.
fn model(value: &Value) -> Option<String> {
    let config = value.get("config");
    let arguments = config.and_then(|config| config.get("model_args"));
    let argument = |key: &str| match arguments? {
        Value::Object(fields) => words(fields.get(key)),
        Value::String(text) => {
            let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
            pairs
                .map(|(name, value)| (name.trim(), value.trim()))
                .find(|&(name, _)| name == key)
                .map(|(_, value)| value)
        }
        _ => None,
    };
    let stated =
        || words(value.get("model_name")).or_else(|| config.and_then(|config| words(config.get("model_name"))));
    let found = argument("peft").or_else(|| argument("pretrained")).or_else(|| argument("model")).or_else(stated);
    found.filter(|name| !name.is_empty()).map(str::to_owned)
}

/// The tasks of the groups that have a score.
fn members<'v>(value: &'v Value, results: Option<&Map<String, Value>>) -> HashSet<&'v str> {
    let groups = value.get("group_subtasks").and_then(Value::as_object);
    let scored = |group: &str| results?.get(group)?.as_object().and_then(score);
    let of = |(group, tasks): (&'v String, &'v Value)| {
        let tasks = tasks.as_array().map_or(&[][..], Vec::as_slice);
        if scored(group).is_some() { tasks } else { &[] }
    };
    groups.into_iter().flatten().flat_map(of).filter_map(Value::as_str).collect()
}

/// A metric as the file writes it: its name and filter.
#[derive(Clone, Copy)]
struct Metric<'m> {
    name: &'m str,
    filter: Option<&'m str>,
}

impl<'m> Metric<'m> {
    fn of(key: &'m str) -> Self {
        match key.split_once(',') {
            Some((name, filter)) => Self { name, filter: Some(filter) },
            None => Self { name: key, filter: None },
        }
    }

    /// Its standard error.
    fn error(self, metrics: &Map<String, Value>) -> Option<f64> {
        let name = format!("{}_stderr", self.name);
        let key = self.filter.map_or(name.clone(), |filter| format!("{name},{filter}"));
        metrics.get(&key)?.as_f64()
    }
}

/// The preferred metric of a task and its value. Which one it is does not depend on values, so that all files use the
/// same; but a metric without a value is passed over.
fn score(metrics: &Map<String, Value>) -> Option<(Metric<'_>, f64)> {
    let place = |list: &[&str], name: &str| list.iter().position(|&known| known == name).unwrap_or(list.len());
    let candidates = metrics.iter().filter_map(|(key, value)| {
        let metric = Metric::of(key);
        let value = value.as_f64().filter(|value| (*value as f32).is_finite())?;
        let is_other = ["stderr", "alias"].iter().any(|word| metric.name.contains(word));
        // A metric that measures no quality is the last choice; the import leaves it out and tells.
        let facts = metric_facts(metric.name);
        let order = (!facts.is_quality, facts.lower_is_better, place(&METRICS, metric.name));
        let filter = place(&FILTERS, metric.filter.unwrap_or("none"));
        (!is_other).then_some(((order, filter), metric, value))
    });
    // Of equally preferred metrics, the first in the file.
    let best = candidates.min_by_key(|&(order, ..)| order)?;
    Some((best.1, best.2))
}

/// Metrics that the harness writes in percent.
const PERCENT: [&str; 8] = ["bleu", "chrf", "ter", "sacrebleu", "rouge1_max", "rouge2_max", "rougeL_max", "bleu_max"];

/// The range of a metric: fractions, but percent for some metrics and for SQuAD, and open where values above 1 are no
/// percentages of items. `None` if the value fits none of these.
fn range(task: &str, metric: &str, value: f32) -> Option<Declared> {
    let squad = task.to_ascii_lowercase().starts_with("squad") && metric != "contains";
    let percent = squad || PERCENT.contains(&metric) || (value > 1.0 && IN_PERCENT.contains(&metric));
    let range = if percent { Range::PERCENT } else { Range::FRACTION };
    if range.contains(value) {
        return Some(Declared::Range(range));
    }
    (!percent && !METRICS.contains(&metric)).then_some(Declared::Open)
}

/// Shares of items that other programs may have written in percent.
const IN_PERCENT: [&str; 6] = ["exact", "f1", "em", "exact_match", "acc", "acc_norm"];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tasks(part: &Part) -> Vec<(&str, Option<&str>, f32)> {
        let Cells::Scores(cells) = &part.cells else { return Vec::new() };
        let named = part.tasks.iter().zip(cells);
        named.map(|(task, cell)| (task.task.id.as_str(), task.task.metric.as_deref(), cell.value)).collect()
    }

    #[test]
    fn one_metric_a_task_and_groups_replace_their_tasks() {
        let file = json!({
            "results": {
                "arc_easy": {"alias": "arc_easy", "acc,none": 0.64, "acc_stderr,none": 0.01, "acc_norm,none": 0.6},
                "gsm8k": {"exact_match,flexible-extract": 0.5, "exact_match,strict-match": 0.45, "exact_match_stderr,strict-match": 0.02},
                "mmlu": {"acc,none": 0.7},
                "mmlu_law": {"acc,none": 0.6},
                "leaderboard": {" ,none": " ", "alias": "leaderboard"},
                "wikitext": {"word_perplexity,none": 9.1, "bits_per_byte,none": 0.6},
                "own": {"quality,none": 0.25, "quality_stderr,none": "N/A"},
            },
            "group_subtasks": {"mmlu": ["mmlu_law"], "leaderboard": ["own"]},
            "config": {"model": "hf", "model_args": "pretrained=org/name,dtype=bfloat16"},
        });
        let part = read("r.json", &file).unwrap();
        let expected = [
            ("arc_easy", Some("acc_norm"), 0.6),
            ("gsm8k", Some("exact_match"), 0.45),
            ("mmlu", Some("acc"), 0.7),
            ("wikitext", Some("word_perplexity"), 9.1),
            ("own", Some("quality"), 0.25),
        ];
        assert_eq!(tasks(&part), expected);
        assert_eq!(part.models[0].id, "org/name");
        assert!(part.warnings[0].to_string().starts_with("r.json: 1 tasks belong to groups"));
    }

    #[test]
    fn the_metric_does_not_depend_on_values_and_has_its_own_unit() {
        let file = |value: f64| {
            json!({"results": {"squad2": {"exact": value, "f1": 6.6, "f1_stderr": 0.1}, "boolq": {"acc": 0.59, "acc_stderr": 0.02}},
                   "n-samples": {"boolq": {"original": 100, "effective": 50}}, "n-shot": {"boolq": 5}, "model_name": "a/b"})
        };
        let part = read("r.json", &file(3.3)).unwrap();
        assert_eq!(tasks(&part), [("squad2", Some("exact"), 3.3), ("boolq", Some("acc"), 0.59)]);
        assert_eq!(tasks(&read("r.json", &file(0.3)).unwrap())[0], ("squad2", Some("exact"), 0.3));
        let declared = |at: usize| part.tasks[at].declared;
        assert_eq!([declared(0), declared(1)], [Declared::Range(Range::PERCENT), Declared::Range(Range::FRACTION)]);
        assert_eq!(part.tasks[1].task.shots, Some(5));
        assert_eq!(part.details, [(0, 1, Detail { error: Some(0.02), items: Some(50), ..Detail::default() })]);
    }

    #[test]
    fn the_model_is_named_in_several_ways_or_missed() {
        let named = |file: Value| model(&file);
        assert_eq!(named(json!({"config": {"model_args": {"pretrained": "a/b"}}})).as_deref(), Some("a/b"));
        let adapter = json!({"config": {"model_args": "pretrained=a/b,peft=c/d"}});
        assert_eq!(named(adapter).as_deref(), Some("c/d"));
        assert_eq!(named(json!({"model_name": "a/b", "config": {}})).as_deref(), Some("a/b"));
        let file = json!({"results": {"t": {"acc,none": 0.5}}});
        assert!(recognise(&file));
        let message = read("r.json", &file).err().unwrap().to_string();
        assert!(message.starts_with("r.json, column") || message.starts_with("r.json column"), "{message}");
        let file = json!({"results": {"t": {"mc2,none": 55}}, "model_name": "a/b"});
        assert!(read("r.json", &file).err().unwrap().to_string().contains("t.mc2"));
        assert!(read("r.json", &json!({"results": {"t": {}}, "model_name": "a/b"})).is_err());
    }
}
