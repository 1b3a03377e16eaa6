//! The systems of [`super::majorise`]: for each coordinate k
//!
//! `(a_k + 2 l2 + 2 w deg_u) v_u - 2 w Σ_neighbours weight v = target_u`.
//!
//! A lineage graph is a forest except for the merges, and most of its nodes have no cells: they are determined by distant
//! nodes, edge by edge, and sweeps from row to row would need dozens of passes. So the system is solved exactly along a
//! spanning forest, in one pass up and one down (Gaussian elimination, leaves first), with the other edges at their last
//! values; a symmetric Gauss-Seidel sweep over all edges follows. Both lower the quadratic.

use super::ties::Ties;
use eyas_kernels::cpu::add_scaled as add;

/// Number of passes of each kind.
const ROUNDS: usize = 2;

/// Lowers the quadratic from the current point, for all coordinates of a row at once. `values`: (width), `target` and
/// `current`: (rows, width).
pub(super) fn relax(ties: &Ties<'_>, values: &[f32], target: &[f32], current: &mut [f32]) {
    let own = own_pulls(ties, values);
    let mut sums = vec![0.0; current.len()];
    for _ in 0..ROUNDS {
        sums.copy_from_slice(target);
        along_forest(ties, &own, &mut sums, current, values.len());
        sweep(ties, values, target, current);
    }
}

/// The diagonal of each row after its children have been eliminated, without the edge to its parent: (rows, width). A child
/// with the diagonal `own` and an edge of weight c adds `c - c² / (own + c)` to its parent, in a form without cancellation.
fn own_pulls(ties: &Ties<'_>, values: &[f32]) -> Vec<f32> {
    let width = values.len();
    let mut own = vec![0.0; ties.seen.len() * width];
    for (row, own) in own.chunks_exact_mut(width).enumerate() {
        let others = ties.graph.neighbours(row).iter().filter(|other| !ties.forest.has(row, other.0 as usize));
        let besides = 2.0 * ties.weight * others.map(|other| other.1).sum::<f32>();
        if ties.seen[row] {
            own.iter_mut().zip(values).for_each(|(own, value)| *own = value + 2.0 * ties.l2);
        }
        own.iter_mut().for_each(|own| *own += besides);
    }
    for row in ties.forest.downwards().rev() {
        let (parent, weight) = ties.forest.parent(row);
        let tie = 2.0 * ties.weight * weight;
        if tie > 0.0 {
            for k in 0..width {
                let diagonal = own[row * width + k];
                own[parent * width + k] += tie * diagonal / (diagonal + tie);
            }
        }
    }
    own
}

/// The exact minimum along the forest, with the other edges at their last values. `sums`: the target, overwritten.
fn along_forest(ties: &Ties<'_>, own: &[f32], sums: &mut [f32], current: &mut [f32], width: usize) {
    for (row, sums) in sums.chunks_exact_mut(width).enumerate() {
        for &(other, weight) in ties.graph.neighbours(row) {
            if !ties.forest.has(row, other as usize) {
                add(sums, 2.0 * ties.weight * weight, &current[other as usize * width..][..width]);
            }
        }
    }
    for row in ties.forest.downwards().rev() {
        let (parent, weight) = ties.forest.parent(row);
        let tie = 2.0 * ties.weight * weight;
        if tie > 0.0 {
            for k in 0..width {
                let at = row * width + k;
                sums[parent * width + k] += tie * sums[at] / (own[at] + tie);
            }
        }
    }
    for row in ties.forest.downwards() {
        let (parent, weight) = ties.forest.parent(row);
        let tie = 2.0 * ties.weight * weight;
        for k in 0..width {
            let at = row * width + k;
            let diagonal = own[at] + tie;
            // A row of weight 0 has no equation, and keeps its value.
            if diagonal > 0.0 {
                current[at] = (sums[at] + tie * current[parent * width + k]) / diagonal;
            }
        }
    }
}

/// A symmetric Gauss-Seidel sweep.
fn sweep(ties: &Ties<'_>, values: &[f32], target: &[f32], current: &mut [f32]) {
    let width = values.len();
    let mut pulled = vec![0.0f32; width];
    let mut relax = |row: usize| {
        let seen = f32::from(u8::from(ties.seen[row]));
        let diagonal = 2.0 * (seen * ties.l2 + ties.weight * ties.graph.degree(row));
        if diagonal + seen <= 0.0 {
            return;
        }
        pulled.copy_from_slice(&target[row * width..][..width]);
        for &(other, weight) in ties.graph.neighbours(row) {
            add(&mut pulled, 2.0 * ties.weight * weight, &current[other as usize * width..][..width]);
        }
        let out = &mut current[row * width..][..width];
        for ((out, &pulled), &value) in out.iter_mut().zip(&pulled).zip(values) {
            *out = pulled / (seen * value + diagonal).max(1e-30);
        }
    };
    let rows = ties.seen.len();
    (0..rows).for_each(&mut relax);
    (0..rows).rev().for_each(&mut relax);
}

#[cfg(test)]
mod tests {
    use super::super::ties::Bias;
    use super::*;
    use crate::lineage::{Forest, Laplacian};

    /// A long chain of unseen rows between two seen ones: sweeps alone would need hundreds of passes.
    #[test]
    fn what_is_known_at_one_end_of_a_chain_is_at_the_other_at_once() {
        let n = 200;
        let graph = Laplacian::from_edges(n, (1..n as u32).map(|node| (node - 1, node, 1.0)));
        let forest = Forest::of(&graph);
        let mut seen = vec![false; n];
        (seen[0], seen[n - 1]) = (true, true);
        let ties = Ties { graph: &graph, forest: &forest, weight: 1.0, l2: 0.0, seen: &seen, bias: Bias::Absent };
        let mut target = vec![0.0; n];
        target[n - 1] = 100.0;
        let mut current = vec![0.0; n];
        relax(&ties, &[1.0], &target, &mut current);
        // At the ends v + 2 (v - neighbour) = target, with a straight line between: slope s, v_0 = 2 s, v_last = 100 - 2 s.
        let slope = 100.0 / (n as f32 - 1.0 + 4.0);
        assert!((current[0] - 2.0 * slope).abs() < 1e-2, "{}", current[0]);
        assert!((current[n / 2] - slope * (2.0 + (n / 2) as f32)).abs() < 1e-2, "{}", current[n / 2]);
    }

    /// Edges outside the forest, and rows without a penalty.
    #[test]
    fn the_system_is_solved_where_the_graph_has_rings() {
        let edges = [(0, 1, 1.0), (1, 2, 0.5), (2, 3, 2.0), (3, 0, 1.0), (0, 2, 0.3), (4, 5, 1.0)];
        let graph = Laplacian::from_edges(7, edges);
        let forest = Forest::of(&graph);
        let seen = [true, false, true, true, false, false, false];
        let ties = Ties { graph: &graph, forest: &forest, weight: 0.4, l2: 0.1, seen: &seen, bias: Bias::Absent };
        let values = [0.5, 2.0];
        let target: Vec<f32> = (0..14).map(|at| if seen[at / 2] { (at as f32).sin() } else { 0.0 }).collect();
        let mut current = vec![0.0; 14];
        (0..20).for_each(|_| relax(&ties, &values, &target, &mut current));
        let mut product = vec![0.0; 14];
        graph.add_product(0.8, &current, 2, &mut product);
        for at in 0..14 {
            let own = if seen[at / 2] { (values[at % 2] + 0.2) * current[at] } else { 0.0 };
            assert!((product[at] + own - target[at]).abs() < 1e-5, "{at}");
        }
    }
}
