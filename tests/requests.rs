//! The facts of a model in a request: dates and rounded sizes count as evidence if the data determine their meaning,
//! and the intervals are wide if next to nothing is known.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use eyas::formats::{Companions, Source, import};
use eyas::linalg::SparseMatrix;
use eyas::lineage::{Parent, Relation};
use eyas::methods::{BoxFuture, Observer, Progress, Silent};
use eyas::recommend::{Prediction, RankRequest, Recommender, Request, TrainOptions};
use eyas::snapshot::{Date, Factor, Results, Snapshot, read_json};
use std::ops::ControlFlow;
use std::path::Path;

fn trained(snapshot: Snapshot) -> Recommender {
    pollster::block_on(Recommender::train(snapshot, &TrainOptions::default(), &mut Silent)).unwrap()
}

fn bundled() -> Recommender {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/open-models/snapshot.json");
    trained(read_json(&std::fs::read(path).unwrap()).unwrap().0)
}

fn child_of(parent: &str) -> Request {
    Request { parents: vec![Parent::new(parent, Relation::Finetune)], ..Request::default() }
}

fn furthest(one: &Prediction, other: &Prediction) -> f32 {
    let apart = one.forecasts.iter().zip(&other.forecasts).map(|(one, other)| {
        let ends = [(one.lower, other.lower), (one.upper, other.upper)].map(|(a, b)| (a.unwrap() - b.unwrap()).abs());
        ends.into_iter().fold((one.mean - other.mean).abs(), f32::max)
    });
    apart.fold(0.0, f32::max)
}

#[test]
fn a_date_is_no_evidence_where_the_data_have_none() {
    let recommender = bundled();
    let undated = recommender.predict(&child_of("Qwen/Qwen2-7B")).unwrap();
    let request = Request { date: Some("2026-11-01".parse().unwrap()), ..child_of("Qwen/Qwen2-7B") };
    let dated = recommender.predict(&request).unwrap();
    assert!(furthest(&undated, &dated) < 0.01, "{undated:?} {dated:?}");
}

/// The table has sizes with three digits, the request with one.
#[test]
fn a_rounded_size_is_that_of_the_parent() {
    let recommender = bundled();
    let exact = recommender.predict(&child_of("Qwen/Qwen2-7B")).unwrap();
    let factors = [("params".to_owned(), Factor::Number(7.0))].into();
    let rounded = recommender.predict(&Request { factors, ..child_of("Qwen/Qwen2-7B") }).unwrap();
    assert!(furthest(&exact, &rounded) < 1e-4, "{exact:?} {rounded:?}");
    let factors = [("params".to_owned(), Factor::Number(70.0))].into();
    let other = recommender.predict(&Request { factors, ..child_of("Qwen/Qwen2-7B") }).unwrap();
    assert!(furthest(&exact, &other) > 1e-3, "70 is another size");
}

#[test]
fn next_to_nothing_is_known_of_an_unknown_model_and_its_intervals_hold_most_scores() {
    let recommender = bundled();
    let unknown = Request { name: Some("who/quux".into()), ..Request::default() };
    let prediction = recommender.predict(&unknown).unwrap();
    assert!(prediction.subject.next_to_nothing);
    for (task, forecast) in prediction.forecasts.iter().enumerate() {
        let ranking = RankRequest { task: forecast.task.clone(), ..RankRequest::default() };
        let scores: Vec<f32> = recommender.rank(&ranking).unwrap().models.iter().map(|model| model.score).collect();
        let (low, high) = (forecast.lower.unwrap(), forecast.upper.unwrap());
        let inside = scores.iter().filter(|&&score| low <= score && score <= high).count();
        assert!(10 * inside >= 9 * scores.len(), "{task}: {inside} of {} in {low} to {high}", scores.len());
    }
}

/// An observer that stops every training.
struct NoTraining;

impl Observer for NoTraining {
    fn report<'a>(&'a mut self, _progress: &'a Progress) -> BoxFuture<'a, ControlFlow<()>> {
        Box::pin(std::future::ready(ControlFlow::Break(())))
    }
}

