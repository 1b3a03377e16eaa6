//! Factor analysis of a table with gaps, by expectation maximisation (Rubin and Thayer, EM algorithms for ML factor analysis,
//! 1982): a row is `L z + e` with factors z of variance 1 and an error of each column's own.

use crate::error::Result;
use crate::linalg::{SparseMatrix, factorise, product};
use ndarray::{Array1, Array2, ArrayView1, Axis};

/// Rounds of expectation and maximisation at most; fewer where no loading moves by more than [`SETTLED`].
const ROUNDS: usize = 40;
const SETTLED: f32 = 0.003;
/// Rounds in which the first loadings are found.
const FIRST_ROUNDS: usize = 4;
/// Rows of variance [`PRIOR_ERROR`] that count beside those of a column in the variance of its errors.
const PRIOR_ROWS: f32 = 3.0;
const PRIOR_ERROR: f32 = 0.05;
/// The least variance of an error.
const LEAST_ERROR: f32 = 0.01;

/// The factors of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::methods) struct Factors {
    /// L. (n_columns, n_factors)
    pub(in crate::methods) loadings: Array2<f32>,
    /// Variances of the errors. (n_columns)
    pub(in crate::methods) errors: Vec<f32>,
}

/// The factors of a row given its entries: means and covariance.
type Posterior = (Array1<f32>, Array2<f32>);

impl Factors {
    /// From a table whose known entries have a mean of about 0 and a variance of about 1.
    ///
    /// # Errors
    /// Of kind `Computation` if the entries are not finite.
    pub(in crate::methods) fn learn(table: &SparseMatrix, n_factors: usize) -> Result<Self> {
        let (rows, columns) = (table.rows(), table.columns());
        let mut factors = Self { loadings: first_loadings(table, n_factors), errors: vec![0.3; columns] };
        let by_column: Vec<Vec<(u32, f32)>> = by_column(table);
        for _ in 0..ROUNDS {
            let mut posteriors: Vec<Posterior> = Vec::with_capacity(rows);
            for row in 0..rows {
                // Of rows with the same columns the covariance is the same.
                let is_alike = row > 0 && same_columns(table.row(row - 1), table.row(row));
                let covariance = match posteriors.last().filter(|_| is_alike) {
                    Some((_, covariance)) => covariance.clone(),
                    None => factors.covariance_given(table.row(row))?,
                };
                posteriors.push((covariance.dot(&factors.sums(table.row(row))), covariance));
            }
            let before = factors.loadings.clone();
            let usual = before.mean_axis(Axis(0)).unwrap_or_default();
            for (column, entries) in by_column.iter().enumerate() {
                factors.maximise(column, entries, &posteriors, &usual)?;
            }
            if before.iter().zip(&factors.loadings).all(|(before, after)| (before - after).abs() < SETTLED) {
                break;
            }
        }
        Ok(factors)
    }

    fn n_factors(&self) -> usize {
        self.loadings.ncols()
    }

    /// The factors of a row given its known entries, (column, value).
    ///
    /// # Errors
    /// Of kind `Computation` if the entries are not finite.
    pub(in crate::methods) fn given(&self, entries: &[(u32, f32)]) -> Result<Posterior> {
        let covariance = self.covariance_given(entries)?;
        Ok((covariance.dot(&self.sums(entries)), covariance))
    }

    fn covariance_given(&self, entries: &[(u32, f32)]) -> Result<Array2<f32>> {
        let mut precision = Array2::eye(self.n_factors());
        for &(column, _) in entries {
            add_outer(&mut precision, 1.0 / self.errors[column as usize], self.loadings.row(column as usize));
        }
        inverse(precision)
    }

    /// The entries along each factor, in units of their errors.
    fn sums(&self, entries: &[(u32, f32)]) -> Array1<f32> {
        let mut sums = Array1::zeros(self.n_factors());
        for &(column, value) in entries {
            sums.scaled_add(value / self.errors[column as usize], &self.loadings.row(column as usize));
        }
        sums
    }

    /// What is expected of each column by the factors. (n_columns)
    pub(in crate::methods) fn expected(&self, factors: &Array1<f32>) -> Array1<f32> {
        self.loadings.dot(factors)
    }

    /// Covariance of the columns. (n_columns, n_columns)
    pub(in crate::methods) fn covariance(&self) -> Array2<f32> {
        let mut covariance = product(self.loadings.view(), self.loadings.t());
        covariance.diag_mut().iter_mut().zip(&self.errors).for_each(|(variance, error)| *variance += error);
        covariance
    }

    /// The share of each column's variance that some known columns leave open. (n_columns)
    ///
    /// # Errors
    /// As [`Factors::given`].
    pub(in crate::methods) fn open_shares(&self, known: &[(usize, f32)]) -> Result<Vec<f32>> {
        let entries: Vec<(u32, f32)> = known.iter().map(|&(column, _)| (column as u32, 0.0)).collect();
        let covariance = self.covariance_given(&entries)?;
        let share = |(row, error): (ArrayView1<'_, f32>, &f32)| {
            (row.dot(&covariance.dot(&row)) + error) / (row.dot(&row) + error)
        };
        Ok(self.loadings.rows().into_iter().zip(&self.errors).map(share).collect())
    }

