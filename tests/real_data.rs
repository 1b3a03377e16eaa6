//! Imports of real published tables from the folder `EYAS_DATA`.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use eyas::backtest::{Conditions, Split, Trial};
use eyas::formats::{Companions, Imported, Source, import};
use eyas::lineage::Relation;
use eyas::methods::{Method, Silent};
use eyas::snapshot::{Factor, ModelIndex, Range, Snapshot, TaskIndex, TaskKind};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    PathBuf::from(std::env::var_os("EYAS_DATA").unwrap())
}

fn load(folder: &Path, names: &[&str], companions: [Option<&str>; 3]) -> Imported {
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let files: Vec<_> = names.iter().map(|&name| (name, read(name))).collect();
    let beside = companions.map(|name| name.map(|name| (name, read(name))));
    let files: Vec<_> = files.iter().map(|(name, bytes)| Source { name, bytes, optional: false }).collect();
    let [lineage, model_factors, task_factors] =
        beside.each_ref().map(|file| file.as_ref().map(|(name, bytes)| Source { name, bytes, optional: false }));
    import(&files, &Companions { lineage, model_factors, task_factors, ..Companions::default() }).unwrap()
}

#[test]
#[ignore = "needs the folder that EYAS_DATA names"]
fn the_leaderboard_from_its_api() {
    let folder = folder();
    let Imported { snapshot, warnings, .. } =
        load(&folder, &["open-llm-leaderboard-v2.csv"], [Some("lineage-edges.csv"), None, None]);
    assert_eq!((snapshot.models.len(), snapshot.tasks.len(), snapshot.cells()), (4497, 6, 4497 * 6));
    let ids: Vec<_> = snapshot.tasks.iter().map(|task| task.id.as_str()).collect();
    assert_eq!(ids, ["ifeval", "bbh", "math", "gpqa", "musr", "mmlu_pro"]);
    let first_day = eyas::snapshot::Date::new(2025, 1, 1).unwrap();
    let late = snapshot.models.iter().filter(|model| model.date.is_some_and(|day| day >= first_day));
    assert_eq!(late.count(), 1891);
    assert!(warnings.iter().any(|warning| warning.message.starts_with("79 rows repeat a model")), "{warnings:?}");
    let joins = snapshot.lineage.edges().iter().filter(|edge| edge.parent < 4497 && edge.child < 4497);
    let from_file = joins.filter(|edge| edge.relation != Relation::Unstated).count();
    assert!((1000..=1560).contains(&from_file), "{from_file}");
    let model = snapshot.model("0-hero/Matter-0.2-7B-DPO").unwrap();
    assert!((snapshot.get(model, TaskIndex(0)).unwrap() - 33.027_92).abs() < 1e-4);
    assert_eq!(snapshot.models[model.0 as usize].factors["type"], Factor::Text("chat".into()));
}

#[test]
#[ignore = "needs the folder that EYAS_DATA names"]
fn the_leaderboard_as_the_board_exports_it() {
    let folder = folder();
    let api = load(&folder, &["open-llm-leaderboard-v2.csv"], [None; 3]).snapshot;
    let export = load(&folder, &["open-llm-leaderboard-v2-export.csv"], [None; 3]).snapshot;
    assert_eq!((export.models.len(), export.tasks.len()), (3753, 6));
    let common = export.models.iter().filter(|model| api.model(&model.id).is_some()).count();
    assert!(common > 3500, "{common}");
    assert_eq!(export.tasks, api.tasks);
    let types = |snapshot: &Snapshot| -> BTreeSet<String> {
        snapshot.models.iter().filter_map(|model| Some(format!("{:?}", model.factors.get("type")?))).collect()
    };
    assert!(types(&api).is_subset(&types(&export)));
}

#[test]
#[ignore = "needs the folder that EYAS_DATA names"]
fn five_outcome_matrices_with_edges() {
    let folder = folder();
    let names = ["arc", "gsm8k", "mmlu", "truthfulqa", "winogrande"].map(|name| format!("instance/v1-{name}.csv.gz"));
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let Imported { snapshot, .. } = load(&folder, &names, [Some("lineage-edges.csv"), None, None]);
    assert_eq!((snapshot.models.len(), snapshot.tasks.len(), snapshot.kind()), (6313, 726, TaskKind::Outcome));
    let density = snapshot.cells() as f64 / (6313.0 * 726.0);
    assert!((density - 0.74).abs() < 0.005, "{density}");
    assert_eq!(snapshot.benchmarks(), ["v1-arc", "v1-gsm8k", "v1-mmlu", "v1-truthfulqa", "v1-winogrande"]);
    let with_parent = (0..6313).filter(|&node| snapshot.lineage.parents(node).any(|edge| edge.parent < 6313)).count();
    // 338 by the edges alone; the others are quantised or packed models of the table.
    assert!((370..=390).contains(&with_parent), "{with_parent}");
}

