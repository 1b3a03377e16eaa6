//! The EM algorithm of [`super::Irt`], and the standard errors of its estimates.

use super::config::IrtConfig;
use super::quadrature::{self, Answer, Nodes, sigmoid};
use crate::error::{Error, Result};
use crate::linalg::logit;
use crate::methods::training::optimise::Optimiser;
use eyas_kernels::Cells;

/// The largest number of items for which the whole information matrix is inverted.
const WHOLE_INFORMATION: usize = 32;

/// The state of the EM algorithm.
pub(super) struct Em<'a> {
    cells: &'a Cells,
    config: &'a IrtConfig,
    nodes: Nodes,
    pub(super) trials: f32,
    pub(super) items: Vec<(f64, f64)>, // a, d: (n_tasks)
    centre: f64,                       // d̄
    converged: Option<f64>,            // the objective, once it has converged
    best: Vec<(f64, f64)>,
}

impl<'a> Em<'a> {
    pub(super) fn new(cells: &'a Cells, config: &'a IrtConfig) -> Self {
        let mut sums = vec![(0.5f32, 1.0f32); cells.tasks()];
        (0..cells.models()).for_each(|model| {
            cells.for_row(model, |item, y| sums[item] = (sums[item].0 + y, sums[item].1 + 1.0));
        });
        let total = sums.iter().fold((0.0, 0.0), |all, item| (all.0 + item.0, all.1 + item.1));
        let start = |(sum, count): (f32, f32)| f64::from(logit(sum / count, 1e-3));
        let items: Vec<(f64, f64)> = sums.into_iter().map(|item| (1.0, start(item))).collect();
        let trials = if matches!(cells, Cells::Scores(_)) { 10.0 } else { 1.0 };
        let nodes = Nodes::standard(config.nodes);
        Self { cells, config, nodes, trials, best: items.clone(), items, centre: start(total), converged: None }
    }

