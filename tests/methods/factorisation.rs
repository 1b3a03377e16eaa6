//! Factorisations: low rank, gaps, penalties and solvers.

use super::{data, families, hide};
use eyas::linalg::{BitMatrix, SparseMatrix};
use eyas::lineage::Lineage;
use eyas::methods::{
    Fitted, LrmfConfig, LrmfTraining, Method, Mf, MfConfig, MfSolver, Silent, Target, TrainingData, VisibleCells,
};
use eyas::snapshot::{Model, ModelIndex, Range, Results, Snapshot, Task};

#[test]
fn penalties_stop_growing_against_the_sum_over_cells() {
    let paper = LrmfConfig::default();
    assert_eq!(LrmfConfig::for_cells(150_000), paper);
    let many = LrmfConfig::for_cells(1_500_000);
    for (now, was) in [(many.l2, paper.l2), (many.lineage, paper.lineage), (many.tasks, paper.tasks)] {
        assert!((10.0 * now / was - 1.0).abs() < 1e-5, "{many:?}");
    }
}

/// Scores of 60 models on 30 tasks by two abilities, and the cells to hide: `in_ten` of ten, spread over the table.
pub(super) fn low_rank(in_ten: usize) -> (Snapshot, BitMatrix) {
    let mut snapshot = families();
    let value = |model: u32, task: u32| {
        let (u, i) = (f64::from(model), f64::from(task));
        (50.0 + 18.0 * (u * 1.3).sin() * (i * 0.7).cos() + 18.0 * (u * 0.4).cos() * (i * 1.9).sin()) as f32
    };
    let names: Vec<String> = (0..60).map(|model| model.to_string()).collect();
    snapshot.models = names.iter().map(|id| Model { id: id.clone(), ..Model::default() }).collect();
    snapshot.lineage = Lineage::new(names, Vec::new()).0;
    snapshot.tasks = (0..30).map(|task| Task::score(format!("t{task}"), Some(Range::PERCENT))).collect();
    let all = (0..60u32).flat_map(|model| (0..30u32).map(move |task| (model, task)));
    let cells = all.clone().map(|(model, task)| (model, task, value(model, task))).collect();
    snapshot.results = Results::Scores(SparseMatrix::from_entries(60, 30, cells));
    let mut hidden = hide(&snapshot, &[]);
    all.map(|(model, task)| (model as usize, task as usize))
        .filter(|(model, task)| (model * 7 + task * 3) % 10 < in_ten)
        .for_each(|(model, task)| hidden.set(model, task, true));
    (snapshot, hidden)
}

/// Mean absolute error over the hidden cells, and the share of them in their intervals, if there are any.
fn missed(fitted: &dyn Fitted, snapshot: &Snapshot, data: &TrainingData<'_>, hidden: &BitMatrix) -> (f64, f64) {
    let Results::Scores(scores) = &snapshot.results else { return (f64::NAN, 0.0) };
    let (mut error, mut inside, mut count) = (0.0, 0.0, 0.0);
    for model in 0..snapshot.models.len() {
        let forecast = fitted.forecast(data, Target::Known(ModelIndex(model as u32))).unwrap();
        for (_, task, value) in scores.iter().filter(|&(m, t, _)| m as usize == model && hidden.get(model, t as usize))
        {
            let value = value / 100.0;
            error += f64::from((forecast.mean[task as usize] - value).abs());
            let holds = |&(low, high): &(f32, f32)| (low..=high).contains(&value);
            inside += f64::from(u8::from(forecast.intervals.get(task as usize).is_some_and(holds)));
            count += 1.0;
        }
    }
    (error / count, inside / count)
}

/// Each factorisation predicts held-out cells of a matrix of rank 2 far better than the tasks' means.
#[test]
fn every_factorisation_fills_a_matrix_of_low_rank() {
    let (snapshot, hidden) = low_rank(2);
    let visible = VisibleCells::new(&snapshot, Some(&hidden)).unwrap();
    let data = data(&snapshot, &visible);
    let small = MfConfig { dim: 2, l2: 0.01, ..MfConfig::default() };
    let adam = MfConfig { solver: MfSolver::Adam(0.02), limits: MfConfig::cpp().limits, ..small.clone() };
    let logistic = MfConfig { dim: 2, ..MfConfig::logistic() };
    let cpp = MfConfig { dim: 3, ..MfConfig::cpp() };
    let error = |fitted: &dyn Fitted| missed(fitted, &snapshot, &data, &hidden).0;
    for (name, config) in [("als", small), ("adam", adam), ("logistic", logistic), ("cpp", cpp)] {
        let fitted = pollster::block_on(Mf::fit(&data, &config, &mut Silent)).unwrap();
        let error = error(&fitted);
        assert!(error < 0.03, "{name}: {error}");
    }
    let chosen = pollster::block_on(Mf::choose(&data, &mut Silent)).unwrap();
    assert!(error(&chosen) < 0.03 && chosen.config().dim >= 2, "{} {:?}", error(&chosen), chosen.config());
    let means = pollster::block_on(Method::Mean.fit(&data, &mut Silent)).unwrap();
    assert!(error(means.as_ref()) > 0.08);
}

/// In a table with a third of the results unknown, the default method comes close to a factorisation of a matrix of
/// rank 2, and at least nine in ten hidden cells are in their intervals.
#[test]
fn the_default_method_uses_the_factorisation_in_a_table_with_gaps() {
    let (snapshot, hidden) = low_rank(3);
    let visible = VisibleCells::new(&snapshot, Some(&hidden)).unwrap();
    let data = data(&snapshot, &visible);
    let missed = |method: Method| {
        let fitted = pollster::block_on(method.fit(&data, &mut Silent)).unwrap();
        missed(fitted.as_ref(), &snapshot, &data, &hidden)
    };
    let ((eyas, inside), (mf, _), (mean, _)) = (missed(Method::Eyas), missed(Method::Mf), missed(Method::Mean));
    assert!(eyas < 1.5 * mf && eyas < 0.25 * mean, "{eyas} {mf} {mean}");
    assert!(inside >= 0.87, "{inside}");
}

/// The start ignores the graphs. If early stopping could choose it as an epoch, strong penalties would never improve on
/// it, and the training would end there.
#[test]
fn the_first_epoch_knows_the_penalties() {
    let snapshot = Snapshot::synthetic(150, 130, 5);
    let visible = VisibleCells::new(&snapshot, None).unwrap();
    let config = LrmfConfig { tasks: 1e-2, ..LrmfConfig::default() };
    let mut training = LrmfTraining::new(&data(&snapshot, &visible), &config);
    let (first, second) = (training.epoch(), training.epoch());
    assert!(first < 1.5 * second, "{first} {second}");
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
