//! Methods that take one file each: means, linear trends, nearest neighbours, and a scaling law.

pub(super) mod knn;
pub(super) mod popularity;
pub(super) mod relatives_mean;
pub(super) mod scaling_law;
pub(super) mod size;
mod trend;
