//! The contents of one file of results, before several files are joined into a snapshot.

use super::report::{Column, Dropped, Role, label};
use crate::error::{Place, Warning};
use crate::lineage::{Lineage, NamedEdge, Parent};
use crate::snapshot::{DataSource, Declared, Detail, Model, Outcomes, Results, Snapshot, Task};
use std::collections::HashMap;

/// The results of one file.
pub(super) struct Part {
    /// File name.
    pub(super) name: String,
    /// The sources, if the format states them.
    pub(super) sources: Vec<DataSource>,
    /// Models with distinct ids.
    pub(super) models: Vec<Model>,
    /// Unevaluated relatives, so that a snapshot's nodes keep their order.
    pub(super) relatives: Vec<String>,
    pub(super) edges: Vec<NamedEdge>,
    pub(super) tasks: Vec<PartTask>,
    pub(super) cells: Cells,
    /// Details of scores as (model, task, detail); their sources are positions in `sources`.
    pub(super) details: Vec<(u32, u32, Detail)>,
    pub(super) warnings: Vec<Warning>,
    /// What its columns are read as.
    pub(super) columns: Vec<Column>,
    /// What was left out.
    pub(super) dropped: Vec<Dropped>,
    /// Whether its scores are of a run on a part of the items, so that those of a whole run count before them.
    pub(super) is_partial: bool,
    /// When its run ended, in seconds; of several runs of a model the latest counts.
    pub(super) time: Option<f64>,
    /// Whether the file may be left out with a warning.
    pub(super) optional: bool,
    /// Whether it is a finished snapshot, of whose names the import told when it was made.
    pub(super) is_finished: bool,
}

/// A task, its range as the source declares it, and the column that errors name.
pub(super) struct PartTask {
    pub(super) task: Task,
    pub(super) declared: Declared,
    /// Why its range is declared.
    pub(super) reason: &'static str,
    /// Whether less is better, if the source states it.
    pub(super) lower_is_better: Option<bool>,
    /// Whether a person asked for it, so that it is kept whatever its name says.
    pub(super) given: bool,
    /// The values of at most 1 that have a sign of percent, where signs in some cells declare the range of all.
    pub(super) signed: Vec<f32>,
    pub(super) label: String,
}

/// The reason for a range that signs in some cells declare.
pub(super) const BY_SIGNS: &str = "by the signs in its cells";

pub(super) enum Cells {
    Scores(Vec<Cell>),
    Outcomes(Outcomes),
}

/// A score and its line in the file; line 0 means unknown.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    pub(super) model: u32,
    pub(super) task: u32,
    pub(super) value: f32,
    pub(super) line: u32,
}

impl PartTask {
    /// A score whose column has the same name and whose range follows from its values.
    pub(super) fn plain(id: impl Into<String>) -> Self {
        let id = id.into();
        Self {
            label: id.clone(),
            task: Task::score(id, None),
            declared: Declared::Nothing,
            reason: "as this form states it",
            lower_is_better: None,
            given: false,
            signed: Vec::new(),
        }
    }
}

impl Part {
    pub(super) fn new(name: &str, cells: Cells) -> Self {
        Self {
            name: name.to_owned(),
            sources: Vec::new(),
            models: Vec::new(),
            relatives: Vec::new(),
            edges: Vec::new(),
            tasks: Vec::new(),
            cells,
            details: Vec::new(),
            warnings: Vec::new(),
            columns: Vec::new(),
            dropped: Vec::new(),
            is_partial: false,
            time: None,
            optional: false,
            is_finished: false,
        }
    }

    /// Converts a finished snapshot.
    pub(super) fn from_snapshot(name: &str, snapshot: Snapshot, warnings: Vec<Warning>) -> Self {
        let Snapshot { sources, models, tasks, lineage, results, details } = snapshot;
        let of = |task: u32| details.of_task(task).map(move |(model, detail)| (model, task, detail));
        let details = (0..tasks.len() as u32).flat_map(of).collect();
        let cells = match results {
            Results::Outcomes(outcomes) => Cells::Outcomes(outcomes),
            Results::Scores(matrix) => {
                Cells::Scores(matrix.iter().map(|(model, task, value)| Cell { model, task, value, line: 0 }).collect())
            }
        };
        let tasks = tasks.into_iter().map(|task| PartTask {
            declared: Declared::from(task.range),
            reason: "as the file states it",
            lower_is_better: Some(task.lower_is_better),
            given: true,
            signed: Vec::new(),
            label: task.id.clone(),
            task,
        });
        Self {
            sources,
            details,
            relatives: lineage.ids()[models.len()..].to_vec(),
            edges: named_edges(&lineage),
            models,
            tasks: tasks.collect(),
            warnings,
            is_finished: true,
            ..Self::new(name, cells)
        }
    }

