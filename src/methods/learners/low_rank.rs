//! Bayesian matrix factorisation by variational inference (Lim and Teh, Variational Bayesian Approach to Movie Rating
//! Prediction, 2007): a score is `u·v + e` with the vectors u of its row and v of its column, whose distributions are found in
//! turns. Rows and columns of few scores thus stay near what they are expected to be: the mean of their group, and that the mean
//! of all. Every dimension has its own variances, so that superfluous ones vanish, and every column its own error.

use crate::error::{Error, Result};
use crate::linalg::SparseMatrix;
use eyas_kernels::map;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// The group of a row or column that is alone.
pub(in crate::methods) const ALONE: u32 = u32::MAX;
/// Scores of the usual error that count beside those of a column.
const PRIOR_SCORES: f64 = 5.0;
/// The least variance of a vector's element.
const LEAST: f32 = 1e-4;
/// Bounds of the random start.
const START: f32 = 0.5;

/// The vectors of a table's rows and columns.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::methods) struct LowRank {
    rank: usize,
    rows: Side,
    columns: Side,
    errors: Vec<f32>, // variances, (n_columns)
}

/// The vectors of the rows, or of the columns.
#[derive(Debug, Clone, PartialEq)]
struct Side {
    means: Vec<f32>,   // (n, rank)
    seconds: Vec<f32>, // expected products of two elements, lower triangles: (n, packed)
    groups: Vec<u32>,
    centres: Vec<f32>,   // of groups, and last of all: (n_groups + 1, rank)
    variances: Vec<f32>, // about the centre of the group: (rank)
}

impl LowRank {
    /// At a random start. groups: of rows and of columns, numbered from 0, or [`ALONE`].
    pub(in crate::methods) fn start(groups: [Vec<u32>; 2], rank: usize, seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let columns = groups[1].len();
        let [rows, of_columns] = groups.map(|groups| Side::start(groups, rank, &mut rng));
        Self { rank, rows, columns: of_columns, errors: vec![0.3; columns] }
    }

    /// From saved vectors, for predictions. rows: (n_rows, rank), columns: (n_columns, rank)
    pub(in crate::methods) fn restore(rows: Vec<f32>, columns: Vec<f32>, rank: usize) -> Self {
        let side =
            |means| Side { means, seconds: Vec::new(), groups: Vec::new(), centres: Vec::new(), variances: Vec::new() };
        Self { rank, rows: side(rows), columns: side(columns), errors: Vec::new() }
    }

    /// The vectors of rows and columns.
    pub(in crate::methods) fn vectors(&self) -> [&[f32]; 2] {
        [&self.rows.means, &self.columns.means]
    }

    /// Dimensions of the vectors.
    pub(in crate::methods) fn rank(&self) -> usize {
        self.rank
    }

    /// The expected score.
    pub(in crate::methods) fn predict(&self, row: usize, column: usize) -> f32 {
        eyas_kernels::cpu::dot(self.rows.mean(row, self.rank), self.columns.mean(column, self.rank))
    }

    /// One round: rows, columns, centres, variances and errors. by_row: the scores (n_rows, n_columns), by_column: the same
    /// transposed. Returns the mean expected squared error.
    ///
    /// # Errors
    /// Of kind `Computation` if the scores are not finite.
    pub(in crate::methods) fn round(&mut self, by_row: &SparseMatrix, by_column: &SparseMatrix) -> Result<f64> {
        let errors = &self.errors;
        self.rows.update(by_row, &self.columns, self.rank, |_, column| 1.0 / errors[column])?;
        self.columns.update(by_column, &self.rows, self.rank, |column, _| 1.0 / errors[column])?;
        self.rows.maximise(self.rank);
        self.columns.maximise(self.rank);
        Ok(self.find_errors(by_column))
    }

