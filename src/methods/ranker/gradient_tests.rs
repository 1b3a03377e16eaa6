//! The network against an independent implementation.

use super::*;
use crate::methods::ranker::golden::{self, assert_near, floats, numbers};
use crate::methods::ranker::parameters::{DENSE, Parameters, Sizes, Table, View};
use serde_json::Value;

/// The losses and gradients of a tiny network with every kind of input, by PyTorch 2.15.0 in double precision.
const GOLDEN: &str = include_str!("../../../tests/fixtures/ranker/golden.json");
/// The order of the reference's blocks, whose values are sines of their numbers in it.
const BLOCKS: [&str; 22] = [
    "model.id",
    "model.tokens",
    "size",
    "family",
    "task.id",
    "task.tokens",
    "task.type",
    "task.metric",
    "backbone.model",
    "backbone.task",
    "backbone.offset",
    "match.model",
    "match.task",
    "hidden.weights",
    "hidden.offset",
    "pair",
    "point",
    "point.offset",
    "prior.weights",
    "prior.offset",
    "prior.out",
    "temperature",
];

fn sines(block: &str, n: usize) -> Vec<f32> {
    let k = BLOCKS.iter().position(|name| *name == block).unwrap();
    (0..n).map(|j| (0.6 * (1.0 + k as f64 + 1.7 * j as f64).sin()) as f32).collect()
}

fn matrix(block: &str, rows: usize, columns: usize) -> Array2<f32> {
    Array2::from_shape_vec((rows, columns), sines(block, rows * columns)).unwrap()
}

fn mean_of(rows: &[u32]) -> Vec<(u32, f32)> {
    rows.iter().map(|&row| (row, 1.0 / rows.len() as f32)).collect()
}

fn network() -> Network {
    let table = |block: &str, rows: usize, width: usize| Table { width, values: sines(block, rows * width) };
    let view = |table: usize, at: usize, width: usize| View { table, at, width };
    let mut heads = Array2::zeros((4, 2));
    heads.column_mut(0).assign(&matrix("pair", 4, 1).column(0));
    heads.column_mut(1).assign(&matrix("point", 4, 1).column(0));
    let models = Side {
        views: vec![view(0, 0, 3), view(1, 3, 3), view(0, 6, 3), view(2, 13, 2), view(3, 15, 2)],
        fixed_at: 9,
        width: 17,
        unknown: 5,
    };
    let tasks = Side {
        views: vec![view(4, 0, 3), view(5, 3, 3), view(6, 8, 2), view(7, 10, 2)],
        fixed_at: 6,
        width: 12,
        unknown: 3,
    };
    Network {
        models,
        tasks,
        structure_at: 13,
        plain: false,
        parameters: Parameters {
            tables: vec![
                table("model.id", 6, 3),
                table("model.tokens", 7, 3),
                table("size", 22, 2),
                table("family", 3, 2),
                table("task.id", 4, 3),
                table("task.tokens", 6, 3),
                table("task.type", 3, 2),
                table("task.metric", 3, 2),
            ],
            dense: Dense {
                models: matrix("backbone.model", 17, 4),
                tasks: matrix("backbone.task", 12, 4),
                pairs: Array2::zeros((0, 4)),
                offset: matrix("backbone.offset", 1, 4),
                hidden: matrix("hidden.weights", 4, 4),
                hidden_offset: matrix("hidden.offset", 1, 4),
                heads,
                point_offset: matrix("point.offset", 1, 1),
                prior: matrix("prior.weights", 4, 3),
                prior_offset: matrix("prior.offset", 1, 3),
                prior_out: matrix("prior.out", 3, 1),
                temperature: Array2::from_elem((1, 1), 0.8),
            },
        },
    }
}

/// A task, its models, their scores and worse models.
type Listed = (u32, Vec<u32>, Vec<f32>, Vec<u32>);

struct Case {
    golden: Value,
    network: Network,
    models: Vec<Entity>,
    tasks: Vec<Entity>,
    hidden: [Vec<bool>; 2],
    lists: Vec<Listed>,
}

