//! The forecasts of a model, in the shape of `predict --json`.

use super::{Subject, Unseen};
use crate::lineage::Relation;
use crate::snapshot::Range;
use serde::Serialize;
use std::collections::BTreeMap;

/// A forecast, in the shape of `predict --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    /// The method that ran.
    pub method: &'static str,
    /// The device that it was trained on.
    pub device: String,
    /// The model that the forecast is for.
    pub subject: Subject,
    /// Its measured scores by benchmark, 0..1 of the range; null if it has none.
    pub measured: Option<BTreeMap<String, f32>>,
    /// If it is a quantisation of a measured model, the id of that model, whose scores `measured` holds.
    pub quantisation_of: Option<String>,
    /// Repairs, facts that are not used, and remarks on the whole forecast, one line each.
    pub warnings: Vec<String>,
    /// The lineage as it was resolved against the snapshot.
    pub lineage: PredictionLineage,
    /// One entry for each benchmark.
    pub forecasts: Vec<TaskForecast>,
}

/// The lineage part of a [`Prediction`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PredictionLineage {
    /// The parents in the given order.
    pub parents: Vec<PredictionParent>,
    /// Ids of the parents that are not in the snapshot.
    pub unknown: Vec<String>,
    /// For each unknown id, the most similar ids of the snapshot, if there are similar ones.
    pub nearest: BTreeMap<String, Vec<String>>,
}

/// A parent in a [`Prediction`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PredictionParent {
    /// Its id; in the spelling of the snapshot if the parent is known.
    pub id: String,
    /// The name as given, if it differs from `id`: another spelling, a quantisation or a re-upload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// Its weight as given.
    pub weight: f32,
    /// How the child was made.
    pub relation: Relation,
    /// Whether it is in the snapshot, evaluated or only as a relative.
    pub known: bool,
    /// Whether the snapshot has results of it.
    pub evaluated: bool,
}

/// The forecast for one benchmark. Scores are in the benchmark's own direction.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskForecast {
    /// The benchmark.
    pub task: String,
    /// The dataset of the benchmark.
    pub dataset: String,
    /// The metric of its scores, if the data state one.
    pub metric: Option<String>,
    /// The known score or, failing that, the expected one, 0..1 of the range.
    pub mean: f32,
    /// Lower end of the 90 % interval; null for a known score without a known error, and if the method has no intervals.
    pub lower: Option<f32>,
    /// Upper end of the 90 % interval.
    pub upper: Option<f32>,
    /// Its rank among the models of the snapshot and itself, 1 for the best.
    pub rank: usize,
    /// The number of models that are ranked.
    pub of: usize,
    /// The range of the benchmark's own units.
    pub range: Range,
    /// Whether a lower score is better.
    pub lower_is_better: bool,
    /// Whether the score is measured or was given.
    pub known: bool,
    /// Why the method can't forecast some of the items from its own model, if so.
    pub remark: Option<String>,
    /// The best rank of the 90 % interval; null if a predicted score has no interval.
    pub rank_lower: Option<usize>,
    /// The worst rank of the 90 % interval.
    pub rank_upper: Option<usize>,
    /// The probability of a better score than each compared model, by id; null if the method has no intervals.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub beats: BTreeMap<String, Option<f32>>,
    /// The parents' measured scores, 0..1.
    pub parents: BTreeMap<String, f32>,
    /// The models that the forecast rests on; empty if the score is known.
    pub sources: Vec<ForecastSource>,
    /// The forecast without the model's own results, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unseen: Option<Unseen>,
}

/// A model that a forecast rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForecastSource {
    /// Its id.
    pub id: String,
    /// Its share among the sources.
    pub share: f32,
}
