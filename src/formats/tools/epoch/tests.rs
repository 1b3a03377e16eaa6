//! Tables as Epoch writes them.

use crate::formats::tools::tests::{read, scores, try_read};
use crate::snapshot::{Factor, ModelIndex, Range, TaskIndex};

const RUNS: &str = "\u{feff}id,task,model,Best score (across scorers),Scores,log viewer,logs,started_at,Status\n\
    a1,GPQA diamond,bird-7b,0.346,choice:0.35±0.02,https://x,https://y,24 April 2025 3:01pm,Success\n\
    a2,GPQA diamond,bird-7b,0.301,choice:0.30±0.02,https://x,https://y,23 April 2025 3:01pm,Success\n\
    a3,GPQA diamond,crow-8b_low,0.45,\"match:0.41±0.03, model_graded:0.45±0.01\",https://x,https://y,2 May 2025 1:35pm,Success\n\
    a4,MATH level 5,bird-7b,,,,,2 May 2025 1:35pm,Error\n";

const VERSIONS: &str = "\u{feff}id,Model,Version release date,Hugging Face developer id,Link,Notes\n\
    bird-7b,Bird 7B,2025-01-31,acme,https://huggingface.co/acme/bird-7b,\"two\nlines\"\n\
    crow-8b_low,Crow,2025-02-01,,https://example.org/crow,\nother,Other,,,,\n";

#[test]
fn runs_have_errors_and_days() {
    let imported = read(&[("data/benchmarks_runs.csv", RUNS), ("data/model_versions.csv", VERSIONS)]);
    assert_eq!(scores(&imported), ["bird-7b GPQA diamond 0.346", "crow-8b_low GPQA diamond 0.45"]);
    let snapshot = &imported.snapshot;
    assert_eq!(snapshot.tasks[0].range, Some(Range::FRACTION));
    let detail = |model| snapshot.details.get(ModelIndex(model), TaskIndex(0)).unwrap();
    assert_eq!((detail(0).error, detail(1).error), (Some(0.02), Some(0.01)));
    assert_eq!(detail(0).date.unwrap().to_string(), "2025-04-24");
    let [bird, crow] = &snapshot.models[..] else { panic!("two models") };
    assert_eq!(
        (bird.date.unwrap().to_string().as_str(), &bird.names),
        ("2025-01-31", &vec!["acme/bird-7b".to_owned()])
    );
    assert_eq!(bird.factors["organization"], Factor::Text("acme".into()));
    assert_eq!((crow.url.as_deref(), crow.names.len()), (Some("https://example.org/crow"), 0));
    assert_eq!(snapshot.sources[0].license, "CC-BY-4.0");
    assert_eq!(imported.report.dropped.iter().map(|dropped| dropped.count).collect::<Vec<_>>(), [1, 1]);
    let error = try_read(&[("model_versions.csv", VERSIONS)]).unwrap_err().to_string();
    assert!(error.contains("give it in one folder with benchmarks_runs.csv"), "{error}");
}

#[test]
fn a_benchmark_of_others_has_shots_and_sources() {
    let imported = read(&[(
        "external_benchmark_mmlu.csv",
        "\u{feff}id,Name,EM,Model version,Shots,Source,Source link,Notes\n\
         r1,Bird (7B),65.2%,bird-7b,5,Board,https://example.org,\nr2,Bird 7B,61.0%,bird-7b,0,Board,https://example.org,\n\
         r3,Crow,70.5%,,5,A report,https://example.org,\nr4,Crow again,71%,,5,,,\nr5,Owl,,owl,5,,,\n",
    )]);
    assert_eq!(
        scores(&imported),
        ["bird-7b mmlu 65.2", "bird-7b mmlu/0-shot 61", "Crow mmlu 70.5", "Crow again mmlu 71"]
    );
    let snapshot = &imported.snapshot;
    assert_eq!((snapshot.tasks[0].range, snapshot.tasks[0].shots), (Some(Range::PERCENT), Some(5)));
    let names: Vec<_> = snapshot.sources.iter().map(|source| source.name.as_str()).collect();
    assert_eq!(names, ["Epoch AI", "Board", "A report"]);
}

#[test]
fn newer_tables_hold_a_benchmark_each() {
    let imported = read(&[(
        "gpqa_diamond.csv",
        "Model version,mean_score,Best score (across scorers),Release date,Organization,Country,stderr,Started at,id\n\
         bird-7b_high,0.5,0.52,2026-02-01,Acme,Nowhere,0.01,2026-03-01T00:00:00.000Z,A\n",
    )]);
    assert_eq!(scores(&imported), ["bird-7b_high gpqa_diamond 0.52"]);
    let snapshot = &imported.snapshot;
    assert_eq!(snapshot.details.get(ModelIndex(0), TaskIndex(0)).unwrap().error, Some(0.01));
    assert_eq!(snapshot.models[0].date.unwrap().to_string(), "2026-02-01");
}

#[test]
fn the_index_names_models_and_benchmarks_beside_their_ids() {
    let imported = read(&[(
        "eci_benchmarks.csv",
        "model_id,benchmark_id,performance,benchmark,model,Model,date,source\n\
         m1,b1,0.9,GPQA diamond,bird-7b,Bird,2026-01-01,\nm2,b1,0.5,GPQA diamond,crow-8b,Crow,,\"Report, v2\"\nm2,b2,,MMLU,crow-8b,Crow,,\n",
    )]);
    assert_eq!(scores(&imported), ["bird-7b GPQA diamond 0.9", "crow-8b GPQA diamond 0.5"]);
    assert_eq!(imported.snapshot.sources[1].name, "Report, v2");
}

#[test]
fn a_table_of_several_benchmarks_is_not_epochs() {
    let imported =
        read(&[("mine.csv", "Model version,MMLU,GSM8K,Average\nbird-7b,61.5,41.5,51.5\ncrow-8b,71.5,51.5,61.5\n")]);
    let tasks: Vec<_> = imported.snapshot.tasks.iter().map(|task| task.id.as_str()).collect();
    assert_eq!(tasks, ["MMLU", "GSM8K"]);
}
