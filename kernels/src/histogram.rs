//! Sums of the rows that fall into each bin of each column, the inner loop of boosted trees.

/// Numbers that are added at once; rows of values are a multiple of it long.
pub const LANES: usize = 8;
/// Columns that are added up together.
const COLUMNS: usize = 4;
/// Where a mark that has no bin stands.
const ABSENT: usize = usize::MAX;

/// What is summed, and by what. Rows of values are `stride` long, a multiple of [`LANES`].
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    /// What is summed. (n_rows, stride)
    pub values: &'a [f32],
    /// Length of a row of values.
    pub stride: usize,
    /// The bin of each row, a column of numbers each: (n_rows)
    pub bins: &'a [Vec<u8>],
    /// The marks of each row.
    pub marks: &'a [Vec<u32>],
}

/// The bins of a column of numbers.
#[derive(Debug, Clone, Copy)]
struct Bins {
    column: usize,
    start: usize, // of their sums
    count: usize,
}

/// Where the sums of each column of a tree stand.
#[derive(Debug, Clone)]
pub struct Layout {
    n_numbers: usize,
    stride: usize,
    numbers: Vec<Bins>,
    marks: Vec<usize>, // start of each mark, or ABSENT
    size: usize,
}

impl Layout {
    /// For these columns: first the numbers, each with the bounds of its bins, then marks. The bins of a number are as many
    /// as its edges and two: what is unknown, and what is beyond the last edge.
    #[must_use]
    pub fn new(columns: &[usize], edges: &[Vec<f32>], n_marks: usize, stride: usize) -> Self {
        let (numbers, marks) = (Vec::new(), vec![ABSENT; n_marks]);
        let mut layout = Self { n_numbers: edges.len(), stride, numbers, marks, size: 0 };
        for &column in columns {
            match edges.get(column) {
                Some(edges) => {
                    layout.numbers.push(Bins { column, start: layout.size, count: edges.len() + 2 });
                    layout.size += (edges.len() + 2) * stride;
                }
                None => {
                    layout.marks[column - edges.len()] = layout.size;
                    layout.size += stride;
                }
            }
        }
        layout
    }
}

/// The sums by column and bin. (size of the layout)
#[must_use]
#[inline(never)]
pub fn sums(table: Table<'_>, rows: &[u32], layout: &Layout) -> Vec<f32> {
    let Table { values, stride, .. } = table;
    let mut sums = vec![0.0; layout.size];
    // A few columns at a time, so that their sums stay in the first-level cache.
    for columns in layout.numbers.chunks(COLUMNS) {
        for &row in rows {
            let values = &values[row as usize * stride..][..stride];
            for &Bins { column, start, .. } in columns {
                let bin = table.bins[column][row as usize] as usize;
                add(&mut sums[start + bin * stride..][..stride], values);
            }
        }
    }
    for &row in rows {
        let values = &values[row as usize * stride..][..stride];
        for &mark in &table.marks[row as usize] {
            let start = layout.marks[mark as usize];
            if start != ABSENT {
                add(&mut sums[start..][..stride], values);
            }
        }
    }
    sums
}

/// Adds b to a; both are whole blocks of [`LANES`].
#[inline]
fn add(a: &mut [f32], b: &[f32]) {
    for (a, b) in a.chunks_exact_mut(LANES).zip(b.chunks_exact(LANES)) {
        for k in 0..LANES {
            a[k] += b[k];
        }
    }
}

/// The total of some rows of values. (stride)
#[must_use]
#[inline(never)]
pub fn total(table: Table<'_>, rows: &[u32]) -> Vec<f32> {
    let mut total = vec![0.0; table.stride];
    for &row in rows {
        add(&mut total, &table.values[row as usize * table.stride..][..table.stride]);
    }
    total
}

/// A split of some rows by a column, with what it gains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// By how much the squared errors fall.
    pub gain: f32,
    /// Its column: a number, or after all numbers a mark.
    pub column: usize,
    /// Of a number: rows with later bins go to the right.
    pub bin: u8,
}

/// The split that gains most of rows with these [`sums`] and [`total`], with `least` of them on both sides. Rows of values
/// hold `n` values and a 1.
#[must_use]
#[inline(never)]
pub fn best_split(sums: &[f32], total: &[f32], layout: &Layout, n: usize, least: f32) -> Option<Split> {
    let stride = layout.stride;
    let score = |sums: &[f32]| sums[..n].iter().map(|sum| sum * sum).sum::<f32>() / sums[n];
    let whole = score(total);
    let mut best: Option<Split> = None;
    let mut consider = |side: &[f32], column: usize, bin: u8| {
        let (count, rest) = (side[n], total[n] - side[n]);
        if count < least || rest < least {
            return;
        }
        let other: f32 = (0..n).map(|k| (total[k] - side[k]).powi(2)).sum::<f32>() / rest;
        let gain = score(side) + other - whole;
        if gain > best.map_or(LEAST_GAIN, |best| best.gain) {
            best = Some(Split { gain, column, bin });
        }
    };
    let mut left = vec![0.0; stride];
    for &Bins { column, start, count } in &layout.numbers {
        left.fill(0.0);
        for bin in 0..count - 1 {
            add(&mut left, &sums[start + bin * stride..][..stride]);
            consider(&left, column, bin as u8);
        }
    }
    for (mark, &start) in layout.marks.iter().enumerate().filter(|(_, start)| **start != ABSENT) {
        consider(&sums[start..][..stride], layout.n_numbers + mark, 0);
    }
    best
}

/// What a split gains at least.
const LEAST_GAIN: f32 = 1e-6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_land_in_their_bins_and_the_best_split_is_found() {
        // Two values and a 1 a row; the first column tells rows 0 and 1 from 2 and 3, the second does not.
        let row = |value: f32| [value, -value, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let values: Vec<f32> = [1.0, 3.0, -2.0, -4.0].into_iter().flat_map(row).collect();
        let bins = [vec![1, 0, 2, 2], vec![0, 1, 0, 1]];
        let marks = [vec![0, 1], vec![1], vec![1], vec![]];
        let table = Table { values: &values, stride: 8, bins: &bins, marks: &marks };
        let layout = Layout::new(&[0, 1, 3], &[vec![0.5], vec![]], 2, 8);
        let rows = [0, 1, 2, 3];
        let found = sums(table, &rows, &layout);
        let sum = |at: usize| (found[8 * at], found[8 * at + 1], found[8 * at + 2]);
        let of_numbers = [(3.0, -3.0, 1.0), (1.0, -1.0, 1.0), (-6.0, 6.0, 2.0), (-1.0, 1.0, 2.0), (-1.0, 1.0, 2.0)];
        assert_eq!((0..5).map(sum).collect::<Vec<_>>(), of_numbers);
        assert_eq!((sum(5), found.len()), ((2.0, -2.0, 3.0), 48), "the mark 1; the mark 0 has no column");
        let all = total(table, &rows);
        assert_eq!(all[..3], [-2.0, 2.0, 4.0]);
        let best = best_split(&found, &all, &layout, 2, 1.0).unwrap();
        // 2 · (4² + 6²) / 2 less 2 · 2² / 4
        assert_eq!(best, Split { gain: 50.0, column: 0, bin: 1 });
        assert!(best_split(&found, &all, &layout, 2, 3.0).is_none(), "no split leaves three rows on both sides");
        let marked = Layout::new(&[3], &[vec![0.5], vec![]], 2, 8);
        let found = sums(table, &rows, &marked);
        assert_eq!(best_split(&found, &all, &marked, 2, 1.0).map(|split| split.column), Some(3));
    }
}
