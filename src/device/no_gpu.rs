//! Replaces [`super::gpu`] in a build without it: no device can be opened, and all operations on one are unreachable.

use crate::device::shapes::{Batches, Feature, NetworkShape, Penalty, Side};
use crate::error::{Error, Result};
use eyas_kernels::{Cells, Factorisation};

/// A device that can't exist.
#[derive(Debug, Clone)]
pub enum Gpu {}

impl Gpu {
    /// Opens nothing.
    ///
    /// # Errors
    /// Always, of kind `Device`.
    pub async fn open() -> Result<Self> {
        Err(Error::device("this build works on the CPU alone"))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match *self {}
    }

    /// Whether it is a software device.
    #[must_use]
    pub fn is_software(&self) -> bool {
        match *self {}
    }

    /// Closes it.
    pub fn close(&self) {
        match *self {}
    }
}

/// A scorer that can't exist.
pub enum Scorer {}

impl Scorer {
    /// Never called.
    ///
    /// # Errors
    /// None.
    pub async fn new(gpu: &Gpu, _: &Factorisation) -> Result<Self> {
        match *gpu {}
    }

    /// The scores of all nodes on all tasks.
    ///
    /// # Errors
    /// None.
    pub async fn score_tasks(&mut self, _: impl FnMut(usize, &[f32])) -> Result<()> {
        match *self {}
    }
}

/// A factorisation on a device that can't exist.
pub(crate) enum Factoriser {}

impl Factoriser {
    pub(crate) async fn new(gpu: &Gpu, _: &Cells, _: usize, _: usize) -> Result<Self> {
        match *gpu {}
    }

    pub(crate) fn is_well(&self) -> bool {
        match *self {}
    }

    pub(crate) fn train_on(&mut self, _: &Cells) -> Result<()> {
        match *self {}
    }

    pub(crate) async fn gradient(&mut self, _: Side, _: &Factorisation, _: &mut Factorisation) -> Result<f64> {
        match *self {}
    }

    pub(crate) async fn start_adam(&mut self, _: f32, _: bool, _: [Penalty<'_>; 2]) -> Result<()> {
        match *self {}
    }

    pub(crate) async fn adam(&mut self, _: usize, _: &mut Factorisation) -> Result<(usize, f64)> {
        match *self {}
    }

    pub(crate) async fn set_validation(&mut self, _: &[(u32, u32, f32)]) -> Result<()> {
        match *self {}
    }

    pub(crate) async fn validation_loss(&mut self, _: &Factorisation) -> Result<Option<f64>> {
        match *self {}
    }
}

/// A network on a device that can't exist.
pub(crate) enum Perceptron {}

impl Perceptron {
    pub(crate) async fn new(gpu: &Gpu, _: &NetworkShape, _: [&[Vec<Feature>]; 2], _: usize) -> Result<Self> {
        match *gpu {}
    }

    pub(crate) fn reset(&mut self) {
        match *self {}
    }

    pub(crate) async fn epoch(&mut self, _: Batches<'_>, _: &mut [f32]) -> Result<[f64; 2]> {
        match *self {}
    }
}
