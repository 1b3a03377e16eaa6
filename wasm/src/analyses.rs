//! The module that answers what predictions rest on. It trains the methods that `methods` trains, and LRMF for its penalties.

use super::training::{Watch, Watcher, snapshot_of};
use super::{raise, read, write};
use eyas::backtest::{self, Question};
use eyas::error::Result;
use eyas::methods::{Observer, TrainingData};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

/// A question as `pkg/api.js` puts it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    what: String,
    split: Option<String>,
    method: Option<String>,
    seeds: Option<u32>,
    strengths: Option<Vec<f32>>,
    shared_slope: Option<bool>,
}

impl Given {
    fn question(self) -> Result<Question> {
        let Self { what, split, method, seeds, strengths, shared_slope } = self;
        Ok(Question {
            what,
            split: split.as_deref().unwrap_or(Question::SPLIT).parse()?,
            method: method.map_or(Ok(Question::METHOD), |method| method.parse())?,
            seeds: u64::from(seeds.unwrap_or(1)),
            strengths: strengths.unwrap_or(Question::STRENGTHS.to_vec()),
            shared_slope: shared_slope.unwrap_or(false),
        })
    }
}

/// Answers a question; the watcher decides when to let other work go on, and when to stop.
#[wasm_bindgen]
pub async fn analyse(snapshot: Vec<u8>, question: JsValue, watcher: Watcher) -> Result<JsValue, JsValue> {
    let question = read::<Given>(question)?.question().map_err(raise)?;
    let snapshot = snapshot_of(&snapshot).map_err(raise)?;
    let method = question.method;
    let fit = async |data: &TrainingData<'_>, observer: &mut dyn Observer| method.fit_other(data, observer).await;
    let answer = backtest::analyse(&snapshot, &question, fit, &mut Watch(watcher)).await;
    write(&answer.map_err(raise)?)
}
