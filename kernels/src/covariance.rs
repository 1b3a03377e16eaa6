//! The covariance function of the default method's Gaussian process over models, and its derivatives: plain loops over
//! columns of features.
//!
//! `k(x, y) = 1 + Σ a_c x_c y_c + Σ b_c [x_c = y_c] + n names + h ancestors + s exp(-½ d)` with the distance
//! `d = Σ u_c (x_c - y_c)² + Σ v_c [one of x_c, y_c is missing] + Σ w_c [x_c ≠ y_c]`. The first sums are over numbers, those with
//! brackets over categories; `names` and `ancestors` are cosines. Every term is positive definite, so the sum is.

use super::scalar::exp_of_minus;

/// The category of a model whose category is not known.
pub const UNKNOWN: u32 = 0;
/// The category of a model that does not state what all others do: it is as far from each as the others are on average.
pub const UNSTATED: u32 = u32::MAX - 1;
/// A category that no training model has.
pub const UNSEEN: u32 = u32::MAX;

/// A numeric feature of several models.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Number {
    /// Standardised values, 0 where missing. (n)
    pub values: Vec<f32>,
    /// 1 where missing, else 0. (n)
    pub missing: Vec<f32>,
}

/// The features of several models.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Columns {
    /// Number of models.
    pub n: usize,
    /// Numeric features. (n_numbers)
    pub numbers: Vec<Number>,
    /// Categories, (n_categories) of (n).
    pub categories: Vec<Vec<u32>>,
}

impl Columns {
    /// The features of these models.
    #[must_use]
    pub fn pick(&self, models: &[usize]) -> Self {
        let floats = |values: &Vec<f32>| models.iter().map(|&at| values[at]).collect();
        let number = |n: &Number| Number { values: floats(&n.values), missing: floats(&n.missing) };
        let category = |values: &Vec<u32>| models.iter().map(|&at| values[at]).collect();
        Self {
            n: models.len(),
            numbers: self.numbers.iter().map(number).collect(),
            categories: self.categories.iter().map(category).collect(),
        }
    }

    /// Appends a model.
    pub fn push(&mut self, numbers: &[f32], categories: &[u32]) {
        self.n += 1;
        for (column, &number) in self.numbers.iter_mut().zip(numbers) {
            column.values.push(if number.is_nan() { 0.0 } else { number });
            column.missing.push(f32::from(u8::from(number.is_nan())));
        }
        self.categories.iter_mut().zip(categories).for_each(|(column, &category)| column.push(category));
    }
}

/// Of each model, the share of all whose category differs from its own. (n)
fn differing(column: &[u32]) -> Vec<f32> {
    let mut counts = std::collections::BTreeMap::new();
    column.iter().for_each(|&category| *counts.entry(category).or_insert(0.0f32) += 1.0);
    column.iter().map(|category| 1.0 - counts[category] / column.len() as f32).collect()
}

/// The parameters of the covariance, all positive.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Covariance {
    /// a: of the products of numbers. (n_numbers)
    pub linear: Vec<f32>,
    /// b: of equal categories. (n_categories)
    pub equal: Vec<f32>,
    /// n.
    pub names: f32,
    /// h.
    pub ancestors: f32,
    /// s.
    pub amplitude: f32,
    /// Variance of the noise of one evaluation.
    pub noise: f32,
    /// u: inverse squared lengths of numbers. (n_numbers)
    pub steps: Vec<f32>,
    /// v: of numbers that only one of two models has. (n_numbers)
    pub gaps: Vec<f32>,
    /// w: of categories that differ. (n_categories)
    pub differences: Vec<f32>,
}

/// Parameters that are not of a column: names, ancestors, amplitude, noise.
const COMMON: usize = 4;

impl Covariance {
    /// The parameters in one list: linear, equal, the four that are not of a column, steps, gaps, differences.
    #[must_use]
    pub fn to_list(&self) -> Vec<f32> {
        let common = [self.names, self.ancestors, self.amplitude, self.noise];
        [&self.linear[..], &self.equal, &common, &self.steps, &self.gaps, &self.differences].concat()
    }

