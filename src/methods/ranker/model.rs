//! The trained ranker, and its forecasts.

use super::calibration::{Calibration, Centre, Kind, Outputs, Sample, unit};
use super::config::RankerConfig;
use super::factorisation::Factorisation;
use super::groups::{Group, complete, groups, seen};
use super::network::{Network, Projected, Scored, row};
use super::parameters::{DENSE, Entity};
use super::size_trend::SizeTrend;
use super::training::{Trained, Training, kind, latest, network};
use super::views::Views;
use crate::error::{Error, Result};
use crate::linalg::clamp;
use crate::methods::data::{Target, TrainingData};
use crate::methods::fitted::{Asked, Fitted, Forecast, HALF_WIDTH, Match, Tensor, misfit, tensor};
use crate::methods::training::optimise::{BoxFuture, Observer, Progress};
use crate::snapshot::ModelIndex;
use eyas_kernels::Cells;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use std::cell::OnceCell;
use std::ops::ControlFlow;
use std::sync::OnceLock;

/// A trained ranker: the mean of some networks that were trained alike, each with other random numbers and other validation
/// cells.
pub struct Ranker {
    pub(super) views: Views,
    pub(super) members: Vec<Member>,
    pub(super) groups: Vec<Group>,
    pub(super) seen: [Vec<bool>; 2], // models, tasks
    pub(super) trend: SizeTrend,
    pub(super) latest: f64,
    /// What the scores alone tell.
    factorisation: Option<Factorisation>,
}

/// A network, its calibration, and the centre of each task.
type Calibrated = (Network, Calibration, Vec<Centre>);

/// One of the networks.
pub(super) struct Member {
    pub(super) network: Network,
    pub(super) calibration: Calibration,
    pub(super) centres: Vec<Centre>, // (n_tasks)
    unit: f32,
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
        let mut trained = Vec::new();
        let mut observer = Onward { observer, before: 0, latest: 0, trainings: config.members };
        for member in 0..config.members {
            let mut training = Training::new(data, config, &views, member);
            training.descend(data, &views, &mut observer).await?;
            observer.before = observer.latest;
            trained.push(training.end());
        }
        let factorisation =
            Factorisation::train(data, config, &views, &groups(data, |_, _| true), &mut observer).await?;
        Ok(Self::of(data, views, calibrated(trained), factorisation))
    }

    fn of(
        data: &TrainingData<'_>,
        views: Views,
        trained: Vec<Calibrated>,
        factorisation: Option<Factorisation>,
    ) -> Self {
        let groups = complete(data, groups(data, |_, _| true));
        let seen = seen(data.models.len(), &groups);
        let models = views.models(data);
        let tasks: Vec<Entity> = data.tasks.iter().enumerate().map(|(at, task)| views.task(task, Some(at))).collect();
        let member = |(network, calibration, centres): Calibrated| Member {
            unit: unit(&centres, &seen[1]),
            tasks: network.project_tasks(tasks.iter().zip(&seen[1]).map(|(task, &seen)| (task, !seen))),
            network,
            calibration,
            centres,
            models: OnceLock::new(),
        };
        let members = trained.into_iter().map(member).collect();
        Self {
            members,
            trend: SizeTrend::of(&groups, &models),
            latest: latest(&models, &seen[0]),
            views,
            groups,
            seen,
            factorisation,
        }
    }

    /// Restores saved parameters.
    ///
    /// # Errors
    /// If a tensor is missing or does not fit the data.
    pub fn restore(data: &TrainingData<'_>, config: &RankerConfig, tensors: &[Tensor]) -> Result<Self> {
        let views = Views::new(data, config);
        let empty = network(config, &views, &mut Pcg64Mcg::seed_from_u64(0));
        let restored = (0..config.members).map(|member| {
            let mut network = empty.clone();
            for (at, table) in network.parameters.tables.iter_mut().enumerate() {
                table.values = tensor(tensors, &named(member, &format!("table {at}")), table.values.len())?;
            }
            for (block, name) in network.parameters.dense.blocks_mut().into_iter().zip(DENSE) {
                if block.is_empty() {
                    continue;
                }
                let values = tensor(tensors, &named(member, name), block.len())?;
                block.as_slice_mut().ok_or_else(|| misfit(name))?.copy_from_slice(&values);
            }
            let calibration = tensor(tensors, &named(member, "calibration"), Calibration::NUMBERS)?;
            let centres = tensor(tensors, &named(member, "centres"), 2 * data.tasks.len())?;
            let centres = centres.chunks_exact(2).map(|centre| [centre[0], centre[1]]).collect();
            Ok((network, Calibration::restore(&calibration), centres))
        });
        let restored = restored.collect::<Result<_>>()?;
        let factorisation = Factorisation::restore(tensors, config.rank, data.models.len(), data.tasks.len())?;
        Ok(Self::of(data, views, restored, factorisation))
    }

    fn is_seen(&self, target: Target<'_>) -> bool {
        match target {
            Target::Known(model) => self.seen[0][model.0 as usize],
            Target::New(_) => false,
        }
    }

    /// The standardised score of a model on a task by the factorisation, if both have training scores.
    pub(super) fn factorised(&self, model: ModelIndex, task: usize) -> Option<f32> {
        let model = model.0 as usize;
        let factorisation = self.factorisation.as_ref().filter(|_| self.seen[0][model] && self.seen[1][task])?;
        Some(factorisation.z(&self.groups[task], model, task))
    }

    /// Forecasts of the standardised scores of a model on all tasks.
    fn forecast_z(&self, entity: &Entity, model: Option<ModelIndex>, kind: Kind) -> Vec<f32> {
        let mut sums = vec![0.0; self.groups.len()];
        for member in &self.members {
            let scored = member.scored(entity, kind != Kind::Known);
            let outputs = scored.z.iter().zip(scored.scores()).zip(&member.centres);
            for (task, ((&z, score), [mean, deviation])) in outputs.enumerate() {
                let trend = self.trend.z(task, entity.size);
                let factorised = model.and_then(|model| self.factorised(model, task));
                let outputs = Outputs { z, u: (score - mean) / deviation, trend, factorised };
                sums[task] += member.calibration.forecast(kind, outputs);
            }
        }
        sums.iter().map(|sum| sum / self.members.len() as f32).collect()
    }

    /// The mean over the members.
    fn mean(&self, of: impl Fn(&Member) -> f32) -> f32 {
        self.members.iter().map(of).sum::<f32>() / self.members.len() as f32
    }
}

