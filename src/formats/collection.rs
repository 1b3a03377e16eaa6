//! Results gathered one by one from a tool's file: models, tasks and scores in the order of their first mention. The
//! readers of tools' forms fill a collection, and it becomes a part.

use super::folder::stem;
use super::part::{Cell, Cells, ModelRows, Part, PartTask};
use super::report::Dropped;
use super::task_ids::{self, Key, joined, part_of};
use crate::error::{Error, Place, Result, Warning};
use crate::linalg::BitMatrix;
use crate::lineage::{NamedEdge, Parent};
use crate::snapshot::{DataSource, Declared, Detail, Factor, Model, Outcomes, Range, Task, check_id, parse_amount};
use std::collections::{HashMap, HashSet};

/// What a score measures. Tasks are the same if their dataset, subset, split and metric are.
#[derive(Debug, Clone, Default)]
pub(super) struct Measure {
    /// The id of the task, if the form has one; else it follows from the dataset, subset, split and metric.
    pub(super) id: Option<String>,
    /// The dataset or benchmark.
    pub(super) dataset: String,
    /// The part of it; `None` or `overall` is the whole.
    pub(super) subset: Option<String>,
    pub(super) split: Option<String>,
    pub(super) metric: Option<String>,
    pub(super) task_type: Option<String>,
    pub(super) shots: Option<u32>,
    /// Whether less is better, if the file states it; else the metric's name decides.
    pub(super) lower_is_better: Option<bool>,
    /// The range that the file or the form states; else the metric's name and the values decide.
    pub(super) declared: Declared,
    pub(super) items: Option<u32>,
    pub(super) description: Option<String>,
}

impl Measure {
    /// A dataset in a metric.
    pub(super) fn new(dataset: &str, metric: Option<&str>) -> Self {
        Self { dataset: dataset.trim().to_owned(), metric: metric.map(str::to_owned), ..Self::default() }
    }

    /// The same in fractions.
    pub(super) fn fraction(self) -> Self {
        Self { declared: Declared::Range(Range::FRACTION), ..self }
    }

    /// The same in percent.
    pub(super) fn percent(self) -> Self {
        Self { declared: Declared::Range(Range::PERCENT), ..self }
    }

    fn key(&self) -> Key {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        [self.dataset.clone(), text(&self.subset), text(&self.split), text(&self.metric)]
    }
}

/// The results of one file while they are gathered.
pub(super) struct Collection<'a> {
    /// The path of the file.
    file: &'a str,
    rows: ModelRows,
    measures: Vec<Measure>,
    tasks: HashMap<String, u32>,
    cells: Vec<Cell>,
    details: Vec<(u32, u32, Detail)>,
    seen: HashSet<(u32, u32)>,
    repeated: usize,
    /// Items solved or not: dataset, item, and the cells.
    items: Vec<(String, String)>,
    item_tasks: HashMap<String, u32>,
    outcomes: Vec<(u32, u32, bool)>,
    sources: Vec<DataSource>,
    edges: Vec<NamedEdge>,
    dropped: Vec<Dropped>,
    warnings: Vec<Warning>,
    /// Whether the scores are of a run on a part of the items.
    pub(super) is_partial: bool,
    /// When the run ended, in seconds; of several runs of a model the latest counts.
    pub(super) time: Option<f64>,
}

impl<'a> Collection<'a> {
    pub(super) fn new(file: &'a str) -> Self {
        Self {
            file,
            rows: ModelRows::default(),
            measures: Vec::new(),
            tasks: HashMap::new(),
            cells: Vec::new(),
            details: Vec::new(),
            seen: HashSet::new(),
            repeated: 0,
            items: Vec::new(),
            item_tasks: HashMap::new(),
            outcomes: Vec::new(),
            sources: Vec::new(),
            edges: Vec::new(),
            dropped: Vec::new(),
            warnings: Vec::new(),
            is_partial: false,
            time: None,
        }
    }

    /// The place of a field of the file, for errors and warnings.
    pub(super) fn at(&self, field: impl Into<String>) -> Place {
        Place::source(self.file).field(field)
    }

    /// The row of a model. One without a name is called by the file.
    pub(super) fn model(&mut self, id: &str) -> u32 {
        let id = id.trim();
        self.rows.index(if id.is_empty() { stem(self.file) } else { id })
    }

    /// The row of a model that was mentioned before.
    pub(super) fn known_model(&self, id: &str) -> Option<u32> {
        self.rows.known(id.trim())
    }

