//! Sums of the rows that fall into each bin of each column, the inner loop of boosted trees.

/// Numbers that are added at once; rows of values are a multiple of it long.
pub const LANES: usize = 8;
/// Columns that are added up together.
const COLUMNS: usize = 4;
/// Where a mark that has no bin stands.
pub const ABSENT: usize = usize::MAX;

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

/// The sums by column and bin: `numbers` names columns with where their bins start, `marks` has where the one bin of each
/// mark stands or [`ABSENT`]. (size)
#[must_use]
pub fn sums(table: Table<'_>, rows: &[u32], numbers: &[(usize, usize)], marks: &[usize], size: usize) -> Vec<f32> {
    let Table { values, stride, .. } = table;
    let mut sums = vec![0.0; size];
    // A few columns at a time, so that their sums stay in the first-level cache.
    for columns in numbers.chunks(COLUMNS) {
        for &row in rows {
            let values = &values[row as usize * stride..][..stride];
            for &(column, start) in columns {
                let bin = table.bins[column][row as usize] as usize;
                add(&mut sums[start + bin * stride..][..stride], values);
            }
        }
    }
    for &row in rows {
        let values = &values[row as usize * stride..][..stride];
        for &mark in &table.marks[row as usize] {
            let start = marks[mark as usize];
            if start != ABSENT {
                add(&mut sums[start..][..stride], values);
            }
        }
    }
    sums
}

/// Adds b to a; both are whole blocks of [`LANES`].
#[inline]
pub fn add(a: &mut [f32], b: &[f32]) {
    for (a, b) in a.chunks_exact_mut(LANES).zip(b.chunks_exact(LANES)) {
        for k in 0..LANES {
            a[k] += b[k];
        }
    }
}

/// The total of some rows of values. (stride)
#[must_use]
pub fn total(table: Table<'_>, rows: &[u32]) -> Vec<f32> {
    let mut total = vec![0.0; table.stride];
    for &row in rows {
        add(&mut total, &table.values[row as usize * table.stride..][..table.stride]);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_land_in_their_bins() {
        let values: Vec<f32> = (0..16).map(|at| at as f32).collect();
        let marks = [vec![0, 1], vec![1]];
        let bins = [vec![0, 1], vec![1, 1]];
        let table = Table { values: &values, stride: 8, bins: &bins, marks: &marks };
        let found = sums(table, &[0, 1], &[(0, 0), (1, 16)], &[ABSENT, 32], 40);
        let both: Vec<f32> = (0..8).map(|at| (2 * at + 8) as f32).collect();
        assert_eq!(found[..16], values);
        assert_eq!((&found[16..24], &found[24..32], &found[32..]), (&[0.0; 8][..], &both[..], &both[..]));
        assert_eq!(total(table, &[1]), values[8..]);
    }
}
