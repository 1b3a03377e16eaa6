//! Networks that make a vector of a model and one of a task, of which the score is a product, and the gradient of the squared
//! error of that score. Each side has one of three forms:
//!
//! - cosine: `u = max(x A + a, 0) B`, `ẑ = s cos(u_m, u_t) + c`: two towers.
//! - linear: `u = x A + a`, `ẑ = u_m · u_t`: inductive matrix completion (Jain & Dhillon 2013), whose matrix `X W Hᵀ Yᵀ` has the
//!   features X of the models and Y of the tasks, each with a constant 1. The rows of W for an ID, a word and so on are the
//!   tables of embeddings, those for numbers are A.
//! - kernel: `u = cos 2π(x A + a) B`, `ẑ = u_m · u_t`: goal-directed inductive matrix completion (Si et al. 2016), which completes
//!   the matrix by features that are learned with the goal and not linear. Here they are Fourier features of a Gaussian kernel
//!   (Rahimi & Recht 2007), random at first; the paper's are of other kernels, too.

use super::gradient::{Touched, scatter};
use super::groups::Group;
use super::network::{Network, row};
use super::parameters::{Dense, Entity, Parameters, Side, Sizes, Table};
use super::views::Views;
use crate::linalg::product;
use crate::methods::training::random::{cosine_of_turns, normal};
use eyas_kernels::cpu::dot;
use eyas_kernels::matrix_product;
use ndarray::{Array2, Axis, s};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use std::borrow::Cow;

/// The first scale s of the cosine: a standardised score has the deviation 1, and the cosine of two random vectors less.
const SCALE: f32 = 2.0;
/// The first offsets a of cosines: above 0, so that a model of which nothing but embeddings is known, zeros at first, is
/// learnt from.
const OFFSET: f32 = 0.1;
/// What is added to the length of a vector by which it is divided.
const LEAST_LENGTH: f32 = 1e-6;
const TURN: f32 = std::f32::consts::TAU;

/// What a tower computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::methods) enum Form {
    Cosine,
    Linear,
    Kernel,
}

/// Sizes of the towers, and what else is chosen on the validation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Setting {
    /// Width of the hidden layers.
    pub(super) hidden: usize,
    /// Length of the vectors.
    pub(super) length: usize,
    /// The variance of the first sums `x A` (of a kernel: of the angles), for an x of numbers of variance 1.
    pub(super) spread: f32,
    /// Weight decay of AdamW, the penalty of W and H.
    pub(super) decay: f32,
}

impl Form {
    /// The settings among which the validation chooses.
    pub(super) fn settings(self) -> Vec<Setting> {
        let linear = |length: usize, decay: f32| Setting { hidden: 0, length, spread: 1.0, decay };
        let kernel = |spread: f32, decay: f32| Setting { hidden: 128, length: 32, spread, decay };
        match self {
            Self::Cosine => vec![Setting { hidden: 128, length: 64, spread: 2.0, decay: 1e-4 }],
            Self::Linear => vec![linear(8, 0.01), linear(8, 0.3), linear(32, 0.01), linear(32, 0.3)],
            Self::Kernel => vec![kernel(0.5, 0.01), kernel(0.5, 0.3), kernel(2.0, 0.01), kernel(2.0, 0.3)],
        }
    }

    /// The names of the blocks. A side has A, (inputs, hidden), a, (1, hidden), and B, (hidden, length), but linear ones have no
    /// B and an A and a of this length. s and c are in the last block.
    pub(super) fn names(self) -> &'static [&'static str] {
        match self {
            Self::Cosine => &[
                "models first",
                "models offset",
                "models second",
                "tasks first",
                "tasks offset",
                "tasks second",
                "scale",
            ],
            Self::Linear => &["models first", "models offset", "tasks first", "tasks offset"],
            Self::Kernel => {
                &["models first", "models offset", "models second", "tasks first", "tasks offset", "tasks second"]
            }
        }
    }
}

/// What is trained.
#[derive(Clone)]
pub(super) struct Towers {
    pub(super) form: Form,
    /// The tables of embeddings, and which rows make the inputs.
    pub(super) inputs: Network,
    pub(super) blocks: Vec<Array2<f32>>,
}

/// A tower's layers for some inputs.
pub(super) struct Layers {
    x: Array2<f32>,
    hidden: Array2<f32>,
    slopes: Array2<f32>, // of the hidden layer by its sums
    lengths: Vec<f32>,
    pub(super) vectors: Array2<f32>, // (n, length), of cosines of length 1
}

/// A gradient of the shape of [`Towers`].
pub(super) struct Gradient {
    pub(super) tables: Vec<Touched>,
    pub(super) blocks: Vec<Array2<f32>>,
}

