//! Stands in for [`super::gpu`] in a build without it: no device is ever opened, and what is done with one is no part of
//! the program.

use crate::device::shapes::{Batches, Feature, NetworkShape, Penalty, Side};
use crate::error::{Error, Result};
use eyas_kernels::{Cells, Factorisation};

/// A device that there can't be.
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

    /// Whether a processor stands in for it.
    #[must_use]
    pub fn is_software(&self) -> bool {
        match *self {}
    }

    /// Ends it.
    pub fn close(&self) {
        match *self {}
    }
}

/// What would score on it.
pub enum Scorer {}

impl Scorer {
    /// For a device that there can't be.
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

/// What would work on it.
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

    pub(crate) async fn hold(&mut self, _: &[(u32, u32, f32)]) -> Result<()> {
        match *self {}
    }

    pub(crate) async fn held_loss(&mut self, _: &Factorisation) -> Result<Option<f64>> {
        match *self {}
    }
}

/// What would train a network on it.
pub(crate) enum Perceptron {}

impl Perceptron {
    pub(crate) async fn new(gpu: &Gpu, _: &NetworkShape, _: [&[Vec<Feature>]; 2], _: usize) -> Result<Self> {
        match *gpu {}
    }

    pub(crate) fn rest(&mut self) {
        match *self {}
    }

    pub(crate) async fn epoch(&mut self, _: Batches<'_>, _: &mut [f32]) -> Result<[f64; 2]> {
        match *self {}
    }
}
