//! The results that are held out of a snapshot.

use super::{Draw, Purpose, generator};
use crate::error::{Error, Result};
use crate::linalg::BitMatrix;
use crate::snapshot::{Model, ModelIndex, Results, Snapshot};
use std::collections::BTreeSet;

/// The known results that training may not see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Models without any result in training, in ascending order.
    pub whole_models: Vec<ModelIndex>,
    /// The held-out results, including those of whole models. Only known results are set. (models, tasks)
    pub cells: BitMatrix,
}

impl Held {
    /// Holds out these cells, which must all be known.
    pub(super) fn new(snapshot: &Snapshot, cells: BitMatrix) -> Result<Self> {
        let (held, known) = (cells.count_ones(), snapshot.cells());
        if held == 0 {
            return Err(Error::input("no known result is held out"));
        }
        if held == known {
            return Err(Error::input(format!("all {known} known results are held out and none is left to train on")));
        }
        let whole = |&model: &u32| {
            let held = cells.count_row(model as usize);
            held > 0 && held == count_known(snapshot, ModelIndex(model))
        };
        let whole_models = (0..snapshot.models.len() as u32).filter(whole).map(ModelIndex).collect();
        Ok(Self { whole_models, cells })
    }

    /// Whether a model has no result in training.
    #[must_use]
    pub fn is_whole(&self, model: ModelIndex) -> bool {
        self.whole_models.binary_search(&model).is_ok()
    }

    /// Models with held-out results, in ascending order.
    pub fn models(&self) -> impl Iterator<Item = ModelIndex> + '_ {
        (0..self.cells.rows() as u32).filter(|&model| self.cells.count_row(model as usize) > 0).map(ModelIndex)
    }
}

/// The models, with these factors removed from those that have held-out results; `all` removes all factors and leaves
/// name, date and lineage.
///
/// # Errors
/// If no model has a factor of one of these names.
pub fn hide_factors(models: &[Model], held: &Held, names: &[String]) -> Result<Vec<Model>> {
    let is = |factor: &str, name: &str| name == "all" || factor.eq_ignore_ascii_case(name);
    for name in names {
        if !models.iter().any(|model| model.factors.keys().any(|factor| is(factor, name))) {
            let known: BTreeSet<&str> =
                models.iter().flat_map(|model| model.factors.keys().map(String::as_str)).collect();
            let known = known.into_iter().collect::<Vec<_>>().join(", ");
            return Err(Error::input(format!("no model has a factor \"{name}\" to hide; there are: {known}")));
        }
    }
    let mut models = models.to_vec();
    for ModelIndex(model) in held.models() {
        models[model as usize].factors.retain(|factor, _| !names.iter().any(|name| is(factor, name)));
    }
    Ok(models)
}

/// The cells to hide from training if only a `fraction` of the training cells is kept, at random: the held-out ones and
/// the dropped ones. A whole number from 2 instead of a fraction keeps that many cells of each model. (models, tasks)
///
/// # Errors
/// If it is neither a fraction nor such a number, or keeps no cell.
pub fn keep_cells(snapshot: &Snapshot, held: &Held, fraction: f64, seed: u64) -> Result<BitMatrix> {
    if fraction > 1.0 && fraction.fract() == 0.0 {
        return Ok(keep_of_each(snapshot, held, fraction as usize, seed));
    }
    if !(fraction > 0.0 && fraction <= 1.0) {
        let message =
            "the fraction of cells to keep is above 0 and at most 1, or a whole number of cells of each model";
        return Err(Error::input(format!("{message}, not {fraction}")));
    }
    let training = snapshot.cells() - held.cells.count_ones();
    let kept = (training as f64 * fraction).round() as usize;
    if kept == 0 {
        return Err(Error::input(format!("of {training} training cells, {fraction} keeps none")));
    }
    let mut draw = Draw { wanted: kept, left: training };
    let mut rng = generator(seed, Purpose::KeepCells);
    let mut hidden = held.cells.clone();
    for model in 0..snapshot.models.len() {
        for_known(snapshot, ModelIndex(model as u32), |task| {
            if !held.cells.get(model, task) && !draw.take(&mut rng) {
                hidden.set(model, task, true);
            }
        });
    }
    Ok(hidden)
}

/// The held-out cells, and all but `count` random training cells of each model.
fn keep_of_each(snapshot: &Snapshot, held: &Held, count: usize, seed: u64) -> BitMatrix {
    let mut rng = generator(seed, Purpose::KeepCells);
    let mut hidden = held.cells.clone();
    for model in 0..snapshot.models.len() {
        let index = ModelIndex(model as u32);
        let left = count_known(snapshot, index) - held.cells.count_row(model);
        let mut draw = Draw { wanted: count.min(left), left };
        for_known(snapshot, index, |task| {
            if !held.cells.get(model, task) && !draw.take(&mut rng) {
                hidden.set(model, task, true);
            }
        });
    }
    hidden
}