impl Case {
    fn new() -> Self {
        let golden: Value = serde_json::from_str(GOLDEN).unwrap();
        let fixed = |of: &Value, parts: &[&str]| parts.iter().flat_map(|part| floats(&of[*part])).collect();
        let row = |of: &Value, name: &str| vec![(of[name].as_u64().unwrap() as u32, 1.0)];
        let model = |of: &Value| {
            let ancestor = |pair: &Value| (pair[0].as_u64().unwrap() as u32, pair[1].as_f64().unwrap() as f32);
            let ancestors = of["ancestors"].as_array().unwrap().iter().map(ancestor).collect();
            let tokens = mean_of(&numbers(&of["tokens"]));
            let rows = vec![row(of, "id"), tokens, ancestors, row(of, "size"), row(of, "family")];
            Entity { rows, fixed: fixed(of, &["description", "facts"]), ..Entity::default() }
        };
        let task = |of: &Value| {
            let tokens = mean_of(&numbers(&of["tokens"]));
            let rows = vec![row(of, "dataset"), tokens, row(of, "type"), row(of, "metric")];
            Entity { rows, fixed: fixed(of, &["description"]), ..Entity::default() }
        };
        let hidden = |of: &str| {
            golden[of].as_array().unwrap().iter().map(|entity| entity["masked"].as_bool().unwrap()).collect()
        };
        let mut lists: Vec<Listed> = golden["lists"]
            .as_array()
            .unwrap()
            .iter()
            .map(|list| {
                let models = numbers(&list["models"]);
                let worse = (0..models.len() as u32 - 1).collect();
                (list["task"].as_u64().unwrap() as u32, models, floats(&list["z"]), worse)
            })
            .collect();
        for pair in golden["pairs"].as_array().unwrap() {
            let [list, better, worse] = ["list", "better", "worse"].map(|name| pair[name].as_u64().unwrap());
            lists[list as usize].3[better as usize] = worse as u32;
        }
        Self {
            network: network(),
            models: golden["models"].as_array().unwrap().iter().map(model).collect(),
            tasks: golden["tasks"].as_array().unwrap().iter().map(task).collect(),
            hidden: [hidden("models"), hidden("tasks")],
            lists,
            golden,
        }
    }

    fn losses(&self, gradient: &mut Gradient) -> Losses {
        let lists: Vec<List<'_>> =
            (self.lists.iter()).map(|(task, models, z, worse)| List { task: *task, models, z, worse }).collect();
        self.network.step(
            (&self.models, &|model| self.hidden[0][model as usize]),
            (&self.tasks, &|task| self.hidden[1][task as usize]),
            &lists,
            [0.5, 1.0, 0.1],
            gradient,
        )
    }
}

#[test]
fn scores_agree_with_pytorch() {
    let case = Case::new();
    let of = |entities: &[Entity], hidden: &[bool]| -> Vec<(Entity, bool)> {
        entities.iter().cloned().zip(hidden.iter().copied()).collect()
    };
    let (models, tasks) = (of(&case.models, &case.hidden[0]), of(&case.tasks, &case.hidden[1]));
    let (models, priors) = case.network.project_models(models.iter().map(|(entity, hidden)| (entity, *hidden)));
    let tasks = case.network.project_tasks(tasks.iter().map(|(entity, hidden)| (entity, *hidden)));
    for ((task, list, ..), expected) in case.lists.iter().zip(case.golden["outputs"].as_array().unwrap()) {
        let pairs = list.iter().map(|&model| (row(&models, model as usize), row(&tasks, *task as usize)));
        let scored = case.network.score(pairs, None, list.iter().map(|&model| priors[model as usize]));
        let of = |name: &str, scale: f32| -> Vec<f32> {
            expected.as_array().unwrap().iter().map(|at| scale * at[name].as_f64().unwrap() as f32).collect()
        };
        assert_near("score", &scored.scores().collect::<Vec<_>>(), &of("score", 1.0));
        assert_near("prior", &scored.priors, &of("prior", 1.25));
        assert_near("residual", &scored.residuals, &of("residual", 1.25));
        assert_near("z", &scored.z, &of("z_hat", 1.0));
    }
}

#[test]
fn losses_and_gradients_agree_with_pytorch() {
    let case = Case::new();
    let mut gradient = case.network.no_gradient();
    let losses = case.losses(&mut gradient);
    for (name, found) in [("list", losses.list), ("pair", losses.pair), ("point", losses.point)] {
        assert!((found - case.golden["losses"][name].as_f64().unwrap()).abs() < 1e-6, "{name}: {found}");
    }
    let expected = |name: &str| floats(&case.golden["gradients"][name]);
    for ((touched, table), name) in gradient.tables.iter().zip(&case.network.parameters.tables).zip(BLOCKS) {
        let mut dense = vec![0.0; table.values.len()];
        for (&row, values) in touched.rows.iter().zip(touched.values.chunks_exact(table.width)) {
            dense[row as usize * table.width..][..table.width].copy_from_slice(values);
        }
        assert_near(name, &dense, &expected(name));
    }
    let dense = &gradient.dense;
    let blocks = [
        ("backbone.model", &dense.models),
        ("backbone.task", &dense.tasks),
        ("backbone.offset", &dense.offset),
        ("hidden.weights", &dense.hidden),
        ("hidden.offset", &dense.hidden_offset),
        ("point.offset", &dense.point_offset),
        ("prior.weights", &dense.prior),
        ("prior.offset", &dense.prior_offset),
        ("prior.out", &dense.prior_out),
        ("temperature", &dense.temperature),
    ];
    for (name, block) in blocks {
        assert_near(name, &block.iter().copied().collect::<Vec<_>>(), &expected(name));
    }
    for (at, name) in ["pair", "point"].into_iter().enumerate() {
        assert_near(name, &dense.heads.column(at).to_vec(), &expected(name));
    }
}

