//! Cleaning rules for edges. A missing edge costs little, a false one a lot (LRMF, appendix C): in doubt, leave it out.

use super::{Edge, Lineage, NamedEdge};
use crate::error::Warning;
use crate::linalg::order;
use std::collections::HashMap;

/// Adds the edges that survive cleaning, and their nodes; returns what was repaired.
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
        // An exact id, or the only one that differs by case, is the same model.
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

/// Whether a name stands for no model: blank, `Removed`, or a table's `x (Merge)`.
pub(crate) fn is_placeholder(id: &str) -> bool {
    let id = id.trim();
    id.is_empty() || id.eq_ignore_ascii_case("removed") || id.ends_with("(Merge)")
}

/// Inserts edges in order of certainty and leaves out each that closes a cycle. Order within the result is the input's.
fn cut_cycles(nodes: usize, edges: Vec<Edge>) -> (Vec<Edge>, Vec<Edge>) {
    // Most tables are acyclic as they are: one topological pass tells.
    let suspects = nodes_on_cycles(nodes, &edges);
    if suspects.iter().all(|&on| !on) {
        return (edges, Vec::new());
    }
    let order = order(edges.len(), &mut |a, b| edges[a].relation.cmp(&edges[b].relation));
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); nodes];
    let mut keep = vec![true; edges.len()];
    for at in order {
        let Edge { parent, child, .. } = edges[at];
        let doubtful = suspects[parent as usize] && suspects[child as usize];
        if doubtful && reaches(&children, child, parent) {
            keep[at] = false;
        } else {
            children[parent as usize].push(child);
        }
    }
    let (kept, cut): (Vec<_>, Vec<_>) = edges.into_iter().zip(keep).partition(|&(_, keep)| keep);
    (kept.into_iter().map(|e| e.0).collect(), cut.into_iter().map(|e| e.0).collect())
}

/// Nodes that remain when those without a remaining parent are peeled off, again and again: all cycles lie among them.
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
