//! Sections 6 and 7 of the Law School Admission Test, 1,000 persons on 5 items each (Bock & Lieberman 1970). Golden values:
//! the parameters are those that the R package mirt documents for LSAT7 (2PL) and that it and ltm give for LSAT6 (one
//! slope); standard errors and abilities come from scipy 1.17.1 (the marginal likelihood on 81 Gauss-Hermite nodes, its
//! numerical Hessian).

use super::*;
use crate::linalg::BitMatrix;
use crate::lineage::Lineage;
use crate::methods::data::{NewModel, VisibleCells};
use crate::methods::training::optimise::{Silent, TrainingLimits};
use crate::snapshot::{DataSource, Details, Model, ModelIndex, Outcomes, Results, Snapshot, Task};

/// Persons by pattern, from 00000 to 11111, the first item first.
const SECTION_6: [usize; 32] = [
    3, 6, 2, 11, 1, 1, 3, 4, 1, 8, 0, 16, 0, 3, 2, 15, 10, 29, 14, 81, 3, 28, 15, 80, 16, 56, 21, 173, 11, 61, 28, 298,
];
const SECTION_7: [usize; 32] = [
    12, 19, 1, 7, 3, 19, 3, 17, 10, 5, 3, 7, 7, 23, 8, 28, 7, 39, 11, 34, 14, 51, 15, 90, 6, 25, 7, 35, 18, 136, 32,
    308,
];

fn solved(pattern: usize, item: usize) -> bool {
    pattern >> (4 - item) & 1 == 1
}

fn section(counts: &[usize; 32]) -> Snapshot {
    let persons: Vec<usize> = (0..32).flat_map(|pattern| vec![pattern; counts[pattern]]).collect();
    let (mut observed, mut right) = (BitMatrix::zeros(persons.len(), 5), BitMatrix::zeros(persons.len(), 5));
    for (row, &pattern) in persons.iter().enumerate() {
        for item in 0..5 {
            observed.set(row, item, true);
            right.set(row, item, solved(pattern, item));
        }
    }
    let names: Vec<String> = (0..persons.len()).map(|person| person.to_string()).collect();
    Snapshot {
        sources: vec![DataSource::new("Bock & Lieberman 1970", "published counts")],
        details: Details::default(),
        models: names.iter().map(|id| Model { id: id.clone(), ..Model::default() }).collect(),
        tasks: (1..=5).map(|item| Task::outcome("lsat", &item.to_string())).collect(),
        lineage: Lineage::new(names, Vec::new()).0,
        results: Results::Outcomes(Outcomes { observed, solved: right }),
    }
}

