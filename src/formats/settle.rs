//! The last step of reading a file: the range and direction of each task, doubtful scores, and the check of every score.

use super::part::{BY_SIGNS, Cell, Cells, Part, PartTask, some_of};
use super::report::{Column, Dropped, Role, Unit};
use super::units::{self, Decision};
use crate::error::{Place, Result, Warning};
use crate::linalg::print_number;
use crate::snapshot::{Declared, Range, Task, TaskKind, check_id, check_value, metric_facts};
use std::collections::HashSet;

impl Part {
    /// Checks the ids, decides the range and direction of each task, leaves out doubtful scores and tasks that measure no
    /// quality, and checks every score against its range.
    pub(super) fn settle(&mut self) -> Result<()> {
        for model in &self.models {
            check_id(&model.id).map_err(|error| error.at(Place::source(&self.name)))?;
        }
        if matches!(self.cells, Cells::Scores(_)) {
            self.leave_out_tasks();
            self.decide_units();
            self.check_values()?;
        }
        self.describe_tasks();
        Ok(())
    }

    /// Leaves out the tasks whose metric is no measure of quality.
    fn leave_out_tasks(&mut self) {
        let is_quality = |task: &PartTask| task.given || metric_facts(metric_of(&task.task)).is_quality;
        if self.tasks.iter().all(is_quality) {
            return;
        }
        let kept: Vec<bool> = self.tasks.iter().map(is_quality).collect();
        let mut position = 0;
        let positions: Vec<Option<u32>> = kept.iter().map(|&kept| kept.then(|| (position, position += 1).0)).collect();
        let names: Vec<&str> =
            self.tasks.iter().zip(&kept).filter(|(_, kept)| !**kept).map(|(task, _)| task.task.id.as_str()).collect();
        let message = format!("no measure of quality, left out: {}", some_of(&names));
        self.warnings.push(Warning::new(message).at(Place::source(&self.name)));
        let why = "no measure of quality".to_owned();
        self.dropped.push(Dropped {
            what: format!("tasks: {}", some_of(&names)),
            why,
            count: names.len(),
            expected: false,
        });
        let mut at = kept.iter();
        self.tasks.retain(|_| *at.next().unwrap_or(&true));
        if let Cells::Scores(cells) = &mut self.cells {
            cells.retain_mut(|cell| positions[cell.task as usize].map(|at| cell.task = at).is_some());
        }
        self.details.retain_mut(|(_, task, _)| positions[*task as usize].map(|at| *task = at).is_some());
        for column in &mut self.columns {
            if let Some(at) = column.at {
                column.at = positions[at as usize];
                if column.at.is_none() {
                    (column.role, column.why) = (Role::Skip, "no measure of quality".to_owned());
                }
            }
        }
    }

    fn decide_units(&mut self) {
        let Cells::Scores(cells) = &mut self.cells else { return };
        let mut values: Vec<Vec<f32>> = vec![Vec::new(); self.tasks.len()];
        cells.iter().for_each(|cell| values[cell.task as usize].push(cell.value));
        let percent_file = values.iter().any(|values| units::surely_percent(values));
        let mut doubted: HashSet<(u32, u32)> = HashSet::new(); // task, bits of the value
        let mut reasons: Vec<String> = Vec::new();
        for (at, (task, values)) in self.tasks.iter_mut().zip(&values).enumerate() {
            let facts = metric_facts(metric_of(&task.task));
            task.task.lower_is_better = task.lower_is_better.unwrap_or(facts.lower_is_better);
            let stated = units::stated((task.declared, task.reason), facts.range);
            let is_stated = stated.is_some();
            let Decision { range, why } = stated.unwrap_or_else(|| units::by_values(values, percent_file));
            let Decision { range, why } = if facts.may_exceed && !is_stated && units::exceeds(range, values) {
                Decision { range: None, why: format!("{why}, some above it, as this rate may be") }
            } else {
                Decision { range, why }
            };
            task.task.range = range;
            reasons.push(why);
            // Signs in some cells tell nothing of the cells without one.
            let by_signs = task.reason == BY_SIGNS && !matches!(task.declared, Declared::Nothing);
            let doubtful = match range {
                Some(Range::PERCENT) if !is_stated || by_signs => units::doubtful(values),
                Some(Range::FRACTION) if !is_stated => units::stray_percentages(values),
                _ => Vec::new(),
            };
            let values = doubtful.into_iter().map(|place| values[place]).filter(|value| !task.signed.contains(value));
            doubted.extend(values.map(|value| (at as u32, value.to_bits())));
        }
        for column in &mut self.columns {
            if let Some(why) = column.at.and_then(|at| reasons.get(at as usize)).filter(|_| column.role == Role::Score)
            {
                column.why = if column.why.is_empty() || column.why == *why {
                    why.clone()
                } else {
                    format!("{}; {why}", column.why)
                };
            }
        }
        if let Some(column) = self.columns.iter_mut().find(|column| column.role == Role::Score && column.at.is_none()) {
            column.why = format!("{}: {}", column.why, counted_units(&self.tasks));
        }
        self.drop_doubted(&doubted);
    }

