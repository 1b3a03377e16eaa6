//! The ModelLens ranker.

mod calibration;
pub(super) mod config;
mod groups;
mod losses;
pub(super) mod model;
mod network;
mod text;
mod training;
mod validation;
mod views;
