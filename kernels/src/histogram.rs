//! Histograms: sums over the rows in each bin of each column, the inner loop of boosted trees.

/// Numbers that are added at once; the length of a row of values is a multiple of it.
pub const LANES: usize = 8;
/// Columns that are summed together.
const COLUMNS: usize = 4;
/// The start of a mark without sums.
const ABSENT: usize = usize::MAX;

/// The values to sum, and the bins of the rows.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    /// The values to sum. (n_rows, stride)
    pub values: &'a [f32],
    /// Length of a row of values, a multiple of [`LANES`].
    pub stride: usize,
    /// The bin of each row, for each numeric column: (n_rows)
    pub bins: &'a [Vec<u8>],
}

/// The bins of a numeric column.
#[derive(Debug, Clone, Copy)]
struct Bins {
    column: usize,
    start: usize, // position of their sums
    count: usize,
}

/// The positions of the sums of each column of a tree.
#[derive(Debug, Clone)]
pub struct Layout {
    n_numbers: usize,
    stride: usize,
    numbers: Vec<Bins>,
    marks: Vec<usize>, // position of the sums of each mark, or ABSENT
    size: usize,
    row_marks: Vec<u32>,  // positions of the sums of each row's marks, row after row
    row_starts: Vec<u32>, // starts in `row_marks`: (n_rows + 1)
}

impl Layout {
    /// The layout for these columns: numeric columns come first, each with the edges of its bins, then marks (binary
    /// columns); `of_rows` lists the marks of each row. A numeric column has two bins more than edges: one for unknown
    /// values, and one beyond the last edge.
    #[must_use]
    pub fn new(columns: &[usize], edges: &[Vec<f32>], n_marks: usize, of_rows: &[Vec<u32>], stride: usize) -> Self {
        let mut layout = Self {
            n_numbers: edges.len(),
            stride,
            numbers: Vec::new(),
            marks: vec![ABSENT; n_marks],
            size: 0,
            row_marks: Vec::new(),
            row_starts: vec![0],
        };
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
        // Filtered once per tree: most marks have no column in it, and a branch on that would be unpredictable.
        for marks in of_rows {
            let starts = marks.iter().map(|&mark| layout.marks[mark as usize]).filter(|&start| start != ABSENT);
            layout.row_marks.extend(starts.map(|start| start as u32));
            layout.row_starts.push(layout.row_marks.len() as u32);
        }
        layout
    }
}

/// The sums by column and bin. (size of the layout)
#[must_use]
#[inline(never)]
pub fn sums(table: Table<'_>, rows: &[u32], layout: &Layout) -> Vec<f32> {
    let mut sums = vec![0.0; layout.size];
    // Usually a row is one block of lanes: then the lengths are known to the compiler.
    if table.stride == LANES {
        let (values, blocks) = (table.values.as_chunks::<LANES>().0, sums.as_chunks_mut::<LANES>().0);
        add_up(table.bins, rows, layout, |start, row| {
            let (sums, values) = (&mut blocks[start / LANES], &values[row]);
            (0..LANES).for_each(|k| sums[k] += values[k]);
        });
    } else {
        let Table { values, stride, .. } = table;
        let mut add_row =
            |start: usize, row: usize| add(&mut sums[start..][..stride], &values[row * stride..][..stride]);
        add_up(table.bins, rows, layout, &mut add_row);
    }
    sums
}

/// Calls `add(start, row)` for each row and each sum that it belongs to.
#[inline(always)]
fn add_up(bins: &[Vec<u8>], rows: &[u32], layout: &Layout, mut add: impl FnMut(usize, usize)) {
    // A few columns at a time, so that their sums stay in the first-level cache.
    for columns in layout.numbers.chunks(COLUMNS) {
        let mut of_columns: [(&[u8], usize); COLUMNS] = [(&[], 0); COLUMNS];
        for (place, column) in of_columns.iter_mut().zip(columns) {
            *place = (&bins[column.column], column.start);
        }
        for &row in rows {
            for &(bins, start) in &of_columns[..columns.len()] {
                add(start + bins[row as usize] as usize * layout.stride, row as usize);
            }
        }
    }
    for &row in rows {
        let range = layout.row_starts[row as usize] as usize..layout.row_starts[row as usize + 1] as usize;
        for &start in &layout.row_marks[range] {
            add(start as usize, row as usize);
        }
    }
}

/// Adds b to a; both have lengths that are multiples of [`LANES`].
#[inline]
fn add(a: &mut [f32], b: &[f32]) {
    for (a, b) in a.chunks_exact_mut(LANES).zip(b.chunks_exact(LANES)) {
        for k in 0..LANES {
            a[k] += b[k];
        }
    }
}

/// The total of these rows of values. (stride)
#[must_use]
#[inline(never)]
pub fn total(table: Table<'_>, rows: &[u32]) -> Vec<f32> {
    let mut total = vec![0.0; table.stride];
    for &row in rows {
        add(&mut total, &table.values[row as usize * table.stride..][..table.stride]);
    }
    total
}

/// A split of a set of rows by a column, and its gain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// The reduction of the squared errors.
    pub gain: f32,
    /// Its column: the numeric columns come first, then the marks.
    pub column: usize,
    /// For a numeric column: rows in later bins go to the right.
    pub bin: u8,
}

/// The split with the greatest gain for rows with these [`sums`] and [`total`], with at least `least` of them on both sides.
/// Rows of values hold `n` values and a 1.
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
            let sums = &sums[start + bin * stride..][..stride];
            // An empty bin gives no new split; a non-zero difference of sums there is a rounding error.
            if sums[n] > 0.0 {
                add(&mut left, sums);
                consider(&left, column, bin as u8);
            }
        }
    }
    for (mark, &start) in layout.marks.iter().enumerate().filter(|(_, start)| **start != ABSENT) {
        consider(&sums[start..][..stride], layout.n_numbers + mark, 0);
    }
    best
}

/// The least gain of a split.
const LEAST_GAIN: f32 = 1e-6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_land_in_their_bins_and_the_best_split_is_found() {
        // Two values and a 1 per row; the first column separates rows 0 and 1 from 2 and 3, the second does not.
        let row = |value: f32| [value, -value, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let values: Vec<f32> = [1.0, 3.0, -2.0, -4.0].into_iter().flat_map(row).collect();
        let bins = [vec![1, 0, 2, 2], vec![0, 1, 0, 1]];
        let marks = [vec![0, 1], vec![1], vec![1], vec![]];
        let table = Table { values: &values, stride: 8, bins: &bins };
        let layout = Layout::new(&[0, 1, 3], &[vec![0.5], vec![]], 2, &marks, 8);
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
        let marked = Layout::new(&[3], &[vec![0.5], vec![]], 2, &marks, 8);
        let found = sums(table, &rows, &marked);
        assert_eq!(best_split(&found, &all, &marked, 2, 1.0).map(|split| split.column), Some(3));
    }
}
