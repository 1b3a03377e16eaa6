//! A made-up table of many models on many tasks, nearly empty and long-tailed, whose truth is known.

use super::synthetic_board::{SIZES, noise, word};
use super::{DataSource, Details, Factor, Model, Range, Results, Snapshot, Task, parse_day};
use crate::linalg::{SparseMatrix, logistic};
use crate::lineage::{Lineage, NamedEdge, Parent, Relation};
use eyas_kernels::cpu::dot;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use std::collections::BTreeSet;

/// The rank of the truth.
const RANK: usize = 8;
/// Models of a family, and tasks of a topic, on average.
const KIN: usize = 25;
/// Share of a model's variance that its family has, and of a task's that its topic has.
const SHARED: f32 = 0.7;
/// Deviation of the noise of a score beside a truth of deviation 1: the truth itself has a weighted τ of about 0.8.
const NOISE: f32 = 0.33;
/// Share of the tuples that are held out.
const HELD: f32 = 0.05;

/// Scores of rank 8 with noise, some of them held out of the snapshot.
pub struct PlantedTuples {
    /// What may be known.
    pub snapshot: Snapshot,
    /// Held-out scores: model, task, score.
    pub held: Vec<(u32, u32, f32)>,
    models: Vec<[f32; RANK]>,
    tasks: Vec<[f32; RANK]>,
}

impl PlantedTuples {
    /// About `tuples` scores, fewer where the table is too small for as many. The number of scores of the n-th most popular
    /// model or task falls with n. A model is a fine-tune of its family's first one or that one itself; names tell families
    /// and topics.
    #[must_use]
    pub fn new(models: usize, tasks: usize, tuples: usize, seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let (families, own) = kin(models, &mut rng);
        let (topics, own_tasks) = kin(tasks, &mut rng);
        let (of_models, of_tasks) = (popularity(models, &mut rng), popularity(tasks, &mut rng));
        let mut chosen = BTreeSet::new();
        chosen.extend((0..models).map(|model| (model as u32, draw(&of_tasks, &mut rng))));
        chosen.extend((0..tasks).map(|task| (draw(&of_models, &mut rng), task as u32)));
        // Popular pairs are drawn again and again.
        for _ in 0..4 * tuples {
            if chosen.len() >= tuples {
                break;
            }
            chosen.insert((draw(&of_models, &mut rng), draw(&of_tasks, &mut rng)));
        }
        let (mut cells, mut held) = (Vec::new(), Vec::new());
        for (model, task) in chosen {
            let truth = dot(&own[model as usize], &own_tasks[task as usize]);
            let score = logistic(truth + noise(NOISE, &mut rng));
            let kept = if rng.random::<f32>() < HELD { &mut held } else { &mut cells };
            kept.push((model, task, score));
        }
        let named: Vec<Model> = families.iter().enumerate().map(|(at, &family)| model(at, family)).collect();
        let edges = families.iter().enumerate().filter(|(at, family)| at != *family).map(|(at, &family)| NamedEdge {
            child: named[at].id.clone(),
            parent: Parent::new(named[family].id.clone(), Relation::Finetune),
        });
        let names: Vec<String> = named.iter().map(|model| model.id.clone()).collect();
        let lineage = Lineage::new(names, edges.collect::<Vec<_>>()).0;
        let task = |(at, topic): (usize, &usize)| Task {
            description: Some(format!("{} {}", word(*topic), word(at))),
            ..Task::score(format!("{}-{at}", word(*topic)), Some(Range::FRACTION))
        };
        let source = format!("made up, {models} models × {tasks} tasks, seed {seed}");
        let snapshot = Snapshot {
            sources: vec![DataSource::new(source, "none needed")],
            details: Details::default(),
            tasks: topics.iter().enumerate().map(task).collect(),
            models: named,
            lineage,
            results: Results::Scores(SparseMatrix::from_entries(models, tasks, cells)),
        };
        Self { snapshot, held, models: own, tasks: own_tasks }
    }

