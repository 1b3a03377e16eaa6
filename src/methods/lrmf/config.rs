//! Settings of Lineage-Regularized Matrix Factorization.

use crate::methods::training::optimise::TrainingLimits;

/// Settings of [`Lrmf`](super::model::Lrmf); the defaults are the paper's.
#[derive(Debug, Clone, PartialEq)]
pub struct LrmfConfig {
    /// Latent dimension.
    pub dim: usize,
    /// Weight λ of the squared length of all vectors.
    pub l2: f32,
    /// Weight λ_M of the lineage graph.
    pub lineage: f32,
    /// Weight λ_X of the task graph.
    pub tasks: f32,
    /// Number of nearest neighbours of each task in the task graph.
    pub task_neighbours: usize,
    /// Whether models and tasks have biases.
    pub biases: bool,
    /// The solver of the objective.
    pub solver: Solver,
    /// The limits of the training.
    pub limits: TrainingLimits,
}

/// The solver of the objective.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Solver {
    /// Alternating majorisation-minimisation, the default.
    Majorisation,
    /// Adam with this step length, as in the paper.
    Adam(f32),
}

impl LrmfConfig {
    /// The paper's recipe: Adam at 3e-3, at most 10,000 epochs, patience 100.
    #[must_use]
    pub fn adam() -> Self {
        let limits = TrainingLimits { max_epochs: 10_000, patience: 100 };
        Self { solver: Solver::Adam(3e-3), limits, ..Self::default() }
    }

    /// The settings of [`Method::Lrmf`](crate::methods::Method::Lrmf) for this number of cells: the paper's penalties for up
    /// to 150,000 cells. Beyond that the penalties fall in inverse proportion to the number of cells, so that they keep
    /// their weight relative to the sum over cells. This was found on models held out of the training of three outcome
    /// matrices (seeds from 100): with the paper's penalties, 945,000 cells gave vectors of fewer than four effective
    /// dimensions, and the AUC was 0.02 lower.
    #[must_use]
    pub fn for_cells(cells: usize) -> Self {
        let paper = Self::default();
        let share = (150_000.0 / cells.max(1) as f32).min(1.0);
        Self { l2: share * paper.l2, lineage: share * paper.lineage, tasks: share * paper.tasks, ..paper }
    }
}

impl Default for LrmfConfig {
    fn default() -> Self {
        Self {
            dim: 16,
            l2: 1e-5,
            lineage: 1e-4,
            tasks: 1e-5,
            task_neighbours: 20,
            biases: true,
            solver: Solver::Majorisation,
            limits: TrainingLimits { max_epochs: 200, patience: 10 },
        }
    }
}
