//! The scores of a table with a row for each model, with the errors and numbers of items that stand beside them.

use super::part::{BY_SIGNS, Cell, Cells, Part, PartTask};
use super::report::{Role, Unit};
use super::roles::{AVERAGE, Meaning};
use super::survey::Survey;
use super::wide::Wide;
use crate::snapshot::{Declared, Detail, Range, arrow, has_words, metric_facts, name_words};

impl Wide<'_> {
    /// The part with the scores of the models, in the order of the rows.
    pub(super) fn scores(self, mut part: Part, positions: &[Option<u32>]) -> Part {
        let mut columns = Vec::with_capacity(self.scores.len()); // of each task, the values of the rows
        for (task, &column) in (0u32..).zip(&self.scores) {
            let survey = &self.surveyed.columns[column];
            let decided = &self.decided[column];
            let (values, declared) = in_one_unit(survey);
            let mut named = PartTask::plain(self.label(column));
            named.declared = decided.unit.map_or(declared, Unit::declared);
            named.reason = if decided.unit.is_some() { "as given" } else { BY_SIGNS };
            named.signed =
                survey.percent.iter().map(|&row| values[row as usize]).filter(|value| *value <= 1.0).collect();
            named.given = decided.given;
            if self.averages_lower() && arrow(&self.header[column]).is_none() {
                named.lower_is_better = Some(true);
            }
            part.tasks.push(named);
            columns.push(values);
            self.details(task, column, positions, &mut part.details);
        }
        // In the order of the rows, so that the first error of a table is the one that is told.
        let mut cells = Vec::new();
        for (row, (position, &line)) in positions.iter().zip(&self.surveyed.lines).enumerate() {
            let Some(model) = *position else { continue };
            for (task, values) in (0u32..).zip(&columns) {
                let value = values[row];
                cells.extend((!value.is_nan()).then_some(Cell { model, task, value, line }));
            }
        }
        part.cells = Cells::Scores(cells);
        part
    }

    /// Whether the average of the scores, which is left out, is of a metric of which less is better.
    fn averages_lower(&self) -> bool {
        let is_average = |at: &usize| self.decided[*at].why == AVERAGE;
        let lower = |at: usize| metric_facts(&self.header[at]).lower_is_better;
        (0..self.decided.len()).filter(is_average).any(lower)
    }

    /// Standard errors and numbers of items of a task, from its own cells and from the columns that belong to it.
    fn details(&self, task: u32, column: usize, positions: &[Option<u32>], to: &mut Vec<(u32, u32, Detail)>) {
        let beside = || self.decided.iter().enumerate().filter(|(_, decided)| decided.meaning == Meaning::Of(column));
        let own = &self.surveyed.columns[column].details;
        if own.is_empty() && beside().next().is_none() {
            return;
        }
        let mut known = vec![Detail::default(); positions.len()]; // by row
        for &(row, error, items) in own {
            known[row as usize] = Detail { error, items, ..Detail::default() };
        }
        for (at, decided) in beside() {
            let survey = &self.surveyed.columns[at];
            let scale = if is_interval(&self.header[at]) { HALF_WIDTH } else { 1.0 };
            let numbers = (0u32..).zip(survey.values.iter().map(|value| value / scale));
            let halves = survey.half_widths.iter().map(|&(row, half)| (row, half / HALF_WIDTH));
            for (row, value) in numbers.chain(halves).filter(|(_, value)| *value >= 0.0) {
                let detail = &mut known[row as usize];
                match decided.role {
                    Role::Items if value >= 1.0 => detail.items = Some(value as u32),
                    Role::Error => detail.error = Some(value),
                    _ => {}
                }
            }
        }
        let of_model = |(row, detail): (&Option<u32>, Detail)| Some(((*row)?, task, detail));
        to.extend(positions.iter().zip(known).filter(|(_, detail)| !detail.is_empty()).filter_map(of_model));
    }
}

/// Half the width of a 95 % interval in standard errors.
const HALF_WIDTH: f32 = 1.96;

/// Whether the name of a column says that it holds half the widths of intervals, and not standard errors.
fn is_interval(name: &str) -> bool {
    let words = name_words(name);
    ["ci", "interval", "margin"].iter().any(|word| has_words(&words, word))
}

/// The values of a column in one unit, if some have a sign of percent and others none, and the unit that signs tell.
fn in_one_unit(survey: &Survey) -> (Vec<f32>, Declared) {
    let mut values = survey.values.clone();
    if 2 * survey.dollars > survey.numbers {
        return (values, Declared::Open);
    }
    if survey.percent.is_empty() {
        return (values, Declared::Nothing);
    }
    let signed = |row: usize| survey.percent.binary_search(&(row as u32)).is_ok();
    let plain = values.iter().enumerate().filter(|&(row, value)| !value.is_nan() && !signed(row));
    let fractions = plain.clone().next().is_some() && plain.clone().all(|(_, value)| Range::FRACTION.contains(*value));
    if !fractions {
        return (values, Declared::Range(Range::PERCENT));
    }
    survey.percent.iter().for_each(|&row| values[row as usize] /= Range::PERCENT.high);
    (values, Declared::Range(Range::FRACTION))
}
