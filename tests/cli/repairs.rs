//! Repairs of input: a warning on stderr, exit 0.

use super::{TestDir, list};
use serde_json::Value;

#[test]
fn a_repeated_model_keeps_its_first_row() {
    let dir = TestDir::new();
    dir.write("t.csv", "model,x,y\na,10,20\nb,50,60\na,30,40\n");
    let (_, warnings) = dir.run(&["import", "t.csv", "-o", "out.json"]).warned();
    assert_eq!(warnings, ["warning: t.csv line 4: \"a\" has a row already; the first one was kept"]);
    dir.run(&["info", "out.json"]).fine();
    let ranking = dir.run(&["rank", "--snapshot", "out.json", "--method", "mean", "--task", "x", "--json"]).json();
    let scores: Vec<_> = list(&ranking["models"]).iter().map(|model| model["score"].as_f64().unwrap()).collect();
    assert_eq!(scores, [0.5, 0.1]);
}

#[test]
fn cycles_are_cut_and_a_model_is_not_its_own_parent() {
    let dir = TestDir::new();
    dir.write("t.csv", "model,x,y\na,10,20\nb,50,60\nc,30,40\n");
    dir.write("edges.csv", "parent,child,relation\na,a,merged\na,b,finetuned\nb,c,merged\nc,a,leaderboard_base\n");
    let (text, warnings) = dir.run(&["import", "t.csv", "--lineage", "edges.csv", "-o", "out.json"]).warned();
    assert!(text.contains("2 lineage edges"), "{text}");
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("\"a\" named itself as its own parent"), "{warnings:?}");
    assert!(warnings[1].contains("from \"c\" to \"a\" closed a cycle"), "the least certain edge goes: {warnings:?}");
    for method in ["kin", "mla", "lrmf"] {
        let arguments =
            ["backtest", "t.csv", "--lineage", "edges.csv", "--method", method, "--split", "lineage:1", "--json"];
        let (text, _) = dir.run(&arguments).warned();
        let report: Value = serde_json::from_str(&text).unwrap();
        assert!(report["results"][0]["metrics"]["mae"].is_number(), "{report}");
    }
}

#[test]
fn warnings_do_not_spoil_the_json() {
    let dir = TestDir::new();
    dir.write("t.csv", "model,x,y\na,10,20\na,30,40\n");
    let (text, warnings) = dir.run(&["info", "t.csv", "--json"]).warned();
    assert_eq!(warnings.len(), 1);
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["models"], 1);
}

#[test]
fn many_repairs_of_one_kind_are_counted() {
    let dir = TestDir::new();
    dir.write("t.csv", "model,x,y\na,10,20\nb,50,60\n");
    let selves: String = (0..500).map(|at| format!("m{at},m{at}\n")).collect();
    dir.write("edges.csv", format!("parent,child\n{selves}"));
    let (_, warnings) = dir.run(&["import", "t.csv", "--lineage", "edges.csv", "-o", "out.json"]).warned();
    assert_eq!(warnings.len(), 5, "{warnings:?}");
    assert!(warnings[4].contains("495 more"), "{warnings:?}");
}

#[test]
fn a_card_that_repeats_a_parent_or_names_none() {
    let dir = TestDir::new();
    dir.write("t.csv", "model,x,y\norg/a,10,20\norg/b,50,60\n");
    let predict = |card: &str| {
        dir.write("card.md", card);
        dir.run(&["predict", "--snapshot", "t.csv", "--method", "mla", "--lineage", "card.md", "--json"])
    };
    let twice = predict("---\nbase_model:\n- org/a\n- org/a\n---\n").json();
    assert_eq!(list(&twice["lineage"]["parents"]).len(), 1);
    let (_, warnings) = predict("---\nlicense: mit\n---\n").warned();
    assert!(warnings[0].contains("names no base_model"), "{warnings:?}");
}
