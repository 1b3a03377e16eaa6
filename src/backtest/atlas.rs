//! The atlas: a map of models and datasets by what the ranker learned, beside one by their texts alone (Cai et al., "ModelLens",
//! figures 1, 4 and 5).
//!
//! Both maps show unit vectors, so that near is a small angle, whatever the strength. How much of the spaces a map can show is measured:
//! the share of each point's nearest neighbours that are its neighbours on the map, beside the first two principal components.

use crate::error::Result;
use crate::linalg::flat_map::{flat_map, places, two_components};
use crate::linalg::neighbours::{Near, kept, neighbours, unit_rows};
use crate::linalg::{keep_greatest, sort_by_value};
use crate::methods::{
    Method, Observer, Ranker, RankerConfig, Space, Target, Trainer, TrainingData, VisibleCells, family_of_target,
    text_space,
};
use crate::metrics::mean;
use crate::snapshot::{ModelIndex, Snapshot, Task};
use ndarray::{Array2, ArrayView2};
use serde::Serialize;
use std::collections::BTreeMap;

/// Neighbours by which the maps are measured.
const MEASURED: usize = 10;
/// Neighbours of each kind that are named.
const NAMED: usize = 5;

/// Models and datasets on two maps.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Atlas {
    /// How far the map of the learned space shows it.
    pub learned: MapQuality,
    /// How far the map of the texts shows them.
    pub texts: MapQuality,
    /// Models in the order of the snapshot, then datasets.
    pub points: Vec<AtlasPoint>,
}

/// How far a map shows its space, and what lies together in the space; `None` (`null`) where it is undefined.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MapQuality {
    /// The share of a point's ten nearest neighbours in the space that are among its ten nearest on the map.
    pub kept: Option<f64>,
    /// The same on the first two principal components of the space.
    pub kept_by_components: Option<f64>,
    /// The share of a model's ten nearest models that are of its family, over models whose family has others.
    pub same_family: Option<f64>,
    /// The share of a dataset's ten nearest datasets that are of its task type, over datasets whose type has others.
    pub same_task_type: Option<f64>,
}

/// A model or a dataset.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AtlasPoint {
    /// The model's id, or the dataset's name.
    pub id: String,
    /// `model` or `dataset`.
    pub kind: &'static str,
    /// Its place on the map of the learned space.
    pub x: f32,
    /// Its place on the map of the learned space.
    pub y: f32,
    /// Its place on the map of the texts.
    pub text_x: f32,
    /// Its place on the map of the texts.
    pub text_y: f32,
    /// The family of a model, in small letters.
    pub family: Option<String>,
    /// The parameters of a model, in billions.
    pub size: Option<f64>,
    /// The type of task of a dataset.
    pub task_type: Option<String>,
    /// Measured scores, or items.
    pub results: usize,
    /// In the learned space: of a dataset the models that the ranker expects most of, of a model the nearest ones.
    pub models: Vec<String>,
    /// In the learned space: of a model the datasets that suit it best beside other models, of a dataset the nearest ones.
    pub datasets: Vec<String>,
    /// The models with the nearest texts.
    pub text_models: Vec<String>,
    /// The datasets with the nearest texts.
    pub text_datasets: Vec<String>,
}

