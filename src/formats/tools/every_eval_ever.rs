//! Every Eval Ever, the schema of evaleval/every_eval_ever (versions 0.2 and 0.3): a model's results in a file, lists of
//! them, or one on each line; and its files of single items.
//!
//! Read are the model with its facts, of each result the dataset, subset, split, metric, direction, bounds, score, standard
//! error and number of items, and of the source its name, address and whether the measurer made the model. Levels
//! (`score_type: levels`) are read as numbers, without the level for "unknown".

use super::main_metric::is_metric_name;
use super::{File, day_of, number, time_of};
use crate::error::{Error, Result};
use crate::formats::collection::{Collection, Measure};
use crate::formats::markup::without_note;
use crate::formats::yaml::words;
use crate::snapshot::{DataSource, Declared, Detail, MeasuredBy, Range, name_words};
use serde_json::Value;

pub(super) fn recognise(value: &Value) -> bool {
    let entry = match value {
        Value::Array(list) => list.first(),
        other => Some(other),
    };
    entry.is_some_and(|entry| is_record(entry) || is_item(entry))
}

fn is_record(value: &Value) -> bool {
    value.get("evaluation_results").is_some_and(Value::is_array)
        && (value.get("schema_version").is_some() || value.get("model_info").is_some())
}

/// Whether a value is the result on one item.
fn is_item(value: &Value) -> bool {
    value.get("sample_id").is_some() && value.get("evaluation").is_some_and(Value::is_object)
}

pub(super) fn read(file: &File<'_>, to: &mut Collection<'_>) -> Result<()> {
    let records = match file.value {
        Value::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    for (at, record) in records.iter().enumerate() {
        let place = if records.len() > 1 { format!("[{at}].") } else { String::new() };
        if is_item(record) {
            read_item(record, to);
        } else if is_record(record) {
            read_record(record, &place, to)?;
        } else {
            to.leave_out("entries", "neither results nor items", 1);
        }
    }
    Ok(())
}

fn read_record(record: &Value, place: &str, to: &mut Collection<'_>) -> Result<()> {
    let info = record.get("model_info").unwrap_or(&Value::Null);
    let id = words(info.get("id")).or_else(|| words(info.get("name"))).ok_or_else(|| {
        Error::input("names no model; expected model_info.id").at(to.at(format!("{place}model_info.id")))
    })?;
    let model = to.model(id);
    if let Some(name) = words(info.get("name")).filter(|name| *name != id) {
        let names = &mut to.about(model).names;
        names.extend((!names.iter().any(|known| known == name)).then(|| name.to_owned()));
    }
    facts(info, model, to);
    let source = record.get("source_metadata").map(|about| to.source(source(about)));
    let measured = time_of(record.get("evaluation_timestamp"));
    to.time = to.time.or(measured).or_else(|| time_of(record.get("retrieved_timestamp")));
    for (at, result) in record.get("evaluation_results").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let details = result.get("score_details").unwrap_or(&Value::Null);
        let Some(score) = number(details.get("score")) else {
            to.leave_out("results", "no number in score_details.score", 1);
            continue;
        };
        let config = result.get("metric_config").unwrap_or(&Value::Null);
        if words(config.get("score_type")) == Some("levels") && config["has_unknown_level"] == true && score < 0.0 {
            to.leave_out("results", "the level for \"unknown\"", 1);
            continue;
        }
        let Some(measure) = measure(result, config, score) else {
            let message = "names no evaluation; expected evaluation_name";
            return Err(Error::input(message).at(to.at(format!("{place}evaluation_results[{at}]"))));
        };
        let uncertainty = details.get("uncertainty").unwrap_or(&Value::Null);
        let date = time_of(result.get("evaluation_timestamp")).or(measured).and_then(day_of);
        let error = uncertainty.get("standard_error");
        let error = number(error.and_then(|error| error.get("value"))).or_else(|| number(error));
        let items = number(uncertainty.get("num_samples")).filter(|items| *items >= 1.0);
        let detail = Detail {
            error: error.filter(|error| *error >= 0.0).map(|error| error as f32),
            items: items.map(|items| items as u32),
            date,
            source,
        };
        to.score(model, &measure, score, detail);
    }
    Ok(())
}

/// The facts about a model under their usual names.
fn facts(info: &Value, model: u32, to: &mut Collection<'_>) {
    let details = info.get("additional_details").unwrap_or(&Value::Null);
    for key in ["params_billions", "size_billions_parameters", "num_params_billion", "parameters_billions"] {
        to.size(model, number(details.get(key)));
    }
    for (key, fact) in [("architecture", "architecture"), ("precision", "precision"), ("model_type", "type")] {
        to.fact(model, fact, words(details.get(key)).unwrap_or_default());
    }
    to.fact(model, "organization", words(info.get("developer")).filter(|name| *name != "unknown").unwrap_or_default());
}

