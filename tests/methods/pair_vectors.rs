//! Vectors of pairs of a model and a task, for the methods that use them.

use super::data;
use eyas::linalg::{BitMatrix, SparseMatrix};
use eyas::lineage::Lineage;
use eyas::methods::{Method, Silent, Target, VisibleCells};
use eyas::metrics::{RankBy, mean, weighted_tau};
use eyas::snapshot::{
    DataSource, Details, Model, ModelIndex, PairVectors, Range, Results, Snapshot, Task, read_compact, read_json,
    write_compact, write_json,
};

const MODELS: u32 = 40;
const TASKS: u32 = 12;

/// What only the pair tells: nothing of a model or of a task by itself does.
fn planted(model: u32, task: u32) -> f32 {
    (1.0 + 12.9 * model as f32 + 78.2 * task as f32 + 3.1 * (model * task) as f32).sin()
}

/// Scores of models that are much alike but for the planted part; with its vectors, or with vectors of noise.
fn snapshot(vector: impl Fn(u32, u32) -> Vec<f32>) -> Snapshot {
    let models: Vec<Model> = (0..MODELS).map(|at| Model { id: format!("lab/m{at}"), ..Model::default() }).collect();
    let task = |at: u32| Task {
        pair_vectors: (0..MODELS).map(|model| (format!("lab/m{model}"), vector(model, at))).collect::<PairVectors>(),
        ..Task::score(format!("task {at}"), Some(Range::FRACTION))
    };
    let value = |model: u32, task: u32| 0.5 + 0.02 * (model as f32).cos() + 0.2 * planted(model, task);
    let cells =
        (0..MODELS).flat_map(|model| (0..TASKS).map(move |task| (model, task))).map(|(m, t)| (m, t, value(m, t)));
    Snapshot {
        sources: vec![DataSource::new("made up", "none needed")],
        details: Details::default(),
        lineage: Lineage::new(models.iter().map(|model| model.id.clone()), Vec::new()).0,
        models,
        tasks: (0..TASKS).map(task).collect(),
        results: Results::Scores(SparseMatrix::from_entries(MODELS as usize, TASKS as usize, cells.collect())),
    }
}

/// The mean weighted τ of the held-out cells.
fn tau(snapshot: &Snapshot, method: Method) -> f64 {
    let mut hidden = BitMatrix::zeros(MODELS as usize, TASKS as usize);
    let held = |task: u32| (0..MODELS).filter(move |model| (model * 7 + task * 3).is_multiple_of(4));
    for task in 0..TASKS {
        held(task).for_each(|model| hidden.set(model as usize, task as usize, true));
    }
    let Results::Scores(scores) = &snapshot.results else { unreachable!() };
    let visible = VisibleCells::new(snapshot, Some(&hidden)).unwrap();
    let data = data(snapshot, &visible);
    let fitted = pollster::block_on(method.fit(&data, &mut Silent)).unwrap();
    let of = |model: u32| fitted.forecast(&data, Target::Known(ModelIndex(model))).unwrap().mean;
    let forecasts: Vec<Vec<f32>> = (0..MODELS).map(of).collect();
    let of = |task: u32| {
        let truth: Vec<f64> =
            held(task).filter_map(|model| scores.get(model as usize, task as usize)).map(f64::from).collect();
        let predicted: Vec<f64> = held(task).map(|model| f64::from(forecasts[model as usize][task as usize])).collect();
        weighted_tau(&truth, &predicted, RankBy::Both).unwrap()
    };
    mean(&(0..TASKS).map(of).collect::<Vec<f64>>()).unwrap()
}

#[test]
fn vectors_with_a_signal_raise_the_rankers_order_and_others_do_not() {
    let signal =
        snapshot(|model, task| vec![planted(model, task) + 0.2 * (model as f32 * 5.3 + task as f32).sin(), 1.0]);
    let noise = snapshot(|model, task| vec![(model as f32 * 5.3 + 31.7 * task as f32).sin(), 1.0]);
    let [with, without] = [&signal, &noise].map(|snapshot| tau(snapshot, Method::Ranker));
    assert!(with > 0.7 && without < 0.4, "{with} {without}");
}

#[test]
fn vectors_are_kept_in_files_and_wrong_ones_are_refused() {
    let snapshot = snapshot(|model, task| vec![planted(model, task)]);
    let json = write_json(&snapshot).unwrap();
    let (read, warnings) = read_json(&json).unwrap();
    assert!(warnings.is_empty());
    assert_eq!(read.tasks, snapshot.tasks);
    assert_eq!(read_compact(&write_compact(&snapshot)).unwrap().tasks, snapshot.tasks);
    let text = String::from_utf8(json).unwrap();
    let longer = text.replacen("\"lab/m0\":[", "\"lab/m0\":[1,", 1);
    let other = text.replacen("\"lab/m1\":[", "\"who/knows\":[", 1);
    for (text, expected) in [
        (longer, "tasks[0].pair_vectors[\"lab/m1\"] has 1 numbers, the first one 2"),
        (other, "tasks[0].pair_vectors[\"who/knows\"] is of a model that the snapshot lacks"),
    ] {
        let error = read_json(text.as_bytes()).err().unwrap().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
