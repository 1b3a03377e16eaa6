//! The modules that train: one source, compiled once for the methods of each module.

use super::{raise, reopen};
use eyas::error::Result;
use eyas::methods::{BoxFuture, Method, Observer, Progress, Settings};
use eyas::recommend::{TrainOptions, Training};
use js_sys::{Float32Array, Promise, Uint8Array};
use std::ops::ControlFlow;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// `Observer` of `pkg/api.js`: returns whether to continue, or a promise of it.
    pub type Watcher;

    #[wasm_bindgen(method)]
    fn now(this: &Watcher) -> f64;

    #[wasm_bindgen(method)]
    fn report(this: &Watcher, epoch: f64, max_epochs: f64, loss: f64, validation: Option<f64>, metric: &str)
    -> JsValue;
}

struct Watch(Watcher);

impl Observer for Watch {
    fn now(&self) -> Option<f64> {
        Some(self.0.now())
    }

    fn report<'a>(&'a mut self, progress: &'a Progress) -> BoxFuture<'a, ControlFlow<()>> {
        let Progress { epoch, max_epochs, loss, validation, metric } = *progress;
        let answer = self.0.report(epoch as f64, max_epochs as f64, loss, validation, metric);
        Box::pin(async move {
            let answer = match answer.dyn_into::<Promise>() {
                // The promise never fails; if it did, the training should stop.
                Ok(promise) => JsFuture::from(promise).await.unwrap_or(JsValue::FALSE),
                Err(answer) => answer,
            };
            if answer.is_truthy() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
    }
}

/// Trains on a snapshot in its compact form and returns a saved model. The watcher decides when to yield to other work
/// and when to stop. `settings` are λ_M and λ_X of `lrmf`, whether the items of `irt` share a slope, which losses
/// `ranker` has, or, for the default method on outcomes, the saved model of `lrmf`.
#[wasm_bindgen]
pub async fn train(
    snapshot: Vec<u8>,
    method: String,
    device: Option<String>,
    seed: Option<f64>,
    without: Option<String>,
    settings: JsValue,
    watcher: Watcher,
) -> Result<Vec<u8>, JsValue> {
    let mut training = prepare(&snapshot, &method, device, seed, without).map_err(raise)?;
    drop(snapshot);
    let lrmf = settings.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec);
    let (settings, lrmf, watch) = (given(&settings), lrmf.as_deref(), &mut Watch(watcher));
    #[cfg(feature = "trainer")]
    let trained = training.run_trainer(settings, lrmf, watch).await;
    #[cfg(all(feature = "lrmf", not(feature = "trainer")))]
    let trained = training.run_lrmf(settings, lrmf, watch).await;
    #[cfg(all(feature = "networks", not(any(feature = "trainer", feature = "lrmf"))))]
    let trained = training.run_networks(settings, lrmf, watch).await;
    #[cfg(all(feature = "ranker", not(any(feature = "trainer", feature = "lrmf", feature = "networks"))))]
    let trained = training.run_ranker(settings, lrmf, watch).await;
    #[cfg(not(any(feature = "trainer", feature = "lrmf", feature = "networks", feature = "ranker")))]
    let trained = training.run_methods(settings, lrmf, watch).await;
    trained.map_err(raise)?;
    training.save().map_err(raise)
}

fn given(settings: &JsValue) -> Settings {
    if settings.as_bool() == Some(true) {
        return Settings::SharedSlope;
    }
    match settings.dyn_ref::<Float32Array>().map(Float32Array::to_vec).as_deref() {
        Some(&[lineage, tasks]) => Settings::Penalties { lineage, tasks },
        Some(&[list, pair, point]) => Settings::Losses([list, pair, point].map(|used| used > 0.0)),
        _ => Settings::Usual,
    }
}

fn prepare(
    snapshot: &[u8],
    method: &str,
    device: Option<String>,
    seed: Option<f64>,
    without: Option<String>,
) -> Result<Training> {
    let mut options = TrainOptions { method: method.parse::<Method>()?, ..TrainOptions::default() };
    if let Some(name) = device {
        options.device = name.parse()?;
    }
    if let Some(seed) = seed {
        options.seed = seed as u64;
    }
    Training::new(reopen(snapshot)?, options, without.as_deref())
}
