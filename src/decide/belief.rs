//! Probability distributions of scores, and their consequences: the probability that one model beats another, and rank
//! intervals.

use crate::linalg::{clamp, logistic, logit, order, sort_floats};

/// The distribution of a score: logistic on each side of its median, so that 5 % lies below the interval's lower end
/// and 5 % above the upper one. On the Open LLM Leaderboard the resulting probabilities are as well calibrated as with
/// a normal distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Belief {
    median: f32,
    scales: [f32; 2], // below and above the median; 0 for a score without an error
}

/// The logit of the 95 % quantile.
const TO_THE_END: f32 = 2.944_439;
/// Number of quantiles that approximate a distribution.
const QUANTILES: usize = 32;
/// Number of grid points at which the distributions of predicted scores are summed.
const GRID: usize = 256;
/// Parts of a step of the grid within which scores of the same width count as one.
const PARTS: usize = 8;
/// Ranks of scores of the same width that are found each by itself; of more they are found at so many scores, and
/// interpolated between these.
const KNOTS: usize = 256;
/// Equally likely points of a standard normal distribution.
const NORMAL: [f32; 5] = [-1.2816, -0.5244, 0.0, 0.5244, 1.2816];
/// The probability of a rank outside the interval, on each side.
const TAIL: f32 = 0.05;

/// The least probability at which one model counts as better than another; below it they are tied.
const SURE: f32 = 0.9;

impl Belief {
    /// The distribution of a known score whose error is 0 or not known.
    pub(crate) fn measured(score: f32) -> Self {
        Self { median: score, scales: [0.0; 2] }
    }

    /// The distribution of a forecast, or of a known score with an error, with its 90 % interval.
    pub(crate) fn forecast(mean: f32, (lower, upper): (f32, f32)) -> Self {
        Self { median: mean, scales: [mean - lower, upper - mean].map(|reach| reach.max(0.0) / TO_THE_END) }
    }

    /// The distribution of a score of which this is half the width of the 90 % interval on both sides.
    pub(crate) fn around(mean: f32, half: f32) -> Self {
        Self { median: mean, scales: [half.max(0.0) / TO_THE_END; 2] }
    }

    /// The distribution of the same score with the other sign.
    pub(crate) fn negated(self) -> Self {
        let Self { median, scales: [below, above] } = self;
        Self { median: -median, scales: [above, below] }
    }

    /// The probability that the score is above `x`, plus half the probability that it equals `x`.
    fn above(&self, x: f32) -> f32 {
        let scale = self.scales[usize::from(x > self.median)];
        let steps = (self.median - x) / scale;
        if steps.is_nan() { 0.5 } else { logistic(steps) }
    }

    fn is_measured(&self) -> bool {
        self.scales == [0.0; 2]
    }

    /// Equally likely scores: `QUANTILES` of them, or one if the score is known.
    fn scores(&self) -> impl Iterator<Item = f32> + '_ {
        let count = if self.is_measured() { 1 } else { QUANTILES };
        (0..count).map(move |at| {
            let steps = logit((at as f32 + 0.5) / count as f32, 0.0);
            self.median + self.scales[usize::from(steps > 0.0)] * steps
        })
    }

    /// The probability that this score is above another; equal scores count as half.
    pub(crate) fn beats(&self, other: &Self) -> f32 {
        let (sum, count) = self.scores().fold((0.0, 0.0), |(sum, count), x| (sum + 1.0 - other.above(x), count + 1.0));
        sum / count
    }

    /// Whether a score can't be separated from the one that is ranked above it.
    pub(crate) fn is_tied_with(&self, above: &Self) -> bool {
        above.beats(self) < SURE
    }
}

/// The rank of a model, 1 for the best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    pub(crate) expected: f32,
    /// Lower end of the 90 % interval.
    pub(crate) lower: usize,
    pub(crate) upper: usize,
}

/// All scores of a benchmark: those without an error are counted, the distributions of the others are summed on a grid.
pub(crate) struct Field {
    measured: Vec<f32>, // ascending
    from: f32,
    step: f32,
    above: Vec<[f32; 2]>, // (GRID): expected number of scores above, and its variance
}

impl Field {
    pub(crate) fn new(beliefs: &[Belief]) -> Self {
        let open: Vec<(Belief, f32)> =
            beliefs.iter().filter(|belief| !belief.is_measured()).map(|&belief| (belief, 1.0)).collect();
        Self::of(beliefs, ends(&open), &open)
    }

