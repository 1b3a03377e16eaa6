//! The interface by which analyses train many times: in this program, or in another one that returns the parameters.

use super::data::TrainingData;
use super::fitted::{Fitted, Tensor};
use super::method::{Method, Part, Settings};
use super::training::optimise::Observer;
use crate::device::compute::{Compute, Device};
use crate::error::Result;
use crate::snapshot::{DataSource, Details, Outcomes, Range, Results, Snapshot, Task};
use eyas_kernels::Cells;

/// A training to be made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recipe {
    /// The method.
    pub method: Method,
    /// The settings that differ from the defaults.
    pub settings: Settings,
}

impl From<Method> for Recipe {
    fn from(method: Method) -> Self {
        Self { method, settings: Settings::Usual }
    }
}

/// Trains methods.
#[expect(async_fn_in_trait, reason = "trainings stay on their thread")]
pub trait Trainer {
    /// Trains on these data and returns the parameters.
    ///
    /// # Errors
    /// If the data can't be used, or the observer stops the training.
    async fn train(&self, recipe: Recipe, data: &TrainingData<'_>, observer: &mut dyn Observer) -> Result<Vec<Tensor>>;

    /// Restores the trained method from its parameters and the same data.
    ///
    /// # Errors
    /// If this program does not contain the method.
    fn restore(&self, method: Method, data: &TrainingData<'_>, parameters: &[Tensor]) -> Result<Box<dyn Fitted>>;
}

/// Trains in this program.
#[derive(Debug, Clone, Copy, Default)]
pub struct Here;

impl Trainer for Here {
    async fn train(&self, recipe: Recipe, data: &TrainingData<'_>, observer: &mut dyn Observer) -> Result<Vec<Tensor>> {
        let Recipe { method, settings } = recipe;
        if settings == Settings::Usual {
            return Ok(method.fit(data, observer).await?.tensors());
        }
        let mut compute = Compute::new(Device::Cpu);
        method.parameters::<{ Part::Whole as u8 }>(settings, None, &mut compute, data, observer).await
    }

    fn restore(&self, method: Method, data: &TrainingData<'_>, parameters: &[Tensor]) -> Result<Box<dyn Fitted>> {
        method.restore(data, parameters)
    }
}

impl TrainingData<'_> {
    /// A snapshot of the training data and nothing else: training on all of it equals training on these data.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        // Cells of tasks where less is better are turned already.
        let normalised = |task: &Task| Task { range: Some(Range::FRACTION), lower_is_better: false, ..task.clone() };
        let results = match self.cells.clone() {
            Cells::Scores(scores) => Results::Scores(scores),
            Cells::Outcomes { observed, solved } => Results::Outcomes(Outcomes { observed, solved }),
        };
        Snapshot {
            sources: vec![DataSource::new("", "")],
            details: Details::default(),
            models: self.models.to_vec(),
            tasks: self.tasks.iter().map(normalised).collect(),
            lineage: self.lineage.clone(),
            results,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::data::VisibleCells;
    use super::*;
    use crate::linalg::BitMatrix;

    #[test]
    fn a_snapshot_of_what_is_visible_has_the_same_cells() {
        let mut scores = Snapshot::synthetic(6, 4, 1);
        scores.tasks = (0..4).map(|task| Task::score(format!("t{task}"), None)).collect();
        let cells = (0..24).map(|at| (at / 4, at % 4, (at * 7 % 24) as f32 * 100.0)).collect();
        scores.results = Results::Scores(crate::linalg::SparseMatrix::from_entries(6, 4, cells));
        for snapshot in [scores, Snapshot::synthetic(6, 4, 1)] {
            let mut hidden = BitMatrix::zeros(6, 4);
            (0..4).for_each(|at| hidden.set(at, at, true));
            let VisibleCells { cells, .. } = VisibleCells::new(&snapshot, Some(&hidden)).unwrap();
            let Snapshot { models, tasks, lineage, .. } = &snapshot;
            let data = TrainingData { models, tasks, lineage, cells: &cells, seed: 0 };
            let again = VisibleCells::new(&data.snapshot(), None).unwrap().cells;
            assert_eq!(format!("{again:?}"), format!("{cells:?}"));
            assert!(data.snapshot().get(crate::snapshot::ModelIndex(0), crate::snapshot::TaskIndex(0)).is_none());
        }
    }
}
