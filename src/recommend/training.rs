//! A training by itself, for programs that train in one place and forecast in another: it ends in a saved model.

use crate::device::compute::Compute;
use crate::error::{Error, Result};
use crate::methods::Tensor;
use crate::methods::VisibleCells;
use crate::methods::{BoxFuture, Method, Observer};
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
    /// Nothing is trained yet. The results of the model `without` are kept from the method.
    ///
    /// # Errors
    /// If the snapshot has no result, or has no such model.
    #[inline(never)]
    pub fn new(snapshot: Snapshot, options: TrainOptions, without: Option<&str>) -> Result<Self> {
        let find =
            |id: &str| snapshot.model(id).ok_or_else(|| Error::input(format!("no model \"{id}\" in the snapshot")));
        let without = without.map(find).transpose()?;
        let visible = VisibleCells::new(&snapshot, without.map(|model| snapshot.results_of(model)).as_ref())?;
        let ran = Ran::cpu(options.device);
        Ok(Self { snapshot, options, visible, without, ran, tensors: Vec::new() })
    }

    /// Trains the default method, whatever the options name. Of outcomes it goes on from what was saved of
    /// [`Method::Lrmf`], trained on the CPU with the same seed: the same as [`Method::fit`] in one go.
    ///
    /// # Errors
    /// If a GPU is asked for, the observer stops the training, or there are outcomes and no factorisation of them.
    pub fn run_default<'a>(
        &'a mut self,
        lrmf: Option<&'a [u8]>,
        observer: &'a mut dyn Observer,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.options.method = Method::DEFAULT;
            Compute::refuse(self.options.device, Method::DEFAULT.name())?;
            let data = training_data(&self.snapshot, &self.visible, &self.options);
            let lrmf = lrmf.map(saved::tensors).transpose()?;
            self.tensors = Method::default_parameters(&data, lrmf.as_deref(), observer).await?;
            Ok(())
        })
    }

    /// Trains [`Method::Lrmf`], whatever the options name, on the device that they ask for, with its own penalties or these
    /// λ_M and λ_X.
    ///
    /// # Errors
    /// If the device is not to be had, or the observer stops the training.
    pub async fn run_lrmf(&mut self, penalties: Option<[f32; 2]>, observer: &mut dyn Observer) -> Result<()> {
        self.options.method = Method::Lrmf;
        let mut compute = Compute::new(self.options.device);
        let data = training_data(&self.snapshot, &self.visible, &self.options);
        self.tensors = Method::lrmf_parameters(&mut compute, &data, penalties, observer).await?;
        self.ran = compute.ran();
        Ok(())
    }

    /// Trains a network, on the device that the options ask for.
    ///
    /// # Errors
    /// If the method is not a network, the device is not to be had, or the observer stops the training.
    pub async fn run_network(&mut self, observer: &mut dyn Observer) -> Result<()> {
        let mut compute = Compute::new(self.options.device);
        let data = training_data(&self.snapshot, &self.visible, &self.options);
        self.tensors = self.options.method.network_parameters(&mut compute, &data, observer).await?;
        self.ran = compute.ran();
        Ok(())
    }

    /// Trains one of the other methods; `shared_slope` makes [`Method::Irt`] a 1PL.
    ///
    /// # Errors
    /// If the method is not one of them, a GPU is asked for, or the observer stops the training.
    pub async fn run_other(&mut self, shared_slope: bool, observer: &mut dyn Observer) -> Result<()> {
        Compute::refuse(self.options.device, self.options.method.name())?;
        let data = training_data(&self.snapshot, &self.visible, &self.options);
        self.tensors = self.options.method.other_parameters(&data, shared_slope, observer).await?;
        Ok(())
    }

    /// What was trained, as the bytes of a file.
    ///
    /// # Errors
    /// If it is too large for a file of this form.
    #[inline(never)]
    pub fn save(&self) -> Result<Vec<u8>> {
        saved::pack(&self.snapshot, &self.options, self.without, &self.ran, &self.tensors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::methods::Silent;
    use crate::recommend::{Device, Recommender};

    /// As in JavaScript, where one module factorises and another goes on.
    #[test]
    fn the_default_method_in_two_parts_is_that_in_one() {
        let snapshot = Snapshot::synthetic(40, 30, 3);
        let training = |method| {
            let options = TrainOptions { method, device: Device::Cpu, seed: 5 };
            Training::new(snapshot.clone(), options, None).unwrap()
        };
        let mut first = training(Method::Lrmf);
        pollster::block_on(first.run_lrmf(None, &mut Silent)).unwrap();
        let mut second = training(Method::Eyas);
        let saved = first.save().unwrap();
        pollster::block_on(second.run_default(Some(&saved), &mut Silent)).unwrap();
        let whole = pollster::block_on(Recommender::train(snapshot.clone(), &second.options, &mut Silent)).unwrap();
        assert!(second.save().unwrap() == whole.save().unwrap(), "the two differ");

        let error = pollster::block_on(training(Method::Eyas).run_default(None, &mut Silent)).unwrap_err();
        assert!(error.to_string().contains("factorised first"), "{error}");
    }
}
