//! How the outputs of a model go together: the covariance of rows with gaps, by expectation maximisation for a normal
//! distribution (Little and Rubin, Statistical Analysis with Missing Data, §11.2), drawn towards that of one common factor,
//! which is what few rows can tell; and what known entries of a row say about its others.

use crate::error::Result;
use crate::linalg::{add_square, clamp, factorise, pick};
use crate::methods::unknowns::Unknowns;
use eyas_kernels::matrix_product;
use ndarray::{Array1, Array2};

/// Half the width of a 90 % interval of a normal distribution, in standard deviations.
pub(super) const HALF_WIDTH: f32 = 1.645;
/// Rows that the common factor weighs.
const PRIOR_ROWS: f32 = 12.0;
/// Rounds of expectation and maximisation.
const ROUNDS: usize = 20;
/// Rounds in which the loadings of the common factor are found.
const FACTOR_ROUNDS: usize = 30;
/// Entries of a row that are looked at.
const MOST_ENTRIES: usize = 96;
/// Multiplications of a round, about.
const MOST_WORK: usize = 60_000_000;
/// What the common factor may explain of an output at most.
const MOST_COMMON: f32 = 0.97;
/// Degrees of freedom: the fewer, the more do known entries tell of how far off the others are.
const FREEDOM: f32 = 5.0;
/// Added to the variances in the end, and in each round: a share of them, and a number.
const RIDGE: (f32, f32) = (0.05, 1e-4);
const ROUND_RIDGE: (f32, f32) = (1e-4, 1e-6);

/// The covariance of the outputs. (n_outputs, n_outputs)
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Together {
    pub(super) covariance: Array2<f32>,
}

/// Entries of a row that are known, by output.
type Known = Vec<(usize, f32)>;

impl Together {
    /// From rows of n outputs about 0, NaN where there is a gap.
    ///
    /// # Errors
    /// Of kind `Computation` if the rows are not finite.
    pub(super) fn learn(rows: &[Vec<f32>], n: usize) -> Result<Self> {
        let rows = known_entries(rows);
        let gaps = rows.iter().any(|known| known.len() < n);
        let mut together = Self { covariance: Array2::from_shape_fn((n, n), |(a, b)| if a == b { 1.0 } else { 0.5 }) };
        for _ in 0..if gaps { ROUNDS } else { 1 } {
            let mut sums = Array2::zeros((n, n));
            for known in &rows {
                together.add_expected(known, &mut sums)?;
            }
            let count = rows.len().max(1) as f32;
            let common = common_factor(&sums.mapv(|sum: f32| sum / count));
            together.covariance = (sums + common * PRIOR_ROWS) / (count + PRIOR_ROWS);
            // Equal rows leave nothing but rounding of a variance.
            together.add_ridge(ROUND_RIDGE);
        }
        together.add_ridge(RIDGE);
        Ok(together)
    }

    /// Adds to the variances: a share of them, and a number.
    fn add_ridge(&mut self, (share, number): (f32, f32)) {
        self.covariance.diag_mut().mapv_inplace(|variance| variance * (1.0 + share) + number);
    }

    /// This and so much of another.
    pub(super) fn plus(&self, share: f32, other: &Self) -> Self {
        Self { covariance: &self.covariance + &(&other.covariance * share) }
    }

    /// What is open about a model whose scores are the outputs: as they go together given those that are known, and as wide
    /// as these 90 % intervals. Nothing without intervals.
    ///
    /// # Errors
    /// Of kind `Computation` if the covariance is none.
    pub(super) fn unknowns(&self, known: &Known, intervals: &[(f32, f32)]) -> Result<Option<Unknowns>> {
        let n = self.covariance.nrows();
        if intervals.len() != n {
            return Ok(None);
        }
        let mut covariance = self.covariance.clone();
        let (with, weights, _) = self.weights(known)?;
        matrix_product(-1.0, with.t(), weights.view(), 1.0, covariance.view_mut());
        let scale = |k: usize| {
            let (low, high) = intervals[k];
            let deviation = covariance[[k, k]].max(0.0).sqrt();
            if high > low && deviation > 0.0 { (high - low) / (2.0 * HALF_WIDTH * deviation) } else { 0.0 }
        };
        let scales: Vec<f32> = (0..n).map(scale).collect();
        let covariance = Array2::from_shape_fn((n, n), |(a, b)| covariance[[a, b]] * scales[a] * scales[b]);
        Ok(Some(Unknowns { covariance, tasks: Array2::eye(n), noise: vec![0.0; n], benchmarks: Array2::eye(n) }))
    }

