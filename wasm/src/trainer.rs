//! The module that trains the default method.

use super::raise;
use super::training::{Watch, Watcher, prepare};
use wasm_bindgen::prelude::*;

/// Trains; the watcher decides when to let other work go on, and when to stop. Outcomes are factorised before, by the module
/// `lrmf`, whose saved model is given here. Gives a saved model.
#[wasm_bindgen]
pub async fn train(
    snapshot: Vec<u8>,
    method: String,
    device: Option<String>,
    seed: Option<f64>,
    without: Option<String>,
    factorised: Option<Vec<u8>>,
    watcher: Watcher,
) -> Result<Vec<u8>, JsValue> {
    let mut training = prepare(&snapshot, &method, device, seed, without)?;
    drop(snapshot);
    training.run_default(factorised.as_deref(), &mut Watch(watcher)).await.map_err(raise)?;
    training.save().map_err(raise)
}
