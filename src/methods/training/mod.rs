//! The shared parts of iterative methods: the training loop, Adam, random numbers, and the choice of device.

pub(super) mod adam;
#[cfg(all(test, feature = "gpu"))]
pub(super) mod device_examples;
pub(super) mod moving;
pub(super) mod optimise;
pub(super) mod random;
