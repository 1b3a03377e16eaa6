//! Real published tables from the folder `EYAS_DATA`.

use super::{TestDir, rows};
use std::collections::HashSet;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(std::env::var_os("EYAS_DATA").unwrap())
}

#[test]
#[ignore = "needs the folder that EYAS_DATA names"]
fn five_outcome_matrices_become_one_snapshot() {
    let folder = folder();
    let path = |name: &str| folder.join(name).display().to_string();
    let matrices =
        ["arc", "gsm8k", "mmlu", "truthfulqa", "winogrande"].map(|name| path(&format!("instance/v1-{name}.csv.gz")));
    let edges = path("lineage-edges.csv");
    let mut arguments = vec!["import"];
    arguments.extend(matrices.iter().map(String::as_str));
    arguments.extend(["--lineage", &edges, "-o", "v1.json.gz"]);
    let dir = TestDir::new();
    let ran = dir.run(&arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("6313 models × 726 tasks"), "{}", ran.stdout);
    let backtest = ["backtest", "v1.json.gz", "--method", "mla", "--split", "lineage:120", "--json"];
    let report = dir.run(&backtest).json();
    let auc = report["results"][0]["metrics"]["auc"].as_f64().unwrap();
    assert!((0.82..0.88).contains(&auc), "a plain prototype of MLA reached 0.85, this {auc}");
}

#[test]
#[ignore = "needs the folder that EYAS_DATA names"]
fn the_task_mean_on_the_later_half_of_the_leaderboard() {
    let folder = folder();
    let path = |name: &str| folder.join(name).display().to_string();
    let dir = TestDir::new();
    let (table, edges) = (path("open-llm-leaderboard-v2.csv"), path("lineage-edges.csv"));
    let arguments = ["backtest", &table, "--lineage", &edges, "--method", "mean", "--split", "after:2025-01-01"];
    let (text, _) = dir.run(&[&arguments[..], &["--predictions", "p.csv", "--json"]].concat()).warned();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mae = report["results"][0]["metrics"]["mae"].as_f64().unwrap();
    assert!((mae - 0.112).abs() < 0.0005, "{mae}");
    let file = dir.read("p.csv");
    let rows = rows(&file);
    assert_eq!(rows.len() - 1, 1891 * 6);
    assert_eq!(rows[1..].iter().map(|row| row[2]).collect::<HashSet<_>>().len(), 1891);
    let error = |row: &Vec<&str>| (row[4].parse::<f64>().unwrap() - row[5].parse::<f64>().unwrap()).abs();
    let mean = rows[1..].iter().map(error).sum::<f64>() / (rows.len() - 1) as f64;
    assert!((mean - mae).abs() < 1e-6, "the file gives the metric: {mean}, {mae}");
}
