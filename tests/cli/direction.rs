//! Tasks where less is better, and scores with a standard error.

use super::{TestDir, keys, list};

use serde_json::{Value, json};

/// Scores of eight models: `acc` of 100 items, `wer` of which less is better with these standard errors, and `ppl`, which
/// is open-ended and less is better.
fn snapshot(wer: &[f64; 8], errors: &[Option<f64>; 8]) -> String {
    let models: Vec<Value> = (0..8).map(|at| json!({ "id": format!("lab/m{at}") })).collect();
    let range = json!({ "low": 0, "high": 1 });
    let mut column = json!({ "values": wer });
    if errors.iter().any(Option::is_some) {
        column["errors"] = json!(errors);
    }
    json!({
        "format": "eyas-snapshot/2",
        "sources": [
            { "id": "s", "name": "Speech board", "url": "https://example.org/s", "license": "CC0", "date": "2026-01-31" },
            { "id": "o", "name": "Other", "license": "not stated" },
        ],
        "models": models,
        "tasks": [
            { "id": "acc", "metric": "accuracy", "range": range, "items": 100, "chance": 0.25 },
            { "id": "wer", "lower_is_better": true, "range": range },
            { "id": "ppl", "lower_is_better": true },
        ],
        "scores": [
            { "models": [0, 1, 2, 3, 4, 5], "values": [0.9, 0.8, 0.7, 0.6, 0.5, 1.0] },
            column,
            { "models": [0, 1, 2, 3, 4, 5, 6], "values": [5.0, 6.0, 7.5, 8.0, 9.0, 10.0, 15.0] },
        ],
    })
    .to_string()
}

const WER: [f64; 8] = [0.12, 0.1, 0.3, 0.01, 0.5, 0.55, 0.7, 0.9];
const ERRORS: [Option<f64>; 8] =
    [Some(0.02), Some(0.02), Some(0.02), Some(0.02), None, Some(0.01), Some(0.01), Some(0.01)];

fn folder() -> TestDir {
    let dir = TestDir::new();
    dir.write("s.json", snapshot(&WER, &ERRORS));
    dir.write("exact.json", snapshot(&WER, &[None; 8]));
    dir
}

fn near(value: &Value, expected: f64) {
    assert!((value.as_f64().unwrap() - expected).abs() < 1e-6, "{value} is not {expected}");
}

#[test]
fn the_best_is_the_lowest_and_an_error_ties_neighbours() {
    let dir = folder();
    let rank = |file: &str, task: &str| {
        dir.run(&["rank", "--snapshot", file, "--method", "mean", "--task", task, "--json"]).json()
    };
    let ranking = rank("s.json", "wer");
    assert_eq!(keys(&ranking), ["task", "method", "range", "lower_is_better", "models"]);
    assert_eq!(ranking["lower_is_better"], true);
    let of = |ranking: &Value, key: &str| {
        list(&ranking["models"]).iter().map(|model| model[key].clone()).collect::<Vec<_>>()
    };
    let order = [3, 1, 0, 2, 4, 5, 6, 7].map(|at| json!(format!("lab/m{at}")));
    assert_eq!((of(&ranking, "id"), of(&ranking, "rank")), (order.to_vec(), (1..=8).map(Value::from).collect()));
    near(&ranking["models"][1]["score"], 0.1);
    near(&ranking["models"][1]["error"], 0.02);
    assert!(ranking["models"][4]["error"].is_null() && ranking["models"][1]["lower"].is_null());
    let tied: Vec<bool> = of(&ranking, "tied_with_above").iter().map(|tied| tied.as_bool().unwrap()).collect();
    assert_eq!(tied, [false, false, true, false, false, false, false, false]);
    assert_eq!((&ranking["models"][1]["rank_lower"], &ranking["models"][1]["rank_upper"]), (&json!(2), &json!(3)));
    let exact = rank("exact.json", "wer");
    assert_eq!(of(&exact, "id"), order);
    assert!(of(&exact, "tied_with_above").iter().all(|tied| tied == false));
    assert_eq!(of(&exact, "rank_lower"), of(&exact, "rank_upper"));

    let open = rank("s.json", "ppl");
    near(&open["models"][0]["score"], 0.0);
    assert_eq!((&open["models"][0]["id"], &open["range"]), (&json!("lab/m0"), &json!({ "low": 5.0, "high": 15.0 })));
    assert_eq!(rank("s.json", "acc")["lower_is_better"], false);
    let text = dir.run(&["rank", "--snapshot", "s.json", "--method", "mean", "--task", "wer"]).fine();
    assert!(text.lines().next().unwrap().contains("wer (less is better)"), "{text}");
    assert!(text.contains("tied with the one above"), "{text}");
}