    /// From such a list.
    #[must_use]
    pub fn from_list(list: &[f32], n_numbers: usize, n_categories: usize) -> Option<Self> {
        if list.len() != Self::len(n_numbers, n_categories) {
            return None;
        }
        let (linear, rest) = list.split_at(n_numbers);
        let (equal, rest) = rest.split_at(n_categories);
        let (common, rest) = rest.split_at(COMMON);
        let (steps, rest) = rest.split_at(n_numbers);
        let (gaps, differences) = rest.split_at(n_numbers);
        Some(Self {
            linear: linear.to_vec(),
            equal: equal.to_vec(),
            names: common[0],
            ancestors: common[1],
            amplitude: common[2],
            noise: common[3],
            steps: steps.to_vec(),
            gaps: gaps.to_vec(),
            differences: differences.to_vec(),
        })
    }

    /// How many parameters there are.
    #[must_use]
    pub fn len(n_numbers: usize, n_categories: usize) -> usize {
        3 * n_numbers + 2 * n_categories + COMMON
    }

    /// Covariances of one model with others. numbers: NaN where missing; names, ancestors: cosines with the others, (n)
    #[must_use]
    #[inline(never)]
    pub fn row(
        &self,
        numbers: &[f32],
        categories: &[u32],
        others: &Columns,
        names: &[f32],
        ancestors: &[f32],
    ) -> Vec<f32> {
        let (mut sums, mut distances) = (vec![1.0f32; others.n], vec![0.0f32; others.n]);
        for (c, column) in others.numbers.iter().enumerate() {
            let is_missing = numbers[c].is_nan();
            let (number, missing) = if is_missing { (0.0, 1.0) } else { (numbers[c], 0.0) };
            let (linear, step, gap) = (self.linear[c] * number, self.steps[c], self.gaps[c]);
            let both = sums.iter_mut().zip(&mut distances).zip(column.values.iter().zip(&column.missing));
            for ((sum, distance), (value, other_missing)) in both {
                let apart = number - value;
                let one_missing = missing - other_missing;
                *sum += linear * value;
                *distance += step * apart * apart + gap * one_missing * one_missing;
            }
        }
        for (c, column) in others.categories.iter().enumerate() {
            let (category, difference) = (categories[c], self.differences[c]);
            if category == UNSTATED {
                // What the others' categories make of exp(-½ d) on average.
                let apart = 1.0 - (-0.5 * difference).exp();
                let expected = differing(column).into_iter().map(|share| -2.0 * (-share * apart).ln_1p());
                distances.iter_mut().zip(expected).for_each(|(distance, expected)| *distance += expected);
                continue;
            }
            let equal = if category == UNKNOWN || category == UNSEEN { 0.0 } else { self.equal[c] };
            for ((sum, distance), &other) in sums.iter_mut().zip(&mut distances).zip(column) {
                let same = other == category && category != UNSEEN;
                *sum += if same { equal } else { 0.0 };
                *distance += if same { 0.0 } else { difference };
            }
        }
        for (((sum, distance), name), ancestor) in sums.iter_mut().zip(&distances).zip(names).zip(ancestors) {
            *sum += self.names * name + self.ancestors * ancestor + self.amplitude * exp_of_minus(0.5 * distance);
        }
        sums
    }

    /// The prior variance of one model's scores, without the noise.
    #[must_use]
    pub fn variance(&self, numbers: &[f32], categories: &[u32], has_name: bool, has_ancestors: bool) -> f32 {
        let square = |(number, linear): (&f32, &f32)| if number.is_nan() { 0.0 } else { linear * number * number };
        let equal = |(category, equal): (&u32, &f32)| if *category == UNKNOWN { 0.0 } else { *equal };
        let flag = |yes: bool| f32::from(u8::from(yes));
        let [names, ancestors] = [self.names * flag(has_name), self.ancestors * flag(has_ancestors)];
        let linear: f32 = numbers.iter().zip(&self.linear).map(square).sum();
        let equal: f32 = categories.iter().zip(&self.equal).map(equal).sum();
        1.0 + linear + equal + names + ancestors + self.amplitude
    }

