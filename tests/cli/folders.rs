//! Folders of results as tools write them: runs of the harness, a run of HELM, results of MTEB, results on the hub.

use super::{TestDir, list};
use serde_json::{Value, json};

fn write(dir: &TestDir, name: &str, content: &str) {
    let path = dir.path(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// A run of the harness on two tasks.
fn run(model: &str, quiz: f64, date: f64, limit: Value) -> String {
    json!({
        "results": {"quiz": {"acc,none": quiz, "acc_stderr,none": 0.01}, "riddle": {"exact_match,strict-match": 0.25}},
        "n-samples": {"quiz": {"original": 200, "effective": if limit.is_null() { 200 } else { 20 }}},
        "config": {"model": "hf", "model_args": format!("pretrained={model},dtype=auto"), "limit": limit},
        "date": date,
    })
    .to_string()
}

fn scores(dir: &TestDir, snapshot: &str, task: &str) -> Vec<(String, f64)> {
    let ran = dir.run(&["rank", "--snapshot", snapshot, "--method", "mean", "--task", task, "--json"]);
    let ranked: Value = serde_json::from_str(&ran.stdout).unwrap();
    let mut models: Vec<_> = list(&ranked["models"])
        .iter()
        .filter(|model| model["predicted"] == false)
        .map(|model| (model["id"].as_str().unwrap().to_owned(), model["score"].as_f64().unwrap()))
        .collect();
    models.sort_by(|a, b| a.0.cmp(&b.0));
    models
}

#[test]
fn runs_of_the_harness_in_a_folder_are_one_snapshot() {
    let dir = TestDir::new();
    write(&dir, "runs/acme__bird-7b/results_2026-01-01T00-00-00.json", &run("acme/bird-7b", 0.5, 1.7e9, Value::Null));
    write(&dir, "runs/acme__bird-7b/results_2026-02-01T00-00-00.json", &run("acme/bird-7b", 0.75, 1.8e9, Value::Null));
    write(&dir, "runs/acme__bird-7b/results_2026-03-01T00-00-00.json", &run("acme/bird-7b", 0.9, 1.9e9, json!(20)));
    write(&dir, "runs/acme__crow-8b/results_2026-01-01T00-00-00.json", &run("acme/crow-8b", 0.25, 1.7e9, Value::Null));
    let old = r#"{"results": {"quiz": {"acc": 0.125}}, "versions": {"quiz": 0}}"#;
    write(&dir, "runs/old/owl-3b.json", old);
    let item = r#"{"doc_id": 0, "doc": {}, "metrics": ["acc"], "acc": 1.0, "filter": "none"}"#;
    write(&dir, "runs/acme__crow-8b/samples_quiz_2026-01-01T00-00-00.jsonl", &format!("{item}\n{item}\n"));
    write(&dir, "runs/broken.json", "{\"results\": ");
    write(&dir, "runs/README.md", "# Notes\n\n| model | w |\n|---|---|\n| a | 10 |\n| b | 20 |\n");
    let (text, warnings) = dir.run(&["import", "runs", "--json", "-o", "o.json"]).warned();
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!([&report["models"], &report["tasks"], &report["cells"]], [3, 2, 5], "{report}");
    for expected in [
        "runs/old/owl-3b.json: names no model; called \"owl-3b\" by its file",
        "runs/acme__bird-7b/results_2026-03-01T00-00-00.json: a run on a part of the items (limit 20)",
        "runs/broken.json line 1: left out: EOF",
        "runs/README.md: left out: no model card with results",
        "runs/acme__crow-8b/samples_quiz_2026-01-01T00-00-00.jsonl: left out: outcomes of items",
    ] {
        assert!(warnings.iter().any(|warning| warning.contains(expected)), "{expected}: {warnings:?}");
    }
    let expected = [("acme/bird-7b", 0.75), ("acme/crow-8b", 0.25), ("owl-3b", 0.125)];
    let expected: Vec<_> = expected.map(|(id, score)| (id.to_owned(), score)).to_vec();
    assert_eq!(scores(&dir, "o.json", "quiz"), expected);
    // A folder is a snapshot too.
    assert_eq!(scores(&dir, "runs", "quiz"), expected);
    let info: Value = serde_json::from_str(&dir.run(&["info", "runs", "--json"]).stdout).unwrap();
    assert_eq!(info["source"], "lm-evaluation-harness");
    // The folder of a single file tells its model.
    let alone =
        dir.run(&["import", "runs/acme__crow-8b/samples_quiz_2026-01-01T00-00-00.jsonl", "--json", "-o", "s.json"]);
    assert_eq!(alone.warned().1.len(), 1, "one item is there twice");
    let written = std::fs::read_to_string(dir.path("s.json")).unwrap();
    assert!(written.contains("acme/crow-8b"), "{written}");
}

#[test]
fn other_tools_keep_facts_beside_the_results() {
    let dir = TestDir::new();
    let task = |name: &str, score: f64| {
        json!({"task_name": name, "mteb_version": "2.1.0", "dataset_revision": "a", "evaluation_time": 1.0,
            "scores": {"test": [{"main_score": score, "hf_subset": "en", "languages": ["eng-Latn"]},
                {"main_score": score / 2.0, "hf_subset": "de", "languages": ["deu-Latn"]}]}})
        .to_string()
    };
    let meta = json!({"name": "acme/egg-small", "n_parameters": 118_000_000, "release_date": "2024-02-08",
        "license": "mit", "adapted_from": "acme/egg-base"});
    write(&dir, "mteb/acme__egg-small/e4ce98/model_meta.json", &meta.to_string());
    write(&dir, "mteb/acme__egg-small/e4ce98/Nest.json", &task("Nest", 0.5));
    write(&dir, "mteb/acme__egg-base/0a1b2c/Nest.json", &task("Nest", 0.25));
    let (text, _) = dir.run(&["import", "mteb", "--json", "-o", "m.json"]).warned();
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!([&report["models"], &report["tasks"], &report["cells"]], [2, 2, 4], "{report}");
    let info = dir.run(&["info", "m.json", "--json"]).json();
    assert_eq!(info["edges"], 1, "{info}");
    assert_eq!(
        scores(&dir, "m.json", "Nest/en"),
        [("acme/egg-base".to_owned(), 0.25), ("acme/egg-small".to_owned(), 0.5)]
    );
    assert_eq!(dir.run(&["import", "mteb/acme__egg-small/e4ce98/model_meta.json", "-o", "x.json"]).code, Some(2));

    let spec = json!({"name": "quiz:subject=law,model=acme_bird", "adapter_spec": {"model": "acme/bird"}});
    let stats = json!([{"name": {"name": "exact_match", "split": "test"}, "count": 1, "sum": 0.5, "mean": 0.5},
        {"name": {"name": "num_prompt_tokens", "split": "test"}, "count": 1, "sum": 9.0, "mean": 9.0}]);
    write(&dir, "helm/quiz:subject=law,model=acme_bird/run_spec.json", &spec.to_string());
    write(&dir, "helm/quiz:subject=law,model=acme_bird/stats.json", &stats.to_string());
    dir.run(&["import", "helm", "-o", "h.json"]).fine();
    assert_eq!(scores(&dir, "h.json", "quiz/law"), [("acme/bird".to_owned(), 0.5)]);

    write(
        &dir,
        "hub/models--acme--bird-7b/snapshots/1/.eval_results/quiz.yaml",
        "- dataset: {id: org/quiz}\n  value: 41.5\n",
    );
    write(&dir, "hub/crow-8b/.eval_results/quiz.yaml", "- dataset: {id: org/quiz}\n  value: 0.25\n");
    dir.run(&["import", "hub", "-o", "y.json"]).warned();
    assert_eq!(scores(&dir, "y.json", "quiz"), [("acme/bird-7b".to_owned(), 0.415), ("crow-8b".to_owned(), 0.25)]);
}
