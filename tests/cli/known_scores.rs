//! Known scores of a model, typed or stated by its files: each has the unit of its own task, and a score of something else
//! is never the benchmark's.

use super::{Ran, TestDir, bundled, list};
use serde_json::{Value, json};

/// The kinds of tasks: percentages, a part of a dataset, a rating, fractions.
const TABLE: &str = "model,MMLU,gpqa_diamond,Arena Elo,fraction\n\
    o/a,45.1,20.5,1000,0.2\no/b,65.1,30.5,1250,0.3\no/c,55.2,40.5,1500,0.4\n";

/// A forecast from these scores; `text` stands in `scores.yaml`.
fn predict(dir: &TestDir, snapshot: &str, scores: &str, text: &str) -> Ran {
    dir.write("scores.yaml", text);
    let arguments = ["predict", "--snapshot", snapshot, "--method", "mean", "--json", "--facts", "name=o/new"];
    dir.run(&[&arguments[..], &["--scores", scores]].concat())
}

/// The known scores of a forecast as shares of the range, and the warnings.
#[track_caller]
fn known(ran: Ran) -> (Value, Vec<String>) {
    assert_eq!(ran.code, Some(0), "{}: {}", ran.command, ran.stderr);
    let prediction: Value = serde_json::from_str(&ran.stdout).unwrap();
    let given = list(&prediction["forecasts"]).iter().filter(|forecast| forecast["known"] == true);
    let rounded = |mean: &Value| (1e4 * mean.as_f64().unwrap()).round() / 1e4;
    let scores =
        given.map(|forecast| (forecast["task"].as_str().unwrap().to_owned(), json!(rounded(&forecast["mean"]))));
    (Value::Object(scores.collect()), ran.stderr.lines().map(str::to_owned).collect())
}

fn table(dir: &TestDir) {
    dir.write("t.csv", TABLE);
}

#[test]
fn each_entry_of_a_file_has_its_own_unit() {
    let dir = TestDir::new();
    let text = "- dataset: {id: TIGER-Lab/MMLU-Pro, task_id: mmlu_pro}\n  value: 0.35\n\
        - dataset: {id: google/IFEval, task_id: ifeval}\n  value: 71.2\n";
    let read = known(predict(&dir, &bundled(), "@scores.yaml", text));
    assert_eq!(read, (json!({ "ifeval": 0.712, "mmlu_pro": 0.35 }), Vec::new()));
    table(&dir);
    let text = "- {dataset: {id: a/mmlu}, value: 0.5}\n- {dataset: {id: a/fraction}, value: 31%}\n\
        - {dataset: {id: a/gpqa_diamond}, value: '35.5 %'}\n- {dataset: {id: a/arena_elo}, value: 1205}\n";
    let (scores, warnings) = known(predict(&dir, "t.csv", "@scores.yaml", text));
    assert_eq!(scores, json!({ "MMLU": 0.5, "fraction": 0.31, "gpqa_diamond": 0.355, "Arena Elo": 0.41 }));
    assert_eq!(warnings, ["warning: MMLU: 0.5 was read as 50 %; write 0.5% if that is meant"]);
}

#[test]
fn a_part_of_a_benchmark_in_a_card_is_not_the_benchmark() {
    let dir = TestDir::new();
    let result = |dataset: &str, value: f64| {
        format!(
            "  - dataset: {{name: MMLU-Pro, type: TIGER-Lab/MMLU-Pro, {dataset}}}\n    metrics: [{{type: accuracy, value: {value}}}]\n"
        )
    };
    let card = |results: String| {
        format!("---\nbase_model: Qwen/Qwen2-7B\nmodel-index:\n- name: x\n  results:\n{results}---\n")
    };
    let ask = |card: &str| {
        dir.write("card.md", card);
        let start = ["predict", "--snapshot", &bundled(), "--method", "mean", "--json", "--lineage", "card.md"];
        known(dir.run(&start))
    };
    let parts = card(result("config: law, split: test", 0.18) + &result("config: biology, split: test", 0.61));
    let warning = "warning: known scores not used: MMLU-Pro law, MMLU-Pro biology (no such task here)";
    assert_eq!(ask(&parts), (json!({}), vec![warning.to_owned()]));
    let both = card(result("args: {subject: law}", 0.18) + &result("config: default, args: {num_few_shot: 5}", 0.61));
    let warning = "warning: known scores not used: MMLU-Pro law (no such task here)";
    assert_eq!(ask(&both), (json!({ "mmlu_pro": 0.61 }), vec![warning.to_owned()]));
    let (_, warnings) = known(predict(&dir, &bundled(), "@scores.yaml", &both));
    assert_eq!(warnings, [warning], "the card as a file of scores");
}

