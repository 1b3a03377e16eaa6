//! Settings of the ranker.

use crate::error::{Error, Result};

/// Settings of [`Ranker`](super::model::Ranker).
#[derive(Debug, Clone, PartialEq)]
pub struct RankerConfig {
    /// Width of both layers of the backbone; the paper's is 512.
    pub hidden: usize,
    /// Width of the embeddings of models and datasets, of ancestors and of parts of names.
    pub embedding: usize,
    /// Width of the embeddings of families, task types and metrics.
    pub label: usize,
    /// Width of the embeddings of size buckets.
    pub size: usize,
    /// Width of the layer of the prior.
    pub prior: usize,
    /// Step length of AdamW.
    pub rate: f32,
    /// Weight decay of AdamW.
    pub decay: f32,
    /// The greatest length of a gradient.
    pub clip: f32,
    /// The share of its moving average that each step keeps; the average of the parameters is what is validated and used.
    pub average: f32,
    /// Shares of the models and datasets whose IDs are hidden at each step (p_m and p_d of eq. 11).
    pub hide: [f32; 2],
    /// Weights of the listwise, pairwise and pointwise losses (eq. 15).
    pub weights: [f32; 3],
    /// Scores of a step, about; 0 leaves it to the number of scores.
    pub batch: usize,
    /// The most models of a list; longer lists are divided at random in each epoch.
    pub longest: usize,
    /// The training ends after this number of epochs.
    pub max_epochs: usize,
    /// The training ends after this number of epochs without a better validation.
    pub patience: usize,
    /// Networks whose mean forecasts; the paper has an ensemble, too (Table 14).
    pub members: usize,
    /// Dimensions of the factorisation beside the networks; 0 for none.
    pub rank: usize,
    /// Whether models and tasks have embeddings of their own.
    pub ids: bool,
    /// Whether the forecast of a score ranks, too, in place of a second output and the prior of size and family.
    pub plain: bool,
}

impl Default for RankerConfig {
    fn default() -> Self {
        Self {
            hidden: 256,
            embedding: 64,
            label: 32,
            size: 16,
            prior: 32,
            rate: 1e-3,
            decay: 1e-4,
            clip: 5.0,
            average: 0.995,
            hide: [0.1, 0.1],
            weights: [0.5, 1.0, 0.1],
            batch: 0,
            longest: 512,
            max_epochs: 200,
            patience: 20,
            members: 5,
            rank: 24,
            ids: true,
            plain: false,
        }
    }
}

/// Cells of a table below which a smaller network is wide enough.
const SMALL: usize = 2000;
/// Cells of a table from which one network must do.
const LARGE: usize = 200_000;
/// Dimensions of the factorisation of a large table.
const LARGE_RANK: usize = 12;

impl RankerConfig {
    /// The settings for this number of training cells: small and large tables have a single network, that of a small one a
    /// quarter of the width.
    #[must_use]
    pub fn for_cells(cells: usize) -> Self {
        let usual = Self::default();
        if cells >= SMALL {
            let (members, rank) = if cells < LARGE { (usual.members, usual.rank) } else { (1, LARGE_RANK) };
            return Self { members, rank, ..usual };
        }
        Self { hidden: 64, embedding: 16, label: 8, size: 8, prior: 16, members: 1, rank: 8, ..usual }
    }

    /// The usual settings with only some of the listwise, pairwise and pointwise losses. Where the pointwise loss is alone, the
    /// forecast ranks.
    #[must_use]
    pub fn with_losses(cells: usize, losses: [bool; 3]) -> Self {
        let usual = Self::for_cells(cells);
        let weights = std::array::from_fn(|at| if losses[at] { usual.weights[at] } else { 0.0 });
        Self { weights, plain: losses == [false, false, true], rank: 0, ..usual }
    }

    /// A surrogate after Öztürk et al. 2022, "Zero-Shot AutoML with Pretrained Models": one network over features of models and
    /// tasks, without IDs, whose output is trained on pairs and, so that it forecasts scores, on these.
    #[must_use]
    pub fn surrogate(cells: usize) -> Self {
        Self { members: 1, rank: 0, ids: false, plain: true, weights: [0.0, 1.0, 1.0], ..Self::for_cells(cells) }
    }

    /// # Errors
    /// If a width or limit is 0, or a share is not between 0 and 1.
    pub(super) fn check(&self) -> Result<()> {
        let widths = [self.hidden, self.embedding, self.label, self.size, self.prior];
        let sizes = [&widths[..], &[self.longest, self.max_epochs, self.members]].concat();
        let shares = [self.rate, self.decay, self.average, self.hide[0], self.hide[1]];
        let is_share = |share: f32| (0.0..=1.0).contains(&share);
        if sizes.contains(&0) || !shares.into_iter().all(is_share) || self.clip.is_nan() || self.clip <= 0.0 {
            return Err(Error::input("a ranker needs widths of at least 1, shares from 0 to 1 and a clipping above 0"));
        }
        Ok(())
    }
}
