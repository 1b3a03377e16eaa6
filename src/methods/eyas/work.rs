//! How much work a forecast may be: limits by the size of the data, so that both a training and a forecast end soon; and what
//! does not fit into memory at all.

use crate::error::{Error, Result};
use crate::methods::learners::score_table::Pattern;

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

/// Bytes of each score that a training keeps: as it is, with gaps filled in, and as an entry.
const BYTES: f64 = 16.0;
/// Bytes that a training may take. WebAssembly has 4 GB.
const MOST_BYTES: f64 = 2e9;

/// Why a training on so many models and tasks with scores is refused, where it is.
pub(in crate::methods) fn refusal(models: usize, tasks: usize) -> Option<String> {
    let bytes = BYTES * models as f64 * tasks as f64;
    let [needed, most] = [bytes, MOST_BYTES].map(|bytes| (bytes / 1e9).ceil() as u64);
    (bytes > MOST_BYTES).then(|| {
        format!(
            "{models} models × {tasks} tasks are too many for method eyas (about {needed} GB of memory; at most {most} GB are \
             used here)"
        )
    })
}

/// # Errors
/// If a training of this size is refused.
pub(super) fn check(models: usize, tasks: usize) -> Result<()> {
    match refusal(models, tasks) {
        Some(why) => Err(Error::input(format!("{why}; use method lrmf"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_boards_are_let_through_and_what_does_not_fit_into_memory_is_not() {
        for (models, tasks) in [(1, 1), (100_000, 5), (662, 1554), (40, 20_000), (0, 0)] {
            assert_eq!(refusal(models, tasks), None, "{models} × {tasks}");
        }
        let error = check(200_000, 1554).unwrap_err().to_string();
        assert!(error.contains("200000 models × 1554 tasks") && error.contains("use method lrmf"), "{error}");
    }

    #[test]
    fn many_gaps_leave_fewer_neighbours_and_trials() {
        let pattern = |task: usize| Pattern { rows: (0..300).collect(), tasks: vec![task] };
        let (one, many) = (Work::of(&[pattern(0)]), Work::of(&(0..300).map(pattern).collect::<Vec<_>>()));
        assert!(one.neighbours == NEIGHBOURS && many.neighbours < one.neighbours, "{one:?} {many:?}");
        assert!(many.trials(150) < one.trials(150) && many.trials(150) >= LEAST_TRIALS);
    }
}
