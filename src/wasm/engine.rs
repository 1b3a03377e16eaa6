//! The module that trains, forecasts, ranks, routes and saves.

use super::{raise, read, write};
use crate::error::Error;
use crate::formats::KnownScore;
use crate::lineage::{Parent, Relation};
use crate::methods::{BoxFuture, Method, Observer, Progress};
use crate::recommend::{Prediction, PredictionLineage, RankRequest, Recommender, Request, RouteRequest, TrainOptions};
use crate::snapshot::{Date, Factors, Range, Reader, Snapshot, SnapshotInfo, TaskKind, read_compact};
use js_sys::Promise;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// `Observer` of `pkg/index.js`: answers whether to go on, or promises the answer.
    pub type Watcher;

    #[wasm_bindgen(method)]
    fn now(this: &Watcher) -> f64;

    #[wasm_bindgen(method)]
    fn report(this: &Watcher, epoch: f64, max_epochs: f64, loss: f64, validation: Option<f64>, metric: &str)
    -> JsValue;
}

#[derive(Deserialize)]
struct TrainRequest {
    method: Option<String>,
    device: Option<String>,
    seed: Option<f64>,
}

/// A model to forecast, as `pkg/api.js` puts it together.
#[derive(Deserialize)]
struct PredictRequest {
    name: Option<String>,
    date: Option<String>,
    parents: Vec<GivenParent>,
    factors: Factors,
    /// Scores that were meant: task and score.
    scores: Vec<(String, f32)>,
    /// Scores of a file, taken where no others are.
    listed: Vec<KnownScore>,
}

#[derive(Deserialize)]
struct GivenParent {
    id: String,
    weight: Option<f32>,
    relation: Option<String>,
}

#[derive(Deserialize)]
struct GivenRank {
    task: String,
    top: Option<usize>,
    #[serde(rename = "where")]
    filter: Option<String>,
}

#[derive(Deserialize)]
struct GivenRoute {
    tasks: Vec<String>,
    top: Option<usize>,
}

/// A prediction and what was repaired or not understood in the pasted text.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    prediction: Prediction,
    warnings: Vec<String>,
}

/// What the snapshot knows of a model's lineage, and which scores of it have a task here.
#[derive(Serialize)]
struct Understood {
    #[serde(flatten)]
    lineage: PredictionLineage,
    scores: Vec<(String, f32)>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Benchmark<'a> {
    id: &'a str,
    range: Option<Range>,
}

/// A parsed snapshot.
#[wasm_bindgen]
pub struct RawSnapshot(Snapshot);

#[wasm_bindgen]
impl RawSnapshot {
    /// Takes what the intake parsed.
    pub fn read(bytes: &[u8]) -> Result<Self, JsValue> {
        let mut reader = Reader::new(bytes);
        let snapshot = read_compact(&mut reader).filter(|_| reader.is_done());
        snapshot.map(Self).ok_or_else(|| raise(Error::input("the two modules are of different versions")))
    }

    /// Its figures.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        write(&SnapshotInfo::of(&self.0))
    }

    /// What it can be ranked by, with the ranges that are declared: every score, and the benchmarks of items.
    pub fn benchmarks(&self) -> Result<JsValue, JsValue> {
        benchmarks(&self.0)
    }
}

/// A trained method.
#[wasm_bindgen]
pub struct RawRecommender(Recommender);

#[wasm_bindgen]
impl RawRecommender {
    /// Trains; the watcher decides when to let other work go on, and when to stop.
    pub async fn train(snapshot: &RawSnapshot, options: JsValue, watcher: Watcher) -> Result<Self, JsValue> {
        let given: TrainRequest = read(options)?;
        let mut options = TrainOptions::default();
        if let Some(name) = given.method {
            options.method = name.parse::<Method>().map_err(raise)?;
        }
        if let Some(name) = given.device {
            options.device = name.parse().map_err(raise)?;
        }
        if let Some(seed) = given.seed {
            options.seed = seed as u64;
        }
        let trained = Recommender::train(snapshot.0.clone(), &options, &mut Watch(watcher)).await;
        trained.map(Self).map_err(raise)
    }

