//! The baseline by parameter count: the more parameters the better, by a line a task ([`super::trend`]).

use super::trend::Trend;
use crate::methods::data::TrainingData;

/// Scores by parameter count.
pub(in crate::methods) fn fit(data: &TrainingData<'_>) -> Trend {
    Trend::fit(data, |facts| facts.params)
}
