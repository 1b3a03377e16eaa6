//! `model_versions.csv`: the date, the developer and the address of each version of a model, for the tables beside it.

use super::super::row_cells;
use crate::error::{Error, Result};
use crate::formats::collection::Collection;
use crate::formats::folder::{Folder, stem};
use crate::formats::hub_id;
use crate::formats::table::Table;
use crate::snapshot::parse_day;

const FILE: &str = "model_versions.csv";

pub(in super::super) fn recognise(table: &Table<'_>) -> bool {
    ["id", "Model", "Version release date"].iter().all(|name| table.column(&[name]).is_some())
}

/// Whether the table gives facts to tables that are read with it.
pub(in super::super) fn is_companion(table: &Table<'_>, folder: &Folder<'_>) -> bool {
    let has_scores = |name: &str| name.ends_with(".csv") && name != FILE;
    recognise(table) && stem(table.name) == stem(FILE) && folder.neighbours(table.name).any(has_scores)
}

pub(in super::super) fn refuse(table: Table<'_>, _: &Folder<'_>, _: &mut Collection<'_>) -> Result<()> {
    let message = "holds the versions of Epoch's models and no scores; give it in one folder with benchmarks_runs.csv or \
                   external_benchmark_*.csv";
    Err(Error::input(message).at(table.head()))
}

/// Gives the facts of the file beside `path` to the models that were gathered.
pub(super) fn apply(path: &str, folder: &Folder<'_>, to: &mut Collection<'_>) {
    let Some(text) = folder.beside(path, FILE) else { return };
    let read = Table::open(FILE, text.as_bytes()).and_then(|table| give(table, to));
    if let Err(error) = read {
        to.warn(format!("{FILE} beside it was not read: {}", error.message()));
    }
}

fn give(mut table: Table<'_>, to: &mut Collection<'_>) -> Result<()> {
    let id = table.require(&["id"])?;
    let [date, developer, organisation, link] =
        ["Version release date", "Hugging Face developer id", "Organization", "Link"].map(|name| table.column(&[name]));
    table.each(|row| {
        let id = row.get(id);
        let Some(model) = to.known_model(id) else { return Ok(()) };
        let (developer, link) = (row_cells::text(row, developer), row_cells::text(row, link));
        let organisation = row_cells::text(row, organisation);
        to.fact(model, "organization", if organisation.is_empty() { developer } else { organisation });
        let hub = Some(link).filter(|link| link.contains("huggingface.co/")).and_then(hub_id).map(str::to_owned);
        let hub = hub.or_else(|| (!developer.is_empty() && !id.contains('/')).then(|| format!("{developer}/{id}")));
        let about = to.about(model);
        about.date = about.date.or_else(|| parse_day(row_cells::text(row, date)));
        about.url = about.url.take().or_else(|| link.starts_with("http").then(|| link.to_owned()));
        let other = hub.filter(|hub| *hub != about.id && !about.names.contains(hub));
        about.names.extend(other);
        Ok(())
    })
}
