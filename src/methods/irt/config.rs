//! Settings of item response theory.

use crate::methods::training::optimise::TrainingLimits;

/// Settings of [`Irt`](super::model::Irt).
#[derive(Debug, Clone, PartialEq)]
pub struct IrtConfig {
    /// Whether all items share one slope (1PL) or have their own (2PL).
    pub shared_slope: bool,
    /// Weight of the priors of the item parameters; 0 for none.
    pub prior: f64,
    /// Number of grid points for the abilities.
    pub nodes: usize,
    /// The EM algorithm has converged once no parameter changes by this much in a step.
    pub tolerance: f64,
    /// The limits of the training.
    pub limits: TrainingLimits,
}

impl Default for IrtConfig {
    fn default() -> Self {
        let limits = TrainingLimits { max_epochs: 100, patience: 5 };
        Self { shared_slope: false, prior: 1.0, nodes: 61, tolerance: 1e-3, limits }
    }
}
