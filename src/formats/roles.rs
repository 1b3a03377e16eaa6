//! The role of each column of a table with a row for each model, by its name and by what its cells hold, together.

use super::name_parts::{is_part_average, target_words};
use super::report::{Columns, Role, Unit, label};
use super::survey::Survey;
use super::words::{Sense, sense, states_unit};
use crate::error::{Error, Result};
use crate::snapshot::{FactKind, metric_facts, name_words};

/// The role of a column, what it means, and why.
#[derive(Clone)]
pub(super) struct Decided {
    pub(super) role: Role,
    pub(super) meaning: Meaning,
    /// The unit that a person gave.
    pub(super) unit: Option<Unit>,
    /// Whether a person gave the role.
    pub(super) given: bool,
    pub(super) why: String,
}

/// What a column means beside its role.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    None,
    /// Of a fact: its name.
    Fact(String),
    /// Of a date: the day of the model itself, or a fact.
    OwnDate,
    /// Of errors and numbers of items: the column of the task.
    Of(usize),
    /// Of a fact: the models from which the model was made.
    Parents,
    /// Of a fact: a sentence about the model.
    Description,
    /// Of a name: another name of the model.
    OtherName,
}

/// A column with its name and contents.
pub(super) struct Candidate<'a> {
    pub(super) name: &'a str,
    pub(super) survey: &'a Survey,
}

/// The roles of all columns.
///
/// # Errors
/// If a given role names no column, no column names the models, or a person gave two columns the role of the models.
pub(super) fn decide(columns: &[Candidate<'_>], given: &Columns) -> Result<Vec<Decided>> {
    let forced: Vec<_> = columns.iter().enumerate().map(|(at, column)| given.of(&label(column.name, at))).collect();
    let model = model_column(columns, &forced)?;
    let mut decided: Vec<Decided> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| match forced[at] {
            _ if at == model => Decided { given: forced[at].is_some(), ..plain(Role::Model, "names the models") },
            Some((role, unit)) => Decided { unit, given: true, ..forced_role(role, column) },
            None => by_name_and_content(column),
        })
        .collect();
    compare_with_scores(columns, &mut decided);
    leave_out_averages(columns, &mut decided);
    find_targets(columns, &mut decided);
    first_dates_and_links(columns, &mut decided);
    Ok(decided)
}

fn plain(role: Role, why: impl Into<String>) -> Decided {
    Decided { role, meaning: Meaning::None, unit: None, given: false, why: why.into() }
}

fn fact(name: &str, why: impl Into<String>) -> Decided {
    Decided { meaning: Meaning::Fact(name.to_owned()), ..plain(Role::Fact, why) }
}

fn forced_role(role: Role, column: &Candidate<'_>) -> Decided {
    match role {
        Role::Fact => match sense(column.name) {
            Some(Sense::Parents) => Decided { meaning: Meaning::Parents, ..plain(role, "as given") },
            _ => Decided { why: "as given".to_owned(), ..fact(column.name, "") },
        },
        Role::Date => Decided { meaning: Meaning::OwnDate, ..plain(role, "as given") },
        Role::Model => Decided { meaning: Meaning::OtherName, ..plain(role, "another name, as given") },
        _ => plain(role, "as given"),
    }
}

