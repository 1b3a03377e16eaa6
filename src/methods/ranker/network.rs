//! The network of the ranker: embeddings, backbone, heads and prior (eq. 4 to 10), and the gradient of its losses.
//!
//! An input `x` is a row of blocks: each *view* of a model or task is a block, the weighted sum of some rows of a table of
//! embeddings; numbers that are not trained stand beside them. The first layer is linear in its concatenated parts, so each
//! model and each task of a step is projected once, and not once for each of its scores:
//!
//! `h₁ = max(x_m A + x_t B + c₁, 0)`, `h = max(h₁ W + c₂, 0)`, `residual = h · w_pair`, `ẑ = h · w_point + c`,
//! `prior = max([size | family] P + p, 0) · q`, `score = (residual + prior) / max(τ, ε)`.

use super::losses::{listwise, pairwise};
use crate::methods::training::random::normal;
use eyas_kernels::{map, matrix_product};
use ndarray::{Array2, ArrayView2, Axis, s};
use rand_pcg::Pcg64Mcg;

/// The least temperature (ε of eq. 10).
const LEAST_TEMPERATURE: f32 = 1e-3;
/// Parts of a step that are computed beside each other; their number is fixed so that the sums are too.
const PARTS: usize = 4;

/// A block of an input: the weighted sum of rows of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct View {
    /// The table's position among the tables.
    pub(super) table: usize,
    /// The first column of the block.
    pub(super) at: usize,
    /// Its columns.
    pub(super) width: usize,
}

/// The input of the models or of the tasks.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Side {
    /// Its views; the first one is the ID.
    pub(super) views: Vec<View>,
    /// The first column of the numbers that are not trained.
    pub(super) fixed_at: usize,
    /// All columns.
    pub(super) width: usize,
    /// The row of [UNK] in the table of the IDs.
    pub(super) unknown: u32,
}

/// What is known about one model or task.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Entity {
    /// Rows with their weights, of each view.
    pub(super) rows: Vec<Vec<(u32, f32)>>,
    /// The numbers that are not trained.
    pub(super) fixed: Vec<f32>,
}

/// A table of embeddings.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    pub(super) width: usize,
    pub(super) values: Vec<f32>, // (rows, width)
}

impl Table {
    pub(super) fn row(&self, row: u32) -> &[f32] {
        &self.values[row as usize * self.width..][..self.width]
    }
}

/// The dense parameters, or a gradient of the same shapes. H: width of the backbone.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dense {
    /// A. (x_m, H)
    pub(super) models: Array2<f32>,
    /// B. (x_t, H)
    pub(super) tasks: Array2<f32>,
    /// c₁. (1, H)
    pub(super) offset: Array2<f32>,
    /// W. (H, H)
    pub(super) hidden: Array2<f32>,
    /// c₂. (1, H)
    pub(super) hidden_offset: Array2<f32>,
    /// w_pair and w_point. (H, 2)
    pub(super) heads: Array2<f32>,
    /// c. (1, 1)
    pub(super) point_offset: Array2<f32>,
    /// P. (size + family, prior)
    pub(super) prior: Array2<f32>,
    /// p. (1, prior)
    pub(super) prior_offset: Array2<f32>,
    /// q. (prior, 1)
    pub(super) prior_out: Array2<f32>,
    /// τ. (1, 1)
    pub(super) temperature: Array2<f32>,
}

/// The names of the blocks of [`Dense`], in their order.
pub(super) const DENSE: [&str; 11] = [
    "models",
    "tasks",
    "offset",
    "hidden",
    "hidden offset",
    "heads",
    "point offset",
    "prior",
    "prior offset",
    "prior out",
    "temperature",
];

/// The sizes of [`Dense`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) models: usize,
    pub(super) tasks: usize,
    pub(super) hidden: usize,
    pub(super) structure: usize,
    pub(super) prior: usize,
}

