//! Gaussian-process regression from the nearest training models (nearest-neighbour Gaussian processes: Datta et al., 2016; after
//! Vecchia, 1988): a forecast conditions on those training models that correlate most with the target, so that its cost does not
//! grow with the cube of the models. Of few models it is exact.
//!
//! Some evaluations fail without saying so. A score that is far from what the other neighbours expect of it counts as one that
//! is [`OUTLIER`] standard deviations off (Huber's weights).

use super::normal::Normal;
use super::score_table::{Pattern, Table};
use crate::error::Result;
use crate::linalg::{clamp, factorise, keep_greatest, pick, product, sort_numbers};
use eyas_kernels::Cholesky;
use ndarray::{Array1, Array2, Axis};

/// Residuals beyond so many standard deviations count as that many.
const OUTLIER: f32 = 2.0;

/// Covariances of the rows of a table.
pub(in crate::methods) trait Covariances {
    /// Among these rows, without noise. (n, n)
    fn among(&self, rows: &[usize]) -> Array2<f32>;
    /// Standard deviation of a row without noise.
    fn deviation(&self, row: usize) -> f32;
    /// Variance of the noise of one score.
    fn noise(&self) -> f32;
}

/// What is asked: the covariances of a target with all rows, and its own variance without noise.
pub(in crate::methods) struct Query<'a> {
    pub(in crate::methods) row: &'a [f32],
    pub(in crate::methods) variance: f32,
    /// Rows that may be used.
    pub(in crate::methods) allowed: &'a dyn Fn(usize) -> bool,
    /// Rows that are used at most.
    pub(in crate::methods) most: usize,
    /// Tasks that are asked for; all if nothing is said.
    pub(in crate::methods) tasks: Option<&'a [usize]>,
}

impl Query<'_> {
    /// Those of these tasks that are asked for.
    fn asked(&self, tasks: &[usize]) -> Vec<usize> {
        match self.tasks {
            Some(asked) => asked.iter().copied().filter(|task| tasks.binary_search(task).is_ok()).collect(),
            None => tasks.to_vec(),
        }
    }
}

/// The rows that a forecast of a target stands on, with the factor of their covariances.
pub(in crate::methods) struct Neighbours {
    rows: Vec<usize>,
    factor: Option<Cholesky>,
    weights: Array1<f32>, // of each row's score in the forecast
    variance: f32,
}

impl Neighbours {
    /// The nearest of these rows.
    ///
    /// # Errors
    /// Of kind `Computation` if the covariances can't be factorised.
    pub(in crate::methods) fn of(covariances: &dyn Covariances, query: &Query<'_>, rows: &[u32]) -> Result<Self> {
        let correlation = |row: u32| query.row[row as usize] / covariances.deviation(row as usize);
        let allowed = rows.iter().copied().filter(|&row| (query.allowed)(row as usize));
        let mut nearest: Vec<(u32, f32)> = allowed.map(|row| (row, correlation(row))).collect();
        keep_greatest(&mut nearest, query.most);
        let mut rows: Vec<u32> = nearest.into_iter().map(|(row, _)| row).collect();
        sort_numbers(&mut rows);
        let rows: Vec<usize> = rows.into_iter().map(|row| row as usize).collect();
        let (noise, total) = (covariances.noise(), query.variance + covariances.noise());
        if rows.is_empty() {
            return Ok(Self { rows, factor: None, weights: Array1::zeros(0), variance: total });
        }
        let mut k = covariances.among(&rows);
        k.diag_mut().mapv_inplace(|variance| variance + noise);
        let factor = factorise(k)?;
        let with = Array2::from_shape_fn((rows.len(), 1), |(at, _)| query.row[rows[at]]);
        let mut weights = with.clone();
        factor.solve_lower(&mut weights);
        factor.solve_upper(&mut weights);
        let weights = weights.column(0).to_owned();
        let variance = (total - weights.dot(&with.column(0))).max(0.5 * noise);
        Ok(Self { rows, factor: Some(factor), weights, variance })
    }

