use super::*;
use crate::lineage::Relation;
use crate::snapshot::{Factor, ModelIndex, TaskIndex};
use proptest::prelude::*;

fn minimal(scores: &str) -> String {
    format!(
        r#"{{"format":"eyas-snapshot/1","source":"s","license":"l","models":[{{"id":"a/a"}},{{"id":"a/b"}}],
        "tasks":[{{"id":"t","kind":"score","range":{{"low":0,"high":1}}}}],{scores}}}"#
    )
}

fn message(text: &str) -> String {
    read_json(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn columns_come_with_or_without_their_models() {
    let (full, _) = read_json(minimal(r#""scores":[{"values":[0.25,0.5]}]"#).as_bytes()).unwrap();
    assert_eq!(full.get(ModelIndex(1), TaskIndex(0)), Some(0.5));
    let (part, _) = read_json(minimal(r#""scores":[{"models":[1],"values":[0.5]}]"#).as_bytes()).unwrap();
    assert_eq!((part.cells(), part.get(ModelIndex(0), TaskIndex(0))), (1, None));
}

#[test]
fn every_refusal_names_its_place() {
    let cases = [
        (r#""scores":[{"values":[0.25]}]"#, "scores[0] has 1 values for 2 models"),
        (r#""scores":[{"models":[2],"values":[0.25]}]"#, "scores[0] names model 2; there are 2"),
        (r#""scores":[{"models":[1,1],"values":[0,0]}]"#, "scores[0] must list its models in ascending order"),
        (r#""scores":[{"values":[0.25,43]}]"#, "scores[0].values[1]: expected 0 to 1, found 43"),
        (r#""scores":[]"#, "scores has 0 columns for 1 tasks"),
        (r#""outcomes":{"solved":["AA==","AA=="]}"#, "tasks[0] has another kind"),
        (r#""scores":[{"values":[0.1,0.2]}],"extra":1"#, "line 2: unknown field `extra`"),
    ];
    for (scores, expected) in cases {
        let message = message(&minimal(scores));
        assert!(message.starts_with(expected), "{message}");
        assert!(!message.contains('\n'));
    }
}

#[test]
fn truncated_and_foreign_json_have_different_errors() {
    let text = minimal(r#""scores":[{"values":[0.25,0.5]}]"#);
    assert!(message(&text[..text.len() - 4]).starts_with("line 2: EOF while parsing"));
    assert!(message("{}").contains("lacks \"format\""));
    assert!(message(r#"{"format":"eyas-snapshot/9","x":1}"#).contains("eyas-snapshot/9"));
    assert!(message(&text.replace("\"source\":\"s\"", "\"source\":\" \"")).starts_with("source is required"));
    assert!(message(&text.replace("\"source\":\"s\",", "")).contains("missing field `source`"));
    assert!(message(&text.replace("a/b", "a/a")).contains("models[1] repeats the id"));
}

#[test]
fn outcome_rows_are_checked_bit_by_bit() {
    let text = |outcomes: &str| {
        format!(
            r#"{{"format":"eyas-snapshot/1","source":"s","license":"l","models":[{{"id":"a"}}],
            "tasks":[{{"id":"b/1","kind":"outcome"}},{{"id":"b/2","kind":"outcome"}}],"outcomes":{outcomes}}}"#
        )
    };
    let (snapshot, _) = read_json(text(r#"{"observed":["Aw=="],"solved":["Ag=="]}"#).as_bytes()).unwrap();
    assert_eq!((snapshot.benchmarks(), snapshot.get(ModelIndex(0), TaskIndex(1))), (vec!["b"], Some(1.0)));
    assert!(message(&text(r#"{"observed":["AQ=="],"solved":["Ag=="]}"#)).contains("not observed"));
    assert!(message(&text(r#"{"solved":["BA=="]}"#)).contains("past its 2 items"));
    assert!(message(&text(r#"{"solved":["A"]}"#)).contains("outcomes.solved[0] is not base64"));
    assert!(message(&text(r#"{"solved":[]}"#)).contains("0 rows for 1 models"));
}

fn factor() -> impl Strategy<Value = Factor> {
    prop_oneof![
        any::<bool>().prop_map(Factor::Flag),
        any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(Factor::Number),
        "\\PC{0,8}".prop_map(Factor::Text),
    ]
}

fn results(models: usize, tasks: usize) -> impl Strategy<Value = (bool, Vec<Option<(f32, bool)>>)> {
    let cell = proptest::option::of((0.0f32..=1.0, any::<bool>()));
    (any::<bool>(), proptest::collection::vec(cell, models * tasks))
}

fn snapshot() -> impl Strategy<Value = Snapshot> {
    (1usize..6, 1usize..20)
        .prop_flat_map(|(models, tasks)| {
            let factors = proptest::collection::btree_map("[a-z]{1,4}", factor(), 0..3);
            let edges = proptest::collection::vec((0..models + 2, 0..models + 2, 0.01f32..3.0), 0..6);
            (proptest::collection::vec(factors, models), edges, results(models, tasks), Just(tasks))
        })
        .prop_map(|(factors, edges, (outcomes, cells), tasks)| build(factors, &edges, outcomes, &cells, tasks))
}

fn build(
    factors: Vec<Factors>,
    edges: &[(usize, usize, f32)],
    outcomes: bool,
    cells: &[Option<(f32, bool)>],
    tasks: usize,
) -> Snapshot {
    let models: Vec<Model> = factors
        .into_iter()
        .enumerate()
        .map(|(at, factors)| Model { id: format!("o/m{at}"), date: Date::new(2025, 1, 1 + at as u8), factors })
        .collect();
    let edges = edges.iter().map(|&(parent, child, weight)| NamedEdge {
        child: format!("o/m{child}"),
        parent: Parent { id: format!("o/m{parent}"), relation: Relation::Merge, weight },
    });
    let (lineage, _) = Lineage::new(models.iter().map(|model| model.id.clone()), edges.collect());
    let mut bits =
        (crate::linalg::BitMatrix::zeros(models.len(), tasks), crate::linalg::BitMatrix::zeros(models.len(), tasks));
    let mut entries = Vec::new();
    for (at, cell) in cells.iter().enumerate() {
        if let &Some((score, solved)) = cell {
            let (row, column) = (at / tasks, at % tasks);
            bits.0.set(row, column, true);
            bits.1.set(row, column, solved);
            entries.push((row as u32, column as u32, score));
        }
    }
    let results = if outcomes {
        Results::Outcomes(Outcomes { observed: bits.0, solved: bits.1 })
    } else {
        Results::Scores(SparseMatrix::from_entries(models.len(), tasks, entries))
    };
    let task =
        |at: usize| if outcomes { Task::outcome("b", &at.to_string()) } else { Task::score(format!("t{at}"), None) };
    let tasks = (0..tasks).map(task).collect();
    Snapshot { source: "s".into(), license: "l".into(), models, tasks, lineage, results }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_snapshot_survives_writing_and_reading(snapshot in snapshot()) {
        let bytes = write_json(&snapshot).unwrap();
        let (back, warnings) = read_json(&bytes).unwrap();
        prop_assert!(warnings.is_empty());
        prop_assert_eq!(&back.models, &snapshot.models);
        prop_assert_eq!(&back.tasks, &snapshot.tasks);
        prop_assert_eq!(&back.results, &snapshot.results);
        prop_assert_eq!(back.lineage.ids(), snapshot.lineage.ids());
        prop_assert_eq!(write_json(&back).unwrap(), bytes);
    }
}