/// The column of the models: as given, else by its name, else the first column of names.
fn model_column(columns: &[Candidate<'_>], forced: &[Option<(Role, Option<Unit>)>]) -> Result<usize> {
    if let Some(at) = forced.iter().position(|role| matches!(role, Some((Role::Model, _)))) {
        return Ok(at);
    }
    let free = |at: &usize| forced[*at].is_none();
    let senses: Vec<_> = columns.iter().map(|column| sense(column.name)).collect();
    let is_text = |at: usize| columns[at].survey.texts > columns[at].survey.numbers;
    let named = (0..columns.len()).filter(free).filter_map(|at| match senses[at] {
        Some(Sense::Model(place)) => Some((!is_text(at), place, at)),
        _ => None,
    });
    if let Some((.., at)) = named.min() {
        return Ok(at);
    }
    // Without such a name: a column of texts whose name says nothing else, preferably of ids of the hub.
    let others = |at: &usize| matches!(senses[*at], None | Some(Sense::Index | Sense::Task));
    let texts = |at: &usize| is_text(*at) && columns[*at].survey.links == 0;
    let candidates: Vec<usize> = (0..columns.len()).filter(free).filter(others).filter(texts).collect();
    let is_id = |at: &&usize| 2 * columns[**at].survey.ids > columns[**at].survey.texts;
    let names_rows = |at: &&usize| {
        let survey = columns[**at].survey;
        10 * survey.distinct() >= 9 * survey.texts
    };
    let found = candidates.iter().find(is_id).or_else(|| candidates.iter().find(names_rows));
    // Models may have numbers as names where the first column says nothing else.
    let first = || (!columns.is_empty() && free(&0) && senses[0].is_none() && !is_text(0)).then_some(0);
    found.copied().or_else(|| candidates.first().copied()).or_else(first).ok_or_else(|| {
        Error::input("no column names the models; name one \"model\", or say which with --columns 'NAME=model'")
    })
}

fn by_name_and_content(column: &Candidate<'_>) -> Decided {
    let survey = column.survey;
    if survey.filled() == 0 {
        return plain(Role::Skip, "holds no value");
    }
    if survey.texts > survey.numbers { of_texts(column) } else { of_numbers(column) }
}

fn of_texts(column: &Candidate<'_>) -> Decided {
    let Candidate { name, survey } = *column;
    let most = |count: usize| 10 * count >= 8 * survey.filled();
    let sense = sense(name);
    match sense {
        Some(Sense::Model(_)) => {
            return Decided { meaning: Meaning::OtherName, ..plain(Role::Model, "another name of the model") };
        }
        Some(Sense::Parents) => {
            return Decided { meaning: Meaning::Parents, ..fact("parents", "the models it was made of") };
        }
        Some(Sense::Licence) => return plain(Role::Licence, "by its name"),
        Some(Sense::Description) => {
            return Decided { meaning: Meaning::Description, ..plain(Role::Fact, "a text about the model") };
        }
        _ => {}
    }
    if most(survey.links) {
        return plain(Role::Link, "holds addresses");
    }
    if most(survey.half_widths.len()) {
        return plain(Role::Error, "holds intervals such as +5/-5");
    }
    if most(survey.dates) || most(survey.days) {
        return day(name, sense);
    }
    match sense {
        Some(Sense::Fact(known, kind)) => return fact(known_name(name, known, kind), "a fact by its name"),
        Some(Sense::Link) => return plain(Role::Link, "by its name"),
        Some(Sense::Rank | Sense::Index) => return plain(Role::Skip, "a rank or row number by its name"),
        Some(Sense::Cost | Sense::Effort | Sense::Deviation | Sense::Count(_)) => {
            return plain(Role::Skip, "no score by its name");
        }
        Some(Sense::Error) => return plain(Role::Error, "by its name"),
        _ => {}
    }
    let long = survey.length > 60 * survey.texts;
    let all_differ = survey.filled() > 20 && 10 * survey.distinct() > 9 * survey.filled();
    if most(survey.flags) {
        fact(name, "yes or no")
    } else if long || all_differ {
        plain(Role::Skip, "a text of its own in nearly every row")
    } else {
        fact(name, "holds words")
    }
}

fn day(name: &str, sense: Option<Sense>) -> Decided {
    match sense {
        Some(Sense::Fact(known, FactKind::Day)) => fact(known, "holds days"),
        Some(Sense::Date(true)) => Decided { meaning: Meaning::OwnDate, ..plain(Role::Date, "holds days") },
        _ => fact(name, "holds days, though not by its name the model's own"),
    }
}

/// Amounts keep the names they have, since these may state a unit.
fn known_name<'a>(name: &'a str, known: &'static str, kind: FactKind) -> &'a str {
    if kind == FactKind::Amount { name } else { known }
}

fn of_numbers(column: &Candidate<'_>) -> Decided {
    let Candidate { name, survey } = *column;
    if 10 * survey.dates.max(survey.days) >= 8 * survey.filled() {
        return day(name, sense(name));
    }
    let (low, high) = survey.ends();
    // An item of a benchmark may have any name.
    let sense = sense(name)
        .filter(|sense| !survey.is_binary() || matches!(sense, Sense::Fact(..) | Sense::Model(_) | Sense::Index));
    let decided = match sense {
        Some(Sense::Index) if survey.is_whole() => plain(Role::Skip, "row numbers"),
        Some(Sense::Rank) if survey.is_whole() && low >= 1.0 => plain(Role::Skip, "a rank: whole numbers from 1"),
        Some(Sense::Rank) => plain(Role::Skip, RANK),
        Some(Sense::Count(true)) if survey.is_whole() && low >= 1.0 => plain(Role::Items, "the numbers of items"),
        Some(Sense::Count(_)) if survey.is_whole() && low >= 0.0 => plain(Role::Skip, "a count by its name"),
        Some(Sense::Cost) => plain(Role::Skip, "a price by its name"),
        Some(Sense::Popularity) => fact(name, "known only after an evaluation; used by the popularity baseline alone"),
        // MMLU [95% CI]: scores with their intervals.
        Some(Sense::Error) if 2 * survey.spreads > survey.numbers => plain(Role::Score, ""),
        Some(Sense::Error) => plain(Role::Error, "standard errors by its name"),
        Some(Sense::Deviation) => plain(Role::Skip, "a standard deviation, over how many runs is not known"),
        Some(Sense::Fact(known, kind @ FactKind::Amount)) => {
            fact(known_name(name, known, kind), "an amount by its name")
        }
        Some(Sense::Fact(known, FactKind::Flag)) if survey.is_binary() => fact(known, "0 or 1"),
        Some(Sense::Date(_)) if survey.is_whole() && low >= 1950.0 && high <= 2100.0 => fact(name, "years"),
        // Only a benchmark may be called so too: Date Understanding.
        Some(Sense::Date(own)) if own || low > 1000.0 => fact(name, "a time by its name, in no known form"),
        Some(Sense::Average) => plain(Role::Skip, AVERAGE),
        Some(Sense::Model(_)) => {
            Decided { meaning: Meaning::OtherName, ..plain(Role::Model, "another name of the model") }
        }
        Some(Sense::Property) => fact(name, PROPERTY),
        Some(Sense::Effort) if states_unit(name) => plain(Role::Skip, "a time or cost by its unit"),
        Some(Sense::Effort) => plain(Role::Skip, EFFORT),
        _ => plain(Role::Score, ""),
    };
    if decided.role == Role::Score && !metric_facts(name).is_quality {
        return plain(Role::Skip, "no measure of quality");
    }
    decided
}

pub(super) const AVERAGE: &str = "an average of other scores";
const PROPERTY: &str = "a number about the model by its name";
const RANK: &str = "a rank by its name";
const EFFORT: &str = "a time or cost by its name";

/// Columns whose name is that of a property are tasks if their values lie like the scores beside them.
fn compare_with_scores(columns: &[Candidate<'_>], decided: &mut [Decided]) {
    let scores: Vec<usize> = (0..columns.len()).filter(|&at| decided[at].role == Role::Score).collect();
    let whole = scores.iter().all(|&at| columns[at].survey.is_whole());
    let ends = scores.iter().map(|&at| columns[at].survey.ends());
    let (low, high) = ends.fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), (low, high)| (l.min(low), h.max(high)));
    for (at, role) in decided.iter_mut().enumerate().filter(|(_, role)| !role.given) {
        let own = columns[at].survey;
        let (own_low, own_high) = own.ends();
        let alike =
            scores.len() >= 2 && own.is_whole() == whole && low <= own_low && own_high <= high && own_low < own_high;
        if alike && [PROPERTY, EFFORT, RANK].contains(&role.why.as_str()) {
            *role = plain(Role::Score, "its values lie like those of the other scores");
        }
    }
}

