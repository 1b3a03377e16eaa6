//! The ModelLens ranker (Cai et al. 2026, "ModelLens: Finding the Best for Your Task from Myriads of Models", eq. 4 to 15),
//! and two baselines of it: the nearest datasets, and two towers.
//!
//! A network scores models (views: ID, name, ancestors, description, facts, size, family) on tasks (IDs of the dataset and of
//! the task, name, text, type, metric): `views.rs` and `network.rs`. It learns from groups of standardised scores of one task
//! (`groups.rs`) by three losses (`losses.rs`), in epochs that score each training cell once (`training.rs`).
//!
//! Deviations. Ancestors, dates and all other facts are views too. Names are split into the words that occur in two names, not
//! hashed; texts are hashed character n-grams (`text.rs`) beside the embeddings that a snapshot gives. A size has the rows of
//! its bucket and of all smaller ones, so that buckets without models lie between their neighbours. IDs are hidden for a whole
//! step. Embeddings start at zero, so that what was never trained is neutral, and of the tables AdamW moves the touched rows
//! alone. A moving average of the parameters is validated and used. Pairs are drawn among the lists already scored. The
//! validation has cells, whole models (half of them the latest) and whole datasets (`validation.rs`); its cells then join the
//! training for some last epochs. Forecasts blend ẑ and the score that ranks, and their intervals come from the validation
//! (`calibration.rs`). Tables of usual size have an ensemble of five networks, one of which holds out a fifth of the models, the
//! latest: it tells how far forecasts of later models lean on size (`size_trend.rs`), and how wide they are. A Bayesian factorisation of
//! the scores alone (`factorisation.rs`) joins the forecasts of missing scores.

mod calibration;
pub(super) mod config;
pub(super) mod embedder;
mod factorisation;
pub(super) mod features;
#[cfg(test)]
mod golden;
mod gradient;
mod groups;
pub(super) mod igmc;
mod losses;
pub(super) mod model;
pub(super) mod nearest_tasks;
mod network;
mod parameters;
pub(super) mod probe;
mod size_trend;
mod sizes;
pub(super) mod space;
mod table_adam;
mod text;
pub(super) mod towers;
mod training;
pub(super) mod two_tower;
mod validation;
mod views;
