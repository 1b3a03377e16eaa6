//! Baselines of the ranker whose score of a model on a task is a product of two vectors ([`super::towers`]): two towers, and
//! linear and goal-directed inductive matrix completion. AdamW descends the mean squared error of the standardised scores, with
//! some IDs hidden at each step as in the ranker's training, until the validation no longer gets better; some epochs on all
//! cells follow. Of several settings the one with the best validation is kept.

use super::config::RankerConfig;
use super::groups::{Group, complete, groups, seen};
use super::network::row;
use super::parameters::Entity;
use super::table_adam::TableAdam;
use super::towers::{Form, Gradient, Setting, Towers};
use super::validation::{Part, Validation};
use super::views::Views;
use crate::error::{Error, Result};
use crate::linalg::clamp;
use crate::methods::data::{Target, TrainingData};
use crate::methods::fitted::{Fitted, Forecast, Tensor, find, misfit, tensor};
use crate::methods::training::adam::Adam;
use crate::methods::training::optimise::{self, Observer, Optimiser, TrainingLimits};
use crate::snapshot::ModelIndex;
use ndarray::Array2;
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;

/// Steps of an epoch, about, of small tables.
const LEAST_STEPS: usize = 16;

/// A training in progress.
struct Training {
    entities: [Vec<Entity>; 2], // models, tasks
    groups: Vec<Group>,
    seen: [Vec<bool>; 2],
    validation: Validation,
    towers: Towers,
    best: Towers,
    gradient: Gradient,
    adam: Adam,
    table_adam: TableAdam,
    config: RankerConfig,
    rng: Pcg64Mcg,
}

impl Training {
    fn new(data: &TrainingData<'_>, views: &Views, form: Form, setting: Setting, config: RankerConfig) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(data.seed);
        let models = (0..data.models.len() as u32).map(|at| views.model(data, Target::Known(ModelIndex(at))));
        let tasks = data.tasks.iter().enumerate().map(|(at, task)| views.task(task, Some(at)));
        let validation = Validation::new(data, false, &mut rng);
        let towers = Towers::new(form, setting, views, &mut rng);
        let holds = validation.holds();
        let groups = groups(data, |model, task| !holds(model, task));
        drop(holds);
        Self {
            entities: [models.collect(), tasks.collect()],
            seen: seen(data.models.len(), &groups),
            groups,
            validation,
            best: towers.clone(),
            gradient: towers.no_gradient(),
            adam: Adam::with_decay(config.rate, setting.decay, towers.blocks.iter().map(Array2::len)),
            table_adam: TableAdam::new(config.rate, setting.decay, &towers.inputs.parameters.tables),
            towers,
            config,
            rng,
        }
    }

    /// One step on these tasks; returns the sum of the squared errors before it.
    fn step(&mut self, tasks: &[usize]) -> f64 {
        let hidden = [0, 1].map(|side| {
            let seen = self.seen[side].iter();
            seen.map(|&seen| !seen || self.rng.random::<f32>() < self.config.hide[side]).collect::<Vec<bool>>()
        });
        let lists: Vec<(usize, &Group)> = tasks.iter().map(|&task| (task, &self.groups[task])).collect();
        let loss = self.towers.step(&self.entities, &hidden, &lists, &mut self.gradient);
        self.descend();
        loss
    }

    /// A step of AdamW. Of the tables only the touched rows move.
    fn descend(&mut self) {
        let Gradient { tables, blocks } = &self.gradient;
        let moving = self.towers.blocks.iter_mut().map(|block| block.as_slice_mut().unwrap_or_default());
        self.adam.step(moving, blocks.iter().map(|block| block.as_slice().unwrap_or_default()));
        self.table_adam.step(tables, &mut self.towers.inputs.parameters.tables);
    }

    /// The vectors of all models (side 0) or tasks (1).
    fn vectors(&self, side: usize) -> Array2<f32> {
        let hidden = self.seen[side].iter().map(|&seen| !seen);
        self.towers.layers(side, self.entities[side].iter().zip(hidden)).vectors
    }
}