    /// Variances of the errors, those of columns with few scores near the mean one, which is returned.
    fn find_errors(&mut self, by_column: &SparseMatrix) -> f64 {
        let packed = packed(self.rank);
        let of = |column: usize| {
            let (mean, second) =
                (self.columns.mean(column, self.rank), &self.columns.seconds[column * packed..][..packed]);
            let squared = |&(row, score): &(u32, f32)| {
                let row = row as usize;
                let expected = eyas_kernels::cpu::dot(self.rows.mean(row, self.rank), mean);
                let square = products(&self.rows.seconds[row * packed..][..packed], second, self.rank);
                f64::from(score * score - 2.0 * score * expected + square)
            };
            by_column.row(column).iter().map(squared).sum::<f64>()
        };
        let sums = map(by_column.rows(), of);
        let usual = sums.iter().sum::<f64>() / by_column.len().max(1) as f64;
        let error = |(column, sum): (usize, &f64)| {
            let count = by_column.row(column).len() as f64;
            ((sum + PRIOR_SCORES * usual) / (count + PRIOR_SCORES)).max(1e-3) as f32
        };
        self.errors = sums.iter().enumerate().map(error).collect();
        usual
    }
}

impl Side {
    fn start(groups: Vec<u32>, rank: usize, rng: &mut Pcg64Mcg) -> Self {
        let means: Vec<f32> = (0..groups.len() * rank).map(|_| rng.random_range(-START..START)).collect();
        let mut seconds = Vec::with_capacity(groups.len() * packed(rank));
        for mean in means.chunks_exact(rank) {
            push_products(&mut seconds, mean, |i, j| if i == j { 0.1 } else { 0.0 });
        }
        let n_groups = groups.iter().filter(|&&group| group != ALONE).max().map_or(0, |&most| most as usize + 1);
        Self { means, seconds, groups, centres: vec![0.0; (n_groups + 1) * rank], variances: vec![1.0; rank] }
    }

    fn mean(&self, at: usize, rank: usize) -> &[f32] {
        &self.means[at * rank..][..rank]
    }

    /// The place of the centre that a vector is near to.
    fn centre(&self, at: usize, rank: usize) -> usize {
        let n_groups = self.centres.len() / rank - 1;
        match self.groups[at] {
            ALONE => n_groups,
            group => group as usize,
        }
    }

    /// The distributions of the vectors given those of the other side. weight: of a score, by its places on both sides.
    fn update(
        &mut self,
        scores: &SparseMatrix,
        other: &Self,
        rank: usize,
        weight: impl Fn(usize, usize) -> f32 + Sync,
    ) -> Result<()> {
        let packed = packed(rank);
        let of = |at: usize| {
            let (mut precision, mut sums) = (vec![0.0f32; packed], vec![0.0f32; rank]);
            for &(its, score) in scores.row(at) {
                let its = its as usize;
                let weight = weight(at, its);
                add(&mut precision, weight, &other.seconds[its * packed..][..packed]);
                add(&mut sums, weight * score, other.mean(its, rank));
            }
            let centre = &self.centres[self.centre(at, rank) * rank..][..rank];
            for k in 0..rank {
                precision[k * (k + 3) / 2] += 1.0 / self.variances[k];
                sums[k] += centre[k] / self.variances[k];
            }
            invert(&precision, rank).map(|covariance| {
                let row = |i: usize| (0..rank).map(|j| entry(&covariance, i, j) * sums[j]).sum::<f32>();
                let mean: Vec<f32> = (0..rank).map(row).collect();
                (mean, covariance)
            })
        };
        let found = map(scores.rows(), of);
        let (mut means, mut seconds) = (Vec::with_capacity(self.means.len()), Vec::with_capacity(self.seconds.len()));
        for found in found {
            let (mean, covariance) = found.ok_or_else(|| Error::computation("scores that are not finite"))?;
            push_products(&mut seconds, &mean, |i, j| entry(&covariance, i, j));
            means.extend(mean);
        }
        (self.means, self.seconds) = (means, seconds);
        Ok(())
    }

