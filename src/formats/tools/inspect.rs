//! Logs of `inspect_ai`, one run of a task by a model: JSON, or the header in a packed `.eval` file.
//!
//! Read are the metrics of each scorer with the standard error, the number of samples, and the day. Measures of spread
//! other than the standard error are left out, as are the samples.

use super::{File, number, time_of};
use crate::error::{Error, Result};
use crate::formats::collection::{Collection, Measure};
use crate::formats::yaml::words;
use crate::snapshot::{Detail, Range};
use serde_json::Value;

pub(super) fn recognise(value: &Value) -> bool {
    let states = |key: &str| value.get("eval").and_then(|eval| eval.get(key)).is_some_and(Value::is_string);
    states("task") && states("model") && value.get("status").is_some_and(Value::is_string)
}

pub(super) fn read(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let (log, eval) = (file.value, &file.value["eval"]);
    let status = words(log.get("status")).unwrap_or("unknown");
    if status != "success" {
        return Err(Error::input(format!("the run did not finish (status: {status})")).at(to.at("status")));
    }
    if log["invalidated"] == true {
        return Err(Error::input("the run was marked as invalid").at(to.at("invalidated")));
    }
    let given = words(eval.get("model")).filter(|model| *model != "none/none");
    let Some(given) = given else {
        return Err(Error::input("names no model; expected eval.model").at(to.at("eval.model")));
    };
    let id = model_id(given);
    let model = to.model(&id);
    if id != given {
        to.about(model).names.push(given.to_owned());
    }
    to.time = moment(log["stats"].get("completed_at")).or_else(|| moment(eval.get("created")));
    let run = Detail { items: samples(log, to), date: to.time.and_then(super::day_of), ..Detail::default() };
    let dataset = words(eval.get("task")).unwrap_or_default();
    let dataset = dataset.rsplit('/').next().unwrap_or(dataset);
    let task = Measure { subset: arguments(eval), ..Measure::new(dataset, None) };
    let scores = log["results"].get("scores").and_then(Value::as_array);
    let scores = scores.map_or(&[][..], Vec::as_slice);
    for at in 0..scores.len() {
        read_score(scores, at, &task, (model, run), to);
    }
    Ok(())
}

/// Reads the metrics of the scorer at a position.
fn read_score(scores: &[Value], at: usize, task: &Measure, (model, run): (u32, Detail), to: &mut Collection<'_>) {
    let name = |score: &Value| words(score.get("name")).or_else(|| words(score.get("scorer"))).map(str::to_owned);
    let (score, own) = (&scores[at], name(&scores[at]));
    let prefix = own.as_deref().filter(|_| own != name(&scores[0])).map_or(String::new(), |own| format!("{own}/"));
    // One scorer may come several times, with other ways to join the epochs of a sample.
    let is_again = scores[..at].iter().any(|earlier| name(earlier) == own);
    let reducer = words(score.get("reducer")).filter(|_| is_again);
    let suffix = reducer.map_or(String::new(), |reducer| format!(" ({reducer})"));
    let metrics = || score.get("metrics").and_then(Value::as_object).into_iter().flatten();
    let spreads = metrics().filter(|(name, _)| is_spread(name)).count();
    let error = metrics().find(|(name, _)| is_standard_error(name)).and_then(|(_, metric)| number(metric.get("value")));
    let error = error.filter(|error| *error >= 0.0).map(|error| error as f32);
    to.leave_out("metrics", "a measure of spread", spreads - usize::from(error.is_some()));
    let is_only = metrics().count() == spreads + 1;
    for (name, metric) in metrics().filter(|(name, _)| !is_spread(name)) {
        let Some(value) = number(metric.get("value")) else {
            to.leave_out("metrics", "no number", 1);
            continue;
        };
        let name = last_part(name);
        let is_accuracy = name == "accuracy";
        let measure = Measure { metric: Some(format!("{prefix}{name}{suffix}")), ..task.clone() };
        let is_fraction = is_accuracy && Range::FRACTION.contains(value as f32);
        let measure = if is_fraction { measure.fraction() } else { measure };
        // The standard error is that of the mean.
        let error = error.filter(|_| is_only || is_accuracy || name == "mean");
        to.score(model, &measure, value, Detail { error, ..run });
    }
}

/// A name without the package before it.
fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn is_standard_error(name: &str) -> bool {
    ["stderr", "bootstrap_stderr"].contains(&last_part(name))
}

fn is_spread(name: &str) -> bool {
    is_standard_error(name) || ["std", "bootstrap_std", "var", "variance"].contains(&last_part(name))
}

