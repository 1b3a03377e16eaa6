//! The graph over tasks (LRMF §3.3): each task is joined to its `k` nearest tasks by cosine, with the cosine as the weight.
//! The cosines are those of task embeddings where the snapshot has them, else of the tasks' columns of training cells.

use crate::linalg::{BitMatrix, SparseMatrix, keep_greatest};
use crate::lineage::Laplacian;
use crate::methods::data::TrainingData;
use eyas_kernels::Cells;
use eyas_kernels::cpu::dot;

/// The most models on which the columns are compared: the graph needs neighbours, not exact cosines.
const COMPARED_MODELS: usize = 1024;

/// The Laplacian of the k-nearest-neighbour graph over tasks. Negative cosines make no edge.
pub(super) fn task_graph(data: &TrainingData<'_>, k: usize) -> Laplacian {
    let columns = Columns::new(data);
    let tasks = data.tasks.len();
    let mut edges = Vec::new();
    for task in 0..tasks {
        let others = (0..tasks).filter(|&other| other != task);
        let mut near: Vec<(u32, f32)> = others.map(|other| (other as u32, columns.cosine(task, other))).collect();
        keep_greatest(&mut near, k);
        let task = task as u32;
        edges.extend(
            near.iter().filter(|n| n.1 > 0.0).map(|&(other, weight)| (task.min(other), task.max(other), weight)),
        );
    }
    // Two tasks that are each other's neighbours share one edge.
    Laplacian::from_edges(tasks, SparseMatrix::from_entries(tasks, tasks, edges).iter())
}

/// The columns, in the form for which cosines are cheapest.
enum Columns {
    /// (n_tasks, width), row-major, each row of length 1 or 0.
    Dense { width: usize, values: Vec<f32> },
    /// Solved items by task, (n_tasks, models), and the length of each row.
    Bits { solved: BitMatrix, lengths: Vec<f32> },
}

impl Columns {
    fn new(data: &TrainingData<'_>) -> Self {
        let width = data.tasks.first().map_or(0, |task| task.embedding.len());
        if width > 0 {
            return Self::dense(width, data.tasks.iter().flat_map(|task| task.embedding.iter().copied()).collect());
        }
        match data.cells {
            Cells::Scores(scores) => {
                let mut values = vec![0.0; data.tasks.len() * scores.rows()];
                for (model, task, value) in scores.iter() {
                    values[task as usize * scores.rows() + model as usize] = value;
                }
                Self::dense(scores.rows(), values)
            }
            Cells::Outcomes { solved, .. } => Self::bits(solved),
        }
    }

    fn dense(width: usize, mut values: Vec<f32>) -> Self {
        for row in values.chunks_exact_mut(width.max(1)) {
            let length = dot(row, row).sqrt();
            if length > 0.0 {
                row.iter_mut().for_each(|value| *value /= length);
            }
        }
        Self::Dense { width, values }
    }

    fn bits(solved: &BitMatrix) -> Self {
        let stride = if solved.columns() > 2 * COMPARED_MODELS { solved.rows().div_ceil(COMPARED_MODELS) } else { 1 };
        let mut by_task = BitMatrix::zeros(solved.columns(), solved.rows().div_ceil(stride));
        for (at, model) in (0..solved.rows()).step_by(stride).enumerate() {
            solved.ones(model).for_each(|task| by_task.set(task, at, true));
        }
        let lengths = (0..by_task.rows()).map(|task| (by_task.count_row(task) as f32).sqrt()).collect();
        Self::Bits { solved: by_task, lengths }
    }

    fn cosine(&self, a: usize, b: usize) -> f32 {
        match self {
            Self::Dense { width, values } => {
                dot(&values[a * width..(a + 1) * width], &values[b * width..(b + 1) * width])
            }
            Self::Bits { solved, lengths } => {
                let both: u32 = solved.row(a).iter().zip(solved.row(b)).map(|(a, b)| (a & b).count_ones()).sum();
                if both == 0 { 0.0 } else { both as f32 / (lengths[a] * lengths[b]) }
            }
        }
    }
}
