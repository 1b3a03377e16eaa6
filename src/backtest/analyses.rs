//! What can be asked of a method beside its errors, as the faces ask it: by a word, with everything else left at its default.

use super::{
    Conditions, FactorShares, ItemResponse, PenaltyPoint, Relations, Side, Split, factor_shares, influence,
    item_response, penalty_grid, task_correlations,
};
use crate::error::{Error, Result};
use crate::methods::{Fitted, Method, Observer, TrainingData};
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

/// Answers a question; `fit` trains its method where it is asked about one.
///
/// # Errors
/// If there is no such question, the data can't give what it asks for, or the observer stops a training.
pub async fn analyse(
    snapshot: &Snapshot,
    question: &Question,
    fit: impl AsyncFn(&TrainingData<'_>, &mut dyn Observer) -> Result<Box<dyn Fitted>>,
    observer: &mut dyn Observer,
) -> Result<Analysis> {
    let Question { what, split, method, seeds, strengths, shared_slope } = question;
    let seeds = *seeds;
    if seeds == 0 {
        return Err(Error::input("the number of seeds must be at least 1"));
    }
    if let Some(strength) = strengths.iter().find(|strength| !(0.0..=1e6).contains(*strength)) {
        return Err(Error::input(format!("a strength is 0 or more, not {strength}")));
    }
    let conditions = Conditions { split: split.clone(), keep_cells: None, lineage_noise: None, known_scores: None };
    Ok(match what.as_str() {
        "shapley" => Analysis::Shares(factor_shares(snapshot, &conditions, seeds, observer).await?),
        "models" | "tasks" => {
            let side = if what == "models" { Side::Models } else { Side::Tasks };
            Analysis::Relations(influence(snapshot, &conditions, (*method, fit), side, seeds, observer).await?)
        }
        "correlation" => Analysis::Relations(task_correlations(snapshot)),
        "penalties" => Analysis::Penalties(penalty_grid(snapshot, &conditions, strengths, seeds, observer).await?),
        "irt" => Analysis::ItemResponse(item_response(snapshot, *shared_slope, observer).await?),
        other => {
            let all = "shapley, models, tasks, correlation, penalties, irt";
            return Err(Error::input(format!("nothing to analyse is called \"{other}\"; there are {all}")));
        }
    })
}
