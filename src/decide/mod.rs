//! What follows from forecasts: who beats whom and who is tied, where a model ranks, which model or evaluation to choose, and what
//! each part of what is known contributes.

pub(crate) mod belief;
pub(crate) mod choose;
pub(crate) mod shapley;
