//! The ModelLens ranker.

pub(super) mod config;
mod groups;
mod losses;
pub(super) mod model;
mod network;
mod spread;
mod text;
mod training;
mod validation;
mod views;
