//! A case study: the newest datasets held out whole, and the ten models that a method puts first on each, with their true ranks
//! (ModelLens, section 4.5 and table 18).

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;

use super::page::{array, number, table, text};

/// Datasets that are held out, and how many models with a date each must have.
const MOST: usize = 6;
const LEAST_MODELS: usize = 30;
/// Models that are named.
const NAMED: usize = 10;

/// The datasets whose models are the latest: nothing says when a dataset appeared, and old models are seldom run on new ones. Of each
/// the task, and the median date of its models, latest first. `released` has dates of models.
pub(super) fn newest(snapshot: &Value, released: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let tasks = array(&snapshot["tasks"]).iter().zip(array(&snapshot["scores"]));
    let mut found: Vec<(String, String)> = tasks
        .filter_map(|(task, column)| {
            let mut dates: Vec<&String> =
                models_of(snapshot, column).iter().filter_map(|id| released.get(*id)).collect();
            dates.sort_unstable();
            let median = dates.get(dates.len() / 2).filter(|_| dates.len() >= LEAST_MODELS)?;
            Some((text(&task["id"]).to_owned(), (*median).clone()))
        })
        .collect();
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found.truncate(MOST);
    found
}

/// All scores on these tasks, as a file of what to hold out.
pub(super) fn held_out(snapshot: &Value, tasks: &[(String, String)]) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["model", "task"])?;
    for (task, column) in array(&snapshot["tasks"]).iter().zip(array(&snapshot["scores"])) {
        let id = text(&task["id"]);
        for model in models_of(snapshot, column).into_iter().filter(|_| tasks.iter().any(|(held, _)| held == id)) {
            writer.write_record([model, id])?;
        }
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// The models with a score in a column; a column that lists no models has all.
pub(super) fn models_of<'a>(snapshot: &'a Value, column: &'a Value) -> Vec<&'a str> {
    let id = |at: usize| text(&snapshot["models"][at]["id"]);
    match column["models"].as_array() {
        Some(models) => models.iter().filter_map(|at| Some(id(at.as_u64()? as usize))).collect(),
        None => {
            let known = array(&column["values"]).iter().enumerate().filter(|(_, value)| value.is_number());
            known.map(|(at, _)| id(at)).collect()
        }
    }
}

/// Dates of models from a table with the columns `model` and `release_date`.
pub(super) fn dates(file: &str) -> Result<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let head = reader.headers()?.clone();
    let column = |name: &str| head.iter().position(|found| found == name).with_context(|| format!("no column {name}"));
    let (model, date) = (column("model")?, column("release_date")?);
    let mut found = BTreeMap::new();
    for record in reader.records() {
        let record = record?;
        if let (Some(model), Some(date)) = (record.get(model), record.get(date).filter(|date| !date.is_empty())) {
            found.insert(model.to_owned(), date.to_owned());
        }
    }
    Ok(found)
}

/// A row a dataset: how many models, how well they are ordered, and the first ones, each with its true rank. `predictions` is the
/// file that a backtest writes; more is better.
pub(super) fn shown(predictions: &str, report: &Value, newest: &[(String, String)]) -> Result<String> {
    let mut reader = csv::Reader::from_reader(predictions.as_bytes());
    let mut by_task: BTreeMap<String, Vec<(String, f64, f64)>> = BTreeMap::new();
    for record in reader.deserialize::<BTreeMap<String, String>>() {
        let record = record?;
        let of = |key: &str| record.get(key).cloned().with_context(|| format!("no column {key}"));
        let row = (of("model")?, of("truth")?.parse()?, of("predicted")?.parse()?);
        by_task.entry(of("task")?).or_default().push(row);
    }
    let metrics = &report["results"][0]["tasks"];
    let mut rows = Vec::new();
    for (task, median) in newest {
        let Some(models) = by_task.get_mut(task) else { continue };
        models.sort_by(|a, b| b.2.total_cmp(&a.2));
        let rank = |truth: f64| 1 + models.iter().filter(|other| other.1 > truth).count();
        let first: Vec<String> =
            models.iter().take(NAMED).map(|(id, truth, _)| format!("{id} ({})", rank(*truth))).collect();
        rows.push(vec![
            task.clone(),
            median.clone(),
            models.len().to_string(),
            number(&metrics[task]["weighted_tau"]),
            number(&metrics[task]["ndcg_10"]),
            first.join(", "),
        ]);
    }
    let head =
        ["dataset", "median date of its models", "models", "weighted τ", "NDCG@10", "first ten, with true ranks"];
    Ok(table(&head.map(str::to_owned), &rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_datasets_of_the_latest_models_are_held_out() {
        let count = 40u64;
        let models: Vec<Value> = (0..count).map(|at| json!({"id": format!("m{at}")})).collect();
        let column = |from: u64, to: u64| json!({"models": (from..to).collect::<Vec<u64>>(), "values": []});
        let snapshot = json!({
            "models": models,
            "tasks": [{"id": "old"}, {"id": "new"}, {"id": "small"}],
            "scores": [column(0, 31), column(9, 40), column(35, 40)],
        });
        let released = (0..count).map(|at| (format!("m{at}"), format!("20{:02}-01-01", at))).collect();
        let found = newest(&snapshot, &released);
        assert_eq!(
            found,
            [("new", "2024-01-01"), ("old", "2015-01-01")].map(|pair| (pair.0.to_owned(), pair.1.to_owned()))
        );
        let held = held_out(&snapshot, &found[..1]).unwrap();
        assert_eq!((held.lines().count(), held.lines().nth(1)), (32, Some("m9,new")));
    }

    #[test]
    fn the_first_are_named_with_their_true_ranks() {
        let predictions = "method,seed,model,task,truth,predicted,lower,upper\nr,0,a,x,0.2,0.9,,\nr,0,b,x,0.8,0.5,,\nr,0,c,x,0.5,0.1,,\n";
        let report = json!({"results": [{"tasks": {"x": {"weighted_tau": 0.25, "ndcg_10": 0.5}}}]});
        let table = shown(predictions, &report, &[("x".to_owned(), "2026-01-01".to_owned())]).unwrap();
        assert!(table.ends_with("| x | 2026-01-01 | 3 | 0.2500 | 0.5000 | a (3), b (1), c (2) |\n"), "{table}");
    }

    #[test]
    fn dates_are_read_where_there_are_some() {
        let found = dates("model,params_b,release_date\na,1,2025-01-01\nb,2,\n").unwrap();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [("a".to_owned(), "2025-01-01".to_owned())]);
    }
}