    /// The derivatives of `Σ m_ij k(x_i, x_j)`, with the noise on the diagonal of k, by the logarithm of each parameter, in the
    /// order of [`Self::to_list`]. m: symmetric, names, ancestors: (n, n), row-major
    #[must_use]
    #[inline(never)]
    pub fn derivatives(&self, models: &Columns, m: &[f32], names: &[f32], ancestors: &[f32]) -> Vec<f64> {
        let n = models.n;
        let near = self.near(models, m);
        let total = |row: &[f32]| row.iter().map(|&v| f64::from(v)).sum::<f64>();
        let near_rows: Vec<f64> = near.chunks_exact(n).map(total).collect();
        let (mut linear, mut steps, mut gaps) = (Vec::new(), Vec::new(), Vec::new());
        for (c, column) in models.numbers.iter().enumerate() {
            let form = |matrix: &[f32], values: &[f32]| quadratic_form(matrix, values);
            let apart = |values: &[f32]| {
                let squares = values.iter().zip(&near_rows).map(|(v, row)| f64::from(v * v) * row).sum::<f64>();
                2.0 * (squares - form(&near, values))
            };
            linear.push(f64::from(self.linear[c]) * form(m, &column.values));
            steps.push(-0.5 * f64::from(self.steps[c]) * apart(&column.values));
            gaps.push(-0.5 * f64::from(self.gaps[c]) * apart(&column.missing));
        }
        let (mut equal, mut differences) = (Vec::new(), Vec::new());
        let all: f64 = near_rows.iter().sum();
        for (c, column) in models.categories.iter().enumerate() {
            let (mut same, mut same_near) = (0.0f64, 0.0f64);
            for (i, &category) in column.iter().enumerate() {
                let (row, near) = (&m[i * n..][..n], &near[i * n..][..n]);
                let pick = |values: &[f32]| -> f32 {
                    values.iter().zip(column).map(|(v, &other)| if other == category { *v } else { 0.0 }).sum()
                };
                same += if category == UNKNOWN { 0.0 } else { f64::from(pick(row)) };
                same_near += f64::from(pick(near));
            }
            equal.push(f64::from(self.equal[c]) * same);
            differences.push(-0.5 * f64::from(self.differences[c]) * (all - same_near));
        }
        let product = |other: &[f32]| m.iter().zip(other).map(|(a, b)| f64::from(a * b)).sum::<f64>();
        let trace: f64 = (0..n).map(|i| f64::from(m[i * n + i])).sum();
        let common = [
            f64::from(self.names) * product(names),
            f64::from(self.ancestors) * product(ancestors),
            all,
            f64::from(self.noise) * trace,
        ];
        [&linear[..], &equal, &common, &steps, &gaps, &differences].concat()
    }

    /// `m_ij s exp(-½ d_ij)`. (n, n)
    fn near(&self, models: &Columns, m: &[f32]) -> Vec<f32> {
        let n = models.n;
        let mut near = vec![0.0f32; n * n];
        for (i, row) in near.chunks_exact_mut(n).enumerate() {
            for (c, column) in models.numbers.iter().enumerate() {
                let (number, missing, step, gap) = (column.values[i], column.missing[i], self.steps[c], self.gaps[c]);
                for (distance, (value, other)) in row.iter_mut().zip(column.values.iter().zip(&column.missing)) {
                    *distance +=
                        step * (number - value) * (number - value) + gap * (missing - other) * (missing - other);
                }
            }
            for (column, &difference) in models.categories.iter().zip(&self.differences) {
                let category = column[i];
                row.iter_mut()
                    .zip(column)
                    .for_each(|(d, &other)| *d += if other == category { 0.0 } else { difference });
            }
            for (distance, m) in row.iter_mut().zip(&m[i * n..]) {
                *distance = m * self.amplitude * exp_of_minus(0.5 * *distance);
            }
        }
        near
    }
}

