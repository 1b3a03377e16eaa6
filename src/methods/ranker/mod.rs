//! The ModelLens ranker, and two baselines of it: the nearest datasets, and two towers.

mod calibration;
pub(super) mod config;
mod groups;
mod losses;
pub(super) mod model;
pub(super) mod nearest_tasks;
mod network;
mod text;
mod towers;
mod training;
pub(super) mod two_tower;
mod validation;
mod views;
