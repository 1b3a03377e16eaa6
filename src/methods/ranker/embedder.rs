//! The standardised embedder, a baseline of the ranker in the manner of Wang et al. 2024, "Towards Fundamentally Scalable Model
//! Selection": each model has a vector that is made of that model alone, in a space that all share, so that a model is added
//! without training and a task is a single sweep of products over them.
//!
//! `v_m` is a random projection of what the ranker sees of a model but its ID, each of its columns standardised; the paper's
//! vectors are made by running the models. `u_t = argmin_u Σ_m (z_mt − v_m · u)² + λ ‖u‖²`, and `ẑ = v_m · u_t`. A task without
//! results has the mean of the `u` of others, weighted by `exp((cos − 1) / T)` with the cosine of the texts. λ and T are chosen
//! on the ranker's validation.

use super::config::RankerConfig;
use super::groups::{Group, complete, groups};
use super::nearest_tasks::vectors;
use super::network::row;
use super::parameters::Entity;
use super::towers::{Form, Setting, Towers};
use super::validation::{Part, Validation};
use super::views::Views;
use crate::error::{Error, Result};
use crate::linalg::{clamp, solve_positive};
use crate::methods::data::{Target, TrainingData};
use crate::methods::fitted::{Fitted, Forecast, Tensor, tensor};
use crate::methods::training::random::normal;
use eyas_kernels::cpu::dot;
use eyas_kernels::map;
use ndarray::{Array2, Axis};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

/// Length of the vectors.
const LENGTH: usize = 64;
const PENALTIES: [f32; 4] = [3.0, 30.0, 300.0, 3000.0];
const TEMPERATURES: [f32; 3] = [0.06, 0.25, 1.0];
/// The seed of the projection, which is the same for all data.
const SEED: u64 = 1;

/// λ and T.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Settings {
    penalty: f32,
    temperature: f32,
}

/// The standardised embedder.
pub(in crate::methods) struct Embedder {
    views: Views,
    projection: Towers,
    scale: Vec<(f32, f32)>, // mean and deviation of each column
    tasks: Array2<f32>,     // u: (n_tasks, LENGTH)
    groups: Vec<Group>,
    settings: Settings,
}

impl Embedder {
    /// # Errors
    /// If no task has two models with different scores.
    pub(in crate::methods) fn fit(data: &TrainingData<'_>) -> Result<Self> {
        let validation = Validation::new(data, false, &mut Pcg64Mcg::seed_from_u64(data.seed));
        let holds = validation.holds();
        let kept = groups(data, |model, task| !holds(model, task));
        let mut best = (f64::NEG_INFINITY, Settings { penalty: PENALTIES[1], temperature: TEMPERATURES[1] });
        if kept.iter().any(Group::is_ranked) && !validation.is_empty() {
            let trained = Self::with(data, kept, best.1)?;
            for penalty in PENALTIES {
                let known = trained.known_tasks(penalty, data)?;
                for temperature in TEMPERATURES {
                    let settings = Settings { penalty, temperature };
                    let tasks = complete_tasks(data, &trained.groups, known.clone(), temperature);
                    let tau = trained.validated(data, &validation, &tasks);
                    if tau.is_some_and(|tau| tau > best.0) {
                        best = (tau.unwrap_or_default(), settings);
                    }
                }
            }
        }
        Self::with(data, groups(data, |_, _| true), best.1)
    }

