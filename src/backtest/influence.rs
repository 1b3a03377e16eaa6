//! The influence of results on other forecasts: leave-one-out influence and correlation between tasks, with
//! hierarchical clustering (Zhang et al., "Collaborative Performance Prediction", appendix D.3 and D.4).

use super::{Row, Split, TaskRef, Trial};
use crate::error::{Error, Result};
use crate::linalg::BitMatrix;
use crate::methods::{Method, Observer, Trainer};
use crate::metrics;
use crate::snapshot::{Results, Snapshot};
use kodama::{Method as Linkage, linkage};
use serde::Serialize;
use std::borrow::Cow;

/// Whether models or tasks are left out, one at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Each model.
    Models,
    /// Each task.
    Tasks,
}

/// A square matrix over models or tasks with a clustering of its rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Relations {
    /// Models or tasks, in the order of rows and columns.
    pub names: Vec<String>,
    /// Rows of the matrix; `None` (`null`) if undefined.
    pub matrix: Vec<Vec<Option<f64>>>,
    /// Merges from the closest to the farthest: average linkage over 1 − correlation.
    pub merges: Vec<Merge>,
}

/// Two clusters that become one. Clusters below the number of names are single rows; merge `k` makes cluster
/// `names + k`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Merge {
    /// The first cluster.
    pub first: usize,
    /// The second cluster.
    pub second: usize,
    /// Their distance, 0 to 2.
    pub distance: f64,
    /// Rows in the new cluster.
    pub size: usize,
}

impl Relations {
    /// The cluster of each row if clusters with a distance above `distance` are not merged; numbered from 0 by first
    /// row.
    #[must_use]
    pub fn clusters(&self, distance: f64) -> Vec<usize> {
        let rows = self.names.len();
        let mut above: Vec<usize> = (0..rows + self.merges.len()).collect();
        for (at, merge) in self.merges.iter().enumerate().filter(|(_, merge)| merge.distance <= distance) {
            above[merge.first] = rows + at;
            above[merge.second] = rows + at;
        }
        let mut seen = Vec::new();
        let top = |mut node: usize| {
            while above[node] != node {
                node = above[node];
            }
            node
        };
        let number = |row: usize| {
            let top = top(row);
            seen.iter().position(|&known| known == top).unwrap_or_else(|| {
                seen.push(top);
                seen.len() - 1
            })
        };
        (0..rows).map(number).collect()
    }
}

/// Trains without each model (or task) in turn. Row: the one that is left out; column: the rise of the mean squared
/// error on the held-out cells of that model (task), mean over seeds. The diagonal shows the effect of a model's or
/// task's own results. Rows are clustered by the correlation of their effects on others.
///
/// # Errors
/// If the data don't allow the split or hold outcomes of items, or the observer stops a training.
pub async fn influence(
    snapshot: &Snapshot,
    split: &Split,
    (method, side): (Method, Side),
    seeds: u64,
    trainer: &impl Trainer,
    observer: &mut dyn Observer,
) -> Result<Relations> {
    if matches!(snapshot.results, Results::Outcomes(_)) {
        return Err(Error::input("influence is taken over scores; this snapshot holds outcomes of items"));
    }
    let names: Vec<String> = match side {
        Side::Models => snapshot.models.iter().map(|model| model.id.clone()).collect(),
        Side::Tasks => snapshot.tasks.iter().map(|task| task.id.clone()).collect(),
    };
    let mut sums = vec![vec![(0.0, 0usize); names.len()]; names.len()];
    for seed in 0..seeds {
        let whole = Trial::of(snapshot, split, seed)?;
        let mut with = Vec::new();
        // The first training leaves out none.
        for left_out in std::iter::once(None).chain((0..names.len()).map(Some)) {
            let part = left_out
                .map_or(Some(Cow::Borrowed(&whole)), |at| whole.without(&all_of(snapshot, side, at)).map(Cow::Owned));
            let Some(trial) = part else { continue };
            let data = trial.data();
            let parameters = trainer.train(method.into(), &data, observer).await?;
            let fitted = trainer.restore(method, &data, &parameters)?;
            let losses = losses(&trial.predict_held(method, fitted.as_ref())?, side, names.len());
            let Some(left_out) = left_out else {
                with = losses;
                continue;
            };
            for (sum, change) in sums[left_out].iter_mut().zip(losses.iter().zip(&with)) {
                if let (Some(without), Some(with)) = change {
                    *sum = (sum.0 + without - with, sum.1 + 1);
                }
            }
        }
    }
    let mean = |&(sum, count): &(f64, usize)| (count > 0).then(|| sum / count as f64);
    let matrix: Vec<Vec<Option<f64>>> = sums.iter().map(|row| row.iter().map(mean).collect()).collect();
    let others = |a: usize, b: usize| correlation(&matrix[a], &matrix[b], |at| at != a && at != b);
    let merges = cluster(names.len(), others);
    Ok(Relations { names, matrix, merges })
}

/// Pearson's correlation between each pair of tasks over the models with both results; undefined below three models.
/// Scores count with the other sign where a lower score is better.
#[must_use]
pub fn task_correlations(snapshot: &Snapshot) -> Relations {
    let columns: Vec<Vec<Option<f64>>> = (0..snapshot.tasks.len() as u32)
        .map(|task| {
            let known = |model| snapshot.get(crate::snapshot::ModelIndex(model), crate::snapshot::TaskIndex(task));
            let sign = if snapshot.tasks[task as usize].lower_is_better { -1.0 } else { 1.0 };
            (0..snapshot.models.len() as u32).map(|model| known(model).map(|score| sign * f64::from(score))).collect()
        })
        .collect();
    let between = |a: usize, b: usize| correlation(&columns[a], &columns[b], |_| true);
    let tasks = columns.len();
    let matrix = (0..tasks).map(|a| (0..tasks).map(|b| between(a, b)).collect()).collect();
    let names = snapshot.tasks.iter().map(|task| task.id.clone()).collect();
    Relations { names, matrix, merges: cluster(tasks, between) }
}

