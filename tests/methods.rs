//! One suite over every method: the same contract, known answers.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use eyas::error::ErrorKind;
use eyas::linalg::{BitMatrix, SparseMatrix};
use eyas::lineage::{Lineage, NamedEdge, Parent, Relation};
use eyas::methods::{
    BoxFuture, Fitted, Lrmf, LrmfConfig, LrmfTraining, Method, Mf, MfConfig, MfSolver, Ncf, NcfConfig, NewModel,
    NoCurve, Observer, Progress, ScalingLaw, Silent, Target, TrainingData, VisibleCells,
};
use eyas::recommend::{Recommender, Request, TrainOptions};
use eyas::snapshot::{Factor, Factors, Model, ModelIndex, Range, Results, Snapshot, Task, TaskIndex};
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

/// In the graph the hidden model has nobody; its name is of the family.
#[test]
fn lrmf_puts_a_model_without_relatives_among_its_namesakes() {
    let mut snapshot = families();
    snapshot.lineage = snapshot.lineage.with_edges(Vec::new());
    let hidden = hide(&snapshot, &[5, 13, 21]); // the number 5 is in no other name
    let mean = |target: Target<'_>| forecast(&snapshot, &hidden, Method::Lrmf, target)[0];
    let named = |name: &str| NewModel { name: Some(name.to_owned()), ..NewModel::default() };
    for (model, id, level) in [(5, "low/new", 0.2), (21, "high/new", 0.8)] {
        let (known, new) = (mean(Target::Known(ModelIndex(model))), mean(Target::New(&named(id))));
        assert!((known - level).abs() < 0.08 && (new - level).abs() < 0.08, "{id}: {known} {new}");
    }
    let stranger = mean(Target::New(&named("other/new")));
    assert!((stranger - 0.5).abs() < 0.1, "no name like it: the mean of all, not {stranger}");
}

