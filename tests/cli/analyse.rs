//! `analyse`: each analysis has its shape, and impossible ones are refused.

use super::{TestDir, bundled, keys, list};
use serde_json::Value;

/// Twenty models of two families on four tasks, with model and task factors in odd forms: text and numbers in one
/// column, a constant column, a family with one size, a task with one result, NaN.
pub(super) fn odd(dir: &TestDir) -> &'static str {
    let mut scores = "model,x,y,z,once\n".to_owned();
    let mut factors = "model,family,params,layers,odd\n".to_owned();
    for model in 0..20 {
        let score = |task: i32| f64::from((model * 7 + task * 5) % 20) / 20.0;
        let once = if model == 3 { "0.5" } else { "" };
        scores += &format!("m{model},{:.3},{:.3},{:.3},{once}\n", score(0), score(1), score(2));
        let (family, params) = if model % 2 == 0 { ("one", "7".to_owned()) } else { ("two", format!("{model}")) };
        factors += &format!("m{model},{family},{params},32,{}\n", ["seven", "7", "", "NaN"][model as usize % 4]);
    }
    dir.write("s.csv", scores);
    dir.write("m.csv", factors);
    dir.write("t.csv", "task,ability,shots,same\nx,cot,0,a\ny,7,NaN,a\nz,cot,0,a\nonce,,few,a\n");
    let import = ["import", "s.csv", "--model-factors", "m.csv", "--task-factors", "t.csv", "-o", "odd.json"];
    let (_, warnings) = dir.run(&import).warned();
    assert!(warnings.iter().any(|line| line.contains("factor \"odd\" is a number in 5 of 10 cells")), "{warnings:?}");
    "odd.json"
}

fn ask(dir: &TestDir, what: &str, snapshot: &str, more: &[&str]) -> Value {
    dir.run(&[&["analyse", what, snapshot, "--json"], more].concat()).json()
}

