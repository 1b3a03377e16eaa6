//! The nearest datasets, a baseline of the ranker without training: Task2Vec's transfer of results from the nearest datasets,
//! with texts in place of probe networks. The standardised score of a model on a task is a mean of its standardised scores
//! on other tasks, shrunk towards 0:
//!
//! `ẑ_ui = Σ_j w_ij z_uj / (λ + Σ_j w_ij)`, `w_ij = exp((cos_ij − 1) / T)`,
//!
//! over the [`NEAREST`] tasks j whose texts are most similar to that of i among those on which the model has a score. A text
//! is the embedding that the snapshot gives, else its hashed n-grams. T and λ are chosen on cells of the training data, each
//! forecast without its own task, every other one also without the tasks of its own dataset. A model without scores has
//! z = 0 on all tasks: their means.

use super::groups::{complete, groups};
use super::text::in_text;
use crate::error::Result;
use crate::linalg::{clamp, keep_greatest, product, sample, sort_by_number, sort_by_value};
use crate::methods::data::{Target, TrainingData};
use crate::methods::fitted::{Fitted, Forecast, Tensor, tensor};
use crate::snapshot::{ModelIndex, Task};
use eyas_kernels::map;
use ndarray::{Array2, ArrayView1, Axis};
use std::sync::OnceLock;

/// Tasks that count for a forecast.
const NEAREST: usize = 20;
/// Buckets of hashed n-grams.
const TEXT: usize = 256;
/// A model with at most this number of scores is compared on all its tasks; for others each task has a list of the nearest.
const FEW: usize = 32;
/// The length of all these lists together, about, the least length of one, and the most tasks that are compared for it.
const LISTED: usize = 1 << 21;
const LEAST_LISTED: usize = 64;
const MOST_COMPARED: usize = 16_384;
/// Tasks that are compared together.
const BLOCK: usize = 64;
/// Models and scores of each on which the settings are chosen.
const CHOSEN_ON: [usize; 2] = [96, 32];
const TEMPERATURES: [f32; 6] = [0.03, 0.06, 0.12, 0.25, 0.5, 1.0];
const SHRINKAGES: [f32; 3] = [0.03, 0.1, 0.3];

/// T and λ.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Settings {
    temperature: f32,
    shrinkage: f32,
}

/// The nearest datasets.
pub(in crate::methods) struct NearestTasks {
    vectors: Array2<f32>,       // (n_tasks, d), each of length 1 or zeros
    scales: Vec<(f32, f32)>,    // mean and deviation of each task
    ranked: Vec<u32>,           // the tasks on which models have different scores
    lists: OnceLock<Vec<Near>>, // (n_tasks)
    settings: Settings,
}

/// Tasks with their cosines, most similar first.
type Near = Vec<(u32, f32)>;
/// Whether a task may count for another.
type Apart<'a> = dyn Fn(usize, u32) -> bool + Sync + 'a;

impl NearestTasks {
    pub(in crate::methods) fn fit(data: &TrainingData<'_>) -> Self {
        let mut fitted = Self::with(data, Settings { temperature: TEMPERATURES[2], shrinkage: SHRINKAGES[1] });
        fitted.settings = fitted.choose(data);
        fitted
    }

