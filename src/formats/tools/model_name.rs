//! The model of a run: by the arguments of the tool, by the folder of the file or, failing these, by the file's name.

use crate::formats::collection::Collection;
use crate::formats::folder::{model_in, model_of_folder, stem};
use crate::formats::yaml::words;
use crate::lineage::{Parent, Relation};
use serde_json::Value;
use std::borrow::Cow;

/// The arguments of a model as a tool writes them: `pretrained=org/name,dtype=auto`, or an object.
pub(super) struct Arguments<'v>(pub(super) Option<&'v Value>);

impl<'v> Arguments<'v> {
    /// The argument of this name; blank ones and `main` as revision count as absent.
    pub(super) fn get(&self, key: &str) -> Option<Cow<'v, str>> {
        let found = match self.0? {
            Value::Object(fields) => match fields.get(key)? {
                Value::String(text) => Cow::Borrowed(text.trim()),
                Value::Bool(flag) => Cow::Borrowed(if *flag { "True" } else { "False" }),
                _ => return None,
            },
            Value::String(text) => {
                let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
                let mut pairs = pairs.map(|(name, value)| (name.trim(), value.trim()));
                Cow::Borrowed(pairs.find(|&(name, _)| name == key)?.1)
            }
            _ => return None,
        };
        Some(found).filter(|value| !value.is_empty() && value != "None")
    }
}

/// Adds the model that the arguments name: the adapter (`peft`) or the model itself, at a revision or in fewer bits if they
/// state these. `stated` is the name that the file states elsewhere.
pub(super) fn from_arguments(arguments: &Arguments<'_>, stated: Option<&str>, to: &mut Collection<'_>) -> Option<u32> {
    let base = arguments.get("pretrained").or_else(|| arguments.get("model")).or_else(|| arguments.get("model_name"));
    let adapter = arguments.get("peft").or_else(|| arguments.get("delta"));
    let id = adapter.clone().or_else(|| base.clone()).or_else(|| stated.map(Cow::Borrowed))?;
    let id = of_path(&id);
    let revision = arguments.get("revision").filter(|revision| *revision != "main" && !is_hash(revision));
    let bits = [("load_in_4bit", "4-bit"), ("load_in_8bit", "8-bit")];
    let bits = bits.iter().find(|(key, _)| arguments.get(key).is_some_and(|flag| flag.eq_ignore_ascii_case("true")));
    let mut name = id.clone().into_owned();
    if let Some(revision) = &revision {
        name = format!("{name} (revision {revision})");
    }
    if let Some((_, bits)) = bits {
        name = format!("{name} ({bits})");
    }
    let model = to.model(&name);
    if let (Some(_), Some(base)) = (&adapter, &base) {
        to.parent(model, Parent::new(of_path(base), Relation::Adapter));
    }
    if name != *id {
        to.about(model).configuration_of = bits.filter(|_| revision.is_none()).map(|_| id.clone().into_owned());
        let relation = if bits.is_some() { Relation::Quantized } else { Relation::Unstated };
        to.parent(model, Parent::new(id, relation));
    }
    Some(model)
}

/// Adds the model of a file that names none: by its folder, else its file name, with a warning.
pub(super) fn from_path(path: &str, to: &mut Collection<'_>) -> u32 {
    let (id, by) = match model_of_folder(path) {
        Some(id) => (id, "folder"),
        None => (stem(path).to_owned(), "file"),
    };
    to.warn(format!("names no model; called \"{id}\" by its {by}"));
    to.model(&id)
}

/// The id of a model on disk: of a folder of the hub's cache, or the last folder; the folder above it too if that one is
/// a checkpoint. Other names stay.
fn of_path(name: &str) -> Cow<'_, str> {
    let name = name.trim_end_matches(['/', '\\']);
    let parts: Vec<&str> = name.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".").collect();
    let is_path = parts.len() > 2 || name.starts_with(['/', '.', '~']) || name.contains('\\');
    if !is_path {
        return Cow::Borrowed(name);
    }
    if let Some(id) = parts.iter().rev().find_map(|part| model_in(part)) {
        return Cow::Owned(id);
    }
    match parts.as_slice() {
        [.., above, last] if last.starts_with("checkpoint") || last.starts_with("step") || is_hash(last) => {
            Cow::Owned(format!("{above}/{last}"))
        }
        [.., last] => Cow::Owned((*last).to_owned()),
        [] => Cow::Borrowed(name),
    }
}

/// Whether a revision is a commit, which says no more than the model's name.
fn is_hash(text: &str) -> bool {
    text.len() >= 7
        && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        && text.bytes().any(|byte| byte.is_ascii_digit())
}

/// The first of these fields with a text.
pub(super) fn first<'v>(of: &'v Value, keys: &[&str]) -> Option<&'v str> {
    keys.iter().find_map(|key| words(of.get(key)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn named(arguments: &Value) -> String {
        let mut to = Collection::new("r.json");
        let model = from_arguments(&Arguments(Some(arguments)), Some("stated/name"), &mut to).unwrap();
        to.about(model).id.clone()
    }

    #[test]
    fn arguments_name_the_model_that_ran() {
        for (arguments, expected) in [
            (json!({"pretrained": "a/b"}), "a/b"),
            (json!("pretrained=a/b,dtype=auto"), "a/b"),
            (json!("pretrained=a/b,peft=c/d"), "c/d"),
            (json!("pretrained=a/b,revision=main"), "a/b"),
            (json!("pretrained=a/b,revision=0123abcd"), "a/b"),
            (json!("pretrained=a/b,revision=step1000"), "a/b (revision step1000)"),
            (json!("pretrained=a/b,load_in_4bit=True"), "a/b (4-bit)"),
            (json!({"pretrained": "a/b", "load_in_8bit": false}), "a/b"),
            (json!("pretrained=/data/models/bird-7b/"), "bird-7b"),
            (json!("pretrained=./out/checkpoint-500"), "out/checkpoint-500"),
            (json!("pretrained=/hub/models--a--b/snapshots/0123abcd"), "a/b"),
            (json!("dtype=auto"), "stated/name"),
        ] {
            assert_eq!(named(&arguments), expected, "{arguments}");
        }
    }
}
