//! `backtest`: splits, its JSON, and the predictions file.

use super::{TestDir, bundled, keys, list, rows};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const HEADER: [&str; 8] = ["method", "seed", "model", "task", "truth", "predicted", "lower", "upper"];
const METRICS: [&str; 7] = ["auc", "pearson", "mae", "rmse", "medae", "coverage", "width"];

/// Six models with two tasks; the last three are from 2025, two have a parent.
const DATED: &str = r#"{"format":"eyas-snapshot/1","source":"made up","license":"none","models":[{"id":"a"},
{"id":"b","date":"2024-12-31"},{"id":"c","date":"2024-05-01","parents":[{"id":"a","relation":"finetune"}]},
{"id":"d","date":"2025-01-01"},{"id":"e","date":"2025-02-01"},{"id":"f","date":"2025-03-01","parents":[{"id":"b","relation":"finetune"}]}],
"tasks":[{"id":"x","kind":"score","range":{"low":0,"high":100}},{"id":"y","kind":"score","range":{"low":0,"high":100}}],
"scores":[{"values":[10,20,30,40,50,60]},{"models":[0,1,2,3,5],"values":[5,15,25,35,45]}]}"#;

/// The held-out cells of a split of `DATED`, as `model task` in the order of the file.
fn held(split: &str) -> Vec<String> {
    let dir = TestDir::new();
    dir.write("s.json", DATED);
    dir.write("held.csv", "model,task\nb,x\nd,\n");
    dir.run(&["backtest", "s.json", "--method", "mean", "--split", split, "--predictions", "p.csv"]).fine();
    rows(&dir.read("p.csv"))[1..].iter().map(|row| format!("{} {}", row[2], row[3])).collect()
}

#[test]
fn deterministic_splits() {
    assert_eq!(held("after:2025-01-01"), ["d x", "d y", "e x", "f x", "f y"]);
    assert_eq!(held("file:held.csv"), ["b x", "d x", "d y"]);
    assert_eq!(held("lineage:2"), ["c x", "c y", "f x", "f y"]);
}

