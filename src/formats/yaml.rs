//! YAML to JSON values: a small loader over the events of `granit-parser`. Limits on depth and on nodes, with aliases
//! expanded, keep a short text from becoming a large value. The merge key `<<` and underscores in numbers are read as
//! PyYAML reads them. Words such as `yes` stay texts, since names are spelled so too; [`flag`] reads them.

use crate::error::{Error, Place, Result};
use crate::linalg::parse_number;
use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};
use serde_json::{Map, Number, Value};

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
        let (event, span) = next.map_err(|error| damaged(&error, text))?;
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

/// A truth value, also as YAML 1.1 spells it: `yes`, `Off`.
pub(super) fn flag(value: Option<&Value>) -> Option<bool> {
    if let Some(Value::Bool(flag)) = value {
        return Some(*flag);
    }
    let text = words(value)?;
    let is = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(["yes", "on", "true"]) { Some(true) } else { is(["no", "off", "false"]).then_some(false) }
}

fn damaged(error: &ScanError, text: &str) -> Error {
    let line = error.marker().line();
    // The tab may be in the line before or after.
    let tabbed = |line: &str| line.trim_start_matches(' ').starts_with('\t');
    let near = text.lines().skip(line.saturating_sub(2)).take(3);
    let hint = if near.into_iter().any(tabbed) { "; a line starts with a tab, indent with spaces" } else { "" };
    Error::input(format!("{}{hint}", error.info())).at(Place::default().line(line as u64))
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
    /// The values with an anchor, by its number; the parser counts them from 1.
    anchors: Vec<Option<Node>>,
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
                let node = self.anchors.get(anchor).cloned().flatten();
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
            if self.anchors.len() <= anchor {
                self.anchors.resize(anchor + 1, None);
            }
            self.anchors[anchor] = Some(node.clone());
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
    let mut inherited = Map::new();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        let key = match key {
            Value::String(key) => key,
            other => other.to_string(),
        };
        if key == "<<" && is_mergeable(&value) {
            inherit(&mut inherited, value);
        } else {
            map.insert(key, value);
        }
    }
    inherit(&mut map, Value::Object(inherited));
    Node { value: Value::Object(map), size }
}

/// Whether the value of a merge key is a mapping or a list of mappings.
fn is_mergeable(value: &Value) -> bool {
    value.is_object() || value.as_array().is_some_and(|values| values.iter().all(Value::is_object))
}

/// Adds the fields of a mapping, or of several, the first first. Fields that are there already count.
fn inherit(map: &mut Map<String, Value>, value: Value) {
    match value {
        Value::Object(fields) => fields.into_iter().for_each(|(key, value)| {
            map.entry(key).or_insert(value);
        }),
        Value::Array(values) => values.into_iter().for_each(|value| inherit(map, value)),
        _ => {}
    }
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
    if numeric && text.contains('_') && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-._".contains(&byte)) {
        return plain_scalar(&text.replace('_', ""));
    }
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
    fn a_merge_key_gives_what_the_mapping_lacks() {
        let text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: *a, x: 9}\nd:\n  y: 5\n  <<: [*b, *a]\n\
            e: {<<: {w: 1}}\nf: {<<: 7}\na: &a {x: 8}\ng: {<<: *a}\n";
        let value = read(text).unwrap();
        assert_eq!(value["c"], json!({"x": 9, "y": 2}));
        assert_eq!(value["d"], json!({"y": 5, "z": 4, "x": 1}));
        assert_eq!((&value["e"], &value["f"]), (&json!({"w": 1}), &json!({"<<": 7})));
        assert_eq!(value["g"], json!({"x": 8}));
    }

    #[test]
    fn numbers_have_underscores_and_truth_has_several_words() {
        assert_eq!(read("[1_000, 1_0.2_5, a_1, 1_a, _1]"), Ok(json!([1000, 10.25, "a_1", "1_a", "_1"])));
        let value = read("[yes, Off, TRUE, false, 'on', No, y, 1]").unwrap();
        let flags: Vec<_> = value.as_array().unwrap().iter().map(|value| flag(Some(value))).collect();
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(flags, [yes, no, yes, no, yes, no, None, None]);
    }

    #[test]
    fn a_tab_is_named() {
        for text in ["a:\n\tb: 1\n", "a:\n- b: 1\n\tc: 2\n"] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains("indent with spaces"), "{message}");
        }
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
