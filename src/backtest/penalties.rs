//! The grid of penalties of LRMF (Tamura et al., appendix B.2, figures 6 and 7).

use super::{Conditions, Summary, Trial, score, summarise};
use crate::error::Result;
use crate::methods::{Lrmf, LrmfConfig, Method, Observer};
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

/// Trains LRMF with each pair of these strengths on each seed's trial.
///
/// # Errors
/// If the data can't give what the conditions ask for, or the observer stops a training.
pub async fn penalty_grid(
    snapshot: &Snapshot,
    conditions: &Conditions,
    strengths: &[f32],
    seeds: u64,
    observer: &mut dyn Observer,
) -> Result<Vec<PenaltyPoint>> {
    let pairs: Vec<(f32, f32)> =
        strengths.iter().flat_map(|&lineage| strengths.iter().map(move |&tasks| (lineage, tasks))).collect();
    let mut scores = vec![Vec::new(); pairs.len()];
    for seed in 0..seeds {
        let trial = Trial::new(snapshot, conditions, seed)?;
        for (&(lineage, tasks), scores) in pairs.iter().zip(&mut scores) {
            let config = LrmfConfig { lineage, tasks, ..LrmfConfig::for_cells(trial.data().cells.count()) };
            let fitted = Lrmf::fit(&trial.data(), &config, observer).await?;
            scores.push(score(snapshot, trial.held(), &trial.predict(Method::Lrmf, &fitted)?));
        }
    }
    let point = |((lambda_m, lambda_x), scores): ((f32, f32), Vec<_>)| {
        let summary = summarise(&scores);
        PenaltyPoint { lambda_m, lambda_x, summary }
    };
    Ok(pairs.into_iter().zip(scores).map(point).collect())
}
