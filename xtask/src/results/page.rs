//! Reports of `eyas` as the Markdown of the results page.

use std::collections::HashMap;

use serde_json::Value;

use super::experiments::{Experiment, Extent, Import, Metric};

pub(super) const HEAD: &str = "\
# Results

Conclusions from the tables below (the default method is `eyas`):

- **Boards that it was not made for.** Of the error of the best of nine tuned baselines in hindsight, `eyas` has 0.97 on
  new models, 0.94 on later ones, 0.90 on the largest and 0.86 on missing cells (last table); with the same models held out
  as in an earlier comparison 0.95, 0.93, 0.82 and 0.87. Swallow's post-trained models alone are better served by trees.
- **Missing cells.** With 5 % of CPP's cells hidden, `eyas` has the lowest error: MSE 0.0034, `lrmf` 0.0043, the paper's
  best method 0.0125. It beats `mf` in 20 of 20 seeds, and stays ahead as cells become fewer (0.0105 with 90 % unknown, `mf`
  0.0127). On HELM with 90 % unknown `mf` is as good.
- **Large models and new tasks.** For the largest model of each family `eyas` and `ncf-factors` have the same squared error
  without known scores (0.0088), `eyas` the lower one with two. On three random tasks with no result or two, `eyas`, `mf` and
  the networks on factors do not differ beyond the spread; of the paper's four tasks with two results `eyas` has the lowest
  squared error on three (HellaSwag: `mf` and `ncf-factors`).
- **Cold start with lineage.** On item outcomes of leaderboard v1 Pearson is 0.896 (`eyas`), 0.880 (`lrmf`) and 0.820
  (`mla`). On models of one size `eyas` has the best AUC; at 7B `lrmf`, `eyas` and the mean of relatives do not differ much.
- **Few items.** Lineage replaces results: with 10 items per model of v1, AUC is 0.906 (`lrmf`) and 0.824 (`mf`); from
  100 to 200 items on `mf` catches up. Missing edges cost `lrmf` little (Pearson 0.880 to 0.858 without 40 %), false
  edges more (0.800).
- **Leaderboard v2.** The mean absolute error is 3.5 points on random models and 6.1 points on models of later months;
  the next best methods have 5.1 and 7.3. A third of the later squared error is due to models at the level of guessing,
  which known facts hardly predict.
- **Intervals** with nominal coverage 90 % cover 91.8 % on random models and 88.2 % on later ones, where models from 30B
  on (71.3 %) are lowest; those below 3B (96.5 %) and children of known models (95.3 %) have too wide ones. Chances to beat
  another model are calibrated, except that chances above 90 % are too high on later models.
- **Rankings.** On 1,554 datasets of MTEB `ranker` orders models better than each of its baselines: weighted τ is 0.81 on missing
  cells (next best `zap`, 0.73), 0.65 on new datasets (`zap` 0.64), 0.72 on new models (`zap` 0.68), 0.42 on later models (0.39, by
  size alone) and 0.29 on an unseen family (0.20); these are single seeds. With weights of 1/M, which pairs of models dominate, size
  alone orders later models better (0.35, `ranker` 0.27), and `zap` new datasets (0.65, `ranker` 0.64). On the published scores `ranker` is ahead of its baselines on missing cells, new
  datasets and new models, and close to `two-tower` on later ones (0.39, `ranker` 0.37).
- **The paper's further baselines** on the published scores, single seeds: `ranker` has the best order on missing cells (weighted τ
  0.71, `zap` 0.68, `imc` and `igmc` 0.65). It is level with `zap` on new datasets (0.66, `zap` 0.67) and with `two-tower` on new
  models (both 0.61), and below it on later ones (0.34, `two-tower` 0.38). `gimc` and `embedder` are behind `imc` nearly everywhere,
  `igmc` cannot tell new models apart. On MTEB `gimc` is level with `imc` (0.71 and 0.72 on missing cells, both 0.61 on new
  datasets), and `igmc` last but for `embedder` (0.59 and 0.47).
