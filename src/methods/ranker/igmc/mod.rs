//! Inductive graph-based matrix completion (Zhang & Chen 2020, "Inductive Matrix Completion Based on Graph Neural Networks"), a
//! baseline of the ranker: a graph network forecasts a score from the scores around it ([`graph`], [`network`]). It knows
//! nothing of models and tasks but their scores, so that all models without scores get the same forecasts.
//!
//! Deviations. Kinds of edges are fifths of standardised scores; some subgraphs lose one of their sides in training, so that
//! models and tasks without scores have an answer; an epoch has at most [`EPOCH`] of the cells. The number of convolutions is
//! chosen on the validation of the ranker, which also ends the training; some epochs on all cells follow.

mod graph;
mod network;

use self::graph::{Dropped, Graph, Subgraphs, relation};
use self::network::Weights;
use super::groups::{Group, complete, groups};
use super::validation::Validation;
use crate::error::{Error, Result};
use crate::linalg::{clamp, sort_by_number};
use crate::methods::data::{Target, TrainingData};
use crate::methods::fitted::{Fitted, Forecast, Tensor, misfit, tensor};
use crate::methods::training::adam::Adam;
use crate::methods::training::optimise::{self, Observer, Optimiser, TrainingLimits};
use eyas_kernels::map;
use ndarray::Array2;
use rand::{SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;

const CONVOLUTIONS: [usize; 2] = [2, 3];
const RATE: f32 = 3e-3;
const BATCH: usize = 64;
const LEAST_STEPS: usize = 16;
const EPOCH: usize = 16_384;
const LIMITS: TrainingLimits = TrainingLimits { max_epochs: 40, patience: 6 };
const DROPPED_EDGES: f32 = 0.1;
const DROPPED_SIDES: [f32; 2] = [0.1, 0.1];
/// Subgraphs that are scored together.
const TOGETHER: usize = 128;

struct Training {
    graph: Graph,
    cells: Vec<(u32, u32, f32)>, // model, task, z
    validation: Validation,
    weights: Weights,
    best: Weights,
    gradient: Vec<Array2<f32>>,
    adam: Adam,
    rng: Pcg64Mcg,
}

impl Training {
    fn new(data: &TrainingData<'_>, convolutions: usize) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(data.seed);
        let validation = Validation::new(data, false, &mut rng);
        let holds = validation.holds();
        let groups = groups(data, |model, task| !holds(model, task));
        drop(holds);
        let weights = Weights::new(convolutions, &mut rng);
        Self {
            graph: Graph::new(data.models.len(), &groups),
            cells: cells(&groups),
            validation,
            gradient: weights.blocks.iter().map(|block| Array2::zeros(block.raw_dim())).collect(),
            adam: Adam::new(RATE, weights.blocks.iter().map(Array2::len)),
            best: weights.clone(),
            weights,
            rng,
        }
    }
}

fn cells(groups: &[Group]) -> Vec<(u32, u32, f32)> {
    let ranked = (0..).zip(groups).filter(|(_, group)| group.is_ranked());
    ranked.flat_map(|(task, group)| group.models.iter().zip(&group.z).map(move |(&m, &z)| (m, task, z))).collect()
}

impl Optimiser for Training {
    async fn advance(&mut self) -> Result<f64> {
        let count = self.cells.len();
        let passes = (LEAST_STEPS * BATCH).div_ceil(count.max(1)).clamp(1, LEAST_STEPS);
        let mut drawn: Vec<(u32, u32, f32)> = Vec::new();
        for _ in 0..passes {
            self.cells.shuffle(&mut self.rng);
            drawn.extend(&self.cells[..count.min(EPOCH)]);
        }
        let mut sum = 0.0;
        for batch in drawn.chunks(BATCH) {
            let mut graphs = Subgraphs::default();
            for &(model, task, _) in batch {
                let mut dropped = Dropped { edges: DROPPED_EDGES, sides: DROPPED_SIDES, rng: &mut self.rng };
                let scores = self.graph.of_model(model as usize);
                self.graph.enclose((Some(model), scores), task, Some(&mut dropped), &mut graphs);
            }
            let z: Vec<f32> = batch.iter().map(|cell| cell.2).collect();
            sum += self.weights.step(&graphs, &z, &mut self.gradient);
            let moving = self.weights.blocks.iter_mut().map(|block| block.as_slice_mut().unwrap_or_default());
            self.adam.step(moving, self.gradient.iter().map(|block| block.as_slice().unwrap_or_default()));
        }
        Ok(sum / drawn.len().max(1) as f64)
    }

    fn validate(&self) -> Option<f64> {
        if self.validation.is_empty() {
            return None;
        }
        let groups: Vec<_> = self.validation.groups.iter().collect();
        let predicted = map(groups.len(), |at| {
            let (&(part, task), cells) = groups[at];
            let pairs: Vec<_> = cells.iter().map(|&(model, _)| (Some(model), task)).collect();
            let scores = |model: Option<u32>| model.map_or(&[][..], |model| self.graph.of_model(model as usize));
            let z = score(&self.graph, &self.weights, &pairs, scores);
            ((part, task), z.into_iter().map(|z| [z; 2]).collect())
        });
        self.validation.tau(&predicted, |prediction| prediction[0]).map(|tau| 1.0 - tau)
    }

    fn metric(&self) -> &'static str {
        "1 - weighted τ"
    }

    fn keep(&mut self) {
        self.best.clone_from(&self.weights);
    }

    fn go_back(&mut self) {
        self.weights.clone_from(&self.best);
    }
}