    /// # Errors
    /// If the settings are missing, or the data have nothing to learn from.
    pub(in crate::methods) fn restore(data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Self> {
        let settings = tensor(tensors, "settings", 2)?;
        let settings = Settings { penalty: settings[0], temperature: settings[1] };
        Self::with(data, groups(data, |_, _| true), settings)
    }

    fn with(data: &TrainingData<'_>, groups: Vec<Group>, settings: Settings) -> Result<Self> {
        if !groups.iter().any(Group::is_ranked) {
            return Err(Error::input("embedder needs a task on which two models have different scores"));
        }
        let config = RankerConfig { embedding: LENGTH, label: LENGTH, size: LENGTH, ..RankerConfig::default() };
        let views = Views::new(data, &config);
        let mut rng = Pcg64Mcg::seed_from_u64(SEED);
        let setting = Setting { hidden: 0, length: LENGTH, spread: 1.0, decay: 0.0 };
        let mut projection = Towers::new(Form::Linear, setting, &views, &mut rng);
        let tables = &mut projection.inputs.parameters.tables;
        tables.iter_mut().flat_map(|table| &mut table.values).for_each(|value| *value = normal(&mut rng));
        let scale = vec![(0.0, 1.0); LENGTH];
        let mut found = Self { views, projection, scale, tasks: Array2::zeros((0, LENGTH)), groups, settings };
        let all = found.vectors(&found.views.models(data));
        for (column, scale) in all.columns().into_iter().zip(&mut found.scale) {
            let deviation = column.std(0.0);
            *scale = (column.mean().unwrap_or(0.0), if deviation > 1e-6 { deviation } else { 1.0 });
        }
        let known = found.known_tasks(settings.penalty, data)?;
        found.tasks = complete_tasks(data, &found.groups, known, settings.temperature);
        found.groups = complete(data, found.groups);
        Ok(found)
    }

    /// v of models, without their IDs. (n, LENGTH)
    fn vectors(&self, models: &[Entity]) -> Array2<f32> {
        let mut all = self.projection.layers(0, models.iter().map(|model| (model, true))).vectors;
        for (mut column, &(mean, deviation)) in all.columns_mut().into_iter().zip(&self.scale) {
            column.mapv_inplace(|value| (value - mean) / deviation);
        }
        all
    }

    /// u of the tasks with results, zeros of others. (n_tasks, LENGTH)
    fn known_tasks(&self, penalty: f32, data: &TrainingData<'_>) -> Result<Array2<f32>> {
        let models = self.vectors(&self.views.models(data));
        let solved = map(self.groups.len(), |task| {
            let group = &self.groups[task];
            if !group.is_ranked() {
                return Ok(vec![0.0; LENGTH]);
            }
            let chosen: Vec<usize> = group.models.iter().map(|&model| model as usize).collect();
            task_vector(&models.select(Axis(0), &chosen), &group.z, penalty)
        });
        let mut tasks = Array2::zeros((self.groups.len(), LENGTH));
        for (mut row, solved) in tasks.rows_mut().into_iter().zip(solved) {
            row.iter_mut().zip(solved?).for_each(|(to, value)| *to = value);
        }
        Ok(tasks)
    }

    /// The weighted τ of the validation.
    fn validated(&self, data: &TrainingData<'_>, validation: &Validation, tasks: &Array2<f32>) -> Option<f64> {
        let models = self.vectors(&self.views.models(data));
        let of = |(&(part, task), cells): (&(Part, u32), &Vec<(u32, f32)>)| {
            let z = |cell: &(u32, f32)| [dot(row(&models, cell.0 as usize), row(tasks, task as usize)); 2];
            ((part, task), cells.iter().map(z).collect())
        };
        validation.tau(&validation.groups.iter().map(of).collect(), |prediction| prediction[0])
    }
}

/// The u with the least penalised squared error. v: (n, d)
fn task_vector(v: &Array2<f32>, z: &[f32], penalty: f32) -> Result<Vec<f32>> {
    let d = v.ncols();
    let (mut products, mut with_z) = (vec![0.0f64; d * d], vec![0.0f64; d]);
    for (v, &z) in v.rows().into_iter().zip(z) {
        for (a, &one) in v.iter().enumerate() {
            with_z[a] += f64::from(one * z);
            products[a * d..][..d].iter_mut().zip(v).for_each(|(sum, other)| *sum += f64::from(one * other));
        }
    }
    (0..d).for_each(|at| products[at * d + at] += f64::from(penalty));
    Ok(solve_positive(&mut products, &with_z)?.into_iter().map(|value| value as f32).collect())
}

/// Gives tasks without results the mean u of others by their texts.
fn complete_tasks(data: &TrainingData<'_>, groups: &[Group], mut tasks: Array2<f32>, temperature: f32) -> Array2<f32> {
    let texts = vectors(data.tasks);
    let known: Vec<usize> = (0..groups.len()).filter(|&task| groups[task].is_ranked()).collect();
    for task in (0..groups.len()).filter(|&task| !groups[task].is_ranked()) {
        let weight = |&other: &usize| ((dot(row(&texts, task), row(&texts, other)) - 1.0) / temperature).exp();
        let weights: Vec<f32> = known.iter().map(weight).collect();
        let total = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let mut mean = vec![0.0; LENGTH];
        for (&other, weight) in known.iter().zip(weights) {
            mean.iter_mut().zip(row(&tasks, other)).for_each(|(sum, value)| *sum += weight / total * value);
        }
        tasks.row_mut(task).iter_mut().zip(mean).for_each(|(to, value)| *to = value);
    }
    tasks
}

impl Fitted for Embedder {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        let model = self.vectors(&[self.views.model(data, target)]);
        let of = |(task, group): (usize, &Group)| {
            clamp(group.mean + group.deviation * dot(row(&model, 0), row(&self.tasks, task)), 0.0, 1.0)
        };
        let mean = self.groups.iter().enumerate().map(of).collect();
        Ok(Forecast { mean, sources: Vec::new(), intervals: Vec::new() })
    }

    fn tensors(&self) -> Vec<Tensor> {
        let Settings { penalty, temperature } = self.settings;
        vec![Tensor { name: "settings".to_owned(), shape: vec![2], values: vec![penalty, temperature] }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::methods::ranker::golden;

    #[test]
    fn the_vector_of_a_task_agrees_with_numpy() {
        let golden = golden::of("ridge");
        let v = golden::matrix(&golden["v"]);
        let found = task_vector(&v, &golden::floats(&golden["z"]), 0.7).unwrap();
        golden::assert_near("u", &found, &golden::floats(&golden["u"]));
    }
}
