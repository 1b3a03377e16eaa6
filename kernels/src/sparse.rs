//! A sparse matrix by row, with an index by column.

/// A sparse matrix of `f32`: compressed rows, and a permutation that visits the same entries column by column.
#[derive(Debug, Clone, PartialEq)]
pub struct SparseMatrix {
    columns: usize,
    row_starts: Vec<u32>,       // (rows + 1)
    entries: Vec<(u32, f32)>,   // column and value, row after row, columns ascending
    column_starts: Vec<u32>,    // (columns + 1)
    by_column: Vec<(u32, u32)>, // row, and position in `entries`, column after column
}

impl SparseMatrix {
    /// A matrix from `(row, column, value)` entries in any order. Of several entries at one position the last one counts.
    #[must_use]
    pub fn from_entries(rows: usize, columns: usize, triplets: Vec<(u32, u32, f32)>) -> Self {
        // Both passes are stable, so that later entries stay later.
        let triplets = by_key(columns, &triplets, |entry| entry.1);
        let mut triplets = by_key(rows, &triplets, |entry| entry.0);
        triplets.reverse();
        triplets.dedup_by_key(|&mut (row, column, _)| (row, column));
        triplets.reverse();
        let row_starts = starts(rows, triplets.iter().map(|t| t.0));
        let column_starts = starts(columns, triplets.iter().map(|t| t.1));
        let mut next = column_starts.clone();
        let mut by_column = vec![(0, 0); triplets.len()];
        for (position, &(row, column, _)) in (0u32..).zip(&triplets) {
            let slot = &mut next[column as usize];
            by_column[*slot as usize] = (row, position);
            *slot += 1;
        }
        let entries = triplets.into_iter().map(|(_, column, value)| (column, value)).collect();
        Self { columns, row_starts, entries, column_starts, by_column }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.row_starts.len() - 1
    }

    /// Number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// `(column, value)` of one row, columns ascending.
    #[must_use]
    pub fn row(&self, row: usize) -> &[(u32, f32)] {
        &self.entries[self.row_starts[row] as usize..self.row_starts[row + 1] as usize]
    }

    /// `(row, value)` of one column, rows ascending.
    pub fn column(&self, column: usize) -> impl Iterator<Item = (u32, f32)> + '_ {
        let range = self.column_starts[column] as usize..self.column_starts[column + 1] as usize;
        self.by_column[range].iter().map(|&(row, position)| (row, self.entries[position as usize].1))
    }

    /// The entry at a position, `None` if it is empty.
    #[must_use]
    pub fn get(&self, row: usize, column: usize) -> Option<f32> {
        let entries = self.row(row);
        entries.binary_search_by_key(&(column as u32), |e| e.0).ok().map(|at| entries[at].1)
    }

    /// All entries as `(row, column, value)`, row after row.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32, f32)> + '_ {
        (0..self.rows()).flat_map(|row| self.row(row).iter().map(move |&(column, value)| (row as u32, column, value)))
    }
}

/// The entries sorted by a key below `count`; entries with equal keys keep their order.
fn by_key(count: usize, entries: &[(u32, u32, f32)], key: fn(&(u32, u32, f32)) -> u32) -> Vec<(u32, u32, f32)> {
    let mut next = starts(count, entries.iter().map(key));
    let mut sorted = vec![(0, 0, 0.0); entries.len()];
    for entry in entries {
        let slot = &mut next[key(entry) as usize];
        sorted[*slot as usize] = *entry;
        *slot += 1;
    }
    sorted
}

fn starts(count: usize, keys: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut starts = vec![0; count + 1];
    for key in keys {
        starts[key as usize + 1] += 1;
    }
    for at in 0..count {
        starts[at + 1] += starts[at];
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_hold_the_same_entries() {
        let matrix = SparseMatrix::from_entries(3, 2, vec![(2, 1, 5.0), (0, 1, 1.0), (2, 0, 4.0), (0, 1, 2.0)]);
        assert_eq!(matrix.len(), 3);
        assert_eq!(matrix.row(0), [(1, 2.0)]);
        assert_eq!(matrix.row(1), []);
        assert_eq!(matrix.row(2), [(0, 4.0), (1, 5.0)]);
        assert_eq!(matrix.column(1).collect::<Vec<_>>(), [(0, 2.0), (2, 5.0)]);
        assert_eq!((matrix.get(2, 0), matrix.get(1, 0)), (Some(4.0), None));
    }
}