    /// The centres of the groups and the variances about them.
    fn maximise(&mut self, rank: usize) {
        let n_groups = self.centres.len() / rank - 1;
        let (mut sums, mut counts) = (vec![0.0f32; (n_groups + 1) * rank], vec![0.0f32; n_groups + 1]);
        for at in 0..self.groups.len() {
            let centre = self.centre(at, rank);
            add(&mut sums[centre * rank..][..rank], 1.0, &self.means[at * rank..][..rank]);
            counts[centre] += 1.0;
        }
        let total = self.groups.len().max(1) as f32;
        for k in 0..rank {
            let all = (0..=n_groups).map(|group| sums[group * rank + k]).sum::<f32>() / total;
            // The variance of the groups' means, less what is due to their size.
            let within = self.variances[k];
            let of_groups = (0..n_groups).filter(|&group| counts[group] > 1.0);
            let (mut spread, mut n) = (0.0f32, 0.0f32);
            for group in of_groups {
                spread += (sums[group * rank + k] / counts[group] - all).powi(2) - within / counts[group];
                n += 1.0;
            }
            let between = (spread / n.max(1.0)).max(LEAST);
            for group in 0..n_groups {
                let (precise, near) = (counts[group] / within, 1.0 / between);
                self.centres[group * rank + k] = (sums[group * rank + k] / within + all * near) / (precise + near);
            }
            self.centres[n_groups * rank + k] = all;
        }
        let packed = packed(rank);
        let mut variances = vec![0.0f64; rank];
        for at in 0..self.groups.len() {
            let (centre, second) = (self.centre(at, rank) * rank, &self.seconds[at * packed..][..packed]);
            for (k, variance) in variances.iter_mut().enumerate() {
                let (mean, centre) = (self.means[at * rank + k], self.centres[centre + k]);
                *variance += f64::from(second[k * (k + 3) / 2] - 2.0 * mean * centre + centre * centre);
            }
        }
        self.variances = variances.into_iter().map(|sum| (sum / f64::from(total)) as f32 + LEAST).collect();
    }
}

/// Elements of a lower triangle.
fn packed(rank: usize) -> usize {
    rank * (rank + 1) / 2
}

/// The element of a symmetric matrix of which there is the lower triangle.
fn entry(triangle: &[f32], i: usize, j: usize) -> f32 {
    let (high, low) = (i.max(j), i.min(j));
    triangle[high * (high + 1) / 2 + low]
}

/// Appends the lower triangle of `v vᵀ + C`.
fn push_products(triangles: &mut Vec<f32>, v: &[f32], covariance: impl Fn(usize, usize) -> f32) {
    for i in 0..v.len() {
        triangles.extend((0..=i).map(|j| v[i] * v[j] + covariance(i, j)));
    }
}

/// `sums += factor · values`.
fn add(sums: &mut [f32], factor: f32, values: &[f32]) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += factor * value);
}

/// The sum of the products of the elements of two symmetric matrices.
fn products(a: &[f32], b: &[f32], rank: usize) -> f32 {
    let all = eyas_kernels::cpu::dot(a, b);
    let diagonal: f32 = (0..rank).map(|k| a[k * (k + 3) / 2] * b[k * (k + 3) / 2]).sum();
    2.0 * all - diagonal
}

