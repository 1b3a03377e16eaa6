//! Correlation of values and of ranks.

use super::{comparable, defined, known};
use crate::linalg::order;

/// Pearson's correlation, `Σ(a - ā)(b - b̄) / sqrt(Σ(a - ā)² Σ(b - b̄)²)`, in -1..1.
///
/// Undefined for fewer than two values and where one slice is constant.
#[must_use]
pub fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    if !comparable(a, b) || constant(a) || constant(b) {
        return None;
    }
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let (mut both, mut square_a, mut square_b) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        both += a * b;
        square_a += a * a;
        square_b += b * b;
    }
    defined(both / (square_a.sqrt() * square_b.sqrt())).map(|r| r.clamp(-1.0, 1.0))
}

/// Spearman's correlation: [`pearson`] of the [`average_ranks`], so that tied values share a rank.
///
/// Undefined for fewer than two values and where one slice is constant.
#[must_use]
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    pearson(&average_ranks(a)?, &average_ranks(b)?)
}

/// Ranks from 1 for the lowest value; tied values share the mean of their ranks.
#[must_use]
pub fn average_ranks(values: &[f64]) -> Option<Vec<f64>> {
    if !known(values) {
        return None;
    }
    let order = order(values.len(), &mut |a, b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = before as f64 + 0.5 * (tied.len() as f64 + 1.0);
        tied.iter().for_each(|&at| ranks[at] = rank);
        before += tied.len();
    }
    Some(ranks)
}

/// Kendall's τ-b, `(C - D) / sqrt((C + D + A)(C + D + B))` over all pairs: C pairs agree, D disagree, A tie in
/// `b` alone, and B tie in `a` alone. O(n log n).
///
/// Undefined for fewer than two values and where one slice is constant.
#[must_use]
pub fn kendall_tau(a: &[f64], b: &[f64]) -> Option<f64> {
    if !comparable(a, b) {
        return None;
    }
    // Each pair has weight 1/2 + 1/2.
    concordance(a, b, &vec![0.5; a.len()])
}

/// The ranking from which [`weighted_tau`] takes its weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RankBy {
    /// The mean of the results with weights by `a` and with weights by `b`. scipy's `rank=True`.
    Both,
    /// Weights by `a`, ties broken by `b`. scipy's `rank=None`.
    First,
}

/// Weighted Kendall's τ with additive hyperbolic weights: a pair has the weight `1/(r + 1) + 1/(s + 1)`, where r and s
/// are the ranks of its values, from 0 for the *highest* value, so that the best values have the largest weights.
/// Otherwise as [`kendall_tau`].
///
/// S. Vigna, A weighted correlation index for rankings with ties, WWW 2015; agrees with `scipy.stats.weightedtau`.
/// Values that tie in both slices may have any order among themselves: the result is the same. O(n log n). Undefined
/// for fewer than two values and where one slice is constant.
#[must_use]
pub fn weighted_tau(a: &[f64], b: &[f64], by: RankBy) -> Option<f64> {
    if !comparable(a, b) {
        return None;
    }
    let first = concordance(a, b, &hyperbolic_weights(a, b))?;
    match by {
        RankBy::First => Some(first),
        RankBy::Both => Some(0.5 * (first + concordance(a, b, &hyperbolic_weights(b, a))?)),
    }
}

fn constant(values: &[f64]) -> bool {
    values.windows(2).all(|pair| pair[0] == pair[1])
}

/// `1/(rank + 1)`, where rank 0 is the highest value of `first` and ties are broken by the higher value of `second`.
fn hyperbolic_weights(first: &[f64], second: &[f64]) -> Vec<f64> {
    let best_first = &mut |a: usize, b: usize| compare(first[b], first[a]).then(compare(second[b], second[a]));
    let order = order(first.len(), best_first);
    let mut weights = vec![0.0; first.len()];
    for (rank, at) in order.into_iter().enumerate() {
        weights[at] = 1.0 / (rank as f64 + 1.0);
    }
    weights
}

/// Positions of the values, lowest value first.
fn ascending(values: &[f64]) -> Vec<usize> {
    order(values.len(), &mut |a, b| compare(values[a], values[b]))
}

