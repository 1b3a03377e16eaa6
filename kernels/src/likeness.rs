//! The covariance of two models' scores, and its derivatives: the inner loops of the default method's Gaussian process.
#![expect(unsafe_code, reason = "lanes loaded from arrays and stored into them")]

use super::scalar::{EXPONENTIAL, exp_of_minus};
use super::simd::{Instructions, Lanes, Work, dispatch};
use std::f32::consts::LOG2_E;

/// Number of numeric features.
pub const NUMBERS: usize = 15;
/// c₀ to c₁₀.
pub const N_WEIGHTS: usize = 11;
/// Number of parameters: the weights, 1/ℓ of each numeric feature, ℓ_s and the noise.
pub const PARAMETERS: usize = N_WEIGHTS + NUMBERS + 2;
/// The least value of a parameter whose logarithm is taken.
const LEAST: f32 = 1e-6;
/// Length scale of `t` on the logarithm of the sizes: models further apart do not count as of the same size.
const ABOUT: f32 = 0.05;

/// Weights and length scales of the covariance
///
/// `r (c₀ + c₁ a + c₂ a s) + c₃ k + n (c₄ + c₅ a s + c₆ o) + c₇ a s o + n² (c₈ + c₉ t) + c₁₀ s`
///
/// with `r = exp(-½ Σ ((x - x')/ℓ)²)` over the numeric features of two models, `s = exp(-|Δ log₁₀ size| / ℓ_s)`, `t` the
/// same with a fixed length scale, `a` and `o` whether architecture and organisation are the same, `n` the cosine of their
/// names' character n-grams, and `k` the cosine of their relatives. Each product of terms is positive definite, so their sum
/// is. `s` is also a term by itself, since a size that agrees to three digits identifies the family of weights that were
/// converted into another architecture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Covariance {
    /// c₀ to c₁₀.
    pub weights: [f32; N_WEIGHTS],
    /// 1/ℓ of each numeric feature.
    pub inverse_lengths: [f32; NUMBERS],
    /// ℓ_s.
    pub size_length: f32,
    /// Variance of the noise of one evaluation.
    pub noise: f32,
}

/// The inputs of the covariance for one model, except its name and relatives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Facts {
    /// Numeric features; the first one is log₁₀ of the size.
    pub numbers: [f32; NUMBERS],
    /// Its architecture.
    pub architecture: u32,
    /// Its organisation.
    pub organisation: u32,
}

/// The inputs of the covariance for two models.
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
    /// The inputs for two models with these cosines of names and relatives.
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

    /// The inputs for one model with each of many others, given the cosines. others, names, kin: (n)
    #[must_use]
    #[inline(never)]
    pub fn all(one: &Facts, others: &[Facts], names: &[f32], kin: &[f32]) -> Vec<Self> {
        let others = others.iter().zip(names.iter().zip(kin));
        others.map(|(other, (&names, &kin))| Self::new(one, other, names, kin)).collect()
    }

    /// `Σ ((x - x')/ℓ)²`.
    fn distance(&self, inverse_lengths: &[f32; NUMBERS]) -> f32 {
        self.steps.iter().zip(inverse_lengths).map(|(step, l)| step * (l * l)).sum()
    }

    /// `t`, close to 1 where the sizes are the same. It ignores the architectures, since weights are converted from one into
    /// another.
    fn about_as_large(&self) -> f32 {
        exp_of_minus(self.size_step * (1.0 / ABOUT))
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

    /// The covariance from the logarithms of all parameters.
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

    /// Adds to `sums` the covariance's derivatives by the logarithms of all parameters for one pair, times a factor.
    #[inline(never)]
    pub fn add_derivatives(&self, pair: &Pair, factor: f32, sums: &mut [f64; PARAMETERS]) {
        let c = &self.weights;
        let near = exp_of_minus(0.5 * pair.distance(&self.inverse_lengths));
        let a = pair.same_architecture;
        let apart = pair.size_step / self.size_length;
        let same_size = exp_of_minus(apart);
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

    /// The covariance of two models.
    #[must_use]
    pub fn of(&self, pair: &Pair) -> f32 {
        let c = &self.weights;
        let near = exp_of_minus(0.5 * pair.distance(&self.inverse_lengths));
        let a = pair.same_architecture;
        let same_size = exp_of_minus(pair.size_step * (1.0 / self.size_length));
        let size = a * same_size;
        near * (c[0] + c[1] * a + c[2] * size)
            + c[3] * pair.kin
            + pair.names * (c[4] + c[5] * size + c[6] * pair.same_organisation)
            + c[7] * size * pair.same_organisation
            + pair.names * pair.names * (c[8] + c[9] * pair.about_as_large())
            + c[10] * same_size
    }

    /// The covariances of one model with many others, given the cosines. others, names, kin: (n)
    #[must_use]
    pub fn row(&self, one: &Facts, others: &[Facts], names: &[f32], kin: &[f32]) -> Vec<f32> {
        let mut out = vec![0.0; others.len()];
        dispatch(Instructions::best(), Row { covariance: self, one, others, names, kin, out: &mut out });
        out
    }
}

/// Number of models that [`Covariance::row`] compares at once.
const LANES: usize = 16;

/// The work of [`Covariance::row`]: [`Covariance::of`] for several models at once.
struct Row<'a> {
    covariance: &'a Covariance,
    one: &'a Facts,
    others: &'a [Facts],
    names: &'a [f32],
    kin: &'a [f32],
    out: &'a mut [f32],
}

