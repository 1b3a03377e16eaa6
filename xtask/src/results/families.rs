//! Whole families of models that are held out, beside the same scores when half of the families' scores are known (ModelLens,
//! section A.8 and tables 15 to 17).

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::Value;

use super::cases::models_of;
use super::page::{Labelled, array, number, table, text};

/// The families that are held out: those of recent embedding models, with ten models or more each.
pub(super) const COHORT: [&str; 8] = ["qwen", "bge", "voyage", "gte", "llama", "f2llm", "granite", "mistral"];
/// Of this many datasets one loses the scores of all other models, too.
const UNSEEN: usize = 10;

/// Which family of the cohort a model belongs to.
pub(super) type Members = BTreeMap<String, &'static str>;

/// The rows of a column that belong to the cohort: those to be forecast, every other one, and the others.
struct Rows {
    asked: Vec<usize>,
    kept_back: Vec<usize>,
}

impl Rows {
    /// Neighbouring datasets begin with different models, and a single row is asked for.
    fn of(models: &[&str], dataset: usize, members: &Members) -> Self {
        let ours: Vec<usize> = (0..models.len()).filter(|&row| members.contains_key(models[row])).collect();
        let single = ours.len() == 1;
        let (mut asked, mut kept_back) = (Vec::new(), Vec::new());
        for (at, row) in ours.into_iter().enumerate() {
            if single || (at + dataset).is_multiple_of(2) { asked.push(row) } else { kept_back.push(row) }
        }
        Self { asked, kept_back }
    }

    /// Whether all other scores of the dataset are left out of the training.
    fn is_unseen(&self, dataset: usize) -> bool {
        dataset.is_multiple_of(UNSEEN) && !self.asked.is_empty()
    }
}

/// The datasets of a snapshot with their models and rows.
fn datasets<'a>(
    snapshot: &'a Value,
    members: &'a Members,
) -> impl Iterator<Item = (usize, &'a str, Vec<&'a str>, Rows)> {
    let tasks = array(&snapshot["tasks"]).iter().zip(array(&snapshot["scores"])).enumerate();
    tasks.map(move |(at, (task, column))| {
        let models = models_of(snapshot, column);
        let rows = Rows::of(&models, at, members);
        (at, text(&task["id"]), models, rows)
    })
}

/// The scores to forecast, as a file of what to hold out.
pub(super) fn held_out(snapshot: &Value, members: &Members) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["model", "task"])?;
    for (_, task, models, rows) in datasets(snapshot, members) {
        for row in rows.asked {
            writer.write_record([models[row], task])?;
        }
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// The snapshot without all further scores of the cohort, and of some datasets without any further score.
pub(super) fn without(snapshot: &Value, members: &Members) -> Value {
    let mut left = snapshot.clone();
    for (at, _, models, rows) in datasets(snapshot, members) {
        let unseen = rows.is_unseen(at);
        let stays = |row: usize| if unseen { rows.asked.contains(&row) } else { !rows.kept_back.contains(&row) };
        for values in left["scores"][at].as_object_mut().into_iter().flat_map(|column| column.values_mut()) {
            if let Some(values) = values.as_array_mut().filter(|values| values.len() == models.len()) {
                let mut row = 0..;
                values.retain(|_| row.next().is_some_and(stays));
            }
        }
    }
    left
}

/// A metric of both runs.
const METRICS: [(&str, &str); 7] = [
    ("ndcg_1", "NDCG@1"),
    ("ndcg_10", "NDCG@10"),
    ("ndcg_30", "NDCG@30"),
    ("hit_1", "Hit@1"),
    ("hit_10", "Hit@10"),
    ("recall_10", "Recall@10"),
    ("weighted_tau", "weighted τ"),
];

/// Two tables: a row a metric, and a row a part of the datasets: the seen and unseen ones, and those with a model of each family.
/// The reports are those of the families held out and of half of their scores known.
pub(super) fn shown(reports: &[Labelled], snapshot: &Value, members: &Members) -> String {
    let both: Vec<&Value> = reports.iter().map(|(_, report)| &report["results"][0]["tasks"]).collect();
    let everywhere: Vec<Dataset<'_>> = datasets(snapshot, members)
        .filter(|(.., rows)| !rows.asked.is_empty())
        .map(|(at, id, models, rows)| Dataset {
            id,
            unseen: rows.is_unseen(at),
            families: rows.asked.iter().filter_map(|&row| members.get(models[row]).copied()).collect(),
        })
        .collect();
    let all: Vec<&Dataset<'_>> = everywhere.iter().collect();
    let pair = |of: &dyn Fn(&Value) -> Option<f64>| {
        let values: Vec<Option<f64>> = both.iter().map(|tasks| of(tasks)).collect();
        let difference = values.first().copied().flatten().zip(values.get(1).copied().flatten());
        let difference = difference.map_or("–".to_owned(), |(held, known)| format!("{:+.4}", held - known));
        let shown = values.iter().map(|&value| number(&Value::from(value)));
        shown.chain([difference]).collect::<Vec<String>>()
    };
    let head = ["", "families held out", "half of their scores known", "difference"].map(str::to_owned);
    let mut rows: Vec<Vec<String>> = METRICS
        .iter()
        .map(|(key, name)| [vec![(*name).to_owned()], pair(&|tasks| mean(tasks, &all, key))].concat())
        .collect();
    rows.push([vec!["weighted τ, 1/M".to_owned()], pair(&|tasks| by_size(tasks, &all))].concat());
    let first = table(&head, &rows);

    let part = |name: String, of: Vec<&Dataset<'_>>| {
        let count = of.iter().filter(|dataset| both[0][dataset.id]["weighted_tau"].is_number()).count();
        let ndcg = pair(&|tasks| mean(tasks, &of, "ndcg_10"));
        let tau = pair(&|tasks| mean(tasks, &of, "weighted_tau"));
        [vec![name, count.to_string()], ndcg, tau[..2].to_vec()].concat()
    };
    let those = |is: &dyn Fn(&Dataset<'_>) -> bool| all.iter().copied().filter(|dataset| is(dataset)).collect();
    let mut rows = vec![
        part("other models' scores known".to_owned(), those(&|dataset| !dataset.unseen)),
        part("no score known".to_owned(), those(&|dataset| dataset.unseen)),
    ];
    let mut by_family: Vec<(f64, Vec<String>)> = COHORT
        .iter()
        .map(|family| {
            let of: Vec<_> = those(&|dataset| dataset.families.contains(family));
            let gap = mean(both[0], &of, "ndcg_10").zip(both.get(1).and_then(|tasks| mean(tasks, &of, "ndcg_10")));
            (gap.map_or(0.0, |(held, known)| known - held), part(format!("with `{family}`"), of))
        })
        .collect();
    by_family.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.extend(by_family.into_iter().map(|(_, row)| row));
    let head =
        ["datasets", "number", "NDCG@10, held out", "half known", "difference", "weighted τ, held out", "half known"];
    format!("{first}\n{}", table(&head.map(str::to_owned), &rows))
}

/// A dataset whose scores are forecast: whether it is unseen, and the families of its models.
struct Dataset<'a> {
    id: &'a str,
    unseen: bool,
    families: Vec<&'static str>,
}