/// Compares two numbers so that 0 and -0 tie, as they do in `==`.
fn compare(a: f64, b: f64) -> std::cmp::Ordering {
    a.partial_cmp(&b).unwrap_or(std::cmp::Ordering::Equal)
}

/// `Σ w sgn(Δa) sgn(Δb) / sqrt(Σ_{Δa≠0} w · Σ_{Δb≠0} w)` over all pairs; the weight w of a pair is the sum of
/// the weights of its two values.
fn concordance(a: &[f64], b: &[f64], weights: &[f64]) -> Option<f64> {
    if constant(a) || constant(b) {
        return None;
    }
    let levels = levels(b);
    let order = ascending(a);
    let mut seen = LevelSums::new(levels.iter().max().map_or(0, |&top| top + 1));
    let mut agreement = 0.0;
    for tied in order.chunk_by(|&i, &j| a[i] == a[j]) {
        for &at in tied {
            let (below, not_above) = (seen.below(levels[at]), seen.below(levels[at] + 1));
            let above = (seen.total.0 - not_above.0, seen.total.1 - not_above.1);
            // For each pair with an earlier value: the weight of that value, plus the weight of this one.
            agreement += below.0 - above.0 + weights[at] * (below.1 - above.1);
        }
        tied.iter().for_each(|&at| seen.add(levels[at], weights[at]));
    }
    let all = weights.iter().sum::<f64>() * (a.len() as f64 - 1.0);
    let untied = |values: &[f64]| all - tied_weight(values, weights);
    defined(agreement / (untied(a).sqrt() * untied(b).sqrt())).map(|tau| tau.clamp(-1.0, 1.0))
}

/// Total weight of the tied pairs.
fn tied_weight(values: &[f64], weights: &[f64]) -> f64 {
    let order = ascending(values);
    let tied = order.chunk_by(|&i, &j| values[i] == values[j]);
    tied.map(|tied| tied.iter().map(|&at| weights[at]).sum::<f64>() * (tied.len() as f64 - 1.0)).sum()
}

/// Values as dense levels from 0 for the lowest; tied values share a level.
fn levels(values: &[f64]) -> Vec<usize> {
    let order = ascending(values);
    let mut levels = vec![0; values.len()];
    for (level, tied) in order.chunk_by(|&i, &j| values[i] == values[j]).enumerate() {
        tied.iter().for_each(|&at| levels[at] = level);
    }
    levels
}

/// A Fenwick tree over levels: the sum of the weights and the count of the values that were added below a level.
struct LevelSums {
    tree: Vec<(f64, f64)>,
    total: (f64, f64),
}

impl LevelSums {
    fn new(levels: usize) -> Self {
        Self { tree: vec![(0.0, 0.0); levels + 1], total: (0.0, 0.0) }
    }

    fn add(&mut self, level: usize, weight: f64) {
        let mut at = level + 1;
        while at < self.tree.len() {
            self.tree[at].0 += weight;
            self.tree[at].1 += 1.0;
            at += at & at.wrapping_neg();
        }
        self.total.0 += weight;
        self.total.1 += 1.0;
    }

