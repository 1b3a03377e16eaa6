//! The training loop: early stopping, progress, cancelling and checkpoints. The [`Optimiser`] decides the model and the
//! device.

use crate::error::{Error, Result};
use std::future::Future;
use std::ops::ControlFlow;
use std::pin::Pin;

/// A future that a trait object returns.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// The progress of a training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Number of finished epochs.
    pub epoch: usize,
    /// The most epochs.
    pub max_epochs: usize,
    /// The training objective.
    pub loss: f64,
    /// The validation metric, if there is a validation split; lower is better.
    pub validation: Option<f64>,
    /// The name of the validation metric.
    pub metric: &'static str,
}

/// Observes a training. The library reads no clock: an observer decides how often to show progress, and when to let other
/// work run, by staying pending for a moment.
pub trait Observer {
    /// Seconds since some fixed moment, if there is a clock. Without one no device is chosen by its speed.
    fn now(&self) -> Option<f64> {
        None
    }

    /// Called after each epoch, or after several epochs that a device runs in one submission; `Break` ends the training with
    /// an error of kind `Cancelled`.
    fn report<'a>(&'a mut self, progress: &'a Progress) -> BoxFuture<'a, ControlFlow<()>>;
}

/// An observer that shows nothing and never stops a training.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn report<'a>(&'a mut self, _progress: &'a Progress) -> BoxFuture<'a, ControlFlow<()>> {
        Box::pin(std::future::ready(ControlFlow::Continue(())))
    }
}

/// The limits of a training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrainingLimits {
    /// The most epochs.
    pub max_epochs: usize,
    /// Number of epochs without a better validation metric after which the training ends.
    pub patience: usize,
}

/// A model that is trained epoch by epoch.
pub(in crate::methods) trait Optimiser {
    /// Runs one epoch; returns the training objective.
    async fn advance(&mut self) -> Result<f64>;

    /// Runs some epochs in one submission, at most `most`; returns their number and the objective. The default is one epoch;
    /// several keep a GPU busy.
    async fn advance_up_to(&mut self, _most: usize) -> Result<(usize, f64)> {
        Ok((1, self.advance().await?))
    }

    /// The validation metric of the current parameters; lower is better.
    fn validate(&self) -> Option<f64>;

    /// The name of the validation metric.
    fn metric(&self) -> &'static str {
        "cross-entropy"
    }

    /// Keeps the current parameters as the best so far.
    fn keep(&mut self);

    /// Returns to the parameters that were last kept.
    fn go_back(&mut self);
}

/// Trains until the validation metric has not improved for `patience` epochs (without validation: until the objective has
/// not), and leaves the best parameters in place. Returns the number of the best epoch.
///
/// # Errors
/// Of kind `Cancelled` if the observer breaks, of kind `Computation` if the objective stops being a number.
pub(in crate::methods) async fn train<O: Optimiser>(
    optimiser: &mut O,
    limits: TrainingLimits,
    observer: &mut dyn Observer,
) -> Result<usize> {
    let mut best = (f64::INFINITY, 0);
    let mut epoch = 0;
    while epoch < limits.max_epochs {
        let (done, loss) = optimiser.advance_up_to(limits.max_epochs - epoch).await?;
        epoch += done;
        if !loss.is_finite() {
            // Formatting a float would add 5 KB to a wasm module.
            let became = if loss.is_nan() { "NaN" } else { "infinite" };
            return Err(Error::computation(format!("the training objective became {became} in epoch {epoch}")));
        }
        let validation = optimiser.validate();
        let metric = validation.unwrap_or(loss);
        if metric < best.0 {
            best = (metric, epoch);
            optimiser.keep();
        }
        let progress = Progress { epoch, max_epochs: limits.max_epochs, loss, validation, metric: optimiser.metric() };
        if observer.report(&progress).await.is_break() {
            return Err(Error::cancelled());
        }
        if epoch - best.1 >= limits.patience {
            break;
        }
    }
    optimiser.go_back();
    Ok(best.1)
}

/// Trains on after the best of a training, for a quarter of its epochs, such as with the cells that were kept for its
/// validation. Each is reported as the last of `max_epochs`.
///
/// # Errors
/// Of kind `Cancelled` if the observer breaks.
pub(in crate::methods) async fn go_on<O: Optimiser>(
    optimiser: &mut O,
    best: usize,
    max_epochs: usize,
    observer: &mut dyn Observer,
) -> Result<()> {
    for _ in 0..(best / 4).clamp(1, 10) {
        let loss = optimiser.advance().await?;
        let progress = Progress { epoch: max_epochs, max_epochs, loss, validation: None, metric: optimiser.metric() };
        if observer.report(&progress).await.is_break() {
            return Err(Error::cancelled());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    /// An optimiser with a fixed sequence of validation metrics.
    struct Course {
        metrics: Vec<f64>,
        at: usize,
        kept: usize,
    }

    impl Course {
        fn new(metrics: &[f64]) -> Self {
            Self { metrics: metrics.to_vec(), at: 0, kept: 0 }
        }
    }

    impl Optimiser for Course {
        async fn advance(&mut self) -> Result<f64> {
            self.at += 1;
            Ok(self.metrics[self.at - 1])
        }

        fn validate(&self) -> Option<f64> {
            Some(self.metrics[self.at - 1])
        }

        fn keep(&mut self) {
            self.kept = self.at;
        }

        fn go_back(&mut self) {
            self.at = self.kept;
        }
    }

    fn run(course: &mut Course, observer: &mut dyn Observer) -> Result<usize> {
        let limits = TrainingLimits { max_epochs: course.metrics.len(), patience: 2 };
        pollster::block_on(train(course, limits, observer))
    }

    #[test]
    fn the_best_parameters_stay_and_patience_ends_the_training() {
        let mut course = Course::new(&[5.0, 3.0, 4.0, 3.5, 1.0]);
        assert_eq!(run(&mut course, &mut Silent), Ok(2));
        assert_eq!(course.at, 2);
    }

    #[test]
    fn an_objective_that_is_no_number_is_an_error() {
        let error = run(&mut Course::new(&[5.0, f64::NAN]), &mut Silent).map_err(|e| e.kind());
        assert_eq!(error, Err(ErrorKind::Computation));
    }

    #[test]
    fn an_observer_can_stop_it() {
        struct StopAt(usize);
        impl Observer for StopAt {
            fn report<'a>(&'a mut self, progress: &'a Progress) -> BoxFuture<'a, ControlFlow<()>> {
                let stop = progress.epoch == self.0;
                Box::pin(std::future::ready(if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }))
            }
        }
        let mut course = Course::new(&[5.0, 4.0, 3.0]);
        assert_eq!(run(&mut course, &mut StopAt(2)), Err(Error::cancelled()));
        assert_eq!(course.at, 2);
        assert_eq!(pollster::block_on(go_on(&mut course, 8, 3, &mut StopAt(3))), Err(Error::cancelled()));
        assert_eq!(course.at, 3);
    }
}
