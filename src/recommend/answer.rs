//! What is answered of a model, in the shape of `predict --json`.

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
    /// The model that the forecast is of.
    pub subject: Subject,
    /// What is measured of it by benchmark, 0..1 of the range; null where nothing is.
    pub measured: Option<BTreeMap<String, f32>>,
    /// The id of the measured model that it is a quantisation of: the measured scores are that one's.
    pub quantisation_of: Option<String>,
    /// What was repaired or is not used, and what is to be said of the whole forecast; a line each.
    pub warnings: Vec<String>,
    /// What was understood of the lineage.
    pub lineage: PredictionLineage,
    /// One entry a benchmark.
    pub forecasts: Vec<TaskForecast>,
}

/// The lineage part of a [`Prediction`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PredictionLineage {
    /// The parents as they were given.
    pub parents: Vec<PredictionParent>,
    /// Ids of those that the snapshot doesn't know.
    pub unknown: Vec<String>,
    /// For each of these the known names that are nearest to it, if any are near.
    pub nearest: BTreeMap<String, Vec<String>>,
}

/// A parent in a [`Prediction`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PredictionParent {
    /// Its id, as the snapshot spells it where it is known.
    pub id: String,
    /// The name that was given, where that is another spelling, a quantisation or a re-upload of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// Its weight as given.
    pub weight: f32,
    /// How the child was made.
    pub relation: Relation,
    /// Whether the snapshot knows it, evaluated or as a relative.
    pub known: bool,
    /// Whether the snapshot has results of it.
    pub evaluated: bool,
}

/// The forecast for one benchmark.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskForecast {
    /// The benchmark.
    pub task: String,
    /// The dataset that it is on.
    pub dataset: String,
    /// The metric of its scores, where the data say one.
    pub metric: Option<String>,
    /// The known or else the expected score, 0..1 of the range.
    pub mean: f32,
    /// Lower end of the 90 % interval; null where the method has none, and of a known score.
    pub lower: Option<f32>,
    /// Upper end of the 90 % interval.
    pub upper: Option<f32>,
    /// Its place among the models of the snapshot and itself, 1 for the best.
    pub rank: usize,
    /// How many those are.
    pub of: usize,
    /// The range of the benchmark's own units.
    pub range: Range,
    /// Whether a lower score is the better one.
    pub lower_is_better: bool,
    /// Whether the score is measured or was given.
    pub known: bool,
    /// Why the method has nothing of its own to say of some of its items, where that is so.
    pub remark: Option<String>,
    /// The best rank of the 90 % interval; null where a score has no interval.
    pub rank_lower: Option<usize>,
    /// The worst rank of the 90 % interval.
    pub rank_upper: Option<usize>,
    /// The chance that it beats each model that it is compared with, by id; null where the method has no intervals.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub beats: BTreeMap<String, Option<f32>>,
    /// The parents' measured scores, 0..1.
    pub parents: BTreeMap<String, f32>,
    /// What the forecast stands on; nothing where the score is known.
    pub sources: Vec<ForecastSource>,
    /// What would have been forecast without the model's own results, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unseen: Option<Unseen>,
}

/// A model that a forecast stands on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForecastSource {
    /// Its id.
    pub id: String,
    /// Its share among the sources.
    pub share: f32,
}
