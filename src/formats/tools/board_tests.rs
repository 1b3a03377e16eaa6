//! Boards that the reader of tables and the reader of lm-evaluation-harness read without a reader of their own.

use super::tests::{read, scores};
use crate::snapshot::{Factor, Range};

#[test]
fn the_board_of_mmlu_pro() {
    let imported = read(&[(
        "results.csv",
        "Models,Data Source,Overall,Biology,Business,Law,Model Size(B)\n\
         Bird-7B,TIGER-Lab,0.4134,0.6,0.4,0.2402,7\nCrow-8B,Self-Reporetd,0.51,-,-,-,unk\nOwl-70B,Self-Reported,0.6134,0.8,0.6,0.4402,70\n",
    )]);
    assert_eq!(
        scores(&imported),
        [
            "Bird-7B Biology 0.6",
            "Bird-7B Business 0.4",
            "Bird-7B Law 0.2402",
            "Owl-70B Biology 0.8",
            "Owl-70B Business 0.6",
            "Owl-70B Law 0.4402"
        ]
    );
    assert_eq!(imported.snapshot.models[0].facts().params, Some(7.0));
}

#[test]
fn the_board_of_swallow() {
    let imported = read(&[(
        "swallow.csv",
        "model,date,family,params,base,JComQA,JSQuAD,Ja Avg,MMLU,GSM8K\n\
         acme/bird-7b,2024-09-19,Bird,7.6,acme/egg-7b,0.891,0.91,0.9005,0.61,0.611\nacme/crow-8b,2024-10-19,Crow,8,－,0.791,0.81,0.8005,0.51,0.511\n",
    )]);
    let snapshot = &imported.snapshot;
    let tasks: Vec<_> = snapshot.tasks.iter().map(|task| task.id.as_str()).collect();
    assert_eq!(tasks, ["JComQA", "JSQuAD", "MMLU", "GSM8K"]);
    assert!(snapshot.tasks.iter().all(|task| task.range == Some(Range::FRACTION)));
    let model = &snapshot.models[0];
    assert_eq!((model.facts().params, model.date.unwrap().to_string().as_str()), (Some(7.6), "2024-09-19"));
}

#[test]
fn the_template_of_leaderboards_on_the_hub() {
    let imported = read(&[(
        "results.json",
        r#"{"config": {"model_dtype": "torch.float16", "model_name": "acme/bird-7b", "model_sha": "main"},
           "results": {"quiz": {"accuracy": 0.4}, "maze": {"f1": 0.5}}}"#,
    )]);
    assert_eq!(scores(&imported), ["acme/bird-7b quiz 0.4", "acme/bird-7b maze 0.5"]);
}

#[test]
fn lists_of_rows() {
    let imported = read(&[(
        "rows.json",
        r#"[["model", "MMLU", "org"], ["acme/bird", 61.5, "Acme"], ["acme/crow", 71.5, "Acme"]]"#,
    )]);
    assert_eq!(scores(&imported), ["acme/bird MMLU 61.5", "acme/crow MMLU 71.5"]);
    assert_eq!(imported.snapshot.models[0].factors["org"], Factor::Text("Acme".into()));
}

/// No shape of JSON or of a table stops the import otherwise than with an error.
#[test]
fn damaged_files_of_boards_are_errors() {
    let inner = ["null", "1", "\"x\"", "[]", "{}", "[null]", "[[]]", "{\"a\": null}", "[{\"a\": 1}]"];
    for shape in [
        r#"{"data": [{"evaluations": X, "model_creator": {}, "name": "a"}]}"#,
        r#"{"data": [{"evaluations": {"q": X}, "model_creator": X, "pricing": X, "name": "a"}]}"#,
        r#"{"models": [{"name": "a", "benchmarks": [{"name": "q", "score": X, "source": X}, X]}, X]}"#,
        r#"{"q": {"dataset": X, "metric": X, "mode": X, "version": X, "m": X}}"#,
        r#"{"results": {"a": {"META": X, "q": X}, "b": X}}"#,
        r#"{"results": {"a": {"META": {"Method": X, "Parameters": X, "Time": X}, "q": {"Overall": X}}}}"#,
        r#"{"scores": [{"model_id": "a", "benchmark_id": "q", "score": X}, X], "models": X, "benchmarks": X}"#,
        r#"{"scores": {"data": [{"model_id": X, "benchmark_id": X, "score": 1}]}, "models": [X], "benchmarks": [X]}"#,
        r#"{"scores": [{"model_id": "a", "benchmark_id": "q", "score": 1}], "benchmarks": [{"id": "q", "canonical_setting": X, "range": X}]}"#,
        r#"{"a": X, "b": {"q": X}}"#,
        r#"{"a": {"q": {"acc": X}}, "b/c": {"q": 1}}"#,
        "[[\"model\", \"q\"], X]",
    ] {
        for value in inner {
            let _ = super::tests::try_read(&[("x.json", &shape.replace('X', value))]);
        }
    }
    for header in [
        "dataset,version,metric,mode,m",
        "dataset,version,metric,mode,total_count",
        "model,typos,connections,olympiad,tablejoin",
        "Overall Acc,Model,Model Link,Live Acc",
        "rank_stylectrl,model,arena_score,95_pct_ci,votes",
        "key,Model,MT-bench (score),MMLU,License",
        "task,model,Best score (across scorers),Status,Scores",
        "Model version,Score,Shots,Source",
        "model_id,benchmark_id,performance,benchmark",
        "id,Model,Version release date",
    ] {
        for row in ["", ",,,,", "a,b,c,d,e", "1,2,3,4,5", "é,€,+1/-1,(1/0),∞", "a", "\"", "1,2,3,4,5,6,7,8"] {
            let _ = super::tests::try_read(&[("x.csv", &format!("{header}\n{row}\n"))]);
        }
    }
}
