//! The training of [`super::Ranker`]: epochs of AdamW over lists of models. An epoch scores every training cell once; pairs
//! are drawn among the lists already scored.

use super::calibration::{Centre, Kind, Outputs, Sample, centres, unit};
use super::config::RankerConfig;
use super::factorisation::Factorisation;
use super::gradient::{Gradient, List};
use super::groups::{Group, groups, seen};
use super::network::Network;
use super::parameters::{Dense, Entity, Parameters, Sizes, Table};
use super::size_trend::SizeTrend;
use super::table_adam::TableAdam;
use super::validation::{Part, Predicted, Validation};
use super::views::Views;
use crate::error::Result;
use crate::methods::data::TrainingData;
use crate::methods::training::adam::Adam;
use crate::methods::training::optimise::{self, Observer, Optimiser, TrainingLimits};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;

/// A training in progress.
pub(super) struct Training<'a> {
    config: &'a RankerConfig,
    pub(super) models: Vec<Entity>,
    pub(super) tasks: Vec<Entity>,
    pub(super) network: Network,
    pub(super) validation: Validation,
    groups: Vec<Group>,
    /// Whether a model or task has training cells.
    seen: [Vec<bool>; 2],
    best: Parameters,
    average: Parameters,
    gradient: Gradient,
    adam: Adam,
    table_adam: TableAdam,
    samples: Vec<Sample>,
    rng: Pcg64Mcg,
}

/// A trained network, what to calibrate it on, and the centre of each task.
pub(super) type Trained = (Network, Vec<Sample>, Vec<Centre>);

/// A list before it is borrowed: models, scores and worse models.
struct Drawn {
    task: u32,
    models: Vec<u32>,
    z: Vec<f32>,
    worse: Vec<u32>,
}