impl Member {
    /// Outputs for a model on all tasks.
    fn scored(&self, entity: &Entity, hidden: bool) -> Scored {
        let (model, prior) = self.network.project_models([(entity, hidden)].into_iter());
        let pairs = (0..self.tasks.nrows()).map(|task| (row(&model, 0), row(&self.tasks, task)));
        let vectors = self.network.vectors((0..self.tasks.nrows()).map(|task| (entity, task)));
        self.network.score(pairs, vectors.as_ref(), std::iter::repeat(prior[0]))
    }

    /// Outputs for these models on a projected task, with its number if it has one.
    fn scored_on(
        &self,
        (task, number): (&[f32], Option<usize>),
        models: &[u32],
        entities: &[Entity],
        (projected, priors): &(Projected, Vec<f32>),
    ) -> Vec<Scored> {
        let chosen = |at: usize| models[at] as usize;
        eyas_kernels::map(models.len().div_ceil(PART), |part| {
            let range = part * PART..((part + 1) * PART).min(models.len());
            let pairs = range.clone().map(|at| (row(projected, chosen(at)), task));
            let vectors =
                self.network.vectors(range.clone().map(|at| (&entities[chosen(at)], number.unwrap_or(usize::MAX))));
            self.network.score(pairs, vectors.as_ref(), range.map(|at| priors[chosen(at)]))
        })
    }
}

/// Each network with its calibration: on its own samples of models with training scores, and on those of all of other models.
fn calibrated(trained: Vec<Trained>) -> Vec<Calibrated> {
    let is_known = |sample: &&Sample| sample.kind == Kind::Known;
    let others = trained.iter().flat_map(|(_, samples, _)| samples).filter(|sample| !is_known(sample));
    let others: Vec<Sample> = others.copied().collect();
    let calibrate = |(network, samples, centres): Trained| {
        let all = samples.iter().filter(is_known).chain(&others);
        (network, Calibration::of_samples(&all.copied().collect::<Vec<_>>()), centres)
    };
    trained.into_iter().map(calibrate).collect()
}

/// The name of a member's tensor.
fn named(member: usize, name: &str) -> String {
    format!("{member}/{name}")
}

/// Counts the epochs of several trainings as those of one.
struct Onward<'a> {
    observer: &'a mut dyn Observer,
    before: usize,
    latest: usize,
    trainings: usize,
}

impl Observer for Onward<'_> {
    fn now(&self) -> Option<f64> {
        self.observer.now()
    }

    fn report<'a>(&'a mut self, progress: &'a Progress) -> BoxFuture<'a, ControlFlow<()>> {
        self.latest = self.before + progress.epoch;
        let max_epochs = self.trainings * progress.max_epochs;
        let onward = Progress { epoch: self.latest, max_epochs, ..*progress };
        Box::pin(async move { self.observer.report(&onward).await })
    }
}

