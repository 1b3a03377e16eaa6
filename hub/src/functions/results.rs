//! A line of results: a record of Every Eval Ever, or its flat form, an object for each result. Records go through the reader
//! of `eyas import`.

use super::listing::general;
use super::rows::{Note, Record, Scored};
use eyas::formats::{Companions, Source, import};
use eyas::snapshot::{Date, Factors, MeasuredBy, Results, Snapshot, parse_day};
use serde_json::Value;

pub(super) fn read(line: &str) -> Record {
    let left_out = |why: &str| Record { notes: vec![Note::new("results", why, line.trim())], ..Record::default() };
    let Ok(value) = serde_json::from_str::<Value>(line) else { return left_out("broken JSON") };
    if !value.is_object() {
        return left_out("no JSON object");
    }
    if value.get("evaluation_results").is_some_and(Value::is_array) {
        let name = text(value.get("evaluation_id")).unwrap_or("record");
        return of_file(line, name);
    }
    if let (Some(facts), Some(model)) =
        (value.get("factors").filter(|facts| facts.is_object()), text(value.get("model")))
    {
        return Record { model: Some(model.to_owned()), factors: Some(facts.to_string()), ..Record::default() };
    }
    match flat(&value) {
        Ok(result) => Record { results: vec![result], ..Record::default() },
        Err(why) => left_out(why),
    }
}

/// The results of a text in one of the forms that `eyas import` reads.
pub(super) fn of_file(content: &str, name: &str) -> Record {
    let file = Source { name: "record.json", bytes: content.as_bytes(), optional: false };
    let imported = match import(&[file], &Companions::default()) {
        Ok(imported) => imported,
        Err(error) => {
            let note = Note::new("results", &general(error.message()), name);
            return Record { notes: vec![note], ..Record::default() };
        }
    };
    let dropped = imported.report.dropped.iter();
    let notes = dropped
        .flat_map(|dropped| std::iter::repeat_n(Note::new(&dropped.what, &general(&dropped.why), name), dropped.count));
    let mut record = Record { notes: notes.collect(), ..Record::default() };
    let snapshot = imported.snapshot;
    record.results = of_snapshot(&snapshot);
    if record.results.is_empty() {
        record.notes.push(Note::new("results", "single items, not scores", name));
    }
    if let [model] = snapshot.models.as_slice() {
        record.model = Some(model.id.clone());
        record.factors = to_json(&model.factors);
    }
    record
}

pub(super) fn to_json(factors: &Factors) -> Option<String> {
    (!factors.is_empty()).then(|| serde_json::to_string(factors).unwrap_or_default())
}

/// The scores of a snapshot.
pub(super) fn of_snapshot(snapshot: &Snapshot) -> Vec<Scored> {
    let Results::Scores(scores) = &snapshot.results else { return Vec::new() };
    let scored = |(model, task, value): (u32, u32, f32)| {
        let about = &snapshot.tasks[task as usize];
        let detail = snapshot.details.get(eyas::snapshot::ModelIndex(model), eyas::snapshot::TaskIndex(task));
        let detail = detail.unwrap_or_default();
        let source = &snapshot.sources[detail.source.unwrap_or(0) as usize];
        Scored {
            model: snapshot.models[model as usize].id.clone(),
            dataset: about.dataset.clone(),
            subset: about.subset.clone(),
            split: about.split.clone(),
            metric: about.metric.clone(),
            task: about.task_type.clone(),
            date: detail.date.map(|date| date.to_string()),
            source: source.name.clone(),
            url: source.url.clone(),
            source_license: source.license.clone(),
            measured_by: source.by.and_then(word),
            lower_is_better: Some(about.lower_is_better),
            is_open: Some(about.range.is_none()),
            low: about.range.map(|range| range.low),
            high: about.range.map(|range| range.high),
            value,
            error: detail.error,
            items: detail.items,
        }
    };
    scores.iter().map(scored).collect()
}

fn word(by: MeasuredBy) -> Option<String> {
    serde_json::to_value(by).ok()?.as_str().map(str::to_owned)
}

/// The names that a field of the flat form may have; a dot is a field within a field, or is written `_`.
const MODEL: &[&str] = &["model", "model_id", "model_info.id", "model_name", "model_info.name"];
const DATASET: &[&str] = &["dataset", "dataset_name", "source_data.dataset_name", "benchmark", "evaluation_name"];
const METRIC: &[&str] =
    &["metric", "metric_kind", "metric_config.metric_kind", "metric_id", "metric_config.metric_id", "metric_name"];
const SCORE: &[&str] = &["score", "score_details.score", "value"];
const ERROR: &[&str] = &["error", "standard_error", "score_details.uncertainty.standard_error.value"];
const ITEMS: &[&str] = &["items", "num_samples", "score_details.uncertainty.num_samples"];
const DATE: &[&str] = &["date", "evaluation_timestamp", "retrieved_timestamp"];
const LOW: &[&str] = &["min_score", "metric_config.min_score"];
const HIGH: &[&str] = &["max_score", "metric_config.max_score"];
const DIRECTION: &[&str] = &["lower_is_better", "metric_config.lower_is_better"];
const SOURCE: &[&str] = &["source", "source_name", "source_metadata.source_name"];
const BY: &[&str] = &["evaluator_relationship", "source_metadata.evaluator_relationship"];
const URL: &[&str] = &["url", "source_url", "source_metadata.source_organization_url"];

/// The columns of the flat form by which Parquet is read.
pub(crate) const FLAT: [&[&str]; 16] = [
    MODEL,
    DATASET,
    METRIC,
    SCORE,
    ERROR,
    ITEMS,
    DATE,
    LOW,
    HIGH,
    DIRECTION,
    SOURCE,
    BY,
    URL,
    &["subset"],
    &["split"],
    &["source_license", "task"],
];

