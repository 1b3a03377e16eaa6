//! Training by order, for analyses that train many times over: in this program, or in another that sends parameters back.

use crate::device::compute::{Compute, Device};
use crate::error::Result;
use crate::methods::data::TrainingData;
use crate::methods::fitted::{Fitted, Tensor};
use crate::methods::method::Method;
use crate::methods::training::optimise::Observer;
use crate::snapshot::{Outcomes, Range, Results, Snapshot, Task};
use eyas_kernels::Cells;

/// What is to be trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Recipe {
    /// A method as it is.
    Plain(Method),
    /// [`Method::Lrmf`] with these weights of its graphs.
    Lrmf {
        /// λ_M, the weight of the lineage graph.
        lineage: f32,
        /// λ_X, the weight of the task graph.
        tasks: f32,
    },
    /// [`Method::Irt`].
    Irt {
        /// Whether all items share one slope (1PL).
        shared_slope: bool,
    },
}

impl Recipe {
    /// The method.
    #[must_use]
    pub fn method(self) -> Method {
        match self {
            Self::Plain(method) => method,
            Self::Lrmf { .. } => Method::Lrmf,
            Self::Irt { .. } => Method::Irt,
        }
    }
}

/// Whoever trains.
#[expect(async_fn_in_trait, reason = "trainings stay on their thread")]
pub trait Trainer {
    /// Trains on these data; gives the parameters.
    ///
    /// # Errors
    /// If the data can't be used, or the observer stops the training.
    async fn train(&self, recipe: Recipe, data: &TrainingData<'_>, observer: &mut dyn Observer) -> Result<Vec<Tensor>>;

    /// The trained method back from its parameters and the same data.
    ///
    /// # Errors
    /// If the method is not to be had here.
    fn restore(&self, method: Method, data: &TrainingData<'_>, parameters: &[Tensor]) -> Result<Box<dyn Fitted>>;
}

/// Trains in this program.
#[derive(Debug, Clone, Copy, Default)]
pub struct Here;

impl Trainer for Here {
    async fn train(&self, recipe: Recipe, data: &TrainingData<'_>, observer: &mut dyn Observer) -> Result<Vec<Tensor>> {
        Ok(match recipe {
            Recipe::Plain(method) => method.fit(data, observer).await?.tensors(),
            Recipe::Lrmf { lineage, tasks } => {
                let mut compute = Compute::new(Device::Cpu);
                Method::lrmf_parameters(&mut compute, data, Some([lineage, tasks]), observer).await?
            }
            Recipe::Irt { shared_slope } => Method::Irt.other_parameters(data, shared_slope, observer).await?,
        })
    }

    fn restore(&self, method: Method, data: &TrainingData<'_>, parameters: &[Tensor]) -> Result<Box<dyn Fitted>> {
        method.restore(data, parameters)
    }
}

impl TrainingData<'_> {
    /// A snapshot of what a method may see and nothing else: training on all of it is training on these data.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let normalised = |task: &Task| Task { range: Some(Range::FRACTION), ..task.clone() };
        let results = match self.cells.clone() {
            Cells::Scores(scores) => Results::Scores(scores),
            Cells::Outcomes { observed, solved } => Results::Outcomes(Outcomes { observed, solved }),
        };
        Snapshot {
            source: String::new(),
            license: String::new(),
            models: self.models.to_vec(),
            tasks: self.tasks.iter().map(normalised).collect(),
            lineage: self.lineage.clone(),
            results,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::BitMatrix;
    use crate::methods::data::VisibleCells;

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
