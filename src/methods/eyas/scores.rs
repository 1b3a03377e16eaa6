//! What known scores of a model add: among models with similar scores and features, another Gaussian process. Its covariance is
//! `a k + b mean(x y) + c exp(-½ g mean((x - y)²)) + 0.3` over the known tasks, with the covariance k of the features; the
//! gaps of the training models are filled in. The parameters depend on how many scores are known: they are found by
//! marginal likelihood at several numbers and interpolated in between.

use super::prior::Prior;
use crate::error::Result;
use crate::linalg::{factorise, product};
use crate::methods::learners::adam::{Adam, rate};
use crate::methods::learners::factor_analysis::Factors;
use crate::methods::learners::gaussian_process::{Covariances, Query, forecast};
use crate::methods::learners::normal::Normal;
use crate::methods::learners::score_table::Table;
use eyas_kernels::Similarity;
use ndarray::{Array2, Axis};
use rand::SeedableRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_pcg::Pcg64Mcg;

/// Variance that all scores share.
const SHARED: f32 = 0.3;
/// Parameters: a, b, c, g and the noise.
const PARAMETERS: usize = 5;
/// Where they start.
const START: [f32; PARAMETERS] = [0.3, 0.5, 0.3, 1.0, 0.1];
/// Bounds of their logarithms.
const BOUNDS: [(f32, f32); PARAMETERS] = [(-7.0, 3.0), (-7.0, 3.0), (-7.0, 3.0), (-4.0, 3.0), (-5.8, 0.5)];
/// Weight of the start beside the scores.
const START_WEIGHT: f32 = 0.1;
/// Problems of each number of known scores, models of each, and steps.
const PROBLEMS: usize = 8;
const ROWS: usize = 112;
const STEPS: usize = 30;
/// Length of the first and the last step.
const RATES: (f32, f32) = (0.3, 0.03);
/// Numbers of known scores of which parameters are found, and how much greater each is than the one before.
const LEVELS: usize = 4;

/// The parameters for some number of known scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Level {
    pub(super) known: f32,
    pub(super) logs: [f32; PARAMETERS],
}

impl Level {
    /// Numbers of a saved level.
    pub(super) const WIDTH: usize = PARAMETERS + 1;
}

/// Parameters by the number of known scores, and the filled table.
#[derive(Debug, Clone)]
pub(super) struct Scores {
    pub(super) levels: Vec<Level>,
    /// Standardised scores of the training models, gaps filled in. (n, n_tasks)
    pub(super) filled: Array2<f32>,
}

/// The covariance given a set of known tasks.
struct Given<'a> {
    prior: &'a Prior,
    similarity: Similarity,
    noise: f32,
    known: Array2<f32>, // (n, n_known)
    squares: Vec<f32>,  // mean squares of its rows
}

impl<'a> Given<'a> {
    fn new(scores: &'a Scores, prior: &'a Prior, tasks: &[usize], parameters: [f32; PARAMETERS]) -> Self {
        let known = scores.filled.select(Axis(1), tasks);
        let squares = known.rows().into_iter().map(|row| row.dot(&row) / tasks.len() as f32).collect();
        let [features, products, near, steepness, noise] = parameters;
        let similarity = Similarity { shared: SHARED, features, products, near, steepness };
        Self { prior, similarity, noise, known, squares }
    }

    /// Of a target with the rows and itself: features, (n), its variance by them, and its known scores.
    fn target(&self, features: &[f32], variance: f32, scores: &[f32]) -> (Vec<f32>, f32) {
        let count = scores.len() as f32;
        let square = scores.iter().map(|score| score * score).sum::<f32>() / count;
        let product =
            |known: ndarray::ArrayView1<'_, f32>| known.iter().zip(scores).map(|(x, y)| x * y).sum::<f32>() / count;
        let products: Vec<f32> = self.known.rows().into_iter().map(product).collect();
        let mut row = features.to_vec();
        self.similarity.row(&mut row, &products, square, &self.squares);
        (row, self.itself(variance, square))
    }

