//! What became of a dump: how much is in the snapshot, and what was left out or repaired, with why, how many and an example.

use crate::columns;
use crate::engine::Engine;
use crate::failure::Result;
use serde::Serialize;

/// The report of a build.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    #[serde(flatten)]
    pub(crate) written: Written,
    pub(crate) dropped: Vec<Dropped>,
}

/// What is in the snapshot.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Written {
    pub(crate) models: usize,
    pub(crate) relatives: usize,
    pub(crate) edges: usize,
    pub(crate) tasks: usize,
    pub(crate) cells: usize,
    pub(crate) sources: usize,
    /// Edges that closed a cycle and were cut, by the ids of child and parent.
    #[serde(skip)]
    pub(crate) cut: Vec<(String, String)>,
}

/// Something that was left out or repaired.
#[derive(Debug, Serialize)]
pub(crate) struct Dropped {
    pub(crate) what: String,
    pub(crate) why: String,
    pub(crate) count: usize,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) example: String,
}

/// The report of what was written.
pub(crate) async fn of(engine: &Engine, written: Written) -> Result<Report> {
    let mut dropped = Vec::new();
    for batch in engine.rows(include_str!("plan/report.sql")).await? {
        let [what, why, example] = ["what", "why", "example"].map(|name| columns::text(&batch, name));
        let count = columns::int64(&batch, "count");
        dropped.extend((0..batch.num_rows()).map(|row| Dropped {
            what: what.value(row).to_owned(),
            why: why.value(row).to_owned(),
            count: usize::try_from(count.value(row)).unwrap_or_default(),
            example: columns::some(example, row).unwrap_or_default().to_owned(),
        }));
    }
    if let Some((child, parent)) = written.cut.first() {
        dropped.push(Dropped {
            what: "edges".to_owned(),
            why: "closed a cycle and were cut".to_owned(),
            count: written.cut.len(),
            example: format!("{child} from {parent}"),
        });
    }
    dropped.sort_by(|a, b| (&a.what, &a.why).cmp(&(&b.what, &b.why)));
    Ok(Report { written, dropped })
}

impl Report {
    /// The report for a person.
    pub(crate) fn to_text(&self) -> String {
        let Written { models, relatives, edges, tasks, cells, sources, .. } = self.written;
        let mut text = format!(
            "{models} models, {relatives} other ancestors, {edges} edges, {cells} results on {tasks} tasks from {sources} sources\n"
        );
        if !self.dropped.is_empty() {
            text += "\nleft out, repaired or doubted\n";
        }
        for Dropped { what, why, count, example } in &self.dropped {
            let example = if example.is_empty() { String::new() } else { format!(" (such as {example})") };
            text += &format!("  {count} {what}: {why}{example}\n");
        }
        text
    }
}
