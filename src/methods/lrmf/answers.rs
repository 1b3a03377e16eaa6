//! What answers to some items say about a model: its coordinates in the factorisation, and by how much each benchmark is
//! harder or easier for it than they tell, are normal about what was forecast, and so is what each item is to it alone. An
//! answer moves them by the mode of its likelihood and narrows them by the curvature there (assumed-density filtering with
//! Laplace's approximation; Bishop, Pattern Recognition and Machine Learning, 2006, §4.4 and §10.7.1).

use super::model::Lrmf;
use crate::linalg::{add_square, clamp, logistic, logit, product};
use crate::methods::data::benchmarks;
use crate::methods::fitted::{Forecast, HALF_WIDTH};
use crate::methods::unknowns::Unknowns;
use crate::snapshot::Task;
use ndarray::{Array1, Array2};

/// What is open about a model's answers, in log odds.
pub(in crate::methods) struct Answers {
    rows: Array2<f32>,       // (n_tasks, n_open): by how much an item's log odds move with what is open
    covariance: Array2<f32>, // (n_open, n_open)
    shift: Array1<f32>,      // (n_open)
    chances: Vec<f32>,       // (n_tasks), as forecast
    benchmarks: Vec<Vec<usize>>,
}

/// Chances are this far from 0 and 1 at least.
const MARGIN: f32 = 0.005;
/// Variance of an item's log odds for one model that nothing else tells of. Of 0, 1 and 3 the best on held-out models of the
/// Open LLM Leaderboard v1, of another split than docs/results.md reports.
const ITS_OWN: f32 = 3.0;
/// Halvings until the mode of one answer is found.
const HALVINGS: usize = 20;

impl Answers {
    /// Before any answer. chances: (n_tasks), as forecast; covariance: how the residuals of coordinates and benchmark means
    /// go together, in their own units (n_outputs, n_outputs).
    pub(in crate::methods) fn new(
        factorisation: &Lrmf,
        tasks: &[Task],
        covariance: &Array2<f32>,
        chances: &[f32],
    ) -> Self {
        let p = factorisation.parameters();
        let (benchmarks, n) = (benchmarks(tasks), p.dim + 1);
        let n_open = n + benchmarks.len();
        let slope = |task: usize| (chances[task] * (1.0 - chances[task])).max(MARGIN);
        let mut rows = Array2::zeros((tasks.len(), n_open));
        // A benchmark's mean moves with the coordinates and with what is its own: mean = a · coordinates + k own.
        let mut open = Array2::eye(n_open);
        for (at, items) in benchmarks.iter().enumerate() {
            let count = items.len() as f32;
            let steepness: f32 = items.iter().map(|&task| slope(task)).sum::<f32>() / count;
            for &task in items {
                p.task(task).iter().chain([&1.0]).enumerate().for_each(|(k, &value)| {
                    rows[[task, k]] = value;
                    open[[n + at, k]] -= slope(task) * value / count / steepness;
                });
                rows[[task, n + at]] = 1.0;
            }
            open[[n + at, n + at]] = 1.0 / steepness;
        }
        let covariance = product(product(open.view(), covariance.view()).view(), open.t());
        Self { rows, covariance, shift: Array1::zeros(n_open), chances: chances.to_vec(), benchmarks }
    }

    /// Takes an answer in: 1 if the item was solved, 0 if not.
    pub(in crate::methods) fn take(&mut self, task: usize, answer: f32) {
        let row = self.rows.row(task);
        let with = self.covariance.dot(&row);
        let variance = row.dot(&with).max(0.0) + ITS_OWN;
        let before = self.log_odds(task);
        // The mode solves z = before + variance (answer - logistic(z)), of which both sides cross once.
        let (mut low, mut high) = (before - variance, before + variance);
        for _ in 0..HALVINGS {
            let z = 0.5 * (low + high);
            if z > before + variance * (answer - logistic(z)) { high = z } else { low = z }
        }
        let chance = logistic(0.5 * (low + high));
        self.shift.scaled_add(answer - chance, &with);
        let weight = chance * (1.0 - chance);
        add_square(&mut self.covariance, -weight / (1.0 + weight * variance), &with);
    }

    fn log_odds(&self, task: usize) -> f32 {
        logit(self.chances[task], MARGIN) + self.rows.row(task).dot(&self.shift)
    }

    /// The chances now. (n_tasks)
    fn chances(&self) -> Vec<f32> {
        (0..self.chances.len()).map(|task| logistic(self.log_odds(task))).collect()
    }

    /// A forecast with these answers, all of them taken in; it keeps its sources.
    pub(in crate::methods) fn answered(&self, first: Forecast, answers: &[(usize, f32)]) -> Forecast {
        let mut mean = self.chances();
        answers.iter().for_each(|&(task, answer)| mean[task] = answer);
        let variances = self.unknowns().variances();
        let mut intervals = first.intervals;
        for ((items, interval), variance) in self.benchmarks.iter().zip(&mut intervals).zip(variances) {
            let count = items.len() as f32;
            let of = |values: &[f32]| items.iter().map(|&task| values[task]).sum::<f32>() / count;
            let noise = |values: &[f32]| items.iter().map(|&task| values[task] * (1.0 - values[task])).sum::<f32>();
            let asked = items.iter().filter(|&&task| answers.iter().any(|answer| answer.0 == task)).count() as f32;
            let left = variance * (1.0 - asked / count).powi(2) + noise(&mean) / count.powi(2);
            let middle = of(&self.chances);
            let wide = 0.5 * (interval.1 - interval.0) / HALF_WIDTH;
            let share = if wide > 0.0 { (left.sqrt() / wide).min(1.0) } else { 1.0 };
            let mean = of(&mean);
            let end = |end: f32| mean + share * (end - middle);
            // What was forecast before the answers may lie wholly on one side of their middle.
            *interval = (clamp(end(interval.0), 0.0, mean), clamp(end(interval.1), mean, 1.0));
        }
        Forecast { mean, sources: first.sources, intervals }
    }

    /// What is open, as a linear problem: an item's answer moves by the slope of the logistic function.
    pub(in crate::methods) fn unknowns(&self) -> Unknowns {
        let slopes: Vec<f32> = self.chances().iter().map(|chance| chance * (1.0 - chance)).collect();
        let noise = slopes.iter().map(|slope| slope + ITS_OWN * slope * slope).collect();
        let mut tasks = self.rows.clone();
        tasks.rows_mut().into_iter().zip(&slopes).for_each(|(mut row, slope)| row *= *slope);
        let mean = |(at, k): (usize, usize)| {
            let items = &self.benchmarks[at];
            items.iter().map(|&task| tasks[[task, k]]).sum::<f32>() / items.len() as f32
        };
        let benchmarks = Array2::from_shape_fn((self.benchmarks.len(), self.rows.ncols()), mean);
        Unknowns { covariance: self.covariance.clone(), tasks, noise, benchmarks }
    }
}
