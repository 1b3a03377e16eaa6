//! The analyses of a method besides its errors, as the page, command line and package request them: by name, with
//! defaults for all other settings.

use super::{
    Atlas, FactorShares, FeatureShares, ItemResponse, LossPoint, PenaltyPoint, Priors, Relations, Side, Split, atlas,
    factor_shares, feature_shares, influence, item_response, loss_ablation, penalty_grid, priors, task_correlations,
};
use crate::error::{Error, Result};
use crate::linalg::print_number;
use crate::methods::{Method, Observer, Trainer};
use crate::snapshot::Snapshot;
use serde::Serialize;

/// A request for an analysis of what predictions rest on.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// `shapley`, `models`, `tasks`, `correlation`, `penalties` or `irt`; of the ranker `losses`, `features`, `priors`
    /// or `atlas`.
    pub what: String,
    /// The cells to hold out, for analyses that compare errors.
    pub split: Split,
    /// The method whose errors `models` and `tasks` compare.
    pub method: Method,
    /// Number of seeds, from 0.
    pub seeds: u64,
    /// The seed of `atlas`.
    pub seed: u64,
    /// Strengths whose pairs `penalties` tries.
    pub strengths: Vec<f32>,
    /// Whether `irt` has one slope for all items.
    pub shared_slope: bool,
}

impl Question {
    /// The default split.
    pub const SPLIT: &str = "cells:0.1";
    /// The default strengths.
    pub const STRENGTHS: [f32; 5] = [0.0, 1e-6, 1e-5, 1e-4, 1e-3];
    /// The default method.
    pub const METHOD: Method = Method::Mf;

    fn seeds(&self) -> Result<u64> {
        if self.seeds == 0 { Err(Error::input("the number of seeds must be at least 1")) } else { Ok(self.seeds) }
    }
}

/// The result of a [`Question`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Analysis {
    /// For `shapley`.
    Shares(Vec<FactorShares>),
    /// For `models`, `tasks` and `correlation`.
    Relations(Relations),
    /// For `penalties`.
    Penalties(Vec<PenaltyPoint>),
    /// For `irt`.
    ItemResponse(ItemResponse),
    /// For `losses`.
    Losses(Vec<LossPoint>),
    /// For `features`.
    Features(Vec<FeatureShares>),
    /// For `priors`.
    Priors(Priors),
    /// For `atlas`.
    Atlas(Atlas),
}

/// Runs an analysis.
///
/// # Errors
/// If there is no such analysis, the data don't allow it, or the observer stops a training.
pub async fn analyse(
    snapshot: &Snapshot,
    question: &Question,
    trainer: &impl Trainer,
    observer: &mut dyn Observer,
) -> Result<Analysis> {
    match question.what.as_str() {
        "penalties" | "irt" => analyse_parameters(snapshot, question, trainer, observer).await,
        "losses" | "features" | "priors" | "atlas" => analyse_ranker(snapshot, question, trainer, observer).await,
        _ => analyse_worth(snapshot, question, trainer, observer).await,
    }
}

/// [`analyse`] for the influence of factors, models and tasks: all analyses but those of parameters and of the ranker.
///
/// # Errors
/// As [`analyse`].
pub async fn analyse_worth(
    snapshot: &Snapshot,
    question: &Question,
    trainer: &impl Trainer,
    observer: &mut dyn Observer,
) -> Result<Analysis> {
    let Question { what, split, method, .. } = question;
    let seeds = question.seeds()?;
    let side = match what.as_str() {
        "shapley" => return Ok(Analysis::Shares(factor_shares(snapshot, split, seeds, trainer, observer).await?)),
        "correlation" => return Ok(Analysis::Relations(task_correlations(snapshot))),
        "models" => Side::Models,
        "tasks" => Side::Tasks,
        other => {
            let all = "shapley, models, tasks, correlation, penalties, irt, losses, features, priors, atlas";
            return Err(Error::input(format!("no analysis is called \"{other}\"; there are {all}")));
        }
    };
    Ok(Analysis::Relations(influence(snapshot, split, (*method, side), seeds, trainer, observer).await?))
}

/// [`analyse`] for `losses`, `features` and `atlas`; any other name is taken for `priors`.
///
/// # Errors
/// As [`analyse`].
pub async fn analyse_ranker(
    snapshot: &Snapshot,
    question: &Question,
    trainer: &impl Trainer,
    observer: &mut dyn Observer,
) -> Result<Analysis> {
    let (split, seeds) = (&question.split, question.seeds()?);
    Ok(match question.what.as_str() {
        "losses" => Analysis::Losses(loss_ablation(snapshot, split, seeds, trainer, observer).await?),
        "features" => Analysis::Features(feature_shares(snapshot, split, seeds, trainer, observer).await?),
        "atlas" => Analysis::Atlas(atlas(snapshot, question.seed, trainer, observer).await?),
        _ => Analysis::Priors(priors(snapshot, seeds, trainer, observer).await?),
    })
}

/// [`analyse`] for `penalties`; any other name is taken for `irt`.
///
/// # Errors
/// As [`analyse`].
pub async fn analyse_parameters(
    snapshot: &Snapshot,
    question: &Question,
    trainer: &impl Trainer,
    observer: &mut dyn Observer,
) -> Result<Analysis> {
    let Question { what, split, strengths, shared_slope, .. } = question;
    let seeds = question.seeds()?;
    if what != "penalties" {
        return Ok(Analysis::ItemResponse(item_response(snapshot, *shared_slope, trainer, observer).await?));
    }
    if let Some(strength) = strengths.iter().find(|strength| !(0.0..=1e6).contains(*strength)) {
        return Err(Error::input(format!("a strength is 0 or more, not {}", print_number(*strength))));
    }
    Ok(Analysis::Penalties(penalty_grid(snapshot, split, strengths, seeds, trainer, observer).await?))
}
