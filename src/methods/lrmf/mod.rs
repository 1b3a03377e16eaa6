//! Lineage-Regularized Matrix Factorization.

pub(super) mod answers;
pub(super) mod config;
mod initial;
mod majorise;
pub(super) mod model;
mod namesakes;
mod on_device;
mod relax;
mod spectral;
mod task_graph;
mod ties;
pub(super) mod training;
