//! Metabench: `{models: [{name, company, url, release_date, benchmarks: [{name, score, source}]}]}`.
//!
//! Some of the entries under `benchmarks` are facts: the size, the number of active parameters, prices and the context
//! length. Of a benchmark with scores from two sources the first one counts.

use super::File;
use crate::error::{Error, Result};
use crate::formats::cells::{Content, Number, content};
use crate::formats::collection::{Collection, Measure};
use crate::formats::words::{Sense, sense};
use crate::formats::yaml::words;
use crate::snapshot::{DataSource, Detail, Factor, name_words, parse_day};
use serde_json::Value;

fn models(value: &Value) -> Option<&[Value]> {
    value.get("models")?.as_array().map(Vec::as_slice)
}

pub(super) fn recognise(value: &Value) -> bool {
    let entries = models(value).into_iter().flatten().find_map(|model| model.get("benchmarks")?.as_array()?.first());
    entries.is_some_and(|entry| entry.get("name").is_some() && entry.get("score").is_some())
}

pub(super) fn read(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let mut last = to.source(DataSource::new("metabench", DataSource::NOT_STATED));
    for (at, entry) in models(file.value).unwrap_or_default().iter().enumerate() {
        let id = words(entry.get("name")).ok_or_else(|| {
            let place = to.at(format!("models[{at}].name"));
            Error::input("names no model").at(place)
        })?;
        let model = to.model(id);
        to.fact(model, "organization", words(entry.get("company")).unwrap_or_default());
        let about = to.about(model);
        about.url = about.url.take().or_else(|| words(entry.get("url")).map(str::to_owned));
        about.date = about.date.or_else(|| parse_day(words(entry.get("release_date"))?));
        for result in entry.get("benchmarks").and_then(Value::as_array).into_iter().flatten() {
            let (Some(name), Some(score)) = (words(result.get("name")), cell(result.get("score"))) else {
                to.leave_out("scores", "no name or no number", 1);
                continue;
            };
            if fact(model, name, &score, to) {
                continue;
            }
            let source = words(result.get("source")).filter(|_| last < 1000);
            let source = source.map(|source| to.source(origin(source)));
            last = last.max(source.unwrap_or(0));
            let measure = Measure::new(name, None);
            let measure = if score.percent { measure.percent() } else { measure };
            to.score(model, &measure, score.value, Detail { source, ..Detail::default() });
        }
    }
    Ok(())
}

/// The source of a score: its address names it.
fn origin(text: &str) -> DataSource {
    let url = text.starts_with("http").then(|| text.to_owned());
    DataSource { url, ..DataSource::new(text, DataSource::NOT_STATED) }
}

fn cell(value: Option<&Value>) -> Option<Number> {
    let value = value?;
    if let Some(value) = value.as_f64().filter(|value| value.is_finite()) {
        return Some(Number { value, ..Number::default() });
    }
    match content(value.as_str()?, false) {
        Content::Number(number) => Some(number),
        _ => None,
    }
}

/// Reads an entry that is a fact about the model; `false` for a benchmark.
fn fact(model: u32, name: &str, score: &Number, to: &mut Collection<'_>) -> bool {
    let words = name_words(name);
    let name = match words.trim() {
        "size" | "parameters" | "total parameters" => {
            to.size(model, Some(score.value));
            return true;
        }
        "active parameters" => "active_params",
        "input cost" | "input price" => "input_price",
        "output cost" | "output price" => "output_price",
        "context" | "context length" | "context window" => "context",
        _ if matches!(sense(name), Some(Sense::Cost | Sense::Effort | Sense::Property)) => {
            to.leave_out("scores", "facts that measure no quality", 1);
            return true;
        }
        _ => return false,
    };
    if score.value > 0.0 {
        to.about(model).factors.entry(name.to_owned()).or_insert(Factor::Number(score.value));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, scores, try_read};
    use crate::snapshot::Factor;

    #[test]
    fn some_benchmarks_are_facts() {
        let text = r#"{"models": [{"name": "Bird 7B", "company": "Acme", "url": "https://example.org/bird", "release_date": "2025-01-31", "benchmarks": [
              {"name": "Size", "score": 7.6, "source": "https://example.org/card"}, {"name": "Active parameters", "score": 3, "source": "x"},
              {"name": "Input cost", "score": 0.1, "source": "x"}, {"name": "Context", "score": 128000, "source": "x"},
              {"name": "Quiz", "score": 61.5, "source": "https://example.org/card"}, {"name": "Quiz", "score": 60.5, "source": "https://example.org/other"},
              {"name": "Puzzle", "score": "41.5%", "source": null}, {"name": "Riddle", "score": null}]},
            {"name": "Crow", "benchmarks": []}]}"#;
        let imported = read(&[("bird.json", text)]);
        assert_eq!(scores(&imported), ["Bird 7B Quiz 61.5", "Bird 7B Puzzle 41.5"]);
        let snapshot = &imported.snapshot;
        let model = &snapshot.models[0];
        assert_eq!(model.facts().params, Some(7.6));
        assert_eq!(
            (&model.factors["active_params"], &model.factors["input_price"]),
            (&Factor::Number(3.0), &Factor::Number(0.1))
        );
        assert_eq!(snapshot.sources[1].url.as_deref(), Some("https://example.org/card"));
        assert!(imported.warnings.iter().any(|warning| warning.to_string().contains("the first was kept")));
        let error = try_read(&[("x.json", &text.replace("\"Bird 7B\"", "null"))]).unwrap_err().to_string();
        assert!(error.contains("models[0].name"), "{error}");
    }
}
