//! Where the operations of training run: the loops of `eyas-kernels` on the CPU, shaders on a GPU, and the choice between them.

pub mod compute;
#[cfg(feature = "gpu")]
pub mod gpu;
#[cfg(not(feature = "gpu"))]
#[path = "no_gpu.rs"]
pub mod gpu;
pub(crate) mod shapes;
