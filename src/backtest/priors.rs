//! The effects of size and family in the data, and what the ranker's prior learned of them (Cai et al., "ModelLens", figure 2 and
//! section A.9).

use crate::error::Result;
use crate::linalg::order;
use crate::methods::{Method, Observer, ProbeGroup, Ranker, RankerConfig, Trainer, TrainingData, VisibleCells};
use crate::metrics::{mean, spearman};
use crate::snapshot::Snapshot;
use serde::Serialize;

/// Models of a group that is shown.
const LEAST: usize = 3;

/// Data against probe, for sizes and for families; means over seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Priors {
    /// By size, in ascending order.
    pub sizes: PriorTable,
    /// By family, the greatest advantage first.
    pub families: PriorTable,
}

/// The groups, and how far the prior agrees with them; `None` (`null`) where it is undefined.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PriorTable {
    /// The groups of at least three models with results.
    pub groups: Vec<PriorGroup>,
    /// Spearman's ρ of the advantage and the group's place: its size, or its rank among families, the least first.
    pub data_rho: Option<f64>,
    /// Spearman's ρ of the prior and the group's place.
    pub probe_rho: Option<f64>,
    /// The slope of the prior over log₁₀ of the size, or over the family's rank.
    pub slope: Option<f64>,
    /// η²: the share of the variance of models' mean standardised scores that the groups explain.
    pub eta_squared: Option<f64>,
}

/// Models of about one size or of one family.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PriorGroup {
    /// The family, or sizes in billions of parameters such as `3.7-7.2`.
    pub name: String,
    /// Models with results.
    pub models: usize,
    /// The standardised advantage: the mean over the models of their mean standardised scores.
    pub data: f64,
    /// The prior's output, standardised over the groups.
    pub probe: f64,
}

/// Trains the ranker on all results with each seed and compares its prior with the data.
///
/// # Errors
/// If the data don't allow a ranker, or the observer stops a training.
pub async fn priors(
    snapshot: &Snapshot,
    seeds: u64,
    trainer: &impl Trainer,
    observer: &mut dyn Observer,
) -> Result<Priors> {
    let visible = VisibleCells::new(snapshot, None)?;
    let mut sums: Option<[Vec<ProbeGroup>; 2]> = None;
    for seed in 0..seeds {
        let data = TrainingData::new(snapshot, &visible, seed);
        let parameters = trainer.train(Method::Ranker.into(), &data, observer).await?;
        let ranker = Ranker::restore(&data, &RankerConfig::for_cells(data.cells.count()), &parameters)?;
        let found = ranker.probe(&data, LEAST);
        match &mut sums {
            None => sums = Some(found),
            Some(sums) => {
                for (sum, group) in sums.iter_mut().flatten().zip(found.iter().flatten()) {
                    sum.probe += group.probe;
                }
            }
        }
    }
    let [sizes, families] = sums.unwrap_or_default();
    let advantage = |at: usize| mean(&families[at].advantages).unwrap_or(0.0);
    let best_first = order(families.len(), &mut |a, b| advantage(b).total_cmp(&advantage(a)));
    let families: Vec<ProbeGroup> = best_first.into_iter().map(|at| families[at].clone()).collect();
    let middle = |group: &ProbeGroup| (group.sizes[0] * group.sizes[1]).sqrt().log10();
    let ranks = (0..families.len()).rev().map(|at| at as f64).collect();
    let size_places = sizes.iter().map(middle).collect();
    Ok(Priors { sizes: table(sizes, size_places, seeds), families: table(families, ranks, seeds) })
}

