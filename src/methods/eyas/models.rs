//! The training models with their features, and the covariances of any model with them.

use super::features::{Encoder, Features};
use crate::linalg::order;
use crate::methods::data::TrainingData;
use eyas_kernels::covariance::{Columns, Covariance, Number, add_shares, sparse_dot, sparse_products};
use std::collections::BTreeMap;

/// The training models, those of the data that have a result, in the order of their dates.
#[derive(Debug, Clone)]
pub(super) struct Models {
    /// Their places in the data. (n)
    pub(super) order: Vec<u32>,
    pub(super) features: Vec<Features>,
    pub(super) columns: Columns,
    names: Vec<Vec<(u32, f32)>>,               // token -> models with its weight
    ancestors: BTreeMap<u32, Vec<(u32, f32)>>, // node -> models that descend from it with their shares
}

impl Models {
    pub(super) fn new(data: &TrainingData<'_>, encoder: &Encoder) -> Self {
        let by_date = order(data.models.len(), &mut |a, b| data.models[a].date.cmp(&data.models[b].date));
        let order: Vec<u32> =
            by_date.into_iter().filter(|&model| data.cells.count_row(model) > 0).map(|model| model as u32).collect();
        let features: Vec<Features> = order.iter().map(|&model| encoder.known(data, model as usize)).collect();
        let mut columns = Columns {
            n: 0,
            numbers: vec![Number::default(); encoder.numbers.len()],
            categories: vec![Vec::new(); encoder.n_categories()],
        };
        let mut names: Vec<Vec<(u32, f32)>> = Vec::new();
        let mut ancestors: BTreeMap<u32, Vec<(u32, f32)>> = BTreeMap::new();
        for (at, model) in features.iter().enumerate() {
            columns.push(&model.numbers, &model.categories);
            for &(token, weight) in &model.names {
                if names.len() <= token as usize {
                    names.resize(token as usize + 1, Vec::new());
                }
                names[token as usize].push((at as u32, weight));
            }
            for &(node, share) in &model.ancestors {
                ancestors.entry(node).or_default().push((at as u32, share));
            }
        }
        Self { order, features, columns, names, ancestors }
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether a training model was there before a day.
    pub(super) fn is_before(&self, at: usize, day: f32) -> bool {
        self.features[at].day.is_none_or(|its| its < day)
    }

    /// Cosines of a model's name and ancestors with those of all training models. (n), (n)
    pub(super) fn cosines(&self, model: &Features) -> (Vec<f32>, Vec<f32>) {
        let (mut names, mut ancestors) = (vec![0.0f32; self.len()], vec![0.0f32; self.len()]);
        for &(token, weight) in &model.names {
            add_shares(&mut names, weight, self.names.get(token as usize).map_or(&[], Vec::as_slice));
        }
        for &(node, share) in &model.ancestors {
            add_shares(&mut ancestors, share, self.ancestors.get(&node).map_or(&[], Vec::as_slice));
        }
        (names, ancestors)
    }

    /// How alike a model is to all training models.
    pub(super) fn likeness(&self, covariance: &Covariance, model: &Features) -> Likeness {
        let (names, ancestors) = self.cosines(model);
        let covariances = covariance.row(&model.numbers, &model.categories, &self.columns, &names, &ancestors);
        Likeness { covariances, ancestors }
    }

    /// Some of them.
    pub(super) fn block(&self, chosen: &[usize]) -> Block {
        let n = chosen.len();
        let mut ancestors = vec![0.0; n * n];
        for (i, &a) in chosen.iter().enumerate().filter(|(_, a)| !self.features[**a].ancestors.is_empty()) {
            for (j, &b) in chosen.iter().enumerate().take(i + 1) {
                let cosine = sparse_dot(&self.features[a].ancestors, &self.features[b].ancestors);
                (ancestors[i * n + j], ancestors[j * n + i]) = (cosine, cosine);
            }
        }
        let tokens: Vec<&[(u32, f32)]> = chosen.iter().map(|&at| &self.features[at].names[..]).collect();
        let names = sparse_products(&tokens, self.names.len());
        Block { chosen: chosen.to_vec(), columns: self.columns.pick(chosen), names, ancestors }
    }
}

/// How alike a model is to each training model.
pub(super) struct Likeness {
    /// (n)
    pub(super) covariances: Vec<f32>,
    /// Cosines of their ancestors. (n)
    pub(super) ancestors: Vec<f32>,
}

/// Some of the training models, with the cosines among them.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) chosen: Vec<usize>,
    pub(super) columns: Columns,
    pub(super) names: Vec<f32>,     // (n, n)
    pub(super) ancestors: Vec<f32>, // (n, n)
}

impl Block {
    /// Covariances among them, without the noise. (n, n)
    pub(super) fn covariances(&self, covariance: &Covariance) -> Vec<f32> {
        let n = self.chosen.len();
        let row = |i: usize| {
            let Columns { numbers, categories, .. } = &self.columns;
            let number = |n: &Number| if n.missing[i] > 0.0 { f32::NAN } else { n.values[i] };
            let numbers: Vec<f32> = numbers.iter().map(number).collect();
            let categories: Vec<u32> = categories.iter().map(|column| column[i]).collect();
            let (names, ancestors) = (&self.names[i * n..][..n], &self.ancestors[i * n..][..n]);
            covariance.row(&numbers, &categories, &self.columns, names, ancestors)
        };
        (0..n).flat_map(row).collect()
    }
}
