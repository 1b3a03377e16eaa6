//! BigCodeBench: its boards (`results.json`, `results-hard.json`) and its runs (`…_eval_results.json`,
//! `…_pass_at_k.json`).
//!
//! The parts of the benchmark are "complete" and "instruct". A file's name tells whether it is of BigCodeBench-Hard. The
//! name of a run's file tells the model (`org--name--main--bigcodebench-hard-instruct--vllm-0-1-…`).

use super::pages::{add_page, id_of};
use super::{File, day_of, number, time_of};
use crate::error::{Error, Result};
use crate::formats::collection::{Collection, Measure};
use crate::formats::folder::stem;
use crate::formats::markup::find_ignoring_case;
use crate::formats::yaml::words;
use crate::snapshot::{DataSource, Detail, Factor, parse_day};
use serde_json::{Map, Value};

/// The parts of the benchmark.
const PARTS: [&str; 2] = ["complete", "instruct"];

pub(super) fn recognise(value: &Value) -> bool {
    value.as_object().is_some_and(|object| is_board(object) || is_run(object) || is_summary(object))
}

fn is_board(object: &Map<String, Value>) -> bool {
    let scores = object.values().next().and_then(|model| model.get("pass@1"));
    scores.is_some_and(|scores| PARTS.iter().any(|part| scores.get(part).is_some()))
}

fn is_run(object: &Map<String, Value>) -> bool {
    let first = object.get("eval").and_then(Value::as_object).and_then(|tasks| tasks.values().next());
    first.is_some_and(|programs| programs[0]["status"].is_string())
}

/// Whether an object is the summary of a run: its pass@k and what it was run with.
fn is_summary(object: &Map<String, Value>) -> bool {
    const SETTINGS: [&str; 6] = ["model", "split", "subset", "calibrated", "gt_pass_rate", "failed_tasks"];
    let is_own = |key: &String| key.starts_with("pass@") || SETTINGS.contains(&key.as_str());
    object.get("pass@1").is_some_and(Value::is_number) && object.keys().all(is_own)
}

pub(super) fn read(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let Some(object) = file.value.as_object() else { return Ok(()) };
    if is_board(object) {
        read_board(object, file.name, to);
        return Ok(());
    }
    read_run(object, file.name, to)
}

fn dataset(is_hard: bool) -> &'static str {
    if is_hard { "BigCodeBench-Hard" } else { "BigCodeBench" }
}

fn is_hard(text: &str) -> bool {
    find_ignoring_case(text, "hard").is_some()
}

fn measure(dataset: &str, part: &str) -> Measure {
    Measure { subset: Some(part.to_owned()), ..Measure::new(dataset, Some("pass@1")) }
}

fn read_board(board: &Map<String, Value>, name: &str, to: &mut Collection<'_>) {
    let is_hard = is_hard(stem(name));
    if !is_hard && stem(name) != "results" {
        to.warn("read as results on the whole of BigCodeBench, since the file's name does not say \"hard\"");
    }
    let source = to.board("BigCodeBench", "https://bigcode-bench.github.io", DataSource::NOT_STATED);
    let detail = Detail { source: Some(source), ..Detail::default() };
    for (name, entry) in board {
        let Some(scores) = entry.get("pass@1").filter(|scores| scores.is_object()) else {
            to.leave_out("models", "no pass@1", 1);
            continue;
        };
        let model = to.model(name);
        add_page(to, model, words(entry.get("link")));
        facts(entry, model, to);
        for part in PARTS {
            if let Some(score) = number(scores.get(part)) {
                to.score(model, &measure(dataset(is_hard), part).percent(), score, detail);
            }
        }
    }
}

fn facts(entry: &Value, model: u32, to: &mut Collection<'_>) {
    to.size(model, number(entry.get("size")));
    let is_mixture = entry.get("moe").and_then(Value::as_bool);
    let active = number(entry.get("act_param")).filter(|active| *active > 0.0 && is_mixture == Some(true));
    let about = to.about(model);
    about.date = about.date.or_else(|| parse_day(words(entry.get("date"))?));
    if let Some(is_mixture) = is_mixture {
        about.factors.entry("moe".to_owned()).or_insert(Factor::Flag(is_mixture));
    }
    if let Some(active) = active {
        about.factors.entry("active_params".to_owned()).or_insert(Factor::Number(active));
    }
}

