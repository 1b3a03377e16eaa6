//! The contribution of each factor to the accuracy: exact Shapley values of a network's error (Zhang et al.,
//! "Collaborative Performance Prediction", appendix C.3, eq. 10 and 11).
//!
//! A trained `ncf-factors` predicts the held-out cells with every subset of the model factors, then of the task
//! factors; hidden factors are masked like missing values. A factor's value is the reduction of the mean squared error.
//! CPP masks a number by zero, which its network can't distinguish from an average model; here a masked value and an
//! average one differ.

use super::{Split, Trial};
use crate::decide::shapley::shapley;
use crate::error::{Error, Result};
use crate::linalg::order;
use crate::methods::{Method, Ncf, NcfConfig, Observer, Trainer};
use crate::snapshot::{ModelIndex, Snapshot, TaskIndex};
use serde::Serialize;

/// The maximum number of factors on one side: each doubles the work.
const MOST_FACTORS: usize = 16;

/// The shares of one side's factors, means over seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FactorShares {
    /// `model` or `task`.
    pub side: &'static str,
    /// Mean squared error on the held-out cells with all factors.
    pub with_all: f64,
    /// Mean squared error on the held-out cells without any factor of this side.
    pub with_none: f64,
    /// Shares, greatest first; they sum to `with_none - with_all`.
    pub factors: Vec<FactorShare>,
}

/// A factor and its reduction of the mean squared error.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FactorShare {
    /// Its name.
    pub name: String,
    /// Its Shapley value.
    pub value: f64,
}

/// Trains `ncf-factors` on the trial of each seed and distributes its error over the factors.
///
/// # Errors
/// If the data don't allow the split, have no factors or more than 16 on one side, or the observer stops a training.
pub async fn factor_shares(
    snapshot: &Snapshot,
    split: &Split,
    seeds: u64,
    trainer: &impl Trainer,
    observer: &mut dyn Observer,
) -> Result<Vec<FactorShares>> {
    let mut sums: [Option<(Vec<String>, Game)>; 2] = [None, None];
    for seed in 0..seeds {
        let trial = Trial::of(snapshot, split, seed)?;
        let data = trial.data();
        let parameters = trainer.train(Method::NcfFactors.into(), &data, observer).await?;
        let network = Ncf::restore(&data, &NcfConfig::with_factors(), &parameters)?;
        for (side, sum) in sums.iter_mut().enumerate() {
            let names = &network.factor_names()[side];
            if names.is_empty() {
                continue;
            }
            if names.len() > MOST_FACTORS {
                let message = format!("{} factors on one side; at most {MOST_FACTORS} can be shared out", names.len());
                return Err(Error::input(message));
            }
            let game = play(&trial, &network, side, names.len());
            match sum {
                Some((_, all)) => all.add(&game),
                None => *sum = Some((names.clone(), game)),
            }
        }
    }
    let shares = |(side, (names, game)): (&'static str, (Vec<String>, Game))| {
        let mean = |sum: f64| sum / seeds as f64;
        let greatest_first = order(names.len(), &mut |a, b| game.values[b].total_cmp(&game.values[a]));
        let share = |at: usize| FactorShare { name: names[at].clone(), value: mean(game.values[at]) };
        let factors = greatest_first.into_iter().map(share).collect();
        FactorShares { side, with_all: mean(game.with_all), with_none: mean(game.with_none), factors }
    };
    let found: Vec<FactorShares> =
        ["model", "task"].into_iter().zip(sums).filter_map(|(side, sum)| Some(shares((side, sum?)))).collect();
    if found.is_empty() { Err(Error::input("neither models nor tasks have factors here")) } else { Ok(found) }
}

#[derive(Debug, Clone)]
struct Game {
    values: Vec<f64>,
    with_all: f64,
    with_none: f64,
}

impl Game {
    fn add(&mut self, other: &Self) {
        self.values.iter_mut().zip(&other.values).for_each(|(sum, value)| *sum += value);
        self.with_all += other.with_all;
        self.with_none += other.with_none;
    }
}

/// The factors of one side as players, the error as the value; all factors of the other side are visible.
fn play(trial: &Trial<'_>, network: &Ncf, side: usize, factors: usize) -> Game {
    let held = trial.held();
    let cells: Vec<(ModelIndex, TaskIndex)> = held
        .models()
        .flat_map(|model| held.cells.ones(model.0 as usize).map(move |task| (model, TaskIndex(task as u32))))
        .collect();
    let truths: Vec<f32> = cells.iter().map(|&(model, task)| trial.truth(model, task.0 as usize)).collect();
    let error = |coalition: u32| {
        let mut shown = [u32::MAX; 2];
        shown[side] = coalition;
        let predicted = network.predict_with(&cells, shown);
        let squares = predicted.iter().zip(&truths).map(|(predicted, truth)| f64::from(predicted - truth).powi(2));
        squares.sum::<f64>() / truths.len() as f64
    };
    let all = (1 << factors) - 1;
    let (with_all, with_none) = (error(all), error(0));
    Game { values: shapley(factors, |coalition| -error(coalition)), with_all, with_none }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::methods::{Here, Silent};
    use crate::snapshot::Factor;

    #[test]
    fn the_shares_of_a_networks_error_sum_to_the_whole() {
        let mut snapshot = Snapshot::synthetic(40, 8, 3);
        for (at, model) in snapshot.models.iter_mut().enumerate() {
            model.factors.insert("params".to_owned(), Factor::Number(1.0 + at as f64));
            model.factors.insert("family".to_owned(), Factor::Text(["a", "b", "c"][at % 3].to_owned()));
        }
        let split: Split = "cells:0.2".parse().unwrap();
        let shares = pollster::block_on(factor_shares(&snapshot, &split, 1, &Here, &mut Silent)).unwrap();
        assert_eq!(shares.len(), 1, "the tasks have no factors");
        assert_eq!((shares[0].side, shares[0].factors.len()), ("model", 2));
        let sum: f64 = shares[0].factors.iter().map(|factor| factor.value).sum();
        assert!((sum - (shares[0].with_none - shares[0].with_all)).abs() < 1e-9);
        assert!(shares[0].factors.iter().any(|factor| factor.value != 0.0));
    }
}
