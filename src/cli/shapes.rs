//! The JSON of `predict` and `rank`: what the contract names, and no more.

use eyas::lineage::Relation;
use eyas::recommend::{ForecastSource, Prediction, PredictionParent, RankedModel, Ranking, TaskForecast};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub(crate) struct PredictionShape<'a> {
    method: &'a str,
    device: &'a str,
    lineage: LineageShape<'a>,
    forecasts: Vec<ForecastShape<'a>>,
}

#[derive(Serialize)]
struct LineageShape<'a> {
    parents: Vec<ParentShape<'a>>,
    unknown: &'a [String],
}

#[derive(Serialize)]
struct ParentShape<'a> {
    id: &'a str,
    weight: f32,
    relation: Relation,
    known: bool,
}

#[derive(Serialize)]
struct ForecastShape<'a> {
    task: &'a str,
    mean: f32,
    lower: Option<f32>,
    upper: Option<f32>,
    rank: usize,
    of: usize,
    parents: &'a BTreeMap<String, f32>,
    sources: &'a [ForecastSource],
}

#[derive(Serialize)]
pub(crate) struct RankingShape<'a> {
    task: &'a str,
    method: &'a str,
    models: &'a [RankedModel],
}

/// `{method, device, lineage, forecasts}`.
pub(crate) fn prediction(prediction: &Prediction) -> PredictionShape<'_> {
    let Prediction { method, device, lineage, forecasts } = prediction;
    let parents = lineage.parents.iter().map(parent).collect();
    let lineage = LineageShape { parents, unknown: &lineage.unknown };
    PredictionShape { method, device, lineage, forecasts: forecasts.iter().map(forecast).collect() }
}

/// `{task, method, models}`.
pub(crate) fn ranking(ranking: &Ranking) -> RankingShape<'_> {
    RankingShape { task: &ranking.task, method: ranking.method, models: &ranking.models }
}

fn parent(parent: &PredictionParent) -> ParentShape<'_> {
    let &PredictionParent { ref id, weight, relation, known, .. } = parent;
    ParentShape { id, weight, relation, known }
}

fn forecast(forecast: &TaskForecast) -> ForecastShape<'_> {
    let &TaskForecast { ref task, mean, lower, upper, rank, of, ref parents, ref sources, .. } = forecast;
    ForecastShape { task, mean, lower, upper, rank, of, parents, sources }
}
