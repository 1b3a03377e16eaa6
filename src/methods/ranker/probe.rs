//! What the prior of size and family has learned, each alone (section A.9.2 of the paper): the prior's head on the embedding of
//! a size with the mean embedding of all families, and the other way round.

use super::model::Ranker;
use super::network::Network;
use super::sizes::{ends_of_bucket, rows_of_bucket};
use super::views::{Kept, Views};
use crate::methods::data::{Target, TrainingData};
use crate::snapshot::ModelIndex;
use std::collections::BTreeMap;

/// Models of about one size, or of one family.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ProbeGroup {
    /// The family; of sizes the least and the greatest number of parameters, in billions.
    pub(crate) name: Option<String>,
    pub(crate) sizes: [f64; 2],
    /// Models of the group with results: the means of their standardised scores.
    pub(crate) advantages: Vec<f64>,
    /// The prior's output, the mean of the networks, each standardised over the groups.
    pub(crate) probe: f64,
}

impl Ranker {
    /// Sizes in ascending order, and families by name; groups of fewer than `least` models with results are left out.
    pub(crate) fn probe(&self, data: &TrainingData<'_>, least: usize) -> [Vec<ProbeGroup>; 2] {
        let mut sums = vec![(0.0, 0.0); data.models.len()];
        for group in self.groups.iter().filter(|group| group.is_ranked()) {
            for (&model, &z) in group.models.iter().zip(&group.z) {
                let sum = &mut sums[model as usize];
                *sum = (sum.0 + f64::from(z), sum.1 + 1.0);
            }
        }
        let mut found: [BTreeMap<u32, Vec<f64>>; 2] = Default::default();
        let mut rows = [Vec::new(), Vec::new()]; // of all models, for the mean embeddings
        for (model, &(sum, count)) in sums.iter().enumerate().filter(|(_, sum)| sum.1 > 0.0) {
            let entity = self.views.model(data, Target::Known(ModelIndex(model as u32)));
            let [.., size, family] = &entity.rows[..] else { continue };
            rows[0].push(size.clone());
            rows[1].push(family.clone());
            let places = [size.last().filter(|_| entity.size.is_some()), family.last()];
            let unknown = [Kept::Sizes, Kept::Families].map(|kept| self.views.tables[kept as usize].0 as u32 - 1);
            for side in 0..2 {
                if let Some(&(row, _)) = places[side].filter(|(row, _)| *row != unknown[side]) {
                    found[side].entry(row).or_default().push(sum / count);
                }
            }
        }
        let named =
            |row: u32| self.views.families.iter().find(|family| *family.1 == row).map(|family| family.0.clone());
        let mut of = |side: usize| {
            let kept: Vec<(u32, Vec<f64>)> =
                std::mem::take(&mut found[side]).into_iter().filter(|(_, models)| models.len() >= least).collect();
            let asked: Vec<Vec<(u32, f32)>> =
                kept.iter().map(|&(row, _)| if side == 0 { rows_of_bucket(row) } else { vec![(row, 1.0)] }).collect();
            let mut probes = vec![0.0; kept.len()];
            for member in &self.members {
                let priors = priors(&member.network, &self.views, side, &asked, &rows[1 - side]);
                let (mean, deviation) = spread(&priors);
                for (sum, prior) in probes.iter_mut().zip(priors) {
                    *sum += (prior - mean) / deviation / self.members.len() as f64;
                }
            }
            let group = |((row, advantages), probe): ((u32, Vec<f64>), f64)| ProbeGroup {
                name: if side == 1 { named(row) } else { None },
                sizes: if side == 0 { ends_of_bucket(row) } else { [f64::NAN; 2] },
                advantages,
                probe,
            };
            kept.into_iter().zip(probes).map(group).collect()
        };
        [of(0), of(1)]
    }
}

/// The priors for these rows of one table, with the mean embedding of the other one over all models.
fn priors(
    network: &Network,
    views: &Views,
    side: usize,
    asked: &[Vec<(u32, f32)>],
    others: &[Vec<(u32, f32)>],
) -> Vec<f64> {
    let tables = [Kept::Sizes, Kept::Families].map(|kept| &network.parameters.tables[kept as usize]);
    let width = views.models.width - views.structure_at;
    let start = |side: usize| if side == 0 { 0 } else { tables[0].width };
    let add = |x: &mut [f32], side: usize, rows: &[(u32, f32)], share: f32| {
        for &(row, weight) in rows {
            let block = &mut x[start(side)..start(side) + tables[side].width];
            block.iter_mut().zip(tables[side].row(row)).for_each(|(x, value)| *x += share * weight * value);
        }
    };
    let mut x = ndarray::Array2::<f32>::zeros((asked.len(), views.structure_at + width));
    for (mut row, asked) in x.rows_mut().into_iter().zip(asked) {
        let mut row = row.slice_mut(ndarray::s![views.structure_at..]);
        let Some(row) = row.as_slice_mut() else { continue };
        add(row, side, asked, 1.0);
        others.iter().for_each(|other| add(row, 1 - side, other, 1.0 / others.len() as f32));
    }
    network.prior(x.view()).1.into_iter().map(f64::from).collect()
}

/// Mean and deviation; 1 where all are equal.
fn spread(values: &[f64]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    (mean, if deviation > 1e-9 { deviation } else { 1.0 })
}