fn flat(value: &Value) -> Result<Scored, &'static str> {
    let words = |names| text(find(value, names)).map(str::to_owned);
    let amount = |names| number(find(value, names)).filter(|number: &f64| number.is_finite());
    let score =
        amount(SCORE).map(|score| score as f32).filter(|score| score.is_finite()).ok_or("no number as score")?;
    let (low, high) = (amount(LOW).map(|low| low as f32), amount(HIGH).map(|high| high as f32));
    let range = low.zip(high).filter(|(low, high)| low < high && (*low..=*high).contains(&score));
    // A bound that is no number is infinite.
    let is_unbounded = [LOW, HIGH].iter().any(|names| find(value, names).is_some() && amount(names).is_none());
    Ok(Scored {
        model: words(MODEL).ok_or("no model")?,
        dataset: words(DATASET).ok_or("no dataset")?,
        subset: words(&["subset"]),
        split: words(&["split"]),
        metric: words(METRIC),
        task: words(&["task"]),
        date: find(value, DATE).and_then(date),
        source: words(SOURCE).unwrap_or_else(|| "Every Eval Ever".to_owned()),
        url: words(URL),
        source_license: words(&["source_license"]).unwrap_or_else(|| eyas::snapshot::DataSource::NOT_STATED.to_owned()),
        measured_by: words(BY)
            .filter(|by| ["first_party", "third_party", "collaborative", "other"].contains(&by.as_str())),
        lower_is_better: find(value, DIRECTION).and_then(Value::as_bool),
        is_open: range.map(|_| false).or(is_unbounded.then_some(true)),
        low: range.map(|range| range.0),
        high: range.map(|range| range.1),
        value: score,
        error: amount(ERROR).map(|error| error as f32).filter(|error| error.is_finite() && *error >= 0.0),
        items: amount(ITEMS).filter(|items| (1.0..=4e9).contains(items)).map(|items| items as u32),
    })
}

fn text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

fn number(value: Option<&Value>) -> Option<f64> {
    let value = value?;
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// The first field that is there, under any of its names.
fn find<'a>(value: &'a Value, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| {
        let mut found = name.split('.').try_fold(value, |value, key| value.get(key));
        if name.contains('.') {
            found = found.or_else(|| value.get(*name)).or_else(|| value.get(name.replace('.', "_")));
        }
        found.filter(|found| !found.is_null())
    })
}

/// A day: a date, or seconds since 1970.
fn date(value: &Value) -> Option<String> {
    const START: i32 = 719_468; // 1970-01-01
    if let Some(day) = value.as_str().and_then(parse_day) {
        return Some(day.to_string());
    }
    let days = (number(Some(value))? / 86_400.0).floor();
    let day = Date::from_days(START.checked_add(days as i32)?)?;
    (days > 365.0).then(|| day.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_and_its_flat_form_are_alike() {
        let record = r#"{"schema_version": "0.3.0", "evaluation_id": "e", "retrieved_timestamp": "1768000000",
            "source_metadata": {"source_name": "Board", "evaluator_relationship": "third_party"},
            "model_info": {"name": "bird-7b", "id": "acme/bird-7b", "additional_details": {"params_billions": 7}},
            "evaluation_results": [{"evaluation_name": "Quiz", "source_data": {"dataset_name": "Quiz"},
              "metric_config": {"metric_kind": "accuracy", "lower_is_better": false, "min_score": 0, "max_score": 1},
              "score_details": {"score": 0.5, "uncertainty": {"num_samples": 100}}}]}"#;
        let flat = r#"{"model_info_id": "acme/bird-7b", "evaluation_name": "Quiz", "metric_kind": "accuracy", "min_score": 0,
            "max_score": 1.0, "score": 0.5, "num_samples": 100, "source_name": "Board", "lower_is_better": false,
            "evaluator_relationship": "third_party"}"#;
        let (record, flat) = (read(record), read(flat));
        assert_eq!(record.factors.as_deref(), Some(r#"{"params":7.0}"#));
        let shown = |record: &Record| {
            let r = &record.results[0];
            let texts = [&r.model, &r.dataset, &r.source, r.metric.as_ref().unwrap(), r.measured_by.as_ref().unwrap()];
            format!("{texts:?} {} {:?} {:?} {:?} {:?}", r.value, r.low, r.high, r.items, r.lower_is_better)
        };
        assert_eq!(shown(&record), shown(&flat));
    }

    #[test]
    fn bad_lines_are_named() {
        let why = |line: &str| read(line).notes[0].why.clone();
        assert_eq!(why("{"), "broken JSON");
        assert_eq!(why("[1]"), "no JSON object");
        assert_eq!(why(r#"{"model": "a", "dataset": "b", "score": "n/a"}"#), "no number as score");
        assert_eq!(why(r#"{"model": " ", "dataset": "b", "score": 1}"#), "no model");
        assert_eq!(why(r#"{"evaluation_results": [], "model_info": {"id": "a/b"}}"#), "no score in it");
    }

    #[test]
    fn dates_and_open_ranges_are_read() {
        let read =
            |extra: &str| read(&format!(r#"{{"model": "a", "dataset": "b", "score": 12.5{extra}}}"#)).results.remove(0);
        assert_eq!(read(r#", "date": "2025-02-03""#).date.as_deref(), Some("2025-02-03"));
        assert_eq!(read(r#", "evaluation_timestamp": "1768000000""#).date.as_deref(), Some("2026-01-09"));
        assert_eq!(read(r#", "date": 0"#).date, None);
        assert_eq!(read(r#", "min_score": 0, "max_score": "Infinity""#).is_open, Some(true));
        assert_eq!(read("").is_open, None);
    }
}
