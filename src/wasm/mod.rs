//! The JavaScript surface: converts what it gets and delegates; `pkg/api.js` gives it its final shape. It is two modules, so
//! that nobody waits for what they do not need: the engine trains, forecasts and saves; the intake reads files and texts and
//! hands the engine a snapshot in its compact form, and lineage as plain objects.

#[cfg(feature = "engine")]
mod engine;
#[cfg(feature = "intake")]
mod intake;

use crate::error::{Error, ErrorKind};
use js_sys::Reflect;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

fn read<T: DeserializeOwned>(value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value).map_err(|error| raise(Error::input(error.to_string())))
}

/// Maps become objects and missing values `null`, as in the command line's JSON.
fn write(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(|error| raise(Error::computation(error.to_string())))
}

/// An `Error` with the one-line message and a `kind`.
#[expect(clippy::needless_pass_by_value, reason = "it ends errors in map_err")]
fn raise(error: Error) -> JsValue {
    let raised = js_sys::Error::new(&error.to_string());
    let kind = match error.kind() {
        ErrorKind::Input => "input",
        ErrorKind::Cancelled => "cancelled",
        ErrorKind::Device => "device",
        ErrorKind::Computation => "computation",
    };
    if error.kind() == ErrorKind::Cancelled {
        raised.set_name("AbortError");
    }
    // Setting a property of a fresh object cannot fail.
    drop(Reflect::set(&raised, &"kind".into(), &kind.into()));
    raised.into()
}
