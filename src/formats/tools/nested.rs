//! Scores in nested objects: `{model: {task: score}}`, or `{model: {task: {metric: score}}}` as CrossPred publishes them. The
//! same with the tasks outside is read too, if names tell which are the models.
//!
//! In a file with metrics whose tasks are all called `Type (Dataset)`, these are the type and the dataset.

use super::File;
use super::main_metric::is_metric_name;
use crate::error::Result;
use crate::formats::cells::{Content, Number, content};
use crate::formats::collection::{Collection, Measure};
use crate::formats::known_forms::is_known;
use crate::formats::known_names::{Known, known};
use crate::formats::words::{Sense, sense};
use crate::snapshot::{Detail, FactKind, Factor, family_in_name, name_words, size_in_name};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// What a value without further levels holds.
enum Leaf {
    Number(Number),
    Unknown,
    Other,
}

fn leaf(value: &Value) -> Leaf {
    match value {
        Value::Null => Leaf::Unknown,
        Value::Number(number) => match number.as_f64().filter(|number| number.is_finite()) {
            Some(value) => Leaf::Number(Number { value, ..Number::default() }),
            None => Leaf::Unknown,
        },
        Value::String(text) => match content(text, false) {
            Content::Number(number) => Leaf::Number(number),
            Content::Unknown => Leaf::Unknown,
            Content::Text(_) => Leaf::Other,
        },
        _ => Leaf::Other,
    }
}

/// The leaves of a value with their number; `None` if some are neither numbers nor unknown, or if it has too many levels.
fn leaves(value: &Value) -> Option<(usize, usize)> {
    let (mut numbers, mut unknown) = (0, 0);
    for outer in value.as_object()?.values() {
        for inner in outer.as_object()?.values() {
            let of_metrics = inner.as_object().into_iter().flat_map(Map::values);
            for value in of_metrics.chain((!inner.is_object()).then_some(inner)) {
                match leaf(value) {
                    Leaf::Number(_) => numbers += 1,
                    Leaf::Unknown => unknown += 1,
                    Leaf::Other => return None,
                }
            }
        }
    }
    Some((numbers, unknown))
}

pub(super) fn recognise(value: &Value) -> bool {
    let Some((numbers, unknown)) = leaves(value) else { return false };
    let Some(outer) = value.as_object() else { return false };
    let on_hub = |name: &str| name.contains('/');
    let models = outer.len() >= 2 || outer.keys().any(|name| on_hub(name)) || inner_names(outer).any(on_hub);
    // A run's file has a metric under each task and names no model.
    let all_metrics = inner_names(outer).all(is_metric);
    let other = is_known(value) || super::harness::recognise(value);
    models && numbers > 0 && numbers >= unknown && !all_metrics && !other
}

/// The names of the second level.
fn inner_names(outer: &Map<String, Value>) -> impl Iterator<Item = &str> {
    outer.values().filter_map(Value::as_object).flat_map(|inner| inner.keys().map(String::as_str))
}

fn is_metric(name: &str) -> bool {
    is_metric_name(name) || name_words(name).contains(" stderr ")
}

/// Whether the models are the names of the second level: more of these state a size or a family, or else stand on the
/// hub, or else more names of the first level are those of benchmarks.
fn is_turned(outer: &Map<String, Value>) -> bool {
    let is_model = |name: &str| size_in_name(name).is_some() || family_in_name(name).is_some();
    let share = |names: &mut dyn Iterator<Item = &str>, is: &dyn Fn(&str) -> bool| {
        let (mut all, mut found) = (0usize, 0usize);
        names.for_each(|name| (all, found) = (all + 1, found + usize::from(is(name))));
        found as f64 / all.max(1) as f64
    };
    let compare = |is: &dyn Fn(&str) -> bool| {
        (share(&mut outer.keys().map(String::as_str), is), share(&mut inner_names(outer), is))
    };
    let (outside, inside) = compare(&is_model);
    if outside != inside {
        return inside > outside && inside >= 0.5;
    }
    let (outside, inside) = compare(&|name| name.contains('/'));
    if outside != inside {
        return inside > outside && inside >= 0.5;
    }
    let (outside, inside) = compare(&|name| known(name) == Some(Known::Benchmark));
    outside > inside
}

pub(super) fn read(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let Some(outer) = file.value.as_object() else { return Ok(()) };
    let turned = is_turned(outer);
    let names = Names::of(outer, turned);
    for (first, inner) in outer.iter().filter_map(|(name, inner)| Some((name, inner.as_object()?))) {
        for (second, scores) in inner {
            let (model, task) = if turned { (second, first) } else { (first, second) };
            let model = to.model(model);
            match scores.as_object() {
                Some(metrics) => add_metrics(model, &names.measure(task), metrics, to),
                None => add(model, task, scores, to),
            }
        }
    }
    Ok(())
}

