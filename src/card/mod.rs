//! Cards: a forecast for places where no script runs, as a picture, a table, a badge or a block of a model card. The
//! command line and JavaScript give the same bytes, since both draw from the same JSON: that of an answer of `predict` and
//! that of the summary of its data.

mod answer;
mod badge;
mod drawing;
mod markdown;
mod model_index;
mod svg;
mod width;
mod words;

use crate::error::{Error, Result};
use crate::linalg::order;
use crate::recommend::Prediction;
use crate::snapshot::{Date, SnapshotInfo};
use answer::{Answer, Data, Task, read};
use serde::Serialize;
use std::str::FromStr;

/// Benchmarks that a card shows at most if none are named.
const MOST: usize = 8;

/// The form of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A picture of at most 12 KB.
    Svg,
    /// A table.
    Markdown,
    /// The JSON of a shields endpoint, for one benchmark.
    Badge,
    /// The picture of a badge, for one benchmark.
    BadgeSvg,
    /// The `model-index` of a model card, with the forecasts alone.
    ModelIndex,
}

impl Format {
    /// All formats, by their names.
    pub const ALL: [(&'static str, Self); 5] = [
        ("svg", Self::Svg),
        ("markdown", Self::Markdown),
        ("badge", Self::Badge),
        ("badge-svg", Self::BadgeSvg),
        ("model-index", Self::ModelIndex),
    ];

    /// Checks the names of the benchmarks of a request, before the work: a badge is about one.
    ///
    /// # Errors
    /// If a badge is to be about none, several or all.
    pub fn check_tasks(self, names: &[String]) -> Result<()> {
        let is_badge = matches!(self, Self::Badge | Self::BadgeSvg);
        match names {
            [_] => Ok(()),
            _ if !is_badge => Ok(()),
            [] => Err(Error::input("a badge is about one benchmark; name it with --tasks")),
            _ => Err(Error::input(format!("a badge is about one benchmark, but --tasks names {}", names.len()))),
        }
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        choose("format", name, &Self::ALL)
    }
}

/// The colours of a picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// Those that the reader prefers.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl FromStr for Theme {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        choose("theme", name, &[("light", Self::Light), ("dark", Self::Dark), ("auto", Self::Auto)])
    }
}

fn choose<T: Copy>(what: &str, name: &str, all: &[(&str, T)]) -> Result<T> {
    let found = all.iter().find(|(known, _)| *known == name).map(|&(_, value)| value);
    let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    found.ok_or_else(|| Error::input(format!("no {what} \"{name}\"; there are {}", names.join(", "))))
}

/// Options of a drawing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// The colours of `svg`; other formats have none to choose.
    pub theme: Option<Theme>,
    /// The day on which the card is made, to be named in it. Without one, a card names only the date of its data, so that it
    /// is the same on every day.
    pub date: Option<Date>,
}

impl Options {
    /// Checks whether a format has these options, before the work.
    ///
    /// # Errors
    /// If a theme is chosen for a format without one.
    pub fn check(&self, format: Format) -> Result<()> {
        match self.theme {
            Some(_) if format != Format::Svg => Err(Error::input("only the format svg has a theme")),
            _ => Ok(()),
        }
    }
}

/// A forecast to draw, with what is said of its data.
pub struct Card {
    answer: Answer,
    data: Data,
}

impl Card {
    /// A card of an answer.
    ///
    /// # Errors
    /// None that a caller can cause: the answer has the form that is read.
    pub fn new(prediction: &Prediction, info: &SnapshotInfo<'_>) -> Result<Self> {
        Self::read(&json(prediction)?, &json(info)?)
    }

    /// The same from the JSON of both.
    ///
    /// # Errors
    /// If the JSON has another form.
    pub fn read(prediction: &str, info: &str) -> Result<Self> {
        Ok(Self { answer: read(prediction, "the forecast")?, data: read(info, "the summary of the data")? })
    }

    /// The benchmarks to show if none are named, of a model with more measured scores than the answer has: measured ones
    /// first, types of benchmarks side by side and those with the most results first. Empty if the answer is to stay.
    #[must_use]
    pub fn measured_first(&self) -> Vec<String> {
        let (answer, tasks) = (&self.answer, &self.data.task_list);
        let chosen: Vec<&str> = answer.forecasts.iter().map(|row| row.task.as_str()).collect();
        let Some(measured) = &answer.measured else { return Vec::new() };
        if tasks.len() <= MOST || measured.keys().all(|task| chosen.contains(&task.as_str())) {
            return Vec::new();
        }
        let by_cells = order(tasks.len(), &mut |a, b| tasks[b].cells.cmp(&tasks[a].cells));
        let known = by_cells.into_iter().map(|at| &tasks[at]).filter(|task| measured.contains_key(&task.id));
        let known: Vec<&Task> = known.collect();
        let turn = |at: usize| known[..at].iter().filter(|other| other.task_type == known[at].task_type).count();
        let turns: Vec<usize> = (0..known.len()).map(turn).collect();
        let by_turns = order(turns.len(), &mut |a, b| turns[a].cmp(&turns[b]));
        let mut first: Vec<String> = by_turns.into_iter().map(|at| known[at].id.clone()).collect();
        for task in chosen {
            if !first.iter().any(|other| other == task) {
                first.push(task.to_owned());
            }
        }
        first.truncate(MOST);
        first
    }

    /// Draws the card.
    ///
    /// # Errors
    /// If a badge is not about one benchmark, a picture would be too large, a `model-index` would be empty, or a theme is
    /// chosen for a format without one.
    pub fn draw(&self, format: Format, options: &Options) -> Result<String> {
        options.check(format)?;
        let (answer, data) = (&self.answer, &self.data);
        match format {
            Format::Svg => svg::draw(answer, data, options),
            Format::Markdown => Ok(markdown::draw(answer, data, options)),
            Format::Badge => badge::json(answer),
            Format::BadgeSvg => badge::draw(answer),
            Format::ModelIndex => model_index::draw(answer, data),
        }
    }
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::computation(error.to_string()))
}

#[cfg(test)]
#[path = "card_tests.rs"]
mod tests;
