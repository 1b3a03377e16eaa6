//! The gradients of towers against differences, and golden values of an independent implementation.

use super::super::config::RankerConfig;
use super::super::golden;
use super::*;
use crate::linalg::SparseMatrix;
use crate::lineage::Lineage;
use crate::methods::data::{Target, TrainingData};
use crate::snapshot::{Model, ModelIndex, Task};
use eyas_kernels::Cells;
use rand::SeedableRng;

#[test]
fn gradients_are_the_slopes() {
    for form in [Form::Cosine, Form::Linear, Form::Kernel] {
        of_form(form);
    }
}

fn of_form(form: Form) {
    let models: Vec<Model> =
        ["a/one-x", "a/two-x", "b/one"].map(|id| Model { id: id.into(), ..Model::default() }).into();
    let tasks: Vec<Task> = ["sums", "poems"].map(|id| Task::score(id, None)).into();
    let cells = Cells::Scores(SparseMatrix::from_entries(3, 2, vec![(0, 0, 0.1), (1, 0, 0.4), (2, 1, 0.9)]));
    let lineage = Lineage::new(models.iter().map(|model| model.id.clone()), Vec::new()).0;
    let data = TrainingData { models: &models, tasks: &tasks, lineage: &lineage, cells: &cells, seed: 1 };
    let setting = Setting { hidden: 24, length: 6, spread: 1.0, decay: 0.0 };
    let config = RankerConfig { embedding: 6, label: 6, size: 6, ..RankerConfig::default() };
    let views = Views::new(&data, &config);
    let mut rng = Pcg64Mcg::seed_from_u64(5);
    let mut towers = Towers::new(form, setting, &views, &mut rng);
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
    for (block, name) in form.names().iter().enumerate() {
        let at = (0..found.blocks[block].len()).max_by(|&a, &b| {
            let size = |at: usize| found.blocks[block].iter().nth(at).map_or(0.0, |slope| slope.abs());
            size(a).total_cmp(&size(b))
        });
        let at = at.unwrap();
        let expected = slope(&|towers| towers.blocks[block].iter_mut().nth(at).unwrap());
        let found = f64::from(*found.blocks[block].iter().nth(at).unwrap());
        assert!((expected - found).abs() < 2e-3 + 0.02 * found.abs(), "{form:?} {name}: {expected} {found}");
    }
    for (table, touched) in found.tables.iter().enumerate().filter(|(_, touched)| !touched.rows.is_empty()) {
        let width = towers.inputs.parameters.tables[table].width;
        let at = touched.rows[0] as usize * width;
        let expected = slope(&|towers| &mut towers.inputs.parameters.tables[table].values[at]);
        let found = f64::from(touched.values[0]);
        assert!((expected - found).abs() < 1e-3 + 0.02 * found.abs(), "{form:?} table {table}: {expected} {found}");
    }
}

#[test]
fn scores_and_gradients_agree_with_pytorch() {
    for (name, form) in [("cosine", Form::Cosine), ("linear", Form::Linear), ("kernel", Form::Kernel)] {
        let golden = golden::of(name);
        let (network, entities) = golden::inputs();
        let blocks = golden["blocks"].as_array().unwrap().iter().map(golden::matrix).collect();
        let towers = Towers { form, inputs: network, blocks };
        let vectors =
            [0, 1].map(|side| towers.layers(side, entities[side].iter().map(|entity| (entity, false))).vectors);
        let pairs = (0..4).flat_map(|model| (0..3).map(move |task| (model, task)));
        let z: Vec<f32> =
            pairs.map(|(model, task)| towers.z(row(&vectors[0], model), row(&vectors[1], task))).collect();
        golden::assert_near(name, &z, &golden::floats(&golden["z"]));
        let groups: Vec<(usize, Group)> = golden::lists()
            .into_iter()
            .map(|(task, models, z)| (task as usize, Group { models, z, ..Group::default() }))
            .collect();
        let lists: Vec<(usize, &Group)> = groups.iter().map(|(task, group)| (*task, group)).collect();
        let mut found = towers.no_gradient();
        let loss = towers.step(&entities, &[vec![false; 4], vec![false; 3]], &lists, &mut found);
        assert!((loss - golden["loss"].as_f64().unwrap()).abs() < 1e-5, "{name}: {loss}");
        golden::assert_gradients(
            name,
            &golden,
            &towers.inputs,
            &found.tables,
            &found.blocks.iter().collect::<Vec<_>>(),
        );
    }
}
