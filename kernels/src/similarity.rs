//! The covariance function of models some of whose scores are known: that by their features, and how similar the scores are.

use super::scalar::exp_of_minus;

/// `shared + a k + b m + c exp(-½ g d)` with the covariance k by features, the mean m of the products of the known scores, and
/// the mean d of their squared differences.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Similarity {
    /// Variance that all scores share.
    pub shared: f32,
    /// a.
    pub features: f32,
    /// b.
    pub products: f32,
    /// c.
    pub near: f32,
    /// g.
    pub steepness: f32,
}

impl Similarity {
    /// Of one model with others, of which `covariances` holds those by features and afterwards these. products: means with each
    /// other model; square, squares: mean squares of its scores and of theirs. All (n)
    #[inline(never)]
    pub fn row(&self, covariances: &mut [f32], products: &[f32], square: f32, squares: &[f32]) {
        let Self { shared, features, near, steepness, .. } = *self;
        for ((covariance, &product), &other) in covariances.iter_mut().zip(products).zip(squares) {
            let apart = square + other - 2.0 * product;
            let apart = if apart > 0.0 { apart } else { 0.0 };
            let close = near * exp_of_minus(0.5 * steepness * apart);
            *covariance = shared + features * *covariance + self.products * product + close;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_are_nearest_and_rounding_makes_none_nearer() {
        let similarity = Similarity { shared: 0.3, features: 2.0, products: 0.5, near: 4.0, steepness: 1.0 };
        let mut row = [0.1f32, 0.1, 0.1];
        // The scores 1 and 1, 1 and -1, and 1 and 1 with a product that was rounded up.
        similarity.row(&mut row, &[1.0, -1.0, 1.001], 1.0, &[1.0, 1.0, 1.0]);
        let expected = [0.3 + 0.2 + 0.5 + 4.0, 0.3 + 0.2 - 0.5 + 4.0 * (-2.0f32).exp(), 0.3 + 0.2 + 0.5005 + 4.0];
        assert!(row.iter().zip(expected).all(|(row, expected)| (row - expected).abs() < 1e-5), "{row:?}");
    }
}
