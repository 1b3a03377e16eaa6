//! Facts, filters and lists of parents as users type them.

use super::{TestDir, bundled, list};
use serde_json::Value;

/// `predict` for a model with only these facts.
fn predict_with(dir: &TestDir, facts: &str) -> super::Ran {
    dir.run(&["predict", "--snapshot", &bundled(), "--method", "size", "--facts", facts, "--json"])
}

#[track_caller]
fn means(document: &Value) -> Vec<f64> {
    list(&document["forecasts"]).iter().map(|forecast| forecast["mean"].as_f64().unwrap()).collect()
}

#[test]
fn a_size_is_the_same_however_it_is_written() {
    let dir = TestDir::new();
    let plain = means(&predict_with(&dir, "params=8").json());
    for facts in ["params=8B", "params=8e9", "params=8000000000", "PARAMS = 8000 M"] {
        assert_eq!(means(&predict_with(&dir, facts).json()), plain, "{facts}");
    }
    assert_ne!(means(&predict_with(&dir, "params=70B").json()), plain);
}

#[test]
fn nonsensical_facts_are_refused() {
    let dir = TestDir::new();
    for (facts, expected) in [
        ("size=8", "no fact \"size\"; did you mean params?"),
        ("param=8", "no fact \"param\"; did you mean params?"),
        ("params=-8", "params: expected above 0, found -8"),
        ("params=7,params=70", "params: the fact is given twice"),
        ("date=soon", "date: expected a day such as 2025-06-01, found soon"),
    ] {
        assert_eq!(predict_with(&dir, facts).failed(2), expected);
    }
    predict_with(&dir, "params=7,date=2025-06-01").json();
    let help = dir.run(&["predict", "--help"]).fine();
    for name in eyas::snapshot::known_facts().chain(["name", "date"]) {
        assert!(help.contains(name), "{name}");
    }
}

#[test]
fn columns_of_sizes_are_read_as_typed_sizes_are() {
    let dir = TestDir::new();
    dir.write("t.csv", "model,x,y\no/a,10,20\no/b,30,40\no/c,50,60\no/d,55,60\n");
    let factors = |cells: [&str; 4]| {
        let [a, b, c, d] = cells;
        dir.write(
            "f.csv",
            format!("model,params,type\no/a,{a},Finetuned\no/b,{b},fine tuned\no/c,{c},base\no/d,{d},\n"),
        );
        dir.run(&["import", "t.csv", "--model-factors", "f.csv", "-o", "out.json"])
    };
    factors(["8B", "8000000000", "500M", "0.5"]).fine();
    let snapshot: Value = serde_json::from_str(&dir.read("out.json")).unwrap();
    let of = |at: usize, name: &str| snapshot["models"][at]["factors"][name].clone();
    assert_eq!([0, 1, 2, 3].map(|at| of(at, "params").as_f64().unwrap()), [8.0, 8.0, 0.5, 0.5]);
    assert_eq!([0, 1, 2].map(|at| of(at, "type")), ["fine-tuned", "fine-tuned", "pretrained"]);
    let (_, warnings) = factors(["8B", "big", "-3", "70"]).warned();
    let expected = "warning: f.csv line 3, column \"params\": expected an amount such as 7.6 or 8B, found \"big\"; 2 such cells were left out";
    assert_eq!(warnings, [expected]);
}

#[test]
fn the_type_of_a_model_counts_on_the_data_of_the_page() {
    let dir = TestDir::new();
    dir.run(&["train", &bundled(), "-o", "m.eyas"]).fine();
    let predict = |facts: &str| means(&dir.run(&["predict", "--model", "m.eyas", "--facts", facts, "--json"]).json());
    let chat = predict("params=8,type=chat");
    assert_eq!(predict("params=8,type=Instruct"), chat);
    assert_eq!(predict("params=8,instruct=yes"), chat);
    let base = predict("params=8,type=base");
    assert_eq!(predict("params=8,type=pretrained"), base);
    assert!(chat[0] - base[0] > 0.1, "IFEval of chat models {} and of base models {}", chat[0], base[0]);
}

#[test]
fn filters_that_make_no_sense_are_refused() {
    let dir = TestDir::new();
    let rank = |filter: &str| {
        dir.run(&["rank", "--snapshot", &bundled(), "--method", "mean", "--task", "bbh", "--where", filter])
    };
    for (filter, expected) in [
        ("params<<14", "expected a condition such as params<=14, found \"params<<14\""),
        ("foo<=3", "no model has a factor \"foo\"; there are board_date, family, flops, instruct, params, tokens"),
        ("size<=3", "no model has a factor \"size\"; did you mean params?"),
        ("params<=abc", "the condition on params expects a number, found \"abc\""),
    ] {
        assert_eq!(rank(filter).failed(2), expected, "{filter}");
    }
    assert_eq!(rank("params<=7B").fine(), rank("params<=7").fine());
}

#[test]
fn a_weight_may_stand_after_a_comma() {
    let dir = TestDir::new();
    dir.write("parents.txt", "Qwen/Qwen2-7B, 0.7\nQwen/Qwen2-7B-Instruct, 0.3\n");
    let document = dir
        .run(&["predict", "--snapshot", &bundled(), "--method", "mean", "--lineage", "parents.txt", "--json"])
        .json();
    let parents = list(&document["lineage"]["parents"]);
    let weights: Vec<f64> = parents.iter().map(|parent| parent["weight"].as_f64().unwrap()).collect();
    assert!(weights.len() == 2 && (weights[0] - 0.7).abs() < 1e-6 && (weights[1] - 0.3).abs() < 1e-6, "{weights:?}");
}
