//! Shapley values: the mean gain from each player of a game over all orders in which the players can join (Shapley, A
//! Value for n-Person Games, 1953). They are exact for few players. For more players, orders are drawn in pairs, each
//! with its reverse (Mitchell et al., Sampling Permutations for Shapley Value Estimation, 2022, §3.1); those shares sum
//! to the whole, too.

use crate::error::Result;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;

/// The exact Shapley value of each player of a game. `value` gets the players of a coalition as bits and is called once
/// for each of the 2^players coalitions.
pub(crate) fn shapley(players: usize, value: impl FnMut(u32) -> f64) -> Vec<f64> {
    let values: Vec<f64> = (0..1u32 << players).map(value).collect();
    // |S|! (n - |S| - 1)! / n! = 1 / (n C(n - 1, |S|))
    let mut weights = vec![1.0 / players.max(1) as f64; players];
    for size in 1..players {
        weights[size] = weights[size - 1] * size as f64 / (players - size) as f64;
    }
    let of = |player: usize| {
        let without = (0..values.len()).filter(|coalition| coalition >> player & 1 == 0);
        without
            .map(|coalition| {
                let gain = values[coalition | 1 << player] - values[coalition];
                weights[coalition.count_ones() as usize] * gain
            })
            .sum()
    };
    (0..players).map(of).collect()
}

/// A game with several outcomes whose values are expensive: each coalition, its players as bits, is evaluated once.
pub(crate) struct Game<F> {
    value: F,
    cache: Vec<(u64, Vec<f64>)>,
}

impl<F: FnMut(u64) -> Result<Vec<f64>>> Game<F> {
    pub(crate) fn new(value: F) -> Self {
        Self { value, cache: Vec::new() }
    }

    /// The values of a coalition. (n_outcomes)
    pub(crate) fn of(&mut self, coalition: u64) -> Result<Vec<f64>> {
        if let Some((_, values)) = self.cache.iter().find(|(other, _)| *other == coalition) {
            return Ok(values.clone());
        }
        let values = (self.value)(coalition)?;
        self.cache.push((coalition, values.clone()));
        Ok(values)
    }

    /// The Shapley value of each of these players, in addition to those of `always`. Evaluates at most about `budget`
    /// coalitions. (players, n_outcomes)
    pub(crate) fn shares(
        &mut self,
        players: &[u32],
        always: u64,
        budget: usize,
        rng: &mut Pcg64Mcg,
    ) -> Result<Vec<Vec<f64>>> {
        if players.len() < 31 && 1 << players.len() <= budget {
            self.exact(players, always)
        } else {
            self.drawn(players, always, budget, rng)
        }
    }

    fn exact(&mut self, players: &[u32], always: u64) -> Result<Vec<Vec<f64>>> {
        let bits = |coalition: u32| {
            let present = players.iter().enumerate().filter(|(at, _)| coalition >> at & 1 == 1);
            present.fold(always, |bits, (_, player)| bits | 1 << player)
        };
        let values =
            (0..1u32 << players.len()).map(|coalition| self.of(bits(coalition))).collect::<Result<Vec<_>>>()?;
        let outcomes = values[0].len();
        let by_outcome: Vec<Vec<f64>> = (0..outcomes)
            .map(|outcome| shapley(players.len(), |coalition| values[coalition as usize][outcome]))
            .collect();
        Ok((0..players.len()).map(|player| by_outcome.iter().map(|shares| shares[player]).collect()).collect())
    }