    fn answers(&self, model: usize) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(self.cells.count_row(model));
        self.cells.for_row(model, |item, y| answers.push((self.items[item], f64::from(y))));
        answers
    }

    pub(super) fn posterior(&self, model: usize) -> Nodes {
        quadrature::posterior(&self.answers(model), f64::from(self.trials))
    }

    /// The prior precisions of a and of d.
    fn precision(&self) -> (f64, f64) {
        (self.config.prior, self.config.prior / 4.0)
    }

    /// One EM step; returns the mean negative log-likelihood, priors included, before the step.
    fn step(&mut self) -> f64 {
        let expected = quadrature::expect(self.cells, self.trials, &self.items, &self.nodes);
        let (slope, intercept) = self.precision();
        let prior = |&(a, d): &(f64, f64)| 0.5 * (slope * (a - 1.0).powi(2) + intercept * (d - self.centre).powi(2));
        let priors: f64 = self.items.iter().map(prior).sum();
        let before = self.items.clone();
        for _ in 0..if self.config.shared_slope { 3 } else { 1 } {
            let mut shared = (0.0, 1e-9);
            for (at, item) in self.items.iter_mut().enumerate() {
                let counts = (0..self.nodes.at.len()).map(|k| {
                    (self.nodes.at[k], f64::from(expected.seen[[at, k]]), f64::from(expected.solved[[at, k]]))
                });
                let counts: Vec<_> = counts.filter(|count| count.1 > 0.0).collect();
                let prior = [(slope, 1.0), (intercept, self.centre)];
                let (gradient, curvature) = maximise(item, &counts, prior, self.config.shared_slope);
                shared = (shared.0 + gradient, shared.1 + curvature);
            }
            if self.config.shared_slope {
                let step = (shared.0 / shared.1).clamp(-0.5, 0.5);
                self.items.iter_mut().for_each(|item| item.0 += step);
            }
        }
        let moved = self.items.iter().zip(&before).map(|(new, old)| (new.0 - old.0).abs().max((new.1 - old.1).abs()));
        let objective = (priors - expected.log_likelihood) / self.cells.count() as f64;
        self.converged = (moved.fold(0.0, f64::max) < self.config.tolerance).then_some(objective);
        objective
    }

    /// Estimates the number of trials that a score counts as: Pearson's statistic over the fitted curves then equals its
    /// degrees of freedom.
    pub(super) fn estimate_trials(&mut self) {
        let mut statistic = 0.0;
        for model in 0..self.cells.models() {
            let (ability, _) = self.posterior(model).moments();
            for ((a, d), y) in self.answers(model) {
                let p = sigmoid(a * ability + d);
                statistic += (y - p).powi(2) / (p * (1.0 - p)).max(0.02);
            }
        }
        let evaluated = (0..self.cells.models()).filter(|&model| self.cells.count_row(model) > 0).count();
        let cells = self.cells.count() as f64;
        let free = (cells - (evaluated + 2 * self.items.len()) as f64).max(cells / 4.0);
        self.trials = (free / statistic.max(1e-9)).clamp(1.0, 500.0) as f32;
        self.converged = None;
    }

    /// The standard errors of a and d of each item.
    pub(super) fn standard_errors(&self) -> Vec<(f64, f64)> {
        let count = self.items.len();
        let whole = count <= WHOLE_INFORMATION;
        // Either the whole matrix, (2 items, 2 items), row-major, or the 2 × 2 blocks of the items, one after the other.
        let mut information = vec![0.0f64; if whole { 4 * count * count } else { 4 * count }];
        let (slope, intercept) = self.precision();
        let place = |i: usize, j: usize| match whole {
            true => i * 2 * count + j,
            false => i * 2 + j % 2,
        };
        for item in 0..count {
            information[place(2 * item, 2 * item)] += slope;
            information[place(2 * item + 1, 2 * item + 1)] += intercept;
        }
        for model in 0..self.cells.models() {
            self.add_information(model, whole, &mut information, place);
        }
        if self.config.shared_slope {
            return shared_errors(&information, count, place, whole);
        }
        if whole {
            let error = inverse_diagonal(&information, 2 * count);
            return (0..count).map(|item| (error[2 * item], error[2 * item + 1])).collect();
        }
        let block = |block: &[f64]| {
            let errors = inverse_diagonal(block, 2);
            (errors[0], errors[1])
        };
        information.chunks_exact(4).map(block).collect()
    }

    /// Adds one person's contribution to the observed information: the expected information of the complete data minus the
    /// posterior covariance of its score.
    fn add_information(&self, model: usize, whole: bool, into: &mut [f64], place: impl Fn(usize, usize) -> usize) {
        let trials = f64::from(self.trials);
        let nodes = self.posterior(model);
        let mut seen = Vec::new();
        self.cells.for_row(model, |item, y| seen.push((item, f64::from(y))));
        // The score of each seen item at each node, minus its mean: (nodes, 2 seen).
        let mut scores = vec![0.0f64; nodes.at.len() * 2 * seen.len()];
        for (at, &(item, y)) in seen.iter().enumerate() {
            let (a, d) = self.items[item];
            let mut means = [0.0; 2];
            for (k, (&theta, &weight)) in nodes.at.iter().zip(&nodes.weights).enumerate() {
                let p = sigmoid(a * theta + d);
                let (score, curvature) = (trials * (y - p), weight * trials * p * (1.0 - p));
                for (i, x) in [theta, 1.0].into_iter().enumerate() {
                    scores[(k * seen.len() + at) * 2 + i] = score * x;
                    means[i] += weight * score * x;
                    into[place(2 * item + i, 2 * item)] += curvature * x * theta;
                    into[place(2 * item + i, 2 * item + 1)] += curvature * x;
                }
            }
            for k in 0..nodes.at.len() {
                (0..2).for_each(|i| scores[(k * seen.len() + at) * 2 + i] -= means[i]);
            }
        }
        for (row, &weight) in scores.chunks_exact((2 * seen.len()).max(1)).zip(&nodes.weights) {
            for (at, one) in seen.iter().enumerate() {
                let others = if whole { 0..seen.len() } else { at..at + 1 };
                for (other, i, j) in
                    others.flat_map(|other| [(other, 0, 0), (other, 0, 1), (other, 1, 0), (other, 1, 1)])
                {
                    let product = weight * row[2 * at + i] * row[2 * other + j];
                    into[place(2 * one.0 + i, 2 * seen[other].0 + j)] -= product;
                }
            }
        }
    }
}

