//! Tables with roles of columns that a person gives, and two tables that are joined. The first line of an input holds the
//! roles; a line `---` divides two tables.
#![no_main]

use eyas::formats::{Columns, Companions, Source, import};
use eyas::snapshot::{read_json, write_json};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (roles, tables) = text.split_once('\n').unwrap_or(("", text));
    let columns: Columns = roles.parse().unwrap_or_default();
    let (first, second) = tables.split_once("\n---\n").unwrap_or((tables, ""));
    let files = [
        Source { name: "a.csv", bytes: first.as_bytes(), optional: false },
        Source { name: "b.csv", bytes: second.as_bytes(), optional: false },
    ];
    let files = if second.is_empty() { &files[..1] } else { &files[..] };
    let companions = Companions { columns: Some(&columns), ..Companions::default() };
    let Ok(imported) = import(files, &companions) else { return };
    // What was imported can be written, and reads back as the same.
    let json = write_json(&imported.snapshot).expect("a snapshot of an import is sound");
    let (back, _) = read_json(&json).expect("a written snapshot is read");
    assert!(write_json(&back).expect("it is written again") == json);
    assert!(imported.report.columns.iter().all(|column| !column.name.is_empty()));
});