#[test]
#[ignore = "needs the folder that EYAS_DATA names"]
fn matrices_with_fractional_zeros_and_ones() {
    let folder = folder();
    let names = ["instance/v2-mmlu-pro-math-8b.csv.gz", "instance/v2-bbh-tracking5.csv.gz"];
    let math = load(&folder, &names[..1], [None; 3]).snapshot;
    assert_eq!((math.models.len(), math.tasks.len(), math.kind()), (759, 1351, TaskKind::Outcome));
    let bbh = load(&folder, &names[1..], [None; 3]).snapshot;
    assert_eq!((bbh.models.len(), bbh.tasks.len()), (4030, 250));
    let cells = (0..4030).flat_map(|model| (0..250).map(move |task| (ModelIndex(model), TaskIndex(task))));
    let solved: f32 = cells.filter_map(|(model, task)| bbh.get(model, task)).sum();
    assert!((solved / bbh.cells() as f32 - 0.21).abs() < 0.01);
}

#[test]
#[ignore = "needs the folder that EYAS_DATA names"]
fn a_wide_table_with_model_and_task_factors() {
    let folder = folder();
    let companions = [None, Some("cpp/model_feature.csv"), Some("cpp/benchmark_feature.csv")];
    let Imported { snapshot, warnings, .. } = load(&folder, &["cpp/crowdsource_performance.csv"], companions);
    assert_eq!((snapshot.models.len(), snapshot.tasks.len()), (72, 29));
    let density = snapshot.cells() as f64 / (72.0 * 29.0);
    assert!((density - 0.42).abs() < 0.01, "{density}");
    assert!(snapshot.tasks.iter().all(|task| task.range == Some(Range::PERCENT)));
    assert!(snapshot.tasks.iter().all(|task| task.factors.len() == 4));
    let model = snapshot.model("LLama-2-7B").unwrap();
    let factors = &snapshot.models[model.0 as usize].factors;
    assert_eq!(factors["Parameter Size(M)"], Factor::Number(7000.0));
    assert_eq!(factors["Finetuning"], Factor::Flag(false));
    let warnings: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert!(warnings.iter().any(|warning| warning.contains("3 models are not in the results")), "{warnings:?}");
}

/// CPP publishes a mean squared error of 0.0125 and a mean absolute error of 0.0788 on 5 % of these cells.
#[test]
#[ignore = "needs the folder that EYAS_DATA names"]
fn factorisation_and_the_network_fill_the_matrix_of_cpp() {
    let folder = folder();
    let companions = [None, Some("cpp/model_feature.csv"), Some("cpp/benchmark_feature.csv")];
    let snapshot = load(&folder, &["cpp/crowdsource_performance.csv"], companions).snapshot;
    let conditions = Conditions::of("cells:0.05".parse().unwrap());
    for (method, squared, absolute) in [(Method::Mf, 0.0075, 0.06), (Method::NcfFactors, 0.0075, 0.06)] {
        let errors = |seed| {
            let rows = pollster::block_on(Trial::new(&snapshot, &conditions, seed).unwrap().run(method, &mut Silent));
            let errors: Vec<f64> = rows.unwrap().iter().map(|row| f64::from(row.predicted - row.truth)).collect();
            let mean = |of: fn(&f64) -> f64| errors.iter().map(of).sum::<f64>() / errors.len() as f64;
            (mean(|error| error * error), mean(|error| error.abs()))
        };
        let seeds: Vec<(f64, f64)> = (0..10).map(errors).collect();
        let mean = |of: fn(&(f64, f64)) -> f64| seeds.iter().map(of).sum::<f64>() / seeds.len() as f64;
        let (mse, mae) = (mean(|seed| seed.0), mean(|seed| seed.1));
        assert!(mse <= squared && mae <= absolute, "{}: {mse} {mae}", method.name());
    }
}