    /// The same of many scores that have a few widths: those that hardly differ count as one, so that the time hardly
    /// grows with their number.
    fn of_widths(beliefs: &[Belief], widths: &[[f32; 2]]) -> Self {
        let mut merged = Vec::new();
        let all: Vec<(Belief, f32)> =
            beliefs.iter().filter(|belief| !belief.is_measured()).map(|&belief| (belief, 1.0)).collect();
        let (from, to) = ends(&all);
        let width = (to - from) / (PARTS * (GRID - 1)) as f32;
        for &scales in widths {
            // Of each bin the sum of the distances from its start, and the number.
            let mut bins = vec![[0.0f32; 2]; PARTS * (GRID - 1) + 1];
            for (belief, _) in all.iter().filter(|(belief, _)| belief.scales == scales) {
                let at = (((belief.median - from) / width) as usize).min(bins.len() - 1);
                bins[at][0] += belief.median - (from + at as f32 * width);
                bins[at][1] += 1.0;
            }
            let of_bin = |(at, &[sum, count]): (usize, &[f32; 2])| {
                (Belief { median: from + at as f32 * width + sum / count, scales }, count)
            };
            merged.extend(bins.iter().enumerate().filter(|(_, bin)| bin[1] > 0.0).map(of_bin));
        }
        Self::of(beliefs, (from, to), &merged)
    }

    /// `open`: the scores that are not measured, each with the number of models that have it.
    fn of(beliefs: &[Belief], (from, to): (f32, f32), open: &[(Belief, f32)]) -> Self {
        let points = beliefs.iter().filter(|belief| belief.is_measured());
        let mut measured: Vec<f32> = points.map(|belief| belief.median).collect();
        sort_floats(&mut measured);
        let step = (to - from) / (GRID - 1) as f32;
        let at = |k: usize| {
            open.iter().fold([0.0, 0.0], |[above, variance], &(belief, count)| {
                let chance = belief.above(from + k as f32 * step);
                [above + count * chance, variance + count * (chance * (1.0 - chance))]
            })
        };
        Self { measured, from, step, above: (0..GRID).map(at).collect() }
    }

    /// The expected number of scores above `x`, its variance, and the number of scores equal to `x`.
    fn above(&self, x: f32) -> [f32; 3] {
        let until = |end: usize| (self.measured.len() - end) as f32;
        let above = until(self.measured.partition_point(|&score| score <= x));
        let ties = until(self.measured.partition_point(|&score| score < x)) - above;
        let at = clamp((x - self.from) / self.step, 0.0, (GRID - 1) as f32);
        let (low, part) = ((at as usize).min(GRID - 2), at - (at as usize).min(GRID - 2) as f32);
        let between = |side: usize| self.above[low][side] + part * (self.above[low + 1][side] - self.above[low][side]);
        [above + 0.5 * ties + between(0), between(1), ties]
    }

    /// The rank of a model; `one_of_them` if its own score is in the field.
    pub(crate) fn place(&self, belief: &Belief, one_of_them: bool) -> Place {
        let mut ranks = Vec::new();
        for x in belief.scores() {
            let [mut above, mut variance, mut ties] = self.above(x);
            if one_of_them {
                let own = belief.above(x);
                above -= own;
                variance -= own * (1.0 - own);
                ties -= f32::from(u8::from(belief.is_measured()));
            }
            let spread = variance.max(0.0).sqrt();
            ranks.extend(NORMAL.map(|z| (1.0 + above + z * spread, 0.5 * ties.max(0.0))));
        }
        let expected = ranks.iter().map(|rank| rank.0).sum::<f32>() / ranks.len() as f32;
        let ranks: Vec<_> =
            order(ranks.len(), &mut |a, b| ranks[a].0.total_cmp(&ranks[b].0)).into_iter().map(|at| ranks[at]).collect();
        let last = self.measured.len() as f32 + self.above[0][0].round() + f32::from(u8::from(!one_of_them));
        let whole = |rank: f32| clamp(rank.round(), 1.0, last.max(1.0)) as usize;
        let at = ((ranks.len() as f32 * TAIL) as usize).min(ranks.len() - 1);
        let (low, high) = (ranks[at], ranks[ranks.len() - 1 - at]);
        Place { expected, lower: whole(low.0 - low.1), upper: whole(high.0 + high.1) }
    }
}

