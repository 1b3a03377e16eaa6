//! How alike two models are: the prior covariance of their scores, from what is known of both before any evaluation.

use super::portrait::{NUMBERS, Portrait};

/// Weights and lengths of the covariance
///
/// `r (c₀ + c₁ a + c₂ a s) + c₃ k + n (c₄ + c₅ a s + c₆ o) + c₇ a s o + n² (c₈ + c₉ t) + c₁₀ s`
///
/// with `r = exp(-½ Σ ((x - x')/ℓ)²)` over the numbers of two portraits, `s = exp(-|Δ log₁₀ size| / ℓ_s)`, `t` the same with a
/// greater length, `a` and `o` whether
/// architecture and organisation are the same, `n` the cosine of their names' runs of characters and `k` that of their kin.
/// Each product of terms is positive definite, so their sum is. `s` stands alone too, since a size that agrees to three digits
/// tells the family of weights that were converted into another architecture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Covariance {
    /// c₀ to c₁₀.
    weights: [f32; N_WEIGHTS],
    /// 1/ℓ of each number.
    inverse_lengths: [f32; NUMBERS],
    /// ℓ_s.
    size_length: f32,
    /// Variance of what an evaluation adds of its own.
    pub noise: f32,
}

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

/// Weights, 1/ℓ of each number, ℓ_s and the noise.
pub(super) const PARAMETERS: usize = N_WEIGHTS + NUMBERS + 2;
/// c₀ to c₁₀.
pub(super) const N_WEIGHTS: usize = 11;

/// What of two models the covariance looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    steps: [f32; NUMBERS], // squared differences of the numbers
    same_architecture: f32,
    same_organisation: f32,
    size_step: f32,
    names: f32,
    kin: f32,
}

impl Pair {
    pub(super) fn new(a: &Portrait, b: &Portrait, names: f32, kin: f32) -> Self {
        let same = |same: bool| f32::from(u8::from(same));
        Self {
            steps: std::array::from_fn(|k| (a.numbers[k] - b.numbers[k]).powi(2)),
            same_architecture: same(a.architecture == b.architecture),
            same_organisation: same(a.organisation == b.organisation),
            size_step: (a.numbers[0] - b.numbers[0]).abs(),
            names,
            kin,
        }
    }

    /// 1 where the sizes are the same, whatever the architectures: weights are converted from one into another.
    fn about_as_large(&self) -> f32 {
        (-self.size_step / ABOUT).exp()
    }
}

/// Logarithm of the sizes by which two are no longer about the same.
const ABOUT: f32 = 0.05;

impl Covariance {
    /// Logarithms of all parameters.
    pub(super) fn logs(&self) -> [f32; PARAMETERS] {
        let all = self.weights.iter().chain(&self.inverse_lengths).chain([&self.size_length, &self.noise]);
        let mut logs = [0.0; PARAMETERS];
        logs.iter_mut().zip(all).for_each(|(log, value)| *log = value.max(LEAST).ln());
        logs
    }

    /// From the logarithms of all parameters.
    pub(super) fn from_logs(logs: &[f32; PARAMETERS]) -> Self {
        let value = |at: usize| logs[at].exp();
        Self {
            weights: std::array::from_fn(value),
            inverse_lengths: std::array::from_fn(|k| value(N_WEIGHTS + k)),
            size_length: value(N_WEIGHTS + NUMBERS),
            noise: value(N_WEIGHTS + NUMBERS + 1),
        }
    }