/// Services and programs that run models of others, whose name before that of the model is no organisation.
const RUNNERS: [&str; 18] = [
    "hf",
    "vllm",
    "vllm-completions",
    "sglang",
    "ollama",
    "llama-cpp-python",
    "transformer_lens",
    "nnterp",
    "openrouter",
    "together",
    "groq",
    "fireworks",
    "sambanova",
    "perplexity",
    "cloudflare",
    "hf-inference-providers",
    "openai-api",
    "bedrock",
];

/// Parts of a model's name that are neither its organisation nor its own name.
const SERVICES: [&str; 7] = ["azure", "bedrock", "vertex", "accounts", "models", "@cf", "local"];

/// The id of a model without the service that ran it: `org/name` for `hf/org/name`, `openai/name` for
/// `openai/azure/name`.
fn model_id(given: &str) -> String {
    let parts: Vec<&str> = given.split('/').collect();
    let (&provider, rest) = parts.split_first().unwrap_or((&given, &[]));
    let own: Vec<&str> = rest.iter().copied().filter(|part| !SERVICES.contains(part)).collect();
    match own.as_slice() {
        [] => given.to_owned(),
        [name] if RUNNERS.contains(&provider) => (*name).to_owned(),
        [name] => format!("{provider}/{name}"),
        [.., organisation, name] => format!("{organisation}/{name}"),
    }
}

