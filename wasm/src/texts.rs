//! The module that reads pasted texts: lineage in all its forms, and known scores.

use super::{lines, raise, write};
use eyas::formats::{self, GivenScores, KnownScore, ParsedLineage, Stage};
use eyas::lineage::{Parent, Relation};
use eyas::snapshot::Factors;
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// The name of pasted text in messages.
const PASTED: &str = "pasted text";

/// The contents of a text, before they are resolved against a snapshot.
#[derive(Serialize)]
struct ParsedText<'a> {
    kind: &'a str,
    id: Option<&'a str>,
    name: Option<&'a str>,
    date: Option<String>,
    parents: Vec<Listed<'a>>,
    stages: Vec<Step<'a>>,
    factors: &'a Factors,
    scores: &'a [KnownScore],
    warnings: Vec<String>,
}

/// A parent, and the name that it may have as a whole instead of id and weight.
#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    relation: Relation,
    weight: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    whole: Option<&'a str>,
}

/// A stage of a merge.
#[derive(Serialize)]
struct Step<'a> {
    name: Option<&'a str>,
    parents: &'a [Parent],
}

/// Scores of a text: typed ones must all have a task, listed ones are used if they have one.
#[derive(Serialize)]
struct Scores {
    typed: Option<Vec<KnownScore>>,
    listed: Vec<KnownScore>,
    warnings: Vec<String>,
}

/// Typed facts of a model.
#[derive(Serialize)]
struct Typed<'a> {
    name: Option<&'a str>,
    date: Option<String>,
    factors: &'a Factors,
}

/// Reads a pasted text about a model.
#[wasm_bindgen(js_name = readLineage)]
pub fn read_lineage(text: &str) -> Result<JsValue, JsValue> {
    let parsed = formats::parse_lineage(PASTED, text).map_err(raise)?;
    write(&ParsedText {
        kind: parsed.kind,
        id: parsed.id(),
        name: parsed.name.as_deref(),
        date: parsed.date.map(|date| date.to_string()),
        parents: listed(&parsed),
        stages: parsed.stages.iter().map(step).collect(),
        factors: &parsed.factors,
        scores: &parsed.scores,
        warnings: lines(&parsed.warnings),
    })
}

/// Reads facts as they are typed: `params=8B, type=chat, date=2025-06-01`.
#[wasm_bindgen(js_name = readFacts)]
pub fn read_facts(text: &str) -> Result<JsValue, JsValue> {
    let facts = formats::parse_facts(text).map_err(raise)?;
    write(&Typed {
        name: facts.name.as_deref(),
        date: facts.date.map(|date| date.to_string()),
        factors: &facts.factors,
    })
}

/// Reads the known scores of a model.
#[wasm_bindgen(js_name = readScores)]
pub fn read_scores(text: &str) -> Result<JsValue, JsValue> {
    write(&match formats::read_scores("known scores", text).map_err(raise)? {
        GivenScores::Typed(typed) => Scores { typed: Some(typed), listed: Vec::new(), warnings: Vec::new() },
        GivenScores::Listed(listed, warnings) => Scores { typed: None, listed, warnings: lines(&warnings) },
    })
}

fn listed(parsed: &ParsedLineage) -> Vec<Listed<'_>> {
    let whole = |at: usize| parsed.whole_names.get(at).and_then(Option::as_deref);
    let parents = parsed.parents.iter().enumerate();
    let parents = parents.map(|(at, parent)| {
        let Parent { id, relation, weight } = parent;
        Listed { id, relation: *relation, weight: *weight, whole: whole(at) }
    });
    parents.collect()
}

fn step(stage: &Stage) -> Step<'_> {
    Step { name: stage.name.as_deref(), parents: &stage.parents }
}