/// The scores between which nearly all of these distributions lie; 0 and 1 if there are none.
fn ends(open: &[(Belief, f32)]) -> (f32, f32) {
    let end = |side: usize, sign: f32| {
        move |(belief, _): &(Belief, f32)| belief.median + sign * 2.0 * TO_THE_END * belief.scales[side]
    };
    let from = open.iter().map(end(0, -1.0)).fold(f32::INFINITY, f32::min);
    let to = open.iter().map(end(1, 1.0)).fold(f32::NEG_INFINITY, f32::max);
    if open.is_empty() { (0.0, 1.0) } else { (from, to) }
}

/// The ranks of these scores, named by their positions, among all. It is made for many scores with a few widths.
pub(crate) fn places(beliefs: &[Belief], wanted: &[usize]) -> Vec<Place> {
    let mut widths: Vec<[f32; 2]> = Vec::new();
    for belief in beliefs.iter().filter(|belief| !belief.is_measured()) {
        if !widths.contains(&belief.scales) {
            widths.push(belief.scales);
        }
    }
    let field = Field::of_widths(beliefs, &widths);
    let mut tables: Vec<Option<Knots>> = widths.iter().map(|_| None).collect();
    let place = |&at: &usize| {
        let belief = &beliefs[at];
        let width = widths.iter().position(|scales| *scales == belief.scales);
        match width.filter(|_| wanted.len() > KNOTS) {
            Some(width) => {
                tables[width].get_or_insert_with(|| Knots::new(&field, beliefs, belief.scales)).at(belief.median)
            }
            None => field.place(belief, true),
        }
    };
    wanted.iter().map(place).collect()
}

/// Ranks of scores of one width, from the lowest to the highest at equal distances.
struct Knots {
    from: f32,
    step: f32,
    places: Vec<Place>, // (KNOTS)
}

impl Knots {
    fn new(field: &Field, beliefs: &[Belief], scales: [f32; 2]) -> Self {
        let medians = || beliefs.iter().filter(|belief| belief.scales == scales).map(|belief| belief.median);
        let from = medians().fold(f32::INFINITY, f32::min);
        let step = (medians().fold(f32::NEG_INFINITY, f32::max) - from) / (KNOTS - 1) as f32;
        let place = |k: usize| field.place(&Belief { median: from + k as f32 * step, scales }, true);
        Self { from, step, places: (0..KNOTS).map(place).collect() }
    }

