//! Explanations by every method: contributions sum to the forecast, and facts with large contributions move the
//! forecast.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use eyas::formats::{Companions, Source, import};
use eyas::lineage::{Parent, Relation};
use eyas::methods::{Method, NewModel, Silent};
use eyas::recommend::{Contribution, Explanation, Kind, RankRequest, Recommender, Request, TrainOptions};
use eyas::snapshot::Snapshot;

/// The 117 open models of the page's snapshot.
fn open_models() -> Snapshot {
    let bytes = std::fs::read("tests/fixtures/open-models/snapshot.json").unwrap();
    import(&[Source { name: "snapshot.json", bytes: &bytes, optional: false }], &Companions::default())
        .unwrap()
        .snapshot
}

fn trained(snapshot: Snapshot, method: Method) -> Recommender {
    let options = TrainOptions { method, ..TrainOptions::default() };
    pollster::block_on(Recommender::train(snapshot, &options, &mut Silent)).unwrap()
}

/// A request for a new model with the facts of a model of the snapshot.
fn request_for(snapshot: &Snapshot, model: u32) -> Request {
    let NewModel { name, parents, factors, date, .. } = NewModel::of(&snapshot.models, &snapshot.lineage, model);
    let name = name.map(|name| format!("{name}-again"));
    Request { name, parents, factors, date, ..Request::default() }
}

fn sums(explanation: &Explanation) {
    for task in &explanation.tasks {
        let moved: f64 = task.contributions.iter().map(|contribution| contribution.value).sum();
        assert!((task.base + moved + task.rest - task.mean).abs() < 1e-6, "{}: {task:?}", explanation.method);
        let total: f64 = task.contributions.iter().map(|contribution| contribution.value.abs()).sum();
        assert!(task.rest.abs() <= 0.1 * total + 1e-6, "{}: {task:?}", explanation.method);
        let sizes: Vec<f64> = task.contributions.iter().map(|contribution| contribution.value.abs()).collect();
        assert!(sizes.is_sorted_by(|a, b| a >= b), "the greatest comes first: {sizes:?}");
    }
}

#[test]
fn every_methods_explanation_sums_to_its_forecast() {
    for snapshot in [open_models(), Snapshot::synthetic(40, 30, 4)] {
        let mut request = request_for(&snapshot, 30);
        request.parents = [3, 5].map(|at| Parent::new(snapshot.models[at].id.clone(), Relation::Merge)).into();
        request.scores = vec![(snapshot.tasks[1].id.clone(), 1.0), (snapshot.tasks[2].id.clone(), 0.0)];
        for method in Method::ALL {
            let recommender = trained(snapshot.clone(), method);
            let explanation = recommender.explain(&request).unwrap();
            sums(&explanation);
            let forecasts = recommender.predict(&request).unwrap().forecasts;
            assert_eq!((explanation.method, explanation.tasks.len()), (method.name(), forecasts.len()));
            for (task, forecast) in explanation.tasks.iter().zip(&forecasts) {
                assert_eq!((&task.task, task.mean as f32), (&forecast.task, forecast.mean), "{}", method.name());
            }
            let nothing = recommender.predict(&Request::default()).unwrap().forecasts;
            assert!(explanation.tasks.iter().zip(&nothing).all(|(task, forecast)| task.base as f32 == forecast.mean));
            assert_eq!(explanation, recommender.explain(&request).unwrap(), "the same question, the same answer");
        }
    }
}

#[test]
fn each_kind_of_fact_is_distinguished_and_named() {
    let snapshot = open_models();
    let grandchild = (0..117).find(|&model| {
        snapshot.lineage.parents(model).any(|edge| snapshot.lineage.parents(edge.parent).next().is_some())
    });
    let mut request = request_for(&snapshot, grandchild.unwrap());
    request.scores = vec![("bbh".into(), 0.5)];
    let explanation = trained(snapshot, Method::Eyas).explain(&request).unwrap();
    let found = |kind: Kind| explanation.tasks[0].contributions.iter().any(|contribution| contribution.kind == kind);
    for kind in [Kind::Parent, Kind::Ancestor, Kind::Factor, Kind::Name, Kind::Score] {
        assert!(found(kind), "{kind:?}: {explanation:?}");
    }
    let score =
        explanation.tasks[0].contributions.iter().find(|contribution| contribution.kind == Kind::Score).unwrap();
    assert_eq!((score.what.as_str(), score.said.as_deref()), ("bbh", Some("0.500")));
    assert!(!explanation.sources.is_empty() && !explanation.left_out);
}

#[test]
fn a_measured_model_is_explained_by_a_method_that_never_saw_its_results() {
    let snapshot = open_models();
    let id = snapshot.models[40].id.clone();
    let known = |snapshot: Snapshot, method: Method| {
        pollster::block_on(trained(snapshot, method).explain_known(&id, &[], &mut Silent)).unwrap()
    };
    let explanation = known(snapshot.clone(), Method::Eyas);
    sums(&explanation);
    assert_eq!((explanation.id.as_deref(), explanation.left_out), (Some(id.as_str()), true));
    let mut without = snapshot.clone();
    let eyas::snapshot::Results::Scores(scores) = &snapshot.results else { unreachable!() };
    let others = scores.iter().filter(|cell| cell.0 != 40).collect();
    without.results = eyas::snapshot::Results::Scores(eyas::linalg::SparseMatrix::from_entries(117, 6, others));
    let unmeasured = known(without, Method::Eyas);
    assert!(!unmeasured.left_out);
    assert_eq!(explanation.tasks, unmeasured.tasks);
    let error =
        pollster::block_on(trained(snapshot, Method::Mean).explain_known("no/body", &[], &mut Silent)).unwrap_err();
    assert!(error.to_string().contains("no model \"no/body\""), "{error}");
}

