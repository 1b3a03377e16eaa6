//! The committed snapshot equals an import of `data/open-models.csv`. `EYAS_BLESS=1` writes it anew.

use eyas::formats::{Companions, Source, import};
use eyas::snapshot::{Snapshot, read_json, write_json};
use std::path::Path;

#[test]
fn the_bundled_snapshot_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read(root.join("data/open-models.csv")).unwrap();
    let files = [Source { name: "open-models.csv", bytes: &table, optional: false }];
    let imported = import(&files, &Companions::default()).unwrap();
    assert_eq!(imported.warnings, []);
    let snapshot = imported.snapshot;
    assert_eq!((snapshot.models.len(), snapshot.tasks.len(), snapshot.lineage.edges().len()), (117, 6, 55));
    assert!(snapshot.source().contains("sloth") && snapshot.source().contains("cards"));
    let json = write_json(&snapshot).unwrap();
    let path = root.join("tests/fixtures/open-models/snapshot.json");
    if std::env::var_os("EYAS_BLESS").is_some() {
        std::fs::write(&path, &json).unwrap();
    }
    let committed = std::fs::read(&path).unwrap();
    assert!(
        committed == json,
        "tests/fixtures/open-models/snapshot.json is out of date: run this test with EYAS_BLESS=1"
    );
    let (back, _) = read_json(&committed).unwrap();
    assert_eq!((back.models, back.tasks, back.results), (snapshot.models, snapshot.tasks, snapshot.results));
}

/// `eyas-snapshot-1.json` is the bundled snapshot as the former format wrote it.
#[test]
fn the_former_format_is_read_without_loss() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| read_json(&std::fs::read(root.join(path)).unwrap()).unwrap().0;
    let (former, present) =
        (read("tests/fixtures/snapshots/eyas-snapshot-1.json"), read("tests/fixtures/open-models/snapshot.json"));
    assert_eq!((former.source(), former.license()), (present.source(), present.license()));
    // The former format had no word for continued pre-training.
    let ends =
        |snapshot: &Snapshot| snapshot.lineage.edges().iter().map(|edge| (edge.parent, edge.child)).collect::<Vec<_>>();
    assert_eq!(ends(&former), ends(&present));
    assert_eq!((former.models, former.tasks, former.results), (present.models, present.tasks, present.results));
}
