//! A training as a separate step, for programs that train in one place and forecast in another. Its result is a saved
//! model.

use crate::device::compute::Compute;
use crate::error::{Error, Result};
use crate::methods::{BoxFuture, Observer, Part, Settings, Tensor, VisibleCells};
use crate::recommend::{Ran, TrainOptions, saved, training_data};
use crate::snapshot::{ModelIndex, Snapshot};

/// A training on all known results of a snapshot.
pub struct Training {
    snapshot: Snapshot,
    options: TrainOptions,
    visible: VisibleCells,
    without: Option<ModelIndex>,
    ran: Ran,
    tensors: Vec<Tensor>,
}

impl Training {
    /// Prepares a training, optionally without the results of the model `without`.
    ///
    /// # Errors
    /// If the snapshot has no result, or no such model.
    #[inline(never)]
    pub fn new(snapshot: Snapshot, options: TrainOptions, without: Option<&str>) -> Result<Self> {
        let find =
            |id: &str| snapshot.model(id).ok_or_else(|| Error::input(format!("no model \"{id}\" in the snapshot")));
        let without = without.map(find).transpose()?;
        let visible = VisibleCells::new(&snapshot, without.map(|model| snapshot.results_of(model)).as_ref())?;
        let ran = Ran::cpu(options.device);
        Ok(Self { snapshot, options, visible, without, ran, tensors: Vec::new() })
    }

    /// The trained model as the bytes of a file.
    ///
    /// # Errors
    /// If it is too large for this format.
    #[inline(never)]
    pub fn save(&self) -> Result<Vec<u8>> {
        saved::pack(&self.snapshot, &self.options, self.without, &self.ran, &self.tensors)
    }
}

impl Training {
    async fn run<const PART: u8>(
        &mut self,
        settings: Settings,
        lrmf: Option<&[u8]>,
        observer: &mut dyn Observer,
    ) -> Result<()> {
        let mut compute = Compute::new(self.options.device);
        let data = training_data(&self.snapshot, &self.visible, &self.options);
        let lrmf = lrmf.map(saved::tensors).transpose()?;
        let method = self.options.method;
        self.tensors = method.parameters::<PART>(settings, lrmf.as_deref(), &mut compute, &data, observer).await?;
        self.ran = compute.ran();
        Ok(())
    }
}

/// A function for each part of a program that trains. Their futures are boxed, so that they are compiled here, for size, and not with
/// the program that waits for them.
macro_rules! parts {
    ($($name:ident $part:ident)*) => {
        impl Training {
            $(
                /// Trains one of the methods of a part of a program (`xtask/src/modules.rs`), on the device that the options ask for.
                /// Of outcomes the default method goes on from a saved model of `lrmf` that was trained on the CPU with the same seed;
                /// the result is the same as training it in one go.
                ///
                /// # Errors
                /// If the method is in another part, the device is not available, the observer stops the training, or the default
                /// method is given outcomes without their factorisation.
                pub fn $name<'a>(
                    &'a mut self,
                    settings: Settings,
                    lrmf: Option<&'a [u8]>,
                    observer: &'a mut dyn Observer,
                ) -> BoxFuture<'a, Result<()>> {
                    Box::pin(self.run::<{ Part::$part as u8 }>(settings, lrmf, observer))
                }
            )*
        }
    };
}

parts! {
    run_trainer Trainer
    run_lrmf Lrmf
    run_networks Networks
    run_ranker Ranker
    run_methods Methods
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::methods::{Method, Silent};
    use crate::recommend::{Device, Recommender};

    /// As in JavaScript, where one module factorises and another continues.
    #[test]
    fn the_default_method_in_two_parts_equals_a_single_training() {
        let snapshot = Snapshot::synthetic(40, 30, 3);
        let training = |method| {
            let options = TrainOptions { method, device: Device::Cpu, seed: 5 };
            Training::new(snapshot.clone(), options, None).unwrap()
        };
        let mut first = training(Method::Lrmf);
        pollster::block_on(first.run_lrmf(Settings::Usual, None, &mut Silent)).unwrap();
        let mut second = training(Method::Eyas);
        let saved = first.save().unwrap();
        pollster::block_on(second.run_trainer(Settings::Usual, Some(&saved), &mut Silent)).unwrap();
        let whole = pollster::block_on(Recommender::train(snapshot.clone(), &second.options, &mut Silent)).unwrap();
        assert!(second.save().unwrap() == whole.save().unwrap(), "the two differ");

        let mut alone = training(Method::Eyas);
        let error = pollster::block_on(alone.run_trainer(Settings::Usual, None, &mut Silent)).unwrap_err();
        assert!(error.to_string().contains("factorised first"), "{error}");
        let error = pollster::block_on(alone.run_lrmf(Settings::Usual, None, &mut Silent)).unwrap_err();
        assert!(error.to_string().contains("another part"), "{error}");
    }
}