    /// Of a pair, and its derivatives by the logarithms of all parameters, times a factor, added to `sums`.
    pub(super) fn add_derivatives(&self, pair: &Pair, factor: f32, sums: &mut [f64; PARAMETERS]) {
        let c = &self.weights;
        let distance: f32 = pair.steps.iter().zip(&self.inverse_lengths).map(|(step, l)| step * l * l).sum();
        let near = (-0.5 * distance).exp();
        let a = pair.same_architecture;
        let apart = pair.size_step / self.size_length;
        let same_size = (-apart).exp();
        let size = a * same_size;
        let terms = [
            near,
            near * a,
            near * size,
            pair.kin,
            pair.names,
            pair.names * size,
            pair.names * pair.same_organisation,
            size * pair.same_organisation,
            pair.names * pair.names,
            pair.names * pair.names * pair.about_as_large(),
            same_size,
        ];
        for (k, term) in terms.iter().enumerate() {
            sums[k] += f64::from(factor * c[k] * term);
        }
        let by_numbers = near * (c[0] + c[1] * a + c[2] * size);
        for (k, step) in pair.steps.iter().enumerate() {
            sums[N_WEIGHTS + k] -= f64::from(factor * by_numbers * step * self.inverse_lengths[k].powi(2));
        }
        let by_size = a * (near * c[2] + pair.names * c[5] + pair.same_organisation * c[7]) + c[10];
        sums[N_WEIGHTS + NUMBERS] += f64::from(factor * same_size * by_size * apart);
    }

    /// Of two models.
    pub(super) fn of(&self, pair: &Pair) -> f32 {
        let c = &self.weights;
        let distance: f32 = pair.steps.iter().zip(&self.inverse_lengths).map(|(step, l)| step * l * l).sum();
        let near = (-0.5 * distance).exp();
        let a = pair.same_architecture;
        let same_size = (-pair.size_step / self.size_length).exp();
        let size = a * same_size;
        near * (c[0] + c[1] * a + c[2] * size)
            + c[3] * pair.kin
            + pair.names * (c[4] + c[5] * size + c[6] * pair.same_organisation)
            + c[7] * size * pair.same_organisation
            + pair.names * pair.names * (c[8] + c[9] * pair.about_as_large())
            + c[10] * same_size
    }

    /// Of a model with itself.
    pub(super) fn variance(&self, portrait: &Portrait) -> f32 {
        let names = if portrait.grams.is_empty() { 0.0 } else { 1.0 };
        self.of(&Pair::new(portrait, portrait, names, 1.0))
    }
}

/// What a parameter is at least where its logarithm is taken.
const LEAST: f32 = 1e-6;

/// Training models, indexed so that the likeness of all of them to a model is found at once.
#[derive(Debug, Clone)]
pub(super) struct Likeness {
    portraits: Vec<Portrait>,
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
        Self { portraits, grams, kin }
    }

    /// The portraits, in the order in which they were given.
    pub(super) fn portraits(&self) -> &[Portrait] {
        &self.portraits
    }

    /// Covariances of a model with all training models. (n_training)
    pub(super) fn row(&self, covariance: &Covariance, portrait: &Portrait) -> Vec<f32> {
        self.pairs(portrait).iter().map(|pair| covariance.of(pair)).collect()
    }

    /// A model with all training models. (n_training)
    pub(super) fn pairs(&self, portrait: &Portrait) -> Vec<Pair> {
        let (names, kin) = self.names_and_kin(portrait);
        let others = self.portraits.iter().zip(names.iter().zip(&kin));
        others.map(|(other, (&names, &kin))| Pair::new(portrait, other, names, kin)).collect()
    }

    fn names_and_kin(&self, portrait: &Portrait) -> (Vec<f32>, Vec<f32>) {
        let n = self.portraits.len();
        let (mut names, mut kin) = (vec![0.0f32; n], vec![0.0f32; n]);
        let add = |sums: &mut [f32], weight: f32, others: &[(u32, f32)]| {
            others.iter().for_each(|&(other, its)| sums[other as usize] += weight * its);
        };
        for &(gram, weight) in &portrait.grams {
            add(&mut names, weight, self.grams.get(gram as usize).map_or(&[], Vec::as_slice));
        }
        for &(node, share) in &portrait.kin {
            add(&mut kin, share, self.kin.get(&node).map_or(&[], Vec::as_slice));
        }
        (names, kin)
    }
}