#[test]
fn penalties_stop_growing_against_the_sum_over_cells() {
    let paper = LrmfConfig::default();
    assert_eq!(LrmfConfig::for_cells(150_000), paper);
    let many = LrmfConfig::for_cells(1_500_000);
    for (now, was) in [(many.l2, paper.l2), (many.lineage, paper.lineage), (many.tasks, paper.tasks)] {
        assert!((10.0 * now / was - 1.0).abs() < 1e-5, "{many:?}");
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
fn scores_place_a_new_model_where_models_with_such_scores_are() {
    let snapshot = families();
    let none = hide(&snapshot, &[]);
    for method in [Method::Lrmf, Method::Eyas, Method::Mf, Method::Irt, Method::Ncf, Method::NcfFactors] {
        let mean = |scores: Vec<(usize, f32)>| {
            let new = NewModel { scores, ..NewModel::default() };
            forecast(&snapshot, &none, method, Target::New(&new))[3]
        };
        let (low, middle, high) = (mean(vec![(0, 0.2), (1, 0.21)]), mean(vec![]), mean(vec![(0, 0.8), (1, 0.81)]));
        assert!(low < 0.36 && (0.4..0.66).contains(&middle) && high > 0.68, "{}: {low} {middle} {high}", method.name());
    }
}

/// The families with factors: the lower the family the fewer parameters. Two rows have them in odd forms.
fn with_factors() -> Snapshot {
    let mut snapshot = families();
    for (at, model) in snapshot.models.iter_mut().enumerate() {
        let params = 10.0f64.powi(at as i32 / 8) * (1.0 + at as f64 / 100.0);
        model.factors = Factors::from([
            ("params".to_owned(), Factor::Number(params)),
            ("kind".to_owned(), Factor::Text(["base", "chat", "merge"][at / 8].to_owned())),
            ("layers".to_owned(), Factor::Number(32.0)),
            ("hearts".to_owned(), Factor::Number((at * 7 % 24) as f64)),
        ]);
    }
    snapshot.models[2].factors.insert("params".to_owned(), Factor::Number(f64::NAN));
    snapshot.models[3].factors.insert("kind".to_owned(), Factor::Number(7.0));
    snapshot.models[4].factors = Factors::new();
    snapshot
}

#[test]
fn every_method_that_knows_factors_tells_a_large_model_from_a_small_one() {
    let snapshot = with_factors();
    for method in [Method::Size, Method::Knn, Method::NcfFactors, Method::Factors] {
        let mean = |params: f64, kind: &str| {
            let kind = ("kind".to_owned(), Factor::Text(kind.to_owned()));
            let factors = Factors::from([("params".to_owned(), Factor::Number(params)), kind]);
            let new = NewModel { factors, ..NewModel::default() };
            forecast(&snapshot, &hide(&snapshot, &[]), method, Target::New(&new))[0]
        };
        let (small, large) = (mean(1.05, "base"), mean(118.0, "merge"));
        assert!(small < 0.35 && large > 0.65, "{}: {small} {large}", method.name());
    }
}

#[test]
fn factors_in_odd_forms_give_numbers_and_no_error() {
    let snapshot = with_factors();
    let mut hidden = hide(&snapshot, &[5]);
    (0..24).filter(|&model| model != 9).for_each(|model| hidden.set(model, 3, true)); // one observation left
    (0..24).for_each(|model| hidden.set(model, 2, true)); // none
    let odd = |factor: Factor| NewModel {
        factors: ["params", "kind", "layers"].map(|name| (name.to_owned(), factor.clone())).into(),
        scores: vec![(3, 1.0), (2, 0.0)],
        ..NewModel::default()
    };
    let news = [f64::NAN, -1.0, 0.0, 1e300].map(|number| odd(Factor::Number(number)));
    let news = news.into_iter().chain([odd(Factor::Text("seven".to_owned())), odd(Factor::Flag(true))]);
    let news: Vec<_> = news.collect();
    for method in Method::ALL {
        let known = [2, 3, 4, 5].map(|model| Target::Known(ModelIndex(model)));
        let visible = VisibleCells::new(&snapshot, Some(&hidden)).unwrap();
        let data = data(&snapshot, &visible);
        let fitted = pollster::block_on(method.fit(&data, &mut Silent)).unwrap();
        for target in known.into_iter().chain(news.iter().map(Target::New)) {
            let mean = fitted.forecast(&data, target).unwrap().mean;
            assert!(mean.iter().all(|mean| (0.0..=1.0).contains(mean)), "{}: {target:?} {mean:?}", method.name());
        }
    }
}

#[test]
fn popularity_reaches_the_popularity_baseline_alone() {
    let snapshot = with_factors();
    let mut turned = snapshot.clone();
    for (at, model) in turned.models.iter_mut().enumerate() {
        model.factors.insert("hearts".to_owned(), Factor::Number(if at < 8 { 1e4 } else { at as f64 }));
    }
    let hidden = hide(&snapshot, &[5, 20]);
    for method in Method::ALL {
        let [one, other] = [&snapshot, &turned].map(|s| forecast(s, &hidden, method, Target::Known(ModelIndex(5))));
        assert_eq!(one == other, method != Method::Popularity, "{}", method.name());
    }
}

#[test]
fn the_scaling_law_stands_where_three_sizes_were_measured_and_says_why_not_elsewhere() {
    let mut snapshot = families();
    for (at, model) in snapshot.models.iter_mut().enumerate() {
        // Sizes 1, 2, 4 … in the first family, one size in the second, none known in the third.
        let size = if at < 8 { 2.0f64.powi(at as i32) } else { 7.0 };
        model.factors.insert("family".to_owned(), Factor::Text(["Low", "middle", "high"][at / 8].to_owned()));
        if at < 16 {
            model.factors.insert("Parameter Size(M)".to_owned(), Factor::Number(1000.0 * size));
        }
    }
    let truth = |size: f64, task: f64| 1.0 / (1.0 + (-(0.6 * (1000.0 * size).ln() - 6.0 - 0.1 * task)).exp());
    let cells = (0..24).flat_map(|model| (0..4).map(move |task| (model, task)));
    let cells = cells.map(|(model, task)| {
        let score = if model < 8 { truth(2.0f64.powi(model), f64::from(task)) } else { 0.5 };
        (model as u32, task as u32, 100.0 * score as f32)
    });
    snapshot.results = Results::Scores(SparseMatrix::from_entries(24, 4, cells.collect()));
    let hidden = hide(&snapshot, &[7]);
    let visible = VisibleCells::new(&snapshot, Some(&hidden)).unwrap();
    let data = data(&snapshot, &visible);
    let law = ScalingLaw::fit(&data);
    let forecast = |model: u32| law.forecast(&data, Target::Known(ModelIndex(model))).unwrap();
    let largest = forecast(7);
    assert!((f64::from(largest.mean[2]) - truth(128.0, 2.0)).abs() < 1e-3, "{largest:?}");
    assert_eq!(largest.sources.len(), 7);
    let curve = law.curve(&snapshot.models[7].factors, 1).unwrap();
    assert!((curve.slope - 0.6).abs() < 1e-3 && curve.sizes == 7, "{curve:?}");
    assert_eq!(law.curve(&snapshot.models[9].factors, 0), Err(NoCurve::FewSizes(1)));
    assert_eq!(law.curve(&snapshot.models[20].factors, 0), Err(NoCurve::NoSize));
    assert_eq!(law.curve(&Factors::new(), 0), Err(NoCurve::NoFamily));
    assert!(forecast(9).sources.is_empty() && forecast(20).sources.is_empty());
}

/// Scores of 60 models on 30 tasks by two abilities, and the cells to hide: so many in ten, all over.
fn low_rank(in_ten: usize) -> (Snapshot, BitMatrix) {
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

/// Mean absolute error over the hidden cells, and the share of them within their intervals, if there are any.
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

/// Each way of factorising finds held-out cells of a matrix of rank 2 far better than the tasks' means do.
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

/// Where a third of a table is unknown, the default method comes close to what a factorisation finds in a matrix of rank 2,
/// and nine in ten hidden cells, at least, are within its intervals.
#[test]
fn the_default_method_listens_to_the_factorisation_in_a_table_with_gaps() {
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
fn a_saved_model_says_what_the_trained_one_said() {
    let (mut gaps, hidden) = low_rank(3);
    if let Results::Scores(scores) = &mut gaps.results {
        let known = scores.iter().filter(|&(model, task, _)| !hidden.get(model as usize, task as usize));
        *scores = SparseMatrix::from_entries(60, 30, known.collect());
    }
    for snapshot in [families(), gaps, Snapshot::synthetic(40, 30, 4)] {
        let parent = snapshot.models[1].id.clone();
        let scores = vec![(snapshot.tasks[0].id.clone(), 0.0), (snapshot.tasks[2].id.clone(), 1.0)];
        let parents = vec![Parent::new(parent, Relation::Finetune)];
        let request = Request { parents, scores, ..Request::default() };
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
fn intervals_hold_the_forecast_and_narrow_with_each_known_score() {
    let snapshot = families();
    let visible = VisibleCells::new(&snapshot, None).unwrap();
    let data = data(&snapshot, &visible);
    let fitted = pollster::block_on(Method::Eyas.fit(&data, &mut Silent)).unwrap();
    let parent = Parent::new("middle/0", Relation::Finetune);
    let mut new = NewModel { parents: vec![parent], ..NewModel::default() };
    let mut before = f32::INFINITY;
    for known in [vec![], vec![(0, 0.6)], vec![(0, 0.6), (1, 0.61)]] {
        new.scores = known;
        let forecast = fitted.forecast(&data, Target::New(&new)).unwrap();
        let (low, high) = forecast.intervals[3];
        assert!((low..=high).contains(&forecast.mean[3]), "{low} {} {high}", forecast.mean[3]);
        assert!(high - low < before, "{} after {before}", high - low);
        before = high - low;
        for &(task, score) in &new.scores {
            assert_eq!(forecast.mean[task], score, "a known score is not forecast");
        }
    }
    new.scores = Vec::new();
    let width = |new: &NewModel| {
        let (low, high) = fitted.forecast(&data, Target::New(new)).unwrap().intervals[3];
        high - low
    };
    let plain = width(&new);
    new.factors.insert("random_dropping".into(), Factor::Flag(true));
    assert!(width(&new) > plain, "random dropping makes a merge less certain");
}

/// Of a model of which nothing else is known, answers to every other item: the means of the whole benchmarks come near those
/// of a model with such answers, and the intervals never widen.
#[test]
fn answers_to_some_items_tell_of_the_others() {
    let snapshot = Snapshot::synthetic(120, 90, 6);
    let model = (0..120).max_by_key(|&model| solved(&snapshot, model).len()).unwrap();
    let hidden = hide(&snapshot, &[model]);
    let visible = VisibleCells::new(&snapshot, Some(&hidden)).unwrap();
    let data = data(&snapshot, &visible);
    let fitted = pollster::block_on(Method::Eyas.fit(&data, &mut Silent)).unwrap();
    let right = solved(&snapshot, model);
    let truth = right.len() as f32 / 90.0;
    let asked = |step: usize| {
        let scores = (0..90).step_by(step).map(|item| (item, f32::from(u8::from(right.contains(&item))))).collect();
        let new = NewModel { scores, ..NewModel::default() };
        let forecast = fitted.forecast(&data, Target::New(&new)).unwrap();
        assert!(new.scores.iter().all(|&(item, answer)| forecast.mean[item] == answer), "an answer is not forecast");
        let width: f32 = forecast.intervals.iter().map(|(low, high)| high - low).sum();
        (forecast.mean.iter().sum::<f32>() / 90.0, width / forecast.intervals.len() as f32)
    };
    let nothing = fitted.forecast(&data, Target::New(&NewModel::default())).unwrap();
    let before = nothing.mean.iter().sum::<f32>() / 90.0;
    let wide: f32 =
        nothing.intervals.iter().map(|(low, high)| high - low).sum::<f32>() / nothing.intervals.len() as f32;
    let ((few, narrow), (many, narrower)) = (asked(9), asked(2));
    assert!((few - truth).abs() < (before - truth).abs(), "{before} {few} {truth}");
    assert!((many - truth).abs() < 0.5 * (before - truth).abs(), "{before} {few} {many} {truth}");
    assert!(narrow <= wide + 1e-6 && narrower < narrow, "{wide} {narrow} {narrower}");
}

fn solved(snapshot: &Snapshot, model: usize) -> Vec<usize> {
    let right = |item: &usize| snapshot.get(ModelIndex(model as u32), TaskIndex(*item as u32)) == Some(1.0);
    (0..snapshot.tasks.len()).filter(right).collect()
}

#[test]
fn cancelling_ends_a_training() {
    struct Stop;
    impl Observer for Stop {
        fn report<'a>(&'a mut self, _: &'a Progress) -> BoxFuture<'a, ControlFlow<()>> {
            Box::pin(std::future::ready(ControlFlow::Break(())))
        }
    }
    for method in
        [Method::Lrmf, Method::Eyas, Method::Mf, Method::Irt, Method::Ncf, Method::NcfFactors, Method::Factors]
    {
        let options = TrainOptions { method, ..TrainOptions::default() };
        let stopped = pollster::block_on(Recommender::train(families(), &options, &mut Stop));
        assert_eq!(stopped.err().map(|error| error.kind()), Some(ErrorKind::Cancelled), "{}", method.name());
    }
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

/// Where the start comes from nothing is known of the graphs; were it an epoch that early stopping may choose, strong penalties
/// would have nothing better after it, and the training would end there.
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
