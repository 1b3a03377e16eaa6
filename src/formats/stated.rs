//! What a table with a row for each score states of the scores themselves: their units, by a sign of percent or in a column,
//! and whether less is better.

use super::part::{BY_SIGNS, Cell, PartTask};
use super::report::Unit;
use super::table::flag;
use super::units::in_percent;
use crate::snapshot::{Declared, Detail, Range};
use std::collections::HashSet;

/// What was stated so far.
#[derive(Default)]
pub(super) struct Stated {
    /// The units of cells, in the order of the cells.
    units: Vec<(usize, Unit)>,
    signs: bool,
    /// Whether less is better, by task.
    lower: Vec<Option<bool>>,
    contrary: Option<(u64, usize)>,
    unread: Option<(u64, String, usize)>,
    unknown: Option<(u64, String, usize)>,
}

impl Stated {
    /// A direction in words: yes or no to "lower is better", or to "higher is better" if `higher`.
    pub(super) fn direction(&mut self, task: u32, line: u64, cell: &str, higher: bool) {
        let yes = match cell {
            "" => return,
            "1" => Some(true),
            "0" => Some(false),
            cell => flag(cell),
        };
        let Some(yes) = yes else {
            self.unread.get_or_insert_with(|| (line, shown(cell), 0)).2 += 1;
            return;
        };
        let task = task as usize;
        if self.lower.len() <= task {
            self.lower.resize(task + 1, None);
        }
        let lower = yes != higher;
        if *self.lower[task].get_or_insert(lower) != lower {
            self.contrary.get_or_insert((line, 0)).1 += 1;
        }
    }

    /// The unit of a cell by a word beside it, or else by a sign of percent.
    pub(super) fn unit(&mut self, cell: usize, line: u64, word: &str, percent: bool) {
        let unit = match word.to_ascii_lowercase().as_str() {
            "" => None,
            "%" | "percent" | "percentage" | "pct" => Some(Unit::Percent),
            "fraction" | "proportion" | "ratio" | "share" | "probability" | "0-1" => Some(Unit::Fraction),
            "points" | "point" | "pts" | "elo" | "rating" | "usd" | "$" | "dollars" | "seconds" => Some(Unit::Points),
            _ => {
                self.unknown.get_or_insert_with(|| (line, shown(word), 0)).2 += 1;
                None
            }
        };
        self.signs |= unit.is_none() && percent;
        self.units.extend(unit.or(percent.then_some(Unit::Percent)).map(|unit| (cell, unit)));
    }

    /// Gives what was stated to the tasks, and brings each to one unit: percent, or fractions where no cell without a unit
    /// is above 1. Returns warnings with their lines.
    pub(super) fn apply(
        self,
        tasks: &mut [PartTask],
        cells: &mut [Cell],
        details: &mut [(u32, u32, Detail)],
    ) -> Vec<(u64, String)> {
        for (task, lower) in tasks.iter_mut().zip(&self.lower) {
            task.lower_is_better = *lower;
        }
        let mut units = vec![Counts::default(); tasks.len()];
        let mut stated = vec![None; if self.units.is_empty() { 0 } else { cells.len() }];
        for &(at, unit) in &self.units {
            stated[at] = Some(unit);
        }
        for (cell, unit) in cells.iter().zip(&stated) {
            units[cell.task as usize].add(*unit, cell.value);
        }
        let mut scaled = HashSet::new();
        for (cell, unit) in cells.iter_mut().zip(&stated) {
            match (units[cell.task as usize].unit(), unit) {
                (Some(Unit::Percent), Some(Unit::Fraction)) => cell.value = in_percent(cell.value),
                (Some(Unit::Fraction), Some(Unit::Percent)) => cell.value /= Range::PERCENT.high,
                _ => continue,
            }
            scaled.insert((cell.model, cell.task));
        }
        for (model, task, detail) in details {
            if scaled.contains(&(*model, *task)) {
                let factor = if units[*task as usize].unit() == Some(Unit::Percent) { 100.0 } else { 0.01 };
                detail.error = detail.error.map(|error| error * factor);
            }
        }
        for &(at, unit) in &self.units {
            let cell = cells[at];
            let is_small = unit == Unit::Percent && cell.value <= 1.0;
            tasks[cell.task as usize].signed.extend(is_small.then_some(cell.value));
        }
        for (task, unit) in tasks.iter_mut().zip(units) {
            if let Some(unit) = unit.unit() {
                task.declared = match unit {
                    Unit::Percent => Declared::Range(Range::PERCENT),
                    Unit::Fraction => Declared::Range(Range::FRACTION),
                    Unit::Points => Declared::Open,
                };
                task.reason = if self.signs { BY_SIGNS } else { "as its unit is stated" };
            }
        }
        let told = |found: Option<(u64, String, usize)>, message: &str| {
            found.map(|(line, text, count)| {
                (line, format!("{message}, found {text:?}; {count} such cells are left out"))
            })
        };
        let contrary = self.contrary.map(|(line, count)| {
            (
                line,
                format!("{count} rows state another direction than an earlier row of their task; the earlier counts"),
            )
        });
        let unread = told(self.unread, "expected yes or no");
        let unknown = told(self.unknown, "expected percent, fraction or points as the unit");
        contrary.into_iter().chain(unread).chain(unknown).collect()
    }
}

/// The units that the cells of a task state.
#[derive(Default, Clone, Copy)]
struct Counts {
    percent: bool,
    fraction: bool,
    points: bool,
    /// Whether there are cells without a unit, and one above 1.
    plain: bool,
    above: bool,
}

impl Counts {
    fn add(&mut self, unit: Option<Unit>, value: f32) {
        match unit {
            Some(Unit::Percent) => self.percent = true,
            Some(Unit::Fraction) => self.fraction = true,
            Some(Unit::Points) => self.points = true,
            None => {
                self.plain = true;
                self.above |= !Range::FRACTION.contains(value);
            }
        }
    }

    fn unit(self) -> Option<Unit> {
        let plain_fractions = self.plain && !self.above;
        match (self.points, self.percent, self.fraction) {
            (true, ..) => Some(Unit::Points),
            (_, true, _) if !plain_fractions => Some(Unit::Percent),
            (_, true, true) if !self.plain => Some(Unit::Percent),
            (_, true, _) => Some(Unit::Fraction),
            (_, false, true) if self.above => Some(Unit::Percent),
            (_, false, true) => Some(Unit::Fraction),
            (_, false, false) => None,
        }
    }
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