#[test]
fn a_task_id_may_begin_with_its_dataset() {
    let dir = TestDir::new();
    table(&dir);
    for part in ["task_id: gpqa_diamond", "task_id: diamond", "config: diamond"] {
        let text = format!("- dataset: {{id: Idavidrein/gpqa, {part}}}\n  value: 30.5\n");
        let read = known(predict(&dir, "t.csv", "@scores.yaml", &text));
        assert_eq!(read, (json!({ "gpqa_diamond": 0.305 }), Vec::new()), "{part}");
    }
    let text = "- dataset: {id: Idavidrein/gpqa, task_id: gpqa_main}\n  value: 30.5\n- dataset: {id: cais/MMLU}\n  value: 50\n";
    let warning = "warning: known scores not used: gpqa_main (no such task here)";
    let read = known(predict(&dir, "t.csv", "@scores.yaml", text));
    assert_eq!(read, (json!({ "MMLU": 0.5 }), vec![warning.to_owned()]));
}

#[test]
fn a_typed_score_has_the_unit_of_its_task() {
    let dir = TestDir::new();
    dir.write("two.csv", "model,MMLU,GSM8K\norg/a,0.801,70.9\norg/b,65.1,0.559\norg/c,45.1,35.9\n");
    dir.run(&["import", "two.csv", "-o", "two.json"]).warned();
    for (scores, expected, warnings) in [
        ("MMLU=70,GSM8K=45%", json!({ "MMLU": 0.7, "GSM8K": 0.45 }), &[][..]),
        ("MMLU=0.7", json!({ "MMLU": 0.7 }), &["MMLU: 0.7 was read as 70 %; write 0.7% if that is meant"]),
        (
            "GSM8K=0.001",
            json!({ "GSM8K": 0.0 }),
            &["GSM8K: 0.001 was read as 0.001 %, the unit of the task; write 0.1% if that is meant"],
        ),
    ] {
        let warnings: Vec<String> = warnings.iter().map(|line| format!("warning: {line}")).collect();
        assert_eq!(known(predict(&dir, "two.json", scores, "")), (expected, warnings), "{scores}");
    }
    let read = known(predict(&dir, &bundled(), "ifeval=0.7,bbh=45%,math=31,gpqa=0.5%", ""));
    assert_eq!(read, (json!({ "ifeval": 0.7, "bbh": 0.45, "math": 0.31, "gpqa": 0.005 }), Vec::new()));
    table(&dir);
    assert_eq!(known(predict(&dir, "t.csv", "Arena Elo=1250", "")), (json!({ "Arena Elo": 0.5 }), Vec::new()));
    let warning = "warning: Arena Elo: 1700 lies outside of the measured scores, 1000 to 1500, and counts as 1500";
    let read = known(predict(&dir, "t.csv", "Arena Elo=1700", ""));
    assert_eq!(read, (json!({ "Arena Elo": 1.0 }), vec![warning.to_owned()]));
}

#[test]
fn a_typed_score_that_its_task_cannot_have_is_an_error() {
    let dir = TestDir::new();
    table(&dir);
    for (scores, expected) in [
        ("MMLU=430", "the known score of \"MMLU\": expected 0 to 100, found 430"),
        ("fraction=-0.5", "the known score of \"fraction\": expected 0 to 100, found -0.5"),
        ("Arena Elo=45%", "the known score of \"Arena Elo\": its scores are no percentages, found 45%"),
        ("wild=0.5", "no task \"wild\" here"),
    ] {
        let line = predict(&dir, "t.csv", scores, "").failed(2);
        assert!(line.contains(expected), "{scores}: {line}");
    }
}

#[test]
fn scores_that_a_file_lists_in_vain_are_named() {
    let dir = TestDir::new();
    let of = |text: &str| known(predict(&dir, &bundled(), "@scores.yaml", text));
    let draft =
        "- dataset: {id: TIGER-Lab/MMLU-Pro, task_id: mmlu_pro}\n  metrics:\n  - {metric_id: accuracy, value: 20.9}\n";
    assert_eq!(of(draft), (json!({ "mmlu_pro": 0.209 }), Vec::new()), "an earlier draft of the hub's format");
    let text = "- {dataset: {id: a/ifeval}, value: high}\n- {dataset: {id: a/bbh}, metric: loss, value: 1.5}\n\
        - {dataset: {id: a/math}, value: 430}\n- {dataset: {id: a/gpqa}, value: 30}\n- {dataset: a/GPQA, value: 35}\n";
    let (scores, warnings) = of(text);
    assert_eq!(scores, json!({ "gpqa": 0.3 }));
    let [unread, unused] = &warnings[..] else { panic!("{warnings:?}") };
    assert!(unread.ends_with("ifeval in entry 1 (expected value: a number); bbh loss (no accuracy)"), "{unread}");
    assert!(
        unused.contains("math (expected 0 to 100, found 430); GPQA (the first score of the task counts)"),
        "{unused}"
    );
    let line = predict(&dir, &bundled(), "@scores.yaml", "- dataset: {id: a/b}\n  value: high\n").failed(2);
    assert!(line.contains("b in entry 1 (expected value: a number)"), "{line}");
}
