//! Joining of parts into one snapshot: the union of their models and tasks. A cell that no part has stays unknown.

use super::join_models::{self, Models};
use super::join_tasks::{self, Tasks};
use super::part::{Cell, Cells, Part};
use super::report::Report;
use crate::error::{Error, Place, Result, Warning};
use crate::linalg::{BitMatrix, SparseMatrix, order as sorted};
use crate::lineage::{Found, Lineage, NameIndex, NamedEdge};
use crate::snapshot::{DataSource, Details, Model, ModelIndex, Outcomes, Results, Snapshot, TaskIndex};
use std::collections::{BTreeSet, HashMap};

/// The number of warnings of one kind that are shown; the others are only counted.
const SHOWN: u32 = 5;

/// Joins settled parts. `edges` are added to the edges of the parts. `SEVERAL` is false if there is one part.
pub(super) fn join<const SEVERAL: bool>(
    mut parts: Vec<Part>,
    edges: Vec<NamedEdge>,
    warnings: &mut Vec<Warning>,
    report: &mut Report,
) -> Result<Snapshot> {
    one_kind(&parts)?;
    let (sources, origins) = sources(&mut parts);
    let Models { models, rows, index, .. } = join_models::join::<SEVERAL>(&mut parts, warnings, report);
    let Tasks { tasks, columns, scales } = join_tasks::join::<SEVERAL>(&mut parts, warnings, report);
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
    all_edges.retain_mut(|edge| {
        let differed = edge.child != edge.parent.id;
        rename(edge, &index, &models);
        !differed || edge.child != edge.parent.id
    });
    let ids = models.iter().map(|model| model.id.clone()).chain(relatives);
    let (lineage, repairs) = Lineage::new(ids, all_edges);
    warnings.extend(repairs);
    let several = sources.len() > 1;
    let shape = (models.len(), tasks.len());
    let (results, details) = results(parts, &Positions { rows, columns, scales, origins, several }, shape, warnings);
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
    let mut known: HashMap<[String; 2], u32> = HashMap::new(); // name, licence
    let mut ids: HashMap<String, u32> = HashMap::new(); // how many sources want an id
    let mut place = |mut source: DataSource| -> u32 {
        let next = sources.len() as u32;
        let at = *known.entry([source.name.clone(), source.license.clone()]).or_insert(next);
        if at == next {
            let first = source.id.clone();
            while let Some(count) = ids.get_mut(&source.id) {
                *count += 1;
                source.id = format!("{first} ({count})");
            }
            ids.insert(source.id.clone(), 1);
            sources.push(source);
        }
        at
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

/// Gives the ends of an edge the ids that the snapshot has for these models, where one of both has no account. Copies of
/// other accounts stay nodes of their own, since edges tell what they were copied from.
fn rename(edge: &mut NamedEdge, index: &NameIndex, models: &[Model]) {
    for id in [&mut edge.child, &mut edge.parent.id] {
        if let Found::Spelling(row) = index.find(id) {
            let known = &models[row as usize].id;
            if id.contains('/') != known.contains('/') {
                id.clone_from(known);
            }
        }
    }
}

fn file(name: &str) -> &str {
    match name.rsplit(['/', '\\']).next() {
        Some(file) if !file.is_empty() => file,
        _ => "unnamed file",
    }
}

/// For each part, the positions of its models, tasks and sources in the snapshot.
struct Positions {
    rows: Vec<Vec<u32>>,
    columns: Vec<Vec<u32>>,
    /// For each part, the factor from its unit of each task to that of the snapshot.
    scales: Vec<Vec<f32>>,
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
    let mut details = Vec::with_capacity(parts.iter().map(|part| part.details.len()).sum());
    for at in by_precedence(&parts) {
        // What was taken over is freed, since there may be millions of cells.
        let known = std::mem::take(&mut parts[at].details);
        let cells = std::mem::replace(&mut parts[at].cells, Cells::Scores(Vec::new()));
        let part = &parts[at];
        let (rows, columns) = (&positions.rows[at], &positions.columns[at]);
        let mut repeated = 0usize;
        let mut fresh = |row: u32, column: u32| {
            let fresh = !observed.get(row as usize, column as usize);
            observed.set(row as usize, column as usize, true);
            repeated += usize::from(!fresh);
            fresh
        };
        match &cells {
            Cells::Scores(cells) => {
                let known = Details::from_cells(known);
                for &Cell { model, task, value, .. } in cells {
                    let (row, column) = (rows[model as usize], columns[task as usize]);
                    if !fresh(row, column) {
                        continue;
                    }
                    let scale = positions.scales[at][task as usize];
                    entries.push((row, column, value * scale));
                    let mut detail = known.get(ModelIndex(model), TaskIndex(task)).unwrap_or_default();
                    detail.error = detail.error.map(|error| error * scale);
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
            let which = if part.time.is_some() { "another run" } else { "an earlier file" };
            let message = format!("{repeated} results were in {which} already; those were kept");
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

/// The parts in the order in which their results count: as they are given, but of runs of a tool the latest first, and
/// runs on a part of the items last.
fn by_precedence(parts: &[Part]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    let timed: Vec<usize> = order.iter().copied().filter(|&at| parts[at].time.is_some()).collect();
    let time = |at: usize| parts[at].time.unwrap_or(0.0);
    let latest = sorted(timed.len(), &mut |a, b| time(timed[b]).total_cmp(&time(timed[a])));
    timed.iter().zip(latest).for_each(|(&place, at)| order[place] = timed[at]);
    let partial = |place: usize| parts[order[place]].is_partial;
    sorted(order.len(), &mut |a, b| partial(a).cmp(&partial(b))).into_iter().map(|place| order[place]).collect()
}

/// Keeps at most five warnings of one kind (equal except for quoted names) and counts the others.
pub(super) fn condense(warnings: Vec<Warning>) -> Vec<Warning> {
    let kind = |warning: &Warning| -> String { warning.message.split('"').step_by(2).collect() };
    let mut counts: HashMap<String, u32> = HashMap::new();
    warnings.iter().for_each(|warning| *counts.entry(kind(warning)).or_default() += 1);
    let mut shown: HashMap<String, u32> = HashMap::new();
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
    let shown: Vec<_> = names.iter().take(SHOWN as usize).map(|name| format!("\"{name}\"")).collect();
    let rest = names.len().saturating_sub(SHOWN as usize);
    if rest > 0 { format!("{} and {rest} more", shown.join(", ")) } else { shown.join(", ") }
}
