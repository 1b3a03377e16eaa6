//! Results of lighteval, `results/<org>/<model>/results_*.json`: `results: {"suite|task:subset|shots": {metric: value}}`,
//! in newer versions without the suite. The Open LLM Leaderboard v1 wrote this form too.
//!
//! One metric of each task is read, as of lm-evaluation-harness. `_average` of a task's subsets is the score of its
//! dataset and replaces them; `all` is an average of different tasks and is left out.

use super::harness::{tell_limit, time_in_name};
use super::main_metric::{main_metric, range};
use super::model_name::{self, first};
use super::{File, day_of, number};
use crate::error::{Error, Result};
use crate::formats::collection::{Collection, Measure};
use crate::snapshot::Detail;
use serde_json::{Map, Value};

pub(super) fn recognise(value: &Value) -> bool {
    let Some(results) = value.get("results").and_then(Value::as_object) else { return false };
    let barred = || results.keys().any(|key| key.contains('|'));
    value.get("config_general").is_some() || (barred() && results.values().all(Value::is_object))
}

pub(super) fn read(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let Some(results) = file.value.get("results").and_then(Value::as_object) else { return Ok(()) };
    let general = file.value.get("config_general").unwrap_or(&Value::Null);
    let config = general.get("model_config").unwrap_or(&Value::Null);
    let named = first(general, &["model_name"]).or_else(|| first(config, &["model_name", "pretrained"]));
    let model = match named {
        Some(name) => to.model(name),
        None => model_name::from_path(file.name, to),
    };
    if let Some(precision) = first(general, &["model_dtype"]).or_else(|| first(config, &["dtype"])) {
        to.fact(model, "precision", precision.trim_start_matches("torch."));
    }
    to.time = time_in_name(file.name);
    let date = to.time.and_then(day_of);
    for (key, metrics) in results {
        let Some(metrics) = metrics.as_object() else { continue };
        let task = Task::of(key);
        if key == "all" {
            to.leave_out("tasks", "an average of different tasks", 1);
            continue;
        }
        if task.is_part() && results.keys().any(|other| Task::of(other).is_average_of(&task)) {
            to.leave_out("tasks", "belong to a task with an average", 1);
            continue;
        }
        let Some((metric, score, others)) = main_metric(metrics) else {
            to.leave_out("tasks", "no score", 1);
            continue;
        };
        to.leave_out("metrics", "one metric of each task is read", others);
        let declared = range(task.name, metric.name, score as f32).ok_or_else(|| {
            let message = format!("expected a fraction, 0 to 1, or a percentage, found {score}");
            Error::input(message).at(to.at(format!("{key}.{}", metric.name)))
        })?;
        let about = about(file.value, key, task.name);
        let items = |key: &str| number(about.and_then(|about| about.get(key))).filter(|items| *items >= 1.0);
        let (effective, original) = (items("effective_num_docs"), items("original_num_docs"));
        let id = if task.is_part() { task.written } else { task.name };
        let measure = Measure {
            id: Some(id.to_owned()),
            subset: task.subset.filter(|_| task.is_part()).map(str::to_owned),
            shots: task.shots,
            lower_is_better: about.and_then(|about| higher_is_better(about, metric.name)).map(|up| !up),
            declared,
            items: original.or(effective).filter(|items| *items > 0.0).map(|items| items as u32),
            ..Measure::new(task.name, Some(metric.name))
        };
        let detail =
            Detail { error: metric.error(metrics), items: effective.map(|items| items as u32), date, source: None };
        to.score(model, &measure, score, detail);
    }
    tell_limit(general.get("max_samples"), 0, to);
    Ok(())
}

/// The parts of a key: `suite|task:subset|shots`, also without a suite.
struct Task<'k> {
    /// With its subset.
    written: &'k str,
    name: &'k str,
    subset: Option<&'k str>,
    shots: Option<u32>,
}

