//! The JavaScript bindings: they convert arguments and delegate; `pkg/api.js` gives the interface its final shape.
//! There are several modules, one for each feature, so that a page loads only the code that it needs. Snapshots pass
//! between modules in their compact form, trained models as saved models, and parsed texts as plain objects.
#![cfg(target_arch = "wasm32")]

#[cfg(any(feature = "analyses", feature = "parameters", feature = "ranker_analyses"))]
pub mod analyses;
#[cfg(feature = "card")]
pub mod card;
#[cfg(any(feature = "forecast", feature = "forecast_more", feature = "ranker"))]
mod forecast;
#[cfg(any(
    feature = "analyses",
    feature = "forecast",
    feature = "forecast_more",
    feature = "parameters",
    feature = "ranker",
    feature = "ranker_analyses",
    feature = "snapshots",
    feature = "tables"
))]
mod object;
#[cfg(any(feature = "snapshots", feature = "tables"))]
pub mod tables;
#[cfg(feature = "texts")]
pub mod texts;
#[cfg(any(feature = "trainer", feature = "lrmf", feature = "methods", feature = "networks", feature = "ranker"))]
pub mod training;

use eyas::error::{Error, ErrorKind};
use js_sys::Reflect;
use wasm_bindgen::prelude::*;

/// Writes maps as objects and missing values as `null`, as in the command line's JSON.
#[cfg(any(
    feature = "analyses",
    feature = "forecast",
    feature = "forecast_more",
    feature = "parameters",
    feature = "ranker",
    feature = "ranker_analyses",
    feature = "snapshots",
    feature = "tables",
    feature = "texts"
))]
fn write(value: &impl serde::Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(|error| raise(Error::computation(error.to_string())))
}

#[cfg(any(
    feature = "forecast",
    feature = "forecast_more",
    feature = "ranker",
    feature = "snapshots",
    feature = "tables",
    feature = "texts"
))]
fn lines(warnings: &[eyas::error::Warning]) -> Vec<String> {
    warnings.iter().map(ToString::to_string).collect()
}

/// The snapshot of its compact form, which another module has written.
#[cfg(any(
    feature = "analyses",
    feature = "lrmf",
    feature = "methods",
    feature = "networks",
    feature = "parameters",
    feature = "ranker",
    feature = "ranker_analyses",
    feature = "tables_more",
    feature = "trainer"
))]
fn reopen(bytes: &[u8]) -> eyas::error::Result<eyas::snapshot::Snapshot> {
    let foreign = || Error::input("the snapshot comes from another version of this package");
    eyas::snapshot::read_compact(bytes).ok_or_else(foreign)
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
