//! `import`: one snapshot from files of results, and what was understood of them.

use super::arguments::Import;
use super::inputs::Inputs;
use super::inspect::describe;
use super::table::{counted, listing};
use super::{files, output, print, print_json, warn};
use eyas::error::Result;
use eyas::formats::{Column, Columns, Report, Role, Source};
use eyas::snapshot::SnapshotInfo;
use serde::Serialize;
use std::collections::HashMap;

#[derive(Serialize)]
struct Understood<'a> {
    models: usize,
    tasks: usize,
    cells: usize,
    #[serde(flatten)]
    report: &'a Report,
}

pub(crate) fn import(arguments: &Import) -> Result<()> {
    let companions = files::Companions {
        lineage: arguments.lineage.as_deref(),
        model_factors: arguments.model_factors.as_deref(),
        task_factors: arguments.task_factors.as_deref(),
    };
    let columns: Columns = arguments.columns.as_deref().unwrap_or_default().parse()?;
    let inputs = Inputs::find(&arguments.files)?;
    let beside = companions.paths().chain(arguments.pair_vectors.as_deref());
    output::check(&arguments.output, inputs.paths().chain(beside))?;
    let loaded = inputs.load()?;
    let (mut snapshot, mut report) = files::import(&loaded.files, &companions, &columns)?;
    loaded.credit(&mut snapshot, &mut report);
    if let Some(path) = &arguments.pair_vectors {
        let (name, bytes) = (files::name(path), files::read(path)?);
        let source = Source { name: &name, bytes: &bytes, optional: false };
        warn(&eyas::formats::add_pair_vectors(&mut snapshot, &source)?);
    }
    let json = eyas::snapshot::write_json(&snapshot)?;
    let name = files::name(&arguments.output);
    output::write(&arguments.output, &eyas::formats::pack(&name, json)?)?;
    let info = SnapshotInfo::of(&snapshot);
    if arguments.json {
        let SnapshotInfo { models, tasks, cells, .. } = info;
        return print_json(&Understood { models, tasks, cells, report: &report });
    }
    print(&format!("{}{}wrote {}\n", describe(&info), written(&report), arguments.output.display()))
}

/// The maximum number of rows of each list.
const LISTED: usize = 40;
/// The maximum number of files whose columns are listed.
const FILES: usize = 10;

/// The report as text.
fn written(report: &Report) -> String {
    let mut text = String::from("\n");
    let mut files: Vec<(&str, Vec<&Column>)> = Vec::new();
    let mut places = HashMap::new();
    for column in &report.columns {
        let place = *places.entry(column.file.as_str()).or_insert(files.len());
        if place == files.len() {
            files.push((&column.file, Vec::new()));
        }
        files[place].1.push(column);
    }
    for (file, columns) in files.iter().take(FILES) {
        text += &format!("{}\n", of_file(file, columns));
    }
    if files.len() > FILES {
        text += &format!("and {}\n\n", counted((files.len() - FILES) as u64, "more file"));
    }
    let list = |title: &str, lines: Vec<String>| {
        let more = lines.len().saturating_sub(LISTED);
        let more = if more > 0 { format!("  and {more} more\n") } else { String::new() };
        let shown: String = lines.iter().take(LISTED).map(|line| format!("  {line}\n")).collect();
        if lines.is_empty() { String::new() } else { format!("{title}\n{shown}{more}\n") }
    };
    text += &list(
        "merged into one model",
        report.merged.iter().map(|names| format!("{} = {}", names[0], names[1..].join(" = "))).collect(),
    );
    text += &list("left apart", report.apart.iter().map(|[a, b, why]| format!("{a} and {b}: {why}")).collect());
    let dropped = report.dropped.iter().map(|dropped| format!("{} {}: {}", dropped.count, dropped.what, dropped.why));
    text + &list("left out", dropped.collect())
}

/// The columns of a file; scores with the same unit and reason are one row.
fn of_file(file: &str, columns: &[&Column]) -> String {
    let mut rows: Vec<(Vec<String>, usize)> = Vec::new();
    for column in columns {
        let mut meaning = column.fact.clone().or_else(|| column.task.clone()).unwrap_or_default();
        meaning = if meaning == column.name { String::new() } else { meaning };
        if column.role == Role::Score {
            meaning = unit(column);
        }
        let why = if column.role == Role::Score && columns.len() > LISTED { String::new() } else { column.why.clone() };
        let row = vec![column.name.clone(), column.role.word().to_owned(), meaning, why];
        match rows.iter_mut().find(|(other, _)| columns.len() > LISTED && other[1..] == row[1..]) {
            Some((_, count)) => *count += 1,
            None => rows.push((row, 1)),
        }
    }
    let row = |(mut row, count): (Vec<String>, usize)| {
        if count > 1 {
            row[0] = format!("{} and {} more", row[0], count - 1);
        }
        row
    };
    let more = rows.len().saturating_sub(LISTED);
    let rows: Vec<Vec<String>> = rows.into_iter().take(LISTED).map(row).collect();
    let more = if more > 0 { format!("and {more} more\n") } else { String::new() };
    format!("{}{more}", listing(&[file, "read as", "meaning", "why"], &rows))
}

fn unit(column: &Column) -> String {
    let mut text = column.unit.map_or(String::new(), |unit| unit.word().to_owned());
    if let (Some(range), "points") = (column.range, text.as_str()) {
        text = format!("{} to {}", range.low, range.high);
    }
    if column.lower_is_better {
        text += ", less is better";
    }
    match &column.task {
        Some(task) if *task != column.name => format!("{task}, {text}"),
        _ => text,
    }
}