/// The arguments that a person gave to the task, as the part of its dataset.
fn arguments(eval: &Value) -> Option<String> {
    const LONGEST: usize = 40;
    let given = eval.get("task_args_passed").or_else(|| eval.get("task_args")).and_then(Value::as_object)?;
    let plain = |value: &Value| match value {
        Value::String(text) if text.len() <= LONGEST && !text.is_empty() => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    let given: Vec<String> = given.iter().filter_map(|(key, value)| Some(format!("{key}={}", plain(value)?))).collect();
    (!given.is_empty()).then(|| given.join(","))
}

/// The number of samples that the run completed. A run on a part of the dataset is marked as partial.
fn samples(log: &Value, to: &mut Collection<'_>) -> Option<u32> {
    let (eval, results) = (&log["eval"], &log["results"]);
    let epochs = number(eval["config"].get("epochs")).filter(|epochs| *epochs >= 1.0).unwrap_or(1.0);
    let total = number(results.get("total_samples")).unwrap_or(0.0) / epochs;
    let all = number(eval["dataset"].get("samples")).unwrap_or(0.0).max(total).round();
    let completed = number(results.get("completed_samples")).filter(|count| *count >= 1.0)? / epochs;
    let limit = match eval["config"].get("limit") {
        Some(Value::Array(ends)) => number(ends.get(1)).zip(number(ends.first())).map(|(end, start)| end - start),
        limit => number(limit),
    };
    let (completed, all) = (completed.round().max(1.0) as u32, all as u32);
    let chosen = eval["config"].get("sample_id").is_some_and(|chosen| !chosen.is_null());
    if completed < all {
        to.is_partial = true;
        to.warn(format!("a run on {completed} of {all} samples"));
    } else if chosen || limit.is_some_and(|limit| limit <= f64::from(completed)) {
        to.is_partial = true;
        to.warn(format!("a run on {completed} samples, with a limit"));
    }
    Some(completed)
}

/// A time such as `2026-02-07T01:12:03+02:00` in seconds, without its time zone.
fn moment(value: Option<&Value>) -> Option<f64> {
    let day = time_of(value)?;
    let clock = value.and_then(Value::as_str).and_then(|text| text.get(11..19)).unwrap_or_default();
    let seconds =
        clock.split(':').try_fold(0, |seconds, part| Some(60 * seconds + u32::from(part.parse::<u8>().ok()?)));
    Some(day + f64::from(seconds.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, read_other_shapes, scores, try_read};
    use super::*;
    use crate::snapshot::{Date, ModelIndex, TaskIndex};

    const LOG: &str = r#"{"version": 2, "status": "success",
      "eval": {"task": "acme_evals/quiz", "model": "hf/acme/bird-7b", "created": "2026-02-07T01:12:03+02:00",
        "dataset": {"name": "acme/quiz", "samples": 100}, "config": {"limit": null, "epochs": 2}, "task_args": {}},
      "results": {"total_samples": 200, "completed_samples": 200, "scores": [
        {"name": "choice", "scorer": "choice", "metrics": {
          "accuracy": {"name": "accuracy", "value": 0.9}, "stderr": {"name": "stderr", "value": 0.03}, "std": {"value": 0.2}}},
        {"name": "judge", "scorer": "judge", "metrics": {"accuracy": {"name": "accuracy", "value": 0.8}, "worst": {"value": null}}}]},
      "stats": {"completed_at": "2026-02-07T02:00:00+02:00"}, "samples": []}"#;

    #[test]
    fn a_log_gives_the_metrics_of_its_scorers() {
        let imported = read(&[("log.json", LOG)]);
        assert_eq!(scores(&imported), ["acme/bird-7b quiz (accuracy) 0.9", "acme/bird-7b quiz (judge/accuracy) 0.8"]);
        let snapshot = &imported.snapshot;
        assert_eq!(snapshot.models[0].names, ["hf/acme/bird-7b"]);
        let detail = snapshot.details.get(ModelIndex(0), TaskIndex(0)).unwrap();
        assert_eq!((detail.error, detail.items, detail.date), (Some(0.03), Some(100), Date::new(2026, 2, 7)));
        assert_eq!(snapshot.details.get(ModelIndex(0), TaskIndex(1)).unwrap().error, None);
        let dropped: Vec<_> = imported.report.dropped.iter().map(|dropped| (&*dropped.why, dropped.count)).collect();
        assert_eq!(dropped, [("a measure of spread", 1), ("no number", 1)]);
        assert!(imported.warnings.is_empty(), "{:?}", imported.warnings);
    }

    #[test]
    fn an_unfinished_or_partial_run_says_so() {
        let refused = |from: &str, to: &str| try_read(&[("log.json", &LOG.replace(from, to))]).unwrap_err().to_string();
        assert!(refused(r#""success""#, r#""error""#).contains("the run did not finish (status: error)"));
        assert!(refused(r#""samples": []"#, r#""invalidated": true"#).contains("invalid"));
        assert!(refused("hf/acme/bird-7b", "none/none").contains("names no model"));
        for (from, to, expected) in [
            (r#""samples": 100"#, r#""samples": 400"#, "a run on 100 of 400 samples"),
            (r#""limit": null"#, r#""limit": [0, 100]"#, "a run on 100 samples, with a limit"),
            (r#""completed_samples": 200"#, r#""completed_samples": 190"#, "a run on 95 of 100 samples"),
        ] {
            let warnings = read(&[("log.json", &LOG.replace(from, to))]).warnings;
            assert!(warnings[0].to_string().contains(expected), "{warnings:?}");
        }
        let large = LOG.replace(r#""limit": null"#, r#""limit": 20000"#);
        assert!(read(&[("log.json", &large)]).warnings.is_empty());
    }

    #[test]
    fn the_latest_whole_run_counts() {
        let later = LOG.replace("02:00:00+", "05:00:00+").replace("0.9}", "0.7}");
        let part = later.replace("05:00:00+", "06:00:00+").replace(r#""samples": 100"#, r#""samples": 900"#);
        let imported = read(&[("a.json", LOG), ("b.json", &later), ("c.json", &part)]);
        assert_eq!(scores(&imported)[0], "acme/bird-7b quiz (accuracy) 0.7");
    }

    #[test]
    fn arguments_of_the_task_and_reducers_tell_tasks_apart() {
        let text = LOG
            .replace(r#""task_args": {}"#, r#""task_args": {"a": 1}, "task_args_passed": {"cot": true, "path": null}"#);
        let text = text.replace(r#""name": "judge", "scorer": "judge""#, r#""name": "choice", "reducer": "pass_at_2""#);
        assert_eq!(
            scores(&read(&[("log.json", &text)])),
            ["acme/bird-7b quiz/cot=true (accuracy) 0.9", "acme/bird-7b quiz/cot=true (accuracy (pass_at_2)) 0.8"]
        );
    }

    #[test]
    fn services_are_no_organisations() {
        for (given, id) in [
            ("openai/bird-mini", "openai/bird-mini"),
            ("openai/azure/bird-mini", "openai/bird-mini"),
            ("vllm/acme/bird-7b", "acme/bird-7b"),
            ("openrouter/acme/bird-7b", "acme/bird-7b"),
            ("fireworks/accounts/fireworks/models/bird-7b", "fireworks/bird-7b"),
            ("ollama/bird:0.5b", "bird:0.5b"),
            ("hf/local", "hf/local"),
            ("bird", "bird"),
            ("", ""),
        ] {
            assert_eq!(model_id(given), id, "{given}");
        }
    }

    #[test]
    fn other_json_is_no_log() {
        for text in
            ["{}", "[]", r#"{"eval": 1, "status": "success"}"#, r#"{"eval": {"task": [], "model": "a"}, "status": ""}"#]
        {
            assert!(!recognise(&serde_json::from_str(text).unwrap()), "{text}");
        }
        assert_eq!(
            moment(Some(&Value::from("2026-02-07T01:02:03Z"))),
            moment(Some(&Value::from("2026-02-07"))).map(|day| day + 3723.0)
        );
    }

    #[test]
    fn no_shape_of_json_panics() {
        read_other_shapes("log.json", LOG);
    }
}
