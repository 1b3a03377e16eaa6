//! Gradient boosting of regression trees on histograms (Friedman 2001; Ke et al., LightGBM, 2017), for several outputs at
//! once: a tree splits where the outputs together gain most, and its leaves hold a value for each.
//!
//! Rows have numbers, NaN where unknown, and marks: columns of 0 and 1 of which a row sets a few. The loss is Huber's.

use crate::linalg::{clamp, sort_floats};
use eyas_kernels::BitMatrix;
use eyas_kernels::histogram::{self, LANES, Layout, Split, Table};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Settings of [`Boosting`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::methods) struct BoostingConfig {
    /// Trees.
    pub trees: usize,
    /// Share of a tree that is added.
    pub rate: f32,
    /// Leaves of a tree at most.
    pub leaves: usize,
    /// Rows of a leaf at least.
    pub leaf_rows: usize,
    /// Share of the rows that a tree sees.
    pub row_share: f32,
    /// Share of the columns that a tree sees.
    pub column_share: f32,
    /// Residuals beyond this count as this, in the outputs' units.
    pub huber: f32,
}

impl Default for BoostingConfig {
    fn default() -> Self {
        Self { trees: 200, rate: 0.1, leaves: 15, leaf_rows: 20, row_share: 0.8, column_share: 0.3, huber: 0.35 }
    }
}

/// Rows to learn from or to predict.
#[derive(Debug, Clone, Default)]
pub(in crate::methods) struct Rows {
    /// (n_rows, n_numbers), row-major, NaN where unknown.
    pub numbers: Vec<f32>,
    /// Columns that are 1, ascending, a row each.
    pub marks: Vec<Vec<u32>>,
}

/// A node of a tree; its children stand after it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::methods) struct Node {
    /// Column that it splits by: a number, or n_numbers + mark. At a leaf, where its values start.
    pub column: u32,
    /// Rows with at most this number, or without the mark, go to the left. NaN numbers go to the left too.
    pub threshold: f32,
    /// The right child, the left one being the next node; 0 at a leaf.
    pub right: u32,
}

/// A trained sum of trees.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::methods) struct Boosting {
    pub nodes: Vec<Node>,
    pub roots: Vec<u32>,
    /// Values of the leaves, already times the rate. (n_leaves, n_outputs)
    pub values: Vec<f32>,
    pub n_numbers: usize,
    pub n_outputs: usize,
}

/// Bins of a number at most; bin 0 holds unknown ones.
const BINS: usize = 255;

impl Boosting {
    /// The sum of its trees for a row. (n_outputs)
    pub(in crate::methods) fn predict(&self, numbers: &[f32], marks: &[u32]) -> Vec<f32> {
        let mut sum = vec![0.0; self.n_outputs];
        for &root in &self.roots {
            let mut at = root as usize;
            while self.nodes[at].right != 0 {
                let node = self.nodes[at];
                let right = match (node.column as usize).checked_sub(self.n_numbers) {
                    None => numbers[node.column as usize] > node.threshold,
                    Some(mark) => marks.binary_search(&(mark as u32)).is_ok(),
                };
                at = if right { node.right as usize } else { at + 1 };
            }
            let start = self.nodes[at].column as usize;
            sum.iter_mut().zip(&self.values[start..]).for_each(|(sum, value)| *sum += value);
        }
        sum
    }

    /// Learns outputs, (n_rows, n_outputs), row-major.
    pub(in crate::methods) fn fit(rows: &Rows, outputs: &[f32], config: &BoostingConfig, seed: u64) -> Self {
        let mut training = Training::new(rows, outputs, config, seed);
        for _ in 0..config.trees {
            training.grow();
        }
        training.model
    }
}

/// A leaf that may be split further.
struct Leaf {
    rows: Vec<u32>,
    sums: Vec<f32>,  // (columns of the tree, bins, stride); empty if it can't be split
    total: Vec<f32>, // (stride)
    split: Option<Split>,
    node: usize,
}

