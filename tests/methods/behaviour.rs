//! What users notice of the default method's forecasts, on the 117 open models.

use crate::accuracy::open_models;
use eyas::lineage::{Parent, Relation};
use eyas::methods::Silent;
use eyas::recommend::{Prediction, Recommender, Request, TrainOptions};
use eyas::snapshot::Factor;

fn trained(seed: u64) -> Recommender {
    let options = TrainOptions { seed, ..TrainOptions::default() };
    pollster::block_on(Recommender::train(open_models(), &options, &mut Silent)).unwrap()
}

fn of_size(name: &str, params: f64) -> Request {
    let factors = [("params".to_owned(), Factor::Number(params)), ("type".to_owned(), Factor::Text("chat".to_owned()))];
    Request { name: Some(name.to_owned()), factors: factors.into(), ..Request::default() }
}

fn means(prediction: &Prediction) -> Vec<f32> {
    prediction.forecasts.iter().map(|forecast| forecast.mean).collect()
}

fn width(prediction: &Prediction) -> f32 {
    prediction.forecasts.iter().map(|forecast| forecast.upper.unwrap() - forecast.lower.unwrap()).sum()
}

/// The mean difference of two forecasts.
fn apart(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(one, other)| (one - other).abs()).sum::<f32>() / one.len() as f32
}

#[test]
fn more_parameters_hardly_ever_lower_a_forecast() {
    let model = trained(0);
    let (mut steps, mut drops) = (0, 0);
    for family in ["Qwen/Qwen2.5", "meta-llama/Llama-3.1", "google/gemma-2", "01-ai/Yi-1.5", "newlab/nova"] {
        let of = |size: f64| means(&model.predict(&of_size(&format!("{family}-{size}b-test"), size)).unwrap());
        let forecasts: Vec<Vec<f32>> = [1.0, 3.0, 7.0, 14.0, 32.0, 72.0].map(of).to_vec();
        for pair in forecasts.windows(2) {
            steps += pair[0].len();
            drops += pair[0].iter().zip(&pair[1]).filter(|(small, large)| **large < **small - 0.02).count();
        }
    }
    assert!(drops * 33 <= steps, "{drops} of {steps}");
}

#[test]
fn a_merge_is_like_the_parent_that_it_has_most_of() {
    let model = trained(0);
    let parents = ["meta-llama/Meta-Llama-3-8B-Instruct", "Qwen/Qwen1.5-0.5B"];
    let merge = |first: f32| {
        let weights = [first, 1.0 - first];
        let parent = |at: usize| Parent { weight: weights[at], ..Parent::new(parents[at], Relation::Merge) };
        means(&model.predict(&Request { parents: vec![parent(0), parent(1)], ..Request::default() }).unwrap())
    };
    let own =
        |at: usize| means(&model.predict(&Request { id: Some(parents[at].to_owned()), ..Request::default() }).unwrap());
    let (mostly_first, mostly_second) = (merge(0.99), merge(0.01));
    assert!(apart(&mostly_first, &own(0)) < 0.4 * apart(&mostly_first, &own(1)), "{mostly_first:?} {:?}", own(0));
    assert!(apart(&mostly_second, &own(1)) < 0.7 * apart(&mostly_second, &own(0)), "{mostly_second:?} {:?}", own(1));
}

#[test]
fn parents_of_a_merge_count_by_their_weights_alone() {
    let model = trained(0);
    let parents = ["google/gemma-2-9b-it", "Qwen/Qwen1.5-0.5B"];
    let merge = |order: [usize; 2], first: f32| {
        let weights = [first, 1.0 - first];
        let parent = |at: usize| Parent { weight: weights[at], ..Parent::new(parents[at], Relation::Merge) };
        let request = Request { parents: order.map(parent).to_vec(), ..Request::default() };
        means(&model.predict(&request).unwrap())
    };
    let half = merge([0, 1], 0.5);
    assert!(apart(&half, &merge([1, 0], 0.5)) < 1e-4, "the order of the parents");
    let more = merge([0, 1], 0.51);
    assert!(apart(&half, &more) < 0.01, "{half:?} {more:?}");
    assert!(apart(&merge([0, 1], 0.9), &merge([0, 1], 0.6)) > 0.02);
}

#[test]
fn a_size_in_a_name_is_no_word() {
    let model = trained(0);
    let of = |size: f64| means(&model.predict(&of_size(&format!("newlab/new-{size}B"), size)).unwrap());
    let forecasts: Vec<Vec<f32>> = [6.0, 7.0, 8.0, 9.0, 10.0].map(of).to_vec();
    for pair in forecasts.windows(2) {
        assert!(apart(&pair[0], &pair[1]) < 0.02, "names that no model has and names that many have: {pair:?}");
    }
}

#[test]
fn a_model_without_a_name_is_as_open_as_one_of_an_unknown_name() {
    let model = trained(0);
    let named = of_size("newlab/zork", 8.0);
    let nameless = Request { name: None, ..named.clone() };
    let [named, nameless] = [named, nameless].map(|request| width(&model.predict(&request).unwrap()));
    assert!(nameless > 0.9 * named, "{nameless} {named}");
}

#[test]
fn what_is_known_narrows_a_forecast() {
    let model = trained(0);
    let known_family = width(&model.predict(&of_size("Qwen/Qwen2-8B-test", 8.0)).unwrap());
    let unknown_family = width(&model.predict(&of_size("newlab/zork-8b", 8.0)).unwrap());
    let nothing = Request { name: Some("newlab/zork".to_owned()), ..Request::default() };
    let no_facts = width(&model.predict(&nothing).unwrap());
    assert!(known_family < 0.95 * unknown_family, "{known_family} {unknown_family}");
    assert!(unknown_family < 0.9 * no_facts, "{unknown_family} {no_facts}");
}

#[test]
fn another_seed_hardly_moves_a_forecast() {
    let [first, second] = [0, 1].map(trained);
    for request in [of_size("newlab/zork-8b", 8.0), of_size("Qwen/Qwen2-14B-test", 14.0), of_size("a/b-70b", 70.0)] {
        let of = |model: &Recommender| means(&model.predict(&request).unwrap());
        let moved = apart(&of(&first), &of(&second));
        assert!(moved < 0.01, "{moved}");
    }
}