/// ẑ of pairs of models and tasks, each model with these scores.
fn score<'s>(
    graph: &Graph,
    weights: &Weights,
    pairs: &[(Option<u32>, u32)],
    scores: impl Fn(Option<u32>) -> &'s [(u32, u8)],
) -> Vec<f32> {
    let of = |pairs: &[(Option<u32>, u32)]| {
        let mut graphs = Subgraphs::default();
        pairs.iter().for_each(|&(model, task)| graph.enclose((model, scores(model)), task, None, &mut graphs));
        weights.z(&graphs)
    };
    pairs.chunks(TOGETHER).flat_map(of).collect()
}

/// A trained graph network.
pub(in crate::methods) struct Igmc {
    graph: Graph,
    groups: Vec<Group>,
    weights: Weights,
}

impl Igmc {
    /// Trains on these data.
    ///
    /// # Errors
    /// If no task has two models with different scores, the observer stops the training, or the objective stops being a
    /// number.
    pub(in crate::methods) async fn fit(data: &TrainingData<'_>, observer: &mut dyn Observer) -> Result<Self> {
        let all = groups(data, |_, _| true);
        if !all.iter().any(Group::is_ranked) {
            return Err(Error::input("igmc needs a task on which two models have different scores"));
        }
        let mut chosen: Option<(f64, usize, Training)> = None;
        for convolutions in CONVOLUTIONS {
            let mut training = Training::new(data, convolutions);
            let best = optimise::train(&mut training, LIMITS, observer).await?;
            let validation = training.validate().unwrap_or(f64::INFINITY);
            if chosen.as_ref().is_none_or(|(lowest, ..)| validation < *lowest) {
                chosen = Some((validation, best, training));
            }
        }
        let Some((_, best, mut training)) = chosen else { return Err(Error::computation("no setting was tried")) };
        (training.graph, training.cells) = (Graph::new(data.models.len(), &all), cells(&all));
        optimise::go_on(&mut training, best, LIMITS.max_epochs, observer).await?;
        Ok(Self::of(data, training.weights))
    }

    fn of(data: &TrainingData<'_>, weights: Weights) -> Self {
        let groups = groups(data, |_, _| true);
        Self { graph: Graph::new(data.models.len(), &groups), groups: complete(data, groups), weights }
    }

    /// Restores saved parameters.
    ///
    /// # Errors
    /// If a tensor is missing or does not fit.
    pub(in crate::methods) fn restore(data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Self> {
        let last = tensors.len().wrapping_sub(4) / 2;
        let convolutions = CONVOLUTIONS.into_iter().find(|&n| n == last).ok_or_else(|| misfit("block 0"))?;
        let mut weights = Weights::new(convolutions, &mut Pcg64Mcg::seed_from_u64(0));
        for (at, block) in weights.blocks.iter_mut().enumerate() {
            let name = format!("block {at}");
            let values = tensor(tensors, &name, block.len())?;
            block.as_slice_mut().ok_or_else(|| misfit(&name))?.copy_from_slice(&values);
        }
        Ok(Self::of(data, weights))
    }

    fn of_tasks(&self, target: Target<'_>, tasks: &[usize]) -> Forecast {
        let (model, scores) = match target {
            Target::Known(model) => (Some(model.0), self.graph.of_model(model.0 as usize).to_vec()),
            Target::New(new) => {
                let known = new.distinct_scores().into_iter().filter(|&(task, _)| self.groups[task].is_ranked());
                let mut known: Vec<(u32, f32)> = known.map(|(task, value)| (task as u32, value)).collect();
                sort_by_number(&mut known);
                let related = known.into_iter().map(|(task, value)| {
                    let Group { mean, deviation, .. } = self.groups[task as usize];
                    (task, relation((value - mean) / deviation))
                });
                (None, related.collect())
            }
        };
        let mut mean: Vec<f32> = self.groups.iter().map(|group| clamp(group.mean, 0.0, 1.0)).collect();
        let pairs: Vec<_> = tasks.iter().map(|&task| (model, task as u32)).collect();
        for (&task, z) in tasks.iter().zip(score(&self.graph, &self.weights, &pairs, |_| &scores)) {
            let group = &self.groups[task];
            mean[task] = clamp(group.mean + group.deviation * z, 0.0, 1.0);
        }
        Forecast { mean, sources: Vec::new(), intervals: Vec::new() }
    }
}

impl Fitted for Igmc {
    fn forecast(&self, _data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        Ok(self.of_tasks(target, &(0..self.groups.len()).collect::<Vec<_>>()))
    }

    fn forecast_tasks(&self, _data: &TrainingData<'_>, target: Target<'_>, tasks: &[usize]) -> Result<Forecast> {
        Ok(self.of_tasks(target, tasks))
    }

    fn tensors(&self) -> Vec<Tensor> {
        let blocks = self.weights.blocks.iter().enumerate();
        blocks
            .map(|(at, block)| Tensor {
                name: format!("block {at}"),
                shape: block.shape().to_vec(),
                values: block.iter().copied().collect(),
            })
            .collect()
    }
}
