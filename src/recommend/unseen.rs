//! Forecasts for measured models, as if they had not been measured.

use super::standings::Benchmark;
use super::{Prediction, Recommender};
use crate::error::{Error, Result};
use crate::methods::{Forecast, NewModel, Observer, Target};
use crate::snapshot::ModelIndex;
use serde::Serialize;

/// The forecast for a measured model by a method that has not seen its results.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Unseen {
    /// Expected score, 0..1 of the range.
    pub mean: f32,
    /// Lower end of the 90 % interval; null if the method has none.
    pub lower: Option<f32>,
    /// Upper end of the 90 % interval.
    pub upper: Option<f32>,
}

impl Recommender {
    /// The forecasts for a model or relative of the snapshot by a method that was trained without its results, one for
    /// each benchmark, in their order.
    ///
    /// # Errors
    /// If the model is not in the snapshot.
    pub fn unseen(&self, id: &str) -> Result<Vec<Unseen>> {
        let new = NewModel::of(&self.snapshot.models, &self.snapshot.lineage, self.known(id)?);
        Ok(self.by_benchmark(&self.forecast(Target::New(&new))?))
    }

    /// The out-of-fold forecasts for a model of the snapshot, one for each benchmark; `None` if the method keeps none.
    ///
    /// # Errors
    /// If the model is not in the snapshot.
    pub fn out_of_fold(&self, id: &str) -> Result<Option<Vec<Unseen>>> {
        let model = ModelIndex(self.known(id)?);
        let forecast = self.fitted.out_of_fold(&self.data(), model)?;
        Ok(forecast.map(|forecast| self.by_benchmark(&self.turned(forecast))))
    }

    fn by_benchmark(&self, forecast: &Forecast) -> Vec<Unseen> {
        let of = |(at, benchmark): (usize, &Benchmark)| {
            let (lower, upper) = forecast.intervals.get(at).copied().unzip();
            Unseen { mean: benchmark.mean(|task| forecast.mean[task]), lower, upper }
        };
        self.benchmarks.iter().enumerate().map(of).collect()
    }

    /// Adds to the forecasts of a measured model, or of a quantisation of one, the forecasts without its results. If
    /// the method has seen the results and keeps no out-of-fold forecasts, a new training without them comes first.
    ///
    /// # Errors
    /// If the model has no measured score, no other model has results, or the observer stops the training.
    pub async fn add_unseen(&self, prediction: &mut Prediction, observer: &mut dyn Observer) -> Result<()> {
        let Some(id) = prediction.measured_id() else {
            return Err(Error::input("this model has no measured score, so there is no forecast without it to add"));
        };
        let (id, seen) = self.seen(id)?;
        let kept = if seen { self.out_of_fold(id)? } else { Some(self.unseen(id)?) };
        let unseen = match kept {
            Some(kept) => kept,
            None => Self::train_without(self.snapshot.clone(), id, &self.options, observer).await?.unseen(id)?,
        };
        for (at, forecast) in self.shown_in(prediction)?.into_iter().zip(&mut prediction.forecasts) {
            forecast.unseen = Some(unseen[at]);
        }
        Ok(())
    }
}

impl Prediction {
    /// The id of the model whose measured scores it has: its own, or that of the original.
    #[must_use]
    pub fn measured_id(&self) -> Option<&str> {
        let own = self.subject.id.as_deref().filter(|_| self.measured.is_some());
        self.quantisation_of.as_deref().or(own)
    }
}
