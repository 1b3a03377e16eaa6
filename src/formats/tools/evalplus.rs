//! EvalPlus: its board (`results.json`, a model a key) and its runs (`…_eval_results.json`).
//!
//! The tasks are HumanEval, HumanEval+, MBPP and MBPP+ in pass@1. A run states pass@1 itself or has the outcomes of each
//! task's programs, which are counted; in the tests of "plus" a program passes only if it passes the base tests too. The
//! name of a run's file or folder tells the model (`org--name_vllm_temp_0.0`).

use super::pages::{add_page, id_of};
use super::{File, number, time_of};
use crate::error::{Error, Result};
use crate::formats::collection::{Collection, Measure};
use crate::formats::folder::stem;
use crate::formats::yaml::words;
use crate::snapshot::Detail;
use serde_json::{Map, Value};

/// The datasets as the board and the names of a run's tasks or folder write them.
const DATASETS: [(&str, &str, &str); 2] = [("humaneval", "HumanEval/", "HumanEval"), ("mbpp", "Mbpp/", "MBPP")];

pub(super) fn recognise(value: &Value) -> bool {
    value.as_object().is_some_and(|object| is_board(object) || is_run(object))
}

fn is_board(object: &Map<String, Value>) -> bool {
    let scores = object.values().next().and_then(|model| model.get("pass@1"));
    scores.is_some_and(|scores| DATASETS.iter().any(|(key, ..)| scores.get(key).is_some()))
}

fn is_run(object: &Map<String, Value>) -> bool {
    let states = object.get("pass_at_k").is_some_and(|of| of.get("base").is_some_and(Value::is_object));
    let first = object.get("eval").and_then(Value::as_object).and_then(|tasks| tasks.values().next());
    let has = |task: &Value| task.get("base").is_some_and(Value::is_array) || task[0].get("base_status").is_some();
    states || first.is_some_and(has)
}

pub(super) fn read(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let Some(object) = file.value.as_object() else { return Ok(()) };
    if is_board(object) {
        read_board(object, to);
        return Ok(());
    }
    read_run(file, to)
}

fn read_board(board: &Map<String, Value>, to: &mut Collection<'_>) {
    let source = to.board("EvalPlus", "https://evalplus.github.io", "Apache-2.0");
    for (name, entry) in board {
        let Some(scores) = entry.get("pass@1").filter(|scores| scores.is_object()) else {
            to.leave_out("models", "no pass@1", 1);
            continue;
        };
        let model = to.model(name);
        add_page(to, model, words(entry.get("link")));
        to.size(model, number(entry.get("size")));
        for (key, _, dataset) in DATASETS {
            for plus in ["", "+"] {
                if let Some(score) = number(scores.get(format!("{key}{plus}").as_str())) {
                    let measure = Measure::new(&format!("{dataset}{plus}"), Some("pass@1")).percent();
                    to.score(model, &measure, score, Detail { source: Some(source), ..Detail::default() });
                }
            }
        }
    }
}

fn read_run(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let tasks = file.value["eval"].as_object();
    let first = tasks.and_then(|tasks| tasks.keys().next()).map_or("", String::as_str);
    let by_task = DATASETS.iter().find(|(_, start, _)| first.starts_with(start));
    let by_path = || {
        DATASETS
            .iter()
            .find(|(key, ..)| file.name.split(['/', '_', '-', '.']).any(|part| part.eq_ignore_ascii_case(key)))
    };
    let Some((.., dataset)) = by_task.or_else(by_path) else {
        let message = "names no dataset; expected tasks such as \"HumanEval/0\" or \"Mbpp/2\" in \"eval\"";
        return Err(Error::input(message).at(to.at("eval")));
    };
    let (id, is_clear) = model_of(file.name);
    if !is_clear {
        to.warn(format!(
            "the file's name is taken as the model \"{id}\"; EvalPlus calls it org--name_temp_0.0_eval_results.json"
        ));
    }
    let model = to.model(&id);
    to.time = time_of(file.value.get("date"));
    let items = tasks.map(|tasks| tasks.len() as u32).filter(|items| *items > 0);
    let detail = Detail { items, date: to.time.and_then(super::day_of), ..Detail::default() };
    for (tests, plus) in [("base", ""), ("plus", "+")] {
        let stated = file.value["pass_at_k"].get(tests);
        let others = stated.and_then(Value::as_object).map_or(0, |of| of.keys().filter(|key| *key != "pass@1").count());
        to.leave_out("scores", "pass@k for another k than 1", others);
        let stated = number(stated.and_then(|of| of.get("pass@1")));
        if let Some(score) = stated.or_else(|| counted(tasks?, plus == "+")) {
            to.score(model, &Measure::new(&format!("{dataset}{plus}"), Some("pass@1")).fraction(), score, detail);
        }
    }
    Ok(())
}

