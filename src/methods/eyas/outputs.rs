//! What is forecast of a model: its scores, on a scale and in units in which they are alike.

use super::together::Together;
use crate::error::{Error, Result};
use crate::linalg::{clamp, logistic, logit, order};
use crate::methods::data::TrainingData;
use crate::methods::lrmf::model::Lrmf;
use crate::snapshot::Task;
use eyas_kernels::Cells;
use ndarray::Array2;

/// The scale on which an output is forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Link {
    Identity,
    /// Log odds: of a score within a range, where each model has few of them.
    LogOdds,
}

/// Scores are this far from the ends of their range at least, in log odds.
const MARGIN: f32 = 0.02;

impl Link {
    pub(super) fn of(self, score: f32) -> f32 {
        match self {
            Self::Identity => score,
            Self::LogOdds => logit(MARGIN + (1.0 - 2.0 * MARGIN) * clamp(score, 0.0, 1.0), MARGIN),
        }
    }

    /// How far scores of one benchmark are usually apart: a standard deviation of 0.2 of its range, or as much about its middle.
    pub(super) fn usual_spread(self) -> f32 {
        match self {
            Self::Identity => 0.2,
            Self::LogOdds => 0.9,
        }
    }

    pub(super) fn back(self, output: f32) -> f32 {
        match self {
            Self::Identity => output,
            Self::LogOdds => (logistic(output) - MARGIN) / (1.0 - 2.0 * MARGIN),
        }
    }
}

/// What is forecast: one row a training model, one column an output.
pub(super) struct Outputs {
    pub(super) order: Vec<u32>,
    pub(super) values: Array2<f32>,
    pub(super) known: Array2<bool>,
    pub(super) links: Vec<Link>,
    pub(super) factorisation: Option<Lrmf>,
}

/// The training models by date, with what is to be forecast of them: their scores; or of outcomes the factorisation's
/// coordinates and the means of the benchmarks.
///
/// # Errors
/// If there are outcomes, but no factorisation of them.
pub(super) fn outputs(data: &TrainingData<'_>, factorisation: Option<Lrmf>) -> Result<Outputs> {
    let by_date = order(data.models.len(), &mut |a, b| data.models[a].date.cmp(&data.models[b].date));
    let order: Vec<u32> =
        by_date.into_iter().filter(|&model| data.cells.count_row(model) > 0).map(|model| model as u32).collect();
    match (data.cells, factorisation) {
        (Cells::Scores(_), _) => Ok(measured(data, order)),
        (Cells::Outcomes { .. }, Some(factorisation)) => Ok(super::outcomes::factorised(data, order, factorisation)),
        (Cells::Outcomes { .. }, None) => Err(Error::input("outcomes are to be factorised first")),
    }
}

/// The scores themselves.
fn measured(data: &TrainingData<'_>, order: Vec<u32>) -> Outputs {
    let n_tasks = data.tasks.len();
    let complete = order.iter().all(|&model| data.cells.count_row(model as usize) == n_tasks);
    let link = |task: &Task| if complete || task.range.is_none() { Link::Identity } else { Link::LogOdds };
    let links: Vec<Link> = data.tasks.iter().map(link).collect();
    let mut values = Array2::zeros((order.len(), n_tasks));
    let mut known = Array2::from_elem((order.len(), n_tasks), false);
    for (row, &model) in order.iter().enumerate() {
        data.cells.for_row(model as usize, |task, value| {
            (values[[row, task]], known[[row, task]]) = (links[task].of(value), true);
        });
    }
    Outputs { order, values, known, links, factorisation: None }
}

/// Fills what is not known in with what is to be expected by what is. scores, known: (n_models, n_outputs)
pub(super) fn fill(scores: &mut Array2<f32>, known: &Array2<bool>) -> Result<()> {
    if known.iter().all(|known| *known) {
        return Ok(());
    }
    let gap = |(score, known): (&f32, &bool)| if *known { *score } else { f32::NAN };
    let row = |row: usize| scores.row(row).iter().zip(known.row(row)).map(gap).collect();
    let rows: Vec<Vec<f32>> = (0..scores.nrows()).map(row).collect();
    let together = Together::learn(&rows, scores.ncols())?;
    for (row, known) in known.rows().into_iter().enumerate() {
        let entries = known.iter().enumerate().filter(|(_, known)| **known).map(|(k, _)| (k, scores[[row, k]]));
        let (expected, _) = together.given(&entries.collect())?;
        for (k, expected) in expected.into_iter().enumerate().filter(|&(k, _)| !known[k]) {
            scores[[row, k]] = expected;
        }
    }
    Ok(())
}
