//! The contract of every method: finite numbers, the same for the same seed, without held-out results; refusals and
//! cancelling.

use super::{all_but, data, families, forecast, hide};
use eyas::error::ErrorKind;
use eyas::linalg::SparseMatrix;
use eyas::lineage::{Parent, Relation};
use eyas::methods::{
    BoxFuture, Method, Mf, MfConfig, Ncf, NcfConfig, NewModel, Observer, Progress, Silent, Target, VisibleCells,
};
use eyas::recommend::{Recommender, TrainOptions};
use eyas::snapshot::{ModelIndex, Results, Snapshot};
use std::ops::ControlFlow;

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
fn settings_that_make_no_sense_are_refused() {
    let snapshot = families();
    let visible = VisibleCells::new(&snapshot, None).unwrap();
    let data = data(&snapshot, &visible);
    let kind = |config: MfConfig| pollster::block_on(Mf::fit(&data, &config, &mut Silent)).err().map(|e| e.kind());
    assert_eq!(kind(MfConfig { dim: 0, ..MfConfig::default() }), Some(ErrorKind::Input));
    assert_eq!(kind(MfConfig { l2: f32::NAN, ..MfConfig::default() }), Some(ErrorKind::Input));
    let config = NcfConfig { batch: 0, ..NcfConfig::latent() };
    let refused = pollster::block_on(Ncf::fit(&data, &config, &mut Silent)).err();
    assert_eq!(refused.map(|error| error.kind()), Some(ErrorKind::Input));
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
fn cancelling_ends_a_training() {
    struct Stop;
    impl Observer for Stop {
        fn report<'a>(&'a mut self, _: &'a Progress) -> BoxFuture<'a, ControlFlow<()>> {
            Box::pin(std::future::ready(ControlFlow::Break(())))
        }
    }
    let at_once = "it is trained at once";
    for method in all_but(
        &[Method::Mean, Method::Size, Method::Popularity, Method::Knn, Method::Parents, Method::Kin, Method::Mla]
            .into_iter()
            .chain([Method::ScalingLaw, Method::NearestTasks, Method::Embedder])
            .map(|method| (method, at_once))
            .collect::<Vec<_>>(),
    ) {
        let options = TrainOptions { method, ..TrainOptions::default() };
        let stopped = pollster::block_on(Recommender::train(families(), &options, &mut Stop));
        assert_eq!(stopped.err().map(|error| error.kind()), Some(ErrorKind::Cancelled), "{}", method.name());
    }
}