impl<'a> Training<'a> {
    /// `member` tells the trainings of an ensemble apart.
    pub(super) fn new(data: &TrainingData<'_>, config: &'a RankerConfig, views: &Views, member: usize) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(data.seed ^ ((member as u64) << 32));
        let models = views.models(data);
        let tasks: Vec<Entity> = data.tasks.iter().enumerate().map(|(at, task)| views.task(task, Some(at))).collect();
        let looks_ahead = member > 0 && member + 1 == config.members;
        let validation = Validation::new(data, looks_ahead, &mut rng);
        let network = network(config, views, &mut rng);
        let lengths: Vec<usize> = network.parameters.dense.blocks().iter().map(|block| block.len()).collect();
        let mut training = Self {
            config,
            models,
            tasks,
            groups: Vec::new(),
            seen: Default::default(),
            best: network.parameters.clone(),
            average: network.parameters.clone(),
            gradient: network.no_gradient(),
            adam: Adam::with_decay(config.rate, config.decay, lengths),
            table_adam: TableAdam::new(config.rate, config.decay, &network.parameters.tables),
            samples: Vec::new(),
            network,
            validation,
            rng,
        };
        let holds = training.validation.holds();
        let kept = groups(data, |model, task| !holds(model, task));
        drop(holds);
        training.take(kept);
        training
    }

    /// Trains on these groups from now on.
    fn take(&mut self, groups: Vec<Group>) {
        self.seen = seen(self.models.len(), &groups);
        self.groups = groups;
    }

    /// Trains to the best validation, then for some epochs on all cells.
    pub(super) async fn descend(
        &mut self,
        data: &TrainingData<'_>,
        views: &Views,
        observer: &mut dyn Observer,
    ) -> Result<()> {
        let limits = TrainingLimits { max_epochs: self.config.max_epochs, patience: self.config.patience };
        let best = optimise::train(self, limits, observer).await?;
        let factorisation = Factorisation::train(data, self.config, views, &self.groups, observer).await?;
        let all = groups(data, |_, _| true);
        self.samples = self.sample(&all, factorisation.as_ref());
        self.take(all);
        optimise::go_on(self, best, limits.max_epochs, observer).await
    }

    /// The lists of an epoch, in random order.
    fn draw(&mut self) -> Vec<Drawn> {
        let mut lists = Vec::new();
        for (task, group) in self.groups.iter().enumerate().filter(|(_, group)| group.is_ranked()) {
            let n = group.models.len();
            let divisions = n.div_ceil(self.config.longest);
            let mut places: Vec<usize> = (0..n).map(|at| at % divisions).collect();
            if divisions > 1 {
                places.shuffle(&mut self.rng);
            }
            for division in 0..divisions {
                let (mut models, mut z) = (Vec::new(), Vec::new());
                for at in (0..n).filter(|&at| places[at] == division) {
                    models.push(group.models[at]);
                    z.push(group.z[at]);
                }
                let last = models.len().saturating_sub(1);
                let worse = (0..last as u32).map(|at| draw_worse(at, &z, &mut self.rng)).collect();
                lists.push(Drawn { task: task as u32, models, z, worse });
            }
        }
        lists.shuffle(&mut self.rng);
        lists
    }

    /// Scores of a step, about.
    fn batch(&self, total: usize) -> usize {
        if self.config.batch > 0 { self.config.batch } else { (total / 128).clamp(32, 4096) }
    }

    fn epoch(&mut self) -> f64 {
        let drawn = self.draw();
        let total: usize = drawn.iter().map(|list| list.models.len()).sum();
        let batch = self.batch(total);
        let (mut sum, mut start) = (0.0, 0);
        std::mem::swap(&mut self.average, &mut self.network.parameters);
        while start < drawn.len() {
            let (mut end, mut count) = (start, 0);
            while end < drawn.len() && count < batch {
                count += drawn[end].models.len();
                end += 1;
            }
            sum += self.step(&drawn[start..end]) * (end - start) as f64;
            self.average_in();
            start = end;
        }
        std::mem::swap(&mut self.average, &mut self.network.parameters);
        sum / drawn.len().max(1) as f64
    }

    /// Takes the parameters into their moving average, which at first is a plain one.
    fn average_in(&mut self) {
        let kept = self.config.average.min(1.0 - 1.0 / (1.0 + 0.1 * self.table_adam.steps as f32));
        let own = &self.network.parameters;
        let mix = |average: &mut [f32], own: &[f32]| {
            average.iter_mut().zip(own).for_each(|(average, own)| *average += (1.0 - kept) * (own - *average));
        };
        for (average, own) in self.average.tables.iter_mut().zip(&own.tables) {
            mix(&mut average.values, &own.values);
        }
        for (average, own) in self.average.dense.blocks_mut().into_iter().zip(own.dense.blocks()) {
            mix(average.as_slice_mut().unwrap_or_default(), own.as_slice().unwrap_or_default());
        }
    }

    /// One step on these lists; returns the loss before it.
    fn step(&mut self, drawn: &[Drawn]) -> f64 {
        let hide = |count: usize, seen: &[bool], share: f32, rng: &mut Pcg64Mcg| -> Vec<bool> {
            (0..count).map(|at| !seen[at] || rng.random::<f32>() < share).collect()
        };
        let [share_m, share_t] = self.config.hide;
        let hidden_models = hide(self.models.len(), &self.seen[0], share_m, &mut self.rng);
        let hidden_tasks = hide(self.tasks.len(), &self.seen[1], share_t, &mut self.rng);
        let lists: Vec<List<'_>> = drawn
            .iter()
            .map(|list| List { task: list.task, models: &list.models, z: &list.z, worse: &list.worse })
            .collect();
        let losses = self.network.step(
            (&self.models, &|model| hidden_models[model as usize]),
            (&self.tasks, &|task| hidden_tasks[task as usize]),
            &lists,
            self.config.weights,
            &mut self.gradient,
        );
        self.descend_by_gradient();
        losses.total(self.config.weights)
    }

    /// A step of AdamW against the gradient, shortened to at most the length `clip`. Of the tables only the touched rows move.
    fn descend_by_gradient(&mut self) {
        let Gradient { tables, dense } = &mut self.gradient;
        let blocks = dense.blocks().into_iter().flat_map(|block| block.iter());
        let all = blocks.chain(tables.iter().flat_map(|touched| touched.values.iter()));
        let length = all.map(|&slope| f64::from(slope) * f64::from(slope)).sum::<f64>().sqrt() as f32;
        let scale = if length > self.config.clip { self.config.clip / length } else { 1.0 };
        if scale < 1.0 {
            dense.blocks_mut().into_iter().for_each(|block| block.mapv_inplace(|slope| scale * slope));
            tables.iter_mut().flat_map(|touched| &mut touched.values).for_each(|slope| *slope *= scale);
        }
        let parameters = &mut self.network.parameters;
        let moving = parameters.dense.blocks_mut().into_iter().map(|block| block.as_slice_mut().unwrap_or_default());
        self.adam.step(moving, dense.blocks().into_iter().map(|block| block.as_slice().unwrap_or_default()));
        self.table_adam.step(tables, &mut parameters.tables);
    }

    /// Predictions of the validation's cells.
    pub(super) fn predict_validation(&self) -> Predicted {
        self.validation.predict(&self.network, (&self.models, &self.seen[0]), (&self.tasks, &self.seen[1]))
    }

    fn centres(&self, groups: &[Group]) -> Vec<Centre> {
        centres(&self.network, (&self.models, &self.seen[0]), (&self.tasks, &self.seen[1]), groups)
    }

    /// The validation's cells with the outputs of the best parameters. `groups` are those of all cells.
    fn sample(&self, groups: &[Group], factorisation: Option<&Factorisation>) -> Vec<Sample> {
        let centres = self.centres(&self.groups);
        let unit = unit(&centres, &self.seen[1]);
        let trend = SizeTrend::of(&self.groups, &self.models);
        let latest = latest(&self.models, &self.seen[0]);
        let mut samples = Vec::new();
        for (key, predictions) in self.predict_validation() {
            let Some(cells) = self.validation.groups.get(&key) else { continue };
            let (group, [mean, deviation]) = (&groups[key.1 as usize], centres[key.1 as usize]);
            if !group.is_ranked() {
                continue;
            }
            let z: Vec<f32> = cells.iter().map(|cell| (cell.1 - group.mean) / group.deviation).collect();
            let count = z.len() as f32;
            let task = key.1 as usize;
            let factorisation = factorisation.filter(|_| key.0 == Part::Cells && self.seen[1][task]);
            let of_model = |model: usize| {
                factorisation.filter(|_| self.seen[0][model]).map(|found| found.z(&self.groups[task], model, task))
            };
            let factorised: Vec<Option<f32>> = cells.iter().map(|cell| of_model(cell.0 as usize)).collect();
            let mean_of_factorised = factorised.iter().map(|z| z.unwrap_or(0.0)).sum::<f32>() / count;
            let means = [z.iter().sum::<f32>() / count, predictions.iter().map(|p| p[0]).sum::<f32>() / count];
            // Differences from a mean of n are smaller by √((n - 1) / n).
            let widening = (count / (count - 1.0)).sqrt();
            let outputs = predictions.iter().zip(&factorised);
            for ((cell, &truth), (&[score, predicted], &factorised)) in cells.iter().zip(&z).zip(outputs) {
                let model = &self.models[cell.0 as usize];
                let trend = trend.z(key.1 as usize, model.size);
                samples.push(Sample {
                    model: cell.0,
                    kind: kind(model, key.0 != Part::Models, latest),
                    task_is_known: key.0 != Part::Datasets,
                    truth,
                    outputs: Outputs { z: predicted, u: (score - mean) / deviation, trend, factorised },
                    centred: (count >= 3.0).then(|| {
                        let factorised = factorised.map_or(0.0, |z| z - mean_of_factorised);
                        [truth - means[0], (score - means[1]) / unit, factorised].map(|value| widening * value)
                    }),
                });
            }
        }
        samples
    }

    pub(super) fn end(self) -> Trained {
        let centres = self.centres(&self.groups);
        (self.network, self.samples, centres)
    }
}

