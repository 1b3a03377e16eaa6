//! Outcomes of items. What the process and the trees forecast of a model are its coordinates in the factorisation and the
//! means of its benchmarks. Three voices then say which items it solves: these coordinates, those that the factorisation
//! gives it by its place in the graph, and the items that its relatives solve.

use super::outputs::Scale;
use crate::error::Result;
use crate::linalg::{logistic, logit};
use crate::methods::data::{Target, TrainingData, benchmarks, task_means};
use crate::methods::fitted::Fitted;
use crate::methods::lrmf::config::LrmfConfig;
use crate::methods::lrmf::model::Lrmf;
use crate::methods::relatives;
use crate::methods::training::optimise::Observer;
use crate::snapshot::ModelIndex;
use eyas_kernels::{Cells, cpu, probabilities};
use ndarray::Array2;

/// The factorisation of outcomes; scores have none.
pub(super) async fn factorise(data: &TrainingData<'_>, observer: &mut dyn Observer) -> Result<Option<Lrmf>> {
    match data.cells {
        Cells::Scores(_) => Ok(None),
        Cells::Outcomes { .. } => {
            Ok(Some(Lrmf::fit(data, &LrmfConfig::for_cells(data.cells.count()), observer).await?))
        }
    }
}

/// The training models' coordinates in the factorisation and the means of their benchmarks. (n_training, n_outputs)
pub(super) fn factorised(data: &TrainingData<'_>, order: &[u32], factorisation: &Lrmf) -> Array2<f32> {
    let p = factorisation.parameters();
    let benchmarks = benchmarks(data.tasks);
    let mut values = Array2::zeros((order.len(), p.dim + 1 + benchmarks.len()));
    for (row, &model) in order.iter().enumerate() {
        let mut chances = probabilities(p, p.model(model as usize), p.model_bias[model as usize]);
        data.cells.for_row(model as usize, |task, value| chances[task] = value);
        let mean = |tasks: &Vec<usize>| tasks.iter().map(|&task| chances[task]).sum::<f32>() / tasks.len() as f32;
        let outputs = p.model(model as usize).iter().copied().chain([p.model_bias[model as usize]]);
        let outputs = outputs.chain(benchmarks.iter().map(mean));
        values.row_mut(row).iter_mut().zip(outputs).for_each(|(value, output)| *value = output);
    }
    values
}

/// What the voices weigh in the log odds of an item, beside what is said of its benchmark: the forecast coordinates, the
/// factorisation, parents and children, parents and siblings. Found on held-out models of the Open LLM Leaderboard v1
/// other than those of docs/results.md; about the best there is wide.
const VOICES: [f32; 4] = [0.8, 0.2, 0.3, 0.2];
/// Shares of relatives that solve an item are this far from 0 and 1 at least.
const MARGIN: f32 = 0.03;

/// What a model's relatives do on each item, NaN where none was asked. (n_tasks)
pub(super) struct Relatives {
    neighbours: Vec<f32>,
    kin: Vec<f32>,
}

impl Relatives {
    pub(super) fn of(data: &TrainingData<'_>, target: Target<'_>) -> Self {
        let neighbours = relatives::neighbours(data.lineage, target);
        let kin = relatives::parents_and_siblings(data.lineage, target);
        let nothing = vec![f32::NAN; data.tasks.len()];
        let mean = |relatives: &[(u32, f32)]| relatives::mean_of(data, relatives, &nothing).mean;
        Self { neighbours: mean(&neighbours), kin: mean(&kin) }
    }

    /// The means of the benchmarks by the neighbours, as if all of a benchmark's items had been asked; NaN where none was.
    pub(super) fn means(&self, benchmarks: &[Vec<usize>], task_means: &[f32]) -> Vec<f32> {
        let mean = |tasks: &Vec<usize>| {
            let asked = tasks.iter().filter(|&&task| !self.neighbours[task].is_nan());
            let (better, count) =
                asked.fold((0.0, 0), |(sum, count), &task| (sum + self.neighbours[task] - task_means[task], count + 1));
            let usual = tasks.iter().map(|&task| task_means[task]).sum::<f32>() / tasks.len() as f32;
            if count == 0 { f32::NAN } else { usual + better / count as f32 }
        };
        benchmarks.iter().map(mean).collect()
    }
}

/// What the neighbours of the training models say of their outputs, in units of their centres and spreads: nothing of
/// coordinates, NaN where there are none. (n_training, n_outputs)
pub(super) fn by_neighbours(data: &TrainingData<'_>, order: &[u32], scale: &Scale) -> Vec<Vec<f32>> {
    let (benchmarks, task_means) = (benchmarks(data.tasks), task_means(data));
    let first = scale.centre.len() - benchmarks.len();
    let of = |&model: &u32| {
        let means = Relatives::of(data, Target::Known(ModelIndex(model))).means(&benchmarks, &task_means);
        let standard = (first..).zip(means).map(|(k, mean)| (mean - scale.centre[k]) / scale.spread[k]);
        std::iter::repeat_n(f32::NAN, first).chain(standard).collect()
    };
    order.iter().map(of).collect()
}

/// Chances to solve each item: what the voices say, moved so that each benchmark has its mean.
///
/// # Errors
/// Those of the factorisation.
pub(super) fn items(
    factorisation: &Lrmf,
    data: &TrainingData<'_>,
    target: Target<'_>,
    (coordinates, benchmark_means): (&[f32], &[f32]),
    relatives: &Relatives,
) -> Result<Vec<f32>> {
    let p = factorisation.parameters();
    let (vector, bias) = coordinates.split_at(p.dim);
    let placed = factorisation.forecast(data, target)?.mean;
    let logits: Vec<f32> = (0..data.tasks.len())
        .map(|task| {
            let own = cpu::dot(vector, p.task(task)) + bias[0] + p.task_bias[task];
            let of_relatives = [relatives.neighbours[task], relatives.kin[task]];
            let [all, graph, shares @ ..] = VOICES;
            let said = of_relatives.iter().zip(shares).filter(|(share, _)| !share.is_nan());
            all * own
                + graph * logit(placed[task], MARGIN)
                + said.map(|(share, weight)| weight * logit(*share, MARGIN)).sum::<f32>()
        })
        .collect();
    let mut chances = vec![0.0; logits.len()];
    for (tasks, &mean) in benchmarks(data.tasks).iter().zip(benchmark_means) {
        let (mut low, mut high) = (-MOST_SHIFT, MOST_SHIFT);
        for _ in 0..HALVINGS {
            let shift = 0.5 * (low + high);
            let sum: f32 = tasks.iter().map(|&task| logistic(logits[task] + shift)).sum();
            if sum > mean * tasks.len() as f32 { high = shift } else { low = shift }
        }
        tasks.iter().for_each(|&task| chances[task] = logistic(logits[task] + 0.5 * (low + high)));
    }
    Ok(chances)
}

/// Logits are moved by this at most.
const MOST_SHIFT: f32 = 8.0;
/// Halvings of that range until the shift is found.
const HALVINGS: usize = 24;
