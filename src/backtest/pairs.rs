//! Calibration of the probability that one model beats another: over pairs of held-out models on the same benchmark,
//! the probability of the model that is predicted to be better, against the frequency with which it is.

use super::{Purpose, Row, TaskRef, generator};
use crate::decide::belief::Belief;
use crate::snapshot::{Snapshot, TaskKind};
use rand::RngExt;
use serde::Serialize;
use std::collections::BTreeMap;

/// The pairs whose probabilities are in one bin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct PairBin {
    /// Lower end of the bin, included.
    pub from: f64,
    /// Upper end, excluded except for the last bin.
    pub to: f64,
    /// Number of pairs.
    pub pairs: usize,
    /// Mean probability of the model that is predicted to be better.
    pub chance: f64,
    /// Share of the pairs in which it is better; equal scores count as half.
    pub frequency: f64,
}

/// Bins between 0.5 and 1.
const BINS: usize = 5;
/// The number of pairs drawn for each benchmark and seed.
const PAIRS: usize = 20_000;

/// The bins of one seed's rows; empty if rows have no intervals. For outcomes, the benchmarks' means are compared.
#[must_use]
pub fn pair_rows(snapshot: &Snapshot, rows: &[Row], seed: u64) -> Vec<PairBin> {
    let mut by_task: BTreeMap<TaskRef, Vec<(Belief, f32)>> = BTreeMap::new();
    let whole = |task: TaskRef| matches!(task, TaskRef::Task(_)) == (snapshot.kind() == TaskKind::Score);
    for row in rows.iter().filter(|row| whole(row.task)).map(|row| row.turned(snapshot)) {
        if let Some(interval) = row.interval {
            by_task.entry(row.task).or_default().push((Belief::forecast(row.predicted, interval), row.truth));
        }
    }
    let mut rng = generator(seed, Purpose::Pairs);
    let mut sums = [(0usize, 0.0, 0.0); BINS];
    for models in by_task.values().filter(|models| models.len() > 1) {
        for _ in 0..PAIRS.min(models.len() * (models.len() - 1) / 2) {
            let one = rng.random_range(0..models.len());
            let other = (one + rng.random_range(1..models.len())) % models.len();
            let ((a, true_a), (b, true_b)) = (models[one], models[other]);
            let chance = f64::from(a.beats(&b));
            let better = if true_a == true_b { 0.5 } else { f64::from(u8::from(true_a > true_b)) };
            let (chance, better) = if chance < 0.5 { (1.0 - chance, 1.0 - better) } else { (chance, better) };
            let sum = &mut sums[(((chance - 0.5) * 2.0 * BINS as f64) as usize).min(BINS - 1)];
            *sum = (sum.0 + 1, sum.1 + chance, sum.2 + better);
        }
    }
    let end = |at: usize| 0.5 + at as f64 / (2 * BINS) as f64;
    let bin = |(at, &(pairs, chance, better)): (usize, &(usize, f64, f64))| PairBin {
        from: end(at),
        to: end(at + 1),
        pairs,
        chance: chance / pairs as f64,
        frequency: better / pairs as f64,
    };
    sums.iter().enumerate().filter(|(_, sum)| sum.0 > 0).map(bin).collect()
}

/// The bins of all seeds together.
#[must_use]
pub fn pool_pairs(seeds: &[Vec<PairBin>]) -> Vec<PairBin> {
    let mut pooled: Vec<PairBin> = Vec::new();
    for bin in seeds.iter().flatten() {
        match pooled.iter_mut().find(|other| other.from == bin.from) {
            Some(all) => {
                let pairs = all.pairs + bin.pairs;
                let mean = |a: f64, b: f64| (a * all.pairs as f64 + b * bin.pairs as f64) / pairs as f64;
                let (chance, frequency) = (mean(all.chance, bin.chance), mean(all.frequency, bin.frequency));
                *all = PairBin { pairs, chance, frequency, ..*all };
            }
            None => pooled.push(*bin),
        }
    }
    pooled.sort_by(|a, b| a.from.total_cmp(&b.from));
    pooled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::{ModelIndex, TaskIndex};

    #[test]
    fn chances_that_hold_are_met_by_their_frequencies() {
        let snapshot = Snapshot { tasks: vec![crate::snapshot::Task::score("x", None)], ..scores() };
        let mut rng = generator(3, Purpose::Split);
        let mut row = |at: u32| {
            let predicted: f32 = rng.random();
            let steps = crate::linalg::logit(rng.random(), 1e-6) / 2.944;
            let interval = Some((predicted - 0.3, predicted + 0.3));
            let (model, task) = (ModelIndex(at), TaskRef::Task(TaskIndex(0)));
            Row { model, task, truth: predicted + 0.3 * steps, predicted, interval, ranks: None }
        };
        let rows: Vec<Row> = (0..800).map(&mut row).collect();
        let bins = pair_rows(&snapshot, &rows, 0);
        assert_eq!((bins.len(), bins.iter().map(|bin| bin.pairs).sum::<usize>()), (BINS, PAIRS));
        assert!(bins.iter().all(|bin| (bin.chance - bin.frequency).abs() < 0.03), "{bins:?}");
        let sure = rows
            .iter()
            .map(|row| Row { interval: row.interval.map(|_| (row.predicted - 0.03, row.predicted + 0.03)), ..*row });
        let bins = pair_rows(&snapshot, &sure.collect::<Vec<_>>(), 0);
        assert!(bins.last().is_some_and(|bin| bin.chance > bin.frequency + 0.1), "too sure: {bins:?}");
        let pooled = pool_pairs(&[bins.clone(), bins.clone()]);
        assert_eq!((pooled.len(), pooled[0].pairs), (bins.len(), 2 * bins[0].pairs));
        assert!((pooled[0].frequency - bins[0].frequency).abs() < 1e-12);
    }

    fn scores() -> Snapshot {
        let results = crate::snapshot::Results::Scores(crate::linalg::SparseMatrix::from_entries(0, 1, Vec::new()));
        Snapshot {
            results,
            models: Vec::new(),
            lineage: crate::lineage::Lineage::new([], Vec::new()).0,
            ..Snapshot::synthetic(2, 2, 0)
        }
    }
}
