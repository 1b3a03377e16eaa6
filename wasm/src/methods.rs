//! The module that trains the methods that run on the CPU alone.

use super::raise;
use super::training::{Watch, Watcher, prepare};
use wasm_bindgen::prelude::*;

/// Trains; the watcher decides when to let other work go on, and when to stop. `shared_slope` is for `irt`. Gives a saved model.
#[wasm_bindgen]
pub async fn train(
    snapshot: Vec<u8>,
    method: String,
    device: Option<String>,
    seed: Option<f64>,
    without: Option<String>,
    shared_slope: bool,
    watcher: Watcher,
) -> Result<Vec<u8>, JsValue> {
    let mut training = prepare(&snapshot, &method, device, seed, without)?;
    drop(snapshot);
    training.run_other(shared_slope, &mut Watch(watcher)).await.map_err(raise)?;
    training.save().map_err(raise)
}
