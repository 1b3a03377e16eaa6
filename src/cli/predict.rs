//! `train`, `predict`, `next`, `rank` and `route`.

use super::arguments::{Next, Predict, Rank, Route, SubjectArguments, Train, Trained, device};
use super::progress::Meter;
use super::table::{UNDEFINED, in_units, table, with_direction};
use super::{files, inputs, output, print, print_json, shapes, tree, warn};
use eyas::error::{Error, Place, Result};
use eyas::formats::{self, GivenScores, Source, hub_id};
use eyas::methods::Method;
use eyas::recommend::{
    Evaluation, NextRequest, Plan, Prediction, PredictionLineage, Ran, RankRequest, RankedModel, Ranking, Recommender,
    Request, RouteRequest, Routing, TaskForecast, TrainOptions,
};
use eyas::snapshot::{Range, Snapshot};
use std::path::Path;

pub(crate) fn train(arguments: &Train) -> Result<()> {
    let options =
        TrainOptions { method: arguments.method.parse()?, device: device(&arguments.device)?, seed: arguments.seed };
    let (lineage, model_factors) = (arguments.lineage.as_deref(), arguments.model_factors.as_deref());
    let companions = files::Companions { lineage, model_factors, task_factors: None };
    output::check(&arguments.output, companions.paths().chain([arguments.snapshot.as_path()]))?;
    let recommender = fit(inputs::snapshot_with(&arguments.snapshot, &companions)?, &options)?;
    let packed = formats::pack(&files::name(&arguments.output), recommender.save()?)?;
    output::write(&arguments.output, &packed)?;
    let Ran { device, name, why } = recommender.ran();
    let method = recommender.method().name();
    print(&format!("trained {method} on the {device} ({name}; {why}), wrote {}\n", arguments.output.display()))
}

pub(crate) fn predict(arguments: &Predict) -> Result<()> {
    let (recommender, mut request, tree) = read_request(&arguments.subject, arguments.id.as_deref())?;
    request.tasks.clone_from(&arguments.tasks);
    let mut prediction = recommender.predict(&request)?;
    recommender.compare(&mut prediction, &arguments.compare)?;
    if let (true, Some(id)) = (arguments.unseen, prediction.measured_id()) {
        let mut meter = Meter::new(format!("{} without {id}", recommender.method().name()));
        pollster::block_on(recommender.add_unseen(&mut prediction, &mut meter))?;
    } else if arguments.unseen {
        let message = "this model has no measured score, so --unseen adds nothing to its forecast";
        prediction.warnings.push(message.to_owned());
    }
    warn_about_subject(&prediction);
    warn_about_names(&prediction.lineage);
    if arguments.json {
        return print_json(&shapes::prediction(&prediction));
    }
    print(&format!("{tree}{}", describe(&prediction, &recommender)))
}

pub(crate) fn next(arguments: &Next) -> Result<()> {
    let costs = arguments.costs.as_deref().map_or(Ok(Vec::new()), formats::parse_costs)?;
    let (recommender, model, _) = read_request(&arguments.subject, arguments.id.as_deref())?;
    warn_about_names(&recommender.understand(&model.parents).0);
    let plan = recommender.next(&NextRequest { model, costs, count: arguments.top })?;
    if arguments.json { print_json(&plan) } else { print(&planned(&plan)) }
}

