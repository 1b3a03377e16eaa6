//! The views of models and tasks (eq. 4, 5 and 7): which rows of which table describe them, and the numbers that are not
//! trained.
//!
//! A model is its ID, the parts of its name, its ancestors, its description, its facts, one of 21 buckets of size and its
//! family; a task is the IDs of its dataset and of itself, the parts of its name, its text, its type and its metric. Text that
//! is not embedded by the snapshot is counted here in hashed character n-grams. Everything is read from what is known before
//! an evaluation.

use super::config::RankerConfig;
use super::parameters::{Entity, Side, View};
use super::sizes::{BUCKETS, rows_of};
use super::text::in_text;
use crate::linalg::{distinct, map_of};
use crate::lineage::split;
use crate::methods::data::{Target, TrainingData};
use crate::methods::factors::encoding::{Code, Encoding, Kind};
use crate::methods::factors::words::words;
use crate::methods::families::{family_of, family_of_target};
use crate::methods::learners::low_rank::ALONE;
use crate::methods::relatives::{ancestors, parents};
use crate::snapshot::{Date, Factor, Factors, Model, ModelIndex, Task};
use std::collections::BTreeMap;

/// The most categories of a fact that are told apart.
const MOST_CATEGORIES: usize = 12;
/// Buckets of hashed n-grams.
pub(super) const TEXT: usize = 64;
/// A family of fewer models is unknown.
const LEAST_FAMILY: usize = 2;

/// The tables, in the order of their positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    ModelIds,
    ModelTokens,
    Sizes,
    Families,
    TaskIds,
    TaskTokens,
    TaskTypes,
    Metrics,
}

/// Encodes models and tasks. The same data give the same views.
#[derive(Debug, Clone)]
pub(super) struct Views {
    pub(super) models: Side,
    pub(super) tasks: Side,
    /// The first column of `[size | family]`.
    pub(super) structure_at: usize,
    /// Rows and width of each table.
    pub(super) tables: Vec<(usize, usize)>,
    ids: bool,
    pub(super) encoding: Encoding,
    facts: usize,
    date: Standard,
    size: Standard,
    pub(super) has_descriptions: bool,
    embedding: usize, // length of the embeddings that the snapshot gives
    /// Of each number of the vectors of pairs, mean and deviation; the last one stands for their presence.
    pub(super) pairs: Vec<Standard>,
    model_tokens: BTreeMap<String, u32>,
    pub(super) families: BTreeMap<String, u32>,
    datasets: BTreeMap<String, u32>,
    task_tokens: BTreeMap<String, u32>,
    task_types: BTreeMap<String, u32>,
    metrics: BTreeMap<String, u32>,
}

/// Mean and deviation of known values.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Standard {
    mean: f64,
    deviation: f64,
}

impl Standard {
    fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let count = values.clone().count().max(1) as f64;
        let mean = values.clone().sum::<f64>() / count;
        let deviation = (values.map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
        Self { mean, deviation: if deviation > 1e-9 { deviation } else { 1.0 } }
    }

    /// The standardised value and 1; zeros where it is unknown.
    fn code(self, value: Option<f64>) -> [f32; 2] {
        value.map_or([0.0; 2], |value| [((value - self.mean) / self.deviation).clamp(-4.0, 4.0) as f32, 1.0])
    }
}

fn years(date: Date) -> f64 {
    f64::from(date.days()) / 365.25
}

/// Numbers for these names, in ascending order.
fn numbered(names: Vec<String>) -> BTreeMap<String, u32> {
    map_of(distinct(names).into_iter().zip(0..))
}

/// Numbers for the names that occur at least so often.
fn repeated(names: Vec<String>, least: usize) -> BTreeMap<String, u32> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    names.into_iter().for_each(|name| *counts.entry(name).or_default() += 1);
    counts.retain(|_, count| *count as usize >= least);
    counts.values_mut().zip(0..).for_each(|(count, number)| *count = number);
    counts
}

