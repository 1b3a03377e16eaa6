//! Outcomes as rows of bits in base64, one row for each model.

use super::Packed;
use crate::error::{Error, Result};
use crate::linalg::BitMatrix;
use crate::snapshot::Outcomes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub(super) fn pack(outcomes: &Outcomes) -> Packed {
    let cells = outcomes.observed.rows() * outcomes.observed.columns();
    let complete = outcomes.observed.count_ones() == cells;
    Packed { observed: (!complete).then(|| rows(&outcomes.observed)), solved: rows(&outcomes.solved) }
}

fn rows(bits: &BitMatrix) -> Vec<String> {
    let width = bits.columns().div_ceil(8);
    let mut bytes = Vec::new();
    (0..bits.rows())
        .map(|row| {
            bytes.clear();
            bytes.extend(bits.row(row).iter().flat_map(|word| word.to_le_bytes()).take(width));
            STANDARD.encode(&bytes)
        })
        .collect()
}

/// The matrices `(observed, solved)`, both (models, tasks).
pub(super) fn unpack(packed: &Packed, models: usize, tasks: usize) -> Result<(BitMatrix, BitMatrix)> {
    let solved = bits("outcomes.solved", &packed.solved, models, tasks)?;
    let observed = match &packed.observed {
        Some(rows) => bits("outcomes.observed", rows, models, tasks)?,
        None => ones(models, tasks),
    };
    for row in 0..models {
        if solved.row(row).iter().zip(observed.row(row)).any(|(solved, observed)| solved & !observed != 0) {
            return Err(Error::input(format!("outcomes.solved[{row}] has items that are not observed")));
        }
    }
    Ok((observed, solved))
}

fn ones(rows: usize, columns: usize) -> BitMatrix {
    let mut bits = BitMatrix::zeros(rows, columns);
    for row in 0..rows {
        (0..columns).for_each(|column| bits.set(row, column, true));
    }
    bits
}

fn bits(path: &str, rows: &[String], models: usize, tasks: usize) -> Result<BitMatrix> {
    if rows.len() != models {
        return Err(Error::input(format!("{path} has {} rows for {models} models", rows.len())));
    }
    let mut bits = BitMatrix::zeros(models, tasks);
    for (row, text) in rows.iter().enumerate() {
        let bytes =
            STANDARD.decode(text).map_err(|error| Error::input(format!("{path}[{row}] is not base64: {error}")))?;
        if bytes.len() != tasks.div_ceil(8) {
            let expected = tasks.div_ceil(8);
            return Err(Error::input(format!("{path}[{row}] has {} bytes, expected {expected}", bytes.len())));
        }
        for (at, &byte) in bytes.iter().enumerate().filter(|&(_, &byte)| byte != 0) {
            for column in (0..8).filter(|bit| byte >> bit & 1 == 1).map(|bit| at * 8 + bit) {
                if column >= tasks {
                    return Err(Error::input(format!("{path}[{row}] has a bit set past its {tasks} items")));
                }
                bits.set(row, column, true);
            }
        }
    }
    Ok(bits)
}
