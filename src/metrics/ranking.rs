//! Ranking metrics: how high the scores place the positive or relevant candidates.

use super::{comparable, defined, descending, known, mean};

/// Area under the ROC curve: the probability that a random positive scores above a random negative; a tie counts half.
/// O(n log n).
///
/// Undefined without a positive or without a negative.
#[must_use]
pub fn auc_roc(positive: &[bool], scores: &[f64]) -> Option<f64> {
    if positive.len() != scores.len() || !known(scores) {
        return None;
    }
    let positives = positive.iter().filter(|&&is| is).count() as f64;
    let negatives = positive.len() as f64 - positives;
    let (mut above, mut area) = (0.0, 0.0);
    for tied in descending(scores).chunk_by(|&a, &b| scores[a] == scores[b]) {
        let hits = tied.iter().filter(|&&at| positive[at]).count() as f64;
        let misses = tied.len() as f64 - hits;
        area += misses * (above + 0.5 * hits);
        above += hits;
    }
    defined(area / (positives * negatives))
}

/// Normalised discounted cumulative gain of the first `k`: `Σ gain / log2(position + 1)`, positions from 1, divided by
/// the same sum in the best order. The gain is the true value.
///
/// Tied scores share the mean of their gains (the mean over all orders of the ties), as in scikit-learn. A `k` beyond
/// the end means all. Undefined where `k` is 0, a true value is negative, or no true value is positive (scikit-learn
/// returns 0 in the last case).
#[must_use]
pub fn ndcg_at_k(truth: &[f64], scores: &[f64], k: usize) -> Option<f64> {
    Ranked::new(scores)?.ndcg(truth, &Ranked::new(truth)?, k)
}

/// 1 if a relevant candidate is among the `k` highest scores and 0 if not; with ties, the mean over all orders of the
/// ties.
///
/// A `k` beyond the end means all. Undefined where `k` is 0 or no candidate is relevant.
#[must_use]
pub fn hit_at_k(relevant: &[bool], scores: &[f64], k: usize) -> Option<f64> {
    Ranked::new(scores)?.hit(relevant, k)
}

/// The share of the relevant candidates that are among the `k` highest scores; with ties, the mean over all orders of
/// the ties.
///
/// A `k` beyond the end means all. Undefined where `k` is 0 or no candidate is relevant.
#[must_use]
pub fn recall_at_k(relevant: &[bool], scores: &[f64], k: usize) -> Option<f64> {
    let all = relevant.iter().filter(|&&is| is).count();
    Ranked::new(scores)?.found(relevant, k).filter(|_| k > 0).and_then(|found| defined(found / all as f64))
}

/// `1 / position` of the first relevant candidate, where position 1 is the highest score; with ties, the mean over all
/// orders of the ties.
///
/// Undefined where no candidate is relevant.
#[must_use]
pub fn reciprocal_rank(relevant: &[bool], scores: &[f64]) -> Option<f64> {
    Ranked::new(scores)?.reciprocal_rank(relevant)
}

/// Mean [`reciprocal_rank`] over lists of (relevant, scores).
///
/// Undefined without a list, and where the reciprocal rank of a list is undefined.
#[must_use]
pub fn mrr(lists: &[(&[bool], &[f64])]) -> Option<f64> {
    let ranks: Option<Vec<f64>> = lists.iter().map(|(relevant, scores)| reciprocal_rank(relevant, scores)).collect();
    mean(&ranks?)
}

/// The rank of a score among others, from 1 for the highest: one more than the number of others above it. Ties share
/// the better rank.
///
/// Undefined on NaN. Without others the rank is 1.
#[must_use]
pub fn rank_among(score: f64, others: &[f64]) -> Option<f64> {
    let nan = score.is_nan() || others.iter().any(|other| other.is_nan());
    (!nan).then(|| 1.0 + others.iter().filter(|&&other| other > score).count() as f64)
}

/// CPP's accuracy of ranks (appendix C.1): the share of instances whose predicted rank is the true one, in 0..1.
///
/// Takes ranks, see [`rank_among`]; the evaluation protocol decides among which others an instance is ranked.
#[must_use]
pub fn rank_accuracy(true_ranks: &[f64], predicted_ranks: &[f64]) -> Option<f64> {
    share_within(true_ranks, predicted_ranks, 0.0)
}

