//! Routing with a pool that the ranker recommends for a benchmark it has no results on, beside a given pool (ModelLens, section 4.3):
//! the files that the runs need, and the table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::page::{array, number, table, text};

/// The benchmarks, by the names of their files of item outcomes.
pub(super) const BENCHMARKS: [&str; 5] = ["arc", "gsm8k", "mmlu", "truthfulqa", "winogrande"];

/// A pool of the leaderboard's time in the manner of the paper's: 70, 32, 13 active, 8, 7 and 7 billion parameters.
pub(super) const GIVEN: [&str; 6] = [
    "meta-llama/Meta-Llama-3-70B",
    "Qwen/Qwen1.5-32B-Chat",
    "mistralai/Mixtral-8x7B-v0.1",
    "meta-llama/Meta-Llama-3-8B-Instruct",
    "Qwen/Qwen1.5-7B",
    "mistralai/Mistral-7B-Instruct-v0.2",
];

/// How a pool is routed, on each benchmark by itself.
pub(super) const ROUTE: &str = "backtest --method irt,mf --routing --json";

/// The outcomes of one benchmark: its items, and each model's share of solved items.
struct Outcomes {
    items: Vec<String>,
    shares: BTreeMap<String, f64>,
}

/// One in so many models, in the order of ids, can be recommended: the ranker of fewer than 2,000 scores is small, and trains in seconds.
const EVERY: usize = 5;

/// Writes, for each benchmark, the shares of solved items on the other ones, of some of the models that have all of them.
pub(super) fn write_means(data: &Path, folder: &Path) -> Result<()> {
    let all: Vec<Outcomes> = BENCHMARKS.iter().map(|name| outcomes(data, name)).collect::<Result<_>>()?;
    let common: BTreeSet<&String> =
        all[0].shares.keys().filter(|id| all.iter().all(|of| of.shares.contains_key(*id))).collect();
    for (held, name) in BENCHMARKS.iter().enumerate() {
        let others = || (0..BENCHMARKS.len()).filter(move |&other| other != held);
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["model"].into_iter().chain(others().map(|other| BENCHMARKS[other])))?;
        for id in common.iter().step_by(EVERY) {
            let shares = others().map(|other| format!("{:.4}", all[other].shares[*id]));
            writer.write_record([(*id).clone()].into_iter().chain(shares))?;
        }
        std::fs::write(folder.join(format!("without-{name}.csv")), writer.into_inner()?)?;
    }
    Ok(())
}

fn outcomes(data: &Path, name: &str) -> Result<Outcomes> {
    let path = data.join(format!("instance/v1-{name}.csv.gz"));
    let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text)?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let items = reader.headers()?.iter().skip(1).map(str::to_owned).collect();
    let mut shares = BTreeMap::new();
    for record in reader.records() {
        let record = record?;
        let solved: Option<Vec<f64>> = record.iter().skip(1).map(|cell| cell.parse().ok()).collect();
        if let (Some(solved), Some(id)) = (solved, record.get(0)) {
            shares.insert(id.to_owned(), solved.iter().sum::<f64>() / solved.len().max(1) as f64);
        }
    }
    Ok(Outcomes { items, shares })
}

/// What to hold out so that a pool is routed: every second item, in the order of the file, of each of its models.
pub(super) fn held_out(data: &Path, name: &str, pool: &[String]) -> Result<String> {
    let Outcomes { items, .. } = outcomes(data, name)?;
    let mut lines = "model,task\n".to_owned();
    for model in pool {
        for item in items.iter().step_by(2) {
            writeln!(lines, "{model},v1-{name}/{item}")?;
        }
    }
    Ok(lines)
}

/// The models of a recommended pool.
pub(super) fn recommended(report: &Value) -> Result<Vec<String>> {
    let pool: Vec<String> =
        array(&report["pool"]).iter().filter_map(|slot| slot[1].as_str()).map(str::to_owned).collect();
    ensure!(pool.len() > 1, "the ranker recommends fewer than two models");
    Ok(pool)
}

/// The models of a pool, and the report of its routing.
pub(super) type Routed = (Vec<String>, Value);

/// A row a benchmark, pool and router; then the mean of each router.
pub(super) fn compare(routed: &[(&str, [Routed; 2])]) -> String {
    let head = ["benchmark", "pool", "router", "routed", "single best", "random", "oracle", "models of the pool"];
    let mut rows = Vec::new();
    let mut sums: BTreeMap<(String, usize), (f64, f64)> = BTreeMap::new();
    for (benchmark, pools) in routed {
        for (at, (pool, report)) in pools.iter().enumerate() {
            for result in array(&report["results"]) {
                let method = text(&result["method"]).to_owned();
                for scores in result["routing"].as_object().into_iter().flat_map(|all| all.values()) {
                    let sum = sums.entry((method.clone(), at)).or_default();
                    *sum = (sum.0 + scores["routed"].as_f64().unwrap_or(f64::NAN), sum.1 + 1.0);
                    let named = |name: &str| vec![(*benchmark).to_owned(), name.to_owned(), format!("`{method}`")];
                    let values = ["routed", "single_best", "random", "oracle"].map(|key| number(&scores[key]));
                    rows.push([named(POOLS[at]), values.to_vec(), vec![pool.join(", ")]].concat());
                }
            }
        }
    }
    for ((method, at), (sum, count)) in sums {
        let mean = format!("{:.4}", sum / count);
        let blanks = vec![String::new(); 4];
        rows.push([vec!["(mean)".to_owned(), POOLS[at].to_owned(), format!("`{method}`"), mean], blanks].concat());
    }
    table(&head.map(str::to_owned), &rows)
}

const POOLS: [&str; 2] = ["given", "recommended"];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_pools_stand_below_each_other_with_their_means() {
        let report = |routed: f64| json!({"results": [{"method": "mf", "routing": {"x": {"routed": routed, "single_best": 0.5, "random": 0.25, "oracle": 1.0}}}]});
        let pool = |id: &str, routed: f64| (vec![id.to_owned()], report(routed));
        let table =
            compare(&[("arc", [pool("a", 0.5), pool("b", 0.75)]), ("mmlu", [pool("a", 0.25), pool("c", 0.25)])]);
        assert!(table.contains("| arc | recommended | `mf` | 0.7500 | 0.5000 | 0.2500 | 1.0000 | b |\n"), "{table}");
        assert!(table.contains("| (mean) | given | `mf` | 0.3750 |  |  |  |  |\n"), "{table}");
        assert!(table.ends_with("| (mean) | recommended | `mf` | 0.5000 |  |  |  |  |\n"), "{table}");
    }

    #[test]
    fn slots_without_a_model_are_left_out() {
        let report = json!({"pool": [[70.0, "a"], [7.0, null], [1.0, "b"]]});
        assert_eq!(recommended(&report).unwrap(), ["a", "b"]);
        assert!(recommended(&json!({"pool": [[70.0, "a"]]})).is_err());
    }
}
