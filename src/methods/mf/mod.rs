//! Matrix factorisation.

pub(super) mod config;
pub(super) mod model;
mod squares;
