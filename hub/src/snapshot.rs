//! Writes the snapshot, `eyas-snapshot/2`, from the rows of the plan in a stated order: nothing but the numbers of the edges and
//! one column of scores is in memory at a time. The same rows give the same bytes, whoever computed them.

use crate::columns::{float32, int32, list, some, text, uint32};
use crate::cursor::Cursor;
use crate::engine::Engine;
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::relations;
use crate::report::Written;
use crate::tasks::{Sources, Tasks};
use arrow::array::{Array, AsArray};
use arrow::record_batch::RecordBatch;
use eyas::lineage::{Edge, Parent, cut_cycles};
use eyas::snapshot::{FORMAT, Factors};
use serde::Serialize;
use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

const MODELS: &str = "SELECT n.node AS node, n.id AS id, s.date AS date, s.license AS license, s.factors AS factors, o.names AS names \
    FROM nodes n JOIN selected s ON n.id = s.id \
    LEFT JOIN (SELECT id, array_agg(name) AS names FROM names WHERE name <> id GROUP BY id) o ON n.id = o.id ORDER BY node";
const RELATIVES: &str = "SELECT node, id FROM nodes WHERE NOT is_model ORDER BY node";
const LINKS: &str = "SELECT child, parent, relation, weight, id FROM links ORDER BY child, relation, parent";
const CELLS: &str = "SELECT * FROM cells ORDER BY task, model";
const TUPLES: &str = "SELECT model, dataset, subset, split, metric, score, min_score, max_score, lower_is_better, error, items, \
    date, source, source_license FROM ( \
    SELECT n.node AS node, u.place AS place, n.id AS model, u.dataset AS dataset, u.subset AS subset, u.split AS split, \
    u.metric AS metric, c.value AS score, u.low AS min_score, u.high AS max_score, u.lower_is_better AS lower_is_better, \
    c.error AS error, c.items AS items, c.date AS date, c.source AS source, c.license AS source_license \
    FROM cells c JOIN nodes n ON c.model = n.node JOIN used u ON c.task = u.place) ORDER BY node, place";

#[derive(Serialize)]
struct Model {
    id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<String>,
    #[serde(skip_serializing_if = "Factors::is_empty")]
    factors: Factors,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parents: Vec<Parent>,
}

/// Writes the snapshot, or its tuples if the output is called `.parquet`.
pub(crate) async fn write(engine: &Engine, path: &Path) -> Result<Written> {
    let mut written = Written::default();
    let cut = cycles(engine, &mut written).await?;
    let tasks = Tasks::of(&engine.rows("SELECT * FROM used ORDER BY place").await?);
    let sources = Sources::of(engine).await?;
    (written.tasks, written.sources) = (tasks.count(), sources.count());
    let mut output = Output::create(path)?;
    if path.extension().is_some_and(|extension| extension == "parquet") {
        written.cells = tuples(engine, &mut output).await?;
        written.models = crate::tasks::count(engine, "selected").await?;
        output.finish()?;
        return Ok(written);
    }
    let mut put = |text: &str| output.write_all(text.as_bytes()).map_err(|error| Failure::at(path, &error));
    put(&format!("{{\"format\":\"{FORMAT}\",\"sources\":{},\"models\":[", json(sources.list())?))?;
    let mut links = Cursor::new(engine.stream(LINKS).await?);
    let mut models = Cursor::new(engine.stream(MODELS).await?);
    while let Some((batch, row)) = models.next().await? {
        let node = int32(&batch, "node").value(row);
        let id = text(&batch, "id").value(row).to_owned();
        let model = Model {
            names: names(&batch, row),
            date: some(text(&batch, "date"), row).map(str::to_owned),
            license: some(text(&batch, "license"), row).map(str::to_owned),
            factors: factors(some(text(&batch, "factors"), row)),
            parents: parents(&mut links, node, &id, &cut, &mut written).await?,
            id,
        };
        put(if written.models == 0 { "" } else { "," })?;
        put(&json(&model)?)?;
        written.models += 1;
    }
    put("]")?;
    let mut relatives = Cursor::new(engine.stream(RELATIVES).await?);
    while let Some((batch, row)) = relatives.next().await? {
        let (node, id) = (int32(&batch, "node").value(row), text(&batch, "id").value(row).to_owned());
        let parents = parents(&mut links, node, &id, &cut, &mut written).await?;
        put(if written.relatives == 0 { ",\"relatives\":[" } else { "," })?;
        put(&json(&Model { id, names: Vec::new(), date: None, license: None, factors: Factors::new(), parents })?)?;
        written.relatives += 1;
    }
    put(if written.relatives == 0 { "" } else { "]" })?;
    put(&format!(",\"tasks\":{},\"scores\":[", json(tasks.list())?))?;
    let mut cells = Cursor::new(engine.stream(CELLS).await?);
    let mut column = Column::default();
    let mut place = 0;
    while let Some((batch, row)) = cells.next().await? {
        let task = int32(&batch, "task").value(row);
        if task != place {
            put(&column.into_json(&sources, written.models)?)?;
            put(",")?;
            (column, place) = (Column::default(), task);
        }
        column.add(&batch, row, &sources);
        written.cells += 1;
    }
    put(&column.into_json(&sources, written.models)?)?;
    put("]}")?;
    output.finish()?;
    Ok(written)
}

