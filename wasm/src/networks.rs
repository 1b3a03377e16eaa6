//! The module that trains the networks, on the CPU and on WebGPU.

use super::raise;
use super::training::{Watch, Watcher, prepare};
use wasm_bindgen::prelude::*;

/// Trains; the watcher decides when to let other work go on, and when to stop. Gives a saved model.
#[wasm_bindgen]
pub async fn train(
    snapshot: Vec<u8>,
    method: String,
    device: Option<String>,
    seed: Option<f64>,
    without: Option<String>,
    _settings: JsValue,
    watcher: Watcher,
) -> Result<Vec<u8>, JsValue> {
    let mut training = prepare(&snapshot, &method, device, seed, without)?;
    drop(snapshot);
    training.run_network(&mut Watch(watcher)).await.map_err(raise)?;
    training.save().map_err(raise)
}
