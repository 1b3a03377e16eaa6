//! Vectors of pairs of a model and a task that stand in for what is found by running the model on a part of the task: its scores
//! on the other parts and metrics of the same dataset.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;

use super::page::{array, text};

/// The vectors of a snapshot as CSV: the mean of the model's standardised scores on the other tasks of the dataset, and the
/// logarithm of their number.
pub(super) fn of_other_parts(snapshot: &Value) -> Result<String> {
    let mut datasets: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let tasks = array(&snapshot["tasks"]);
    for (at, task) in tasks.iter().enumerate() {
        datasets.entry(task["dataset"].as_str().unwrap_or(text(&task["id"]))).or_default().push(at);
    }
    let standardised: Vec<BTreeMap<u64, f64>> = array(&snapshot["scores"]).iter().zip(tasks).map(standardise).collect();
    let mut lines = csv_line(["model", "task", "mean", "log_count"].map(str::to_owned));
    for parts in datasets.values() {
        for &part in parts {
            let mut found: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
            for &other in parts.iter().filter(|&&other| other != part) {
                let scores = standardised.get(other).context("the snapshot has fewer columns than tasks")?;
                scores.iter().for_each(|(&model, &z)| found.entry(model).or_default().push(z));
            }
            for (model, all) in found {
                let count = all.len() as f64;
                let mean = all.iter().sum::<f64>() / count;
                let [model, task] = [&snapshot["models"][model as usize]["id"], &tasks[part]["id"]].map(text);
                lines +=
                    &csv_line([model.to_owned(), task.to_owned(), format!("{mean:.5}"), format!("{:.5}", count.ln())]);
            }
        }
    }
    Ok(lines)
}

/// A column's scores by model, standardised and turned so that more is better.
fn standardise((column, task): (&Value, &Value)) -> BTreeMap<u64, f64> {
    let values: Vec<f64> = array(&column["values"]).iter().filter_map(Value::as_f64).collect();
    let models = column["models"].as_array().map_or_else(
        || (0..values.len() as u64).collect(),
        |models| models.iter().filter_map(Value::as_u64).collect::<Vec<u64>>(),
    );
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt().max(1e-9);
    let sign = if task["lower_is_better"] == true { -1.0 } else { 1.0 };
    models.into_iter().zip(values).map(|(model, value)| (model, sign * (value - mean) / deviation)).collect()
}

fn csv_line(cells: [String; 4]) -> String {
    let quoted = cells
        .map(|cell| if cell.contains([',', '"', ';']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell });
    format!("{}\n", quoted.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn other_parts_of_the_dataset_count_and_the_part_itself_does_not() {
        let task = |id: &str, dataset: &str| json!({"id": id, "dataset": dataset});
        let snapshot = json!({
            "models": [{"id": "a"}, {"id": "b,c"}],
            "tasks": [task("x 1", "x"), task("x 2", "x"), task("y", "y")],
            "scores": [{"values": [0.1, 0.3]}, {"models": [1], "values": [0.5]}, {"values": [0.2, 0.9]}],
        });
        let found = of_other_parts(&snapshot).unwrap();
        let expected = "model,task,mean,log_count\n\"b,c\",x 1,0.00000,0.00000\na,x 2,-1.00000,0.00000\n\"b,c\",x 2,1.00000,0.00000\n";
        assert_eq!(found, expected);
    }
}
