//! Buckets of size, and the rows of their table that describe a model.

use crate::snapshot::Facts;

/// Buckets of size, from a million parameters to a trillion.
pub(super) const BUCKETS: usize = 21;
const SMALLEST: f64 = 1e-3; // billions
const LARGEST: f64 = 1e3;
/// The weight of each of a size's rows: of a medium size they have the length of one row of weight 1.
const SIZE_WEIGHT: f32 = 0.3;

/// The bucket of a model's size.
fn bucket(facts: &Facts<'_>) -> Option<u32> {
    let size = facts.size()?;
    let position = (size.value.ln() - SMALLEST.ln()) / (LARGEST.ln() - SMALLEST.ln());
    Some((position * BUCKETS as f64).floor().clamp(0.0, BUCKETS as f64 - 1.0) as u32)
}

/// The rows of a model's size: those of its bucket and of all smaller ones, so that neighbours differ by one row and buckets
/// without models lie between their neighbours; the last row if the size is unknown.
pub(super) fn rows_of(facts: &Facts<'_>) -> Vec<(u32, f32)> {
    match bucket(facts) {
        Some(top) => rows_of_bucket(top),
        None => vec![(BUCKETS as u32, 1.0)],
    }
}

/// The rows of a bucket of sizes.
pub(super) fn rows_of_bucket(top: u32) -> Vec<(u32, f32)> {
    (0..=top).map(|bucket| (bucket, SIZE_WEIGHT)).collect()
}

/// The sizes between which a bucket lies, in billions of parameters.
pub(super) fn ends_of_bucket(bucket: u32) -> [f64; 2] {
    let end = |place: u32| SMALLEST * (LARGEST / SMALLEST).powf(f64::from(place) / BUCKETS as f64);
    [end(bucket), end(bucket + 1)]
}