#[test]
#[ignore = "needs the folder that EYAS_DATA names"]
fn the_matrix_and_the_folds_of_benchpress() {
    let folder = folder();
    let Imported { snapshot, .. } = load(&folder, &["benchpress/data.json"], [None; 3]);
    assert_eq!((snapshot.models.len(), snapshot.tasks.len(), snapshot.cells()), (84, 133, 2604));
    let mut open = snapshot.tasks.iter().filter(|task| task.range.is_none()).map(|task| task.id.as_str());
    assert_eq!(open.by_ref().next(), Some("chatbot_arena_elo"));
    assert_eq!(open.count(), 4);
    assert_eq!(snapshot.get(ModelIndex(0), TaskIndex(2)), Some(60.4));
    assert!(snapshot.models.iter().all(|model| model.factors.contains_key("provider")));

    let mut split: Split = "folds:folds.json".parse().unwrap();
    split.read(&std::fs::read(folder.join("benchpress/folds.json")).unwrap()).unwrap();
    assert_eq!(split.seeds(), Some(30));
    let held: Vec<_> = (0..3).map(|fold| split.hold_out(&snapshot, fold).unwrap().cells).collect();
    assert_eq!(held.iter().map(|cells| cells.count_ones()).collect::<Vec<_>>(), [843, 843, 918]);
    let twice = held[0].ones(0).filter(|&task| held[1].get(0, task)).count();
    assert!(twice == 0 && held[0].get(0, 53), "the folds of one repetition do not overlap");
    assert!(split.hold_out(&snapshot, 30).unwrap_err().to_string().contains("has 30 folds"));
}

#[test]
#[ignore = "needs the folder that EYAS_DATA names"]
fn the_table_of_helm() {
    let Imported { snapshot, .. } = load(&folder(), &["cpp/helm_core.csv"], [None; 3]);
    assert_eq!((snapshot.models.len(), snapshot.tasks.len()), (88, 56));
    let density = snapshot.cells() as f64 / (88.0 * 56.0);
    assert!((density - 0.53).abs() < 0.01, "{density}");
    let cell = |model: &str, task: &str| snapshot.get(snapshot.model(model).unwrap(), snapshot.task(task).unwrap());
    assert_eq!(cell("text-ada-001", "MMLU - EM"), Some(0.238));
    assert_eq!(cell("Cohere Command Light", "MMLU - EM"), Some(0.386));
    assert_eq!(cell("text-ada-001", "HumanEval (Code) - pass@1"), None);
    let range = |task: &str| snapshot.tasks[snapshot.task(task).unwrap().0 as usize].range;
    assert_eq!((range("MMLU - EM"), range("The Pile - BPB")), (Some(Range::FRACTION), None));
}

/// CPP-0 and CPP-2: this table calls the factor "Parameter Size(M)".
#[test]
#[ignore = "needs the folder that EYAS_DATA names"]
fn the_largest_models_of_cpp_are_found_by_their_size() {
    let companions = [None, Some("cpp/model_feature.csv"), Some("cpp/benchmark_feature.csv")];
    let snapshot = load(&folder(), &["cpp/crowdsource_performance.csv"], companions).snapshot;
    let held = |spec: &str| spec.parse::<Split>().unwrap().hold_out(&snapshot, 0).unwrap();
    let whole: Vec<&str> =
        held("largest:0").whole_models.iter().map(|model| snapshot.models[model.0 as usize].id.as_str()).collect();
    assert!(whole.contains(&"LLama-2-70B") && !whole.contains(&"LLama-2-7B"), "{whole:?}");
    let (zero, two) = (held("largest:0").cells.count_ones(), held("largest:2").cells.count_ones());
    assert_eq!(zero - two, 2 * whole.len());
}

