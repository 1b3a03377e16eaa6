//! Tests of the forms of tools: each with a file of its own, as its tool writes it.

use super::File;
use crate::error::Result;
use crate::formats::folder::Folder;
use crate::formats::json::Json;
use crate::formats::{Companions, Imported, Source, import};
use crate::snapshot::{ModelIndex, TaskIndex};
use serde_json::Value;

/// Imports files by path, as of a folder if there are several.
pub(super) fn read(files: &[(&str, &str)]) -> Imported {
    try_read(files).unwrap()
}

pub(super) fn try_read(files: &[(&str, &str)]) -> Result<Imported> {
    let optional = files.len() > 1;
    let sources: Vec<Source<'_>> =
        files.iter().map(|(name, text)| Source { name, bytes: text.as_bytes(), optional }).collect();
    import(&sources, &Companions::default())
}

/// The scores as `model task value`, by model and task, in the units of the tasks.
pub(super) fn scores(imported: &Imported) -> Vec<String> {
    let snapshot = &imported.snapshot;
    let mut lines = Vec::new();
    for (row, model) in (0..).zip(&snapshot.models) {
        for (column, task) in (0..).zip(&snapshot.tasks) {
            if let Some(value) = snapshot.get(ModelIndex(row), TaskIndex(column)) {
                lines.push(format!("{} {} {value}", model.id, task.id));
            }
        }
    }
    lines
}

/// Reads a file again and again with one value of its JSON replaced by values of other kinds: no reader may panic.
pub(super) fn read_other_shapes(path: &str, text: &str) {
    let whole: Value = serde_json::from_str(text).unwrap();
    let mut places = Vec::new();
    add_places(&whole, String::new(), &mut places);
    let others = ["null", "true", "-1e300", "\"\"", "\"é\u{2007}x\"", "[]", "{}", "[[1]]", r#"{"é": {"a": [0]}}"#];
    for place in places {
        for other in others {
            let mut changed = whole.clone();
            *changed.pointer_mut(&place).unwrap() = serde_json::from_str(other).unwrap();
            let file = File { name: path, value: &changed, folder: &Folder::new(&[]) };
            if let Some(Ok(Json::Part(mut part))) = super::read(&file) {
                drop(part.settle());
            }
        }
    }
}

fn add_places(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Array(list) => (0..).zip(list).for_each(|(at, item)| add_places(item, format!("{place}/{at}"), places)),
        Value::Object(object) => object.iter().for_each(|(key, item)| {
            add_places(item, format!("{place}/{}", key.replace('~', "~0").replace('/', "~1")), places);
        }),
        _ => {}
    }
    places.push(place);
}

/// docs/formats.md lists every form.
#[test]
fn the_documentation_names_every_form() {
    let text = include_str!("../../../docs/formats.md");
    let names = super::FORMS.iter().map(|form| form.name).chain(super::TABLES.iter().map(|form| form.name));
    for name in names {
        assert!(text.contains(name), "docs/formats.md lacks {name}");
    }
}