/// CPP's MAE@2 (appendix C.1): the share of instances whose predicted rank differs from the true one by at most 2, in
/// 0..1. Higher is better, unlike for a mean absolute error.
///
/// Takes ranks, as [`rank_accuracy`] does.
#[must_use]
pub fn mae_at_2(true_ranks: &[f64], predicted_ranks: &[f64]) -> Option<f64> {
    share_within(true_ranks, predicted_ranks, 2.0)
}

fn share_within(true_ranks: &[f64], predicted_ranks: &[f64], distance: f64) -> Option<f64> {
    if !comparable(true_ranks, predicted_ranks) {
        return None;
    }
    let near = true_ranks.iter().zip(predicted_ranks).filter(|(truth, guess)| (*truth - *guess).abs() <= distance);
    defined(near.count() as f64 / true_ranks.len() as f64)
}

/// Candidates in the order of their scores, sorted once for several metrics. Each metric is undefined as the function of
/// its name is, and treats ties in the same way.
#[derive(Debug, Clone)]
pub struct Ranked<'a> {
    scores: &'a [f64],
    order: Vec<usize>,
}

impl<'a> Ranked<'a> {
    /// Sorts the candidates; `None` without candidates and if a score is NaN.
    #[must_use]
    pub fn new(scores: &'a [f64]) -> Option<Self> {
        known(scores).then(|| Self { scores, order: descending(scores) })
    }

    /// The scores, highest first.
    pub fn sorted(&self) -> impl DoubleEndedIterator<Item = f64> + '_ {
        self.order.iter().map(|&at| self.scores[at])
    }

    /// [`ndcg_at_k`], where `best` is the order by these gains or by others that give the same order.
    #[must_use]
    pub fn ndcg(&self, gains: &[f64], best: &Ranked<'_>, k: usize) -> Option<f64> {
        let fit = gains.len() == self.order.len() && gains.len() == best.order.len();
        if !fit || gains.iter().any(|&gain| gain.is_nan() || gain < 0.0) {
            return None;
        }
        defined(self.discounted_gain(gains, k) / best.discounted_gain(gains, k))
    }

    /// [`hit_at_k`].
    #[must_use]
    pub fn hit(&self, relevant: &[bool], k: usize) -> Option<f64> {
        let (mut left, mut miss) = (k, 1.0);
        for group in self.groups(relevant).filter(|_| k > 0)? {
            let places = left.min(group.size);
            // Probability that no relevant candidate takes one of these places.
            miss *= (0..places).map(|place| group.chance_of_irrelevant(place)).product::<f64>();
            left -= places;
            if left == 0 {
                break;
            }
        }
        defined(1.0 - miss)
    }

    /// The number of relevant candidates among the `k` highest scores; with ties, the mean over all orders of the ties.
    #[must_use]
    pub fn found(&self, relevant: &[bool], k: usize) -> Option<f64> {
        let (mut left, mut found) = (k, 0.0);
        for group in self.groups(relevant)? {
            let places = left.min(group.size);
            found += places as f64 * group.relevant as f64 / group.size as f64;
            left -= places;
            if left == 0 {
                break;
            }
        }
        defined(found)
    }

    /// [`reciprocal_rank`].
    #[must_use]
    pub fn reciprocal_rank(&self, relevant: &[bool]) -> Option<f64> {
        let mut before = 0;
        for group in self.groups(relevant)? {
            if group.relevant > 0 {
                let (mut none_yet, mut expected) = (1.0, 0.0);
                for place in 0..group.size {
                    let irrelevant = group.chance_of_irrelevant(place);
                    expected += none_yet * (1.0 - irrelevant) / (before + place + 1) as f64;
                    none_yet *= irrelevant;
                }
                return defined(expected);
            }
            before += group.size;
        }
        None
    }

    fn discounted_gain(&self, gains: &[f64], k: usize) -> f64 {
        let mut position = 0;
        let mut sum = 0.0;
        for tied in self.ties() {
            if position >= k {
                break;
            }
            let gain = tied.iter().map(|&at| gains[at]).sum::<f64>() / tied.len() as f64;
            let end = position + tied.len();
            sum += (position..end.min(k)).map(|at| gain / (at as f64 + 2.0).log2()).sum::<f64>();
            position = end;
        }
        sum
    }

    /// Groups of tied scores, highest first; `None` where no candidate is relevant or the lengths differ.
    fn groups(&self, relevant: &[bool]) -> Option<impl Iterator<Item = Group>> {
        if relevant.len() != self.order.len() || !relevant.contains(&true) {
            return None;
        }
        let count = |tied: &[usize]| tied.iter().filter(|&&at| relevant[at]).count();
        Some(self.ties().map(move |tied| Group { size: tied.len(), relevant: count(tied) }))
    }

    fn ties(&self) -> impl Iterator<Item = &[usize]> {
        self.order.chunk_by(|&a, &b| self.scores[a] == self.scores[b])
    }
}