impl Dense {
    pub(super) fn zeros(sizes: Sizes) -> Self {
        let Sizes { models, tasks, hidden, structure, prior } = sizes;
        Self {
            models: Array2::zeros((models, hidden)),
            tasks: Array2::zeros((tasks, hidden)),
            offset: Array2::zeros((1, hidden)),
            hidden: Array2::zeros((hidden, hidden)),
            hidden_offset: Array2::zeros((1, hidden)),
            heads: Array2::zeros((hidden, 2)),
            point_offset: Array2::zeros((1, 1)),
            prior: Array2::zeros((structure, prior)),
            prior_offset: Array2::zeros((1, prior)),
            prior_out: Array2::zeros((prior, 1)),
            temperature: Array2::zeros((1, 1)),
        }
    }

    /// Weights from N(0, 2 / inputs) before a ReLU and N(0, 1 / inputs) elsewhere (He et al. 2015), offsets of 0, a
    /// temperature of 1.
    pub(super) fn random(sizes: Sizes, rng: &mut Pcg64Mcg) -> Self {
        let mut dense = Self::zeros(sizes);
        let mut fill = |block: &mut Array2<f32>, variance: f32| {
            let scale = (variance / block.nrows().max(1) as f32).sqrt();
            block.mapv_inplace(|_| scale * normal(rng));
        };
        fill(&mut dense.models, 1.0);
        fill(&mut dense.tasks, 1.0);
        fill(&mut dense.hidden, 2.0);
        fill(&mut dense.heads, 1.0);
        fill(&mut dense.prior, 2.0);
        fill(&mut dense.prior_out, 1.0);
        dense.temperature.fill(1.0);
        dense
    }

    pub(super) fn blocks(&self) -> [&Array2<f32>; DENSE.len()] {
        [
            &self.models,
            &self.tasks,
            &self.offset,
            &self.hidden,
            &self.hidden_offset,
            &self.heads,
            &self.point_offset,
            &self.prior,
            &self.prior_offset,
            &self.prior_out,
            &self.temperature,
        ]
    }

    pub(super) fn blocks_mut(&mut self) -> [&mut Array2<f32>; DENSE.len()] {
        [
            &mut self.models,
            &mut self.tasks,
            &mut self.offset,
            &mut self.hidden,
            &mut self.hidden_offset,
            &mut self.heads,
            &mut self.point_offset,
            &mut self.prior,
            &mut self.prior_offset,
            &mut self.prior_out,
            &mut self.temperature,
        ]
    }

    fn temperature(&self) -> f32 {
        self.temperature[[0, 0]].max(LEAST_TEMPERATURE)
    }
}

/// The rows of a table that a step touches, with their gradients.
#[derive(Debug, Clone, Default)]
pub(super) struct Touched {
    places: Vec<u32>, // row of the table -> place, or u32::MAX
    /// The touched rows.
    pub(super) rows: Vec<u32>,
    /// Their gradients. (rows, width)
    pub(super) values: Vec<f32>,
}

impl Touched {
    pub(super) fn clear(&mut self, rows: usize) {
        if self.places.len() != rows {
            self.places = vec![u32::MAX; rows];
        }
        self.rows.iter().for_each(|&row| self.places[row as usize] = u32::MAX);
        self.rows.clear();
        self.values.clear();
    }

    fn add(&mut self, row: u32, weight: f32, gradient: impl ExactSizeIterator<Item = f32>) {
        let width = gradient.len();
        let place = &mut self.places[row as usize];
        if *place == u32::MAX {
            *place = self.rows.len() as u32;
            self.rows.push(row);
            self.values.resize(self.values.len() + width, 0.0);
        }
        let values = &mut self.values[*place as usize * width..][..width];
        values.iter_mut().zip(gradient).for_each(|(value, slope)| *value += weight * slope);
    }
}

/// All parameters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parameters {
    pub(super) tables: Vec<Table>,
    pub(super) dense: Dense,
}

