use super::*;
use crate::lineage::{NamedEdge, Parent};
use crate::snapshot::write_json;

fn scored() -> Snapshot {
    let factors = [
        ("params".to_owned(), Factor::Number(0.1)),
        ("layers".to_owned(), Factor::Number(32.0)),
        ("moe".to_owned(), Factor::Flag(true)),
        ("type".to_owned(), Factor::Text("params".into())),
    ];
    let edge = |child: &str, parent: &str, weight| NamedEdge {
        child: child.into(),
        parent: Parent { id: parent.into(), relation: Relation::Merge, weight },
    };
    let edges = vec![edge("o/b", "o/base", 0.25), edge("o/a", "o/b", 1.0), edge("o/b", "o/c", 3.0)];
    let mut rated = Task::score("elo", None);
    rated.embedding = vec![0.5, -1.0];
    rated.pair_vectors = [("o/a".to_owned(), vec![0.25, -3.0])].into();
    let mut share = Task::score("mmlu", Some(Range::PERCENT));
    share.embedding = vec![0.0, 1e-9];
    (share.chance, share.metric) = (Some(25.0), Some("acc".into()));
    share.factors = [("few".to_owned(), Factor::Flag(false))].into();
    share.subset = Some("law".into());
    share.split = Some("test".into());
    (share.shots, share.items, share.lower_is_better) = (Some(0), Some(7), true);
    share.task_type = Some("question answering".into());
    share.description = Some("Questions of law.".into());
    let by = Some(MeasuredBy::Collaborative);
    let other = DataSource { url: Some("there".into()), date: Date::new(2024, 1, 1), by, ..DataSource::new("b", "c") };
    let detail = |error, items, source| Detail { error, items, date: Date::new(2024, 5, 6), source };
    Snapshot {
        sources: vec![DataSource::new("there", "free"), other],
        details: Details::from_cells([(2, 1, detail(Some(0.5), None, Some(1))), (0, 0, detail(None, Some(9), None))]),
        models: vec![
            Model { id: "o/a".into(), date: Date::new(2024, 2, 29), factors: factors.into(), ..Model::default() },
            Model {
                id: "o/b".into(),
                names: vec!["b".into(), "B".into()],
                description: Some("A model.".into()),
                license: Some("mit".into()),
                url: Some("there/b".into()),
                configuration_of: Some("o/a".into()),
                ..Model::default()
            },
            Model { id: "o/c".into(), date: Date::new(0, 1, 1), ..Model::default() },
        ],
        tasks: vec![rated, share],
        lineage: Lineage::new(["o/a", "o/b", "o/c"].map(str::to_owned), edges).0,
        results: Results::Scores(SparseMatrix::from_entries(
            3,
            2,
            vec![(0, 0, 1200.0), (2, 0, 900.0), (0, 1, 30.0), (1, 1, 40.5), (2, 1, 0.0)],
        )),
    }
}

#[test]
fn scores_and_outcomes_come_back_as_they_were() {
    let mut holed = Snapshot::synthetic(7, 70, 1);
    if let Results::Outcomes(Outcomes { observed, solved }) = &mut holed.results {
        observed.set(3, 65, false);
        solved.set(3, 65, false);
    }
    for snapshot in [scored(), Snapshot::synthetic(9, 130, 2), holed] {
        let back = read_compact(&write_compact(&snapshot)).unwrap();
        assert_eq!(back.lineage.edges(), snapshot.lineage.edges());
        assert_eq!(
            (&back.models, &back.tasks, &back.results, &back.sources, &back.details),
            (&snapshot.models, &snapshot.tasks, &snapshot.results, &snapshot.sources, &snapshot.details)
        );
        assert_eq!(write_json(&back).unwrap(), write_json(&snapshot).unwrap());
    }
}

#[test]
fn another_version_is_refused() {
    let mut bytes = write_compact(&scored());
    bytes[0] = VERSION + 1;
    assert!(read_compact(&bytes).is_none());
}

#[test]
fn damaged_bytes_are_refused_or_make_a_sound_snapshot() {
    for snapshot in [scored(), Snapshot::synthetic(4, 9, 3)] {
        let bytes = write_compact(&snapshot);
        for length in 0..bytes.len() {
            assert!(read_compact(&bytes[..length]).is_none(), "cut to {length} of {}", bytes.len());
        }
        for at in 0..bytes.len() {
            for value in [0, 1, 7, 0x7f, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] = value;
                if let Some(snapshot) = read_compact(&bytes) {
                    assert_eq!(snapshot.models.len(), snapshot.lineage.len().min(snapshot.models.len()));
                    assert!(read_compact(&write_compact(&snapshot)).is_some(), "byte {at} set to {value}");
                }
            }
        }
    }
}
