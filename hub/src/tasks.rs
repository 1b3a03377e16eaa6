//! The tasks and the sources of a snapshot: few enough to be in memory.

use crate::columns::{flag, float32, int64, some, text};
use crate::engine::Engine;
use crate::failure::Result;
use arrow::array::Array;
use arrow::record_batch::RecordBatch;
use eyas::formats::{TaskKey, task_ids};
use eyas::snapshot::{DataSource, MeasuredBy, Range};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// A task as a snapshot writes it.
#[derive(Serialize)]
pub(crate) struct Task {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    dataset: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subset: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    split: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metric: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lower_is_better: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

/// The tasks in order.
pub(crate) struct Tasks(Vec<Task>);

impl Tasks {
    /// The tasks of the table `used`, in its order.
    pub(crate) fn of(batches: &[RecordBatch]) -> Self {
        // The spelling of a dataset is the same for all its tasks.
        let mut spellings: HashMap<String, String> = HashMap::new();
        each(batches, |batch, row| {
            let (key, name) = (text(batch, "d").value(row), text(batch, "dataset").value(row));
            let spelling = spellings.entry(key.to_owned()).or_insert_with(|| name.to_owned());
            if name < spelling.as_str() {
                name.clone_into(spelling);
            }
        });
        let (mut keys, mut tasks): (Vec<TaskKey>, Vec<Task>) = Default::default();
        each(batches, |batch, row| {
            let dataset = spellings.get(text(batch, "d").value(row)).cloned().unwrap_or_default();
            let [subset, split, metric, task] =
                ["subset", "split", "metric", "task"].map(|name| some(text(batch, name), row).map(str::to_owned));
            let bound = |name| {
                let bounds = float32(batch, name);
                bounds.is_valid(row).then(|| bounds.value(row))
            };
            let range = bound("low").zip(bound("high")).map(|(low, high)| Range { low, high });
            let part = |text: &Option<String>| text.clone().unwrap_or_default();
            keys.push([dataset.clone(), part(&subset), part(&split), part(&metric)]);
            let lower_is_better = flag(batch, "lower_is_better").value(row);
            tasks.push(Task {
                id: String::new(),
                dataset: Some(dataset),
                subset,
                split,
                task,
                metric,
                lower_is_better,
                range,
            });
        });
        let ids = task_ids(&keys.iter().collect::<Vec<_>>());
        let mut counts: HashMap<&str, usize> = HashMap::new();
        ids.iter().for_each(|id| *counts.entry(id).or_default() += 1);
        let mut taken = HashSet::new();
        for (task, id) in tasks.iter_mut().zip(&ids) {
            // A dataset without and with a metric.
            let name = match &task.metric {
                Some(metric) if counts.get(id.as_str()).is_some_and(|count| *count > 1) => format!("{id} ({metric})"),
                _ => id.clone(),
            };
            task.id = unique(name, &mut taken);
            task.dataset.take_if(|dataset| *dataset == task.id);
        }
        Self(tasks)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn list(&self) -> &[Task] {
        &self.0
    }
}

fn each(batches: &[RecordBatch], mut act: impl FnMut(&RecordBatch, usize)) {
    for batch in batches {
        (0..batch.num_rows()).for_each(|row| act(batch, row));
    }
}

fn unique(name: String, taken: &mut HashSet<String>) -> String {
    let mut id = name.clone();
    let mut copy = 2;
    while !taken.insert(id.clone()) {
        id = format!("{name} ({copy})");
        copy += 1;
    }
    id
}

/// The sources in order.
pub(crate) struct Sources {
    list: Vec<DataSource>,
    positions: HashMap<[String; 4], usize>,
}

impl Sources {
    /// The sources of the results.
    pub(crate) async fn of(engine: &Engine) -> Result<Self> {
        let sql =
            "SELECT DISTINCT source, url, license, measured_by FROM cells ORDER BY source, license, url, measured_by";
        let (mut list, mut positions, mut taken) = (Vec::new(), HashMap::new(), HashSet::new());
        each(&engine.rows(sql).await?, |batch, row| {
            let key = key(batch, row);
            let [name, url, license, by] = key.clone();
            positions.insert(key, list.len());
            let id = unique(name.clone(), &mut taken);
            let url = (!url.is_empty()).then_some(url);
            list.push(DataSource { id, name, url, license, date: None, by: relation(&by) });
        });
        Ok(Self { list, positions })
    }

    pub(crate) fn count(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn list(&self) -> &[DataSource] {
        &self.list
    }

    /// The position of the source of a result.
    pub(crate) fn position(&self, batch: &RecordBatch, row: usize) -> usize {
        self.positions.get(&key(batch, row)).copied().unwrap_or(0)
    }
}

fn key(batch: &RecordBatch, row: usize) -> [String; 4] {
    ["source", "url", "license", "measured_by"].map(|name| some(text(batch, name), row).unwrap_or_default().to_owned())
}

fn relation(word: &str) -> Option<MeasuredBy> {
    serde_json::from_value(serde_json::Value::from(word)).ok()
}

/// The number of rows of a table.
pub(crate) async fn count(engine: &Engine, table: &str) -> Result<usize> {
    let rows = engine.rows(&format!("SELECT count(*) AS count FROM {table}")).await?;
    Ok(rows.first().map_or(0, |batch| usize::try_from(int64(batch, "count").value(0)).unwrap_or_default()))
}