/// The trained method, the request, and the lineage as a tree.
pub(super) fn read_request(subject: &SubjectArguments, id: Option<&str>) -> Result<(Recommender, Request, String)> {
    if subject.lineage.is_none() && subject.facts.is_none() && subject.scores.is_none() && id.is_none() {
        return Err(Error::input("describe the model: give --id, --lineage, --facts or --scores"));
    }
    if id.is_some_and(|id| id.trim().is_empty()) {
        return Err(Error::input("--id: expected a model's id, such as org/name"));
    }
    let mut request = Request { id: id.map(|id| hub_id(id).unwrap_or(id).to_owned()), ..Request::default() };
    request.typed.id = id.is_some();
    let mut lineage = None;
    let (mut typed, mut listed) = (Vec::new(), Vec::new());
    if let Some(path) = &subject.lineage {
        let (name, text) = files::read_text(path)?;
        let parsed = formats::parse_lineage(&name, &text)?;
        warn(&parsed.warnings);
        request.id = parsed.id().map(str::to_owned);
        listed.clone_from(&parsed.scores);
        request = Request { name: parsed.name.clone(), date: parsed.date, factors: parsed.factors.clone(), ..request };
        lineage = Some(parsed);
    }
    if let Some(facts) = &subject.facts {
        let formats::Facts { name, date, factors } = formats::parse_facts(facts)?;
        if let Some((id, name)) = id.zip(name.as_deref()).filter(|(id, name)| id != name) {
            return Err(Error::input(format!("--id gives \"{id}\" and --facts \"{name}\"; give one name")));
        }
        request.id = name.or(request.id);
        request.typed.facts = factors.keys().cloned().chain(date.map(|_| "date".to_owned())).collect();
        request.date = date.or(request.date);
        request.factors.extend(factors);
    }
    if let Some(scores) = &subject.scores {
        match given_scores(scores)? {
            GivenScores::Typed(scores) => typed = scores,
            GivenScores::Listed(scores, warnings) => {
                warn(&warnings);
                listed = scores;
            }
        }
    }
    let recommender = trained(&subject.trained)?;
    let (scores, warnings) =
        if typed.is_empty() { recommender.usable_scores(&listed) } else { recommender.typed_scores(&typed)? };
    warn(&warnings);
    request.scores = scores;
    let mut tree = String::new();
    if let Some(mut parsed) = lineage {
        recommender.settle(&mut parsed);
        tree = tree::tree(&parsed);
        request.parents = parsed.parents;
    }
    Ok((recommender, request, tree))
}

/// Typed scores, or the scores in the file of `@FILE`.
fn given_scores(scores: &str) -> Result<GivenScores> {
    match scores.strip_prefix('@') {
        Some(path) => {
            let (name, text) = files::read_text(Path::new(path))?;
            formats::read_scores(&name, &text)
        }
        None => formats::parse_scores(scores).map(GivenScores::Typed),
    }
}

/// Prints warnings about the model on stderr.
pub(super) fn warn_about_subject(prediction: &Prediction) {
    let Prediction { subject, warnings, .. } = prediction;
    let names = subject.given.as_ref().zip(subject.id.as_ref());
    if let Some((given, id)) = names.filter(|(given, id)| !given.eq_ignore_ascii_case(id)) {
        eprintln!("warning: \"{given}\" was read as \"{id}\"");
    }
    warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
}

pub(super) fn warn_about_names(lineage: &PredictionLineage) {
    for parent in &lineage.parents {
        if let Some(given) = &parent.given {
            eprintln!("warning: parent \"{given}\" was read as \"{}\"", parent.id);
        }
    }
    for unknown in &lineage.unknown {
        let near = lineage.nearest.get(unknown).map_or(String::new(), |near| format!("; is it {}?", near.join(" or ")));
        eprintln!("warning: parent \"{unknown}\" is not in the snapshot; the forecast goes without it{near}");
    }
}

pub(crate) fn rank(arguments: &Rank) -> Result<()> {
    let filter = arguments.filter.as_deref().unwrap_or("").parse()?;
    let request = RankRequest { task: arguments.task.clone(), top: arguments.top, filter };
    let ranking = trained(&arguments.trained)?.rank(&request)?;
    if arguments.json { print_json(&shapes::ranking(&ranking)) } else { print(&list(&ranking)) }
}

pub(crate) fn route(arguments: &Route) -> Result<()> {
    let tasks = arguments.tasks.split(',').map(|task| task.trim().to_owned()).collect();
    let routing = trained(&arguments.trained)?.route(&RouteRequest { tasks, top: arguments.top })?;
    if arguments.json { print_json(&routing) } else { print(&routes(&routing)) }
}

/// The first bytes of a packed model.
const GZIP: &[u8] = &[0x1f, 0x8b];

pub(super) fn trained(arguments: &Trained) -> Result<Recommender> {
    match (&arguments.snapshot, &arguments.model) {
        (Some(path), _) => {
            let snapshot = inputs::snapshot(path)?;
            let method = named(arguments.method.as_deref(), &snapshot)?;
            fit(snapshot, &TrainOptions { method, ..TrainOptions::default() })
        }
        (None, Some(path)) => {
            let (name, mut bytes) = (files::name(path), files::read(path)?);
            if bytes.starts_with(GZIP) {
                bytes = formats::unpack(&Source { name: &name, bytes: &bytes, optional: false })?.into_owned();
            }
            Recommender::load(&bytes).map_err(|error| error.at(Place::source(name)))
        }
        (None, None) => Err(Error::input("give --snapshot or --model")),
    }
}

