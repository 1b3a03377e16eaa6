//! The JSON of `predict`, `explain` and `rank`, with exactly the documented fields.

use eyas::lineage::Relation;
use eyas::recommend::{
    Contribution, Explanation, ForecastSource, Prediction, PredictionParent, RankedModel, Ranking, Subject,
    TaskExplanation, TaskForecast, Unseen,
};
use eyas::snapshot::Range;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub(crate) struct PredictionShape<'a> {
    method: &'a str,
    device: &'a str,
    subject: &'a Subject,
    measured: Option<&'a BTreeMap<String, f32>>,
    quantisation_of: Option<&'a str>,
    warnings: &'a [String],
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
    dataset: &'a str,
    metric: Option<&'a str>,
    mean: f32,
    lower: Option<f32>,
    upper: Option<f32>,
    rank: usize,
    of: usize,
    range: Range,
    lower_is_better: bool,
    known: bool,
    remark: Option<&'a str>,
    parents: &'a BTreeMap<String, f32>,
    sources: &'a [ForecastSource],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    beats: &'a BTreeMap<String, Option<f32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unseen: Option<Unseen>,
}

#[derive(Serialize)]
pub(crate) struct ExplanationShape<'a> {
    method: &'a str,
    id: Option<&'a str>,
    left_out: bool,
    tasks: Vec<TaskShape<'a>>,
    sources: &'a [ForecastSource],
}

#[derive(Serialize)]
struct TaskShape<'a> {
    task: &'a str,
    range: Range,
    lower_is_better: bool,
    mean: f64,
    base: f64,
    contributions: &'a [Contribution],
    rest: f64,
}

#[derive(Serialize)]
pub(crate) struct RankingShape<'a> {
    task: &'a str,
    method: &'a str,
    range: Range,
    lower_is_better: bool,
    models: &'a [RankedModel],
}

/// `{method, device, subject, measured, quantisation_of, warnings, lineage, forecasts}`.
pub(crate) fn prediction(prediction: &Prediction) -> PredictionShape<'_> {
    let Prediction { method, device, subject, measured, quantisation_of, warnings, lineage, forecasts } = prediction;
    let parents = lineage.parents.iter().map(parent).collect();
    let lineage = LineageShape { parents, unknown: &lineage.unknown };
    let forecasts = forecasts.iter().map(forecast).collect();
    let (measured, quantisation_of) = (measured.as_ref(), quantisation_of.as_deref());
    PredictionShape { method, device, subject, measured, quantisation_of, warnings, lineage, forecasts }
}

/// `{method, id, left_out, tasks, sources}`.
pub(crate) fn explanation(explanation: &Explanation) -> ExplanationShape<'_> {
    let &Explanation { method, ref id, left_out, ref tasks, ref sources } = explanation;
    fn shape(task: &TaskExplanation) -> TaskShape<'_> {
        let &TaskExplanation { task: ref name, range, lower_is_better, mean, base, ref contributions, rest } = task;
        TaskShape { task: name, range, lower_is_better, mean, base, contributions, rest }
    }
    ExplanationShape { method, id: id.as_deref(), left_out, tasks: tasks.iter().map(shape).collect(), sources }
}

/// `{task, method, range, lower_is_better, models}`.
pub(crate) fn ranking(ranking: &Ranking) -> RankingShape<'_> {
    let &Ranking { ref task, method, range, lower_is_better, ref models } = ranking;
    RankingShape { task, method, range, lower_is_better, models }
}

fn parent(parent: &PredictionParent) -> ParentShape<'_> {
    let &PredictionParent { ref id, weight, relation, known, .. } = parent;
    ParentShape { id, weight, relation, known }
}

fn forecast(forecast: &TaskForecast) -> ForecastShape<'_> {
    let &TaskForecast { mean, lower, upper, rank, of, range, lower_is_better, known, unseen, .. } = forecast;
    let TaskForecast { task, dataset, parents, sources, beats, .. } = forecast;
    let (metric, remark) = (forecast.metric.as_deref(), forecast.remark.as_deref());
    ForecastShape {
        task,
        dataset,
        metric,
        mean,
        lower,
        upper,
        rank,
        of,
        range,
        lower_is_better,
        known,
        remark,
        parents,
        sources,
        beats,
        unseen,
    }
}
