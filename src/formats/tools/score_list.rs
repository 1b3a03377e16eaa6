//! Scores in one list, with lists of the models and of the benchmarks that they name: `{models, benchmarks, scores:
//! [{model_id, benchmark_id, score}]}`, as LLM Stats (each list under `data`) and BenchPress (`llm_benchmark_data.json`)
//! publish them.
//!
//! Read are the bounds, unit, direction, category and number of items of each benchmark, and of each score whether the maker
//! of the model measured it. Scores outside the stated bounds are left out, unless most scores of the benchmark are.

use super::{File, number};
use crate::error::Result;
use crate::formats::collection::{Collection, Measure};
use crate::formats::table::flag;
use crate::formats::yaml::words;
use crate::snapshot::{DataSource, Declared, Detail, Factor, MeasuredBy, Range, name_words, parse_day};
use serde_json::Value;
use std::collections::HashMap;

/// A list that stands under a key by itself or as `data`.
fn list<'a>(value: &'a Value, key: &str) -> Option<&'a [Value]> {
    let list = value.get(key)?;
    list.get("data").unwrap_or(list).as_array().map(Vec::as_slice)
}

fn id<'a>(entry: &'a Value, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| words(entry.get(*key)))
}

pub(super) fn recognise(value: &Value) -> bool {
    let first = list(value, "scores").and_then(<[Value]>::first);
    first.is_some_and(|score| {
        ["model_id", "benchmark_id"].iter().all(|key| score.get(*key).is_some())
            && (score.get("score").is_some() || score.get("value").is_some())
    })
}

pub(super) fn read(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let scores = list(file.value, "scores").unwrap_or_default();
    let measures = measures(list(file.value, "benchmarks").unwrap_or_default(), scores);
    let board = board(file.value);
    let sources = Sources::of(board, to);
    for entry in list(file.value, "models").unwrap_or_default() {
        if let Some(id) = id(entry, &["id", "model_id", "slug", "name"]) {
            let model = to.model(id);
            facts(entry, model, to);
        }
    }
    for score in scores {
        let names = id(score, &["model_id"]).zip(id(score, &["benchmark_id"]));
        let Some(((model, benchmark), value)) = names.zip(value_of(score)) else {
            to.leave_out("scores", "no model, benchmark or number", 1);
            continue;
        };
        if words(score.get("audit_status")) == Some("dropped") {
            to.leave_out("scores", "which the source itself dropped", 1);
            continue;
        }
        let plain = Measure::new(benchmark, None);
        let measure = measures.get(benchmark).unwrap_or(&plain);
        if matches!(measure.declared, Declared::Range(range) if !range.contains(value as f32)) {
            to.leave_out("scores", "outside the bounds that the file states", 1);
            continue;
        }
        let source = sources.of_score(score);
        let model = to.model(model);
        to.score(model, measure, value, Detail { source: Some(source), ..Detail::default() });
    }
    Ok(())
}

fn value_of(score: &Value) -> Option<f64> {
    number(score.get("score")).or_else(|| number(score.get("value")))
}

/// The board by the shape of its lists.
fn board(value: &Value) -> &'static str {
    let first = list(value, "scores").and_then(<[Value]>::first);
    match first {
        _ if value.get("scores").is_some_and(|scores| scores.get("data").is_some()) => "LLM Stats",
        Some(score) if score.get("reference_url").is_some() => "BenchPress",
        _ => "list of scores",
    }
}

/// The positions of the sources: who measured, as far as it is known.
struct Sources {
    unstated: u32,
    first_party: u32,
    third_party: u32,
}

impl Sources {
    fn of(board: &str, to: &mut Collection<'_>) -> Self {
        let mut add = |note: &str, by| {
            let name = if note.is_empty() { board.to_owned() } else { format!("{board} ({note})") };
            to.source(DataSource { by, ..DataSource::new(name, DataSource::NOT_STATED) })
        };
        Self {
            unstated: add("", None),
            first_party: add("self-reported", Some(MeasuredBy::FirstParty)),
            third_party: add("measured by others", Some(MeasuredBy::ThirdParty)),
        }
    }

    fn of_score(&self, score: &Value) -> u32 {
        let is = |key: &str| score.get(key).and_then(Value::as_bool);
        let kind = name_words(id(score, &["source_type", "evaluator_relationship", "provenance"]).unwrap_or_default());
        match (is("self_reported").or_else(|| is("is_self_reported")), kind.trim()) {
            (Some(true), _) | (_, "self reported" | "first party" | "provider") => self.first_party,
            (Some(false), _) | (_, "third party" | "independent" | "leaderboard") => self.third_party,
            _ => self.unstated,
        }
    }
}

