//! What a training costs, before it is begun. The covariances of n models take n² numbers and n³ operations to factorise; trees
//! of t outputs, whose columns are forecasts of these outputs, keep a number for each two of them; where there are gaps, each is
//! filled in by t² covariances. The constants fit trainings of 40 × 1,000 to 10,000 × 5 to within a factor of about two. What is
//! over the bounds is refused, since it would end in an abort or not at all.

use super::company;
use super::outcomes::benchmarks;
use crate::error::{Error, Result};
use crate::methods::data::TrainingData;
use crate::methods::lrmf::config::LrmfConfig;
use crate::snapshot::{Results, Snapshot, Task};
use eyas_kernels::Cells;

/// Bytes that a training may take: those of a browser's tab are fewer.
const MOST_BYTES: f64 = if cfg!(target_arch = "wasm32") { 1e9 } else { 2e9 };
/// Seconds that it may take.
const MOST_SECONDS: f64 = 600.0;
/// How much longer the same takes in WebAssembly.
const SLOWER: f64 = if cfg!(target_arch = "wasm32") { 2.5 } else { 1.0 };

/// How large a training is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Size {
    models: f64,  // that have results
    outputs: f64, // scores, or coordinates and benchmarks of outcomes
    known: f64,   // scores of a model that others are filled in by, where there are gaps
    trainings: f64,
}

impl Size {
    /// Of the default method on these data.
    pub(crate) fn of(data: &TrainingData<'_>) -> Self {
        let models = (0..data.models.len()).filter(|&model| data.cells.count_row(model) > 0).count();
        let is_score = matches!(data.cells, Cells::Scores(_));
        Self::new(models, data.tasks, data.cells.count(), is_score)
    }

    /// Of the default method on all results of a snapshot.
    pub(crate) fn of_snapshot(snapshot: &Snapshot) -> Self {
        let is_score = matches!(snapshot.results, Results::Scores(_));
        let mut has_results = vec![false; snapshot.models.len()];
        match &snapshot.results {
            Results::Scores(scores) => scores.iter().for_each(|(model, ..)| has_results[model as usize] = true),
            Results::Outcomes(outcomes) => has_results
                .iter_mut()
                .enumerate()
                .for_each(|(model, has)| *has = outcomes.observed.ones(model).next().is_some()),
        }
        let models = has_results.into_iter().filter(|has| *has).count();
        Self::new(models, &snapshot.tasks, snapshot.cells(), is_score)
    }

    fn new(models: usize, tasks: &[Task], cells: usize, is_score: bool) -> Self {
        let outputs = if is_score { tasks.len() } else { LrmfConfig::default().dim + 1 + benchmarks(tasks).len() };
        let has_gaps = is_score && cells < models * outputs;
        let again =
            if has_gaps && cells <= company::SMALL && models >= company::LEAST_MODELS { company::FOLDS } else { 0 };
        let known = if has_gaps { (cells as f64 / models as f64).min(96.0) } else { 0.0 };
        Self { models: models as f64, outputs: outputs as f64, known, trainings: 1.0 + again as f64 }
    }

    /// Values of the histograms of one leaf of the trees: of a share of their columns, a bin and an output each.
    fn histogram(self) -> f64 {
        self.columns() * self.models.min(255.0) * self.outputs
    }

    /// Columns that a tree looks at.
    fn columns(self) -> f64 {
        0.3 * (self.outputs + 30.0)
    }

    /// Bytes of a training at its largest.
    pub(crate) fn bytes(self) -> f64 {
        let Self { models: n, outputs: t, .. } = self;
        let leaves = (n / 20.0).clamp(1.0, 4.0); // that are held at once
        4.4 * n * n + 40.0 * t * t + 4.0 * leaves * self.histogram() + 100.0 * n * (t + 50.0)
    }

    /// Seconds of a training on one core.
    pub(crate) fn seconds(self) -> f64 {
        let Self { models: n, outputs: t, known, trainings } = self;
        let leaves = (n / 20.0).min(15.0);
        let trees = 2e-7 * (leaves * self.histogram() + 6.0 * n * self.columns() * t);
        let gaps = 5e-9 * n * known * t * t;
        SLOWER * trainings * (4e-11 * n * n * n + trees + gaps)
    }

    /// Why the training is refused, where it is.
    pub(crate) fn refusal(self) -> Option<String> {
        let (bytes, seconds) = (self.bytes(), self.seconds());
        let needs = if bytes > MOST_BYTES {
            let gigabytes = (bytes / 1e9).ceil() as u64;
            format!("about {gigabytes} GB of memory; at most {} GB are used here", (MOST_BYTES / 1e9) as u32)
        } else if seconds > MOST_SECONDS {
            format!(
                "about {} minutes; at most {} are taken",
                (seconds / 60.0).ceil() as u64,
                (MOST_SECONDS / 60.0) as u32
            )
        } else {
            return None;
        };
        let (models, outputs) = (self.models as u64, self.outputs as u64);
        Some(format!("{models} models × {outputs} tasks are too many for method eyas ({needs})"))
    }

    /// # Errors
    /// If a training of this size is refused.
    pub(crate) fn check(self) -> Result<()> {
        match self.refusal() {
            Some(why) => Err(Error::input(format!("{why}; use method lrmf"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Range;

    fn size(models: usize, tasks: usize, share: f64) -> Size {
        let all = vec![Task::score("x", Some(Range::PERCENT)); tasks];
        Size::new(models, &all, (share * (models * tasks) as f64) as usize, true)
    }

    #[test]
    fn what_is_trained_in_seconds_is_let_through_and_what_never_ends_is_not() {
        for (models, tasks, share) in [(1, 1, 1.0), (4497, 6, 1.0), (10_000, 5, 1.0), (231, 36, 0.19), (641, 324, 0.07)]
        {
            assert_eq!(size(models, tasks, share).refusal(), None, "{models} × {tasks}");
        }
        for (models, tasks, share, why) in [
            (100_000, 5, 1.0, "memory"),
            (40, 20_000, 1.0, "memory"),
            (662, 1554, 0.09, "memory"),
            (3000, 700, 0.2, "minutes"),
        ] {
            let refusal = size(models, tasks, share).refusal().unwrap_or_default();
            assert!(refusal.contains(why), "{models} × {tasks}: {refusal}");
        }
    }
}