/// Leaves out averages of parts where the parts are there, and columns that are the mean of all others. Where averages
/// are the only scores, they are tasks.
fn leave_out_averages(columns: &[Candidate<'_>], decided: &mut [Decided]) {
    let is_score = |decided: &[Decided], at: usize| decided[at].role == Role::Score && !decided[at].given;
    let is_part = |at: usize| is_part_average(columns[at].name);
    let parts: Vec<usize> = (0..columns.len()).filter(|&at| is_score(decided, at) && is_part(at)).collect();
    let others = (0..columns.len()).filter(|&at| decided[at].role == Role::Score && !is_part(at)).count();
    if others >= 2 {
        parts.iter().for_each(|&at| decided[at] = plain(Role::Skip, AVERAGE));
    }
    let scores: Vec<usize> = (0..columns.len()).filter(|&at| decided[at].role == Role::Score).collect();
    if scores.is_empty() {
        // Of several averages the first is the widest.
        if let Some(at) = decided.iter().position(|role| role.why == AVERAGE && role.role == Role::Skip) {
            decided[at] = plain(Role::Score, "an average, and the only score");
        }
    } else if scores.len() >= 4 {
        let (sums, others) = (row_sums(columns, &scores), scores.len() - 1);
        let is_mean = |at: usize| is_score(decided, at) && is_mean_of_others(columns[at].survey, &sums, others);
        let mean = scores.iter().copied().find(|&at| is_mean(at));
        mean.into_iter().for_each(|at| decided[at] = plain(Role::Skip, "the mean of all other scores"));
    }
}

/// The sum of the scores of each row; NaN where one is unknown.
fn row_sums(columns: &[Candidate<'_>], scores: &[usize]) -> Vec<f64> {
    let rows = scores.first().map_or(0, |&at| columns[at].survey.values.len());
    let mut sums = vec![0.0; rows];
    for &at in scores {
        sums.iter_mut().zip(&columns[at].survey.values).for_each(|(sum, value)| *sum += f64::from(*value));
    }
    sums
}

/// Whether a column is the mean of the others in every row that is complete, of at least five. `sums` are those of
/// [`row_sums`] over `others` and the column.
fn is_mean_of_others(survey: &Survey, sums: &[f64], others: usize) -> bool {
    let (low, high) = survey.ends();
    let close = f64::from(high - low) / 500.0;
    let mut complete = 0;
    for (value, sum) in survey.values.iter().zip(sums).filter(|(_, sum)| !sum.is_nan()) {
        let value = f64::from(*value);
        if ((sum - value) / others as f64 - value).abs() > close {
            return false;
        }
        complete += 1;
    }
    complete >= 5 && 2 * complete >= survey.values.len() && low < high
}

/// Finds the tasks to which errors and numbers of items belong; those without one are left out.
fn find_targets(columns: &[Candidate<'_>], decided: &mut [Decided]) {
    let scores: Vec<usize> = (0..columns.len()).filter(|&at| decided[at].role == Role::Score).collect();
    for at in 0..columns.len() {
        if !matches!(decided[at].role, Role::Error | Role::Items) {
            continue;
        }
        let wanted = target_words(columns[at].name);
        let named = scores.iter().copied().find(|&score| name_words(columns[score].name) == wanted);
        let before = || scores.iter().rev().copied().find(|&score| score < at);
        let beside = || before().filter(|&score| score + 1 == at);
        let unnamed = wanted.trim().is_empty();
        let target = match (named, decided[at].role) {
            (Some(score), _) => Some(score),
            (None, _) if unnamed && scores.len() == 1 => Some(scores[0]),
            (None, Role::Error) if unnamed => before(),
            (None, Role::Error) => beside(),
            _ => None,
        };
        match target {
            Some(score) => decided[at].meaning = Meaning::Of(score),
            None if decided[at].given => {}
            None if decided[at].role == Role::Items => decided[at] = plain(Role::Skip, "a count by its name"),
            None => decided[at] = plain(Role::Skip, "errors of no known task"),
        }
    }
}

/// The first date is the model's, the first link its page; others are facts or left out.
fn first_dates_and_links(columns: &[Candidate<'_>], decided: &mut [Decided]) {
    let (mut dates, mut links, mut licences) = (0, 0, 0);
    for (at, role) in decided.iter_mut().enumerate() {
        let count = match role.role {
            Role::Date => &mut dates,
            Role::Link => &mut links,
            Role::Licence => &mut licences,
            _ => continue,
        };
        *count += 1;
        if *count > 1 && !role.given {
            *role = match role.role {
                Role::Date => fact(columns[at].name, "a further date"),
                _ => plain(Role::Skip, "a further column of its kind"),
            };
        }
    }
}