/// The benchmarks by id.
fn measures(benchmarks: &[Value], scores: &[Value]) -> HashMap<String, Measure> {
    let mut measures: HashMap<String, Measure> = HashMap::new();
    for entry in benchmarks {
        let Some(id) = id(entry, &["id", "benchmark_id", "slug", "name"]) else { continue };
        measures.insert(id.to_owned(), measure(id, entry));
    }
    let mut counts: HashMap<&str, (usize, usize)> = HashMap::new(); // inside the bounds, outside
    for score in scores {
        let Some((benchmark, value)) = id(score, &["benchmark_id"]).zip(value_of(score)) else { continue };
        if let Some(Measure { declared: Declared::Range(range), .. }) = measures.get(benchmark) {
            let count = counts.entry(benchmark).or_default();
            *(if range.contains(value as f32) { &mut count.0 } else { &mut count.1 }) += 1;
        }
    }
    for (benchmark, (inside, outside)) in counts {
        if let Some(measure) = measures.get_mut(benchmark).filter(|_| outside >= inside) {
            measure.declared = Declared::Nothing;
        }
    }
    measures
}

fn measure(id: &str, entry: &Value) -> Measure {
    let setting = entry.get("canonical_setting").unwrap_or(&Value::Null);
    let better = |at: &Value| at.get("higher_is_better").and_then(Value::as_bool).map(|higher| !higher);
    let lower = entry.get("lower_is_better").and_then(Value::as_bool);
    let items = number(entry.get("num_problems")).filter(|items| *items >= 1.0);
    let metric = words(entry.get("metric")).or_else(|| words(setting.get("metric_type")));
    Measure {
        declared: bounds(entry, setting),
        lower_is_better: lower.or_else(|| better(entry)).or_else(|| better(setting)),
        task_type: words(entry.get("category")).map(str::to_owned),
        items: items.map(|items| items as u32),
        description: words(entry.get("description")).or_else(|| words(entry.get("name"))).map(str::to_owned),
        ..Measure::new(id, metric)
    }
}

/// The bounds that a benchmark states, else those of its unit.
fn bounds(entry: &Value, setting: &Value) -> Declared {
    let stated = setting.get("range").or_else(|| entry.get("range"));
    let end = |key: &str, at: usize| number(entry.get(key)).or_else(|| number(stated?.get(at)));
    if let (Some(low), Some(high)) = (end("min_score", 0), end("max_score", 1))
        && low < high
        && (low as f32).is_finite()
        && (high as f32).is_finite()
    {
        return Declared::Range(Range { low: low as f32, high: high as f32 });
    }
    let unit = id(entry, &["metric_unit", "unit"]).or_else(|| words(setting.get("metric_type"))).unwrap_or_default();
    match name_words(unit).trim() {
        "%" | "percent" | "percentage" | "pct" => Declared::Range(Range::PERCENT),
        "fraction" | "proportion" => Declared::Range(Range::FRACTION),
        "rating" | "elo" | "dollars" | "$" | "usd" | "points" => Declared::Open,
        _ => Declared::Nothing,
    }
}

