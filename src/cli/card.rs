//! `card`.

use super::arguments::Card as Arguments;
use super::predict::{read_request, warn_about_names, warn_about_subject};
use super::{output, print};
use eyas::card::{Card, Format, Options};
use eyas::error::{Error, Result};
use eyas::snapshot::SnapshotInfo;
use std::path::Path;

pub(crate) fn card(arguments: &Arguments) -> Result<()> {
    let Arguments { subject, id, format, tasks, theme, date, output } = arguments;
    let format: Format = format.parse()?;
    let theme = theme.as_deref().map(str::parse).transpose()?;
    let date = date.as_deref().map(str::parse).transpose();
    let options = Options { theme, date: date.map_err(|error| Error::input(format!("--date: {error}")))? };
    options.check(format)?;
    format.check_tasks(tasks)?;
    if let Some(path) = output {
        let trained = &subject.trained;
        let inputs = [&trained.snapshot, &trained.model, &subject.lineage].into_iter().flatten();
        output::check(path, inputs.map(|input| input.as_path() as &Path))?;
    }
    let (recommender, mut request, _) = read_request(subject, id.as_deref())?;
    request.tasks.clone_from(tasks);
    let mut prediction = recommender.predict(&request)?;
    let info = SnapshotInfo::of(recommender.snapshot());
    let mut card = Card::new(&prediction, &info)?;
    let measured = card.measured_first();
    if tasks.is_empty() && !measured.is_empty() {
        request.tasks = measured;
        prediction = recommender.predict(&request)?;
        card = Card::new(&prediction, &info)?;
    }
    warn_about_subject(&prediction);
    warn_about_names(&prediction.lineage);
    let text = card.draw(format, &options)?;
    match output {
        Some(path) => {
            output::write(path, text.as_bytes())?;
            print(&format!("wrote {}\n", path.display()))
        }
        None => print(&text),
    }
}
