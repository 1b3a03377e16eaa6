//! A spanning forest of a graph, for algorithms that are exact on trees.

use super::Laplacian;
use std::collections::VecDeque;

/// A spanning forest: each node has at most one of its neighbours as its parent, and the parents form no cycle.
#[derive(Debug, Clone, Default)]
pub struct Forest {
    order: Vec<u32>,          // (nodes): each node after its parent
    parents: Vec<(u32, f32)>, // (nodes): parent and weight of the edge; the node itself and 0 for a root
}

impl Forest {
    /// Searches breadth first from the lowest node of each component.
    #[must_use]
    pub fn of(graph: &Laplacian) -> Self {
        let mut reached = vec![false; graph.len()];
        let mut parents: Vec<(u32, f32)> = (0..graph.len() as u32).map(|node| (node, 0.0)).collect();
        let mut order = Vec::with_capacity(graph.len());
        for root in 0..graph.len() as u32 {
            let mut open = VecDeque::new();
            if !std::mem::replace(&mut reached[root as usize], true) {
                open.push_back(root);
            }
            while let Some(node) = open.pop_front() {
                order.push(node);
                for &(other, weight) in graph.neighbours(node as usize) {
                    if !std::mem::replace(&mut reached[other as usize], true) {
                        parents[other as usize] = (node, weight);
                        open.push_back(other);
                    }
                }
            }
        }
        Self { order, parents }
    }

    /// All nodes, each after its parent.
    pub fn downwards(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.order.iter().map(|&node| node as usize)
    }

    /// A node's parent and the weight of the edge to it; for a root, the node itself and 0.
    #[must_use]
    pub fn parent(&self, node: usize) -> (usize, f32) {
        (self.parents[node].0 as usize, self.parents[node].1)
    }

    /// Whether the edge between two neighbours belongs to the forest.
    #[must_use]
    pub fn has(&self, a: usize, b: usize) -> bool {
        self.parents[a].0 as usize == b || self.parents[b].0 as usize == a
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_and_a_pair_become_two_trees() {
        let edges = [(0, 1, 1.0), (1, 2, 0.5), (2, 3, 2.0), (3, 0, 1.0), (5, 4, 3.0)];
        let graph = Laplacian::from_edges(7, edges);
        let forest = Forest::of(&graph);
        assert_eq!(forest.downwards().collect::<Vec<_>>(), [0, 1, 3, 2, 4, 5, 6]);
        assert_eq!([0, 1, 2, 3, 4, 5, 6].map(|node| forest.parent(node).0), [0, 0, 1, 0, 4, 4, 6]);
        assert_eq!(forest.parent(5).1, 3.0);
        assert!(forest.has(2, 1) && !forest.has(2, 3));
    }
}
