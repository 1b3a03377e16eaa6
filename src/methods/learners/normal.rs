//! A forecast of a score as a distribution.

/// A normal distribution of a standardised score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::methods) struct Normal {
    pub(in crate::methods) mean: f32,
    pub(in crate::methods) variance: f32,
    /// The share of its variance that known scores leave open, beside that of the other outputs.
    pub(in crate::methods) open: f32,
}

impl Normal {
    pub(in crate::methods) fn new(mean: f32, variance: f32) -> Self {
        Self { mean, variance, open: 1.0 }
    }
}
