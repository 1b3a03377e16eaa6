//! What would have been forecast of a model that was measured.

use super::standings::Benchmark;
use super::{Prediction, Recommender};
use crate::error::{Error, Result};
use crate::methods::{Forecast, NewModel, Observer, Target};
use crate::snapshot::ModelIndex;
use serde::Serialize;

/// What is forecast of a measured model by a method that has not seen its results.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Unseen {
    /// Expected score, 0..1 of the range.
    pub mean: f32,
    /// Lower end of the 90 % interval; null where the method has none.
    pub lower: Option<f32>,
    /// Upper end of the 90 % interval.
    pub upper: Option<f32>,
}

impl Recommender {
    /// What is forecast of a model of the snapshot, or of a relative, as of one that nobody evaluated, by a method that was
    /// trained without its results. In the order of the benchmarks.
    ///
    /// # Errors
    /// If the snapshot doesn't know it.
    pub fn unseen(&self, id: &str) -> Result<Vec<Unseen>> {
        let new = NewModel::of(&self.snapshot.models, &self.snapshot.lineage, self.known(id)?);
        Ok(self.by_benchmark(&self.fitted.forecast(&self.data(), Target::New(&new))?))
    }

    /// The same by parts of the method that were trained without the model, where it keeps what they forecast.
    ///
    /// # Errors
    /// If the snapshot doesn't know it.
    pub fn out_of_fold(&self, id: &str) -> Result<Option<Vec<Unseen>>> {
        let model = ModelIndex(self.known(id)?);
        Ok(self.fitted.out_of_fold(&self.data(), model)?.map(|forecast| self.by_benchmark(&forecast)))
    }

    fn by_benchmark(&self, forecast: &Forecast) -> Vec<Unseen> {
        let of = |(at, benchmark): (usize, &Benchmark)| {
            let (lower, upper) = forecast.intervals.get(at).copied().unzip();
            Unseen { mean: benchmark.mean(|task| forecast.mean[task]), lower, upper }
        };
        self.benchmarks.iter().enumerate().map(of).collect()
    }

    /// Adds to the forecasts of a measured model, or of a quantisation of one, what would have been forecast without its
    /// results. Where the method saw them and keeps no out-of-fold forecasts, it is trained anew without.
    ///
    /// # Errors
    /// If nothing is measured of the model, no other model has results, or the observer stops the training.
    pub async fn add_unseen(&self, prediction: &mut Prediction, observer: &mut dyn Observer) -> Result<()> {
        let Some(id) = prediction.measured_id() else {
            return Err(Error::input("nothing is measured of this model, so nothing is to be forecast without it"));
        };
        let (id, seen) = self.seen(id)?;
        let kept = if seen { self.out_of_fold(id)? } else { Some(self.unseen(id)?) };
        let unseen = match kept {
            Some(kept) => kept,
            None => Self::train_without(self.snapshot.clone(), id, &self.options, observer).await?.unseen(id)?,
        };
        for (forecast, unseen) in prediction.forecasts.iter_mut().zip(unseen) {
            forecast.unseen = Some(unseen);
        }
        Ok(())
    }
}

impl Prediction {
    /// The id of the model whose measured scores it shows: its own, or that of the original.
    #[must_use]
    pub fn measured_id(&self) -> Option<&str> {
        let own = self.subject.id.as_deref().filter(|_| self.measured.is_some());
        self.quantisation_of.as_deref().or(own)
    }
}
