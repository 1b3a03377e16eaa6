//! The analyses, in three modules: the influence of factors, models and tasks; model parameters; the ranker. They train nothing
//! themselves: `pkg/api.js` calls the modules that do.

use super::object::{field, given, list, needed, text};
use super::{raise, reopen, write};
use eyas::backtest::Question;
#[cfg(not(any(feature = "analyses", feature = "ranker_analyses")))]
use eyas::backtest::analyse_parameters as analyse_here;
#[cfg(all(feature = "ranker_analyses", not(feature = "analyses")))]
use eyas::backtest::analyse_ranker as analyse_here;
#[cfg(feature = "analyses")]
use eyas::backtest::analyse_worth as analyse_here;
use eyas::error::{Error, Result};
use eyas::methods::{Fitted, Method, Observer, Recipe, Settings, Silent, Tensor, Trainer, TrainingData};
use eyas::recommend::tensors;
use eyas::snapshot::write_compact;
use js_sys::{Function, Promise, Uint8Array};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Runs an analysis of a snapshot in its compact form. `train` takes such a snapshot, the name of a method, a seed, and
/// settings (λ_M and λ_X, whether items share a slope, or which losses are used); it returns a promise of a saved model.
#[wasm_bindgen]
pub async fn analyse(snapshot: Vec<u8>, question: JsValue, train: Function) -> Result<JsValue, JsValue> {
    let question = question_of(&question)?;
    let snapshot = reopen(&snapshot).map_err(raise)?;
    let trainer = RemoteTrainer { train, refused: RefCell::new(None) };
    let answer = analyse_here(&snapshot, &question, &trainer, &mut Silent).await;
    // An error of a training is passed on unchanged.
    write(&answer.map_err(|error| trainer.refused.take().unwrap_or_else(|| raise(error)))?)
}

fn question_of(given_question: &JsValue) -> Result<Question, JsValue> {
    let named = |name: &str| text(given_question, name);
    let what = needed(named("what")?, "what", "a text")?;
    let split = named("split")?.as_deref().unwrap_or(Question::SPLIT).parse().map_err(raise)?;
    let method = named("method")?.map_or(Ok(Question::METHOD), |name| name.parse()).map_err(raise)?;
    let whole = |name: &str| {
        let given = given(field(given_question, name)).map(|value| value.as_f64());
        let whole =
            |value: Option<f64>| needed(value.filter(|n| n.fract() == 0.0 && *n >= 0.0), name, "a whole number");
        given.map(whole).transpose().map(|value| value.map(|value| value as u64))
    };
    let strengths = given(field(given_question, "strengths")).map(|value| {
        let strength = |value: JsValue| needed(value.as_f64(), "strengths", "numbers").map(|strength| strength as f32);
        list(&value, "strengths")?.into_iter().map(strength).collect()
    });
    Ok(Question {
        what,
        split,
        method,
        seeds: whole("seeds")?.unwrap_or(1),
        seed: whole("seed")?.unwrap_or(0),
        strengths: strengths.unwrap_or_else(|| Ok(Question::STRENGTHS.to_vec()))?,
        shared_slope: field(given_question, "sharedSlope").is_truthy(),
    })
}

/// Trains by a call to JavaScript, in other modules.
struct RemoteTrainer {
    train: Function,
    refused: RefCell<Option<JsValue>>,
}

impl RemoteTrainer {
    async fn ask(&self, recipe: Recipe, data: &TrainingData<'_>) -> Result<Vec<u8>, JsValue> {
        let settings = match recipe.settings {
            Settings::Usual => JsValue::UNDEFINED,
            Settings::Penalties { lineage, tasks } => vec![lineage, tasks].into(),
            Settings::SharedSlope => true.into(),
            Settings::Losses(losses) => losses.map(|used| f32::from(u8::from(used))).to_vec().into(),
        };
        let snapshot: JsValue = Uint8Array::from(&write_compact(&data.snapshot())[..]).into();
        let method = JsValue::from_str(recipe.method.name());
        let promise =
            self.train.call4(&JsValue::UNDEFINED, &snapshot, &method, &(data.seed as f64).into(), &settings)?;
        let saved = JsFuture::from(promise.dyn_into::<Promise>()?).await?;
        Ok(Uint8Array::new(&saved).to_vec())
    }
}

impl Trainer for RemoteTrainer {
    async fn train(&self, recipe: Recipe, data: &TrainingData<'_>, _: &mut dyn Observer) -> Result<Vec<Tensor>> {
        let saved = self.ask(recipe, data).await.map_err(|why| {
            self.refused.replace(Some(why));
            Error::computation("a training failed")
        })?;
        tensors(&saved)
    }

    fn restore(&self, method: Method, data: &TrainingData<'_>, parameters: &[Tensor]) -> Result<Box<dyn Fitted>> {
        method.restore_for_analyses(data, parameters)
    }
}
