//! Forecasts for a new model from its known scores.

use super::{data, families, forecast, hide};
use eyas::lineage::{Parent, Relation};
use eyas::methods::{Method, NewModel, Silent, Target, Use, VisibleCells};
use eyas::snapshot::{Factor, ModelIndex, Snapshot, TaskIndex};

/// The methods that use known scores of a new model.
fn with_scores() -> Vec<Method> {
    Method::ALL.into_iter().filter(|method| method.uses(Use::Scores)).collect()
}

/// If a score is given twice, the last one counts, and no method fails.
#[test]
fn a_score_that_is_given_twice_counts_once() {
    for snapshot in [families(), Snapshot::synthetic(40, 30, 4)] {
        let visible = VisibleCells::new(&snapshot, None).unwrap();
        let data = data(&snapshot, &visible);
        let twice = NewModel { scores: vec![(0, 0.0), (1, 1.0), (0, 1.0), (1, 1.0)], ..NewModel::default() };
        let once = NewModel { scores: vec![(0, 1.0), (1, 1.0)], ..NewModel::default() };
        for method in Method::ALL {
            let fitted = pollster::block_on(method.fit(&data, &mut Silent)).unwrap();
            let [twice, once] = [&twice, &once].map(|new| {
                let target = Target::New(new);
                (fitted.forecast(&data, target).unwrap(), fitted.unknowns(&data, target).unwrap())
            });
            assert_eq!(twice, once, "{}", method.name());
        }
    }
}

#[test]
fn known_scores_place_a_new_model_near_models_with_similar_scores() {
    let snapshot = families();
    let none = hide(&snapshot, &[]);
    for method in with_scores() {
        let mean = |scores: Vec<(usize, f32)>| {
            let new = NewModel { scores, ..NewModel::default() };
            forecast(&snapshot, &none, method, Target::New(&new))[3]
        };
        let (low, middle, high) = (mean(vec![(0, 0.2), (1, 0.21)]), mean(vec![]), mean(vec![(0, 0.8), (1, 0.81)]));
        assert!(low < 0.36 && (0.4..0.66).contains(&middle) && high > 0.68, "{}: {low} {middle} {high}", method.name());
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
    let mut first = f32::INFINITY;
    for known in [vec![], vec![(0, 0.6)], vec![(0, 0.6), (1, 0.61)]] {
        new.scores = known;
        let forecast = fitted.forecast(&data, Target::New(&new)).unwrap();
        let (low, high) = forecast.intervals[3];
        assert!((low..=high).contains(&forecast.mean[3]), "{low} {} {high}", forecast.mean[3]);
        assert!(high - low < first, "{} after {first}", high - low);
        first = if new.scores.is_empty() { high - low } else { first };
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

/// A model with only answers to every other item: the means of the whole benchmarks are close to those of a model with
/// such answers, and the intervals never widen.
#[test]
fn answers_to_some_items_predict_the_others() {
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
