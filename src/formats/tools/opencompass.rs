//! OpenCompass: its summaries (`summary_*.csv`, a row for each dataset and a column for each model, or the same as a
//! Markdown table), the board `hf-academic.json` of the same content, and the board of vision models `OpenVLM.json`.
//!
//! Scores are percentages where they lie in that range. Rows of groups repeat the rows of their members: they are left out
//! where members are there.

use super::{File, number, row_cells};
use crate::error::Result;
use crate::formats::cells::{Content, Number, content};
use crate::formats::collection::{Collection, Measure};
use crate::formats::folder::Folder;
use crate::formats::table::Table;
use crate::formats::yaml::words;
use crate::snapshot::{DataSource, Detail, Factor, Range, name_words, parse_day};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The columns before those of the models.
const HEAD: [&str; 4] = ["dataset", "version", "metric", "mode"];

/// The endings of models' names that name the program that ran them.
const BACKENDS: [&str; 5] = ["-hf", "-vllm", "-turbomind", "-lmdeploy", "-pytorch"];

/// A row of a summary: a dataset in one metric, with the score of each model.
#[derive(Default)]
struct Line {
    dataset: String,
    version: String,
    metric: String,
    mode: String,
    items: Option<u32>,
    scores: Vec<(u32, Number)>, // model, score
}

pub(super) fn recognise_table(table: &Table<'_>) -> bool {
    let same = |(cell, name): (&String, &&str)| cell.eq_ignore_ascii_case(name);
    table.header.len() > HEAD.len() && table.header.iter().zip(&HEAD).all(same)
}

pub(super) fn read_table(mut table: Table<'_>, _: &Folder<'_>, to: &mut Collection<'_>) -> Result<()> {
    let total = table.column(&["total_count"]);
    let header = table.header.clone();
    let columns: Vec<usize> =
        (HEAD.len()..header.len()).filter(|&at| Some(at) != total && !header[at].is_empty()).collect();
    let names: Vec<&str> = columns.iter().map(|&at| header[at].as_str()).collect();
    let models = models(&names, to);
    let decimal_comma = table.decimal_comma;
    let mut lines = Vec::new();
    table.each(|row| {
        let [dataset, version, metric, mode] = [0, 1, 2, 3].map(|at| row.get(at).to_owned());
        let score = |(&at, &model): (&usize, &u32)| Some((model, row_cells::number(row, Some(at), decimal_comma)?));
        let scores = columns.iter().zip(&models).filter_map(score).collect();
        let items = row_cells::count(row, total, decimal_comma);
        lines.push(Line { dataset, version, metric, mode, items, scores });
        Ok(())
    })?;
    add(&lines, to);
    Ok(())
}

/// Whether a value is `{bench: {dataset, version, metric, mode, model: score}}`.
pub(super) fn recognise(value: &Value) -> bool {
    let is_line = |line: &Value| ["dataset", "metric", "mode"].iter().all(|key| line.get(*key).is_some());
    value.as_object().is_some_and(|lines| !lines.is_empty() && lines.values().all(is_line))
}

pub(super) fn read(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let entries: Vec<&Map<String, Value>> =
        file.value.as_object().into_iter().flat_map(|lines| lines.values().filter_map(Value::as_object)).collect();
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut names: Vec<&str> = Vec::new();
    for name in entries.iter().flat_map(|entry| entry.keys()).filter(|key| !HEAD.contains(&key.as_str())) {
        names.extend(seen.insert(name.clone(), 0).is_none().then_some(name.as_str()));
    }
    let models = models(&names, to);
    let line = |entry: &&Map<String, Value>| {
        let [dataset, version, metric, mode] = HEAD.map(|key| words(entry.get(key)).unwrap_or_default().to_owned());
        let score = |(name, &model): (&&str, &u32)| Some((model, cell(entry.get(*name))?));
        let scores = names.iter().zip(&models).filter_map(score).collect();
        Line { dataset, version, metric, mode, items: None, scores }
    };
    let lines: Vec<Line> = entries.iter().map(line).collect();
    to.source(DataSource::new("OpenCompass", DataSource::NOT_STATED));
    add(&lines, to);
    Ok(())
}

fn cell(value: Option<&Value>) -> Option<Number> {
    match (number(value), content(words(value).unwrap_or_default(), false)) {
        (Some(value), _) => Some(Number { value, ..Number::default() }),
        (None, Content::Number(number)) => Some(number),
        _ => None,
    }
}

/// The rows of models. Their names lose the ending of the backend, unless two models would have one name then.
fn models(names: &[&str], to: &mut Collection<'_>) -> Vec<u32> {
    let mut several: HashMap<String, u32> = HashMap::new();
    names.iter().for_each(|name| *several.entry(without_backend(name).to_owned()).or_default() += 1);
    let mut model = |name: &&str| {
        let plain = without_backend(name);
        let is_one = several.get(plain) == Some(&1);
        let model = to.model(if is_one { plain } else { name });
        let about = &mut to.about(model).names;
        about.extend((is_one && *name != plain).then(|| (*name).to_owned()));
        model
    };
    names.iter().map(&mut model).collect()
}