#[test]
#[ignore = "needs the folder that EYAS_DATA names"]
fn logs_of_inspect() {
    let names = ["data_arc_qwen", "data_intercode_ctf_local_path", "data_pubmedqa_gpt4o_mini"]
        .map(|name| format!("samples/inspect/{name}.json"));
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let Imported { snapshot, warnings, .. } = load(&folder(), &names, [None; 3]);
    let cells = snapshot.models.iter().zip(&snapshot.tasks).map(|(model, task)| (&*model.id, &*task.id));
    assert_eq!(
        cells.collect::<Vec<_>>(),
        [
            ("qwen2.5:0.5b", "arc_easy"),
            ("mistral/mistral-small-latest", "gdm_intercode_ctf"),
            ("openai/gpt-4o-mini", "pubmedqa")
        ]
    );
    assert_eq!(snapshot.cells(), 3);
    let detail = snapshot.details.get(ModelIndex(1), TaskIndex(1)).unwrap();
    assert_eq!((snapshot.get(ModelIndex(1), TaskIndex(1)), detail.items), (Some(0.354_430_38), Some(79)));
    let partial = warnings.iter().filter(|warning| warning.message.starts_with("a run on"));
    assert_eq!(partial.count(), 2, "{warnings:?}");
}

#[test]
#[ignore = "needs the folder that EYAS_DATA names"]
fn runs_of_helm() {
    let runs =
        ["mmlu-subject=philosophy,method=multiple_choice_joint,model=openai_gpt2", "narrative_qa-model=openai_gpt2"];
    let names: Vec<_> = runs
        .iter()
        .flat_map(|run| ["run_spec", "stats"].map(|file| format!("samples/helm/{run}/{file}.json")))
        .collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let Imported { snapshot, warnings, .. } = load(&folder(), &names, [None; 3]);
    assert_eq!((snapshot.models.len(), &*snapshot.models[0].id, snapshot.cells()), (1, "openai/gpt2", 2));
    let tasks: Vec<_> = snapshot.tasks.iter().map(|task| (&*task.id, task.metric.as_deref())).collect();
    assert_eq!(tasks, [("mmlu/philosophy", Some("exact_match")), ("narrative_qa", Some("f1_score"))]);
    assert_eq!(snapshot.get(ModelIndex(0), TaskIndex(1)), Some(0.174_242_42));
    assert!(warnings.is_empty(), "{warnings:?}");
    let alone = load(&folder(), &[names[1]], [None; 3]).snapshot;
    assert_eq!((&*alone.models[0].id, &*alone.tasks[0].id), ("openai/gpt2", "mmlu/philosophy"));
}

#[test]
#[ignore = "needs the folder that EYAS_DATA names"]
fn the_boards_of_evalplus_and_bigcodebench() {
    let evalplus = load(&folder(), &["samples/boards/evalplus-results.json"], [None; 3]).snapshot;
    assert_eq!((evalplus.models.len(), evalplus.tasks.len(), evalplus.cells()), (125, 4, 428));
    let model = evalplus.model("OpenCoder-8B-Instruct").unwrap();
    assert_eq!(evalplus.get(model, evalplus.task("MBPP+").unwrap()), Some(71.4));
    assert_eq!(evalplus.models[model.0 as usize].names, ["infly/OpenCoder-8B-Instruct"]);
    let hard = load(&folder(), &["samples/boards/bigcodebench-results-hard.json"], [None; 3]).snapshot;
    assert_eq!((hard.models.len(), hard.tasks.len(), hard.cells()), (202, 2, 372));
    let model = hard.model("Magicoder-S-DS-6.7B").unwrap();
    assert_eq!(hard.get(model, hard.task("BigCodeBench-Hard/instruct").unwrap()), Some(13.5));
}

#[test]
#[ignore = "needs the folder that EYAS_DATA names"]
fn facts_of_mteb_need_the_results_of_a_task() {
    let path = "samples/mteb/intfloat__multilingual-e5-small/e4ce9877abf3edfe10b0d82785e83bdcb973e22e/model_meta.json";
    let facts = std::fs::read(folder().join(path)).unwrap();
    let task = br#"{"task_name": "PairQuiz", "scores": {"test": [{"main_score": 0.9, "hf_subset": "default"}]}}"#;
    let beside = path.replace("model_meta", "PairQuiz");
    let file = |name, bytes| Source { name, bytes, optional: false };
    let files = [file(path, &facts), file(&beside, &task[..])];
    let snapshot = import(&files, &Companions::default()).unwrap().snapshot;
    assert_eq!((&*snapshot.models[0].id, snapshot.cells()), ("intfloat/multilingual-e5-small", 1));
    assert!(snapshot.models[0].date.is_some());
    let alone = import(&files[..1], &Companions::default()).unwrap_err().to_string();
    assert!(alone.contains("give the files of its tasks"), "{alone}");
}
