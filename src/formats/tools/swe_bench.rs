//! The boards of SWE-bench: `leaderboards.json`, the share of issues that systems resolved, and
//! `info_for_leaderboard.json`, the issues one by one.
//!
//! A row of the boards is a system of an agent and models, not a model, and keeps its own name. If its tags name one model,
//! the row is a configuration of it.

use super::{File, day_of, number, time_of};
use crate::error::Result;
use crate::formats::collection::{Collection, Measure};
use crate::formats::hub_id;
use crate::formats::yaml::words;
use crate::snapshot::Detail;
use serde_json::{Map, Value};

pub(super) fn recognise(value: &Value) -> bool {
    value.as_object().is_some_and(|object| is_boards(object) || is_issues(object))
}

fn is_boards(object: &Map<String, Value>) -> bool {
    let boards = object.get("leaderboards").and_then(Value::as_array);
    let has_rows = |board: &Value| {
        board["results"].as_array().is_some_and(|rows| rows.iter().any(|row| row.get("resolved").is_some()))
    };
    boards.is_some_and(|boards| boards.iter().any(has_rows))
}

fn is_issues(object: &Map<String, Value>) -> bool {
    let model = object.values().next().and_then(Value::as_object);
    let issue = model.and_then(|issues| issues.values().next());
    issue.is_some_and(|issue| {
        issue["resolved"].is_boolean() && (issue.get("cost").is_some() || issue.get("api_calls").is_some())
    })
}

pub(super) fn read(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let source = to.board("SWE-bench", "https://www.swebench.com", "CC BY-NC 4.0");
    match file.value.get("leaderboards").and_then(Value::as_array) {
        Some(boards) => {
            to.warn("the rows are systems of an agent and models, not models alone");
            for board in boards {
                read_board(board, source, to);
            }
        }
        None => read_issues(file.value, to),
    }
    Ok(())
}

fn read_board(board: &Value, source: u32, to: &mut Collection<'_>) {
    let measure = Measure {
        subset: words(board.get("name")).map(str::to_owned),
        lower_is_better: Some(false),
        ..Measure::new("SWE-bench", Some("resolved"))
    }
    .percent();
    for row in board["results"].as_array().into_iter().flatten() {
        let score = number(row.get("resolved")).filter(|score| (0.0..=100.0).contains(score));
        let (Some(name), Some(score)) = (words(row.get("name")), score) else {
            to.leave_out("rows", "no name or percentage", 1);
            continue;
        };
        let system = to.model(name);
        let about = to.about(system);
        if about.configuration_of.is_none() {
            about.configuration_of = model_of(row);
        }
        if let Some(site) = words(row.get("site")).filter(|site| site.starts_with("http")) {
            about.url.get_or_insert_with(|| site.to_owned());
        }
        let date = time_of(row.get("date")).and_then(day_of);
        to.score(system, &measure, score, Detail { date, source: Some(source), ..Detail::default() });
    }
}

/// The model that the tags of a row name, if they name one only.
fn model_of(row: &Value) -> Option<String> {
    let tags = row.get("tags")?.as_array()?.iter().filter_map(Value::as_str);
    let mut models = tags.filter_map(|tag| tag.strip_prefix("Model:")).map(str::trim);
    let model = models.next().filter(|_| models.next().is_none())?;
    hub_id(model).filter(|id| !id.contains(char::is_whitespace)).map(str::to_owned)
}

fn read_issues(models: &Value, to: &mut Collection<'_>) {
    for (name, issues) in models.as_object().into_iter().flatten() {
        let model = to.model(name);
        for (issue, outcome) in issues.as_object().into_iter().flatten() {
            match outcome.get("resolved").and_then(Value::as_bool) {
                Some(resolved) => to.outcome(model, "SWE-bench", issue, resolved),
                None => to.leave_out("issues", "neither resolved nor unresolved", 1),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, read_other_shapes, scores};
    use super::*;
    use crate::snapshot::{Date, ModelIndex, TaskIndex};

    const BOARDS: &str = r#"{"leaderboards": [
      {"name": "Verified", "results": [
        {"name": "Nest 1.0 (Bird)", "folder": "20250227_nest", "resolved": 50.2, "date": "2025-02-27", "site": "https://acme.org/nest",
         "os_model": false, "tags": ["Model: bird-2025-01-01", "Org: Acme", "System: Attempts - 1"], "warning": null},
        {"name": "Nest 2.0", "resolved": 60, "date": "2025-03-01", "tags": ["Model: bird", "Model: crow"]},
        {"name": "Nest 3.0", "resolved": 61, "tags": ["Model: https://huggingface.co/acme/owl-7b"]},
        {"name": "Nest 4.0", "resolved": null}]},
      {"name": "Lite", "results": [{"name": "Nest 1.0 (Bird)", "resolved": 40, "tags": null}]},
      {"name": "Empty", "results": []}]}"#;

    #[test]
    fn rows_are_systems_on_several_boards() {
        let imported = read(&[("leaderboards.json", BOARDS)]);
        assert_eq!(
            scores(&imported),
            [
                "Nest 1.0 (Bird) SWE-bench/Verified 50.2",
                "Nest 1.0 (Bird) SWE-bench/Lite 40",
                "Nest 2.0 SWE-bench/Verified 60",
                "Nest 3.0 SWE-bench/Verified 61"
            ]
        );
        let snapshot = &imported.snapshot;
        let models: Vec<_> = snapshot.models.iter().map(|model| model.configuration_of.as_deref()).collect();
        assert_eq!(models, [Some("bird-2025-01-01"), None, Some("acme/owl-7b")]);
        assert_eq!(snapshot.details.get(ModelIndex(0), TaskIndex(0)).unwrap().date, Date::new(2025, 2, 27));
        assert_eq!(snapshot.sources[0].license, "CC BY-NC 4.0");
        assert!(imported.warnings[0].to_string().contains("not models alone"));
    }

    #[test]
    fn issues_are_outcomes() {
        let text = r#"{"bird": {"nest__1": {"resolved": true, "cost": 1.5, "api_calls": 3}, "nest__2": {"resolved": false, "cost": 0}},
          "crow": {"nest__1": {"resolved": null}, "nest__2": {"resolved": true}}}"#;
        let imported = read(&[("info_for_leaderboard.json", text)]);
        assert_eq!(
            scores(&imported),
            ["bird SWE-bench/nest__1 1", "bird SWE-bench/nest__2 0", "crow SWE-bench/nest__2 1"]
        );
        assert_eq!(imported.report.dropped[0].count, 1);
    }

    #[test]
    fn other_objects_are_no_boards() {
        for text in [
            "{}",
            "[]",
            r#"{"leaderboards": []}"#,
            r#"{"leaderboards": [{"results": [{"name": "a"}]}]}"#,
            r#"{"a": {"b": {"resolved": 1}}}"#,
        ] {
            assert!(!recognise(&serde_json::from_str(text).unwrap()), "{text}");
        }
    }

    #[test]
    fn no_shape_of_json_panics() {
        read_other_shapes("l.json", BOARDS);
    }
}