/// The inverse of a positive definite matrix, both as lower triangles; `None` if it is not positive definite.
fn invert(a: &[f32], rank: usize) -> Option<Vec<f32>> {
    let at = |i: usize, j: usize| i * (i + 1) / 2 + j;
    // The factor L of A, then its inverse M, then MᵀM.
    let mut l = vec![0.0f64; a.len()];
    for i in 0..rank {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| l[at(i, k)] * l[at(j, k)]).sum();
            let rest = f64::from(a[at(i, j)]) - sum;
            l[at(i, j)] = match i == j {
                true if rest > 0.0 && rest.is_finite() => rest.sqrt(),
                true => return None,
                false => rest / l[at(j, j)],
            };
        }
    }
    let mut m = vec![0.0f64; a.len()];
    for i in 0..rank {
        for j in 0..i {
            let sum: f64 = (j..i).map(|k| l[at(i, k)] * m[at(k, j)]).sum();
            m[at(i, j)] = -sum / l[at(i, i)];
        }
        m[at(i, i)] = 1.0 / l[at(i, i)];
    }
    let mut inverse = vec![0.0f32; a.len()];
    for i in 0..rank {
        for j in 0..=i {
            inverse[at(i, j)] = (i..rank).map(|k| m[at(k, i)] * m[at(k, j)]).sum::<f64>() as f32;
        }
    }
    Some(inverse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_times_its_inverse_is_the_identity() {
        let a = [4.0, 1.0, 3.0, 0.5, 0.2, 2.0];
        let inverse = invert(&a, 3).unwrap();
        for i in 0..3 {
            for j in 0..3 {
                let product: f32 = (0..3).map(|k| entry(&a, i, k) * entry(&inverse, k, j)).sum();
                assert!((product - if i == j { 1.0 } else { 0.0 }).abs() < 1e-5, "{i} {j} {product}");
            }
        }
        assert_eq!(invert(&[1.0, 2.0, 1.0], 2), None);
        let b = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let all: f32 = (0..9).map(|at| entry(&a, at / 3, at % 3) * entry(&b, at / 3, at % 3)).sum();
        assert!((products(&a, &b, 3) - all).abs() < 1e-4);
    }

    /// A table of rank two in which groups of five rows are alike, every third score of which is hidden.
    fn planted(groups: [Vec<u32>; 2]) -> f32 {
        let (n, m) = (60, 24);
        let wave = |at: usize, step: f32| (step * at as f32).sin();
        let row = |at: usize| [wave(at / 5, 1.7) + 0.1 * wave(at, 2.9), wave(at / 5, 0.9) + 0.1 * wave(at, 4.1)];
        let truth = |i: usize, j: usize| row(i)[0] * wave(j, 2.3) + row(i)[1] * wave(j + 7, 1.1);
        // Of the last row of each group only one score is known.
        let is_known = |i: usize, j: usize| if i % 5 == 4 { j == i % m } else { !(i + j).is_multiple_of(3) };
        let cells = |turned: bool| -> Vec<(u32, u32, f32)> {
            let all = (0..n).flat_map(|i| (0..m).map(move |j| (i, j))).filter(|&(i, j)| is_known(i, j));
            let cell = |(i, j): (usize, usize)| {
                let (i, j, score) = (i as u32, j as u32, truth(i, j) + 0.05 * wave(i * m + j, 12.7));
                if turned { (j, i, score) } else { (i, j, score) }
            };
            all.map(cell).collect()
        };
        let [by_row, by_column] =
            [SparseMatrix::from_entries(n, m, cells(false)), SparseMatrix::from_entries(m, n, cells(true))];
        let mut low = LowRank::start(groups, 4, 1);
        (0..40).for_each(|_| assert!(low.round(&by_row, &by_column).unwrap().is_finite()));
        let open = (0..n).flat_map(|i| (0..m).map(move |j| (i, j))).filter(|&(i, j)| i % 5 == 4 && !is_known(i, j));
        let off: Vec<f32> = open.map(|(i, j)| (low.predict(i, j) - truth(i, j)).powi(2)).collect();
        let [rows, columns] = low.vectors().map(<[f32]>::to_vec);
        assert_eq!(LowRank::restore(rows, columns, 4).predict(3, 5), low.predict(3, 5));
        (off.iter().sum::<f32>() / off.len() as f32).sqrt()
    }

    #[test]
    fn hidden_scores_are_found_and_rows_of_one_score_are_like_their_group() {
        let columns = vec![ALONE; 24];
        let alone = planted([vec![ALONE; 60], columns.clone()]);
        let grouped = planted([(0..60).map(|at| at / 5).collect(), columns]);
        assert!(grouped < 0.2 && grouped < 0.5 * alone, "{grouped} {alone}");
    }
}
