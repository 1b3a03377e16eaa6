//! The boards of HELM: `groups/….json`, a list of tables with a row for each model and a column for each scenario.
//!
//! Read is the table "Accuracy", with the columns that name a scenario and a metric ("MMLU - EM"). Averages are left out, as
//! are the tables about efficiency, calibration and the like. A model is called by the `model=` of its runs' names, else by
//! the name on the board, which is another name of it.

use super::helm::Name;
use super::pages::add_name;
use super::{File, number};
use crate::error::Result;
use crate::formats::collection::{Collection, Measure};
use crate::formats::yaml::words;
use crate::snapshot::{DataSource, Detail};
use serde_json::Value;

pub(super) fn recognise(value: &Value) -> bool {
    value.as_array().and_then(|list| list.first()).is_some_and(|first| {
        let of_cells = |key: &str| first[key].as_array().and_then(|cells| cells.first());
        first["title"].is_string()
            && of_cells("header").is_some_and(|cell| cell.get("value").is_some())
            && first["rows"].as_array().is_some_and(|rows| rows.iter().all(Value::is_array))
    })
}

pub(super) fn read(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let tables = file.value.as_array().map_or(&[][..], Vec::as_slice);
    let title = |table: &Value| words(table.get("title")).unwrap_or_default().to_owned();
    let has_accuracy = tables.iter().any(|table| is_accuracy(&title(table)));
    let source = to.source(DataSource::new("HELM", DataSource::NOT_STATED));
    for table in tables {
        let title = title(table);
        if is_accuracy(&title) || (!has_accuracy && !is_other(&title)) {
            read_table(table, source, to);
        } else {
            to.leave_out(&format!("table \"{title}\""), "not the table of the main scores", 1);
        }
    }
    Ok(())
}

fn is_accuracy(title: &str) -> bool {
    title.eq_ignore_ascii_case("accuracy")
}

/// Whether a table is about something else than the main scores.
fn is_other(title: &str) -> bool {
    const OTHERS: [&str; 8] = [
        "calibration",
        "robustness",
        "fairness",
        "efficiency",
        "general information",
        "bias",
        "toxicity",
        "representation",
    ];
    OTHERS.iter().any(|other| title.get(..other.len()).is_some_and(|start| start.eq_ignore_ascii_case(other)))
}

fn read_table(table: &Value, source: u32, to: &mut Collection<'_>) {
    let header = table["header"].as_array().map_or(&[][..], Vec::as_slice);
    let measures: Vec<Option<Measure>> = header.iter().map(measure).collect();
    let averages = measures.iter().skip(1).filter(|measure| measure.is_none()).count();
    to.leave_out("columns", "an average, or no scenario and metric", averages);
    for row in table["rows"].as_array().into_iter().flatten() {
        let cells = row.as_array().map_or(&[][..], Vec::as_slice);
        let shown = cells.first().and_then(|cell| words(cell.get("value")));
        let Some(id) = cells.iter().find_map(model).or_else(|| shown.map(str::to_owned)) else {
            to.leave_out("rows", "no model", 1);
            continue;
        };
        let model = to.model(&id);
        add_name(to, model, shown.unwrap_or_default());
        for (cell, measure) in cells.iter().zip(&measures).skip(1) {
            if let (Some(measure), Some(value)) = (measure, number(cell.get("value"))) {
                to.score(model, measure, value, Detail { source: Some(source), ..Detail::default() });
            }
        }
    }
}

/// The model of the runs that a cell joins.
fn model(cell: &Value) -> Option<String> {
    let runs = cell.get("run_spec_names")?.as_array()?;
    runs.iter().filter_map(Value::as_str).find_map(|name| Name::of(name).model())
}

/// What a column measures: "MMLU - EM".
fn measure(header: &Value) -> Option<Measure> {
    let (scenario, metric) = words(header.get("value"))?.rsplit_once(" - ")?;
    Some(Measure {
        lower_is_better: header.get("lower_is_better").and_then(Value::as_bool),
        ..Measure::new(scenario, Some(metric.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, read_other_shapes, scores, try_read};
    use super::*;

    const GROUPS: &str = r#"[
      {"title": "Accuracy", "header": [{"value": "Model"}, {"value": "Mean win rate", "lower_is_better": false},
         {"value": "Quiz - EM", "lower_is_better": false}, {"value": "Speech - WER", "lower_is_better": true}],
       "rows": [
         [{"value": "Bird (7B)", "href": ""}, {"value": 0.9}, {"value": 0.8, "run_spec_names": ["quiz:subject=a,model=acme_bird-7b"]}, {"value": 0.3}],
         [{"value": "Crow"}, {"value": 0.1}, {"value": 0.4}, {"value": null}]]},
      {"title": "Efficiency", "header": [{"value": "Model"}, {"value": "Quiz - Inference time (s)"}], "rows": [[{"value": "Crow"}, {"value": 3.0}]]},
      {"title": "General information", "header": [{"value": "Model"}], "rows": []}]"#;

    #[test]
    fn the_table_of_accuracy_is_read() {
        let imported = read(&[("core_scenarios.json", GROUPS)]);
        assert_eq!(scores(&imported), ["acme/bird-7b Quiz 0.8", "acme/bird-7b Speech 0.3", "Crow Quiz 0.4"]);
        let snapshot = &imported.snapshot;
        assert_eq!(snapshot.models[0].names, ["Bird (7B)"]);
        assert_eq!(snapshot.tasks[0].metric.as_deref(), Some("EM"));
        assert!(snapshot.tasks[1].lower_is_better);
        assert_eq!(snapshot.sources[0].name, "HELM");
        let dropped: Vec<_> = imported.report.dropped.iter().map(|dropped| &*dropped.what).collect();
        assert_eq!(dropped, ["columns", "table \"Efficiency\"", "table \"General information\""]);
    }

    #[test]
    fn a_board_without_that_table_gives_its_main_tables() {
        let other = GROUPS.replace("Accuracy", "Following of instructions");
        assert_eq!(scores(&read(&[("g.json", &other)])).len(), 3);
        let none = GROUPS.replace("Accuracy", "Calibration");
        assert!(try_read(&[("g.json", &none)]).unwrap_err().to_string().contains("1 table \"Calibration\""));
    }

    #[test]
    fn other_lists_are_no_tables() {
        for text in [
            "[]",
            "{}",
            r#"[{"title": "a", "header": ["b"], "rows": []}]"#,
            r#"[{"title": "a", "header": [{"value": 1}]}]"#,
        ] {
            assert!(!recognise(&serde_json::from_str(text).unwrap()), "{text}");
        }
        assert!(
            try_read(&[("g.json", r#"[{"title": "A", "header": [{"value": 1}], "rows": [[], [1, {}]]}, 3]"#)]).is_err()
        );
    }

    #[test]
    fn no_shape_of_json_panics() {
        read_other_shapes("g.json", GROUPS);
    }
}