/// `vᵀ M v`. matrix: (n, n), row-major
fn quadratic_form(matrix: &[f32], v: &[f32]) -> f64 {
    let row = |row: &[f32]| f64::from(super::cpu::dot(row, v));
    matrix.chunks_exact(v.len()).zip(v).map(|(values, &own)| f64::from(own) * row(values)).sum()
}

/// Adds `weight` times each value of `others`, (index, value), to the sum of its index.
#[inline(never)]
pub fn add_shares(sums: &mut [f32], weight: f32, others: &[(u32, f32)]) {
    others.iter().for_each(|&(other, its)| sums[other as usize] += weight * its);
}

/// The sum of products of two ascending lists of weights, (index, weight).
#[must_use]
pub fn sparse_dot(a: &[(u32, f32)], b: &[(u32, f32)]) -> f32 {
    let (mut at, mut other, mut sum) = (0, 0, 0.0);
    while at < a.len() && other < b.len() {
        match a[at].0.cmp(&b[other].0) {
            std::cmp::Ordering::Less => at += 1,
            std::cmp::Ordering::Greater => other += 1,
            std::cmp::Ordering::Equal => {
                sum += a[at].1 * b[other].1;
                (at, other) = (at + 1, other + 1);
            }
        }
    }
    sum
}

/// The products of all pairs of sparse rows, (column, value), column by column. (n, n), row-major
#[must_use]
pub fn sparse_products(rows: &[&[(u32, f32)]], n_columns: usize) -> Vec<f32> {
    const NONE: u32 = u32::MAX;
    let n = rows.len();
    let mut products = vec![0.0; n * n];
    let mut last = vec![NONE; n_columns]; // column -> its last entry so far
    let mut entries: Vec<(usize, f32, u32)> = Vec::new(); // row, value, the entry of the column before it
    for (i, row) in rows.iter().enumerate() {
        for &(column, value) in *row {
            let last = &mut last[column as usize];
            entries.push((i, value, *last));
            *last = entries.len() as u32 - 1;
            let mut at = *last;
            while at != NONE {
                let (j, other, before) = entries[at as usize];
                products[i * n + j] += value * other;
                at = before;
            }
        }
    }
    for i in 0..n {
        (0..i).for_each(|j| products[j * n + i] = products[i * n + j]);
    }
    products
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(n: usize) -> (Covariance, Columns) {
        let mut columns = Columns { n: 0, numbers: vec![Number::default(); 2], categories: vec![Vec::new(); 2] };
        for at in 0..n {
            let number = |k: usize| ((at * 7 + k * 3) % 11) as f32 / 5.0 - 1.0;
            let numbers = [number(0), if at % 4 == 1 { f32::NAN } else { number(1) }];
            columns.push(&numbers, &[at as u32 % 3, 1 + at as u32 % 2]);
        }
        let list: Vec<f32> = (0..Covariance::len(2, 2)).map(|at| 0.1 + 0.07 * at as f32).collect();
        (Covariance::from_list(&list, 2, 2).unwrap(), columns)
    }

    fn row(covariance: &Covariance, columns: &Columns, at: usize, names: &[f32], ancestors: &[f32]) -> Vec<f32> {
        let number = |n: &Number| if n.missing[at] > 0.0 { f32::NAN } else { n.values[at] };
        let numbers: Vec<f32> = columns.numbers.iter().map(number).collect();
        let categories: Vec<u32> = columns.categories.iter().map(|column| column[at]).collect();
        covariance.row(&numbers, &categories, columns, names, ancestors)
    }

    #[test]
    fn a_model_varies_with_itself_as_much_as_its_variance_and_the_list_comes_back() {
        let (covariance, columns) = example(9);
        assert_eq!(Covariance::from_list(&covariance.to_list(), 2, 2), Some(covariance.clone()));
        assert_eq!(Covariance::from_list(&[1.0], 2, 2), None);
        let own = row(&covariance, &columns, 5, &[1.0; 9], &[0.0; 9])[5];
        let numbers = [columns.numbers[0].values[5], f32::NAN];
        let categories = [columns.categories[0][5], columns.categories[1][5]];
        assert!((covariance.variance(&numbers, &categories, true, false) - own).abs() < 1e-5);
    }

    #[test]
    fn a_category_that_nobody_has_differs_from_all_of_them() {
        let (covariance, columns) = example(9);
        let of = |category: u32| covariance.row(&[0.0, 0.0], &[category, 1], &columns, &[0.0; 9], &[0.0; 9]);
        let (unseen, other) = (of(UNSEEN), of(7));
        assert_eq!(unseen, other);
        assert!(of(1)[1] > unseen[1]);
    }

    #[test]
    fn a_category_that_is_not_stated_is_near_as_the_others_are_on_average() {
        let (covariance, columns) = example(9);
        let of = |category: u32| covariance.row(&[0.0, 0.0], &[category, 1], &columns, &[0.0; 9], &[0.0; 9]);
        let unstated = of(UNSTATED);
        for (at, found) in unstated.into_iter().enumerate() {
            // A third of the models has each category, and equal ones that are known add to the covariance.
            let of = |category: u32| {
                let equal = if category == at as u32 % 3 && category != UNKNOWN { covariance.equal[0] } else { 0.0 };
                of(category)[at] - equal
            };
            let mean = (of(UNKNOWN) + of(1) + of(2)) / 3.0;
            assert!((found - mean).abs() < 1e-4, "{at}: {found} {mean}");
        }
    }

    #[test]
    fn products_of_sparse_rows_are_those_of_their_pairs() {
        let rows: [&[(u32, f32)]; 4] = [&[(0, 0.5), (3, 1.0)], &[(3, 2.0)], &[], &[(0, 1.0), (1, 4.0), (3, -1.0)]];
        let products = sparse_products(&rows, 5);
        for (at, &product) in products.iter().enumerate() {
            assert_eq!(product, sparse_dot(rows[at / 4], rows[at % 4]), "{at}");
        }
        assert_eq!(products[1], 2.0);
    }

    #[test]
    fn derivatives_are_those_of_differences() {
        let n = 9;
        let (covariance, columns) = example(n);
        let cosine = |i: usize, j: usize| 1.0 / (1.0 + i.abs_diff(j) as f32);
        let names: Vec<f32> = (0..n * n).map(|at| cosine(at / n, at % n)).collect();
        let ancestors: Vec<f32> = names.iter().map(|name| name * name).collect();
        let m: Vec<f32> = (0..n * n).map(|at| (((at / n) * (at % n)) % 5) as f32 - 1.5).collect();
        let sum = |covariance: &Covariance| {
            let of = |i: usize| {
                let row = row(covariance, &columns, i, &names[i * n..][..n], &ancestors[i * n..][..n]);
                let with_noise = f64::from(m[i * n + i] * covariance.noise);
                row.iter().zip(&m[i * n..]).map(|(k, m)| f64::from(k * m)).sum::<f64>() + with_noise
            };
            (0..n).map(of).sum::<f64>()
        };
        let found = covariance.derivatives(&columns, &m, &names, &ancestors);
        let list = covariance.to_list();
        for (at, found) in found.into_iter().enumerate() {
            let moved = |step: f32| {
                let mut list = list.clone();
                list[at] *= step.exp();
                sum(&Covariance::from_list(&list, 2, 2).unwrap())
            };
            let expected = (moved(0.01) - moved(-0.01)) / 0.02;
            assert!((found - expected).abs() < 0.02 * (1.0 + expected.abs()), "{at}: {found} {expected}");
        }
    }
}
