//! What can be asked of a method beside its errors, as the faces ask it: by a word, with everything else left at its default.

use super::{
    FactorShares, ItemResponse, PenaltyPoint, Relations, Side, Split, factor_shares, influence, item_response,
    penalty_grid, task_correlations,
};
use crate::error::{Error, Result};
use crate::linalg::print_number;
use crate::methods::{Method, Observer, Trainer};
use crate::snapshot::Snapshot;
use serde::Serialize;

/// A question about what predictions rest on.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// `shapley`, `models`, `tasks`, `correlation`, `penalties` or `irt`.
    pub what: String,
    /// What is held out, where errors are compared.
    pub split: Split,
    /// Whose errors `models` and `tasks` compare.
    pub method: Method,
    /// How many seeds, from 0.
    pub seeds: u64,
    /// Strengths that `penalties` pairs.
    pub strengths: Vec<f32>,
    /// One slope for all items, for `irt`.
    pub shared_slope: bool,
}

impl Question {
    /// What is held out where nothing is said.
    pub const SPLIT: &str = "cells:0.1";
    /// Strengths where none are given.
    pub const STRENGTHS: [f32; 5] = [0.0, 1e-6, 1e-5, 1e-4, 1e-3];
    /// The method where none is named.
    pub const METHOD: Method = Method::Mf;

    fn seeds(&self) -> Result<u64> {
        if self.seeds == 0 { Err(Error::input("the number of seeds must be at least 1")) } else { Ok(self.seeds) }
    }
}

/// The answer to a [`Question`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Analysis {
    /// To `shapley`.
    Shares(Vec<FactorShares>),
    /// To `models`, `tasks` and `correlation`.
    Relations(Relations),
    /// To `penalties`.
    Penalties(Vec<PenaltyPoint>),
    /// To `irt`.
    ItemResponse(ItemResponse),
}

/// Answers a question.
///
/// # Errors
/// If there is no such question, the data can't give what it asks for, or the observer stops a training.
pub async fn analyse(
    snapshot: &Snapshot,
    question: &Question,
    trainer: &impl Trainer,
    observer: &mut dyn Observer,
) -> Result<Analysis> {
    match question.what.as_str() {
        "penalties" | "irt" => analyse_parameters(snapshot, question, trainer, observer).await,
        _ => analyse_worth(snapshot, question, trainer, observer).await,
    }
}

/// [`analyse`] for what factors, models and tasks are worth to one another: all questions but `penalties` and `irt`.
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
            let all = "shapley, models, tasks, correlation, penalties, irt";
            return Err(Error::input(format!("nothing to analyse is called \"{other}\"; there are {all}")));
        }
    };
    Ok(Analysis::Relations(influence(snapshot, split, (*method, side), seeds, trainer, observer).await?))
}

/// [`analyse`] for `penalties`, and for all others `irt`.
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