fn source(about: &Value) -> DataSource {
    let name = words(about.get("source_name")).or_else(|| words(about.get("source_organization_name")));
    let by = match words(about.get("evaluator_relationship")) {
        Some("first_party") => Some(MeasuredBy::FirstParty),
        Some("third_party") => Some(MeasuredBy::ThirdParty),
        Some("collaborative") => Some(MeasuredBy::Collaborative),
        Some(_) => Some(MeasuredBy::Other),
        None => None,
    };
    let url = words(about.get("source_organization_url")).map(str::to_owned);
    DataSource { by, url, ..DataSource::new(name.unwrap_or("Every Eval Ever"), DataSource::NOT_STATED) }
}

/// What a result measures.
fn measure(result: &Value, config: &Value, score: f64) -> Option<Measure> {
    let data = result.get("source_data").unwrap_or(&Value::Null);
    let name = words(result.get("evaluation_name")).or_else(|| words(data.get("dataset_name")))?;
    let dataset = words(data.get("dataset_name")).unwrap_or(name);
    let (dataset, subset) = named(name, dataset);
    let own = |key: &str| words(config.get(key)).filter(|id| !repeats(id, result, name));
    let metric = words(config.get("metric_kind")).or_else(|| own("metric_id")).or_else(|| own("metric_name"));
    let metric = metric.or_else(|| is_metric(name).then_some(name));
    Some(Measure {
        subset,
        lower_is_better: config.get("lower_is_better").and_then(Value::as_bool),
        declared: bounds(config, score),
        description: words(config.get("evaluation_description")).map(str::to_owned),
        ..Measure::new(dataset, metric)
    })
}

/// Whether the id of a metric repeats the result's own id or name, and so does not tell the metric.
fn repeats(id: &str, result: &Value, name: &str) -> bool {
    name_words(id) == name_words(name) || words(result.get("evaluation_result_id")) == Some(id)
}

/// The dataset and its part in the name of an evaluation: `MMLU-Pro/law`, `MMLU-Pro (Law)`, `board.bench`, or a metric of
/// the dataset.
fn named<'a>(name: &'a str, dataset: &'a str) -> (&'a str, Option<String>) {
    if is_metric(name) || name_words(name) == name_words(dataset) || name.ends_with(&format!(".{dataset}")) {
        return (dataset, None);
    }
    let name = without_note(name).0;
    let part = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    // An organisation stands before the slash of a name on the hub.
    if let Some((whole, rest)) =
        name.split_once('/').filter(|(whole, _)| dataset.split_once('/').is_none_or(|(owner, _)| owner != *whole))
    {
        return (whole.trim(), part(rest));
    }
    if let Some((whole, rest)) = name.strip_suffix(')').and_then(|open| open.split_once(" (")) {
        return (whole.trim(), part(rest));
    }
    match name.strip_prefix(dataset) {
        Some(rest) if rest.starts_with([' ', ':', '-', '_', '.']) => {
            (dataset, part(rest.trim_start_matches([' ', ':', '-', '_', '.'])))
        }
        _ => (name, None),
    }
}

/// Whether the name of an evaluation is only that of a metric, or of the whole.
fn is_metric(name: &str) -> bool {
    is_metric_name(name) || name.eq_ignore_ascii_case("overall")
}

/// The bounds that a result states; open if one of them is infinite. Bounds that the score contradicts are ignored.
fn bounds(config: &Value, score: f64) -> Declared {
    let bound = |key: &str| config.get(key).filter(|value| !value.is_null());
    let (Some(low), Some(high)) = (bound("min_score"), bound("max_score")) else { return Declared::Nothing };
    match (number(Some(low)), number(Some(high))) {
        (Some(low), Some(high)) if low < high && (low..=high).contains(&score) => {
            Declared::Range(Range { low: low as f32, high: high as f32 })
        }
        (Some(_), Some(_)) => Declared::Nothing,
        _ => Declared::Open,
    }
}

