//! Results that the hub keeps with a model: files in `.eval_results`, and the `model-index` of a model card. Their folder
//! tells the model. A card also gives the model's parents.
//!
//! A value above 1 of an accuracy is a percentage; both scales occur, also in one file.

use super::{File, time_of};
use crate::error::{Error, Place, Result};
use crate::formats::collection::{Collection, Measure};
use crate::formats::folder::Folder;
use crate::formats::folder::{model_of_folder, stem};
use crate::formats::lineage::known;
use crate::formats::lineage::parse_lineage;
use crate::formats::part::Part;
use crate::formats::yaml::{self, words};
use crate::snapshot::{DataSource, Declared, Detail, Range, metric_facts, name_words, parse_day};
use serde_json::Value;

/// Reads a text in one of the forms of the hub; `None` if it has another form.
pub(in crate::formats) fn read_text(name: &str, text: &str, folder: &Folder<'_>) -> Option<Result<Part>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first =
        text.lines().map(str::trim_end).find(|line| !line.trim().is_empty() && !line.trim().starts_with('#'))?;
    let is_yaml = [".yaml", ".yml", ".yaml.gz", ".yml.gz"].iter().any(|end| name.ends_with(end));
    let is_list =
        first.trim_start_matches(['-', '{', '[', ' ']).starts_with("dataset:") && first.contains(['-', '{', '[']);
    if first == "---" && text.lines().any(|line| line.starts_with("model-index:")) {
        return Some(read_card(name, text));
    }
    (is_yaml || is_list).then(|| read_yaml(name, text, folder))
}

/// The source of results that state none.
const HUB: &str = "Hugging Face Hub";

fn read_yaml(name: &str, text: &str, folder: &Folder<'_>) -> Result<Part> {
    let value = yaml::read(text).map_err(|error| error.at(Place::source(name)))?;
    let is_entry = |entry: &Value| {
        entry.get("dataset").is_some() && (entry.get("value").is_some() || entry.get("metrics").is_some())
    };
    let file = File { name, value: &value, folder };
    match &value {
        Value::Array(list) if list.iter().any(is_entry) => gather(&file, |to| read_entries(&file, list, to)),
        entry if is_entry(entry) => gather(&file, |to| read_entries(&file, std::slice::from_ref(entry), to)),
        Value::Object(_) if value.get("model-index").is_some() => read_card(name, &format!("---\n{text}\n---\n")),
        _ => Err(Error::input(refused(&value)).at(Place::source(name))),
    }
}

fn refused(value: &Value) -> String {
    let has = |key: &str| value.get(key).is_some();
    if has("evaluation_framework") || (has("tasks") && has("name")) {
        return "describes a benchmark (eval.yaml) and holds no results".to_owned();
    }
    if has("merge_method") || has("base_model") {
        return "describes a model and holds no results; give it as --lineage to predict".to_owned();
    }
    "this YAML holds no results; read are entries of .eval_results (dataset: {id: org/name}, value: 0.5) and cards with a \
     model-index"
        .to_owned()
}

fn gather<'a>(file: &File<'a>, fill: impl FnOnce(&mut Collection<'a>) -> Result<()>) -> Result<Part> {
    let mut to = Collection::new(file.name);
    fill(&mut to)?;
    to.finish(HUB)
}

/// Reads the entries of a file in `.eval_results`, also in the earlier draft that lists `metrics`.
fn read_entries(file: &File<'_>, entries: &[Value], to: &mut Collection<'_>) -> Result<()> {
    let model = match model_of_folder(file.name).or_else(|| folder_above(file.name, ".eval_results")) {
        Some(id) => to.model(&id),
        None => super::model_name::from_path(file.name, to),
    };
    entries.iter().for_each(|entry| read_entry(model, entry, to));
    Ok(())
}

/// Reads an entry of a file in `.eval_results`.
pub(super) fn read_entry(model: u32, entry: &Value, to: &mut Collection<'_>) {
    let dataset = entry.get("dataset").unwrap_or(&Value::Null);
    let Some(id) = words(dataset.get("id")).or_else(|| words(Some(dataset))).map(known::last_part) else {
        to.leave_out("entries", "expected dataset: {id: org/name}", 1);
        return;
    };
    let source = words(entry.get("source").and_then(|source| source.get("name")));
    let source = source.map(|name| to.source(DataSource::new(name, DataSource::NOT_STATED)));
    let detail = Detail { date: words(entry.get("date")).and_then(parse_day), source, ..Detail::default() };
    to.time = to.time.or_else(|| time_of(entry.get("date")));
    let listed = entry.get("metrics").and_then(Value::as_array);
    match listed.filter(|_| entry.get("value").is_none_or(Value::is_null)) {
        Some(metrics) => metrics.iter().for_each(|metric| add(model, id, id, dataset, metric, detail, to)),
        None => add(model, id, id, dataset, entry, detail, to),
    }
}

