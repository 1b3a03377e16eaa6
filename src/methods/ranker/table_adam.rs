//! AdamW on tables of embeddings, of which each step moves only the rows that it touched.

use super::gradient::Touched;
use super::parameters::Table;
use eyas_kernels::cpu::adam_rates;
use eyas_kernels::{AdamStep, adam_step};

/// First and second moments of each table, and the number of steps taken.
#[derive(Debug, Clone)]
pub(super) struct TableAdam {
    rate: f32,
    decay: f32,
    pub(super) steps: i32,
    moments: Vec<[Vec<f32>; 2]>, // of each table, shaped as the table
}

impl TableAdam {
    pub(super) fn new(rate: f32, decay: f32, tables: &[Table]) -> Self {
        let moments = tables.iter().map(|table| [(); 2].map(|()| vec![0.0; table.values.len()])).collect();
        Self { rate, decay, steps: 0, moments }
    }

    /// One step against the gradients of the touched rows.
    pub(super) fn step(&mut self, touched: &[Touched], tables: &mut [Table]) {
        self.steps += 1;
        let (rate, correction) = adam_rates(self.rate, self.steps);
        let step = AdamStep { kept: 1.0 - self.rate * self.decay, rate, correction };
        for ((touched, table), [first, second]) in touched.iter().zip(tables).zip(&mut self.moments) {
            for (&row, slopes) in touched.rows.iter().zip(touched.values.chunks_exact(table.width)) {
                let at = row as usize * table.width..(row as usize + 1) * table.width;
                adam_step(step, slopes, &mut table.values[at.clone()], &mut first[at.clone()], &mut second[at]);
            }
        }
    }
}
