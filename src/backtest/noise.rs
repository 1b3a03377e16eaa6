//! Lineage with missing and with false edges, to measure how much a method depends on it.

use super::{Draw, Purpose, generator};
use crate::lineage::{Edge, Lineage};
use rand::RngExt;
use std::collections::HashSet;

/// The same nodes with fewer or more edges (LRMF, appendix C): a negative `amount` removes that share of the edges at
/// random, a positive one adds that share of the number of edges as false edges.
///
/// A false edge joins two random nodes without an edge between them. It takes relation and weight from a random true
/// edge, and its direction keeps an acyclic graph acyclic. An amount below -1 counts as -1; NaN and 0 change nothing.
#[must_use]
pub fn lineage_noise(lineage: &Lineage, amount: f64, seed: u64) -> Lineage {
    let all = lineage.edges().len();
    let changed = (all as f64 * amount.abs()).round() as usize;
    let mut rng = generator(seed, Purpose::LineageNoise);
    if changed == 0 {
        return lineage.clone();
    }
    if amount < 0.0 {
        let mut draw = Draw { wanted: all.saturating_sub(changed), left: all };
        return lineage.with_edges(lineage.edges().iter().copied().filter(|_| draw.take(&mut rng)).collect());
    }
    let mut joined: HashSet<(u32, u32)> =
        lineage.edges().iter().map(|edge| unordered(edge.parent, edge.child)).collect();
    let nodes = lineage.len();
    let free = (nodes * nodes.saturating_sub(1) / 2).saturating_sub(joined.len());
    let depth = topological_positions(lineage);
    let mut edges = lineage.edges().to_vec();
    while edges.len() < all + changed.min(free) {
        let (a, b) = (rng.random_range(0..nodes as u32), rng.random_range(0..nodes as u32));
        if a != b && joined.insert(unordered(a, b)) {
            let (parent, child) = if depth[a as usize] < depth[b as usize] { (a, b) } else { (b, a) };
            let Edge { relation, weight, .. } = lineage.edges()[rng.random_range(0..all)];
            edges.push(Edge { parent, child, relation, weight });
        }
    }
    lineage.with_edges(edges)
}

fn unordered(a: u32, b: u32) -> (u32, u32) {
    (a.min(b), a.max(b))
}

/// A position for each node, all different, parents before their children. (n_nodes)
fn topological_positions(lineage: &Lineage) -> Vec<usize> {
    let nodes = lineage.len() as u32;
    let mut waiting: Vec<usize> = (0..nodes).map(|node| lineage.parents(node).count()).collect();
    let mut order: Vec<u32> = (0..nodes).filter(|&node| waiting[node as usize] == 0).collect();
    let mut next = 0;
    while let Some(&node) = order.get(next) {
        next += 1;
        for edge in lineage.children(node) {
            waiting[edge.child as usize] -= 1;
            if waiting[edge.child as usize] == 0 {
                order.push(edge.child);
            }
        }
    }
    // Nodes on a cycle, if there is one, come last.
    let mut positions: Vec<usize> = (0..nodes as usize).map(|node| order.len() + node).collect();
    order.iter().enumerate().for_each(|(position, &node)| positions[node as usize] = position);
    positions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lineage::{NamedEdge, Parent, Relation};
    use crate::snapshot::Snapshot;

    fn lineage() -> Lineage {
        Snapshot::synthetic(60, 1, 3).lineage
    }

    fn pairs(lineage: &Lineage) -> HashSet<(u32, u32)> {
        lineage.edges().iter().map(|edge| (edge.parent, edge.child)).collect()
    }

    #[test]
    fn a_share_of_the_edges_is_removed() {
        let (all, fewer) = (lineage(), lineage_noise(&lineage(), -0.4, 1));
        assert_eq!((all.edges().len(), fewer.edges().len()), (52, 52 - 21));
        assert!(pairs(&fewer).is_subset(&pairs(&all)));
        assert_eq!(fewer.len(), all.len());
        assert_eq!(lineage_noise(&all, -7.0, 1).edges(), []);
    }

    #[test]
    fn false_edges_come_without_repeats_or_cycles() {
        let (all, more) = (lineage(), lineage_noise(&lineage(), 0.4, 1));
        assert_eq!(more.edges().len(), 52 + 21);
        assert!(pairs(&all).is_subset(&pairs(&more)));
        let unordered: HashSet<_> = more.edges().iter().map(|edge| unordered(edge.parent, edge.child)).collect();
        assert_eq!(unordered.len(), more.edges().len());
        assert!(more.edges().iter().all(|edge| edge.parent != edge.child));
        // Building a graph cuts an edge that closes a cycle, and warns.
        let named = more.edges().iter().map(|edge| NamedEdge {
            child: more.id(edge.child).to_owned(),
            parent: Parent::new(more.id(edge.parent), edge.relation),
        });
        let (_, warnings) = Lineage::new(more.ids().to_vec(), named.collect());
        assert_eq!(warnings, []);
    }

    #[test]
    fn a_graph_with_few_nodes_takes_what_fits() {
        let edge = |parent: &str, child: &str| NamedEdge {
            child: child.to_owned(),
            parent: Parent::new(parent, Relation::Merge),
        };
        let (small, _) = Lineage::new(["a", "b", "c"].map(String::from), vec![edge("a", "b")]);
        let full = lineage_noise(&small, 9.0, 1);
        assert_eq!(full.edges().len(), 3);
        assert!(full.edges().iter().all(|edge| edge.relation == Relation::Merge));
        assert!(lineage_noise(&Lineage::default(), 0.5, 1).is_empty());
        assert_eq!(lineage_noise(&small, f64::NAN, 1).edges(), small.edges());
    }

    #[test]
    fn the_seed_decides() {
        for amount in [-0.4, 0.4] {
            let of = |seed| pairs(&lineage_noise(&lineage(), amount, seed));
            assert_eq!(of(1), of(1));
            assert_ne!(of(1), of(2));
        }
    }
}
