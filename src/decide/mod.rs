//! Decisions from forecasts: probabilities that one model beats another, ties and rank intervals, the choice of a model
//! or of the next evaluation, and the contribution of each known fact.

pub(crate) mod belief;
pub(crate) mod choose;
pub(crate) mod shapley;
