//! `card`: a forecast for places where no script runs.

use super::{Ran, TestDir, bundled};
use serde_json::Value;

const CARD: &str = "---\nbase_model:\n- Qwen/Qwen2-7B-Instruct\n- meta-llama/Llama-3.1-8B-Instruct\n\
                    base_model_relation: merge\n---\n# A merge\n";

/// A folder with a saved model and a card.
fn folder() -> TestDir {
    let dir = TestDir::new();
    dir.run(&["train", &bundled(), "--method", "mla", "-o", "m.eyas"]).fine();
    dir.write("README.md", CARD);
    dir
}

fn card(dir: &TestDir, more: &[&str]) -> Ran {
    dir.run(&[&["card", "--model", "m.eyas"], more].concat())
}

#[test]
fn a_card_is_written_to_stdout_or_whole_to_a_file_and_is_the_same_each_time() {
    let dir = folder();
    let given = ["--lineage", "README.md", "--facts", "name=org/merge", "--scores", "ifeval=0.71", "--format", "svg"];
    let svg = card(&dir, &given).fine();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && svg.len() <= 12_288, "{svg}");
    for part in ["org/merge", "as given", "A Qwen/Qwen2-7B-Instruct", "forecasts that are not measured"] {
        assert!(svg.contains(part), "{part}: {svg}");
    }
    assert_eq!(card(&dir, &[&given[..], &["-o", "c.svg"]].concat()).fine(), "wrote c.svg\n");
    assert_eq!(dir.read("c.svg"), svg);
}

#[test]
fn formats_that_other_programs_read_are_read_by_them() {
    let dir = folder();
    let about = ["--lineage", "README.md", "--facts", "name=org/merge"];
    let of = |more: &[&str]| card(&dir, &[&about[..], more].concat()).fine();
    let badge: Value = serde_json::from_str(&of(&["--format", "badge", "--tasks", "bbh"])).unwrap();
    assert_eq!((&badge["schemaVersion"], &badge["label"]), (&1.into(), &"bbh, forecast".into()));
    assert!(of(&["--format", "badge-svg", "--tasks", "bbh"]).contains("<title>bbh, forecast: "));
    let table = of(&["--format", "markdown", "--tasks", "bbh,gpqa", "--date", "2026-07-01"]);
    assert_eq!(table.lines().filter(|line| line.starts_with('|')).count(), 4);
    assert!(table.contains("Made on 2026-07-01."), "{table}");
    // The forecasts in a card are no known scores of the next forecast.
    let index = of(&["--format", "model-index"]);
    dir.write("with.md", format!("---\nbase_model: Qwen/Qwen2-7B-Instruct\n{index}---\n"));
    let (json, warnings) = dir.run(&["predict", "--model", "m.eyas", "--lineage", "with.md", "--json"]).warned();
    assert!(warnings.iter().any(|warning| warning.contains("a forecast, not measured")), "{warnings:?}");
    let json: Value = serde_json::from_str(&json).unwrap();
    assert!(json["forecasts"].as_array().unwrap().iter().all(|forecast| forecast["known"] == false));
}

#[test]
fn bad_requests_are_refused_before_the_work_and_leave_the_file() {
    let dir = folder();
    dir.write("old.svg", "old");
    for (more, message) in [
        (&["--id", "org/x", "--format", "png"][..], "no format \"png\"; there are svg, markdown,"),
        (&["--id", "org/x", "--format", "badge"], "a badge is about one benchmark; name it with --tasks"),
        (&["--id", "org/x", "--format", "badge", "--tasks", "bbh,gpqa"], "but --tasks names 2"),
        (&["--id", "org/x", "--format", "badge", "--tasks", "all"], "a badge is about one benchmark"),
        (&["--id", "org/x", "--format", "markdown", "--theme", "dark"], "only the format svg has a theme"),
        (&["--id", "org/x", "--format", "svg", "--theme", "pink"], "no theme \"pink\""),
        (&["--id", "org/x", "--format", "svg", "--date", "today"], "--date: expected a date like 2025-01-31"),
        (&["--id", "org/x", "--format", "svg", "--tasks", "juggling", "-o", "old.svg"], "juggling"),
        (&["--id", "Qwen/Qwen2-7B-Instruct", "--format", "model-index"], "all of these scores are known"),
        (&["--lineage", "README.md", "--format", "svg", "-o", "README.md"], "the output is the input"),
        (&["--format", "svg"], "describe the model"),
    ] {
        let ran = card(&dir, more);
        assert!(ran.code == Some(2) && ran.stderr.contains(message), "{more:?}: {}", ran.stderr);
        assert!(ran.stdout.is_empty());
    }
    assert_eq!((dir.read("old.svg"), dir.read("README.md")), ("old".to_owned(), CARD.to_owned()));
}
