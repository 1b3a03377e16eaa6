//! Trainings that can move to a GPU: there at the start, by what was asked for or where it is faster, and after a failure to
//! another one or back.

use super::optimise::Observer;
use crate::device::compute::Compute;
use crate::error::{Error, Result};

/// Runs that are timed on each device at most, and the seconds after which fewer are enough.
pub(in crate::methods) const TIMED: usize = 3;
const ENOUGH_SECONDS: f64 = 0.05;

/// A device, and why that one.
pub(in crate::methods) enum Choice {
    Gpu(String),
    Cpu(String),
}

/// A training that runs on the CPU, or on a device that it keeps.
pub(in crate::methods) trait Moving {
    /// The choice of its device.
    fn choice(&mut self) -> &mut Compute;

    /// Brings what it needs to the chosen device, if that is a GPU.
    async fn move_in(&mut self) -> Result<()>;

    /// Forgets the device; what it knew of the parameters is here.
    fn leave(&mut self);

    /// Which device is faster, by the observer's clock; the training stays where it is.
    async fn compare(&mut self, observer: &dyn Observer) -> Result<Choice>;

    /// Moves to the GPU, if that is the choice for a training of so many multiplications and additions an epoch.
    async fn begin(&mut self, compute: &Compute, work: f64) -> Result<()> {
        *self.choice() = compute.clone();
        self.choice().open(work).await?;
        if let Err(error) = self.move_in().await {
            self.leave();
            self.choice().give_up(error)?;
        }
        Ok(())
    }

    /// Stays where it is faster, where that is still to be found out and the observer has a clock.
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

    /// Goes on after a device's failure, from the parameters that are here.
    async fn recover(&mut self, failure: &Error) {
        self.leave();
        self.choice().replace(failure).await;
        if let Err(again) = self.move_in().await {
            self.leave();
            self.choice().use_cpu(format!("{}; went on on the CPU: {}", failure.message(), again.message()));
        }
    }
}

/// Times some runs of the same work on either device; `what` they do, as in "a gradient takes".
pub(in crate::methods) async fn faster(
    gpu_name: &str,
    what: &str,
    observer: &dyn Observer,
    mut on_gpu: impl AsyncFnMut() -> Result<()>,
    mut on_cpu: impl FnMut(),
) -> Result<Choice> {
    let now = || observer.now().unwrap_or(0.0);
    let (mut gpu, mut cpu) = (f64::INFINITY, f64::INFINITY);
    // The first one on the device compiles its kernels, and does not count.
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
