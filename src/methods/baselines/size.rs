//! The baseline by parameter count: a linear trend for each task ([`super::trend`]).

use super::trend::Trend;
use crate::methods::data::TrainingData;

/// Fits the trend of scores over the parameter count.
pub(in crate::methods) fn fit(data: &TrainingData<'_>) -> Trend {
    Trend::fit(data, |facts| facts.params)
}