    fn below(&self, level: usize) -> (f64, f64) {
        let (mut at, mut sum) = (level, (0.0, 0.0));
        while at > 0 {
            sum.0 += self.tree[at].0;
            sum.1 += self.tree[at].1;
            at &= at - 1;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const A: [f64; 12] = [-1.0, -1.5, 0.0, 0.5, 1.0, 0.0, -0.5, -1.0, 0.5, 1.5, 0.5, -1.0];
    const B: [f64; 12] = [-2.0, 0.0, 0.0, -1.0, 1.0, -1.0, -1.0, -1.5, 0.0, 2.0, 0.5, -1.5];

    fn near(found: Option<f64>, expected: f64) {
        assert!(found.is_some_and(|found| (found - expected).abs() < 1e-12), "{found:?} against {expected}");
    }

    #[test]
    fn correlations_agree_with_scipy() {
        near(pearson(&A, &B), 0.745_197_231_981_035_8);
        near(spearman(&A, &B), 0.725_631_768_953_068_6);
        near(kendall_tau(&A, &B), 0.661_016_949_152_542_4);
        near(weighted_tau(&A, &B, RankBy::Both), 0.820_578_542_719_402_9);
        near(weighted_tau(&A, &B, RankBy::First), 0.831_086_112_032_915_6);
        near(weighted_tau(&B, &A, RankBy::First), 0.810_070_973_405_890_2);
        let ranks = [3.0, 1.0, 6.5, 9.0, 11.0, 6.5, 5.0, 3.0, 9.0, 12.0, 9.0, 3.0];
        assert_eq!(average_ranks(&A).as_deref(), Some(&ranks[..]));
    }

    #[test]
    fn weighted_tau_agrees_with_scipy_s_own_tests() {
        let (x, y) = ([12.0, 2.0, 1.0, 12.0, 2.0], [1.0, 4.0, 7.0, 1.0, 0.0]);
        near(weighted_tau(&x, &y, RankBy::Both), -0.566_949_681_536_827_2);
        near(weighted_tau(&x, &y, RankBy::First), -0.415_765_230_103_751_6);
    }

    #[test]
    fn weighted_tau_weighs_the_best_most() {
        let truth = [4.0, 3.0, 2.0, 1.0];
        let at_the_top = weighted_tau(&truth, &[3.0, 4.0, 2.0, 1.0], RankBy::Both);
        let at_the_bottom = weighted_tau(&truth, &[4.0, 3.0, 1.0, 2.0], RankBy::Both);
        assert!(at_the_top < at_the_bottom);
    }

    #[test]
    fn constants_and_nan_are_undefined() {
        let both = |a: &[f64], b: &[f64]| weighted_tau(a, b, RankBy::Both);
        for metric in [pearson, spearman, kendall_tau, both] {
            assert_eq!(metric(&[], &[]), None);
            assert_eq!(metric(&[1.0], &[1.0]), None);
            assert_eq!(metric(&[1.0, 2.0], &[0.1, 0.1]), None);
            assert_eq!(metric(&[0.1, 0.1, 0.1], &[1.0, 2.0, 3.0]), None);
            assert_eq!(metric(&[1.0, f64::NAN], &[1.0, 2.0]), None);
            assert_eq!(metric(&[1.0, 2.0], &[1.0]), None);
        }
        near(kendall_tau(&[0.0, -0.0, 1.0], &[1.0, 2.0, 3.0]), 2.0 / 6.0f64.sqrt());
    }

    /// The sum over all pairs, in O(n²).
    fn slow_concordance(a: &[f64], b: &[f64], weights: &[f64]) -> f64 {
        let (mut both, mut in_a, mut in_b) = (0.0, 0.0, 0.0);
        for i in 0..a.len() {
            for j in 0..i {
                let weight = weights[i] + weights[j];
                let sign = |v: &[f64]| f64::from(i8::from(v[i] > v[j]) - i8::from(v[i] < v[j]));
                both += weight * sign(a) * sign(b);
                in_a += weight * sign(a).abs();
                in_b += weight * sign(b).abs();
            }
        }
        both / (in_a * in_b).sqrt()
    }

    proptest! {
        #[test]
        fn correlations_are_bounded_and_symmetric(
            pairs in prop::collection::vec((-4i8..4, -4i8..4), 0..40)
        ) {
            let (a, b): (Vec<f64>, Vec<f64>) = pairs.into_iter().map(|(a, b)| (f64::from(a), f64::from(b))).unzip();
            let both = |a: &[f64], b: &[f64]| weighted_tau(a, b, RankBy::Both);
            for metric in [pearson, spearman, kendall_tau, both] {
                let (one, other) = (metric(&a, &b), metric(&b, &a));
                prop_assert_eq!(one.is_some(), other.is_some());
                if let (Some(one), Some(other)) = (one, other) {
                    prop_assert!((-1.0..=1.0).contains(&one) && (one - other).abs() < 1e-12);
                }
                if let Some(own) = metric(&a, &a) {
                    prop_assert!((own - 1.0).abs() < 1e-12);
                }
            }
        }

        #[test]
        fn the_fast_concordance_is_the_sum_over_pairs(
            rows in prop::collection::vec((-4i8..4, -4i8..4, 0.01..1.0f64), 2..30)
        ) {
            let a: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
            let b: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
            let weights: Vec<f64> = rows.iter().map(|row| row.2).collect();
            if let Some(fast) = concordance(&a, &b, &weights) {
                prop_assert!((fast - slow_concordance(&a, &b, &weights)).abs() < 1e-9);
            }
        }
    }
}
