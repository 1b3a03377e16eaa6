//! Nearest neighbours on factors: `ẑ_ui = z̄_i + Σ_v (z_vi - z̄_i) s_v / (1 + Σ_v s_v)`. The sum runs over the K models v
//! that are nearest to u among those with a training cell on i; z̄_i is the task's mean. The weight is
//! `s = 0.05 / (0.05 + distance)`, so that a model at distance 0 has weight 1.
//!
//! The distance is Gower's: the mean over the columns that at least one of the two models has ([`Encoding`]). Two numbers
//! differ by half the difference of their standardised logarithms, at most by 1; two categories differ by 0 or 1; a value
//! that only one of the models has counts as a difference of 1/2. A model without a known factor gets each task's mean.

use crate::error::Result;
use crate::linalg::{clamp, sort_by_value};
use crate::methods::data::{Target, TrainingData, task_means};
use crate::methods::factors::encoding::{Code, Encoding};
use crate::methods::fitted::{Fitted, Forecast, Tensor};
use crate::methods::relatives;

/// Neighbours that are averaged on each task.
const K: usize = 10;
const NEAREST: f32 = 0.05;

/// Nearest neighbours on factors.
pub(in crate::methods) struct Neighbours {
    encoding: Encoding,
    codes: Vec<Vec<Option<Code>>>, // (n_models, columns)
    fallback: Vec<f32>,            // (n_tasks)
}

impl Neighbours {
    pub(in crate::methods) fn fit(data: &TrainingData<'_>) -> Self {
        let encoding = Encoding::new(data.models.iter().map(|model| &model.factors));
        let codes = data.models.iter().map(|model| encoding.encode(&model.factors)).collect();
        Self { encoding, codes, fallback: task_means(data) }
    }
}

impl Fitted for Neighbours {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        let own = match target {
            Target::Known(model) => self.codes[model.0 as usize].clone(),
            Target::New(new) => self.encoding.encode(&new.factors),
        };
        let others = (0..).zip(&self.codes).filter(|&(model, _)| Some(model) != target.node());
        let mut near: Vec<(u32, f32)> = others.filter_map(|(at, codes)| Some((at, -distance(&own, codes)?))).collect();
        sort_by_value(&mut near);
        // sum of residuals, sum of weights, number of neighbours
        let mut sums = vec![(0.0f32, 1.0f32, 0usize); self.fallback.len()];
        let mut open = sums.len();
        let mut sources = Vec::new();
        for &(model, nearness) in &near {
            let weight = NEAREST / (NEAREST - nearness);
            data.cells.for_row(model as usize, |task, value| {
                let sum = &mut sums[task];
                if sum.2 < K {
                    *sum = (sum.0 + weight * (value - self.fallback[task]), sum.1 + weight, sum.2 + 1);
                    open -= usize::from(sum.2 == K);
                }
            });
            if sources.len() < K && data.cells.count_row(model as usize) > 0 {
                sources.push((model, weight));
            }
            if open == 0 {
                break;
            }
        }
        let mean = sums.iter().zip(&self.fallback).map(|(sum, mean)| clamp(mean + sum.0 / sum.1, 0.0, 1.0));
        Ok(Forecast { mean: mean.collect(), sources: relatives::shares(sources), intervals: Vec::new() })
    }

    fn tensors(&self) -> Vec<Tensor> {
        Vec::new()
    }
}

/// Gower's distance, 0 to 1; `None` if no column is known of `a`, or of either model.
fn distance(a: &[Option<Code>], b: &[Option<Code>]) -> Option<f32> {
    let (mut sum, mut columns) = (0.0, 0u16);
    for pair in a.iter().zip(b) {
        sum += match pair {
            (None, None) => continue,
            (Some(Code::Number(a)), Some(Code::Number(b))) => ((a - b).abs() / 2.0).min(1.0),
            (Some(a), Some(b)) => f32::from(u8::from(a != b)),
            _ => 0.5,
        };
        columns += 1;
    }
    (columns > 0 && a.iter().any(Option::is_some)).then(|| sum / f32::from(columns))
}