#[test]
fn a_measured_score_has_its_error_and_a_given_one_stays_as_given() {
    let dir = folder();
    let predict = |more: &[&str]| {
        let start = ["predict", "--snapshot", "s.json", "--method", "mean", "--json"];
        dir.run(&[&start[..], more].concat()).json()
    };
    let known = predict(&["--id", "lab/m0", "--compare", "lab/m1,lab/m2"]);
    let [acc, wer, ppl] = [0, 1, 2].map(|at| known["forecasts"][at].clone());
    assert_eq!([&acc, &wer, &ppl].map(|task| &task["lower_is_better"]), [&json!(false), &json!(true), &json!(true)]);
    assert_eq!((&wer["known"], &wer["rank"], &wer["mean"]), (&json!(true), &json!(3), &json!(0.12)));
    near(&wer["lower"], 0.12 - 1.645 * 0.02);
    near(&wer["upper"], 0.12 + 1.645 * 0.02);
    // 0.9 of 100 items.
    near(&acc["lower"], 0.9 - 1.645 * 0.03);
    assert!(ppl["lower"].is_null() && ppl["upper"].is_null() && ppl["rank"] == 1);
    let beats = |id: &str| wer["beats"][id].as_f64().unwrap();
    assert!((0.1..0.45).contains(&beats("lab/m1")) && beats("lab/m2") > 0.99, "{wer}");
    assert_eq!(known["measured"], json!({ "acc": 0.9, "wer": 0.12, "ppl": 0.0 }));
    let low = predict(&["--id", "lab/m3"])["forecasts"][1].clone();
    near(&low["lower"], 0.0);
    near(&low["upper"], 0.01 + 1.645 * 0.02);

    let given = predict(&["--facts", "name=lab/new", "--scores", "wer=0.11,acc=0.5"]);
    let [acc, wer] = [0, 1].map(|at| given["forecasts"][at].clone());
    assert_eq!((&wer["mean"], &wer["rank"], &wer["known"]), (&json!(0.11), &json!(3), &json!(true)));
    assert!(wer["lower"].is_null());
    near(&acc["upper"], 0.5 + 1.645 * 0.05);
    let text = dir.run(&["predict", "--snapshot", "s.json", "--method", "mean", "--id", "lab/m0"]).fine();
    assert!(text.contains("wer (less is better)") && text.contains("measured, 0.087 to 0.153"), "{text}");
    assert!(text.contains("3 (2 to 3) of 8"), "{text}");
}

