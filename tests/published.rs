//! The bundled data, and what the default method says on them of models that they lack.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use eyas::formats::{Companions, Source, import};
use eyas::linalg::SparseMatrix;
use eyas::lineage::{Lineage, NamedEdge, Parent, Relation};
use eyas::methods::Silent;
use eyas::recommend::{Recommender, Request, TrainOptions};
use eyas::snapshot::{Factor, ModelIndex, Results, Snapshot, TaskIndex};
use std::path::Path;

/// Models of 2026 with a size in their name, of families that the data have.
const TEN: [&str; 10] = [
    "google/gemma-4-26B-A4B-it",
    "google/gemma-4-31B-it",
    "google/gemma-4-E4B-it",
    "llm-jp/llm-jp-4-32b-a3b-thinking",
    "llm-jp/llm-jp-4-8b-thinking",
    "nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-BF16",
    "Qwen/Qwen3.5-0.8B",
    "Qwen/Qwen3.5-9B",
    "Qwen/Qwen3.5-35B-A3B",
    "Qwen/Qwen3.5-122B-A10B",
];

fn published() -> Snapshot {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/published");
    let names = ["scores.csv", "models.csv", "benchmarks.csv", "sources.csv"];
    let files = names.map(|name| (format!("published/{name}"), std::fs::read(folder.join(name)).unwrap()));
    let files: Vec<_> = files.iter().map(|(name, bytes)| Source { name, bytes, optional: false }).collect();
    import(&files, &Companions::default()).unwrap().snapshot
}

fn trained(snapshot: Snapshot) -> Recommender {
    pollster::block_on(Recommender::train(snapshot, &TrainOptions::default(), &mut Silent)).unwrap()
}

/// The scores of a model, as shares of the range of their task.
fn scores(snapshot: &Snapshot, model: usize) -> Vec<(usize, f32)> {
    let share = |task: usize| {
        let range = snapshot.tasks[task].range?;
        let value = snapshot.get(ModelIndex(model as u32), TaskIndex(task as u32))?;
        Some((task, (value - range.low) / (range.high - range.low)))
    };
    (0..snapshot.tasks.len()).filter_map(share).collect()
}

/// The snapshot without some models.
fn without(snapshot: &Snapshot, held: &[&str]) -> Snapshot {
    let kept: Vec<usize> =
        (0..snapshot.models.len()).filter(|&at| !held.contains(&snapshot.models[at].id.as_str())).collect();
    let models: Vec<_> = kept.iter().map(|&at| snapshot.models[at].clone()).collect();
    let cell = |(row, &at): (usize, &usize)| {
        let values = (0..snapshot.tasks.len() as u32)
            .filter_map(move |task| Some((row as u32, task, snapshot.get(ModelIndex(at as u32), TaskIndex(task))?)));
        values.collect::<Vec<_>>()
    };
    let cells = kept.iter().enumerate().flat_map(cell).collect();
    let ids: Vec<String> = models.iter().map(|model| model.id.clone()).collect();
    let edge = |edge: &eyas::lineage::Edge| NamedEdge {
        child: snapshot.lineage.id(edge.child).to_owned(),
        parent: Parent { weight: edge.weight, ..Parent::new(snapshot.lineage.id(edge.parent), edge.relation) },
    };
    let edges = snapshot.lineage.edges().iter().map(edge).filter(|edge| !held.contains(&edge.child.as_str()));
    Snapshot {
        lineage: Lineage::new(ids, edges.collect()).0,
        results: Results::Scores(SparseMatrix::from_entries(kept.len(), snapshot.tasks.len(), cells)),
        models,
        ..snapshot.clone()
    }
}

/// The mean score on a task of the models of about a size: at most twice as large or small.
fn mean_of_size(snapshot: &Snapshot, task: usize, size: f64) -> Option<f32> {
    let is_like = |at: &usize| {
        let other = snapshot.models[*at].facts().size().map(|size| size.value);
        other.is_some_and(|other| (other / size).ln().abs() < std::f64::consts::LN_2)
    };
    let of = |at: usize| scores(snapshot, at).into_iter().find(|&(other, _)| other == task).map(|found| found.1);
    let like: Vec<f32> = (0..snapshot.models.len()).filter(is_like).filter_map(of).collect();
    (!like.is_empty()).then(|| like.iter().sum::<f32>() / like.len() as f32)
}