    /// The columns of a board whose header is known: of each, its role and the name of its fact. Other columns are not
    /// read.
    pub(super) fn set_columns(
        &mut self,
        header: &[String],
        role: impl Fn(usize) -> Option<(Role, Option<&'static str>)>,
    ) {
        let column = |(at, name): (usize, &String)| match role(at) {
            Some((role, fact)) => {
                let task = self.tasks.iter().position(|task| task.label == *name).filter(|_| role == Role::Score);
                let fact = fact.map(str::to_owned);
                Column {
                    fact,
                    at: task.map(|at| at as u32),
                    ..Column::new(&self.name, &label(name, at), role, "known of this board")
                }
            }
            None => Column::new(&self.name, &label(name, at), Role::Skip, "not read of this board"),
        };
        self.columns = header.iter().enumerate().map(column).collect();
    }
}

/// Up to five names and the number of the others.
pub(super) fn some_of(names: &[&str]) -> String {
    let shown = names.iter().take(5).copied().collect::<Vec<_>>().join(", ");
    if names.len() > 5 { format!("{shown} and {} more", names.len() - 5) } else { shown }
}

/// The edges of a graph with ids instead of nodes, in the order of the children.
pub(super) fn named_edges(lineage: &Lineage) -> Vec<NamedEdge> {
    let name = |node: u32| lineage.id(node).to_owned();
    (0..lineage.len() as u32)
        .flat_map(|node| lineage.parents(node))
        .map(|edge| NamedEdge {
            child: name(edge.child),
            parent: Parent { id: name(edge.parent), relation: edge.relation, weight: edge.weight },
        })
        .collect()
}

/// Assigns indices to models in the order of their rows, and counts rows that repeat a model.
#[derive(Default)]
pub(super) struct ModelRows {
    indices: HashMap<String, u32>,
    pub(super) models: Vec<Model>,
    repeated: usize,
    first_repeated: Option<(String, u64)>,
}

impl ModelRows {
    /// The index of a model that may have several rows.
    pub(super) fn index(&mut self, id: &str) -> u32 {
        if let Some(&index) = self.indices.get(id) {
            return index;
        }
        let index = self.models.len() as u32;
        self.indices.insert(id.to_owned(), index);
        self.models.push(Model { id: id.to_owned(), ..Model::default() });
        index
    }

    /// The index of a model that has a row already.
    pub(super) fn known(&self, id: &str) -> Option<u32> {
        self.indices.get(id).copied()
    }

    /// The index of a model that should have one row; `None` for a repeated row.
    pub(super) fn first(&mut self, id: &str, line: u64) -> Option<u32> {
        if self.indices.contains_key(id) {
            self.repeated += 1;
            self.first_repeated.get_or_insert_with(|| (id.to_owned(), line));
            return None;
        }
        Some(self.index(id))
    }

    /// Whether a row repeats a model.
    pub(super) fn has_repeated(&self) -> bool {
        self.repeated > 0
    }

    /// The rows that repeat a model.
    pub(super) fn dropped(&self) -> Option<Dropped> {
        let why = "repeat a model; its first row was kept".to_owned();
        (self.repeated > 0).then(|| Dropped { what: "rows".to_owned(), why, count: self.repeated, expected: false })
    }

    /// The warning about repeated rows; `None` without repeated rows.
    pub(super) fn warning(&self, name: &str) -> Option<Warning> {
        let (id, line) = self.first_repeated.as_ref()?;
        let message = match self.repeated {
            1 => format!("\"{id}\" has a row already; the first one was kept"),
            count => format!("{count} rows repeat a model, \"{id}\" first; the first row of each was kept"),
        };
        Some(Warning::new(message).at(Place::source(name).line(*line)))
    }
}
