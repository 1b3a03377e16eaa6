//! Epoch AI's benchmarking data: its own runs (`benchmarks_runs.csv`), a table for each benchmark, run by itself or
//! collected from others (`external_benchmark_mmlu.csv`, `gpqa_diamond.csv`, `mmlu_external.csv`), and the scores of its
//! capabilities index (`model_id,benchmark_id,performance,…`).
//!
//! `model_versions.csv` beside them gives the models' dates, developers and ids on the hub. Where a table of a benchmark
//! has several numbers of shots, the most frequent one is the benchmark and the others are parts of it.

mod versions;

use super::row_cells;
use crate::error::Result;
use crate::formats::cells::{Content, content};
use crate::formats::collection::{Collection, Measure};
use crate::formats::folder::{Folder, stem};
use crate::formats::table::{Row, Table};
use crate::snapshot::{DataSource, Detail, parse_day};

pub(super) use versions::{is_companion, recognise as recognise_versions, refuse as refuse_versions};

/// The name of the best of a run's scores.
const BEST: &str = "Best score (across scorers)";

/// Names of columns of scores, the best first.
const SCORES: [&str; 30] = [
    BEST,
    "mean_score",
    "EM",
    "Score",
    "Challenge score",
    "Percent correct",
    "Overall accuracy",
    "Accuracy",
    "Accuracy mean",
    "Binary accuracy",
    "Score (AVG@5)",
    "Score OPT@1",
    "Main score",
    "Mean score",
    "Weighted Score",
    "Average score",
    "Average_score",
    "Average progress",
    "Average (%)",
    "Average",
    "Global average",
    "Overall pass (%)",
    "Overall (no subtitles)",
    "Unguided % Solved",
    "Lab Success %",
    "% Resolved",
    "Correct",
    "16k token score",
    "ACW Country %",
    "Pass@1 score",
];

fn source(name: Option<&str>) -> DataSource {
    let url = Some("https://epoch.ai/benchmarks".to_owned());
    DataSource { url, ..DataSource::new(name.unwrap_or("Epoch AI"), "CC-BY-4.0") }
}

/// The position of the source that a row names, of up to a thousand; `last` is that of the last new one.
fn origin(name: &str, last: &mut u32, to: &mut Collection<'_>) -> Option<u32> {
    if name.is_empty() || *last >= 1000 {
        return None;
    }
    let at = to.source(source(Some(name)));
    *last = (*last).max(at);
    Some(at)
}

pub(super) fn recognise_runs(table: &Table<'_>) -> bool {
    ["task", "model", BEST, "status"].iter().all(|name| table.column(&[name]).is_some())
}

pub(super) fn read_runs(mut table: Table<'_>, folder: &Folder<'_>, to: &mut Collection<'_>) -> Result<()> {
    let [task, model, best, status] = ["task", "model", BEST, "status"].map(|name| table.require(&[name]));
    let (task, model, best, status) = (task?, model?, best?, status?);
    let [scorers, started] = [&["scores"][..], &["started_at", "started at"]].map(|names| table.column(names));
    to.source(source(None));
    let decimal_comma = table.decimal_comma;
    table.each(|row| {
        if !row.get(status).eq_ignore_ascii_case("success") {
            to.leave_out("runs", "not finished", 1);
            return Ok(());
        }
        let id = row.model(model)?;
        let Some(score) = row_cells::number(row, Some(best), decimal_comma).filter(|_| !row.get(task).is_empty())
        else {
            to.leave_out("runs", "no score", 1);
            return Ok(());
        };
        let at = to.model(id);
        let detail = Detail {
            error: error_of(row_cells::text(row, scorers), score.value).map(|error| error as f32),
            date: parse_day(row_cells::text(row, started)),
            ..Detail::default()
        };
        to.score(at, &Measure::new(row.get(task), None), score.value, detail);
        Ok(())
    })?;
    versions::apply(table.name, folder, to);
    Ok(())
}

/// The error of a score in a list such as `model_graded:0.45±0.02, match:0.41±0.03`: that of the scorer whose score it is.
fn error_of(scorers: &str, score: f64) -> Option<f64> {
    let known = scorers.split([',', ';']).filter_map(|scorer| {
        match content(scorer.rsplit_once(':').map_or(scorer, |(_, number)| number), false) {
            Content::Number(number) => Some(((number.value - score).abs(), number.error?)),
            _ => None,
        }
    });
    // The scores of scorers have two decimals.
    known.filter(|(distance, _)| *distance <= 0.0051).min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, error)| error)
}

pub(super) fn recognise_benchmark(table: &Table<'_>) -> bool {
    let has = |names: &[&str]| table.column(names).is_some();
    let told = ["Source", "Source link", "Started at", "started_at", "log viewer", "Notes", "Shots", "stderr"];
    has(&["Model version"]) && has(&["id", "Name"]) && has(&told) && has(&SCORES) && !has(&["task", "benchmark"])
}

