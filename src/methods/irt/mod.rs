//! Item response theory.

pub(super) mod config;
mod em;
pub(super) mod model;
mod quadrature;
