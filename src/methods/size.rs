//! The baseline by parameter count: the more parameters the better, by a line a task ([`super::trend`]).

use super::trend::Trend;
use super::{TrainingData, named};

/// Scores by parameter count.
pub(super) fn fit(data: &TrainingData<'_>) -> Trend {
    Trend::fit(data, named::params)
}