struct Training<'a> {
    config: &'a BoostingConfig,
    marks: Vec<Vec<u32>>, // of each row those that can be split by
    marked: BitMatrix,    // (n_rows, n_marks)
    bins: Vec<Vec<u8>>,   // a column each: (n_rows)
    edges: Vec<Vec<f32>>, // greatest number of each bin from 1 on
    outputs: &'a [f32],   // (n_rows, n_outputs)
    residuals: Vec<f32>,  // (n_rows, stride), clipped, the last lane 1 for counting
    predicted: Vec<f32>,  // (n_rows, n_outputs)
    stride: usize,
    columns: Vec<usize>, // that can be split by: numbers, then marks that enough rows have and lack
    n_marks: usize,
    rng: Pcg64Mcg,
    model: Boosting,
}

impl<'a> Training<'a> {
    fn new(rows: &'a Rows, outputs: &'a [f32], config: &'a BoostingConfig, seed: u64) -> Self {
        let n_rows = rows.marks.len();
        let n_numbers = rows.numbers.len() / n_rows.max(1);
        let n_outputs = outputs.len() / n_rows.max(1);
        let edges: Vec<_> = (0..n_numbers).map(|k| edges(&rows.numbers, k, n_numbers)).collect();
        let column = |(k, edges): (usize, &Vec<f32>)| {
            let bin =
                |value: &f32| if value.is_nan() { 0 } else { 1 + edges.partition_point(|edge| edge < value) as u8 };
            rows.numbers.iter().skip(k).step_by(n_numbers).map(bin).collect()
        };
        let stride = (n_outputs + 1).next_multiple_of(LANES);
        let n_marks = rows.marks.iter().flatten().max().map_or(0, |&mark| mark as usize + 1);
        let (mut counts, mut marked) = (vec![0; n_marks], BitMatrix::zeros(n_rows, n_marks));
        for (row, marks) in rows.marks.iter().enumerate() {
            for &mark in marks {
                counts[mark as usize] += 1;
                marked.set(row, mark as usize, true);
            }
        }
        let splits = |&mark: &usize| counts[mark].min(n_rows - counts[mark]) >= config.leaf_rows;
        let useful = |marks: &Vec<u32>| marks.iter().copied().filter(|&mark| splits(&(mark as usize))).collect();
        Self {
            config,
            marks: rows.marks.iter().map(useful).collect(),
            marked,
            bins: edges.iter().enumerate().map(column).collect(),
            edges,
            outputs,
            residuals: vec![0.0; n_rows * stride],
            predicted: vec![0.0; n_rows * n_outputs],
            stride,
            columns: (0..n_numbers).chain((0..n_marks).filter(splits).map(|mark| n_numbers + mark)).collect(),
            n_marks,
            rng: Pcg64Mcg::seed_from_u64(seed),
            model: Boosting { n_numbers, n_outputs, ..Boosting::default() },
        }
    }

    /// Adds a tree.
    fn grow(&mut self) {
        self.clip_residuals();
        let rows: Vec<u32> =
            (0..self.marks.len() as u32).filter(|_| self.rng.random::<f32>() < self.config.row_share).collect();
        let share = self.config.column_share;
        let columns: Vec<usize> = self.columns.iter().copied().filter(|_| self.rng.random::<f32>() < share).collect();
        let layout = Layout::new(&columns, &self.edges, self.n_marks, &self.marks, self.stride);
        let root = self.model.nodes.len();
        self.model.roots.push(root as u32);
        self.model.nodes.push(LEAF);
        let mut leaves = vec![self.leaf(&layout, rows, root)];
        let mut done = Vec::new();
        while leaves.len() + done.len() < self.config.leaves {
            let gain = |leaf: &Leaf| leaf.split.map_or(0.0, |split| split.gain);
            let best = (0..leaves.len()).max_by(|&a, &b| gain(&leaves[a]).total_cmp(&gain(&leaves[b])));
            let Some(best) = best.filter(|&best| leaves[best].split.is_some()) else { break };
            let parent = leaves.swap_remove(best);
            self.divide(&layout, parent, &mut leaves);
        }
        done.append(&mut leaves);
        self.settle(root, &done);
    }

    /// Residuals within Huber's bounds, with a 1 for counting behind them.
    fn clip_residuals(&mut self) {
        let (n, most) = (self.model.n_outputs, self.config.huber);
        for (row, residuals) in self.residuals.chunks_exact_mut(self.stride).enumerate() {
            let missed = self.outputs[row * n..][..n].iter().zip(&self.predicted[row * n..]);
            residuals.iter_mut().zip(missed).for_each(|(residual, (output, predicted))| {
                *residual = clamp(output - predicted, -most, most);
            });
            residuals[n] = 1.0;
        }
    }