#[test]
fn a_name_of_2026_says_more_than_its_size() {
    let whole = published();
    let known = without(&whole, &TEN);
    assert_eq!(known.models.len() + TEN.len(), whole.models.len());
    let recommender = trained(known.clone());
    let (mut missed, mut missed_by_size, mut better) = (Vec::new(), Vec::new(), Vec::new());
    for name in TEN {
        let model = whole.models.iter().position(|model| model.id == name).unwrap();
        let truth = scores(&whole, model);
        let tasks = truth.iter().map(|&(task, _)| whole.tasks[task].id.clone()).collect();
        let request = Request { name: Some(name.to_owned()), tasks, ..Request::default() };
        let forecasts = recommender.predict(&request).unwrap().forecasts;
        let size = whole.models[model].facts().size().unwrap().value;
        let (mut of_name, mut of_size) = (0.0, 0.0);
        for ((task, score), forecast) in truth.iter().zip(&forecasts) {
            of_name += (forecast.mean - score).abs() / truth.len() as f32;
            of_size += (mean_of_size(&known, *task, size).unwrap() - score).abs() / truth.len() as f32;
        }
        missed.push(of_name);
        missed_by_size.push(of_size);
        better.push((of_name < of_size, name));
    }
    let mean = |errors: &[f32]| errors.iter().sum::<f32>() / errors.len() as f32;
    // A model smaller than all of its family, and those of families with few models, are missed by as much or more.
    assert!(better.iter().filter(|(better, _)| *better).count() >= 7, "{better:?} {missed:?} {missed_by_size:?}");
    assert!(mean(&missed) < 0.85 * mean(&missed_by_size), "{missed:?} {missed_by_size:?}");
}

#[test]
fn a_child_is_near_its_parent_and_asked_about_its_parents_benchmarks() {
    let recommender = trained(published());
    for parent in ["Qwen/Qwen3-8B", "tokyotech-llm/Qwen3-Swallow-8B-RL-v0.2"] {
        let request = Request { parents: vec![Parent::new(parent, Relation::Finetune)], ..Request::default() };
        let forecasts = recommender.predict(&request).unwrap().forecasts;
        assert_eq!(forecasts.len(), 8);
        for forecast in forecasts {
            let of_parent = forecast.parents[parent];
            assert!((forecast.mean - of_parent).abs() < 0.12, "{}: {} of {of_parent}", forecast.task, forecast.mean);
        }
    }
}

#[test]
fn a_small_model_on_a_benchmark_of_giants_is_remarked_and_may_be_far_worse() {
    let task = "swe_bench_pro_reported";
    let recommender = trained(published());
    let of = |params: f64| {
        let factors = [("params".to_owned(), Factor::Number(params))].into_iter().collect();
        let request = Request { factors, tasks: vec![task.to_owned()], ..Request::default() };
        recommender.predict(&request).unwrap().forecasts.remove(0)
    };
    let (small, large) = (of(0.5), of(600.0));
    assert!(small.remark.as_ref().is_some_and(|remark| remark.contains("the smallest has 284B")), "{:?}", small.remark);
    assert_eq!(large.remark, None);
    assert!(small.lower < large.lower && small.mean < large.mean - 0.03, "{small:?} {large:?}");
}

#[test]
fn the_first_models_of_the_project_are_all_there() {
    let (bundled, table) = (published(), std::fs::read("data/open-models.csv").unwrap());
    let files = [Source { name: "open-models.csv", bytes: &table, optional: false }];
    let first = import(&files, &Companions::default()).unwrap().snapshot;
    let mut rounded = 0;
    for model in 0..first.models.len() {
        let same = bundled.model(&first.models[model].id).unwrap();
        for task in 0..first.tasks.len() {
            let at = bundled.task(&first.tasks[task].id).unwrap();
            let of_first = first.get(ModelIndex(model as u32), TaskIndex(task as u32)).unwrap();
            let score = bundled.get(same, at).unwrap();
            assert!((score - of_first).abs() < 0.0101, "{} {score} {of_first}", first.models[model].id);
            rounded += usize::from(bundled.error(same, at).is_some_and(|error| error > 0.002));
            assert_eq!(bundled.tasks[at.0 as usize].metric.as_deref(), Some("raw accuracy"));
        }
    }
    // Another source has every digit of some.
    assert!(rounded > 600, "{rounded} scores count with their rounding");
}
