//! `recommend`: models for a task that is there or only described.

use super::{Ran, TestDir, bundled, keys, list};
use serde_json::{Value, json};

/// A table of twelve models: two tasks, one of them in two metrics.
fn folder() -> TestDir {
    let dir = TestDir::new();
    let models: Vec<Value> = (0..12)
        .map(|at| {
            let license = if at % 2 == 0 { "apache-2.0" } else { "MIT" };
            let factors = json!({ "params": 1 + at, "open_weights": at % 3 == 0 });
            json!({ "id": format!("lab/m{at}"), "license": license, "factors": factors })
        })
        .collect();
    let task = |id: &str, dataset: &str, metric: &str| {
        let range = json!({ "low": 0, "high": 1 });
        json!({ "id": id, "dataset": dataset, "metric": metric, "range": range })
    };
    let tasks =
        [task("qa (f1)", "qa", "f1"), task("qa (exact match)", "qa", "exact match"), task("birds", "birds", "f1")];
    let values = |slope: f64| (0..12).map(|at| 0.1 + slope * f64::from(at)).collect::<Vec<_>>();
    let snapshot = json!({
        "format": "eyas-snapshot/2",
        "sources": [{ "id": "s", "name": "made up", "license": "CC0" }],
        "models": models,
        "tasks": tasks,
        "scores": [
            { "values": values(0.07) },
            { "values": values(0.06) },
            { "models": [0, 1, 2, 3, 4, 5], "values": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] },
        ],
    });
    dir.write("s.json", snapshot.to_string());
    dir
}

fn recommend(dir: &TestDir, more: &[&str]) -> Ran {
    dir.run(&[&["recommend", "--snapshot", "s.json"], more].concat())
}

#[test]
fn recommend_prints_the_contracts_json() {
    let dir = folder();
    let known = recommend(&dir, &["--task", "qa", "--metric", "F1", "--json"]).json();
    assert_eq!(keys(&known), ["task", "description", "metric", "method", "models", "pool"]);
    assert_eq!(
        (&known["task"], &known["metric"], &known["method"]),
        (&json!("qa (f1)"), &json!("f1"), &json!("ranker"))
    );
    assert!(known["description"].is_null() && known["pool"].is_null());
    let models = list(&known["models"]);
    assert_eq!(models.len(), 12);
    for (at, model) in models.iter().enumerate() {
        assert_eq!(keys(model), ["id", "score", "prior", "residual", "rank", "rank_lower", "rank_upper", "measured"]);
        let number = |key: &str| model[key].as_f64().unwrap();
        assert!((number("prior") + number("residual") - number("score")).abs() < 1e-4, "{model}");
        assert_eq!(number("rank"), at as f64 + 1.0);
        assert!(number("rank_lower") <= number("rank") && number("rank") <= number("rank_upper"), "{model}");
        assert!((0.0..=1.0).contains(&number("measured")));
    }
    let described =
        recommend(&dir, &["--describe", "questions about birds", "--metric", "f1", "--top", "4", "--json"]).json();
    assert_eq!((&described["description"], &described["metric"]), (&json!("questions about birds"), &json!("f1")));
    assert!(described["task"].is_null());
    assert_eq!(list(&described["models"]).len(), 4);
    assert!(list(&described["models"]).iter().all(|model| model["measured"].is_null()));
}

#[test]
fn conditions_limit_the_models_and_keep_their_ranks() {
    let dir = folder();
    let ids = |more: &[&str]| {
        let start = ["--task", "birds", "--json"];
        let found = recommend(&dir, &[&start[..], more].concat()).json();
        let pair = |model: &Value| (model["id"].as_str().unwrap().to_owned(), model["rank"].as_u64().unwrap());
        list(&found["models"]).iter().map(pair).collect::<Vec<_>>()
    };
    let all = ids(&[]);
    let some = ids(&["--where", "params<=6,license=Apache-2.0,open_weights=true"]);
    let mut names: Vec<&str> = some.iter().map(|(id, _)| id.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["lab/m0"]);
    assert!(some.iter().all(|model| all.contains(model)), "{some:?}");
    assert_eq!(ids(&["--where", "license=bsd"]), []);
}

#[test]
fn recommend_says_what_its_score_is() {
    let dir = folder();
    let text = recommend(&dir, &["--task", "birds", "--top", "3"]).fine();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("models for birds, metric f1; the score is for their order only"), "{text}");
    for head in ["rank", "90 % interval", "model", "score", "general strength", "task fit", "measured"] {
        assert!(lines[1].contains(head), "{text}");
    }
    assert_eq!((lines.len(), lines[5]), (6, "ranked by method ranker"), "{text}");
    let text = recommend(&dir, &["--describe", "songs  of\nbirds", "--where", "license=bsd"]).fine();
    assert!(text.starts_with("models for a task described as \"songs of birds\"; "), "{text}");
    assert!(text.contains("no model meets the conditions"), "{text}");
}

#[test]
fn wrong_requests_are_refused_in_one_line() {
    let dir = folder();
    for (arguments, expected) in [
        (&["--task", "qa"][..], "\"qa\" has several metrics: f1, exact match; name one"),
        (&["--task", "birds", "--metric", "bleu"], "\"birds\" has no metric \"bleu\"; there is f1"),
        (&["--describe", "x", "--metric", "match"], "no metric \"match\" here; there is exact match, f1"),
        (&["--describe", " "], "the description is empty; say in words what the task is"),
        (&[], "give a task, or the description of one"),
        (
            &["--task", "birds", "--where", "wings=2"],
            "no model has a factor \"wings\"; there are open_weights, params, license",
        ),
        (
            &["--task", "birds", "--method", "mean"],
            "the method mean does not recommend models for a task; train the method ranker",
        ),
    ] {
        assert_eq!(recommend(&dir, arguments).failed(2), expected);
    }
    assert!(recommend(&dir, &["--task", "songs"]).failed(2).starts_with("no task \"songs\" here"));
    assert!(recommend(&dir, &["--task", "birds", "--describe", "x"]).failed(2).contains("cannot be used with"));
    dir.run(&["train", "s.json", "--method", "mean", "-o", "mean.eyas"]).fine();
    let line = dir.run(&["recommend", "--model", "mean.eyas", "--task", "birds"]).failed(2);
    assert!(line.ends_with("train the method ranker"), "{line}");
}

#[test]
fn a_saved_ranker_recommends_as_its_snapshot_does() {
    let dir = TestDir::new();
    let snapshot = bundled();
    dir.run(&["train", &snapshot, "--method", "ranker", "-o", "m.eyas"]).fine();
    let ask = |from: &[&str]| dir.run(&[&["recommend", "--task", "bbh", "--top", "5", "--json"], from].concat()).fine();
    assert!(ask(&["--model", "m.eyas"]) == ask(&["--snapshot", &snapshot]));
}
