//! The module that trains `lrmf`, on the CPU and on WebGPU.

use super::raise;
use super::training::{Watch, Watcher, prepare};
use wasm_bindgen::prelude::*;

/// Trains, with the method's own penalties or these λ_M and λ_X; the watcher decides when to let other work go on, and when to
/// stop. Gives a saved model.
#[wasm_bindgen]
pub async fn train(
    snapshot: Vec<u8>,
    method: String,
    device: Option<String>,
    seed: Option<f64>,
    without: Option<String>,
    penalties: Option<Vec<f32>>,
    watcher: Watcher,
) -> Result<Vec<u8>, JsValue> {
    let mut training = prepare(&snapshot, &method, device, seed, without)?;
    drop(snapshot);
    let penalties = penalties.and_then(|pair| pair.try_into().ok());
    training.run_lrmf(penalties, &mut Watch(watcher)).await.map_err(raise)?;
    training.save().map_err(raise)
}
