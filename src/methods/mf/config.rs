//! Settings of matrix factorisation.

use crate::error::{Error, Result};
use crate::methods::lrmf::config::LrmfConfig;
use crate::methods::training::optimise::TrainingLimits;

/// Settings of [`Mf`](super::model::Mf). The defaults are a small factorisation with the squared loss.
#[derive(Debug, Clone, PartialEq)]
pub struct MfConfig {
    /// The loss.
    pub loss: MfLoss,
    /// The solver of the squared loss.
    pub solver: MfSolver,
    /// Latent dimension.
    pub dim: usize,
    /// Weight λ of the squared length of all vectors (logistic: of the mean loss, squared: of the sum).
    pub l2: f32,
    /// Weight λ_b of the squared biases (squared loss).
    pub bias_l2: f32,
    /// Whether models and tasks have biases.
    pub biases: bool,
    /// Squared loss: whether it is on logits.
    pub logits: bool,
    /// Squared loss: whether each task is centred and scaled first.
    pub standardise: bool,
    /// The limits of the training.
    pub limits: TrainingLimits,
}

/// The loss of a factorisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MfLoss {
    /// Squared difference (CPP eq. 2).
    Squared,
    /// Binary cross-entropy (LRMF §3.2).
    Logistic,
}

/// The solver of the squared loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MfSolver {
    /// Alternating least squares.
    Als,
    /// Adam with this step length.
    Adam(f32),
}

impl Default for MfConfig {
    fn default() -> Self {
        Self {
            loss: MfLoss::Squared,
            solver: MfSolver::Als,
            dim: 3,
            l2: 1.0,
            bias_l2: 0.1,
            biases: true,
            logits: true,
            standardise: true,
            limits: TrainingLimits { max_epochs: 20, patience: 3 },
        }
    }
}

impl MfConfig {
    /// The settings of CPP: eq. 2 on the scores as they are, dimension 10, step length 0.01.
    #[must_use]
    pub fn cpp() -> Self {
        Self {
            solver: MfSolver::Adam(0.01),
            dim: 10,
            l2: 0.0,
            bias_l2: 0.0,
            biases: false,
            logits: false,
            standardise: false,
            limits: TrainingLimits { max_epochs: 2000, patience: 100 },
            ..Self::default()
        }
    }

    /// The logistic factorisation of LRMF's §3.2, dimension 10.
    #[must_use]
    pub fn logistic() -> Self {
        let LrmfConfig { l2, limits, .. } = LrmfConfig::default();
        Self { loss: MfLoss::Logistic, dim: 10, l2, limits, ..Self::default() }
    }

    /// The grid that [`Mf::choose`](super::model::Mf::choose) searches.
    pub(super) fn grid() -> impl Iterator<Item = Self> {
        let settings = [1, 2, 3, 5].into_iter().flat_map(|dim| [0.5, 1.0, 2.0].map(|l2| (dim, l2)));
        [true, false]
            .into_iter()
            .flat_map(move |logits| settings.clone().map(move |(dim, l2)| Self { dim, l2, logits, ..Self::default() }))
    }

    pub(super) fn check(&self) -> Result<()> {
        let weights = [self.l2, self.bias_l2];
        if self.dim == 0 || weights.iter().any(|weight| !weight.is_finite() || *weight < 0.0) {
            return Err(Error::input("a factorisation needs a dimension of at least 1 and weights of at least 0"));
        }
        Ok(())
    }
}
