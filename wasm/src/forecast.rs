//! The modules that forecast, rank and route by a model that was trained: one knows the default method and its relatives, the
//! other all others.

use super::{lines, raise, read, write};
use eyas::error::Error;
use eyas::formats::KnownScore;
use eyas::lineage::{Parent, Relation};
use eyas::recommend::{NextRequest, Prediction, PredictionLineage, RankRequest, Recommender, Request, RouteRequest};
use eyas::snapshot::{Benchmark, Date, Factors, SnapshotInfo, write_compact};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

/// A question about a model, as `pkg/api.js` puts it together: what `predict`, `explain` and `next` are asked.
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
    compare: Vec<String>,
    costs: Vec<(String, f32)>,
    top: Option<usize>,
}

/// What a training without a model's results needs to know.
#[derive(Serialize)]
struct Trained {
    method: &'static str,
    seed: u64,
    measured: bool,
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

#[cfg(feature = "forecast")]
const LOAD: fn(&[u8]) -> Result<Recommender, Error> = Recommender::load_main;
#[cfg(not(feature = "forecast"))]
const LOAD: fn(&[u8]) -> Result<Recommender, Error> = Recommender::load_other;

/// A trained method.
#[wasm_bindgen]
pub struct RawRecommender(Recommender);

#[wasm_bindgen]
impl RawRecommender {
    /// Takes what a training or `save` gave.
    pub fn load(bytes: &[u8]) -> Result<Self, JsValue> {
        LOAD(bytes).map(Self).map_err(raise)
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

    /// What it can be ranked by.
    pub fn benchmarks(&self) -> Result<JsValue, JsValue> {
        write(&Benchmark::all(self.0.snapshot()))
    }

    /// Forecasts a model.
    pub fn predict(&self, request: JsValue) -> Result<JsValue, JsValue> {
        let mut given: PredictRequest = read(request)?;
        let compare = std::mem::take(&mut given.compare);
        let (request, warnings) = self.asked(given)?;
        let mut prediction = self.0.predict(&request).map_err(raise)?;
        self.0.compare(&mut prediction, &compare).map_err(raise)?;
        write(&Answer { prediction, warnings })
    }

    /// Says what each thing that is known of a model adds to its forecast.
    pub fn explain(&self, request: JsValue) -> Result<JsValue, JsValue> {
        let (request, _) = self.asked(read(request)?)?;
        write(&self.0.explain(&request).map_err(raise)?)
    }

    /// The same of a model of the snapshot of which the method saw no results.
    #[wasm_bindgen(js_name = explainKnown)]
    pub fn explain_known(&self, id: &str) -> Result<JsValue, JsValue> {
        write(&self.0.explain_unseen(id).map_err(raise)?)
    }

    /// How it was trained, and whether with results of this model.
    pub fn trained(&self, id: &str) -> Result<JsValue, JsValue> {
        let (_, measured) = self.0.seen(id).map_err(raise)?;
        write(&Trained { method: self.0.method().name(), seed: self.0.seed(), measured })
    }

    /// The snapshot that it was trained on.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        write_compact(self.0.snapshot())
    }

    /// Plans evaluations of a model.
    pub fn next(&self, request: JsValue) -> Result<JsValue, JsValue> {
        let mut given: PredictRequest = read(request)?;
        let (costs, count) = (std::mem::take(&mut given.costs), given.top.unwrap_or(PLANNED));
        let (model, _) = self.asked(given)?;
        write(&self.0.next(&NextRequest { model, costs, count }).map_err(raise)?)
    }

    /// What is known of parents and scores, before anything is forecast.
    pub fn understand(&self, parents: JsValue, listed: JsValue) -> Result<JsValue, JsValue> {
        let parents: Vec<GivenParent> = read(parents)?;
        let parents = parents.into_iter().map(parent).collect::<Result<Vec<_>, _>>().map_err(raise)?;
        let (lineage, _) = self.0.understand(&parents);
        let (scores, told) = self.0.usable_scores(&read::<Vec<KnownScore>>(listed)?);
        write(&Understood { lineage, scores, warnings: lines(&told) })
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
    /// A question in the library's terms, and what was not used of it.
    fn asked(&self, given: PredictRequest) -> Result<(Request, Vec<String>), JsValue> {
        let PredictRequest { name, date, parents, factors, mut scores, listed, .. } = given;
        let date = date.map(|date| date.parse::<Date>()).transpose().map_err(raise)?;
        let parents = parents.into_iter().map(parent).collect::<Result<_, _>>().map_err(raise)?;
        let mut warnings = Vec::new();
        if scores.is_empty() {
            let (usable, told) = self.0.usable_scores(&listed);
            warnings = lines(&told);
            scores = usable;
        }
        Ok((Request { name, parents, factors, date, scores }, warnings))
    }
}

/// Evaluations that are planned where nobody says how many.
const PLANNED: usize = 10;

/// A parent that comes without relation or weight has the usual ones.
fn parent(GivenParent { id, weight, relation }: GivenParent) -> Result<Parent, Error> {
    let relation = match relation.as_deref() {
        None => Relation::Unstated,
        Some(word) => {
            Relation::from_word(word).ok_or_else(|| Error::input(format!("parent \"{id}\": no relation \"{word}\"")))?
        }
    };
    Ok(Parent { id, relation, weight: weight.unwrap_or(1.0) })
}