    /// The score without noise, before the link: what an oracle ranks by.
    #[must_use]
    pub fn truth(&self, model: u32, task: u32) -> f32 {
        dot(&self.models[model as usize], &self.tasks[task as usize])
    }
}

/// The first of each one's kin, and vectors that are alike within it. Their products have variance 1.
fn kin(count: usize, rng: &mut Pcg64Mcg) -> (Vec<usize>, Vec<[f32; RANK]>) {
    let deviation = (RANK as f32).powf(-0.25);
    let mut random = |share: f32| -> [f32; RANK] { std::array::from_fn(|_| noise(share.sqrt() * deviation, rng)) };
    let groups = count.div_ceil(KIN).max(1);
    let common: Vec<[f32; RANK]> = (0..groups).map(|_| random(SHARED)).collect();
    let vector = |at: usize| {
        let own = random(1.0 - SHARED);
        std::array::from_fn(|k| common[at % groups][k] + own[k])
    };
    let vectors = (0..count).map(vector).collect();
    ((0..count).map(|at| at % groups).collect(), vectors)
}

/// Sums of weights that fall with the place in a random order.
fn popularity(count: usize, rng: &mut Pcg64Mcg) -> Vec<f64> {
    let weight = |_: usize| f64::from(rng.random_range(0.001..1.0_f32)).powf(-0.6);
    let weights = (0..count).map(weight);
    weights
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect()
}

/// One by popularity.
fn draw(sums: &[f64], rng: &mut Pcg64Mcg) -> u32 {
    let at = rng.random::<f64>() * sums.last().copied().unwrap_or_default();
    sums.partition_point(|&sum| sum <= at).min(sums.len().saturating_sub(1)) as u32
}

fn model(at: usize, family: usize) -> Model {
    let name = word(family);
    let size = SIZES[family % SIZES.len()];
    let id = if at == family {
        format!("lab{family}/{name}-{size}b")
    } else {
        format!("org{}/{name}-{size}b-{}", at % 997, word(at))
    };
    let kind = if at == family { "pretrained" } else { "fine-tuned" };
    let factors = [("params", Factor::Number(size.parse().unwrap_or(7.0))), ("type", Factor::Text(kind.to_owned()))];
    let factors = factors.map(|(name, value)| (name.to_owned(), value)).into();
    let date = parse_day(&format!("{}-{:02}-15", 2023 + at % 3, 1 + at % 12));
    Model { id, date, factors, ..Model::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{RankBy, weighted_tau};
    use std::collections::BTreeMap;

    #[test]
    fn the_truth_ranks_held_out_scores_with_a_weighted_tau_of_0_8() {
        let made = PlantedTuples::new(2_000, 400, 60_000, 1);
        let known = made.snapshot.cells();
        assert!((59_000..=60_000).contains(&(known + made.held.len())), "{known}");
        let mut groups: BTreeMap<u32, Vec<[f64; 2]>> = BTreeMap::new();
        for &(model, task, score) in &made.held {
            groups.entry(task).or_default().push([score, made.truth(model, task)].map(f64::from));
        }
        let taus = groups.values().filter(|group| group.len() >= 5).filter_map(|group| {
            let column = |at: usize| group.iter().map(|pair| pair[at]).collect::<Vec<_>>();
            weighted_tau(&column(0), &column(1), RankBy::Both)
        });
        let taus: Vec<f64> = taus.collect();
        let mean = taus.iter().sum::<f64>() / taus.len() as f64;
        assert!((mean - 0.8).abs() < 0.02, "{mean}");
    }

    #[test]
    fn scores_are_long_tailed_and_nobody_is_without_one() {
        let made = PlantedTuples::new(2_000, 400, 60_000, 1);
        let Results::Scores(scores) = &made.snapshot.results else { panic!("no scores") };
        let mut counts = vec![0; 2_000];
        scores.iter().for_each(|(model, ..)| counts[model as usize] += 1);
        made.held.iter().for_each(|&(model, ..)| counts[model as usize] += 1);
        counts.sort_unstable();
        assert!(counts[0] >= 1 && counts[1_000] < 26 && counts[1_999] > 150, "{counts:?}");
    }
}
