//! Runs of HELM: `stats.json`, the statistics of one scenario and model, read with the `run_spec.json` beside it. Without
//! that file the name of the folder tells the scenario and the model.
//!
//! One statistic is read, the main metric of the scenario, on the test split (or the valid split where there is no other)
//! and without perturbation of the inputs. Costs, bias, toxicity and the other metrics are left out.

use super::{File, number};
use crate::error::{Error, Result};
use crate::formats::collection::{Collection, Measure};
use crate::formats::yaml::words;
use crate::snapshot::{Declared, Detail, Range};
use serde_json::Value;

pub(super) fn recognise(value: &Value) -> bool {
    is_statistics(value) || is_run(value)
}

fn is_statistics(value: &Value) -> bool {
    let first = value.as_array().and_then(|list| list.first());
    first.is_some_and(|first| {
        first["name"]["name"].is_string() && (first["count"].is_number() || first["mean"].is_number())
    })
}

fn is_run(value: &Value) -> bool {
    value.get("adapter_spec").is_some_and(Value::is_object) && value.get("name").is_some_and(Value::is_string)
}

/// The other files of a run's folder.
const OTHERS: [&str; 6] = [
    "per_instance_stats.json",
    "scenario_state.json",
    "scenario.json",
    "instances.json",
    "display_predictions.json",
    "display_requests.json",
];

/// Whether a file describes the run whose statistics lie beside it, or holds its single items.
pub(super) fn is_companion(file: &File<'_>) -> bool {
    if is_run(file.value) {
        return file.folder.beside(file.name, "stats.json").is_some();
    }
    let name = file.name.rsplit('/').next().unwrap_or(file.name);
    OTHERS.contains(&name)
        && file.folder.beside(file.name, "run_spec.json").is_some_and(|text| text.contains("\"adapter_spec\""))
}

pub(super) fn read(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let Some(statistics) = file.value.as_array() else {
        let message = "describes a run of HELM and holds no results; give the stats.json of its folder too";
        return Err(Error::input(message).at(to.at("adapter_spec")));
    };
    let run = file.folder.beside(file.name, "run_spec.json");
    let run: Value = run.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let folder = file.name.rsplit('/').nth(1).filter(|name| name.contains("model="));
    let name = words(run.get("name")).or(folder).map(Name::of);
    let model = words(run["adapter_spec"].get("model")).map(str::to_owned);
    let model = model.or_else(|| name.as_ref()?.model());
    let Some((name, model)) = name.zip(model) else {
        let message = "names no model; give the run_spec.json of its folder too, or keep the folder's name \
                       (scenario:argument=value,model=org_name)";
        return Err(Error::input(message).at(to.at("name")));
    };
    if run.is_null() {
        to.warn("there is no run_spec.json beside it; the folder's name tells the scenario and the model");
    }
    let method = words(run["adapter_spec"].get("method")).or_else(|| name.argument("method")).unwrap_or_default();
    let Some((metric, split)) = main_metric(statistics, name.scenario, method) else {
        to.leave_out("statistics", "no measure of quality on the test or valid split", statistics.len());
        return Ok(());
    };
    let model = to.model(&model);
    let measure = Measure {
        subset: name.subset(),
        split: Some(split.to_owned()),
        declared: metric.declared,
        ..Measure::new(name.scenario, Some(metric.name))
    };
    let items = find(statistics, "num_instances", split).map_or(metric.count, |(mean, _)| mean);
    let items = Some(items).filter(|items| *items > 1.0).map(|items| items.round() as u32);
    to.score(model, &measure, metric.value, Detail { items, ..Detail::default() });
    to.leave_out(
        "statistics",
        "costs, metrics besides the main one, other splits, or perturbed inputs",
        statistics.len() - 1,
    );
    Ok(())
}

/// The mean and count of a statistic on unchanged inputs.
fn find(statistics: &[Value], name: &str, split: &str) -> Option<(f64, f64)> {
    let is_it = |of: &Value| {
        words(of.get("name")) == Some(name)
            && words(of.get("split")) == Some(split)
            && of.get("perturbation").is_none_or(Value::is_null)
            && of.get("sub_split").is_none_or(Value::is_null)
    };
    let found = statistics.iter().find(|statistic| statistic.get("name").is_some_and(is_it))?;
    let count = number(found.get("count")).unwrap_or(1.0);
    let mean = number(found.get("mean")).or_else(|| Some(number(found.get("sum"))? / count));
    Some((mean.filter(|mean| mean.is_finite() && count > 0.0)?, count))
}

