//! Scores that a model has already: typed (`ifeval=0.7`), in a card's `model-index`, or in `.eval_results/*.yaml`.

use super::lineage;
use super::short::{parse_scores, within_limit};
use super::yaml::{self, words};
use crate::error::{Error, Place, Result, Warning};
use crate::linalg::parse_number;
use crate::snapshot::canonical_task;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The metric of the Open LLM Leaderboard v2, in which it also writes cards.
const BOARD_METRIC: &str = "normalized_score";
/// More scores of one model are refused.
const MAX_SCORES: usize = 1000;

/// A score that a file tells of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KnownScore {
    /// The task as the file names it.
    pub task: String,
    /// Another name for it, such as that of its dataset.
    pub dataset: Option<String>,
    /// The score, 0 to 1.
    pub score: f32,
    /// Its metric, where that is one that must not be mixed with others.
    pub metric: Option<String>,
}

/// Scores as they were given.
#[derive(Debug, Clone, PartialEq)]
pub enum GivenScores {
    /// Typed by whoever asks: task and score, 0 to 1. Each is meant, so an unknown task is an error.
    Typed(Vec<(String, f32)>),
    /// Taken from a file that may tell of more than anybody asks for; with what was not understood.
    Listed(Vec<KnownScore>, Vec<Warning>),
}

/// Reads known scores: `ifeval=0.7, bbh=45%`, a card with a `model-index`, or the YAML of a file in `.eval_results`. `name`
/// is what errors call the text.
///
/// # Errors
/// If the text is none of these; see [`parse_scores`].
pub fn read_scores(name: &str, text: &str) -> Result<GivenScores> {
    let listed = within_limit(text).and_then(|()| read_listed(text)).map_err(|error| error.at(Place::source(name)))?;
    match listed {
        Some((scores, mut warnings)) => {
            warnings.iter_mut().for_each(|warning| warning.place.source = Some(name.to_owned()));
            Ok(GivenScores::Listed(scores, warnings))
        }
        None => parse_scores(text).map(GivenScores::Typed).map_err(|error| error.at(Place::source(name))),
    }
}

fn read_listed(text: &str) -> Result<Option<(Vec<KnownScore>, Vec<Warning>)>> {
    let starts = |line: &str, key: &str| line.trim_start().trim_start_matches("- ").starts_with(key);
    let mut warnings = Vec::new();
    if text.lines().any(|line| line.starts_with("model-index:")) {
        let parsed = lineage::parse_lineage("", text)?;
        return Ok(Some((parsed.scores, Vec::new())));
    }
    if !text.lines().any(|line| starts(line, "dataset:")) {
        return Ok(None);
    }
    let results = match yaml::read(text)? {
        Value::Array(results) => results,
        other => vec![other],
    };
    Ok(Some((from_eval_results(&results, &mut warnings)?, warnings)))
}

/// The scores of a card's `model-index`. Metrics that are no accuracy are passed over.
pub(super) fn from_model_index(index: &Value, warnings: &mut Vec<Warning>) -> Vec<KnownScore> {
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

/// The scores of a file in `.eval_results`: each names its dataset by its id and, where that has several, its task.
fn from_eval_results(results: &[Value], warnings: &mut Vec<Warning>) -> Result<Vec<KnownScore>> {
    let mut found = Vec::new();
    for (at, result) in results.iter().enumerate() {
        let told = |what: &str| Error::input(format!("entry {}: expected {what}", at + 1));
        let dataset = result.get("dataset");
        let id = dataset.and_then(|dataset| words(dataset.get("id")).or_else(|| words(Some(dataset))));
        let id = last_part(id.ok_or_else(|| told("dataset: {id: org/name}"))?);
        let value = number(result.get("value")).ok_or_else(|| told("value: a number"))?;
        // A part of a benchmark is another task than the whole.
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

/// The board writes percent; so do others where one of their scores is above 1.
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

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = "---
model-index:
- name: x
  results:
  - task: {type: text-generation}
    dataset: {name: MMLU-PRO (5-shot), type: TIGER-Lab/MMLU-Pro}
    metrics: [{type: acc, value: 0.8, name: accuracy}]
    source: {url: https://huggingface.co/spaces/open-llm-leaderboard/open_llm_leaderboard, name: Open LLM Leaderboard}
  - dataset: {name: wiki, type: wikitext}
    metrics: [{type: perplexity, value: 12.5}]
  - dataset: {name: GSM8K, type: openai/gsm8k}
    metrics: [{type: loss, value: 1.5}, {type: exact_match, value: 61.5}]
---
";

    fn listed(text: &str) -> Vec<(String, f32, Option<String>)> {
        let Ok(GivenScores::Listed(scores, _)) = read_scores("x", text) else { panic!("not listed") };
        scores.into_iter().map(|known| (known.task, known.score, known.metric)).collect()
    }

    #[test]
    fn a_card_tells_accuracies_in_their_units() {
        let board = Some("normalized_score".to_owned());
        assert_eq!(listed(CARD), [("MMLU-PRO (5-shot)".into(), 0.008, board), ("GSM8K".into(), 0.615, None)]);
    }

    #[test]
    fn eval_results_name_datasets_and_their_parts() {
        let text = "- dataset:\n    id: Idavidrein/gpqa\n    task_id: diamond\n  value: 20.9\n- dataset: {id: TIGER-Lab/MMLU-Pro, task_id: mmlu_pro}\n  value: 1\n";
        assert_eq!(listed(text), [("gpqa_diamond".into(), 0.209, None), ("MMLU-Pro".into(), 0.01, None)]);
        let message = read_scores("r.yaml", "- dataset: {id: a/b}\n  value: high\n").unwrap_err().to_string();
        assert_eq!(message, "r.yaml: entry 1: expected value: a number");
    }

    #[test]
    fn what_is_typed_stays_as_it_is() {
        assert_eq!(read_scores("x", "ifeval=0.7"), Ok(GivenScores::Typed(vec![("ifeval".into(), 0.7)])));
        assert!(read_scores("x", "nothing").unwrap_err().to_string().starts_with("x: expected entries"));
    }
}