    /// Adds the products of a row with itself that are to be expected by what is known of it.
    fn add_expected(&self, known: &Known, sums: &mut Array2<f32>) -> Result<()> {
        let mut expected = Array1::zeros(self.covariance.nrows());
        if known.len() < expected.len() {
            let (with, weights, _) = self.weights(known)?;
            expected = weights.t().dot(&known.iter().map(|known| known.1).collect::<Array1<f32>>());
            *sums += &self.covariance;
            matrix_product(-1.0, with.t(), weights.view(), 1.0, sums.view_mut());
        } else {
            known.iter().for_each(|&(k, value)| expected[k] = value);
        }
        add_square(sums, 1.0, &expected);
        Ok(())
    }

    /// Covariances of known entries with all outputs, and what each of them weighs in the expectation of each output, both
    /// (n_known, n_outputs); and the square of the known entries in units of their covariance, about as many as there are.
    fn weights(&self, known: &Known) -> Result<(Array2<f32>, Array2<f32>, f32)> {
        let places: Vec<usize> = known.iter().map(|known| known.0).collect();
        let all: Vec<usize> = (0..self.covariance.ncols()).collect();
        let with = pick(&self.covariance, &places, &all);
        let factor = factorise(pick(&self.covariance, &places, &places))?;
        let mut weights = with.clone();
        factor.solve_lower(&mut weights);
        factor.solve_upper(&mut weights);
        let mut entries = Array2::from_shape_fn((known.len(), 1), |(at, _)| known[at].1);
        factor.solve_lower(&mut entries);
        Ok((with, weights, entries.iter().map(|entry| entry * entry).sum()))
    }

    /// By how much known entries shift the others, and by what factor their standard deviations are then narrower, or wider
    /// where the known ones are a surprise: the conditional of a multivariate t distribution (Ding, On the Conditional
    /// Distribution of the Multivariate t Distribution, 2016). Both (n_outputs); 0 and 1 where nothing is known.
    ///
    /// # Errors
    /// Of kind `Computation` if the covariance is none.
    pub(super) fn given(&self, known: &Known) -> Result<(Vec<f32>, Vec<f32>)> {
        let (with, weights, square) = self.weights(known)?;
        let shift = weights.t().dot(&known.iter().map(|known| known.1).collect::<Array1<f32>>());
        let surprise = ((FREEDOM + square) / (FREEDOM + known.len() as f32)).sqrt();
        let narrowing = |k: usize| {
            let explained = with.column(k).dot(&weights.column(k)) / self.covariance[[k, k]];
            (1.0 - explained).max(0.0).sqrt() * surprise
        };
        Ok((shift.to_vec(), (0..with.ncols()).map(narrowing).collect()))
    }
}

/// What is known of the rows, of no more rows and entries than there is time for, evenly picked.
fn known_entries(rows: &[Vec<f32>]) -> Vec<Known> {
    let n = rows.first().map_or(0, Vec::len);
    let entries =
        |row: &Vec<f32>| -> Known { row.iter().copied().enumerate().filter(|(_, value)| !value.is_nan()).collect() };
    let mut all: Vec<Known> = rows.iter().map(entries).collect();
    if all.iter().all(|known| known.len() == n) {
        return all;
    }
    all.retain(|known| !known.is_empty());
    for known in &mut all {
        *known = evenly(std::mem::take(known), MOST_ENTRIES);
    }
    let work: usize = all.iter().map(|known| known.len() * n * n).sum();
    let most = (all.len() * MOST_WORK / work.max(1)).max(n);
    evenly(all, most)
}

/// At most so many of some items, from all over.
pub(super) fn evenly<T>(items: Vec<T>, most: usize) -> Vec<T> {
    let n = items.len();
    let chosen = |at: usize| n <= most || (at + 1) * most / n > at * most / n;
    items.into_iter().enumerate().filter(|&(at, _)| chosen(at)).map(|(_, item)| item).collect()
}

