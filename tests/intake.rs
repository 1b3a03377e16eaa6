//! Lineage, scores and results in the forms in which users have them: names, known scores, files of other tools,
//! hostile input.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use eyas::formats::{Columns, Companions, GivenScores, Imported, Source, import, parse_lineage, read_scores};
use eyas::lineage::{NameIndex, Parent, Relation, configuration_of, spelled_alike};
use eyas::methods::{Method, Silent};
use eyas::recommend::{Recommender, Request, TrainOptions};
use eyas::snapshot::{Snapshot, read_json, write_json};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use std::path::{Path, PathBuf};

fn fixtures(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

fn snapshot(name: &str, bytes: &[u8]) -> Imported {
    import(&[Source { name, bytes, optional: false }], &Companions::default()).unwrap()
}

fn trained(snapshot: Snapshot, method: Method) -> Recommender {
    let options = TrainOptions { method, ..TrainOptions::default() };
    pollster::block_on(Recommender::train(snapshot, &options, &mut Silent)).unwrap()
}

fn board() -> Snapshot {
    snapshot("board.csv", &std::fs::read(fixtures("tests/fixtures/results/board.csv")).unwrap()).snapshot
}

/// The Parquet file was written by pyarrow, the CSV file by Python's csv with CRLF.
#[test]
fn parquet_is_the_same_table_as_its_csv() {
    let parquet = std::fs::read(fixtures("tests/fixtures/results/board.parquet")).unwrap();
    let (a, b) = (snapshot("board.parquet", &parquet).snapshot, board());
    assert_eq!((a.models.len(), a.cells()), (60, 360));
    assert_eq!((&a.models, &a.tasks), (&b.models, &b.tasks));
    assert_eq!(a.results, b.results);
    assert_eq!(a.lineage.edges(), b.lineage.edges());
    let damaged =
        import(&[Source { name: "b.parquet", bytes: &parquet[..2000], optional: false }], &Companions::default());
    assert!(damaged.unwrap_err().to_string().starts_with("b.parquet: the Parquet file can't be read"));
}

#[test]
fn runs_of_the_harness_become_one_table() {
    let run = |model: &str, score: f64| {
        format!(
            "{{\"results\": {{\"leaderboard_bbh\": {{\"acc_norm,none\": {score}, \"acc_norm_stderr,none\": 0.01}}, \
             \"own\": {{\"acc,none\": 0.5}}}}, \"config\": {{\"model_args\": \"pretrained={model},dtype=auto\"}}}}"
        )
    };
    let texts = [run("a/x", 0.25), run("a/y", 0.75), run("a/x", 0.9)];
    let files: Vec<_> =
        texts.iter().map(|text| Source { name: "results.json", bytes: text.as_bytes(), optional: false }).collect();
    let Imported { snapshot, warnings, .. } = import(&files, &Companions::default()).unwrap();
    assert_eq!((snapshot.models.len(), snapshot.tasks.len(), snapshot.cells()), (2, 2, 4));
    let score = |model| snapshot.get(snapshot.model(model).unwrap(), snapshot.task("bbh").unwrap());
    assert_eq!((score("a/x"), score("a/y")), (Some(0.25), Some(0.75)));
    assert!(warnings.iter().any(|warning| warning.message.contains("in an earlier file already")), "{warnings:?}");
}

#[test]
fn parents_are_found_by_other_names_and_unknown_ones_get_suggestions() {
    let text = b"model,mmlu\nmeta-llama/Llama-3.1-8B,60\nQwen/Qwen2.5-7B,70\norg/other,20\n";
    let recommender = trained(snapshot("t.csv", text).snapshot, Method::Parents);
    let parents = ["unsloth/Meta-Llama-3.1-8B-bnb-4bit", "meta-llama/Llama-3.1-8B", "Qwen/Qwen2.5-7b-Instrct"];
    let parents = parents.map(|id| Parent::new(id, Relation::Merge)).to_vec();
    let prediction = recommender.predict(&Request { parents, ..Request::default() }).unwrap();
    let found = &prediction.lineage;
    assert_eq!((found.parents[0].id.as_str(), found.parents[0].weight), ("meta-llama/Llama-3.1-8B", 2.0));
    assert_eq!(found.parents[0].given.as_deref(), Some("unsloth/Meta-Llama-3.1-8B-bnb-4bit"));
    assert_eq!(found.unknown, ["Qwen/Qwen2.5-7b-Instrct"]);
    assert_eq!(found.nearest["Qwen/Qwen2.5-7b-Instrct"][0], "Qwen/Qwen2.5-7B");
    assert!((prediction.forecasts[0].mean - 0.6).abs() < 1e-6);
}

#[test]
fn known_scores_move_the_other_forecasts_and_metrics_are_not_mixed() {
    let recommender = trained(board(), Method::Lrmf);
    let forecast = |scores: &[(&str, f32)]| {
        let scores = scores.iter().map(|&(task, score)| (task.to_owned(), score)).collect();
        let parents = vec![Parent::new("bird-2/base", Relation::Finetune)];
        let prediction = recommender.predict(&Request { parents, scores, ..Request::default() }).unwrap();
        prediction.forecasts.into_iter().find(|forecast| forecast.task == "musr").unwrap().mean
    };
    let (low, none, high) =
        (forecast(&[("ifeval", 0.2), ("bbh", 0.2)]), forecast(&[]), forecast(&[("ifeval", 0.65), ("bbh", 0.7)]));
    assert!(low < none && none < high, "{low} {none} {high}");
    let listed = |url: &str| {
        let text = format!(
            "---\nmodel-index:\n- results:\n  - dataset: {{name: IFEval (0-Shot), type: x/ifeval}}\n    metrics: \
             [{{type: acc, value: 71}}]\n    source: {{url: \"{url}\"}}\n---\n"
        );
        let Ok(GivenScores::Listed(scores, _)) = read_scores("card", &text) else { return Vec::new() };
        recommender.usable_scores(&scores).0
    };
    let space = "https://huggingface.co/spaces/open-llm-leaderboard/open_llm_leaderboard";
    assert_eq!(listed(space), [("ifeval".to_owned(), 0.71)]);
    assert!(listed("https://example.org").is_empty());
}

/// Passes the bytes to every parser.
fn feed(bytes: &[u8]) {
    let file = Source { name: "fed", bytes, optional: false };
    let _ = import(&[file], &Companions::default());
    let table = Source { name: "t", bytes: b"model,task\na,0.5\nb,0.25\n", optional: false };
    let _ = import(&[table], &Companions { lineage: Some(file), ..Companions::default() });
    let _ = import(&[table], &Companions { model_factors: Some(file), ..Companions::default() });
    let _ = import(&[table], &Companions { task_factors: Some(file), ..Companions::default() });
    let _ = eyas::backtest::parse_file("fed", bytes);
    let text = String::from_utf8_lossy(bytes);
    if let Ok(parsed) = parse_lineage("fed", &text) {
        assert!(parsed.parents.iter().all(|parent| parent.weight > 0.0 && parent.weight.is_finite()));
    }
    let _ = read_scores("fed", &text);
    let _ = eyas::formats::parse_facts(&text);
    for mark in [&b"PK\x03\x04"[..], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1"] {
        let packed = [mark, bytes.get(1..).unwrap_or_default()].concat();
        let _ = import(&[Source { name: "fed", bytes: &packed, optional: false }], &Companions::default());
    }
    feed_with_roles(&text);
    feed_as_folder(bytes);
    let _ = eyas::snapshot::read_compact(bytes);
    let ids: Vec<&str> = text.lines().take(64).collect();
    let index = NameIndex::new(ids.iter().copied());
    ids.iter().for_each(|id| drop((index.find(id), configuration_of(id))));
    let _ = spelled_alike(&ids);
}

/// Passes the bytes as the files of a folder; what is imported must be writable.
fn feed_as_folder(bytes: &[u8]) {
    let names = ["acme__bird/.eval_results/a.yaml", "acme__bird/stats.json", "acme__bird/samples_a.jsonl", "README.md"];
    let files = names.map(|name| Source { name, bytes, optional: true });
    if let Ok(imported) = import(&files, &Companions::default()) {
        let json = write_json(&imported.snapshot).unwrap();
        assert!(write_json(&read_json(&json).unwrap().0).unwrap() == json);
    }
}

/// Passes a text as two tables with roles of columns in its first line; what is imported must be writable.
fn feed_with_roles(text: &str) {
    let (roles, tables) = text.split_once('\n').unwrap_or(("", text));
    let columns: Columns = roles.parse().unwrap_or_default();
    let (first, second) = tables.split_once("\n---\n").unwrap_or((tables, "model,x\na,50\n"));
    let files = [("a.csv", first), ("b.csv", second)].map(|(name, text)| Source {
        name,
        bytes: text.as_bytes(),
        optional: false,
    });
    let companions = Companions { columns: Some(&columns), ..Companions::default() };
    if let Ok(imported) = import(&files, &companions) {
        let json = write_json(&imported.snapshot).unwrap();
        assert!(write_json(&read_json(&json).unwrap().0).unwrap() == json);
    }
}

/// Random changes of each file.
const ROUNDS: usize = 10;

/// The corpus of the fuzz targets and all fixtures, unchanged and with random changes from a fixed seed.
#[test]
fn no_bytes_panic() {
    let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(7);
    let mut files = 0;
    let folders = ["tests/fixtures/lineage", "tests/fixtures/results"].map(fixtures);
    let corpus = std::fs::read_dir(fixtures("fuzz/corpus")).unwrap().map(|entry| entry.unwrap().path());
    for folder in folders.into_iter().chain(corpus) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            files += 1;
            feed(&bytes);
            for _ in 0..ROUNDS {
                let mut changed = bytes.clone();
                for _ in 0..rng.random_range(1..6) {
                    let at = rng.random_range(0..changed.len().max(1));
                    match rng.random_range(0..5) {
                        0 => changed.truncate(at),
                        1 => changed.extend_from_within(..at.min(changed.len())),
                        2 if at < changed.len() => drop(changed.remove(at)),
                        3 if at < changed.len() => changed.insert(at, b"-:{}[]\"',\n@+&*0."[at % 16]),
                        _ if at < changed.len() => changed[at] ^= 1 << (at % 8),
                        _ => {}
                    }
                }
                feed(&changed);
            }
        }
    }
    assert!(files > 100, "{files}");
}

