//! YAML to JSON values: a small loader over the events of `granit-parser`. Limits on depth and on nodes, with aliases
//! expanded, keep a short text from becoming a large value.

use crate::error::{Error, Place, Result};
use crate::linalg::parse_number;
use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};
use serde_json::{Map, Number, Value};
use std::collections::HashMap;

const MAX_DEPTH: usize = 64;
const MAX_NODES: usize = 100_000;

/// The first document of a YAML text; `Null` if the text has none. The last of repeated keys counts. Lines of errors
/// are counted from 1 within the text.
pub(super) fn read(text: &str) -> Result<Value> {
    Ok(documents(text, 1)?.pop().unwrap_or(Value::Null))
}

/// All documents of a YAML text, as in [`read`]. The limits apply to all documents together.
pub(super) fn read_all(text: &str) -> Result<Vec<Value>> {
    documents(text, usize::MAX)
}

fn documents(text: &str, most: usize) -> Result<Vec<Value>> {
    let mut loader = Loader::default();
    let mut documents = Vec::new();
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| damaged(&error))?;
        if loader.take(event).map_err(|error| error.at(place(&span)))? {
            documents.extend(loader.done.take().map(|node| node.value));
            if documents.len() == most {
                break;
            }
        }
    }
    Ok(documents)
}

/// The trimmed text of a value; `None` if the value is not a text or is blank.
pub(super) fn words(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

fn damaged(error: &ScanError) -> Error {
    Error::input(error.info()).at(Place::default().line(error.marker().line() as u64))
}

fn place(span: &Span) -> Place {
    Place::default().line(span.start.line() as u64)
}

/// A value and its number of nodes.
#[derive(Clone)]
struct Node {
    value: Value,
    size: usize,
}

/// A collection that is not closed yet.
struct Open {
    anchor: usize,
    items: Vec<Node>, // of a mapping: key, value, key, value
    mapping: bool,
}

#[derive(Default)]
struct Loader {
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    done: Option<Node>,
}

impl Loader {
    /// Processes one event. Returns whether the document has ended.
    fn take(&mut self, event: Event<'_>) -> Result<bool> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let value = if plain { plain_scalar(&text) } else { Value::String(text.into_owned()) };
                self.add(Node { value, size: 1 }, anchor)?;
            }
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned();
                self.add(node.ok_or_else(|| Error::input("an alias refers to a value that contains it"))?, 0)?;
            }
            Event::SequenceStart(_, anchor, _) => self.start(anchor, false)?,
            Event::MappingStart(_, anchor, _) => self.start(anchor, true)?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let anchor = open.anchor;
                    self.nodes -= open.items.iter().map(|item| item.size).sum::<usize>();
                    self.add(close(open), anchor)?;
                }
            }
            Event::DocumentEnd => return Ok(true),
            _ => {}
        }
        Ok(false)
    }

    fn start(&mut self, anchor: usize, mapping: bool) -> Result<()> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Error::input(format!("nested more than {MAX_DEPTH} levels deep")));
        }
        self.open.push(Open { anchor, items: Vec::new(), mapping });
        Ok(())
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<()> {
        self.nodes += node.size;
        if self.nodes > MAX_NODES {
            return Err(Error::input(format!("more than {MAX_NODES} values, aliases written out")));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(node),
            None => self.done = Some(node),
        }
        Ok(())
    }
}

fn close(open: Open) -> Node {
    let size = 1 + open.items.iter().map(|item| item.size).sum::<usize>();
    let mut items = open.items.into_iter().map(|item| item.value);
    if !open.mapping {
        return Node { value: Value::Array(items.collect()), size };
    }
    let mut map = Map::new();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        let key = match key {
            Value::String(key) => key,
            other => other.to_string(),
        };
        map.insert(key, value);
    }
    Node { value: Value::Object(map), size }
}

/// The value of a plain scalar in YAML's core schema.
fn plain_scalar(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if let Ok(whole) = text.parse::<i64>() {
        return Value::Number(whole.into());
    }
    let numeric = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    let number = parse_number(text).filter(|_| numeric).and_then(Number::from_f64);
    number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_what_the_core_schema_says() {
        let text =
            "a: [1, 2.5, x, ~, true, '1', 1e3]\nb: {c: &n {d: no}, e: *n}\nb2: |\n  two\n  lines\na2: \"q\\n\"\n";
        let expected = json!({"a": [1, 2.5, "x", null, true, "1", 1000.0], "b": {"c": {"d": "no"}, "e": {"d": "no"}},
            "b2": "two\nlines\n", "a2": "q\n"});
        assert_eq!(read(text), Ok(expected));
        assert_eq!(read(""), Ok(Value::Null));
        assert_eq!(read("a: 1\n---\na: 2\n"), Ok(json!({"a": 1})));
        assert_eq!(read_all("---\na: 1\n---\na: 2\n"), Ok(vec![json!({"a": 1}), json!({"a": 2})]));
        assert_eq!(read("a: 1\na: 2\n"), Ok(json!({"a": 2})));
    }

    #[test]
    fn errors_have_lines() {
        let error = read("a: 1\nb: [1, 2\nc: 3\n").map_err(|error| error.place().line);
        assert!(matches!(error, Err(Some(2..=4))), "{error:?}");
        assert!(read("a: *unknown").is_err());
        assert!(read("a: &a [*a]").is_err());
    }

    #[test]
    fn bombs_are_refused() {
        let mut bomb = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let aliases = vec![format!("*l{}", level - 1); 10].join(", ");
            bomb += &format!("l{level}: &l{level} [{aliases}]\n");
        }
        let result = read(&bomb).map_err(|error| error.to_string());
        assert!(matches!(&result, Err(error) if error.contains("more than 100000 values")), "{result:?}");
        let deep = "[".repeat(200) + &"]".repeat(200);
        let result = read(&deep).map_err(|error| error.to_string());
        assert!(matches!(&result, Err(error) if error.contains("nested more than 64")), "{result:?}");
    }
}
