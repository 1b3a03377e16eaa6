//! References to models in mergekit's grammar: `model[@revision][+lora[@revision]]`, or the same as fields.

use super::super::shorten;
use crate::error::{Error, Result};
use serde_json::Value;

/// A model and an optional adapter on it. Revisions are dropped, since lineage does not distinguish them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) model: String,
    pub(super) lora: Option<String>,
}

impl Reference {
    /// Reads `a/b@v1+c/d@main`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let refuse = |why: &str| Error::input(format!("{why} in the model reference {:?}", shorten(text)));
        // A URL uses `@` and `+` with other meanings.
        if text.contains("://") {
            return Ok(Self { model: text.trim().to_owned(), lora: None });
        }
        let mut parts = text.split('+');
        let model = path(parts.next().unwrap_or_default()).map_err(refuse)?;
        let lora = parts.next().map(path).transpose().map_err(refuse)?;
        if parts.next().is_some() {
            return Err(refuse("more than one \"+\""));
        }
        Ok(Self { model, lora })
    }

    /// The paths of the model and of its adapter.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        [Some(&self.model), self.lora.as_ref()].into_iter().flatten().map(String::as_str)
    }

    /// Reads the text form or `{model: {path, revision}, lora: {path, revision}}`.
    pub(super) fn read(value: &Value) -> Result<Self> {
        let field = |value: &Value| -> Result<String> {
            let text = value.as_str().or_else(|| value.get("path").and_then(Value::as_str));
            let text = text.ok_or_else(|| Error::input("expected a model reference such as org/name"))?;
            path(text).map_err(|why| Error::input(format!("{why} in the model reference {:?}", shorten(text))))
        };
        match value {
            Value::String(text) => Self::parse(text),
            Value::Object(fields) => {
                let lora = fields.get("lora").filter(|lora| !lora.is_null()).map(field).transpose()?;
                Ok(Self { model: field(fields.get("model").unwrap_or(value))?, lora })
            }
            Value::Null => Err(Error::input("no model is named")),
            other => Err(Error::input(format!("expected org/name, found {}", shorten(&other.to_string())))),
        }
    }
}

/// A path without its revision.
fn path(text: &str) -> Result<String, &'static str> {
    let (path, revision) = text.trim().split_once('@').unwrap_or((text.trim(), ""));
    if revision.contains('@') {
        return Err("more than one \"@\"");
    }
    if path.is_empty() {
        return Err("no name");
    }
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_of_references() {
        let good = [
            ("a/b", "a/b", None),
            ("gpt2", "gpt2", None),
            ("a/b@v0.0.1", "a/b", None),
            ("a/b+c/d", "a/b", Some("c/d")),
            ("a/b@v0.0.1+c/d@main", "a/b", Some("c/d")),
            ("a/b+c/d@main", "a/b", Some("c/d")),
            (" a/b @ main ", "a/b ", None),
            ("./merged", "./merged", None),
            ("https://hub.example/a/b?x=1+2@3", "https://hub.example/a/b?x=1+2@3", None),
        ];
        for (text, model, lora) in good {
            let expected = Reference { model: model.to_owned(), lora: lora.map(str::to_owned) };
            assert_eq!(Reference::parse(text), Ok(expected), "{text}");
        }
        let bad = [
            ("a+b+c", "more than one \"+\""),
            ("@@@@@", "more than one \"@\""),
            ("a/b@x@y", "more than one \"@\""),
            ("a/b+c/d@x@y", "more than one \"@\""),
            ("", "no name"),
            ("@main", "no name"),
            ("+c/d", "no name"),
            ("a/b+", "no name"),
        ];
        for (text, reason) in bad {
            let message = Reference::parse(text).unwrap_err().to_string();
            assert!(message.starts_with(reason), "{text}: {message}");
        }
    }

    #[test]
    fn fields_say_the_same_as_the_text() {
        let fields = serde_json::json!({"model": {"path": "a/b", "revision": "v1"}, "lora": {"path": "c/d"}});
        assert_eq!(Reference::read(&fields), Reference::parse("a/b@v1+c/d"));
        assert_eq!(Reference::read(&serde_json::json!({"model": "a/b", "lora": null})), Reference::parse("a/b"));
        assert!(Reference::read(&serde_json::json!(7)).is_err());
        assert!(Reference::read(&serde_json::json!({"lora": "c/d"})).is_err());
    }
}
