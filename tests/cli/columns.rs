//! What `import` understood of a table, and its correction by `--columns`.

use super::{TestDir, list};
use serde_json::json;

const BOARD: &str = "Model,Params (B),Release year,Average,MMLU,MMLU Rank,MMLU_stderr,n_samples
org/a,70,2024,75.5,80.1,1,0.3,14042
org/b,8,2023,60.5,65.1,2,0.4,14042
org/c,3,2023,40.5,45.1,3,0.4,14042
";

#[test]
fn the_report_has_the_contracts_shape() {
    let dir = TestDir::new();
    dir.write("board.csv", BOARD);
    let report = dir.run(&["import", "board.csv", "--json", "-o", "s.json"]).json();
    assert_eq!((&report["models"], &report["tasks"], &report["cells"]), (&json!(3), &json!(1), &json!(3)));
    let columns = list(&report["columns"]);
    let roles: Vec<_> = columns.iter().map(|column| column["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["model", "fact", "fact", "skip", "score", "skip", "error", "items"]);
    let expected = json!({"file": "board.csv", "name": "MMLU", "role": "score", "task": "MMLU", "unit": "percent",
        "range": {"low": 0.0, "high": 100.0}, "why": "values from 45.1 to 80.1"});
    assert_eq!(columns[4], expected);
    assert_eq!((&columns[1]["fact"], &columns[1]["unit"]), (&json!("Params (B)"), &json!(null)));
    assert_eq!(columns[6]["task"], "MMLU");
    for key in ["merged", "apart", "dropped"] {
        assert_eq!(report[key], json!([]), "{key}");
    }
    let info = dir.run(&["info", "s.json", "--json"]).json();
    assert_eq!(info["task_list"][0]["id"], "MMLU");
}

#[test]
fn the_report_is_printed_and_roles_are_corrected() {
    let dir = TestDir::new();
    dir.write("board.csv", BOARD);
    let text = dir.run(&["import", "board.csv", "-o", "s.json"]).fine();
    assert!(text.starts_with("3 models × 1 task (3 cells"), "{text}");
    for line in
        ["MMLU          score    percent", "MMLU_stderr   error    MMLU ", "Average       skip              an average"]
    {
        assert!(text.contains(line), "{line}\n{text}");
    }
    // The example of the documentation.
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/formats.md")).unwrap();
    let shown: Vec<&str> = page
        .lines()
        .skip_while(|line| !line.starts_with("    3 models"))
        .take_while(|line| !line.starts_with('`'))
        .collect();
    let shown = shown.iter().map(|line| line.trim_start()).collect::<Vec<_>>().join("\n");
    assert_eq!(text.trim_end().strip_suffix("wrote s.json").unwrap().trim_end(), shown.trim_end());
    let columns = "Average=score:points,\"MMLU Rank\"=fact,MMLU=skip";
    let report = dir.run(&["import", "board.csv", "--columns", columns, "--json", "-o", "s.json"]).json();
    let columns = list(&report["columns"]);
    assert_eq!((&columns[3]["unit"], &columns[3]["why"]), (&json!("points"), &json!("as given")));
    assert_eq!((&columns[4]["role"], &columns[5]["role"]), (&json!("skip"), &json!("fact")));
    let error = |columns: &str| dir.run(&["import", "board.csv", "--columns", columns, "-o", "t.json"]).failed(2);
    assert!(error("MML=score").starts_with("columns: no column \"MML\" here; there are Model, Params (B)"));
    assert!(error("MMLU=great").starts_with("columns: \"MMLU\" has no role \"great\""));
    assert!(error("MMLU=score:fraction").starts_with("board.csv line 2, column \"MMLU\": expected 0 to 1, found 80.1"));
}

#[test]
fn two_boards_become_one_table_and_the_join_is_told() {
    let dir = TestDir::new();
    dir.write("a.csv", "model,MMLU\nQwen/Qwen2.5-7B,74.2\norg/One-7B-Instruct,66.6\n");
    dir.write("b.csv", "model,BBH\nqwen/qwen2.5-7B,53.9\norg/one-7b-instruct,48.0\n");
    let (report, warnings) = dir.run(&["import", "a.csv", "b.csv", "--json", "-o", "s.json"]).warned();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!((&report["models"], &report["cells"]), (&json!(2), &json!(4)));
    assert_eq!(report["merged"][0], json!(["Qwen/Qwen2.5-7B", "qwen/qwen2.5-7B"]));
    assert!(warnings.iter().any(|line| line.contains("2 models have several spellings")), "{warnings:?}");
    let snapshot = dir.run(&["info", "s.json", "--json"]).json();
    assert_eq!(list(&snapshot["sources"]).iter().map(|source| &source["id"]).collect::<Vec<_>>(), ["a.csv", "b.csv"]);
}

#[test]
fn train_and_backtest_take_lineage_and_facts() {
    let dir = TestDir::new();
    let rows: String = (0..24).map(|at| format!("org/m{at},{},{}\n", 20 + at * 2, 30 + at)).collect();
    dir.write("s.csv", format!("model,x,y\n{rows}"));
    let facts: String = (0..24).map(|at| format!("org/m{at},{}B,org/base\n", 1 + at)).collect();
    dir.write("f.csv", format!("model,param_count,base_model\n{facts}"));
    dir.write("e.csv", "parent,child\norg/m0,org/m1\n");
    let beside = ["--model-factors", "f.csv", "--lineage", "e.csv"];
    let train = [&["train", "s.csv", "--method", "size", "-o", "m.eyas"][..], &beside].concat();
    dir.run(&train).fine();
    let answer = dir.run(&["predict", "--model", "m.eyas", "--facts", "params=3", "--json"]).json();
    let other = dir.run(&["predict", "--model", "m.eyas", "--facts", "params=20", "--json"]).json();
    assert!(answer["forecasts"][0]["mean"].as_f64() < other["forecasts"][0]["mean"].as_f64());
    let backtest =
        [&["backtest", "s.csv", "--method", "size,kin", "--split", "models:4", "--json"][..], &beside].concat();
    let report = dir.run(&backtest).json();
    assert_eq!(list(&report["results"]).len(), 2);
}

#[test]
fn info_lists_tasks_of_a_board_as_it_is() {
    let dir = TestDir::new();
    dir.write(
        "t.tsv",
        "model\tWER\tMMLU\norg/a\t0.12\t80,1\norg/b\t0.2\t65,1\n".replace("0.12", "0,12").replace("0.2", "0,2"),
    );
    let text = dir.run(&["info", "t.tsv"]).fine();
    assert!(text.contains("less is better") && text.contains("MMLU"), "{text}");
}
