//! Methods of one file each: means, lines, neighbours, and a scaling law.

pub(super) mod kin;
pub(super) mod knn;
pub(super) mod mean;
pub(super) mod mla;
pub(super) mod parents;
pub(super) mod popularity;
pub(super) mod scaling_law;
pub(super) mod size;
mod trend;
