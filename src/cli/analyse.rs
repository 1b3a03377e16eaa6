//! `analyse`.

use super::arguments::Analyse;
use super::progress::Meter;
use super::table::{UNDEFINED, metric, table};
use super::{files, print, print_json};
use eyas::backtest::{
    Conditions, FactorShares, PenaltyPoint, Relations, Side, factor_shares, influence, penalty_grid, task_correlations,
};
use eyas::error::{Error, Result};
use eyas::methods::Method;

/// Rows whose effects correlate at least by a half are shown as one cluster.
const APART: f64 = 0.5;

pub(crate) fn analyse(arguments: &Analyse) -> Result<()> {
    let method: Method = arguments.method.parse()?;
    let mut split: eyas::backtest::Split = arguments.split.parse()?;
    if arguments.seeds == 0 {
        return Err(Error::input("--seeds must be at least 1"));
    }
    if let Some(path) = split.path().map(std::path::PathBuf::from) {
        split.read(&files::read(&path)?)?;
    }
    if let Some(strength) = arguments.strengths.iter().find(|strength| !(0.0..=1e6).contains(*strength)) {
        return Err(Error::input(format!("a strength is 0 or more, not {strength}")));
    }
    let conditions = Conditions { split, keep_cells: None, lineage_noise: None, known_scores: None };
    let load = || files::snapshot(&arguments.snapshot);
    let mut meter = Meter::new(arguments.what.clone());
    match arguments.what.as_str() {
        "shapley" => {
            let shares = pollster::block_on(factor_shares(&load()?, &conditions, arguments.seeds, &mut meter))?;
            if arguments.json {
                print_json(&shares)
            } else {
                print(&shares.iter().map(describe_shares).collect::<String>())
            }
        }
        "models" | "tasks" => {
            let side = if arguments.what == "models" { Side::Models } else { Side::Tasks };
            let snapshot = load()?;
            let run = influence(&snapshot, &conditions, method, side, arguments.seeds, &mut meter);
            let relations = pollster::block_on(run)?;
            if arguments.json { print_json(&relations) } else { print(&describe_influence(&relations)) }
        }
        "correlation" => {
            let relations = task_correlations(&load()?);
            if arguments.json { print_json(&relations) } else { print(&describe_correlations(&relations)) }
        }
        "penalties" => {
            let snapshot = load()?;
            let run = penalty_grid(&snapshot, &conditions, &arguments.strengths, arguments.seeds, &mut meter);
            let points = pollster::block_on(run)?;
            if arguments.json { print_json(&points) } else { print(&describe_penalties(&points)) }
        }
        other => {
            let all = "shapley, models, tasks, correlation, penalties";
            Err(Error::input(format!("nothing to analyse is called \"{other}\"; there are {all}")))
        }
    }
}

fn describe_shares(shares: &FactorShares) -> String {
    let rows: Vec<_> =
        shares.factors.iter().map(|factor| vec![factor.name.clone(), format!("{:+.6}", factor.value)]).collect();
    let head = format!("{} factor", shares.side);
    format!(
        "{}squared error {:.6} with all of them, {:.6} with none\n\n",
        table(&[&head, "lowers the squared error by"], &rows),
        shares.with_all,
        shares.with_none
    )
}

/// Who was left out, what that did to all others on average, and who has a like effect.
fn describe_influence(relations: &Relations) -> String {
    let clusters = relations.clusters(APART);
    let row = |(at, name): (usize, &String)| {
        let row = &relations.matrix[at];
        let others: Vec<f64> =
            row.iter().enumerate().filter(|&(other, _)| other != at).filter_map(|(_, &change)| change).collect();
        let shown = |change: Option<f64>| change.map_or(UNDEFINED.to_owned(), |change| format!("{change:+.6}"));
        vec![name.clone(), shown(eyas::metrics::mean(&others)), shown(row[at]), clusters[at].to_string()]
    };
    let rows: Vec<_> = relations.names.iter().enumerate().map(row).collect();
    table(&["left out", "squared error of others", "own", "cluster"], &rows)
}

fn describe_correlations(relations: &Relations) -> String {
    let clusters = relations.clusters(APART);
    let row = |(at, name): (usize, &String)| {
        let others = relations.matrix[at].iter().enumerate().filter(|&(other, _)| other != at);
        let closest = others.filter_map(|(other, &r)| Some((other, r?))).max_by(|a, b| a.1.total_cmp(&b.1));
        let closest = closest.map_or_else(
            || [UNDEFINED.to_owned(), UNDEFINED.to_owned()],
            |(other, r)| [relations.names[other].clone(), metric(Some(r))],
        );
        [vec![name.clone(), clusters[at].to_string()], closest.into()].concat()
    };
    let rows: Vec<_> = relations.names.iter().enumerate().map(row).collect();
    table(&["task", "cluster", "closest", "correlation"], &rows)
}

fn describe_penalties(points: &[PenaltyPoint]) -> String {
    let row = |point: &PenaltyPoint| {
        let metrics = &point.summary.metrics;
        let strength = |strength: f32| format!("{strength:e}");
        vec![
            strength(point.lineage),
            strength(point.tasks),
            metric(metrics.auc),
            metric(metrics.pearson),
            metric(metrics.mae),
        ]
    };
    let rows: Vec<_> = points.iter().map(row).collect();
    table(&["lineage", "tasks", "AUC", "Pearson", "MAE"], &rows)
}
