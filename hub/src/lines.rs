//! Files of a batch as a table of one column of lines, each a JSON object.

use crate::engine::Engine;
use crate::failure::{Failure, Result};
use crate::functions::{FLAT_COLUMNS, RowJson, facts_line, model_line, result_lines};
use crate::inputs::{Batch, Form, Kind};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::Column;
use datafusion::dataframe::DataFrame;
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use datafusion::functions::core::expr_fn::named_struct;
use datafusion::logical_expr::{Expr, ScalarUDF, lit};
use datafusion::prelude::{CsvReadOptions, ParquetReadOptions};
use eyas::formats::{Companions, Source, import};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
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
        Form::GzipLines => text(engine, &paths, ".gz", FileCompressionType::GZIP).await?,
        Form::Lines | Form::Staged => text(engine, &paths, "", FileCompressionType::UNCOMPRESSED).await?,
    };
    engine.context().deregister_table("lines")?;
    engine.context().register_table("lines", frame.into_view())?;
    Ok(())
}

/// Lines of text. The reader of CSV splits files between threads and machines; its delimiter and quote are characters that JSON
/// never contains. A broken line that does contain the delimiter ends there and stays broken.
async fn text(
    engine: &Engine,
    paths: &[PathBuf],
    extension: &str,
    compression: FileCompressionType,
) -> Result<DataFrame> {
    let spare = (0..SPARE).map(|at| Field::new(format!("rest_{at}"), DataType::Utf8, true));
    let line = Field::new("line", DataType::Utf8, true);
    let schema = Schema::new(std::iter::once(line).chain(spare).collect::<Vec<_>>());
    let options = CsvReadOptions::new()
        .has_header(false)
        .delimiter(1)
        .quote(2)
        .truncated_rows(true)
        .schema(&schema)
        .file_extension(extension)
        .file_compression_type(compression);
    Ok(engine.context().read_csv(texts(paths), options).await?)
}

fn texts(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(|path| path.display().to_string()).collect()
}

/// The rows of tables in Parquet as lines.
async fn parquet(engine: &Engine, paths: &[PathBuf], kind: Kind) -> Result<DataFrame> {
    let frame = engine.context().read_parquet(texts(paths), ParquetReadOptions::default()).await?;
    let has = |name: &str| frame.schema().fields().iter().any(|field| field.name() == name);
    let known: Vec<String> = match kind {
        Kind::Models => LISTED.iter().map(|name| (*name).to_owned()).collect(),
        _ => FLAT_COLUMNS.iter().flat_map(|names| names.iter()).flat_map(|name| flattened(name)).collect(),
    };
    let mut columns: Vec<String> = known.into_iter().filter(|name| has(name)).collect();
    columns.sort();
    columns.dedup();
    if columns.is_empty() {
        let found: Vec<_> = frame.schema().fields().iter().map(|field| field.name().as_str()).collect();
        let (shown, what) = (paths[0].display(), if kind == Kind::Models { "a model's id" } else { "results" });
        return Err(Failure::input(format!("{shown}: no column of {what}; there are {}", found.join(", "))));
    }
    let pairs = columns.iter().flat_map(|name| [lit(name.as_str()), Expr::Column(Column::from_name(name))]);
    let row = ScalarUDF::from(RowJson::default()).call(vec![named_struct(pairs.collect())]);
    Ok(frame.select(vec![row.alias("line")])?)
}

/// A field in the ways in which a column may name it: its outermost struct, with dots, with underscores.
fn flattened(name: &str) -> Vec<String> {
    let first = name.split('.').next().unwrap_or(name);
    vec![first.to_owned(), name.to_owned(), name.replace('.', "_")]
}

/// Turns files that are not lines into `models.jsonl` and `results.jsonl` in a folder. A file that can't be read is a line
/// without JSON, so that it is counted and named as such lines are.
pub(crate) fn stage(batch: &Batch, paths: &[PathBuf], folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| Failure::at(folder, &error))?;
    let create = |name: &str| {
        let path = folder.join(name);
        File::create(&path).map(BufWriter::new).map_err(|error| Failure::at(&path, &error))
    };
    let (mut models, mut results) = (create("models.jsonl")?, create("results.jsonl")?);
    let failed = |error| Failure::at(folder, &error);
    for (path, location) in paths.iter().zip(&batch.files) {
        let bytes = fs::read(path).map_err(|error| Failure::at(path, &error))?;
        let name = location.to_string();
        if batch.kind == Kind::Tables {
            let file = Source { name: &name, bytes: &bytes, optional: false };
            match import(&[file], &Companions::default()) {
                Ok(imported) => {
                    let snapshot = imported.snapshot;
                    for (node, model) in (0..).zip(&snapshot.models) {
                        // A name alone may mean a model that the hub lists with its owner.
                        if model.id.contains('/') && snapshot.lineage.parents(node).next().is_some() {
                            writeln!(models, "{}", model_line(&snapshot, node, model)).map_err(failed)?;
                        }
                        if let Some(line) = facts_line(model) {
                            writeln!(results, "{line}").map_err(failed)?;
                        }
                    }
                    for line in result_lines(&snapshot) {
                        writeln!(results, "{line}").map_err(failed)?;
                    }
                }
                Err(error) => writeln!(results, "{}", error.to_string().replace('\n', " ")).map_err(failed)?,
            }
            continue;
        }
        let to = if batch.kind == Kind::Models { &mut models } else { &mut results };
        let values = match serde_json::from_slice::<Value>(&bytes) {
            Ok(Value::Array(values)) => values,
            Ok(value) => vec![value],
            Err(error) => {
                writeln!(to, "{name}: {error}").map_err(failed)?;
                continue;
            }
        };
        for value in values {
            writeln!(to, "{value}").map_err(failed)?;
        }
    }
    models.flush().and_then(|()| results.flush()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Limits, Where};

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
