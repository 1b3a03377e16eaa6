//! The figures in the JSON: they agree with the data and with each other.

use super::{TestDir, bundled, list, rows};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-5
}

/// 40 models on three benchmarks in percent, `z` with missing scores; each model from the fourth on has a parent.
fn percents(dir: &TestDir) -> BTreeMap<(String, String), f64> {
    let mut cells = BTreeMap::new();
    let mut table = "model,x,y,z\n".to_owned();
    let mut edges = "parent,child,relation\n".to_owned();
    for at in 0..40u32 {
        let level = f64::from(at * 17 % 40);
        let scores = [level + 20.0, level * 1.5 + f64::from(at % 7), 80.0 - level + f64::from(at % 5)];
        table += &format!("lab/m{at},{},{},", scores[0], scores[1]);
        table += &if at % 9 == 4 { "\n".to_owned() } else { format!("{}\n", scores[2]) };
        for (task, score) in ["x", "y", "z"].into_iter().zip(scores) {
            if task != "z" || at % 9 != 4 {
                cells.insert((format!("lab/m{at}"), task.to_owned()), score);
            }
        }
        if at > 2 {
            edges += &format!("lab/m{},lab/m{at},finetune\n", at % 3);
        }
    }
    dir.write("t.csv", table);
    dir.write("e.csv", edges);
    dir.run(&["import", "t.csv", "--lineage", "e.csv", "-o", "t.json"]).fine();
    cells
}

/// The rankings of all tasks by the default method.
fn rankings(dir: &TestDir, snapshot: &str, tasks: &[&str]) -> BTreeMap<String, Vec<Value>> {
    let rank = |task: &&str| {
        let ranking = dir.run(&["rank", "--snapshot", snapshot, "--task", task, "--json"]).json();
        assert_eq!(
            ranking["range"],
            json!({ "low": 0.0, "high": 100.0 }),
            "elements show scores in the benchmark's units"
        );
        ((*task).to_owned(), list(&ranking["models"]).to_vec())
    };
    tasks.iter().map(rank).collect()
}

/// A forecast's interval holds its mean, its rank follows from the scores of the others, and its sources are other
/// models with their shares.
#[track_caller]
fn fits(forecast: &Value, ranking: &[Value], id: Option<&str>) {
    let mean = number(&forecast["mean"]);
    assert!((0.0..=1.0).contains(&mean), "{forecast}");
    match (forecast["lower"].as_f64(), forecast["upper"].as_f64()) {
        (Some(lower), Some(upper)) => {
            assert!(0.0 <= lower && lower <= mean && mean <= upper && upper <= 1.0, "{forecast}");
            assert!(forecast["known"] == false && upper > lower, "{forecast}");
        }
        ends => assert!(ends == (None, None) && forecast["known"] == true, "{forecast}"),
    }
    let others = ranking.iter().filter(|model| id.is_none_or(|id| model["id"] != *id));
    let better = others.clone().filter(|model| number(&model["score"]) > mean).count();
    assert_eq!(forecast["rank"], json!(better + 1), "{forecast}");
    assert_eq!(forecast["of"], json!(others.count() + 1), "{forecast}");
    let sources = list(&forecast["sources"]);
    let shares: Vec<f64> = sources.iter().map(|source| number(&source["share"])).collect();
    assert!(shares.is_sorted_by(|a, b| a >= b) && shares.iter().sum::<f64>() < 1.0 + 1e-4, "{forecast}");
    assert!(shares.iter().all(|share| *share > 0.0), "{forecast}");
    let is_known = |source: &Value| ranking.iter().any(|model| model["id"] == source["id"]);
    assert!(sources.iter().all(|source| is_known(source) && id.is_none_or(|id| source["id"] != id)), "{forecast}");
    assert_eq!(sources.is_empty(), forecast["known"] == true, "{forecast}");
}

#[test]
fn the_figures_of_a_forecast_agree_with_the_data_and_with_each_other() {
    let dir = TestDir::new();
    let cells = percents(&dir);
    let cell = |model: &str, task: &str| cells.get(&(model.to_owned(), task.to_owned())).map(|score| score / 100.0);
    let rankings = rankings(&dir, "t.json", &["x", "y", "z"]);
    dir.write("parents.txt", "lab/m1 0.6\nlab/m4 0.4\n");
    let predict = |more: &[&str]| dir.run(&[&["predict", "--snapshot", "t.json", "--json"], more].concat()).json();
    let new = predict(&["--lineage", "parents.txt"]);
    let given = predict(&["--lineage", "parents.txt", "--scores", "x=40%"]);
    let (gap, whole) = (predict(&["--id", "lab/m13"]), predict(&["--id", "lab/m20"]));
    for (prediction, id, known) in [
        (&new, None, &[][..]),
        (&given, None, &["x"]),
        (&gap, Some("lab/m13"), &["x", "y"]),
        (&whole, Some("lab/m20"), &["x", "y", "z"]),
    ] {
        let forecasts = list(&prediction["forecasts"]);
        assert_eq!(forecasts.len(), 3);
        for forecast in forecasts {
            let task = forecast["task"].as_str().unwrap();
            fits(forecast, &rankings[task], id);
            assert_eq!(
                forecast["range"],
                json!({ "low": 0.0, "high": 100.0 }),
                "the range of the benchmark's own units"
            );
            assert_eq!(forecast["known"], json!(known.contains(&task)), "{forecast}");
            for (parent, score) in forecast["parents"].as_object().unwrap() {
                assert!(near(number(score), cell(parent, task).unwrap()), "{parent}: {forecast}");
            }
            if let Some(id) = id {
                let measured = prediction["measured"].get(task).map(number);
                assert_eq!(measured.is_some(), known.contains(&task), "{prediction}");
                assert!(measured.is_none_or(|measured| near(measured, cell(id, task).unwrap())), "{prediction}");
                assert!(measured.is_none_or(|measured| near(measured, number(&forecast["mean"]))), "{prediction}");
            }
        }
    }
    let parents =
        |prediction: &Value, at: usize| list(&prediction["forecasts"])[at]["parents"].as_object().unwrap().len();
    assert_eq!([0, 1, 2].map(|at| parents(&new, at)), [2, 2, 1], "the second parent has no score on z");
    assert!(near(number(&list(&given["forecasts"])[0]["mean"]), 0.4), "{given}");
    assert!(new["measured"].is_null() && given["measured"].is_null());
}

