//! The lineage graph: which model was derived from which. Nodes are models, evaluated or not; an unevaluated ancestor
//! still connects its descendants. Edges run from parent to child and have a relation and a weight.

mod clean;
mod forest;
mod laplacian;
mod names;

pub use clean::cut_cycles;
pub(crate) use clean::is_placeholder;
pub use forest::Forest;
pub use laplacian::Laplacian;
pub use names::{
    Found, NameIndex, Names, Resolved, Setting, configuration_of, is_quantised, lookup_keys, name_key, spelled_alike,
};
pub(crate) use names::{has_packing_tag, split, without_revision};

use crate::error::Warning;
use crate::linalg::sort_numbers;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// How a child was made from its parent. Ordered from the most to the least certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Further training of all weights, instruction tuning and preference tuning included.
    Finetune,
    /// Further pre-training on plain text.
    ContinuedPretraining,
    /// A merge of the weights of several parents.
    Merge,
    /// A low-rank or other adapter on the parent.
    Adapter,
    /// The parent with its weights quantised.
    Quantized,
    /// A parent whose relation is not stated. It may skip generations, as the base models of tables of results do.
    #[serde(alias = "table_base")]
    Unstated,
}

impl Relation {
    /// All relations, in the order of their numbers.
    pub(crate) const ALL: [Self; 6] =
        [Self::Finetune, Self::ContinuedPretraining, Self::Merge, Self::Adapter, Self::Quantized, Self::Unstated];

    /// The relation that a word in an edges file or a model card names; `None` for other words.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word.trim().to_ascii_lowercase().as_str() {
            "finetune" | "finetuned" | "fine-tune" | "fine-tuned" => Self::Finetune,
            "continued_pretraining" | "continued pretraining" | "continual_pretraining" => Self::ContinuedPretraining,
            "merge" | "merged" => Self::Merge,
            "adapter" | "lora" => Self::Adapter,
            "quantized" | "quantised" => Self::Quantized,
            "leaderboard_base" | "table_base" | "" | "unstated" | "unknown" => Self::Unstated,
            _ => return None,
        })
    }

    /// The word for it in files and JSON.
    #[must_use]
    pub fn as_word(self) -> &'static str {
        match self {
            Self::Finetune => "finetune",
            Self::ContinuedPretraining => "continued_pretraining",
            Self::Merge => "merge",
            Self::Adapter => "adapter",
            Self::Quantized => "quantized",
            Self::Unstated => "unstated",
        }
    }
}

/// A named parent, as a model card or a snapshot states it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parent {
    /// The parent's id, `organisation/name` where it has one.
    pub id: String,
    /// How the child was made from it.
    pub relation: Relation,
    /// Its share of the child; 1 where no share is stated.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub weight: f32,
}

fn one() -> f32 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_one(weight: &f32) -> bool {
    *weight == 1.0
}

impl Parent {
    /// A parent with this relation and weight 1.
    #[must_use]
    pub fn new(id: impl Into<String>, relation: Relation) -> Self {
        Self { id: id.into(), relation, weight: 1.0 }
    }
}

/// An edge between ids, before the nodes of its ends are known.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedEdge {
    /// The child's id.
    pub child: String,
    /// Its parent, with relation and weight.
    pub parent: Parent,
}

/// An edge of the graph.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    /// Node of the parent.
    pub parent: u32,
    /// Node of the child.
    pub child: u32,
    /// How the child was made from the parent.
    pub relation: Relation,
    /// The parent's share, greater than 0.
    pub weight: f32,
}

/// A directed acyclic graph of models. Its first nodes are the models of a snapshot, in the snapshot's order; the other
/// nodes are relatives without results.
#[derive(Debug, Clone, Default)]
pub struct Lineage {
    ids: Vec<String>,
    nodes: HashMap<String, u32>,
    folded: HashMap<String, u32>, // id in lower case -> node, or `AMBIGUOUS`
    edges: Vec<Edge>,
    parents: Vec<Vec<u32>>,  // node -> positions in `edges`
    children: Vec<Vec<u32>>, // node -> positions in `edges`
}

