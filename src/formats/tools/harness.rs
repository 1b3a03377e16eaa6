//! Results of lm-evaluation-harness, `results_*.json`, of every version, and of the Spaces that write this form. A file has
//! one model: `results: {task: {"acc,none": 0.64, …}}`, before version 0.4 `{"acc": 0.64}`.
//!
//! One metric of each task is read, in a fixed order of preference, so that all files use the same metric. A group with
//! a score replaces its tasks. A run on a part of the items (`limit`) gives scores with fewer items, which count only where
//! there is no whole run.

use super::main_metric::{Metric, main_metric, range};
use super::model_name::{self, Arguments};
use super::{File, number, time_of};
use crate::error::{Error, Result};
use crate::formats::collection::{Collection, Measure};
use crate::snapshot::{Detail, parse_day};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Keys of the model's name beside the results.
const NAMES: [&str; 3] = ["model_name", "model", "model_id"];

pub(super) fn recognise(value: &Value) -> bool {
    let of_tasks = |results: &Map<String, Value>| results.values().any(Value::is_object);
    let tasks = value.get("results").and_then(Value::as_object);
    tasks.is_some_and(of_tasks) && known_keys(value)
}

/// Whether the keys beside the results are those of the harness, or of the template of the hub's boards.
fn known_keys(value: &Value) -> bool {
    let has = |key: &str| value.get(key).is_some();
    let beside = ["config", "versions", "group_subtasks", "n-shot", "configs", "n-samples"];
    beside.iter().chain(&NAMES).any(|key| has(key)) || value.as_object().is_some_and(|object| object.len() == 1)
}

pub(super) fn read(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let value = file.value;
    let Some(results) = value.get("results").and_then(Value::as_object) else { return Ok(()) };
    let config = value.get("config").unwrap_or(&Value::Null);
    let stated = model_name::first(value, &NAMES).or_else(|| model_name::first(config, &["model_name"]));
    let model = model_name::from_arguments(&Arguments(config.get("model_args")), stated, to)
        .unwrap_or_else(|| model_name::from_path(file.name, to));
    facts(config, model, to);
    to.time = time_of(value.get("date")).or_else(|| time_in_name(file.name));
    let date = to.time.and_then(super::day_of);
    let in_groups = groups(value);
    let kinds = kinds(&in_groups, results);
    let is_member = |task: &str| {
        let mut holders = in_groups.iter().filter(|(_, tasks)| tasks.contains(&task));
        holders.any(|(group, _)| kinds.get(group) == Some(&Group::Benchmark))
    };
    let mut partial = 0;
    for (task, metrics) in results {
        let Some(metrics) = metrics.as_object() else { continue };
        let Some((metric, score, others)) = main_metric(metrics) else {
            to.leave_out("tasks", "no score", usize::from(!is_heading(metrics)));
            continue;
        };
        if is_member(task) {
            to.leave_out("tasks", "belong to groups with a score of their own", 1);
            continue;
        }
        if kinds.get(task.as_str()) == Some(&Group::Average) {
            to.leave_out("tasks", "an average of different tasks", 1);
            continue;
        }
        to.leave_out("metrics", "one metric of each task is read", others);
        let about = |key: &str| value.get(key).and_then(|of| of.get(task));
        let declared = range(task, metric.name, score as f32).ok_or_else(|| {
            let message = format!("expected a fraction, 0 to 1, or a percentage, found {score}");
            Error::input(message).at(to.at(format!("{task}.{}", metric.name)))
        })?;
        let samples = about("n-samples");
        let items = |key: &str| samples.and_then(|of| number(of.get(key))).filter(|items| *items >= 1.0);
        let (effective, original) = (items("effective"), items("original"));
        partial += usize::from(effective.zip(original).is_some_and(|(effective, original)| effective < original));
        let (dataset, subset) = dataset(task, &in_groups);
        let shots = number(about("n-shot")).filter(|shots| *shots >= 0.0);
        let measure = Measure {
            id: Some(task.clone()),
            subset,
            shots: shots.map(|shots| shots as u32),
            lower_is_better: about("higher_is_better").and_then(|of| of.get(metric.name)?.as_bool()).map(|up| !up),
            declared,
            items: original.or(effective).map(|items| items as u32),
            ..Measure::new(dataset, Some(metric.name))
        };
        let detail =
            Detail { error: metric.error(metrics), items: effective.map(|items| items as u32), date, source: None };
        to.score(model, &measure, score, detail);
    }
    tell_limit(config.get("limit"), partial, to);
    Ok(())
}