    fn drawn(&mut self, players: &[u32], always: u64, budget: usize, rng: &mut Pcg64Mcg) -> Result<Vec<Vec<f64>>> {
        let empty = self.of(always)?;
        let mut sums = vec![vec![0.0; empty.len()]; players.len()];
        let mut order: Vec<usize> = (0..players.len()).collect();
        let pairs = (budget / (2 * players.len().max(1))).max(1);
        for _ in 0..pairs {
            order.shuffle(rng);
            for _ in 0..2 {
                let (mut present, mut before) = (always, empty.clone());
                for &player in &order {
                    present |= 1 << players[player];
                    let with = self.of(present)?;
                    let gains = with.iter().zip(&before).map(|(with, before)| with - before);
                    sums[player].iter_mut().zip(gains).for_each(|(sum, gain)| *sum += gain / (2 * pairs) as f64);
                    before = with;
                }
                order.reverse();
            }
        }
        Ok(sums)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    /// The value by its other definition: the mean gain over all orders in which the players can join.
    fn by_orders(players: usize, value: &impl Fn(u32) -> f64) -> Vec<f64> {
        fn visit(left: &[usize], present: u32, value: &impl Fn(u32) -> f64, gains: &mut [f64]) -> f64 {
            if left.is_empty() {
                return 1.0;
            }
            let mut orders = 0.0;
            for &player in left {
                let rest: Vec<usize> = left.iter().copied().filter(|&other| other != player).collect();
                let with = present | 1 << player;
                let below = visit(&rest, with, value, gains);
                gains[player] += below * (value(with) - value(present));
                orders += below;
            }
            orders
        }
        let mut gains = vec![0.0; players];
        let all: Vec<usize> = (0..players).collect();
        let orders = visit(&all, 0, value, &mut gains);
        gains.iter().map(|gain| gain / orders).collect()
    }

    #[test]
    fn known_games_have_their_known_values() {
        let near = |found: &[f64], expected: &[f64]| {
            assert_eq!(found.len(), expected.len());
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?} {expected:?}");
        };
        // One left glove (player 0), two right ones: a pair is worth 1.
        let gloves = |coalition: u32| f64::from(u8::from(coalition & 1 == 1 && coalition & 6 != 0));
        near(&shapley(3, gloves), &[2.0 / 3.0, 1.0 / 6.0, 1.0 / 6.0]);
        near(&by_orders(3, &gloves), &[2.0 / 3.0, 1.0 / 6.0, 1.0 / 6.0]);
        // Weighted voting with quota 51 and weights 50, 49, 1.
        let weight = |coalition: u32| (0..3).filter(|p| coalition >> p & 1 == 1).map(|p| [50, 49, 1][p]).sum::<u32>();
        let votes = |coalition: u32| f64::from(u8::from(weight(coalition) >= 51));
        near(&shapley(3, votes), &[2.0 / 3.0, 1.0 / 6.0, 1.0 / 6.0]);
        let odd = |coalition: u32| f64::from(coalition.wrapping_mul(2_654_435_761) >> 20) / 100.0;
        near(&shapley(6, odd), &by_orders(6, &odd));
        assert!(shapley(0, |_| 3.0).is_empty());
    }

    #[test]
    fn shares_sum_to_the_difference() {
        let values = |coalition: u32| f64::from(coalition.wrapping_mul(40_503) % 1009).sqrt();
        let sum: f64 = shapley(13, values).iter().sum();
        assert!((sum - (values((1 << 13) - 1) - values(0))).abs() < 1e-9);
    }

    #[test]
    fn shares_from_drawn_orders_sum_to_the_whole_and_approximate_the_exact_ones() {
        let players: Vec<u32> = (0..12).map(|at| 2 * at).collect();
        let worth = |at: u32| f64::from(at * 7 % 5) - 1.5;
        // Each player has a value alone, neighbours one together, and four at once another.
        let value = |coalition: u64| {
            let is = |at: u32| f64::from(u8::from(coalition >> (2 * at) & 1 == 1));
            let alone: f64 = (0..12).map(|at| worth(at) * is(at)).sum();
            let pairs: f64 = (0..11).map(|at| 0.3 * is(at) * is(at + 1)).sum();
            vec![alone, alone + pairs + 0.4 * is(0) * is(4) * is(8) * is(11)]
        };
        let mut game = Game::new(|coalition| Ok(value(coalition)));
        let exact = game.exact(&players, 0).unwrap();
        let drawn = game.drawn(&players, 0, 400, &mut Pcg64Mcg::seed_from_u64(1)).unwrap();
        for outcome in 0..2 {
            let sum: f64 = drawn.iter().map(|shares| shares[outcome]).sum();
            assert!((sum - value(0x55_5555)[outcome]).abs() < 1e-12);
        }
        for (player, (exact, drawn)) in exact.iter().zip(&drawn).enumerate() {
            assert!((exact[0] - worth(player as u32)).abs() < 1e-9 && (drawn[0] - exact[0]).abs() < 1e-9);
            assert!((drawn[1] - exact[1]).abs() < 0.1, "{player}: {drawn:?} {exact:?}");
        }
    }
}
