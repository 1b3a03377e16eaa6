//! Where a training runs: which device was asked for, which one it gets, and why.

use crate::device::gpu::Gpu;
use crate::error::{Error, Result};
use eyas_kernels::Instructions;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Where a training shall run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Device {
    /// The fastest there is.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// A graphics processor, or an error.
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

/// Where a training ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// `cpu` or `gpu`. A training that had to leave the GPU ran on the CPU.
    pub device: String,
    /// The device's name: of the GPU and how it is reached, or the CPU's instructions.
    pub name: String,
    /// Why there.
    pub why: String,
}

impl Ran {
    /// A method that has no work for a GPU.
    pub(crate) fn cpu(wanted: Device) -> Self {
        let why =
            if wanted == Device::Cpu { ASKED_FOR.to_owned() } else { "the method runs on the CPU alone".to_owned() };
        Self { device: "cpu".to_owned(), name: Instructions::best().name().to_owned(), why }
    }
}

/// Multiplications and additions of one epoch below which the GPU is not looked for by itself: such a training is over
/// before a device is open.
const LITTLE_WORK: f64 = if cfg!(target_arch = "wasm32") { 2e7 } else { 2e8 };

/// New devices that a training asks for after losses, before it goes on on the CPU.
const REPLACEMENTS: usize = 2;

/// The choice of a device, from what was asked for to what came of it.
#[derive(Debug, Clone)]
pub struct Compute {
    wanted: Device,
    gpu: Option<Gpu>,
    why: String,
    replacements: usize,
}

impl Compute {
    /// Nothing is opened yet: methods that have no work for a GPU never do.
    #[must_use]
    pub fn new(wanted: Device) -> Self {
        Self { wanted, gpu: None, why: Ran::cpu(wanted).why, replacements: REPLACEMENTS }
    }

    /// For a method that runs on the CPU alone.
    ///
    /// # Errors
    /// If a GPU was asked for by name.
    pub fn refuse_gpu(&self, method: &str) -> Result<()> {
        Self::refuse(self.wanted, method)
    }

    /// The same before there is a choice.
    pub(crate) fn refuse(wanted: Device, method: &str) -> Result<()> {
        if wanted != Device::Gpu {
            return Ok(());
        }
        Err(Error::device(format!("the method {method} runs on the CPU alone; use the device auto or cpu")))
    }

    /// Opens a GPU for a training of so many multiplications and additions an epoch, if one is wanted and worth it.
    ///
    /// # Errors
    /// If a GPU was asked for by name and there is none, with what was found.
    pub async fn open(&mut self, work: f64) -> Result<()> {
        match self.wanted {
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

    /// Whether the choice is still to be made by comparing times.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.wanted == Device::Auto && self.gpu.is_some()
    }

    /// The GPU could not be started on this training.
    ///
    /// # Errors
    /// The same error, if the GPU was asked for by name.
    pub fn give_up(&mut self, error: Error) -> Result<()> {
        self.use_cpu(error.message());
        if self.wanted == Device::Gpu {
            return Err(error);
        }
        Ok(())
    }

    /// Takes the CPU, for this reason.
    pub fn use_cpu(&mut self, why: impl Into<String>) {
        self.close();
        self.gpu = None;
        self.why = why.into();
    }

    /// Takes this GPU, for this reason.
    pub fn use_gpu(&mut self, gpu: Gpu, why: impl Into<String>) {
        self.gpu = Some(gpu);
        self.why = why.into();
    }

    /// Keeps the GPU, for this reason.
    pub fn keep_gpu(&mut self, why: impl Into<String>) {
        self.why = why.into();
    }

    /// A device failed in mid-training: opens another one, if there is one and it has not failed too often.
    pub async fn replace(&mut self, failure: &Error) {
        self.close();
        let software = self.gpu.take().is_none_or(|gpu| gpu.is_software());
        let replaced = if self.replacements == 0 {
            Err("it had failed before".to_owned())
        } else {
            self.replacements -= 1;
            match Gpu::open().await {
                // In place of a GPU nobody wants a processor that plays one.
                Ok(gpu) if gpu.is_software() && !software => Err(format!("only {} is left", gpu.name())),
                other => other.map_err(|error| error.message().to_owned()),
            }
        };
        match replaced {
            Ok(gpu) => self.use_gpu(gpu, format!("{}; went on on a new device", failure.message())),
            Err(why) => self.use_cpu(format!("{}; went on on the CPU: {why}", failure.message())),
        }
    }

    /// Gives the device's memory back; in the browser dropping it would leave that to the garbage collector.
    pub fn close(&self) {
        if let Some(gpu) = &self.gpu {
            gpu.close();
        }
    }

    /// Where it ran in the end.
    #[must_use]
    pub fn ran(&self) -> Ran {
        match &self.gpu {
            Some(gpu) => Ran { device: "gpu".to_owned(), name: gpu.name().to_owned(), why: self.why.clone() },
            None => Ran { why: self.why.clone(), ..Ran::cpu(self.wanted) },
        }
    }
}

const ASKED_FOR: &str = "asked for";

#[cfg(test)]
impl Compute {
    /// The choice as it is when `auto` has found this GPU.
    pub(crate) fn found(gpu: Gpu) -> Self {
        Self { gpu: Some(gpu), ..Self::new(Device::Auto) }
    }

    /// After a loss there is no other device.
    pub(crate) fn without_replacement(mut self) -> Self {
        self.replacements = 0;
        self
    }
}