/// Trains the ranker on all results and draws both maps.
///
/// # Errors
/// If the data don't allow a ranker, or the observer stops the training.
pub async fn atlas(
    snapshot: &Snapshot,
    seed: u64,
    trainer: &impl Trainer,
    observer: &mut dyn Observer,
) -> Result<Atlas> {
    let visible = VisibleCells::new(snapshot, None)?;
    let data = TrainingData::new(snapshot, &visible, seed);
    let parameters = trainer.train(Method::Ranker.into(), &data, observer).await?;
    let ranker = Ranker::restore(&data, &RankerConfig::for_cells(data.cells.count()), &parameters)?;
    let mut tasks_of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, task) in data.tasks.iter().enumerate() {
        tasks_of.entry(&task.dataset).or_default().push(at);
    }
    let datasets: Vec<Vec<usize>> = tasks_of.into_values().collect();
    let firsts: Vec<&Task> = datasets.iter().map(|tasks| &data.tasks[tasks[0]]).collect();
    let labels = Labels::of(&data, &firsts);
    let learned = Sheet::of(&ranker.space(&data, &datasets)?, true, &labels, seed);
    let texts = Sheet::of(&text_space(data.models, &firsts), false, &labels, seed);
    let ids: Vec<&str> =
        data.models.iter().map(|model| &*model.id).chain(firsts.iter().map(|task| &*task.dataset)).collect();
    let count = data.models.len();
    let mut measured = vec![0; data.tasks.len()];
    (0..count).for_each(|model| data.cells.for_row(model, |task, _| measured[task] += 1));
    let named = |numbers: &[u32], start: usize| numbers.iter().map(|&at| ids[start + at as usize].to_owned()).collect();
    let point = |at: usize| {
        let results = match at.checked_sub(count) {
            None => data.cells.count_row(at),
            Some(dataset) => datasets[dataset].iter().map(|&task| measured[task]).sum(),
        };
        AtlasPoint {
            id: ids[at].to_owned(),
            kind: if at < count { "model" } else { "dataset" },
            x: learned.map[at][0],
            y: learned.map[at][1],
            text_x: texts.map[at][0],
            text_y: texts.map[at][1],
            family: labels.families.get(at).cloned().flatten(),
            size: data.models.get(at).and_then(|model| Some(model.facts().size()?.value)),
            task_type: at.checked_sub(count).and_then(|dataset| labels.types[dataset].clone()),
            results,
            models: named(&learned.near[0][at], 0),
            datasets: named(&learned.near[1][at], count),
            text_models: named(&texts.near[0][at], 0),
            text_datasets: named(&texts.near[1][at], count),
        }
    };
    let points = (0..ids.len()).map(point).collect();
    Ok(Atlas { learned: learned.quality, texts: texts.quality, points })
}

/// What is known of models and datasets beside their places.
struct Labels {
    families: Vec<Option<String>>, // (n_models)
    types: Vec<Option<String>>,    // (n_datasets)
}

impl Labels {
    fn of(data: &TrainingData<'_>, datasets: &[&Task]) -> Self {
        let family = |at: u32| family_of_target(data.models, data.lineage, Target::Known(ModelIndex(at)));
        Self {
            families: (0..data.models.len() as u32).map(family).collect(),
            types: datasets.iter().map(|task| task.task_type.clone()).collect(),
        }
    }
}

/// A space on a map.
struct Sheet {
    map: Vec<[f32; 2]>,
    quality: MapQuality,
    /// The nearest models, and datasets, of all points.
    near: [Vec<Vec<u32>>; 2],
}

impl Sheet {
    /// `fits`: whether products of models and datasets are forecasts.
    fn of(space: &Space, fits: bool, labels: &Labels, seed: u64) -> Self {
        let points = unit_rows(space.all());
        let before = neighbours(points.view(), MEASURED);
        let kept_on = |map: &[[f32; 2]]| kept(&before, &neighbours(places(map).view(), MEASURED));
        let map = flat_map(points.view(), seed);
        let (models, datasets) = points.view().split_at(ndarray::Axis(0), space.models.nrows());
        let quality = MapQuality {
            kept: kept_on(&map),
            kept_by_components: kept_on(&two_components(points.view())),
            same_family: same(models, &labels.families),
            same_task_type: same(datasets, &labels.types),
        };
        let own = |side: ArrayView2<'_, f32>| {
            neighbours(side, NAMED).into_iter().map(|near| near.into_iter().map(|pair| pair.0).collect())
        };
        let best_models = if fits {
            greatest(&space.datasets, &space.models)
        } else {
            greatest(&datasets.to_owned(), &models.to_owned())
        };
        let best_datasets = if fits {
            greatest(&space.models, &unit_rows(space.datasets.clone()))
        } else {
            greatest(&models.to_owned(), &datasets.to_owned())
        };
        let near = [own(models).chain(best_models).collect(), best_datasets.into_iter().chain(own(datasets)).collect()];
        Self { map, quality, near }
    }
}

