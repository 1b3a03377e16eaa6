//! The trained ranker, and its forecasts.

use super::calibration::{Calibration, Centre};
use super::config::RankerConfig;
use super::groups::{Group, complete, groups, seen};
use super::network::{Network, Projected, Scored, row};
use super::parameters::{DENSE, Entity};
use super::training::{Training, network};
use super::views::Views;
use crate::error::{Error, Result};
use crate::methods::data::{Target, TrainingData};
use crate::methods::fitted::{Asked, Fitted, Forecast, HALF_WIDTH, Match, Tensor, misfit, tensor};
use crate::methods::training::optimise::Observer;
use crate::snapshot::ModelIndex;
use eyas_kernels::Cells;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use std::sync::OnceLock;

/// A trained ranker.
pub struct Ranker {
    views: Views,
    network: Network,
    calibration: Calibration,
    centres: Vec<Centre>, // (n_tasks)
    groups: Vec<Group>,
    seen: [Vec<bool>; 2],                    // models, tasks
    tasks: Projected,                        // (n_tasks, H)
    models: OnceLock<(Projected, Vec<f32>)>, // (n_models, H), and their priors
}

/// Models that are scored together.
const PART: usize = 4096;

impl Ranker {
    /// Trains on these data.
    ///
    /// # Errors
    /// If no task has two models with different scores, the observer stops the training, or the objective stops being a
    /// number.
    pub async fn fit(data: &TrainingData<'_>, config: &RankerConfig, observer: &mut dyn Observer) -> Result<Self> {
        config.check()?;
        if !groups(data, |_, _| true).iter().any(Group::is_ranked) {
            return Err(Error::input("the ranker needs a task on which two models have different scores"));
        }
        let views = Views::new(data, config);
        let mut training = Training::new(data, config, &views);
        training.descend(data, observer).await?;
        let (network, calibration, centres) = training.end();
        Ok(Self::of(data, views, network, calibration, centres))
    }

    fn of(
        data: &TrainingData<'_>,
        views: Views,
        network: Network,
        calibration: Calibration,
        centres: Vec<Centre>,
    ) -> Self {
        let groups = complete(data, groups(data, |_, _| true));
        let seen = seen(data.models.len(), &groups);
        let tasks: Vec<Entity> = data.tasks.iter().enumerate().map(|(at, task)| views.task(task, Some(at))).collect();
        let tasks = network.project_tasks(tasks.iter().zip(&seen[1]).map(|(task, &seen)| (task, !seen)));
        Self { views, network, calibration, centres, groups, seen, tasks, models: OnceLock::new() }
    }

    /// Restores saved parameters.
    ///
    /// # Errors
    /// If a tensor is missing or does not fit the data.
    pub fn restore(data: &TrainingData<'_>, config: &RankerConfig, tensors: &[Tensor]) -> Result<Self> {
        let views = Views::new(data, config);
        let mut network = network(config, &views, &mut Pcg64Mcg::seed_from_u64(0));
        for (at, table) in network.parameters.tables.iter_mut().enumerate() {
            table.values = tensor(tensors, &format!("table {at}"), table.values.len())?;
        }
        for (block, name) in network.parameters.dense.blocks_mut().into_iter().zip(DENSE) {
            let values = tensor(tensors, name, block.len())?;
            block.as_slice_mut().ok_or_else(|| misfit(name))?.copy_from_slice(&values);
        }
        let calibration = Calibration::restore(&tensor(tensors, "calibration", Calibration::NUMBERS)?);
        let centres = tensor(tensors, "centres", 2 * data.tasks.len())?;
        let centres = centres.chunks_exact(2).map(|centre| [centre[0], centre[1]]).collect();
        Ok(Self::of(data, views, network, calibration, centres))
    }

    fn is_seen(&self, target: Target<'_>) -> bool {
        match target {
            Target::Known(model) => self.seen[0][model.0 as usize],
            Target::New(_) => false,
        }
    }

