//! The devices that run the operations of a training: the CPU with the loops of `eyas-kernels`, a GPU with shaders, and the
//! choice between them.

pub mod compute;
#[cfg(feature = "gpu")]
pub mod gpu;
#[cfg(not(feature = "gpu"))]
#[path = "no_gpu.rs"]
pub mod gpu;
pub(crate) mod shapes;