impl Fitted for Ranker {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        let entity = self.views.model(data, target);
        let kind = kind(&entity, self.is_seen(target), self.latest);
        let model = if let Target::Known(model) = target { Some(model) } else { None };
        let z = self.forecast_z(&entity, model, kind);
        let mut mean: Vec<f32> =
            z.iter().zip(&self.groups).map(|(z, group)| group.mean + group.deviation * z).collect();
        if self.members.iter().any(|member| member.network.plain) {
            mean.iter_mut().for_each(|mean| *mean = clamp(*mean, 0.0, 1.0));
        }
        let widths = [false, true].map(|task| self.mean(|member| member.calibration.of_z(kind, task)));
        // Of items the intervals would be those of means over benchmarks, which are not measured.
        let is_of_items = matches!(data.cells, Cells::Outcomes { .. });
        let intervals = (0..if is_of_items { 0 } else { mean.len() })
            .map(|task| {
                let Group { deviation, open, .. } = self.groups[task];
                let half = (deviation * widths[usize::from(self.seen[1][task])]).hypot(HALF_WIDTH * open);
                (mean[task] - half, mean[task] + half)
            })
            .collect();
        Ok(Forecast { mean, sources: Vec::new(), intervals })
    }

    fn matches(&self, data: &TrainingData<'_>, task: Asked<'_>, models: &[u32]) -> Result<Option<Vec<Match>>> {
        let (described, at) = match task {
            Asked::Known(at) => (None, Some(at)),
            Asked::Described(task) => (Some(self.views.task(task, None)), None),
        };
        let is_known = at.is_some_and(|at| self.seen[1][at]);
        let halves =
            [Kind::New, Kind::Known].map(|kind| self.mean(|member| member.calibration.of_scores(kind, is_known)));
        let half = |&model: &u32| halves[usize::from(self.seen[0][model as usize])];
        let mut matches: Vec<Match> =
            models.iter().map(|model| Match { prior: 0.0, residual: 0.0, half: half(model) }).collect();
        // They are needed where models are not projected yet, and for the vectors of pairs.
        let entities = OnceCell::new();
        let entities = || -> &Vec<Entity> { entities.get_or_init(|| self.views.models(data)) };
        for member in &self.members {
            let projected = described.as_ref().map(|task| member.network.project_tasks([(task, true)].into_iter()));
            let task = projected.as_ref().map_or(row(&member.tasks, at.unwrap_or(0)), |task| row(task, 0));
            let all = member.models.get_or_init(|| {
                member.network.project_models(entities().iter().zip(&self.seen[0]).map(|(model, &seen)| (model, !seen)))
            });
            let described = if self.views.pairs.is_empty() { &[][..] } else { entities() };
            let scored = member.scored_on((task, at), models, described, all);
            let outputs = scored.iter().flat_map(|scored| scored.residuals.iter().zip(&scored.priors));
            let scale = 1.0 / (member.unit * self.members.len() as f32);
            for (found, (residual, prior)) in matches.iter_mut().zip(outputs) {
                found.residual += scale * residual;
                found.prior += scale * prior;
            }
        }
        let weight = self.mean(|member| member.calibration.ranking());
        if let Some(task) = at {
            for (found, &model) in matches.iter_mut().zip(models) {
                found.residual += weight * self.factorised(ModelIndex(model), task).unwrap_or(0.0);
            }
        }
        Ok(Some(matches))
    }

    fn tensors(&self) -> Vec<Tensor> {
        let of_members = self.members.iter().enumerate().flat_map(|(at, member)| member.tensors(at));
        of_members.chain(self.factorisation.iter().flat_map(Factorisation::tensors)).collect()
    }
}

impl Member {
    fn tensors(&self, member: usize) -> Vec<Tensor> {
        let parameters = &self.network.parameters;
        let tables = parameters.tables.iter().enumerate().map(|(at, table)| Tensor {
            name: named(member, &format!("table {at}")),
            shape: vec![table.values.len() / table.width.max(1), table.width],
            values: table.values.clone(),
        });
        let dense = parameters.dense.blocks().into_iter().zip(DENSE).filter(|(block, _)| !block.is_empty());
        let dense = dense.map(|(block, name)| Tensor {
            name: named(member, name),
            shape: block.shape().to_vec(),
            values: block.iter().copied().collect(),
        });
        let values = self.calibration.numbers();
        let calibration = Tensor { name: named(member, "calibration"), shape: vec![values.len()], values };
        let values = self.centres.as_flattened().to_vec();
        let centres = Tensor { name: named(member, "centres"), shape: vec![self.centres.len(), 2], values };
        tables.chain(dense).chain([calibration, centres]).collect()
    }
}
