//! Item response theory (Birnbaum 1968; Rasch 1960): `P(model u solves item i) = logistic(a_i θ_u + d_i)`, θ ~ N(0, 1). The
//! 2PL model has a slope for each item, the 1PL model one slope for all (a Rasch model whose abilities have the variance
//! a²).
//!
//! Item parameters are estimated by marginal maximum likelihood, with EM over a grid of abilities (Bock & Aitkin 1981,
//! [`super::quadrature`]), abilities by their posterior mean (EAP). Standard errors of items come from the observed
//! information (Louis 1982): the whole matrix for up to 32 items; beyond that each item's own block, which ignores the
//! dependence between items through the abilities. Standard errors of abilities are their posterior standard deviations.
//!
//! Deviations. Slopes have the prior N(1, 1), and intercepts the prior N(d̄, 2²) around the logit of the mean score, so that
//! items with few observations, and items that all models solve, have finite parameters; [`IrtConfig::prior`] 0 gives plain
//! maximum likelihood. A score in 0..1 counts as a number of trials, estimated from the scatter of the scores around the
//! curves (a quasi-likelihood, from Pearson's statistic). Forecasts are means over the posterior of the ability. A new
//! model's ability is estimated from its known scores. A model without scores gets each task's mean, because the abilities
//! of real populations are not normally distributed. Lineage and factors are not used.

use super::config::IrtConfig;
use super::em::Em;
use super::quadrature::{self, sigmoid};
use crate::error::Result;
use crate::methods::data::{Target, TrainingData, task_means};
use crate::methods::fitted::{Fitted, Forecast, Tensor, has_no_results, tensor};
use crate::methods::training::optimise::{self, Observer};
use eyas_kernels::Cells;

/// An estimate with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f32,
    /// Its standard error.
    pub error: f32,
}

/// The parameters of one item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IrtItem {
    /// a.
    pub slope: Estimate,
    /// d. The difficulty is -d / a.
    pub intercept: Estimate,
}

/// A fitted item response model.
#[derive(Debug, Clone)]
pub struct Irt {
    items: Vec<IrtItem>,      // (n_tasks)
    abilities: Vec<Estimate>, // (n_models)
    trials: f32,
    means: Vec<f32>, // (n_tasks)
}

impl Irt {
    /// Fits items and abilities.
    ///
    /// # Errors
    /// If the observer stops it, or the likelihood stops being a number.
    pub async fn fit(data: &TrainingData<'_>, config: &IrtConfig, observer: &mut dyn Observer) -> Result<Self> {
        let mut em = Em::new(data.cells, config);
        let rounds = if matches!(data.cells, Cells::Scores(_)) { 3 } else { 0 };
        optimise::train(&mut em, config.limits, observer).await?;
        for _ in 0..rounds {
            em.estimate_trials();
            optimise::train(&mut em, config.limits, observer).await?;
        }
        let errors = em.standard_errors();
        let estimate = |value: f64, error: f64| Estimate { value: value as f32, error: error as f32 };
        let item = |(&(a, d), error): (&(f64, f64), (f64, f64))| IrtItem {
            slope: estimate(a, error.0),
            intercept: estimate(d, error.1),
        };
        let abilities = (0..data.models.len()).map(|model| {
            let (mean, error) = em.posterior(model).moments();
            estimate(mean, error)
        });
        Ok(Self {
            abilities: abilities.collect(),
            items: em.items.iter().zip(errors).map(item).collect(),
            trials: em.trials,
            means: task_means(data),
        })
    }

    /// Restores saved parameters.
    ///
    /// # Errors
    /// If a tensor is missing or does not fit the data.
    pub fn restore(data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Self> {
        let estimates = |name: &str, length: usize| -> Result<Vec<Estimate>> {
            let values = tensor(tensors, name, 2 * length)?;
            Ok(values.chunks_exact(2).map(|pair| Estimate { value: pair[0], error: pair[1] }).collect())
        };
        let items = estimates("slopes", data.tasks.len())?.into_iter().zip(estimates("intercepts", data.tasks.len())?);
        Ok(Self {
            items: items.map(|(slope, intercept)| IrtItem { slope, intercept }).collect(),
            abilities: estimates("abilities", data.models.len())?,
            trials: tensor(tensors, "trials", 1)?[0],
            means: task_means(data),
        })
    }

    /// The items. (n_tasks)
    #[must_use]
    pub fn items(&self) -> &[IrtItem] {
        &self.items
    }

    /// The abilities, in standard deviations of the population. (n_models)
    #[must_use]
    pub fn abilities(&self) -> &[Estimate] {
        &self.abilities
    }

    /// The number of trials that a cell counts as: 1 for an outcome, an estimate for scores.
    #[must_use]
    pub fn trials(&self) -> f32 {
        self.trials
    }
}

impl Fitted for Irt {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        if has_no_results(data, target) {
            return Ok(Forecast { mean: self.means.clone(), sources: Vec::new(), intervals: Vec::new() });
        }
        let item = |item: &IrtItem| (f64::from(item.slope.value), f64::from(item.intercept.value));
        let ability = match target {
            Target::Known(model) => {
                let Estimate { value, error } = self.abilities[model.0 as usize];
                quadrature::bell(f64::from(value), f64::from(error))
            }
            Target::New(new) => {
                let scores = new.distinct_scores().into_iter();
                let answers = scores.map(|(task, score)| (item(&self.items[task]), f64::from(score)));
                quadrature::posterior(&answers.collect::<Vec<_>>(), f64::from(self.trials))
            }
        };
        let mean = self.items.iter().map(item).map(|(a, d)| ability.mean(|theta| sigmoid(a * theta + d)) as f32);
        Ok(Forecast { mean: mean.collect(), sources: Vec::new(), intervals: Vec::new() })
    }

    fn tensors(&self) -> Vec<Tensor> {
        let pairs = |name: &str, estimates: &[Estimate]| Tensor {
            name: name.to_owned(),
            shape: vec![estimates.len(), 2],
            values: estimates.iter().flat_map(|estimate| [estimate.value, estimate.error]).collect(),
        };
        let slopes: Vec<_> = self.items.iter().map(|item| item.slope).collect();
        let intercepts: Vec<_> = self.items.iter().map(|item| item.intercept).collect();
        vec![
            pairs("slopes", &slopes),
            pairs("intercepts", &intercepts),
            pairs("abilities", &self.abilities),
            Tensor { name: "trials".to_owned(), shape: vec![1], values: vec![self.trials] },
        ]
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