    /// Restores the chosen settings.
    ///
    /// # Errors
    /// If they are missing.
    pub(in crate::methods) fn restore(data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Self> {
        let settings = tensor(tensors, "settings", 2)?;
        Ok(Self::with(data, Settings { temperature: settings[0], shrinkage: settings[1] }))
    }

    fn with(data: &TrainingData<'_>, settings: Settings) -> Self {
        let groups = groups(data, |_, _| true);
        let ranked = (0..groups.len() as u32).filter(|&task| groups[task as usize].is_ranked()).collect();
        let scales = complete(data, groups).iter().map(|group| (group.mean, group.deviation)).collect();
        Self { vectors: vectors(data.tasks), scales, ranked, lists: OnceLock::new(), settings }
    }

    /// The tasks on which a model has a score, ascending, with its standardised scores.
    fn measured(&self, data: &TrainingData<'_>, target: Target<'_>) -> Vec<(u32, f32)> {
        let mut scores = Vec::new();
        let mut add = |task: usize, value: f32| scores.push((task as u32, value));
        match target {
            Target::Known(model) => data.cells.for_row(model.0 as usize, add),
            Target::New(new) => {
                new.distinct_scores().into_iter().for_each(|(task, value)| add(task, value));
                sort_by_number(&mut scores);
            }
        }
        let standardised = scores.into_iter().filter_map(|(task, value)| {
            self.ranked.binary_search(&task).ok()?;
            let (mean, deviation) = self.scales[task as usize];
            Some((task, (value - mean) / deviation))
        });
        standardised.collect()
    }

    /// For each of these tasks the standardised scores on the nearest ones of those that are measured, with their cosines.
    fn near(&self, measured: &[(u32, f32)], tasks: &[usize], apart: &Apart<'_>) -> Vec<Vec<[f32; 2]>> {
        let mut z = vec![f32::NAN; self.scales.len()];
        measured.iter().for_each(|&(task, score)| z[task as usize] = score);
        let scored = |&(task, cosine): &(u32, f32)| [z[task as usize], cosine];
        if measured.len() <= FEW {
            let others: Vec<u32> = measured.iter().map(|score| score.0).collect();
            let near = self.nearest(&others, tasks, NEAREST, apart);
            return near.iter().map(|near| near.iter().map(scored).collect()).collect();
        }
        let lists = self.lists.get_or_init(|| self.compare_all());
        let among = |task: usize| {
            let near = lists[task].iter().filter(|near| !z[near.0 as usize].is_nan() && apart(task, near.0));
            near.take(NEAREST).map(scored).collect()
        };
        tasks.iter().map(|&task| among(task)).collect()
    }

    /// The lists of all tasks.
    fn compare_all(&self) -> Vec<Near> {
        let step = self.ranked.len().div_ceil(MOST_COMPARED).max(1);
        let others: Vec<u32> = self.ranked.iter().copied().step_by(step).collect();
        let all: Vec<usize> = (0..self.scales.len()).collect();
        let length = (LISTED / all.len().max(1)).max(LEAST_LISTED);
        self.nearest(&others, &all, length, &|task, other| task != other as usize)
    }

    /// For each of these tasks the `most` nearest ones among others that are apart from it.
    fn nearest(&self, others: &[u32], tasks: &[usize], most: usize, apart: &Apart<'_>) -> Vec<Near> {
        let places: Vec<usize> = others.iter().map(|&other| other as usize).collect();
        let compared = self.vectors.select(Axis(0), &places);
        let blocks = map(tasks.len().div_ceil(BLOCK), |block| {
            let tasks = &tasks[block * BLOCK..((block + 1) * BLOCK).min(tasks.len())];
            let cosines = product(self.vectors.select(Axis(0), tasks).view(), compared.t());
            let of = |(cosines, &task): (ArrayView1<'_, f32>, &usize)| {
                let all = others.iter().copied().zip(cosines.iter().copied());
                let mut near: Near = all.filter(|near| apart(task, near.0)).collect();
                keep_greatest(&mut near, most);
                sort_by_value(&mut near);
                near
            };
            cosines.rows().into_iter().zip(tasks).map(of).collect::<Vec<Near>>()
        });
        blocks.into_iter().flatten().collect()
    }

    /// Standardised scores of a model with these scores on some tasks.
    fn z(&self, measured: &[(u32, f32)], tasks: &[usize]) -> Vec<f32> {
        let near = self.near(measured, tasks, &|task, other| task != other as usize);
        near.iter().map(|near| self.settings.mean(near)).collect()
    }

    /// The settings with the least squared error on some of the training cells.
    fn choose(&self, data: &TrainingData<'_>) -> Settings {
        let [n_models, n_scores] = CHOSEN_ON;
        let mut errors = [[0.0f64; SHRINKAGES.len()]; TEMPERATURES.len()];
        for model in sample(data.models.len(), n_models, data.seed) {
            let measured = self.measured(data, Target::Known(ModelIndex(model as u32)));
            let chosen = sample(measured.len(), n_scores, data.seed.wrapping_add(model as u64));
            let tasks: Vec<usize> = chosen.iter().map(|&at| measured[at].0 as usize).collect();
            let other = |task: usize, other: u32| task != other as usize;
            let dataset = |task: usize, other: u32| data.tasks[task].dataset != data.tasks[other as usize].dataset;
            let half = tasks.len() / 2;
            let near = [self.near(&measured, &tasks[..half], &other), self.near(&measured, &tasks[half..], &dataset)];
            for (near, &at) in near.iter().flatten().zip(&chosen) {
                for (errors, temperature) in errors.iter_mut().zip(TEMPERATURES) {
                    for (error, shrinkage) in errors.iter_mut().zip(SHRINKAGES) {
                        let found = Settings { temperature, shrinkage }.mean(near);
                        *error += f64::from(found - measured[at].1).powi(2);
                    }
                }
            }
        }
        let mut best = (f64::INFINITY, self.settings);
        for (errors, temperature) in errors.iter().zip(TEMPERATURES) {
            for (&error, shrinkage) in errors.iter().zip(SHRINKAGES).filter(|(error, _)| **error > 0.0) {
                if error < best.0 {
                    best = (error, Settings { temperature, shrinkage });
                }
            }
        }
        best.1
    }

    fn of_tasks(&self, data: &TrainingData<'_>, target: Target<'_>, tasks: &[usize]) -> Forecast {
        let mut mean: Vec<f32> = self.scales.iter().map(|scale| scale.0).collect();
        let measured = self.measured(data, target);
        if !measured.is_empty() {
            for (&task, z) in tasks.iter().zip(self.z(&measured, tasks)) {
                let (centre, deviation) = self.scales[task];
                mean[task] = clamp(centre + deviation * z, 0.0, 1.0);
            }
        }
        Forecast { mean, sources: Vec::new(), intervals: Vec::new() }
    }
}

impl Settings {
    /// The weighted mean of the scores on near tasks, shrunk towards 0.
    fn mean(self, near: &[[f32; 2]]) -> f32 {
        let (mut sum, mut weights) = (0.0, self.shrinkage);
        for &[z, cosine] in near {
            let weight = ((cosine - 1.0) / self.temperature).exp();
            sum += weight * z;
            weights += weight;
        }
        sum / weights
    }
}

/// The texts of tasks as vectors of length 1. (n_tasks, d)
pub(super) fn vectors(tasks: &[Task]) -> Array2<f32> {
    let embedded = tasks.first().map_or(0, |task| task.embedding.len());
    let mut vectors = Array2::zeros((tasks.len(), if embedded > 0 { embedded } else { TEXT }));
    for (mut row, task) in vectors.rows_mut().into_iter().zip(tasks) {
        let vector = if embedded > 0 { task.embedding.clone() } else { in_text(&text_of(task), TEXT) };
        let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        let scale = if length > 0.0 { 1.0 / length } else { 0.0 };
        row.iter_mut().zip(vector).for_each(|(to, value)| *to = scale * value);
    }
    vectors
}

fn text_of(task: &Task) -> String {
    let Task { dataset, subset, task_type, description, metric, .. } = task;
    let parts = [Some(dataset), subset.as_ref(), task_type.as_ref(), description.as_ref(), metric.as_ref()];
    parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
}

impl Fitted for NearestTasks {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        Ok(self.of_tasks(data, target, &(0..self.scales.len()).collect::<Vec<_>>()))
    }