/// Adds the score with the value in `of`, of a dataset or its part.
fn add(model: u32, name: &str, id: &str, dataset: &Value, of: &Value, detail: Detail, to: &mut Collection<'_>) {
    let Some((value, percent)) = known::number(of.get("value")) else {
        to.leave_out("entries", "expected value: a number", 1);
        return;
    };
    let metric = known::METRIC_KEYS.iter().find_map(|key| words(of.get(key)));
    let named = known::named(name, id, dataset);
    let measure = Measure {
        id: Some(named.task),
        subset: named.subset,
        split: words(dataset.get("split")).map(str::to_owned),
        declared: if percent { Declared::Range(Range::PERCENT) } else { declared(metric, value) },
        ..Measure::new(named.dataset.as_deref().unwrap_or(id), metric)
    };
    to.score(model, &measure, value, detail);
}

/// The unit of a single value: fractions and percentages of shares, and none for other metrics above 1.
fn declared(metric: Option<&str>, value: f64) -> Declared {
    const SHARES: [&str; 16] = [
        "acc",
        "accuracy",
        "exact match",
        "em",
        "f1",
        "pass",
        "bleu",
        "rouge",
        "chrf",
        "ndcg",
        "map",
        "mrr",
        "precision",
        "recall",
        "mc2",
        "solved",
    ];
    let facts = metric.map(metric_facts);
    if let Some(facts) = facts.filter(|facts| facts.range != Declared::Nothing) {
        return facts.range;
    }
    let words = metric.map(name_words).unwrap_or_default();
    let is_share = metric.is_none() || SHARES.iter().any(|share| words.contains(&format!(" {share}")));
    match value {
        value if (0.0..=1.0).contains(&value) => Declared::Range(Range::FRACTION),
        value if is_share && (0.0..=100.0).contains(&value) => Declared::Range(Range::PERCENT),
        _ => Declared::Open,
    }
}

/// The name of the folder that holds this folder of a path.
fn folder_above(path: &str, folder: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let at = parts.iter().rposition(|part| *part == folder)?;
    Some((*parts.get(at.checked_sub(1)?)?).to_owned())
}

/// Reads the results of a card's `model-index`, and the model's parents.
fn read_card(name: &str, text: &str) -> Result<Part> {
    let parsed = parse_lineage(name, text)?;
    let front = text.trim_start().trim_start_matches("---");
    let front = front.split("\n---").next().unwrap_or(front);
    let card = yaml::read(front).map_err(|error| error.at(Place::source(name)))?;
    let mut to = Collection::new(name);
    let index = card.get("model-index").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for (at, entry) in index.iter().enumerate() {
        let own = || parsed.id().map(str::to_owned).filter(|_| index.len() == 1);
        let stated = words(entry.get("name")).map(str::to_owned);
        let id = model_of_folder(name).filter(|_| index.len() == 1).or_else(own).or(stated);
        let id =
            id.unwrap_or_else(|| format!("{}{}", stem(name), if at > 0 { format!(" ({at})") } else { String::new() }));
        let model = to.model(&id);
        for parent in parsed.parents.iter().filter(|_| index.len() == 1) {
            to.parent(model, parent.clone());
        }
        for result in entry.get("results").and_then(Value::as_array).into_iter().flatten() {
            read_result(model, result, &mut to);
        }
    }
    to.finish(HUB)
}

