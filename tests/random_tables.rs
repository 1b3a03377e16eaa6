//! Every method on small, sparse, constant and odd tables: each is trained, saved, backtested and used for forecasts.
//! It returns numbers or a clear error; there is no panic, no NaN, and no failed factorisation.
//!
//! `EYAS_RANDOM_TABLES` is the number of tables (default 300), `EYAS_RANDOM_SEED` the first seed.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use eyas::backtest::{Conditions, Trial, score};
use eyas::error::{Error, ErrorKind};
use eyas::linalg::{BitMatrix, SparseMatrix};
use eyas::lineage::{Lineage, NamedEdge, Parent, Relation};
use eyas::methods::{Method, Silent};
use eyas::recommend::{Device, NextRequest, Prediction, RankRequest, Recommender, Request, TrainOptions};
use eyas::snapshot::{DataSource, Detail, Details, Factor, Factors, Model, Outcomes, Range, Results, Snapshot, Task};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The default number of tables.
const TABLES: u64 = 300;
/// Methods that train several times to choose their settings: they are used on one table in so many.
const SEARCHING: [Method; 5] = [Method::TwoTower, Method::Imc, Method::Gimc, Method::Igmc, Method::Zap];
const EVERY: u64 = 10;
/// Every sixth table holds outcomes of items.
const OUTCOMES: u64 = 6;

/// Names as they occur: of one family, without an organisation, in another script, with one letter.
const NAMES: [&str; 12] = [
    "Bird-7B",
    "bird-7b-chat",
    "Bird-70B",
    "lab2/Bird-7B-it",
    "x",
    "模型-1.5B",
    "a-very-long-name-of-a-model-that-nobody-knows",
    "7B",
    "Owl",
    "owl-8x7B",
    "gpt",
    "GPT-4-2024-05-13",
];

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// A table of 1 to 12 models and 1 to 8 tasks with 5 to 100 % known results, at least one of them.
fn table(seed: u64) -> Snapshot {
    let mut rng = Pcg64Mcg::seed_from_u64(seed ^ 0x7461_626c);
    let (n_models, n_tasks) = (rng.random_range(1..=12u32), rng.random_range(1..=8u32));
    let known = [0.05, 0.2, 0.5, 0.8, 1.0][rng.random_range(0..5usize)];
    let (dated, with_factors, with_edges) = (rng.random::<bool>(), rng.random::<bool>(), rng.random::<bool>());
    let models: Vec<Model> = (0..n_models)
        .map(|at| Model {
            id: format!("lab{}/{}-{at}", rng.random_range(0..3), NAMES[rng.random_range(0..NAMES.len())])
                .replace("lab1/", ""),
            date: (dated && rng.random::<f32>() < 0.8)
                .then(|| format!("2024-{:02}-01", rng.random_range(1..=12)).parse().unwrap()),
            factors: if with_factors { factors(&mut rng) } else { Factors::new() },
            ..Model::default()
        })
        .collect();
    let ids: Vec<String> = models.iter().map(|model| model.id.clone()).collect();
    let mut edges = Vec::new();
    for child in ids.iter().filter(|_| with_edges) {
        while rng.random::<f32>() < 0.4 {
            let parent = match rng.random_range(0..ids.len() + 2) {
                at if at < ids.len() => ids[at].clone(),
                at => format!("lab9/Ancestor-{at}"),
            };
            let weight = [1.0, 0.5, 1e-6, 0.0][rng.random_range(0..4usize)];
            let relation = [Relation::Finetune, Relation::Merge][rng.random_range(0..2usize)];
            edges.push(NamedEdge { child: child.clone(), parent: Parent { weight, ..Parent::new(parent, relation) } });
        }
    }
    let lineage = Lineage::new(ids, edges).0;
    let mut cells: Vec<(u32, u32)> = (0..n_models).flat_map(|u| (0..n_tasks).map(move |i| (u, i))).collect();
    let spare = cells[rng.random_range(0..cells.len())];
    cells.retain(|cell| *cell == spare || rng.random::<f32>() < known);
    let (tasks, results) = if seed.is_multiple_of(OUTCOMES) {
        let (mut observed, mut solved) = (
            BitMatrix::zeros(n_models as usize, n_tasks as usize),
            BitMatrix::zeros(n_models as usize, n_tasks as usize),
        );
        let share = [0.0, 0.5, 1.0][rng.random_range(0..3usize)];
        for (u, i) in cells {
            observed.set(u as usize, i as usize, true);
            solved.set(u as usize, i as usize, rng.random::<f32>() < share);
        }
        let tasks = (0..n_tasks).map(|i| Task::outcome(format!("bench{}", i % 2), &i.to_string())).collect();
        (tasks, Results::Outcomes(Outcomes { observed, solved }))
    } else {
        let kinds: Vec<usize> = (0..n_tasks).map(|_| rng.random_range(0..5)).collect();
        let value = |(u, i): (u32, u32)| {
            let score = match kinds[i as usize] {
                0 => 50.0,
                1 => [0.0, 100.0][rng.random_range(0..2usize)],
                2 => 1e-4 * rng.random::<f32>(),
                3 => -1500.0 + 3000.0 * rng.random::<f32>(),
                _ => 100.0 * rng.random::<f32>(),
            };
            (u, i, score)
        };
        let scores =
            SparseMatrix::from_entries(n_models as usize, n_tasks as usize, cells.into_iter().map(value).collect());
        let task = |(i, kind): (usize, &usize)| Task {
            factors: if with_factors { factors(&mut rng) } else { Factors::new() },
            lower_is_better: i % 3 == 1,
            items: (i % 4 == 2).then_some(50),
            ..Task::score(format!("task{i}"), (*kind != 3).then_some(Range::PERCENT))
        };
        (kinds.iter().enumerate().map(task).collect(), Results::Scores(scores))
    };
    Snapshot {
        models,
        tasks,
        lineage,
        results,
        sources: vec![DataSource::new("made up", "none needed")],
        details: if seed.is_multiple_of(OUTCOMES) { Details::default() } else { errors(n_models, n_tasks) },
    }
}