fn facts(entry: &Value, model: u32, to: &mut Collection<'_>) {
    let organisation = entry.get("organization").map(|organisation| organisation.get("name").unwrap_or(organisation));
    let organisation = words(organisation).or_else(|| id(entry, &["organization_name", "provider", "organization_id"]));
    to.fact(model, "organization", organisation.unwrap_or_default());
    if let Some(count) = number(entry.get("param_count")).or_else(|| number(entry.get("params"))) {
        to.fact(model, "params", &count.to_string());
    }
    let about = to.about(model);
    let day = id(entry, &["release_date", "announcement_date"]);
    about.date = about.date.or_else(|| parse_day(day?));
    about.license = about.license.take().or_else(|| words(entry.get("license")).map(str::to_owned));
    let other =
        words(entry.get("name")).filter(|name| *name != about.id && !about.names.iter().any(|known| known == name));
    about.names.extend(other.map(str::to_owned));
    for key in ["open_weights", "is_open_source", "reasoning"] {
        let value = entry.get(key);
        let open = value.and_then(Value::as_bool).or_else(|| flag(words(value)?));
        if let Some(open) = open {
            about.factors.entry(key.to_owned()).or_insert(Factor::Flag(open));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, scores};
    use crate::snapshot::{Factor, MeasuredBy, ModelIndex, Range, TaskIndex};

    #[test]
    fn llm_stats_states_bounds_and_who_measured() {
        let imported = read(&[(
            "llm_stats.json",
            r#"{"models": {"data": [{"id": "bird-7b", "name": "Bird 7B", "organization": {"name": "Acme"}, "param_count": 7600000000, "release_date": "2025-01-31", "license": "MIT"}]},
               "benchmarks": {"data": [{"id": "quiz", "name": "Quiz", "min_score": 0, "max_score": 1, "metric_unit": "fraction", "category": "knowledge"}, {"id": "duel", "metric_unit": "elo"}, {"id": "maze", "min_score": 0, "max_score": 1}]},
               "scores": {"data": [{"model_id": "bird-7b", "benchmark_id": "quiz", "score": 0.41, "source_type": "self_reported", "verified": false},
                 {"model_id": "crow-8b", "benchmark_id": "quiz", "score": "0.51", "self_reported": false}, {"model_id": "owl", "benchmark_id": "quiz", "score": 51.0},
                 {"model_id": "crow-8b", "benchmark_id": "duel", "score": 1205}, {"model_id": "crow-8b", "benchmark_id": "maze", "score": 45}, {"model_id": "crow-8b", "benchmark_id": "maze", "score": null}]}}"#,
        )]);
        assert_eq!(
            scores(&imported),
            ["bird-7b quiz 0.41", "crow-8b quiz 0.51", "crow-8b duel 1205", "crow-8b maze 45"]
        );
        let snapshot = &imported.snapshot;
        let ranges: Vec<_> = snapshot.tasks.iter().map(|task| task.range).collect();
        assert_eq!(ranges, [Some(Range::FRACTION), None, Some(Range::PERCENT)]);
        assert_eq!(snapshot.tasks[0].task_type.as_deref(), Some("knowledge"));
        let by = |model| {
            let detail = snapshot.details.get(ModelIndex(model), TaskIndex(0)).unwrap();
            snapshot.sources[detail.source.unwrap_or(0) as usize].by
        };
        assert_eq!([by(0), by(1)], [Some(MeasuredBy::FirstParty), Some(MeasuredBy::ThirdParty)]);
        let model = &snapshot.models[0];
        assert_eq!(
            (model.facts().params, model.license.as_deref(), &model.names),
            (Some(7.6), Some("MIT"), &vec!["Bird 7B".to_owned()])
        );
        assert_eq!(imported.report.dropped.len(), 2);
    }

    #[test]
    fn benchpress_states_ranges_and_dropped_scores() {
        let imported = read(&[(
            "llm_benchmark_data.json",
            r#"{"metadata": {}, "models": [{"id": "bird-7b", "name": "Bird 7B", "provider": "Acme", "open_weights": "true"}],
               "benchmarks": [{"id": "quiz", "name": "Quiz", "category": "Math", "metric": "% correct", "num_problems": 30.0, "canonical_setting": {"metric_type": "pct", "range": [0, 100], "higher_is_better": true}},
                 {"id": "duel", "name": "Duel rating", "metric": "Elo", "canonical_setting": {"metric_type": "rating", "higher_is_better": true}}],
               "scores": [{"model_id": "bird-7b", "benchmark_id": "quiz", "score": 12.0, "reference_url": "https://example.org", "audit_status": "dropped"},
                 {"model_id": "bird-7b", "benchmark_id": "quiz", "score": 0.5, "reference_url": "https://example.org", "source_type": "leaderboard"},
                 {"model_id": "bird-7b", "benchmark_id": "duel", "score": 2622.0, "reference_url": "https://example.org", "source_type": "tech_report"}]}"#,
        )]);
        assert_eq!(scores(&imported), ["bird-7b quiz 0.5", "bird-7b duel 2622"]);
        let snapshot = &imported.snapshot;
        assert_eq!((snapshot.tasks[0].range, snapshot.tasks[0].items), (Some(Range::PERCENT), Some(30)));
        assert_eq!(snapshot.tasks[1].range, None);
        assert_eq!(snapshot.models[0].factors["open_weights"], Factor::Flag(true));
    }
}