/// The mean share of a task's programs that pass; `None` if the run has no such tests.
fn counted(tasks: &Map<String, Value>, plus: bool) -> Option<f64> {
    let shares: Option<Vec<f64>> = tasks.values().map(|task| share(task, plus)).collect();
    let shares = shares.filter(|shares| !shares.is_empty())?;
    Some(shares.iter().sum::<f64>() / shares.len() as f64)
}

fn share(task: &Value, plus: bool) -> Option<f64> {
    let passes = |status: &Value| matches!(status.as_str(), Some("pass" | "success"));
    let passed: Vec<bool> = match task {
        // The newer form: a program an entry.
        Value::Array(programs) => {
            let in_plus = |program: &Value| match program.get("plus_status") {
                None | Some(Value::Null) => None,
                Some(status) => Some(passes(status)),
            };
            let passed = |program: &Value| {
                let base = passes(program.get("base_status")?);
                if plus { Some(base && in_plus(program)?) } else { Some(base) }
            };
            programs.iter().map(passed).collect::<Option<_>>()?
        }
        // The older form: lists of outcomes, each a status and its details.
        _ => {
            let outcomes = |key: &str| task.get(key)?.as_array().filter(|list| !list.is_empty());
            let base = outcomes("base")?.iter().map(|outcome| passes(&outcome[0]));
            match plus {
                false => base.collect(),
                true => base.zip(outcomes("plus")?).map(|(base, outcome)| base && passes(&outcome[0])).collect(),
            }
        }
    };
    let count = passed.iter().filter(|passed| **passed).count();
    (!passed.is_empty()).then(|| count as f64 / passed.len() as f64)
}

/// What runs the models, as the names of files state it.
const BACKENDS: [&str; 9] =
    ["vllm", "hf", "openai", "anthropic", "google", "bedrock", "ollama", "gptqmodel", "mistral"];