/// The gradient by all parameters.
#[derive(Debug, Clone)]
pub(super) struct Gradient {
    pub(super) tables: Vec<Touched>, // one a table
    pub(super) dense: Dense,
}

/// A list of a step: models of one task, in the true order, best first.
#[derive(Debug, Clone, Copy)]
pub(super) struct List<'a> {
    pub(super) task: u32,
    pub(super) models: &'a [u32],
    pub(super) z: &'a [f32],
    /// For each model but the last, a worse one, as a position in the list; the model itself where there is none.
    pub(super) worse: &'a [u32],
}

/// The three losses of a step, each as a mean.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Losses {
    pub(super) list: f64,
    pub(super) pair: f64,
    pub(super) point: f64,
}

impl Losses {
    pub(super) fn total(self, weights: [f32; 3]) -> f64 {
        let [list, pair, point] = weights.map(f64::from);
        list * self.list + pair * self.pair + point * self.point
    }
}

/// Scores of some models on one task.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Scored {
    /// Residuals over the temperature.
    pub(super) residuals: Vec<f32>,
    /// Priors over the temperature.
    pub(super) priors: Vec<f32>,
    /// Predicted standardised scores.
    pub(super) z: Vec<f32>,
}

impl Scored {
    /// The scores (eq. 10).
    pub(super) fn scores(&self) -> impl Iterator<Item = f32> + '_ {
        self.residuals.iter().zip(&self.priors).map(|(residual, prior)| residual + prior)
    }
}

/// The network's shape, with its parameters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Network {
    pub(super) models: Side,
    pub(super) tasks: Side,
    /// The first column of `[size | family]` in the models' input; it ends with them.
    pub(super) structure_at: usize,
    pub(super) parameters: Parameters,
}

/// Models or tasks, once projected. (n, H)
pub(super) type Projected = Array2<f32>;

impl Network {
    /// The input of an entity; its ID is [UNK] if it is hidden.
    fn describe(&self, side: &Side, entity: &Entity, hidden: bool, x: &mut [f32]) {
        x.fill(0.0);
        for (at, (view, rows)) in side.views.iter().zip(&entity.rows).enumerate() {
            let table = &self.parameters.tables[view.table];
            let block = &mut x[view.at..view.at + view.width];
            let unknown = [(side.unknown, 1.0)];
            let rows = if at == 0 && hidden { &unknown } else { rows.as_slice() };
            for &(row, weight) in rows {
                block.iter_mut().zip(table.row(row)).for_each(|(x, value)| *x += weight * value);
            }
        }
        x[side.fixed_at..side.fixed_at + entity.fixed.len()].copy_from_slice(&entity.fixed);
    }

    /// The inputs of entities, each with whether its ID is hidden. (n, width)
    pub(super) fn inputs<'e>(
        &self,
        side: &Side,
        entities: impl ExactSizeIterator<Item = (&'e Entity, bool)>,
    ) -> Array2<f32> {
        let mut x = Array2::zeros((entities.len(), side.width));
        for (mut row, (entity, hidden)) in x.rows_mut().into_iter().zip(entities) {
            if let Some(row) = row.as_slice_mut() {
                self.describe(side, entity, hidden, row);
            }
        }
        x
    }

    /// Models, projected, with their priors.
    pub(super) fn project_models<'e>(
        &self,
        models: impl ExactSizeIterator<Item = (&'e Entity, bool)>,
    ) -> (Projected, Vec<f32>) {
        let x = self.inputs(&self.models, models);
        let (_, prior) = self.prior(x.view());
        (crate::linalg::product(x.view(), self.parameters.dense.models.view()), prior)
    }

