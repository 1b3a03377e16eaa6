//! The Laplacian of an undirected weighted graph, `L = D - A`, as compressed rows.

use crate::linalg::sort_by_number;
use crate::lineage::Lineage;
use eyas_kernels::cpu::add_edge;

/// `L = D - A` of an undirected graph, (nodes, nodes): A holds the symmetric edge weights, D the degrees on its
/// diagonal.
#[derive(Debug, Clone, Default)]
pub struct Laplacian {
    starts: Vec<u32>,            // (nodes + 1)
    neighbours: Vec<(u32, f32)>, // node and weight, row after row
    degrees: Vec<f32>,           // (nodes)
}

impl Laplacian {
    /// Builds the Laplacian from undirected edges `(a, b, weight)`. The weights of repeated edges add up; an edge from
    /// a node to itself is ignored.
    #[must_use]
    pub fn from_edges(nodes: usize, edges: impl IntoIterator<Item = (u32, u32, f32)>) -> Self {
        let mut rows: Vec<Vec<(u32, f32)>> = vec![Vec::new(); nodes];
        for (a, b, weight) in edges.into_iter().filter(|&(a, b, _)| a != b) {
            rows[a as usize].push((b, weight));
            rows[b as usize].push((a, weight));
        }
        let mut laplacian = Self { starts: vec![0], ..Self::default() };
        for mut row in rows {
            sort_by_number(&mut row);
            row.dedup_by(|next, first| {
                next.0 == first.0 && {
                    first.1 += next.1;
                    true
                }
            });
            laplacian.degrees.push(row.iter().map(|&(_, weight)| weight).sum());
            laplacian.neighbours.extend(row);
            laplacian.starts.push(laplacian.neighbours.len() as u32);
        }
        laplacian
    }

    /// Number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.degrees.len()
    }

    /// Whether the graph has no nodes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.degrees.is_empty()
    }

    /// The neighbours of a node with the weights of their edges.
    #[must_use]
    pub fn neighbours(&self, node: usize) -> &[(u32, f32)] {
        &self.neighbours[self.starts[node] as usize..self.starts[node + 1] as usize]
    }

    /// Sum of the weights of a node's edges.
    #[must_use]
    pub fn degree(&self, node: usize) -> f32 {
        self.degrees[node]
    }

    /// The neighbours of a node with a higher index: over all nodes, each edge appears once.
    fn later(&self, node: usize) -> &[(u32, f32)] {
        let all = self.neighbours(node);
        &all[all.partition_point(|&(other, _)| (other as usize) < node)..]
    }

    /// `Tr(VᵀLV)`, the sum over edges of `weight * |v_a - v_b|²`. `values` is V: (nodes, dim), row-major.
    #[must_use]
    pub fn energy(&self, values: &[f32], dim: usize) -> f64 {
        let row = |node: usize| &values[node * dim..(node + 1) * dim];
        let mut squares = Squares::new(dim);
        for node in 0..self.len() {
            for &(other, weight) in self.later(node) {
                for ((square, a), b) in squares.next().iter_mut().zip(row(node)).zip(row(other as usize)) {
                    *square += weight * (a - b) * (a - b);
                }
            }
        }
        squares.total()
    }

    /// Adds `scale * L V` to `out`. V is `values`; both are (nodes, dim), row-major. Returns [`Laplacian::energy`],
    /// whose gradient is `2 L V`.
    pub fn add_product(&self, scale: f32, values: &[f32], dim: usize, out: &mut [f32]) -> f64 {
        let row = |node: usize| node * dim..(node + 1) * dim;
        let mut squares = Squares::new(dim);
        for node in 0..self.len() {
            let (before, after) = out.split_at_mut((node + 1) * dim);
            for &(other, weight) in self.later(node) {
                let other = row(other as usize);
                let pulled = [&mut before[node * dim..], &mut after[other.start - (node + 1) * dim..][..dim]];
                add_edge((scale * weight, weight), &values[row(node)], &values[other], pulled, squares.next());
            }
        }
        squares.total()
    }
}

/// A sum of squares in double precision. Squares of up to 32 edges add up by coordinate in single precision, which
/// vectorises well and loses little to rounding, before they join the total.
struct Squares {
    partial: Vec<f32>, // (dim)
    edges: usize,      // number of edges in `partial`
    sum: f64,
}

impl Squares {
    fn new(dim: usize) -> Self {
        Self { partial: vec![0.0; dim], edges: 0, sum: 0.0 }
    }

    /// The buffer to which the squares of the next edge are added. (dim)
    fn next(&mut self) -> &mut [f32] {
        if self.edges == 32 {
            self.take();
        }
        self.edges += 1;
        &mut self.partial
    }

    fn take(&mut self) {
        self.sum += self.partial.iter_mut().map(|square| f64::from(std::mem::take(square))).sum::<f64>();
        self.edges = 0;
    }

    fn total(mut self) -> f64 {
        self.take();
        self.sum
    }
}

impl From<&Lineage> for Laplacian {
    /// The Laplacian over all nodes of the graph, evaluated or not, without the direction of the edges.
    fn from(lineage: &Lineage) -> Self {
        Self::from_edges(lineage.len(), lineage.edges().iter().map(|edge| (edge.parent, edge.child, edge.weight)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_product_is_half_the_gradient_of_the_energy() {
        let laplacian = Laplacian::from_edges(3, [(0, 1, 1.0), (1, 2, 0.5), (2, 2, 9.0), (1, 0, 1.0)]);
        assert_eq!(laplacian.neighbours(0), [(1, 2.0)]);
        let values = [1.0, -1.0, 3.0, 0.5, 0.0, 2.0];
        let expected = 2.0 * (4.0 + 2.25) + 0.5 * (9.0 + 2.25);
        assert!((laplacian.energy(&values, 2) - expected).abs() < 1e-6);
        let mut product = [0.0; 6];
        assert_eq!(laplacian.add_product(1.0, &values, 2, &mut product), laplacian.energy(&values, 2));
        for at in 0..6 {
            let mut moved = values;
            moved[at] += 1e-2;
            let mut back = values;
            back[at] -= 1e-2;
            let slope = (laplacian.energy(&moved, 2) - laplacian.energy(&back, 2)) / 2e-2;
            assert!((slope - 2.0 * f64::from(product[at])).abs() < 1e-3, "{at}: {slope} {}", product[at]);
        }
    }
}