/// For each row of `of` the rows of `among` with the greatest products, greatest first.
fn greatest(of: &Array2<f32>, among: &Array2<f32>) -> Vec<Vec<u32>> {
    let of_row = |row: usize| {
        let products = among.dot(&of.row(row));
        let mut found: Near = (0..).zip(products).collect();
        keep_greatest(&mut found, NAMED);
        sort_by_value(&mut found);
        found.into_iter().map(|pair| pair.0).collect()
    };
    eyas_kernels::map(of.nrows(), of_row)
}

/// The mean share of a point's nearest points that have its label, over points whose label others have, too.
fn same(points: ArrayView2<'_, f32>, labels: &[Option<String>]) -> Option<f64> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    labels.iter().flatten().for_each(|label| *counts.entry(label).or_default() += 1);
    let near = neighbours(points, MEASURED);
    let share = |(label, near): (&Option<String>, &Near)| {
        let label = label.as_ref().filter(|label| counts[label.as_str()] > 1)?;
        let alike = near.iter().filter(|pair| labels[pair.0 as usize].as_ref() == Some(label)).count();
        Some(alike as f64 / near.len() as f64)
    };
    mean(&labels.iter().zip(&near).filter_map(share).collect::<Vec<f64>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::SparseMatrix;
    use crate::methods::{Here, Silent};
    use crate::snapshot::{Range, Results};

    /// Two kinds of tasks, and two kinds of models that are good at one of them each; names tell nothing of it.
    fn two_worlds() -> Snapshot {
        let mut snapshot = Snapshot::synthetic_board(48, 12, 1.0, 3);
        let value = |model: u32, task: u32| {
            let suits = model % 2 == task % 2;
            0.3 + 0.3 * f32::from(u8::from(suits)) + 0.02 * ((model * 7 + task * 5) % 11) as f32 / 11.0
        };
        let cells = (0..48 * 12).map(|at| (at / 12, at % 12, value(at / 12, at % 12))).collect();
        snapshot.results = Results::Scores(SparseMatrix::from_entries(48, 12, cells));
        for (at, task) in snapshot.tasks.iter_mut().enumerate() {
            task.range = Some(Range::FRACTION);
            task.lower_is_better = false;
            task.dataset = format!("dataset {at}");
            task.task_type = Some(["code", "maths"][at % 2].to_owned());
        }
        snapshot
    }

    #[test]
    fn what_suits_each_other_is_together() {
        let snapshot = two_worlds();
        let found = pollster::block_on(atlas(&snapshot, 0, &Here, &mut Silent)).unwrap();
        assert_eq!(found.points.len(), 60);
        assert_eq!((found.points[0].kind, found.points[48].kind), ("model", "dataset"));
        assert!(found.points.iter().all(|point| point.x.is_finite() && point.text_y.is_finite()));
        let place = |id: &str| found.points.iter().position(|point| point.id == id).unwrap();
        for (at, point) in found.points.iter().enumerate() {
            let world = if at < 48 { at % 2 } else { point.id[8..].parse::<usize>().unwrap() % 2 };
            let models = point.models.iter().filter(|id| place(id) % 2 == world).count();
            let datasets = point.datasets.iter().filter(|id| id[8..].parse::<usize>().unwrap() % 2 == world).count();
            assert_eq!((models, datasets), (5, 5), "{point:?}");
        }
        assert!(found.learned.same_task_type > Some(0.45), "five of the ten nearest can be alike: {:?}", found.learned);
        assert!(found.learned.same_task_type > found.texts.same_task_type, "{:?} {:?}", found.learned, found.texts);
        assert!(found.learned.kept > Some(0.3), "{:?}", found.learned);
        assert_eq!((found.points[0].results, found.points[48].results), (12, 48));
    }

    #[test]
    fn labels_that_nobody_shares_do_not_count() {
        let points = Array2::from_shape_vec((4, 1), vec![0.0, 1.0, 5.0, 6.0]).unwrap();
        let label = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        // Of the three others of the first point one is alike, and so for the second.
        assert_eq!(same(points.view(), &["a", "a", "b", ""].map(label)), Some(1.0 / 3.0));
        assert_eq!(same(points.view(), &["a", "b", "", ""].map(label)), None);
    }
}
