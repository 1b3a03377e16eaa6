//! The baseline by popularity (hearts, likes, downloads): a linear trend for each task ([`super::trend`]). People choose
//! models after seeing their evaluations, so popularity is known only afterwards and no other method uses it. Where a
//! snapshot has no popularity the forecast is each task's mean.

use super::trend::Trend;
use crate::methods::data::TrainingData;

/// Fits the trend of scores over popularity.
pub(in crate::methods) fn fit(data: &TrainingData<'_>) -> Trend {
    Trend::fit(data, |facts| facts.popularity)
}