/// The date of the latest model with training scores.
pub(super) fn latest(models: &[Entity], seen: &[bool]) -> f64 {
    let dates = models.iter().zip(seen).filter(|(_, seen)| **seen).filter_map(|(model, _)| model.date);
    dates.fold(f64::NEG_INFINITY, f64::max)
}

pub(super) fn kind(model: &Entity, seen: bool, latest: f64) -> Kind {
    match (seen, model.date) {
        (true, _) => Kind::Known,
        (false, Some(date)) if date > latest => Kind::Later,
        (false, _) => Kind::New,
    }
}

/// A worse model for a pair, uniformly among those that follow; the model itself if the drawn one is as good.
fn draw_worse(at: u32, z: &[f32], rng: &mut Pcg64Mcg) -> u32 {
    let drawn = rng.random_range(at + 1..z.len() as u32);
    if z[drawn as usize] < z[at as usize] { drawn } else { at }
}

/// A network for these views, with random weights. Embeddings start at zero, so that what was never trained is neutral.
pub(super) fn network(config: &RankerConfig, views: &Views, rng: &mut Pcg64Mcg) -> Network {
    let sizes = Sizes {
        models: views.models.width,
        tasks: views.tasks.width,
        pairs: views.pairs.len(),
        hidden: config.hidden,
        structure: views.models.width - views.structure_at,
        prior: config.prior,
    };
    let tables = views.tables.iter().map(|&(rows, width)| Table { width, values: vec![0.0; rows * width] });
    Network {
        models: views.models.clone(),
        tasks: views.tasks.clone(),
        structure_at: views.structure_at,
        plain: config.plain,
        parameters: Parameters { tables: tables.collect(), dense: Dense::random(sizes, rng) },
    }
}

impl Optimiser for Training<'_> {
    async fn advance(&mut self) -> Result<f64> {
        Ok(self.epoch())
    }

    fn validate(&self) -> Option<f64> {
        if self.validation.is_empty() {
            return None;
        }
        self.validation.tau(&self.predict_validation(), |prediction| prediction[0]).map(|tau| 1.0 - tau)
    }

    fn metric(&self) -> &'static str {
        "1 - weighted τ"
    }

    fn keep(&mut self) {
        self.best.clone_from(&self.network.parameters);
    }

    fn go_back(&mut self) {
        self.network.parameters.clone_from(&self.best);
    }
}