/// The words of a model's name, and its organisation.
fn model_words(id: &str) -> Vec<String> {
    let (organisation, name) = split(id);
    let mut found = words(name);
    found.retain(|word| !states_size(word));
    if !organisation.is_empty() {
        found.push(format!("{}/", organisation.to_ascii_lowercase()));
    }
    found
}

/// The words of a task's name, part, split and description.
fn task_words(task: &Task) -> Vec<String> {
    let mut found = words(&task.dataset);
    let parts = [task.subset.as_deref(), task.split.as_deref(), task.description.as_deref()];
    for part in parts.into_iter().flatten() {
        found.extend(words(part));
    }
    distinct(found)
}

/// The words of a text, as those of a task.
fn text_of(task: &Task) -> String {
    let parts =
        [Some(task.dataset.as_str()), task.subset.as_deref(), task.description.as_deref(), task.task_type.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn key(text: &str) -> String {
    text.trim().to_lowercase()
}

/// A factor with the licence as one of its own.
fn all_factors(factors: &Factors, license: Option<&str>) -> Factors {
    let mut all = factors.clone();
    if let Some(license) = license {
        all.entry("license".to_owned()).or_insert_with(|| Factor::Text(license.to_owned()));
    }
    all
}

impl Views {
    pub(super) fn new(data: &TrainingData<'_>, config: &RankerConfig) -> Self {
        let models = data.models;
        let factors: Vec<Factors> =
            models.iter().map(|model| all_factors(&model.factors, model.license.as_deref())).collect();
        let mut encoding = Encoding::new(factors.iter());
        for column in &mut encoding.columns {
            if let Kind::Category { values } = &mut column.kind {
                values.truncate(MOST_CATEGORIES);
            }
        }
        let facts: usize = encoding.columns.iter().map(|column| width(&column.kind)).sum();
        let sizes = models.iter().filter_map(|model| model.facts().size().map(|size| size.value.ln()));
        let family = |node: usize| family_of(models, data.lineage, node as u32);
        let lists = |words: fn(&Task) -> Vec<String>| data.tasks.iter().flat_map(words).collect::<Vec<String>>();
        let mut views = Self {
            models: Side::default(),
            tasks: Side::default(),
            structure_at: 0,
            tables: Vec::new(),
            ids: config.ids,
            facts,
            date: Standard::of(models.iter().filter_map(|model| model.date.map(years))),
            size: Standard::of(sizes),
            encoding,
            has_descriptions: models.iter().any(|model| model.description.is_some()),
            embedding: data.tasks.first().map_or(0, |task| task.embedding.len()),
            pairs: of_pairs(data.tasks),
            model_tokens: repeated(models.iter().flat_map(|model| model_words(&model.id)).collect(), 2),
            families: repeated((0..models.len()).filter_map(family).collect(), LEAST_FAMILY),
            datasets: numbered(data.tasks.iter().map(|task| task.dataset.clone()).collect()),
            task_tokens: repeated(lists(task_words), 2),
            task_types: numbered(data.tasks.iter().filter_map(|task| task.task_type.as_deref().map(key)).collect()),
            metrics: numbered(data.tasks.iter().filter_map(|task| task.metric.as_deref().map(key)).collect()),
        };
        views.lay_out(data, config);
        views
    }

    fn lay_out(&mut self, data: &TrainingData<'_>, config: &RankerConfig) {
        let &RankerConfig { embedding, label, size, .. } = config;
        let rows = |of: &BTreeMap<String, u32>| of.len() + 1;
        let nodes = data.lineage.len();
        self.tables = vec![
            (nodes + 1, embedding),
            (rows(&self.model_tokens), embedding),
            (BUCKETS + 1, size),
            (rows(&self.families), label),
            (self.datasets.len() + data.tasks.len() + 1, embedding),
            (rows(&self.task_tokens), embedding),
            (rows(&self.task_types), label),
            (rows(&self.metrics), label),
        ];
        let text = if self.has_descriptions { TEXT } else { 0 };
        let fixed = text + self.facts + 4;
        let mut models = Side { unknown: nodes as u32, ..Side::default() };
        add(&mut models, &self.tables, &[Kept::ModelIds, Kept::ModelTokens, Kept::ModelIds]);
        models.fixed_at = models.width;
        models.width += fixed;
        self.structure_at = models.width;
        add(&mut models, &self.tables, &[Kept::Sizes, Kept::Families]);
        let mut tasks = Side { unknown: (self.datasets.len() + data.tasks.len()) as u32, ..Side::default() };
        add(&mut tasks, &self.tables, &[Kept::TaskIds, Kept::TaskTokens]);
        tasks.fixed_at = tasks.width;
        tasks.width += TEXT + self.embedding;
        add(&mut tasks, &self.tables, &[Kept::TaskTypes, Kept::Metrics]);
        (self.models, self.tasks) = (models, tasks);
    }

    /// A node of the lineage graph, or a new model.
    pub(super) fn model(&self, data: &TrainingData<'_>, target: Target<'_>) -> Entity {
        let parents = parents(data.lineage, target);
        let none = Model::default();
        let (id, model, family) = match target {
            Target::Known(model) => {
                let known = &data.models[model.0 as usize];
                (known.id.as_str(), known, family_of(data.models, data.lineage, model.0))
            }
            Target::New(new) => {
                (new.name.as_deref().unwrap_or_default(), &none, family_of_target(data.models, data.lineage, target))
            }
        };
        let (facts, factors, date) = match target {
            Target::Known(_) => (model.facts(), all_factors(&model.factors, model.license.as_deref()), model.date),
            Target::New(new) => (new.facts(), new.factors.clone(), new.date),
        };
        let mut inherited = ancestors(data.lineage, target.node(), &parents);
        let itself = target.node().unwrap_or(u32::MAX);
        inherited.retain(|&(node, _)| node != itself);
        let mut fixed = Vec::with_capacity(self.models.width);
        if self.has_descriptions {
            fixed.extend(in_text(model.description.as_deref().unwrap_or_default(), TEXT));
        }
        let size = self.size.code(facts.size().map(|size| size.value.ln()));
        fixed.extend(self.encode(&factors));
        fixed.extend(self.date.code(date.map(years)));
        fixed.extend(size);
        let number = |of: &BTreeMap<String, u32>, key: Option<String>| {
            vec![(key.and_then(|key| of.get(&key).copied()).unwrap_or(of.len() as u32), 1.0)]
        };
        Entity {
            rows: vec![
                vec![(target.node().filter(|_| self.ids).unwrap_or(self.models.unknown), 1.0)],
                bag(&self.model_tokens, model_words(id)),
                inherited,
                rows_of(&facts),
                number(&self.families, family),
            ],
            fixed,
            pairs: self.pairs_of(data.tasks, id),
            size: (size[1] > 0.0).then_some(size[0]),
            date: date.map(years),
        }
    }

    /// The number of each model's family; [`ALONE`] where no other has it.
    pub(super) fn families(&self, data: &TrainingData<'_>) -> Vec<u32> {
        let of = |model: u32| {
            family_of(data.models, data.lineage, model).and_then(|family| self.families.get(&family).copied())
        };
        (0..data.models.len() as u32).map(|model| of(model).unwrap_or(ALONE)).collect()
    }

    /// All models.
    pub(super) fn models(&self, data: &TrainingData<'_>) -> Vec<Entity> {
        (0..data.models.len() as u32).map(|at| self.model(data, Target::Known(ModelIndex(at)))).collect()
    }

    /// A task; its ID is that of its dataset and its own.
    pub(super) fn task(&self, task: &Task, at: Option<usize>) -> Entity {
        let dataset = self.datasets.get(&task.dataset).copied();
        let ids = match at.filter(|_| self.ids) {
            Some(at) => dataset.into_iter().chain([(self.datasets.len() + at) as u32]).map(|row| (row, 1.0)).collect(),
            None => vec![(self.tasks.unknown, 1.0)],
        };
        let text = text_of(task);
        self.described(ids, task_words(task), &text, &task.embedding, task.task_type.as_deref(), task.metric.as_deref())
    }

    fn described(
        &self,
        ids: Vec<(u32, f32)>,
        words: Vec<String>,
        text: &str,
        embedding: &[f32],
        task_type: Option<&str>,
        metric: Option<&str>,
    ) -> Entity {
        let label = |of: &BTreeMap<String, u32>, name: Option<&str>| {
            vec![(name.and_then(|name| of.get(&key(name)).copied()).unwrap_or(of.len() as u32), 1.0)]
        };
        let mut fixed = in_text(text, TEXT);
        fixed.extend((0..self.embedding).map(|at| embedding.get(at).copied().unwrap_or(0.0)));
        Entity {
            rows: vec![
                ids,
                bag(&self.task_tokens, words),
                label(&self.task_types, task_type),
                label(&self.metrics, metric),
            ],
            fixed,
            ..Entity::default()
        }
    }

    /// The vectors of a model's pairs with tasks.
    fn pairs_of(&self, tasks: &[Task], id: &str) -> BTreeMap<u32, Vec<f32>> {
        let known = || (0..).zip(tasks).filter_map(|(at, task)| Some((at, task.pair_vectors.get(id)?)));
        let code = |vector: &Vec<f32>| {
            let numbers = vector.iter().zip(&self.pairs).map(|(&value, of)| of.code(Some(f64::from(value)))[0]);
            numbers.chain([1.0]).collect()
        };
        if self.pairs.is_empty() { BTreeMap::new() } else { map_of(known().map(|(at, vector)| (at, code(vector)))) }
    }

    /// Known values: of a number its code and 1, of a category a 1 in its place.
    fn encode(&self, factors: &Factors) -> Vec<f32> {
        let mut codes = Vec::with_capacity(self.facts);
        for (column, code) in self.encoding.columns.iter().zip(self.encoding.encode(factors)) {
            let start = codes.len();
            codes.resize(start + width(&column.kind), 0.0);
            match code {
                Some(Code::Number(number)) => codes[start..].copy_from_slice(&[number, 1.0]),
                Some(Code::Category(at)) => codes[start + at] = 1.0,
                None => {}
            }
        }
        codes
    }
}

/// Mean and deviation of each number of the vectors of pairs, and one more; none where there are no vectors.
fn of_pairs(tasks: &[Task]) -> Vec<Standard> {
    let vectors = || tasks.iter().flat_map(|task| task.pair_vectors.values());
    let length = vectors().next().map_or(0, Vec::len);
    let of = |at: usize| Standard::of(vectors().map(move |vector| f64::from(vector[at])));
    let presence = (length > 0).then(Standard::default);
    (0..length).map(of).chain(presence).collect()
}

pub(super) fn width(kind: &Kind) -> usize {
    if let Kind::Category { values } = kind { values.len() } else { 2 }
}

fn add(side: &mut Side, tables: &[(usize, usize)], views: &[Kept]) {
    for &kept in views {
        let width = tables[kept as usize].1;
        side.views.push(View { table: kept as usize, at: side.width, width });
        side.width += width;
    }
}

/// The rows of known words, with weights of sum 1.
fn bag(known: &BTreeMap<String, u32>, words: Vec<String>) -> Vec<(u32, f32)> {
    let rows: Vec<u32> = words.iter().filter_map(|word| known.get(word).copied()).collect();
    let weight = 1.0 / rows.len().max(1) as f32;
    rows.into_iter().map(|row| (row, weight)).collect()
}

/// Whether a word is a number or a size such as `7b`: sizes are views of their own.
fn states_size(word: &str) -> bool {
    let number = word.strip_suffix(['b', 'm']).unwrap_or(word);
    number.starts_with(|c: char| c.is_ascii_digit()) && number.ends_with(|c: char| c.is_ascii_digit())
}
