//! Files of a batch as a table of one column of lines, each a JSON object.

use crate::engine::{Engine, url};
use crate::failure::{Failure, Result};
use crate::functions::{FLAT_COLUMNS, RowJson};
use crate::inputs::{Batch, Form, Kind};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::Column;
use datafusion::dataframe::DataFrame;
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use datafusion::functions::core::expr_fn::named_struct;
use datafusion::logical_expr::{Expr, ScalarUDF, lit};
use datafusion::prelude::{CsvReadOptions, ParquetReadOptions};
use std::path::{Path, PathBuf};

/// The columns of a listing in Parquet that the reader of listings knows.
const LISTED: [&str; 16] = [
    "id",
    "modelId",
    "createdAt",
    "lastModified",
    "downloads",
    "likes",
    "pipeline_tag",
    "tags",
    "cardData",
    "baseModels",
    "safetensors",
    "gguf",
    "config",
    "evalResults",
    "model-index",
    "license",
];

/// The most delimiters that a broken line may contain.
const SPARE: usize = 8;

/// Registers the lines of a batch, whose files lie at these paths, as the table `lines`.
pub(crate) async fn register(engine: &Engine, batch: &Batch, paths: &[PathBuf], staged: &Path) -> Result<()> {
    let paths = match batch.form {
        Form::Staged => {
            vec![staged.join(format!("{}.jsonl", if batch.kind == Kind::Models { "models" } else { "results" }))]
        }
        _ => paths.to_vec(),
    };
    let frame = match batch.form {
        Form::Parquet => parquet(engine, &paths, batch.kind).await?,
        Form::GzipLines => text(engine, &paths, FileCompressionType::GZIP).await?,
        Form::Lines | Form::Staged => text(engine, &paths, FileCompressionType::UNCOMPRESSED).await?,
    };
    engine.context().deregister_table("lines")?;
    engine.context().register_table("lines", frame.into_view())?;
    Ok(())
}

/// Lines of text. The reader of CSV splits files between threads and machines; its delimiter and quote are characters that JSON
/// never contains. A broken line that does contain the delimiter ends there and stays broken.
async fn text(engine: &Engine, paths: &[PathBuf], compression: FileCompressionType) -> Result<DataFrame> {
    let spare = (0..SPARE).map(|at| Field::new(format!("rest_{at}"), DataType::Utf8, true));
    let line = Field::new("line", DataType::Utf8, true);
    let schema = Schema::new(std::iter::once(line).chain(spare).collect::<Vec<_>>());
    let options = CsvReadOptions::new()
        .has_header(false)
        .delimiter(1)
        .quote(2)
        .truncated_rows(true)
        .schema(&schema)
        .file_extension("")
        .file_compression_type(compression);
    Ok(engine.context().read_csv(urls(paths)?, options).await?)
}

fn urls(paths: &[PathBuf]) -> Result<Vec<String>> {
    paths.iter().map(|path| url(path)).collect()
}

/// The rows of tables in Parquet as lines. Files whose columns differ in type are read one by one.
async fn parquet(engine: &Engine, paths: &[PathBuf], kind: Kind) -> Result<DataFrame> {
    let options = || ParquetReadOptions::default().file_extension("");
    if let Ok(frame) = engine.context().read_parquet(urls(paths)?, options()).await
        && let Ok(lines) = rows(&frame, kind)
    {
        return Ok(lines);
    }
    let mut all: Option<DataFrame> = None;
    for path in paths {
        let named = |failure: Failure| Failure::input(format!("{}: {failure}", path.display()));
        let read = engine.context().read_parquet(url(path)?, options()).await;
        let lines = read.map_err(Failure::from).and_then(|frame| rows(&frame, kind)).map_err(named)?;
        all = Some(match all {
            Some(all) => all.union(lines)?,
            None => lines,
        });
    }
    all.ok_or_else(|| Failure::work("no file in Parquet is named"))
}

/// The rows of a table as lines, of the columns that the readers know.
fn rows(frame: &DataFrame, kind: Kind) -> Result<DataFrame> {
    let has = |name: &str| frame.schema().fields().iter().any(|field| field.name() == name);
    // A record goes to the reader of records, whole.
    let is_record = kind != Kind::Models && has("evaluation_results");
    let known: Vec<String> = match kind {
        _ if is_record => frame.schema().fields().iter().map(|field| field.name().clone()).collect(),
        Kind::Models => LISTED.iter().map(|name| (*name).to_owned()).collect(),
        _ => FLAT_COLUMNS.iter().flat_map(|names| names.iter()).flat_map(|name| flattened(name)).collect(),
    };
    let mut columns: Vec<String> = known.into_iter().filter(|name| has(name)).collect();
    columns.sort();
    columns.dedup();
    let is_there = |names: &[&str]| names.iter().any(|name| flattened(name).iter().any(|name| has(name)));
    let missing = match kind {
        Kind::Models => (!is_there(&LISTED[..2])).then_some("a model's id (id or modelId)"),
        _ if is_record => None,
        _ if !is_there(FLAT_COLUMNS[0]) => Some("the model (such as model or model_info.id)"),
        _ if !is_there(FLAT_COLUMNS[1]) => Some("the dataset (such as dataset or source_data.dataset_name)"),
        _ => (!is_there(FLAT_COLUMNS[3])).then_some("the score (such as score or score_details.score)"),
    };
    if let Some(missing) = missing {
        let found: Vec<_> = frame.schema().fields().iter().map(|field| field.name().as_str()).collect();
        return Err(Failure::input(format!("no column of {missing}; there are {}", found.join(", "))));
    }
    let pairs = columns.iter().flat_map(|name| [lit(name.as_str()), Expr::Column(Column::from_name(name))]);
    let row = ScalarUDF::from(RowJson::default()).call(vec![named_struct(pairs.collect())]);
    Ok(frame.clone().select(vec![row.alias("line")])?)
}