fn json(value: &(impl Serialize + ?Sized)) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Failure::work(error.to_string()))
}

fn factors(text: Option<&str>) -> Factors {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

fn names(batch: &RecordBatch, row: usize) -> Vec<String> {
    let lists = list(batch, "names");
    if lists.is_null(row) {
        return Vec::new();
    }
    let values = lists.value(row);
    let mut names: Vec<String> = values.as_string::<i32>().iter().flatten().map(str::to_owned).collect();
    names.sort();
    names
}

/// The edges that have to be cut so that no model is its own ancestor, by child and parent. The library's rule decides.
async fn cycles(engine: &Engine, written: &mut Written) -> Result<HashSet<(u32, u32)>> {
    let mut edges = Vec::new();
    let mut links = Cursor::new(engine.stream(LINKS).await?);
    while let Some((batch, row)) = links.next().await? {
        edges.push(Edge {
            parent: int32(&batch, "parent").value(row).cast_unsigned(),
            child: int32(&batch, "child").value(row).cast_unsigned(),
            relation: relations::of_number(int32(&batch, "relation").value(row)),
            weight: float32(&batch, "weight").value(row),
        });
    }
    let nodes = crate::tasks::count(engine, "nodes").await?;
    let (kept, cut) = cut_cycles(nodes, edges);
    written.edges = kept.len();
    Ok(cut.into_iter().map(|edge| (edge.child, edge.parent)).collect())
}

/// The parents of a node, whose edges come next.
async fn parents(
    links: &mut Cursor,
    node: i32,
    id: &str,
    cut: &HashSet<(u32, u32)>,
    written: &mut Written,
) -> Result<Vec<Parent>> {
    let mut parents = Vec::new();
    while let Some((batch, row)) = links.next_if(|batch, row| int32(batch, "child").value(row) == node).await? {
        let parent = text(&batch, "id").value(row);
        if cut.contains(&(node.cast_unsigned(), int32(&batch, "parent").value(row).cast_unsigned())) {
            written.cut.push((id.to_owned(), parent.to_owned()));
            continue;
        }
        parents.push(Parent {
            id: parent.to_owned(),
            relation: relations::of_number(int32(&batch, "relation").value(row)),
            weight: float32(&batch, "weight").value(row),
        });
    }
    Ok(parents)
}

/// The scores of a task.
#[derive(Default, Serialize)]
struct Column {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    models: Vec<i32>,
    values: Vec<f32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Option<f32>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    items: Vec<Option<u32>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dates: Vec<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Origin>,
    #[serde(skip)]
    sources: Vec<usize>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Origin {
    All(String),
    Each(Vec<String>),
}

impl Column {
    fn add(&mut self, batch: &RecordBatch, row: usize, sources: &Sources) {
        let number = |name| {
            let column = float32(batch, name);
            column.is_valid(row).then(|| column.value(row))
        };
        let items = uint32(batch, "items");
        self.models.push(int32(batch, "model").value(row));
        self.values.push(float32(batch, "value").value(row));
        self.errors.push(number("error"));
        self.items.push(items.is_valid(row).then(|| items.value(row)));
        self.dates.push(some(text(batch, "date"), row).map(str::to_owned));
        self.sources.push(sources.position(batch, row));
    }

    /// What is not stated of any score is left out; the first source is the usual one.
    fn into_json(mut self, sources: &Sources, models: usize) -> Result<String> {
        if self.models.len() == models {
            self.models.clear();
        }
        clear_unless(&mut self.errors);
        clear_unless(&mut self.items);
        clear_unless(&mut self.dates);
        let id = |at: &usize| sources.list()[*at].id.clone();
        self.source = match self.sources.first() {
            Some(first) if self.sources.iter().any(|other| other != first) => {
                Some(Origin::Each(self.sources.iter().map(id).collect()))
            }
            Some(first) if *first > 0 => Some(Origin::All(id(first))),
            _ => None,
        };
        json(&self)
    }
}

fn clear_unless<T>(values: &mut Vec<Option<T>>) {
    if values.iter().all(Option::is_none) {
        values.clear();
    }
}

/// Writes the results alone, a row each; returns their number.
async fn tuples(engine: &Engine, output: &mut Output) -> Result<usize> {
    use datafusion::parquet::arrow::ArrowWriter;
    use datafusion::parquet::basic::{Compression, ZstdLevel};
    use datafusion::parquet::file::properties::WriterProperties;
    let failed = |error: datafusion::parquet::errors::ParquetError| Failure::work(error.to_string());
    let zstd = Compression::ZSTD(ZstdLevel::try_new(3).map_err(failed)?);
    let properties =
        WriterProperties::builder().set_compression(zstd).set_max_row_group_row_count(Some(100_000)).build();
    let mut rows = Cursor::new(engine.stream(TUPLES).await?);
    let mut writer = ArrowWriter::try_new(output, rows.schema(), Some(properties)).map_err(failed)?;
    let mut count = 0;
    while let Some(batch) = rows.batch().await? {
        count += batch.num_rows();
        writer.write(&batch).map_err(failed)?;
    }
    writer.close().map_err(failed)?;
    Ok(count)
}