/// Number of known results of a model.
pub(super) fn count_known(snapshot: &Snapshot, model: ModelIndex) -> usize {
    match &snapshot.results {
        Results::Scores(scores) => scores.row(model.0 as usize).len(),
        Results::Outcomes(outcomes) => outcomes.observed.count_row(model.0 as usize),
    }
}

/// Calls `visit` with each task that has a result of the model, in ascending order.
pub(super) fn for_known(snapshot: &Snapshot, model: ModelIndex, mut visit: impl FnMut(usize)) {
    match &snapshot.results {
        Results::Scores(scores) => scores.row(model.0 as usize).iter().for_each(|&(task, _)| visit(task as usize)),
        Results::Outcomes(outcomes) => outcomes.observed.ones(model.0 as usize).for_each(visit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(snapshot: &Snapshot, cells: &[(usize, usize)]) -> Result<Held> {
        let mut bits = BitMatrix::zeros(snapshot.models.len(), snapshot.tasks.len());
        cells.iter().for_each(|&(model, task)| bits.set(model, task, true));
        Held::new(snapshot, bits)
    }

    #[test]
    fn a_model_is_whole_if_no_result_of_it_is_in_training() {
        let snapshot = Snapshot::synthetic(4, 3, 1);
        let held = held(&snapshot, &[(1, 0), (1, 1), (1, 2), (2, 1)]).unwrap();
        assert_eq!(held.whole_models, [ModelIndex(1)]);
        assert_eq!(held.models().collect::<Vec<_>>(), [ModelIndex(1), ModelIndex(2)]);
        assert_eq!((held.is_whole(ModelIndex(1)), held.is_whole(ModelIndex(2))), (true, false));
    }

    #[test]
    fn something_is_held_out_and_something_is_left() {
        let snapshot = Snapshot::synthetic(1, 2, 1);
        assert!(held(&snapshot, &[]).unwrap_err().to_string().contains("no known result"));
        assert!(held(&snapshot, &[(0, 0), (0, 1)]).unwrap_err().to_string().contains("none is left"));
    }

    #[test]
    fn factors_are_hidden_only_of_models_with_held_out_results() {
        let mut snapshot = Snapshot::synthetic(3, 2, 1);
        for model in &mut snapshot.models {
            let known = ["Params", "type"].map(|name| (name.to_owned(), crate::snapshot::Factor::Number(7.0)));
            model.factors = known.into();
        }
        let held = held(&snapshot, &[(1, 0)]).unwrap();
        let left = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            let models = hide_factors(&snapshot.models, &held, &names).unwrap();
            models.into_iter().map(|model| model.factors.into_keys().collect::<Vec<_>>()).collect::<Vec<_>>()
        };
        assert_eq!(left(&["params"]), [vec!["Params", "type"], vec!["type"], vec!["Params", "type"]]);
        assert_eq!(left(&["all"])[1], Vec::<String>::new());
        let error = hide_factors(&snapshot.models, &held, &["size".into()]).unwrap_err().to_string();
        assert!(error.contains("\"size\"") && error.contains("Params, type"), "{error}");
    }

    #[test]
    fn dropped_cells_are_a_share_of_training_and_held_out_ones_stay_hidden() {
        let snapshot = Snapshot::synthetic(20, 70, 1);
        let held = held(&snapshot, &(0..70).map(|task| (3, task)).collect::<Vec<_>>()).unwrap();
        let hidden = keep_cells(&snapshot, &held, 0.25, 7).unwrap();
        assert_eq!(hidden.count_ones(), 70 + 1330 - 333);
        assert_eq!(hidden.count_row(3), 70);
        assert_eq!(hidden, keep_cells(&snapshot, &held, 0.25, 7).unwrap());
        assert_ne!(hidden, keep_cells(&snapshot, &held, 0.25, 8).unwrap());
        assert_eq!(keep_cells(&snapshot, &held, 1.0, 7).unwrap(), held.cells);
        let of_each = keep_cells(&snapshot, &held, 5.0, 7).unwrap();
        let kept = (0..20).map(|model| 70 - of_each.count_row(model));
        assert_eq!(kept.collect::<Vec<_>>(), (0..20).map(|model| if model == 3 { 0 } else { 5 }).collect::<Vec<_>>());
        for fraction in [0.0, -1.0, 1.5, f64::NAN, f64::INFINITY, 1e-9] {
            assert!(keep_cells(&snapshot, &held, fraction, 7).is_err(), "{fraction}");
        }
    }
}
