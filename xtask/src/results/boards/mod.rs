//! The section of the results page on further boards, beside tuned baselines on the same held-out cells
//! (`xtask/boards/baselines.py`). It needs Python, and the baselines take minutes, so it is made only when it is asked for.

mod comparison;

use std::collections::HashMap;
use std::fmt::Write as _;

use anyhow::{Context, Result, bail};
use xshell::cmd;

use super::page::{self, table};
use super::{Bench, Options};
use crate::python::python;
use comparison::{Baselines, Comparison, Forecasts, compare};

pub(super) const TITLE: &str = "Other boards";

const ABOUT: &str = "\
    Nine smaller boards: ObsScaling (`obs`; ryoungj/ObsScaling, Apache-2.0), the sub-tasks and MMLU subjects of Sloth \
    (`sloth39`, `slothmmlu`; felipemaiapolo/sloth, MIT), Swallow before and after post-training and both joined by parents \
    (`swallow_pre`, `swallow_post`, `swallow_all`; swallow-llm/leaderboard, CC BY 4.0), EvalPlus (`evalplus`; \
    evalplus.github.io, Apache-2.0), BigCodeBench (`bcb`; bigcode-bench.github.io) and Epoch (`epoch`; \
    epoch-research/benchmark-stitching, CC BY). `$DATA/boards` has a folder for each with `scores.csv`, `factors.csv` and, \
    where parents are known, `edges.csv`. The baselines (`xtask/boards/baselines.py`, with scikit-learn and LightGBM) have the \
    factors that `eyas` has: LightGBM, extra-trees, Bayesian ridge and nearest neighbours on factors and known scores, extra-trees \
    on the other scores, a Gaussian process with a fitted kernel, ALS, soft-impute and iterative PCA. Inner splits of the \
    training cells choose their configurations and the weights of the stack, their mean. *Best* is the baseline with the lowest \
    error on these cells, known only in hindsight. Errors, differences and widths are in points of 100; the ratio is that of \
    `eyas` to the best baseline, and so is the difference, with its standard error over seeds, or over models where there is one \
    seed. Coverage is that of the 90 % intervals, and the width their median.";

/// The folder of the baselines' predictions; a new number whenever the baselines change.
const CACHE: &str = "boards/baselines-1";

