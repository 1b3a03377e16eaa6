//! Snapshots of published results: models, tasks, and their known scores or outcomes.

mod benchmarks;
mod compact;
mod data_source;
mod date;
mod days;
mod details;
mod facts;
mod info;
mod json;
mod metrics;
mod synthetic;
mod synthetic_board;
mod synthetic_tuples;
mod task;
mod values;

pub(crate) use benchmarks::{by_benchmark, rated};
pub(crate) use compact::{Reader, Writer, read_from, write_to};
pub use compact::{read_compact, write_compact};
pub use data_source::{DataSource, MeasuredBy};
pub use date::Date;
pub use days::parse_day;
pub(crate) use days::{day_order, is_ambiguous_day, numbered_day, parse_day_as};
pub use details::{Detail, Details};
pub use facts::{
    Fact, FactKind, FactSource, Facts, SizeInName, active_size_in_name, canonical_type, canonical_word, data_fact,
    family_in_name, in_terms_of, is_exact, known_afterwards, known_fact, known_facts, meant_fact, neighbours,
    parse_amount, size_in_name,
};
pub(crate) use facts::{family_stem, named_amount, settle};
pub use info::{Benchmark, Group, SnapshotInfo, SourceInfo};
pub use json::{FORMAT, read_json, write_json};
pub use metrics::{MetricFacts, metric_facts};
pub(crate) use metrics::{arrow, has_words, name_words};
pub use synthetic_tuples::PlantedTuples;
pub use task::{PairVectors, Task, canonical_task};
pub use values::{Declared, check_id, check_value};
pub(crate) use values::{ends, looks_like_fraction};

use crate::error::{Error, Result};
use crate::linalg::{BitMatrix, SparseMatrix, print_number};
use crate::lineage::Lineage;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The index of a model in a snapshot, and of its node in the snapshot's lineage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelIndex(pub u32);

/// The index of a task in a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskIndex(pub u32);

/// The value of a factor of a model or task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Factor {
    /// Yes or no.
    Flag(bool),
    /// A finite number.
    Number(f64),
    /// A category.
    Text(String),
}

impl Factor {
    /// The value as a cell of a table.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Flag(flag) => flag.to_string(),
            Self::Number(number) => print_number(*number),
            Self::Text(text) => text.trim().to_owned(),
        }
    }
}

/// Factors by name. An unknown factor is absent, never zero or empty.
pub type Factors = BTreeMap<String, Factor>;

/// A model of a snapshot.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Model {
    /// `organisation/name`, or another name that the source gives.
    pub id: String,
    /// Other names that sources give it.
    pub names: Vec<String>,
    /// Submission date. Splits by date use it.
    pub date: Option<Date>,
    /// A description in one sentence.
    pub description: Option<String>,
    /// The licence of the model.
    pub license: Option<String>,
    /// The address of its page.
    pub url: Option<String>,
    /// The id of the model that this is a packing or setting of: a quantisation, a level of effort, a context length.
    pub configuration_of: Option<String>,
    /// Factors that are known before any evaluation: `params` (billions), `architecture`, `type`, `precision`,
    /// `chat_template`, `moe`, `merged`, `upload_date`, and others from the source.
    pub factors: Factors,
}

/// The kind of a task's results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// A benchmark's score.
    Score,
    /// One item of a benchmark, solved or not.
    Outcome,
}

/// The lowest and highest possible score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// Lowest score.
    pub low: f32,
    /// Highest score.
    pub high: f32,
}

impl Range {
    /// The fraction of solved items.
    pub const FRACTION: Self = Self { low: 0.0, high: 1.0 };
    /// The percentage of solved items.
    pub const PERCENT: Self = Self { low: 0.0, high: 100.0 };

    /// Maps a score from the range to 0..1.
    #[must_use]
    pub fn normalise(&self, score: f32) -> f32 {
        (score - self.low) / (self.high - self.low)
    }

    /// Maps a value from 0..1 to the range; the inverse of [`Self::normalise`].
    #[must_use]
    pub fn denormalise(&self, part: f32) -> f32 {
        self.low + part * (self.high - self.low)
    }

    /// Whether a score lies in the range.
    #[must_use]
    pub fn contains(&self, score: f32) -> bool {
        (self.low..=self.high).contains(&score)
    }
}

/// Outcomes of items as bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcomes {
    /// The known cells. (models, tasks)
    pub observed: BitMatrix,
    /// The solved items; 0 in cells that are not observed. (models, tasks)
    pub solved: BitMatrix,
}