impl Work for Row<'_> {
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { covariance, one, others, names, kin, out } = self;
        let blocks = others.chunks(LANES).zip(names.chunks(LANES)).zip(kin.chunks(LANES)).zip(out.chunks_mut(LANES));
        for (((others, names), kin), out) in blocks {
            let (mut n, mut k) = ([0.0; LANES], [0.0; LANES]);
            n[..names.len()].copy_from_slice(names);
            k[..kin.len()].copy_from_slice(kin);
            out.copy_from_slice(&covariance.block::<L>(one, others, n, k)[..out.len()]);
        }
    }
}

impl Covariance {
    /// The covariances of one model with at most [`LANES`] others.
    #[inline(always)]
    fn block<L: Lanes>(&self, one: &Facts, others: &[Facts], names: [f32; LANES], kin: [f32; LANES]) -> [f32; LANES] {
        let mut numbers = [[0.0f32; LANES]; NUMBERS];
        let (mut architecture, mut organisation) = ([0.0f32; LANES], [0.0f32; LANES]);
        for (lane, other) in others.iter().enumerate().take(LANES) {
            numbers.iter_mut().zip(other.numbers).for_each(|(numbers, number)| numbers[lane] = number);
            architecture[lane] = f32::from(u8::from(one.architecture == other.architecture));
            organisation[lane] = f32::from(u8::from(one.organisation == other.organisation));
        }
        let mut out = [0.0; LANES];
        for lane in (0..LANES).step_by(L::WIDTH) {
            // SAFETY: no vector is wider than LANES, and all widths divide it.
            unsafe {
                let at = |values: &[f32; LANES]| L::load(values.as_ptr().add(lane));
                let facts = [at(&architecture), at(&organisation), at(&names), at(&kin)];
                let covariances = self.vector(one, numbers.each_ref().map(at), facts);
                covariances.store(out.as_mut_ptr().add(lane));
            }
        }
        out
    }