#[test]
fn with_missing_scores_out_of_fold_forecasts_are_kept() {
    let mut snapshot = bundled().snapshot().clone();
    let Results::Scores(scores) = &snapshot.results else { unreachable!() };
    let (models, tasks) = (scores.rows(), scores.columns());
    let kept = scores.iter().filter(|&(model, task, _)| (model * 7 + task) % 11 != 0).collect();
    snapshot.results = Results::Scores(SparseMatrix::from_entries(models, tasks, kept));
    let recommender = trained(snapshot.clone());
    let (mut apart, mut missed) = (Vec::new(), Vec::new());
    for id in ["Qwen/Qwen2-7B-Instruct", "meta-llama/Meta-Llama-3-8B", "google/gemma-2-9b"] {
        let request = Request { id: Some(id.into()), ..Request::default() };
        let mut prediction = recommender.predict(&request).unwrap();
        pollster::block_on(recommender.add_unseen(&mut prediction, &mut NoTraining)).unwrap();
        let (options, mut silent) = (TrainOptions::default(), Silent);
        let without = Recommender::train_without(snapshot.clone(), id, &options, &mut silent);
        let anew = pollster::block_on(without).unwrap().unseen(id).unwrap();
        for (forecast, anew) in prediction.forecasts.iter().zip(anew) {
            let unseen = forecast.unseen.unwrap();
            assert!(unseen.lower.unwrap() <= unseen.mean && unseen.mean <= unseen.upper.unwrap(), "{id}: {unseen:?}");
            apart.push((unseen.mean - anew.mean).abs());
            missed.push((unseen.mean - forecast.mean).abs());
        }
    }
    let mean = |values: Vec<f32>| values.iter().sum::<f32>() / values.len() as f32;
    let (apart, missed) = (mean(apart), mean(missed));
    assert!(apart < 0.03 && missed > 0.01, "{apart} from a training without, {missed} from what was measured");
}

/// 300 models from two years in families, each a little better than the previous ones.
fn dated() -> Snapshot {
    let mut table = "model,x,y,z\n".to_owned();
    for at in 0..300 {
        let score = |task: i32| 20.0 + f64::from(at) * 0.1 + f64::from((at * 37 + task * 11) % 17);
        table += &format!("lab{}/m{at},{},{},{}\n", at % 9, score(0), score(1), score(2));
    }
    let file = Source { name: "dated.csv", bytes: table.as_bytes(), optional: false };
    let mut snapshot = import(&[file], &Companions::default()).unwrap().snapshot;
    for (at, model) in snapshot.models.iter_mut().enumerate() {
        let (month, day) = (at * 24 / 300, 1 + at % 27);
        model.date = Some(format!("{}-{:02}-{day:02}", 2023 + month / 12, 1 + month % 12).parse().unwrap());
    }
    snapshot
}

#[test]
fn a_missing_date_follows_the_parent_or_the_last_results_and_a_far_later_date_changes_nothing() {
    let snapshot = dated();
    let last = snapshot.models.iter().filter_map(|model| model.date).max().unwrap();
    assert_eq!(last.to_string(), "2024-12-27");
    let parent = snapshot.models[snapshot.model("lab3/m120").unwrap().0 as usize].date.unwrap();
    let after_parent = Date::from_days(parent.days() + 32).unwrap().to_string();
    let recommender = trained(snapshot);
    let on = |date: &str| {
        let date = Some(date.parse().unwrap());
        recommender.predict(&Request { date, ..child_of("lab3/m120") }).unwrap()
    };
    let undated = recommender.predict(&child_of("lab3/m120")).unwrap();
    assert!(undated.warnings.is_empty(), "{:?}", undated.warnings);
    // The median fine-tune of a board is 32 days younger than its parent.
    assert!(furthest(&undated, &on(&after_parent)) < 1e-4);
    let orphan = |date: Option<&str>| {
        let date = date.map(|date| date.parse().unwrap());
        recommender.predict(&Request { date, name: Some("lab3/other-7b".to_owned()), ..Request::default() }).unwrap()
    };
    assert!(furthest(&orphan(None), &orphan(Some("2024-12-28"))) < 1e-4);
    let (horizon, beyond) = (on("2025-06-25"), on("2027-06-01"));
    assert!(furthest(&horizon, &beyond) < 1e-4, "{horizon:?} {beyond:?}");
    assert!(beyond.warnings.iter().any(|note| note.contains("long after the last results (2024-12-27)")), "{beyond:?}");
    let width =
        |prediction: &Prediction| prediction.forecasts[0].upper.unwrap() - prediction.forecasts[0].lower.unwrap();
    assert!(width(&beyond) < 0.8, "{}", width(&beyond));
}