    fn forecast_tasks(&self, data: &TrainingData<'_>, target: Target<'_>, tasks: &[usize]) -> Result<Forecast> {
        Ok(self.of_tasks(data, target, tasks))
    }

    fn tensors(&self) -> Vec<Tensor> {
        let Settings { temperature, shrinkage } = self.settings;
        vec![Tensor { name: "settings".to_owned(), shape: vec![2], values: vec![temperature, shrinkage] }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::SparseMatrix;
    use crate::lineage::Lineage;
    use crate::methods::data::NewModel;
    use crate::snapshot::Model;
    use eyas_kernels::Cells;

    fn with_data<T>(tasks: &[Task], cells: Vec<(u32, u32, f32)>, run: impl FnOnce(&TrainingData<'_>) -> T) -> T {
        let count = cells.iter().map(|cell| cell.0 as usize + 1).max().unwrap_or(0) + 1; // the last without scores
        let models: Vec<Model> = (0..count).map(|at| Model { id: format!("m{at}"), ..Model::default() }).collect();
        let lineage = Lineage::new(models.iter().map(|model| model.id.clone()), Vec::new()).0;
        let cells = Cells::Scores(SparseMatrix::from_entries(count, tasks.len(), cells));
        run(&TrainingData { models: &models, tasks, lineage: &lineage, cells: &cells, seed: 1 })
    }

    /// Embeddings with cosines of 1, 0.8 and 0; of both models the z are 1 and -1.
    #[test]
    fn scores_on_near_tasks_weigh_more() {
        let mut tasks: Vec<Task> = ["asked", "near", "far"].map(|id| Task::score(id, None)).into();
        let embeddings = [vec![2.0, 0.0], vec![0.8, 0.6], vec![0.0, 1.0]];
        tasks.iter_mut().zip(embeddings).for_each(|(task, embedding)| task.embedding = embedding);
        let cells = vec![(0, 0, 0.2), (1, 0, 0.6), (0, 1, 0.9), (1, 1, 0.5), (0, 2, 0.1), (1, 2, 0.3)];
        with_data(&tasks, cells, |data| {
            let fitted = NearestTasks::with(data, Settings { temperature: 0.5, shrinkage: 0.1 });
            let [near, far] = [(-0.4f32).exp(), (-2.0f32).exp()];
            let z = (near - far) / (near + far + 0.1);
            let of = |target| fitted.forecast(data, target).unwrap().mean[0];
            assert!((of(Target::Known(ModelIndex(0))) - (0.4 + 0.2 * z)).abs() < 1e-5);
            assert!((of(Target::Known(ModelIndex(2))) - 0.4).abs() < 1e-6, "no scores, no difference");
            let new = NewModel { scores: vec![(2, 0.1), (1, 0.9)], ..NewModel::default() };
            assert!((of(Target::New(&new)) - (0.4 + 0.2 * z)).abs() < 1e-5);
            let part = fitted.forecast_tasks(data, Target::New(&new), &[0]).unwrap();
            assert!((part.mean[0] - of(Target::New(&new))).abs() < 1e-6);
        });
    }

    /// The lists of the nearest hold what a comparison with all tasks finds, and the settings are kept.
    #[test]
    fn a_model_with_many_scores_is_compared_by_lists() {
        let tasks: Vec<Task> =
            (0..90).map(|at| Task::score(format!("{} {at}", ["code", "prose"][at % 2]), None)).collect();
        let value = |model: u32, task: u32| {
            let good = if model % 2 == task % 2 { 0.6 } else { 0.2 };
            (model, task, good + 0.01 * ((model * 5 + task) % 7) as f32)
        };
        let cells = (0..8).flat_map(|model| (0..88).map(move |task| value(model, task))).collect();
        with_data(&tasks, cells, |data| {
            let fitted = NearestTasks::fit(data);
            let measured = fitted.measured(data, Target::Known(ModelIndex(3)));
            assert!(measured.len() > FEW);
            let apart = |task: usize, other: u32| task != other as usize;
            let others: Vec<u32> = measured.iter().map(|score| score.0).collect();
            let all = fitted.nearest(&others, &[5, 89], NEAREST, &apart);
            let cosines = |near: &[[f32; 2]]| near.iter().map(|near| near[1]).collect::<Vec<f32>>();
            for (near, all) in fitted.near(&measured, &[5, 89], &apart).iter().zip(all) {
                let apart = cosines(near).iter().zip(&all).map(|(cosine, near)| (cosine - near.1).abs()).sum::<f32>();
                assert!(near.len() == NEAREST && apart < 1e-4, "{near:?} {all:?}");
            }
            let mean = fitted.forecast(data, Target::Known(ModelIndex(3))).unwrap().mean;
            assert!(mean[89] > mean[88] + 0.1, "it is good at prose: {} {}", mean[89], mean[88]);
            let restored = NearestTasks::restore(data, &fitted.tensors()).unwrap();
            assert_eq!(restored.forecast(data, Target::Known(ModelIndex(3))).unwrap().mean, mean);
        });
    }
}
