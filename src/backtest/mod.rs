//! Backtests: results are held out, predicted from the rest, and compared.
//!
//! A [`Split`] describes what to hold out, [`Held`] are the held-out results, and [`score`] compares the predicted
//! [`Row`]s with the truth.

mod analyses;
mod anchors;
mod atlas;
mod features;
mod folds;
mod groups;
mod held;
mod held_file;
mod influence;
mod item_response;
mod losses;
mod noise;
mod pairs;
mod penalties;
mod priors;
mod ranking;
mod routing;
mod run;
mod score;
mod shapley;
mod splits;

pub use analyses::{Analysis, Question, analyse, analyse_parameters, analyse_ranker, analyse_worth};
pub use atlas::{Atlas, AtlasPoint, MapQuality, atlas};
pub use features::{FeatureShares, FeatureWorth, feature_shares};
pub use folds::FoldsFile;
pub use groups::Group;
pub use held::{Held, hide_factors, keep_cells};
pub use held_file::{HeldFile, HeldRow, parse_file};
pub use influence::{Merge, Relations, Side, influence, task_correlations};
pub use item_response::{Ability, Item, ItemResponse, item_response};
pub use losses::{LossPoint, loss_ablation};
pub use noise::lineage_noise;
pub use pairs::{PairBin, pair_rows, pool_pairs};
pub use penalties::{PenaltyPoint, penalty_grid};
pub use priors::{PriorGroup, PriorTable, Priors, priors};
pub use ranking::{ByFirst, FIRST, Ranking};
pub use routing::{RoutingScores, average_routing, route_rows};
pub use run::{Choice, Conditions, KnownScores, Trial};
pub use score::{
    Metrics, Row, SeedScores, Summary, TaskRef, average_models, benchmark_rows, score, score_models, summarise,
};
pub use shapley::{FactorShare, FactorShares, factor_shares};
pub use splits::Split;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// The purpose of a random choice. The choices of one seed for different purposes are independent.
#[derive(Debug, Clone, Copy)]
enum Purpose {
    Split,
    KeepCells,
    LineageNoise,
    KnownScores,
    Pairs,
}

fn generator(seed: u64, purpose: Purpose) -> Pcg64Mcg {
    Pcg64Mcg::seed_from_u64(seed ^ ((purpose as u64 + 1) << 60))
}

/// Takes exactly `wanted` of `left` items of a sequence, each subset with the same probability (selection sampling,
/// Knuth, volume 2, algorithm S).
#[derive(Debug, Clone, Copy)]
struct Draw {
    wanted: usize,
    left: usize,
}

impl Draw {
    /// Whether the next item is taken.
    fn take(&mut self, rng: &mut Pcg64Mcg) -> bool {
        let taken = self.wanted > 0 && rng.random_range(0..self.left.max(1)) < self.wanted;
        self.left = self.left.saturating_sub(1);
        self.wanted -= usize::from(taken);
        taken
    }
}