impl Towers {
    pub(super) fn new(form: Form, setting: Setting, views: &Views, rng: &mut Pcg64Mcg) -> Self {
        let none = Sizes { models: 0, tasks: 0, pairs: 0, hidden: 0, structure: 0, prior: 0 };
        let tables = views.tables.iter().map(|&(rows, width)| Table { width, values: vec![0.0; rows * width] });
        let inputs = Network {
            models: views.models.clone(),
            tasks: views.tasks.clone(),
            structure_at: views.structure_at,
            plain: false,
            parameters: Parameters { tables: tables.collect(), dense: Dense::zeros(none) },
        };
        let Setting { hidden, length, spread, .. } = setting;
        let mut random = |rows: usize, columns: usize, variance: f32| {
            let scale = (variance / rows as f32).sqrt();
            Array2::from_shape_fn((rows, columns), |_| scale * normal(rng))
        };
        let mut blocks = Vec::new();
        for side in [&views.models, &views.tasks] {
            match form {
                Form::Cosine => blocks.extend([
                    random(side.width, hidden, spread),
                    Array2::from_elem((1, hidden), OFFSET),
                    random(hidden, length, 1.0),
                ]),
                Form::Linear => {
                    let numbers = side.numbers().len();
                    blocks.extend([random(numbers, length, spread), random(1, length, 1.0 / length as f32)]);
                }
                // Twice a cosine's variance is 1, so that the vectors have one of about 2 / √length.
                Form::Kernel => {
                    blocks.extend([
                        random(side.width, hidden, spread / TURN.powi(2)),
                        Array2::zeros((1, hidden)),
                        random(hidden, length, 2.0 / (length as f32).sqrt()),
                    ]);
                }
            }
        }
        match form {
            Form::Cosine => {
                let mut last = Array2::zeros((1, 2));
                last[[0, 0]] = SCALE;
                blocks.push(last);
            }
            Form::Linear => {}
            Form::Kernel => {
                for offset in [1, 4] {
                    blocks[offset].mapv_inplace(|_| rng.random::<f32>());
                }
            }
        }
        Self { form, inputs, blocks }
    }

    /// The first block of the tower of a side: 0 the models', 1 the tasks'.
    fn first(&self, side: usize) -> usize {
        side * if self.form == Form::Linear { 2 } else { 3 }
    }

