//! The relatives of a model in the lineage graph, and means over them.

use super::data::{NewModel, Target, TrainingData};
use super::fitted::Forecast;
use crate::linalg::{sort_by_value, sort_numbers};
use crate::lineage::{Lineage, Parent};
use std::collections::BTreeMap;

/// The parents of a target that are nodes of the graph, with their weights.
pub(super) fn parents(lineage: &Lineage, target: Target<'_>) -> Vec<(u32, f32)> {
    match target {
        Target::Known(model) => lineage.parents(model.0).map(|edge| (edge.parent, edge.weight)).collect(),
        Target::New(new) => known_parents(lineage, new),
    }
}

/// The parents of a new model that are nodes of the graph. Given weights are scaled to a mean of 1, so that the total weight
/// of a model's parents is the same with and without given weights. For a node of the graph they are scaled to the mean
/// weight of its edges there, so that the total is the same as in training.
pub(super) fn known_parents(lineage: &Lineage, new: &NewModel) -> Vec<(u32, f32)> {
    let total: f32 = new.parents.iter().map(|parent| parent.weight.max(0.0)).sum();
    let (mut edges, mut count) = (0.0, 0.0);
    new.node.into_iter().flat_map(|node| lineage.parents(node)).for_each(|edge| {
        edges += edge.weight;
        count += 1.0;
    });
    let (edges, count) = if count > 0.0 { (edges, count) } else { (1.0, 1.0) };
    let scale = if total > 0.0 { edges * new.parents.len() as f32 / (total * count) } else { 1.0 };
    let known = |parent: &Parent| lineage.node(&parent.id).map(|node| (node, parent.weight.max(0.0) * scale));
    new.parents.iter().filter_map(known).filter(|&(node, _)| Some(node) != new.node).collect()
}

/// The nodes that share an edge with a target, with their weights: its parents and its children.
pub(super) fn neighbours(lineage: &Lineage, target: Target<'_>) -> Vec<(u32, f32)> {
    let mut neighbours = parents(lineage, target);
    if let Some(node) = target.node() {
        neighbours.extend(lineage.children(node).map(|edge| (edge.child, edge.weight)));
    }
    neighbours
}

/// The weighted mean, for each task, over the relatives with a training cell on it; the fallback where there are none.
pub(super) fn mean_of(data: &TrainingData<'_>, relatives: &[(u32, f32)], fallback: &[f32]) -> Forecast {
    let evaluated = |&&(node, weight): &&(u32, f32)| (node as usize) < data.models.len() && weight > 0.0;
    let relatives: Vec<(u32, f32)> = relatives.iter().filter(evaluated).copied().collect();
    let mut sums = vec![(0.0f32, 0.0f32); fallback.len()];
    let mut sources = Vec::new();
    for &(node, weight) in &relatives {
        let mut known = false;
        data.cells.for_row(node as usize, |task, value| {
            sums[task].0 += weight * value;
            sums[task].1 += weight;
            known = true;
        });
        if known {
            sources.push((node, weight));
        }
    }
    let mean = sums.iter().zip(fallback).map(|(&(sum, weight), &mean)| if weight > 0.0 { sum / weight } else { mean });
    Forecast { mean: mean.collect(), sources: shares(sources), intervals: Vec::new() }
}

/// The target's parents and their children without the target itself, each once with weight 1.
pub(super) fn parents_and_siblings(lineage: &Lineage, target: Target<'_>) -> Vec<(u32, f32)> {
    let parents = parents(lineage, target);
    let siblings = parents.iter().flat_map(|&(parent, _)| lineage.children(parent).map(|edge| edge.child));
    let mut kin: Vec<u32> = parents.iter().map(|parent| parent.0).chain(siblings).collect();
    sort_numbers(&mut kin);
    kin.dedup();
    if let Some(itself) = target.node() {
        kin.retain(|&node| node != itself);
    }
    kin.into_iter().map(|node| (node, 1.0)).collect()
}

/// Weights as shares of their sum, greatest first, at most a handful.
pub(super) fn shares(mut weights: Vec<(u32, f32)>) -> Vec<(u32, f32)> {
    let total: f32 = weights.iter().map(|w| w.1).sum();
    weights.iter_mut().for_each(|w| w.1 /= total);
    sort_by_value(&mut weights);
    weights.truncate(8);
    weights
}

/// Share of a model that a parent stands for; a grandparent stands for its square.
const INHERITED_SHARE: f32 = 0.6;
/// Generations of ancestors that count.
const GENERATIONS: usize = 4;

/// A model and its ancestors: its parents stand for [`INHERITED_SHARE`] of it, shared by weight, their parents for that share
/// of each of them, and so on; then scaled to length 1. Two models are as close as their ancestors overlap.
pub(super) fn ancestors(lineage: &Lineage, itself: Option<u32>, parents: &[(u32, f32)]) -> Vec<(u32, f32)> {
    let mut shares: BTreeMap<u32, f32> = BTreeMap::from([(itself.unwrap_or(u32::MAX), 1.0)]);
    let total: f32 = parents.iter().map(|parent| parent.1).sum();
    let mut generation: BTreeMap<u32, f32> = BTreeMap::new();
    for &(parent, weight) in parents.iter().filter(|_| total > 0.0) {
        *generation.entry(parent).or_default() += INHERITED_SHARE * weight / total;
    }
    for _ in 0..GENERATIONS {
        let mut next = BTreeMap::new();
        generation.retain(|node, _| !shares.contains_key(node));
        for (&node, share) in &generation {
            let total: f32 = lineage.parents(node).map(|edge| edge.weight).sum();
            for edge in lineage.parents(node) {
                *next.entry(edge.parent).or_insert(0.0) += INHERITED_SHARE * share * edge.weight / total;
            }
        }
        shares.append(&mut generation);
        generation = next;
    }
    let mut shares: Vec<_> = shares.into_iter().collect();
    to_unit_length(&mut shares);
    shares
}

/// Scales weights so that the sum of their squares is 1.
pub(super) fn to_unit_length(weights: &mut [(u32, f32)]) {
    let length = weights.iter().map(|weight| weight.1 * weight.1).sum::<f32>().sqrt();
    weights.iter_mut().for_each(|weight| weight.1 /= length);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lineage::{NamedEdge, Relation};

    #[test]
    fn ancestors_count_for_less_with_each_generation_and_merges_share_by_weight() {
        // 0 is a parent of 1, and 1 and 2 are merged into 3.
        let ids: Vec<String> = (0..4).map(|at| format!("lab/m{at}")).collect();
        let edges = [(1, 0, 1.0), (3, 1, 0.99), (3, 2, 0.01)];
        let edge = |(child, parent, weight): (u32, u32, f32)| NamedEdge {
            child: format!("lab/m{child}"),
            parent: Parent { weight, ..Parent::new(format!("lab/m{parent}"), Relation::Merge) },
        };
        let (lineage, _) = Lineage::new(ids, edges.map(edge).to_vec());
        let of = |parents: &[(u32, f32)]| ancestors(&lineage, Some(3), parents);
        let shares = of(&[(1, 0.99), (2, 0.01)]);
        let length: f32 = shares.iter().map(|share| share.1 * share.1).sum();
        assert!((length - 1.0).abs() < 1e-5, "{shares:?}");
        let share = |node: u32| shares.iter().find(|share| share.0 == node).unwrap().1;
        assert!(share(3) > share(1) && share(1) > share(0) && share(0) > share(2), "{shares:?}");
        assert!((share(1) / share(3) - 0.99 * INHERITED_SHARE).abs() < 1e-5);
        assert_eq!(of(&[]), [(3, 1.0)]);
    }
}