    /// The same for one vector of others. The arguments are their numeric features, whether architecture and organisation
    /// are the same, and the cosines of names and relatives.
    #[inline(always)]
    fn vector<L: Lanes>(&self, one: &Facts, numbers: [L; NUMBERS], [a, o, names, kin]: [L; 4]) -> L {
        let mut distance = L::splat(0.0);
        for ((numbers, number), l) in numbers.into_iter().zip(one.numbers).zip(self.inverse_lengths) {
            let step = L::splat(number).sub(numbers);
            distance = distance.add(step.mul(step).mul(L::splat(l * l)));
        }
        let apart = L::splat(one.numbers[0]).sub(numbers[0]);
        let apart = apart.max(L::splat(0.0).sub(apart));
        let near = exp_of_minus_each(L::splat(0.5).mul(distance));
        let same_size = exp_of_minus_each(apart.mul(L::splat(1.0 / self.size_length)));
        let size = a.mul(same_size);
        let about = exp_of_minus_each(apart.mul(L::splat(1.0 / ABOUT)));
        let c = self.weights.map(L::splat);
        near.mul(c[0].add(c[1].mul(a)).add(c[2].mul(size)))
            .add(c[3].mul(kin))
            .add(names.mul(c[4].add(c[5].mul(size)).add(c[6].mul(o))))
            .add(c[7].mul(size).mul(o))
            .add(names.mul(names).mul(c[8].add(c[9].mul(about))))
            .add(c[10].mul(same_size))
    }
}

/// The same steps as [`exp_of_minus`], so that all functions of the covariance give the same bytes.
#[inline(always)]
fn exp_of_minus_each<L: Lanes>(x: L) -> L {
    let (power, rest) = x.mul(L::splat(-LOG2_E)).max(L::splat(-125.0)).split();
    let [first, others @ ..] = EXPONENTIAL;
    let mut value = L::splat(first);
    for coefficient in others {
        value = value.mul(rest).add(L::splat(coefficient));
    }
    value.scale_by_power(power)
}

/// The greatest and the fifth greatest correlation, 0 if there are fewer.
pub fn nearest(correlations: impl Iterator<Item = f32>) -> [f32; 2] {
    let mut best = [0.0f32; 5];
    for correlation in correlations {
        if correlation > best[4] {
            let at = best.iter().position(|&other| correlation > other).unwrap_or(4);
            best[at..].rotate_right(1);
            best[at] = correlation;
        }
    }
    [best[0], best[4]]
}

/// The same for a model's covariances with the first `end` models except itself, as correlations.
#[must_use]
#[inline(never)]
pub fn nearest_of(covariances: &[f32], itself: usize, end: usize) -> [f32; 2] {
    let (before, after) = (&covariances[..end.min(itself)], covariances[..end].get(itself + 1..).unwrap_or(&[]));
    nearest(before.iter().chain(after).copied()).map(|nearest| nearest / covariances[itself])
}

/// Adds `weight` times each value of `others`, (index, value), to the sum of its index.
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
        // More than are compared at once, and not a multiple of it.
        let (one, others) = (facts(3), [0, 1, 3].into_iter().chain(4..40).map(facts).collect::<Vec<_>>());
        let likeness =
            |first: [f32; 3]| first.into_iter().chain((4..40).map(|at| (at % 5) as f32 / 7.0)).collect::<Vec<_>>();
        let (names, kin) = (likeness([0.2, 0.0, 1.0]), likeness([0.1, 0.5, 1.0]));
        let row = example().row(&one, &others, &names, &kin);
        let pairs = Pair::all(&one, &others, &names, &kin);
        assert_eq!(row, pairs.iter().map(|pair| example().of(pair)).collect::<Vec<_>>());
        assert!(row[2] > row[0] && row[2] > row[1], "nothing is more alike than a model and itself: {row:?}");
    }

    #[test]
    fn the_nearest_are_found_among_the_first_but_for_the_model_itself() {
        let covariances = [0.2, 0.8, 2.0, 0.4, 0.6, 0.5, 1.8, 0.1];
        assert_eq!(nearest_of(&covariances, 2, 8), [0.9, 0.2]);
        assert_eq!(nearest_of(&covariances, 2, 6), [0.4, 0.1]);
        assert_eq!(nearest_of(&covariances, 2, 2), [0.4, 0.0]);
    }

    #[test]
    fn derivatives_are_those_of_the_covariance() {
        let pair = Pair::new(&facts(4), &facts(6), 0.3, 0.2);
        let mut sums = [0.0; PARAMETERS];
        example().add_derivatives(&pair, 2.0, &mut sums);
        // The noise is not part of it.
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
