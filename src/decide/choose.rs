//! Choices by forecast: the model for each item, and the next evaluation of a model.

use crate::methods::Unknowns;

/// For each item, the row with the best prediction in `predicted`, (models, items). A tie goes to the model with the
/// better mean over all items, then to the first.
pub(crate) fn route(predicted: &[Vec<f32>]) -> Vec<usize> {
    let means: Vec<f64> = predicted.iter().map(|row| mean(row)).collect();
    let items = predicted.first().map_or(0, Vec::len);
    let of = |item: usize| {
        let candidates = predicted.iter().zip(&means).map(|(row, &mean)| (f64::from(row[item]), mean)).enumerate();
        greatest(candidates).map_or(0, |(model, _)| model)
    };
    (0..items).map(of).collect()
}

/// The greatest candidate; among equal ones the first.
pub(crate) fn greatest<T: PartialOrd>(candidates: impl Iterator<Item = (usize, T)>) -> Option<(usize, T)> {
    candidates.reduce(|best, other| if other.1 > best.1 { other } else { best })
}

pub(crate) fn mean(row: &[f32]) -> f64 {
    row.iter().map(|&value| f64::from(value)).sum::<f64>() / row.len().max(1) as f64
}

/// The position in `open` of the task with the largest reduction of variance for its cost; `None` if no task reduces
/// it.
pub(crate) fn next_evaluation(unknowns: &Unknowns, open: &[usize], cost: impl Fn(usize) -> f32) -> Option<usize> {
    let value = |&task: &usize| unknowns.gain(task) / cost(task);
    let (at, gain) = open.iter().map(value).enumerate().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
    (gain > 0.0).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::solve_positive;
    use ndarray::{Array2, array};
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    /// The reduction of the sum of the benchmarks' variances by evaluations of these tasks, all at once: the
    /// conditional covariance of a normal distribution.
    fn reduction(unknowns: &Unknowns, tasks: &[usize]) -> f64 {
        let covariance = unknowns.covariance.mapv(f64::from);
        let row = |matrix: &Array2<f32>, at: usize| matrix.row(at).mapv(f64::from);
        let between = |a: usize, b: usize| row(&unknowns.tasks, a).dot(&covariance.dot(&row(&unknowns.tasks, b)));
        let noise = |a: usize, b: usize| if a == b { f64::from(unknowns.noise[a]) } else { 0.0 };
        let of_benchmark = |benchmark: usize| {
            let benchmark = row(&unknowns.benchmarks, benchmark);
            let with: Vec<f64> =
                tasks.iter().map(|&task| row(&unknowns.tasks, task).dot(&covariance.dot(&benchmark))).collect();
            let mut inner: Vec<f64> = tasks
                .iter()
                .flat_map(|&a| tasks.iter().map(move |&b| (a, b)))
                .map(|(a, b)| between(a, b) + noise(a, b))
                .collect();
            let weights = solve_positive(&mut inner, &with).unwrap();
            with.iter().zip(&weights).map(|(with, weight)| with * weight).sum::<f64>()
        };
        (0..unknowns.benchmarks.nrows()).map(of_benchmark).sum()
    }

    #[test]
    fn each_evaluation_reduces_the_variance_most_for_its_cost() {
        let mut rng = Pcg64Mcg::seed_from_u64(4);
        for _ in 0..20 {
            let mut random = |rows, columns| Array2::from_shape_fn((rows, columns), |_| rng.random_range(-1.0..1.0f32));
            let root = random(5, 5);
            let (tasks, benchmarks, costs) = (random(6, 5), random(3, 5), random(1, 6).mapv(|cost| 1.5 + cost));
            let noise = random(1, 6).mapv(|noise| 0.2 + 0.1 * noise).into_raw_vec_and_offset().0;
            let first = Unknowns { covariance: root.dot(&root.t()), tasks, noise, benchmarks };
            let (mut unknowns, mut open, mut done) = (first.clone(), (0..6).collect::<Vec<usize>>(), Vec::new());
            for _ in 0..5 {
                let before = if done.is_empty() { 0.0 } else { reduction(&first, &done) };
                let worth = |task: usize| {
                    let with: Vec<usize> = done.iter().copied().chain([task]).collect();
                    (reduction(&first, &with) - before) / f64::from(costs[[0, task]])
                };
                let at = next_evaluation(&unknowns, &open, |task| costs[[0, task]]).unwrap();
                let most = open.iter().map(|&task| worth(task)).fold(0.0, f64::max);
                assert!(worth(open[at]) > 0.999 * most - 1e-5, "{done:?} {open:?}: {at}");
                let task = open.remove(at);
                unknowns.observe(task);
                done.push(task);
                let left: f32 = unknowns.variances().iter().sum();
                let all: f32 = first.variances().iter().sum();
                assert!((f64::from(all - left) - reduction(&first, &done)).abs() < 1e-3, "{done:?}");
            }
        }
    }

    #[test]
    fn of_equal_evaluations_the_first_is_next_and_of_useless_ones_none() {
        let unknowns = |variance: f32| Unknowns {
            covariance: array![[variance, 0.0], [0.0, variance]],
            tasks: Array2::eye(2),
            noise: vec![0.0; 2],
            benchmarks: Array2::eye(2),
        };
        assert_eq!(next_evaluation(&unknowns(1.0), &[1, 0], |_| 1.0), Some(0));
        assert_eq!(next_evaluation(&unknowns(1.0), &[1, 0], |task| 1.0 + task as f32), Some(1));
        assert_eq!(next_evaluation(&unknowns(0.0), &[1, 0], |_| 1.0), None);
        assert_eq!(next_evaluation(&unknowns(1.0), &[], |_| 1.0), None);
    }

    #[test]
    fn the_best_prediction_wins_and_ties_go_to_the_better_model() {
        let predicted = [vec![0.5, 0.9, 0.1], vec![0.5, 0.2, 0.3], vec![0.5, 0.9, 0.2]];
        assert_eq!(route(&predicted), [2, 2, 1]);
        assert!(route(&[]).is_empty());
    }
}