    fn leaf(&self, layout: &Layout, rows: Vec<u32>, node: usize) -> Leaf {
        let sums = self.sums(layout, &rows);
        let total = histogram::total(self.table(), &rows);
        self.judged(layout, Leaf { rows, sums, total, split: None, node })
    }

    fn table(&self) -> Table<'_> {
        Table { values: &self.residuals, stride: self.stride, bins: &self.bins }
    }

    /// Sums of residuals by column and bin.
    fn sums(&self, layout: &Layout, rows: &[u32]) -> Vec<f32> {
        histogram::sums(self.table(), rows, layout)
    }

    /// The leaf with its best split.
    fn judged(&self, layout: &Layout, mut leaf: Leaf) -> Leaf {
        if leaf.rows.len() < 2 * self.config.leaf_rows {
            leaf.sums = Vec::new();
            return leaf;
        }
        let least = self.config.leaf_rows as f32;
        leaf.split = histogram::best_split(&leaf.sums, &leaf.total, layout, self.model.n_outputs, least);
        leaf
    }

    /// Splits a leaf; the smaller half is added up, the other is what is left.
    fn divide(&mut self, layout: &Layout, parent: Leaf, leaves: &mut Vec<Leaf>) {
        let Some(split) = parent.split else { return };
        let (right, left) = self.parted(split, &parent.rows);
        let node = self.model.nodes.len();
        let threshold = match self.edges.get(split.column) {
            Some(edges) if split.bin > 0 => edges[split.bin as usize - 1],
            _ => f32::NEG_INFINITY,
        };
        self.model.nodes[parent.node] = Node { column: split.column as u32, threshold, right: 0 };
        self.model.nodes.extend([LEAF, LEAF]);
        let small_is_left = left.len() < right.len();
        let (small_rows, large_rows) = if small_is_left { (left, right) } else { (right, left) };
        let small = self.leaf(layout, small_rows, node + usize::from(!small_is_left));
        let minus = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>();
        let sums =
            if small.sums.is_empty() { self.sums(layout, &large_rows) } else { minus(&parent.sums, &small.sums) };
        let total = minus(&parent.total, &small.total);
        let large = Leaf { rows: large_rows, sums, total, split: None, node: node + usize::from(small_is_left) };
        // While a tree grows, `right` holds the first of two children that stand together.
        self.model.nodes[parent.node].right = node as u32;
        leaves.push(small);
        leaves.push(self.judged(layout, large));
    }

    /// The rows that go to the right, and those that go to the left.
    fn parted(&self, split: Split, rows: &[u32]) -> (Vec<u32>, Vec<u32>) {
        match split.column.checked_sub(self.model.n_numbers) {
            None => {
                let bins = &self.bins[split.column];
                rows.iter().partition(|&&row| bins[row as usize] > split.bin)
            }
            Some(mark) => rows.iter().partition(|&&row| self.marked.get(row as usize, mark)),
        }
    }

    /// Puts the tree's nodes into their final order, with the values of the leaves, and adds it to the predictions.
    fn settle(&mut self, root: usize, leaves: &[Leaf]) {
        let grown: Vec<Node> = self.model.nodes.drain(root..).collect();
        let value_of = |node: usize| leaves.iter().find(|leaf| leaf.node == node);
        let n = self.model.n_outputs;
        let mut open = vec![(root, None::<usize>)]; // node as grown, and whose right child it is
        while let Some((at, parent)) = open.pop() {
            let here = self.model.nodes.len();
            if let Some(parent) = parent {
                self.model.nodes[parent].right = here as u32;
            }
            let node = grown[at - root];
            if node.right == 0 {
                let start = self.model.values.len();
                self.model.nodes.push(Node { column: start as u32, ..LEAF });
                let total = value_of(at).map_or(&[][..], |leaf| &leaf.total);
                let scale = total.get(n).map_or(0.0, |&count| self.config.rate / count.max(1.0));
                self.model.values.extend((0..n).map(|k| scale * total.get(k).copied().unwrap_or(0.0)));
            } else {
                self.model.nodes.push(Node { right: 0, ..node });
                open.push((node.right as usize + 1, Some(here)));
                open.push((node.right as usize, None));
            }
        }
        self.add_last_tree(root);
    }

    fn add_last_tree(&mut self, root: usize) {
        let n = self.model.n_outputs;
        // What a number's bin must exceed to go to the right.
        let bound = |node: &Node| match self.edges.get(node.column as usize) {
            Some(edges) if node.threshold > f32::NEG_INFINITY => {
                1 + edges.partition_point(|&edge| edge < node.threshold) as u8
            }
            _ => 0,
        };
        let tree: Vec<(Node, u8)> = self.model.nodes[root..].iter().map(|node| (*node, bound(node))).collect();
        for (row, predicted) in self.predicted.chunks_exact_mut(n.max(1)).enumerate() {
            let mut at = 0;
            while tree[at].0.right != 0 {
                let (node, bound) = tree[at];
                let column = node.column as usize;
                let right = match column.checked_sub(self.model.n_numbers) {
                    None => self.bins[column][row] > bound,
                    Some(mark) => self.marked.get(row, mark),
                };
                at = if right { node.right as usize - root } else { at + 1 };
            }
            let values = &self.model.values[tree[at].0.column as usize..];
            predicted.iter_mut().zip(values).for_each(|(predicted, value)| *predicted += value);
        }
    }
}