fn without_backend(name: &str) -> &str {
    let short = BACKENDS.iter().find_map(|end| name.strip_suffix(end));
    short.filter(|short| !short.is_empty()).unwrap_or(name)
}

fn add(lines: &[Line], to: &mut Collection<'_>) {
    let mut members: HashMap<String, u32> = HashMap::new(); // words of the datasets' names
    for line in lines.iter().filter(|line| !line.is_group()) {
        for word in name_words(&line.dataset).split_whitespace() {
            members.insert(word.to_owned(), 0);
        }
    }
    for line in lines.iter().filter(|line| !line.scores.is_empty() && !line.dataset.is_empty()) {
        if line.metric == "standard_deviation" {
            to.leave_out("rows", "standard deviations over the members of a group", 1);
            continue;
        }
        // The first word of a group's name is in the names of its members: lukaemon_mmlu_law is one of mmlu-humanities.
        let has_members =
            || name_words(&line.dataset).split_whitespace().next().is_some_and(|word| members.contains_key(word));
        if line.is_group() && has_members() {
            to.leave_out("rows of groups", "averages of datasets that are in the file", 1);
            continue;
        }
        let within = line.scores.iter().all(|(_, score)| Range::PERCENT.contains(score.value as f32));
        let measure = Measure { items: line.items, ..Measure::new(&line.dataset, known(&line.metric)) };
        let measure = if within { measure.percent() } else { measure };
        for (model, score) in &line.scores {
            let items = score.items.or(line.items);
            let error = score.error.map(|error| error as f32);
            to.score(*model, &measure, score.value, Detail { error, items, ..Detail::default() });
        }
    }
}

fn known(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !matches!(*text, "" | "-"))
}

impl Line {
    /// Whether the row is computed from other rows.
    fn is_group(&self) -> bool {
        let computed = self.metric.ends_with("_average") || matches!(self.metric.as_str(), "sum" | "average");
        computed || (known(&self.version).is_none() && known(&self.mode).is_none())
    }
}

/// Whether a value is `{time, results: {model: {META, BENCH: {Overall}}}}`.
pub(super) fn recognise_vlm(value: &Value) -> bool {
    let results = value.get("results").and_then(Value::as_object);
    results.and_then(|models| models.values().next()).is_some_and(|model| model.get("META").is_some())
}

pub(super) fn read_vlm(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let source = DataSource {
        url: Some("https://huggingface.co/spaces/opencompass/open_vlm_leaderboard".to_owned()),
        ..DataSource::new("OpenVLM Leaderboard", DataSource::NOT_STATED)
    };
    to.source(source);
    for (id, results) in file.value.get("results").and_then(Value::as_object).into_iter().flatten() {
        let Some(results) = results.as_object() else {
            to.leave_out("models", "no results of this form", 1);
            continue;
        };
        let model = to.model(id);
        facts(results.get("META").unwrap_or(&Value::Null), model, to);
        for (bench, scores) in results.iter().filter(|(bench, _)| *bench != "META") {
            match scores.as_object() {
                Some(scores) => benchmark(model, bench, scores, to),
                None => add_score(model, &Measure::new(bench, None), Some(scores), to),
            }
        }
    }
    Ok(())
}

/// The scores of a benchmark: `Overall` is of the whole, the others are of its parts.
fn benchmark(model: u32, bench: &str, scores: &Map<String, Value>, to: &mut Collection<'_>) {
    for (key, score) in scores {
        let subset = (!key.eq_ignore_ascii_case("overall")).then(|| key.clone());
        add_score(model, &Measure { subset, ..Measure::new(bench, None) }, Some(score), to);
    }
}

fn add_score(model: u32, measure: &Measure, score: Option<&Value>, to: &mut Collection<'_>) {
    match number(score) {
        Some(score) => to.score(model, measure, score, Detail::default()),
        None => to.leave_out("scores", "no number", 1),
    }
}