#[test]
fn gradients_are_the_slopes() {
    let case = Case::new();
    let mut gradient = case.network.no_gradient();
    case.losses(&mut gradient);
    let total = |network: &Network| {
        let moved = Case { network: network.clone(), ..Case::new() };
        moved.losses(&mut moved.network.no_gradient()).total([0.5, 1.0, 0.1])
    };
    for (at, name) in DENSE.into_iter().enumerate() {
        let slopes: Vec<f32> = gradient.dense.blocks()[at].iter().copied().collect();
        for place in (0..slopes.len()).step_by(5) {
            let moved = |by: f32| {
                let mut network = case.network.clone();
                network.parameters.dense.blocks_mut()[at].as_slice_mut().unwrap()[place] += by;
                total(&network)
            };
            let slope = (moved(5e-3) - moved(-5e-3)) / 1e-2;
            assert!((slope - f64::from(slopes[place])).abs() < 2e-3, "{name} at {place}: {slope}");
        }
    }
}

#[test]
fn a_surrogate_agrees_with_pytorch() {
    let golden = golden::of("surrogate");
    let (mut network, entities) = golden::inputs();
    let blocks: Vec<Array2<f32>> = golden["blocks"].as_array().unwrap().iter().map(golden::matrix).collect();
    network.plain = true;
    let mut dense = Dense::random(
        Sizes { models: 7, tasks: 4, pairs: 0, hidden: 4, structure: 2, prior: 3 },
        &mut rand::SeedableRng::seed_from_u64(1),
    );
    for (block, values) in [&mut dense.models, &mut dense.tasks, &mut dense.offset].into_iter().zip(&blocks) {
        block.assign(values);
    }
    dense.hidden.assign(&blocks[3]);
    dense.hidden_offset.assign(&blocks[4]);
    dense.heads.column_mut(1).assign(&blocks[5].column(0));
    dense.point_offset.assign(&blocks[6]);
    network.parameters.dense = dense;
    let shown = |side: usize| entities[side].iter().map(|entity| (entity, false)).collect::<Vec<_>>();
    let (models, priors) = network.project_models(shown(0).into_iter());
    let tasks = network.project_tasks(shown(1).into_iter());
    let pairs: Vec<(usize, usize)> = (0..4).flat_map(|model| (0..3).map(move |task| (model, task))).collect();
    let scored = network.score(
        pairs.iter().map(|&(model, task)| (row(&models, model), row(&tasks, task))),
        None,
        pairs.iter().map(|&(model, _)| priors[model]),
    );
    let expected = golden::floats(&golden["z"]);
    assert_near("z", &scored.z, &expected);
    assert_near("score", &scored.scores().collect::<Vec<_>>(), &expected);
    let worse: Vec<Vec<u32>> = golden::of("worse").as_array().unwrap().iter().map(numbers).collect();
    let drawn = golden::lists();
    let lists: Vec<List<'_>> =
        drawn.iter().zip(&worse).map(|((task, models, z), worse)| List { task: *task, models, z, worse }).collect();
    let mut found = network.no_gradient();
    let of = |_: u32| false;
    let losses = network.step((&entities[0], &of), (&entities[1], &of), &lists, [0.0, 1.0, 0.1], &mut found);
    assert!((losses.pair - golden["pair"].as_f64().unwrap()).abs() < 1e-6, "{losses:?}");
    assert!((losses.point - golden["point"].as_f64().unwrap()).abs() < 1e-6, "{losses:?}");
    let dense = &found.dense;
    assert!(dense.prior_out.iter().chain(&dense.temperature).all(|&slope| slope == 0.0), "nothing else is trained");
    let head = dense.heads.column(1).insert_axis(Axis(1)).to_owned();
    let blocks =
        [&dense.models, &dense.tasks, &dense.offset, &dense.hidden, &dense.hidden_offset, &head, &dense.point_offset];
    golden::assert_gradients("surrogate", &golden, &network, &found.tables, &blocks);
}
