//! The union of the tasks of several files. Tasks with the same name are one if they have the same metric, direction and
//! range; fractions and percentages are converted. Otherwise they are two tasks.

use super::part::Part;
use super::report::Report;
use super::tabular::stem;
use crate::error::{Place, Warning};
use crate::snapshot::{Range, Task, canonical_task};
use std::collections::HashMap;

/// The tasks of a snapshot.
pub(super) struct Tasks {
    pub(super) tasks: Vec<Task>,
    /// For each part, the positions of its tasks.
    pub(super) columns: Vec<Vec<u32>>,
    /// For each part, the factor from its unit of each task to that of the snapshot.
    pub(super) scales: Vec<Vec<f32>>,
}

pub(super) fn join<const SEVERAL: bool>(parts: &mut [Part], warnings: &mut Vec<Warning>, report: &mut Report) -> Tasks {
    let mut joined = Tasks { tasks: Vec::new(), columns: Vec::new(), scales: Vec::new() };
    let mut names = TaskNames::default();
    for part in parts {
        let earlier = joined.tasks.len() as u32;
        let (mut columns, mut scales) = (Vec::with_capacity(part.tasks.len()), Vec::with_capacity(part.tasks.len()));
        for named in &part.tasks {
            let mut task = named.task.clone();
            let mut known = if const { SEVERAL } { names.find_task(&task, &joined.tasks, earlier) } else { None };
            let mut scale = known.and_then(|at| factor(&task, &joined.tasks[at as usize]));
            if const { SEVERAL }
                && let (Some(at), None) = (known, scale)
            {
                let other = &joined.tasks[at as usize];
                let why = difference(&task, other);
                let apart = apart_id(&task, other, &part.name);
                let pair = [other.id.clone(), apart.clone(), why.to_owned()];
                task.id = apart;
                known = names.find(&task.id).filter(|&at| at < earlier);
                scale = known.and_then(|at| factor(&task, &joined.tasks[at as usize]));
                // Of several files with the same other task, the first one tells.
                report.apart.extend(known.is_none().then_some(pair));
            }
            let place = match (known, scale) {
                (Some(at), Some(_)) => {
                    complete(&mut joined.tasks[at as usize], task);
                    at
                }
                _ => {
                    names.add(&mut task, joined.tasks.len() as u32);
                    joined.tasks.push(task);
                    joined.tasks.len() as u32 - 1
                }
            };
            if let Some(scale) = scale.filter(|scale| *scale != 1.0) {
                let (from, to) = if scale > 1.0 { ("fractions", "percentages") } else { ("percentages", "fractions") };
                let message = format!("{from} of \"{}\" became {to}, as in the files before", named.task.id);
                warnings.push(Warning::new(message).at(Place::source(&part.name)));
            }
            columns.push(place);
            scales.push(scale.unwrap_or(1.0));
        }
        for column in &mut part.columns {
            let place = column.at.and_then(|at| columns.get(at as usize));
            column.task = place.map(|&at| {
                let task = &joined.tasks[at as usize];
                if column.name == task.dataset { task.dataset.clone() } else { task.id.clone() }
            });
        }
        joined.columns.push(columns);
        joined.scales.push(scales);
    }
    drop_partial_embeddings(&mut joined.tasks, warnings);
    joined
}

/// Methods need embeddings of all tasks, or none.
fn drop_partial_embeddings(tasks: &mut [Task], warnings: &mut Vec<Warning>) {
    let length = |task: &Task| task.embedding.len();
    if tasks.windows(2).all(|pair| length(&pair[0]) == length(&pair[1])) {
        return;
    }
    tasks.iter_mut().for_each(|task| task.embedding.clear());
    warnings.push(Warning::new("only some tasks have embeddings, or these differ in length; all were left out"));
}

/// The positions of tasks by their names.
#[derive(Default)]
struct TaskNames {
    exact: HashMap<String, u32>,
    folded: HashMap<String, u32>,
}

impl TaskNames {
    fn find(&self, id: &str) -> Option<u32> {
        self.exact.get(id).or_else(|| self.folded.get(&canonical_task(id))).copied()
    }

    /// The task of an earlier file with the name of this one. The names of two metrics or splits of a dataset hold these
    /// (`gsm8k (f1)`), where one alone is named by its dataset.
    fn find_task(&self, task: &Task, tasks: &[Task], earlier: u32) -> Option<u32> {
        let alone = || {
            let metric = task.metric.as_deref().unwrap_or_default();
            let base = task.id.strip_suffix(')')?.strip_suffix(metric)?.strip_suffix(" (")?;
            self.find(base).filter(|&at| factor(task, &tasks[at as usize]).is_some())
        };
        self.find(&task.id).or_else(alone).filter(|&at| at < earlier)
    }

    /// Adds a task; one whose id is taken gets a number.
    fn add(&mut self, task: &mut Task, at: u32) {
        let first = task.id.clone();
        let mut number = 2;
        while self.exact.contains_key(&task.id) {
            task.id = format!("{first} ({number})");
            number += 1;
        }
        self.exact.insert(task.id.clone(), at);
        self.folded.entry(canonical_task(&task.id)).or_insert(at);
    }
}

/// The factor from the unit of a task to that of a known task, if both mean the same.
fn factor(task: &Task, known: &Task) -> Option<f32> {
    let same = task.metric == known.metric
        && task.lower_is_better == known.lower_is_better
        && task.kind == known.kind
        && !differ(task.split.as_ref(), known.split.as_ref());
    match (task.range, known.range) {
        _ if !same => None,
        (own, other) if own == other => Some(1.0),
        (Some(Range::FRACTION), Some(Range::PERCENT)) => Some(Range::PERCENT.high),
        (Some(Range::PERCENT), Some(Range::FRACTION)) => Some(1.0 / Range::PERCENT.high),
        _ => None,
    }
}

/// Whether both are known and not the same.
fn differ(a: Option<&String>, b: Option<&String>) -> bool {
    a.zip(b).is_some_and(|(a, b)| a != b)
}

/// Why two tasks of one name are not the same.
fn difference(task: &Task, known: &Task) -> &'static str {
    if task.metric != known.metric {
        "different metrics"
    } else if task.lower_is_better != known.lower_is_better {
        "in one less is better"
    } else if differ(task.split.as_ref(), known.split.as_ref()) {
        "different splits"
    } else {
        "different ranges"
    }
}

/// Another id for a task: with its metric or, if that tells nothing, with the file's name.
fn apart_id(task: &Task, known: &Task, file: &str) -> String {
    match &task.metric {
        Some(metric) if task.metric != known.metric => format!("{} ({metric})", task.id),
        _ if differ(task.split.as_ref(), known.split.as_ref()) => {
            format!("{} [{}]", task.id, task.split.as_deref().unwrap_or_default())
        }
        _ => format!("{} ({})", task.id, stem(file)),
    }
}

/// Adds what a further file says about a task.
fn complete(known: &mut Task, other: Task) {
    let Task { subset, split, shots, task_type, chance, items, description, factors, .. } = other;
    for (own, other) in [
        (&mut known.subset, subset),
        (&mut known.split, split),
        (&mut known.task_type, task_type),
        (&mut known.description, description),
    ] {
        *own = own.take().or(other);
    }
    known.shots = known.shots.or(shots);
    known.items = known.items.or(items);
    known.chance = known.chance.or(chance);
    factors.into_iter().for_each(|(name, factor)| {
        known.factors.entry(name).or_insert(factor);
    });
}
