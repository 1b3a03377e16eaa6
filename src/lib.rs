//! Predicts how a language model will score on benchmarks before anyone has evaluated it.

pub mod backtest;
pub mod error;
pub mod formats;
pub mod kernels;
pub mod linalg;
pub mod lineage;
pub mod methods;
pub mod metrics;
pub mod recommend;
pub mod snapshot;