    /// Tasks, projected, c₁ included.
    pub(super) fn project_tasks<'e>(&self, tasks: impl ExactSizeIterator<Item = (&'e Entity, bool)>) -> Projected {
        let x = self.inputs(&self.tasks, tasks);
        self.with_offset(crate::linalg::product(x.view(), self.parameters.dense.tasks.view()))
    }

    fn with_offset(&self, projected: Projected) -> Projected {
        projected + &self.parameters.dense.offset
    }

    /// The hidden layer of the prior, (n, prior), and the priors.
    fn prior(&self, x: ArrayView2<'_, f32>) -> (Array2<f32>, Vec<f32>) {
        let dense = &self.parameters.dense;
        let mut layer = crate::linalg::product(x.slice(s![.., self.structure_at..]), dense.prior.view());
        layer += &dense.prior_offset;
        layer.mapv_inplace(|sum| sum.max(0.0));
        let out = crate::linalg::product(layer.view(), dense.prior_out.view());
        (layer, out.into_raw_vec_and_offset().0)
    }

    /// Both hidden layers of pairs of projected models and tasks, each (n, H).
    fn hidden<'p>(&self, pairs: impl ExactSizeIterator<Item = (&'p [f32], &'p [f32])>) -> [Array2<f32>; 2] {
        let dense = &self.parameters.dense;
        let mut first = Array2::<f32>::zeros((pairs.len(), dense.hidden.nrows()));
        for (mut first, (model, task)) in first.rows_mut().into_iter().zip(pairs) {
            let sums = model.iter().zip(task).map(|(m, t)| (m + t).max(0.0));
            first.iter_mut().zip(sums).for_each(|(h, sum)| *h = sum);
        }
        let mut second = crate::linalg::product(first.view(), dense.hidden.view());
        for mut row in second.rows_mut() {
            row.iter_mut().zip(&dense.hidden_offset).for_each(|(h, offset)| *h = (*h + offset).max(0.0));
        }
        [first, second]
    }

    /// Scores of pairs of projected models and tasks, with the models' priors.
    pub(super) fn score<'p>(
        &self,
        pairs: impl ExactSizeIterator<Item = (&'p [f32], &'p [f32])>,
        priors: impl Iterator<Item = f32>,
    ) -> Scored {
        let [_, all] = self.hidden(pairs);
        let dense = &self.parameters.dense;
        let out = crate::linalg::product(all.view(), dense.heads.view());
        let (temperature, offset) = (dense.temperature(), dense.point_offset[[0, 0]]);
        Scored {
            residuals: out.column(0).iter().map(|&residual| residual / temperature).collect(),
            priors: priors.map(|prior| prior / temperature).take(out.nrows()).collect(),
            z: out.column(1).iter().map(|&z| z + offset).collect(),
        }
    }

    /// A gradient of zeros.
    pub(super) fn no_gradient(&self) -> Gradient {
        let mut dense = self.parameters.dense.clone();
        dense.blocks_mut().into_iter().for_each(|block| block.fill(0.0));
        Gradient { tables: vec![Touched::default(); self.parameters.tables.len()], dense }
    }

    /// The losses of some lists, and the gradient of their sum with these weights. `models` and `tasks` are all entities,
    /// each with whether its ID is hidden in this step.
    pub(super) fn step(
        &self,
        models: (&[Entity], &dyn Fn(u32) -> bool),
        tasks: (&[Entity], &dyn Fn(u32) -> bool),
        lists: &[List<'_>],
        weights: [f32; 3],
        gradient: &mut Gradient,
    ) -> Losses {
        let mut places = Places::new(models.0.len());
        lists.iter().flat_map(|list| list.models).for_each(|&model| places.add(model));
        let chosen = places.rows.iter().map(|&model| (&models.0[model as usize], (models.1)(model)));
        let model_inputs = self.inputs(&self.models, chosen.clone());
        let task_entities = lists.iter().map(|list| (&tasks.0[list.task as usize], (tasks.1)(list.task)));
        let task_inputs = self.inputs(&self.tasks, task_entities.clone());
        let dense = &self.parameters.dense;
        let projected = crate::linalg::product(model_inputs.view(), dense.models.view());
        let projected_tasks = self.with_offset(crate::linalg::product(task_inputs.view(), dense.tasks.view()));
        let (prior_layer, priors) = self.prior(model_inputs.view());

        let n_pairs = lists.iter().map(List::pairs).sum::<usize>().max(1) as f32;
        let n_scores = lists.iter().map(|list| list.models.len()).sum::<usize>().max(1);
        let scale = [weights[0] / lists.len().max(1) as f32, weights[1] / n_pairs, weights[2] / n_scores as f32];
        let ends = divide(lists, n_scores);
        let step =
            Part { network: self, places: &places, projected: &projected, tasks: &projected_tasks, priors: &priors };
        let parts = map(ends.len() - 1, |part| step.run(&lists[ends[part]..ends[part + 1]], ends[part], scale));

        // Sums over the parts, always in their order.
        let found = &mut gradient.dense;
        found.blocks_mut().into_iter().for_each(|block| block.fill(0.0));
        let mut by_model = Array2::<f32>::zeros(projected.raw_dim());
        let mut by_task = Array2::<f32>::zeros(projected_tasks.raw_dim());
        let mut by_prior = vec![0.0f32; priors.len()];
        let mut losses = Losses::default();
        for (part, found_here) in parts.into_iter().enumerate() {
            by_model += &found_here.by_model;
            by_task.slice_mut(s![ends[part]..ends[part + 1], ..]).assign(&found_here.by_task);
            by_prior.iter_mut().zip(&found_here.by_prior).for_each(|(sum, slope)| *sum += slope);
            found.hidden += &found_here.hidden;
            found.hidden_offset += &found_here.hidden_offset;
            found.heads += &found_here.heads;
            found.point_offset[[0, 0]] += found_here.point_offset;
            found.temperature[[0, 0]] += found_here.temperature;
            losses.list += found_here.losses.list / lists.len().max(1) as f64;
            losses.pair += found_here.losses.pair / f64::from(n_pairs);
            losses.point += found_here.losses.point / n_scores as f64;
        }
        found.offset.row_mut(0).assign(&by_task.sum_axis(Axis(0)));
        matrix_product(1.0, model_inputs.t(), by_model.view(), 0.0, found.models.view_mut());
        matrix_product(1.0, task_inputs.t(), by_task.view(), 0.0, found.tasks.view_mut());
        let mut by_model_input = crate::linalg::product(by_model.view(), dense.models.t());
        let by_task_input = crate::linalg::product(by_task.view(), dense.tasks.t());
        self.prior_gradient(model_inputs.view(), &prior_layer, &by_prior, found, &mut by_model_input);

        for (touched, table) in gradient.tables.iter_mut().zip(&self.parameters.tables) {
            touched.clear(table.values.len() / table.width.max(1));
        }
        scatter(&self.models, chosen, &by_model_input, &mut gradient.tables);
        scatter(&self.tasks, task_entities, &by_task_input, &mut gradient.tables);
        losses
    }

    /// The gradient by the prior's parameters; adds that by the models' inputs.
    fn prior_gradient(
        &self,
        inputs: ArrayView2<'_, f32>,
        layer: &Array2<f32>,
        by_prior: &[f32],
        found: &mut Dense,
        by_input: &mut Array2<f32>,
    ) {
        let dense = &self.parameters.dense;
        let mut by_layer = layer.clone();
        for ((mut row, layer), &slope) in by_layer.rows_mut().into_iter().zip(layer.rows()).zip(by_prior) {
            for (at, (out, &value)) in row.iter_mut().zip(layer).enumerate() {
                found.prior_out[[at, 0]] += slope * value;
                *out = if value > 0.0 { slope * dense.prior_out[[at, 0]] } else { 0.0 };
            }
        }
        found.prior_offset.row_mut(0).assign(&by_layer.sum_axis(Axis(0)));
        let structure = inputs.slice(s![.., self.structure_at..]);
        matrix_product(1.0, structure.t(), by_layer.view(), 0.0, found.prior.view_mut());
        let to = by_input.slice_mut(s![.., self.structure_at..]);
        matrix_product(1.0, by_layer.view(), dense.prior.t(), 1.0, to);
    }
}