/// Adds a score without a metric, unless its name says that it is another thing.
fn add(model: u32, task: &str, value: &Value, to: &mut Collection<'_>) {
    let Leaf::Number(number) = leaf(value) else { return };
    match sense(task) {
        // The name may state a unit.
        Some(Sense::Fact(_, FactKind::Amount)) if number.value > 0.0 => {
            to.about(model).factors.entry(task.to_owned()).or_insert(Factor::Number(number.value));
        }
        Some(Sense::Average) => to.leave_out("scores", "averages of other scores", 1),
        Some(Sense::Rank | Sense::Cost | Sense::Effort | Sense::Popularity | Sense::Count(_) | Sense::Date(_)) => {
            to.leave_out("scores", "no score by their name", 1);
        }
        _ => score(model, Measure::new(task, None), &number, None, to),
    }
}

fn add_metrics(model: u32, measure: &Measure, metrics: &Map<String, Value>, to: &mut Collection<'_>) {
    let number = |value: &Value| match leaf(value) {
        Leaf::Number(number) => Some(number),
        _ => None,
    };
    let is_metric = |name: &str| !matches!(sense(name), Some(Sense::Error | Sense::Deviation | Sense::Count(_)));
    // Errors and numbers of items without the name of a metric belong to the only one.
    let only = metrics.keys().filter(|name| is_metric(name)).count() == 1;
    let beside = |wanted: Sense| {
        let mut found = metrics.iter().filter(|(name, _)| only && sense(name) == Some(wanted));
        found.find_map(|(_, value)| number(value))
    };
    for (metric, value) in metrics {
        let Some(score_of) = number(value) else { continue };
        if !is_metric(metric) {
            let of_other = metric.strip_suffix("_stderr").is_some_and(|other| metrics.contains_key(other));
            let known = of_other || (only && matches!(sense(metric), Some(Sense::Error | Sense::Count(true))));
            to.leave_out("scores", "errors, deviations and counts of no known metric", usize::from(!known));
            continue;
        }
        let error = metrics.get(&format!("{metric}_stderr")).and_then(number).or_else(|| beside(Sense::Error));
        let items = beside(Sense::Count(true)).filter(|items| items.value >= 1.0).map(|items| items.value as u32);
        let score_of = Number { items: score_of.items.or(items), ..score_of };
        let measure = Measure { metric: Some(metric.clone()), ..measure.clone() };
        score(model, measure, &score_of, error.map(|error| error.value), to);
    }
}

fn score(model: u32, measure: Measure, number: &Number, error: Option<f64>, to: &mut Collection<'_>) {
    let measure = if number.percent { measure.percent() } else { measure };
    let error = error.or(number.error).filter(|error| *error >= 0.0).map(|error| error as f32);
    to.score(model, &measure, number.value, Detail { error, items: number.items, ..Detail::default() });
}

/// How the names of tasks with metrics are read.
struct Names {
    /// Whether all of them are `Type (Dataset)`.
    typed: bool,
    /// Of each dataset, the number of its types.
    types: HashMap<String, u32>,
}

impl Names {
    fn of(outer: &Map<String, Value>, turned: bool) -> Self {
        let mut names = Self { typed: true, types: HashMap::new() };
        let mut seen: HashMap<String, u32> = HashMap::new();
        for (first, inner) in outer.iter().filter_map(|(name, inner)| Some((name, inner.as_object()?))) {
            for (second, _) in inner.iter().filter(|(_, scores)| scores.is_object()) {
                let task = if turned { first } else { second };
                let Some((_, dataset)) = typed(task) else {
                    names.typed = false;
                    return names;
                };
                if seen.insert(task.clone(), 0).is_none() {
                    *names.types.entry(dataset.to_owned()).or_default() += 1;
                }
            }
        }
        names
    }

    fn measure(&self, task: &str) -> Measure {
        match typed(task).filter(|_| self.typed) {
            Some((kind, dataset)) => {
                // One dataset may be used for two types of tasks.
                let subset = self.types.get(dataset).filter(|count| **count > 1).map(|_| kind.to_owned());
                Measure { task_type: Some(kind.to_owned()), subset, ..Measure::new(dataset, None) }
            }
            None => Measure::new(task, None),
        }
    }
}

