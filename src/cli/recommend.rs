//! `recommend`.

use super::arguments::{Recommend, Trained};
use super::predict::trained;
use super::table::{UNDEFINED, aligned, in_units};
use super::{print, print_json};
use eyas::error::Result;
use eyas::methods::Method;
use eyas::recommend::{RecommendRequest, Recommendation, RecommendedModel, check_recommends, parse_pool};
use eyas::snapshot::Range;

pub(crate) fn recommend(arguments: &Recommend) -> Result<()> {
    let Recommend { task, describe, metric, top, filter, .. } = arguments;
    let request = RecommendRequest {
        task: task.clone(),
        description: describe.clone(),
        metric: metric.clone(),
        top: *top,
        filter: filter.as_deref().unwrap_or_default().parse()?,
        pool: arguments.pool.as_deref().map(parse_pool).transpose()?.unwrap_or_default(),
    };
    request.check()?;
    let recommender = trained(&with_ranker(&arguments.trained)?)?;
    let found = recommender.recommend(&request)?;
    if arguments.json {
        return print_json(&found);
    }
    let range = recommender.benchmarks().find(|(name, _)| found.task.as_deref() == Some(name)).map(|(_, range)| range);
    print(&list(&found, range.unwrap_or(Range::FRACTION)))
}

/// The arguments with the method that recommends. Another one is refused before it is trained.
fn with_ranker(given: &Trained) -> Result<Trained> {
    let method = given.method.as_deref().map_or(Ok(Method::Ranker), str::parse)?;
    check_recommends(method)?;
    let Trained { snapshot, model, .. } = given;
    Ok(Trained { snapshot: snapshot.clone(), model: model.clone(), method: Some(method.name().to_owned()) })
}

fn list(found: &Recommendation, range: Range) -> String {
    let row = |model: &RecommendedModel| {
        vec![
            model.rank.to_string(),
            format!("{} to {}", model.rank_lower, model.rank_upper),
            model.id.clone(),
            format!("{:.3}", model.score),
            format!("{:.3}", model.prior),
            format!("{:.3}", model.residual),
            model.measured.map_or_else(|| UNDEFINED.to_owned(), |score| in_units(score, range)),
        ]
    };
    let rows: Vec<_> = found.models.iter().map(row).collect();
    let head = ["rank", "90 % interval", "model", "score", "general strength", "task fit", "measured"];
    let none = if rows.is_empty() { "no model meets the conditions\n" } else { "" };
    let table = aligned(&head, &rows, |column| column == MODEL);
    format!("{}\n{table}{none}{}ranked by method {}\n", asked(found), pool(found), found.method)
}

/// The models of the pool, if one was asked for.
fn pool(found: &Recommendation) -> String {
    let Some(pool) = &found.pool else { return String::new() };
    let row = |(size, id): &(f64, Option<String>)| {
        let none = || "no model costs about as much to run".to_owned();
        vec![format!("{size}B"), id.clone().unwrap_or_else(none)]
    };
    let rows: Vec<_> = pool.iter().map(row).collect();
    format!("\n{}\n", aligned(&["slot", "model of the pool"], &rows, |column| column == 1))
}

/// The column of the models.
const MODEL: usize = 2;

fn asked(found: &Recommendation) -> String {
    let what = match (&found.task, &found.description) {
        (Some(task), _) => task.clone(),
        (None, description) => {
            let text = description.as_deref().unwrap_or_default();
            format!("a task described as \"{}\"", text.split_whitespace().collect::<Vec<_>>().join(" "))
        }
    };
    let metric = found.metric.as_ref().map_or(String::new(), |metric| format!(", metric {metric}"));
    format!("models for {what}{metric}; the score is for their order only, it is no benchmark score")
}