/// Removing the fact with the largest contribution moves the forecast more than removing the one with the smallest, and
/// more than removing an average one.
#[test]
fn removing_the_largest_contribution_moves_the_forecast_most() {
    let snapshot = open_models();
    let recommender = trained(snapshot.clone(), Method::Eyas);
    let (mut most, mut usual, mut least) = (0.0, 0.0, 0.0);
    for model in (0..117).filter(|&model| snapshot.lineage.parents(model).next().is_some()) {
        let request = request_for(&snapshot, model);
        let explanation = recommender.explain(&request).unwrap();
        for (at, task) in explanation.tasks.iter().enumerate() {
            let moved = |contribution: &Contribution| {
                let forecast = recommender.predict(&without(&request, contribution)).unwrap().forecasts[at].mean;
                (f64::from(forecast) - task.mean).abs()
            };
            let pieces: Vec<&Contribution> =
                task.contributions.iter().filter(|piece| piece.kind != Kind::Ancestor).collect();
            let moves: Vec<f64> = pieces.iter().map(|piece| moved(piece)).collect();
            most += moves[0];
            least += moves[moves.len() - 1];
            usual += moves.iter().sum::<f64>() / moves.len() as f64;
        }
    }
    println!("moved by removing: the most important {most:.2}, any {usual:.2}, the least important {least:.2}");
    assert!(most > 1.5 * usual && usual > 2.0 * least, "{most} {usual} {least}");
}

/// A model of the snapshot without results: its rank, forecast and explanation are those of a new model.
#[test]
fn a_model_without_results_has_the_same_forecast_by_every_request() {
    let mut snapshot = open_models();
    let eyas::snapshot::Results::Scores(scores) = &snapshot.results else { unreachable!() };
    let lineage = &snapshot.lineage;
    let has_both = |&model: &u32| lineage.parents(model).next().is_some() && lineage.children(model).next().is_some();
    let model = (0..117).find(has_both).unwrap();
    let others = scores.iter().filter(|cell| cell.0 != model).collect();
    snapshot.results = eyas::snapshot::Results::Scores(eyas::linalg::SparseMatrix::from_entries(117, 6, others));
    let id = snapshot.models[model as usize].id.clone();
    for (method, tolerance) in [(Method::Parents, 0.0), (Method::Kin, 0.0), (Method::Mla, 0.0), (Method::Lrmf, 0.01)] {
        let recommender = trained(snapshot.clone(), method);
        let prediction = recommender.predict(&Request { id: Some(id.clone()), ..Request::default() }).unwrap();
        let explanation = pollster::block_on(recommender.explain_known(&id, &[], &mut Silent)).unwrap();
        for (forecast, explained) in prediction.forecasts.iter().zip(&explanation.tasks) {
            let ranking = RankRequest { task: forecast.task.clone(), ..RankRequest::default() };
            let ranked = recommender.rank(&ranking).unwrap().models.into_iter().find(|ranked| ranked.id == id).unwrap();
            assert!((ranked.score - forecast.mean).abs() <= tolerance, "{}: {ranked:?} {forecast:?}", method.name());
            assert_eq!(explained.mean as f32, forecast.mean, "{}", method.name());
        }
    }
}

/// For a model with a missing score, no forecast rests on the model's own results.
#[test]
fn no_model_is_a_source_of_its_own_forecast() {
    let mut snapshot = open_models();
    let eyas::snapshot::Results::Scores(scores) = &snapshot.results else { unreachable!() };
    let others = scores.iter().filter(|cell| cell.0 != 40 || cell.1 > 1).collect();
    snapshot.results = eyas::snapshot::Results::Scores(eyas::linalg::SparseMatrix::from_entries(117, 6, others));
    let id = snapshot.models[40].id.clone();
    let request = Request { id: Some(id.clone()), ..Request::default() };
    let given = Request { scores: vec![(snapshot.tasks[0].id.clone(), 0.5)], ..request.clone() };
    for method in Method::ALL {
        let recommender = trained(snapshot.clone(), method);
        let explanation = recommender.explain(&request).unwrap();
        for request in [&request, &given] {
            let forecasts = recommender.predict(request).unwrap().forecasts;
            let lists = forecasts.iter().map(|forecast| &forecast.sources).chain([&explanation.sources]);
            for sources in lists {
                assert!(sources.iter().all(|source| source.id != id), "{}: {sources:?}", method.name());
                let total: f32 = sources.iter().map(|source| source.share).sum();
                assert!(total < 1.0 + 1e-4 && sources.is_sorted_by(|a, b| a.share >= b.share), "{sources:?}");
            }
            assert!(forecasts[0].known || method != Method::Eyas || !forecasts[0].sources.is_empty());
        }
    }
}

/// The request without one fact. The parents of a removed parent stay known, as in the explanation.
fn without(request: &Request, piece: &Contribution) -> Request {
    let mut less = request.clone();
    let name = less.name.clone().unwrap_or_default();
    let (organisation, own) = name.split_once('/').unwrap_or(("", &name));
    match piece.kind {
        Kind::Parent => less.parents.retain(|parent| parent.id != piece.what),
        Kind::Factor => drop(less.factors.remove(&piece.what)),
        Kind::Name => less.name = Some(format!("{organisation}/")),
        Kind::Organisation => less.name = Some(own.to_owned()),
        Kind::Date => less.date = None,
        Kind::Score => less.scores.retain(|(task, _)| *task != piece.what),
        Kind::Ancestor | Kind::Relatives => unreachable!(),
    }
    less
}