/// The known results of a snapshot.
#[derive(Debug, Clone, PartialEq)]
pub enum Results {
    /// Scores in the units of their tasks. (models, tasks)
    Scores(SparseMatrix),
    /// Outcomes of items.
    Outcomes(Outcomes),
}

/// Models, tasks, their known results and the models' lineage, with the source and licence of the data.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The sources of the results with their licences, at least one; shown with every forecast.
    pub sources: Vec<DataSource>,
    /// Models, in the order of the rows.
    pub models: Vec<Model>,
    /// Tasks, in the order of the columns.
    pub tasks: Vec<Task>,
    /// The lineage graph of the models and their unevaluated relatives. Node `i` is model `i`.
    pub lineage: Lineage,
    /// The known results.
    pub results: Results,
    /// Standard errors, numbers of items, dates and sources of single scores.
    pub details: Details,
}

impl Snapshot {
    /// The model with this id, or the only one whose id differs in case alone.
    #[must_use]
    pub fn model(&self, id: &str) -> Option<ModelIndex> {
        self.lineage.node(id).filter(|&node| (node as usize) < self.models.len()).map(ModelIndex)
    }

    /// The task with this id or another spelling of it; see [`canonical_task`].
    ///
    /// # Errors
    /// If the snapshot has no such task; the message lists up to twelve benchmarks of the snapshot.
    pub fn task(&self, name: &str) -> Result<TaskIndex> {
        let wanted = canonical_task(name);
        let found = self
            .tasks
            .iter()
            .position(|task| task.id == name)
            .or_else(|| self.tasks.iter().position(|task| canonical_task(&task.id) == wanted));
        found.map(|at| TaskIndex(at as u32)).ok_or_else(|| {
            let known = self.benchmarks();
            let (shown, rest) = known.split_at(known.len().min(12));
            let rest = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            Error::input(format!("no task \"{name}\" here; there are {}{rest}", shown.join(", ")))
        })
    }

    /// The kind of the results.
    #[must_use]
    pub fn kind(&self) -> TaskKind {
        match self.results {
            Results::Scores(_) => TaskKind::Score,
            Results::Outcomes(_) => TaskKind::Outcome,
        }
    }

    /// The names of the sources, joined by semicolons.
    #[must_use]
    pub fn source(&self) -> String {
        joined(self.sources.iter().map(|source| source.name.as_str()))
    }

    /// The distinct licences of the sources, joined by semicolons.
    #[must_use]
    pub fn license(&self) -> String {
        joined(self.sources.iter().map(|source| source.license.as_str()))
    }

    /// Number of known cells.
    #[must_use]
    pub fn cells(&self) -> usize {
        match &self.results {
            Results::Scores(scores) => scores.len(),
            Results::Outcomes(outcomes) => outcomes.observed.count_ones(),
        }
    }

    /// Marks the known results of this model; the rows of all other models are empty. (models, tasks)
    #[must_use]
    pub fn results_of(&self, model: ModelIndex) -> BitMatrix {
        let mut known = BitMatrix::zeros(self.models.len(), self.tasks.len());
        let has = |&task: &usize| self.get(model, TaskIndex(task as u32)).is_some();
        (0..self.tasks.len()).filter(has).for_each(|task| known.set(model.0 as usize, task, true));
        known
    }

    /// The standard error of a score in the task's units, if it is stated or follows from the number of items.
    #[must_use]
    pub fn error(&self, model: ModelIndex, task: TaskIndex) -> Option<f32> {
        let detail = self.details.get(model, task);
        let stated = detail.and_then(|detail| detail.error);
        let items = detail.and_then(|detail| detail.items);
        let about = &self.tasks[task.0 as usize];
        let of_items = || {
            let range = about.range?;
            let part = range.normalise(self.get(model, task)?);
            Some(about.sampling_error(part, items)? * (range.high - range.low))
        };
        stated.or_else(of_items)
    }

    /// The result of a model on a task in the task's units, if it is known; an outcome is 0 or 1.
    #[must_use]
    pub fn get(&self, model: ModelIndex, task: TaskIndex) -> Option<f32> {
        let (row, column) = (model.0 as usize, task.0 as usize);
        match &self.results {
            Results::Scores(scores) => scores.get(row, column),
            Results::Outcomes(outcomes) => {
                outcomes.observed.get(row, column).then(|| f32::from(u8::from(outcomes.solved.get(row, column))))
            }
        }
    }
}

fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut distinct: Vec<&str> = Vec::new();
    texts.for_each(|text| distinct.extend((!distinct.contains(&text)).then_some(text)));
    distinct.join("; ")
}
