//! How alike two models are, as a covariance of their scores, and its derivatives: the inner loops of the default method's
//! Gaussian process.

/// Numbers that are compared.
pub const NUMBERS: usize = 14;
/// c₀ to c₉.
pub const N_WEIGHTS: usize = 10;
/// Weights, 1/ℓ of each number, ℓ_s and the noise.
pub const PARAMETERS: usize = N_WEIGHTS + NUMBERS + 2;
/// What a parameter is at least where its logarithm is taken.
const LEAST: f32 = 1e-6;
/// Logarithm of the sizes by which two are no longer about the same.
const ABOUT: f32 = 0.05;

/// Weights and lengths of the covariance
///
/// `r (c₀ + c₁ a + c₂ a s) + c₃ k + n (c₄ + c₅ a s + c₆ o) + c₇ a s o + n² (c₈ + c₉ t)`
///
/// with `r = exp(-½ Σ ((x - x')/ℓ)²)` over the numbers of two models, `s = exp(-|Δ log₁₀ size| / ℓ_s)`, `t` the same with a
/// greater length, `a` and `o` whether
/// architecture and organisation are the same, `n` the cosine of their names' runs of characters and `k` that of their kin.
/// Each product of terms is positive definite, so their sum is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Covariance {
    /// c₀ to c₉.
    pub weights: [f32; N_WEIGHTS],
    /// 1/ℓ of each number.
    pub inverse_lengths: [f32; NUMBERS],
    /// ℓ_s.
    pub size_length: f32,
    /// Variance of what an evaluation adds of its own.
    pub noise: f32,
}

/// What the covariance looks at of one model, beside its name and kin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Facts {
    /// Numbers, the first of them log₁₀ of the size.
    pub numbers: [f32; NUMBERS],
    /// Its architecture.
    pub architecture: u32,
    /// Its organisation.
    pub organisation: u32,
}

/// What of two models the covariance looks at.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    steps: [f32; NUMBERS], // squared differences of the numbers
    same_architecture: f32,
    same_organisation: f32,
    size_step: f32,
    names: f32,
    kin: f32,
}

impl Pair {
    /// Of two models with these cosines of names and kin.
    #[must_use]
    pub fn new(a: &Facts, b: &Facts, names: f32, kin: f32) -> Self {
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

    /// Of a model with many, given the cosines with each. others, names, kin: (n)
    #[must_use]
    #[inline(never)]
    pub fn all(one: &Facts, others: &[Facts], names: &[f32], kin: &[f32]) -> Vec<Self> {
        let others = others.iter().zip(names.iter().zip(kin));
        others.map(|(other, (&names, &kin))| Self::new(one, other, names, kin)).collect()
    }

    /// 1 where the sizes are the same, whatever the architectures: weights are converted from one into another.
    fn about_as_large(&self) -> f32 {
        (-self.size_step / ABOUT).exp()
    }
}

impl Covariance {
    /// Logarithms of all parameters.
    #[must_use]
    pub fn logs(&self) -> [f32; PARAMETERS] {
        let all = self.weights.iter().chain(&self.inverse_lengths).chain([&self.size_length, &self.noise]);
        let mut logs = [0.0; PARAMETERS];
        logs.iter_mut().zip(all).for_each(|(log, value)| *log = value.max(LEAST).ln());
        logs
    }

    /// From the logarithms of all parameters.
    #[must_use]
    pub fn from_logs(logs: &[f32; PARAMETERS]) -> Self {
        let value = |at: usize| logs[at].exp();
        Self {
            weights: std::array::from_fn(value),
            inverse_lengths: std::array::from_fn(|k| value(N_WEIGHTS + k)),
            size_length: value(N_WEIGHTS + NUMBERS),
            noise: value(N_WEIGHTS + NUMBERS + 1),
        }
    }

