//! Written snapshots satisfy `docs/eyas-snapshot-2.schema.json`. The checker implements the keywords of this schema and
//! refuses others, so that none is ignored.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use eyas::formats::{Companions, Source, import};
use eyas::snapshot::write_json;
use serde_json::{Value, json};

fn schema() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/eyas-snapshot-2.schema.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("unknown type {other}"),
    }
}

fn satisfies(root: &Value, schema: &Value, value: &Value) -> bool {
    let list = |value: &Value| value.as_array().unwrap().clone();
    let names = |value: &Value| list(value).iter().map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<_>>();
    schema.as_object().unwrap().iter().all(|(keyword, rule)| match keyword.as_str() {
        "$schema" | "$id" | "$defs" | "title" | "description" | "format" | "contentEncoding" => true,
        "$ref" => satisfies(root, root.pointer(&rule.as_str().unwrap()[1..]).unwrap(), value),
        "type" if rule.is_array() => names(rule).iter().any(|name| has_type(value, name)),
        "type" => has_type(value, rule.as_str().unwrap()),
        "const" => value == rule,
        "enum" => list(rule).contains(value),
        "pattern" => match rule.as_str().unwrap() {
            "\\S" => !value.as_str().unwrap().trim().is_empty(),
            _ => value.as_str().unwrap().chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c)),
        },
        "minimum" => value.as_f64().unwrap() >= rule.as_f64().unwrap(),
        "exclusiveMinimum" => value.as_f64().unwrap() > rule.as_f64().unwrap(),
        "minItems" => value.as_array().unwrap().len() as u64 >= rule.as_u64().unwrap(),
        "required" => names(rule).iter().all(|name| value.get(name).is_some()),
        "oneOf" => list(rule).iter().filter(|schema| satisfies(root, schema, value)).count() == 1,
        "items" => list(value).iter().all(|item| satisfies(root, rule, item)),
        "properties" => {
            let known = |(name, part): (&String, &Value)| rule.get(name).is_none_or(|rule| satisfies(root, rule, part));
            value.as_object().unwrap().iter().all(known)
        }
        "additionalProperties" if rule == false => {
            value.as_object().unwrap().keys().all(|name| schema["properties"].get(name).is_some())
        }
        "additionalProperties" => value.as_object().unwrap().values().all(|part| satisfies(root, rule, part)),
        other => panic!("the checker does not know the keyword {other}"),
    })
}

#[test]
fn written_snapshots_satisfy_the_schema() {
    let schema = schema();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/open-models/snapshot.json");
    let bundled: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert!(satisfies(&schema, &schema, &bundled));
    let table = Source { name: "items.csv", bytes: b"model,1,2\na,1,\nb,0,1\n", optional: false };
    let edges =
        Source { name: "edges.csv", bytes: b"parent,child,weight\nbase,a,0.5\nb,a,\nroot,base,\n", optional: false };
    let imported = import(&[table], &Companions { lineage: Some(edges), ..Companions::default() }).unwrap();
    let outcomes: Value = serde_json::from_slice(&write_json(&imported.snapshot).unwrap()).unwrap();
    assert!(satisfies(&schema, &schema, &outcomes), "{outcomes}");
    assert!(outcomes["relatives"].is_array() && outcomes["outcomes"]["observed"].is_array());
    let errors = Source { name: "s.csv", bytes: b"model,x,x_stderr\na,10,0.5\nb,30,\n", optional: false };
    let more = Source { name: "t.csv", bytes: b"model,y\na,10\nb,30\n", optional: false };
    let imported = import(&[errors, more], &Companions::default()).unwrap();
    let scores: Value = serde_json::from_slice(&write_json(&imported.snapshot).unwrap()).unwrap();
    assert!(satisfies(&schema, &schema, &scores), "{scores}");
    assert!(scores["scores"][0]["errors"] == json!([0.5, null]) && scores["scores"][1]["source"] == json!("t.csv"));
    for (field, wrong) in [("sources", json!([])), ("models", json!([])), ("extra", json!(1)), ("scores", json!([]))] {
        let mut broken = outcomes.clone();
        broken[field] = wrong;
        assert!(!satisfies(&schema, &schema, &broken), "{field}");
    }
}