    fn project_models(&self, data: &TrainingData<'_>) -> (Projected, Vec<f32>) {
        let known = |model: u32| self.views.model(data, Target::Known(ModelIndex(model)));
        let models: Vec<Entity> = (0..data.models.len() as u32).map(known).collect();
        self.network.project_models(models.iter().zip(&self.seen[0]).map(|(model, &seen)| (model, !seen)))
    }

    /// Standardised scores of a model on all tasks.
    fn scored(&self, data: &TrainingData<'_>, target: Target<'_>) -> Scored {
        let entity = self.views.model(data, target);
        let (model, prior) = self.network.project_models([(&entity, !self.is_seen(target))].into_iter());
        let pairs = (0..self.tasks.nrows()).map(|task| (row(&model, 0), row(&self.tasks, task)));
        self.network.score(pairs, std::iter::repeat(prior[0]))
    }
}

impl Fitted for Ranker {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        let scored = self.scored(data, target);
        let outputs = scored.z.iter().zip(scored.scores()).zip(&self.centres);
        let z = outputs.map(|((&z, score), &centre)| self.calibration.forecast(z, score, centre));
        let width = |task: usize| self.calibration.of_z(self.is_seen(target), self.seen[1][task]);
        let mean: Vec<f32> = z.zip(&self.groups).map(|(z, group)| group.mean + group.deviation * z).collect();
        // Of items the intervals would be those of means over benchmarks, which are not measured.
        let is_of_items = matches!(data.cells, Cells::Outcomes { .. });
        let intervals = (0..if is_of_items { 0 } else { mean.len() })
            .map(|task| {
                let Group { deviation, open, .. } = self.groups[task];
                let half = (deviation * width(task)).hypot(HALF_WIDTH * open);
                (mean[task] - half, mean[task] + half)
            })
            .collect();
        Ok(Forecast { mean, sources: Vec::new(), intervals })
    }

    fn matches(&self, data: &TrainingData<'_>, task: Asked<'_>, models: &[u32]) -> Result<Option<Vec<Match>>> {
        let projected;
        let (task, is_known) = match task {
            Asked::Known(task) => (row(&self.tasks, task), self.seen[1][task]),
            Asked::Described(task) => {
                projected = self.network.project_tasks([(&self.views.task(task, None), true)].into_iter());
                (row(&projected, 0), false)
            }
        };
        let (projected, priors) = self.models.get_or_init(|| self.project_models(data));
        let chosen = |at: usize| models[at] as usize;
        let parts = models.len().div_ceil(PART);
        let found = eyas_kernels::map(parts, |part| {
            let range = part * PART..((part + 1) * PART).min(models.len());
            let pairs = range.clone().map(|at| (row(projected, chosen(at)), task));
            self.network.score(pairs, range.map(|at| priors[chosen(at)]))
        });
        let halves = [false, true].map(|model| self.calibration.of_scores(model, is_known));
        let scored = found.iter().flat_map(|scored| scored.residuals.iter().zip(&scored.priors));
        let matched = scored.zip(models).map(|((&residual, &prior), &model)| {
            let half = halves[usize::from(self.seen[0][model as usize])];
            Match { prior, residual, half }
        });
        Ok(Some(matched.collect()))
    }

    fn tensors(&self) -> Vec<Tensor> {
        let parameters = &self.network.parameters;
        let tables = parameters.tables.iter().enumerate().map(|(at, table)| Tensor {
            name: format!("table {at}"),
            shape: vec![table.values.len() / table.width.max(1), table.width],
            values: table.values.clone(),
        });
        let dense = parameters.dense.blocks().into_iter().zip(DENSE).map(|(block, name)| Tensor {
            name: name.to_owned(),
            shape: block.shape().to_vec(),
            values: block.iter().copied().collect(),
        });
        let calibration = self.calibration.numbers();
        let calibration =
            Tensor { name: "calibration".to_owned(), shape: vec![calibration.len()], values: calibration };
        let centres = self.centres.as_flattened().to_vec();
        let centres = Tensor { name: "centres".to_owned(), shape: vec![self.centres.len(), 2], values: centres };
        tables.chain(dense).chain([calibration, centres]).collect()
    }
}