/// The model in the name of a run's file or folder, and whether the name has the form that EvalPlus gives it.
fn model_of(path: &str) -> (String, bool) {
    let file = stem(path);
    let own = file.strip_suffix("eval_results").map_or(file, |name| name.trim_end_matches(['_', '-', '.']));
    let folders = path.rsplit('/').skip(1);
    for name in std::iter::once(own).chain(folders) {
        let model = name.split_once("_temp_").map(|(model, _)| model);
        if let Some(model) = model.or(Some(name).filter(|name| name.contains("--"))).filter(|model| !model.is_empty()) {
            let model = match model.rsplit_once('_') {
                Some((model, backend)) if BACKENDS.contains(&backend) => model,
                _ => model,
            };
            return (id_of(model), true);
        }
    }
    (if own.is_empty() { file } else { own }.to_owned(), false)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, read_other_shapes, scores, try_read};
    use super::*;
    use crate::snapshot::{Factor, ModelIndex, Range, TaskIndex};

    #[test]
    fn the_board_gives_tasks_sizes_and_pages() {
        let board = r#"{
          "Bird 7B": {"link": "https://huggingface.co/acme/bird-7b", "open-data": "NONE",
            "pass@1": {"humaneval": 81.7, "humaneval+": 77.4, "mbpp": null, "mbpp+": null}, "prompted": true, "size": 7.2},
          "Crow": {"link": "https://acme.org/crow", "pass@1": {"humaneval": 0.6, "mbpp+": 70}, "size": null}, "x": 1}"#;
        let imported = read(&[("results.json", board)]);
        assert_eq!(
            scores(&imported),
            ["Bird 7B HumanEval 81.7", "Bird 7B HumanEval+ 77.4", "Crow HumanEval 0.6", "Crow MBPP+ 70"]
        );
        let snapshot = &imported.snapshot;
        assert_eq!(snapshot.models[0].names, ["acme/bird-7b"]);
        assert_eq!(snapshot.models[0].factors["params"], Factor::Number(7.2));
        assert_eq!(snapshot.models[1].url.as_deref(), Some("https://acme.org/crow"));
        assert!(snapshot.models[1].names.is_empty() && !snapshot.models[1].factors.contains_key("params"));
        assert!(snapshot.tasks.iter().all(|task| task.range == Some(Range::PERCENT)));
        assert_eq!((&*snapshot.sources[0].name, &*snapshot.sources[0].license), ("EvalPlus", "Apache-2.0"));
    }

    const RUN: &str = r#"{"date": "2025-01-05 10:00", "hash": "0", "eval": {
      "HumanEval/0": [{"task_id": "HumanEval/0", "base_status": "pass", "plus_status": "fail"}],
      "HumanEval/1": [{"task_id": "HumanEval/1", "base_status": "fail", "plus_status": "pass"}],
      "HumanEval/2": [{"task_id": "HumanEval/2", "base_status": "pass", "plus_status": "pass"}],
      "HumanEval/3": [{"task_id": "HumanEval/3", "base_status": "pass", "plus_status": "pass"}]}}"#;

    #[test]
    fn outcomes_are_counted_and_plus_needs_base() {
        let imported = read(&[("humaneval/acme--bird-7b_vllm_temp_0.0_eval_results.json", RUN)]);
        assert_eq!(scores(&imported), ["acme/bird-7b HumanEval 0.75", "acme/bird-7b HumanEval+ 0.5"]);
        assert_eq!(imported.snapshot.details.get(ModelIndex(0), TaskIndex(0)).unwrap().items, Some(4));
        assert!(imported.warnings.is_empty(), "{:?}", imported.warnings);
        let old = r#"{"date": "", "eval": {
          "Mbpp/2": {"nfiles": 2, "base": [["success", [1]], ["failed", [0]]], "plus": [["failed", []], ["success", []]]},
          "Mbpp/3": {"nfiles": 2, "base": [["success", [1]], ["success", [1]]], "plus": [["success", []], ["success", []]]}}}"#;
        let imported = read(&[("mbpp/acme--bird-7b_temp_0.8/eval_results.json", old)]);
        assert_eq!(scores(&imported), ["acme/bird-7b MBPP 0.75", "acme/bird-7b MBPP+ 0.5"]);
        let base = RUN.replace(r#""plus_status": "fail""#, r#""plus_status": null"#);
        assert_eq!(scores(&read(&[("a_temp_0_eval_results.json", &base)])), ["a HumanEval 0.75"]);
    }

    #[test]
    fn a_stated_score_counts_before_the_outcomes() {
        let stated = RUN.replacen(
            '{',
            r#"{"pass_at_k": {"base": {"pass@1": 0.8, "pass@10": 0.9}, "plus": {"pass@1": 0.7}}, "#,
            1,
        );
        let imported = read(&[("bird.json", &stated)]);
        assert_eq!(scores(&imported), ["bird HumanEval 0.8", "bird HumanEval+ 0.7"]);
        assert!(imported.warnings[0].to_string().contains("the file's name is taken as the model \"bird\""));
        assert_eq!(imported.report.dropped[0].why, "pass@k for another k than 1");
        let only = r#"{"pass_at_k": {"base": {"pass@1": 0.8}}}"#;
        assert_eq!(scores(&read(&[("mbpp/bird.json", only)])), ["bird MBPP 0.8"]);
        assert!(try_read(&[("bird.json", only)]).unwrap_err().to_string().contains("names no dataset"));
    }

    #[test]
    fn other_objects_are_of_another_form() {
        for text in [
            "{}",
            "[]",
            r#"{"a": {"pass@1": 3}}"#,
            r#"{"eval": {"t": [{"status": "pass"}]}}"#,
            r#"{"eval": {"t": []}}"#,
        ] {
            assert!(!recognise(&serde_json::from_str(text).unwrap()), "{text}");
        }
        for (path, id) in [
            ("a/eval_results.json", "eval_results"),
            ("o--m_hf_temp_0.0.json", "o/m"),
            ("gpt_4_temp_0/eval_results.json", "gpt_4"),
        ] {
            assert_eq!(model_of(path).0, id, "{path}");
        }
    }

    #[test]
    fn no_shape_of_json_panics() {
        read_other_shapes("a.json", RUN);
        read_other_shapes("results.json", r#"{"a": {"link": "x", "pass@1": {"humaneval": 81.7}, "size": 7.2}}"#);
    }
}