impl<'k> Task<'k> {
    fn of(key: &'k str) -> Self {
        let mut fields: Vec<&str> = key.split('|').collect();
        // A further number says whether the prompt may be shortened.
        if fields.len() > 3 {
            fields.truncate(3);
        }
        let shots = fields.last().and_then(|last| last.parse().ok()).filter(|_| fields.len() > 1);
        if shots.is_some() {
            fields.pop();
        }
        let task = fields.last().copied().unwrap_or(key);
        let (name, subset) = task.split_once(':').map_or((task, None), |(name, subset)| (name, Some(subset)));
        Self { written: task, name, subset, shots }
    }

    fn is_part(&self) -> bool {
        self.subset.is_some_and(|subset| subset != AVERAGE)
    }

    fn is_average_of(&self, part: &Task<'_>) -> bool {
        self.name == part.name && self.subset == Some(AVERAGE)
    }
}

const AVERAGE: &str = "_average";

/// What `config_tasks` says about a task.
fn about<'v>(value: &'v Value, key: &str, name: &str) -> Option<&'v Map<String, Value>> {
    let tasks = value.get("config_tasks")?.as_object()?;
    let by_name = || tasks.iter().find(|(other, _)| Task::of(other).name == name).map(|(_, about)| about);
    let without_shots = key.rsplit_once('|').map_or(key, |(start, _)| start);
    tasks.get(key).or_else(|| tasks.get(without_shots)).or_else(by_name)?.as_object()
}

fn higher_is_better(about: &Map<String, Value>, metric: &str) -> Option<bool> {
    let metrics = about.get("metrics").or_else(|| about.get("metric"))?.as_array()?;
    let named = metrics.iter().find(|one| one.get("metric_name").and_then(Value::as_str) == Some(metric))?;
    match named.get("higher_is_better")? {
        Value::Bool(flag) => Some(*flag),
        Value::Object(flags) => flags.get(metric)?.as_bool(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, scores};
    use crate::snapshot::{ModelIndex, TaskIndex};

    #[test]
    fn tasks_of_old_and_new_keys_are_read() {
        let old = r#"{"config_general": {"lighteval_sha": "a", "max_samples": null, "model_name": "org/a", "model_dtype": "torch.bfloat16"},
            "results": {"leaderboard|arc:challenge|25": {"acc": 0.5, "acc_stderr": 0.01, "acc_norm": 0.54, "acc_norm_stderr": 0.02},
                "lighteval|gsm8k|5": {"extractive_match": 0.44}, "leaderboard|mmlu:law|5": {"acc": 0.5}, "leaderboard|mmlu:art|5": {"acc": 0.7},
                "leaderboard|mmlu:_average|5": {"acc": 0.6}, "all": {"acc": 0.5}}, "versions": {}, "config_tasks": {}}"#;
        let imported = read(&[("r.json", old)]);
        assert_eq!(scores(&imported), ["org/a arc:challenge 0.54", "org/a gsm8k 0.44", "org/a mmlu 0.6"]);
        let snapshot = &imported.snapshot;
        assert_eq!((snapshot.tasks[0].dataset.as_str(), snapshot.tasks[0].shots), ("arc", Some(25)));
        assert_eq!(snapshot.details.get(ModelIndex(0), TaskIndex(0)).unwrap().error, Some(0.02));
        assert_eq!(imported.report.dropped.iter().map(|dropped| dropped.count).sum::<usize>(), 4);

        let new = r#"{"config_general": {"model_config": {"model_name": "org/a"}, "max_samples": 10},
            "results": {"gsm8k|0": {"extractive_match": 0.41, "extractive_match_stderr": 0.01}, "math|4": {"math_pass@1:1_samples": 0.3}},
            "config_tasks": {"gsm8k|0": {"effective_num_docs": 10, "original_num_docs": 1319}}}"#;
        let imported = read(&[("out/results_2026-01-02T03-04-05.json", new)]);
        assert_eq!(scores(&imported), ["org/a gsm8k 0.41", "org/a math 0.3"]);
        assert!(imported.warnings[0].to_string().contains("a run on a part of the items (limit 10)"));
        let detail = imported.snapshot.details.get(ModelIndex(0), TaskIndex(0)).unwrap();
        assert_eq!((detail.items, detail.date.unwrap().to_string().as_str()), (Some(10), "2026-01-02"));
    }
}
