//! Two networks with one hidden layer, `max(x A + a, 0) B`, one over the views of models and one over those of tasks, and the
//! gradient of the squared error of `s cos + c`.

use super::gradient::{Touched, scatter};
use super::groups::Group;
use super::network::{Network, row};
use super::parameters::{Dense, Entity, Parameters, Side, Sizes, Table};
use super::views::Views;
use crate::linalg::product;
use crate::methods::training::random::normal;
use eyas_kernels::cpu::dot;
use eyas_kernels::matrix_product;
use ndarray::{Array2, Axis};
use rand_pcg::Pcg64Mcg;

/// Width of the hidden layers, and length of the vectors.
const HIDDEN: usize = 128;
const VECTOR: usize = 64;
/// The first scale s of the cosine: a standardised score has the deviation 1, and the cosine of two random vectors less.
const SCALE: f32 = 2.0;
/// The first block of the tower of the tasks.
pub(super) const TASKS: usize = 3;
/// The first offsets a: above 0, so that a model of which nothing but embeddings is known, zeros at first, is learnt from.
const OFFSET: f32 = 0.1;
/// What is added to the length of a vector by which it is divided.
const LEAST_LENGTH: f32 = 1e-6;

/// A and a, (inputs, HIDDEN) and (1, HIDDEN), and B, (HIDDEN, VECTOR), of the models; the same of the tasks; s and c, (1, 2).
pub(super) type Blocks = [Array2<f32>; 7];
pub(super) const NAMES: [&str; 7] =
    ["models first", "models offset", "models second", "tasks first", "tasks offset", "tasks second", "scale"];

/// What is trained.
#[derive(Clone)]
pub(super) struct Towers {
    /// The tables of embeddings, and which rows make the inputs.
    pub(super) inputs: Network,
    pub(super) blocks: Blocks,
}

/// A tower's layers for some inputs.
pub(super) struct Layers {
    x: Array2<f32>,
    hidden: Array2<f32>,
    lengths: Vec<f32>,
    pub(super) unit: Array2<f32>, // (n, VECTOR), of length 1
}

/// A gradient of the shape of [`Towers`].
pub(super) struct Gradient {
    pub(super) tables: Vec<Touched>,
    pub(super) blocks: Blocks,
}

impl Towers {
    pub(super) fn new(views: &Views, rng: &mut Pcg64Mcg) -> Self {
        let none = Sizes { models: 0, tasks: 0, hidden: 0, structure: 0, prior: 0 };
        let tables = views.tables.iter().map(|&(rows, width)| Table { width, values: vec![0.0; rows * width] });
        let inputs = Network {
            models: views.models.clone(),
            tasks: views.tasks.clone(),
            structure_at: views.structure_at,
            parameters: Parameters { tables: tables.collect(), dense: Dense::zeros(none) },
        };
        let mut random = |rows: usize, columns: usize, variance: f32| {
            let scale = (variance / rows as f32).sqrt();
            Array2::from_shape_fn((rows, columns), |_| scale * normal(rng))
        };
        let mut tower = |width: usize| {
            [random(width, HIDDEN, 2.0), Array2::from_elem((1, HIDDEN), OFFSET), random(HIDDEN, VECTOR, 1.0)]
        };
        let [a, b, c] = tower(views.models.width);
        let [d, e, f] = tower(views.tasks.width);
        let mut last = Array2::zeros((1, 2));
        last[[0, 0]] = SCALE;
        Self { inputs, blocks: [a, b, c, d, e, f, last] }
    }

    /// The tower of the models, or of the tasks with `first` [`TASKS`].
    pub(super) fn layers<'e>(
        &self,
        first: usize,
        entities: impl ExactSizeIterator<Item = (&'e Entity, bool)>,
    ) -> Layers {
        let x = self.inputs.inputs(self.side(first), entities);
        let mut hidden = product(x.view(), self.blocks[first].view()) + &self.blocks[first + 1];
        hidden.mapv_inplace(|sum| sum.max(0.0));
        let mut unit = product(hidden.view(), self.blocks[first + 2].view());
        let lengths: Vec<f32> = unit.rows().into_iter().map(|row| row.dot(&row).sqrt() + LEAST_LENGTH).collect();
        unit.rows_mut().into_iter().zip(&lengths).for_each(|(mut row, &length)| row /= length);
        Layers { x, hidden, lengths, unit }
    }