impl Lineage {
    /// The graph over these models and the other models that the edges name. Edges are cleaned: placeholders and edges
    /// from a model to itself are dropped, the most certain of repeated edges is kept, and an edge that closes a cycle
    /// is cut. The warnings list these repairs.
    #[must_use]
    pub fn new(models: impl IntoIterator<Item = String>, edges: Vec<NamedEdge>) -> (Self, Vec<Warning>) {
        let mut lineage = Self::default();
        for id in models {
            lineage.add_node(id);
        }
        let warnings = clean::add_edges(&mut lineage, edges);
        (lineage, warnings)
    }

    /// The graph of nodes and edges that were cleaned before; `None` if an id is repeated or the edges contain a cycle.
    /// The ends of the edges must be nodes.
    pub(crate) fn of_edges(ids: Vec<String>, edges: Vec<Edge>) -> Option<Self> {
        let count = ids.len();
        let mut lineage = Self::default();
        for id in ids {
            lineage.add_node(id);
        }
        if lineage.len() < count || clean::nodes_on_cycles(count, &edges).contains(&true) {
            return None;
        }
        lineage.set_edges(edges);
        Some(lineage)
    }

    /// The same nodes with other edges, for experiments with missing and false edges. The edges are not cleaned.
    #[must_use]
    pub fn with_edges(&self, edges: Vec<Edge>) -> Self {
        let mut lineage =
            Self { ids: self.ids.clone(), nodes: self.nodes.clone(), folded: self.folded.clone(), ..Self::default() };
        lineage.set_edges(edges);
        lineage
    }

    /// Number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether the graph has no nodes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The id of a node.
    #[must_use]
    pub fn id(&self, node: u32) -> &str {
        &self.ids[node as usize]
    }

    /// All ids, in node order.
    #[must_use]
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The node with this id, else the only node whose id differs in case alone.
    #[must_use]
    pub fn node(&self, id: &str) -> Option<u32> {
        self.nodes
            .get(id)
            .or_else(|| self.folded.get(&id.to_ascii_lowercase()).filter(|&&node| node != AMBIGUOUS))
            .copied()
    }

    /// All edges.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The edges to a node's parents.
    pub fn parents(&self, node: u32) -> impl Iterator<Item = &Edge> + '_ {
        self.parents[node as usize].iter().map(|&at| &self.edges[at as usize])
    }

    /// The edges to a node's children.
    pub fn children(&self, node: u32) -> impl Iterator<Item = &Edge> + '_ {
        self.children[node as usize].iter().map(|&at| &self.edges[at as usize])
    }

    /// Parents and children of a node, with the weights of the edges.
    pub fn neighbours(&self, node: u32) -> impl Iterator<Item = (u32, f32)> + '_ {
        let parents = self.parents(node).map(|edge| (edge.parent, edge.weight));
        parents.chain(self.children(node).map(|edge| (edge.child, edge.weight)))
    }

    /// Nodes that share a parent with this one, without repeats, in ascending order.
    #[must_use]
    pub fn siblings(&self, node: u32) -> Vec<u32> {
        let mut siblings: Vec<u32> = self
            .parents(node)
            .flat_map(|up| self.children(up.parent).map(|down| down.child))
            .filter(|&n| n != node)
            .collect();
        sort_numbers(&mut siblings);
        siblings.dedup();
        siblings
    }

    /// Nodes within `hops` edges of this one in either direction, with their distances, nearest first.
    #[must_use]
    pub fn neighbourhood(&self, node: u32, hops: usize) -> Vec<(u32, usize)> {
        let mut found = vec![(node, 0)];
        let mut seen = std::collections::HashSet::from([node]);
        let mut at = 0;
        while let Some(&(here, distance)) = found.get(at) {
            at += 1;
            if distance < hops {
                let fresh: Vec<_> =
                    self.neighbours(here).map(|(next, _)| next).filter(|&next| seen.insert(next)).collect();
                found.extend(fresh.into_iter().map(|next| (next, distance + 1)));
            }
        }
        found.remove(0);
        found
    }

    /// Marks the nodes that a path of edges, in either direction, connects to one of these nodes. (nodes)
    pub fn reached(&self, from: impl IntoIterator<Item = u32>) -> Vec<bool> {
        let mut reached = vec![false; self.len()];
        let mut waiting: Vec<u32> = from.into_iter().collect();
        waiting.iter().for_each(|&node| reached[node as usize] = true);
        while let Some(node) = waiting.pop() {
            for (next, _) in self.neighbours(node) {
                if !std::mem::replace(&mut reached[next as usize], true) {
                    waiting.push(next);
                }
            }
        }
        reached
    }

    fn add_node(&mut self, id: String) -> u32 {
        if let Some(&node) = self.nodes.get(&id) {
            return node;
        }
        let node = self.ids.len() as u32;
        self.folded.entry(id.to_ascii_lowercase()).and_modify(|other| *other = AMBIGUOUS).or_insert(node);
        self.nodes.insert(id.clone(), node);
        self.ids.push(id);
        node
    }

    fn set_edges(&mut self, edges: Vec<Edge>) {
        self.parents = vec![Vec::new(); self.ids.len()];
        self.children = vec![Vec::new(); self.ids.len()];
        for (at, edge) in (0u32..).zip(&edges) {
            self.parents[edge.child as usize].push(at);
            self.children[edge.parent as usize].push(at);
        }
        self.edges = edges;
    }
}