    /// A, of linear towers with the rows that pass the embeddings on.
    fn weights(&self, side: usize) -> Cow<'_, Array2<f32>> {
        let block = &self.blocks[self.first(side)];
        if self.form != Form::Linear {
            return Cow::Borrowed(block);
        }
        let inputs = self.side(side);
        let mut all = Array2::zeros((inputs.width, block.ncols()));
        for view in &inputs.views {
            (0..view.width).for_each(|at| all[[view.at + at, at]] = 1.0);
        }
        all.slice_mut(s![inputs.numbers(), ..]).assign(block);
        Cow::Owned(all)
    }

    /// The tower of a side.
    pub(super) fn layers<'e>(
        &self,
        side: usize,
        entities: impl ExactSizeIterator<Item = (&'e Entity, bool)>,
    ) -> Layers {
        let x = self.inputs.inputs(self.side(side), entities);
        let first = self.first(side);
        let sums = product(x.view(), self.weights(side).view()) + &self.blocks[first + 1];
        let (hidden, slopes) = match self.form {
            Form::Linear => {
                let none = || Array2::zeros((0, 0));
                return Layers { lengths: Vec::new(), hidden: none(), slopes: none(), vectors: sums, x };
            }
            Form::Cosine => (sums.mapv(|sum| sum.max(0.0)), sums.mapv(|sum| f32::from(u8::from(sum > 0.0)))),
            Form::Kernel => (sums.mapv(cosine_of_turns), sums.mapv(|turns| TURN * cosine_of_turns(turns + 0.25))),
        };
        let mut vectors = product(hidden.view(), self.blocks[first + 2].view());
        let mut lengths = Vec::new();
        if self.form == Form::Cosine {
            lengths = vectors.rows().into_iter().map(|row| row.dot(&row).sqrt() + LEAST_LENGTH).collect();
            vectors.rows_mut().into_iter().zip(&lengths).for_each(|(mut row, &length)| row /= length);
        }
        Layers { x, hidden, slopes, lengths, vectors }
    }

    fn side(&self, side: usize) -> &Side {
        if side == 0 { &self.inputs.models } else { &self.inputs.tasks }
    }

    /// s and c.
    fn ends(&self) -> [f32; 2] {
        self.blocks.get(6).map_or([1.0, 0.0], |last| [last[[0, 0]], last[[0, 1]]])
    }

    pub(super) fn z(&self, model: &[f32], task: &[f32]) -> f32 {
        let [scale, offset] = self.ends();
        scale * dot(model, task) + offset
    }

    /// A gradient of zeros.
    pub(super) fn no_gradient(&self) -> Gradient {
        let blocks = self.blocks.iter().map(|block| Array2::zeros(block.raw_dim())).collect();
        Gradient { tables: vec![Touched::default(); self.inputs.parameters.tables.len()], blocks }
    }

    /// The sum of the squared errors on the groups of some tasks, and the gradient of their mean. `entities` are all models
    /// and all tasks, `hidden` tells whose ID is hidden.
    pub(super) fn step(
        &self,
        entities: &[Vec<Entity>; 2],
        hidden: &[Vec<bool>; 2],
        lists: &[(usize, &Group)],
        found: &mut Gradient,
    ) -> f64 {
        let mut places = vec![usize::MAX; entities[0].len()];
        let mut models = Vec::new();
        for &model in lists.iter().flat_map(|(_, group)| &group.models) {
            if places[model as usize] == usize::MAX {
                places[model as usize] = models.len();
                models.push(model as usize);
            }
        }
        let of_models = models.iter().map(|&at| (&entities[0][at], hidden[0][at]));
        let of_tasks = lists.iter().map(|&(at, _)| (&entities[1][at], hidden[1][at]));
        let (own, other) = (self.layers(0, of_models.clone()), self.layers(1, of_tasks.clone()));
        let mut slopes = [Array2::<f32>::zeros(own.vectors.raw_dim()), Array2::zeros(other.vectors.raw_dim())];
        let count = lists.iter().map(|(_, group)| group.models.len()).sum::<usize>().max(1) as f32;
        let [scale, offset] = self.ends();
        let (mut loss, mut last) = (0.0, [0.0; 2]);
        for (place, (_, group)) in lists.iter().enumerate() {
            for (&model, &z) in group.models.iter().zip(&group.z) {
                let at = places[model as usize];
                let dot = dot(row(&own.vectors, at), row(&other.vectors, place));
                let apart = scale * dot + offset - z;
                loss += f64::from(apart * apart);
                let slope = 2.0 * apart / count;
                last[0] += slope * dot;
                last[1] += slope;
                slopes[0].row_mut(at).scaled_add(slope * scale, &other.vectors.row(place));
                slopes[1].row_mut(place).scaled_add(slope * scale, &own.vectors.row(at));
            }
        }
        for (touched, table) in found.tables.iter_mut().zip(&self.inputs.parameters.tables) {
            touched.clear(table.values.len() / table.width.max(1));
        }
        if let Some(ends) = found.blocks.get_mut(6) {
            ends.row_mut(0).iter_mut().zip(last).for_each(|(slope, sum)| *slope = sum);
        }
        let [by_own, by_other] = slopes;
        self.back(0, of_models, &own, by_own, found);
        self.back(1, of_tasks, &other, by_other, found);
        loss
    }

    /// The gradient by the parameters of a tower from that by its vectors.
    fn back<'e>(
        &self,
        side: usize,
        entities: impl Iterator<Item = (&'e Entity, bool)>,
        layers: &Layers,
        mut slopes: Array2<f32>,
        found: &mut Gradient,
    ) {
        for ((mut slope, unit), &length) in
            slopes.rows_mut().into_iter().zip(layers.vectors.rows()).zip(&layers.lengths)
        {
            let along = slope.dot(&unit);
            slope.scaled_add(-along, &unit);
            slope /= length;
        }
        let first = self.first(side);
        let mut by_x = Array2::zeros(layers.x.raw_dim());
        if self.form == Form::Linear {
            let numbers = layers.x.slice(s![.., self.side(side).numbers()]);
            matrix_product(1.0, numbers.t(), slopes.view(), 0.0, found.blocks[first].view_mut());
        } else {
            matrix_product(1.0, layers.hidden.t(), slopes.view(), 0.0, found.blocks[first + 2].view_mut());
            slopes = product(slopes.view(), self.blocks[first + 2].t()) * &layers.slopes;
            matrix_product(1.0, layers.x.t(), slopes.view(), 0.0, found.blocks[first].view_mut());
        }
        found.blocks[first + 1].row_mut(0).assign(&slopes.sum_axis(Axis(0)));
        matrix_product(1.0, slopes.view(), self.weights(side).t(), 0.0, by_x.view_mut());
        scatter(self.side(side), entities, &by_x, &mut found.tables);
    }
}

#[cfg(test)]
#[path = "towers_tests.rs"]
mod tests;
