//! Synthetic cells and parameters for tests.

use crate::{BitMatrix, Cells, Factorisation, SparseMatrix};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Parameters between -1 and 1.
#[must_use]
pub fn random_parameters(nodes: usize, tasks: usize, dim: usize) -> Factorisation {
    let mut rng = Pcg64Mcg::seed_from_u64(5);
    let mut parameters = Factorisation::zeros(nodes, tasks, dim);
    for block in parameters.blocks_mut() {
        block.fill_with(|| rng.random_range(-1.0..1.0));
    }
    parameters
}

/// Outcomes; 7 in 10 are known. (models, tasks)
#[must_use]
pub fn outcome_cells(models: usize, tasks: usize) -> Cells {
    let mut rng = Pcg64Mcg::seed_from_u64(6);
    let (mut observed, mut solved) = (BitMatrix::zeros(models, tasks), BitMatrix::zeros(models, tasks));
    for model in 0..models {
        for task in 0..tasks {
            let known = rng.random_bool(0.7);
            observed.set(model, task, known);
            solved.set(model, task, known && rng.random_bool(0.5));
        }
    }
    Cells::Outcomes { observed, solved }
}

/// Scores; 6 in 10 are known. (models, tasks)
#[must_use]
pub fn score_cells(models: usize, tasks: usize) -> Cells {
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    let entries = (0..models as u32).flat_map(|u| (0..tasks as u32).map(move |i| (u, i)));
    let mut chosen = Vec::new();
    for (u, i) in entries {
        if rng.random_bool(0.6) {
            chosen.push((u, i, rng.random()));
        }
    }
    Cells::Scores(SparseMatrix::from_entries(models, tasks, chosen))
}
