//! The module that reads: files of results to snapshots, pasted texts to lineage and scores.

use super::{raise, read, write};
use crate::formats::{self, Companions, GivenScores, KnownScore, Source, Stage};
use crate::lineage::Parent;
use crate::snapshot::{Factors, Writer, write_compact};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

/// The name of pasted text in messages.
const PASTED: &str = "pasted text";

/// `Source` of `pkg/index.d.ts`.
#[derive(Deserialize)]
struct NamedBytes {
    name: String,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    bytes: js_sys::Uint8Array,
}

/// A snapshot for the engine, and the repairs that were made.
#[derive(Serialize)]
struct Parsed {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    snapshot: js_sys::Uint8Array,
    warnings: Vec<String>,
}

/// What a pasted text says, before the engine says what it knows of it.
#[derive(Serialize)]
struct Told<'a> {
    kind: &'a str,
    name: Option<&'a str>,
    date: Option<String>,
    parents: &'a [Parent],
    stages: Vec<Step<'a>>,
    factors: &'a Factors,
    scores: &'a [KnownScore],
    warnings: Vec<String>,
}

/// A stage of a merge.
#[derive(Serialize)]
struct Step<'a> {
    name: Option<&'a str>,
    parents: &'a [Parent],
}

/// Scores of a text: typed ones are all meant, listed ones where the engine has a task for them.
#[derive(Serialize)]
#[serde(untagged)]
enum Scores {
    Typed { typed: Vec<(String, f32)> },
    Listed { listed: Vec<KnownScore>, warnings: Vec<String> },
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
    let mut bytes = Writer::default();
    write_compact(&imported.snapshot, &mut bytes);
    write(&Parsed { snapshot: bytes.finish().as_slice().into(), warnings: lines(&imported.warnings) })
}

/// Reads a pasted text about a model.
#[wasm_bindgen(js_name = readLineage)]
pub fn read_lineage(text: &str) -> Result<JsValue, JsValue> {
    let parsed = formats::parse_lineage(PASTED, text).map_err(raise)?;
    write(&Told {
        kind: parsed.kind,
        name: parsed.name.as_deref(),
        date: parsed.date.map(|date| date.to_string()),
        parents: &parsed.parents,
        stages: parsed.stages.iter().map(step).collect(),
        factors: &parsed.factors,
        scores: &parsed.scores,
        warnings: lines(&parsed.warnings),
    })
}

/// Reads scores that a model has.
#[wasm_bindgen(js_name = readScores)]
pub fn read_scores(text: &str) -> Result<JsValue, JsValue> {
    write(&match formats::read_scores("known scores", text).map_err(raise)? {
        GivenScores::Typed(typed) => Scores::Typed { typed },
        GivenScores::Listed(listed, warnings) => Scores::Listed { listed, warnings: lines(&warnings) },
    })
}

fn step(stage: &Stage) -> Step<'_> {
    Step { name: stage.name.as_deref(), parents: &stage.parents }
}

fn lines(warnings: &[crate::error::Warning]) -> Vec<String> {
    warnings.iter().map(ToString::to_string).collect()
}

fn owned(file: NamedBytes) -> (String, Vec<u8>) {
    (file.name, file.bytes.to_vec())
}

fn source((name, bytes): &(String, Vec<u8>)) -> Source<'_> {
    Source { name, bytes }
}