/// A field in the ways in which a column may name it: its outermost struct, with dots, with underscores.
fn flattened(name: &str) -> Vec<String> {
    let first = name.split('.').next().unwrap_or(name);
    vec![first.to_owned(), name.to_owned(), name.replace('.', "_")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Limits, Where};
    use std::fs;

    #[tokio::test(flavor = "multi_thread")]
    async fn listings_in_parquet_are_read_as_lines_are() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::new(&Where::Here, Limits { memory: 1 << 28, threads: 2 }, folder.path()).await.unwrap();
        let path = folder.path().join("models");
        fs::create_dir(&path).unwrap();
        let rows = r#"SELECT 'acme/bird-7b' AS id, named_struct('total', 7200000000) AS safetensors,
            make_array('base_model:acme/egg', 'license:mit') AS tags, '{"base_model_relation": "adapter"}' AS "cardData",
            TIMESTAMP '2025-03-01T10:00:00' AS "createdAt", 5 AS downloads, 'ignored' AS other
            UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL"#;
        engine.write(rows, &path).await.unwrap();
        let paths: Vec<_> = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()).collect();
        let batch = Batch { kind: Kind::Models, form: Form::Parquet, files: Vec::new() };
        register(&engine, &batch, &paths, folder.path()).await.unwrap();
        let read = "SELECT m['id'] || ' ' || m['date'] || ' ' || m['license'] || ' ' || m['parents'][1]['id'] AS read,
            CAST(m['parents'][1]['relation'] AS BIGINT) AS relation, m['notes'][1]['why'] AS why, m['params'] AS params
            FROM (SELECT read_model(line) AS m FROM lines) ORDER BY m['id']";
        let rows = engine.rows(read).await.unwrap();
        let rows = arrow::compute::concat_batches(&rows[0].schema(), &rows).unwrap();
        let (texts, whys) = (crate::columns::text(&rows, "read"), crate::columns::text(&rows, "why"));
        assert_eq!(texts.value(0), "acme/bird-7b 2025-03-01 mit acme/egg");
        assert_eq!(crate::columns::int64(&rows, "relation").value(0), 3);
        assert_eq!(whys.value(1), "no id");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn files_whose_columns_differ_are_read_and_others_named() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::new(&Where::Here, Limits { memory: 1 << 28, threads: 2 }, folder.path()).await.unwrap();
        let mut paths = Vec::new();
        for rows in
            ["SELECT 'a/b' AS id, 5 AS likes", "SELECT 'a/c' AS id, 'many' AS likes", "SELECT 1 AS n, 2 AS likes"]
        {
            let path = folder.path().join(format!("{}", paths.len()));
            fs::create_dir(&path).unwrap();
            engine.write(rows, &path).await.unwrap();
            paths.push(fs::read_dir(&path).unwrap().next().unwrap().unwrap().path());
        }
        let batch = Batch { kind: Kind::Models, form: Form::Parquet, files: Vec::new() };
        register(&engine, &batch, &paths[..2], folder.path()).await.unwrap();
        let rows = engine.rows("SELECT read_model(line)['id'] AS id FROM lines ORDER BY id").await.unwrap();
        let ids: Vec<_> = rows.iter().flat_map(|rows| crate::columns::text(rows, "id").iter().flatten()).collect();
        assert_eq!(ids, ["a/b", "a/c"]);
        let told = |failure: Failure| (matches!(failure, Failure::Input(_)), failure.to_string());
        let refused = told(register(&engine, &batch, &paths, folder.path()).await.unwrap_err());
        let message = format!("{}: no column of a model's id (id or modelId); there are n, likes", paths[2].display());
        assert_eq!(refused, (true, message));
        let batch = Batch { kind: Kind::Results, ..batch };
        let (_, message) = told(register(&engine, &batch, &paths[2..], folder.path()).await.unwrap_err());
        assert!(message.contains("no column of the model (such as model or model_info.id)"), "{message}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_line_is_read_once_and_not_for_each_of_its_fields() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::new(&Where::Here, Limits { memory: 1 << 28, threads: 2 }, folder.path()).await.unwrap();
        let path = folder.path().join("a.jsonl");
        fs::write(&path, "{}\n").unwrap();
        let batch = Batch { kind: Kind::Models, form: Form::Lines, files: Vec::new() };
        register(&engine, &batch, &[path], folder.path()).await.unwrap();
        for (query, call) in
            [(include_str!("plan/listings.sql"), "read_model("), (include_str!("plan/records.sql"), "read_results(")]
        {
            let query = query.lines().skip(1).collect::<Vec<_>>().join("\n");
            let rows = engine.rows(&format!("EXPLAIN FORMAT INDENT {query}")).await.unwrap();
            let plans = rows.iter().flat_map(|batch| crate::columns::text(batch, "plan").iter().flatten());
            let calls: Vec<_> = plans.map(|plan| plan.matches(call).count()).collect();
            assert_eq!(calls, [1, 1], "of the logical and of the physical plan of {query}");
        }
    }
}
