//! Neural collaborative filtering: a network over latent vectors and factors.

pub(super) mod config;
mod inputs;
pub(super) mod mlp;
pub(super) mod model;
mod on_device;
mod parameters;
pub(super) mod training;