/// The type and dataset of a task that is called `Type (Dataset)`.
fn typed(task: &str) -> Option<(&str, &str)> {
    let (kind, dataset) = task.trim().strip_suffix(')')?.split_once(" (")?;
    (!kind.is_empty() && !dataset.is_empty()).then_some((kind, dataset))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, scores, try_read};
    use super::*;
    use crate::snapshot::{ModelIndex, Range, TaskIndex};

    #[test]
    fn models_have_tasks() {
        let imported = read(&[(
            "scores.json",
            r#"{"acme/bird-7b": {"MMLU": 61.5, "GSM8K": "41.5", "Average": 51.5, "params": 7.6}, "acme/crow": {"MMLU": 71, "GSM8K": null, "cost": 3}}"#,
        )]);
        assert_eq!(scores(&imported), ["acme/bird-7b MMLU 61.5", "acme/bird-7b GSM8K 41.5", "acme/crow MMLU 71"]);
        assert_eq!(imported.snapshot.models[0].facts().params, Some(7.6));
        assert_eq!(imported.report.dropped.len(), 2);
        let imported =
            read(&[("scores.json", r#"{"MMLU": {"acme/bird": 0.6, "acme/crow": 0.7}, "GSM8K": {"acme/bird": 0.4}}"#)]);
        assert_eq!(scores(&imported), ["acme/bird MMLU 0.6", "acme/bird GSM8K 0.4", "acme/crow MMLU 0.7"]);
        let imported = read(&[("scores.json", r#"{"MMLU": {"a": 0.6, "b": 0.7}, "GSM8K": {"a": 0.4}}"#)]);
        assert_eq!(scores(&imported), ["a MMLU 0.6", "a GSM8K 0.4", "b MMLU 0.7"]);
    }

    #[test]
    fn errors_and_numbers_of_items_belong_to_the_only_score() {
        let imported = read(&[(
            "s.json",
            r#"{"a": {"MMLU": {"score": 50, "stderr": 1, "n": 100}}, "b": {"MMLU": {"score": 60, "stderr": 1.5, "n": 100}}}"#,
        )]);
        assert_eq!(scores(&imported), ["a MMLU 50", "b MMLU 60"]);
        let detail = imported.snapshot.details.get(ModelIndex(1), TaskIndex(0)).unwrap();
        assert_eq!((detail.error, detail.items), (Some(1.5), Some(100)));
    }

    #[test]
    fn tasks_have_types_and_metrics() {
        let imported = read(&[(
            "cross.json",
            r#"{"bird-7b": {"Sentiment (Reviews)": {"acc": 0.5, "acc_stderr": 0.01, "f1": 0.4}, "Topic (News)": {"acc": 0.6}, "Tags (News)": {"acc": 0.3}},
               "crow-8b": {"Topic (News)": {"acc": 0.7}}}"#,
        )]);
        assert_eq!(
            scores(&imported),
            [
                "bird-7b Reviews (acc) 0.5",
                "bird-7b Reviews (f1) 0.4",
                "bird-7b News/Topic 0.6",
                "bird-7b News/Tags 0.3",
                "crow-8b News/Topic 0.7"
            ]
        );
        let snapshot = &imported.snapshot;
        let task = &snapshot.tasks[0];
        assert_eq!(
            (task.dataset.as_str(), task.task_type.as_deref(), task.range),
            ("Reviews", Some("Sentiment"), Some(Range::FRACTION))
        );
        assert_eq!(snapshot.details.get(ModelIndex(0), TaskIndex(0)).unwrap().error, Some(0.01));
    }

    #[test]
    fn other_objects_are_not_taken() {
        for text in [
            r#"{"gsm8k": {"acc": 0.4, "acc_stderr": 0.01}, "mmlu": {"accuracy": 0.5}}"#,
            r#"{"a": {"b": 1}}"#,
            r#"{"results": {"arc": {"acc": 0.5}}, "versions": {"arc": 1}}"#,
            r#"{"a": {"x": 1}, "b": {"y": true}}"#,
            r#"{"a": {"x": 1}, "b": {"y": "text"}}"#,
            r#"{"a": {"x": {"y": {"z": 1}}}, "b": {"y": 1}}"#,
            r#"{"a": {"x": null}, "b": {"y": null}}"#,
            r#"{"a": {}, "b": {}}"#,
            r#"{"a": 1, "b": {"x": 1}}"#,
            "[1]",
        ] {
            assert!(!recognise(&serde_json::from_str(text).unwrap()), "{text}");
        }
        assert!(try_read(&[("x.json", r#"{"gsm8k": {"acc": 0.4}, "mmlu": {"acc": 0.5}}"#)]).is_err());
    }
}
