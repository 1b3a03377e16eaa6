//! What the modules that train share: their arguments, and the watcher of a training.

use eyas::error::{Error, Result};
use eyas::methods::{BoxFuture, Observer, Progress};
use eyas::snapshot::{Snapshot, read_compact};
use js_sys::Promise;
use std::ops::ControlFlow;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// `Observer` of `pkg/api.js`: answers whether to go on, or promises the answer.
    pub type Watcher;

    #[wasm_bindgen(method)]
    fn now(this: &Watcher) -> f64;

    #[wasm_bindgen(method)]
    fn report(this: &Watcher, epoch: f64, max_epochs: f64, loss: f64, validation: Option<f64>, metric: &str)
    -> JsValue;
}

pub(crate) struct Watch(pub(crate) Watcher);

impl Observer for Watch {
    fn now(&self) -> Option<f64> {
        Some(self.0.now())
    }

    fn report<'a>(&'a mut self, progress: &'a Progress) -> BoxFuture<'a, ControlFlow<()>> {
        let Progress { epoch, max_epochs, loss, validation, metric } = *progress;
        let answer = self.0.report(epoch as f64, max_epochs as f64, loss, validation, metric);
        Box::pin(async move {
            let answer = match answer.dyn_into::<Promise>() {
                // The promise has no way to fail; if it did, stopping would be right.
                Ok(promise) => JsFuture::from(promise).await.unwrap_or(JsValue::FALSE),
                Err(answer) => answer,
            };
            if answer.is_truthy() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
    }
}

/// A training of a snapshot in its compact form, as it was asked for in JavaScript.
#[cfg(any(feature = "trainer", feature = "lrmf", feature = "methods"))]
pub(crate) fn prepare(
    snapshot: &[u8],
    method: &str,
    device: Option<String>,
    seed: Option<f64>,
    without: Option<String>,
) -> Result<eyas::recommend::Training, JsValue> {
    use eyas::recommend::{TrainOptions, Training};
    let given = || {
        let mut options = TrainOptions { method: method.parse()?, ..TrainOptions::default() };
        if let Some(name) = device {
            options.device = name.parse()?;
        }
        if let Some(seed) = seed {
            options.seed = seed as u64;
        }
        Training::new(snapshot_of(snapshot)?, options, without.as_deref())
    };
    given().map_err(super::raise)
}

/// A snapshot from its compact form.
pub(crate) fn snapshot_of(bytes: &[u8]) -> Result<Snapshot> {
    read_compact(bytes).ok_or_else(|| Error::input("the snapshot comes from another version of this package"))
}
