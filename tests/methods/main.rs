//! One conformance suite for all methods: the same contract, known answers.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod accuracy;
mod behaviour;
mod contract;
mod direction;
mod factorisation;
mod factors;
mod known_scores;
mod lineage;
mod new_models;
mod pair_vectors;
mod saved;
mod uses;

use eyas::linalg::{BitMatrix, SparseMatrix};
use eyas::lineage::{Lineage, NamedEdge, Parent, Relation};
use eyas::methods::{Method, Silent, Target, TrainingData, VisibleCells};
use eyas::snapshot::{DataSource, Details, Factor, Model, Range, Results, Snapshot, Task};

/// All methods except these, each with the reason for its exception.
fn all_but(left_out: &[(Method, &str)]) -> Vec<Method> {
    let is_left_out = |method: &Method| left_out.iter().any(|(other, _)| other == method);
    Method::ALL.into_iter().filter(|method| !is_left_out(method)).collect()
}

/// Three families of a base and seven fine-tunes each, on four benchmarks; the scores of a family are close together.
fn families() -> Snapshot {
    let mut names = Vec::new();
    let mut edges = Vec::new();
    let mut cells = Vec::new();
    for (family, level) in [("low", 20.0f32), ("middle", 50.0), ("high", 80.0)] {
        for child in 0..8u32 {
            let row = names.len() as u32;
            names.push(format!("{family}/{child}"));
            if child > 0 {
                let parent = Parent::new(format!("{family}/0"), Relation::Finetune);
                edges.push(NamedEdge { child: format!("{family}/{child}"), parent });
            }
            for task in 0..4u32 {
                cells.push((row, task, level + task as f32 + (child as f32 * 1.7 + task as f32).sin()));
            }
        }
    }
    let (lineage, warnings) = Lineage::new(names.clone(), edges);
    assert!(warnings.is_empty());
    Snapshot {
        sources: vec![DataSource::new("made up", "none needed")],
        details: Details::default(),
        models: names.into_iter().map(|id| Model { id, ..Model::default() }).collect(),
        tasks: ["a", "b", "c", "d"].map(|id| Task::score(id, Some(Range::PERCENT))).into(),
        lineage,
        results: Results::Scores(SparseMatrix::from_entries(24, 4, cells)),
    }
}

/// Models of 1 to 9 billion parameters on tasks in percent, with these known cells.
fn sized_models(names: &[String], lineage: Lineage, tasks: u32, cells: Vec<(u32, u32, f32)>) -> Snapshot {
    let model = |(at, id): (usize, &String)| Model {
        id: id.clone(),
        factors: [("params".to_owned(), Factor::Number((1 + at % 9) as f64))].into(),
        ..Model::default()
    };
    Snapshot {
        sources: vec![DataSource::new("made up", "none needed")],
        details: Details::default(),
        models: names.iter().enumerate().map(model).collect(),
        tasks: (0..tasks).map(|task| Task::score(format!("t{task}"), Some(Range::PERCENT))).collect(),
        lineage,
        results: Results::Scores(SparseMatrix::from_entries(names.len(), tasks as usize, cells)),
    }
}

fn data<'a>(snapshot: &'a Snapshot, visible: &'a VisibleCells) -> TrainingData<'a> {
    TrainingData::new(snapshot, visible, 3)
}

/// Hides whole models.
fn hide(snapshot: &Snapshot, models: &[usize]) -> BitMatrix {
    let mut hidden = BitMatrix::zeros(snapshot.models.len(), snapshot.tasks.len());
    for &model in models {
        (0..snapshot.tasks.len()).for_each(|task| hidden.set(model, task, true));
    }
    hidden
}

fn forecast(snapshot: &Snapshot, hidden: &BitMatrix, method: Method, target: Target<'_>) -> Vec<f32> {
    let visible = VisibleCells::new(snapshot, Some(hidden)).unwrap();
    let data = data(snapshot, &visible);
    let fitted = pollster::block_on(method.fit(&data, &mut Silent)).unwrap();
    fitted.forecast(&data, target).unwrap().mean
}