fn read_run(run: &Map<String, Value>, path: &str, to: &mut Collection<'_>) -> Result<()> {
    let own = |key: &str| words(run.get(key));
    let name = Name::of(stem(path));
    let subset = own("subset").or(name.as_ref().map(|name| name.benchmark));
    let is_hard = subset.is_some_and(is_hard);
    let split = own("split").or(name.as_ref().map(|name| name.benchmark)).unwrap_or_default();
    let Some(part) = PARTS.into_iter().find(|part| split.contains(part)) else {
        let message = "names neither \"complete\" nor \"instruct\"; keep the name that BigCodeBench gives to the file";
        return Err(Error::input(message).at(to.at("split")));
    };
    let id = own("model").map(str::to_owned).or_else(|| Some(name?.model));
    let id = id.unwrap_or_else(|| {
        let id = stem(path).to_owned();
        to.warn(format!("the file's name is taken as the model \"{id}\""));
        id
    });
    let tasks = run.get("eval").and_then(Value::as_object);
    let Some(score) = number(run.get("pass@1")).or_else(|| counted(tasks?)) else {
        to.leave_out("runs", "no task has an outcome", 1);
        return Ok(());
    };
    to.time = time_of(run.get("date"));
    let items = tasks.map(|tasks| tasks.len() as u32);
    let detail = Detail { items, date: to.time.and_then(day_of), ..Detail::default() };
    let model = to.model(&id);
    let others = run.keys().filter(|key| key.starts_with("pass@") && *key != "pass@1").count();
    to.leave_out("scores", "pass@k for another k than 1", others);
    to.score(model, &measure(dataset(is_hard), part).fraction(), score, detail);
    Ok(())
}

/// The mean share of a task's programs that pass.
fn counted(tasks: &Map<String, Value>) -> Option<f64> {
    let share = |programs: &Value| {
        let programs = programs.as_array().filter(|programs| !programs.is_empty())?;
        let passed = programs.iter().filter(|program| words(program.get("status")) == Some("pass")).count();
        Some(passed as f64 / programs.len() as f64)
    };
    let shares: Vec<f64> = tasks.values().filter_map(share).collect();
    (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
}

/// What the name of a run's file tells.
struct Name<'a> {
    model: String,
    /// The benchmark's part: `hard-instruct`, or `instruct` for the whole.
    benchmark: &'a str,
}

impl<'a> Name<'a> {
    fn of(stem: &'a str) -> Option<Self> {
        let (model, rest) = stem.split_once("--bigcodebench-")?;
        let benchmark = rest.split_once("--").map_or(rest, |(benchmark, _)| benchmark);
        let model = model.strip_suffix("--main").unwrap_or(model);
        // A third part is a revision.
        let end = model.match_indices("--").nth(1).map_or(model.len(), |(at, _)| at);
        Some(Self { model: id_of(&model[..end]), benchmark })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, read_other_shapes, scores, try_read};
    use super::*;
    use crate::snapshot::{Date, ModelIndex, TaskIndex};

