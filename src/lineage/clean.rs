//! Cleaning rules for edges. A missing edge costs little accuracy and a false one costs a lot (LRMF, appendix C), so
//! that doubtful edges are left out.

use super::{Edge, Lineage, NamedEdge};
use crate::error::Warning;
use crate::linalg::order;
use std::collections::HashMap;

/// Adds the edges that pass the cleaning rules, and their nodes. Returns the repairs.
pub(super) fn add_edges(lineage: &mut Lineage, edges: Vec<NamedEdge>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut placeholders = 0;
    let mut kept: Vec<Edge> = Vec::new();
    let mut positions: HashMap<(u32, u32), usize> = HashMap::new();
    for NamedEdge { child, parent } in edges {
        if is_placeholder(&parent.id) || is_placeholder(&child) {
            placeholders += 1;
            continue;
        }
        // A model is found by its exact id, or by the only id that differs in case alone.
        let find = |lineage: &mut Lineage, id: String| lineage.node(&id).unwrap_or_else(|| lineage.add_node(id));
        let from = find(lineage, parent.id);
        let to = find(lineage, child);
        if from == to {
            warnings.push(Warning::new(format!(
                "\"{}\" named itself as its own parent; the edge was dropped",
                lineage.id(to)
            )));
            continue;
        }
        let weight = if parent.weight.is_finite() && parent.weight > 0.0 { parent.weight } else { 1.0 };
        let edge = Edge { parent: from, child: to, relation: parent.relation, weight };
        match positions.get(&(from, to)) {
            Some(&at) if kept[at].relation <= edge.relation => {}
            Some(&at) => kept[at] = edge,
            None => {
                positions.insert((from, to), kept.len());
                kept.push(edge);
            }
        }
    }
    if placeholders > 0 {
        warnings.push(Warning::new(format!(
            "{placeholders} edges to \"Removed\" or \"(Merge)\" placeholders were dropped"
        )));
    }
    let (acyclic, cut) = cut_cycles(lineage.len(), kept);
    for edge in cut {
        let (parent, child) = (lineage.id(edge.parent), lineage.id(edge.child));
        warnings.push(Warning::new(format!("the edge from \"{parent}\" to \"{child}\" closed a cycle and was cut")));
    }
    lineage.set_edges(acyclic);
    warnings
}

/// Whether a name is not that of a model: blank, `Removed`, or `x (Merge)` as in tables.
pub(crate) fn is_placeholder(id: &str) -> bool {
    let id = id.trim();
    id.is_empty() || id.eq_ignore_ascii_case("removed") || id.ends_with("(Merge)")
}

/// Splits edges between nodes below `nodes` into those that are kept and those that are cut. Edges are inserted from the
/// most to the least certain relation, and each edge that closes a cycle is cut. Both lists keep the order of the input.
#[must_use]
pub fn cut_cycles(nodes: usize, edges: Vec<Edge>) -> (Vec<Edge>, Vec<Edge>) {
    // Most tables are acyclic; one topological pass finds out.
    let suspects = nodes_on_cycles(nodes, &edges);
    if suspects.iter().all(|&on| !on) {
        return (edges, Vec::new());
    }
    let order = order(edges.len(), &mut |a, b| edges[a].relation.cmp(&edges[b].relation));
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); nodes];
    let mut keep = vec![true; edges.len()];
    for at in order {
        let Edge { parent, child, .. } = edges[at];
        let may_close_cycle = suspects[parent as usize] && suspects[child as usize];
        if may_close_cycle && reaches(&children, child, parent) {
            keep[at] = false;
        } else {
            children[parent as usize].push(child);
        }
    }
    let (kept, cut): (Vec<_>, Vec<_>) = edges.into_iter().zip(keep).partition(|&(_, keep)| keep);
    (kept.into_iter().map(|e| e.0).collect(), cut.into_iter().map(|e| e.0).collect())
}

/// Marks the nodes that remain after repeatedly removing nodes without a remaining parent. Every cycle lies among them.
/// (nodes)
pub(super) fn nodes_on_cycles(nodes: usize, edges: &[Edge]) -> Vec<bool> {
    let mut waiting = vec![0u32; nodes];
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); nodes];
    for edge in edges {
        waiting[edge.child as usize] += 1;
        children[edge.parent as usize].push(edge.child);
    }
    let mut ready: Vec<u32> = (0..nodes as u32).filter(|&node| waiting[node as usize] == 0).collect();
    let mut remaining = vec![true; nodes];
    while let Some(node) = ready.pop() {
        remaining[node as usize] = false;
        for &child in &children[node as usize] {
            waiting[child as usize] -= 1;
            if waiting[child as usize] == 0 {
                ready.push(child);
            }
        }
    }
    remaining
}

fn reaches(children: &[Vec<u32>], from: u32, to: u32) -> bool {
    let mut stack = vec![from];
    let mut seen = std::collections::HashSet::new();
    while let Some(node) = stack.pop() {
        if node == to {
            return true;
        }
        if seen.insert(node) {
            stack.extend(&children[node as usize]);
        }
    }
    false
}