impl Optimiser for Training {
    async fn advance(&mut self) -> Result<f64> {
        let ranked: Vec<usize> = (0..self.groups.len()).filter(|&task| self.groups[task].is_ranked()).collect();
        let size = |task: usize, groups: &[Group]| groups[task].models.len();
        let total: usize = ranked.iter().map(|&task| size(task, &self.groups)).sum();
        let batch = (total / 128).clamp(32, 4096);
        // Of a small table an epoch has several passes, so that the validation measures more than a first step.
        let passes = (LEAST_STEPS * batch).div_ceil(total.max(1)).clamp(1, LEAST_STEPS);
        let mut order = Vec::new();
        for _ in 0..passes {
            let start = order.len();
            order.extend(&ranked);
            order[start..].shuffle(&mut self.rng);
        }
        let (mut sum, mut start) = (0.0, 0);
        while start < order.len() {
            let (mut end, mut count) = (start, 0);
            while end < order.len() && count < batch {
                count += size(order[end], &self.groups);
                end += 1;
            }
            sum += self.step(&order[start..end]);
            start = end;
        }
        Ok(sum / (passes * total).max(1) as f64)
    }

    fn validate(&self) -> Option<f64> {
        if self.validation.is_empty() {
            return None;
        }
        let (models, tasks) = (self.vectors(0), self.vectors(1));
        let of = |(&(part, task), cells): (&(Part, u32), &Vec<(u32, f32)>)| {
            let z = |cell: &(u32, f32)| [self.towers.z(row(&models, cell.0 as usize), row(&tasks, task as usize)); 2];
            ((part, task), cells.iter().map(z).collect())
        };
        let predicted: Vec<_> = self.validation.groups.iter().map(of).collect();
        self.validation.tau(&predicted, |prediction| prediction[0]).map(|tau| 1.0 - tau)
    }

    fn metric(&self) -> &'static str {
        "1 - weighted τ"
    }

    fn keep(&mut self) {
        self.best.clone_from(&self.towers);
    }

    fn go_back(&mut self) {
        self.towers.clone_from(&self.best);
    }
}

/// Trained towers.
pub(in crate::methods) struct TwoTower {
    views: Views,
    towers: Towers,
    tasks: Array2<f32>, // (n_tasks, length)
    groups: Vec<Group>,
    models: Vec<bool>, // whether they have training cells
}

impl TwoTower {
    /// Trains on these data.
    ///
    /// # Errors
    /// If no task has two models with different scores, the observer stops the training, or the objective stops being a
    /// number.
    pub(in crate::methods) async fn fit(
        form: Form,
        data: &TrainingData<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Self> {
        let all = groups(data, |_, _| true);
        if !all.iter().any(Group::is_ranked) {
            return Err(Error::input("this method needs a task on which two models have different scores"));
        }
        let mut chosen: Option<(f64, usize, Views, Training)> = None;
        for setting in form.settings() {
            let config = config(form, setting.length);
            let views = Views::new(data, &config);
            let limits = TrainingLimits { max_epochs: config.max_epochs, patience: config.patience };
            let mut training = Training::new(data, &views, form, setting, config);
            let best = optimise::train(&mut training, limits, observer).await?;
            // Without a validation the first setting stays.
            let validation = training.validate().unwrap_or(f64::INFINITY);
            if chosen.as_ref().is_none_or(|(lowest, ..)| validation < *lowest) {
                chosen = Some((validation, best, views, training));
            }
        }
        let Some((_, best, views, mut training)) = chosen else {
            return Err(Error::computation("no setting was tried"));
        };
        (training.seen, training.groups) = (seen(data.models.len(), &all), all);
        let max_epochs = training.config.max_epochs;
        optimise::go_on(&mut training, best, max_epochs, observer).await?;
        Ok(Self::of(data, views, training.towers))
    }

    fn of(data: &TrainingData<'_>, views: Views, towers: Towers) -> Self {
        let groups = groups(data, |_, _| true);
        let [models, known] = seen(data.models.len(), &groups);
        let tasks: Vec<Entity> = data.tasks.iter().enumerate().map(|(at, task)| views.task(task, Some(at))).collect();
        let tasks = towers.layers(1, tasks.iter().zip(known.iter().map(|&known| !known))).vectors;
        Self { views, towers, tasks, groups: complete(data, groups), models }
    }

    /// Restores saved parameters.
    ///
    /// # Errors
    /// If a tensor is missing or does not fit the data.
    pub(in crate::methods) fn restore(form: Form, data: &TrainingData<'_>, tensors: &[Tensor]) -> Result<Self> {
        let widths = |name: &str| Ok(find(tensors, name)?.shape.get(1).copied().unwrap_or_default());
        let hidden = widths("models offset")?;
        let length = if form == Form::Linear { hidden } else { widths("models second")? };
        let fits = |setting: &Setting| setting.length == length && (form == Form::Linear || setting.hidden == hidden);
        let setting = form.settings().into_iter().find(fits).ok_or_else(|| misfit("models offset"))?;
        let views = Views::new(data, &config(form, length));
        let mut towers = Towers::new(form, setting, &views, &mut Pcg64Mcg::seed_from_u64(0));
        for (at, table) in towers.inputs.parameters.tables.iter_mut().enumerate() {
            table.values = tensor(tensors, &format!("table {at}"), table.values.len())?;
        }
        for (block, name) in towers.blocks.iter_mut().zip(form.names()) {
            let values = tensor(tensors, name, block.len())?;
            block.as_slice_mut().ok_or_else(|| misfit(name))?.copy_from_slice(&values);
        }
        Ok(Self::of(data, views, towers))
    }
}

/// The ranker's settings; in linear towers the embeddings are the vectors' parts.
fn config(form: Form, length: usize) -> RankerConfig {
    let usual = RankerConfig::default();
    if form == Form::Linear {
        RankerConfig { embedding: length, label: length, size: length, rate: 3e-3, ..usual }
    } else {
        usual
    }
}

impl Fitted for TwoTower {
    fn forecast(&self, data: &TrainingData<'_>, target: Target<'_>) -> Result<Forecast> {
        let entity = self.views.model(data, target);
        let is_seen = matches!(target, Target::Known(model) if self.models[model.0 as usize]);
        let model = self.towers.layers(0, [(&entity, !is_seen)].into_iter()).vectors;
        let z = |task: usize| self.towers.z(row(&model, 0), row(&self.tasks, task));
        let scored = self.groups.iter().enumerate();
        let mean = scored.map(|(task, group)| clamp(group.mean + group.deviation * z(task), 0.0, 1.0)).collect();
        Ok(Forecast { mean, sources: Vec::new(), intervals: Vec::new() })
    }

