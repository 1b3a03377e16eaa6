//! The table of methods states what a method can use; what it does not use must not change its forecasts.

use super::{families, forecast, hide};
use eyas::lineage::{Parent, Relation};
use eyas::methods::{Method, NewModel, Target, Use};
use eyas::snapshot::{Date, Factor, Factors, Snapshot};

/// The families with a size, a colour, hearts and a date each.
fn described() -> Snapshot {
    let mut snapshot = families();
    for (at, model) in snapshot.models.iter_mut().enumerate() {
        model.factors = factors(1.0 + at as f64, at as f64);
        model.date = Date::new(2024, 1 + at as u8 % 12, 1 + at as u8);
    }
    snapshot
}

fn factors(params: f64, hearts: f64) -> Factors {
    let colour = Factor::Text(if params < 12.0 { "red" } else { "blue" }.to_owned());
    let (params, hearts) = (Factor::Number(params), Factor::Number(hearts));
    let family = Factor::Text("one".to_owned());
    let named = [("params", params), ("colour", colour), ("hearts", hearts), ("family", family)];
    named.map(|(name, factor)| (name.to_owned(), factor)).into()
}

#[test]
fn what_a_method_does_not_use_changes_none_of_its_forecasts() {
    let snapshot = described();
    let plain = NewModel { name: Some("who/knows".to_owned()), factors: factors(5.0, 5.0), ..NewModel::default() };
    let with = [
        (Use::Factors, NewModel { factors: factors(23.0, 20.0), ..plain.clone() }),
        (Use::Dates, NewModel { date: Date::new(2025, 1, 1), ..plain.clone() }),
        (Use::Lineage, NewModel { parents: vec![Parent::new("high/0", Relation::Finetune)], ..plain.clone() }),
        (Use::Names, NewModel { name: Some("high/9".to_owned()), ..plain.clone() }),
        (Use::Scores, NewModel { scores: vec![(1, 0.85)], ..plain.clone() }),
    ];
    for method in Method::ALL {
        let of = |new: &NewModel| forecast(&snapshot, &hide(&snapshot, &[]), method, Target::New(new));
        let without = of(&plain);
        for (what, new) in &with {
            let changed = of(new) != without;
            // A date may have no effect here; all others must have one where they are used.
            let wrong = if method.uses(*what) { !changed && *what != Use::Dates } else { changed };
            assert!(!wrong, "{}, {what:?}: its forecast {}", method.name(), if changed { "changed" } else { "stayed" });
        }
    }
}
