//! Predicts how a language model will score on benchmarks before anyone has evaluated it.

pub mod error;
pub mod formats;
pub mod kernels;
pub mod linalg;
pub mod lineage;
pub mod methods;
pub mod recommend;
pub mod snapshot;
