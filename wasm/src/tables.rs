//! The module that reads files of results.

use super::{lines, raise, read, write};
use eyas::formats::{self, Companions, Source};
use eyas::snapshot::{Benchmark, Snapshot, SnapshotInfo, write_compact};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

/// `Source` of `pkg/index.d.ts`.
#[derive(Deserialize)]
struct NamedBytes {
    name: String,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    bytes: js_sys::Uint8Array,
}

/// A snapshot in its compact form, and what is shown of it.
#[derive(Serialize)]
struct Parsed<'a> {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    bytes: js_sys::Uint8Array,
    info: SnapshotInfo,
    benchmarks: Vec<Benchmark<'a>>,
    warnings: Vec<String>,
}

/// Parses files, `{name, bytes}[]`, and what goes with them.
#[wasm_bindgen]
pub fn parse(
    sources: JsValue,
    lineage: JsValue,
    model_factors: JsValue,
    task_factors: JsValue,
) -> Result<JsValue, JsValue> {
    let sources: Vec<(String, Vec<u8>)> = read::<Vec<NamedBytes>>(sources)?.into_iter().map(owned).collect();
    let companion = |value| Ok::<_, JsValue>(read::<Option<NamedBytes>>(value)?.map(owned));
    let companions = [companion(lineage)?, companion(model_factors)?, companion(task_factors)?];
    let [lineage, model_factors, task_factors] = companions.each_ref().map(|file| file.as_ref().map(source));
    let sources: Vec<_> = sources.iter().map(source).collect();
    let imported = formats::import(&sources, &Companions { lineage, model_factors, task_factors }).map_err(raise)?;
    let snapshot: &Snapshot = &imported.snapshot;
    write(&Parsed {
        bytes: write_compact(snapshot).as_slice().into(),
        info: SnapshotInfo::of(snapshot),
        benchmarks: Benchmark::all(snapshot),
        warnings: lines(&imported.warnings),
    })
}

fn owned(file: NamedBytes) -> (String, Vec<u8>) {
    (file.name, file.bytes.to_vec())
}

fn source((name, bytes): &(String, Vec<u8>)) -> Source<'_> {
    Source { name, bytes }
}