/// The method of this name. Without a name, the default one for these data, with a warning if that is not the usual
/// default.
fn named(method: Option<&str>, snapshot: &Snapshot) -> Result<Method> {
    if let Some(method) = method {
        return method.parse();
    }
    let (method, why) = Method::standard(snapshot);
    if let Some(why) = why {
        eprintln!("warning: {why}");
    }
    Ok(method)
}

/// Trains on the results of all models except one.
pub(super) fn fit_without(snapshot: Snapshot, method: Option<&str>, id: &str) -> Result<Recommender> {
    let method = named(method, &snapshot)?;
    let options = TrainOptions { method, ..TrainOptions::default() };
    pollster::block_on(Recommender::train_without(snapshot, id, &options, &mut Meter::new(method.name())))
}

fn fit(snapshot: Snapshot, options: &TrainOptions) -> Result<Recommender> {
    pollster::block_on(Recommender::train(snapshot, options, &mut Meter::new(options.method.name())))
}

fn describe(prediction: &Prediction, recommender: &Recommender) -> String {
    let known: Vec<&str> =
        prediction.lineage.parents.iter().filter(|parent| parent.evaluated).map(|parent| parent.id.as_str()).collect();
    let mut head = vec!["task", "forecast"];
    let any = |has: fn(&TaskForecast) -> bool| prediction.forecasts.iter().any(has);
    let interval = any(|forecast| forecast.lower.is_some());
    let (aside, unseen) = (interval || any(|forecast| forecast.known), any(|forecast| forecast.unseen.is_some()));
    if aside {
        head.push(if interval { "90 % interval" } else { "" });
    }
    if unseen {
        head.push("would have been forecast");
    }
    head.push("rank");
    head.extend(&known);
    let beats: Vec<String> = prediction
        .forecasts
        .first()
        .map_or(Vec::new(), |forecast| forecast.beats.keys().map(|id| format!("beats {id}")).collect());
    head.extend(beats.iter().map(String::as_str));
    let measured = |forecast: &TaskForecast| {
        prediction.measured.as_ref().is_some_and(|measured| measured.contains_key(&forecast.task))
    };
    let row = |forecast: &TaskForecast| {
        let units = |score: f32| in_units(score, forecast.range);
        let between = |(low, high): (f32, f32)| format!("{} to {}", units(low), units(high));
        let mut row = vec![with_direction(&forecast.task, forecast.lower_is_better), units(forecast.mean)];
        if aside {
            let ends = forecast.lower.zip(forecast.upper);
            let word = match forecast.known {
                true if measured(forecast) => "measured",
                true => "given",
                false => "",
            };
            row.push(match (word, ends.map(between)) {
                ("", ends) => ends.unwrap_or(UNDEFINED.to_owned()),
                (word, Some(ends)) => format!("{word}, {ends}"),
                (word, None) => word.to_owned(),
            });
        }
        if unseen {
            row.push(forecast.unseen.map_or(UNDEFINED.to_owned(), |unseen| {
                let ends = unseen.lower.zip(unseen.upper);
                format!("{}{}", units(unseen.mean), ends.map_or(String::new(), |ends| format!(" ({})", between(ends))))
            }));
        }
        let ends = forecast.rank_lower.zip(forecast.rank_upper);
        let ends = ends.map_or_else(String::new, |(low, high)| format!(" ({low} to {high})"));
        row.push(format!("{}{ends} of {}", forecast.rank, forecast.of));
        row.extend(
            known.iter().map(|&id| forecast.parents.get(id).map_or(UNDEFINED.to_owned(), |&score| units(score))),
        );
        row.extend(forecast.beats.values().map(|chance| chance.map_or(UNDEFINED.to_owned(), written_chance)));
        row
    };
    let rows: Vec<_> = prediction.forecasts.iter().map(row).collect();
    let remark = |forecast: &TaskForecast| Some(format!("{}: {}\n", forecast.task, forecast.remark.as_ref()?));
    let remarks: String = prediction.forecasts.iter().filter_map(remark).collect();
    let (first, table) = (measured_first(prediction, recommender), table(&head, &rows));
    let (shown, all) = (rows.len(), recommender.benchmarks().count());
    let rest =
        if shown < all { format!("{shown} of {all} tasks; --tasks all shows the rest\n") } else { String::new() };
    format!("{first}{table}{remarks}{rest}method {}, trained on the {}\n", prediction.method, prediction.device)
}

