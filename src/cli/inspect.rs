//! `info`.

use super::arguments::Info;
use super::table::{UNDEFINED, counted, table};
use super::{inputs, print, print_json};
use eyas::error::Result;
use eyas::snapshot::{Benchmark, Group, SnapshotInfo};
use std::cmp::Reverse;

pub(crate) fn info(arguments: &Info) -> Result<()> {
    let snapshot = inputs::snapshot(&arguments.snapshot)?;
    let info = SnapshotInfo::of(&snapshot);
    if arguments.json { print_json(&info) } else { print(&format!("{}\n{}", describe(&info), tasks(&info))) }
}

pub(super) fn describe(info: &SnapshotInfo<'_>) -> String {
    format!(
        "{} × {} ({}, {:.1} % observed, kind {}), {}\nsource: {}\nlicense: {}\n",
        counted(info.models as u64, "model"),
        counted(info.tasks as u64, "task"),
        counted(info.cells as u64, "cell"),
        100.0 * info.density,
        info.kind,
        counted(info.edges as u64, "lineage edge"),
        info.source,
        info.license
    )
}

/// The number of tasks in the table.
const LISTED: usize = 20;
/// The number of tasks that are named of a type.
const NAMED: usize = 3;

/// The tasks, of many those with most results, or the benchmarks of items with their numbers of items.
fn tasks(info: &SnapshotInfo<'_>) -> String {
    let of_items = info.kind == "outcome";
    let row = |task: &Benchmark<'_>| {
        if of_items {
            return vec![task.id.to_owned(), task.items.unwrap_or(0).to_string(), task.cells.to_string()];
        }
        let metric = task.metric.unwrap_or(UNDEFINED).to_owned();
        let range = task.range.map_or("open-ended".to_owned(), |range| format!("{} to {}", range.low, range.high));
        let direction = if task.lower_is_better { "less is better" } else { "" };
        vec![task.id.to_owned(), metric, range, direction.to_owned(), task.cells.to_string()]
    };
    let head: &[&str] =
        if of_items { &["benchmark", "items", "results"] } else { &["task", "metric", "range", "", "results"] };
    let mut listed: Vec<_> = info.task_list.iter().collect();
    if listed.len() > LISTED {
        listed.sort_by_key(|task| Reverse(task.cells));
    }
    let rows: Vec<_> = listed.into_iter().take(LISTED).map(row).collect();
    let more = info.task_list.len().saturating_sub(LISTED);
    let more = if more > 0 { format!("and {more} more\n{}", groups(info)) } else { String::new() };
    format!("{}{more}", table(head, &rows))
}

/// A line for each type of task, with the benchmarks of most results.
fn groups(info: &SnapshotInfo<'_>) -> String {
    let line = |group: &Group<'_>| {
        let some = &group.tasks[..group.tasks.len().min(NAMED)];
        let more = if group.tasks.len() > NAMED { ", …" } else { "" };
        format!("{} ({}): {}{more}\n", group.task_type, group.tasks.len(), some.join(", "))
    };
    let lines: String = info.groups.iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}