/// The main metrics of scenarios in order of preference; the bool tells fractions. A scenario that states the F1 score of
/// its answers is one of free answers, which seldom match exactly.
const METRICS: [(&str, bool); 22] = [
    ("chain_of_thought_correctness", true),
    ("omni_math_accuracy", true),
    ("ifeval_strict_accuracy", true),
    ("wildbench_score_rescaled", true),
    ("wildbench_score", false),
    ("math_equiv_chain_of_thought", true),
    ("math_equiv", true),
    ("final_number_exact_match", true),
    ("exact_match_indicator", true),
    ("pass", true),
    ("test_avg", true),
    ("NDCG@10", true),
    ("RR@10", true),
    ("rouge_2", true),
    ("f1_score", true),
    ("exact_match", true),
    ("quasi_exact_match", true),
    ("accuracy", true),
    ("rouge_l", true),
    ("bleu_4", true),
    ("safety_score", true),
    ("bits_per_byte", false),
];

struct Metric {
    name: &'static str,
    declared: Declared,
    value: f64,
    count: f64,
}

/// The main metric of a scenario and its split.
fn main_metric<'s>(statistics: &[Value], scenario: &str, method: &str) -> Option<(Metric, &'s str)> {
    let first = if scenario.starts_with("wmt") {
        "bleu_4" // translation
    } else if method.starts_with("multiple_choice") {
        "exact_match"
    } else {
        // Free answers: beside a metric of their own, or else without regard to case and punctuation.
        let special = METRICS.iter().take_while(|(name, _)| *name != "exact_match");
        let has_special = special.into_iter().any(|(name, _)| find(statistics, name, "test").is_some());
        if has_special { "" } else { "quasi_exact_match" }
    };
    let by_preference = || METRICS.iter().filter(|(name, _)| *name == first).chain(&METRICS);
    ["test", "valid"].into_iter().find_map(|split| {
        by_preference().find_map(|&(name, is_fraction)| {
            let (value, count) = find(statistics, name, split)?;
            let declared = if is_fraction { Declared::Range(Range::FRACTION) } else { Declared::Open };
            Some((Metric { name, declared, value, count }, split))
        })
    })
}

/// The name of a run: `scenario:argument=value,…,model=org_name`. In the names of folders another mark may stand for the
/// colon.
pub(super) struct Name<'a> {
    scenario: &'a str,
    arguments: Vec<(&'a str, &'a str)>,
}

/// Arguments that tell how a scenario is run, and not which part of it.
const SETTINGS: [&str; 20] = [
    "model",
    "model_deployment",
    "method",
    "data_augmentation",
    "stop",
    "instructions",
    "groups",
    "eval_split",
    "train_split",
    "max_train_instances",
    "max_eval_instances",
    "num_train_trials",
    "num_trials",
    "num_prompts",
    "num_outputs",
    "temperature",
    "global_prefix",
    "global_suffix",
    "follow_format_instructions",
    "output_format_instructions",
];

impl<'a> Name<'a> {
    pub(super) fn of(name: &'a str) -> Self {
        let (scenario, rest) = name.split_once(':').unwrap_or_else(|| {
            let equals = name.find('=').unwrap_or(name.len());
            match name[..equals].rfind(['-', ',']) {
                Some(end) if equals < name.len() => (&name[..end], &name[end + 1..]),
                _ => (name, ""),
            }
        });
        Self { scenario, arguments: rest.split(',').filter_map(|argument| argument.split_once('=')).collect() }
    }