- **Families held out.** Without any score of eight families of recent embedding models, `zap` orders their models on a dataset with a weighted τ
  of 0.37, with half of their scores known 0.71; NDCG@10 falls from 0.96 to 0.89, as in the paper far less than τ. Datasets of which
  no score is known cost little more (0.35), and no family stands out: llama costs most, bge least.
- **Vectors of pairs.** Told the score on one subset of each dataset of MTEB, `zap` orders models on the other subsets of 18 held-out datasets
  with a weighted τ of 0.83 in place of 0.71, higher on 17 of them; Hit@1 is 0.33 in place of 0.22. Such a score is a stronger hint than
  the paper's features of a forward pass.
- **What the ranker rests on.** On 117 open models its losses matter little: weighted τ is 0.68 to 0.70 on missing cells and 0.73 to
  0.76 on new benchmarks, with the pointwise loss alone as high as with all three. Facts with the date, and the size, are worth
  most (Shapley values of 0.20 to 0.27 each); of names, families and ancestors hardly any is missed alone, since the others tell
  the same. On the published scores the prior alone follows size far less than the data (Spearman's ρ 0.21, the data 0.85): size is
  among the facts that the network sees, too.
- **New datasets, pools, an atlas.** On five of the six newest datasets of MTEB, held out whole, weighted τ is 0.77 to 0.90, on the
  sixth 0.30. Pools that the ranker recommends from a description alone for benchmarks of leaderboard v1 solve 0.89 of the items
  when `mf` routes, a given pool of the same sizes 0.80; on MMLU the given one is far better (0.88, 0.73), and many of the
  recommended models were tuned for the board. The atlas keeps 49 % of neighbours, two principal components 15 %.
- **More information helps.** One, two and three known scores lower the mean absolute error from 6.1 to 4.7, 4.1 and 3.9
  points. Ten answers that the method requests lower it from 6.0 to 4.8 points, ten random ones to 5.6. Hiding all facts
  raises it from 6.1 to 7.8.

**Since these tables were made** two methods have changed.

- `eyas` reads no size as a word of a name, sees a merge as taking after each parent, gives forecasts the slope of rehearsed ones,
  and lets models far below all measured ones lean on their other benchmarks. Of the error of the best baseline in
  hindsight it has 0.93 on new models of nine boards (0.95 before), 0.92 on later ones (0.93), 0.82 on the largest (0.82) and 0.87 on missing
  cells (0.87). On later models of leaderboard v2 Pearson is 0.737 ± 0.010 (0.742 ± 0.005, four seeds) and the mean absolute error
  6.13 points (6.13), of those with a known parent 3.69 (3.76); on BenchPress it is 6.97 points (7.02). On CPP and the outcomes of v1 all figures
  are the same within 0.002.
- `ranker` has a factorisation beside its networks, for missing cells. On MTEB weighted τ is 0.808 there (0.806) and MAE 0.0321 (0.0380),
  on the published scores 0.756 (0.739) and 0.0387 (0.0437).

`cargo xtask results` writes this page, and every table comes from the command above it. `$DATA` is a folder with the
public data named under each heading, which are not part of this repository; `$OUT` holds the snapshots that
`eyas import` makes of them (last section). AUC is pooled over held-out items. Pearson is computed per benchmark over
held-out models and averaged. Errors are in 0..1 of a task's range; ± is the standard deviation over seeds. Times are
seconds for one seed on the machine that wrote the page. The whole page takes 18 minutes on two cores,
`cargo xtask results --quick` with fewer seeds and points 3. The ranker has a command of its own
(`cargo xtask results ranker`), which takes over an hour (`--seeds N` repeats it on more splits), and so have other boards, since their baselines need Python: 10
minutes the first time, then 2, because predictions of baselines are kept.
";

/// A report with the label of its variation.
pub(super) type Labelled = (&'static str, Value);

/// One experiment's heading, words, commands and table.
pub(super) fn section(experiment: &Experiment, extent: Extent, table: &str) -> String {
    let mut commands = String::new();
    for (_, arguments) in experiment.runs(extent) {
        commands += &format!("    eyas {}\n", arguments.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    let Experiment { title, about, paper, .. } = experiment;
    let paper = if paper.is_empty() { String::new() } else { format!("\n{}", wrap(paper)) };
    format!("{}{}\n{commands}\n{table}{paper}", heading(title), wrap(about))
}

/// What begins a section.
pub(super) fn heading(title: &str) -> String {
    format!("\n## {title}\n\n")
}

/// The whole page: of each experiment, and of the boards, its fresh section, else the one it had before, if any.
pub(super) fn assemble(fresh: &HashMap<&str, String>, before: &str) -> String {
    let section = |title: &str| fresh.get(title).cloned().or_else(|| find(before, title).map(str::to_owned));
    let titles = super::experiments::all().map(|experiment| experiment.title).chain([super::boards::TITLE]);
    let sections: String = titles.filter_map(section).collect();
    format!("{HEAD}{sections}{}", imports())
}

/// The section of this title in a page, from its heading to the next.
fn find<'a>(page: &'a str, title: &str) -> Option<&'a str> {
    let section = &page[page.find(&heading(title))?..];
    let length = section[1..].find("\n## ").map_or(section.len(), |next| next + 1);
    Some(&section[..length])
}

/// The arguments of an import.
pub(super) fn import_arguments(import: &Import) -> String {
    format!("import {} {} -o {}", import.files, import.companions, import.output)
}

/// The last section: how the snapshots were made.
fn imports() -> String {
    let lines: String =
        super::experiments::imports().map(|import| format!("    eyas {}\n", import_arguments(import))).collect();
    format!("\n## Snapshots\n\n{lines}")
}

/// A row a method and variation.
pub(super) fn methods(reports: &[Labelled], columns: &[Metric]) -> String {
    let labelled = reports.len() > 1;
    let mut head: Vec<String> = if labelled { vec![String::new()] } else { Vec::new() };
    head.push("method".to_owned());
    head.extend(columns.iter().map(|(_, name)| (*name).to_owned()));
    head.push("seconds".to_owned());
    let mut rows = Vec::new();
    for (label, report) in reports {
        for result in array(&report["results"]) {
            let mut row = if labelled { vec![(*label).to_owned()] } else { Vec::new() };
            row.push(format!("`{}`", text(&result["method"])));
            let value = |key: &str| with_spread(&result["metrics"][key], &result["spread"][key]);
            row.extend(columns.iter().map(|(key, _)| value(key)));
            row.push(format!("{:.1}", result["seconds"].as_f64().unwrap_or_default()));
            rows.push(row);
        }
    }
    table(&head, &rows)
}

/// A row a method and variation: the metrics, and the mean difference of each seed's to those of the method `to`, with its
/// standard error and the number of seeds in which it is below 0.
pub(super) fn pairs(reports: &[Labelled], to: &str, columns: &[Metric]) -> String {
    let mut head = vec!["method".to_owned()];
    for (_, name) in columns {
        head.extend([(*name).to_owned(), format!("difference to `{to}`"), "below 0 in".to_owned()]);
    }
    let mut rows = Vec::new();
    for (_, report) in reports {
        let of = |result: &Value, key: &str| -> Vec<f64> {
            array(&result["by_seed"]).iter().filter_map(|seed| seed[key].as_f64()).collect()
        };
        let Some(base) = array(&report["results"]).iter().find(|result| result["method"] == to) else { continue };
        for result in array(&report["results"]) {
            let mut row = vec![format!("`{}`", text(&result["method"]))];
            for (key, _) in columns {
                row.push(with_spread(&result["metrics"][key], &result["spread"][key]));
                let differences: Vec<f64> =
                    of(result, key).iter().zip(of(base, key)).map(|(own, base)| own - base).collect();
                row.extend(difference(&differences));
            }
            rows.push(row);
        }
    }
    table(&head, &rows)
}

/// The mean with its standard error, and how many are below 0.
fn difference(all: &[f64]) -> [String; 2] {
    let n = all.len() as f64;
    let mean = all.iter().sum::<f64>() / n;
    let error = (all.iter().map(|each| (each - mean).powi(2)).sum::<f64>() / (n - 1.0) / n).sqrt();
    let below = all.iter().filter(|&&each| each < 0.0).count();
    // One seed has no error of its mean.
    let error = if all.len() > 1 { format!(" ± {error:.4}") } else { String::new() };
    [format!("{mean:+.4}{error}"), format!("{below} of {}", all.len())]
}

/// A row a group of models or benchmark and one of these methods. The band of coverage is that of a binomial share of 0.90 over
/// the rows of all seeds.
pub(super) fn groups(reports: &[Labelled], methods: &[&str]) -> String {
    let mut rows = Vec::new();
    for (_, report) in reports {
        let seeds = report["seeds"].as_f64().unwrap_or(1.0);
        let shown = |method: &&Value| methods.contains(&text(&method["method"]));
        let results: Vec<&Value> = array(&report["results"]).iter().filter(shown).collect();
        let Some(first) = results.first() else { continue };
        let names = ["groups", "tasks"].map(|kind| (kind, first[kind].as_object()));
        for (kind, name) in
            names.iter().flat_map(|(kind, all)| all.iter().flat_map(|all| all.keys()).map(|name| (*kind, name)))
        {
            for result in &results {
                let metrics = &result[kind][name];
                let count = metrics["rows"].as_f64().unwrap_or_default();
                let half = 1.96 * (0.9 * 0.1 / (count * seeds)).sqrt();
                let band = format!("{:.3} to {:.3}", 0.9 - half, (0.9 + half).min(1.0));
                let mut row = vec![name.clone(), format!("{count:.0}"), format!("`{}`", text(&result["method"]))];
                row.extend(["pearson", "mae", "coverage"].map(|key| number(&metrics[key])));
                row.push(if metrics["coverage"].is_number() { band } else { "–".to_owned() });
                row.push(number(&metrics["width"]));
                rows.push(row);
            }
        }
    }
    table(&["", "rows", "method", "Pearson", "MAE", "coverage", "band", "width"].map(str::to_owned), &rows)
}

/// A row a bin of chances: what was said, and how often it came true.
pub(super) fn chances(reports: &[Labelled]) -> String {
    let mut rows = Vec::new();
    for (label, report) in reports {
        for result in array(&report["results"]) {
            for bin in array(&result["pairs"]) {
                let percent = |key: &str| format!("{:.1} %", 100.0 * bin[key].as_f64().unwrap_or(f64::NAN));
                let bounds = ["from", "to"].map(|key| format!("{:.0}", 100.0 * bin[key].as_f64().unwrap_or(f64::NAN)));
                let mut row = vec![(*label).to_owned(), format!("`{}`", text(&result["method"]))];
                row.extend([format!("{} %", bounds.join(" to ")), bin["pairs"].to_string()]);
                row.extend(["chance", "frequency"].map(percent));
                rows.push(row);
            }
        }
    }
    table(&["", "method", "said to be better", "pairs", "mean chance", "was better"].map(str::to_owned), &rows)
}

/// A row a benchmark and method.
pub(super) fn routing(reports: &[Labelled]) -> String {
    let head = [
        "benchmark",
        "method",
        "routed",
        "single best",
        "random",
        "oracle",
        "pool",
        "models chosen",
        "most often chosen",
    ];
    let mut rows = Vec::new();
    for result in reports.iter().flat_map(|(_, report)| array(&report["results"])) {
        for (benchmark, scores) in result["routing"].as_object().into_iter().flatten() {
            let chosen: Vec<(&String, u64)> = scores["chosen"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(id, n)| (id, n.as_u64().unwrap_or(0)))
                .collect();
            let all: u64 = chosen.iter().map(|(_, count)| count).sum();
            let (favourite, count) =
                chosen.iter().max_by_key(|(_, count)| *count).map_or(("", 0), |(id, n)| (id.as_str(), *n));
            let mut row = vec![benchmark.clone(), format!("`{}`", text(&result["method"]))];
            row.extend(["routed", "single_best", "random", "oracle"].map(|key| number(&scores[key])));
            row.extend([scores["pool"].to_string(), chosen.len().to_string()]);
            row.push(format!("{favourite} ({:.0} %)", 100.0 * count as f64 / all.max(1) as f64));
            rows.push(row);
        }
    }
    rows.sort();
    table(&head.map(str::to_owned), &rows)
}

/// A row a factor.
pub(super) fn shares(reports: &[Labelled]) -> String {
    let mut rows = Vec::new();
    for side in reports.iter().flat_map(|(_, report)| array(report)) {
        for factor in array(&side["factors"]) {
            let value = factor["value"].as_f64().unwrap_or(f64::NAN);
            rows.push(vec![text(&side["side"]).to_owned(), text(&factor["name"]).to_owned(), format!("{value:+.5}")]);
        }
        let sides = ["with_none", "with_all"].map(|key| format!("{:.5}", side[key].as_f64().unwrap_or(f64::NAN)));
        rows.push(vec![text(&side["side"]).to_owned(), "(error with none → with all)".to_owned(), sides.join(" → ")]);
    }
    table(&["of", "factor", "lowers the squared error by"].map(str::to_owned), &rows)
}

/// λ_M by λ_X.
pub(super) fn penalties(reports: &[Labelled]) -> String {
    let points: Vec<&Value> = reports.iter().flat_map(|(_, report)| array(report)).collect();
    let strengths = |key: &str| {
        let mut all: Vec<f64> = points.iter().filter_map(|point| point[key].as_f64()).collect();
        all.sort_by(f64::total_cmp);
        all.dedup();
        all
    };
    let columns = strengths("lambda_x");
    let shown = |strength: f64| if strength == 0.0 { "0".to_owned() } else { format!("{:.0e}", strength) };
    let head: Vec<String> = std::iter::once("λ_M \\ λ_X".to_owned()).chain(columns.iter().map(|&s| shown(s))).collect();
    let cell = |lineage: f64, tasks: f64| {
        let is = |key: &str, point: &Value, wanted: f64| point[key].as_f64() == Some(wanted);
        let found = points.iter().find(|point| is("lambda_m", point, lineage) && is("lambda_x", point, tasks));
        found.map_or("–".to_owned(), |point| number(&point["metrics"]["pearson"]))
    };
    let row = |lineage: f64| {
        std::iter::once(shown(lineage)).chain(columns.iter().map(|&tasks| cell(lineage, tasks))).collect::<Vec<_>>()
    };
    let rows: Vec<_> = strengths("lambda_m").into_iter().map(row).collect();
    table(&head, &rows)
}

/// For each variation the five names whose absence hurts most and the five whose absence helps most.
pub(super) fn influence(reports: &[Labelled]) -> String {
    let mut rows = Vec::new();
    for (label, report) in reports {
        let names = array(&report["names"]);
        let mean = |at: usize| {
            let others = array(&report["matrix"][at]).iter().enumerate().filter(|(other, _)| *other != at);
            let known: Vec<f64> = others.filter_map(|(_, change)| change.as_f64()).collect();
            known.iter().sum::<f64>() / known.len().max(1) as f64
        };
        let mut order: Vec<(usize, f64)> = (0..names.len()).map(|at| (at, mean(at))).collect();
        order.sort_by(|a, b| b.1.total_cmp(&a.1));
        let ends = 5.min(order.len() / 2);
        for &(at, change) in order[..ends].iter().chain(&order[order.len() - ends..]) {
            rows.push(vec![(*label).to_owned(), text(&names[at]).to_owned(), format!("{change:+.6}")]);
        }
    }
    table(&["", "left out", "squared error of the others"].map(str::to_owned), &rows)
}

fn with_spread(mean: &Value, spread: &Value) -> String {
    match spread.as_f64().filter(|_| mean.is_number()) {
        Some(spread) => format!("{} ± {spread:.4}", number(mean)),
        None => number(mean),
    }
}

pub(super) fn number(value: &Value) -> String {
    value.as_f64().map_or("–".to_owned(), |value| format!("{value:.4}"))
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(super) fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub(super) fn table(head: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rule = format!("|{}\n", "---|".repeat(head.len()));
    line(head) + &rule + &rows.iter().map(|row| line(row)).collect::<String>()
}

/// Prose in lines of at most 120 characters.
pub(super) fn wrap(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().map(|line| line.chars().count() + 1 + word.chars().count());
        if line.is_some_and(|length| length > 120) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn some_sections_are_refreshed_and_the_others_stay_in_order() {
        let titles: Vec<&str> = super::super::experiments::all().map(|experiment| experiment.title).collect();
        let section = |title: &str, text: &str| format!("{}{text}\n", heading(title));
        let old: HashMap<&str, String> = titles[..3].iter().map(|&title| (title, section(title, "BEFORE"))).collect();
        let page = assemble(&old, "");
        let fresh = HashMap::from([(titles[1], section(titles[1], "AFTER"))]);
        let refreshed = assemble(&fresh, &page);
        assert_eq!(refreshed.matches("BEFORE").count(), 2);
        let at = |text: &str| refreshed.find(text).unwrap_or_else(|| panic!("{text} is missing from {refreshed}"));
        assert!(at(titles[0]) < at("AFTER") && at("AFTER") < at(titles[2]) && at(titles[2]) < at("## Snapshots"));
        assert_eq!(refreshed.matches("## Snapshots").count(), 1);
        assert_eq!(assemble(&HashMap::new(), &refreshed), refreshed);
    }

    #[test]
    fn titles_are_told_apart() {
        let titles: Vec<&str> = super::super::experiments::all().map(|experiment| experiment.title).collect();
        let unique: std::collections::HashSet<&&str> = titles.iter().collect();
        assert_eq!(unique.len(), titles.len());
    }

    #[test]
    fn the_page_has_the_present_words_and_commands() {
        let page = include_str!("../../../docs/results.md");
        assert!(page.starts_with(HEAD) && page.ends_with(&imports()));
        for experiment in super::super::experiments::all() {
            let (begin, end) = (section(experiment, Extent::default(), "TABLE"), find(page, experiment.title).unwrap());
            let (begin, paper) = begin.split_once("TABLE").unwrap();
            assert!(end.starts_with(begin) && end.ends_with(&format!("|\n{paper}")), "{}", experiment.title);
        }
    }

    #[test]
    fn differences_are_taken_seed_by_seed() {
        let report = json!({"results": [
            {"method": "mf", "metrics": {"mse": 0.02}, "spread": {}, "by_seed": [{"mse": 0.01}, {"mse": 0.03}]},
            {"method": "eyas", "metrics": {"mse": 0.018}, "spread": {}, "by_seed": [{"mse": 0.008}, {"mse": 0.028}]},
        ]});
        let table = pairs(&[("", report)], "mf", &[("mse", "MSE")]);
        assert!(table.contains("| `eyas` | 0.0180 | -0.0020 ± 0.0000 | 2 of 2 |"), "{table}");
    }

    // 0.9 ± 1.96 sqrt(0.09 / 400)
    #[test]
    fn groups_have_the_band_of_their_rows() {
        let group = json!({"rows": 200.0, "pearson": 0.5, "mae": 0.1, "coverage": 0.8, "width": 0.3});
        let report =
            json!({"seeds": 2, "results": [{"method": "eyas", "groups": {"parent known": group}, "tasks": {}}]});
        let table = groups(&[("", report)], &["eyas"]);
        assert!(
            table.contains("| parent known | 200 | `eyas` | 0.5000 | 0.1000 | 0.8000 | 0.871 to 0.929 |"),
            "{table}"
        );
    }
}
