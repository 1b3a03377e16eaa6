//! Plain objects of JavaScript, read field by field: the way of `serde` took a module 8 KB.

use super::raise;
use eyas::error::Error;
use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

/// A field; undefined where there is none.
pub(crate) fn field(of: &JsValue, name: &str) -> JsValue {
    // Only what is no object has no fields to ask for.
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

pub(crate) fn wrong(name: &str, expected: &str) -> JsValue {
    raise(Error::input(format!("{name}: expected {expected}")))
}

/// What is missing is none.
pub(crate) fn given(value: JsValue) -> Option<JsValue> {
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

pub(crate) fn text(of: &JsValue, name: &str) -> Result<Option<String>, JsValue> {
    let read = |value: JsValue| value.as_string().ok_or_else(|| wrong(name, "a text"));
    given(field(of, name)).map(read).transpose()
}

/// What must be there.
pub(crate) fn needed<T>(value: Option<T>, name: &str, expected: &str) -> Result<T, JsValue> {
    value.ok_or_else(|| wrong(name, expected))
}

pub(crate) fn list(value: &JsValue, name: &str) -> Result<Vec<JsValue>, JsValue> {
    if !Array::is_array(value) {
        return Err(wrong(name, "a list"));
    }
    Ok(Array::from(value).to_vec())
}
