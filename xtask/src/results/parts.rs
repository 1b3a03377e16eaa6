//! Tables of parts of a run: by model, by task, by cluster.

use std::collections::BTreeMap;

use serde_json::Value;

use super::experiments::Metric;
use super::page::{Labelled, array, number, table, text};

/// Rows whose correlation is at least a half are of one cluster.
const APART: f64 = 0.5;

/// A row a model that a paper names, with its error there and that of each of these methods, run by run.
pub(super) fn models(reports: &[Labelled], methods: &[&str], named: &[(&str, &[&str])]) -> String {
    let mut head = vec!["model".to_owned(), "results".to_owned()];
    for (label, _) in reports {
        head.push(format!("{label}, the paper"));
        head.extend(methods.iter().map(|method| format!("`{method}`")));
    }
    let row = |(model, published): &(&str, &[&str])| {
        let mut row = vec![(*model).to_owned(), String::new()];
        for ((_, report), published) in reports.iter().zip(*published) {
            row.push((*published).to_owned());
            for method in methods {
                let of = array(&report["results"]).iter().find(|result| result["method"] == *method);
                let metrics = of.map_or(&Value::Null, |result| &result["models"][model]);
                if let (true, Some(rows)) = (row[1].is_empty(), metrics["rows"].as_f64()) {
                    row[1] = format!("{rows:.0}");
                }
                row.push(number(&metrics["mse"]));
            }
        }
        row
    };
    table(&head, &named.iter().map(row).collect::<Vec<_>>())
}

/// A row a task (of these, or all) and method.
pub(super) fn tasks(reports: &[Labelled], wanted: &[&str], columns: &[Metric]) -> String {
    let mut rows = Vec::new();
    for (_, report) in reports {
        let results = array(&report["results"]);
        let all = results.first().and_then(|first| first["tasks"].as_object());
        let is_wanted = |task: &&String| wanted.is_empty() || wanted.contains(&task.as_str());
        for task in all.into_iter().flat_map(|all| all.keys()).filter(is_wanted) {
            for result in results {
                let metrics = &result["tasks"][task];
                let mut row = vec![task.clone(), format!("`{}`", text(&result["method"]))];
                row.extend(columns.iter().map(|(key, _)| number(&metrics[key])));
                rows.push(row);
            }
        }
    }
    let names = columns.iter().map(|(_, name)| *name);
    table(&["task", "method"].into_iter().chain(names).map(str::to_owned).collect::<Vec<_>>(), &rows)
}

/// A row a cluster of at least two.
pub(super) fn clusters(reports: &[Labelled]) -> String {
    let mut rows = Vec::new();
    for (label, report) in reports {
        let names = array(&report["names"]);
        let mut above: Vec<usize> = (0..names.len() + array(&report["merges"]).len()).collect();
        for (at, merge) in array(&report["merges"]).iter().enumerate() {
            let near = merge["distance"].as_f64().is_some_and(|distance| distance <= APART);
            for side in ["first", "second"].into_iter().filter(|_| near) {
                if let Some(above) = merge[side].as_u64().and_then(|side| above.get_mut(side as usize)) {
                    *above = names.len() + at;
                }
            }
        }
        let mut members: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for (at, name) in names.iter().enumerate() {
            let mut top = at;
            while above[top] != top {
                top = above[top];
            }
            members.entry(top).or_default().push(text(name));
        }
        let mut clusters: Vec<Vec<&str>> = members.into_values().filter(|members| members.len() > 1).collect();
        clusters.sort_by_key(|members| std::cmp::Reverse(members.len()));
        rows.extend(
            clusters
                .into_iter()
                .map(|members| vec![(*label).to_owned(), members.len().to_string(), members.join(", ")]),
        );
    }
    table(&["", "of", "cluster"].map(str::to_owned), &rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_models_error_stands_beside_the_papers() {
        let report = |mse: f64| json!({"results": [{"method": "mf", "models": {}}, {"method": "ncf", "models": {"a": {"rows": 3.0, "mse": mse}}}]});
        let table =
            models(&[("CPP-0", report(0.5)), ("CPP-2", report(0.25))], &["mf", "ncf"], &[("a", &["0.1", "0.2"])]);
        assert!(table.ends_with("| a | 3 | 0.1 | – | 0.5000 | 0.2 | – | 0.2500 |\n"), "{table}");
    }

    #[test]
    fn some_tasks_are_shown_of_each_method() {
        let tasks_of = json!({"x": {"mse": 0.5}, "y": {"mse": 0.1}});
        let report = json!({"results": [{"method": "mf", "tasks": tasks_of}]});
        let shown = tasks(&[("", report.clone())], &["y"], &[("mse", "MSE")]);
        assert!(shown.ends_with("|---|---|---|\n| y | `mf` | 0.1000 |\n"), "{shown}");
        assert!(tasks(&[("", report)], &[], &[("mse", "MSE")]).contains("| x | `mf` | 0.5000 |"));
    }

    #[test]
    fn clusters_end_where_rows_are_far_apart() {
        let merge = |first: usize, second: usize, distance: f64| json!({"first": first, "second": second, "distance": distance});
        let merges = [merge(2, 0, 0.1), merge(1, 3, 0.2), merge(5, 4, 0.4), merge(6, 7, 0.9)];
        let report = json!({"names": ["a", "b", "c", "d", "e"], "merges": merges});
        let table = clusters(&[("tasks", report)]);
        let rows: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(rows, ["| tasks | 3 | a, c, e |", "| tasks | 2 | b, d |"]);
    }
}
