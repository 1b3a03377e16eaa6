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
    let mut dropped: Vec<Dropped> = Vec::new();
    for query in include_str!("plan/report.sql").split(";\n") {
        for batch in engine.rows(query).await? {
            let [what, why, example] = ["what", "why", "example"].map(|name| columns::text(&batch, name));
            let counts = columns::int64(&batch, "count");
            for row in (0..batch.num_rows()).filter(|row| counts.value(*row) > 0) {
                let (what, why, count) = (what.value(row), why.value(row), counts.value(row) as usize);
                let example = columns::some(example, row).unwrap_or_default();
                // Listings and records may note the same.
                match dropped.iter_mut().find(|known| (known.what.as_str(), known.why.as_str()) == (what, why)) {
                    Some(known) => known.add(count, example),
                    None => dropped.push(Dropped::new(what, why, count, example)),
                }
            }
        }
    }
    if let Some((child, parent)) = written.cut.first() {
        let example = format!("{child} from {parent}");
        dropped.push(Dropped::new("edges", "closed a cycle and were cut", written.cut.len(), &example));
    }
    dropped.sort_by(|a, b| (&a.what, &a.why).cmp(&(&b.what, &b.why)));
    Ok(Report { written, dropped })
}

impl Dropped {
    fn new(what: &str, why: &str, count: usize, example: &str) -> Self {
        Self { what: what.to_owned(), why: why.to_owned(), count, example: example.to_owned() }
    }

    /// Adds more of the same. The first example in the order of the alphabet is kept.
    fn add(&mut self, count: usize, example: &str) {
        self.count += count;
        if example < self.example.as_str() {
            example.clone_into(&mut self.example);
        }
    }
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
