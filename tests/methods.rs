//! One suite over every method: the same contract, known answers.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use eyas::error::ErrorKind;
use eyas::linalg::{BitMatrix, SparseMatrix};
use eyas::lineage::{Lineage, NamedEdge, Parent, Relation};
use eyas::methods::{
    BoxFuture, Lrmf, LrmfConfig, LrmfTraining, Method, NewModel, Observer, Progress, Silent, Target, TrainingData,
    VisibleCells,
};
use eyas::recommend::{Recommender, Request, TrainOptions};
use eyas::snapshot::{Model, ModelIndex, Range, Results, Snapshot, Task};
use std::ops::ControlFlow;

/// Three families of a base and seven fine-tunes each, on four benchmarks; a family's scores lie close together.
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
        source: "made up".into(),
        license: "none needed".into(),
        models: names.into_iter().map(|id| Model { id, ..Model::default() }).collect(),
        tasks: ["a", "b", "c", "d"].map(|id| Task::score(id, Some(Range::PERCENT))).into(),
        lineage,
        results: Results::Scores(SparseMatrix::from_entries(24, 4, cells)),
    }
}

fn data<'a>(snapshot: &'a Snapshot, visible: &'a VisibleCells) -> TrainingData<'a> {
    TrainingData {
        models: &snapshot.models,
        tasks: &snapshot.tasks,
        lineage: &snapshot.lineage,
        cells: &visible.cells,
        seed: 3,
    }
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

#[test]
fn every_method_gives_numbers_and_the_same_ones_for_the_same_seed() {
    for snapshot in [families(), Snapshot::synthetic(60, 70, 2)] {
        let hidden = hide(&snapshot, &[3, 12]);
        for method in Method::ALL {
            let target = Target::Known(ModelIndex(12));
            let first = forecast(&snapshot, &hidden, method, target);
            assert_eq!(first.len(), snapshot.tasks.len());
            assert!(first.iter().all(|mean| (0.0..=1.0).contains(mean)), "{}: {first:?}", method.name());
            assert_eq!(first, forecast(&snapshot, &hidden, method, target), "{}", method.name());
        }
    }
}

#[test]
fn no_method_sees_what_is_held_out() {
    let snapshot = families();
    let hidden = hide(&snapshot, &[5, 20]);
    let mut changed = snapshot.clone();
    let Results::Scores(scores) = &snapshot.results else { unreachable!() };
    let cells =
        scores.iter().map(|(row, task, value)| (row, task, if row == 5 || row == 20 { 100.0 - value } else { value }));
    changed.results = Results::Scores(SparseMatrix::from_entries(24, 4, cells.collect()));
    for method in Method::ALL {
        let target = Target::Known(ModelIndex(5));
        let (one, other) = (forecast(&snapshot, &hidden, method, target), forecast(&changed, &hidden, method, target));
        assert_eq!(one, other, "{}", method.name());
    }
}

#[test]
fn every_method_that_knows_lineage_puts_a_model_into_its_family() {
    let snapshot = families();
    let hidden = hide(&snapshot, &[5, 13, 21]);
    for method in [Method::Parents, Method::Kin, Method::Mla, Method::Lrmf] {
        for (model, level) in [(5, 0.21), (13, 0.51), (21, 0.81)] {
            let mean = forecast(&snapshot, &hidden, method, Target::Known(ModelIndex(model)));
            assert!((mean[0] - level).abs() < 0.06, "{} put model {model} at {}", method.name(), mean[0]);
        }
    }
}

#[test]
fn a_new_model_is_where_its_parent_is_and_a_known_score_moves_it() {
    let snapshot = families();
    let none = hide(&snapshot, &[]);
    let new = NewModel { parents: vec![Parent::new("high/0", Relation::Finetune)], ..NewModel::default() };
    for method in [Method::Parents, Method::Kin, Method::Mla, Method::Lrmf] {
        let mean = forecast(&snapshot, &none, method, Target::New(&new));
        assert!((mean[1] - 0.81).abs() < 0.04, "{}: {}", method.name(), mean[1]);
    }
    let with_score = NewModel { scores: vec![(0, 0.4)], ..new.clone() };
    let [without, with] = [&new, &with_score].map(|new| forecast(&snapshot, &none, Method::Lrmf, Target::New(new))[1]);
    assert!(with < without - 0.01, "{without} {with}");
}

#[test]
fn an_unknown_parent_gives_the_population_and_no_error() {
    let snapshot = families();
    let new = NewModel { parents: vec![Parent::new("no/where", Relation::Merge)], ..NewModel::default() };
    for method in Method::ALL {
        let mean = forecast(&snapshot, &hide(&snapshot, &[]), method, Target::New(&new));
        assert!((mean[0] - 0.5).abs() < 0.1, "{}: {}", method.name(), mean[0]);
    }
}

#[test]
fn a_saved_model_says_what_the_trained_one_said() {
    for snapshot in [families(), Snapshot::synthetic(40, 30, 4)] {
        let parent = snapshot.models[1].id.clone();
        let request = Request { parents: vec![Parent::new(parent, Relation::Finetune)], ..Request::default() };
        for method in Method::ALL {
            let options = TrainOptions { method, ..TrainOptions::default() };
            let trained = pollster::block_on(Recommender::train(snapshot.clone(), &options, &mut Silent)).unwrap();
            let bytes = trained.save().unwrap();
            let loaded = Recommender::load(&bytes).unwrap();
            assert_eq!(trained.predict(&request).unwrap(), loaded.predict(&request).unwrap(), "{}", method.name());
            for cut in [0, 3, 10, bytes.len() / 2] {
                let error = Recommender::load(&bytes[..cut]).err().unwrap();
                assert_eq!(error.kind(), ErrorKind::Input, "{error}");
            }
        }
    }
}

#[test]
fn cancelling_ends_a_training() {
    struct Stop;
    impl Observer for Stop {
        fn report<'a>(&'a mut self, _: &'a Progress) -> BoxFuture<'a, ControlFlow<()>> {
            Box::pin(std::future::ready(ControlFlow::Break(())))
        }
    }
    let options = TrainOptions::default();
    let stopped = pollster::block_on(Recommender::train(families(), &options, &mut Stop));
    assert_eq!(stopped.err().map(|error| error.kind()), Some(ErrorKind::Cancelled));
}

#[test]
fn the_vectors_of_a_family_lie_together() {
    let snapshot = families();
    let visible = VisibleCells::new(&snapshot, None).unwrap();
    let (data, config) = (data(&snapshot, &visible), LrmfConfig::default());
    let fitted = pollster::block_on(Lrmf::fit(&data, &config, &mut Silent)).unwrap();
    let (models, tasks) = (fitted.model_vectors(), fitted.task_vectors());
    assert_eq!((models.dim(), tasks.dim()), ((24, 16), (4, 16)));
    let logits = models.dot(&tasks.t());
    let apart = |a: usize, b: usize| (&logits.row(a) - &logits.row(b)).mapv(f32::abs).sum();
    assert!(apart(1, 2) < apart(1, 17), "{} {}", apart(1, 2), apart(1, 17));
}

/// The objective of the default solver after 60 epochs against Adam's after 2,000.
#[test]
fn majorisation_goes_at_least_as_low_as_adam() {
    let snapshots = [
        ("scores", families(), None),
        ("outcomes", Snapshot::synthetic(150, 130, 5), Some(hide(&Snapshot::synthetic(150, 130, 5), &[4, 80]))),
    ];
    for (name, snapshot, hidden) in snapshots {
        let visible = VisibleCells::new(&snapshot, hidden.as_ref()).unwrap();
        for biases in [true, false] {
            let run = |config: LrmfConfig, epochs: usize| {
                let mut training =
                    LrmfTraining::new(&data(&snapshot, &visible), &LrmfConfig { dim: 4, biases, ..config });
                for _ in 0..epochs {
                    training.epoch();
                }
                training.objective()
            };
            let (fast, slow) = (run(LrmfConfig::default(), 60), run(LrmfConfig::adam(), 2000));
            assert!(fast <= slow * 1.001, "{name}, biases {biases}: {fast} against {slow}");
        }
    }
}