fn facts(meta: &Value, model: u32, to: &mut Collection<'_>) {
    let text = |key: &str| words(meta.get(key)).filter(|text| content(text, false) != Content::Unknown);
    to.fact(model, "params", text("Parameters").unwrap_or_default());
    to.fact(model, "organization", text("Org").unwrap_or_default());
    to.fact(model, "language_model", text("Language Model").unwrap_or_default());
    to.fact(model, "vision_model", text("Vision Model").unwrap_or_default());
    let method = meta.get("Method");
    let part = |at: usize| words(method.and_then(|method| method.get(at)));
    let name = part(0).or_else(|| words(method));
    let about = to.about(model);
    if let Some(open) = text("OpenSource").and_then(crate::formats::table::flag) {
        about.factors.insert("open_source".to_owned(), Factor::Flag(open));
    }
    about.date = about.date.or_else(|| parse_day(&text("Time")?.replace('/', "-")));
    about.url = about.url.take().or_else(|| part(1).filter(|url| url.starts_with("http")).map(str::to_owned));
    let other = name.filter(|name| *name != about.id).map(str::to_owned);
    about.names.extend(other);
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, scores};
    use crate::snapshot::{Factor, ModelIndex, Range, TaskIndex};

    #[test]
    fn a_summary_has_a_row_for_each_dataset() {
        let imported = read(&[(
            "summary_20250101.csv",
            "dataset,version,metric,mode,bird-7b-hf,crow-8b-vllm\n--------- Exam ---------,-,-,-,-,-\n\
             gsm8k,1d7fe4,accuracy,gen,41.02,55.10\nlukaemon_mmlu_law,ab12,accuracy,gen,30.0,-\n\
             mmlu,-,naive_average,gen,50.10,-\nceval,-,naive_average,gen,45.5,46.5\n",
        )]);
        assert_eq!(
            scores(&imported),
            [
                "bird-7b gsm8k 41.02",
                "bird-7b lukaemon_mmlu_law 30",
                "bird-7b ceval 45.5",
                "crow-8b gsm8k 55.1",
                "crow-8b ceval 46.5"
            ]
        );
        assert_eq!(imported.snapshot.models[0].names, ["bird-7b-hf"]);
        assert!(imported.snapshot.tasks.iter().all(|task| task.range == Some(Range::PERCENT)));
        assert_eq!(imported.snapshot.tasks[0].metric.as_deref(), Some("accuracy"));
        assert_eq!((imported.report.dropped[0].what.as_str(), imported.report.dropped[0].count), ("rows of groups", 1));
    }

    #[test]
    fn a_summary_may_count_items_and_run_a_model_twice() {
        let text = "| dataset | version | metric | mode | total_count | bird-7b-hf | bird-7b-vllm |\n|---|---|---|---|---|---|---|\n\
             | gsm8k | 1 | accuracy | gen | 8 | 82.00 (7/8) | 75.00 |\n";
        let imported = read(&[("summary.md", text)]);
        assert_eq!(scores(&imported), ["bird-7b-hf gsm8k 82", "bird-7b-vllm gsm8k 75"]);
        let items = |model| imported.snapshot.details.get(ModelIndex(model), TaskIndex(0)).unwrap().items;
        assert_eq!([items(0), items(1)], [Some(8), Some(8)]);
    }

    #[test]
    fn the_academic_board_is_a_summary_in_json() {
        let imported = read(&[(
            "hf-academic.json",
            r#"{"gsm8k": {"dataset": "gsm8k", "version": "1d", "metric": "accuracy", "mode": "gen", "bird-7b-turbomind": 41.5, "crow-8b": "-"},
               "mmlu": {"dataset": "mmlu", "version": "-", "metric": "naive_average", "mode": "gen", "bird-7b-turbomind": 50.5, "crow-8b": 52}}"#,
        )]);
        assert_eq!(scores(&imported), ["bird-7b gsm8k 41.5", "bird-7b mmlu 50.5", "crow-8b mmlu 52"]);
    }

    #[test]
    fn the_board_of_vision_models_has_parts() {
        let imported = read(&[(
            "OpenVLM.json",
            r#"{"time": "250101", "results": {
                "Bird-VL-8B": {"META": {"Method": ["Bird-VL", "https://example.org/bird"], "Parameters": "8.3B", "Org": "Acme", "Time": "2024/05/01", "OpenSource": "Yes", "Language Model": "Bird-7B"},
                  "Quiz": {"Overall": 61.5, "Law": 55.5}, "Captions": {"BLEU-1": 12.5, "BLEU-4": "N/A"}},
                "Crow-VL": {"META": {"Method": ["Crow-VL", ""], "Parameters": "", "OpenSource": "No"}, "Quiz": {"Overall": 71.5}}, "broken": 3}}"#,
        )]);
        assert_eq!(
            scores(&imported),
            [
                "Bird-VL-8B Quiz 61.5",
                "Bird-VL-8B Quiz/Law 55.5",
                "Bird-VL-8B Captions/BLEU-1 12.5",
                "Crow-VL Quiz 71.5"
            ]
        );
        let model = &imported.snapshot.models[0];
        assert_eq!((model.facts().params, model.url.as_deref()), (Some(8.3), Some("https://example.org/bird")));
        assert_eq!(model.date.unwrap().to_string(), "2024-05-01");
        assert_eq!(
            (&model.factors["open_source"], &model.factors["organization"]),
            (&Factor::Flag(true), &Factor::Text("Acme".into()))
        );
        assert_eq!(imported.report.dropped.iter().map(|dropped| dropped.count).sum::<usize>(), 2);
    }
}