/// Adds the gradients by inputs to the rows that made them.
pub(super) fn scatter<'e>(
    side: &Side,
    entities: impl Iterator<Item = (&'e Entity, bool)>,
    by_input: &Array2<f32>,
    tables: &mut [Touched],
) {
    for ((entity, hidden), slopes) in entities.zip(by_input.rows()) {
        for (at, (view, rows)) in side.views.iter().zip(&entity.rows).enumerate() {
            let unknown = [(side.unknown, 1.0)];
            let rows = if at == 0 && hidden { &unknown } else { rows.as_slice() };
            for &(row, weight) in rows {
                let block = slopes.slice(s![view.at..view.at + view.width]);
                tables[view.table].add(row, weight, block.iter().copied());
            }
        }
    }
}

impl List<'_> {
    fn pairs(&self) -> usize {
        self.worse.iter().enumerate().filter(|&(at, &worse)| worse as usize != at).count()
    }
}

/// The models of a step, numbered.
struct Places {
    of: Vec<u32>, // model -> place, or u32::MAX
    rows: Vec<u32>,
}

impl Places {
    fn new(models: usize) -> Self {
        Self { of: vec![u32::MAX; models], rows: Vec::new() }
    }

    fn add(&mut self, model: u32) {
        let place = &mut self.of[model as usize];
        if *place == u32::MAX {
            *place = self.rows.len() as u32;
            self.rows.push(model);
        }
    }
}

