//! The default method: Gaussian-process regression on everything that is known about a model without an evaluation, and
//! on its known scores.
//!
//! 1. [`features`] makes numbers, categories, name tokens and ancestors of what is stated about the models.
//! 2. [`outputs`] makes standardised columns of the scores, or of outcomes the coordinates of their factorisation and
//!    the means of their benchmarks; [`links`] chooses their scale. Where there are gaps, a general factor tells how good the
//!    models are that have results, and tasks of few results lean on it and on tasks with like names and facts.
//! 3. [`likelihood`] finds the parameters of the covariance for this table; [`prior`] forecasts with it.
//! 4. A factor analysis tells how what is missed of the outputs goes together and fills the gaps; [`scores`] forecasts from
//!    known scores.
//! 5. [`rehearsal`] forecasts training models as if they were new. On that a stack learns the shares of the process and, of
//!    many models, of boosted [`trees`], and the [`calibration`] the slope of forecasts and how wide their intervals are.

mod calibration;
mod complete;
mod features;
mod forecasting;
mod likelihood;
mod links;
mod models;
mod open;
mod outcomes;
mod outputs;
mod prior;
mod rehearsal;
mod saved;
mod scores;
mod seen;
mod training;
mod trees;
mod work;

use super::data::{NewModel, Target, TrainingData};
use super::fitted::{Fitted, Forecast, Tensor};
use super::inheritance::Inheritance;
use super::learners::factor_analysis::Factors;
use super::learners::score_table::Table;
use super::learners::stack::Stack;
use super::lrmf::model::Lrmf;
use super::training::optimise::{BoxFuture, Observer};
use super::unknowns::Unknowns;
use crate::error::Result;
use crate::snapshot::{Date, ModelIndex, known_afterwards};
use calibration::Calibration;
use features::Encoder;
use outputs::Scale;
use prior::Prior;
use rehearsal::LOOK_AHEAD;
use scores::Scores;
use std::sync::OnceLock;
use trees::{Marks, Trees};
use work::Work;
pub(super) use work::refusal;

/// A trained model of the default method.
pub struct Eyas {
    encoder: Encoder,
    prior: Prior,
    scale: Scale,
    table: Table, // standardised outputs, (n_training, n_outputs)
    work: Work,
    scores: Option<Scores>,     // of several tasks with scores
    ensemble: Option<Ensemble>, // of many models
    /// Of outcomes: shares of the forecast and of the relatives' mean.
    relatives: Option<Stack>,
    calibration: Calibration,
    /// How what is missed of the outputs goes together, in standard deviations.
    residuals: Factors,
    factorisation: Option<Lrmf>,
    last_day: Option<f32>,
    /// Learned when a model is first forecast from its parents.
    inheritance: OnceLock<Inheritance>,
}

/// Trees and their shares beside the process.
struct Ensemble {
    marks: Marks,
    trees: Trees,
    stacks: [Stack; 2], // of models of the training models' time, and of later ones
}

/// Whether a factor of this name is used: all are that are known before an evaluation.
pub(super) fn uses_factor(name: &str) -> bool {
    !known_afterwards(name)
}

/// Factorises outcomes, which the method goes on from; of scores there is nothing to factorise.
///
/// # Errors
/// If the observer stops the training.
pub(super) fn factorise<'a>(
    data: &'a TrainingData<'a>,
    observer: &'a mut (dyn Observer + 'a),
) -> BoxFuture<'a, Result<Option<Lrmf>>> {
    Box::pin(outcomes::factorise(data, observer))
}

/// Models below which a forecast says how few there are.
const FEW: usize = 5;

impl Fitted for Eyas {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        let seen = self.seen(data, target);
        match &self.factorisation {
            Some(factorisation) => self.forecast_of_outcomes(factorisation, data, target, &seen),
            None => self.forecast_of_scores(data, &seen, None),
        }
    }

    fn forecast_tasks(&self, data: &TrainingData<'_>, target: Target<'_>, tasks: &[usize]) -> Result<Forecast> {
        if self.factorisation.is_some() {
            return self.forecast(data, target);
        }
        self.forecast_of_scores(data, &self.seen(data, target), Some(tasks))
    }

    /// Kept where there are gaps: a new training without the model would then take long.
    fn out_of_fold(&self, data: &TrainingData<'_>, model: ModelIndex) -> Result<Option<Forecast>> {
        let mut seen = self.seen(data, Target::Known(model));
        if seen.itself.is_none() || self.factorisation.is_some() || !self.table.has_gaps() {
            return Ok(None);
        }
        seen.known.clear();
        self.forecast_of_scores(data, &seen, None).map(Some)
    }

    fn unknowns(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Option<Unknowns>> {
        if let Some(factorisation) = &self.factorisation {
            let open = |new: &NewModel| Ok(Some(self.answers(factorisation, data, new)?.1.unknowns()));
            return match target {
                Target::Known(model) => open(&NewModel::of(data.models, data.lineage, model.0)),
                Target::New(new) => open(new),
            };
        }
        self.open_scores(data, &self.seen(data, target)).map(Some)
    }

    fn remarks(&self, data: &TrainingData<'_>, target: Target<'_>) -> Vec<(usize, String)> {
        let few = match self.prior.models.len() {
            1 => "only one model has results; this is little more than its scores",
            2..FEW => "only a few models have results; this is little more than their mean",
            _ if self.factorisation.is_some() => return Vec::new(),
            _ => return self.far_smaller(target.facts(data).size().map(|size| size.value)),
        };
        (0..data.tasks.len()).map(|task| (task, few.to_owned())).collect()
    }

    fn notes(&self, _data: &TrainingData<'_>, target: Target<'_>) -> Vec<String> {
        let (Target::New(NewModel { date: Some(date), .. }), Some(last)) = (target, self.last_day) else {
            return Vec::new();
        };
        let is_far = date.days() as f32 > last + LOOK_AHEAD;
        let last = Date::from_days(last as i32).filter(|_| is_far);
        last.map(|last| far_ahead(*date, last)).into_iter().collect()
    }

    fn tensors(&self) -> Vec<Tensor> {
        self.to_tensors()
    }
}

/// What is said of a model from beyond what the data can teach.
fn far_ahead(date: Date, last: Date) -> String {
    let days = LOOK_AHEAD as u32;
    format!("dated {date}, long after the last results ({last}); the forecast is that of {days} days after them")
}
