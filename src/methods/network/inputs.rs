//! The input of the network of [`super::Ncf`] for a model and a task: one row of numbers, made of blocks.
//!
//! Each block is a weighted sum of a few rows of a table that is trained with the network: a latent vector (a row of its
//! own, plus one that all known models share), the embedding of a category (its row), or the linear map of a number
//! (`x w + c`: two rows). The block of an unknown value is zero, without even the shared row, so that the network can
//! distinguish "missing" from every value.

use super::config::NcfConfig;
use crate::device::shapes::Feature;
use crate::methods::data::TrainingData;
use crate::methods::factors::encoding::{Code, Encoding, Kind};
use crate::snapshot::Factors;

/// The layout of the input and of the table.
#[derive(Debug, Clone, Default)]
pub(super) struct Inputs {
    /// Numbers in the input.
    pub(super) width: usize,
    /// Values in the table.
    pub(super) table: usize,
    /// The models' part of the input.
    pub(super) models: Side,
    /// The tasks' part of the input.
    pub(super) tasks: Side,
}

/// The models' or the tasks' part of the input.
#[derive(Debug, Clone, Default)]
pub(super) struct Side {
    encoding: Encoding,
    columns: Vec<Block>, // (columns of the encoding)
    latent: Option<Block>,
    /// The table rows that each model or task uses. (models, or tasks)
    pub(super) features: Vec<Vec<Feature>>,
}

#[derive(Debug, Clone, Copy)]
struct Block {
    at: usize,
    width: usize,
    start: usize,
}

impl Block {
    fn feature(&self, row: usize, value: f32, latent: bool) -> Feature {
        Feature { start: self.start + row * self.width, at: self.at, width: self.width, value, latent }
    }
}

impl Inputs {
    /// The inputs for these data; the same data give the same inputs.
    pub(super) fn new(data: &TrainingData<'_>, config: &NcfConfig) -> Self {
        let mut inputs = Self::default();
        let mut seen_tasks = vec![false; data.tasks.len()];
        let seen_models: Vec<bool> = (0..data.models.len())
            .map(|model| {
                data.cells.for_row(model, |task, _| seen_tasks[task] = true);
                data.cells.count_row(model) > 0
            })
            .collect();
        let models: Vec<&Factors> = data.models.iter().map(|model| &model.factors).collect();
        let tasks: Vec<&Factors> = data.tasks.iter().map(|task| &task.factors).collect();
        inputs.models = inputs.side(&models, config, (config.latent > 0).then_some(&seen_models));
        // Without factors and latent vectors all tasks would have the same input: then each gets a latent number of its own.
        let distinguishable = config.factors && !Encoding::new(tasks.iter().copied()).columns.is_empty();
        inputs.tasks = inputs.side(&tasks, config, (config.latent > 0 || !distinguishable).then_some(&seen_tasks));
        inputs
    }

    fn side(&mut self, factors: &[&Factors], config: &NcfConfig, seen: Option<&Vec<bool>>) -> Side {
        let mut side = Side::default();
        if let Some(seen) = seen {
            side.latent = Some(self.block(config.latent.max(1), seen.len() + 1));
        }
        if config.factors {
            side.encoding = Encoding::new(factors.iter().copied());
            for column in &side.encoding.columns {
                let rows = if let Kind::Category { values } = &column.kind { values.len() } else { 2 };
                side.columns.push(self.block(config.embedding, rows));
            }
        }
        side.features = factors.iter().map(|factors| side.describe(factors)).collect();
        if let (Some(latent), Some(seen)) = (side.latent, seen) {
            let known = side.features.iter_mut().enumerate().filter(|&(at, _)| seen[at]);
            known
                .for_each(|(at, features)| features.extend([at, seen.len()].map(|row| latent.feature(row, 1.0, true))));
        }
        side
    }

    fn block(&mut self, width: usize, rows: usize) -> Block {
        let block = Block { at: self.width, width, start: self.table };
        self.width += width;
        self.table += width * rows;
        block
    }
}

impl Side {
    /// The table rows that these factors use.
    pub(super) fn describe(&self, factors: &Factors) -> Vec<Feature> {
        let mut features = Vec::new();
        for (block, code) in self.columns.iter().zip(self.encoding.encode(factors)) {
            match code {
                Some(Code::Number(x)) => features.extend([block.feature(0, x, false), block.feature(1, 1.0, false)]),
                Some(Code::Category(row)) => features.push(block.feature(row, 1.0, false)),
                None => {}
            }
        }
        features
    }

    /// The names of the factors.
    pub(super) fn names(&self) -> Vec<String> {
        self.encoding.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// The table rows of one model or task if only the factors whose bits are set are visible.
    pub(super) fn shown(&self, of: usize, factors: u32) -> impl Iterator<Item = &Feature> {
        let hidden = move |feature: &Feature| {
            let column = self.columns.iter().position(|block| block.at == feature.at);
            column.is_some_and(|column| factors >> column & 1 == 0)
        };
        self.features[of].iter().filter(move |feature| !hidden(feature))
    }

    /// The row that all known models (or tasks) share beside their own latent vectors, if there are latent vectors.
    pub(super) fn shared_row(&self) -> Option<Feature> {
        self.latent.map(|latent| latent.feature(self.features.len(), 1.0, true))
    }

    /// The latent vectors of the table, each with its position.
    pub(super) fn latent_rows(&self) -> impl Iterator<Item = Feature> + '_ {
        let shared = self.shared_row().map(|shared| shared.start);
        self.features.iter().flatten().filter(move |feature| feature.latent && Some(feature.start) != shared).copied()
    }
}