#[test]
fn info_lists_sources_and_tasks() {
    let dir = folder();
    let info = dir.run(&["info", "s.json", "--json"]).json();
    let sources = json!([
        { "id": "s", "name": "Speech board", "url": "https://example.org/s", "license": "CC0", "date": "2026-01-31" },
        { "id": "o", "name": "Other", "url": null, "license": "not stated", "date": null },
    ]);
    assert_eq!((&info["sources"], &info["source"]), (&sources, &json!("Speech board; Other")));
    let tasks = list(&info["task_list"]);
    let expected = json!({
        "id": "acc", "dataset": "acc", "task_type": null, "metric": "accuracy", "range": { "low": 0.0, "high": 1.0 }, "chance": 0.25,
        "lower_is_better": false, "items": 100, "cells": 6
    });
    assert_eq!(tasks[0], expected);
    let of = |at: usize| [&tasks[at]["range"], &tasks[at]["lower_is_better"], &tasks[at]["items"], &tasks[at]["cells"]];
    assert_eq!(of(2), [&Value::Null, &json!(true), &Value::Null, &json!(7)]);
    let text = dir.run(&["info", "s.json"]).fine();
    assert!(
        text.contains("acc   accuracy") && text.contains("less is better") && text.contains("open-ended"),
        "{text}"
    );

    let head: String = (0..25).map(|at| format!(",t{at}")).collect();
    let row: String = (0..25).map(|at| format!(",0.{at:02}")).collect();
    dir.write("wide.csv", format!("model{head}\na{row}\nb{row}\n"));
    let text = dir.run(&["info", "wide.csv"]).fine();
    assert!(text.contains("t19 ") && !text.contains("t20 ") && text.ends_with("and 5 more\n"), "{text}");

    dir.write("items.csv", "model,1,2,3\na,1,0,1\nb,0,1,\n");
    let info = dir.run(&["info", "items.csv", "--json"]).json();
    let tasks = list(&info["task_list"]);
    assert_eq!((tasks.len(), &tasks[0]["items"], &tasks[0]["cells"]), (1, &json!(3), &json!(5)));
    let text = dir.run(&["info", "items.csv"]).fine();
    assert!(text.contains("benchmark  items  results\nitems          3        5\n"), "{text}");
}

/// The file of predictions has them in the task's own direction; the metrics are those of the table with 1 - x.
#[test]
fn predictions_of_a_backtest_are_mirrored() {
    let dir = folder();
    let turned = snapshot(&WER.map(|wer| 1.0 - wer), &[None; 8])
        .replace("\"id\":\"wer\",\"lower_is_better\":true", "\"id\":\"wer\"");
    let turned = turned.replace("\"lower_is_better\":true,\"range\"", "\"range\"");
    dir.write("turned.json", &turned);
    let run = |file: &str| {
        let out = format!("{file}.csv");
        let arguments = ["backtest", file, "--method", "knn", "--split", "models:3", "--predictions", &out, "--json"];
        let report = dir.run(&arguments).json();
        let rows: Vec<Vec<String>> =
            dir.read(&out).lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect();
        (rows, report["results"][0]["metrics"].clone())
    };
    let (less, more) = (run("exact.json"), run("turned.json"));
    let mut of_wer = 0;
    for (less, more) in less.0.iter().zip(&more.0) {
        assert_eq!(less[..4], more[..4]);
        let number = |text: &str| text.parse::<f64>().unwrap();
        for at in [4, 5] {
            let expected = if less[3] == "wer" { 1.0 - number(&more[at]) } else { number(&more[at]) };
            assert!((number(&less[at]) - expected).abs() < 1e-5, "{less:?} {more:?}");
        }
        if less[3] == "wer" {
            let model: usize = less[2].trim_start_matches("lab/m").parse().unwrap();
            assert_eq!(less[4], WER[model].to_string(), "the truth as it was measured");
            of_wer += 1;
        }
    }
    assert!(of_wer == 3 && less.0.len() == more.0.len());
    for key in ["mae", "pearson", "weighted_tau", "rank_accuracy", "mae_at_2"] {
        assert_eq!(less.1[key].is_null(), more.1[key].is_null(), "{key}");
        if let Some(figure) = more.1[key].as_f64() {
            near(&less.1[key], figure);
        }
    }
}

#[test]
fn outcomes_have_no_direction() {
    let dir = TestDir::new();
    dir.write("items.csv", "model,1,2\na,1,0\nb,0,1\n");
    dir.run(&["import", "items.csv", "-o", "o.json"]).fine();
    dir.write("o.json", dir.read("o.json").replacen("\"tasks\":[{", "\"tasks\":[{\"lower_is_better\":true,", 1));
    assert!(dir.run(&["info", "o.json"]).failed(2).contains("tasks[0] is an outcome, of which more is better"));
}
