//! The network of the ranker: embeddings, backbone, heads and prior (eq. 4 to 10), and the gradient of its losses.
//!
//! An input `x` is a row of blocks: each *view* of a model or task is a block, the weighted sum of some rows of a table of
//! embeddings; numbers that are not trained stand beside them. The first layer is linear in its concatenated parts, so each
//! model and each task of a step is projected once, and not once for each of its scores:
//!
//! `h₁ = max(x_m A + x_t B + v C + c₁, 0)` with a vector v of the pair where the snapshot has some, `h = max(h₁ W + c₂, 0)`, `residual = h · w_pair`, `ẑ = h · w_point + c`,
//! `prior = max([size | family] P + p, 0) · q`, `score = (residual + prior) / max(τ, ε)`.

use super::parameters::{Entity, Parameters, Side};
use crate::linalg::product;
use ndarray::{Array2, ArrayView2, s};

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
    /// Whether ẑ ranks, too: the surrogate has neither the other head nor the prior.
    pub(super) plain: bool,
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
        (product(x.view(), self.parameters.dense.models.view()), prior)
    }

    /// Tasks, projected, c₁ included.
    pub(super) fn project_tasks<'e>(&self, tasks: impl ExactSizeIterator<Item = (&'e Entity, bool)>) -> Projected {
        let x = self.inputs(&self.tasks, tasks);
        self.with_offset(product(x.view(), self.parameters.dense.tasks.view()))
    }

    pub(super) fn with_offset(&self, projected: Projected) -> Projected {
        projected + &self.parameters.dense.offset
    }

    /// The hidden layer of the prior, (n, prior), and the priors.
    pub(super) fn prior(&self, x: ArrayView2<'_, f32>) -> (Array2<f32>, Vec<f32>) {
        let dense = &self.parameters.dense;
        let mut layer = product(x.slice(s![.., self.structure_at..]), dense.prior.view());
        layer += &dense.prior_offset;
        layer.mapv_inplace(|sum| sum.max(0.0));
        let out = product(layer.view(), dense.prior_out.view());
        (layer, out.into_raw_vec_and_offset().0)
    }

    /// The vectors of pairs of a model and a task, zeros where there is none, (n, v); `None` if there are none at all.
    pub(super) fn vectors<'e>(&self, pairs: impl ExactSizeIterator<Item = (&'e Entity, usize)>) -> Option<Array2<f32>> {
        let width = self.parameters.dense.pairs.nrows();
        let mut vectors = (width > 0).then(|| Array2::zeros((pairs.len(), width)))?;
        for (mut row, (model, task)) in vectors.rows_mut().into_iter().zip(pairs) {
            if let Some(vector) = model.pairs.get(&(task as u32)) {
                row.iter_mut().zip(vector).for_each(|(to, value)| *to = *value);
            }
        }
        Some(vectors)
    }

    /// Both hidden layers of pairs of projected models and tasks, each (n, H), with the [`Network::vectors`] of the pairs.
    pub(super) fn hidden<'p>(
        &self,
        pairs: impl ExactSizeIterator<Item = (&'p [f32], &'p [f32])>,
        vectors: Option<&Array2<f32>>,
    ) -> [Array2<f32>; 2] {
        let dense = &self.parameters.dense;
        let mut first = match vectors {
            Some(vectors) => product(vectors.view(), dense.pairs.view()),
            None => Array2::<f32>::zeros((pairs.len(), dense.hidden.nrows())),
        };
        for (mut first, (model, task)) in first.rows_mut().into_iter().zip(pairs) {
            let sums = model.iter().zip(task).map(|(m, t)| m + t);
            first.iter_mut().zip(sums).for_each(|(h, sum)| *h = (*h + sum).max(0.0));
        }
        let mut second = product(first.view(), dense.hidden.view());
        for mut row in second.rows_mut() {
            row.iter_mut().zip(&dense.hidden_offset).for_each(|(h, offset)| *h = (*h + offset).max(0.0));
        }
        [first, second]
    }

    /// Scores of pairs of projected models and tasks, with the models' priors.
    pub(super) fn score<'p>(
        &self,
        pairs: impl ExactSizeIterator<Item = (&'p [f32], &'p [f32])>,
        vectors: Option<&Array2<f32>>,
        priors: impl Iterator<Item = f32>,
    ) -> Scored {
        let [_, all] = self.hidden(pairs, vectors);
        let dense = &self.parameters.dense;
        let out = product(all.view(), dense.heads.view());
        let (temperature, offset) = (dense.temperature(), dense.point_offset[[0, 0]]);
        let z: Vec<f32> = out.column(1).iter().map(|&z| z + offset).collect();
        if self.plain {
            return Scored { residuals: z.clone(), priors: vec![0.0; z.len()], z };
        }
        Scored {
            residuals: out.column(0).iter().map(|&residual| residual / temperature).collect(),
            priors: priors.map(|prior| prior / temperature).take(out.nrows()).collect(),
            z,
        }
    }
}

pub(super) fn row(of: &Array2<f32>, row: usize) -> &[f32] {
    let width = of.ncols();
    &of.as_slice().unwrap_or_default()[row * width..][..width]
}