/// A group of candidates with tied scores.
struct Group {
    size: usize,
    relevant: usize,
}

impl Group {
    /// Probability that an irrelevant candidate takes the next place of the group, after `before` irrelevant ones.
    fn chance_of_irrelevant(&self, before: usize) -> f64 {
        self.size.saturating_sub(self.relevant + before) as f64 / (self.size - before) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(found: Option<f64>, expected: f64) {
        assert!(found.is_some_and(|found| (found - expected).abs() < 1e-12), "{found:?} against {expected}");
    }

    #[test]
    fn auc_agrees_with_scikit_learn() {
        let truth = [0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0].map(|t| t == 1);
        let scores = [-2.0, 0.0, 0.0, -1.0, 1.0, -1.0, -1.0, -1.5, 0.0, 2.0, 0.5, -1.5];
        near(auc_roc(&truth, &scores), 0.885_714_285_714_285_8);
        near(auc_roc(&[true, false], &[0.3, 0.3]), 0.5);
        near(auc_roc(&[true, false], &[0.0, -0.0]), 0.5);
        near(auc_roc(&[true, false], &[f64::INFINITY, 0.3]), 1.0);
    }

    #[test]
    fn ndcg_agrees_with_scikit_learn() {
        let truth = [10.0, 0.0, 0.0, 1.0, 5.0];
        near(ndcg_at_k(&truth, &[0.1, 0.2, 0.3, 4.0, 70.0], 5), 0.695_694_044_381_307_6);
        near(ndcg_at_k(&truth, &[0.05, 1.1, 1.0, 0.5, 0.0], 50), 0.493_680_191_377_376);
        near(ndcg_at_k(&truth, &[0.05, 1.1, 1.0, 0.5, 0.0], 4), 0.352_024_110_063_448_8);
        near(ndcg_at_k(&truth, &[1.0, 0.0, 0.0, 0.0, 1.0], 1), 0.75);
        near(ndcg_at_k(&truth, &[1.0, 0.0, 0.0, 0.0, 1.0], 4), 0.918_529_570_725_228_7);
        let tied = ndcg_at_k(&[3.0, 2.0, 5.0, 1.0, 0.0, 4.0], &[2.0, 2.0, 1.0, 2.0, 1.0, 1.0], 4);
        near(tied, 0.561_846_095_615_695_9);
    }

    // Expected values: the mean over all 12 orders of the ties, enumerated in Python.
    #[test]
    fn ties_are_averaged_over_all_orders() {
        let relevant = [false, false, true, true, false, true];
        let scores = [3.0, 2.0, 2.0, 2.0, 1.0, 1.0];
        let hits = [(1, 0.0, 0.0), (2, 2.0 / 3.0, 2.0 / 9.0), (3, 1.0, 4.0 / 9.0), (5, 1.0, 5.0 / 6.0), (60, 1.0, 1.0)];
        for (k, hit, recall) in hits {
            near(hit_at_k(&relevant, &scores, k), hit);
            near(recall_at_k(&relevant, &scores, k), recall);
        }
        near(reciprocal_rank(&relevant, &scores), 4.0 / 9.0);
        near(mrr(&[(&relevant, &scores), (&[true, false], &[1.0, 0.0])]), 13.0 / 18.0);
    }

    #[test]
    fn an_order_serves_several_metrics() {
        let (truth, scores) = ([3.0, 2.0, 5.0, 1.0, 0.0, 4.0], [2.0, 2.0, 1.0, 2.0, 1.0, 1.0]);
        let (order, best) = (Ranked::new(&scores).unwrap(), Ranked::new(&truth).unwrap());
        assert_eq!(best.sorted().collect::<Vec<_>>(), [5.0, 4.0, 3.0, 2.0, 1.0, 0.0]);
        assert_eq!(order.ndcg(&truth, &best, 4), ndcg_at_k(&truth, &scores, 4));
        let relevant = truth.map(|value| value > 2.0);
        near(order.found(&relevant, 4), 1.0 + 2.0 / 3.0);
        near(order.found(&relevant, 9), 3.0);
        assert_eq!((order.found(&relevant, 0), order.found(&relevant[1..], 1)), (Some(0.0), None));
        assert!(order.ndcg(&truth[1..], &best, 1).is_none() && Ranked::new(&[0.1, f64::NAN]).is_none());
    }

    #[test]
    fn ranks_are_compared_as_in_cpp() {
        let (truth, guess) = ([1.0, 2.0, 3.0, 9.0], [1.0, 4.0, 6.0, 8.0]);
        near(rank_accuracy(&truth, &guess), 0.25);
        near(mae_at_2(&truth, &guess), 0.75);
        near(rank_among(0.5, &[0.7, 0.5, 0.1]), 2.0);
        near(rank_among(0.5, &[]), 1.0);
        assert_eq!(rank_among(0.5, &[f64::NAN]), None);
    }

    #[test]
    fn undefined_is_none() {
        assert_eq!(auc_roc(&[], &[]), None);
        assert_eq!(auc_roc(&[true, true], &[0.1, 0.2]), None);
        assert_eq!(auc_roc(&[true, false], &[0.1, f64::NAN]), None);
        assert_eq!(ndcg_at_k(&[0.0, 0.0], &[0.1, 0.2], 1), None);
        assert_eq!(ndcg_at_k(&[-1.0, 2.0], &[0.1, 0.2], 1), None);
        assert_eq!(ndcg_at_k(&[1.0, 2.0], &[0.1, 0.2], 0), None);
        for metric in [hit_at_k, recall_at_k] {
            assert_eq!(metric(&[true], &[0.5], 0), None);
            assert_eq!(metric(&[false], &[0.5], 1), None);
            assert_eq!(metric(&[], &[], 1), None);
        }
        assert_eq!((mrr(&[]), reciprocal_rank(&[false], &[1.0])), (None, None));
        assert_eq!((rank_accuracy(&[], &[]), mae_at_2(&[1.0], &[f64::NAN])), (None, None));
    }

    proptest! {
        #[test]
        fn auc_counts_pairs_and_is_symmetric(rows in prop::collection::vec((any::<bool>(), -4i8..4), 0..40)) {
            let (positive, scores): (Vec<bool>, Vec<f64>) = rows.iter().map(|&(p, s)| (p, f64::from(s))).unzip();
            let (mut won, mut pairs) = (0.0, 0.0);
            for (p, s) in rows.iter().filter(|row| row.0) {
                for (n, t) in rows.iter().filter(|row| !row.0) {
                    prop_assert!(p != n);
                    won += if s > t { 1.0 } else if s == t { 0.5 } else { 0.0 };
                    pairs += 1.0;
                }
            }
            let found = auc_roc(&positive, &scores);
            prop_assert_eq!(found.is_some(), pairs > 0.0);
            if let Some(auc) = found {
                prop_assert!((auc - won / pairs).abs() < 1e-12);
                let negative: Vec<bool> = positive.iter().map(|p| !p).collect();
                prop_assert!((auc + auc_roc(&negative, &scores).unwrap() - 1.0).abs() < 1e-12);
            }
        }

        #[test]
        fn shares_are_shares_and_grow_with_k(
            rows in prop::collection::vec((any::<bool>(), -3i8..3), 1..20), k in 1..25usize
        ) {
            let (relevant, scores): (Vec<bool>, Vec<f64>) = rows.into_iter().map(|(r, s)| (r, f64::from(s))).unzip();
            for metric in [hit_at_k, recall_at_k] {
                if let (Some(here), Some(further)) = (metric(&relevant, &scores, k), metric(&relevant, &scores, k + 1)) {
                    prop_assert!((-1e-12..=1.0 + 1e-12).contains(&here) && further >= here - 1e-12);
                }
            }
            let gains: Vec<f64> = relevant.iter().map(|&r| f64::from(u8::from(r))).collect();
            if let Some(ndcg) = ndcg_at_k(&gains, &scores, k) {
                prop_assert!((-1e-12..=1.0 + 1e-12).contains(&ndcg));
            }
        }
    }
}