impl Optimiser for Em<'_> {
    async fn advance(&mut self) -> Result<f64> {
        Ok(match self.converged {
            Some(objective) => objective,
            None => self.step(),
        })
    }

    fn validate(&self) -> Option<f64> {
        None
    }

    fn keep(&mut self) {
        self.best.clone_from(&self.items);
    }

    fn go_back(&mut self) {
        self.items.clone_from(&self.best);
    }
}

/// Newton's method for one item on expected counts (θ, seen, solved), with priors (precision, mean) of a and d. With a
/// shared slope it changes only d, and returns the gradient and curvature of a.
fn maximise(
    item: &mut (f64, f64),
    counts: &[(f64, f64, f64)],
    [slope, intercept]: [(f64, f64); 2],
    shared: bool,
) -> (f64, f64) {
    let mut by_slope = (0.0, 0.0);
    for _ in 0..6 {
        let (a, d) = *item;
        let (mut ga, mut gd) = (-slope.0 * (a - slope.1), -intercept.0 * (d - intercept.1));
        let (mut aa, mut ad, mut dd) = (slope.0 + 1e-9, 0.0, intercept.0 + 1e-9);
        for &(theta, seen, solved) in counts {
            let p = sigmoid(a * theta + d);
            let (residual, curvature) = (solved - seen * p, seen * p * (1.0 - p));
            (ga, gd) = (ga + residual * theta, gd + residual);
            (aa, ad, dd) = (aa + curvature * theta * theta, ad + curvature * theta, dd + curvature);
        }
        by_slope = (ga, aa);
        let (step_a, step_d) = if shared {
            (0.0, gd / dd)
        } else {
            let determinant = (aa * dd - ad * ad).max(1e-12);
            ((dd * ga - ad * gd) / determinant, (aa * gd - ad * ga) / determinant)
        };
        let (step_a, step_d) = (step_a.clamp(-0.5, 0.5), step_d.clamp(-1.0, 1.0));
        *item = ((a + step_a).clamp(-BOUND, BOUND), (d + step_d).clamp(-BOUND, BOUND));
        if step_a.abs().max(step_d.abs()) < 1e-7 {
            break;
        }
    }
    by_slope
}

/// Bound of slopes and intercepts. Without priors, the estimates of an item that all persons solve would be infinite.
const BOUND: f64 = 20.0;

/// The square roots of the diagonal of the inverse of a symmetric matrix, (n, n); 1e6 for parameters that the data do not
/// determine.
fn inverse_diagonal(matrix: &[f64], n: usize) -> Vec<f64> {
    let column = |k: usize| {
        let unit: Vec<f64> = (0..n).map(|row| f64::from(u8::from(row == k))).collect();
        let solved = crate::linalg::solve_positive(&mut matrix.to_vec(), &unit)?;
        Ok::<f64, Error>(solved[k].sqrt().min(1e6))
    };
    (0..n).map(|k| column(k).unwrap_or(1e6)).collect()
}

/// The standard errors with one slope for all items: its row and column are the sums of the slopes' rows and columns.
fn shared_errors(
    information: &[f64],
    count: usize,
    place: impl Fn(usize, usize) -> usize,
    whole: bool,
) -> Vec<(f64, f64)> {
    let between = |i: usize, j: usize| if whole || i / 2 == j / 2 { information[place(i, j)] } else { 0.0 };
    if whole {
        let n = count + 1; // the intercepts, then the slope
        let mut matrix = vec![0.0; n * n];
        for i in 0..count {
            for j in 0..count {
                matrix[i * n + j] = between(2 * i + 1, 2 * j + 1);
                matrix[i * n + count] += between(2 * i + 1, 2 * j);
                matrix[count * n + i] += between(2 * j, 2 * i + 1);
                matrix[count * n + count] += between(2 * i, 2 * j);
            }
        }
        let errors = inverse_diagonal(&matrix, n);
        return (0..count).map(|item| (errors[count], errors[item])).collect();
    }
    let slope: f64 = (0..count).map(|item| between(2 * item, 2 * item)).sum();
    let error = |information: f64| (1.0 / information.max(1e-12)).sqrt();
    (0..count).map(|item| (error(slope), error(between(2 * item + 1, 2 * item + 1)))).collect()
}