    const BOARD: &str = r#"{
      "Bird 7B": {"link": "https://huggingface.co/acme/bird-7b", "pass@1": {"instruct": 13.5, "complete": 12.8},
        "prompted": true, "moe": false, "size": 6.7, "act_param": 6.7, "date": "2024-12-04", "prefill": true},
      "Crow": {"link": "", "pass@1": {"instruct": null, "complete": 40}, "moe": true, "size": 47, "act_param": 13, "date": null}}"#;

    #[test]
    fn the_name_of_a_board_tells_its_benchmark() {
        let imported = read(&[("results-hard.json", BOARD)]);
        assert_eq!(
            scores(&imported),
            [
                "Bird 7B BigCodeBench-Hard/complete 12.8",
                "Bird 7B BigCodeBench-Hard/instruct 13.5",
                "Crow BigCodeBench-Hard/complete 40"
            ]
        );
        let models = &imported.snapshot.models;
        assert_eq!((models[0].date, &*models[0].names[0]), (Date::new(2024, 12, 4), "acme/bird-7b"));
        assert!(!models[0].factors.contains_key("active_params"));
        assert_eq!(models[1].factors["active_params"], Factor::Number(13.0));
        assert_eq!(models[1].factors["moe"], Factor::Flag(true));
        assert!(imported.warnings.is_empty(), "{:?}", imported.warnings);
        let whole = read(&[("board.json", BOARD)]);
        assert_eq!(whole.snapshot.tasks[0].id, "BigCodeBench/complete");
        assert!(whole.warnings[0].to_string().contains("does not say \"hard\""));
        assert!(read(&[("results.json", BOARD)]).warnings.is_empty());
    }

    const RUN: &str = r#"{"date": "2025-01-05 10:00", "eval": {
      "BigCodeBench/0": [{"task_id": "BigCodeBench/0", "status": "pass", "details": {}}, {"task_id": "BigCodeBench/0", "status": "fail"}],
      "BigCodeBench/1": [{"task_id": "BigCodeBench/1", "status": "pass"}, {"task_id": "BigCodeBench/1", "status": "pass"}]}}"#;

    #[test]
    fn runs_are_counted_or_state_their_score() {
        let name = "acme--bird-7b--main--bigcodebench-hard-instruct--vllm-0-1-sanitized_calibrated";
        let imported = read(&[(&format!("{name}_eval_results.json"), RUN)]);
        assert_eq!(scores(&imported), ["acme/bird-7b BigCodeBench-Hard/instruct 0.75"]);
        assert_eq!(imported.snapshot.details.get(ModelIndex(0), TaskIndex(0)).unwrap().items, Some(2));
        let imported = read(&[(&format!("{name}_pass_at_k.json"), r#"{"pass@1": 0.37, "pass@5": 0.5}"#)]);
        assert_eq!(scores(&imported), ["acme/bird-7b BigCodeBench-Hard/instruct 0.37"]);
        let own =
            r#"{"pass@1": 0.37, "model": "acme/crow", "split": "complete", "subset": "full", "gt_pass_rate": 0.99}"#;
        assert_eq!(scores(&read(&[("x.json", own)])), ["acme/crow BigCodeBench/complete 0.37"]);
        assert!(try_read(&[("x.json", RUN)]).unwrap_err().to_string().contains("keep the name"));
        let unnamed = r#"{"pass@1": 0.37, "split": "complete"}"#;
        assert!(read(&[("bird.json", unnamed)]).warnings[0].to_string().contains("taken as the model \"bird\""));
    }

    #[test]
    fn names_of_files_have_a_model_and_a_part() {
        for (stem, model, benchmark) in [
            ("bird--main--bigcodebench-instruct--google-0-1-x", "bird", "instruct"),
            ("acme--bird--bigcodebench-hard-complete--hf-0-1", "acme/bird", "hard-complete"),
            ("acme--bird--v2--bigcodebench-complete--hf-0-1", "acme/bird", "complete"),
        ] {
            let name = Name::of(stem).unwrap();
            assert_eq!((&*name.model, name.benchmark), (model, benchmark), "{stem}");
        }
        assert!(Name::of("bird").is_none());
    }

    #[test]
    fn other_objects_are_of_another_form() {
        for text in [
            "{}",
            "[]",
            r#"{"pass@1": 1, "name": "a"}"#,
            r#"{"eval": {"t": [{"base_status": "pass"}]}}"#,
            r#"{"eval": {"t": {}}}"#,
        ] {
            assert!(!recognise(&serde_json::from_str(text).unwrap()), "{text}");
        }
    }

    #[test]
    fn no_shape_of_json_panics() {
        read_other_shapes("results.json", BOARD);
        read_other_shapes("a--bigcodebench-complete.json", RUN);
    }
}
