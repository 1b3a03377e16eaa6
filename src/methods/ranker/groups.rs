//! Groups of scores: the models that were measured on one task (a dataset in a metric), standardised within the group.

use crate::linalg::order;
use crate::methods::data::TrainingData;

/// The training cells of one task.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Group {
    /// Models, best first.
    pub(super) models: Vec<u32>,
    /// Their standardised scores.
    pub(super) z: Vec<f32>,
    /// Mean and standard deviation of the scores; a deviation of 0 where all are equal.
    pub(super) mean: f32,
    pub(super) deviation: f32,
    /// The standard deviation of the mean, where it is that of other tasks.
    pub(super) open: f32,
}

impl Group {
    fn new(mut cells: Vec<(u32, f32)>) -> Self {
        let count = cells.len().max(1) as f64;
        let mean = cells.iter().map(|cell| f64::from(cell.1)).sum::<f64>() / count;
        let variance = cells.iter().map(|cell| (f64::from(cell.1) - mean).powi(2)).sum::<f64>() / count;
        let open = 0.0;
        let (mean, deviation) = (mean as f32, variance.sqrt() as f32);
        let deviation = if deviation > 1e-6 { deviation } else { 0.0 };
        let best_first = order(cells.len(), &mut |a, b| cells[b].1.total_cmp(&cells[a].1));
        cells = best_first.into_iter().map(|at| cells[at]).collect();
        let z = cells.iter().map(|cell| if deviation > 0.0 { (cell.1 - mean) / deviation } else { 0.0 });
        Self { z: z.collect(), models: cells.into_iter().map(|cell| cell.0).collect(), mean, deviation, open }
    }

    /// Whether it has an order: models with different scores.
    pub(super) fn is_ranked(&self) -> bool {
        !self.models.is_empty() && self.deviation > 0.0
    }
}

/// The groups of all tasks, of the cells that are kept.
pub(super) fn groups(data: &TrainingData<'_>, kept: impl Fn(u32, usize) -> bool) -> Vec<Group> {
    let mut cells = vec![Vec::new(); data.tasks.len()];
    for model in 0..data.models.len() as u32 {
        data.cells.for_row(model as usize, |task, value| {
            if kept(model, task) {
                cells[task].push((model, value));
            }
        });
    }
    cells.into_iter().map(Group::new).collect()
}

/// Which of this number of models, and which tasks, have training scores that differ.
pub(super) fn seen(models: usize, groups: &[Group]) -> [Vec<bool>; 2] {
    let mut seen = [vec![false; models], groups.iter().map(Group::is_ranked).collect()];
    let ranked = groups.iter().filter(|group| group.is_ranked());
    ranked.flat_map(|group| &group.models).for_each(|&model| seen[0][model as usize] = true);
    seen
}

/// Gives tasks without cells the mean and deviation of tasks with the same metric and type, else with the same metric, else
/// of all. Where all cells are equal, their deviation is what is open.
pub(super) fn complete(data: &TrainingData<'_>, mut groups: Vec<Group>) -> Vec<Group> {
    let measured: Vec<usize> = (0..groups.len()).filter(|&task| groups[task].is_ranked()).collect();
    let alike = |a: usize, b: usize, closeness: usize| {
        let (a, b) = (&data.tasks[a], &data.tasks[b]);
        (closeness < 1 || a.metric == b.metric) && (closeness < 2 || a.task_type == b.task_type)
    };
    for task in 0..groups.len() {
        if groups[task].is_ranked() {
            continue;
        }
        for closeness in [2, 1, 0] {
            let near: Vec<&Group> =
                measured.iter().filter(|&&other| alike(task, other, closeness)).map(|&other| &groups[other]).collect();
            if near.is_empty() {
                continue;
            }
            let count = near.len() as f32;
            let mean = near.iter().map(|group| group.mean).sum::<f32>() / count;
            let deviation = near.iter().map(|group| group.deviation).sum::<f32>() / count;
            let open = near.iter().map(|group| (group.mean - mean).powi(2)).sum::<f32>() / count;
            if groups[task].models.is_empty() {
                groups[task] = Group { mean, deviation, open: open.sqrt(), ..Group::default() };
            } else {
                groups[task].open = deviation;
            }
            break;
        }
    }
    groups
}
