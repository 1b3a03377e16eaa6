//! The random state at the start of a training: the validation split and the initial parameters.

use super::config::LrmfConfig;
use crate::linalg::{logit, sort_numbers};
use crate::methods::data::TrainingData;
use crate::methods::training::random::normal;
use eyas_kernels::{Cells, Factorisation};
use rand::{RngExt, seq::SliceRandom};
use rand_pcg::Pcg64Mcg;

/// The validation split: whole rows of 5 % of the models that have an evaluated relative (at most 200), and 2 % of the other
/// cells; empty if it would leave no training cells.
pub(super) fn validation_cells(data: &TrainingData<'_>, rng: &mut Pcg64Mcg) -> Vec<(u32, u32, f32)> {
    let evaluated = |node: u32| (node as usize) < data.models.len() && data.cells.count_row(node as usize) > 0;
    let related = |&model: &u32| evaluated(model) && data.lineage.neighbours(model).any(|(other, _)| evaluated(other));
    let mut rows: Vec<u32> = (0..data.models.len() as u32).filter(related).collect();
    rows.shuffle(rng);
    rows.truncate((rows.len() / 20).min(200));
    sort_numbers(&mut rows);
    let mut cells = Vec::new();
    for model in 0..data.models.len() as u32 {
        let whole = rows.binary_search(&model).is_ok();
        data.cells.for_row(model as usize, |task, value| {
            if whole || rng.random_bool(0.02) {
                cells.push((model, task as u32, value));
            }
        });
    }
    if cells.len() == data.cells.count() { Vec::new() } else { cells }
}

/// Random parameters: vectors of tasks, and of models with training cells, from N(0, 0.1²); task biases at the logit of each
/// task's mean.
pub(super) fn initial_parameters(
    data: &TrainingData<'_>,
    training: &Cells,
    config: &LrmfConfig,
    rng: &mut Pcg64Mcg,
) -> Factorisation {
    let mut parameters = Factorisation::zeros(data.lineage.len(), data.tasks.len(), config.dim);
    for model in (0..training.models()).filter(|&model| training.count_row(model) > 0) {
        parameters.models[model * config.dim..][..config.dim].fill_with(|| 0.1 * normal(rng));
    }
    parameters.tasks.fill_with(|| 0.1 * normal(rng));
    if config.biases {
        let mut sums = vec![(0.5f32, 1.0f32); data.tasks.len()];
        (0..training.models()).for_each(|model| {
            training.for_row(model, |task, value| sums[task] = (sums[task].0 + value, sums[task].1 + 1.0));
        });
        let means = sums.into_iter().map(|(sum, count)| logit(sum / count, 1e-3));
        parameters.task_bias.iter_mut().zip(means).for_each(|(bias, mean)| *bias = mean);
    }
    parameters
}
