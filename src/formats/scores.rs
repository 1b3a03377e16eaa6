//! Known scores of a model: typed (`ifeval=0.7`), in the `model-index` of a card, or in `.eval_results/*.yaml`.

use super::lineage;
use super::lineage::known::{KnownScore, NOT_USED, from_eval_results};
use super::short::{parse_scores, within_limit};
use super::yaml;
use crate::error::{Error, Place, Result, Warning};
use serde_json::Value;

/// Known scores as written, typed or from a file.
#[derive(Debug, Clone, PartialEq)]
pub enum GivenScores {
    /// Typed by the user. An unknown task is an error.
    Typed(Vec<KnownScore>),
    /// From a file, whose unknown tasks are ignored; with warnings about entries that were left out.
    Listed(Vec<KnownScore>, Vec<Warning>),
}

/// Reads known scores: `ifeval=0.7, bbh=45%`, a card with a `model-index`, or the YAML of a file in `.eval_results`.
/// Errors and warnings name the text `name`.
///
/// # Errors
/// If the text has none of these forms, see [`parse_scores`], or if no entry of a file can be read.
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
    if text.lines().any(|line| line.starts_with("model-index:")) {
        let mut parsed = lineage::parse_lineage("", text)?;
        parsed.warnings.retain(|warning| warning.message.starts_with(NOT_USED));
        return some_read(parsed.scores, parsed.warnings);
    }
    let states_dataset = |line: &str| line.trim_start_matches(['-', '{', ' ', '\t']).starts_with("dataset:");
    if !text.lines().any(states_dataset) {
        return Ok(None);
    }
    let results = match yaml::read(text)? {
        Value::Array(results) => results,
        other => vec![other],
    };
    let mut warnings = Vec::new();
    some_read(from_eval_results(&results, &mut warnings), warnings)
}

/// The scores and the warnings; an error if no entry could be read.
fn some_read(scores: Vec<KnownScore>, warnings: Vec<Warning>) -> Result<Option<(Vec<KnownScore>, Vec<Warning>)>> {
    match &warnings[..] {
        [Warning { message, .. }]
            if scores.is_empty() && !message.contains("; ") && message.contains(" (expected ") =>
        {
            Err(Error::input(message.clone()))
        }
        _ => Ok(Some((scores, warnings))),
    }
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

    /// The scores of a file as `task value metric`, and its warnings.
    fn listed(text: &str) -> (Vec<String>, Vec<String>) {
        let Ok(GivenScores::Listed(scores, warnings)) = read_scores("x", text) else { panic!("not listed") };
        let line = |known: &KnownScore| {
            let sign = if known.percent { "%" } else { "" };
            format!("{} {}{sign} {}", known.task, known.value, known.metric.as_deref().unwrap_or("-"))
        };
        (scores.iter().map(line).collect(), warnings.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn accuracies_of_a_card_keep_their_values_and_other_metrics_stay_out() {
        let (scores, warnings) = listed(CARD);
        assert_eq!(scores, ["MMLU-PRO (5-shot) 0.8% normalized_score", "GSM8K 61.5 -"]);
        assert_eq!(warnings, ["x: known scores not used: wiki perplexity, GSM8K loss (no accuracy)"]);
    }

    #[test]
    fn parts_of_a_dataset_are_named_once() {
        let text = "- {dataset: {id: Idavidrein/gpqa, task_id: diamond}, value: 20.9}
- {dataset: {id: Idavidrein/gpqa, task_id: gpqa_main}, value: 45%}
- {dataset: {id: Idavidrein/gpqa, config: extended}, value: '1'}
- {dataset: {id: TIGER-Lab/MMLU-Pro, task_id: mmlu_pro}, value: 1}
- {dataset: google/IFEval, value: 0.5}
- {dataset: {id: a/IFEval, task_id: a/ifeval}, metrics: [{metric_id: loss, value: 2}, {metric_id: accuracy, value: 20.9}]}
- {dataset: {id: a/aime, task_id: 2026}, metric: wer, value: 3}
";
        let (scores, warnings) = listed(text);
        let expected = ["gpqa diamond 20.9 -", "gpqa_main 45% -", "gpqa extended 1 -", "MMLU-Pro 1 -", "IFEval 0.5 -"];
        assert_eq!((&scores[..5], scores[5].as_str()), (&expected.map(str::to_owned)[..], "IFEval 20.9 -"));
        assert_eq!(warnings, ["x: known scores not used: IFEval loss, aime 2026 wer (no accuracy)"]);
    }

    #[test]
    fn parts_of_a_dataset_in_a_card_are_not_the_dataset() {
        let of = |name: &str, dataset: &str| {
            let text = format!(
                "---\nmodel-index:\n- results:\n  - dataset: {{name: {name}, {dataset}}}\n    metrics: [{{type: acc, value: 5}}]\n"
            );
            let parsed = read_scores("x", &(text + "---\n")).unwrap();
            let GivenScores::Listed(scores, _) = parsed else { panic!("not listed") };
            (scores[0].task.clone(), scores[0].subset.clone())
        };
        for (name, dataset, task, subset) in [
            ("MMLU-Pro", "type: a/MMLU-Pro, config: law", "MMLU-Pro law", Some("law")),
            ("MMLU-Pro (law)", "type: a/MMLU-Pro, config: law", "MMLU-Pro (law)", Some("law")),
            ("MMLU-Pro", "type: a/MMLU-Pro, args: law", "MMLU-Pro law", Some("law")),
            ("MMLU-Pro", "type: a/MMLU-Pro, subset: law", "MMLU-Pro law", Some("law")),
            ("MMLU-Pro", "type: a/MMLU-Pro, args: {subject: law, num_few_shot: 5}", "MMLU-Pro law", Some("law")),
            ("MMLU-Pro", "type: a/MMLU-Pro, config: law, args: law", "MMLU-Pro law", Some("law")),
            ("MMLU-Pro", "type: a/MMLU-Pro, config: default, args: {num_few_shot: 5}", "MMLU-Pro", None),
            ("GSM8K", "type: openai/gsm8k, config: main, args: 5-shot", "GSM8K", None),
            ("openai/gsm8k", "type: openai/gsm8k, config: gsm8k", "gsm8k", None),
        ] {
            assert_eq!(of(name, dataset), (task.to_owned(), subset.map(str::to_owned)), "{name} {dataset}");
        }
    }

    #[test]
    fn an_unreadable_entry_is_an_error_only_if_it_is_the_only_one() {
        let text = "- {dataset: {id: a/b}, value: high}\n- {dataset: {id: a/c}}\n- {dataset: {id: a/d}, value: 5}\n";
        let (scores, warnings) = listed(text);
        assert_eq!(scores, ["d 5 -"]);
        assert_eq!(warnings, ["x: known scores not used: b in entry 1, c in entry 2 (expected value: a number)"]);
        let message = read_scores("r.yaml", "- dataset: {id: a/b}\n  value: high\n").unwrap_err().to_string();
        assert_eq!(message, "r.yaml: known scores not used: b in entry 1 (expected value: a number)");
    }

    #[test]
    fn typed_scores_keep_the_names_of_their_tasks() {
        let known = KnownScore { task: "ifeval".into(), value: 0.7, ..KnownScore::default() };
        assert_eq!(read_scores("x", "ifeval=0.7"), Ok(GivenScores::Typed(vec![known])));
        assert!(read_scores("x", "nothing").unwrap_err().to_string().starts_with("x: expected entries"));
    }
}