const LEAF: Node = Node { column: 0, threshold: 0.0, right: 0 };

/// Bounds of the bins of a column: as many values in each as can be, at most [`BINS`] - 1 of them.
fn edges(numbers: &[f32], column: usize, width: usize) -> Vec<f32> {
    let mut values: Vec<f32> = numbers.iter().skip(column).step_by(width).copied().filter(|v| !v.is_nan()).collect();
    sort_floats(&mut values);
    let mut distinct = values.clone();
    distinct.dedup();
    let most = BINS - 1;
    // The last bin has no bound: what is greater than all bounds.
    if distinct.len() <= most {
        distinct.pop();
        return distinct;
    }
    let mut edges: Vec<f32> = (1..most).map(|k| values[k * values.len() / most]).collect();
    edges.dedup();
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(n: usize) -> (Rows, Vec<f32>) {
        let number = |at: usize, k: usize| ((at * (7 + 4 * k) + 3 * k) % 101) as f32 / 100.0;
        let mut rows = Rows::default();
        let mut outputs = Vec::new();
        for at in 0..n {
            let (a, b) = (number(at, 0), number(at, 1));
            rows.numbers.extend([a, if at % 9 == 0 { f32::NAN } else { b }]);
            let marked = at % 3 == 0;
            rows.marks.push(if marked { vec![1] } else { vec![0] });
            outputs.extend([if a > 0.5 { 1.0 } else { 0.0 } + if marked { 0.5 } else { 0.0 }, b * b]);
        }
        (rows, outputs)
    }

    #[test]
    fn steps_marks_and_curves_are_learned_and_unseen_rows_predicted() {
        let (all, outputs) = rows(1200);
        let train = Rows { numbers: all.numbers[..2000].to_vec(), marks: all.marks[..1000].to_vec() };
        let config = BoostingConfig { column_share: 1.0, trees: 200, ..BoostingConfig::default() };
        let model = Boosting::fit(&train, &outputs[..2000], &config, 1);
        for at in (1000..1200).filter(|at| at % 9 != 0) {
            let predicted = model.predict(&all.numbers[at * 2..][..2], &all.marks[at]);
            for k in 0..2 {
                assert!((predicted[k] - outputs[at * 2 + k]).abs() < 0.06, "{at} {k}: {predicted:?}");
            }
        }
    }

    #[test]
    fn what_it_adds_up_in_training_is_what_it_predicts() {
        let (rows, outputs) = rows(300);
        let config = BoostingConfig { trees: 30, ..BoostingConfig::default() };
        let mut training = Training::new(&rows, &outputs, &config, 2);
        (0..config.trees).for_each(|_| training.grow());
        for at in 0..300 {
            let predicted = training.model.predict(&rows.numbers[at * 2..][..2], &rows.marks[at]);
            assert!((predicted[0] - training.predicted[at * 2]).abs() < 1e-5, "{at}");
        }
    }
}
