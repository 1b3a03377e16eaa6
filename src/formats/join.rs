//! Joining of parts into one snapshot: the union of their models and tasks. A cell that no part has stays unknown.

use super::part::{Cell, Cells, Part};
use super::report::Report;
use crate::error::{Error, Place, Result, Warning};
use crate::linalg::{BitMatrix, SparseMatrix};
use crate::lineage::{Lineage, NamedEdge};
use crate::snapshot::{DataSource, Detail, Details, Model, Outcomes, Results, Snapshot, Task, canonical_task};
use std::collections::{BTreeSet, HashMap};

/// The number of warnings of one kind that are shown; the others are only counted.
const SHOWN: usize = 5;

/// Joins settled parts. `edges` are added to the edges of the parts.
pub(super) fn join(
    mut parts: Vec<Part>,
    edges: Vec<NamedEdge>,
    warnings: &mut Vec<Warning>,
    report: &mut Report,
) -> Result<Snapshot> {
    one_kind(&parts)?;
    let (sources, origins) = sources(&mut parts);
    let (models, rows) = models(&mut parts);
    let (tasks, columns) = tasks(&parts)?;
    let mut all_edges = Vec::new();
    let mut relatives = Vec::new();
    for part in &mut parts {
        warnings.append(&mut part.warnings);
        report.columns.append(&mut part.columns);
        report.dropped.append(&mut part.dropped);
        all_edges.append(&mut part.edges);
        relatives.append(&mut part.relatives);
    }
    all_edges.extend(edges);
    let ids = models.iter().map(|model| model.id.clone()).chain(relatives);
    let (lineage, repairs) = Lineage::new(ids, all_edges);
    warnings.extend(repairs);
    let several = sources.len() > 1;
    let shape = (models.len(), tasks.len());
    let (results, details) = results(parts, &Positions { rows, columns, origins, several }, shape, warnings);
    Ok(Snapshot { sources, models, tasks, lineage, results, details })
}

fn one_kind(parts: &[Part]) -> Result<()> {
    let is_outcomes = |part: &Part| matches!(part.cells, Cells::Outcomes(_));
    let Some(first) = parts.first() else {
        return Err(Error::input("no file with scores or outcomes was given"));
    };
    match parts.iter().find(|part| is_outcomes(part) != is_outcomes(first)) {
        Some(other) => {
            let word = |part| if is_outcomes(part) { "outcomes of items" } else { "scores" };
            let message = format!("holds {}, but {} holds {}", word(other), first.name, word(first));
            Err(Error::input(format!("{message}; import them apart")).at(Place::source(&other.name)))
        }
        None => Ok(()),
    }
}

/// The distinct sources, and for each part the positions of its sources. A part without one is named by its file.
fn sources(parts: &mut [Part]) -> (Vec<DataSource>, Vec<Vec<u32>>) {
    let mut sources: Vec<DataSource> = Vec::new();
    let mut place = |mut source: DataSource| -> u32 {
        let same = |known: &DataSource| known.name == source.name && known.license == source.license;
        if let Some(at) = sources.iter().position(same) {
            return at as u32;
        }
        let first = source.id.clone();
        let mut number = 2;
        while sources.iter().any(|known| known.id == source.id) {
            source.id = format!("{first} ({number})");
            number += 1;
        }
        sources.push(source);
        sources.len() as u32 - 1
    };
    let origins = parts.iter_mut().map(|part| {
        let mut own = std::mem::take(&mut part.sources);
        if own.is_empty() {
            own.push(DataSource::new(file(&part.name), DataSource::NOT_STATED));
        }
        own.into_iter().map(&mut place).collect()
    });
    let origins = origins.collect();
    (sources, origins)
}

fn file(name: &str) -> &str {
    match name.rsplit(['/', '\\']).next() {
        Some(file) if !file.is_empty() => file,
        _ => "unnamed file",
    }
}

/// The union of the models, and for each part the rows of its models.
fn models(parts: &mut [Part]) -> (Vec<Model>, Vec<Vec<u32>>) {
    let mut models: Vec<Model> = Vec::new();
    let mut index: HashMap<String, u32> = HashMap::new();
    let rows = parts.iter_mut().map(|part| {
        let own = std::mem::take(&mut part.models).into_iter().map(|model| match index.get(&model.id) {
            Some(&row) => {
                let known = &mut models[row as usize];
                known.date = known.date.or(model.date);
                model.factors.into_iter().for_each(|(name, factor)| {
                    known.factors.entry(name).or_insert(factor);
                });
                row
            }
            None => {
                let row = models.len() as u32;
                index.insert(model.id.clone(), row);
                models.push(model);
                row
            }
        });
        own.collect()
    });
    let rows = rows.collect();
    (models, rows)
}

/// The union of the tasks, and for each part the columns of its tasks. A task must have the same metric and range in
/// all parts.
fn tasks(parts: &[Part]) -> Result<(Vec<Task>, Vec<Vec<u32>>)> {
    let mut tasks: Vec<Task> = Vec::new();
    let mut first: Vec<&str> = Vec::new(); // the file from which each task comes
    let mut exact: HashMap<&str, u32> = HashMap::new();
    let mut folded: HashMap<String, u32> = HashMap::new();
    let mut columns = Vec::new();
    for part in parts {
        let earlier = tasks.len() as u32;
        let mut own = Vec::with_capacity(part.tasks.len());
        for task in part.tasks.iter().map(|task| &task.task) {
            let known = exact.get(task.id.as_str()).or_else(|| folded.get(&canonical_task(&task.id)));
            if let Some(&column) = known.filter(|&&column| column < earlier) {
                same_meaning(&tasks[column as usize], first[column as usize], task, &part.name)?;
                own.push(column);
                continue;
            }
            let column = tasks.len() as u32;
            exact.insert(&task.id, column);
            folded.entry(canonical_task(&task.id)).or_insert(column);
            tasks.push(task.clone());
            first.push(&part.name);
            own.push(column);
        }
        columns.push(own);
    }
    Ok((tasks, columns))
}