/// Divides lists into parts of about equal numbers of scores: the first list of each part, and the end.
fn divide(lists: &[List<'_>], n_scores: usize) -> Vec<usize> {
    let mut ends = vec![0];
    let mut seen = 0;
    for (at, list) in lists.iter().enumerate() {
        seen += list.models.len();
        if seen * PARTS >= n_scores * ends.len() && at + 1 < lists.len() && ends.len() < PARTS {
            ends.push(at + 1);
        }
    }
    ends.push(lists.len());
    ends
}

/// What a part of a step reads.
struct Part<'a> {
    network: &'a Network,
    places: &'a Places,
    projected: &'a Projected,
    tasks: &'a Projected,
    priors: &'a [f32],
}

/// What a part of a step finds.
struct Found {
    by_model: Array2<f32>, // (models of the step, H)
    by_task: Array2<f32>,  // (lists of the part, H)
    by_prior: Vec<f32>,
    hidden: Array2<f32>,
    hidden_offset: Array2<f32>,
    heads: Array2<f32>,
    point_offset: f32,
    temperature: f32,
    losses: Losses,
}

impl Part<'_> {
    /// The losses of the lists, summed, and their gradients, scaled. `first` is the number of the first list.
    fn run(&self, lists: &[List<'_>], first: usize, scale: [f32; 3]) -> Found {
        let dense = &self.network.parameters.dense;
        let width = dense.heads.nrows();
        let places: Vec<(u32, usize)> = (lists.iter().enumerate())
            .flat_map(|(at, list)| list.models.iter().map(move |&model| (self.places.of[model as usize], at)))
            .collect();
        let pairs =
            places.iter().map(|&(model, list)| (row(self.projected, model as usize), row(self.tasks, first + list)));
        let [first_layer, all] = self.network.hidden(pairs);
        let mut out = crate::linalg::product(all.view(), dense.heads.view()); // (n, 2)
        let temperature = dense.temperature();
        let mut found = Found {
            by_model: Array2::zeros(self.projected.raw_dim()),
            by_task: Array2::zeros((lists.len(), width)),
            by_prior: vec![0.0; self.priors.len()],
            hidden: Array2::zeros((width, width)),
            hidden_offset: Array2::zeros((1, width)),
            heads: Array2::zeros((width, 2)),
            point_offset: 0.0,
            temperature: 0.0,
            losses: Losses::default(),
        };

        // Losses; `out` becomes the gradient by the outputs.
        let mut start = 0;
        let (mut scores, mut slopes) = (Vec::new(), Vec::new());
        for list in lists {
            let n = list.models.len();
            scores.clear();
            scores
                .extend((start..start + n).map(|at| (out[[at, 0]] + self.priors[places[at].0 as usize]) / temperature));
            slopes.clear();
            slopes.resize(n, 0.0);
            found.losses.list += listwise(&scores, scale[0], &mut slopes);
            for (better, &worse) in list.worse.iter().enumerate().filter(|&(at, &worse)| worse as usize != at) {
                let (loss, slope) = pairwise(scores[better], scores[worse as usize]);
                found.losses.pair += loss;
                slopes[better] += scale[1] * slope;
                slopes[worse as usize] -= scale[1] * slope;
            }
            for (at, (&slope, &score)) in slopes.iter().zip(&scores).enumerate() {
                let row = start + at;
                if dense.temperature[[0, 0]] > LEAST_TEMPERATURE {
                    found.temperature -= slope * score / temperature;
                }
                let apart = out[[row, 1]] + dense.point_offset[[0, 0]] - list.z[at];
                found.losses.point += f64::from(apart * apart);
                out[[row, 0]] = slope / temperature;
                out[[row, 1]] = 2.0 * scale[2] * apart;
                found.by_prior[places[row].0 as usize] += slope / temperature;
                found.point_offset += out[[row, 1]];
            }
            start += n;
        }

        let mut slopes = crate::linalg::product(out.view(), dense.heads.t()); // by h: (n, H)
        for ((mut slopes, all), out) in slopes.rows_mut().into_iter().zip(all.rows()).zip(out.rows()) {
            let (Some(slopes), Some(all)) = (slopes.as_slice_mut(), all.as_slice()) else { continue };
            for (at, value) in all.iter().enumerate() {
                found.heads[[at, 0]] += out[0] * value;
                found.heads[[at, 1]] += out[1] * value;
            }
            slopes.iter_mut().zip(all).filter(|(_, value)| **value <= 0.0).for_each(|(slope, _)| *slope = 0.0);
        }
        found.hidden_offset.row_mut(0).assign(&slopes.sum_axis(Axis(0)));
        matrix_product(1.0, first_layer.t(), slopes.view(), 0.0, found.hidden.view_mut());
        let mut by_first = Array2::zeros(first_layer.raw_dim());
        matrix_product(1.0, slopes.view(), dense.hidden.t(), 0.0, by_first.view_mut());
        for ((by_first, first_layer), &(model, list)) in
            by_first.rows().into_iter().zip(first_layer.rows()).zip(&places)
        {
            let (to_model, to_task) = (row_mut(&mut found.by_model, model as usize), row_mut(&mut found.by_task, list));
            let live = by_first.iter().zip(first_layer).map(|(&slope, &value)| if value > 0.0 { slope } else { 0.0 });
            for ((to_model, to_task), slope) in to_model.iter_mut().zip(to_task.iter_mut()).zip(live) {
                *to_model += slope;
                *to_task += slope;
            }
        }
        found
    }
}

pub(super) fn row(of: &Array2<f32>, row: usize) -> &[f32] {
    let width = of.ncols();
    &of.as_slice().unwrap_or_default()[row * width..][..width]
}

fn row_mut(of: &mut Array2<f32>, row: usize) -> &mut [f32] {
    let width = of.ncols();
    &mut of.as_slice_mut().unwrap_or_default()[row * width..][..width]
}

#[cfg(test)]
#[path = "network_tests.rs"]
mod tests;