/// Standard errors of some scores: none, small, and larger than most ranges.
fn errors(n_models: u32, n_tasks: u32) -> Details {
    let error = |at: u32| Detail { error: Some([0.0, 1e-3, 5.0, 1e4][at as usize % 4]), ..Detail::default() };
    let cells = (0..n_models).flat_map(|u| (0..n_tasks).map(move |i| (u, i)));
    Details::from_cells(cells.filter(|(u, i)| (u + 2 * i) % 3 == 0).map(|(u, i)| (u, i, error(u + i))))
}

/// Facts in any unit and of any size.
fn factors(rng: &mut Pcg64Mcg) -> Factors {
    let mut factors = Factors::new();
    let mut add = |name: &str, factor: Factor, share: f32, rng: &mut Pcg64Mcg| {
        if rng.random::<f32>() < share {
            factors.insert(name.to_owned(), factor);
        }
    };
    let number = |rng: &mut Pcg64Mcg| [7.0, 0.5, 1e-9, 1e39, 1e300, -3.0, 0.0][rng.random_range(0..7usize)];
    let text =
        |rng: &mut Pcg64Mcg| ["merge", "chat", "", "?", "LlamaForCausalLM"][rng.random_range(0..5usize)].to_owned();
    for name in ["params", "tokens", "context", "hearts"] {
        let factor = Factor::Number(number(rng));
        add(name, factor, 0.5, rng);
    }
    for name in ["type", "architecture", "family", "precision"] {
        let factor = Factor::Text(text(rng));
        add(name, factor, 0.4, rng);
    }
    for name in ["moe", "chat_template", "merged"] {
        let factor = Factor::Flag(rng.random());
        add(name, factor, 0.3, rng);
    }
    factors
}

/// Requests for an unknown model, a child with facts and a score, and a model of the table by its own name.
fn requests(snapshot: &Snapshot, rng: &mut Pcg64Mcg) -> Vec<Request> {
    let some = snapshot.models[rng.random_range(0..snapshot.models.len())].id.clone();
    let date = rng.random::<bool>().then(|| "2031-01-01".parse().unwrap());
    vec![
        Request::default(),
        Request {
            parents: vec![Parent::new(some.clone(), Relation::Finetune), Parent::new("lab9/nobody", Relation::Merge)],
            factors: factors(rng),
            date,
            ..Request::default()
        },
        Request {
            name: Some("lab0/Bird-7B-new".into()),
            scores: vec![(snapshot.tasks[0].id.clone(), 1.0)],
            ..Request::default()
        },
        Request { name: Some(some), ..Request::default() },
    ]
}

/// An accepted error: it states what the method lacks.
fn refused(error: &Error) {
    assert!(error.kind() == ErrorKind::Input, "failed: {error}");
}

fn check(prediction: &Prediction, what: &str) {
    for forecast in &prediction.forecasts {
        assert!(forecast.mean.is_finite(), "{what}: {forecast:?}");
        let ends = forecast.lower.zip(forecast.upper);
        assert!(
            ends.is_none_or(|(low, high)| low.is_finite() && high.is_finite() && low <= high),
            "{what}: {forecast:?}"
        );
        let inside = ends.is_none_or(|(low, high)| low <= forecast.mean + 0.02 && forecast.mean <= high + 0.02);
        assert!(inside, "{what}: {forecast:?}");
        assert!(forecast.rank >= 1 && forecast.rank <= forecast.of, "{what}: {forecast:?}");
        assert!(forecast.sources.iter().all(|source| source.share.is_finite()), "{what}: {forecast:?}");
    }
}