    fn at(&self, median: f32) -> Place {
        let at = if self.step > 0.0 { clamp((median - self.from) / self.step, 0.0, (KNOTS - 1) as f32) } else { 0.0 };
        let low = (at as usize).min(KNOTS - 2);
        let (below, above, part) = (self.places[low], self.places[low + 1], at - low as f32);
        let between = |a: f32, b: f32| a + part * (b - a);
        let whole = |a: usize, b: usize| between(a as f32, b as f32).round() as usize;
        Place {
            expected: between(below.expected, above.expected),
            lower: whole(below.lower, above.lower),
            upper: whole(below.upper, above.upper),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    #[test]
    fn a_belief_holds_its_interval() {
        let belief = Belief::forecast(0.5, (0.4, 0.7));
        for (x, above) in [(0.4, 0.95), (0.5, 0.5), (0.7, 0.05)] {
            assert!((belief.above(x) - above).abs() < 1e-5, "{x}");
        }
        let sure = Belief::forecast(0.5, (0.5, 0.7));
        assert_eq!((sure.above(0.49), sure.above(0.5)), (1.0, 0.5));
    }

    #[test]
    fn chances_of_two_sum_to_one_and_known_scores_are_compared() {
        let [one, other] = [Belief::forecast(0.5, (0.4, 0.7)), Belief::forecast(0.55, (0.5, 0.6))];
        assert!((one.beats(&other) + other.beats(&one) - 1.0).abs() < 0.01);
        assert!((one.beats(&one) - 0.5).abs() < 0.01 && one.beats(&other) < 0.5);
        let [low, high] = [0.4, 0.7].map(Belief::measured);
        assert_eq!((low.beats(&high), high.beats(&low), low.beats(&low)), (0.0, 1.0, 0.5));
        assert!((one.beats(&low) - 0.95).abs() < 0.02 && (one.beats(&high) - 0.05).abs() < 0.02);
    }

    #[test]
    fn with_the_other_sign_the_lower_score_wins() {
        let [one, other] = [Belief::forecast(0.5, (0.4, 0.7)), Belief::forecast(0.55, (0.5, 0.6))];
        assert!((one.negated().beats(&other.negated()) - other.beats(&one)).abs() < 0.01);
        assert_eq!(one.negated().negated(), one);
        assert!((one.negated().above(-0.4) - 0.05).abs() < 1e-5);
        let [low, high] = [0.4, 0.7].map(|score| Belief::measured(score).negated());
        assert_eq!((low.beats(&high), high.is_tied_with(&low)), (1.0, false));
    }

    /// Compared with ranks in many draws of all scores.
    #[test]
    fn places_are_those_of_drawn_scores() {
        let mut rng = Pcg64Mcg::seed_from_u64(5);
        let belief = |at: usize| {
            let middle = 0.2 + 0.6 * (at as f32 * 0.37).fract();
            if at.is_multiple_of(3) {
                Belief::measured(middle)
            } else {
                Belief::forecast(middle, (middle - 0.1, middle + 0.05))
            }
        };
        let beliefs: Vec<Belief> = (0..60).map(belief).collect();
        let field = Field::new(&beliefs);
        let mut ranks = vec![Vec::new(); 60];
        for _ in 0..4000 {
            let draw = |belief: &Belief| {
                let steps = logit(rng.random(), 1e-6);
                belief.median + belief.scales[usize::from(steps > 0.0)] * steps
            };
            let drawn: Vec<f32> = beliefs.iter().map(draw).collect();
            for (ranks, own) in ranks.iter_mut().zip(&drawn) {
                ranks.push(1 + drawn.iter().filter(|other| *other > own).count());
            }
        }
        for (belief, ranks) in beliefs.iter().zip(&mut ranks) {
            ranks.sort_unstable();
            let mean = ranks.iter().sum::<usize>() as f32 / 4000.0;
            let place = field.place(belief, true);
            assert!((place.expected - mean).abs() < 0.5, "{place:?} {mean}");
            assert!(
                place.lower.abs_diff(ranks[200]) <= 2 && place.upper.abs_diff(ranks[3799]) <= 2,
                "{place:?} {} {}",
                ranks[200],
                ranks[3799]
            );
        }
    }

    #[test]
    fn places_of_many_scores_are_those_of_each() {
        let mut rng = Pcg64Mcg::seed_from_u64(3);
        let belief = |at: usize| {
            let score = (0..6).map(|_| rng.random::<f32>()).sum::<f32>();
            Belief::around(score, [0.0, 0.4, 0.7][at % 3])
        };
        let beliefs: Vec<Belief> = (0..3000).map(belief).collect();
        let field = Field::new(&beliefs);
        let all: Vec<usize> = (0..3000).collect();
        for (found, belief) in places(&beliefs, &all).iter().zip(&beliefs) {
            let alone = field.place(belief, true);
            assert!((found.expected - alone.expected).abs() < 2.0, "{found:?} {alone:?}");
            let far = [found.lower.abs_diff(alone.lower), found.upper.abs_diff(alone.upper)];
            assert!(far[0] <= 8 && far[1] <= 8, "{found:?} {alone:?}");
        }
        let few = places(&beliefs, &[5, 7]);
        assert!(few[0].expected == places(&beliefs, &[5])[0].expected && few.len() == 2);
        // Scores that are all equal.
        let equal = [Belief::around(0.3, 0.1); 400];
        let place = places(&equal, &(0..400).collect::<Vec<_>>())[399];
        assert!((place.expected - 200.5).abs() < 1.0 && place.lower < 40 && place.upper > 360, "{place:?}");
    }

    #[test]
    fn equal_scores_share_their_ranks() {
        let field = Field::new(&[0.9, 0.5, 0.5, 0.5, 0.1].map(Belief::measured));
        let place = |score: f32, one_of_them| field.place(&Belief::measured(score), one_of_them);
        assert_eq!(place(0.5, true), Place { expected: 3.0, lower: 2, upper: 4 });
        assert_eq!(place(0.9, true), Place { expected: 1.0, lower: 1, upper: 1 });
        assert_eq!(place(0.05, false), Place { expected: 6.0, lower: 6, upper: 6 });
    }
}