    /// Restores what `save` gave.
    pub fn load(bytes: &[u8]) -> Result<Self, JsValue> {
        Recommender::load(bytes).map(Self).map_err(raise)
    }

    /// Where it was trained, and why there.
    pub fn ran(&self) -> Result<JsValue, JsValue> {
        write(self.0.ran())
    }

    /// The model as bytes.
    pub fn save(&self) -> Result<Vec<u8>, JsValue> {
        self.0.save().map_err(raise)
    }

    /// The figures of the snapshot that it was trained on.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        write(&SnapshotInfo::of(self.0.snapshot()))
    }

    /// What it can be ranked by, as `RawSnapshot::benchmarks`.
    pub fn benchmarks(&self) -> Result<JsValue, JsValue> {
        benchmarks(self.0.snapshot())
    }

    /// Forecasts a model.
    pub fn predict(&self, request: JsValue) -> Result<JsValue, JsValue> {
        let PredictRequest { name, date, parents, factors, mut scores, listed } = read(request)?;
        let date = date.map(|date| date.parse::<Date>()).transpose().map_err(raise)?;
        let parents = parents.into_iter().map(parent).collect::<Result<_, _>>().map_err(raise)?;
        let mut warnings = Vec::new();
        if scores.is_empty() {
            let (usable, told) = self.0.usable_scores(&listed);
            warnings.extend(told.iter().map(ToString::to_string));
            scores = usable;
        }
        let prediction = self.0.predict(&Request { name, parents, factors, date, scores }).map_err(raise)?;
        write(&Answer { prediction, warnings })
    }

    /// What is known of parents and scores, before anything is forecast.
    pub fn understand(&self, parents: JsValue, listed: JsValue) -> Result<JsValue, JsValue> {
        let parents: Vec<GivenParent> = read(parents)?;
        let parents = parents.into_iter().map(parent).collect::<Result<Vec<_>, _>>().map_err(raise)?;
        let (lineage, _) = self.0.understand(&parents);
        let (scores, told) = self.0.usable_scores(&read::<Vec<KnownScore>>(listed)?);
        write(&Understood { lineage, scores, warnings: told.iter().map(ToString::to_string).collect() })
    }

    /// Ranks the models of the snapshot.
    pub fn rank(&self, request: JsValue) -> Result<JsValue, JsValue> {
        let GivenRank { task, top, filter } = read(request)?;
        let filter = filter.as_deref().unwrap_or_default().parse().map_err(raise)?;
        write(&self.0.rank(&RankRequest { task, top, filter }).map_err(raise)?)
    }

    /// Sends each item of benchmarks to the model with the best prediction.
    pub fn route(&self, request: JsValue) -> Result<JsValue, JsValue> {
        let GivenRoute { tasks, top } = read(request)?;
        write(&self.0.route(&RouteRequest { tasks, top }).map_err(raise)?)
    }
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
                // The promise has no way to fail; if it did, stopping would be right.
                Ok(promise) => JsFuture::from(promise).await.unwrap_or(JsValue::FALSE),
                Err(answer) => answer,
            };
            if answer.is_truthy() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
    }
}

fn benchmarks(snapshot: &Snapshot) -> Result<JsValue, JsValue> {
    let tasks = &snapshot.tasks;
    let benchmarks: Vec<_> = match snapshot.kind() {
        TaskKind::Score => tasks.iter().map(|task| Benchmark { id: &task.id, range: task.range }).collect(),
        TaskKind::Outcome => {
            let whole = |id| Benchmark { id, range: Some(Range::FRACTION) };
            snapshot.benchmarks().into_iter().map(whole).collect()
        }
    };
    write(&benchmarks)
}

/// A parent that comes without relation or weight has the usual ones.
fn parent(GivenParent { id, weight, relation }: GivenParent) -> Result<Parent, Error> {
    let relation = match relation.as_deref() {
        None => Relation::Unstated,
        Some(word) => Relation::from_word(word)
            .ok_or_else(|| Error::input(format!("parent \"{id}\": no relation \"{word}\"")))?,
    };
    Ok(Parent { id, relation, weight: weight.unwrap_or(1.0) })
}
