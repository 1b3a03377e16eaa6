//! The modules that read files of results: `tables` the usual tables, `tables_more` also JSON and tables of rare forms,
//! `snapshots` one file in the format of snapshots.

use super::object::{field, list, needed, text};
use super::{lines, raise, write};
#[cfg(feature = "tables")]
use eyas::formats::Imported;
use eyas::formats::{self, Columns, Companions, Report, Source};
use eyas::methods::Method;
use eyas::snapshot::{Benchmark, Snapshot, SnapshotInfo, write_compact};
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// A snapshot in its compact form, with its figures and warnings.
#[derive(Serialize)]
struct Parsed<'a> {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    bytes: js_sys::Uint8Array,
    info: SnapshotInfo<'a>,
    benchmarks: Vec<Benchmark<'a>>,
    warnings: Vec<String>,
    standard: Standard,
    report: Report,
}

/// The default method for these data, and the reason if it is not the usual default.
#[derive(Serialize)]
struct Standard {
    method: &'static str,
    why: Option<String>,
}

/// What this module reads.
#[cfg(feature = "tables")]
fn import(files: &[Source<'_>], companions: &Companions<'_>) -> eyas::error::Result<Option<Imported>> {
    formats::import_in::<{ cfg!(feature = "tables_more") }>(files, companions)
}
#[cfg(not(feature = "tables"))]
use formats::import_snapshot as import;

/// Parses files, `{name, bytes}[]`, their companions, and the roles of columns as `NAME=ROLE[:UNIT],…`; undefined if a
/// file has a format that only `tables_more` reads.
#[wasm_bindgen]
pub fn parse(
    sources: JsValue,
    lineage: JsValue,
    model_factors: JsValue,
    task_factors: JsValue,
    columns: Option<String>,
) -> Result<JsValue, JsValue> {
    let sources = list(&sources, "sources")?.iter().map(owned).collect::<Result<Vec<_>, _>>()?;
    let companion = |value: JsValue| if value.is_undefined() { Ok(None) } else { owned(&value).map(Some) };
    let companions = [companion(lineage)?, companion(model_factors)?, companion(task_factors)?];
    let [lineage, model_factors, task_factors] = companions.each_ref().map(|file| file.as_ref().map(source));
    let sources: Vec<_> = sources.iter().map(source).collect();
    let columns: Option<Columns> = columns.map(|text| text.parse()).transpose().map_err(raise)?;
    let companions = Companions { lineage, model_factors, task_factors, columns: columns.as_ref() };
    let Some(imported) = import(&sources, &companions).map_err(raise)? else { return Ok(JsValue::UNDEFINED) };
    let snapshot: &Snapshot = &imported.snapshot;
    let (method, why) = Method::standard(snapshot);
    write(&Parsed {
        bytes: write_compact(snapshot).as_slice().into(),
        info: SnapshotInfo::of(snapshot),
        benchmarks: Benchmark::all(snapshot),
        warnings: lines(&imported.warnings),
        standard: Standard { method: method.name(), why },
        report: imported.report,
    })
}

/// A snapshot of `parse` in the format `eyas-snapshot/2`.
#[cfg(feature = "tables_more")]
#[wasm_bindgen(js_name = "toFile")]
pub fn to_file(bytes: &[u8]) -> Result<Vec<u8>, JsValue> {
    super::reopen(bytes).and_then(|snapshot| eyas::snapshot::write_json(&snapshot)).map_err(raise)
}

/// `Source` of `pkg/index.d.ts`.
fn owned(file: &JsValue) -> Result<(String, Vec<u8>, bool), JsValue> {
    let name = needed(text(file, "name")?, "name", "a text")?;
    let bytes = field(file, "bytes").dyn_into::<js_sys::Uint8Array>().ok();
    Ok((name, needed(bytes, "bytes", "a Uint8Array")?.to_vec(), field(file, "optional").is_truthy()))
}

fn source((name, bytes, optional): &(String, Vec<u8>, bool)) -> Source<'_> {
    Source { name, bytes, optional: *optional }
}