#[test]
fn shapley_values_sum_to_the_error_with_odd_factors() {
    let dir = TestDir::new();
    let odd = odd(&dir);
    let sides = ask(&dir, "shapley", odd, &["--split", "cells:0.2", "--seeds", "2"]);
    let names = |side: &Value| -> Vec<String> {
        let mut names: Vec<_> = list(&side["factors"]).iter().map(|f| f["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    // A constant column is no factor.
    assert_eq!(names(&sides[0]), ["family", "odd", "params"]);
    assert_eq!(names(&sides[1]), ["ability", "shots"]);
    for side in list(&sides) {
        let sum: f64 = list(&side["factors"]).iter().map(|factor| factor["value"].as_f64().unwrap()).sum();
        let gain = side["with_none"].as_f64().unwrap() - side["with_all"].as_f64().unwrap();
        assert!((sum - gain).abs() < 1e-9, "{sum} {gain}");
    }
}

#[test]
fn influence_and_correlation_are_square_and_clustered() {
    let dir = TestDir::new();
    let odd = odd(&dir);
    for (what, size) in [("models", 20), ("tasks", 4), ("correlation", 4)] {
        let relations = ask(&dir, what, odd, &["--method", "mean", "--split", "cells:0.2"]);
        assert_eq!(keys(&relations), ["names", "matrix", "merges"], "{what}");
        assert_eq!(list(&relations["matrix"]).len(), size);
        assert!(list(&relations["matrix"]).iter().all(|row| list(row).len() == size));
        assert_eq!(list(&relations["merges"]).len(), size - 1);
        for merge in list(&relations["merges"]) {
            let distance = merge["distance"].as_f64().unwrap();
            assert!((-1e-9..=2.0 + 1e-9).contains(&distance), "{what} {distance}");
        }
    }
    // x and y are one sequence, shifted; a task with one result is correlated with none.
    let matrix = ask(&dir, "correlation", odd, &[])["matrix"].clone();
    assert_eq!((matrix[0][0].as_f64().map(f64::round), &matrix[0][3]), (Some(1.0), &Value::Null));
    assert!(dir.run(&["analyse", "correlation", odd]).fine().contains("closest"));
}

#[test]
fn penalties_pair_all_strengths() {
    let dir = TestDir::new();
    let points = ask(&dir, "penalties", &bundled(), &["--split", "models:20", "--strengths", "0,1e-4"]);
    let pairs: Vec<_> =
        list(&points).iter().map(|point| (point["lambda_m"].as_f64(), point["lambda_x"].as_f64())).collect();
    assert_eq!(pairs.len(), 4);
    assert_eq!(pairs[0], (Some(0.0), Some(0.0)));
    assert!(list(&points).iter().all(|point| point["metrics"]["mae"].is_number()), "{points}");
}

#[test]
fn item_parameters_come_with_their_errors() {
    let dir = TestDir::new();
    let rows: String = (0..60).map(|u| format!("m{u},{},{},{}\n", u % 2, (u / 2) % 2, u8::from(u % 5 > 1))).collect();
    dir.write("quiz.csv", format!("model,1,2,3\n{rows}"));
    let of = |more: &[&str]| ask(&dir, "irt", "quiz.csv", more);
    let (two, one) = (of(&[]), of(&["--shared-slope"]));
    assert_eq!(keys(&two), ["items", "models", "trials"]);
    assert_eq!((list(&two["items"]).len(), list(&two["models"]).len()), (3, 60));
    let slopes: Vec<f64> = list(&one["items"]).iter().map(|item| item["slope"].as_f64().unwrap()).collect();
    assert!(slopes.windows(2).all(|pair| pair[0] == pair[1]), "{slopes:?}");
    for item in list(&two["items"]) {
        assert_eq!(keys(item), ["id", "slope", "slope_error", "intercept", "intercept_error", "difficulty"]);
        assert!(item["slope_error"].as_f64().unwrap() > 0.0, "{item}");
    }
}

#[test]
fn impossible_analyses_are_refused() {
    let dir = TestDir::new();
    dir.write("quiz.csv", "model,1,2\na,1,0\nb,0,1\nc,1,1\n");
    dir.write("plain.csv", "model,x,y\na,1,2\nb,2,3\nc,3,4\nd,4,1\n");
    let cases: [(&[&str], &str); 6] = [
        (&["wild", "plain.csv"], "no analysis is called \"wild\"; there are shapley"),
        (&["models", "quiz.csv", "--split", "cells:0.4"], "outcomes of items"),
        (&["shapley", "plain.csv", "--split", "cells:0.3"], "neither models nor tasks have factors"),
        (&["penalties", "plain.csv", "--strengths", "0,-1"], "a strength is 0 or more"),
        (&["irt", "plain.csv", "--seeds", "0"], "at least 1"),
        (&["tasks", "plain.csv", "--method", "wild"], "no method \"wild\""),
    ];
    for (arguments, expected) in cases {
        let line = dir.run(&[&["analyse"], arguments].concat()).failed(2);
        assert!(line.contains(expected), "{arguments:?}: {line}");
    }
}

/// A new model with odd facts, too; all forecasts are numbers.
#[test]
fn every_method_forecasts_and_ranks_by_odd_factors() {
    let dir = TestDir::new();
    let odd = odd(&dir);
    for method in eyas::methods::Method::ALL.map(eyas::methods::Method::name) {
        dir.run(&["train", odd, "--method", method, "-o", "m.eyas"]).fine();
        for facts in ["family=one,params=7,odd=7", "family=3,params=7B,layers=many", "family=two,layers=-1,odd=seven"] {
            let asked = ["predict", "--model", "m.eyas", "--facts", facts, "--json"];
            let prediction = dir.run(&asked).fine();
            let prediction: serde_json::Value = serde_json::from_str(&prediction).unwrap();
            for forecast in list(&prediction["forecasts"]) {
                let mean = forecast["mean"].as_f64().unwrap_or(f64::NAN);
                assert!((0.0..=1.0).contains(&mean), "{method} {facts}: {forecast}");
            }
        }
        let nan = dir.run(&["predict", "--model", "m.eyas", "--facts", "params=NaN", "--json"]).failed(2);
        assert!(nan.contains("expected a finite number"), "{nan}");
        for task in ["x", "once"] {
            let ranking = dir.run(&["rank", "--model", "m.eyas", "--task", task, "--json"]).json();
            let scores: Vec<f64> =
                list(&ranking["models"]).iter().filter_map(|model| model["score"].as_f64()).collect();
            assert_eq!(scores.len(), 20, "{method} {task}");
        }
    }
}

/// `one` has one size, `two` has many.
#[test]
fn the_scaling_law_remarks_on_families_without_a_curve() {
    let dir = TestDir::new();
    let odd = odd(&dir);
    let remarks = |facts: &str| -> Vec<Option<String>> {
        let asked = ["predict", "--snapshot", odd, "--method", "scaling-law", "--facts", facts, "--json"];
        let forecasts = dir.run(&asked).json()["forecasts"].clone();
        list(&forecasts).iter().map(|forecast| forecast["remark"].as_str().map(str::to_owned)).collect()
    };
    let of = |facts: &str| remarks(facts)[0].clone().unwrap_or_default();
    assert_eq!(
        of("family=one,params=7"),
        "no curve, but the mean: 1 size of the family was measured on the task, and a curve needs 3"
    );
    assert!(of("params=7").contains("\"family\" is not known") && of("family=two").contains("parameter count"));
    let two = remarks("family=two,params=7");
    assert_eq!(two[..3], [None, None, None]);
    assert!(two[3].as_ref().is_some_and(|remark| remark.contains("1 size of")), "{two:?}");
    let text = dir.run(&["predict", "--snapshot", odd, "--method", "scaling-law", "--facts", "params=7"]).fine();
    assert!(text.contains("x: no curve, but the mean"), "{text}");
}

#[test]
fn losses_features_and_priors_of_the_ranker_have_their_shapes() {
    let dir = TestDir::new();
    let odd = odd(&dir);
    let losses = ask(&dir, "losses", odd, &["--split", "cells:0.3"]);
    assert_eq!(list(&losses).len(), 7);
    assert_eq!(keys(&losses[0])[..3], ["listwise", "pairwise", "pointwise"]);
    assert!(list(&losses).iter().all(|point| point["metrics"]["weighted_tau"].is_number()), "{losses}");
    let features = ask(&dir, "features", odd, &["--split", "models:6"]);
    for (side, (name, count)) in list(&features).iter().zip([("model", 7), ("task", 5)]) {
        assert_eq!(side["side"], name);
        let shares = list(&side["features"]);
        assert_eq!(shares.len(), count);
        let sum: f64 = shares.iter().map(|share| share["value"].as_f64().unwrap()).sum();
        let gain = side["with_all"].as_f64().unwrap() - side["with_none"].as_f64().unwrap();
        assert!((sum - gain).abs() < 1e-9, "{sum} {gain}");
    }
    let priors = ask(&dir, "priors", odd, &[]);
    assert_eq!(keys(&priors), ["sizes", "families"]);
    let names = |of: &str| -> Vec<String> {
        list(&priors[of]["groups"]).iter().map(|group| group["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("families").len(), 2);
    assert!(!names("sizes").is_empty());
    for what in ["losses", "features", "priors"] {
        assert!(!dir.run(&["analyse", what, odd, "--split", "cells:0.3"]).fine().is_empty(), "{what}");
    }
    let none = dir.run(&["analyse", "features", odd, "--split", "task:once"]).failed(2);
    assert!(none.contains("two held-out models"), "{none}");
}

#[test]
fn the_atlas_has_a_place_and_neighbours_for_each_model_and_dataset() {
    let dir = TestDir::new();
    let odd = odd(&dir);
    let atlas = ask(&dir, "atlas", odd, &["--seed", "2"]);
    assert_eq!(keys(&atlas), ["learned", "texts", "points"]);
    let points = list(&atlas["points"]);
    assert_eq!(points.len(), 24);
    assert_eq!(
        (&points[0]["id"], &points[0]["kind"], &points[0]["family"]),
        (&"m0".into(), &"model".into(), &"one".into())
    );
    assert!(points.iter().all(|point| point["x"].is_number() && point["text_y"].is_number()), "{atlas}");
    assert!(points.iter().all(|point| list(&point["models"]).len() == 5), "{atlas}");
    let csv = dir.run(&["analyse", "atlas", odd, "--csv", "--seed", "2"]).fine();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 25);
    assert!(
        lines[0].starts_with("id,kind,x,y,text_x,text_y,family,size,task_type,results,models,datasets"),
        "{}",
        lines[0]
    );
    assert!(lines[1].starts_with(&format!("m0,model,{},", points[0]["x"])), "{} {}", lines[1], points[0]);
    assert!(dir.run(&["analyse", "atlas", odd]).fine().contains("20 models and 4 datasets"));
    let refused = dir.run(&["analyse", "priors", odd, "--csv"]).failed(2);
    assert!(refused.contains("--csv is for the analysis atlas"), "{refused}");
}