    fn tensors(&self) -> Vec<Tensor> {
        let tables = self.towers.inputs.parameters.tables.iter().enumerate().map(|(at, table)| Tensor {
            name: format!("table {at}"),
            shape: vec![table.values.len() / table.width.max(1), table.width],
            values: table.values.clone(),
        });
        let blocks = self.towers.blocks.iter().zip(self.towers.form.names()).map(|(block, name)| Tensor {
            name: (*name).to_owned(),
            shape: block.shape().to_vec(),
            values: block.iter().copied().collect(),
        });
        tables.chain(blocks).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::SparseMatrix;
    use crate::lineage::Lineage;
    use crate::methods::data::NewModel;
    use crate::methods::training::optimise::Silent;
    use crate::snapshot::{Model, Task};
    use eyas_kernels::Cells;

    /// Models named `coder` are good at code, those named `writer` at prose.
    #[test]
    fn a_new_model_is_ranked_by_its_name_and_the_text_of_the_task() {
        let models: Vec<Model> = (0..24)
            .map(|at| Model {
                id: format!("{}-{at}", if at % 2 == 0 { "coder" } else { "writer" }),
                ..Model::default()
            })
            .collect();
        let tasks: Vec<Task> = (0..6)
            .map(|at| Task::score(format!("{} {at}", if at % 2 == 0 { "code" } else { "prose" }), None))
            .collect();
        let value = |model: usize, task: usize| {
            let level = if model % 2 == task % 2 { 0.7 } else { 0.3 };
            (model as u32, task as u32, level + 0.01 * ((model * 7 + task * 3) % 5) as f32)
        };
        let entries = (0..24).flat_map(|model| (0..6).map(move |task| value(model, task))).collect();
        let cells = Cells::Scores(SparseMatrix::from_entries(24, 6, entries));
        let lineage = Lineage::new(models.iter().map(|model| model.id.clone()), Vec::new()).0;
        let data = TrainingData { models: &models, tasks: &tasks, lineage: &lineage, cells: &cells, seed: 1 };
        for form in [Form::Cosine, Form::Linear, Form::Kernel] {
            let fitted = pollster::block_on(TwoTower::fit(form, &data, &mut Silent)).unwrap();
            let restored = TwoTower::restore(form, &data, &fitted.tensors()).unwrap();
            for (name, code) in [("coder-99", true), ("writer-99", false)] {
                let new = NewModel { name: Some(name.to_owned()), ..NewModel::default() };
                let forecast = fitted.forecast(&data, Target::New(&new)).unwrap();
                assert_eq!(forecast, restored.forecast(&data, Target::New(&new)).unwrap());
                let apart = forecast.mean[0] - forecast.mean[1];
                assert!(if code { apart > 0.2 } else { apart < -0.2 }, "{form:?} {name}: {:?}", forecast.mean);
            }
        }
    }
}