/// Ids of the hub without repeats.
fn ids() -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set("[a-z][a-z0-9]{0,5}/[a-z][a-z0-9.-]{0,8}[a-z0-9]", 1..6)
        .prop_map(|ids| ids.into_iter().collect())
}

fn linear(name: Option<&str>, parts: &[(String, f64)]) -> String {
    let models = parts.iter().map(|(id, weight)| format!("- {{model: {id}, parameters: {{weight: {weight}}}}}\n"));
    let name = name.map_or(String::new(), |name| format!("name: {name}\n"));
    format!("{name}merge_method: linear\nmodels:\n{}", models.collect::<String>())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_list_reads_back(ids in ids(), weights in prop::collection::vec(1u32..1000, 6)) {
        let text: String = ids.iter().zip(&weights).map(|(id, weight)| format!("{id} {}\n", *weight as f32 / 100.0)).collect();
        let parsed = parse_lineage("list", &text).unwrap();
        let back: String = parsed.parents.iter().map(|parent| format!("{} {}\n", parent.id, parent.weight)).collect();
        prop_assert_eq!(back, text);
    }

    #[test]
    fn a_card_reads_back(ids in ids()) {
        let text = format!("---\nbase_model: [{}]\nbase_model_relation: merge\n---\n", ids.join(", "));
        let parents = parse_lineage("card", &text).unwrap().parents;
        prop_assert_eq!(parents, ids.into_iter().map(|id| Parent::new(id, Relation::Merge)).collect::<Vec<_>>());
    }

    #[test]
    fn two_stages_flatten_to_the_product_of_their_shares(
        inner in ids(), outer in ids(), weights in prop::collection::vec(1u32..100, 12), own in 1u32..100,
    ) {
        let part = |ids: &[String], weights: &[u32]| -> Vec<(String, f64)> {
            ids.iter().cloned().zip(weights.iter().map(|&weight| f64::from(weight) / 10.0)).collect()
        };
        let (inner, mut outer) = (part(&inner, &weights[..6]), part(&outer, &weights[6..]));
        outer.push(("stage".to_owned(), f64::from(own)));
        let text = format!("{}---\n{}", linear(Some("stage"), &inner), linear(None, &outer));
        let parsed = parse_lineage("merge", &text).unwrap();
        let sum = |parts: &[(String, f64)]| parts.iter().map(|(_, weight)| weight).sum::<f64>();
        for parent in &parsed.parents {
            let of = |parts: &[(String, f64)]| {
                parts.iter().filter(|(id, _)| *id == parent.id).map(|(_, weight)| weight / sum(parts)).sum::<f64>()
            };
            let expected = of(&outer) + f64::from(own) / sum(&outer) * of(&inner);
            prop_assert!((f64::from(parent.weight) - expected).abs() < 1e-6, "{parent:?} {expected}");
        }
        let total: f32 = parsed.parents.iter().map(|parent| parent.weight).sum();
        prop_assert!((total - 1.0).abs() < 1e-5);
    }

    #[test]
    fn a_table_reads_back(cells in prop::collection::vec(prop::option::of(0u32..10_000), 12)) {
        prop_assume!(cells.iter().any(Option::is_some));
        // A column without a value is no task.
        let is_task = |column: usize| cells.iter().skip(column).step_by(3).any(Option::is_some);
        let cell = |at: usize| cells[at].map_or(String::new(), |value| format!("{}", value as f32 / 100.0 + 1.5));
        let rows = (0..4).map(|row| format!("m/{row},{},{},{}\r\n", cell(3 * row), cell(3 * row + 1), cell(3 * row + 2)));
        let text = format!("model,a,b,c\r\n{}", rows.collect::<String>());
        let read = import(&[Source { name: "t.csv", bytes: text.as_bytes(), optional: false }], &Companions::default());
        // A value above 100 in a column of percent is refused, by its line.
        let Ok(Imported { snapshot, .. }) = read else { return Ok(()) };
        for (at, value) in cells.iter().enumerate().filter(|(at, _)| is_task(at % 3)) {
            let (model, task) = (snapshot.model(&format!("m/{}", at / 3)).unwrap(), snapshot.task(["a", "b", "c"][at % 3]).unwrap());
            prop_assert_eq!(snapshot.get(model, task), value.map(|value| value as f32 / 100.0 + 1.5));
        }
    }
}
