//! The JavaScript surface: converts what it gets and delegates. `pkg/index.js` gives it its final shape.

use crate::error::{Error, ErrorKind};
use crate::formats::{self, Companions, Source};
use crate::lineage::{Parent, Relation};
use crate::methods::{BoxFuture, Method, Observer, Progress};
use crate::recommend::{
    NextRequest, Prediction, PredictionLineage, RankRequest, Recommender, Request, RouteRequest, TrainOptions,
};
use crate::snapshot::{Factors, Range, Snapshot, SnapshotInfo, TaskKind};
use js_sys::{Promise, Reflect};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// The name of pasted text in messages.
const PASTED: &str = "pasted text";

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

/// `Source` of `pkg/index.d.ts`.
#[derive(Deserialize)]
struct NamedBytes {
    name: String,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    bytes: js_sys::Uint8Array,
}

#[derive(Deserialize)]
struct TrainRequest {
    method: Option<String>,
    device: Option<String>,
    seed: Option<f64>,
}

/// A question about a model: what `predict`, `explain` and `next` are asked.
#[derive(Deserialize)]
struct PredictRequest {
    id: Option<String>,
    #[serde(default)]
    lineage: GivenLineage,
    #[serde(default)]
    factors: Factors,
    #[serde(default)]
    scores: GivenScores,
    #[serde(default)]
    compare: Vec<String>,
    #[serde(default)]
    costs: BTreeMap<String, f32>,
    top: Option<usize>,
}

/// Scores by task, or the text that tells them.
#[derive(Deserialize)]
#[serde(untagged)]
enum GivenScores {
    Parts(BTreeMap<String, f32>),
    Text(String),
}

