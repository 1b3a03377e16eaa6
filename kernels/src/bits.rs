//! A matrix of bits, packed by row into 64-bit words.

/// A row-major matrix of bits; each row starts a new word, and the bits past the last column are 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BitMatrix {
    rows: usize,
    columns: usize,
    words: Vec<u64>, // (rows, words_per_row), row-major
}

impl BitMatrix {
    /// A matrix of zeros.
    #[must_use]
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, words: vec![0; rows * columns.div_ceil(64)] }
    }

    /// A matrix from its words, row after row; `None` if their number does not fit. Bits past the last column are cleared.
    #[must_use]
    pub fn from_words(rows: usize, columns: usize, mut words: Vec<u64>) -> Option<Self> {
        let width = columns.div_ceil(64);
        if rows.checked_mul(width) != Some(words.len()) {
            return None;
        }
        if !columns.is_multiple_of(64) {
            words.chunks_exact_mut(width).for_each(|row| row[width - 1] &= (1 << (columns % 64)) - 1);
        }
        Some(Self { rows, columns, words })
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of words per row.
    #[must_use]
    pub fn words_per_row(&self) -> usize {
        self.columns.div_ceil(64)
    }

    /// All words, row after row.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The words of one row; bit `j % 64` of word `j / 64` is column `j`.
    #[must_use]
    pub fn row(&self, row: usize) -> &[u64] {
        let width = self.words_per_row();
        &self.words[row * width..(row + 1) * width]
    }

    /// One bit.
    #[must_use]
    pub fn get(&self, row: usize, column: usize) -> bool {
        debug_assert!(column < self.columns);
        self.row(row)[column / 64] >> (column % 64) & 1 == 1
    }

    /// Sets or clears one bit.
    pub fn set(&mut self, row: usize, column: usize, value: bool) {
        debug_assert!(column < self.columns);
        let at = row * self.words_per_row() + column / 64;
        let bit = 1 << (column % 64);
        if value {
            self.words[at] |= bit;
        } else {
            self.words[at] &= !bit;
        }
    }

    /// Clears a whole row.
    pub fn clear_row(&mut self, row: usize) {
        let width = self.words_per_row();
        self.words[row * width..(row + 1) * width].fill(0);
    }

    /// Clears every bit that is set in `other`, a matrix of the same shape.
    pub fn clear_where(&mut self, other: &Self) {
        debug_assert_eq!((self.rows, self.columns), (other.rows, other.columns));
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// The transposed matrix.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let mut out = Self::zeros(self.columns, self.rows);
        let (width, out_width) = (self.words_per_row(), out.words_per_row());
        for (across, rows) in self.words.chunks(64 * width.max(1)).enumerate() {
            for down in 0..width {
                let mut block = [0; 64];
                block.iter_mut().zip(rows.chunks_exact(width)).for_each(|(word, row)| *word = row[down]);
                transpose(&mut block);
                let to = out.words.chunks_exact_mut(out_width).skip(64 * down);
                to.zip(block).for_each(|(row, word)| row[across] = word);
            }
        }
        out
    }

    /// Number of ones.
    #[must_use]
    pub fn count_ones(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Number of ones in a row.
    #[must_use]
    pub fn count_row(&self, row: usize) -> usize {
        self.row(row).iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The columns of a row that are set, in ascending order.
    pub fn ones(&self, row: usize) -> impl Iterator<Item = usize> + '_ {
        self.row(row).iter().enumerate().flat_map(|(index, &word)| {
            std::iter::successors((word != 0).then_some(word), |rest| {
                let rest = rest & (rest - 1);
                (rest != 0).then_some(rest)
            })
            .map(move |rest| index * 64 + rest.trailing_zeros() as usize)
        })
    }
}

/// Transposes 64 words of 64 bits: swaps ever smaller blocks across the diagonal (Warren, "Hacker's Delight", 7-3).
fn transpose(block: &mut [u64; 64]) {
    let (mut size, mut mask) = (32, u64::MAX >> 32);
    while size > 0 {
        for upper in (0..64).filter(|row| row & size == 0) {
            let swap = (block[upper] >> size ^ block[upper | size]) & mask;
            block[upper] ^= swap << size;
            block[upper | size] ^= swap;
        }
        size /= 2;
        mask ^= mask << size;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposed_has_each_bit_on_the_other_side_of_the_diagonal() {
        for (rows, columns) in [(1, 1), (3, 200), (130, 65), (64, 64), (0, 7), (7, 0)] {
            let mut bits = BitMatrix::zeros(rows, columns);
            let cells = || (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
            cells().for_each(|(row, column)| bits.set(row, column, (row * 7919 + column * 104_729) % 5 < 2));
            let turned = bits.transposed();
            assert_eq!((turned.rows(), turned.columns(), turned.count_ones()), (columns, rows, bits.count_ones()));
            assert!(
                cells().all(|(row, column)| turned.get(column, row) == bits.get(row, column)),
                "{rows} × {columns}"
            );
        }
    }

    #[test]
    fn ones_come_back_in_order_across_words() {
        let mut bits = BitMatrix::zeros(2, 130);
        for column in [0, 63, 64, 129] {
            bits.set(1, column, true);
        }
        assert_eq!(bits.ones(1).collect::<Vec<_>>(), [0, 63, 64, 129]);
        assert_eq!(bits.ones(0).count(), 0);
        bits.set(1, 64, false);
        assert_eq!((bits.count_ones(), bits.count_row(1), bits.get(1, 63), bits.get(1, 64)), (3, 3, true, false));
        assert_eq!(BitMatrix::from_words(2, 130, bits.words().to_vec()), Some(bits.clone()));
        assert_eq!(BitMatrix::from_words(1, 3, vec![!0]).map(|bits| bits.count_ones()), Some(3));
        assert_eq!(BitMatrix::from_words(1, 65, vec![0]), None);
        bits.clear_row(1);
        assert_eq!(bits.count_ones(), 0);
    }
}
