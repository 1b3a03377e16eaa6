//! A fixed reduced set of tasks, the same for every model, as in published reduced benchmarks: anchors that represent
//! the other tasks by the results of the training models (Polo et al., tinyBenchmarks, 2024, §3.1). They are the greedy
//! solution of the facility location problem (Nemhauser et al., 1978).

use crate::methods::TrainingData;
use crate::snapshot::by_benchmark;
use ndarray::{Array2, Axis};

/// The first `count` anchors, the most representative first. Each benchmark has the same weight.
pub(super) fn anchors(data: &TrainingData<'_>, count: usize) -> Vec<usize> {
    let similarity = correlations(data);
    let mut weights = vec![0.0f32; data.tasks.len()];
    for (_, tasks) in by_benchmark(data.tasks) {
        tasks.iter().for_each(|&task| weights[task] = 1.0 / tasks.len() as f32);
    }
    let mut nearest = vec![0.0f32; data.tasks.len()]; // (n_tasks): the highest correlation with an anchor
    let mut chosen = Vec::new();
    while chosen.len() < count.min(data.tasks.len()) {
        let gain = |&task: &usize| -> f32 {
            let row = similarity.row(task).into_iter().zip(&nearest).zip(&weights);
            row.map(|((similarity, nearest), weight)| weight * (similarity - nearest).max(0.0)).sum()
        };
        let open = (0..data.tasks.len()).filter(|task| !chosen.contains(task));
        let best = open.map(|task| (gain(&task), task)).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let Some((_, best)) = best else { break };
        nearest
            .iter_mut()
            .zip(similarity.row(best))
            .for_each(|(nearest, similarity)| *nearest = nearest.max(*similarity));
        chosen.push(best);
    }
    chosen
}

/// Correlations of the tasks over the training models; a missing result counts as its task's mean. (n_tasks, n_tasks)
fn correlations(data: &TrainingData<'_>) -> Array2<f32> {
    let mut values = Array2::from_elem((data.models.len(), data.tasks.len()), f32::NAN);
    for (model, mut row) in values.rows_mut().into_iter().enumerate() {
        data.cells.for_row(model, |task, value| row[task] = value);
    }
    for mut column in values.axis_iter_mut(Axis(1)) {
        let (sum, count) = column.iter().filter(|value| !value.is_nan()).fold((0.0, 0.0), |(s, n), v| (s + v, n + 1.0));
        let mean = sum / f32::max(count, 1.0);
        column.mapv_inplace(|value| if value.is_nan() { 0.0 } else { value - mean });
        let length = column.dot(&column).sqrt().max(f32::MIN_POSITIVE);
        column.mapv_inplace(|value| value / length);
    }
    values.t().dot(&values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::methods::VisibleCells;
    use crate::snapshot::{Results, Snapshot, Task};

    #[test]
    fn anchors_are_one_of_each_group_the_largest_group_first() {
        let mut snapshot = Snapshot::synthetic(40, 7, 1);
        // Four tasks are correlated, two others are, and one is with none; all belong to one benchmark.
        let group = [0, 0, 0, 0, 1, 1, 2];
        let score = |model: u32, task: u32| {
            let (model, task) = (f64::from(model), f64::from(task));
            let common = (model * [1.3, 2.9, 0.7][group[task as usize]]).sin();
            (0.5 + 0.3 * common + 0.05 * (model * 0.31 + task * 5.0).sin()) as f32
        };
        let cells = (0..40).flat_map(|model| (0..7).map(move |task| (model, task, score(model, task))));
        snapshot.results = Results::Scores(crate::linalg::SparseMatrix::from_entries(40, 7, cells.collect()));
        let task = |at: usize| Task { dataset: "all".into(), ..Task::score(format!("t{at}"), None) };
        snapshot.tasks = (0..7).map(task).collect();
        let visible = VisibleCells::new(&snapshot, None).unwrap();
        let (models, tasks, lineage) = (&snapshot.models[..], &snapshot.tasks[..], &snapshot.lineage);
        let data = TrainingData { models, tasks, lineage, cells: &visible.cells, seed: 0 };
        let chosen: Vec<usize> = anchors(&data, 3).into_iter().map(|task| group[task]).collect();
        assert_eq!(chosen, [0, 1, 2]);
        assert_eq!(anchors(&data, 100).len(), 7);
    }
}
