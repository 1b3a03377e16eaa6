//! Two spaces that hold models and datasets together: what the trained ranker thinks of them, and what their texts say (figures 1,
//! 4 and 5 of the paper).
//!
//! The learned space: S has the ranker's score of each model on each task, standardised over the models. Of `S ≈ U diag(σ) Vᵀ` a
//! model is its row of `U √σ` and a task its row of `V √σ`, so that their product is the forecast. A dataset is the sum of its tasks.
//! The paper does not say how it makes one space of two sides; this one needs nothing but the scores.

use super::model::Ranker;
use super::text::in_text;
use crate::error::Result;
use crate::linalg::components::components;
use crate::methods::data::TrainingData;
use crate::methods::fitted::{Asked, Fitted, Match};
use crate::snapshot::{Model, Task};
use ndarray::{Array2, ArrayViewMut1, Axis, concatenate};

/// Dimensions of both spaces.
const DIMENSIONS: usize = 16;
/// Scores of models on tasks that are computed; of larger tables datasets have some of their tasks.
const MOST_SCORES: usize = 2_000_000;
/// Buckets of hashed n-grams.
const BUCKETS: usize = 512;

/// Models and datasets in one space.
#[derive(Debug, Clone)]
pub(crate) struct Space {
    /// (n_models, d)
    pub(crate) models: Array2<f32>,
    /// (n_datasets, d)
    pub(crate) datasets: Array2<f32>,
}

impl Ranker {
    /// The learned space of all models and of datasets, which are lists of tasks.
    pub(crate) fn space(&self, data: &TrainingData<'_>, datasets: &[Vec<usize>]) -> Result<Space> {
        let most = (MOST_SCORES / data.models.len().max(1) / datasets.len().max(1)).max(1);
        let some = |tasks: &Vec<usize>| tasks.iter().copied().step_by(tasks.len().div_ceil(most)).collect::<Vec<_>>();
        let datasets: Vec<Vec<usize>> = datasets.iter().map(some).collect();
        let tasks = datasets.concat();
        let models: Vec<u32> = (0..data.models.len() as u32).collect();
        let mut scores = Array2::zeros((models.len(), tasks.len()));
        for (mut column, &task) in scores.columns_mut().into_iter().zip(&tasks) {
            let matches = self.matches(data, Asked::Known(task), &models)?.unwrap_or_default();
            column.iter_mut().zip(&matches).for_each(|(score, found)| *score = Match::score(found));
            standardise(column);
        }
        let found = components(scores.view(), DIMENSIONS);
        let (mut of_models, mut of_tasks) = (found.scores, found.loadings);
        for (at, sigma) in found.sigma.iter().enumerate() {
            let root = sigma.sqrt();
            of_models.column_mut(at).mapv_inplace(|value| if root > 0.0 { value / root } else { 0.0 });
            of_tasks.column_mut(at).mapv_inplace(|value| value * root);
        }
        let mut next = 0;
        let mut of_datasets = Array2::zeros((datasets.len(), of_tasks.ncols()));
        for (mut row, tasks) in of_datasets.rows_mut().into_iter().zip(&datasets) {
            for _ in tasks {
                row += &of_tasks.row(next);
                next += 1;
            }
        }
        Ok(Space { models: of_models, datasets: of_datasets })
    }
}

/// The space of names and descriptions alone: their hashed n-grams, in the directions in which they differ most.
pub(crate) fn text_space(models: &[Model], datasets: &[&Task]) -> Space {
    let of =
        |name: &str, description: Option<&str>| in_text(&[name, description.unwrap_or_default()].join(" "), BUCKETS);
    let rows = (models.iter().map(|model| of(&model.id, model.description.as_deref())))
        .chain(datasets.iter().map(|task| of(&task.dataset, task.description.as_deref())));
    let count = models.len() + datasets.len();
    let mut texts = Array2::from_shape_vec((count, BUCKETS), rows.flatten().collect()).unwrap_or_default();
    if let Some(mean) = texts.mean_axis(Axis(0)) {
        texts -= &mean;
    }
    let scores = components(texts.view(), DIMENSIONS).scores;
    let (models, datasets) = scores.view().split_at(Axis(0), models.len().min(scores.nrows()));
    Space { models: models.to_owned(), datasets: datasets.to_owned() }
}

impl Space {
    /// Models, then datasets. (n_models + n_datasets, d)
    pub(crate) fn all(&self) -> Array2<f32> {
        concatenate(Axis(0), &[self.models.view(), self.datasets.view()]).unwrap_or_default()
    }
}

/// To mean 0 and deviation 1; equal values become zeros.
fn standardise(mut values: ArrayViewMut1<'_, f32>) {
    let mean = values.mean().unwrap_or(0.0);
    values.mapv_inplace(|value| value - mean);
    let deviation = (values.iter().map(|value| value * value).sum::<f32>() / values.len().max(1) as f32).sqrt();
    let scale = if deviation > 1e-9 { 1.0 / deviation } else { 0.0 };
    values.mapv_inplace(|value| value * scale);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::methods::data::VisibleCells;
    use crate::methods::ranker::config::RankerConfig;
    use crate::methods::training::optimise::Silent;
    use crate::snapshot::Snapshot;

    #[test]
    fn products_in_the_learned_space_order_models_as_the_ranker_does() {
        let snapshot = Snapshot::synthetic_board(30, 6, 1.0, 3);
        let visible = VisibleCells::new(&snapshot, None).unwrap();
        let data = TrainingData::new(&snapshot, &visible, 0);
        let config = RankerConfig::for_cells(data.cells.count());
        let ranker = pollster::block_on(Ranker::fit(&data, &config, &mut Silent)).unwrap();
        // Six tasks have no more than six dimensions, so that nothing is lost.
        let space = ranker.space(&data, &[vec![0], vec![1, 2], vec![3], vec![4], vec![5]]).unwrap();
        let models: Vec<u32> = (0..30).collect();
        let matches = ranker.matches(&data, Asked::Known(3), &models).unwrap().unwrap();
        let scores: Vec<f64> = matches.iter().map(|found| f64::from(found.score())).collect();
        let products: Vec<f64> =
            space.models.dot(&space.datasets.row(2)).iter().map(|&value| f64::from(value)).collect();
        assert!(crate::metrics::pearson(&scores, &products) > Some(0.9999), "{scores:?} {products:?}");
    }

    #[test]
    fn like_names_are_near_in_the_space_of_texts() {
        let model = |id: &str| Model { id: id.to_owned(), ..Model::default() };
        let models = ["qwen/qwen3-8b", "qwen/qwen3-14b", "google/gemma-2-9b"].map(model);
        let task = Task::score("maths".to_owned(), None);
        let space = text_space(&models, &[&task]);
        assert_eq!((space.all().nrows(), space.datasets.nrows()), (4, 1));
        let distance = |a: usize, b: usize| (&space.models.row(a) - &space.models.row(b)).mapv(|x| x * x).sum();
        assert!(distance(0, 1) < distance(0, 2));
    }

    #[test]
    fn equal_scores_become_zeros() {
        let mut values = ndarray::arr1(&[2.0, 2.0]);
        standardise(values.view_mut());
        assert_eq!(values.to_vec(), [0.0, 0.0]);
    }
}
