//! Settings of the networks.

use crate::error::{Error, Result};

/// Settings of [`Ncf`](super::model::Ncf).
#[derive(Debug, Clone, PartialEq)]
pub struct NcfConfig {
    /// Dimension of the latent vectors; 0 for none.
    pub latent: usize,
    /// Whether factors are used.
    pub factors: bool,
    /// Dimension of the embedding of each factor.
    pub embedding: usize,
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// Step length of AdamW.
    pub rate: f32,
    /// Weight decay of AdamW.
    pub decay: f32,
    /// Cells in a mini-batch.
    pub batch: usize,
    /// Share of the latent vectors that are hidden in training.
    pub hide: f32,
    /// The training ends after this number of epochs or [`NcfConfig::max_cells`] cells; the patience is a tenth of it.
    pub max_epochs: usize,
    /// The most cells seen in training.
    pub max_cells: usize,
}

impl NcfConfig {
    /// CPP's NCF: latent vectors of dimension 10.
    #[must_use]
    pub fn latent() -> Self {
        Self {
            latent: 10,
            factors: false,
            embedding: 4,
            hidden: vec![128, 128],
            rate: 2e-3,
            decay: 0.05,
            batch: 64,
            hide: 0.1,
            max_epochs: 300,
            max_cells: 3_000_000,
        }
    }

    /// CPP's factor-enhanced NCF.
    #[must_use]
    pub fn with_factors() -> Self {
        Self { factors: true, ..Self::latent() }
    }

    /// CPP's variant with factors only.
    #[must_use]
    pub fn factors_only() -> Self {
        Self { latent: 0, ..Self::with_factors() }
    }

    pub(super) fn check(&self) -> Result<()> {
        let shares = [self.rate, self.decay, self.hide];
        let sizes = self.hidden.iter().chain([&self.batch, &self.embedding]);
        if sizes.into_iter().any(|&size| size == 0) || shares.iter().any(|share| !(0.0..=1.0).contains(share)) {
            return Err(Error::input("a network needs widths and a batch of at least 1, and shares from 0 to 1"));
        }
        Ok(())
    }
}