    /// Leaves out these scores, by task and value.
    fn drop_doubted(&mut self, doubted: &HashSet<(u32, u32)>) {
        let Cells::Scores(cells) = &mut self.cells else { return };
        if doubted.is_empty() {
            return;
        }
        let is_doubted = |cell: &Cell| doubted.contains(&(cell.task, cell.value.to_bits()));
        let (models, tasks, name) = (&self.models, &self.tasks, &self.name);
        let mut counts = vec![0usize; tasks.len()];
        for cell in cells.iter().filter(|cell| is_doubted(cell)) {
            let task = &tasks[cell.task as usize];
            counts[cell.task as usize] += 1;
            let (model, value) = (&models[cell.model as usize].id, print_number(cell.value));
            let message = if cell.value > 1.0 {
                let fraction = print_number(units::in_fraction(cell.value));
                format!(
                    "\"{model}\" has {value} among fractions, which may be {fraction}, and is left out; write it as the others to keep it"
                )
            } else {
                let percent = print_number(units::in_percent(cell.value));
                format!(
                    "\"{model}\" has {value} among percentages, which may be {percent} %, and is left out; say --columns '{}=score:percent' to keep it",
                    task.label
                )
            };
            let place = Place::source(name).field(&task.label);
            let place = if cell.line > 0 { place.line(u64::from(cell.line)) } else { place };
            self.warnings.push(Warning::new(message).at(place));
        }
        cells.retain(|cell| !is_doubted(cell));
        for (task, count) in tasks.iter().zip(counts).filter(|(_, count)| *count > 0) {
            let fractions = task.task.range == Some(Range::FRACTION);
            let why = if fractions {
                "a percentage among fractions"
            } else {
                "at most 1 among percentages, maybe a fraction"
            };
            let why = why.to_owned();
            self.dropped.push(Dropped { what: format!("scores of {}", task.task.id), why, count, expected: false });
        }
    }

    fn check_values(&self) -> Result<()> {
        let Cells::Scores(cells) = &self.cells else { return Ok(()) };
        for cell in cells {
            let task = &self.tasks[cell.task as usize];
            check_value(task.task.range, cell.value).map_err(|error| {
                let place = Place::source(&self.name).field(&task.label);
                error.at(if cell.line > 0 { place.line(u64::from(cell.line)) } else { place })
            })?;
        }
        for task in &self.tasks {
            if let (Some(chance), Some(Range { .. })) = (task.task.chance, task.task.range) {
                check_value(task.task.range, chance)
                    .map_err(|error| error.at(Place::source(&self.name).field(format!("{} chance", task.label))))?;
            }
        }
        Ok(())
    }

    /// Completes the columns of tasks. A file without columns has one for each task or, for outcomes, dataset.
    fn describe_tasks(&mut self) {
        if self.columns.is_empty() {
            for (at, task) in self.tasks.iter().enumerate() {
                let outcome = task.task.kind == TaskKind::Outcome;
                // The items of a dataset stand together.
                if outcome && at > 0 && self.tasks[at - 1].task.dataset == task.task.dataset {
                    continue;
                }
                let label = if outcome { &task.task.dataset } else { &task.label };
                let why = if outcome { "items, solved or not" } else { "as the file states it" };
                self.columns.push(Column { at: Some(at as u32), ..Column::new(&self.name, label, Role::Score, why) });
            }
        }
        for column in &mut self.columns {
            let Some(task) = column.at.and_then(|at| self.tasks.get(at as usize)) else { continue };
            if column.role == Role::Score {
                column.unit = Some(Unit::of(task.task.range));
                column.range = task.task.range;
                column.lower_is_better = task.task.lower_is_better;
            }
        }
    }
}

/// How many tasks have each unit: `3 tasks in percent, 1 in points`.
fn counted_units(tasks: &[PartTask]) -> String {
    let count = |unit: Unit| tasks.iter().filter(|task| Unit::of(task.task.range) == unit).count();
    let counts = [Unit::Percent, Unit::Fraction, Unit::Points].map(|unit| (count(unit), unit.word()));
    let known = counts.iter().filter(|(count, _)| *count > 0);
    known.map(|(count, unit)| format!("{count} in {unit}")).collect::<Vec<_>>().join(", ")
}

/// The text that tells the metric of a task: the metric if the source states it, else the task's name.
fn metric_of(task: &Task) -> &str {
    task.metric.as_deref().unwrap_or(&task.id)
}