/// Every use of a method on a table.
fn use_it(snapshot: &Snapshot, method: Method, seed: u64) -> Option<()> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let options = TrainOptions { method, device: Device::Cpu, seed };
    let trained = pollster::block_on(Recommender::train(snapshot.clone(), &options, &mut Silent));
    let recommender = trained.map_err(|error| refused(&error)).ok()?;
    let again = Recommender::load(&recommender.save().unwrap()).unwrap();
    for request in requests(snapshot, &mut rng) {
        match (recommender.predict(&request), again.predict(&request)) {
            (Ok(prediction), Ok(other)) => {
                check(&prediction, "predict");
                for (one, other) in prediction.forecasts.iter().zip(&other.forecasts) {
                    let same = (one.mean - other.mean).abs() < 1e-4 && one.lower.is_some() == other.lower.is_some();
                    assert!(same, "a saved model differs: {one:?} {other:?}");
                }
            }
            (Err(error), _) | (_, Err(error)) => refused(&error),
        }
        match recommender.explain(&request) {
            Ok(explanation) => assert!(!format!("{explanation:?}").contains("NaN"), "explain: {explanation:?}"),
            Err(error) => refused(&error),
        }
        match recommender.next(&NextRequest { model: request, costs: Vec::new(), count: 3 }) {
            Ok(plan) => {
                assert!(plan.width.is_finite() && plan.evaluations.iter().all(|e| e.width.is_finite()), "{plan:?}")
            }
            Err(error) => refused(&error),
        }
    }
    for task in snapshot.benchmarks() {
        match recommender.rank(&RankRequest { task: task.to_owned(), ..RankRequest::default() }) {
            Ok(ranking) => assert!(ranking.models.iter().all(|model| model.score.is_finite()), "{ranking:?}"),
            Err(error) => refused(&error),
        }
    }
    let some = &snapshot.models[rng.random_range(0..snapshot.models.len())].id;
    let unseen = pollster::block_on(Recommender::train_without(snapshot.clone(), some, &options, &mut Silent));
    match unseen.and_then(|unseen| unseen.explain_unseen(some, &[])) {
        Ok(explanation) => assert!(!format!("{explanation:?}").contains("NaN"), "explain_unseen: {explanation:?}"),
        Err(error) => refused(&error),
    }
    for split in ["models:1", "cells:0.2"] {
        let Ok(trial) = Trial::new(snapshot, &Conditions::of(split.parse().unwrap()), seed) else { continue };
        match pollster::block_on(trial.run(method, &mut Silent)) {
            Ok(rows) => {
                let figures = score(snapshot, trial.held(), &rows);
                assert!(!format!("{figures:?}").contains("NaN"), "{split}: {figures:?}");
            }
            Err(error) => refused(&error),
        }
    }
    Some(())
}

#[test]
fn every_method_answers_or_gives_a_clear_error_on_any_small_table() {
    let first = variable("EYAS_RANDOM_SEED").unwrap_or(0);
    let tables = variable("EYAS_RANDOM_TABLES").unwrap_or(TABLES);
    let tried: Vec<(u64, usize, std::thread::Result<Option<()>>)> = (first..first + tables)
        .into_par_iter()
        .flat_map_iter(|seed| {
            let snapshot = table(seed);
            let tried = Method::ALL
                .into_iter()
                .enumerate()
                .filter(move |(_, method)| seed % EVERY == 0 || !SEARCHING.contains(method));
            tried
                .map(move |(at, method)| (seed, at, catch_unwind(AssertUnwindSafe(|| use_it(&snapshot, method, seed)))))
        })
        .collect();
    let mut answered = vec![0; Method::ALL.len()];
    let mut failures = Vec::new();
    for (seed, at, done) in tried {
        match done {
            Ok(done) => answered[at] += usize::from(done.is_some()),
            Err(_) => failures.push((seed, Method::ALL[at].name())),
        }
    }
    let shown: Vec<_> = failures.iter().take(20).collect();
    assert!(failures.is_empty(), "{} of {tables} tables × methods failed, by seed: {shown:?}", failures.len());
    let method =
        |name: &str| Method::ALL.iter().position(|method| method.name() == name).unwrap_or_else(|| panic!("{name}"));
    assert_eq!(answered[method("eyas")], tables as usize, "the default method answers on every table");
}

/// A validation split that takes the only result leaves no training data.
#[test]
fn lrmf_trains_on_a_single_result_whatever_the_seed() {
    let snapshot = Snapshot {
        models: vec![Model { id: "lab/one".into(), ..Model::default() }],
        tasks: vec![Task::score("x", Some(Range::PERCENT))],
        lineage: Lineage::new(["lab/one".to_owned()], Vec::new()).0,
        results: Results::Scores(SparseMatrix::from_entries(1, 1, vec![(0, 0, 40.0)])),
        sources: vec![DataSource::new("made up", "none needed")],
        details: Details::default(),
    };
    for seed in 0..200 {
        let options = TrainOptions { method: Method::Lrmf, device: Device::Cpu, seed };
        let trained = pollster::block_on(Recommender::train(snapshot.clone(), &options, &mut Silent));
        check(&trained.unwrap().predict(&Request::default()).unwrap(), "a single result");
    }
}
