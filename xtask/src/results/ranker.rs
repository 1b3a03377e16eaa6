//! Tables of the analyses of the ranker.

use serde_json::Value;

use super::experiments::Metric;
use super::page::{Labelled, array, number, table, text};

/// A row a combination of losses; the paper's weighted τ beside them, in the same order.
pub(super) fn losses(reports: &[Labelled], columns: &[Metric], paper: &[&str]) -> String {
    let mut head = vec![String::new(), "losses".to_owned()];
    head.extend(columns.iter().map(|(_, name)| (*name).to_owned()));
    head.push("the paper, weighted τ".to_owned());
    let points =
        reports.iter().flat_map(|(label, report)| array(report).iter().zip(paper).map(move |row| (*label, row)));
    let row = |(label, (point, paper)): (&str, (&Value, &&str))| {
        let used: Vec<&str> =
            ["listwise", "pairwise", "pointwise"].into_iter().filter(|name| point[*name] == true).collect();
        let values = columns.iter().map(|(key, _)| number(&point["metrics"][key]));
        [vec![label.to_owned(), used.join(" + ")], values.collect(), vec![(*paper).to_owned()]].concat()
    };
    table(&head, &points.map(row).collect::<Vec<_>>())
}

/// A row a run and group of features.
pub(super) fn features(reports: &[Labelled]) -> String {
    let mut rows = Vec::new();
    for (label, report) in reports {
        for side in array(report) {
            let named = |name: &str, values: [String; 2]| {
                [vec![(*label).to_owned(), text(&side["side"]).to_owned(), name.to_owned()], values.into()].concat()
            };
            for feature in array(&side["features"]) {
                let signed = |key: &str| format!("{:+.4}", feature[key].as_f64().unwrap_or(f64::NAN));
                rows.push(named(text(&feature["name"]), ["left_out", "value"].map(signed)));
            }
            let ends = ["with_none", "with_all"].map(|key| number(&side[key]));
            rows.push(named("(weighted τ with none → with all)", [String::new(), ends.join(" → ")]));
        }
    }
    table(&["", "of", "features", "lost without them", "Shapley value"].map(str::to_owned), &rows)
}

/// A row a size and a family, each followed by how far data and prior agree.
pub(super) fn priors(reports: &[Labelled]) -> String {
    let mut rows = Vec::new();
    for (_, report) in reports {
        for (key, name) in [("sizes", "size, billions"), ("families", "family")] {
            let of = &report[key];
            for group in array(&of["groups"]) {
                let signed = |key: &str| format!("{:+.3}", group[key].as_f64().unwrap_or(f64::NAN));
                rows.push(vec![
                    name.to_owned(),
                    text(&group["name"]).to_owned(),
                    group["models"].to_string(),
                    signed("data"),
                    signed("probe"),
                ]);
            }
            let [data, probe, slope, eta] =
                ["data_rho", "probe_rho", "slope", "eta_squared"].map(|key| number(&of[key]));
            let agreement = format!("(ρ; slope of the prior {slope}, η² {eta})");
            rows.push(vec![name.to_owned(), agreement, String::new(), data, probe]);
        }
    }
    table(&["", "group", "models", "data", "prior"].map(str::to_owned), &rows)
}

/// A row a map: what it keeps of its space, and what lies together there.
pub(super) fn atlas(reports: &[Labelled]) -> String {
    let mut rows = Vec::new();
    for (label, report) in reports {
        for (key, name) in [("learned", "what was learned"), ("texts", "names and descriptions")] {
            let keys = ["kept", "kept_by_components", "same_family", "same_task_type"];
            let values = keys.map(|of| number(&report[key][of])).to_vec();
            rows.push([vec![(*label).to_owned(), name.to_owned()], values].concat());
        }
    }
    let head = ["", "map of", "neighbours kept", "by two components", "same family", "same task type"];
    table(&head.map(str::to_owned), &rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_map_has_a_row() {
        let quality = json!({"kept": 0.5, "kept_by_components": 0.25, "same_family": null, "same_task_type": 0.125});
        let table = atlas(&[("a board", json!({"learned": quality, "texts": quality, "points": []}))]);
        assert!(table.contains("| a board | what was learned | 0.5000 | 0.2500 | – | 0.1250 |\n"), "{table}");
    }

    #[test]
    fn losses_stand_beside_the_papers() {
        let point = |list: bool, tau: f64| json!({"listwise": list, "pairwise": true, "pointwise": false, "metrics": {"weighted_tau": tau}});
        let report = json!([point(true, 0.5), point(false, 0.25)]);
        let table = losses(&[("completion", report)], &[("weighted_tau", "weighted τ")], &["0.728", "0.591"]);
        assert!(
            table.ends_with(
                "| completion | listwise + pairwise | 0.5000 | 0.728 |\n| completion | pairwise | 0.2500 | 0.591 |\n"
            ),
            "{table}"
        );
    }

    #[test]
    fn features_end_with_the_whole_of_their_side() {
        let feature = json!({"name": "size", "left_out": 0.125, "value": 0.5});
        let report = json!([{"side": "model", "with_all": 0.75, "with_none": 0.25, "features": [feature]}]);
        let table = features(&[("new models", report)]);
        assert!(table.contains("| new models | model | size | +0.1250 | +0.5000 |\n"), "{table}");
        assert!(table.ends_with("|  | 0.2500 → 0.7500 |\n"), "{table}");
    }

    #[test]
    fn priors_end_with_their_agreement() {
        let group = json!({"name": "1-2", "models": 4, "data": -0.5, "probe": 0.25});
        let none = json!({"groups": [], "data_rho": null, "probe_rho": null, "slope": null, "eta_squared": null});
        let sizes = json!({"groups": [group], "data_rho": 1.0, "probe_rho": 0.5, "slope": 2.0, "eta_squared": 0.125});
        let table = priors(&[("", json!({"sizes": sizes, "families": none}))]);
        assert!(table.contains("| size, billions | 1-2 | 4 | -0.500 | +0.250 |\n"), "{table}");
        assert!(table.contains("| (ρ; slope of the prior 2.0000, η² 0.1250) |  | 1.0000 | 0.5000 |\n"), "{table}");
        assert!(table.ends_with("| (ρ; slope of the prior –, η² –) |  | – | – |\n"), "{table}");
    }
}
