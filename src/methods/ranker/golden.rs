//! Golden values of independent implementations, for tests.

use super::gradient::Touched;
use super::network::Network;
use super::parameters::{Dense, Entity, Parameters, Side, Sizes, Table, View};
use ndarray::Array2;
use serde_json::Value;

/// The baselines, by PyTorch 2.15.0 and NumPy 2.4.6 in double precision (`tests/fixtures/ranker/baselines.py`).
const BASELINES: &str = include_str!("../../../tests/fixtures/ranker/baselines.json");

pub(super) fn of(name: &str) -> Value {
    serde_json::from_str::<Value>(BASELINES).unwrap()[name].take()
}

pub(super) fn floats(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap() as f32).collect()
}

pub(super) fn numbers(value: &Value) -> Vec<u32> {
    value.as_array().unwrap().iter().map(|number| number.as_u64().unwrap() as u32).collect()
}

pub(super) fn matrix(block: &Value) -> Array2<f32> {
    let shape = numbers(&block["shape"]);
    Array2::from_shape_vec((shape[0] as usize, shape[1] as usize), floats(&block["values"])).unwrap()
}

/// The values that the script calls `sines`.
pub(super) fn sines(seed: f64, rows: usize, columns: usize) -> Array2<f32> {
    let value = |at: usize| (0.6 * (seed + 1.7 * at as f64).sin()) as f32;
    Array2::from_shape_fn((rows, columns), |(row, column)| value(row * columns + column))
}

pub(super) fn assert_near(name: &str, found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len(), "{name}");
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() < 5e-6 * (1.0 + expected.abs()),
            "{name} at {at}: {found} instead of {expected}"
        );
    }
}

pub(super) fn values(of: &Array2<f32>) -> Vec<f32> {
    of.iter().copied().collect()
}

/// The script's models and tasks, and the tables that they read. Of a model the last row is its structure.
pub(super) fn inputs() -> (Network, [Vec<Entity>; 2]) {
    let all: Value = serde_json::from_str(BASELINES).unwrap();
    let tables = all["tables"].as_array().unwrap().iter().map(|table| {
        let values = matrix(table);
        Table { width: values.ncols(), values: self::values(&values) }
    });
    let view = |table: usize, at: usize| View { table, at, width: 2 };
    let entities = ["models", "tasks"].map(|side| {
        let entity = |parts: &Value| Entity {
            rows: [0, 2].iter().map(|&at| ones(&parts[at])).filter(|rows| !rows.is_empty()).collect(),
            fixed: floats(&parts[1]),
            ..Entity::default()
        };
        all[side].as_array().unwrap().iter().map(entity).collect()
    });
    let none = Sizes { models: 0, tasks: 0, pairs: 0, hidden: 0, structure: 0, prior: 0 };
    let network = Network {
        models: Side { views: vec![view(0, 0), view(2, 5)], fixed_at: 2, width: 7, unknown: 4 },
        tasks: Side { views: vec![view(1, 0)], fixed_at: 2, width: 4, unknown: 3 },
        structure_at: 5,
        plain: false,
        parameters: Parameters { tables: tables.collect(), dense: Dense::zeros(none) },
    };
    (network, entities)
}

fn ones(rows: &Value) -> Vec<(u32, f32)> {
    rows.as_array().map(|_| numbers(rows).into_iter().map(|row| (row, 1.0)).collect()).unwrap_or_default()
}

/// The script's lists: a task, its models, best first, and their scores.
pub(super) fn lists() -> Vec<(u32, Vec<u32>, Vec<f32>)> {
    let list = |list: &Value| (list[0].as_u64().unwrap() as u32, numbers(&list[1]), floats(&list[2]));
    of("lists").as_array().unwrap().iter().map(list).collect()
}

/// Compares gradients by the tables and by other blocks with the script's.
pub(super) fn assert_gradients(
    name: &str,
    golden: &Value,
    network: &Network,
    tables: &[Touched],
    blocks: &[&Array2<f32>],
) {
    let tables = tables.iter().zip(&network.parameters.tables).map(|(touched, table)| {
        let mut dense = vec![0.0; table.values.len()];
        for (&row, values) in touched.rows.iter().zip(touched.values.chunks_exact(table.width)) {
            dense[row as usize * table.width..][..table.width].copy_from_slice(values);
        }
        dense
    });
    let found: Vec<Vec<f32>> = tables.chain(blocks.iter().map(|block| values(block))).collect();
    let expected = golden["gradients"].as_array().unwrap();
    assert_eq!(found.len(), expected.len());
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert_near(&format!("{name}, gradient {at}"), found, &floats(&expected["values"]));
    }
}
