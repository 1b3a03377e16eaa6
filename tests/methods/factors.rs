//! Forecasts from factors.

use super::{data, families, forecast, hide};
use eyas::linalg::SparseMatrix;
use eyas::methods::{Fitted, Method, NewModel, NoCurve, ScalingLaw, Silent, Target, Use, VisibleCells};
use eyas::snapshot::{Factor, Factors, ModelIndex, Results, Snapshot};

/// The methods that use factors.
fn with_facts() -> Vec<Method> {
    // Popularity is one factor; it has a test of its own.
    let uses = |method: &Method| method.uses(Use::Factors) && *method != Method::Popularity;
    Method::ALL.into_iter().filter(uses).collect()
}

/// The families with factors: lower families have fewer parameters. Two rows have factors in odd forms.
fn with_factors() -> Snapshot {
    let mut snapshot = families();
    for (at, model) in snapshot.models.iter_mut().enumerate() {
        let params = 10.0f64.powi(at as i32 / 8) * (1.0 + at as f64 / 100.0);
        model.factors = Factors::from([
            ("params".to_owned(), Factor::Number(params)),
            ("kind".to_owned(), Factor::Text(["base", "chat", "merge"][at / 8].to_owned())),
            ("layers".to_owned(), Factor::Number(32.0)),
            ("family".to_owned(), Factor::Text("one".to_owned())),
            ("hearts".to_owned(), Factor::Number((at * 7 % 24) as f64)),
        ]);
    }
    snapshot.models[2].factors.insert("params".to_owned(), Factor::Number(f64::NAN));
    snapshot.models[3].factors.insert("kind".to_owned(), Factor::Number(7.0));
    snapshot.models[4].factors = Factors::new();
    snapshot
}

#[test]
fn every_method_with_factors_distinguishes_a_large_model_from_a_small_one() {
    let snapshot = with_factors();
    for method in with_facts() {
        let mean = |params: f64, kind: &str| {
            let kind = ("kind".to_owned(), Factor::Text(kind.to_owned()));
            let family = ("family".to_owned(), Factor::Text("one".to_owned()));
            let factors = Factors::from([("params".to_owned(), Factor::Number(params)), kind, family]);
            let new = NewModel { factors, ..NewModel::default() };
            forecast(&snapshot, &hide(&snapshot, &[]), method, Target::New(&new))[0]
        };
        let (small, large) = (mean(1.05, "base"), mean(118.0, "merge"));
        // The default method knows that the names tell the levels by themselves, and this model has none.
        let (low, high) = match method {
            Method::Eyas => (0.5, 0.51),
            // A name is a part of its vectors, and this model has none.
            Method::Embedder => (0.4, 0.55),
            _ => (0.35, 0.65),
        };
        assert!(small < low && large > high, "{}: {small} {large}", method.name());
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
fn only_the_popularity_baseline_uses_popularity() {
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
fn the_scaling_law_needs_three_measured_sizes_and_gives_a_reason_otherwise() {
    let mut snapshot = families();
    for (at, model) in snapshot.models.iter_mut().enumerate() {
        // Sizes 1, 2, 4 … in the first family, one size in the second, unknown sizes in the third.
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