    /// The forecasts of some tasks. scores: (n_rows, n_tasks)
    pub(in crate::methods) fn forecast(&self, scores: &Array2<f32>, tasks: &[usize]) -> Vec<Normal> {
        let mut values =
            Array2::from_shape_fn((self.rows.len(), tasks.len()), |(at, k)| scores[[self.rows[at], tasks[k]]]);
        if let Some(factor) = &self.factor {
            tame(&mut values, factor, &factor.inverse_diagonal());
        }
        self.weights.dot(&values).iter().map(|&mean| Normal::new(mean, self.variance)).collect()
    }
}

/// Moves scores that are outliers to where they are [`OUTLIER`] standard deviations from what all other rows say of them.
/// precision: of each row given all others; values: (n_rows, n_tasks)
fn tame(values: &mut Array2<f32>, factor: &Cholesky, precision: &[f32]) {
    let mut weights = values.clone();
    factor.solve_lower(&mut weights);
    factor.solve_upper(&mut weights);
    for ((row, task), value) in values.indexed_iter_mut() {
        let missed = weights[[row, task]] / precision[row];
        let most = OUTLIER / precision[row].sqrt();
        *value += clamp(missed, -most, most) - missed;
    }
}

/// The forecast of the tasks that are asked for; of the others nothing. (n_tasks)
///
/// # Errors
/// As [`Neighbours::of`].
pub(in crate::methods) fn forecast(
    covariances: &dyn Covariances,
    query: &Query<'_>,
    table: &Table,
) -> Result<Vec<Normal>> {
    let mut normals = vec![Normal::new(0.0, 1.0); table.scores.ncols()];
    for pattern in &table.patterns {
        let tasks = query.asked(&pattern.tasks);
        if tasks.is_empty() {
            continue;
        }
        let neighbours = Neighbours::of(covariances, query, &pattern.rows)?;
        let forecasts = neighbours.forecast(table.own(), &tasks);
        tasks.into_iter().zip(forecasts).for_each(|(task, normal)| normals[task] = normal);
    }
    if let Some(leaning) = &table.leaning
        && query.tasks.is_none_or(|tasks| !tasks.is_empty())
    {
        let factor = level(covariances, query, table)?;
        normals.iter_mut().enumerate().for_each(|(task, normal)| leaning.add(factor, task, normal));
    }
    Ok(normals)
}

/// How good a target is expected to be over all tasks, whichever are asked for.
///
/// # Errors
/// As [`Neighbours::of`].
pub(in crate::methods) fn level(covariances: &dyn Covariances, query: &Query<'_>, table: &Table) -> Result<Normal> {
    let all: Vec<u32> = (0..table.scores.nrows() as u32).collect();
    Ok(Neighbours::of(covariances, query, &all)?.forecast(&table.levels, &[0])[0])
}

/// Each row's scores given all other rows, exactly: of those with a score from all others that have one (Rasmussen and Williams,
/// Gaussian Processes for Machine Learning, 2006, eq. 5.12). covariances: of all rows, without noise (n, n). (n) of (n_tasks)
///
/// # Errors
/// Of kind `Computation` if the covariances can't be factorised.
pub(in crate::methods) fn leave_one_out(
    covariances: &Array2<f32>,
    noise: f32,
    table: &Table,
) -> Result<Vec<Vec<Normal>>> {
    let n = covariances.nrows();
    let prior = |row: usize| vec![Normal::new(0.0, covariances[[row, row]]); table.scores.ncols()];
    let mut all: Vec<Vec<Normal>> = (0..n).map(prior).collect();
    for pattern in table.patterns.iter().filter(|pattern| !pattern.rows.is_empty()) {
        let normals = leave_each_out(covariances, noise, pattern, table.own())?;
        for (row, normals) in normals.into_iter().enumerate() {
            pattern.tasks.iter().zip(normals).for_each(|(&task, normal)| all[row][task] = normal);
        }
    }
    if let Some(leaning) = &table.leaning {
        let pattern = Pattern { rows: (0..n as u32).collect(), tasks: vec![0] };
        let factors = leave_each_out(covariances, noise, &pattern, &table.levels)?;
        for (normals, factor) in all.iter_mut().zip(factors) {
            normals.iter_mut().enumerate().for_each(|(task, normal)| leaning.add(factor[0], task, normal));
        }
    }
    Ok(all)
}