    fn side(&self, first: usize) -> &Side {
        if first == 0 { &self.inputs.models } else { &self.inputs.tasks }
    }

    pub(super) fn z(&self, model: &[f32], task: &[f32]) -> f32 {
        let last = &self.blocks[6];
        last[[0, 0]] * dot(model, task) + last[[0, 1]]
    }

    /// A gradient of zeros.
    pub(super) fn no_gradient(&self) -> Gradient {
        let blocks = self.blocks.each_ref().map(|block| Array2::zeros(block.raw_dim()));
        Gradient { tables: vec![Touched::default(); self.inputs.parameters.tables.len()], blocks }
    }

    /// The sum of the squared errors on the groups of some tasks, and the gradient of their mean. `entities` are all models
    /// and all tasks, `hidden` tells whose ID is hidden.
    pub(super) fn step(
        &self,
        entities: &[Vec<Entity>; 2],
        hidden: &[Vec<bool>; 2],
        lists: &[(usize, &Group)],
        found: &mut Gradient,
    ) -> f64 {
        let mut places = vec![usize::MAX; entities[0].len()];
        let mut models = Vec::new();
        for &model in lists.iter().flat_map(|(_, group)| &group.models) {
            if places[model as usize] == usize::MAX {
                places[model as usize] = models.len();
                models.push(model as usize);
            }
        }
        let of_models = models.iter().map(|&at| (&entities[0][at], hidden[0][at]));
        let of_tasks = lists.iter().map(|&(at, _)| (&entities[1][at], hidden[1][at]));
        let (own, other) = (self.layers(0, of_models.clone()), self.layers(TASKS, of_tasks.clone()));
        let mut slopes = [Array2::<f32>::zeros(own.unit.raw_dim()), Array2::zeros(other.unit.raw_dim())];
        let count = lists.iter().map(|(_, group)| group.models.len()).sum::<usize>().max(1) as f32;
        let scale = self.blocks[6][[0, 0]];
        let (mut loss, mut last) = (0.0, [0.0; 2]);
        for (place, (_, group)) in lists.iter().enumerate() {
            for (&model, &z) in group.models.iter().zip(&group.z) {
                let at = places[model as usize];
                let cosine = dot(row(&own.unit, at), row(&other.unit, place));
                let apart = self.z(row(&own.unit, at), row(&other.unit, place)) - z;
                loss += f64::from(apart * apart);
                let slope = 2.0 * apart / count;
                last[0] += slope * cosine;
                last[1] += slope;
                slopes[0].row_mut(at).scaled_add(slope * scale, &other.unit.row(place));
                slopes[1].row_mut(place).scaled_add(slope * scale, &own.unit.row(at));
            }
        }
        for (touched, table) in found.tables.iter_mut().zip(&self.inputs.parameters.tables) {
            touched.clear(table.values.len() / table.width.max(1));
        }
        found.blocks[6].row_mut(0).iter_mut().zip(last).for_each(|(slope, sum)| *slope = sum);
        let [by_own, by_other] = slopes;
        self.back(0, of_models, &own, by_own, found);
        self.back(TASKS, of_tasks, &other, by_other, found);
        loss
    }

    /// The gradient by the parameters of a tower from that by its unit vectors.
    fn back<'e>(
        &self,
        first: usize,
        entities: impl Iterator<Item = (&'e Entity, bool)>,
        layers: &Layers,
        mut slopes: Array2<f32>,
        found: &mut Gradient,
    ) {
        for ((mut slope, unit), &length) in slopes.rows_mut().into_iter().zip(layers.unit.rows()).zip(&layers.lengths) {
            let along = slope.dot(&unit);
            slope.scaled_add(-along, &unit);
            slope /= length;
        }
        matrix_product(1.0, layers.hidden.t(), slopes.view(), 0.0, found.blocks[first + 2].view_mut());
        let mut by_hidden = product(slopes.view(), self.blocks[first + 2].t());
        by_hidden.zip_mut_with(&layers.hidden, |slope, &value| {
            if value <= 0.0 {
                *slope = 0.0
            }
        });
        found.blocks[first + 1].row_mut(0).assign(&by_hidden.sum_axis(Axis(0)));
        matrix_product(1.0, layers.x.t(), by_hidden.view(), 0.0, found.blocks[first].view_mut());
        let by_x = product(by_hidden.view(), self.blocks[first].t());
        scatter(self.side(first), entities, &by_x, &mut found.tables);
    }
}

