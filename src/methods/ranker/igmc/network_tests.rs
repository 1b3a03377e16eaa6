//! The graph network against an independent implementation.

use super::super::super::golden;
use super::super::graph::{Subgraphs, connect};
use super::*;

fn weights() -> Weights {
    let sines = |seed: u8, rows, columns| golden::sines(f64::from(seed), rows, columns);
    let convolutions = [sines(20, 24, 16), sines(21, 1, 16), sines(22, 96, 16), sines(23, 1, 16)];
    let last = [sines(24, 64, 32), sines(25, 1, 32), sines(26, 32, 1), sines(27, 1, 1)];
    Weights { blocks: convolutions.into_iter().chain(last).collect() }
}

#[test]
fn forecasts_and_gradients_agree_with_pytorch() {
    let golden = golden::of("igmc");
    let labels: Vec<u8> = golden::numbers(&golden["labels"]).iter().map(|&label| label as u8).collect();
    let centres = golden::numbers(&golden["centres"]);
    let mut graphs = Subgraphs { centres: centres.clone(), ..Subgraphs::default() };
    for (at, edges) in golden["graphs"].as_array().unwrap().iter().enumerate() {
        let end = centres.get(at + 1).map_or(labels.len(), |&next| next as usize);
        graphs.labels = labels[..end].to_vec();
        let edge = |edge: &serde_json::Value| {
            let numbers = golden::numbers(edge);
            (numbers[0], numbers[1], numbers[2] as u8)
        };
        connect(&edges.as_array().unwrap().iter().map(edge).collect::<Vec<_>>(), centres[at], &mut graphs);
    }
    let (weights, z) = (weights(), golden::floats(&golden["z"]));
    golden::assert_near("ẑ", &weights.z(&graphs), &golden::floats(&golden["found"]));
    let mut found: Vec<Array2<f32>> = weights.blocks.iter().map(|block| Array2::ones(block.raw_dim())).collect();
    let loss = weights.step(&graphs, &z, &mut found);
    assert!((loss - golden["loss"].as_f64().unwrap()).abs() < 1e-5, "{loss}");
    for (at, (found, expected)) in found.iter().zip(golden["gradients"].as_array().unwrap()).enumerate() {
        golden::assert_near(&format!("block {at}"), &golden::values(found), &golden::floats(expected));
    }
}
