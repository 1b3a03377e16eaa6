//! Settings of item response theory.

use crate::methods::training::optimise::TrainingLimits;

/// Settings of [`Irt`].
#[derive(Debug, Clone, PartialEq)]
pub struct IrtConfig {
    /// Whether all items share one slope (1PL) or have their own (2PL).
    pub shared_slope: bool,
    /// Weight of the priors of the items; 0 for none.
    pub prior: f64,
    /// Abilities on the grid.
    pub nodes: usize,
    /// The EM ends once no parameter moves by as much.
    pub still: f64,
    /// When it ends at the latest.
    pub limits: TrainingLimits,
}

impl Default for IrtConfig {
    fn default() -> Self {
        let limits = TrainingLimits { max_epochs: 100, patience: 5 };
        Self { shared_slope: false, prior: 1.0, nodes: 61, still: 1e-3, limits }
    }
}