impl Default for GivenScores {
    fn default() -> Self {
        Self::Parts(BTreeMap::new())
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum GivenLineage {
    Text(String),
    Parents { parents: Vec<GivenParent> },
}

impl Default for GivenLineage {
    fn default() -> Self {
        Self::Parents { parents: Vec::new() }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum GivenParent {
    Id(String),
    Full { id: String, weight: Option<f32>, relation: Option<String> },
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

/// What was understood of a pasted text, and what the snapshot knows of it.
#[derive(Serialize)]
struct Understood<'a> {
    kind: &'a str,
    name: Option<&'a str>,
    #[serde(flatten)]
    lineage: PredictionLineage,
    stages: Vec<StageShape<'a>>,
    factors: &'a Factors,
    scores: Vec<(String, f32)>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct StageShape<'a> {
    name: Option<&'a str>,
    parents: &'a [Parent],
}

impl<'a> StageShape<'a> {
    fn of(stage: &'a formats::Stage) -> Self {
        Self { name: stage.name.as_deref(), parents: &stage.parents }
    }
}

#[derive(Serialize)]
struct Benchmark<'a> {
    id: &'a str,
    range: Option<Range>,
}

/// A parsed snapshot.
#[wasm_bindgen]
pub struct RawSnapshot {
    snapshot: Snapshot,
    warnings: Vec<String>,
}

#[wasm_bindgen]
impl RawSnapshot {
    /// Parses files, `{name, bytes}[]`, and what goes with them.
    pub fn parse(
        sources: JsValue,
        lineage: JsValue,
        model_factors: JsValue,
        task_factors: JsValue,
    ) -> Result<Self, JsValue> {
        let sources: Vec<(String, Vec<u8>)> = read::<Vec<NamedBytes>>(sources)?.into_iter().map(owned).collect();
        let companion = |value| Ok::<_, JsValue>(read::<Option<NamedBytes>>(value)?.map(owned));
        let companions = [companion(lineage)?, companion(model_factors)?, companion(task_factors)?];
        let [lineage, model_factors, task_factors] = companions.each_ref().map(|file| file.as_ref().map(source));
        let sources: Vec<_> = sources.iter().map(source).collect();
        let imported =
            formats::import(&sources, &Companions { lineage, model_factors, task_factors }).map_err(raise)?;
        let warnings = imported.warnings.iter().map(ToString::to_string).collect();
        Ok(Self { snapshot: imported.snapshot, warnings })
    }

    /// Its figures.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        write(&SnapshotInfo::of(&self.snapshot))
    }

    /// What it can be ranked by, with the ranges that are declared: every score, and the benchmarks of items.
    pub fn benchmarks(&self) -> Result<JsValue, JsValue> {
        benchmarks(&self.snapshot)
    }

    /// Repairs made while parsing.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
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
        let trained = Recommender::train(snapshot.snapshot.clone(), &options, &mut Watch(watcher)).await;
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
        let given: PredictRequest = read(request)?;
        let compare = given.compare.clone();
        let (request, warnings) = self.asked(given)?;
        let mut prediction = self.0.predict(&request).map_err(raise)?;
        self.0.compare(&mut prediction, &compare).map_err(raise)?;
        write(&Answer { prediction, warnings })
    }

    /// Says what each thing that is known of a model adds to its forecast. Of a model of the snapshot the method is trained
    /// anew, without its results.
    pub async fn explain(&self, request: JsValue, watcher: Watcher) -> Result<JsValue, JsValue> {
        let given: PredictRequest = read(request)?;
        let explanation = match &given.id {
            Some(id) => self.0.explain_known(id, &mut Watch(watcher)).await,
            None => self.0.explain(&self.asked(given)?.0),
        };
        write(&explanation.map_err(raise)?)
    }

    /// Plans evaluations of a model.
    pub fn next(&self, request: JsValue) -> Result<JsValue, JsValue> {
        let mut given: PredictRequest = read(request)?;
        let (costs, count) = (std::mem::take(&mut given.costs), given.top.unwrap_or(PLANNED));
        let (model, _) = self.asked(given)?;
        let request = NextRequest { model, costs: costs.into_iter().collect(), count };
        write(&self.0.next(&request).map_err(raise)?)
    }

    /// What a pasted text is understood as, before anything is forecast.
    pub fn understand(&self, text: &str) -> Result<JsValue, JsValue> {
        let parsed = formats::parse_lineage(PASTED, text).map_err(raise)?;
        let (lineage, _) = self.0.understand(&parsed.parents);
        let (scores, told) = self.0.usable_scores(&parsed.scores);
        write(&Understood {
            kind: parsed.kind,
            name: parsed.name.as_deref(),
            lineage,
            stages: parsed.stages.iter().map(StageShape::of).collect(),
            factors: &parsed.factors,
            scores,
            warnings: parsed.warnings.iter().chain(&told).map(ToString::to_string).collect(),
        })
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

impl RawRecommender {
    /// A question in the library's terms, and what was repaired or not understood.
    fn asked(&self, given: PredictRequest) -> Result<(Request, Vec<String>), JsValue> {
        let mut warnings: Vec<String> = Vec::new();
        let mut listed = Vec::new();
        let mut request = match given.lineage {
            GivenLineage::Text(text) => {
                let parsed = formats::parse_lineage(PASTED, &text).map_err(raise)?;
                warnings.extend(parsed.warnings.iter().map(ToString::to_string));
                listed = parsed.scores;
                let formats::ParsedLineage { name, date, parents, factors, .. } = parsed;
                Request { name, date, parents, factors, scores: Vec::new() }
            }
            GivenLineage::Parents { parents } => {
                let parents = parents.into_iter().map(parent).collect::<Result<_, _>>().map_err(raise)?;
                Request { parents, ..Request::default() }
            }
        };
        request.factors.extend(given.factors);
        match given.scores {
            GivenScores::Parts(scores) => request.scores = scores.into_iter().collect(),
            GivenScores::Text(text) => match formats::read_scores("known scores", &text).map_err(raise)? {
                formats::GivenScores::Typed(scores) => request.scores = scores,
                formats::GivenScores::Listed(scores, told) => {
                    warnings.extend(told.iter().map(ToString::to_string));
                    listed = scores;
                }
            },
        }
        if request.scores.is_empty() {
            let (usable, told) = self.0.usable_scores(&listed);
            warnings.extend(told.iter().map(ToString::to_string));
            request.scores = usable;
        }
        Ok((request, warnings))
    }
}

/// Evaluations that are planned where nobody says how many.
const PLANNED: usize = 10;

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

fn owned(file: NamedBytes) -> (String, Vec<u8>) {
    (file.name, file.bytes.to_vec())
}

fn source((name, bytes): &(String, Vec<u8>)) -> Source<'_> {
    Source { name, bytes }
}

fn parent(given: GivenParent) -> Result<Parent, Error> {
    match given {
        GivenParent::Id(id) => Ok(Parent::new(id, Relation::Unstated)),
        GivenParent::Full { id, weight, relation } => {
            let word = relation.as_deref().unwrap_or_default();
            let relation = Relation::from_word(word)
                .ok_or_else(|| Error::input(format!("parent \"{id}\": no relation \"{word}\"")))?;
            Ok(Parent { id, relation, weight: weight.unwrap_or(1.0) })
        }
    }
}

fn read<T: DeserializeOwned>(value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value).map_err(|error| raise(Error::input(error.to_string())))
}

/// Maps become objects and missing values `null`, as in the command line's JSON.
fn write(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(|error| raise(Error::computation(error.to_string())))
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
