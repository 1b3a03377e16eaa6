use super::*;
use crate::linalg::SparseMatrix;
use crate::lineage::Relation;
use crate::snapshot::{Detail, Details, Factor, MeasuredBy, ModelIndex, TaskIndex};
use proptest::prelude::*;

fn minimal(scores: &str) -> String {
    format!(
        r#"{{"format":"eyas-snapshot/2","sources":[{{"id":"s","name":"S","license":"l"}}],"models":[{{"id":"a/a"}},{{"id":"a/b"}}],
        "tasks":[{{"id":"t","range":{{"low":0,"high":1}}}}],{scores}}}"#
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
        (r#""scores":[{"values":[0,0],"errors":[0.1]}]"#, "scores[0] has 1 errors for 2 values"),
        (r#""scores":[{"values":[0,0],"errors":[0.1,-1]}]"#, "scores[0] has a standard error below 0"),
        (r#""scores":[{"values":[0,0],"items":[0,null]}]"#, "scores[0] has a score of 0 items"),
        (r#""scores":[{"values":[0,0],"source":"x"}]"#, "scores[0] names a source \"x\" that is not listed"),
        (r#""scores":[{"values":[0,0],"source":["s"]}]"#, "scores[0] has 1 sources for 2 values"),
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
    assert!(message(&text.replace("\"name\":\"S\"", "\"name\":\" \"")).starts_with("sources[0].name is required"));
    assert!(message(&text.replace("\"license\":\"l\"", "\"url\":\"l\"")).contains("missing field `license`"));
    assert!(message(&text.replace("\"id\":\"a/b\"", "\"id\":\"a/b\",\"url\":\"\"")).contains("has an empty url"));
    assert!(message(&text.replace("a/b", "a/a")).contains("models[1] repeats the id"));
}

#[test]
fn the_former_format_is_read_as_the_present_one() {
    let former = r#"{"format":"eyas-snapshot/1","source":"s","license":"l","models":[{"id":"a","date":"2024-01-02"}],
        "tasks":[{"id":"t","benchmark":"b","kind":"score","metric":"acc","range":{"low":0,"high":1},"chance":0.25}],
        "scores":[{"values":[0.5]}]}"#;
    let (snapshot, _) = read_json(former.as_bytes()).unwrap();
    assert_eq!(snapshot.sources, [DataSource::new("s", "l")]);
    let task = Task { dataset: "b".into(), metric: Some("acc".into()), ..Task::score("t", Some(Range::FRACTION)) };
    assert_eq!(snapshot.tasks, [Task { chance: Some(0.25), ..task }]);
    assert!(String::from_utf8(write_json(&snapshot).unwrap()).unwrap().starts_with(r#"{"format":"eyas-snapshot/2""#));
    for (from, to, expected) in [
        (r#""kind":"score""#, r#""kind":"outcome""#, "tasks[0] has another kind"),
        (r#""source":"s""#, r#""source":" ""#, "source is required"),
        (r#""license""#, r#""lizenz""#, "unknown field `lizenz`"),
        ("0.5]", "5]", "scores[0].values[0]: expected 0 to 1, found 5"),
    ] {
        let message = message(&former.replace(from, to));
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn outcome_rows_are_checked_bit_by_bit() {
    let text = |outcomes: &str| {
        format!(
            r#"{{"format":"eyas-snapshot/2","sources":[{{"id":"s","name":"S","license":"l"}}],"models":[{{"id":"a"}}],
            "tasks":[{{"id":"b/1"}},{{"id":"b/2"}}],"outcomes":{outcomes}}}"#
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
        .map(|(at, factors)| Model {
            id: format!("o/m{at}"),
            date: Date::new(2025, 1, 1 + at as u8),
            factors,
            names: (0..at % 3).map(|number| format!("name {number}")).collect(),
            configuration_of: (at == 4).then(|| "o/m0".to_owned()),
            license: (at == 1).then(|| "mit".to_owned()),
            ..Model::default()
        })
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
    let detail = |at: usize, error| Detail {
        error,
        items: Some(at as u32).filter(|items| items % 3 > 0),
        date: Date::new(2024, 1, 1 + (at % 28) as u8).filter(|_| at.is_multiple_of(4)),
        source: Some(1).filter(|_| at % 5 > tasks % 5),
    };
    let details = entries
        .iter()
        .enumerate()
        .map(|(at, &(row, column, score))| (row, column, detail(at, Some(score).filter(|score| *score > 0.5))));
    let details = Details::from_cells(details.filter(|_| !outcomes));
    let by = Some(MeasuredBy::FirstParty);
    let other = DataSource { url: Some("u".into()), date: Date::new(2024, 1, 1), by, ..DataSource::new("o", "l") };
    let results = if outcomes {
        Results::Outcomes(Outcomes { observed: bits.0, solved: bits.1 })
    } else {
        Results::Scores(SparseMatrix::from_entries(models.len(), tasks, entries))
    };
    let task = |at: usize| {
        if outcomes { Task::outcome("b", &at.to_string()) } else { described(Task::score(format!("t{at}"), None), at) }
    };
    let tasks = (0..tasks).map(task).collect();
    Snapshot { sources: vec![DataSource::new("s", "l"), other], models, tasks, lineage, results, details }
}

/// A task with the fields that the position picks.
fn described(task: Task, at: usize) -> Task {
    let text = |bit: usize| (at >> bit & 1 == 1).then(|| format!("text {bit}"));
    Task {
        dataset: text(0).unwrap_or_else(|| task.id.clone()),
        subset: text(1),
        split: text(2),
        shots: at.is_multiple_of(3).then_some(at as u32),
        task_type: text(3),
        metric: text(0),
        lower_is_better: at % 2 == 1,
        items: (at % 3 == 1).then_some(at as u32),
        description: text(1),
        ..task
    }
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
        prop_assert_eq!((&back.sources, &back.details), (&snapshot.sources, &snapshot.details));
        prop_assert_eq!(back.lineage.ids(), snapshot.lineage.ids());
        prop_assert_eq!(write_json(&back).unwrap(), bytes);
    }
}
