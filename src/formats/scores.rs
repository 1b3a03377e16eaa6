//! Known scores of a model: typed (`ifeval=0.7`), in the `model-index` of a card, or in `.eval_results/*.yaml`.

use super::lineage;
use super::lineage::known::{KnownScore, from_eval_results};
use super::short::{parse_scores, within_limit};
use super::yaml;
use crate::error::{Place, Result, Warning};
use serde_json::Value;

/// Known scores, typed or from a file.
#[derive(Debug, Clone, PartialEq)]
pub enum GivenScores {
    /// Typed by the user: task and score, 0 to 1. An unknown task is an error.
    Typed(Vec<(String, f32)>),
    /// From a file, whose unknown tasks are ignored; with warnings about entries that were left out.
    Listed(Vec<KnownScore>, Vec<Warning>),
}

/// Reads known scores: `ifeval=0.7, bbh=45%`, a card with a `model-index`, or the YAML of a file in `.eval_results`.
/// Errors and warnings name the text `name`.
///
/// # Errors
/// If the text has none of these forms; see [`parse_scores`].
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
    fn accuracies_of_a_card_are_converted_from_their_units() {
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
    fn typed_scores_keep_the_names_of_their_tasks() {
        assert_eq!(read_scores("x", "ifeval=0.7"), Ok(GivenScores::Typed(vec![("ifeval".into(), 0.7)])));
        assert!(read_scores("x", "nothing").unwrap_err().to_string().starts_with("x: expected entries"));
    }
}
