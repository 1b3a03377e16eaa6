//! Forecasts from lineage.

use super::{data, families, forecast, hide};
use eyas::lineage::{Parent, Relation};
use eyas::methods::{Lrmf, LrmfConfig, Method, NewModel, Silent, Target, Use, VisibleCells};
use eyas::snapshot::ModelIndex;

/// The methods that use lineage.
fn with_lineage() -> Vec<Method> {
    Method::ALL.into_iter().filter(|method| method.uses(Use::Lineage)).collect()
}

#[test]
fn every_method_with_lineage_puts_a_model_into_its_family() {
    let snapshot = families();
    let hidden = hide(&snapshot, &[5, 13, 21]);
    for method in with_lineage() {
        for (model, level) in [(5, 0.21), (13, 0.51), (21, 0.81)] {
            let mean = forecast(&snapshot, &hidden, method, Target::Known(ModelIndex(model)));
            assert!((mean[0] - level).abs() < 0.06, "{} put model {model} at {}", method.name(), mean[0]);
        }
    }
}

/// The hidden model has no relatives in the graph, but a name of the family.
#[test]
fn lrmf_puts_a_model_without_relatives_among_models_with_similar_names() {
    let mut snapshot = families();
    snapshot.lineage = snapshot.lineage.with_edges(Vec::new());
    let hidden = hide(&snapshot, &[5, 13, 21]); // the number 5 is in no other name
    let mean = |target: Target<'_>| forecast(&snapshot, &hidden, Method::Lrmf, target)[0];
    let named = |name: &str| NewModel { name: Some(name.to_owned()), ..NewModel::default() };
    for (model, id, level) in [(5, "low/new", 0.2), (21, "high/new", 0.8)] {
        let (known, new) = (mean(Target::Known(ModelIndex(model))), mean(Target::New(&named(id))));
        assert!((known - level).abs() < 0.08 && (new - level).abs() < 0.08, "{id}: {known} {new}");
    }
    let unrelated = mean(Target::New(&named("other/new")));
    assert!((unrelated - 0.5).abs() < 0.1, "no similar name: the mean of all, not {unrelated}");
}

#[test]
fn a_new_model_is_where_its_parent_is_and_a_known_score_moves_it() {
    let snapshot = families();
    let none = hide(&snapshot, &[]);
    let new = NewModel { parents: vec![Parent::new("high/0", Relation::Finetune)], ..NewModel::default() };
    for method in with_lineage() {
        let mean = forecast(&snapshot, &none, method, Target::New(&new));
        // For the default method a model without a name is less similar to its family, and 24 models are few: 0.51 is
        // their mean. The ranker and its baselines learn from so few models only a little of what an ancestor means.
        let least = match method {
            Method::Eyas => 0.56,
            Method::Ranker | Method::TwoTower | Method::Imc | Method::Gimc | Method::Embedder | Method::Zap => 0.511,
            _ => 0.77,
        };
        let near = mean[1] > least && mean[1] < 0.85;
        assert!(near, "{}: {}", method.name(), mean[1]);
    }
    let with_score = NewModel { scores: vec![(0, 0.4)], ..new.clone() };
    for method in [Method::Lrmf, Method::Eyas] {
        let [without, with] = [&new, &with_score].map(|new| forecast(&snapshot, &none, method, Target::New(new))[1]);
        assert!(with < without - 0.01, "{}: {without} {with}", method.name());
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
