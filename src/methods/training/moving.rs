//! Trainings that can move between devices: to a GPU at the start, if it was requested or is faster, and to another device
//! or back to the CPU after a failure.

use super::optimise::Observer;
use crate::device::compute::Compute;
use crate::error::{Error, Result};

/// The most timed runs on each device, and the number of seconds after which fewer runs are enough.
pub(in crate::methods) const TIMED: usize = 3;
const ENOUGH_SECONDS: f64 = 0.05;

/// A device, and the reason for choosing it.
pub(in crate::methods) enum Choice {
    Gpu(String),
    Cpu(String),
}

/// A training that runs on the CPU, or on a device whose buffers it owns.
pub(in crate::methods) trait Moving {
    /// The chosen device.
    fn choice(&mut self) -> &mut Compute;

    /// The number of multiplications and additions per epoch.
    fn work(&self) -> f64;

    /// Uploads the training to the chosen device, if that is a GPU.
    async fn move_in(&mut self) -> Result<()>;

    /// Drops the device's buffers; the parameters on the CPU are up to date.
    fn leave(&mut self);

    /// Times both devices by the observer's clock, and returns the faster one; the training does not move.
    async fn compare(&mut self, observer: &dyn Observer) -> Result<Choice>;

    /// Moves to the GPU, if that is the choice for the work of an epoch.
    async fn begin(&mut self, compute: &Compute) -> Result<()> {
        let work = self.work();
        *self.choice() = compute.clone();
        self.choice().open(work).await?;
        if let Err(error) = self.move_in().await {
            self.leave();
            self.choice().give_up(error)?;
        }
        Ok(())
    }

    /// Keeps the faster device, if the choice is still open and the observer has a clock; without a clock, the CPU.
    async fn choose_by(&mut self, observer: &dyn Observer) {
        if !self.choice().is_undecided() {
            return;
        }
        let compared = if observer.now().is_some() {
            self.compare(observer).await
        } else {
            Ok(Choice::Cpu("without a clock nobody knows whether the GPU is faster".to_owned()))
        };
        let why = match compared {
            Ok(Choice::Gpu(why)) => return self.choice().keep_gpu(why),
            Ok(Choice::Cpu(why)) => why,
            Err(error) => error.message().to_owned(),
        };
        self.leave();
        self.choice().use_cpu(why);
    }

    /// Continues after a failure of the device, from the parameters on the CPU.
    async fn recover(&mut self, failure: &Error) {
        self.leave();
        self.choice().replace(failure).await;
        if let Err(again) = self.move_in().await {
            self.leave();
            self.choice().use_cpu(format!("{}; went on on the CPU: {}", failure.message(), again.message()));
        }
    }
}

/// The public methods of a training that choose its device.
macro_rules! device_methods {
    ($training:ident) => {
        impl $training<'_> {
            /// Moves the training to the GPU, if that is the chosen device.
            ///
            /// # Errors
            /// If a GPU was requested by name and is not available, or the training does not fit it.
            pub async fn on(mut self, compute: &Compute) -> Result<Self> {
                self.begin(compute).await?;
                Ok(self)
            }

            /// The device of the training, and the reason for it.
            #[must_use]
            pub fn compute(&self) -> &Compute {
                &self.compute
            }

            /// Times a little of the training on both devices and chooses the faster one, if the choice is still open and the
            /// observer has a clock.
            pub async fn choose(&mut self, observer: &dyn Observer) {
                self.choose_by(observer).await;
            }
        }
    };
}
pub(in crate::methods) use device_methods;

/// Times some runs of the same work on both devices; `what` names the work, as in "a gradient takes".
pub(in crate::methods) async fn faster(
    gpu_name: &str,
    what: &str,
    observer: &dyn Observer,
    mut on_gpu: impl AsyncFnMut() -> Result<()>,
    mut on_cpu: impl FnMut(),
) -> Result<Choice> {
    let now = || observer.now().unwrap_or(0.0);
    let (mut gpu, mut cpu) = (f64::INFINITY, f64::INFINITY);
    // The first run on the device compiles its kernels, and does not count.
    for turn in 0..=TIMED {
        let started = now();
        on_gpu().await?;
        gpu = if turn == 0 { gpu } else { gpu.min(now() - started) };
    }
    for _ in 0..TIMED {
        let started = now();
        on_cpu();
        cpu = cpu.min(now() - started);
        if cpu > ENOUGH_SECONDS {
            break;
        }
    }
    let faster = gpu < cpu;
    let [gpu, cpu] = [gpu, cpu].map(|seconds| format!("{:.1} ms", 1e3 * seconds));
    Ok(if faster {
        Choice::Gpu(format!("{what} {gpu}, on the CPU {cpu}"))
    } else {
        Choice::Cpu(format!("{what} {cpu}, on {gpu_name} {gpu}"))
    })
}
