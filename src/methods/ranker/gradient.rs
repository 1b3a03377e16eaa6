//! The losses of some lists, and their gradient by all parameters of the ranker.

use super::losses::{listwise, pairwise};
use super::network::{Network, Projected, row};
use super::parameters::{Dense, Entity, LEAST_TEMPERATURE, Side};
use crate::linalg::product;
use eyas_kernels::{map, matrix_product};
use ndarray::{Array2, ArrayView2, Axis, s};

/// Parts of a step that are computed beside each other; their number is fixed so that the sums are too.
const PARTS: usize = 4;

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

impl Network {
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
        let projected = product(model_inputs.view(), dense.models.view());
        let projected_tasks = self.with_offset(product(task_inputs.view(), dense.tasks.view()));
        let (prior_layer, priors) = self.prior(model_inputs.view());

        let n_pairs = lists.iter().map(List::pairs).sum::<usize>().max(1) as f32;
        let n_scores = lists.iter().map(|list| list.models.len()).sum::<usize>().max(1);
        let scale = [weights[0] / lists.len().max(1) as f32, weights[1] / n_pairs, weights[2] / n_scores as f32];
        let ends = divide(lists, n_scores);
        let step = Part {
            network: self,
            models: models.0,
            places: &places,
            projected: &projected,
            tasks: &projected_tasks,
            priors: &priors,
        };
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
            found.pairs += &found_here.pairs;
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
        let mut by_model_input = product(by_model.view(), dense.models.t());
        let by_task_input = product(by_task.view(), dense.tasks.t());
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
    models: &'a [Entity],
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
    pairs: Array2<f32>,
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
        let vectors = {
            let all: Vec<(&Entity, usize)> = (lists.iter())
                .flat_map(|list| list.models.iter().map(|&m| (&self.models[m as usize], list.task as usize)))
                .collect();
            self.network.vectors(all.into_iter())
        };
        let [first_layer, all] = self.network.hidden(pairs, vectors.as_ref());
        let mut out = product(all.view(), dense.heads.view()); // (n, 2)
        let temperature = dense.temperature();
        let mut found = Found {
            by_model: Array2::zeros(self.projected.raw_dim()),
            by_task: Array2::zeros((lists.len(), width)),
            by_prior: vec![0.0; self.priors.len()],
            pairs: Array2::zeros(dense.pairs.raw_dim()),
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
            let point_offset = dense.point_offset[[0, 0]];
            let is_plain = self.network.plain;
            scores.extend((start..start + n).map(|at| match is_plain {
                true => out[[at, 1]] + point_offset,
                false => (out[[at, 0]] + self.priors[places[at].0 as usize]) / temperature,
            }));
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
                let apart = out[[row, 1]] + point_offset - list.z[at];
                found.losses.point += f64::from(apart * apart);
                out[[row, 1]] = 2.0 * scale[2] * apart;
                if is_plain {
                    out[[row, 0]] = 0.0;
                    out[[row, 1]] += slope;
                    found.point_offset += out[[row, 1]];
                    continue;
                }
                if dense.temperature[[0, 0]] > LEAST_TEMPERATURE {
                    found.temperature -= slope * score / temperature;
                }
                out[[row, 0]] = slope / temperature;
                found.by_prior[places[row].0 as usize] += slope / temperature;
                found.point_offset += out[[row, 1]];
            }
            start += n;
        }

        let mut slopes = product(out.view(), dense.heads.t()); // by h: (n, H)
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
        by_first.zip_mut_with(&first_layer, |slope: &mut f32, &value| {
            if value <= 0.0 {
                *slope = 0.0;
            }
        });
        if let Some(vectors) = &vectors {
            matrix_product(1.0, vectors.t(), by_first.view(), 0.0, found.pairs.view_mut());
        }
        for (by_first, &(model, list)) in by_first.rows().into_iter().zip(&places) {
            let (to_model, to_task) = (row_mut(&mut found.by_model, model as usize), row_mut(&mut found.by_task, list));
            for ((to_model, to_task), &slope) in to_model.iter_mut().zip(to_task.iter_mut()).zip(by_first) {
                *to_model += slope;
                *to_task += slope;
            }
        }
        found
    }
}

fn row_mut(of: &mut Array2<f32>, row: usize) -> &mut [f32] {
    let width = of.ncols();
    &mut of.as_slice_mut().unwrap_or_default()[row * width..][..width]
}

#[cfg(test)]
#[path = "gradient_tests.rs"]
mod tests;