/// The covariance of one common factor and a rest of each output's own that is nearest to this one
/// (principal axis factoring).
fn common_factor(covariance: &Array2<f32>) -> Array2<f32> {
    let n = covariance.nrows();
    let sizes: Vec<f32> = covariance.diag().iter().map(|variance| variance.max(f32::MIN_POSITIVE).sqrt()).collect();
    let correlation = Array2::from_shape_fn((n, n), |(a, b)| covariance[[a, b]] / (sizes[a] * sizes[b]));
    let mut loadings: Array1<f32> = Array1::from_elem(n, 0.7);
    for _ in 0..FACTOR_ROUNDS {
        let length = loadings.dot(&loadings).max(f32::MIN_POSITIVE);
        // The diagonal is what the factor explains, l², not 1: a step of the power iteration without it.
        let mut product = correlation.dot(&loadings);
        product.zip_mut_with(&loadings, |product, &l: &f32| *product += (l * l - 1.0) * l);
        loadings = (product / length).mapv(|l: f32| clamp(l, -MOST_COMMON.sqrt(), MOST_COMMON.sqrt()));
    }
    Array2::from_shape_fn((n, n), |(a, b)| {
        let common = if a == b { 1.0 } else { loadings[a] * loadings[b] };
        common * sizes[a] * sizes[b]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    /// Rows of a common factor with loadings 0.9, 0.9, -0.6, 0 and a rest, so that the variances are 1.
    fn rows(n: usize, gaps: bool) -> Vec<Vec<f32>> {
        let mut rng = Pcg64Mcg::seed_from_u64(5);
        let mut normal = || (0..12).map(|_| rng.random::<f32>()).sum::<f32>() - 6.0;
        let row = |at: usize| {
            let common = normal();
            let output = |l: f32, rest: f32| l * common + (1.0 - l * l).sqrt() * rest;
            let mut row: Vec<f32> = [0.9, 0.9, -0.6, 0.0].into_iter().map(|l| output(l, normal())).collect();
            if gaps && !at.is_multiple_of(3) {
                row[(at / 3) % 4] = f32::NAN;
            }
            row
        };
        (0..n).map(row).collect()
    }

    #[test]
    fn the_covariance_is_found_with_gaps_and_without() -> Result<()> {
        for gaps in [false, true] {
            let found = Together::learn(&rows(3000, gaps), 4)?.covariance;
            for ((a, b), expected) in [((0, 1), 0.81), ((0, 2), -0.54), ((1, 2), -0.54), ((0, 3), 0.0), ((2, 2), 1.05)]
            {
                assert!((found[[a, b]] - expected).abs() < 0.06, "{gaps} {a} {b}: {}", found[[a, b]]);
            }
        }
        Ok(())
    }

    #[test]
    fn a_known_entry_moves_and_narrows_those_that_go_with_it() -> Result<()> {
        let together = Together::learn(&rows(3000, true), 4)?;
        let (shift, narrowing) = together.given(&vec![(0, 1.0)])?;
        assert!((shift[1] - 0.77).abs() < 0.06 && (shift[2] + 0.51).abs() < 0.06 && shift[3].abs() < 0.06, "{shift:?}");
        assert!(narrowing[0] < 0.01 && narrowing[1] < 0.7 && narrowing[3] > 0.99, "{narrowing:?}");
        let (_, surprised) = together.given(&vec![(0, 6.0)])?;
        assert!(surprised[3] > 1.5 && surprised[1] > narrowing[1], "{surprised:?}");
        let (shift, narrowing) = together.given(&Vec::new())?;
        assert_eq!((shift, narrowing), (vec![0.0; 4], vec![1.0; 4]));
        Ok(())
    }

    #[test]
    fn few_rows_leave_the_common_factor() -> Result<()> {
        let found = Together::learn(&rows(12, true), 4)?.covariance;
        assert!(found[[0, 1]] > 0.3 && found.iter().all(|value| value.is_finite()), "{found:?}");
        Ok(())
    }
}