#[cfg(test)]
mod tests {
    use super::super::config::RankerConfig;
    use super::*;
    use crate::linalg::SparseMatrix;
    use crate::lineage::Lineage;
    use crate::methods::data::{Target, TrainingData};
    use crate::snapshot::{Model, ModelIndex, Task};
    use eyas_kernels::Cells;
    use rand::SeedableRng;

    #[test]
    fn gradients_are_the_slopes() {
        let models: Vec<Model> =
            ["a/one-x", "a/two-x", "b/one"].map(|id| Model { id: id.into(), ..Model::default() }).into();
        let tasks: Vec<Task> = ["sums", "poems"].map(|id| Task::score(id, None)).into();
        let cells = Cells::Scores(SparseMatrix::from_entries(3, 2, vec![(0, 0, 0.1), (1, 0, 0.4), (2, 1, 0.9)]));
        let lineage = Lineage::new(models.iter().map(|model| model.id.clone()), Vec::new()).0;
        let data = TrainingData { models: &models, tasks: &tasks, lineage: &lineage, cells: &cells, seed: 1 };
        let views = Views::new(&data, &RankerConfig::default());
        let mut rng = Pcg64Mcg::seed_from_u64(5);
        let mut towers = Towers::new(&views, &mut rng);
        let tables = &mut towers.inputs.parameters.tables;
        tables.iter_mut().flat_map(|table| &mut table.values).for_each(|value| *value = 0.3 * normal(&mut rng));
        let entities = [
            (0..3).map(|at| views.model(&data, Target::Known(ModelIndex(at)))).collect(),
            (0..2).map(|at| views.task(&tasks[at], Some(at))).collect(),
        ];
        let hidden = [vec![false, true, false], vec![false, false]];
        let groups = [
            Group { models: vec![1, 0], z: vec![1.0, -0.5], ..Group::default() },
            Group { models: vec![2, 1], z: vec![0.7, -0.2], ..Group::default() },
        ];
        let lists: Vec<(usize, &Group)> = groups.iter().enumerate().collect();
        let mut found = towers.no_gradient();
        towers.step(&entities, &hidden, &lists, &mut found);
        let loss = |towers: &Towers| towers.step(&entities, &hidden, &lists, &mut towers.no_gradient()) / 4.0;
        let slope = |place: &dyn Fn(&mut Towers) -> &mut f32| {
            let ends = [-2e-3, 2e-3].map(|by| {
                let mut moved = towers.clone();
                *place(&mut moved) += by;
                loss(&moved)
            });
            (ends[1] - ends[0]) / 4e-3
        };
        for (block, name) in NAMES.into_iter().enumerate() {
            let at = (0..found.blocks[block].len()).max_by(|&a, &b| {
                let size = |at: usize| found.blocks[block].iter().nth(at).map_or(0.0, |slope| slope.abs());
                size(a).total_cmp(&size(b))
            });
            let at = at.unwrap();
            let expected = slope(&|towers| towers.blocks[block].iter_mut().nth(at).unwrap());
            let found = f64::from(*found.blocks[block].iter().nth(at).unwrap());
            assert!((expected - found).abs() < 2e-3 + 0.02 * found.abs(), "{name}: {expected} {found}");
        }
        for (table, touched) in found.tables.iter().enumerate().filter(|(_, touched)| !touched.rows.is_empty()) {
            let width = towers.inputs.parameters.tables[table].width;
            let at = touched.rows[0] as usize * width;
            let expected = slope(&|towers| &mut towers.inputs.parameters.tables[table].values[at]);
            let found = f64::from(touched.values[0]);
            assert!((expected - found).abs() < 1e-3 + 0.02 * found.abs(), "table {table}: {expected} {found}");
        }
    }
}
