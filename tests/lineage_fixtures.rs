//! Every accepted form of lineage: `tests/fixtures/lineage/NAME` and, worked out by hand, `NAME.expected.json`.
//! `parents` are `[id, weight, relation]`, `scores` are `[task, value, percent, metric]`; a warning or error is given by
//! a part of it.

use eyas::formats::{ParsedLineage, parse_lineage};
use serde_json::{Value, json};
use std::path::Path;

const SUFFIX: &str = ".expected.json";

#[test]
fn every_fixture_gives_its_tree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/lineage");
    let mut names: Vec<String> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.ends_with(SUFFIX));
    names.sort();
    assert!(names.len() > 50, "{names:?}");
    for name in names {
        let text = std::fs::read_to_string(folder.join(&name)).unwrap();
        let expected = std::fs::read_to_string(folder.join(name.clone() + SUFFIX)).unwrap();
        let expected: Value = serde_json::from_str(&expected).unwrap();
        match parse_lineage(&name, &text) {
            Ok(parsed) => compare(&name, &parsed, &expected),
            Err(error) => {
                let message = error.to_string();
                let part = expected["error"].as_str().unwrap_or_else(|| panic!("unexpected {message}"));
                assert!(message.starts_with(&name) && message.contains(part), "{message}");
            }
        }
    }
}

fn compare(name: &str, parsed: &ParsedLineage, expected: &Value) {
    assert_eq!(expected["error"], Value::Null, "{name} was read: {parsed:?}");
    assert_eq!(parsed.kind, expected["kind"], "{name}");
    assert_eq!(json!(parsed.name), expected["name"], "{name}");
    assert_eq!(json!(parsed.date), expected["date"], "{name}");
    let parents: Vec<Value> =
        parsed.parents.iter().map(|parent| json!([parent.id, parent.weight, parent.relation])).collect();
    close(name, &json!(parents), &expected["parents"]);
    let stages: Vec<Value> = parsed
        .stages
        .iter()
        .map(|stage| {
            let parents: Vec<_> = stage.parents.iter().map(|parent| json!([parent.id, parent.weight])).collect();
            json!([stage.name, parents])
        })
        .collect();
    close(name, &json!(stages), &or_empty(&expected["stages"]));
    let empty = json!({});
    let factors = if expected["factors"].is_null() { &empty } else { &expected["factors"] };
    close(name, &json!(parsed.factors), factors);
    let scores: Vec<Value> =
        parsed.scores.iter().map(|known| json!([known.task, known.value, known.percent, known.metric])).collect();
    close(name, &json!(scores), &or_empty(&expected["scores"]));
    let warnings: Vec<String> = parsed.warnings.iter().map(ToString::to_string).collect();
    let parts = or_empty(&expected["warnings"]);
    let parts: Vec<&str> = parts.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert_eq!(warnings.len(), parts.len(), "{name}: {warnings:?}");
    for (warning, part) in warnings.iter().zip(parts) {
        assert!(warning.starts_with(name) && warning.contains(part), "{name}: {warning:?} without {part:?}");
    }
}

fn or_empty(value: &Value) -> Value {
    if value.is_null() { json!([]) } else { value.clone() }
}

/// Compares values, with a tolerance for numbers.
fn close(name: &str, found: &Value, expected: &Value) {
    let same = match (found, expected) {
        (Value::Number(found), Value::Number(expected)) => {
            let [found, expected] = [found, expected].map(|number| number.as_f64().unwrap_or(f64::NAN));
            (found - expected).abs() < 1e-6
        }
        (Value::Array(found), Value::Array(expected)) if found.len() == expected.len() => {
            found.iter().zip(expected).for_each(|(found, expected)| close(name, found, expected));
            true
        }
        (Value::Object(found), Value::Object(expected)) if found.len() == expected.len() => {
            found.iter().for_each(|(key, found)| close(name, found, &expected[key]));
            true
        }
        _ => found == expected,
    };
    assert!(same, "{name}: found {found}, expected {expected}");
}
