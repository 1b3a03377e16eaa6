//! The parameters of the ranker, and the inputs that they read.

use crate::methods::training::random::normal;
use ndarray::Array2;
use rand_pcg::Pcg64Mcg;
use std::collections::BTreeMap;
use std::ops::Range;

/// The least temperature (ε of eq. 10).
pub(super) const LEAST_TEMPERATURE: f32 = 1e-3;

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

impl Side {
    /// The columns of the numbers that are not trained.
    pub(super) fn numbers(&self) -> Range<usize> {
        let after = self.views.iter().map(|view| view.at).filter(|&at| at >= self.fixed_at);
        self.fixed_at..after.min().unwrap_or(self.width)
    }
}

/// What is known about one model or task.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Entity {
    /// Rows with their weights, of each view.
    pub(super) rows: Vec<Vec<(u32, f32)>>,
    /// The numbers that are not trained.
    pub(super) fixed: Vec<f32>,
    /// Of a model the vectors of its pairs with tasks, by the task: standardised numbers, and a 1.
    pub(super) pairs: BTreeMap<u32, Vec<f32>>,
    /// Of a model the standardised logarithm of its size, and its date in years.
    pub(super) size: Option<f32>,
    pub(super) date: Option<f64>,
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
    /// C. (vectors of pairs, H)
    pub(super) pairs: Array2<f32>,
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
pub(super) const DENSE: [&str; 12] = [
    "models",
    "tasks",
    "pairs",
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
    pub(super) pairs: usize,
    pub(super) hidden: usize,
    pub(super) structure: usize,
    pub(super) prior: usize,
}

impl Dense {
    pub(super) fn zeros(sizes: Sizes) -> Self {
        let Sizes { models, tasks, pairs, hidden, structure, prior } = sizes;
        Self {
            models: Array2::zeros((models, hidden)),
            tasks: Array2::zeros((tasks, hidden)),
            pairs: Array2::zeros((pairs, hidden)),
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
        fill(&mut dense.pairs, 1.0);
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
            &self.pairs,
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
            &mut self.pairs,
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

    pub(super) fn temperature(&self) -> f32 {
        self.temperature[[0, 0]].max(LEAST_TEMPERATURE)
    }
}

/// All parameters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parameters {
    pub(super) tables: Vec<Table>,
    pub(super) dense: Dense,
}