/// The scores of the tasks of one pattern. scores: (n, n_columns). (n) of (tasks)
fn leave_each_out(
    covariances: &Array2<f32>,
    noise: f32,
    Pattern { rows, tasks }: &Pattern,
    scores: &Array2<f32>,
) -> Result<Vec<Vec<Normal>>> {
    let n = covariances.nrows();
    let rows: Vec<usize> = rows.iter().map(|&row| row as usize).collect();
    let mut k = pick(covariances, &rows, &rows);
    k.diag_mut().mapv_inplace(|variance| variance + noise);
    let factor = factorise(k)?;
    let precision = factor.inverse_diagonal();
    let mut weights = Array2::from_shape_fn((rows.len(), tasks.len()), |(i, k)| scores[[rows[i], tasks[k]]]);
    tame(&mut weights, &factor, &precision);
    let tamed = weights.clone();
    factor.solve_lower(&mut weights);
    factor.solve_upper(&mut weights);
    let with = covariances.select(Axis(1), &rows); // (n, rows)
    let means = product(with.view(), weights.view());
    let mut whitened = with.t().as_standard_layout().into_owned();
    factor.solve_lower(&mut whitened);
    let mut places = vec![None; n];
    rows.iter().enumerate().for_each(|(at, &row)| places[row] = Some(at));
    let of_row = |row: usize| {
        let explained: f32 = whitened.column(row).iter().map(|v| v * v).sum();
        let outside = (covariances[[row, row]] + noise - explained).max(0.5 * noise);
        let normal = |k: usize| match places[row] {
            None => Normal::new(means[[row, k]], outside),
            Some(at) => Normal::new(tamed[[at, k]] - weights[[at, k]] / precision[at], 1.0 / precision[at]),
        };
        (0..tasks.len()).map(normal).collect()
    };
    Ok((0..n).map(of_row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points on a line with a covariance that falls with their distance.
    struct Line {
        points: Vec<f32>,
    }

    impl Line {
        fn of(&self, a: f32, b: f32) -> f32 {
            (-0.5 * (a - b) * (a - b)).exp()
        }

        fn row(&self, point: f32) -> Vec<f32> {
            self.points.iter().map(|&other| self.of(point, other)).collect()
        }
    }

    impl Covariances for Line {
        fn among(&self, rows: &[usize]) -> Array2<f32> {
            let at = |row: usize| self.points[rows[row]];
            Array2::from_shape_fn((rows.len(), rows.len()), |(i, j)| self.of(at(i), at(j)))
        }

        fn deviation(&self, _row: usize) -> f32 {
            1.0
        }

        fn noise(&self) -> f32 {
            0.01
        }
    }

    fn forecast_at(point: f32, scores: &Array2<f32>, most: usize) -> Vec<Normal> {
        let line = Line { points: (0..scores.nrows()).map(|at| at as f32 * 0.5).collect() };
        let row = line.row(point);
        let query = Query { row: &row, variance: 1.0, allowed: &|_| true, most, tasks: None };
        forecast(&line, &query, &Table::new(scores.clone(), vec![0.0; scores.ncols()])).unwrap()
    }

    #[test]
    fn near_points_are_followed_and_far_ones_leave_the_prior() {
        let scores = Array2::from_shape_fn((20, 1), |(row, _)| (row as f32 * 0.25).sin());
        let near = forecast_at(3.25, &scores, 20)[0];
        assert!((near.mean - 1.625f32.sin()).abs() < 0.02 && near.variance < 0.03, "{near:?}");
        let far = forecast_at(100.0, &scores, 20)[0];
        assert!(far.mean.abs() < 1e-3 && (far.variance - 1.01).abs() < 1e-3, "{far:?}");
    }

    #[test]
    fn the_nearest_points_say_what_all_say() {
        let scores = Array2::from_shape_fn((60, 1), |(row, _)| (row as f32 * 0.25).sin());
        let (some, all) = (forecast_at(12.2, &scores, 12)[0], forecast_at(12.2, &scores, 60)[0]);
        assert!((some.mean - all.mean).abs() < 0.01 && (some.variance - all.variance).abs() < 0.01, "{some:?} {all:?}");
    }

    #[test]
    fn leaving_one_out_says_what_all_others_say() {
        let line = Line { points: (0..24).map(|at| at as f32 * 0.5).collect() };
        let mut scores = Array2::from_shape_fn((24, 2), |(row, task)| ((row + task) as f32 * 0.2).sin());
        [3, 11, 12].into_iter().for_each(|row| scores[[row, 1]] = f32::NAN);
        let table = Table::new(scores, vec![0.0; 2]);
        let all = leave_one_out(&line.among(&(0..24).collect::<Vec<_>>()), line.noise(), &table).unwrap();
        for (row, normals) in all.iter().enumerate() {
            let with = line.row(line.points[row]);
            let query = Query { row: &with, variance: 1.0, allowed: &|other| other != row, most: 24, tasks: None };
            for (task, expected) in forecast(&line, &query, &table).unwrap().into_iter().enumerate() {
                let found = normals[task];
                let is_same =
                    (found.mean - expected.mean).abs() < 2e-3 && (found.variance - expected.variance).abs() < 2e-3;
                assert!(is_same, "{row} {task}: {found:?} {expected:?}");
            }
        }
    }

    #[test]
    fn a_task_of_few_scores_leans_on_what_the_others_say_of_a_row() {
        // Four tasks that grow with the row, and one of which the two best rows alone have a score.
        let mut scores = Array2::from_shape_fn((20, 5), |(row, _)| row as f32 / 6.0 - 1.6);
        (0..18).for_each(|row| scores[[row, 4]] = f32::NAN);
        let [low, high] = [1.0, 9.0].map(|point| forecast_at(point, &scores, 20)[4]);
        assert!(low.mean < -0.3 && high.mean > 0.8, "{low:?} {high:?}");
        let line = Line { points: vec![0.0; 20] };
        let row = vec![0.0; 20];
        let query = Query { row: &row, variance: 1.0, allowed: &|_| true, most: 20, tasks: Some(&[4]) };
        let open = |open: f32| {
            let table = Table::new(scores.clone(), vec![open; 5]);
            forecast(&line, &query, &table).unwrap()[4].variance
        };
        assert!((open(0.5) - open(0.0) - 0.5).abs() < 1e-4, "an open centre widens a forecast");
    }

    #[test]
    fn a_row_far_worse_than_all_with_a_score_is_expected_to_be_worse_and_may_be_far_off() {
        // Two tasks that grow with the row. In the other one the best half alone have a score, all the same.
        let mut scores = Array2::from_shape_fn((40, 3), |(row, _)| row as f32 / 10.0 - 2.0);
        scores
            .column_mut(2)
            .iter_mut()
            .enumerate()
            .for_each(|(row, score)| *score = if row < 20 { f32::NAN } else { 1.0 });
        let [low, middle] = [0.5, 11.0].map(|point| forecast_at(point, &scores, 40)[2]);
        assert!(low.mean < middle.mean - 0.5 && low.variance > middle.variance + 0.25, "{low:?} {middle:?}");
    }

    #[test]
    fn tasks_with_the_same_gaps_share_a_pattern_and_one_without_scores_leans_on_the_others() {
        let mut scores = Array2::from_elem((5, 4), 0.5);
        scores[[1, 1]] = f32::NAN;
        scores[[1, 3]] = f32::NAN;
        scores.column_mut(2).fill(f32::NAN);
        let tasks: Vec<Vec<usize>> = Table::new(scores.clone(), vec![0.0; scores.ncols()])
            .patterns
            .into_iter()
            .map(|pattern| pattern.tasks)
            .collect();
        assert_eq!(tasks, [vec![0], vec![1, 3], vec![2]]);
        let normals = forecast_at(0.5, &scores, 5);
        assert!(normals[2].mean > 0.1 && normals[2].mean < normals[0].mean, "{normals:?}");
    }
}
