//! The grid of penalties of LRMF (Tamura et al., appendix B.2, figures 6 and 7).

use super::{Split, Summary, Trial, score, summarise};
use crate::error::Result;
use crate::methods::{Lrmf, Method, Observer, Recipe, Settings, Trainer};
use crate::snapshot::Snapshot;
use serde::Serialize;

/// LRMF with one pair of penalties.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PenaltyPoint {
    /// λ_M, the weight of the lineage graph.
    pub lambda_m: f32,
    /// λ_X, the weight of the task graph.
    pub lambda_x: f32,
    /// Its metrics over the seeds.
    #[serde(flatten)]
    pub summary: Summary,
}

/// Trains LRMF with each pair of these strengths on the trial of each seed.
///
/// # Errors
/// If the data don't allow the split, or the observer stops a training.
pub async fn penalty_grid(
    snapshot: &Snapshot,
    split: &Split,
    strengths: &[f32],
    seeds: u64,
    trainer: &impl Trainer,
    observer: &mut dyn Observer,
) -> Result<Vec<PenaltyPoint>> {
    let pairs: Vec<(f32, f32)> =
        strengths.iter().flat_map(|&lineage| strengths.iter().map(move |&tasks| (lineage, tasks))).collect();
    let mut scores = vec![Vec::new(); pairs.len()];
    for seed in 0..seeds {
        let trial = Trial::of(snapshot, split, seed)?;
        for (&(lineage, tasks), scores) in pairs.iter().zip(&mut scores) {
            let data = trial.data();
            let recipe = Recipe { method: Method::Lrmf, settings: Settings::Penalties { lineage, tasks } };
            let fitted = Lrmf::restore(&data, &trainer.train(recipe, &data, observer).await?)?;
            scores.push(score(snapshot, trial.held(), &trial.predict_held(Method::Lrmf, &fitted)?));
        }
    }
    let point = |((lambda_m, lambda_x), scores): ((f32, f32), Vec<_>)| {
        let summary = summarise(&scores);
        PenaltyPoint { lambda_m, lambda_x, summary }
    };
    Ok(pairs.into_iter().zip(scores).map(point).collect())
}
