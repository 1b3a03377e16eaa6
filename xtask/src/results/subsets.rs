//! Vectors of pairs on MTEB: the score on one subset of a dataset stands in for what is found by running the model on a part of it
//! (ModelLens, section 4.2.2). The score to forecast is then the mean over the other subsets.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use anyhow::{Context, Result};
use serde_json::Value;

use super::page::{Labelled, array, number, table, text};

/// Of the datasets with several subsets every so many-th is held out.
const HELD: usize = 8;
/// Models that a held-out dataset must have.
const LEAST_MODELS: usize = 20;

/// Scores by dataset, subset and model.
type Subsets = BTreeMap<String, BTreeMap<String, BTreeMap<String, f64>>>;

/// What is written for the imports and the split.
#[derive(Debug, PartialEq)]
pub(super) struct Files {
    /// Scores without the subset that stands in.
    pub(super) scores: String,
    /// The score on that subset, standardised over the models.
    pub(super) vectors: String,
    /// The scores to hold out.
    pub(super) held: String,
}

/// The files of scores by dataset (`model,dataset,metric,score,…`) and of scores by subset (`dataset,subset,split,model,score`).
pub(super) fn files(by_dataset: impl Read, by_subset: impl Read) -> Result<Files> {
    let subsets = read_subsets(by_subset)?;
    let mut scores = csv::Writer::from_writer(Vec::new());
    let mut vectors = csv::Writer::from_writer(Vec::new());
    let mut held = csv::Writer::from_writer(Vec::new());
    scores.write_record(["model", "dataset", "metric", "score"])?;
    vectors.write_record(["model", "task", "score"])?;
    held.write_record(["model", "task"])?;
    let mut metrics: BTreeMap<String, String> = BTreeMap::new();
    for record in csv::Reader::from_reader(by_dataset).deserialize::<BTreeMap<String, String>>() {
        let record = record?;
        let of = |key: &str| record.get(key).with_context(|| format!("no column {key}"));
        let (model, dataset, metric, score) = (of("model")?, of("dataset")?, of("metric")?, of("score")?);
        if subsets.contains_key(dataset) {
            metrics.insert(dataset.clone(), metric.clone());
        } else {
            scores.write_record([model, dataset, metric, score])?;
        }
    }
    let mut eligible = 0;
    for (dataset, parts) in &subsets {
        let Some(metric) = metrics.get(dataset) else { continue };
        // The subset with the most models; of several the first.
        let Some((chosen, part)) =
            parts.iter().rev().max_by_key(|(_, models)| models.len()).filter(|_| parts.len() > 1)
        else {
            continue;
        };
        let others: BTreeMap<&String, f64> = (parts.values().flat_map(BTreeMap::keys).collect::<BTreeSet<_>>())
            .into_iter()
            .filter_map(|model| {
                let rest = parts.iter().filter(|(name, _)| *name != chosen).filter_map(|(_, part)| part.get(model));
                let (sum, count) = rest.fold((0.0, 0.0), |(sum, count), score| (sum + score, count + 1.0));
                (count > 0.0).then(|| (model, sum / count))
            })
            .collect();
        let is_held = if others.len() < LEAST_MODELS {
            false
        } else {
            eligible += 1;
            eligible % HELD == 0
        };
        for (model, mean) in others {
            scores.write_record([model, dataset, metric, &format!("{mean:.6}")])?;
            if is_held {
                held.write_record([model, dataset])?;
            }
        }
        for (model, z) in standardised(part) {
            vectors.write_record([model, dataset, &format!("{z:.5}")])?;
        }
    }
    let [scores, vectors, held] =
        [scores, vectors, held].map(|writer| -> Result<String> { Ok(String::from_utf8(writer.into_inner()?)?) });
    Ok(Files { scores: scores?, vectors: vectors?, held: held? })
}

/// The datasets with several subsets or splits.
fn read_subsets(file: impl Read) -> Result<Subsets> {
    let mut found = Subsets::new();
    let mut reader = csv::Reader::from_reader(file);
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        let [dataset, subset, split, model, score] =
            std::array::from_fn(|at| record.get(at)).map(Option::unwrap_or_default);
        let score: f64 = score.parse().with_context(|| format!("no score of {model} on {dataset}"))?;
        let part = found.entry(dataset.to_owned()).or_default().entry(format!("{subset}/{split}")).or_default();
        part.insert(model.to_owned(), score);
    }
    found.retain(|_, parts| parts.len() > 1);
    Ok(found)
}

