//! Which scale each output is forecast on: the scores themselves or their log odds, whichever forecasts training models
//! from others with the smaller absolute error.

use super::outputs::{Link, Outputs, Scale};
use super::prior::Prior;
use crate::error::Result;
use crate::linalg::sample;
use crate::methods::learners::gaussian_process::{Neighbours, Query};
use ndarray::Array2;

/// Models that are forecast, and how many others each forecast stands on.
const TRIALS: usize = 200;
const NEIGHBOURS: usize = 96;
/// Forecasts of all outputs that count beside an output's own.
const COMMON: f32 = 150.0;
/// By how much log odds must be better; else the scores stay as they are.
const ADVANTAGE: f32 = 0.02;

/// The links of the outputs. prior: with covariances that were found on the outputs as they are.
///
/// # Errors
/// Of kind `Computation` if the covariances can't be factorised.
pub(super) fn choose(prior: &Prior, outputs: &Outputs, seed: u64) -> Result<Vec<Link>> {
    let links = &outputs.scale.links;
    if links.iter().all(|&link| link == Link::Identity) {
        return Ok(links.clone());
    }
    let plain = outputs.relinked(vec![Link::Identity; links.len()])?;
    let linked = (&outputs.scale, &outputs.table.scores);
    let mut errors = vec![[0.0f32; 2]; links.len()];
    let mut counts = vec![0.0f32; links.len()];
    for row in sample(outputs.table.scores.nrows(), TRIALS, seed ^ 0x6c69) {
        let features = &prior.models.features[row];
        let (with, variance) = (prior.row(features), prior.variance(features));
        let query = Query { row: &with, variance, allowed: &|other| other != row, most: NEIGHBOURS, tasks: None };
        for pattern in outputs.table.patterns.iter().filter(|pattern| pattern.rows.binary_search(&(row as u32)).is_ok())
        {
            let neighbours = Neighbours::of(prior, &query, &pattern.rows)?;
            for (at, table) in [linked, (&plain.0, &plain.1.scores)].into_iter().enumerate() {
                let missed = missed(&neighbours, table, row, &pattern.tasks);
                pattern.tasks.iter().zip(missed).for_each(|(&k, missed)| errors[k][at] += missed);
            }
            pattern.tasks.iter().for_each(|&k| counts[k] += 1.0);
        }
    }
    let all: f32 = counts.iter().sum();
    let relative = |k: usize| if errors[k][0] > 0.0 { errors[k][1] / errors[k][0] } else { 1.0 };
    let common = (0..links.len()).map(|k| counts[k] * relative(k)).sum::<f32>() / all.max(1.0);
    let choice = |k: usize| {
        let ratio = (counts[k] * relative(k) + COMMON * common) / (counts[k] + COMMON);
        if ratio < 1.0 + ADVANTAGE { Link::Identity } else { links[k] }
    };
    Ok((0..links.len()).map(choice).collect())
}

/// Absolute errors of a row's forecasts, in results. (tasks)
fn missed(neighbours: &Neighbours, (scale, values): (&Scale, &Array2<f32>), row: usize, tasks: &[usize]) -> Vec<f32> {
    let normals = neighbours.forecast(values, tasks);
    let missed = |(&k, mean): (&usize, f32)| (scale.result(k, mean) - scale.result(k, values[[row, k]])).abs();
    tasks.iter().zip(normals.iter().map(|normal| normal.mean)).map(missed).collect()
}
