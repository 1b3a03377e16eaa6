//! What is not stated about a new model, from its parents and from the training models with the most similar names and
//! ancestors. That is for features that all training models state: of others the process knows what it means that they are
//! missing, for example that a size is not published.

use super::features::{Encoder, Features};
use super::models::Models;
use eyas_kernels::covariance::{UNKNOWN, UNSTATED};

/// Share of the training models that state a feature from which on it is completed: nearly all.
const STATED: f32 = 0.99;
/// Models less similar than this have no vote.
const LEAST: f32 = 0.1;
/// What similar ancestors count for beside similar names.
const ANCESTORS: f32 = 1.5;
/// The power of the similarity that a vote counts.
const SHARPNESS: i32 = 6;
/// Days after which a model's vote counts half: what a family states changes with its generations.
const HALF_LIFE: f32 = 180.0;
/// Days between two models of which one has no date.
const UNDATED: f32 = 720.0;

/// Completes the features of a model as far as training models other than `itself` tell them.
pub(super) fn complete(features: &mut Features, encoder: &Encoder, models: &Models, itself: Option<usize>) {
    let n = models.len() as f32;
    let missing = |column: usize| models.columns.numbers[column].missing.iter().sum::<f32>();
    let unknown = |column: usize| models.columns.categories[column].iter().filter(|&&c| c == UNKNOWN).count() as f32;
    let is_open = |missing: f32| 1.0 - missing / n >= STATED;
    let numbers: Vec<usize> = (0..encoder.numbers.len())
        .filter(|&c| features.numbers[c].is_nan() && !encoder.numbers[c].source.is_day() && is_open(missing(c)))
        .collect();
    let categories: Vec<usize> =
        (0..encoder.n_categories()).filter(|&c| features.categories[c] == UNKNOWN && is_open(unknown(c))).collect();
    if numbers.is_empty() && categories.is_empty() {
        return;
    }
    let mut votes = votes(features, models);
    votes.retain(|&(at, _)| Some(at) != itself);
    for &column in &numbers {
        let Some(value) = mean(&models.columns.numbers[column].values, &models.columns.numbers[column].missing, &votes)
        else {
            continue;
        };
        features.numbers[column] = value;
    }
    for &column in &categories {
        features.categories[column] = most(&models.columns.categories[column], &votes);
    }
}

/// Training models that are similar by name and ancestors, with their weights.
fn votes(features: &Features, models: &Models) -> Vec<(usize, f32)> {
    let (names, ancestors) = models.cosines(features);
    let similar = names.iter().zip(&ancestors).map(|(name, ancestor)| name.max(ANCESTORS * ancestor));
    let weight = |(at, similar): (usize, f32)| {
        let apart = features.day.zip(models.features[at].day).map_or(UNDATED, |(day, its)| (day - its).abs());
        (at, similar.powi(SHARPNESS) * 0.5f32.powf(apart / HALF_LIFE))
    };
    similar.enumerate().filter(|(_, similar)| *similar >= LEAST).map(weight).collect()
}

/// The weighted mean of those that state the number.
fn mean(values: &[f32], missing: &[f32], votes: &[(usize, f32)]) -> Option<f32> {
    let stated = votes.iter().filter(|(at, _)| missing[*at] == 0.0);
    let (sum, total) =
        stated.fold((0.0, 0.0), |(sum, total), &(at, weight)| (sum + weight * values[at], total + weight));
    (total > 0.0).then(|| sum / total)
}

/// The category with the most votes.
fn most(values: &[u32], votes: &[(usize, f32)]) -> u32 {
    let mut sums: std::collections::BTreeMap<u32, f32> = std::collections::BTreeMap::new();
    votes.iter().for_each(|&(at, weight)| *sums.entry(values[at]).or_default() += weight);
    sums.into_iter().reduce(|best, sum| if sum.1 > best.1 { sum } else { best }).map_or(UNSTATED, |best| best.0)
}