/// Tells that a run was on a part of the items.
pub(super) fn tell_limit(limit: Option<&Value>, partial: usize, to: &mut Collection<'_>) {
    let limit = limit.filter(|limit| !limit.is_null() && **limit != "None");
    if let Some(limit) = limit {
        to.is_partial = true;
        to.warn(format!("a run on a part of the items (limit {limit}); its scores weigh by their items"));
    } else if partial > 0 {
        to.is_partial = true;
        to.warn(format!("{partial} tasks ran on a part of their items; their scores weigh by these"));
    }
}

fn facts(config: &Value, model: u32, to: &mut Collection<'_>) {
    to.size(model, number(config.get("model_num_parameters")).map(|count| count / 1e9));
    if let Some(precision) = model_name::first(config, &["model_dtype"]) {
        to.fact(model, "precision", precision.trim_start_matches("torch."));
    }
}

/// The day in the name of a file, `results_2026-01-21T03-44-18.458309.json`.
pub(super) fn time_in_name(name: &str) -> Option<f64> {
    let stamp = name.rsplit('_').next()?;
    parse_day(stamp.get(..10)?)?;
    let clock = stamp.get(11..19).unwrap_or_default();
    let mut parts = clock.split(['-', ':']).filter_map(|part| part.parse::<f64>().ok());
    let mut next = || parts.next().unwrap_or(0.0);
    let seconds = 3600.0 * next() + 60.0 * next() + next();
    Some(time_of(Some(&Value::from(stamp)))? + seconds)
}

/// Whether a row is only the heading of a group.
fn is_heading(metrics: &Map<String, Value>) -> bool {
    metrics.keys().all(|key| key == "alias" || key.trim_start().is_empty() || key.starts_with(" ,"))
}

/// The groups with their tasks.
fn groups(value: &Value) -> Vec<(&str, Vec<&str>)> {
    let groups = value.get("group_subtasks").and_then(Value::as_object);
    let groups = groups.into_iter().flatten().map(|(group, tasks)| {
        let tasks = tasks.as_array().map_or(&[][..], Vec::as_slice);
        (group.as_str(), tasks.iter().filter_map(Value::as_str).collect())
    });
    groups.collect()
}

/// A group of tasks with a score.
#[derive(PartialEq)]
enum Group {
    /// A benchmark in parts: all parts have the group's metric.
    Benchmark,
    /// An average of different benchmarks, such as `leaderboard`.
    Average,
}

/// What the scored groups are.
fn kinds<'v>(groups: &[(&'v str, Vec<&'v str>)], results: &Map<String, Value>) -> HashMap<&'v str, Group> {
    let metrics = |task: &str| results.get(task).and_then(Value::as_object);
    let kind = |(group, tasks): &(&'v str, Vec<&'v str>)| {
        let (metric, ..) = main_metric(metrics(group)?)?;
        let has_metric = |of: &Map<String, Value>| of.keys().any(|key| Metric::of(key).name == metric.name);
        let mut scored = tasks.iter().filter_map(|task| metrics(task)).filter(|of| main_metric(of).is_some());
        let kind = if tasks.is_empty() || scored.all(has_metric) { Group::Benchmark } else { Group::Average };
        (!tasks.is_empty()).then_some((*group, kind))
    };
    groups.iter().filter_map(kind).collect()
}