#[test]
fn a_ranking_has_the_scores_of_the_data_and_ranks_that_follow_from_them() {
    let dir = TestDir::new();
    let cells = percents(&dir);
    for (task, models) in rankings(&dir, "t.json", &["x", "y", "z"]) {
        assert_eq!(models.len(), 40);
        let scores: Vec<f64> = models.iter().map(|model| number(&model["score"])).collect();
        assert!(scores.is_sorted_by(|a, b| a >= b), "{task}: {scores:?}");
        for model in &models {
            let score = number(&model["score"]);
            let better = scores.iter().filter(|other| **other > score).count();
            assert_eq!(model["rank"], json!(better + 1), "{model}");
            let cell = cells.get(&(model["id"].as_str().unwrap().to_owned(), task.clone()));
            assert_eq!(model["predicted"], json!(cell.is_none()), "{model}");
            match cell {
                Some(cell) => assert!(near(score, cell / 100.0) && model["lower"].is_null(), "{model}"),
                None => {
                    let (lower, upper) = (number(&model["lower"]), number(&model["upper"]));
                    assert!(0.0 <= lower && lower <= score && score <= upper && upper <= 1.0, "{model}");
                }
            }
            let (best, worst) = (number(&model["rank_lower"]), number(&model["rank_upper"]));
            let expected = number(&model["expected_rank"]);
            assert!(1.0 <= best && best <= expected + 0.5 && expected <= worst + 0.5 && worst <= 40.0, "{model}");
        }
    }
}

#[test]
fn an_explanation_explains_the_forecast() {
    let dir = TestDir::new();
    percents(&dir);
    dir.write("parents.txt", "lab/m1 0.6\nlab/m4 0.4\n");
    for method in ["eyas", "kin", "lrmf"] {
        let ask = |what: &str| {
            dir.run(&[what, "--snapshot", "t.json", "--method", method, "--lineage", "parents.txt", "--json"]).json()
        };
        let (prediction, explanation) = (ask("predict"), ask("explain"));
        for (forecast, task) in list(&prediction["forecasts"]).iter().zip(list(&explanation["tasks"])) {
            assert_eq!((&forecast["task"], &forecast["range"]), (&task["task"], &task["range"]));
            assert!(near(number(&forecast["mean"]), number(&task["mean"])), "{method}: {forecast} {task}");
            assert!((0.0..=1.0).contains(&number(&task["base"])), "{task}");
        }
        assert_eq!(list(&prediction["forecasts"])[0]["sources"], explanation["sources"], "{method}");
    }
}

/// Computes errors and coverage of a report anew from the file of predictions.
#[test]
fn the_metrics_of_a_backtest_follow_from_its_predictions() {
    let dir = TestDir::new();
    let backtest = ["backtest", &bundled(), "--method", "mean,eyas", "--split", "models:20", "--predictions", "p.csv"];
    let report = dir.run(&[&backtest[..], &["--json"]].concat()).json();
    let text = dir.read("p.csv");
    let rows = rows(&text);
    for result in list(&report["results"]) {
        let method = result["method"].as_str().unwrap();
        let value = |text: &str| text.parse::<f64>().unwrap();
        let own: Vec<&Vec<&str>> = rows.iter().filter(|row| row[0] == method).collect();
        assert_eq!(own.len(), 20 * 6);
        let mean = |of: &dyn Fn(&[&str]) -> f64| own.iter().map(|row| of(row)).sum::<f64>() / own.len() as f64;
        let metric = |name: &str| result["metrics"][name].as_f64();
        let mae = mean(&|row| (value(row[4]) - value(row[5])).abs());
        let mse = mean(&|row| (value(row[4]) - value(row[5])).powi(2));
        assert!(near(metric("mae").unwrap(), mae) && near(metric("rmse").unwrap(), mse.sqrt()), "{result}");
        assert!(mae <= mse.sqrt() && metric("medae").unwrap() <= 2.0 * mae, "{result}");
        let Some(coverage) = metric("coverage") else {
            assert!(method == "mean" && own.iter().all(|row| row[6].is_empty()), "{result}");
            continue;
        };
        let inside =
            |row: &[&str]| f64::from(u8::from(value(row[6]) <= value(row[4]) && value(row[4]) <= value(row[7])));
        assert!(near(coverage, mean(&inside)) && (0.0..=1.0).contains(&coverage), "{result}");
        assert!(near(metric("width").unwrap(), mean(&|row| value(row[7]) - value(row[6]))), "{result}");
        assert!(own.iter().all(|row| value(row[6]) <= value(row[5]) && value(row[5]) <= value(row[7])));
    }
}

#[test]
fn the_figures_of_a_snapshot_agree_with_its_table() {
    let dir = TestDir::new();
    let cells = percents(&dir);
    let info = dir.run(&["info", "t.json", "--json"]).json();
    let figures = ["models", "tasks", "cells", "edges"].map(|key| number(&info[key]));
    assert_eq!(figures, [40.0, 3.0, cells.len() as f64, 37.0]);
    assert!(near(number(&info["density"]), cells.len() as f64 / 120.0));
}