pub(super) fn read_result(model: u32, result: &Value, to: &mut Collection<'_>) {
    let dataset = result.get("dataset").unwrap_or(&Value::Null);
    let [name, kind] = ["name", "type"].map(|key| words(dataset.get(key)).map(known::last_part));
    let Some(id) = kind.or(name) else {
        to.leave_out("results", "expected dataset: {type: org/name}", 1);
        return;
    };
    let name = name.unwrap_or(id);
    let metrics = result.get("metrics").and_then(Value::as_array).into_iter().flatten();
    let (forecasts, metrics): (Vec<&Value>, Vec<&Value>) = metrics.partition(|metric| known::is_forecast(metric));
    to.leave_out("results", "a forecast, not measured", forecasts.len());
    if metrics.is_empty() {
        return;
    }
    let source = result.get("source").unwrap_or(&Value::Null);
    let of_board = words(source.get("url")).is_some_and(|url| url.contains("/open-llm-leaderboard/"));
    let source = words(source.get("name")).map(|name| to.source(DataSource::new(name, DataSource::NOT_STATED)));
    let detail = Detail { source, ..Detail::default() };
    for metric in metrics {
        match known::number(metric.get("value")) {
            // The board names whole benchmarks, whichever configuration of the dataset it runs.
            Some((value, _)) if of_board => {
                let measure =
                    Measure { id: Some(name.to_owned()), ..Measure::new(name, Some(known::BOARD_METRIC)).percent() };
                to.score(model, &measure, value, detail);
            }
            _ => add(model, name, id, dataset, metric, detail, to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, scores, try_read};

    #[test]
    fn a_forecast_in_a_card_is_no_result() {
        let card = |kind: &str| {
            format!(
                "---\nmodel-index:\n- name: bird-7b\n  results:\n  - dataset: {{name: Quiz, type: org/quiz}}\n    metrics: [{{type: acc, value: 61.5}}]\n  - dataset: {{name: Hard, type: org/hard}}\n    source: {{name: eyas, url: x}}\n    metrics: [{{type: {kind}, name: \"acc, forecast, not measured\", value: 20.5}}]\n---\n"
            )
        };
        let of = |kind: &str| read(&[("README.md", &card(kind))]).snapshot.tasks.len();
        assert_eq!((of("acc"), of("forecast")), (2, 1));
    }

    #[test]
    fn eval_results_of_several_models_join() {
        let law = "- dataset: {id: org/quiz, task_id: quiz_law}\n  value: 0.412\n  date: \"2026-01-15\"\n  source: {url: x, name: card}\n- dataset: {id: org/hard}\n  value: 8.3\n";
        let files = [
            ("acme__bird-7b/.eval_results/a.yaml", law),
            (
                "hub/models--acme--crow-8b/snapshots/1/.eval_results/quiz.yaml",
                "- dataset:\n    id: org/quiz\n    task_id: quiz_law\n  value: 41.2%\n",
            ),
            (
                "owl-3b/.eval_results/quiz.yaml",
                "- {dataset: {id: org/quiz}, metrics: [{type: accuracy, value: 0.5}, {type: wer, value: 12}]}\n",
            ),
            ("owl-3b/eval.yaml", "name: quiz\nevaluation_framework: x\ntasks: [{id: a}]\n"),
        ];
        let imported = read(&files);
        let expected = [
            "acme/bird-7b quiz_law 0.412",
            "acme/bird-7b hard 8.3",
            "acme/crow-8b quiz_law 0.412",
            "owl-3b quiz 0.5",
            "owl-3b quiz (wer) 12",
        ];
        assert_eq!(scores(&imported), expected);
        assert!(
            imported.snapshot.tasks[0].subset.as_deref() == Some("law") && imported.snapshot.tasks[0].dataset == "quiz"
        );
        assert!(imported.warnings.iter().any(|warning| warning.to_string().contains("describes a benchmark")));
        let message = try_read(&[("m.yaml", "merge_method: linear\nmodels: []\n")]).unwrap_err().to_string();
        assert!(message.starts_with("m.yaml: describes a model and holds no results"), "{message}");
    }

    #[test]
    fn cards_give_results_and_parents() {
        let card = "---\nbase_model: acme/egg-7b\nmodel-index:\n- name: bird-7b\n  results:\n  - task: {type: text-generation}\n    dataset: {name: Quiz (5-shot), type: org/quiz}\n    metrics: [{type: acc, value: 61.5}, {type: perplexity, value: 12.5}]\n---\n# Bird\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";
        let imported = read(&[("acme__bird-7b/README.md", card)]);
        let snapshot = &imported.snapshot;
        assert_eq!(snapshot.models[0].id, "acme/bird-7b");
        assert_eq!(snapshot.lineage.edges().len(), 1);
        assert_eq!(
            scores(&imported),
            ["acme/bird-7b Quiz (5-shot) 61.5", "acme/bird-7b Quiz (5-shot) (perplexity) 12.5"]
        );
        assert!(snapshot.tasks[1].lower_is_better && snapshot.tasks[1].range.is_none());
    }
}
