//! Scores that a model's own files state: a card's `model-index`, and `.eval_results/*.yaml`.

use crate::error::{Error, Result, Warning};
use crate::formats::yaml::words;
use crate::linalg::parse_number;
use crate::snapshot::canonical_task;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most scores of one model; further scores are ignored.
const MAX_SCORES: usize = 1000;

/// The metric of the Open LLM Leaderboard v2, also in the cards that it writes.
const BOARD_METRIC: &str = "normalized_score";

/// A score of a model that a file states.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KnownScore {
    /// The name of the task in the file.
    pub task: String,
    /// Another name of the task, such as that of its dataset.
    pub dataset: Option<String>,
    /// The score, 0 to 1.
    pub score: f32,
    /// Its metric, if this is known and must not be mixed with others.
    pub metric: Option<String>,
}

/// The scores of a card's `model-index`. Metrics other than accuracies are ignored.
pub(in crate::formats) fn from_model_index(index: &Value, warnings: &mut Vec<Warning>) -> Vec<KnownScore> {
    let results = index.as_array().into_iter().flatten().filter_map(|model| model.get("results")?.as_array());
    let mut found = Vec::new();
    for result in results.flatten() {
        let Some(dataset) = result.get("dataset") else { continue };
        let (name, kind) = (words(dataset.get("name")), words(dataset.get("type")).map(last_part));
        let metrics = result.get("metrics").and_then(Value::as_array);
        let metric = metrics.into_iter().flatten().find(|metric| is_accuracy(metric));
        let value = metric.and_then(|metric| number(metric.get("value")));
        let (Some(task), Some(value)) = (name.or(kind), value) else { continue };
        let source = result.get("source").and_then(|source| words(source.get("url")));
        let board = source.is_some_and(|url| url.contains("/open-llm-leaderboard/"));
        found.push(Stated { task: task.to_owned(), dataset: kind.map(str::to_owned), value, board });
    }
    scores(found, warnings)
}

/// The scores of a file in `.eval_results`. Each entry states the id of its dataset and, if that has several tasks, its
/// task.
pub(in crate::formats) fn from_eval_results(results: &[Value], warnings: &mut Vec<Warning>) -> Result<Vec<KnownScore>> {
    let mut found = Vec::new();
    for (at, result) in results.iter().enumerate() {
        let expected = |form: &str| Error::input(format!("entry {}: expected {form}", at + 1));
        let dataset = result.get("dataset");
        let id = dataset.and_then(|dataset| words(dataset.get("id")).or_else(|| words(Some(dataset))));
        let id = last_part(id.ok_or_else(|| expected("dataset: {id: org/name}"))?);
        let value = number(result.get("value")).ok_or_else(|| expected("value: a number"))?;
        // A part of a benchmark and the whole benchmark are different tasks.
        let part = dataset.and_then(|dataset| words(dataset.get("task_id"))).unwrap_or("default");
        let whole = part == "default" || canonical_task(part) == canonical_task(id);
        let task = if whole { id.to_owned() } else { format!("{id}_{part}") };
        found.push(Stated { task, dataset: None, value, board: false });
    }
    Ok(scores(found, warnings))
}

/// A score before its unit is known.
struct Stated {
    task: String,
    dataset: Option<String>,
    value: f64,
    board: bool,
}

/// Converts scores to 0..1. The board's scores are percentages; the others are percentages if one of them is above 1.
fn scores(found: Vec<Stated>, warnings: &mut Vec<Warning>) -> Vec<KnownScore> {
    let percent = found.iter().any(|stated| !stated.board && stated.value > 1.0);
    let mut scores: Vec<KnownScore> = Vec::new();
    for Stated { task, dataset, value, board } in found {
        let score = if board || percent { value / 100.0 } else { value };
        let known = |known: &KnownScore| canonical_task(&known.task) == canonical_task(&task);
        if !(0.0..=1.0).contains(&score) {
            let task: String = task.chars().take(60).collect();
            warnings.push(Warning::new(format!("the score {value} on \"{task}\" is no accuracy and was left out")));
        } else if scores.len() < MAX_SCORES && !scores.iter().any(known) {
            let metric = board.then(|| BOARD_METRIC.to_owned());
            scores.push(KnownScore { task, dataset, score: score as f32, metric });
        }
    }
    scores
}

fn is_accuracy(metric: &Value) -> bool {
    let kind = words(metric.get("type")).unwrap_or_default().to_ascii_lowercase();
    ["acc", "exact_match", "pass@", "mc1", "mc2"].iter().any(|word| kind.contains(word)) || kind == "em"
}

fn number(value: Option<&Value>) -> Option<f64> {
    let value = value?;
    let text = || parse_number(value.as_str()?.trim().trim_end_matches('%').trim_end());
    value.as_f64().or_else(text).filter(|number| number.is_finite())
}

fn last_part(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}
