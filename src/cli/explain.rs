//! `explain`.

use super::arguments::{Explain, SubjectArguments};
use super::predict::{fit_without, read_request, trained, warn_about_names};
use super::progress::Meter;
use super::table::{table, with_direction};
use super::{inputs, print, print_json, shapes};
use eyas::error::Result;
use eyas::recommend::{Contribution, Explanation, Recommender, TaskExplanation};

pub(crate) fn explain(arguments: &Explain) -> Result<()> {
    let Explain { subject, id, tasks, json } = arguments;
    let (explanation, tree) = match id {
        Some(id) => (known(subject, id, tasks)?, String::new()),
        None => {
            let (recommender, mut request, tree) = read_request(subject, None)?;
            request.tasks.clone_from(tasks);
            warn_about_names(&recommender.understand(&request.parents).0);
            let explanation = match recommender.measured_id(&request)? {
                Some(id) => known_of(&recommender, id, tasks)?,
                None => recommender.explain(&request)?,
            };
            (explanation, tree)
        }
    };
    if *json {
        return print_json(&shapes::explanation(&explanation));
    }
    print(&format!("{tree}{}", describe(&explanation)))
}

/// A model of the snapshot. With --snapshot, the method is trained without its results.
fn known(subject: &SubjectArguments, id: &str, tasks: &[String]) -> Result<Explanation> {
    let recommender = match &subject.trained.snapshot {
        Some(path) => fit_without(inputs::snapshot(path)?, subject.trained.method.as_deref(), id)?,
        None => trained(&subject.trained)?,
    };
    known_of(&recommender, id, tasks)
}

fn known_of(recommender: &Recommender, id: &str, tasks: &[String]) -> Result<Explanation> {
    let mut meter = Meter::new(format!("{} without {id}", recommender.method().name()));
    pollster::block_on(recommender.explain_known(id, tasks, &mut meter))
}

/// The number of benchmarks side by side.
const COLUMNS: usize = 6;

/// One row for each fact, the one with the largest effect over all benchmarks first.
fn describe(explanation: &Explanation) -> String {
    let Explanation { method, left_out, tasks, sources, .. } = explanation;
    let mut text: String = tasks.chunks(COLUMNS).map(|tasks| format!("{}\n", side_by_side(tasks))).collect();
    if !sources.is_empty() {
        let source = |source: &eyas::recommend::ForecastSource| format!("{} {:.0} %", source.id, 100.0 * source.share);
        text += &format!("rests on: {}\n", sources.iter().map(source).collect::<Vec<_>>().join(", "));
    }
    let without = if *left_out { ", trained without the model's own results" } else { "" };
    format!("{text}method {method}{without}\n")
}

fn side_by_side(tasks: &[TaskExplanation]) -> String {
    let same = |a: &Contribution, b: &Contribution| (a.kind, &a.what) == (b.kind, &b.what);
    let of = |task: &TaskExplanation, piece: &Contribution| {
        task.contributions.iter().find(|other| same(other, piece)).map_or(0.0, |other| other.value)
    };
    let mut pieces: Vec<&Contribution> = tasks.first().map_or(Vec::new(), |task| task.contributions.iter().collect());
    let weight = |piece: &Contribution| tasks.iter().map(|task| of(task, piece).abs()).sum::<f64>();
    pieces.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    let width = |task: &TaskExplanation| f64::from(task.range.high - task.range.low);
    let digits = |task: &TaskExplanation| if width(task) <= 1.0 { 3 } else { 1 };
    let level = |task: &TaskExplanation, part: f64| {
        format!("{:.*}", digits(task), f64::from(task.range.low) + part * width(task))
    };
    let step = |task: &TaskExplanation, part: f64| {
        let text = format!("{:+.*}", digits(task), part * width(task));
        // A value that rounds to 0 has no sign.
        if text[1..].chars().all(|digit| matches!(digit, '0' | '.')) { "·".to_owned() } else { text }
    };
    let row = |name: String, cell: &dyn Fn(&TaskExplanation) -> String| {
        std::iter::once(name).chain(tasks.iter().map(cell)).collect::<Vec<_>>()
    };
    let mut rows = vec![row("nothing known".to_owned(), &|task| level(task, task.base))];
    for piece in pieces {
        let said = piece.said.as_ref().map_or(String::new(), |said| format!(" {said}"));
        let cells = row(format!("{}{}{said}", kind(piece), piece.what), &|task| step(task, of(task, piece)));
        if cells[1..].iter().any(|cell| cell != "·") {
            rows.push(cells);
        }
    }
    rows.push(row("unexplained".to_owned(), &|task| step(task, task.rest)));
    rows.push(row("forecast".to_owned(), &|task| level(task, task.mean)));
    let names: Vec<String> = tasks.iter().map(|task| with_direction(&task.task, task.lower_is_better)).collect();
    let head: Vec<&str> = std::iter::once("").chain(names.iter().map(String::as_str)).collect();
    table(&head, &rows)
}

/// The word before a fact; some facts need none.
fn kind(piece: &Contribution) -> &'static str {
    use eyas::recommend::Kind;
    match piece.kind {
        Kind::Parent => "parent ",
        Kind::Ancestor => "ancestor ",
        Kind::Score => "score ",
        Kind::Factor => "factor ",
        Kind::Relatives | Kind::Name | Kind::Organisation | Kind::Date => "",
    }
}
