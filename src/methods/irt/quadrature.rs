//! Numerical integration over one ability, for [`super::Irt`].
//!
//! The log-likelihood of a person's answers at ability θ is `Σ_i t (y_i z_i - log(1 + exp z_i))`, `z_i = a_i θ + d_i`, with
//! t trials per cell and y the solved share. Abilities have the prior N(0, 1).

use eyas_kernels::{Cells, matrix_product};
use ndarray::{Array2, s};

/// Number of persons per block of the E-step.
const BLOCK: usize = 64;

/// Equally spaced abilities with weights that sum to 1.
#[derive(Debug, Clone)]
pub(super) struct Nodes {
    pub(super) at: Vec<f64>,
    pub(super) weights: Vec<f64>,
}

impl Nodes {
    /// `count` nodes (at least 3) over -6..6, weighted by the density of N(0, 1).
    pub(super) fn standard(count: usize) -> Self {
        let last = count.max(3) - 1;
        let at: Vec<f64> = (0..=last).map(|k| -6.0 + 12.0 * k as f64 / last as f64).collect();
        let mut weights: Vec<f64> = at.iter().map(|x| (-0.5 * x * x).exp()).collect();
        scale_to_one(&mut weights);
        Self { at, weights }
    }
}

/// Expected counts of each item at each node: cells seen, and cells solved. (n_items, n_nodes)
pub(super) struct Expected {
    pub(super) seen: Array2<f32>,
    pub(super) solved: Array2<f32>,
    /// Sum of the logarithms of the marginal likelihoods.
    pub(super) log_likelihood: f64,
}

/// The E-step (Bock & Aitkin 1981): sums every person's posterior over the nodes into the expected counts of the items.
/// `items` are (a, d).
pub(super) fn expect(cells: &Cells, trials: f32, items: &[(f64, f64)], nodes: &Nodes) -> Expected {
    let (n, q) = (items.len(), nodes.at.len());
    let logits = Array2::from_shape_fn((n, q), |(i, k)| (items[i].0 * nodes.at[k] + items[i].1) as f32);
    let softplus = logits.mapv(|z| z.max(0.0) + (-z.abs()).exp().ln_1p());
    let mut sums = Expected { seen: Array2::zeros((n, q)), solved: Array2::zeros((n, q)), log_likelihood: 0.0 };
    let (mut seen, mut solved) = (Array2::<f32>::zeros((BLOCK, n)), Array2::<f32>::zeros((BLOCK, n)));
    let mut posterior = Array2::<f32>::zeros((BLOCK, q));
    for first in (0..cells.models()).step_by(BLOCK) {
        let rows = BLOCK.min(cells.models() - first);
        seen.fill(0.0);
        solved.fill(0.0);
        for row in 0..rows {
            cells.for_row(first + row, |item, y| {
                seen[[row, item]] = trials;
                solved[[row, item]] = trials * y;
            });
        }
        let (seen, solved) = (seen.slice(s![..rows, ..]), solved.slice(s![..rows, ..]));
        let mut posterior = posterior.slice_mut(s![..rows, ..]);
        matrix_product(1.0, solved, logits.view(), 0.0, posterior.view_mut());
        matrix_product(-1.0, seen, softplus.view(), 1.0, posterior.view_mut());
        for mut row in posterior.rows_mut() {
            let mut logs: Vec<f64> = row.iter().zip(&nodes.weights).map(|(&l, w)| f64::from(l) + w.ln()).collect();
            sums.log_likelihood += normalise(&mut logs);
            row.iter_mut().zip(logs).for_each(|(row, weight)| *row = weight as f32);
        }
        matrix_product(1.0, seen.t(), posterior.view(), 1.0, sums.seen.view_mut());
        matrix_product(1.0, solved.t(), posterior.view(), 1.0, sums.solved.view_mut());
    }
    sums
}

/// One answer: the item's a and d, and the solved share.
pub(super) type Answer = ((f64, f64), f64);

/// The posterior of one ability: nodes around its mode, 0.8 standard errors apart, which integrate a normal density to many
/// digits.
pub(super) fn posterior(answers: &[Answer], trials: f64) -> Nodes {
    let mut mode = 0.0f64;
    let mut curvature = 1.0;
    for _ in 0..50 {
        let mut slope = -mode;
        curvature = 1.0;
        for &((a, d), y) in answers {
            let p = sigmoid(a * mode + d);
            slope += trials * a * (y - p);
            curvature += trials * a * a * p * (1.0 - p);
        }
        let step = (slope / curvature).clamp(-1.0, 1.0);
        mode += step;
        if step.abs() < 1e-9 {
            break;
        }
    }
    let error = 1.0 / curvature.sqrt();
    let at: Vec<f64> = (-6..=6).map(|k| mode + 0.8 * f64::from(k) * error).collect();
    let log = |&theta: &f64| {
        let answers = answers.iter().map(|&((a, d), y)| {
            let z = a * theta + d;
            trials * (y * z - softplus(z))
        });
        answers.sum::<f64>() - 0.5 * theta * theta
    };
    let mut weights: Vec<f64> = at.iter().map(log).collect();
    normalise(&mut weights);
    Nodes { at, weights }
}

/// Nodes that integrate over N(mean, error²).
pub(super) fn bell(mean: f64, error: f64) -> Nodes {
    let steps = (-6..=6).map(|k| 0.8 * f64::from(k));
    let mut weights: Vec<f64> = steps.clone().map(|x| (-0.5 * x * x).exp()).collect();
    scale_to_one(&mut weights);
    Nodes { at: steps.map(|x| mean + error * x).collect(), weights }
}

impl Nodes {
    /// The mean and standard deviation of the ability.
    pub(super) fn moments(&self) -> (f64, f64) {
        let mean = self.mean(|x| x);
        (mean, self.mean(|x| (x - mean).powi(2)).sqrt())
    }

    /// The mean of a function of the ability.
    pub(super) fn mean(&self, of: impl Fn(f64) -> f64) -> f64 {
        self.at.iter().zip(&self.weights).map(|(&x, w)| w * of(x)).sum()
    }
}

/// Turns log weights into weights that sum to 1; returns the logarithm of their sum.
fn normalise(logs: &mut [f64]) -> f64 {
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    logs.iter_mut().for_each(|log| *log = (*log - top).exp());
    top + scale_to_one(logs).ln()
}

fn scale_to_one(weights: &mut [f64]) -> f64 {
    let sum: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= sum);
    sum
}

pub(super) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}
