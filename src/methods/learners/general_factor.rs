//! How good each row of a table with gaps is over all its columns: one factor with which the values of every column grow, so that a
//! column of few values leans on the others.

use ndarray::{Array2, ArrayView1};

/// Values of the mean that count beside those of a row.
const ROW_WEIGHT: f32 = 1.0;
/// Values of the usual slope that count beside those of a column.
const SLOPE_WEIGHT: f32 = 10.0;

/// The least share of the variance that the factor leaves open.
const LEAST_OPEN: f32 = 0.2;
/// The slope that is expected before any value is seen, and the squares of the factor that it weighs.
const USUAL_SLOPE: f32 = 1.0;
const USUAL_WEIGHT: f32 = 10.0;

/// The factor of each row, and the slopes of the columns over it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::methods) struct GeneralFactor {
    sums: Vec<(f32, f32)>, // of each row's values, and how many they are
    /// By how much a value grows with the factor of its row's other values. (n_columns)
    pub(in crate::methods) slopes: Vec<f32>,
    /// The mean of the square of the factor.
    pub(in crate::methods) square: f32,
}

impl GeneralFactor {
    /// Of standardised values, NaN where there is a gap: (n_rows, n_columns).
    pub(in crate::methods) fn of(values: &Array2<f32>) -> Self {
        let sum = |row: ArrayView1<'_, f32>| {
            row.iter()
                .filter(|value| !value.is_nan())
                .fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0))
        };
        let mut factor = Self { sums: values.rows().into_iter().map(sum).collect(), ..Self::default() };
        let of_column = |column: ArrayView1<'_, f32>| {
            let known = column.iter().enumerate().filter(|(_, value)| !value.is_nan());
            known.fold((0.0, 0.0, 0.0), |(products, squares, count), (row, &value)| {
                let others = factor.without(row, value);
                (products + value * others, squares + others * others, count + 1.0)
            })
        };
        let columns: Vec<(f32, f32, f32)> = values.columns().into_iter().map(of_column).collect();
        let (products, squares, count) =
            columns.iter().fold((0.0, 0.0, 0.0), |all, one| (all.0 + one.0, all.1 + one.1, all.2 + one.2));
        factor.square = squares / f32::max(count, 1.0);
        let usual = (products + USUAL_SLOPE * USUAL_WEIGHT) / (squares + USUAL_WEIGHT);
        let weight = SLOPE_WEIGHT * factor.square.max(f32::MIN_POSITIVE);
        let slope = |&(products, squares, _): &(f32, f32, f32)| (products + weight * usual) / (squares + weight);
        factor.slopes = columns.iter().map(slope).collect();
        factor
    }

    /// The share of the variance that it leaves open.
    pub(in crate::methods) fn open(&self) -> f32 {
        let usual = self.slopes.iter().sum::<f32>() / self.slopes.len().max(1) as f32;
        (1.0 - usual * usual * self.square).max(LEAST_OPEN)
    }

    /// The factor of a row.
    pub(in crate::methods) fn of_row(&self, row: usize) -> f32 {
        let (sum, count) = self.sums[row];
        sum / (count + ROW_WEIGHT)
    }

    /// The factor of a row by its values without one of them.
    pub(in crate::methods) fn without(&self, row: usize, value: f32) -> f32 {
        let (sum, count) = self.sums[row];
        (sum - value) / (count - 1.0 + ROW_WEIGHT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factor_of_a_row_is_what_it_has_of_all_columns_and_columns_that_grow_with_it_have_a_slope() {
        let mut values = Array2::from_shape_fn((30, 4), |(row, _)| row as f32 / 9.0 - 1.6);
        values.column_mut(3).iter_mut().enumerate().for_each(|(row, value)| *value = (row as f32 * 2.0).sin());
        values[[29, 0]] = f32::NAN;
        let factor = GeneralFactor::of(&values);
        assert!(factor.of_row(29) > factor.of_row(15) && factor.of_row(15) > factor.of_row(0));
        assert!(factor.slopes[0] > 0.8 && factor.slopes[3].abs() < 0.4, "{:?}", factor.slopes);
        // Of the row without its first value three are left, beside one of the mean.
        let sum: f32 = values.row(28).sum();
        assert!((factor.without(28, values[[28, 0]]) - (sum - values[[28, 0]]) / 4.0).abs() < 1e-5);
    }

    #[test]
    fn where_no_row_has_two_values_the_slope_is_the_usual_one() {
        let values = Array2::from_shape_fn((4, 2), |(row, column)| if row % 2 == column { 0.5 } else { f32::NAN });
        let factor = GeneralFactor::of(&values);
        assert!(factor.slopes.iter().all(|slope| (slope - USUAL_SLOPE).abs() < 1e-5), "{:?}", factor.slopes);
    }
}
