//! `analyse`.

use super::arguments::Analyse;
use super::progress::Meter;
use super::table::{UNDEFINED, metric, table};
use super::{atlas, files, inputs, print, print_json};
use eyas::backtest::{
    Ability, Analysis, FactorShares, FeatureShares, Item, ItemResponse, LossPoint, PenaltyPoint, PriorTable, Priors,
    Question, Relations, Split,
};
use eyas::error::{Error, Result};
use eyas::methods::{Here, Method};

/// Rows whose effects have a correlation of at least 0.5 form one cluster.
const APART: f64 = 0.5;

pub(crate) fn analyse(arguments: &Analyse) -> Result<()> {
    let method: Method = arguments.method.parse()?;
    if arguments.csv && arguments.what != "atlas" {
        return Err(Error::input("--csv is for the analysis atlas; the other ones have --json"));
    }
    let mut split: Split = arguments.split.parse()?;
    if let Some(path) = split.path().map(std::path::PathBuf::from) {
        split.read(&files::read(&path)?)?;
    }
    let Analyse { what, seeds, strengths, shared_slope, .. } = arguments;
    let question = Question {
        what: what.clone(),
        split,
        method,
        seeds: *seeds,
        seed: arguments.seed,
        strengths: strengths.clone(),
        shared_slope: *shared_slope,
    };
    let snapshot = inputs::snapshot(&arguments.snapshot)?;
    let mut meter = Meter::new(what.clone());
    let analysis = pollster::block_on(eyas::backtest::analyse(&snapshot, &question, &Here, &mut meter))?;
    if arguments.json {
        return print_json(&analysis);
    }
    print(&match &analysis {
        Analysis::Atlas(found) if arguments.csv => atlas::csv(found)?,
        Analysis::Atlas(found) => atlas::describe(found),
        Analysis::Shares(shares) => shares.iter().map(describe_shares).collect(),
        Analysis::Relations(relations) if what == "correlation" => describe_correlations(relations),
        Analysis::Relations(relations) => describe_influence(relations),
        Analysis::Penalties(points) => describe_penalties(points),
        Analysis::ItemResponse(parameters) => describe_item_response(parameters),
        Analysis::Losses(points) => describe_losses(points),
        Analysis::Features(sides) => sides.iter().map(describe_features).collect(),
        Analysis::Priors(priors) => describe_priors(priors),
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

/// The model or task that was left out, the mean effect on all others, and its cluster of similar effects.
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
            strength(point.lambda_m),
            strength(point.lambda_x),
            metric(metrics.auc),
            metric(metrics.pearson),
            metric(metrics.mae),
        ]
    };
    let rows: Vec<_> = points.iter().map(row).collect();
    table(&["lineage", "tasks", "AUC", "Pearson", "MAE"], &rows)
}

fn describe_losses(points: &[LossPoint]) -> String {
    let row = |point: &LossPoint| {
        let named = [(point.listwise, "listwise"), (point.pairwise, "pairwise"), (point.pointwise, "pointwise")];
        let losses: Vec<&str> = named.into_iter().filter(|(used, _)| *used).map(|(_, name)| name).collect();
        let metrics = &point.summary.metrics;
        let values = [metrics.weighted_tau, metrics.ranking.ndcg[1], metrics.ranking.mrr, metrics.mae];
        [vec![losses.join(" + ")], values.into_iter().map(metric).collect()].concat()
    };
    table(&["losses", "weighted τ", "NDCG@10", "MRR", "MAE"], &points.iter().map(row).collect::<Vec<_>>())
}

fn describe_features(shares: &FeatureShares) -> String {
    let signed = |value: f64| format!("{value:+.4}");
    let rows: Vec<_> = (shares.features.iter())
        .map(|feature| {
            let spread = feature.spread.map_or_else(String::new, |spread| format!(" ± {spread:.4}"));
            vec![feature.name.to_owned(), signed(feature.left_out), signed(feature.value) + &spread]
        })
        .collect();
    format!(
        "{}weighted τ {:.4} with all of them, {:.4} with none\n\n",
        table(&[&format!("{} feature", shares.side), "lost without it", "Shapley value"], &rows),
        shares.with_all,
        shares.with_none
    )
}

fn describe_priors(priors: &Priors) -> String {
    let of = |name: &str, table_of: &PriorTable| {
        let rows: Vec<_> = (table_of.groups.iter())
            .map(|group| {
                let signed = |value: f64| format!("{value:+.3}");
                vec![group.name.clone(), group.models.to_string(), signed(group.data), signed(group.probe)]
            })
            .collect();
        let [data, probe, slope, eta] =
            [table_of.data_rho, table_of.probe_rho, table_of.slope, table_of.eta_squared].map(metric);
        format!(
            "{}Spearman's ρ of the data {data}, of the prior {probe}; slope of the prior {slope}; η² {eta}\n\n",
            table(&[name, "models", "data", "prior"], &rows)
        )
    };
    of("size, billions", &priors.sizes) + &of("family", &priors.families)
}