    /// The variance of a model by that of its features and the mean square of its scores.
    fn itself(&self, mut variance: f32, square: f32) -> f32 {
        self.similarity.row(std::slice::from_mut(&mut variance), &[square], square, &[square]);
        variance
    }
}

impl Covariances for Given<'_> {
    fn among(&self, rows: &[usize]) -> Array2<f32> {
        let n = rows.len();
        let known = self.known.select(Axis(0), rows);
        let products = product(known.view(), known.t()) / self.known.ncols() as f32;
        let squares: Vec<f32> = rows.iter().map(|&row| self.squares[row]).collect();
        let (mut among, _) = self.prior.among(rows).into_raw_vec_and_offset();
        let (products, _) = products.into_raw_vec_and_offset();
        let pairs = among.chunks_exact_mut(n).zip(products.chunks_exact(n)).zip(&squares);
        pairs.for_each(|((row, products), &square)| self.similarity.row(row, products, square, &squares));
        Array2::from_shape_vec((n, n), among).unwrap_or_default()
    }

    fn deviation(&self, row: usize) -> f32 {
        self.itself(self.prior.deviation(row).powi(2), self.squares[row]).sqrt()
    }

    fn noise(&self) -> f32 {
        self.noise
    }
}

impl Scores {
    /// Finds the parameters. filled: the table with its gaps filled in. (n, n_tasks)
    ///
    /// # Errors
    /// Of kind `Computation` if the covariances can't be factorised.
    pub(super) fn fit(prior: &Prior, table: &Table, filled: Array2<f32>, seed: u64) -> Result<Self> {
        let most = (0..filled.nrows()).map(|row| table.known(row).len()).max().unwrap_or(0).saturating_sub(1);
        let mut fitted = Self { levels: Vec::new(), filled };
        let mut logs = START.map(f32::ln);
        for known in level_sizes(most) {
            let problems = fitted.problems(prior, table, known, seed);
            if problems.is_empty() {
                continue;
            }
            let mut adam = Adam::new(PARAMETERS);
            for step in 0..STEPS {
                let gradient = slope(&logs, &problems)?;
                adam.step(&mut logs, &gradient, rate(step, STEPS, RATES), |at| BOUNDS[at]);
            }
            fitted.levels.push(Level { known: known as f32, logs });
        }
        Ok(fitted)
    }

    /// The forecast of a target with known scores, as [`Scores::among_similar`] makes it, with how far known scores go together
    /// with each task.
    ///
    /// # Errors
    /// Of kind `Computation` if the covariances can't be factorised.
    pub(super) fn forecast(
        &self,
        (prior, residuals): (&Prior, &Factors),
        features: (&[f32], f32),
        known: &[(usize, f32)],
        table: &Table,
        others: (&dyn Fn(usize) -> bool, usize),
        asked: Option<&[usize]>,
    ) -> Result<Vec<Normal>> {
        let mut normals = self.among_similar(prior, features, known, table, others, asked)?;
        let open = residuals.open_shares(known)?;
        let mut is_known = vec![false; open.len()];
        known.iter().for_each(|&(task, _)| is_known[task] = true);
        let asked: Vec<usize> = (0..open.len()).filter(|&task| !is_known[task]).collect();
        let usual = asked.iter().map(|&task| open[task]).sum::<f32>() / asked.len().max(1) as f32;
        asked.into_iter().for_each(|task| normals[task].open = open[task] / usual);
        Ok(normals)
    }

    /// The forecast by models with similar features and scores. features: its covariances with the rows and its own variance; known: tasks
    /// with standardised scores. (n_tasks)
    ///
    /// # Errors
    /// Of kind `Computation` if the covariances can't be factorised.
    fn among_similar(
        &self,
        prior: &Prior,
        (features, variance): (&[f32], f32),
        known: &[(usize, f32)],
        table: &Table,
        (allowed, most): (&dyn Fn(usize) -> bool, usize),
        tasks: Option<&[usize]>,
    ) -> Result<Vec<Normal>> {
        let given_tasks: Vec<usize> = known.iter().map(|known| known.0).collect();
        let values: Vec<f32> = known.iter().map(|known| known.1).collect();
        let given = Given::new(self, prior, &given_tasks, self.parameters(known.len()));
        let (row, variance) = given.target(features, variance, &values);
        let query = Query { row: &row, variance, allowed, most, tasks };
        forecast(&given, &query, table)
    }

