//! How much work a forecast may be: limits by the size of the data, so that both a training and a forecast end soon.

use super::process::Pattern;

/// Training models that a forecast stands on at most.
const NEIGHBOURS: usize = 160;
/// The least number of them where there are many patterns of gaps.
const LEAST_NEIGHBOURS: usize = 48;
/// Cubes of the sizes of the systems that one forecast solves, and that a scenario's trials solve, about.
const FORECAST: f32 = 4e7;
const SCENARIO: f32 = 1e9;

/// The limits for some data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Work {
    /// Training models that a forecast stands on at most.
    pub(super) neighbours: usize,
    cubes: f32, // of one forecast
}

impl Work {
    pub(super) fn of(patterns: &[Pattern]) -> Self {
        let cubes = |most: usize| patterns.iter().map(|p| (p.rows.len().min(most) as f32).powi(3)).sum::<f32>();
        let mut neighbours = NEIGHBOURS;
        while neighbours > LEAST_NEIGHBOURS && cubes(neighbours) > FORECAST {
            neighbours -= 8;
        }
        Self { neighbours, cubes: cubes(neighbours) }
    }

    /// How many forecasts a scenario of a rehearsal may make.
    pub(super) fn trials(&self, most: usize) -> usize {
        ((SCENARIO / self.cubes.max(1.0)) as usize).clamp(LEAST_TRIALS, most)
    }
}

/// Forecasts that a scenario makes in any case.
const LEAST_TRIALS: usize = 12;