fn fit<T>(snapshot: &Snapshot, shared_slope: bool, prior: f64, then: impl FnOnce(&Irt, &TrainingData<'_>) -> T) -> T {
    let visible = VisibleCells::new(snapshot, None).unwrap();
    let Snapshot { models, tasks, lineage, .. } = snapshot;
    let data = TrainingData { models, tasks, lineage, cells: &visible.cells, seed: 0 };
    let limits = TrainingLimits { max_epochs: 1000, patience: 5 };
    let config = IrtConfig { shared_slope, prior, tolerance: 1e-5, limits, ..IrtConfig::default() };
    then(&pollster::block_on(Irt::fit(&data, &config, &mut Silent)).unwrap(), &data)
}

#[test]
fn the_tables_are_the_published_ones() {
    let right = |counts: &[usize; 32]| {
        [0, 1, 2, 3, 4].map(|item| (0..32).filter(|&p| solved(p, item)).map(|p| counts[p]).sum::<usize>())
    };
    assert_eq!(SECTION_6.iter().sum::<usize>(), 1000);
    assert_eq!(SECTION_7.iter().sum::<usize>(), 1000);
    assert_eq!(right(&SECTION_6), [924, 709, 553, 763, 870]);
    assert_eq!(right(&SECTION_7), [828, 658, 772, 606, 843]);
}

fn assert_items(irt: &Irt, golden: [(f32, f32); 5], errors: [(f32, f32); 5]) {
    for ((item, golden), error) in irt.items().iter().zip(golden).zip(errors) {
        assert!((item.slope.value - golden.0).abs() < 0.01, "{item:?} {golden:?}");
        assert!((item.intercept.value - golden.1).abs() < 0.01, "{item:?} {golden:?}");
        assert!((item.slope.error / error.0 - 1.0).abs() < 0.02, "{item:?} {error:?}");
        assert!((item.intercept.error / error.1 - 1.0).abs() < 0.02, "{item:?} {error:?}");
    }
}

fn assert_abilities(irt: &Irt, golden: [(usize, f32, f32); 2]) {
    for (person, ability, error) in golden {
        let found = irt.abilities()[person];
        assert!((found.value - ability).abs() < 0.01 && (found.error - error).abs() < 0.01, "{found:?}");
    }
}

#[test]
fn two_parameters_on_section_7_agree_with_mirt() {
    fit(&section(&SECTION_7), false, 0.0, |irt, _| {
        let golden = [(0.988, 1.8561), (1.081, 0.808), (1.706, 1.8043), (0.7651, 0.486), (0.7358, 1.8545)];
        let errors = [(0.1772, 0.1315), (0.1688, 0.0912), (0.3211, 0.2048), (0.1341, 0.0749), (0.1511, 0.1144)];
        assert_items(irt, golden, errors);
        assert_abilities(irt, [(0, -1.8698, 0.6927), (999, 0.7272, 0.8009)]);
    });
}

#[test]
fn one_slope_on_section_6_agrees_with_mirt() {
    fit(&section(&SECTION_6), true, 0.0, |irt, _| {
        let golden = [2.73, 0.9986, 0.2399, 1.3065, 2.0994].map(|d| (0.7551, d));
        let errors = [0.1304, 0.0792, 0.0718, 0.0846, 0.1054].map(|error| (0.0694, error));
        assert_items(irt, golden, errors);
        assert_abilities(irt, [(0, -1.9101, 0.7973), (999, 0.6322, 0.864)]);
    });
}

#[test]
fn a_new_model_is_forecast_as_one_with_the_same_answers_and_without_any_as_the_population() {
    fit(&section(&SECTION_7), false, 1.0, |irt, data| {
        let answers = NewModel { scores: (0..5).map(|task| (task, 0.0)).collect(), ..NewModel::default() };
        let new = irt.forecast(data, Target::New(&answers)).unwrap().mean;
        let known = irt.forecast(data, Target::Known(ModelIndex(0))).unwrap().mean;
        assert!(new.iter().zip(&known).all(|(new, known)| (new - known).abs() < 5e-3), "{new:?} {known:?}");
        let anyone = irt.forecast(data, Target::New(&NewModel::default())).unwrap().mean;
        for (mean, share) in anyone.iter().zip([0.828, 0.658, 0.772, 0.606, 0.843]) {
            assert!((mean - share).abs() < 0.01, "{mean} {share}");
        }
    });
}

#[test]
fn an_item_that_all_solve_and_one_without_answers_have_finite_parameters() {
    let mut snapshot = section(&SECTION_7);
    let Results::Outcomes(outcomes) = &mut snapshot.results else { unreachable!() };
    for row in 0..1000 {
        outcomes.solved.set(row, 0, true);
        outcomes.observed.set(row, 1, row == 500);
        outcomes.solved.set(row, 1, row == 500);
        outcomes.observed.set(row, 2, false);
        outcomes.solved.set(row, 2, false);
    }
    for prior in [0.0, 1.0] {
        for shared in [false, true] {
            fit(&snapshot, shared, prior, |irt, data| {
                assert!(irt.tensors().iter().all(|tensor| tensor.values.iter().all(|value| value.is_finite())));
                let mean = irt.forecast(data, Target::Known(ModelIndex(3))).unwrap().mean;
                assert!(mean.iter().all(|mean| (0.0..=1.0).contains(mean)), "{mean:?}");
                assert!(mean[0] > 0.98);
            });
        }
    }
}