    /// The parameters for a number of known scores.
    fn parameters(&self, known: usize) -> [f32; PARAMETERS] {
        let known = known as f32;
        let after = self.levels.iter().position(|level| level.known >= known);
        let logs = match after {
            None => self.levels.last().map_or(START.map(f32::ln), |level| level.logs),
            Some(0) => self.levels[0].logs,
            Some(at) => {
                let (low, high) = (self.levels[at - 1], self.levels[at]);
                let share = (known / low.known).ln() / (high.known / low.known).ln();
                std::array::from_fn(|k| low.logs[k] + share * (high.logs[k] - low.logs[k]))
            }
        };
        logs.map(f32::exp)
    }

    /// Tasks to be forecast from others, as they are known together.
    fn problems(&self, prior: &Prior, table: &Table, known: usize, seed: u64) -> Vec<Problem> {
        let mut rng = Pcg64Mcg::seed_from_u64(seed ^ (known as u64) << 32);
        let scores = &table.scores;
        let models: Vec<usize> = (0..scores.nrows()).filter(|&row| table.known(row).len() > known).collect();
        let mut problems = Vec::new();
        for _ in 0..PROBLEMS {
            let Some(&model) = models.choose(&mut rng) else { break };
            let mut tasks = table.known(model);
            tasks.shuffle(&mut rng);
            let (task, given) = (tasks[0], &tasks[1..=known]);
            let mut rows: Vec<usize> = (0..scores.nrows()).filter(|&row| !scores[[row, task]].is_nan()).collect();
            rows.shuffle(&mut rng);
            rows.truncate(ROWS);
            if rows.len() < LEAST_ROWS {
                continue;
            }
            let values = self.filled.select(Axis(1), given).select(Axis(0), &rows);
            problems.push(Problem {
                features: prior.among(&rows),
                products: product(values.view(), values.t()) / known as f32,
                scores: Array2::from_shape_fn((rows.len(), 1), |(at, _)| scores[[rows[at], task]]),
            });
        }
        problems
    }
}

/// Models with results without which a task tells nothing.
const LEAST_ROWS: usize = 8;

/// 1 to `most` in equal ratios.
fn level_sizes(most: usize) -> Vec<usize> {
    let of = |at: usize| (most as f32).powf(at as f32 / (LEVELS - 1) as f32).round() as usize;
    let mut sizes: Vec<usize> = (0..LEVELS).map(of).filter(|&size| size > 0).collect();
    sizes.dedup();
    sizes
}

/// A task of some models that is forecast from their scores on other tasks.
struct Problem {
    features: Array2<f32>, // covariances by features, (n, n)
    products: Array2<f32>, // mean products of the known scores, (n, n)
    scores: Array2<f32>,   // (n, 1)
}