fn standardised(scores: &BTreeMap<String, f64>) -> impl Iterator<Item = (&String, f64)> {
    let count = scores.len().max(1) as f64;
    let mean = scores.values().sum::<f64>() / count;
    let deviation = (scores.values().map(|score| (score - mean).powi(2)).sum::<f64>() / count).sqrt().max(1e-9);
    scores.iter().map(move |(model, score)| (model, (score - mean) / deviation))
}

/// Weighted τ without and with vectors: a row a method for the mean over the held-out datasets, then a row a dataset.
pub(super) fn shown(reports: &[Labelled]) -> String {
    let results: Vec<&[Value]> = reports.iter().map(|(_, report)| array(&report["results"])).collect();
    let methods: Vec<&str> =
        results.first().map_or(&[][..], |first| first).iter().map(|of| text(&of["method"])).collect();
    let mut head = vec!["dataset".to_owned(), "models".to_owned()];
    for method in &methods {
        head.extend(reports.iter().map(|(label, _)| format!("`{method}`, {label}")));
    }
    let values = |of: &dyn Fn(&Value) -> Value| -> Vec<String> {
        (0..methods.len()).flat_map(|at| results.iter().map(move |run| &run[at])).map(|run| number(&of(run))).collect()
    };
    let mut rows: Vec<Vec<String>> =
        [("(mean, weighted τ)", "weighted_tau"), ("(mean, NDCG@10)", "ndcg_10"), ("(mean, Hit@1)", "hit_1")]
            .map(|(name, key)| {
                [vec![name.to_owned(), String::new()], values(&|run| run["metrics"][key].clone())].concat()
            })
            .into();
    let first = results.first().and_then(|run| run.first()).and_then(|run| run["tasks"].as_object());
    for (dataset, metrics) in first.into_iter().flatten() {
        let models = metrics["rows"].as_f64().unwrap_or_default().to_string();
        rows.push(
            [vec![dataset.clone(), models], values(&|run| run["tasks"][dataset]["weighted_tau"].clone())].concat(),
        );
    }
    table(&head, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_subset_that_stands_in_is_no_part_of_the_score() {
        let by_dataset = "model,dataset,metric,score,subsets\na,one,acc,0.5,1\na,two,f1,0.4,2\nb,two,f1,0.6,2\n";
        let by_subset = "dataset,subset,split,model,score\none,d,test,a,0.5\n\
                         two,de,test,a,0.2\ntwo,de,test,b,0.8\ntwo,en,test,a,0.6\ntwo,fr,test,b,0.4\ntwo,fr,test,c,0.1\ntwo,fr,val,c,0.3\n";
        let found = files(by_dataset.as_bytes(), by_subset.as_bytes()).unwrap();
        assert_eq!(
            found.scores,
            "model,dataset,metric,score\na,one,acc,0.5\na,two,f1,0.600000\nb,two,f1,0.400000\nc,two,f1,0.200000\n"
        );
        assert_eq!(found.vectors, "model,task,score\na,two,-1.00000\nb,two,1.00000\n");
        assert_eq!(found.held, "model,task\n", "too few models");
    }

    #[test]
    fn every_dataset_has_a_row_below_the_means() {
        let report = |tau: f64| {
            let tasks = json!({"two": {"rows": 30.0, "weighted_tau": tau}});
            json!({"results": [{"method": "zap", "metrics": {"weighted_tau": tau, "ndcg_10": 0.5, "hit_1": null}, "tasks": tasks}]})
        };
        let table = shown(&[("without", report(0.25)), ("with", report(0.75))]);
        assert!(table.starts_with("| dataset | models | `zap`, without | `zap`, with |\n"), "{table}");
        assert!(table.contains("| (mean, weighted τ) |  | 0.2500 | 0.7500 |\n"), "{table}");
        assert!(table.ends_with("| two | 30 | 0.2500 | 0.7500 |\n"), "{table}");
    }
}