/// The mean squared error of each model's or task's rows. (count)
fn losses(rows: &[Row], side: Side, count: usize) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, 0usize); count];
    for row in rows {
        if let TaskRef::Task(task) = row.task {
            let at = if side == Side::Models { row.model.0 } else { task.0 } as usize;
            sums[at] = (sums[at].0 + f64::from(row.predicted - row.truth).powi(2), sums[at].1 + 1);
        }
    }
    sums.iter().map(|&(sum, count)| (count > 0).then(|| sum / count as f64)).collect()
}

/// All cells of one model or task. (models, tasks)
fn all_of(snapshot: &Snapshot, side: Side, at: usize) -> BitMatrix {
    let (models, tasks) = (snapshot.models.len(), snapshot.tasks.len());
    let mut cells = BitMatrix::zeros(models, tasks);
    match side {
        Side::Models => (0..tasks).for_each(|task| cells.set(at, task, true)),
        Side::Tasks => (0..models).for_each(|model| cells.set(model, at, true)),
    }
    cells
}

/// The correlation over the positions that count and have both values; undefined below three.
fn correlation(a: &[Option<f64>], b: &[Option<f64>], counts: impl Fn(usize) -> bool) -> Option<f64> {
    let pairs = a.iter().zip(b).enumerate().filter(|&(at, _)| counts(at));
    let (a, b): (Vec<f64>, Vec<f64>) = pairs.filter_map(|(_, (a, b))| a.zip(*b)).unzip();
    if a.len() < 3 { None } else { metrics::pearson(&a, &b) }
}

/// Average linkage over the distance 1 − correlation; an undefined correlation gives the distance 1.
fn cluster(rows: usize, correlation: impl Fn(usize, usize) -> Option<f64>) -> Vec<Merge> {
    let pairs = (0..rows).flat_map(|a| (a + 1..rows).map(move |b| (a, b)));
    let mut distances: Vec<f64> = pairs.map(|(a, b)| 1.0 - correlation(a, b).unwrap_or(0.0)).collect();
    let tree = linkage(&mut distances, rows, Linkage::Average);
    let merge = |step: &kodama::Step<f64>| Merge {
        first: step.cluster1,
        second: step.cluster2,
        distance: step.dissimilarity,
        size: step.size,
    };
    tree.steps().iter().map(merge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Companions, Source, import};
    use crate::methods::{Here, Silent};

    fn snapshot(text: &str) -> Snapshot {
        import(&[Source { name: "x.csv", bytes: text.as_bytes(), optional: false }], &Companions::default())
            .unwrap()
            .snapshot
    }

    // Average linkage joins (ab) and (cd) at the mean of their four distances.
    #[test]
    fn correlated_tasks_are_clustered() {
        let text =
            "model,a,b,c,d\nm,0.1,0.2,0.9,0.4\nn,0.2,0.3,0.1,0.2\no,0.3,0.5,0.5,0.3\np,0.4,0.55,0.3,0.25\nq,,,0.2,\n";
        let relations = task_correlations(&snapshot(text));
        let r = |a: usize, b: usize| relations.matrix[a][b].unwrap();
        assert!((r(0, 1) - 0.976831).abs() < 1e-5 && (r(0, 0) - 1.0).abs() < 1e-9, "{}", r(0, 1));
        assert_eq!(r(0, 2), r(2, 0));
        assert_eq!(relations.clusters(0.5), [0, 0, 1, 1]);
        assert_eq!(relations.clusters(2.0), [0, 0, 0, 0]);
        assert_eq!(relations.clusters(-1.0), [0, 1, 2, 3]);
        let last = relations.merges.last().unwrap();
        let far = 1.0 - (r(0, 2) + r(0, 3) + r(1, 2) + r(1, 3)) / 4.0;
        assert!((last.distance - far).abs() < 1e-9 && last.size == 4, "{last:?}");
        let few = task_correlations(&snapshot("model,a,b\nm,0.1,0.2\nn,0.3,\n"));
        assert_eq!(few.matrix[0][1], None);
    }

    #[test]
    fn influence_is_the_rise_of_the_error_without_a_row_or_column() {
        let text = "model,x,y\na,0.2,0.2\nb,0.4,0.4\nc,0.9,0.9\nd,0.3,0.3\n";
        let snapshot = snapshot(text);
        let split: Split = "cells:0.5".parse().unwrap();
        for (side, size) in [(Side::Models, 4), (Side::Tasks, 2)] {
            let mut silent = Silent;
            let run = influence(&snapshot, &split, (Method::Mean, side), 1, &Here, &mut silent);
            let relations = pollster::block_on(run).unwrap();
            assert_eq!((relations.matrix.len(), relations.merges.len()), (size, size - 1));
            let trial = Trial::of(&snapshot, &split, 0).unwrap();
            let base = losses(&pollster::block_on(trial.run(Method::Mean, &mut Silent)).unwrap(), side, size);
            let without = trial.without(&all_of(&snapshot, side, 0)).unwrap();
            let changed = losses(&pollster::block_on(without.run(Method::Mean, &mut Silent)).unwrap(), side, size);
            for (at, found) in relations.matrix[0].iter().enumerate() {
                assert_eq!(*found, changed[at].zip(base[at]).map(|(without, with)| without - with));
            }
        }
    }
}