    /// Of a pair, and its derivatives by the logarithms of all parameters, times a factor, added to `sums`.
    #[inline(never)]
    pub fn add_derivatives(&self, pair: &Pair, factor: f32, sums: &mut [f64; PARAMETERS]) {
        let c = &self.weights;
        let distance: f32 = pair.steps.iter().zip(&self.inverse_lengths).map(|(step, l)| step * l * l).sum();
        let near = (-0.5 * distance).exp();
        let a = pair.same_architecture;
        let apart = pair.size_step / self.size_length;
        let size = a * (-apart).exp();
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
        ];
        for (k, term) in terms.iter().enumerate() {
            sums[k] += f64::from(factor * c[k] * term);
        }
        let by_numbers = near * (c[0] + c[1] * a + c[2] * size);
        for (k, step) in pair.steps.iter().enumerate() {
            sums[N_WEIGHTS + k] -= f64::from(factor * by_numbers * step * self.inverse_lengths[k].powi(2));
        }
        let by_size = near * c[2] + pair.names * c[5] + pair.same_organisation * c[7];
        sums[N_WEIGHTS + NUMBERS] += f64::from(factor * size * by_size * apart);
    }

    /// Of two models.
    #[must_use]
    pub fn of(&self, pair: &Pair) -> f32 {
        let c = &self.weights;
        let distance: f32 = pair.steps.iter().zip(&self.inverse_lengths).map(|(step, l)| step * l * l).sum();
        let near = (-0.5 * distance).exp();
        let a = pair.same_architecture;
        let size = if a > 0.0 { (-pair.size_step / self.size_length).exp() } else { 0.0 };
        near * (c[0] + c[1] * a + c[2] * size)
            + c[3] * pair.kin
            + pair.names * (c[4] + c[5] * size + c[6] * pair.same_organisation)
            + c[7] * size * pair.same_organisation
            + pair.names * pair.names * (c[8] + c[9] * pair.about_as_large())
    }

    /// Of a model with many, given the cosines with each. others, names, kin: (n)
    #[must_use]
    #[inline(never)]
    pub fn row(&self, one: &Facts, others: &[Facts], names: &[f32], kin: &[f32]) -> Vec<f32> {
        let others = others.iter().zip(names.iter().zip(kin));
        others.map(|(other, (&names, &kin))| self.of(&Pair::new(one, other, names, kin))).collect()
    }
}

/// Adds a share of what each of some others has to their sums.
#[inline(never)]
pub fn add_shares(sums: &mut [f32], weight: f32, others: &[(u32, f32)]) {
    others.iter().for_each(|&(other, its)| sums[other as usize] += weight * its);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(at: usize) -> Facts {
        let numbers = std::array::from_fn(|k| ((at * 7 + k * 3) % 11) as f32 / 10.0);
        Facts { numbers, architecture: at as u32 % 2, organisation: at as u32 % 3 }
    }

    fn example() -> Covariance {
        let logs = std::array::from_fn(|at| -0.3 - 0.1 * (at % 7) as f32);
        Covariance::from_logs(&logs)
    }

    #[test]
    fn a_row_holds_the_covariances_of_the_pairs() {
        let (one, others) = (facts(3), [facts(0), facts(1), facts(3)]);
        let (names, kin) = ([0.2, 0.0, 1.0], [0.1, 0.5, 1.0]);
        let row = example().row(&one, &others, &names, &kin);
        let pairs = Pair::all(&one, &others, &names, &kin);
        assert_eq!(row, pairs.iter().map(|pair| example().of(pair)).collect::<Vec<_>>());
        assert!(row[2] > row[0] && row[2] > row[1], "nothing is more alike than a model and itself: {row:?}");
    }

    #[test]
    fn derivatives_are_those_of_the_covariance() {
        let pair = Pair::new(&facts(4), &facts(6), 0.3, 0.2);
        let mut sums = [0.0; PARAMETERS];
        example().add_derivatives(&pair, 2.0, &mut sums);
        // The noise is no part of it.
        for (at, sum) in sums.iter().enumerate().take(PARAMETERS - 1) {
            let moved = |by: f32| {
                let mut logs = example().logs();
                logs[at] += by;
                f64::from(Covariance::from_logs(&logs).of(&pair))
            };
            let slope = 2.0 * (moved(0.02) - moved(-0.02)) / 0.04;
            assert!((sum - slope).abs() < 2e-3, "{at}: {sum} {slope}");
        }
    }
}
