//! Tasks where less is better: a table with such a task equals, mirrored, the table with 1 - x in its place.

use super::families;
use eyas::backtest::{Conditions, Trial, pair_rows, score};
use eyas::linalg::SparseMatrix;
use eyas::lineage::{Parent, Relation};
use eyas::methods::{Method, Silent};
use eyas::recommend::{
    Device, NextRequest, Prediction, RankRequest, RankedModel, Recommender, Request, RouteRequest, TrainOptions,
};
use eyas::snapshot::{Range, Results, Snapshot, Task};

/// Two tasks in steps of 1/64, `acc` and `err`, with gaps. If `less`, a lower value of `err` is better; otherwise the table
/// has 1 - x in its place.
fn table(less: bool, range: Option<Range>) -> Snapshot {
    let snapshot = families();
    let Results::Scores(scores) = &snapshot.results else { unreachable!() };
    let step = |value: f32| (0.64 * value).round() / 64.0;
    let cell = |(row, task, value): (u32, u32, f32)| match task {
        0 if row % 7 != 3 => Some((row, 0, step(value))),
        1 if row % 5 != 2 => Some((row, 1, if less { 1.0 - step(value) } else { step(value) })),
        // The lowest and highest score of an open-ended task give the range.
        1 => [(2, 0.0), (7, 1.0)]
            .into_iter()
            .find(|end| end.0 == row)
            .map(|(row, end)| (row, 1, if less { 1.0 - end } else { end })),
        _ => None,
    };
    let err = Task { lower_is_better: less, ..Task::score("err", range) };
    Snapshot {
        tasks: vec![Task::score("acc", Some(Range::FRACTION)), err],
        results: Results::Scores(SparseMatrix::from_entries(24, 2, scores.iter().filter_map(cell).collect())),
        ..snapshot
    }
}

fn trained(snapshot: Snapshot, method: Method) -> Recommender {
    let options = TrainOptions { method, device: Device::Cpu, seed: 3 };
    pollster::block_on(Recommender::train(snapshot, &options, &mut Silent)).unwrap()
}

fn near(one: f32, other: f32, what: &str) {
    assert!((one - other).abs() < 1e-5, "{what}: {one} and {other}");
}

/// Equal values on `acc`, mirrored ones on `err`.
fn mirrored(one: &Prediction, other: &Prediction, what: &str) {
    for (at, (less, more)) in one.forecasts.iter().zip(&other.forecasts).enumerate() {
        let turn = |value: f32| if at == 1 { 1.0 - value } else { value };
        near(less.mean, turn(more.mean), what);
        let ends =
            more.lower.zip(more.upper).map(|(low, high)| if at == 1 { (turn(high), turn(low)) } else { (low, high) });
        assert_eq!(less.lower.is_some(), ends.is_some(), "{what}");
        if let (Some(low), Some(high), Some(ends)) = (less.lower, less.upper, ends) {
            near(low, ends.0, what);
            near(high, ends.1, what);
        }
        assert_eq!((less.rank, less.known), (more.rank, more.known), "{what}");
        assert_eq!((less.rank_lower, less.rank_upper), (more.rank_lower, more.rank_upper), "{what}");
        assert_eq!((less.lower_is_better, more.lower_is_better), (at == 1, false));
        for (id, score) in &less.parents {
            near(*score, turn(more.parents[id]), what);
        }
        assert_eq!(less.parents.len(), more.parents.len());
        for (id, chance) in &less.beats {
            assert_eq!(chance.is_some(), more.beats[id].is_some());
            near(chance.unwrap_or(0.0), more.beats[id].unwrap_or(0.0), what);
        }
        assert_eq!(less.unseen.is_some(), more.unseen.is_some());
        if let Some((less, more)) = less.unseen.zip(more.unseen) {
            near(less.mean, turn(more.mean), what);
            assert!(less.lower.is_none_or(|lower| lower <= less.mean), "{what}");
        }
    }
}

#[test]
fn forecasts_and_ranks_of_every_method_are_mirrored() {
    for range in [Some(Range::FRACTION), None] {
        for method in Method::ALL {
            let what = method.name();
            let [less, more] = [true, false].map(|less| (less, trained(table(less, range), method)));
            let asked = |err: f32, (less, recommender): &(bool, Recommender)| {
                let scores = vec![("err".to_owned(), if *less { 1.0 - err } else { err })];
                let parents = vec![Parent::new("high/0", Relation::Finetune)];
                let request = Request { name: Some("new/one".to_owned()), parents, scores, ..Request::default() };
                let mut prediction = recommender.predict(&request).unwrap();
                recommender.compare(&mut prediction, &["low/1".to_owned(), "high/2".to_owned()]).unwrap();
                prediction
            };
            mirrored(&asked(0.75, &less), &asked(0.75, &more), what);
            for id in ["low/3", "middle/4", "high/2"] {
                let of = |recommender: &Recommender| {
                    let request = Request { id: Some(id.to_owned()), ..Request::default() };
                    let mut prediction = recommender.predict(&request).unwrap();
                    pollster::block_on(recommender.add_unseen(&mut prediction, &mut Silent)).unwrap();
                    prediction
                };
                mirrored(&of(&less.1), &of(&more.1), what);
            }
            let rank = |recommender: &Recommender| {
                recommender.rank(&RankRequest { task: "err".to_owned(), ..RankRequest::default() }).unwrap()
            };
            let (less, more) = (rank(&less.1), rank(&more.1));
            assert!(less.lower_is_better && !more.lower_is_better);
            let order = |model: &RankedModel| (model.id.clone(), model.rank, model.rank_lower, model.tied_with_above);
            let orders = [&less, &more].map(|ranking| ranking.models.iter().map(order).collect::<Vec<_>>());
            assert_eq!(orders[0], orders[1], "{what}");
            less.models.iter().zip(&more.models).for_each(|(less, more)| near(less.score, 1.0 - more.score, what));
        }
    }
}

