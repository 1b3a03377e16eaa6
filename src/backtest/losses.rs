//! The ranker with some of its losses (Cai et al., "ModelLens", table 14).

use super::{Split, Summary, Trial, score, summarise};
use crate::error::Result;
use crate::methods::{Method, Observer, Ranker, RankerConfig, Recipe, Settings, Trainer};
use crate::snapshot::Snapshot;
use serde::Serialize;

/// The combinations that are tried: listwise (Plackett-Luce), pairwise (BPR) and pointwise (squared error). The paper's, and the
/// pointwise loss alone.
const TRIED: [[bool; 3]; 7] = [
    [true, true, true],
    [true, true, false],
    [true, false, true],
    [false, true, true],
    [true, false, false],
    [false, true, false],
    [false, false, true],
];

/// The ranker with some of its losses.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LossPoint {
    /// The Plackett-Luce loss of lists.
    pub listwise: bool,
    /// The loss of pairs (BPR).
    pub pairwise: bool,
    /// The squared error of single scores.
    pub pointwise: bool,
    /// Its metrics over the seeds.
    #[serde(flatten)]
    pub summary: Summary,
}

/// Trains the ranker with each combination of its losses on the trial of each seed.
///
/// # Errors
/// If the data don't allow the split or a ranker, or the observer stops a training.
pub async fn loss_ablation(
    snapshot: &Snapshot,
    split: &Split,
    seeds: u64,
    trainer: &impl Trainer,
    observer: &mut dyn Observer,
) -> Result<Vec<LossPoint>> {
    let mut scores = vec![Vec::new(); TRIED.len()];
    for seed in 0..seeds {
        let trial = Trial::of(snapshot, split, seed)?;
        let data = trial.data();
        for (losses, scores) in TRIED.into_iter().zip(&mut scores) {
            let recipe = Recipe { method: Method::Ranker, settings: Settings::Losses(losses) };
            let parameters = trainer.train(recipe, &data, observer).await?;
            let config = RankerConfig::with_losses(data.cells.count(), losses);
            let fitted = Ranker::restore(&data, &config, &parameters)?;
            scores.push(score(snapshot, trial.held(), &trial.predict_held(Method::Ranker, &fitted)?));
        }
    }
    let point = |([listwise, pairwise, pointwise], scores): ([bool; 3], Vec<_>)| {
        let summary = summarise(&scores);
        LossPoint { listwise, pairwise, pointwise, summary }
    };
    Ok(TRIED.into_iter().zip(scores).map(point).collect())
}