#[test]
fn a_score_under_two_names_of_one_task_is_an_error() {
    let recommender = bundled();
    for (one, other) in
        [("ifeval", "ifeval"), ("ifeval", "IFEval"), ("IF-Eval", "leaderboard_ifeval"), ("math", "MATH Lvl 5")]
    {
        let scores = [(one, 0.7), (other, 0.6)].map(|(task, score)| (task.to_owned(), score)).to_vec();
        for error in [
            recommender.predict(&Request { scores: scores.clone(), ..Request::default() }).unwrap_err(),
            recommender.explain(&Request { scores: scores.clone(), ..Request::default() }).unwrap_err(),
        ] {
            assert!(error.to_string().contains("is given twice"), "{one} {other}: {error}");
        }
    }
}

#[test]
fn a_score_is_ranked_under_any_spelling_where_its_benchmark_has_several() {
    let mut snapshot = bundled().snapshot().clone();
    for (at, task) in snapshot.tasks.iter_mut().enumerate().take(2) {
        task.id = format!("suite-{at}/Part");
        task.dataset = "suite".into();
    }
    let recommender = trained(snapshot);
    for name in ["suite-1/Part", "Suite 1/part"] {
        let ranking = recommender.rank(&RankRequest { task: name.into(), ..RankRequest::default() }).unwrap();
        assert_eq!(ranking.task, "suite-1/Part");
    }
}

/// Twelve benchmarks: a family's models have results on the last four and the first, others on the rest.
fn many_benchmarks() -> Recommender {
    use eyas::formats::{Companions, Source, import};
    let head: Vec<String> = (0..12).map(|task| format!("t{task}")).collect();
    let mut table = format!("model,{}\n", head.join(","));
    for model in 0..24 {
        let (family, own): (&str, &[usize]) =
            if model < 12 { ("Alpha", &[0, 8, 9, 10, 11]) } else { ("Beta", &[0, 1, 2, 3, 4, 5, 6, 7]) };
        let cell = |task: usize| {
            let score = 0.3 + 0.02 * f64::from(model % 12) + 0.01 * task as f64;
            if own.contains(&task) { format!("{score:.3}") } else { String::new() }
        };
        let cells: Vec<String> = (0..12).map(cell).collect();
        table += &format!("lab/{family}-{}B,{}\n", 1 + model % 12, cells.join(","));
    }
    let file = Source { name: "many.csv", bytes: table.as_bytes(), optional: false };
    let snapshot = import(&[file], &Companions::default()).unwrap().snapshot;
    pollster::block_on(Recommender::train(snapshot, &TrainOptions::default(), &mut Silent)).unwrap()
}

#[test]
fn of_many_benchmarks_those_are_shown_that_matter_to_the_model() {
    let recommender = many_benchmarks();
    let shown = |request: &Request| -> Vec<String> {
        recommender.predict(request).unwrap().forecasts.into_iter().map(|forecast| forecast.task).collect()
    };
    let child = Request { name: Some("new/Alpha-tune".to_owned()), ..child_of("lab/Alpha-7B") };
    let usual = shown(&child);
    assert_eq!(usual.len(), 8);
    assert!(["t0", "t8", "t9", "t10", "t11"].iter().all(|task| usual.iter().any(|other| other == task)), "{usual:?}");
    let given = shown(&Request { scores: vec![("t6".to_owned(), 0.5)], ..child.clone() });
    assert!(given.len() == 8 && given.iter().any(|task| task == "t6"), "{given:?}");
    assert_eq!(shown(&Request { tasks: vec!["all".to_owned()], ..child.clone() }).len(), 12);
    let named = Request { tasks: ["t3", "t1", "t3"].map(str::to_owned).to_vec(), ..child.clone() };
    assert_eq!(shown(&named), ["t3", "t1"]);
    let explained = recommender.explain(&named).unwrap();
    assert_eq!(explained.tasks.iter().map(|task| task.task.as_str()).collect::<Vec<_>>(), ["t3", "t1"]);
    // A few of the tasks have the same forecasts as all of them.
    let all = recommender.predict(&Request { tasks: vec!["all".to_owned()], ..child.clone() }).unwrap();
    for forecast in recommender.predict(&named).unwrap().forecasts {
        let same = all.forecasts.iter().find(|other| other.task == forecast.task).unwrap();
        assert_eq!(
            (same.mean, same.lower, same.rank, same.rank_upper),
            (forecast.mean, forecast.lower, forecast.rank, forecast.rank_upper)
        );
    }
    assert!(recommender.predict(&Request { tasks: vec!["t99".to_owned()], ..child }).is_err());
}
