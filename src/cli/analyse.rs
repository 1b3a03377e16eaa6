//! `analyse`.

use super::arguments::Analyse;
use super::progress::Meter;
use super::table::{UNDEFINED, metric, table};
use super::{files, print, print_json};
use eyas::backtest::{
    Conditions, FactorShares, PenaltyPoint, Relations, Side, factor_shares, influence, penalty_grid, task_correlations,
};
use eyas::error::{Error, Result};
use eyas::methods::{Estimate, Irt, IrtConfig, IrtItem, Method, TrainingData, VisibleCells};
use eyas::snapshot::{Model, Snapshot, Task};
use serde::Serialize;

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
        "irt" => {
            let parameters = item_response(&load()?, arguments.shared_slope, &mut meter)?;
            if arguments.json { print_json(&parameters) } else { print(&describe_item_response(&parameters)) }
        }
        other => {
            let all = "shapley, models, tasks, correlation, penalties, irt";
            Err(Error::input(format!("nothing to analyse is called \"{other}\"; there are {all}")))
        }
    }
}

/// The parameters of an item response model, with their standard errors.
#[derive(Serialize)]
struct ItemResponse {
    items: Vec<Item>,
    models: Vec<Ability>,
    /// How many trials a cell counts as: 1 for outcomes.
    trials: f32,
}

#[derive(Serialize)]
struct Item {
    id: String,
    slope: f32,
    slope_error: f32,
    intercept: f32,
    intercept_error: f32,
    /// -intercept / slope, the ability at which half of the answers are right.
    difficulty: f32,
}

#[derive(Serialize)]
struct Ability {
    id: String,
    ability: f32,
    error: f32,
}

/// Fits to all results of a snapshot, in the snapshot's order of tasks and models.
fn item_response(snapshot: &Snapshot, shared_slope: bool, meter: &mut Meter) -> Result<ItemResponse> {
    let VisibleCells { cells, .. } = VisibleCells::new(snapshot, None)?;
    let Snapshot { models, tasks, lineage, .. } = snapshot;
    let data = TrainingData { models, tasks, lineage, cells: &cells, seed: 0 };
    let config = IrtConfig { shared_slope, ..IrtConfig::default() };
    let irt = pollster::block_on(Irt::fit(&data, &config, meter))?;
    let item = |(task, item): (&Task, &IrtItem)| Item {
        id: task.id.clone(),
        slope: item.slope.value,
        slope_error: item.slope.error,
        intercept: item.intercept.value,
        intercept_error: item.intercept.error,
        difficulty: -item.intercept.value / item.slope.value,
    };
    let ability = |(model, ability): (&Model, &Estimate)| Ability {
        id: model.id.clone(),
        ability: ability.value,
        error: ability.error,
    };
    Ok(ItemResponse {
        items: tasks.iter().zip(irt.items()).map(item).collect(),
        models: models.iter().zip(irt.abilities()).map(ability).collect(),
        trials: irt.trials(),
    })
}

fn describe_item_response(parameters: &ItemResponse) -> String {
    let with_error = |value: f32, error: f32| format!("{value:.3} ± {error:.3}");
    let item = |item: &Item| {
        let slope = with_error(item.slope, item.slope_error);
        vec![
            item.id.clone(),
            slope,
            with_error(item.intercept, item.intercept_error),
            format!("{:.3}", item.difficulty),
        ]
    };
    let items: Vec<_> = parameters.items.iter().map(item).collect();
    let model = |model: &Ability| vec![model.id.clone(), with_error(model.ability, model.error)];
    let models: Vec<_> = parameters.models.iter().map(model).collect();
    let (items, models) =
        (table(&["item", "slope", "intercept", "difficulty"], &items), table(&["model", "ability"], &models));
    format!("{items}\n{models}")
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