    /// The loadings and the error of a column; loadings of few entries are drawn to the usual ones.
    fn maximise(
        &mut self,
        column: usize,
        entries: &[(u32, f32)],
        posteriors: &[Posterior],
        usual: &Array1<f32>,
    ) -> Result<()> {
        let error = self.errors[column];
        let mut squares = Array2::eye(self.n_factors()) * error;
        let mut products = usual * error;
        for &(row, value) in entries {
            let (mean, covariance) = &posteriors[row as usize];
            squares += covariance;
            add_outer(&mut squares, 1.0, mean.view());
            products.scaled_add(value, mean);
        }
        let loadings = inverse(squares)?.dot(&products);
        let missed = |&(row, value): &(u32, f32)| {
            let (mean, covariance) = &posteriors[row as usize];
            (value - loadings.dot(mean)).powi(2) + loadings.dot(&covariance.dot(&loadings))
        };
        let sum: f32 = entries.iter().map(missed).sum();
        let variance = (sum + PRIOR_ROWS * PRIOR_ERROR) / (entries.len() as f32 + PRIOR_ROWS);
        self.errors[column] = if entries.is_empty() { 1.0 } else { variance.max(LEAST_ERROR) };
        self.loadings.row_mut(column).assign(&loadings);
        Ok(())
    }
}

fn same_columns(a: &[(u32, f32)], b: &[(u32, f32)]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0)
}

fn by_column(table: &SparseMatrix) -> Vec<Vec<(u32, f32)>> {
    let mut columns = vec![Vec::new(); table.columns()];
    table.iter().for_each(|(row, column, value)| columns[column as usize].push((row, value)));
    columns
}

/// Directions in which the rows differ most, gaps counted as 0: a few rounds of subspace iteration.
fn first_loadings(table: &SparseMatrix, n_factors: usize) -> Array2<f32> {
    let n = table.columns();
    let start = |(column, k): (usize, usize)| if k == 0 { 1.0 } else { ((column * (2 * k + 1)) as f32 * 0.7).sin() };
    let mut directions = Array2::from_shape_fn((n, n_factors), start);
    for _ in 0..FIRST_ROUNDS {
        let mut next = Array2::zeros(directions.dim());
        for row in 0..table.rows() {
            let mut along = Array1::zeros(n_factors);
            table.row(row).iter().for_each(|&(k, value)| along.scaled_add(value, &directions.row(k as usize)));
            table.row(row).iter().for_each(|&(k, value)| next.row_mut(k as usize).scaled_add(value, &along));
        }
        orthogonalise(&mut next);
        directions = next;
    }
    directions * (n as f32).sqrt() * FIRST_LOADING
}

/// The size of the first loadings, about.
const FIRST_LOADING: f32 = 0.5;

/// Makes columns orthogonal and of length 1.
fn orthogonalise(columns: &mut Array2<f32>) {
    for k in 0..columns.ncols() {
        let mut column = columns.column(k).to_owned();
        for before in 0..k {
            let before = columns.column(before);
            let product = before.dot(&column);
            column.scaled_add(-product, &before);
        }
        // What is left of a column that the others explain is rounding: without a length it has no direction.
        let square = column.dot(&column);
        let scale = if square > f32::MIN_POSITIVE { square.sqrt().recip() } else { 0.0 };
        columns.column_mut(k).assign(&(column * scale));
    }
}

/// `A += scale v vᵀ`.
fn add_outer(a: &mut Array2<f32>, scale: f32, v: ArrayView1<'_, f32>) {
    for (mut row, &value) in a.rows_mut().into_iter().zip(v) {
        row.scaled_add(scale * value, &v);
    }
}

fn inverse(a: Array2<f32>) -> Result<Array2<f32>> {
    let n = a.nrows();
    let factor = factorise(a)?;
    let mut inverse = Array2::eye(n);
    factor.solve_lower(&mut inverse);
    factor.solve_upper(&mut inverse);
    Ok(inverse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    /// Rows of one factor with loadings 0.9, 0.9, -0.6, 0 and errors of their own, so that the variances are 1.
    fn table(gaps: bool) -> SparseMatrix {
        let mut rng = Pcg64Mcg::seed_from_u64(5);
        let mut normal = || (0..12).map(|_| rng.random::<f32>()).sum::<f32>() - 6.0;
        let mut entries = Vec::new();
        for row in 0..2000u32 {
            let factor = normal();
            for (column, loading) in [0.9f32, 0.9, -0.6, 0.0].into_iter().enumerate() {
                let value = loading * factor + (1.0 - loading * loading).sqrt() * normal();
                if !gaps || !(row as usize + column).is_multiple_of(3) {
                    entries.push((row, column as u32, value));
                }
            }
        }
        SparseMatrix::from_entries(2000, 4, entries)
    }

    #[test]
    fn the_covariance_is_found_with_gaps_and_without() -> Result<()> {
        for gaps in [false, true] {
            let found = Factors::learn(&table(gaps), 1)?.covariance();
            for ((a, b), expected) in [((0, 1), 0.81), ((0, 2), -0.54), ((0, 3), 0.0), ((2, 2), 1.0)] {
                assert!((found[[a, b]] - expected).abs() < 0.08, "{gaps} {a} {b}: {}", found[[a, b]]);
            }
        }
        Ok(())
    }

    #[test]
    fn a_known_entry_tells_of_those_that_go_with_it_and_of_no_others() -> Result<()> {
        let factors = Factors::learn(&table(true), 2)?;
        let (mean, _) = factors.given(&[(0, 1.0)])?;
        let expected = factors.expected(&mean);
        assert!(expected[1] > 0.6 && expected[2] < -0.3 && expected[3].abs() < 0.1, "{expected}");
        let open = factors.open_shares(&[(0, 1.0)])?;
        assert!(open[1] < 0.6 && open[3] > 0.9, "{open:?}");
        Ok(())
    }

    #[test]
    fn a_table_of_hardly_anything_but_rounding_has_finite_factors() {
        let entries = vec![(0, 2, 3.4e-7), (1, 0, -7.8e-8)];
        let factors = Factors::learn(&SparseMatrix::from_entries(2, 7, entries), 3).unwrap();
        assert!(factors.loadings.iter().chain(&factors.errors).all(|value| value.is_finite()), "{factors:?}");
    }
}