/// The columns of a table of one benchmark.
struct Columns {
    version: usize,
    name: Option<usize>,
    score: usize,
    error: Option<usize>,
    shots: Option<usize>,
    started: Option<usize>,
    source: Option<usize>,
    released: Option<usize>,
    organisation: Option<usize>,
}

pub(super) fn read_benchmark(mut table: Table<'_>, folder: &Folder<'_>, to: &mut Collection<'_>) -> Result<()> {
    let columns = Columns {
        version: table.require(&["Model version"])?,
        name: table.column(&["Name"]),
        score: table.require(&SCORES)?,
        error: table.column(&["stderr"]),
        shots: table.column(&["Shots"]),
        started: table.column(&["Started at", "started_at"]),
        source: table.column(&["Source"]),
        released: table.column(&["Release date"]),
        organisation: table.column(&["Organization"]),
    };
    let (usual, percent) = survey(&table, &columns)?;
    let name = stem(table.name);
    let name = name.strip_prefix("external_benchmark_").or_else(|| name.strip_suffix("_external")).unwrap_or(name);
    let mut last = to.source(source(None));
    let decimal_comma = table.decimal_comma;
    table.each(|row| {
        let Some(score) = row_cells::number(row, Some(columns.score), decimal_comma) else {
            to.leave_out("rows", "no score", 1);
            return Ok(());
        };
        let named = if row.get(columns.version).is_empty() { columns.name } else { None };
        let at = to.model(row.model(named.unwrap_or(columns.version))?);
        let shots = row_cells::number(row, columns.shots, decimal_comma).map(|shots| shots.value as u32);
        let subset = shots.filter(|shots| Some(*shots) != usual).map(|shots| format!("{shots}-shot"));
        let measure = Measure { subset, shots: shots.or(usual), ..Measure::new(name, None) };
        let measure = if percent { measure.percent() } else { measure };
        about(row, &columns, at, to);
        let error = row_cells::number(row, columns.error, decimal_comma).map(|error| error.value).or(score.error);
        let detail = Detail {
            error: error.filter(|error| *error >= 0.0).map(|error| error as f32),
            date: parse_day(row_cells::text(row, columns.started)),
            source: origin(row_cells::text(row, columns.source), &mut last, to),
            items: None,
        };
        to.score(at, &measure, score.value, detail);
        Ok(())
    })?;
    versions::apply(table.name, folder, to);
    Ok(())
}

fn about(row: &Row<'_>, columns: &Columns, model: u32, to: &mut Collection<'_>) {
    to.fact(model, "organization", row_cells::text(row, columns.organisation));
    let known = to.about(model);
    known.date = known.date.or_else(|| parse_day(row_cells::text(row, columns.released)));
}

/// The most frequent number of shots, and whether scores have a sign of percent.
fn survey(table: &Table<'_>, columns: &Columns) -> Result<(Option<u32>, bool)> {
    let mut counts: Vec<(u32, usize)> = Vec::new();
    let mut percent = false;
    let decimal_comma = table.decimal_comma;
    table.again()?.each(|row| {
        percent |= row_cells::number(row, Some(columns.score), decimal_comma).is_some_and(|score| score.percent);
        if let Some(shots) = row_cells::number(row, columns.shots, decimal_comma).map(|shots| shots.value as u32) {
            match counts.iter_mut().find(|(known, _)| *known == shots) {
                Some((_, count)) => *count += 1,
                None => counts.push((shots, 1)),
            }
        }
        Ok(())
    })?;
    Ok((counts.iter().max_by_key(|(_, count)| *count).map(|(shots, _)| *shots), percent))
}

pub(super) fn recognise_index(table: &Table<'_>) -> bool {
    ["model_id", "benchmark_id", "performance", "benchmark"].iter().all(|name| table.column(&[name]).is_some())
}

pub(super) fn read_index(mut table: Table<'_>, folder: &Folder<'_>, to: &mut Collection<'_>) -> Result<()> {
    let [id, benchmark, performance] = ["model_id", "benchmark", "performance"].map(|name| table.require(&[name]));
    let (id, benchmark, performance) = (id?, benchmark?, performance?);
    let model = table.column(&["model_version", "model"]).unwrap_or(id);
    let [date, named] = ["date", "source"].map(|name| table.column(&[name]));
    let mut last = to.source(source(None));
    let decimal_comma = table.decimal_comma;
    table.each(|row| {
        let Some(score) = row_cells::number(row, Some(performance), decimal_comma) else {
            to.leave_out("rows", "no score", 1);
            return Ok(());
        };
        let at = to.model(if row.get(model).is_empty() { row.model(id)? } else { row.model(model)? });
        let about = to.about(at);
        about.date = about.date.or_else(|| parse_day(row_cells::text(row, date)));
        let source = origin(row_cells::text(row, named), &mut last, to);
        let detail = Detail { source, ..Detail::default() };
        to.score(at, &Measure::new(row.get(benchmark), None), score.value, detail);
        Ok(())
    })?;
    versions::apply(table.name, folder, to);
    Ok(())
}

#[cfg(test)]
mod tests;
