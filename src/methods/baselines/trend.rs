//! A linear trend of each task's scores over one number of the models, shared by the baselines by size and by popularity.
//!
//! With x the logarithm of 1 + the number, standardised over the models that have it, the trend of task i is the ridge
//! regression `ẑ = z̄_i + w_i (x - x̄_i)`, `w_i = Σ (x - x̄_i)(z - z̄_i) / (Σ (x - x̄_i)² + RIDGE)`, clipped to 0..1. The
//! forecast is the task's mean if the model lacks the number, or if no model with the number has a score on the task.

use crate::error::Result;
use crate::methods::data::{Target, TrainingData, task_means};
use crate::methods::fitted::{Fitted, Forecast, Tensor};
use crate::snapshot::Facts;

/// The ridge penalty, which shrinks the slope of a trend through few points.
const RIDGE: f64 = 1.0;

/// A linear trend of each task over one number.
pub(in crate::methods) struct Trend {
    number: fn(&Facts<'_>) -> Option<f64>,
    fallback: Vec<f32>, // (n_tasks)
    lines: Vec<Line>,   // (n_tasks)
    centre: f64,
    deviation: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Line {
    points: f64,
    x: f64, // means over the points
    z: f64,
    slope: f64,
}

impl Trend {
    /// Fits trends over `ln(1 + number)`; the number is at least 0.
    pub(in crate::methods) fn fit(data: &TrainingData<'_>, number: fn(&Facts<'_>) -> Option<f64>) -> Self {
        let known: Vec<f64> = data.models.iter().filter_map(|model| number(&model.facts())).map(f64::ln_1p).collect();
        let count = known.len().max(1) as f64;
        let centre = known.iter().sum::<f64>() / count;
        let deviation = (known.iter().map(|x| (x - centre).powi(2)).sum::<f64>() / count).sqrt().max(1e-9);
        let lines = vec![Line::default(); data.tasks.len()];
        let mut trend = Self { number, fallback: task_means(data), lines, centre, deviation };
        let mut lines = trend.lines.clone();
        trend.visit(data, |task, x, z| {
            let line = &mut lines[task];
            line.points += 1.0;
            line.x += (x - line.x) / line.points;
            line.z += (z - line.z) / line.points;
        });
        let mut moments = vec![(0.0, RIDGE); lines.len()];
        trend.visit(data, |task, x, z| {
            let apart = x - lines[task].x;
            moments[task].0 += apart * (z - lines[task].z);
            moments[task].1 += apart * apart;
        });
        lines.iter_mut().zip(moments).for_each(|(line, (both, own))| line.slope = both / own);
        trend.lines = lines;
        trend
    }

    fn x(&self, facts: &Facts<'_>) -> Option<f64> {
        Some(((self.number)(facts)?.ln_1p() - self.centre) / self.deviation)
    }

    fn visit(&self, data: &TrainingData<'_>, mut visit: impl FnMut(usize, f64, f64)) {
        for (at, model) in data.models.iter().enumerate() {
            if let Some(x) = self.x(&model.facts()) {
                data.cells.for_row(at, |task, z| visit(task, x, f64::from(z)));
            }
        }
    }
}

impl Fitted for Trend {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        let mean = match self.x(&target.facts(data)) {
            None => self.fallback.clone(),
            Some(x) => {
                let score = |(line, &mean): (&Line, &f32)| {
                    let on_line = (line.z + line.slope * (x - line.x)).clamp(0.0, 1.0) as f32;
                    if line.points > 0.0 { on_line } else { mean }
                };
                self.lines.iter().zip(&self.fallback).map(score).collect()
            }
        };
        Ok(Forecast { mean, sources: Vec::new(), intervals: Vec::new() })
    }

    fn tensors(&self) -> Vec<Tensor> {
        Vec::new()
    }
}