fn read_item(item: &Value, to: &mut Collection<'_>) {
    let evaluation = item.get("evaluation").unwrap_or(&Value::Null);
    let solved = evaluation.get("is_correct").and_then(Value::as_bool);
    let solved = solved.or_else(|| match number(evaluation.get("score"))? {
        0.0 => Some(false),
        1.0 => Some(true),
        _ => None,
    });
    let names = words(item.get("model_id")).zip(words(item.get("evaluation_name")));
    let id = item.get("sample_id").map(|id| words(Some(id)).map_or_else(|| id.to_string(), str::to_owned));
    match (names, id, solved) {
        (Some((model, dataset)), Some(id), Some(solved)) => {
            let model = to.model(model);
            to.outcome(model, dataset, &id, solved);
        }
        _ => to.leave_out("items", "no model, evaluation or outcome of yes or no", 1),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read, scores, try_read};
    use crate::snapshot::{MeasuredBy, ModelIndex, TaskIndex};

    const RECORD: &str = r#"{"schema_version": "0.3.0", "evaluation_id": "e", "retrieved_timestamp": "1768000000",
      "source_metadata": {"source_name": "Quiz board", "source_organization_name": "quizzers", "evaluator_relationship": "first_party"},
      "model_info": {"name": "Bird 7B", "id": "acme/bird-7b", "developer": "acme", "additional_details": {"params_billions": "7.2"}},
      "eval_library": {"name": "custom", "version": "unknown"},
      "evaluation_results": [
        {"evaluation_name": "Quiz (Law)", "evaluation_result_id": "q/law", "source_data": {"dataset_name": "Quiz submissions"},
         "metric_config": {"metric_id": "q/law", "metric_kind": "accuracy", "lower_is_better": false, "min_score": 0, "max_score": 1},
         "score_details": {"score": 0.41, "uncertainty": {"standard_error": {"value": 0.01}, "num_samples": 1101}}},
        {"evaluation_name": "Quiz (overall)", "source_data": {"dataset_name": "Quiz submissions"},
         "metric_config": {"metric_kind": "accuracy", "lower_is_better": false, "min_score": 0, "max_score": 1}, "score_details": {"score": 0.5}},
        {"evaluation_name": "speech", "source_data": {"dataset_name": "speech"},
         "metric_config": {"metric_id": "wer", "lower_is_better": true, "min_score": 0, "max_score": "Infinity"}, "score_details": {"score": 12.5}},
        {"evaluation_name": "speech", "source_data": {"dataset_name": "speech"},
         "metric_config": {"metric_id": "rtf", "lower_is_better": true}, "score_details": {"score": null}}
      ]}"#;

    #[test]
    fn a_record_gives_its_model_tasks_and_source() {
        let imported = read(&[("r.json", RECORD)]);
        assert_eq!(
            scores(&imported),
            ["acme/bird-7b Quiz/Law 0.41", "acme/bird-7b Quiz 0.5", "acme/bird-7b speech 12.5"]
        );
        let snapshot = &imported.snapshot;
        assert_eq!(snapshot.models[0].names, ["Bird 7B"]);
        assert!(snapshot.tasks[2].lower_is_better && snapshot.tasks[2].range.is_none());
        let detail = snapshot.details.get(ModelIndex(0), TaskIndex(0)).unwrap();
        assert_eq!((detail.error, detail.items), (Some(0.01), Some(1101)));
        assert_eq!(snapshot.sources[0].name, "Quiz board");
        assert_eq!(snapshot.sources[0].by, Some(MeasuredBy::FirstParty));
        assert_eq!(imported.report.dropped[0].count, 1);
    }

    #[test]
    fn many_records_join() {
        let line = RECORD.replace('\n', "");
        let other = line.replace("bird-7b", "crow-8b").replace("0.41", "0.43");
        let imported = read(&[
            ("r.jsonl", &format!("{line}\n{other}\n")),
            ("x/y.json", &RECORD.replace("bird-7b", "owl-3b")),
            ("x/notes.txt", "no table"),
        ]);
        assert_eq!(imported.snapshot.models.len(), 3);
        assert_eq!(imported.snapshot.cells(), 9);
        assert_eq!(imported.snapshot.tasks.len(), 3);
        assert!(
            imported.warnings.iter().any(|warning| warning.to_string().starts_with("x/notes.txt")),
            "{:?}",
            imported.warnings
        );
        let message = try_read(&[(
            "r.json",
            &RECORD.replace("\"id\": \"acme/bird-7b\",", "").replace("\"name\": \"Bird 7B\",", ""),
        )]);
        assert!(message.unwrap_err().to_string().contains("model_info.id"));
        let message = try_read(&[("a/x.json", "{}"), ("a/y.txt", "no table")]).unwrap_err().to_string();
        assert!(message.starts_with("a/x.json: none of the 2 files could be read; the first: this JSON"), "{message}");
    }

    #[test]
    fn items_are_outcomes() {
        let item = |id: u32, correct: bool| {
            format!(
                r#"{{"schema_version": "instance_level_eval_0.2.1", "evaluation_id": "e", "model_id": "acme/bird-7b", "evaluation_name": "quiz", "sample_id": "{id}", "evaluation": {{"score": {}.0, "is_correct": {correct}}}}}"#,
                u8::from(correct)
            )
        };
        let imported = read(&[("s.jsonl", &format!("{}\n{}\n", item(1, true), item(2, false)))]);
        assert_eq!(scores(&imported), ["acme/bird-7b quiz/1 1", "acme/bird-7b quiz/2 0"]);
    }
}
