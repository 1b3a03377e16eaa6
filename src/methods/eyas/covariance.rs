//! How alike two models are: the prior covariance of their scores, from what is known of both before any evaluation
//! ([`Covariance`] has the formula).

use super::portrait::Portrait;
use eyas_kernels::likeness::add_shares;
pub(super) use eyas_kernels::likeness::{Covariance, Facts, N_WEIGHTS, PARAMETERS, Pair};

/// Covariances that were found on the Open LLM Leaderboard v2's models of before 2024-11-10, by predicting each from those
/// that are up to 75 days older (the likelihood of a Student t). Where results follow the base model, and where they
/// follow what was made of it; each task takes the one that fits its training cells better.
pub(super) const PROFILES: [Covariance; 2] = [
    Covariance {
        weights: [0.811, 0.249, 0.1165, 0.0255, 0.015, 0.0344, 0.0176, 0.055, 0.07, 0.04, 0.06],
        inverse_lengths: [
            0.819, 0.002, 0.21, 0.003, 0.275, 0.041, 0.085, 0.177, 0.109, 0.01, 0.111, 0.538, 0.049, 0.188, 0.5,
        ],
        size_length: 0.0021,
        noise: 0.0153,
    },
    Covariance {
        weights: [0.343, 0.0302, 0.0983, 0.0488, 0.04, 0.0983, 0.0365, 0.0573, 0.07, 0.04, 0.06],
        inverse_lengths: [
            0.589, 0.002, 0.214, 0.1, 0.961, 0.298, 0.012, 0.239, 0.289, 0.005, 6.42, 0.142, 0.1, 0.522, 0.5,
        ],
        size_length: 0.0019,
        noise: 0.01,
    },
];

/// Of a model with itself.
pub(super) fn variance(covariance: &Covariance, portrait: &Portrait) -> f32 {
    let names = if portrait.grams.is_empty() { 0.0 } else { 1.0 };
    covariance.of(&Pair::new(&portrait.facts(), &portrait.facts(), names, 1.0))
}

/// Training models, indexed so that the likeness of all of them to a model is found at once.
#[derive(Debug, Clone)]
pub(super) struct Likeness {
    portraits: Vec<Portrait>,
    facts: Vec<Facts>,
    grams: Vec<Vec<(u32, f32)>>, // run -> models that have it, with its weight
    kin: std::collections::HashMap<u32, Vec<(u32, f32)>>, // node -> models that descend from it, with its share
}

impl Likeness {
    pub(super) fn new(portraits: Vec<Portrait>) -> Self {
        let mut grams: Vec<Vec<(u32, f32)>> = Vec::new();
        let mut kin: std::collections::HashMap<u32, Vec<(u32, f32)>> = std::collections::HashMap::new();
        for (at, portrait) in portraits.iter().enumerate() {
            for &(gram, weight) in &portrait.grams {
                if grams.len() <= gram as usize {
                    grams.resize(gram as usize + 1, Vec::new());
                }
                grams[gram as usize].push((at as u32, weight));
            }
            for &(node, share) in &portrait.kin {
                kin.entry(node).or_default().push((at as u32, share));
            }
        }
        Self { facts: portraits.iter().map(Portrait::facts).collect(), portraits, grams, kin }
    }

    /// The portraits, in the order in which they were given.
    pub(super) fn portraits(&self) -> &[Portrait] {
        &self.portraits
    }

    /// Covariances of a model with all training models. (n_training)
    pub(super) fn row(&self, covariance: &Covariance, portrait: &Portrait) -> Vec<f32> {
        let (names, kin) = self.names_and_kin(portrait);
        covariance.row(&portrait.facts(), &self.facts, &names, &kin)
    }

    /// A model with all training models. (n_training)
    pub(super) fn pairs(&self, portrait: &Portrait) -> Vec<Pair> {
        let (names, kin) = self.names_and_kin(portrait);
        Pair::all(&portrait.facts(), &self.facts, &names, &kin)
    }

    /// Cosines of a model's name and kin with those of all training models. (n_training, n_training)
    pub(super) fn names_and_kin(&self, portrait: &Portrait) -> (Vec<f32>, Vec<f32>) {
        let n = self.portraits.len();
        let (mut names, mut kin) = (vec![0.0f32; n], vec![0.0f32; n]);
        for &(gram, weight) in &portrait.grams {
            add_shares(&mut names, weight, self.grams.get(gram as usize).map_or(&[], Vec::as_slice));
        }
        for &(node, share) in &portrait.kin {
            add_shares(&mut kin, share, self.kin.get(&node).map_or(&[], Vec::as_slice));
        }
        (names, kin)
    }
}