    /// What is known about a model, to be completed.
    pub(super) fn about(&mut self, model: u32) -> &mut Model {
        &mut self.rows.models[model as usize]
    }

    /// Sets a fact about a model, unless it is blank or known already. A size is in billions.
    pub(super) fn fact(&mut self, model: u32, name: &str, value: &str) {
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        let amount = (name == "params" || name == "active_params").then(|| parse_amount(value)).flatten();
        let factor = amount.map_or_else(|| Factor::Text(value.to_owned()), Factor::Number);
        self.about(model).factors.entry(name.to_owned()).or_insert(factor);
    }

    /// Sets the number of parameters in billions, if it is positive.
    pub(super) fn size(&mut self, model: u32, billions: Option<f64>) {
        if let Some(size) = billions.filter(|size| size.is_finite() && *size > 0.0) {
            self.about(model).factors.entry("params".to_owned()).or_insert(Factor::Number(size));
        }
    }

    /// Adds a parent of a model.
    pub(super) fn parent(&mut self, model: u32, parent: Parent) {
        if parent.id.trim().is_empty() || check_id(&parent.id).is_err() {
            return;
        }
        let child = self.rows.models[model as usize].id.clone();
        self.edges.push(NamedEdge { child, parent });
    }

    /// The position of a source, for [`Detail::source`].
    pub(super) fn source(&mut self, mut source: DataSource) -> u32 {
        if source.name.trim().is_empty() {
            source = DataSource { by: source.by, ..DataSource::new(stem(self.file), DataSource::NOT_STATED) };
        }
        let at = self.sources.iter().position(|known| *known == source).unwrap_or_else(|| {
            self.sources.push(source);
            self.sources.len() - 1
        });
        at as u32
    }

    /// The position of a board as a source, by its name, address and licence.
    pub(super) fn board(&mut self, name: &str, url: &str, license: &str) -> u32 {
        self.source(DataSource { url: Some(url.to_owned()), ..DataSource::new(name, license) })
    }

    /// Adds a score. A value that is not finite is unknown; of a repeated model and task the first score counts.
    pub(super) fn score(&mut self, model: u32, measure: &Measure, value: f64, detail: Detail) {
        let value = value as f32;
        if !value.is_finite() {
            return;
        }
        if measure.dataset.trim().is_empty() {
            self.leave_out("scores", "no name of a benchmark", 1);
            return;
        }
        let key = measure.key();
        let [dataset, subset, split, metric] = &key;
        let known = joined(&[dataset, part_of(subset), split, metric]);
        let task = *self.tasks.entry(known).or_insert_with(|| {
            self.measures.push(measure.clone());
            self.measures.len() as u32 - 1
        });
        if !self.seen.insert((model, task)) {
            self.repeated += 1;
            return;
        }
        let error = detail.error.filter(|error| error.is_finite() && *error >= 0.0);
        let detail = Detail { error, items: detail.items.filter(|items| *items > 0), ..detail };
        self.details.extend((!detail.is_empty()).then_some((model, task, detail)));
        self.cells.push(Cell { model, task, value, line: 0 });
    }

    /// Adds an item of a dataset that a model solved or not. Of a repeated item the first outcome counts.
    pub(super) fn outcome(&mut self, model: u32, dataset: &str, item: &str, solved: bool) {
        if dataset.trim().is_empty() || item.trim().is_empty() {
            self.leave_out("items", "no name", 1);
            return;
        }
        let at = *self.item_tasks.entry(joined(&[dataset, item])).or_insert_with(|| {
            self.items.push((dataset.to_owned(), item.to_owned()));
            self.items.len() as u32 - 1
        });
        if self.seen.insert((model, at)) {
            self.outcomes.push((model, at, solved));
        } else {
            self.repeated += 1;
        }
    }

    /// Counts something that is left out.
    pub(super) fn leave_out(&mut self, what: &str, why: &str, count: usize) {
        match self.dropped.iter_mut().find(|dropped| dropped.what == what && dropped.why == why) {
            Some(dropped) => dropped.count += count,
            None if count == 0 => {}
            None => self.dropped.push(Dropped { what: what.to_owned(), why: why.to_owned(), count, expected: true }),
        }
    }

    /// Adds a warning about the file.
    pub(super) fn warn(&mut self, message: impl Into<String>) {
        self.warnings.push(Warning::new(message).at(Place::source(self.file)));
    }