/// In place of a node: several ids are the same in lower case.
const AMBIGUOUS: u32 = u32::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(parent: &str, child: &str) -> NamedEdge {
        NamedEdge { child: child.into(), parent: Parent::new(parent, Relation::Finetune) }
    }

    fn names(models: &[&str]) -> Vec<String> {
        models.iter().map(|&m| m.to_owned()).collect()
    }

    #[test]
    fn an_unevaluated_ancestor_connects_its_descendants() {
        let (lineage, warnings) =
            Lineage::new(names(&["x/a", "x/b"]), vec![edge("x/base", "x/a"), edge("x/base", "x/b")]);
        assert!(warnings.is_empty());
        assert_eq!(lineage.len(), 3);
        assert_eq!(lineage.siblings(0), [1]);
        assert_eq!(lineage.neighbourhood(0, 1), [(2, 1)]);
        assert_eq!(lineage.neighbourhood(0, 2), [(2, 1), (1, 2)]);
        assert_eq!(lineage.reached([1]), [true, true, true]);
        assert_eq!(lineage.with_edges(Vec::new()).reached([1]), [false, true, false]);
    }

    #[test]
    fn ids_are_found_in_any_case_unless_that_is_ambiguous() {
        let (lineage, _) = Lineage::new(names(&["Org/Model", "o/X", "o/x"]), vec![]);
        assert_eq!(lineage.node("org/model"), Some(0));
        assert_eq!((lineage.node("o/x"), lineage.node("O/x")), (Some(2), None));
    }

    #[test]
    fn repairs_are_reported_and_the_graph_stays_acyclic() {
        let edges = vec![
            edge("a", "b"),
            edge("b", "c"),
            edge("c", "a"),
            edge("b", "b"),
            edge("a", "b"),
            edge("Removed", "c"),
            edge("a (Merge)", "c"),
        ];
        let (lineage, warnings) = Lineage::new(names(&["a", "b", "c"]), edges);
        let kept: Vec<_> = lineage.edges().iter().map(|e| (lineage.id(e.parent), lineage.id(e.child))).collect();
        assert_eq!(kept, [("a", "b"), ("b", "c")]);
        let reported: Vec<_> = warnings.iter().map(ToString::to_string).collect();
        assert!(reported.iter().any(|w| w.contains("cycle") && w.contains("\"c\"")), "{reported:?}");
        assert!(reported.iter().any(|w| w.contains("own parent")), "{reported:?}");
    }
}