    fn argument(&self, key: &str) -> Option<&'a str> {
        self.arguments.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)
    }

    /// The id of the model, in which the first underscore stands for a slash.
    pub(super) fn model(&self) -> Option<String> {
        let name = self.argument("model").filter(|name| !name.is_empty())?;
        Some(if name.contains('/') { name.to_owned() } else { name.replacen('_', "/", 1) })
    }

    /// The part of the scenario: the values of its own arguments, with their names where these are no words.
    fn subset(&self) -> Option<String> {
        let own = self.arguments.iter().filter(|(key, value)| !SETTINGS.contains(key) && !value.is_empty());
        let is_word =
            |value: &str| value.contains(|c: char| c.is_alphabetic()) && !matches!(value, "True" | "False" | "None");
        let own: Vec<String> = own
            .map(|(key, value)| if is_word(value) { (*value).to_owned() } else { format!("{key}={value}") })
            .collect();
        (!own.is_empty()).then(|| own.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, read_other_shapes, scores, try_read};
    use super::*;
    use crate::snapshot::{ModelIndex, TaskIndex};

    const RUN: &str = r#"{"name": "quiz:subject=law,method=multiple_choice_joint,model=acme_bird-7b",
      "adapter_spec": {"method": "multiple_choice_joint", "model": "acme/bird-7b"}, "groups": ["quiz"]}"#;

    fn statistic(name: &str, split: &str, mean: f64) -> String {
        format!(r#"{{"name": {{"name": "{name}", "split": "{split}"}}, "count": 1, "sum": {mean}, "mean": {mean}}}"#)
    }

    fn statistics() -> String {
        let perturbed = r#"{"name": {"name": "exact_match", "split": "test", "perturbation": {"name": "typos"}}, "count": 1, "mean": 0.1}"#;
        let mut all = vec![perturbed.to_owned()];
        for (name, mean) in
            [("num_prompt_tokens", 350.0), ("quasi_exact_match", 0.5), ("exact_match", 0.4), ("num_instances", 9.0)]
        {
            all.push(statistic(name, "test", mean));
        }
        all.push(statistic("exact_match", "valid", 0.2));
        format!("[{}]", all.join(","))
    }

    #[test]
    fn a_run_is_read_with_its_description_in_either_order() {
        let statistics = statistics();
        let mut files = [
            ("r/run_spec.json", RUN),
            ("r/stats.json", &statistics),
            ("r/per_instance_stats.json", r#"[{"instance_id": "a", "stats": []}]"#),
        ];
        for _ in 0..2 {
            let imported = read(&files);
            assert_eq!(scores(&imported), ["acme/bird-7b quiz/law 0.4"]);
            let task = &imported.snapshot.tasks[0];
            assert_eq!((task.metric.as_deref(), task.range), (Some("exact_match"), Some(Range::FRACTION)));
            assert_eq!(imported.snapshot.details.get(ModelIndex(0), TaskIndex(0)).unwrap().items, Some(9));
            assert_eq!(imported.report.dropped[0].count, 5);
            assert!(imported.warnings.is_empty(), "{:?}", imported.warnings);
            files.reverse();
        }
    }

    #[test]
    fn statistics_alone_are_named_by_their_folder() {
        let statistics = statistics();
        let imported =
            read(&[("runs/quiz-subject=law,method=multiple_choice_joint,model=acme_bird_7b/stats.json", &statistics)]);
        assert_eq!(scores(&imported), ["acme/bird_7b quiz/law 0.4"]);
        assert!(imported.warnings[0].to_string().contains("no run_spec.json"));
        let refused = |name: &str, text: &str| try_read(&[(name, text)]).unwrap_err().to_string();
        assert!(refused("runs/stats.json", &statistics).contains("names no model"));
        assert!(refused("run_spec.json", RUN).contains("give the stats.json"));
        let costs = format!("[{}]", statistic("num_bytes", "test", 3.0));
        assert!(refused("q:model=a_b/stats.json", &costs).contains("1 statistics: no measure of quality"));
    }

    #[test]
    fn the_main_metric_depends_on_the_scenario() {
        let chosen = |names: &[(&str, &str)], scenario: &str, method: &str| {
            let list: Vec<String> = names.iter().map(|(name, split)| statistic(name, split, 0.5)).collect();
            let list: Value = serde_json::from_str(&format!("[{}]", list.join(","))).unwrap();
            main_metric(list.as_array().unwrap(), scenario, method).map(|(metric, split)| (metric.name, split))
        };
        let generation =
            [("exact_match", "test"), ("quasi_exact_match", "test"), ("f1_score", "test"), ("bleu_4", "test")];
        assert_eq!(chosen(&generation, "stories", "generation"), Some(("f1_score", "test")));
        assert_eq!(chosen(&generation[..2], "yes_no", "generation"), Some(("quasi_exact_match", "test")));
        assert_eq!(chosen(&generation, "wmt_14", "generation"), Some(("bleu_4", "test")));
        assert_eq!(chosen(&[("exact_match", "valid")], "quiz", ""), Some(("exact_match", "valid")));
        assert_eq!(chosen(&[("max_prob", "test")], "quiz", ""), None);
    }

    #[test]
    fn names_of_runs_have_parts() {
        let parts = |name| {
            let name = Name::of(name);
            (name.scenario.to_owned(), name.subset(), name.model())
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(parts("stories-model=acme_bird"), ("stories".to_owned(), None, text("acme/bird")));
        assert_eq!(
            parts("math:subject=algebra,level=1,max_train_instances=8,model=acme/bird"),
            ("math".to_owned(), text("algebra,level=1"), text("acme/bird"))
        );
        assert_eq!(parts("a-b"), ("a-b".to_owned(), None, None));
        assert_eq!(parts("=x"), ("=x".to_owned(), None, None));
    }

    #[test]
    fn other_lists_are_no_statistics() {
        for text in ["[]", "{}", "[1]", r#"[{"name": "a", "count": 1}]"#, r#"[{"name": {"name": "a"}}]"#] {
            assert!(!recognise(&serde_json::from_str(text).unwrap()), "{text}");
        }
    }

    #[test]
    fn no_shape_of_json_panics() {
        read_other_shapes("quiz:model=a_b/stats.json", &statistics());
        read_other_shapes("run_spec.json", RUN);
    }
}
