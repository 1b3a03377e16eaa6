//! The baseline by popularity (hearts, likes, downloads): what people who have seen the evaluations like best, by a line a
//! task ([`super::trend`]). Popularity is known only afterwards, so no other method sees it, and where a snapshot has none
//! the forecast is each task's mean.

use super::trend::Trend;
use crate::methods::data::TrainingData;

/// Scores by popularity.
pub(in crate::methods) fn fit(data: &TrainingData<'_>) -> Trend {
    Trend::fit(data, |facts| facts.popularity)
}
