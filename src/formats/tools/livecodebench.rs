//! The board of LiveCodeBench: the performances of models on questions, with the models' facts, or a list of
//! performances alone.
//!
//! A performance is the share of programs that solve a question, in percent. From one half on, the question counts as
//! solved; a warning states how many performances lie between none and all.

use super::pages::{add_name, add_page};
use super::{File, day_of, number};
use crate::error::Result;
use crate::formats::collection::Collection;
use crate::formats::folder::stem;
use crate::formats::markup::find_ignoring_case;
use crate::formats::yaml::words;
use crate::snapshot::DataSource;
use serde_json::Value;
use std::borrow::Cow;

pub(super) fn recognise(value: &Value) -> bool {
    performances(value).and_then(|list| list.first()).is_some_and(|first| {
        let has = |key: &str| first.get(key).is_some();
        has("question_id") && has("pass@1") && has("model")
    })
}

fn performances(value: &Value) -> Option<&Vec<Value>> {
    value.as_array().or_else(|| value.get("performances")?.as_array())
}

pub(super) fn read(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    to.board("LiveCodeBench", "https://livecodebench.github.io", DataSource::NOT_STATED);
    let dataset = dataset(stem(file.name));
    let (mut count, mut between) = (0, 0);
    let mut models: Vec<(&str, u32)> = Vec::new();
    for performance in performances(file.value).into_iter().flatten() {
        let question = performance.get("question_id").and_then(|id| match id {
            Value::String(text) => Some(Cow::Borrowed(text.trim())),
            Value::Number(number) => Some(Cow::Owned(number.to_string())),
            _ => None,
        });
        let score = number(performance.get("pass@1")).filter(|score| (0.0..=100.0).contains(score));
        let (Some(name), Some(question), Some(score)) = (words(performance.get("model")), question, score) else {
            to.leave_out("performances", "no model, question or percentage", 1);
            continue;
        };
        let model = to.model(name);
        if !models.iter().rev().any(|(known, _)| *known == name) {
            models.push((name, model));
        }
        to.outcome(model, dataset, &question, score >= 50.0);
        count += 1;
        between += usize::from(score > 0.0 && score < 100.0);
    }
    if between > 0 {
        to.warn(format!(
            "of {count} performances, {between} lie between 0 and 100 %; a question counts as solved from 50 % on"
        ));
    }
    for entry in file.value.get("models").and_then(Value::as_array).into_iter().flatten() {
        about_model(entry, &models, to);
    }
    Ok(())
}

/// The dataset by the name of the file: the benchmark has four scenarios.
fn dataset(stem: &str) -> &'static str {
    let has = |word: &str| find_ignoring_case(stem, word).is_some();
    if has("execution") {
        "LiveCodeBench-execution"
    } else if has("testgen") {
        "LiveCodeBench-testgen"
    } else if has("repair") {
        "LiveCodeBench-repair"
    } else {
        "LiveCodeBench"
    }
}

/// Adds the facts about a model, which the performances name as it is shown. Models without performance are not added.
fn about_model(entry: &Value, models: &[(&str, u32)], to: &mut Collection<'_>) {
    let (name, shown) = (words(entry.get("model_name")), words(entry.get("model_repr")));
    let position = |name: &str| models.iter().find(|(known, _)| *known == name).map(|(_, model)| *model);
    let Some(model) = shown.and_then(position).or_else(|| position(name?)) else {
        to.leave_out("models", "no performance", 1);
        return;
    };
    add_name(to, model, name.unwrap_or_default());
    add_page(to, model, words(entry.get("link")));
    let released = number(entry.get("release_date")).and_then(|milliseconds| day_of(milliseconds / 1000.0));
    let about = to.about(model);
    about.date = about.date.or(released);
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, read_other_shapes, scores, try_read};
    use super::*;
    use crate::snapshot::{Date, TaskKind};

    const PERFORMANCES: &str = r#"[
      {"question_id": "1873_A", "model": "Bird-7B", "date": 1692576000000, "difficulty": "easy", "pass@1": 100.0, "platform": "x"},
      {"question_id": 2727, "model": "Bird-7B", "date": 1692576000000, "difficulty": "hard", "pass@1": 40, "platform": "y"},
      {"question_id": 2727, "model": "Crow", "date": 1692576000000, "difficulty": "hard", "pass@1": 50, "platform": "y"},
      {"question_id": 2727, "model": "Crow", "pass@1": null}]"#;

    #[test]
    fn performances_are_outcomes() {
        let board = format!(
            r#"{{"performances": {PERFORMANCES}, "date_marks": [], "models": [
              {{"model_name": "acme/bird-7b", "model_repr": "Bird-7B", "release_date": 1693353600000, "link": "https://huggingface.co/acme/bird-7b"}},
              {{"model_name": "acme/owl", "model_repr": "Owl", "release_date": null, "link": ""}}]}}"#
        );
        let expected = ["Bird-7B LiveCodeBench/1873_A 1", "Bird-7B LiveCodeBench/2727 0", "Crow LiveCodeBench/2727 1"];
        let imported = read(&[("performances_generation.json", &board)]);
        assert_eq!(scores(&imported), expected);
        let snapshot = &imported.snapshot;
        assert!(snapshot.tasks.iter().all(|task| task.kind == TaskKind::Outcome));
        assert_eq!(
            (&*snapshot.models[0].names, snapshot.models[0].date),
            (&["acme/bird-7b".to_owned()][..], Date::new(2023, 8, 30))
        );
        assert!(
            imported.warnings[0].to_string().contains("of 3 performances, 2 lie between"),
            "{:?}",
            imported.warnings
        );
        assert_eq!(snapshot.models.len(), 2);
        assert_eq!(scores(&read(&[("p.json", PERFORMANCES)])), expected);
        let lines: Value = serde_json::from_str(PERFORMANCES).unwrap();
        let lines: Vec<String> = lines.as_array().unwrap().iter().map(Value::to_string).collect();
        assert_eq!(scores(&read(&[("p.jsonl", &lines.join("\n"))])), expected);
    }

    #[test]
    fn the_scenarios_are_datasets_of_their_own() {
        let imported = read(&[("performances_execution.json", PERFORMANCES)]);
        assert_eq!(imported.snapshot.tasks[0].id, "LiveCodeBench-execution/1873_A");
    }

    #[test]
    fn other_json_is_no_board() {
        for text in ["{}", "[]", "[1]", r#"{"performances": [], "models": []}"#, r#"[{"question_id": 1, "pass@1": 2}]"#]
        {
            assert!(!recognise(&serde_json::from_str(text).unwrap()), "{text}");
        }
        assert!(try_read(&[("p.json", r#"[{"question_id": [], "model": 1, "pass@1": 1}]"#)]).is_err());
    }

    #[test]
    fn no_shape_of_json_panics() {
        read_other_shapes("p.json", PERFORMANCES);
    }
}
