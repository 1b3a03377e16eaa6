//! Synthetic outcomes with a known structure, for benchmarks and tests.

use super::{DataSource, Details, Model, Outcomes, Results, Snapshot, Task};
use crate::linalg::{BitMatrix, logistic};
use crate::lineage::{Lineage, NamedEdge, Parent, Relation};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

impl Snapshot {
    /// Outcomes of `models` on `items`, all cells observed, drawn from a logistic model with two latent abilities.
    /// Except for the first eight, each model is a fine-tune of an earlier one and has nearly the same abilities.
    #[must_use]
    pub fn synthetic(models: usize, items: usize, seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let mut abilities: Vec<[f32; 2]> = Vec::with_capacity(models);
        let mut edges = Vec::new();
        for model in 0..models {
            let mut ability = [rng.random_range(-2.0..2.0), rng.random_range(-1.0..1.0)];
            if model >= 8 {
                let parent = rng.random_range(0..model);
                ability = [0, 1].map(|k| abilities[parent][k] + 0.1 * ability[k]);
                let parent = Parent::new(name(parent), Relation::Finetune);
                edges.push(NamedEdge { child: name(model), parent });
            }
            abilities.push(ability);
        }
        let difficulties: Vec<(f32, f32)> =
            (0..items).map(|_| (rng.random_range(-2.0..2.0), rng.random_range(-1.0..1.0))).collect();
        let (mut observed, mut solved) = (BitMatrix::zeros(models, items), BitMatrix::zeros(models, items));
        for (model, ability) in abilities.iter().enumerate() {
            for (item, &(difficulty, second)) in difficulties.iter().enumerate() {
                observed.set(model, item, true);
                solved.set(model, item, rng.random::<f32>() < logistic(ability[0] - difficulty + second * ability[1]));
            }
        }
        Self {
            sources: vec![DataSource::new(
                format!("made up, {models} models × {items} items, seed {seed}"),
                "none needed",
            )],
            details: Details::default(),
            models: (0..models).map(|model| Model { id: name(model), ..Model::default() }).collect(),
            tasks: (0..items).map(|item| Task::outcome("made-up", &item.to_string())).collect(),
            lineage: Lineage::new((0..models).map(name), edges).0,
            results: Results::Outcomes(Outcomes { observed, solved }),
        }
    }
}

fn name(model: usize) -> String {
    format!("made-up/{model}")
}