/// A table with its splits and their numbers of seeds.
type Board = (&'static str, &'static [(&'static str, usize)]);

const BOARDS: &[Board] = &[
    ("obs", &[("models:30", 5), ("largest:0", 1), ("largest:2", 3), ("cells:0.1", 5)]),
    ("sloth39", &[("models:22", 5), ("after:2024-04-01", 1), ("largest:0", 1), ("cells:0.1", 3)]),
    ("slothmmlu", &[("models:30", 5), ("after:2024-04-01", 1), ("cells:0.1", 2)]),
    ("swallow_pre", &[("models:10", 5), ("largest:0", 1), ("cells:0.1", 5)]),
    ("swallow_post", &[("models:14", 5), ("after:2025-09-01", 1), ("largest:0", 1), ("cells:0.1", 5)]),
    ("swallow_all", &[("models:24", 5), ("after:2025-09-01", 1), ("cells:0.1", 2)]),
    ("evalplus", &[("models:25", 5), ("cells:0.1", 5)]),
    ("bcb", &[("models:40", 5), ("after:2024-09-01", 1), ("cells:0.1", 5)]),
    ("epoch", &[("models:46", 5), ("after:2025-04-01", 1), ("cells:0.1", 3)]),
];

/// Kinds of splits in the order of the page.
const KINDS: [&str; 4] = ["models", "after", "largest", "cells"];

/// One split of a board with its comparison.
type Compared = (&'static str, &'static str, Comparison);

/// Makes the section. `--only` names boards; the section of some boards is printed and does not replace that of all.
pub(super) fn boards(bench: &mut Bench<'_>, options: &Options) -> Result<()> {
    let wanted = |(name, _): &&Board| options.only.is_empty() || options.only.iter().any(|part| name.contains(part));
    let chosen: Vec<&Board> = BOARDS.iter().filter(wanted).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = BOARDS.iter().map(|(name, _)| *name).collect();
        bail!("no such board; there are {}", names.join(", "));
    }
    let packages = ["numpy", "scipy", "scikit-learn", "lightgbm"];
    let python = python(bench.sh, "target/boards/venv", "numpy, scipy, sklearn, lightgbm", &packages)?;
    bench.sh.create_dir(bench.folder.join(CACHE))?;
    let mut compared = Vec::new();
    for &&(board, splits) in &chosen {
        bench.run(&import(bench, board))?;
        for &(split, seeds) in splits {
            let comparison = bench
                .held_out(board, split, if bench.extent.quick { 1 } else { seeds }, &python)
                .with_context(|| format!("{board}, {split}"))?;
            eprintln!("    {board}, {split}: {:.2} points, best {:.2}", comparison.error, comparison.best);
            compared.push((board, split, comparison));
        }
    }
    let section = section(&compared, bench.extent.quick);
    if chosen.len() < BOARDS.len() {
        print!("{section}");
        return Ok(());
    }
    bench.write(&HashMap::from([(TITLE, section)]))?;
    println!("wrote {}", bench.path.display());
    Ok(())
}

impl Bench<'_> {
    /// Runs one split. Predictions of the baselines are kept, so that a changed `eyas` is all that a further run waits for.
    fn held_out(&mut self, board: &str, split: &str, seeds: usize, python: &str) -> Result<Comparison> {
        let name = format!("{board}-{}", split.replace(':', "-"));
        let own = self.folder.join(format!("boards/{name}.csv"));
        self.run(&format!(
            "backtest $OUT/boards/{board}.json --method eyas --split {split} --seeds {seeds} \
             --predictions $OUT/boards/{name}.csv --json"
        ))?;
        let forecasts = Forecasts::read(&own)?;
        let kept = self.folder.join(format!("{CACHE}/{name}.csv"));
        let baselines = if kept.is_file() { Some(Baselines::read(&kept)?) } else { None };
        let baselines = match baselines.filter(|baselines| baselines.have(&forecasts)) {
            Some(baselines) => baselines,
            None => {
                let snapshot = self.folder.join(format!("boards/{board}.json"));
                cmd!(self.sh, "{python} xtask/boards/baselines.py {snapshot} {split} {own} {kept}").quiet().run()?;
                Baselines::read(&kept)?
            }
        };
        compare(&forecasts, &baselines)
    }
}

/// The arguments that make the snapshot of a board.
fn import(bench: &Bench<'_>, board: &str) -> String {
    let mut arguments = format!("import $DATA/boards/{board}/scores.csv");
    for (flag, file) in [("--model-factors", "factors.csv"), ("--lineage", "edges.csv")] {
        if bench.data.join("boards").join(board).join(file).is_file() {
            let _ = write!(arguments, " {flag} $DATA/boards/{board}/{file}");
        }
    }
    arguments + &format!(" -o $OUT/boards/{board}.json")
}

fn section(compared: &[Compared], quick: bool) -> String {
    let flag = if quick { " --quick" } else { "" };
    let command = format!("    cargo xtask results boards{flag}\n");
    format!("{}{}\n{command}\n{}\n{}", page::heading(TITLE), page::wrap(ABOUT), rows(compared), kinds(compared))
}

/// A row a split.
fn rows(compared: &[Compared]) -> String {
    let head = ["board", "split", "seeds", "`eyas`", "best", "", "stack", "ratio", "difference", "coverage", "width"];
    let row = |(board, split, made): &Compared| {
        let error = made.standard_error.map_or(String::new(), |error| format!(" ± {error:.2}"));
        vec![
            format!("`{board}`"),
            (*split).to_owned(),
            made.seeds.to_string(),
            format!("{:.2}", made.error),
            format!("{:.2}", made.best),
            made.best_name.clone(),
            format!("{:.2}", made.stack),
            format!("{:.2}", made.error / made.best),
            format!("{:+.2}{error}", made.difference),
            percent(made.covered, made.intervals),
            format!("{:.1}", made.width),
        ]
    };
    table(&head.map(str::to_owned), &compared.iter().map(row).collect::<Vec<_>>())
}

/// A row a kind of split: geometric means of the ratios, and the coverage of all intervals.
fn kinds(compared: &[Compared]) -> String {
    let mut rows = Vec::new();
    for kind in KINDS {
        let of_kind = |compared: &&Compared| compared.1.split(':').next() == Some(kind);
        let made: Vec<&Comparison> = compared.iter().filter(of_kind).map(|(.., made)| made).collect();
        if made.is_empty() {
            continue;
        }
        let geometric = |other: fn(&Comparison) -> f64| {
            let logs: f64 = made.iter().map(|made| (made.error / other(made)).ln()).sum();
            format!("{:.3}", (logs / made.len() as f64).exp())
        };
        let [covered, intervals] = [|made: &Comparison| made.covered, |made: &Comparison| made.intervals]
            .map(|count| made.iter().map(|&made| count(made)).sum());
        let better = made.iter().filter(|made| made.difference < 0.0).count();
        rows.push(vec![
            format!("`{kind}`"),
            geometric(|made| made.best),
            geometric(|made| made.stack),
            format!("{better} of {}", made.len()),
            percent(covered, intervals),
        ]);
    }
    let head = ["splits", "`eyas` / best", "`eyas` / stack", "better than the best in", "coverage"];
    table(&head.map(str::to_owned), &rows)
}

fn percent(part: usize, whole: usize) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.1} %", 100.0 * part as f64 / whole as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_of_a_kind_have_their_geometric_mean() {
        let made = |error: f64, stack: f64, covered: usize| Comparison {
            seeds: 1,
            error,
            best: 4.0,
            best_name: "kNN".to_owned(),
            stack,
            difference: error - 4.0,
            standard_error: None,
            covered,
            intervals: 10,
            width: 12.34,
        };
        let compared = [
            ("obs", "models:30", made(2.0, 2.0, 9)),
            ("bcb", "models:40", made(8.0, 2.0, 7)),
            ("bcb", "cells:0.1", made(2.0, 1.0, 10)),
        ];
        let page = section(&compared, false);
        assert!(page.contains("| `models` | 1.000 | 2.000 | 1 of 2 | 80.0 % |"), "{page}");
        assert!(
            page.contains("| `bcb` | models:40 | 1 | 8.00 | 4.00 | kNN | 2.00 | 2.00 | +4.00 | 70.0 % | 12.3 |"),
            "{page}"
        );
        assert!(!page.contains("`after`"));
    }

    #[test]
    fn every_split_is_of_a_kind_of_the_page() {
        for (board, splits) in BOARDS {
            for (split, _) in *splits {
                assert!(KINDS.iter().any(|kind| split.starts_with(&format!("{kind}:"))), "{board}, {split}");
            }
        }
    }
}
