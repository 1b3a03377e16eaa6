//! Reads plain JavaScript objects field by field: `serde` would add 8 KB to a module.

use super::raise;
use eyas::error::Error;
use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

/// A field; undefined if there is none.
pub(crate) fn field(of: &JsValue, name: &str) -> JsValue {
    // Only a value that is not an object raises an error here; it has no fields.
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

pub(crate) fn wrong(name: &str, expected: &str) -> JsValue {
    raise(Error::input(format!("{name}: expected {expected}")))
}

/// A value that is neither undefined nor null.
pub(crate) fn given(value: JsValue) -> Option<JsValue> {
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

pub(crate) fn text(of: &JsValue, name: &str) -> Result<Option<String>, JsValue> {
    let read = |value: JsValue| value.as_string().ok_or_else(|| wrong(name, "a text"));
    given(field(of, name)).map(read).transpose()
}

/// A required value.
pub(crate) fn needed<T>(value: Option<T>, name: &str, expected: &str) -> Result<T, JsValue> {
    value.ok_or_else(|| wrong(name, expected))
}

pub(crate) fn list(value: &JsValue, name: &str) -> Result<Vec<JsValue>, JsValue> {
    if !Array::is_array(value) {
        return Err(wrong(name, "a list"));
    }
    Ok(Array::from(value).to_vec())
}