#[test]
fn random_splits() {
    let models = |cells: &[String]| cells.iter().map(|cell| cell[..1].to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(models(&held("models:4")).len(), 4);
    assert!(["c x", "f x"].contains(&held("lineage:1")[0].as_str()));
    assert_eq!(held("cells:0.5").len(), 6);
}

#[test]
fn the_predictions_file_holds_each_held_out_cell_once() {
    let dir = TestDir::new();
    dir.write("s.json", DATED);
    let arguments = ["backtest", "s.json", "--method", "mean,mla", "--split", "after:2025-01-01", "--seeds", "2"];
    let report = dir.run(&[&arguments[..], &["--predictions", "p.csv", "--json"]].concat()).json();
    let text = dir.read("p.csv");
    let rows = rows(&text);
    assert_eq!(rows[0], HEADER);
    let cells: BTreeSet<_> = rows[1..].iter().map(|row| &row[..4]).collect();
    assert_eq!((cells.len(), rows.len() - 1), (2 * 2 * 5, 2 * 2 * 5));
    let of = |method: &str| {
        let rows = rows[1..].iter().filter(|row| row[0] == method && row[1] == "1");
        rows.map(|row| (row[2], row[3], row[4].parse::<f64>().unwrap(), row[5].parse::<f64>().unwrap()))
            .collect::<Vec<_>>()
    };
    // The means of the training scores: x 10, 20, 30 and y 5, 15, 25, in parts of 100; f has the parent b (x 20).
    let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
    assert!(of("mean").iter().all(|&(_, task, _, predicted)| near(predicted, if task == "x" { 0.2 } else { 0.15 })));
    assert!(of("mean").iter().any(|&(model, task, truth, _)| (model, task) == ("e", "x") && near(truth, 0.5)));
    assert!(of("mla").iter().any(|&(model, task, truth, predicted)| (model, task) == ("f", "y")
        && near(truth, 0.45)
        && near(predicted, 0.15)));
    assert!(rows[1..].iter().all(|row| row[6].is_empty() && row[7].is_empty()), "neither method has an interval");
    // |0.4-0.2|, |0.5-0.2|, |0.6-0.2|, |0.35-0.15|, |0.45-0.15|
    let mae = report["results"][0]["metrics"]["mae"].as_f64().unwrap();
    assert!(near(mae, (0.2 + 0.3 + 0.4 + 0.2 + 0.3) / 5.0), "{mae}");
}

#[test]
fn backtest_prints_the_contracts_json() {
    let dir = TestDir::new();
    let arguments = ["backtest", &bundled(), "--method", "mean,kin", "--split", "lineage:20", "--seeds", "3", "--json"];
    let report = dir.run(&arguments).json();
    assert_eq!(keys(&report), ["snapshot", "split", "seeds", "results"]);
    let head = (&report["snapshot"], &report["split"], &report["seeds"]);
    assert_eq!(head, (&json!("snapshot.json"), &json!("lineage:20"), &json!(3)));
    let results = list(&report["results"]);
    assert_eq!(results.iter().map(|result| result["method"].as_str().unwrap()).collect::<Vec<_>>(), ["mean", "kin"]);
    for result in results {
        assert_eq!(keys(result), ["method", "metrics", "spread", "tasks", "seconds"]);
        let tasks = result["tasks"].as_object().unwrap();
        assert_eq!(tasks.len(), 6);
        for metrics in [&result["metrics"], &result["spread"]].into_iter().chain(tasks.values()) {
            assert!(METRICS.iter().all(|metric| keys(metrics).contains(metric)), "{metrics}");
            assert!(metrics.as_object().unwrap().values().all(|value| value.is_null() || value.is_number()));
        }
        assert!(result["seconds"].as_f64().unwrap() >= 0.0);
        assert!(result["metrics"]["auc"].is_null() && result["metrics"]["coverage"].is_null(), "undefined is null");
    }
    let mae = |at: usize| results[at]["metrics"]["mae"].as_f64().unwrap();
    assert!(mae(1) < mae(0), "relatives predict better than the mean");
    assert!(results[0]["metrics"]["pearson"].is_null(), "a constant has no correlation");
}

#[test]
fn outcomes_add_a_row_for_each_model_and_benchmark() {
    let dir = TestDir::new();
    dir.write("arc.csv", "model,1,2,3\na,1,0,1\nb,0,0,1\nc,1,1,\nd,0,1,1\n");
    dir.write("gsm.csv", "model,1,2\na,1,0\nb,0,1\nd,1,1\n");
    dir.write("held.csv", "c\nd\n");
    dir.run(&["import", "arc.csv", "gsm.csv", "-o", "o.json"]).fine();
    let info = dir.run(&["info", "o.json", "--json"]).json();
    assert_eq!((&info["kind"], &info["tasks"], &info["cells"]), (&json!("outcome"), &json!(5), &json!(17)));
    let arguments =
        ["backtest", "o.json", "--method", "mean", "--split", "file:held.csv", "--predictions", "p.csv", "--json"];
    let report = dir.run(&arguments).json();
    let text = dir.read("p.csv");
    let rows = rows(&text);
    let of = |model: &str| rows.iter().filter(|row| row[2] == model).map(|row| (row[3], row[4])).collect::<Vec<_>>();
    assert_eq!(of("c"), [("arc/1", "1"), ("arc/2", "1"), ("arc", "1")]);
    let benchmark = |name: &str| of("d").iter().find(|row| row.0 == name).unwrap().1.parse::<f64>().unwrap();
    assert!((benchmark("arc") - 2.0 / 3.0).abs() < 1e-6 && (benchmark("gsm") - 1.0).abs() < 1e-6);
    assert_eq!(of("d").len(), 5 + 2);
    let result = &report["results"][0];
    assert!(result["metrics"]["auc"].is_number(), "{result}");
    assert_eq!(keys(&result["tasks"]), ["arc", "gsm"]);
}

#[test]
fn the_same_seeds_give_the_same_file() {
    let dir = TestDir::new();
    let predict = |out: &str| {
        let arguments = ["backtest", &bundled(), "--method", "kin,lrmf", "--split", "cells:0.2", "--seeds", "2"];
        dir.run(&[&arguments[..], &["--keep-cells", "0.5", "--lineage-noise", "-0.3", "--predictions", out]].concat())
            .fine();
        dir.read(out)
    };
    let first = predict("1.csv");
    assert!(first == predict("2.csv"));
    let seed = |number: &str| -> Vec<String> {
        let rows = rows(&first).into_iter().filter(|row| row[0] == "kin" && row[1] == number);
        rows.map(|row| row[2..].join(",")).collect()
    };
    assert_eq!((seed("0").len(), seed("1").len()), (140, 140));
    assert!(seed("0") != seed("1"), "seeds differ");
}

#[test]
fn a_method_that_uses_only_sizes_predicts_the_mean_if_sizes_are_hidden() {
    let dir = TestDir::new();
    let mae = |more: &[&str]| {
        let backtest = ["backtest", &bundled(), "--method", "size,mean", "--split", "models:20", "--json"];
        let report = dir.run(&[&backtest[..], more].concat()).json();
        let of = |at: usize| report["results"][at]["metrics"]["mae"].as_f64().unwrap();
        (of(0), of(1))
    };
    let ((visible, mean), (hidden, same)) = (mae(&[]), mae(&["--hide-factors", "params"]));
    assert!(visible < 0.9 * mean && mean == same, "{visible} {mean} {same}");
    assert!((hidden - mean).abs() < 0.02, "{hidden} is not the mean's {mean}");
}

#[test]
fn edges_beside_the_snapshot_count() {
    let dir = TestDir::new();
    dir.write("s.csv", "model,x,y\na,10,20\nb,80,90\nc,82,88\nd,12,18\n");
    dir.write("edges.csv", "parent,child\nb,c\n");
    let arguments =
        ["backtest", "s.csv", "--lineage", "edges.csv", "--method", "parents", "--split", "lineage:1", "--json"];
    let report: Value = dir.run(&arguments).json();
    let mae = report["results"][0]["metrics"]["mae"].as_f64().unwrap();
    assert!((mae - 0.02).abs() < 1e-6, "{mae}");
}

#[test]
fn the_table_names_methods_and_leaves_out_undefined_metrics() {
    let arguments = ["backtest", &bundled(), "--method", "mean,kin", "--split", "models:9"];
    let table = TestDir::new().run(&arguments).fine();
    assert!(table.starts_with("snapshot.json, models:9, 1 seed\nmethod  Pearson"), "{table}");
    assert!(table.lines().nth(2).unwrap().starts_with("mean ") && table.lines().nth(3).unwrap().starts_with("kin "));
    assert!(!table.contains("AUC") && !table.contains("coverage"), "{table}");
}

#[test]
fn pairs_of_held_out_models_check_the_chances() {
    let dir = TestDir::new();
    let rows: String = (0..60).map(|at| format!("m/{at},{at},{}\n", at + at % 7)).collect();
    dir.write("t.csv", format!("model,x,y\n{rows}"));
    let backtest = ["backtest", "t.csv", "--split", "models:20", "--pairs", "--method"];
    let report = dir.run(&[&backtest[..], &["eyas,mean", "--json"]].concat()).json();
    let results = list(&report["results"]);
    let bins = list(&results[0]["pairs"]);
    assert!(bins.iter().all(|bin| keys(bin) == ["from", "to", "pairs", "chance", "frequency"]), "{bins:?}");
    let pairs: u64 = bins.iter().map(|bin| bin["pairs"].as_u64().unwrap()).sum();
    assert_eq!(pairs, 2 * 190);
    assert_eq!(results[1]["pairs"], json!([]), "mean has no interval");
    assert!(dir.run(&[&backtest[..], &["eyas"]].concat()).fine().contains("said to be better"));
}

#[test]
fn details_hold_groups_and_each_seed() {
    let arguments =
        ["backtest", &bundled(), "--method", "mean,kin", "--split", "models:30", "--seeds", "2", "--details"];
    let dir = TestDir::new();
    let report = dir.run(&[&arguments[..], &["--json"]].concat()).json();
    for result in list(&report["results"]) {
        let groups = result["groups"].as_object().unwrap();
        let rows = |names: &[&str]| names.iter().map(|name| groups[*name]["rows"].as_f64().unwrap_or(0.0)).sum::<f64>();
        assert_eq!(rows(&["parent known", "parent unknown"]), result["metrics"]["rows"].as_f64().unwrap());
        let seeds: Vec<f64> = list(&result["by_seed"]).iter().map(|seed| seed["mae"].as_f64().unwrap()).collect();
        let mae = result["metrics"]["mae"].as_f64().unwrap();
        assert!(seeds.len() == 2 && (seeds[0] + seeds[1] - 2.0 * mae).abs() < 1e-9, "{seeds:?} {mae}");
    }
    let text = dir.run(&arguments).fine();
    assert!(text.contains("parent unknown") && text.contains("from 30B"), "{text}");
}

#[test]
fn rankings_are_printed_on_request_and_always_in_json() {
    let dir = TestDir::new();
    let arguments = ["backtest", &bundled(), "--method", "mean,kin", "--split", "models:30"];
    let metrics = dir.run(&[&arguments[..], &["--json"]].concat()).json()["results"][1]["metrics"].clone();
    let share = |key: &str| metrics[key].as_f64().filter(|share| (0.0..=1.0).contains(share)).is_some();
    assert!(["ndcg_1", "ndcg_10", "hit_10", "recall_30", "mrr"].into_iter().all(share), "{metrics}");
    assert!(metrics["ndcg_50"].is_null() && metrics["weighted_tau_by_size"].is_number(), "{metrics}");
    assert!(!dir.run(&arguments).fine().contains("NDCG"));
    let text = dir.run(&[&arguments[..], &["--ranking"]].concat()).fine();
    let table: Vec<&str> = text.lines().skip_while(|line| *line != "Ranking").skip(1).collect();
    assert!(table[0].contains("recall@k") && table.len() == 1 + 2 * 3, "{text}");
    let few = ["backtest", &bundled(), "--method", "mean", "--split", "models:3", "--ranking"];
    assert!(dir.run(&few).fine().ends_with("Ranking: no task has 10 held-out results\n"));
    dir.write("items.csv", "model,1,2\na,1,0\nb,0,1\nc,1,1\n");
    let outcomes = ["backtest", "items.csv", "--method", "mean", "--split", "models:1", "--ranking"];
    assert!(dir.run(&outcomes).failed(2).contains("--ranking needs scores"));
}

/// Factors in odd forms, a family with one size, a constant column, a task with one result.
#[test]
fn every_method_gives_numbers_whatever_the_factors_are() {
    let dir = TestDir::new();
    let mut scores = "model,x,y,z\n".to_owned();
    let mut factors = "model,family,params,layers,odd,notes\n".to_owned();
    for model in 0..24 {
        let z = if model == 3 { "0.5" } else { "" };
        let score = |task: i32| f64::from((model * 7 + task * 5) % 24) / 24.0;
        scores += &format!("org/m{model},{:.3},{:.3},{z}\n", score(0), score(1));
        let odd = ["seven", "7", "", "NaN"][model as usize % 4];
        let params = ["7", "7", "inf", "-1"][model as usize % 4];
        factors += &format!("org/m{model},one,{params},32,{odd},\n");
    }
    dir.write("s.csv", scores);
    dir.write("f.csv", factors);
    dir.write("held.csv", "org/m5\norg/m6\norg/m7\norg/m8,x\n");
    dir.run(&["import", "s.csv", "--model-factors", "f.csv", "-o", "s.json"]).warned();
    let methods: Vec<&str> = eyas::methods::Method::ALL.iter().map(|method| method.name()).collect();
    let report = dir.run(&[
        "backtest",
        "s.json",
        "--method",
        &methods.join(","),
        "--split",
        "file:held.csv",
        "--predictions",
        "p.csv",
        "--json",
    ]);
    assert_eq!(list(&report.json()["results"]).len(), methods.len());
    let text = dir.read("p.csv");
    for row in &rows(&text)[1..] {
        let predicted: f64 = row[5].parse().unwrap();
        assert!(predicted.is_finite(), "{row:?}");
    }
}