fn same_meaning(known: &Task, known_in: &str, task: &Task, name: &str) -> Result<()> {
    let metric = |task: &Task| task.metric.clone().unwrap_or_else(|| "no stated metric".to_owned());
    let range =
        |task: &Task| task.range.map_or("open-ended".to_owned(), |range| format!("{} to {}", range.low, range.high));
    let differ = |of: &str, here: String, there: String| {
        let message = format!("{of} is {here} here but {there} in {known_in}; import the files apart");
        Err(Error::input(message).at(Place::source(name).field(&task.id)))
    };
    if known.metric != task.metric {
        differ("the metric", metric(task), metric(known))
    } else if known.range != task.range {
        differ("the range", range(task), range(known))
    } else {
        Ok(())
    }
}

/// For each part, the positions of its models, tasks and sources in the snapshot.
struct Positions {
    rows: Vec<Vec<u32>>,
    columns: Vec<Vec<u32>>,
    origins: Vec<Vec<u32>>,
    /// Whether the snapshot has several sources, so that each score states its own.
    several: bool,
}

fn results(
    mut parts: Vec<Part>,
    positions: &Positions,
    shape: (usize, usize),
    warnings: &mut Vec<Warning>,
) -> (Results, Details) {
    if let [Part { cells: Cells::Outcomes(_), .. }] = parts.as_slice()
        && let Some(Part { cells: Cells::Outcomes(outcomes), .. }) = parts.pop()
    {
        return (Results::Outcomes(outcomes), Details::default());
    }
    let mut observed = BitMatrix::zeros(shape.0, shape.1);
    let mut solved = None;
    let mut entries = Vec::new();
    let mut details = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let (rows, columns) = (&positions.rows[at], &positions.columns[at]);
        let mut repeated = 0usize;
        let mut fresh = |row: u32, column: u32| {
            let fresh = !observed.get(row as usize, column as usize);
            observed.set(row as usize, column as usize, true);
            repeated += usize::from(!fresh);
            fresh
        };
        match &part.cells {
            Cells::Scores(cells) => {
                let known: HashMap<(u32, u32), Detail> =
                    part.details.iter().map(|&(model, task, detail)| ((model, task), detail)).collect();
                for &Cell { model, task, value, .. } in cells {
                    let (row, column) = (rows[model as usize], columns[task as usize]);
                    if !fresh(row, column) {
                        continue;
                    }
                    entries.push((row, column, value));
                    let mut detail = known.get(&(model, task)).copied().unwrap_or_default();
                    let origin = positions.origins[at][detail.source.unwrap_or(0) as usize];
                    detail.source = Some(origin).filter(|&origin| positions.several && origin > 0);
                    details.extend((!detail.is_empty()).then_some((row, column, detail)));
                }
            }
            Cells::Outcomes(outcomes) => {
                let solved = solved.get_or_insert_with(|| BitMatrix::zeros(shape.0, shape.1));
                for (model, &row) in rows.iter().enumerate() {
                    for task in outcomes.observed.ones(model) {
                        if fresh(row, columns[task]) && outcomes.solved.get(model, task) {
                            solved.set(row as usize, columns[task] as usize, true);
                        }
                    }
                }
            }
        }
        if repeated > 0 {
            let message = format!("{repeated} results were in an earlier file already; the earlier ones were kept");
            warnings.push(Warning::new(message).at(Place::source(&part.name)));
        }
    }
    match solved {
        Some(solved) => (Results::Outcomes(Outcomes { observed, solved }), Details::default()),
        None => {
            let scores = SparseMatrix::from_entries(shape.0, shape.1, entries);
            (Results::Scores(scores), Details::from_cells(details))
        }
    }
}

/// Keeps at most five warnings of one kind (equal except for quoted names) and counts the others.
pub(super) fn condense(warnings: Vec<Warning>) -> Vec<Warning> {
    let kind = |warning: &Warning| -> String { warning.message.split('"').step_by(2).collect() };
    let mut counts: HashMap<String, usize> = HashMap::new();
    warnings.iter().for_each(|warning| *counts.entry(kind(warning)).or_default() += 1);
    let mut shown: HashMap<String, usize> = HashMap::new();
    let mut condensed = Vec::new();
    for mut warning in warnings {
        let key = kind(&warning);
        let total = counts[&key];
        let before = shown.entry(key).or_default();
        *before += 1;
        if *before == SHOWN && total > SHOWN {
            warning.message = format!("{} (and {} more like it)", warning.message, total - SHOWN);
        }
        if *before <= SHOWN {
            condensed.push(warning);
        }
    }
    condensed
}

/// Up to five names for a message.
pub(super) fn some_names(names: &BTreeSet<&str>) -> String {
    let shown: Vec<_> = names.iter().take(SHOWN).map(|name| format!("\"{name}\"")).collect();
    let rest = names.len().saturating_sub(SHOWN);
    if rest > 0 { format!("{} and {rest} more", shown.join(", ")) } else { shown.join(", ") }
}