    /// The part. `form` is the source of results that state none; if it is empty, the file is.
    ///
    /// # Errors
    /// If nothing was gathered.
    pub(super) fn finish(mut self, form: &str) -> Result<Part> {
        if self.cells.is_empty() && self.outcomes.is_empty() {
            let left: Vec<String> = self
                .dropped
                .iter()
                .map(|dropped| format!("{} {}: {}", dropped.count, dropped.what, dropped.why))
                .collect();
            let left = if left.is_empty() { String::new() } else { format!(" ({})", left.join("; ")) };
            return Err(Error::input(format!("no score in it{left}")).at(Place::source(self.file)));
        }
        if self.repeated > 0 {
            let why = "repeat a model and task; the first was kept";
            self.leave_out("scores", why, self.repeated);
            self.warn(format!("{} scores {why}", self.repeated));
        }
        if self.sources.is_empty() {
            let name = if form.is_empty() { self.file.rsplit('/').next().unwrap_or(self.file) } else { form };
            self.sources.push(DataSource::new(name, DataSource::NOT_STATED));
        }
        let mut part = Part::new(self.file, Cells::Scores(Vec::new()));
        (part.sources, part.edges) = (self.sources, self.edges);
        (part.warnings, part.dropped) = (self.warnings, self.dropped);
        (part.is_partial, part.time) = (self.is_partial, self.time);
        if self.cells.is_empty() {
            let shape = (self.rows.models.len(), self.items.len());
            let (mut observed, mut solved) = (BitMatrix::zeros(shape.0, shape.1), BitMatrix::zeros(shape.0, shape.1));
            for (model, item, is_solved) in self.outcomes {
                observed.set(model as usize, item as usize, true);
                solved.set(model as usize, item as usize, is_solved);
            }
            part.tasks = self.items.iter().map(|(dataset, item)| item_task(dataset, item)).collect();
            part.cells = Cells::Outcomes(Outcomes { observed, solved });
        } else {
            part.tasks = tasks(self.measures);
            part.cells = Cells::Scores(self.cells);
            part.details = self.details;
        }
        part.models = self.rows.models;
        part.models.iter_mut().for_each(tidy);
        Ok(part)
    }
}

/// A text that is not blank.
fn stated(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// Leaves out blank texts and numbers that are not finite, which damaged files have.
fn tidy(model: &mut Model) {
    for text in [&mut model.description, &mut model.license, &mut model.url, &mut model.configuration_of] {
        *text = stated(text.take());
    }
    model.names.retain(|name| !name.trim().is_empty());
    model.factors.retain(|_, factor| !matches!(factor, Factor::Number(number) if !number.is_finite()));
}

/// Whether bounds are finite and in order; those of a damaged file may not be.
fn is_range(range: Range) -> bool {
    range.low.is_finite() && range.high.is_finite() && range.low < range.high
}

fn item_task(dataset: &str, item: &str) -> PartTask {
    let declared = Declared::Range(Range::FRACTION);
    PartTask { task: Task::outcome(dataset, item), declared, ..PartTask::plain(item) }
}

fn tasks(measures: Vec<Measure>) -> Vec<PartTask> {
    let keys: Vec<Key> = measures.iter().map(Measure::key).collect();
    let ids = task_ids::ids(&keys.iter().collect::<Vec<_>>());
    let whole = |subset: &String| !part_of(subset).is_empty();
    let mut taken = HashSet::new();
    let mut unique = |measure: &mut Measure, id: String| match measure.id.take().filter(|id| !id.trim().is_empty()) {
        // A further metric of a task.
        Some(own) if !taken.insert(own.clone()) => match &measure.metric {
            Some(metric) => format!("{own} ({metric})"),
            None => id,
        },
        Some(own) => own,
        None => id,
    };
    let task = |(mut measure, id): (Measure, String)| {
        let mut named = PartTask::plain(unique(&mut measure, id));
        named.declared = match measure.declared {
            Declared::Range(range) if !is_range(range) => Declared::Nothing,
            declared => declared,
        };
        named.lower_is_better = measure.lower_is_better;
        let task = &mut named.task;
        task.dataset = measure.dataset;
        task.subset = stated(measure.subset).filter(whole);
        (task.split, task.metric) = (stated(measure.split), stated(measure.metric));
        (task.task_type, task.shots) = (stated(measure.task_type), measure.shots);
        (task.items, task.description) = (measure.items.filter(|items| *items > 0), stated(measure.description));
        named
    };
    measures.into_iter().zip(ids).map(task).collect()
}