/// The derivatives of the mean negative logarithm of the marginal likelihood by the logarithms of the parameters.
fn slope(logs: &[f32; PARAMETERS], problems: &[Problem]) -> Result<[f32; PARAMETERS]> {
    let [a, b, c, g, noise] = logs.map(f32::exp);
    let mut slope = [0.0f32; PARAMETERS];
    for (k, slope) in slope.iter_mut().enumerate() {
        *slope = START_WEIGHT * (logs[k] - START[k].ln()) * problems.len() as f32;
    }
    for Problem { features, products, scores } in problems {
        let n = scores.len();
        let apart = |i: usize, j: usize| (products[[i, i]] + products[[j, j]] - 2.0 * products[[i, j]]).max(0.0);
        let near = Array2::from_shape_fn((n, n), |(i, j)| c * (-0.5 * g * apart(i, j)).exp());
        let mut k = features * a + products * b + &near + SHARED;
        k.diag_mut().mapv_inplace(|variance| variance + noise);
        let factor = factorise(k)?;
        let mut inverse = Array2::eye(n);
        factor.solve_lower(&mut inverse);
        let mut weights = scores.clone();
        factor.solve_lower(&mut weights);
        factor.solve_upper(&mut weights);
        let mut m = product(inverse.t(), inverse.view());
        eyas_kernels::matrix_product(-1.0, weights.view(), weights.t(), 1.0, m.view_mut());
        for ((i, j), &m) in m.indexed_iter() {
            let half = 0.5 * m;
            slope[0] += half * a * features[[i, j]];
            slope[1] += half * b * products[[i, j]];
            slope[2] += half * near[[i, j]];
            slope[3] -= 0.5 * half * near[[i, j]] * g * apart(i, j);
            slope[4] += if i == j { half * noise } else { 0.0 };
        }
    }
    Ok(slope.map(|slope| slope / problems.len() as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean negative logarithm of the marginal likelihood with the weight of the start.
    fn loss(logs: &[f32; PARAMETERS], problem: &Problem) -> f64 {
        let [a, b, c, g, noise] = logs.map(f32::exp);
        let Problem { features, products, scores } = problem;
        let n = scores.len();
        let apart = |i: usize, j: usize| products[[i, i]] + products[[j, j]] - 2.0 * products[[i, j]];
        let mut k = Array2::from_shape_fn((n, n), |(i, j)| {
            SHARED + a * features[[i, j]] + b * products[[i, j]] + c * (-0.5 * g * apart(i, j)).exp()
        });
        k.diag_mut().mapv_inplace(|variance| variance + noise);
        let mut lower: Vec<f64> = k.iter().map(|&value| f64::from(value)).collect();
        let y: Vec<f64> = scores.iter().map(|&value| f64::from(value)).collect();
        let weights = crate::linalg::solve_positive(&mut lower, &y).unwrap();
        let fit: f64 = y.iter().zip(&weights).map(|(y, weight)| y * weight).sum();
        let log_determinant: f64 = (0..n).map(|i| 2.0 * lower[i * n + i].ln()).sum();
        let start: f64 = (0..PARAMETERS).map(|k| f64::from(logs[k] - START[k].ln()).powi(2)).sum();
        0.5 * (fit + log_determinant) + 0.5 * f64::from(START_WEIGHT) * start
    }

    #[test]
    fn the_slope_is_that_of_differences() {
        let n = 12;
        let value = |row: usize, k: usize| ((row * (3 + k)) % 7) as f32 / 3.0 - 1.0;
        let known = Array2::from_shape_fn((n, 4), |(row, k)| value(row, k));
        let problem = Problem {
            features: Array2::from_shape_fn((n, n), |(i, j)| (-0.1 * (i.abs_diff(j) as f32).powi(2)).exp()),
            products: product(known.view(), known.t()) / 4.0,
            scores: Array2::from_shape_fn((n, 1), |(row, _)| value(row, 5)),
        };
        let logs = [-0.5f32, -1.0, -0.8, 0.3, -1.5];
        let found = slope(&logs, std::slice::from_ref(&problem)).unwrap();
        for (at, found) in found.into_iter().enumerate() {
            let moved = |step: f32| {
                let mut logs = logs;
                logs[at] += step;
                loss(&logs, &problem)
            };
            let expected = ((moved(0.01) - moved(-0.01)) / 0.02) as f32;
            assert!((found - expected).abs() < 0.02 * (1.0 + expected.abs()), "{at}: {found} {expected}");
        }
    }

    #[test]
    fn levels_go_from_one_to_most() {
        assert_eq!(level_sizes(1), [1]);
        assert_eq!(level_sizes(5), [1, 2, 3, 5]);
        assert_eq!(level_sizes(1000), [1, 10, 100, 1000]);
    }
}