/// The dataset of a task and the part that the task is: of a group whose name it starts with, as `mmlu_law` does, and in
/// old files `hendrycksTest-law`.
fn dataset<'t>(task: &'t str, groups: &[(&'t str, Vec<&'t str>)]) -> (&'t str, Option<String>) {
    let part = |whole: &'t str| {
        let rest = task.strip_prefix(whole)?.strip_prefix(['_', '-'])?;
        (!rest.is_empty()).then(|| (whole, Some(rest.to_owned())))
    };
    let group = groups.iter().filter(|(_, tasks)| tasks.contains(&task)).find_map(|(group, _)| part(group));
    group.or_else(|| part("hendrycksTest")).unwrap_or((task, None))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, scores, try_read};
    use super::time_in_name;
    use crate::snapshot::{ModelIndex, Range, TaskIndex};
    use serde_json::{Value, json};

    fn run(value: &Value) -> crate::formats::Imported {
        read(&[("r.json", &value.to_string())])
    }

    #[test]
    fn one_metric_a_task_and_groups_replace_their_tasks() {
        let imported = run(&json!({
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
            "config": {"model": "hf", "model_args": "pretrained=org/name,dtype=bfloat16", "model_num_parameters": 7_200_000_000_u64},
        }));
        let expected = ["arc_easy 0.6", "gsm8k 0.45", "mmlu 0.7", "wikitext 9.1", "own 0.25"];
        assert_eq!(scores(&imported), expected.map(|line| format!("org/name {line}")));
        let metrics: Vec<_> = imported.snapshot.tasks.iter().filter_map(|task| task.metric.as_deref()).collect();
        assert_eq!(metrics, ["acc_norm", "exact_match", "acc", "word_perplexity", "quality"]);
        let dropped: Vec<_> =
            imported.report.dropped.iter().map(|dropped| (dropped.what.as_str(), dropped.count)).collect();
        assert_eq!(dropped, [("metrics", 3), ("tasks", 1)]);
        assert_eq!(imported.snapshot.models[0].factors["params"].to_text(), "7.2");
    }

    #[test]
    fn a_person_s_own_file_may_name_the_model_beside_the_results() {
        let imported = run(&json!({"model": "acme/bird-7b", "results": {"quiz": {"acc": 0.5}}}));
        assert_eq!(scores(&imported), ["acme/bird-7b quiz 0.5"]);
    }

    #[test]
    fn parts_of_a_group_without_a_score_belong_to_its_dataset() {
        let imported = run(&json!({"results": {"quiz_law": {"acc,none": 0.5}, "quiz_art": {"acc,none": 0.25}},
            "group_subtasks": {"quiz": ["quiz_law", "quiz_art"]}, "model_name": "a/b"}));
        let tasks = &imported.snapshot.tasks;
        assert_eq!((tasks[0].id.as_str(), tasks[0].dataset.as_str()), ("quiz_law", "quiz"));
        assert_eq!(tasks[1].subset.as_deref(), Some("art"));
    }

    #[test]
    fn an_average_of_different_tasks_does_not_replace_them() {
        let imported = run(&json!({"results": {
                "leaderboard": {"acc_norm,none": 0.4, "exact_match,none": 0.1, "alias": "leaderboard"},
                "leaderboard_bbh": {"acc_norm,none": 0.5},
                "leaderboard_bbh_navigate": {"acc_norm,none": 0.6},
                "leaderboard_math_hard": {"exact_match,none": 0.1},
            },
            "group_subtasks": {"leaderboard": ["leaderboard_bbh", "leaderboard_math_hard"], "leaderboard_bbh": ["leaderboard_bbh_navigate"]},
            "model_name": "a/b"}));
        assert_eq!(scores(&imported), ["a/b leaderboard_bbh 0.5", "a/b leaderboard_math_hard 0.1"]);
        assert_eq!(imported.report.dropped.len(), 2);
    }

    #[test]
    fn the_metric_does_not_depend_on_values_and_has_its_own_unit() {
        let file = |value: f64| {
            json!({"results": {"squad2": {"exact": value, "f1": 6.6, "f1_stderr": 0.1}, "boolq": {"acc": 0.59, "acc_stderr": 0.02}},
                   "n-samples": {"boolq": {"original": 100, "effective": 100}}, "n-shot": {"boolq": 5}, "model_name": "a/b"})
        };
        let imported = run(&file(3.3));
        assert_eq!(scores(&imported), ["a/b squad2 3.3", "a/b boolq 0.59"]);
        assert_eq!(scores(&run(&file(0.3)))[0], "a/b squad2 0.3");
        let tasks = &imported.snapshot.tasks;
        assert_eq!([tasks[0].range, tasks[1].range], [Some(Range::PERCENT), Some(Range::FRACTION)]);
        assert_eq!((tasks[1].shots, tasks[1].items), (Some(5), Some(100)));
        let detail = imported.snapshot.details.get(ModelIndex(0), TaskIndex(1)).unwrap();
        assert_eq!((detail.error, detail.items), (Some(0.02), Some(100)));
    }

    #[test]
    fn an_old_file_is_called_by_its_name() {
        let old = r#"{"results": {"hendrycksTest-law": {"acc": 0.24, "acc_norm": 0.27}, "lambada": {"ppl": 4.5, "acc": 0.5}}, "versions": {"lambada": 0}}"#;
        let imported = read(&[("old/bird-7b.json", old)]);
        assert_eq!(scores(&imported), ["bird-7b hendrycksTest-law 0.27", "bird-7b lambada 0.5"]);
        assert_eq!(imported.snapshot.tasks[0].dataset, "hendrycksTest");
        assert_eq!(
            imported.warnings[0].to_string(),
            "old/bird-7b.json: names no model; called \"bird-7b\" by its file"
        );
        assert_eq!(imported.snapshot.models.len(), 1);
        let inside = read(&[("out/acme__bird-7b/results_1.json", old), ("out/acme__crow-8b/results_1.json", old)]);
        let ids: Vec<_> = inside.snapshot.models.iter().map(|model| model.id.as_str()).collect();
        assert_eq!(ids, ["acme/bird-7b", "acme/crow-8b"]);
    }

    #[test]
    fn runs_of_a_model_join_and_the_latest_whole_run_counts() {
        let file = |acc: f64, limit: &Value, date: f64| {
            json!({"results": {"quiz": {"acc,none": acc}}, "n-samples": {"quiz": {"original": 100, "effective": if limit.is_null() { 100 } else { 10 }}},
                "config": {"model_args": {"pretrained": "a/b"}, "limit": limit}, "model_name": "", "date": date}).to_string()
        };
        let (old, new, short) =
            (file(0.5, &Value::Null, 1.7e9), file(0.6, &Value::Null, 1.8e9), file(0.9, &json!(10), 1.9e9));
        let imported = read(&[("x/1.json", &short), ("x/2.json", &old), ("x/3.json", &new)]);
        assert_eq!(scores(&imported), ["a/b quiz 0.6"]);
        let texts: Vec<_> = imported.warnings.iter().map(ToString::to_string).collect();
        assert!(texts[0].starts_with("x/1.json: a run on a part of the items (limit 10)"), "{texts:?}");
        let alone = read(&[("1.json", &short)]);
        let detail = alone.snapshot.details.get(ModelIndex(0), TaskIndex(0)).unwrap();
        assert_eq!((detail.items, alone.snapshot.tasks[0].items), (Some(10), Some(100)));
    }

    #[test]
    fn files_without_scores_and_with_other_units_are_refused() {
        let refused = |value: Value| try_read(&[("r.json", &value.to_string())]).unwrap_err().to_string();
        assert!(refused(json!({"results": {"t": {"mc2,none": 55}}, "model_name": "a/b"})).contains("t.mc2"));
        assert!(refused(json!({"results": {"t": {}}, "model_name": "a/b"})).starts_with("r.json: no score in it"));
    }

    #[test]
    fn names_of_files_have_times() {
        let time = time_in_name("results_2026-01-21T03-44-18.458309.json").unwrap();
        assert_eq!(time - time_in_name("results_2026-01-21.json").unwrap(), 3.0 * 3600.0 + 44.0 * 60.0 + 18.0);
        assert_eq!(time_in_name("results.json"), None);
    }
}