#[test]
fn explanations_routes_and_plans_are_mirrored() {
    let [less, more] = [true, false].map(|less| trained(table(less, Some(Range::FRACTION)), Method::Eyas));
    let parents = vec![Parent::new("high/0", Relation::Finetune)];
    let request = |err: f32| Request {
        name: Some("new/one".to_owned()),
        parents: parents.clone(),
        scores: vec![("err".to_owned(), err)],
        ..Request::default()
    };
    let (one, other) = (less.explain(&request(0.25)).unwrap(), more.explain(&request(0.75)).unwrap());
    for (at, (one, other)) in one.tasks.iter().zip(&other.tasks).enumerate() {
        let sign = if at == 1 { -1.0 } else { 1.0 };
        near(one.base as f32, if at == 1 { 1.0 - other.base as f32 } else { other.base as f32 }, "base");
        let value = |task: &eyas::recommend::TaskExplanation, what: &str| {
            task.contributions.iter().find(|piece| piece.what == what).map(|piece| piece.value as f32).unwrap()
        };
        for piece in &one.contributions {
            near(piece.value as f32, sign * value(other, &piece.what), &piece.what);
            if piece.what == "err" {
                assert_eq!(piece.said.as_deref(), Some("0.250"), "as it was given");
            }
        }
    }
    let route = RouteRequest { tasks: vec!["err".to_owned(), "acc".to_owned()], top: None };
    let (one, other) = (less.route(&route).unwrap(), more.route(&route).unwrap());
    near(one.expected as f32, other.expected as f32, "expected");
    assert_eq!(
        one.routes.iter().map(|route| &route.model).collect::<Vec<_>>(),
        other.routes.iter().map(|route| &route.model).collect::<Vec<_>>()
    );
    near(one.routes[0].predicted, 1.0 - other.routes[0].predicted, "route");
    let model =
        |err: f32| NextRequest { model: Request { scores: Vec::new(), ..request(err) }, costs: Vec::new(), count: 2 };
    assert_eq!(less.next(&model(0.25)).unwrap(), more.next(&model(0.75)).unwrap());
}

#[test]
fn rows_of_a_backtest_are_mirrored_and_their_metrics_equal() {
    let snapshots = [true, false].map(|less| table(less, Some(Range::FRACTION)));
    for method in [Method::Eyas, Method::Knn] {
        let run = |snapshot: &Snapshot| {
            let trial = Trial::new(snapshot, &Conditions::of("models:8".parse().unwrap()), 0).unwrap();
            let rows = pollster::block_on(trial.run(method, &mut Silent)).unwrap();
            let (scores, pairs) = (score(snapshot, trial.held(), &rows), pair_rows(snapshot, &rows, 0));
            (rows, scores, pairs)
        };
        let [less, more] = snapshots.each_ref().map(run);
        for (less, more) in less.0.iter().zip(&more.0) {
            let turn = |value: f32| if less.task == less_task() { 1.0 - value } else { value };
            near(less.truth, turn(more.truth), "truth");
            near(less.predicted, turn(more.predicted), "predicted");
            assert!(less.interval.is_none_or(|(low, high)| low <= high));
            assert_eq!(less.ranks, more.ranks);
        }
        let figures = |seed: &eyas::backtest::SeedScores| {
            let metrics = seed.metrics;
            [
                metrics.pearson,
                metrics.weighted_tau,
                metrics.mae,
                metrics.interval_score,
                metrics.mae_at_2,
                metrics.coverage,
            ]
        };
        for (less, more) in figures(&less.1).into_iter().zip(figures(&more.1)) {
            assert_eq!(less.is_some(), more.is_some());
            near(less.unwrap_or(0.0) as f32, more.unwrap_or(0.0) as f32, method.name());
        }
        assert_eq!(less.2.len(), more.2.len());
        for (less, more) in less.2.iter().zip(&more.2) {
            near(less.frequency as f32, more.frequency as f32, "pairs");
        }
    }
}

fn less_task() -> eyas::backtest::TaskRef {
    eyas::backtest::TaskRef::Task(eyas::snapshot::TaskIndex(1))
}