/// The measured scores and their model.
fn measured_first(prediction: &Prediction, recommender: &Recommender) -> String {
    let Some(measured) = &prediction.measured else { return String::new() };
    let score =
        |(name, range): (&str, Range)| measured.get(name).map(|&score| format!("{name} {}", in_units(score, range)));
    let scores: Vec<String> = recommender.benchmarks().filter_map(score).collect();
    let more = scores.len().saturating_sub(LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let scores = format!("{}{more}", scores[..scores.len().min(LISTED)].join(", "));
    match (&prediction.quantisation_of, &prediction.subject.id) {
        (Some(original), id) => {
            let id = id.as_deref().unwrap_or("this model");
            format!("measured: {scores} ({original}, of which {id} is a quantisation)\n\n")
        }
        (None, id) => format!("measured: {scores} ({})\n\n", id.as_deref().unwrap_or_default()),
    }
}

/// The maximum number of measured scores in one line.
const LISTED: usize = 12;

fn planned(plan: &Plan) -> String {
    let row = |evaluation: &Evaluation| {
        vec![evaluation.task.clone(), evaluation.cost.to_string(), format!("{:.3}", evaluation.width)]
    };
    let rows: Vec<_> = plan.evaluations.iter().map(row).collect();
    let head = ["evaluate next", "cost", "mean interval after it"];
    format!("{}mean interval now {:.3}; planned by method {}\n", table(&head, &rows), plan.width, plan.method)
}

fn routes(routing: &Routing) -> String {
    let mut head = vec!["model", "items", "share"];
    head.extend(routing.tasks.iter().map(String::as_str));
    let row = |model: &eyas::recommend::RoutedModel| {
        let mut row = vec![model.id.clone(), model.items.to_string(), format!("{:.1} %", 100.0 * model.share)];
        row.extend(routing.tasks.iter().map(|task| model.tasks.get(task).copied().unwrap_or(0).to_string()));
        row
    };
    let rows: Vec<_> = routing.models.iter().map(row).collect();
    format!(
        "{}expected mean score: {:.3} routed, {:.3} all at {}, {:.3} at random; predicted by method {}\n",
        table(&head, &rows),
        routing.expected,
        routing.single.expected,
        routing.single.id,
        routing.random,
        routing.method
    )
}

fn list(ranking: &Ranking) -> String {
    let unsure = ranking.models.iter().any(|model| model.rank_lower != model.rank_upper);
    let row = |model: &RankedModel| {
        let sort = if model.predicted { "predicted" } else { "measured" };
        let mut row = vec![model.id.clone(), model.rank.to_string()];
        if unsure {
            let ends = model.rank_lower.zip(model.rank_upper).filter(|(low, high)| low < high);
            row.push(ends.map_or_else(String::new, |(low, high)| format!("{low} to {high}")));
        }
        row.extend([in_units(model.score, ranking.range), sort.to_owned()]);
        if unsure {
            row.push(if model.tied_with_above == Some(true) { "tied with the one above" } else { "" }.to_owned());
        }
        row
    };
    let rows: Vec<_> = ranking.models.iter().map(row).collect();
    let task = with_direction(&ranking.task, ranking.lower_is_better);
    let head: &[&str] =
        if unsure { &["model", "rank", "90 % interval", &task, "", ""] } else { &["model", "rank", &task, ""] };
    format!("{}gaps filled by method {}\n", table(head, &rows), ranking.method)
}

/// No probability is certain: values that round to 0 or 100 % become `<1 %` or `>99 %`.
fn written_chance(chance: f32) -> String {
    match chance {
        _ if chance < 0.005 => "<1 %".to_owned(),
        _ if chance >= 0.995 => ">99 %".to_owned(),
        _ => format!("{:.0} %", 100.0 * chance),
    }
}

#[cfg(test)]
mod tests {
    use super::written_chance;

    #[test]
    fn no_chance_is_written_as_certain() {
        assert_eq!([0.0, 0.004, 0.2, 0.994, 1.0].map(written_chance), ["<1 %", "<1 %", "20 %", "99 %", ">99 %"]);
    }
}
