//! Learners that know nothing of models and benchmarks: what the methods are built from.

pub(super) mod adam;
pub(super) mod boosting;
pub(super) mod conformal;
pub(super) mod factor_analysis;
pub(super) mod gaussian_process;
pub(super) mod general_factor;
pub(super) mod low_rank;
pub(super) mod normal;
pub(super) mod score_table;
pub(super) mod stack;