/// The mean of a metric over the datasets where it is defined.
fn mean(tasks: &Value, of: &[&Dataset<'_>], key: &str) -> Option<f64> {
    let values: Vec<f64> = of.iter().filter_map(|dataset| tasks[dataset.id][key].as_f64()).collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The mean of τ with the weight 1 / number of models.
fn by_size(tasks: &Value, of: &[&Dataset<'_>]) -> Option<f64> {
    let taus = of.iter().filter_map(|dataset| {
        let of = &tasks[dataset.id];
        Some((1.0 / of["rows"].as_f64()?, of["weighted_tau"].as_f64()?))
    });
    let (weight, sum) = taus.fold((0.0, 0.0), |all, (weight, tau)| (all.0 + weight, all.1 + weight * tau));
    (weight > 0.0).then_some(sum / weight)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn example() -> (Value, Members) {
        let models: Vec<Value> = ["a", "q1", "q2", "b", "l1"].iter().map(|id| json!({"id": id})).collect();
        let full = json!({"models": [0, 1, 2, 3, 4], "values": [0.1, 0.2, 0.3, 0.4, 0.5]});
        let snapshot = json!({
            "models": models,
            "tasks": [{"id": "x"}, {"id": "y"}, {"id": "z"}],
            "scores": [full, full, {"models": [0, 4], "values": [0.6, 0.7]}],
        });
        let members = [("q1", "qwen"), ("q2", "qwen"), ("l1", "llama")].map(|(id, family)| (id.to_owned(), family));
        (snapshot, members.into())
    }

    #[test]
    fn every_other_score_of_the_cohort_is_forecast_and_no_other_is_known() {
        let (snapshot, members) = example();
        assert_eq!(held_out(&snapshot, &members).unwrap(), "model,task\nq1,x\nl1,x\nq2,y\nl1,z\n");
        let left = without(&snapshot, &members);
        // The first dataset is unseen, in the second the scores of other models remain.
        assert_eq!(left["scores"][0], json!({"models": [1, 4], "values": [0.2, 0.5]}));
        assert_eq!(left["scores"][1], json!({"models": [0, 2, 3], "values": [0.1, 0.3, 0.4]}));
        assert_eq!(left["scores"][2], snapshot["scores"][2]);
    }

    #[test]
    fn parts_are_means_over_their_datasets() {
        let (snapshot, members) = example();
        let of = |x: f64, y: f64| json!({"rows": 2.0, "weighted_tau": x, "ndcg_10": y});
        let report = |shift: f64| json!({"results": [{"tasks": {"x": of(0.5, 0.25 + shift), "y": of(1.0, 0.75), "z": {"rows": 1.0}}}]});
        let found = shown(&[("held", report(0.0)), ("known", report(0.5))], &snapshot, &members);
        assert!(found.contains("| NDCG@10 | 0.5000 | 0.7500 | -0.2500 |\n"), "{found}");
        assert!(found.contains("| weighted τ, 1/M | 0.7500 | 0.7500 | +0.0000 |\n"), "{found}");
        assert!(found.contains("| no score known | 1 | 0.2500 | 0.7500 | -0.5000 | 0.5000 | 0.5000 |\n"), "{found}");
        assert!(found.contains("| with `llama` | 1 | 0.2500 | 0.7500 | -0.5000 | 0.5000 | 0.5000 |\n"), "{found}");
        assert!(found.contains("| with `bge` | 0 | – | – | – | – | – |\n"), "{found}");
    }
}