fn table(groups: Vec<ProbeGroup>, places: Vec<f64>, seeds: u64) -> PriorTable {
    let name = |group: &ProbeGroup| {
        let digits = |value: f64| crate::linalg::print_number((value * 1e3).round() / 1e3);
        let [low, high] = group.sizes;
        group.name.clone().unwrap_or_else(|| format!("{}-{}", digits(low), digits(high)))
    };
    let shown: Vec<PriorGroup> = groups
        .iter()
        .map(|group| PriorGroup {
            name: name(group),
            models: group.advantages.len(),
            data: mean(&group.advantages).unwrap_or(0.0),
            probe: group.probe / seeds as f64,
        })
        .collect();
    let of = |pick: fn(&PriorGroup) -> f64| shown.iter().map(pick).collect::<Vec<f64>>();
    let (data, probe) = (of(|group| group.data), of(|group| group.probe));
    PriorTable {
        data_rho: spearman(&data, &places),
        probe_rho: spearman(&probe, &places),
        slope: slope(&places, &probe),
        eta_squared: eta_squared(&groups.iter().map(|group| &group.advantages[..]).collect::<Vec<_>>()),
        groups: shown,
    }
}

/// The slope of the regression of y on x; `None` if all x are equal.
fn slope(x: &[f64], y: &[f64]) -> Option<f64> {
    let (mean_x, mean_y) = (mean(x)?, mean(y)?);
    let square: f64 = x.iter().map(|x| (x - mean_x).powi(2)).sum();
    let both: f64 = x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    (square > 0.0).then_some(both / square)
}

/// The share of the variance that lies between groups; `None` if all values are equal.
fn eta_squared(groups: &[&[f64]]) -> Option<f64> {
    let all: Vec<f64> = groups.concat();
    let centre = mean(&all)?;
    let total: f64 = all.iter().map(|value| (value - centre).powi(2)).sum();
    let of_group = |group: &&[f64]| Some(group.len() as f64 * (mean(group)? - centre).powi(2));
    (total > 0.0).then_some(groups.iter().filter_map(of_group).sum::<f64>() / total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::methods::{Here, Silent};
    use crate::snapshot::Factor;

    #[test]
    fn slopes_and_shares_of_variance_of_tiny_tables() {
        assert_eq!(slope(&[0.0, 1.0, 2.0], &[1.0, 3.0, 5.0]), Some(2.0));
        assert_eq!(slope(&[1.0, 1.0], &[1.0, 3.0]), None);
        // Between: 2 (1 - 2)² + 2 (3 - 2)² = 4; in all 2 · 1.25² … = 4 + 4 · 0.25² = 4.25.
        let found = eta_squared(&[&[0.75, 1.25], &[2.75, 3.25]]).unwrap();
        assert!((found - 4.0 / 4.25).abs() < 1e-12, "{found}");
        assert_eq!(eta_squared(&[&[1.0], &[1.0]]), None);
    }

    /// Larger models are better; the prior learns it, since nothing else tells models apart.
    #[test]
    fn the_prior_learns_that_size_helps() {
        let mut snapshot = Snapshot::synthetic_board(48, 8, 1.0, 3);
        let crate::snapshot::Results::Scores(scores) = &snapshot.results else { unreachable!() };
        let value =
            |model: u32, task: u32| 0.1 + 0.1 * (model % 4) as f32 * 2.0 + 0.001 * ((model * 7 + task * 5) % 13) as f32;
        let cells = scores.iter().map(|(model, task, _)| (model, task, value(model, task))).collect();
        snapshot.results = crate::snapshot::Results::Scores(crate::linalg::SparseMatrix::from_entries(48, 8, cells));
        for task in &mut snapshot.tasks {
            task.range = Some(crate::snapshot::Range::FRACTION);
            task.lower_is_better = false;
        }
        for (at, model) in snapshot.models.iter_mut().enumerate() {
            let size = [0.5, 3.0, 14.0, 70.0][at % 4];
            model.factors = [("params".to_owned(), Factor::Number(size))].into();
        }
        let found = pollster::block_on(priors(&snapshot, 1, &Here, &mut Silent)).unwrap();
        let sizes = &found.sizes;
        assert_eq!(sizes.groups.iter().map(|group| group.models).collect::<Vec<_>>(), [12; 4], "{sizes:?}");
        assert!(sizes.data_rho > Some(0.999), "{sizes:?}");
        assert!(sizes.probe_rho > Some(0.9) && sizes.slope > Some(0.0), "{sizes:?}");
        assert!(sizes.eta_squared > Some(0.9), "{sizes:?}");
    }
}
