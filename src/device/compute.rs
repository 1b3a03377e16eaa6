//! The choice of the device of a training: the requested one, the one that is used, and the reason.

use crate::device::gpu::Gpu;
use crate::error::{Error, Result};
use eyas_kernels::Instructions;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// The requested device of a training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Device {
    /// The fastest one available.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// A GPU; it is an error if there is none.
    Gpu,
}

impl FromStr for Device {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu),
            _ => Err(Error::input(format!("no device \"{name}\"; there are auto, cpu, gpu"))),
        }
    }
}

/// The device of a finished training.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// `cpu` or `gpu`; `cpu` if the training had to leave the GPU.
    pub device: String,
    /// The name of the device: the GPU and its backend, or the CPU's instruction set.
    pub name: String,
    /// The reason for this device.
    pub why: String,
}

impl Ran {
    /// For a method that can't use a GPU.
    pub(crate) fn cpu(requested: Device) -> Self {
        let why =
            if requested == Device::Cpu { ASKED_FOR.to_owned() } else { "the method runs on the CPU alone".to_owned() };
        Self { device: "cpu".to_owned(), name: Instructions::best().name().to_owned(), why }
    }
}

/// Multiplications and additions per epoch below which `auto` does not look for a GPU: such a training finishes before a
/// device is open.
const LITTLE_WORK: f64 = if cfg!(target_arch = "wasm32") { 2e7 } else { 2e8 };

/// Number of devices that replace lost ones before a training continues on the CPU.
const REPLACEMENTS: usize = 2;

/// The choice of a device: the request, and the device that was chosen.
#[derive(Debug, Clone)]
pub struct Compute {
    requested: Device,
    gpu: Option<Gpu>,
    why: String,
    replacements: usize,
}

impl Compute {
    /// The request; no device is opened yet, and never for a method that can't use a GPU.
    #[must_use]
    pub fn new(requested: Device) -> Self {
        Self { requested, gpu: None, why: Ran::cpu(requested).why, replacements: REPLACEMENTS }
    }

    /// Checks the request for a method that runs on the CPU alone.
    ///
    /// # Errors
    /// If a GPU was requested by name.
    pub fn refuse_gpu(&self, method: &str) -> Result<()> {
        Self::refuse(self.requested, method)
    }

    /// The same check without a choice.
    pub(crate) fn refuse(requested: Device, method: &str) -> Result<()> {
        if requested != Device::Gpu {
            return Ok(());
        }
        Err(Error::device(format!("the method {method} runs on the CPU alone; use the device auto or cpu")))
    }

    /// Opens a GPU for a training with this number of multiplications and additions per epoch, if one is requested and worth
    /// it.
    ///
    /// # Errors
    /// If a GPU was requested by name and none was found, with the reason.
    pub async fn open(&mut self, work: f64) -> Result<()> {
        match self.requested {
            Device::Cpu => return Ok(()),
            Device::Auto if work < LITTLE_WORK => self.use_cpu("a GPU gains nothing on so little data"),
            Device::Auto => match Gpu::open().await {
                Ok(gpu) if gpu.is_software() => {
                    self.use_cpu(format!("the only GPU is {}, which is slower", gpu.name()));
                }
                Ok(gpu) => self.use_gpu(gpu, "there is one"),
                Err(error) => self.use_cpu(error.message()),
            },
            Device::Gpu => self.use_gpu(Gpu::open().await?, ASKED_FOR),
        }
        Ok(())
    }

    /// The open GPU, if it is the choice.
    #[must_use]
    pub fn gpu(&self) -> Option<&Gpu> {
        self.gpu.as_ref()
    }

    /// Whether the choice still depends on a comparison of times.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.requested == Device::Auto && self.gpu.is_some()
    }

    /// Chooses the CPU because the GPU could not start this training.
    ///
    /// # Errors
    /// The same error, if the GPU was requested by name.
    pub fn give_up(&mut self, error: Error) -> Result<()> {
        self.use_cpu(error.message());
        if self.requested == Device::Gpu {
            return Err(error);
        }
        Ok(())
    }

    /// Chooses the CPU, for this reason.
    pub fn use_cpu(&mut self, why: impl Into<String>) {
        self.close();
        self.gpu = None;
        self.why = why.into();
    }

    /// Chooses this GPU, for this reason.
    pub fn use_gpu(&mut self, gpu: Gpu, why: impl Into<String>) {
        self.gpu = Some(gpu);
        self.why = why.into();
    }

    /// Keeps the GPU, for this reason.
    pub fn keep_gpu(&mut self, why: impl Into<String>) {
        self.why = why.into();
    }

    /// Replaces a device that failed during a training by another one, or by the CPU if there is none or too many have
    /// failed.
    pub async fn replace(&mut self, failure: &Error) {
        self.close();
        let software = self.gpu.take().is_none_or(|gpu| gpu.is_software());
        let replaced = if self.replacements == 0 {
            Err("it had failed before".to_owned())
        } else {
            self.replacements -= 1;
            match Gpu::open().await {
                // A software device is no replacement for a GPU.
                Ok(gpu) if gpu.is_software() && !software => Err(format!("only {} is left", gpu.name())),
                other => other.map_err(|error| error.message().to_owned()),
            }
        };
        match replaced {
            Ok(gpu) => self.use_gpu(gpu, format!("{}; went on on a new device", failure.message())),
            Err(why) => self.use_cpu(format!("{}; went on on the CPU: {why}", failure.message())),
        }
    }

    /// Frees the memory of the device. In the browser, dropping it would leave that to the garbage collector.
    pub fn close(&self) {
        if let Some(gpu) = &self.gpu {
            gpu.close();
        }
    }

    /// The device that was used in the end.
    #[must_use]
    pub fn ran(&self) -> Ran {
        match &self.gpu {
            Some(gpu) => Ran { device: "gpu".to_owned(), name: gpu.name().to_owned(), why: self.why.clone() },
            None => Ran { why: self.why.clone(), ..Ran::cpu(self.requested) },
        }
    }
}

const ASKED_FOR: &str = "asked for";

#[cfg(test)]
impl Compute {
    /// The choice after `auto` has found this GPU.
    pub(crate) fn found(gpu: Gpu) -> Self {
        Self { gpu: Some(gpu), ..Self::new(Device::Auto) }
    }

    /// The choice without another device after a loss.
    pub(crate) fn without_replacement(mut self) -> Self {
        self.replacements = 0;
        self
    }
}
